"""Keeps on each project what lists of 100,000 rows need: tier, road, blockers, money, confidence, search tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from sekisho.book import fiscal
from sekisho.book.followers import tell_followers
from sekisho.book.models import BudgetYear, Gate, GateState, Phase, Project, Release, StatusReport
from sekisho.book.queries.gates import read_gate
from sekisho.book.search_tokens import index_tokens
from sekisho.book.tiers import TierInputs, compute_tier

_ROLLUP_FIELDS = (
    "tier",
    "computed_tier",
    "blocker_count",
    "next_gate_due",
    "money_this_year",
    "confidence",
    "road",
)


_dirty: ContextVar[set[int] | None] = ContextVar("dirty_books", default=None)


@contextmanager
def deferred() -> Iterator[None]:
    """Collect books to refresh and do it once at the end: for acts in bulk. Nested uses join the outer one."""
    if _dirty.get() is not None:
        yield
        return
    token = _dirty.set(set())
    try:
        yield
        dirty = _dirty.get() or set()
    finally:
        _dirty.reset(token)
    for project in Project.objects.select_related("owner").filter(pk__in=dirty):
        refresh(project)


def refresh(project: Project, *, money_moved: bool = True) -> None:
    """Recompute and store the rollup of one book, and its search tokens. The tier is always set at once.

    ``money_moved`` False tells that nothing the tier rests on can have changed; it saves work while deferred.
    """
    if (dirty := _dirty.get()) is not None:
        dirty.add(project.pk)
        if not money_moved:
            return
        before = (project.tier, project.computed_tier)
        _set_tier(project)
        if (project.tier, project.computed_tier) != before:
            Project.objects.filter(pk=project.pk).update(
                tier=project.tier, computed_tier=project.computed_tier
            )
        return
    _set_tier(project)
    current = _current_gate(project)
    project.blocker_count = 0
    project.next_gate_due = None
    if current is not None and not project.is_closed:
        view = read_gate(current)
        project.blocker_count = len(view.evaluation.blockers) + (1 if view.is_lapsed else 0)
        project.next_gate_due = current.due_on
    project.money_this_year = _money(project)
    project.confidence = _confidence(project)
    project.road = _road(project, project.blocker_count)
    Project.objects.filter(pk=project.pk).update(**{name: getattr(project, name) for name in _ROLLUP_FIELDS})
    index(project)
    tell_followers([project.pk])


def _set_tier(project: Project) -> None:
    peak = project.budget_years.aggregate(a=Max("approved"), r=Max("requested"))
    inputs = TierInputs(
        audience=tuple(project.audience),
        personal_data=project.personal_data,
        information_class=project.information_class,
        budget_yen=max(peak["a"] or 0, peak["r"] or 0),
    )
    project.computed_tier = compute_tier(inputs)
    if not project.tier_reason:
        project.tier = project.computed_tier


def _current_gate(project: Project) -> Gate | None:
    gates = project.gates.select_related("standard", "release").defer("standard__document")
    return gates.filter(phase=project.phase, release__isnull=True).first()


def _money(project: Project) -> int:
    year = fiscal.fiscal_year_of(timezone.localdate())
    row = BudgetYear.objects.filter(project=project, fiscal_year=year).first()
    return (row.available if row else None) or 0


def settle_money() -> int:
    """Bring what lists say of this fiscal year's money up to date where nobody has touched the book since the year
    began. Returns how many books it changed.
    """
    year = fiscal.fiscal_year_of(timezone.localdate())
    money = {row.project_id: row.available or 0 for row in BudgetYear.objects.filter(fiscal_year=year)}
    told = Project.objects.order_by().values_list("pk", "money_this_year")
    stale = [(pk, before) for pk, before in told if before != money.get(pk, 0)]
    for pk, before in stale:
        # whoever enters an amount meanwhile has settled it
        Project.objects.filter(pk=pk, money_this_year=before).update(money_this_year=money.get(pk, 0))
    tell_followers([pk for pk, _before in stale])
    return len(stale)


def _confidence(project: Project) -> int | None:
    last = StatusReport.objects.filter(project=project).order_by("-month").first()
    return last.lowest if last else None


def _road(project: Project, bars: int) -> dict[str, Any]:
    """Stations and release marks as plain values; the page draws them without asking the database."""
    skipped = set(project.phase_entries.filter(not_needed=True).values_list("phase", flat=True))
    gates = {
        g.phase: g
        for g in Gate.objects.filter(project=project, release__isnull=True).prefetch_related("decisions")
    }
    stations = [_station(project, phase, skipped, gates.get(phase), bars) for phase in Phase]
    releases = (
        Release.objects.filter(project=project)
        .order_by("planned_on", "id")
        .values("version", "state", "planned_on")
    )
    return {
        "stations": stations,
        "bars": bars,
        "marks": [{"label": r["version"], "state": r["state"]} for r in releases],
    }


def _station(project: Project, phase: Phase, skipped: set[str], gate: Gate | None, bars: int) -> str:
    if phase in skipped:
        return "skipped"
    if gate is None:
        return "ahead"
    if gate.state == GateState.STOPPED or (project.stopped_at and phase == project.phase):
        return "stopped"
    if gate.state in (GateState.PASSED, GateState.USED) and (
        phase != project.phase or project.is_closed or not bars
    ):
        decision = next(iter(gate.decisions.all()), None)
        return "conditional" if decision and decision.result == "conditional" else "passed"
    return "here_barred" if bars else "here_open"


def index(project: Project) -> None:
    """Write the search tokens of one book (see search_tokens.py)."""
    index_many([(project.pk, tokens_of(project))])


def tokens_of(project: Project) -> str:
    """What a search of the registry finds a book by."""
    ids = " ".join(project.external_ids.values_list("value", flat=True))
    return index_tokens(
        project.code,
        project.name,
        project.name_en,
        project.summary[:2000],
        project.purpose[:2000],
        project.owner.name,
        ids,
    )


def index_many(rows: list[tuple[int, str]]) -> None:
    """Replace the tokens of many books. Rows are (project id, tokens)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "DELETE FROM book_project_search WHERE rowid = %s", [(pk,) for pk, _tokens in rows]
            )
            cursor.executemany("INSERT INTO book_project_search(rowid, tokens) VALUES (%s, %s)", rows)
        else:
            cursor.executemany(
                "INSERT INTO book_project_search(project_id, tokens)"
                " VALUES (%s, to_tsvector('simple', %s))"
                " ON CONFLICT (project_id) DO UPDATE SET tokens = EXCLUDED.tokens",
                rows,
            )
