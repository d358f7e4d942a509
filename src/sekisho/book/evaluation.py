"""What bars the way through a gate. Pure: values in, blockers out; nothing here can be clicked away."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.standards.pack import Criterion

SATISFIED = ("met", "not_applicable")


@dataclass(frozen=True)
class Measurement:
    """A value the system itself obtained. ``value`` None means it could not be measured yet."""

    value: float | int | None
    measured_at: dt.datetime | None = None


@dataclass(frozen=True)
class AnswerState:
    """An answer and what accompanies it. ``needs_look``: it was given to an older wording of the criterion."""

    value: str = ""
    comment: str = ""
    files: int = 0
    links: int = 0
    needs_look: bool = False


@dataclass(frozen=True)
class FindingState:
    """A finding of a review. ``state`` is open, answered or resolved."""

    id: int
    criterion: str
    severity: str
    state: str
    text: str


@dataclass(frozen=True)
class ConditionState:
    """A condition of an earlier gate that nobody has met yet."""

    id: int
    criterion: str
    text: str
    due_on: dt.date


@dataclass(frozen=True)
class ReviewState:
    """A review of the current submission, by the role in which it was given."""

    reviewer_id: int
    role: str


@dataclass(frozen=True)
class GateFacts:
    """Everything a gate's outcome rests on. ``waivers`` maps criterion code to the last day it holds."""

    criteria: Sequence[Criterion]
    tier: str
    today: dt.date
    answers: Mapping[str, AnswerState] = field(default_factory=dict)
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    findings: Sequence[FindingState] = ()
    reviews: Sequence[ReviewState] = ()
    overdue: Sequence[ConditionState] = ()
    waivers: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True)
class Blocker:
    """One thing that bars the way. ``params`` fill the words kept for ``code`` (see words.py)."""

    code: str
    criterion: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Stable identity within a gate."""
        return f"{self.code}:{self.criterion}:{self.params.get('id', '')}"


@dataclass(frozen=True)
class Evaluation:
    """Blockers of a gate, what is waived, and what was recommended but is unmet (carried to the next gate)."""

    blockers: tuple[Blocker, ...]
    waived: tuple[str, ...]
    carried: tuple[str, ...]
    answered: int
    total: int

    @property
    def is_clear(self) -> bool:
        return not self.blockers


def evaluate(facts: GateFacts) -> Evaluation:
    """Compute a gate's blockers in the order people work: criteria, findings, conditions, reviews."""
    blockers: list[Blocker] = []
    waived: list[str] = []
    carried: list[str] = []
    for criterion in facts.criteria:
        problems = _criterion_problems(criterion, facts)
        if not problems:
            continue
        if not is_binding(criterion):
            carried.append(criterion.code)
        elif _is_waived(criterion.code, facts):
            waived.append(criterion.code)
        else:
            blockers.extend(problems)
    blockers.extend(_finding_blockers(facts))
    blockers.extend(_condition_blockers(facts))
    blockers.extend(_review_blockers(facts))
    answered = sum(1 for c in facts.criteria if facts.answers.get(c.code, AnswerState()).value)
    return Evaluation(tuple(blockers), tuple(waived), tuple(carried), answered, len(facts.criteria))


def is_binding(criterion: Criterion) -> bool:
    """Only mandatory must-be criteria block; the rest is carried and shown."""
    return criterion.requirement == "mandatory" and criterion.level == "must_be"


def _is_waived(code: str, facts: GateFacts) -> bool:
    until = facts.waivers.get(code)
    return until is not None and until >= facts.today


def _criterion_problems(criterion: Criterion, facts: GateFacts) -> list[Blocker]:
    answer = facts.answers.get(criterion.code, AnswerState())
    problems = []
    if answer.value == "":
        problems.append(Blocker("unanswered", criterion.code))
    elif answer.needs_look:
        problems.append(Blocker("needs_look", criterion.code))
    elif answer.value not in SATISFIED:
        problems.append(Blocker("partly_met" if answer.value == "partly" else "unmet", criterion.code))
    elif answer.value == "met" and not _has_evidence(criterion.evidence, answer):
        problems.append(Blocker("no_evidence", criterion.code, {"kind": criterion.evidence}))
    if answer.value != "not_applicable":
        problems.extend(_measure_problems(criterion, facts))
    return problems


def _has_evidence(kind: str, answer: AnswerState) -> bool:
    if kind == "text":
        return bool(answer.comment.strip())
    if kind == "file":
        return answer.files > 0
    if kind == "link":
        return answer.links + answer.files > 0
    return True


def _measure_problems(criterion: Criterion, facts: GateFacts) -> list[Blocker]:
    demand = criterion.measure
    if demand is None:
        return []
    params: dict[str, Any] = {"measure": demand.name, "operator": demand.operator, "demanded": demand.value}
    measured = facts.measurements.get(demand.name)
    if measured is None or measured.value is None:
        return [Blocker("measure_missing", criterion.code, params)]
    params["value"] = measured.value
    if not demand.accepts(measured.value):
        return [Blocker("measure_failing", criterion.code, params)]
    if demand.max_age_days is not None:
        if measured.measured_at is None:
            return [Blocker("measure_missing", criterion.code, params)]
        age = (facts.today - measured.measured_at.date()).days
        if age > demand.max_age_days:
            return [Blocker("measure_stale", criterion.code, {**params, "days": age})]
    return []


def _finding_blockers(facts: GateFacts) -> list[Blocker]:
    return [
        Blocker("open_finding", finding.criterion, {"id": finding.id, "text": finding.text})
        for finding in facts.findings
        if finding.severity == "must" and finding.state != "resolved"
    ]


def _condition_blockers(facts: GateFacts) -> list[Blocker]:
    return [
        Blocker("overdue_condition", c.criterion, {"id": c.id, "text": c.text, "due": c.due_on.isoformat()})
        for c in facts.overdue
    ]


def _review_blockers(facts: GateFacts) -> list[Blocker]:
    """Every gate needs a review of the current submission; a focus project needs one by a CIO aide."""
    if not facts.reviews:
        return [Blocker("missing_review", "", {"role": "cio_aide" if facts.tier == "focus" else "any"})]
    if facts.tier == "focus" and not any(review.role == "cio_aide" for review in facts.reviews):
        return [Blocker("missing_review", "", {"role": "cio_aide"})]
    return []


@dataclass(frozen=True)
class BasisChange:
    """One thing a decision rested on that is no longer so. ``kind`` names what: answer, attribute, waiver …"""

    kind: str
    key: str
    before: Any
    after: Any


def basis_of(
    facts: GateFacts, attributes: Mapping[str, Any], pack_sha256: str, proofs: Mapping[str, str]
) -> dict[str, Any]:
    """What a decision rests on, as plain JSON. ``proofs`` maps criterion code to a hash of answer and evidence.

    Measurements enter as pass or fail, waivers and overdue conditions as standing or not: a value that moves
    without changing the outcome does not lapse a decision.
    """
    binding_demands = [c for c in facts.criteria if c.measure and is_binding(c)]
    return {
        "pack": pack_sha256,
        "attributes": dict(attributes),
        "answers": {c.code: proofs.get(c.code, "") for c in facts.criteria},
        "measures": {c.code: not _measure_problems(c, facts) for c in binding_demands},
        "findings": {str(f.id): f.state for f in facts.findings if f.severity == "must"},
        "waivers": {code: until.isoformat() for code, until in facts.waivers.items() if until >= facts.today},
        "overdue": {str(c.id): c.due_on.isoformat() for c in facts.overdue},
    }


def compare_basis(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[BasisChange, ...]:
    """What changed for the worse or at all since a decision, in stable order.

    A must finding that was resolved, an overdue condition that was met, or a measurement that came to pass
    since does not weaken a decision and is left out.
    """
    changes: list[BasisChange] = []
    if then.get("pack") != now.get("pack"):
        changes.append(BasisChange("pack", "", then.get("pack"), now.get("pack")))
    for kind in ("attributes", "answers", "waivers", "measures", "findings", "overdue"):
        before, after = then.get(kind, {}), now.get(kind, {})
        for key in sorted(set(before) | set(after)):
            old, new = before.get(key), after.get(key)
            if old != new and not _is_improvement(kind, old, new):
                changes.append(BasisChange(kind, key, old, new))
    return tuple(changes)


def _is_improvement(kind: str, old: Any, new: Any) -> bool:
    if kind == "findings":
        return new == "resolved" or (old is not None and new == "answered")
    if kind == "overdue":
        return new is None
    if kind == "waivers":
        return old is None
    return kind == "measures" and new is not False
