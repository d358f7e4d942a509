"""What the gate page shows, arranged for reading: groups of criteria and what it takes to pass."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language

from sekisho.book import measures
from sekisho.book.evaluation import Blocker, Measurement, is_binding
from sekisho.book.models import Answer, Evidence, Finding, Gate, Review, Waiver
from sekisho.book.queries.gates import GateView, carried_into, read_gate
from sekisho.people.models import User
from sekisho.people.roles import Actor
from sekisho.standards.pack import Criterion
from sekisho.standards.words import bound_words


@dataclass(frozen=True)
class MeasurementLine:
    """A demanded measurement in words."""

    title: str
    unit: str
    value: float | int | None
    demanded: str
    passes: bool
    address: str = ""
    parts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class CriterionRow:
    """One criterion with everything known about it here."""

    criterion: Criterion
    title: str
    guidance: str
    source: str
    answer: Answer | None
    evidence: list[Evidence]
    blockers: list[tuple[Blocker, str]]
    findings: list[Finding]
    waiver: Waiver | None
    measurement: MeasurementLine | None
    previous: list[dict[str, Any]]

    @property
    def state(self) -> str:
        """Code of the state mark."""
        return self.answer.value if self.answer and self.answer.value else "unanswered"

    @property
    def version(self) -> int:
        """Version a save must name; 0 before anyone answered."""
        return self.answer.version if self.answer else 0

    @property
    def binding(self) -> bool:
        """Whether it bars the way when unmet."""
        return is_binding(self.criterion)

    @property
    def remarks(self) -> list[str]:
        """Blockers that the state mark, the measurement and the findings beside it do not already tell."""
        return [
            message for blocker, message in self.blockers if blocker.code in ("no_evidence", "measure_stale")
        ]

    @property
    def open_findings(self) -> int:
        return sum(1 for f in self.findings if f.state != Finding.State.RESOLVED)


@dataclass(frozen=True)
class Group:
    """Criteria under one heading."""

    title: str
    rows: list[CriterionRow]


@dataclass(frozen=True)
class GatePage:
    """The whole page."""

    view: GateView
    groups: list[Group]
    blockers: list[tuple[Blocker, str]]
    general_findings: list[Finding]
    reviews: list[Review]
    carried: list[tuple[Gate, Criterion]]
    changes: list[str] = field(default_factory=list)

    @property
    def gate(self) -> Gate:
        return self.view.gate

    def row(self, code: str) -> CriterionRow | None:
        """The row of one criterion."""
        return next((row for group in self.groups for row in group.rows if row.criterion.code == code), None)


def gate_page(gate: Gate, actor: Actor) -> GatePage:
    """Read a gate for its page, in a fixed number of queries."""
    view = read_gate(gate)
    messages = view.messages()
    by_criterion: dict[str, list[tuple[Blocker, str]]] = defaultdict(list)
    for blocker, message in messages:
        by_criterion[blocker.criterion].append((blocker, message))
    waivers = {waiver.criterion: waiver for waiver in view.waivers}
    history = _history(view)
    groups: dict[str, list[CriterionRow]] = {}
    language = get_language() or "ja"
    for criterion in view.criteria:
        row = _row(criterion, view, by_criterion, waivers, history, language)
        groups.setdefault(criterion.group.get(language), []).append(row)
    return GatePage(
        view=view,
        groups=[Group(title, rows) for title, rows in groups.items()],
        blockers=messages,
        general_findings=[f for f in view.findings if not f.criterion],
        reviews=_reviews(view),
        carried=carried_into(gate),
        changes=view.change_messages(),
    )


def _row(
    criterion: Criterion,
    view: GateView,
    blockers: dict[str, list[tuple[Blocker, str]]],
    waivers: dict[str, Waiver],
    history: dict[str, list[dict[str, Any]]],
    language: str,
) -> CriterionRow:
    code = criterion.code
    return CriterionRow(
        criterion=criterion,
        title=criterion.title.get(language),
        guidance=criterion.guidance.get(language),
        source=criterion.source.get(language),
        answer=view.answers.get(code),
        evidence=view.evidence.get(code, []),
        blockers=blockers.get(code, []),
        findings=[f for f in view.findings if f.criterion == code],
        waiver=waivers.get(code),
        measurement=_measurement(criterion, view),
        previous=history.get(code, []),
    )


def _measurement(criterion: Criterion, view: GateView) -> MeasurementLine | None:
    demand = criterion.measure
    if demand is None:
        return None
    known = measures.all_measures().get(demand.name)
    measured = view.facts.measurements.get(demand.name, Measurement(None))
    passes = measured.value is not None and demand.accepts(measured.value)
    title = str(known.title) if known else demand.name
    unit = str(known.unit) if known else ""
    address = known.address(view.gate.project) if known and known.address else ""
    parts = known.parts(view.gate.project) if known and known.parts else ()
    demanded = bound_words(demand.operator, demand.value)
    return MeasurementLine(title, unit, measured.value, demanded, passes, address, parts)


def _reviews(view: GateView) -> list[Review]:
    """Everything said of this gate's submissions, newest first."""
    if view.submission is None:
        return []
    return list(view.gate.reviews.select_related("reviewer", "submission").order_by("-reviewed_at"))


def _history(view: GateView) -> dict[str, list[dict[str, Any]]]:
    """Answers of earlier submissions of this gate, newest first, by criterion; only those that were answered.

    A snapshot names people as they sign in; ``answered_by`` says them as everybody else does.
    """
    history: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if view.submission is None:
        return history
    answers = [
        {**answer, "number": submission.number}
        for submission in view.gate.submissions.order_by("-number")[:3]
        for answer in submission.document.get("answers", [])
        if answer.get("value")
    ]
    named = User.objects.filter(username__in={answer.get("answered_by") for answer in answers})
    people = {person.username: str(person) for person in named}
    for answer in answers:
        said = answer.get("answered_by") or ""
        history[answer["criterion"]].append({**answer, "answered_by": people.get(said, said)})
    return history
