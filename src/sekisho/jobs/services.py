"""Every act on a job: enqueue, cancel, retry, claim, renew, finish, recover, schedule, purge."""

from __future__ import annotations

import datetime as dt
import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sekisho.errors import Conflict, NotPermitted, SekishoError
from sekisho.jobs import registry
from sekisho.jobs.carrier import carrier
from sekisho.jobs.models import FINISHED, LIVE, Job, JobQuerySet, Schedule, State

LEASE = dt.timedelta(seconds=30)
#: by how much the clocks of two machines may differ
SKEW = dt.timedelta(minutes=30)
MAX_DETAIL = 20_000
#: what is kept of a job whose last worker died
LEASE_RAN_OUT = "The lease ran out."
# A wait for SQLite's one write lock longer than this means a writer was alive all the while (see recover).
LOCK_WAIT_SECONDS = 1.0

_UNLEASED: dict[str, Any] = {"lease_until": None, "leased_by": ""}


@dataclass(frozen=True)
class Progress:
    """How far a job is: ``done`` of ``total`` (0: unknown), and a line for its owner."""

    done: int = 0
    total: int = 0
    text: str = ""

    def columns(self) -> dict[str, Any]:
        """As columns of the job row."""
        text = self.text[: Job._meta.get_field("progress_text").max_length]
        return {
            "progress_done": max(self.done, 0),
            "progress_total": max(self.total, 0),
            "progress_text": text,
        }


class Beat(Enum):
    """What a worker learns when it renews its lease."""

    HELD = "held"
    CANCEL = "cancel"
    LOST = "lost"


def enqueue(
    kind: str,
    params: Mapping[str, Any] | None = None,
    *,
    owner: Any = None,
    dedupe_key: str | None = None,
    run_after: dt.datetime | None = None,
    priority: int = 0,
) -> Job:
    """Put a job in the queue, as part of the caller's transaction if there is one.

    With ``dedupe_key`` the waiting or running job of that key is returned instead of a second one.
    Raises ``LookupError`` for a kind nobody handles.
    """
    key = dedupe_key or ""
    if key and (live := _live(key)):
        return live
    fields = {
        "kind": kind,
        "params": dict(params or {}),
        "owner": owner,
        "dedupe_key": key,
        "priority": priority,
        "max_attempts": registry.kind(kind).max_attempts,
        "run_after": run_after or timezone.now(),
    }
    try:
        with transaction.atomic():
            job = Job.objects.create(**fields)
    except IntegrityError:
        # Somebody enqueued the same key in between: theirs is the one.
        if key and (live := _live(key)):
            return live
        raise
    _announce(job)
    return job


def _live(dedupe_key: str) -> Job | None:
    return Job.objects.filter(dedupe_key=dedupe_key, state__in=LIVE).first()


def _announce(job: Job) -> None:
    transaction.on_commit(lambda: carrier().announce(job.pk))


def _require_steering(job: Job, by: Any) -> None:
    if by is not None and not job.may_be_steered_by(by):
        raise NotPermitted(_("Only the person who started this work may cancel it or start it again."))


@transaction.atomic
def cancel(job: Job, by: Any) -> Job:
    """Cancel a waiting job now; ask a running one to stop at its next look. ``by=None`` is the system.

    Raises ``NotPermitted``, or ``Conflict`` when it is over.
    """
    _require_steering(job, by)
    now = timezone.now()
    row = Job.objects.filter(pk=job.pk)
    cancelled = row.filter(state=State.QUEUED).update(
        state=State.CANCELLED, finished_at=now, cancel_requested_at=now
    )
    if not cancelled and not row.filter(state=State.RUNNING).update(cancel_requested_at=now):
        raise Conflict(_("This work is already over, so there is nothing to cancel."), code="job_is_over")
    job.refresh_from_db()
    return job


def retry(job: Job, by: Any) -> Job:
    """Queue a failed or cancelled job again with all its attempts. ``by=None`` is the system.

    Raises ``NotPermitted``, or ``Conflict`` when it is not failed or cancelled, or its like already waits.
    """
    _require_steering(job, by)
    stopped = Job.objects.filter(pk=job.pk, state__in=(State.FAILED, State.CANCELLED))
    try:
        with transaction.atomic():
            queued = stopped.update(
                state=State.QUEUED,
                attempt=0,
                run_after=timezone.now(),
                finished_at=None,
                started_at=None,
                cancel_requested_at=None,
                error="",
                error_detail="",
                **Progress().columns(),
            )
    except IntegrityError:
        raise Conflict(_("The same work is already waiting or running."), code="job_is_live") from None
    if not queued:
        raise Conflict(
            _("Only work that failed or was cancelled can be started again."), code="job_not_stopped"
        )
    job.refresh_from_db()
    _announce(job)
    return job


def claim(worker: str, limit: int = 1, *, only: int | None = None, is_long: bool | None = None) -> list[Job]:
    """Take up to ``limit`` due jobs for ``worker`` (a name unique among all workers), each with its lease; or ``only`` one.

    ``is_long``: only kinds that are long, or only the others.

    No two workers get the same job: PostgreSQL skips rows another claim has locked, SQLite lets one
    writer in at a time (``BEGIN IMMEDIATE``).
    """
    now = timezone.now()
    due = Job.objects.due(now).filter(kind__in=registry.names(is_long=is_long))
    due = due if only is None else due.filter(pk=only)
    # A plain read first: an idle worker must not take SQLite's write lock at every poll.
    if not due.exists():
        return []
    with transaction.atomic():
        ids = list(_locked(due).values_list("pk", flat=True)[:limit])
        Job.objects.filter(pk__in=ids, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            leased_by=worker,
            lease_until=now + LEASE,
            started_at=now,
        )
        mine = Job.objects.filter(pk__in=ids, state=State.RUNNING, leased_by=worker)
        return list(mine.select_related("owner").order_by("-priority", "run_after", "id"))


def _locked(jobs: JobQuerySet) -> JobQuerySet:
    if connection.features.has_select_for_update_skip_locked:
        return jobs.select_for_update(skip_locked=True, of=("self",))
    return jobs


def _held(job: Job) -> JobQuerySet:
    """The row, if this very attempt still holds it: a worker that lost its lease changes nothing."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, leased_by=job.leased_by, attempt=job.attempt)


def look(job: Job) -> Beat:
    """Whether this attempt may go on, without writing."""
    asked = _held(job).values_list("cancel_requested_at", flat=True).first()
    if asked is not None:
        return Beat.CANCEL
    return Beat.HELD if _held(job).exists() else Beat.LOST


def beat(job: Job, progress: Progress) -> Beat:
    """Renew the lease, store progress, and tell whether to go on."""
    _held(job).update(lease_until=timezone.now() + LEASE, **progress.columns())
    return look(job)


def _end(job: Job, state: State, **columns: Any) -> bool:
    return bool(_held(job).update(state=state, finished_at=timezone.now(), **_UNLEASED, **columns))


def succeed(job: Job, result: Mapping[str, Any] | None, progress: Progress) -> bool:
    """Keep the result. False when the lease was lost and nothing was stored."""
    # Encoded here, so that a value JSON cannot hold is a TypeError before the row is touched.
    kept = json.loads(json.dumps(dict(result or {}), cls=DjangoJSONEncoder))
    return _end(job, State.DONE, result=kept, error="", error_detail="", **progress.columns())


def stop(job: Job) -> bool:
    """Record that a running job stopped because its owner asked."""
    return _end(job, State.CANCELLED)


def release(job: Job) -> bool:
    """Give a job back untried, because the worker is shutting down; the attempt does not count."""
    return _requeue(job, run_after=timezone.now(), attempt=job.attempt - 1)


def fail(job: Job, error: BaseException) -> bool:
    """Record a failed attempt: a ``SekishoError`` is final, anything else is tried again while tries last.

    Call it in the owner's language, in which the error is kept. False when the lease was lost.
    """
    detail = "".join(traceback.format_exception(error))[-MAX_DETAIL:]
    if isinstance(error, SekishoError):
        return _end(job, State.FAILED, error=str(error), error_detail=detail)
    if job.attempt >= job.max_attempts:
        return _end(job, State.FAILED, error=_fault_words(job), error_detail=detail)
    wait = registry.kind(job.kind).backoff.delay(job.attempt)
    return _requeue(job, run_after=timezone.now() + wait, error_detail=detail)


def _requeue(job: Job, **columns: Any) -> bool:
    """Back to the queue, unless its owner has asked to cancel it meanwhile."""
    wanted = _held(job).filter(cancel_requested_at__isnull=True)
    return bool(wanted.update(state=State.QUEUED, **_UNLEASED, **columns)) or stop(job)


def _fault_words(job: Job) -> str:
    return _(
        "A fault in the system stopped this work, and %(tries)d tries did not help. "
        "What was finished before the fault is kept. Start it again; "
        "if it fails again, give the administrator the number %(number)d."
    ) % {"tries": job.attempt, "number": job.pk}


def in_language_of(owner: Any) -> Any:
    """Context manager: the language the owner reads, or the installation's."""
    return translation.override(getattr(owner, "language", "") or settings.LANGUAGE_CODE)


def recover() -> int:
    """Take back jobs whose worker died: queue them again, or give up after their last attempt.

    Returns how many. A row locked by a handler's own transaction belongs to a living worker and is left.
    On SQLite one long transaction keeps everybody's heartbeat out, so when the write lock was slow to come
    nothing is taken back this time: the lease is renewed in the meantime if its holder lives.
    """
    if not Job.objects.abandoned(timezone.now()).exists():
        return 0
    began = time.monotonic()
    with transaction.atomic():
        if connection.vendor == "sqlite" and time.monotonic() - began > LOCK_WAIT_SECONDS:
            return 0
        abandoned = _locked(Job.objects.abandoned(timezone.now())).select_related("owner").order_by("pk")
        return sum(_take_back(job) for job in abandoned)


def _take_back(job: Job) -> bool:
    if job.cancel_requested_at or job.attempt < job.max_attempts:
        return _requeue(job, run_after=timezone.now())
    with in_language_of(job.owner):
        return _end(job, State.FAILED, error=_fault_words(job), error_detail=LEASE_RAN_OUT)


def enqueue_due(now: dt.datetime | None = None) -> list[Job]:
    """Enqueue the periodic jobs whose slot has begun: once per slot however many workers ask.

    A job first seen waits for its next slot. Slots missed while nothing ran collapse into one. While a run
    is still waiting or running, no second one is queued beside it.
    """
    now = now or timezone.now()
    last = dict(Schedule.objects.values_list("kind", "last_slot"))
    jobs = []
    for kind, rule in registry.rules().items():
        slot = rule.slot(now)
        if kind not in last:
            Schedule.objects.get_or_create(kind=kind, defaults={"last_slot": slot})
        elif last[kind] < slot and (job := _enqueue_slot(kind, slot)):
            jobs.append(job)
    return jobs


@transaction.atomic
def _enqueue_slot(kind: str, slot: dt.datetime) -> Job | None:
    # The conditional update is the lock: of several workers exactly one moves the slot on.
    if not Schedule.objects.filter(kind=kind, last_slot__lt=slot).update(last_slot=slot):
        return None
    return enqueue(kind, dedupe_key=f"periodic:{kind}")


def mend_times(now: dt.datetime | None = None) -> int:
    """Bring back what was written while the clock was ahead, and would lie still until that time comes. Returns how many.

    These are jobs made or put off for longer than any is, leases longer than a lease, and slots of periodic jobs not begun.
    """
    now = now or timezone.now()
    late = Job.objects.filter(state=State.QUEUED, run_after__gt=now + registry.longest_wait() + SKEW)
    late = late.filter(Q(created_at__gt=now + SKEW) | Q(attempt__gt=0))
    leased = Job.objects.filter(state=State.RUNNING, lease_until__gt=now + LEASE + SKEW)
    ahead = Schedule.objects.filter(last_slot__gt=now + SKEW)
    if not (late.exists() or leased.exists() or ahead.exists()):
        return 0
    count = late.update(run_after=now) + leased.update(lease_until=now + LEASE)
    for kind, rule in registry.rules().items():
        count += ahead.filter(kind=kind).update(last_slot=rule.slot(now))
    return count


def purge(older_than: dt.timedelta) -> int:
    """Forget jobs finished longer ago than that; returns how many."""
    limit = timezone.now() - older_than
    return Job.objects.filter(state__in=FINISHED, finished_at__lt=limit).delete()[0]
