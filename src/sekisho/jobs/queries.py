"""Reads: whose jobs, and what a job's page says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sekisho.jobs import registry
from sekisho.jobs.models import Job, JobQuerySet, State

PAGE_SIZE = 50

# Codes of the shared state marks.
_MARKS = {
    State.QUEUED: "waiting",
    State.RUNNING: "running",
    State.DONE: "done",
    State.FAILED: "failed",
    State.CANCELLED: "skipped",
}


@dataclass(frozen=True)
class JobStatus:
    """A job in words. ``percent`` is 0-100, or None while the total is unknown."""

    job: Job
    label: str | Promise
    mark: str
    word: str
    percent: int | None
    line: str
    is_over: bool
    can_cancel: bool
    can_retry: bool
    result_url: str
    result_message: str


def visible_to(user: Any) -> JobQuerySet:
    """Jobs this person may see, newest first."""
    return Job.objects.visible_to(user).select_related("owner")


def owned_by(user: Any, before: int | None = None) -> list[Job]:
    """One page of the person's own jobs, newest first, those with an id below ``before``, and one more
    when there is a next page."""
    jobs = Job.objects.filter(owner_id=user.pk)
    return list((jobs.filter(pk__lt=before) if before else jobs)[: PAGE_SIZE + 1])


def status(job: Job) -> JobStatus:
    """What the pages and the API say of a job."""
    stopping = job.state == State.RUNNING and job.cancel_requested_at is not None
    return JobStatus(
        job=job,
        label=registry.label(job.kind),
        mark=_MARKS[State(job.state)],
        word=_("Stopping") if stopping else str(State(job.state).label),
        percent=_percent(job),
        line=_line(job),
        is_over=job.is_over,
        can_cancel=not job.is_over and not stopping,
        can_retry=job.state in (State.FAILED, State.CANCELLED) and job.kind in registry.names(),
        result_url=_local_url(job.result.get("url")),
        result_message=str(job.result.get("message") or ""),
    )


def _percent(job: Job) -> int | None:
    if job.state == State.DONE:
        return 100
    return min(100, 100 * job.progress_done // job.progress_total) if job.progress_total else None


def _line(job: Job) -> str:
    if job.state == State.QUEUED and job.attempt and job.run_after > timezone.now():
        return _("The last try did not succeed. It is tried again by itself in a while.")
    if job.state == State.QUEUED:
        return _("Waiting for its turn. You may leave this page; the work goes on.")
    return job.progress_text


def _local_url(url: Any) -> str:
    """Only an address within this site is offered as a link."""
    return url if isinstance(url, str) and url.startswith("/") and not url.startswith(("//", "/\\")) else ""
