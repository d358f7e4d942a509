"""What waits for a person. A fixed number of queries, each of at most ``LIMIT`` rows.

Lines are plain facts; the page turns them into sentences (views/work.py).
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from sekisho.book.models import (
    Condition,
    Finding,
    Gate,
    GateState,
    LedgerEntry,
    LedgerHead,
    Membership,
    Phase,
    Project,
    Review,
    ReviewInvitation,
    Risk,
    StatusReport,
    Submission,
)
from sekisho.book.queries.ledger_names import names_of
from sekisho.book.queries.registry import stretch
from sekisho.people.roles import CIO_AIDE, CONTRACTOR, QUALITY_OFFICE, Actor

#: lines a column shows; one more is read to know whether there are more
LIMIT = 30
_LOOKED_BACK = 8  # entries of a book of which the last may be no news


@dataclass(frozen=True)
class Task:
    """One thing that waits. ``kind`` names the sentence, ``key`` the place where it is done (an id or a code)."""

    kind: str
    key: Any
    project: Project
    due: dt.date | None = None
    since: dt.datetime | None = None
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """Three columns. ``due`` is by date, ``waiting`` by how long it waits, ``recent`` newest first."""

    due: list[Task]
    waiting: list[Task]
    recent: list[Task]
    more: frozenset[str]
    today: dt.date

    @property
    def is_empty(self) -> bool:
        return not (self.due or self.waiting)


def work_of(actor: Actor) -> Work:
    """Everything that waits for this person, overdue first."""
    today = timezone.localdate()
    mine = _named(actor, {"lead", "member"})
    tasks = [task for source in _SOURCES for task in source(actor, mine, today)]
    due = sorted((t for t in tasks if t.due), key=lambda t: (t.due, t.kind, str(t.key)))
    waiting = sorted(
        (t for t in tasks if not t.due), key=lambda t: (t.since is None, t.since, t.kind, str(t.key))
    )
    recent = recent_acts(actor, mine)
    columns = {"due": due, "waiting": waiting, "recent": recent}
    more = frozenset(name for name, found in columns.items() if len(found) > LIMIT)
    return Work(due[:LIMIT], waiting[:LIMIT], recent[:LIMIT], more, today)


def _named(actor: Actor, parts: set[str]) -> list[int]:
    """Books on which this person is named as one of these. Contractors are never part of the team."""
    if actor.is_contractor_only:
        return []
    return [pk for pk, named in actor.books.items() if named & parts]


Tasks = Iterable[Task]
Source = Callable[[Actor, list[int], dt.date], Tasks]
_OPEN_BOOK = Q(project__retired_at__isnull=True, project__stopped_at__isnull=True)


def _few(rows: QuerySet[Any]) -> list[Any]:
    return list(rows[: LIMIT + 1])


def _gates(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    """Open gates of my books: those with a date first."""
    rows = (
        Gate.objects.filter(_OPEN_BOOK, project__in=mine, state=GateState.OPEN)
        .select_related("project", "release")
        .annotate(answered=Count("answers", filter=~Q(answers__value="")))
    )
    dated = _few(rows.filter(due_on__isnull=False).order_by("due_on", "id"))
    undated = _few(rows.filter(due_on__isnull=True).order_by("opened_at", "id"))
    for gate in [*dated, *undated]:
        if gate.release_id is None and gate.phase != gate.project.phase:
            continue  # a gate that is not the one the project stands before
        params = {
            "gate": gate,
            "answered": gate.answered,
            "bars": None if gate.release_id else gate.project.blocker_count,
        }
        kind = "gate_lapsed" if gate.lapsed_at else "gate"
        yield Task(kind, gate.pk, gate.project, gate.due_on, gate.lapsed_at or gate.opened_at, params)


def _ways_open(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    """Gates of my books that are passed and not used: a phase to enter, a release to publish."""
    rows = Gate.objects.filter(_OPEN_BOOK, project__in=mine, state=GateState.PASSED).select_related(
        "project", "release"
    )
    decided = Prefetch("decisions", to_attr="newest_first")
    for gate in _few(rows.order_by("id").prefetch_related(decided)):
        decision = next(iter(gate.newest_first), None)
        since = decision.decided_at if decision else gate.opened_at
        if gate.release_id:
            yield Task(
                "publish", gate.pk, gate.project, None, since, {"version": gate.release.version, "gate": gate}
            )
        elif following := _following(gate.project):
            yield Task("enter", gate.project.code, gate.project, None, since, {"phase": following.label})
        else:
            yield Task("retire", gate.project.code, gate.project, None, since)


def _following(project: Project) -> Phase | None:
    """The next phase that is not left out, as the road has it."""
    stations = project.road.get("stations") or ["ahead"] * len(Phase)
    later = list(zip(Phase, stations, strict=True))[Phase(project.phase).position + 1 :]
    return next((phase for phase, state in later if state != "skipped"), None)


def _findings_to_answer(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    rows = Finding.objects.filter(gate__project__in=mine, state=Finding.State.OPEN).select_related(
        "gate__project", "gate__release", "review"
    )
    order = {"must": 0, "should": 1, "advice": 2}
    for finding in sorted(_few(rows.order_by("id")), key=lambda f: order.get(f.severity, 3)):
        params = {"text": finding.text, "severity": finding.severity, "gate": finding.gate}
        yield Task(
            "finding_reply", finding.pk, finding.gate.project, None, finding.review.reviewed_at, params
        )


def _findings_to_resolve(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    rows = Finding.objects.filter(review__reviewer_id=actor.user_id, state=Finding.State.ANSWERED)
    seen = rows.filter(gate__project__in=Project.objects.visible_to(actor).order_by())
    for finding in _few(seen.select_related("gate__project", "gate__release").order_by("replied_at", "id")):
        params = {"text": finding.text, "severity": finding.severity, "gate": finding.gate}
        yield Task("finding_resolve", finding.pk, finding.gate.project, None, finding.replied_at, params)


def _conditions(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    rows = Condition.objects.standing().filter(owner_id=actor.user_id)
    for condition in _few(rows.select_related("project", "gate__release").order_by("due_on", "id")):
        yield Task(
            "condition", condition.pk, condition.project, condition.due_on, None, {"text": condition.text}
        )


def _risks(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    rows = Risk.objects.filter(
        _OPEN_BOOK, owner_id=actor.user_id, closed_at__isnull=True, due_on__isnull=False
    )
    for risk in _few(rows.select_related("project").order_by("due_on", "id")):
        yield Task(
            "question" if risk.kind == "question" else "risk",
            risk.pk,
            risk.project,
            risk.due_on,
            None,
            {"text": risk.title},
        )


def _status(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    """Books I lead whose status of this month is missing; due on its last day."""
    leading = _named(actor, {"lead"})
    first = today.replace(day=1)
    reported = StatusReport.objects.filter(project=OuterRef("pk"), month=first)
    books = Project.objects.filter(pk__in=leading, retired_at__isnull=True, stopped_at__isnull=True)
    end = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    for project in _few(books.filter(~Exists(reported)).order_by("code")):
        yield Task("status", project.code, project, end, None, {"month": first})


def _submissions(actor: Actor, mine: list[int], today: dt.date) -> Tasks:
    """Submitted gates that wait for my review or my decision. The same rules as ``decisions.may_decide``."""
    invited = ReviewInvitation.objects.filter(user_id=actor.user_id or 0, gate__state=GateState.SUBMITTED)
    invitations = {i.gate_id: i for i in _few(invited.order_by("due_on", "id"))}
    reach = _reach(actor)
    if reach is None and not invitations:
        return
    rows = Gate.objects.filter(
        Q(pk__in=list(invitations)) | (reach or Q(pk__in=[])), state=GateState.SUBMITTED
    )
    gates = _few(
        rows.select_related("project__owner", "release")
        .prefetch_related(
            Prefetch(
                "submissions",
                Submission.objects.defer("document").order_by("-number"),
                to_attr="newest_first",
            ),
            Prefetch("reviews", Review.objects.order_by("id"), to_attr="given"),
        )
        .order_by("due_on", "id")
    )
    own = _own_work(actor, gates)
    for gate in gates:
        if gate.pk not in own and gate.newest_first:
            yield from _judging(actor, gate, invitations.get(gate.pk))


def _reach(actor: Actor) -> Q | None:
    """Gates this person's roles let them judge: focus projects for the quality office, the bureau's for its aide."""
    reach: Q | None = None
    for grant in actor.grants:
        part = None
        if grant.role == QUALITY_OFFICE:
            part = Q(project__tier="focus")
        elif grant.role == CIO_AIDE:
            part = Q(project__owner__path__startswith=grant.path)
        if part is not None:
            reach = part if reach is None else reach | part
    return reach


def _own_work(actor: Actor, gates: list[Gate]) -> set[int]:
    """Gates this person answered or submitted, or whose book names them as contractor."""
    projects = {gate.project_id for gate in gates}
    acts = ("answer.saved", "gate.submitted", "evidence.added")
    entries = LedgerEntry.objects.filter(
        project__in=projects,
        actor_id=actor.user_id,
        act__in=acts,
        params__gate_id__in=[gate.pk for gate in gates],
    )
    own = set(entries.order_by().values_list("params__gate_id", flat=True).distinct())
    outside = Membership.objects.filter(project__in=projects, user_id=actor.user_id or 0, part="contractor")
    hired = set(outside.order_by().values_list("project", flat=True))
    return own | {gate.pk for gate in gates if gate.project_id in hired}


def _judging(actor: Actor, gate: Any, invitation: ReviewInvitation | None) -> Tasks:
    """A review first; the decision once somebody has reviewed."""
    submission = gate.newest_first[0]
    reviews = [review for review in gate.given if review.submission_id == submission.pk]
    reviewed = any(review.reviewer_id == actor.user_id for review in reviews)
    path, act = gate.project.owner.path, "decide_focus" if gate.project.tier == "focus" else "decide"
    may_decide = CONTRACTOR not in actor.roles() and actor.may(act, path=path)
    params = {"gate": gate}
    if may_decide and reviews:
        yield Task("decide", gate.pk, gate.project, gate.due_on, submission.submitted_at, params)
    elif not reviewed and actor.may("review", path=path, project_id=gate.project_id):
        due = invitation.due_on if invitation else gate.due_on
        yield Task("review", gate.pk, gate.project, due, submission.submitted_at, params)


_SOURCES: tuple[Source, ...] = (
    _gates,
    _ways_open,
    _findings_to_answer,
    _findings_to_resolve,
    _conditions,
    _risks,
    _status,
    _submissions,
)


def recent_acts(actor: Actor, mine: list[int]) -> list[Task]:
    """The last act on each of the books touched last: my own, or all I may see when I am named on none."""
    if mine:
        books = list(Project.objects.filter(pk__in=mine).order_by("-updated_at", "id")[: LIMIT + 1])
    else:
        found = stretch(actor, QueryDict("sort=-updated"), limit=LIMIT + 1)
        books = list(Project.objects.filter(pk__in=found.ids).order_by("-updated_at", "id"))
    last = _last_entries(books)
    names = names_of(last.values())
    told = sorted(
        (book for book in books if book.pk in last), key=lambda book: last[book.pk].at, reverse=True
    )
    return [
        Task(
            "recent",
            project.code,
            project,
            None,
            last[project.pk].at,
            {"entry": last[project.pk], "names": names},
        )
        for project in told
    ]


def _last_entries(books: list[Project]) -> dict[int, LedgerEntry]:
    """The newest ledger entry of each book that is news to people: a file that was added is, that it then was checked is not.

    Found through the heads of the chains, never by scanning them.
    """
    heads = LedgerHead.objects.filter(chain__in=[f"book:{book.pk}" for book in books])
    ends = Q(pk__in=[])
    for chain, length in heads.values_list("chain", "length"):
        ends |= Q(chain=chain, seq__gt=length - _LOOKED_BACK)
    entries = LedgerEntry.objects.filter(ends).exclude(act="file.cleaned").order_by("seq")
    return {entry.project_id: entry for entry in entries if entry.project_id is not None}
