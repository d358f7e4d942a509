"""Reads of transfers: lists, one transfer with what this person may do, records and figures."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.book.queries.files import Line, lines, locked_in, made_how, spoken
from sekisho.book.queries.ledger import ReadAct, read_acts
from sekisho.gateway.models import Download, ExceptionRequest, Route, Transfer, TransferFile
from sekisho.gateway.models.routes import chain_of
from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import route_for
from sekisho.web.asked import Stretch, stretch_of, whole_number

PAGE = 50
#: receivers of a kind that a page offers
_NEAR = 100
#: types of files that hold others
_CONTAINERS = frozenset({"zip", "7z", "lzh", "tar", "gz", "bz2", "xz", "eml", "msg"})
#: state of a transfer or file -> mark of the shared table
MARKS = {
    "uploading": "draft",
    "checking": "running",
    "working": "running",
    "waiting": "waiting",
    "password": "warning",
    "approval": "waiting",
    "offered": "done",
    "handed": "done",
    "clean": "done",
    "refused": "failed",
    "expired": "skipped",
    "abandoned": "skipped",
    "destroyed": "skipped",
}


def routes_for(actor: Actor) -> QuerySet[Route]:
    """Open routes on which this person may send: of the organisations their roles reach, and of those above them."""
    paths = [g.path for g in actor.grants if g.role in ("member", "superior", "cio_aide")]
    above = {int(part) for path in paths for part in path.split("/") if part}
    reached = Route.objects.where(actor, "transfer").order_by().values("pk")
    found = Route.objects.filter(Q(pk__in=reached) | Q(organisation__in=above), closed_at=None)
    return found.select_related("source", "target", "organisation")


def _listed(rows: QuerySet[Transfer], after: str = "") -> Stretch:
    found = stretch_of(_told(rows), after, PAGE)
    for transfer in found.rows:
        transfer.mark = MARKS[transfer.state]
    return found


def _told(rows: QuerySet[Transfer]) -> QuerySet[Transfer]:
    """With what a list says of each, newest first: a count drops the order of the model."""
    related = ("route__source", "route__target", "sender", "receiver", "project", "box", "mail")
    return rows.select_related(*related).annotate(count=Count("files")).order_by("-id")


def _speaking_of(text: str) -> Q:
    """Those whose purpose, people, route or files hold the words."""
    files = TransferFile.objects.filter(name__icontains=text).order_by().values("transfer")
    parts = (
        "purpose",
        "outside",
        "sender__display_name",
        "receiver__display_name",
        "project__name",
        "box__name",
        "route__name",
    )
    return reduce(or_, (Q(**{f"{part}__icontains": text}) for part in parts), Q(pk__in=files))


@dataclass(frozen=True)
class Lists:
    """What somebody sees of transfers."""

    inbox: Stretch
    sent: Stretch
    approvals: Stretch
    questions: list[ExceptionRequest]


def lists_of(actor: Actor, text: str = "", after: Mapping[str, str] | None = None) -> Lists:
    """One's inbox and what one sent, of those that hold ``text``; what waits for one's word.

    ``after``: where each list begins, by its name.
    """
    approving = Route.objects.where(actor, "approve_transfer")
    watched = Route.objects.where(actor, "see_transfers")
    asked = ExceptionRequest.objects.filter(
        Q(file__transfer__route__in=watched) | Q(file__transfer__route__in=approving, wanted="original"),
        state="open",
    ).exclude(asked_by_id=actor.user_id)
    waiting = Transfer.objects.filter(state="approval", route__in=approving).exclude(sender_id=actor.user_id)
    wanted, start = _speaking_of(text) if text else Q(), after or {}
    return Lists(
        _listed(_inbox(actor).filter(wanted), start.get("inbox", "")),
        _listed(_sent(actor).filter(wanted), start.get("sent", "")),
        _listed(waiting, start.get("approvals", "")),
        list(asked.select_related("file__transfer", "asked_by").distinct()[:PAGE]),
    )


def _inbox(actor: Actor) -> QuerySet[Transfer]:
    return Transfer.objects.inbox_of(actor).filter(state="offered")


def _sent(actor: Actor) -> QuerySet[Transfer]:
    return Transfer.objects.filter(sender_id=actor.user_id) if actor.user_id else Transfer.objects.none()


def own_transfers(actor: Actor, text: str = "") -> QuerySet[Transfer]:
    """What can be received and what one sent, newest first: both lists as one, for a file."""
    both = Q(pk__in=_inbox(actor).order_by().values("pk")) | Q(pk__in=_sent(actor).order_by().values("pk"))
    return _told(Transfer.objects.filter(both, _speaking_of(text) if text else Q()))


@dataclass(frozen=True)
class Known:
    """What the page that sends files offers to somebody: whom they sent to or work with, the route of last time."""

    people: list[User]
    boxes: list[Organisation]
    route: int | None


def known_to(actor: Actor) -> Known:
    """Receivers near at hand, a hundred of each at most; everybody else is named by hand."""
    own = Transfer.objects.filter(sender_id=actor.user_id).order_by("-id")
    homes = {grant.path for grant in actor.grants}
    met = Q(pk__in=own.exclude(receiver=None).values("receiver")[:_NEAR]) | Q(
        roles__organisation__path__in=homes
    )
    people = User.objects.filter(met, is_active=True).exclude(pk=actor.user_id or 0).distinct()
    boxes = Organisation.objects.filter(closed_on=None)
    near = Q(path__in=homes) | Q(pk__in=own.exclude(box=None).values("box")[:_NEAR])
    return Known(
        people=list(people.order_by("display_name", "pk")[:_NEAR]),
        boxes=list(boxes.filter(near).order_by("path")[:_NEAR]),
        route=own.values_list("route", flat=True).first(),
    )


def seen_transfer(actor: Actor, pk: int) -> Transfer | None:
    """A transfer this person may see."""
    related = (
        "route__source",
        "route__target",
        "route__organisation",
        "sender",
        "receiver",
        "project",
        "box",
        "mail",
    )
    return Transfer.objects.visible_to(actor).select_related(*related).filter(pk=pk).first()


@dataclass(frozen=True)
class FileHere:
    """A file with what is said of it and what this person may do."""

    file: TransferFile
    mark: str
    lines: list[Line]
    more: int
    warned: int
    altered: int
    refusal: str
    advice: str
    method: Any
    taken: int
    may_take: bool
    is_used_up: bool
    may_look: bool
    may_take_original: bool
    may_ask: bool
    wanted: list[tuple[str, Any]]
    locked: list[str]
    is_container: bool
    requests: list[ExceptionRequest]
    downloads: list[Download]
    may_compare: bool


def files_of(actor: Actor, transfer: Transfer, *, receiver: bool) -> list[FileHere]:
    """The files of a transfer, in words."""
    now, path = timezone.now(), transfer.route.organisation.path
    own = transfer.sender_id == actor.user_id
    approver = transfer.state == "approval" and actor.may("approve_transfer", path=path)
    watcher = actor.may("see_transfers", path=path)
    offered = transfer.state == "offered" and transfer.expires_at is not None and now < transfer.expires_at
    files = transfer.files.prefetch_related(
        "requests__asked_by", "requests__consents__person", "downloads__person"
    )
    found = []
    for file in files:
        clean = file.state == "clean"
        taken = sum(d.counted and not d.original for d in file.downloads.all())
        asked = list(file.requests.all())
        held = file.original_destroyed_at is None
        here = receiver and offered and clean
        warned = sum(line.get("action") == "warned" for line in file.removed)
        found.append(
            FileHere(
                file=file,
                mark=MARKS[file.state],
                lines=lines(file),  # type: ignore[arg-type]
                more=file.removed_total - len(file.removed),
                warned=warned,
                altered=file.removed_total - warned,
                refusal=spoken(file.refusal["words"]) if file.refusal else "",
                advice=spoken(file.refusal["why"]) if "why" in file.refusal else "",
                method=made_how(file.method, file.clean_name),
                taken=taken,
                may_take=here and taken < transfer.download_limit,
                is_used_up=here and taken >= transfer.download_limit,
                may_look=not receiver and clean and (approver or watcher),
                may_take_original=receiver and held and file.is_original_open(now),
                may_ask=own and held and file.state in ("clean", "refused")
                and not any(r.state == "open" for r in asked),
                wanted=ways_to_ask_for(file),
                locked=still_locked(file, transfer) if own else [],
                is_container=file.report.get("type") in _CONTAINERS,
                requests=asked,
                may_compare=file.state in ("clean", "refused") and (held or clean)
                and (own or receiver or approver or watcher),
                downloads=list(file.downloads.all()) if own or watcher else [],
            )
        )  # fmt: skip
    return found


def ways_to_ask_for(file: TransferFile) -> list[tuple[str, Any]]:
    """What may be asked of the officer: ways that this kind of file, or files within it, can go and it did not go yet."""
    wanted, kind = ExceptionRequest.Wanted, TYPES.get(file.report.get("type") or "")

    def fits(way: str) -> bool:
        return kind is None or kind.id in _CONTAINERS or route_for(kind, way) is not None

    return [
        (way.value, way.label)
        for way in wanted
        if way == wanted.ORIGINAL or (way != file.method and fits(way))
    ]


def still_locked(file: TransferFile, transfer: Transfer) -> list[str]:
    """Names of what is locked within a file that passed, with which its sender may have the clean copy written anew."""
    moving = transfer.state in ("checking", "approval", "offered") and not transfer.is_mail
    held = file.state == "clean" and file.original_destroyed_at is None
    return locked_in(file.removed) if moving and held else []


def offered_files(transfer: Transfer) -> QuerySet[TransferFile]:
    """The clean files of a transfer, each with how often it was ``taken``."""
    counted = Count("downloads", filter=Q(downloads__counted=True, downloads__original=False))
    return transfer.files.filter(state="clean").annotate(taken=counted).order_by("id")


def organisations_read(actor: Actor) -> list[Organisation]:
    """Organisations with routes whose records this person may read."""
    rows = Organisation.objects.filter(routes__isnull=False).distinct().order_by("path")
    return [o for o in rows if actor.may("read_transfer_ledger", path=o.path)]


def entries(
    organisations: Iterable[Organisation], *, text: str = "", act: str = "", before: int | None = None
) -> QuerySet[LedgerEntry]:
    """Ledger entries of organisations, newest first; ``text`` looks into names and purposes, a digest or a person."""
    rows = LedgerEntry.objects.filter(chain__in=[chain_of(o) for o in organisations]).order_by("-at", "-id")
    if text:
        fields = (
            "actor_name",
            "params__name",
            "params__sender",
            "params__receiver",
            "params__purpose",
            "params__route",
            "params__sha",
            "params__reason",
        )
        number = whole_number(text, 9)
        found = Q(pk__in=[]) if number is None else Q(params__number=number)
        for field in fields:
            found |= Q(**{f"{field}__icontains": text})
        rows = rows.filter(found)
    rows = rows.filter(act=act) if act else rows
    return rows if before is None else rows.filter(pk__lt=before)


def read(rows: Iterable[LedgerEntry]) -> list[ReadAct]:
    """Entries as sentences."""
    return read_acts(rows)


@dataclass(frozen=True)
class Month:
    """What one month came to. ``wait``: mean time from sending to offer."""

    month: dt.date
    sent: int
    files: int
    refused: int
    changed: int
    size: int
    clean: int
    wait: dt.timedelta | None

    @property
    def hours_saved(self) -> float:
        """What carrying the clean files by hand would have taken, less the wait for each transfer. At least none."""
        by_hand = self.clean * dt.timedelta(minutes=settings.GATEWAY_BY_HAND_MINUTES)
        waited = self.sent * (self.wait or dt.timedelta())
        return max(0.0, (by_hand - waited).total_seconds() / 3600)

    @property
    def refused_share(self) -> float:
        return 100 * self.refused / self.files if self.files else 0.0


def months(organisations: Iterable[Organisation], count: int = 12) -> list[Month]:
    """Figures of the latest months, newest first, in three queries."""
    transfers = Transfer.objects.filter(
        route__organisation__in=list(organisations), sent_at__isnull=False
    ).order_by()
    by = transfers.annotate(month=TruncMonth("sent_at")).values("month")
    sent = {r["month"]: r["n"] for r in by.annotate(n=Count("id"))}
    waits = {
        r["month"]: r["wait"]
        for r in by.filter(offered_at__isnull=False).annotate(wait=Avg(F("offered_at") - F("sent_at")))
    }
    files = TransferFile.objects.filter(transfer__in=transfers.values("pk")).order_by()
    rows = (
        files.annotate(month=TruncMonth("transfer__sent_at"))
        .values("month")
        .annotate(
            n=Count("id"),
            bad=Count("id", filter=~Q(refusal={}) | Q(state="refused")),
            through=Count("id", filter=~Q(clean_sha256="")),
            moved=Count("id", filter=Q(removed_total__gt=0)),
            size=Sum("size"),
        )
    )
    found = [
        Month(
            r["month"],
            sent.get(r["month"], 0),
            r["n"],
            r["bad"],
            r["moved"],
            r["size"] or 0,
            r["through"],
            waits.get(r["month"]),
        )
        for r in rows
    ]
    return sorted(found, key=lambda m: m.month, reverse=True)[:count]


def personal_warnings(files: Iterable[TransferFile]) -> list[tuple[str, int]]:
    """What in these files may tell of persons: what is said of it, and how often. Numbers that the law guards come first."""
    found: dict[str, tuple[str, int]] = {}
    for file in files:
        for line in file.removed:
            if (code := line["code"]).startswith("personal."):
                _words, before = found.get(code, ("", 0))
                found[code] = (spoken(line["words"]), before + line["count"])
    return [found[code] for code in sorted(found, key=lambda code: (code != "personal.my_number", code))]
