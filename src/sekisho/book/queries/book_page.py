"""What the book's page shows, read in a fixed number of queries."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book import fiscal
from sekisho.book.models import (
    Answer,
    Baseline,
    BaselineMilestone,
    BudgetYear,
    Condition,
    Decision,
    Finding,
    Gate,
    GateState,
    Milestone,
    Phase,
    PhaseEntry,
    Project,
    Release,
    RetirementItem,
    Risk,
    StatusReport,
)
from sekisho.book.models.vocabulary import Confidence
from sekisho.book.queries.gates import BookRows, GateView, read_gate, read_gates
from sekisho.people.models import User
from sekisho.web.charts import MoneyLabels, MoneyYear
from sekisho.web.formats import fiscal_year

RECENT = 12
_who_answered = Subquery(
    Answer.objects.filter(gate=OuterRef("gate"), criterion=OuterRef("criterion")).values("answered_by")[:1]
)


@dataclass(frozen=True)
class Owed:
    """Who owes what by when. ``at``: the place on the page that ``url_name`` and ``key`` name."""

    what: str
    who: str
    due: dt.date | None
    url_name: str
    key: int
    late: bool
    at: str = ""


@dataclass(frozen=True)
class PhaseChapter:
    """One phase as a chapter."""

    phase: Phase
    state: str
    entry: PhaseEntry | None
    gate: Gate | None
    decision: Decision | None
    conditions: list[Condition]
    can_enter_next: bool
    can_skip: bool


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone against what was promised. ``slip`` is in days, positive when later than baseline 1."""

    milestone: Milestone
    promised: dt.date | None
    latest: dt.date | None

    @property
    def slip(self) -> int | None:
        actual = self.milestone.done_on or self.milestone.planned_on
        return (actual - self.promised).days if self.promised else None


def phase_gates(project: Project) -> dict[str, Gate]:
    """The gates at the ends of the phases, by phase."""
    gates = project.gates.filter(release__isnull=True).select_related("standard", "release")
    return {gate.phase: gate for gate in gates.defer("standard__document")}


def rows_of(project: Project) -> BookRows:
    """Money and conditions, which the page shows and the evaluation of its gate rests on: read once for both."""
    return BookRows(list(project.budget_years.all()), conditions_of(project))


def conditions_of(project: Project) -> list[Condition]:
    """What decisions demanded, met or not."""
    return list(project.conditions.select_related("owner", "decision").defer("decision__basis"))


def current_view(project: Project, gates: dict[str, Gate], rows: BookRows) -> GateView | None:
    """The evaluation of the gate the project stands before."""
    gate = gates.get(project.phase)
    return read_gate(gate, rows=rows) if gate else None


def entries_of(project: Project) -> dict[str, PhaseEntry]:
    """The phases that were entered or left out, by phase."""
    return {entry.phase: entry for entry in project.phase_entries.select_related("entered_by")}


def phase_chapters(
    project: Project,
    gates: dict[str, Gate],
    entries: dict[str, PhaseEntry],
    conditions: Sequence[Condition],
    following: Phase | None,
) -> list[PhaseChapter]:
    """Five chapters in the order of the road."""
    decisions = Decision.objects.filter(gate__in=gates.values()).select_related("decided_by", "submission")
    newest: dict[int, Decision] = {}
    for decision in decisions.defer("basis", "submission__document"):
        newest.setdefault(decision.gate_id, decision)
    return [_chapter(project, phase, entries, gates, newest, conditions, following) for phase in Phase]


def _chapter(
    project: Project,
    phase: Phase,
    entries: dict[str, PhaseEntry],
    gates: dict[str, Gate],
    decisions: dict[int, Decision],
    conditions: Sequence[Condition],
    following: Phase | None,
) -> PhaseChapter:
    entry, gate = entries.get(phase), gates.get(phase)
    ahead = phase.position > Phase(project.phase).position
    here = phase == project.phase and not project.is_closed
    passed = gate is not None and gate.state == GateState.PASSED
    stations = project.road.get("stations") or ["ahead"] * len(Phase)
    return PhaseChapter(
        phase=phase,
        state=stations[phase.position],
        entry=entry,
        gate=gate,
        decision=decisions.get(gate.pk) if gate else None,
        conditions=[c for c in conditions if gate and c.gate_id == gate.pk],
        can_enter_next=here and passed and following is not None,
        can_skip=ahead and entry is None and phase != Phase.RETIRE and not project.is_closed,
    )


def publishable(releases: Iterable[Release]) -> set[int]:
    """Keys of the releases whose gate lets them out now: passed, and the decision still stands.

    As many queries however many wait, apart from what the measures their criteria demand ask themselves.
    """
    waiting = [
        release.gate.pk
        for release in releases
        if release.state == Release.State.PLANNED and release.gate.state == GateState.PASSED
    ]
    gates = Gate.objects.filter(pk__in=waiting).to_evaluate()
    views = read_gates(list(gates)) if waiting else []
    return {view.gate.release_id for view in views if view.gate.release_id and not view.is_lapsed}


def owed(
    project: Project,
    conditions: Iterable[Condition],
    today: dt.date,
    risks: Iterable[Risk] | None = None,
) -> list[Owed]:
    """Standing conditions, open risks with a date, and unanswered must findings, by due date.

    A finding is owed by whoever answered its criterion; one about the whole by whoever submitted.
    ``risks``: all of the book's, where they were read already.
    """
    found = [
        Owed(c.text, str(c.owner), c.due_on, "book:condition", c.pk, c.state == "overdue")
        for c in conditions
        if c.state in ("open", "overdue")
    ]
    for risk in _dated_risks(project) if risks is None else risks:
        if risk.closed_at is None and risk.due_on is not None:
            late = risk.due_on < today
            found.append(Owed(risk.title, str(risk.owner or ""), risk.due_on, "", risk.pk, late))
    answers: list[tuple[Any, int | None]] = []
    findings = Finding.objects.filter(gate__project=project, severity="must", state=Finding.State.OPEN)
    standing = findings.exclude(gate__state__in=("used", "stopped"))
    for finding in standing.annotate(answered_by=_who_answered).select_related("review__submission"):
        debtor = finding.answered_by or finding.review.submission.submitted_by_id
        answers.append((finding, debtor))
    debtors = {debtor for _finding, debtor in answers if debtor}
    names = User.objects.in_bulk(debtors) if debtors else {}
    for finding, debtor in answers:
        who = str(names[debtor]) if debtor in names else _("Owner section")
        # its gate, which every reader of the book may open, and not the form of those who may answer
        at = f"?open={finding.criterion}#f-{finding.pk}"
        found.append(Owed(finding.text, who, None, "book:gate", finding.gate_id, False, at))
    return sorted(found, key=lambda item: (item.due or dt.date.max, item.what))


def _dated_risks(project: Project) -> QuerySet[Risk]:
    return project.risks.filter(closed_at__isnull=True, due_on__isnull=False).select_related("owner")


def money(years: Sequence[BudgetYear]) -> dict[str, Any]:
    """Budget years with the chart's values and labels."""
    language = get_language() or "ja"
    chart = [
        MoneyYear(fiscal_year(y.fiscal_year, language), y.requested, y.approved, y.executed)
        for y in years[-8:]
    ]
    labels = MoneyLabels(_("Money by fiscal year"), _("Requested"), _("Approved"), _("Executed"))
    this_year = fiscal.fiscal_year_of(timezone.localdate())
    return {
        "years": years,
        "chart": chart,
        "labels": labels,
        "this_year": this_year,
        "now": next((y for y in years if y.fiscal_year == this_year), None),
    }


def milestones(project: Project) -> tuple[list[MilestoneRow], list[Baseline]]:
    """Milestones with their first and latest promised dates; and the baselines."""
    baselines = list(project.baselines.select_related("fixed_by"))
    lines = BaselineMilestone.objects.filter(baseline__project=project).select_related("baseline")
    first: dict[int, dt.date] = {}
    latest: dict[int, dt.date] = {}
    for line in lines.order_by("baseline__number") if baselines else ():
        first.setdefault(line.milestone_id, line.planned_on)
        latest[line.milestone_id] = line.planned_on
    rows = [MilestoneRow(m, first.get(m.pk), latest.get(m.pk)) for m in project.milestones.all()]
    return rows, baselines


def statuses(project: Project) -> QuerySet[StatusReport]:
    """The monthly reports, newest first."""
    return project.status_reports.select_related("author")


def confidence_word(value: int | None) -> str:
    """The five-step word, or that nobody has reported."""
    return str(Confidence(value).label) if value else _("not reported yet")


def retirement_lines(project: Project) -> list[tuple[RetirementItem, list[str]]]:
    """Lines of what holds data, each with the labels of what is still missing."""
    lines = []
    for item in project.retirement_items.all():
        labels = [str(RetirementItem._meta.get_field(name).verbose_name) for name in item.missing]  # type: ignore[union-attr]
        lines.append((item, labels))
    return lines
