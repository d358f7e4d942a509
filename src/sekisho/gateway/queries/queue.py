"""The queue of files as people see it: how many go before, and about how long it takes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from sekisho.gateway.models import (
    Alert,
    Arrival,
    Dispatch,
    ExceptionRequest,
    RetentionHold,
    Transfer,
    TransferFile,
)
from sekisho.jobs.models import LIVE, Job
from sekisho.people.models import Organisation

#: kinds of the jobs that clean files
KIND = "gateway.clean"
#: for files that take minutes: workers do them beside the rest
LARGE_KIND = "gateway.clean_large"
KINDS = (KIND, LARGE_KIND)
#: files whose time is looked at to tell how long one takes
RECENT = 50
#: seconds a file takes while none has been timed yet
UNKNOWN_SECONDS = 2.0
_LEFT = ("waiting", "working")


@dataclass(frozen=True)
class Wait:
    """What a transfer still waits for: its own files left, files of all that go before its last one, and about how long.

    ``is_held_up``: no worker can go on for now, though nothing is wrong with the files.
    """

    files: int
    before: int
    about: dt.timedelta
    is_held_up: bool = False

    @property
    def minutes(self) -> int:
        return max(1, round(self.about.total_seconds() / 60))

    @property
    def is_short(self) -> bool:
        return self.about < dt.timedelta(minutes=1)


def wait_of(transfer: Transfer) -> Wait | None:
    """How long a transfer's files still wait; None when none does.

    Senders take turns, so before the last of one's ``n`` files go at most ``n`` of each other sender's.
    """
    left = TransferFile.objects.filter(state__in=_LEFT).order_by()
    files = list(left.filter(transfer=transfer).values_list("pk", flat=True))
    own = len(files)
    if not files:
        return None
    if is_held_up(transfer.turn, files):
        return Wait(own, 0, dt.timedelta(), is_held_up=True)
    counts = dict(left.values_list("transfer__turn").annotate(n=Count("id")))
    earlier = left.filter(transfer__turn=transfer.turn, transfer__lt=transfer.pk).count()
    turns = own + earlier
    others = sum(min(turns, n) for turn, n in counts.items() if turn != transfer.turn)
    seconds = (turns + others) * seconds_a_file() / workers_busy()
    return Wait(own, earlier + others, dt.timedelta(seconds=seconds))


def keys_of(turn: str) -> str:
    """How the keys of all jobs of one turn begin."""
    return f"{KIND}:{turn}:"


def is_held_up(turn: str, files: Iterable[int]) -> bool:
    """Whether work on these files failed and waits for ``order_missing``: a disk that is full, a store that is away."""
    jobs = Job.objects.filter(kind__in=KINDS)
    if jobs.filter(state__in=LIVE, dedupe_key__startswith=keys_of(turn)).exists():
        return False
    keys = [f"{keys_of(turn)}{pk}" for pk in files]
    return jobs.filter(state="failed", dedupe_key__in=keys).exists()


def seconds_a_file() -> float:
    """How long a file took lately, by what the sanitizer said of the latest ones."""
    reports = TransferFile.objects.filter(checked_at__isnull=False).order_by("-checked_at")
    times = [
        report["milliseconds"] / 1000
        for report in reports.values_list("report", flat=True)[:RECENT]
        if isinstance(report.get("milliseconds"), int | float)
    ]
    return max(0.05, sum(times) / len(times)) if times else UNKNOWN_SECONDS


def workers_busy() -> int:
    """How many workers sanitize files at this moment; at least one."""
    running = Job.objects.filter(kind__in=KINDS, state="running").order_by()
    return max(1, running.values("leased_by").distinct().count())


@dataclass(frozen=True)
class Queue:
    """The queue of some organisations' routes: files, people, and since when the oldest one waits."""

    files: int
    people: int
    since: dt.datetime | None

    @property
    def longest(self) -> dt.timedelta:
        return timezone.now() - self.since if self.since else dt.timedelta()


def queue_of(organisations: list[Organisation]) -> Queue:
    """What waits on the routes of organisations."""
    left = TransferFile.objects.filter(state__in=_LEFT, transfer__route__organisation__in=organisations)
    found = left.aggregate(
        n=Count("id"),
        people=Count("transfer__sender", distinct=True),
        since=Min("transfer__sent_at"),
    )
    return Queue(found["n"], found["people"], found["since"])


def standing() -> dict[str, int]:
    """How the whole gateway stands, for who operates it: what waits, since when, and what needs somebody."""
    queue = queue_of(list(Organisation.objects.filter(routes__isnull=False).distinct().order_by("pk")))
    counts = dict(Transfer.objects.order_by().values_list("state").annotate(n=Count("id")))
    came = Arrival.objects.filter(state="delivered").exclude(number=None).order_by().values("number")
    refused = Arrival.objects.filter(state="refused").exclude(number__in=came)
    return {
        "files_waiting": queue.files,
        "people_waiting": queue.people,
        "longest_wait_seconds": round(queue.longest.total_seconds()),
        "uploading": counts.get("uploading", 0),
        "waiting_for_approval": counts.get("approval", 0),
        "offered": counts.get("offered", 0),
        "questions_open": ExceptionRequest.objects.filter(state="open").count(),
        "alerts_open": Alert.objects.filter(seen_at=None).count(),
        "holds": RetentionHold.objects.filter(ended_at=None).count(),
        "packages_to_write": Dispatch.objects.filter(written_at=None).count(),
        "packages_missing": Arrival.objects.filter(state="missing").count(),
        "packages_refused": refused.count(),
    }
