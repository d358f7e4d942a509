"""Reads a gate's facts from the record and evaluates them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import get_language

from sekisho.book import builtin_measures, measures
from sekisho.book.chain import sha256_of
from sekisho.book.evaluation import (
    AnswerState,
    BasisChange,
    Blocker,
    ConditionState,
    Evaluation,
    FindingState,
    GateFacts,
    Measurement,
    ReviewState,
    basis_of,
    compare_basis,
    evaluate,
)
from sekisho.book.models import (
    Answer,
    BudgetYear,
    Condition,
    Decision,
    Evidence,
    Finding,
    Gate,
    GateQuerySet,
    GateState,
    Project,
    Review,
    Submission,
    Waiver,
)
from sekisho.book.words import blocker_message, change_message, noted_changes
from sekisho.people.roles import Actor
from sekisho.standards.pack import Criterion, Pack

#: project attributes whose change lapses a decision (money moves every year and shows through the tier)
LAPSING_ATTRIBUTES = (
    "audience",
    "personal_data",
    "information_class",
    "network_zone",
    "development_form",
    "tier",
)


@dataclass(frozen=True)
class GateView:
    """A gate with all that decides its outcome, read in a fixed number of queries."""

    gate: Gate
    pack: Pack
    criteria: tuple[Criterion, ...]
    facts: GateFacts
    evaluation: Evaluation
    answers: dict[str, Answer]
    evidence: dict[str, list[Evidence]]
    findings: list[Finding]
    waivers: list[Waiver]
    submission: Submission | None
    decision: Decision | None
    basis: dict[str, Any]
    changes: tuple[BasisChange, ...]

    @property
    def titles(self) -> dict[str, str]:
        """Criterion titles in the active language, by code."""
        return titles_of(self.pack)

    def messages(self) -> list[tuple[Blocker, str]]:
        """Blockers with their sentences in the active language."""
        names, titles = measures.measure_titles(), self.titles
        return [(b, blocker_message(b, titles, names)) for b in self.evaluation.blockers]

    def change_messages(self) -> list[str]:
        """What changed under the standing decision, as sentences."""
        titles = self.titles
        return [change_message(change, titles) for change in self.changes]

    def noted_messages(self) -> list[str]:
        """What changed under the decision that lapsed and reopened this gate, as sentences."""
        return noted_changes(self.gate.lapse_changes, self.titles)

    @property
    def is_lapsed(self) -> bool:
        """Whether the decision in force rests on something that is no longer so."""
        return bool(self.changes)


def titles_of(pack: Pack) -> dict[str, str]:
    """Criterion titles in the active language, by code."""
    language = get_language() or "ja"
    return {c.code: c.title.get(language) for c in pack.criteria}


def visible_gates(actor: Actor) -> GateQuerySet:
    """Gates of the books a person may read."""
    return Gate.objects.filter(project__in=Project.objects.visible_to(actor).order_by())


def attributes_of(project: Project, gate: Gate) -> dict[str, Any]:
    """Project attributes as the condition language of standards knows them."""
    return _attributes(project, gate, _peak(project.budget_years.all()))


def _attributes(project: Project, gate: Gate, peak_yen: int) -> dict[str, Any]:
    release = gate.release
    return {
        "audience": project.audience,
        "personal_data": project.personal_data,
        "information_class": project.information_class,
        "network_zone": project.network_zone,
        "development_form": project.development_form,
        "tier": project.tier,
        "phase": gate.phase,
        "release_kind": release.kind if release else "none",
        "emergency": release.emergency if release else False,
        "budget_yen": peak_yen,
    }


@dataclass(frozen=True)
class BookRows:
    """Rows of a book that bear on its gates: all its budget years, and conditions with their decisions."""

    budget_years: list[BudgetYear]
    conditions: list[Condition]

    def overdue(self) -> list[Condition]:
        return [condition for condition in self.conditions if condition.state == "overdue"]


def read_gate(gate: Gate, today: dt.date | None = None, rows: BookRows | None = None) -> GateView:
    """All facts of a gate and their evaluation. ``gate`` should be read ``to_evaluate()``.

    ``rows``: what the caller has read of the book already, and shows beside it.
    """
    today = today or timezone.localdate()
    return _view(gate, _read_record([gate], today, rows), today)


def read_gates(gates: Sequence[Gate], today: dt.date | None = None) -> list[GateView]:
    """The same of many gates, in as many queries as of one, apart from what their measures ask themselves."""
    today = today or timezone.localdate()
    record = _read_record(gates, today)
    return [_view(gate, record, today) for gate in gates]


@dataclass(frozen=True)
class _Record:
    """Rows of several gates, by key of the gate; ``overdue`` and ``budget_years`` by key of the project."""

    answers: dict[int, list[Answer]]
    evidence: dict[int, list[Evidence]]
    findings: dict[int, list[Finding]]
    waivers: dict[int, list[Waiver]]
    submissions: dict[int, Submission]
    decisions: dict[int, Decision]
    reviews: dict[int, list[Review]]
    overdue: dict[int, list[Condition]]
    budget_years: dict[int, list[BudgetYear]]


def _read_record(gates: Sequence[Gate], today: dt.date, rows: BookRows | None = None) -> _Record:
    keys = [gate.pk for gate in gates]
    shown = Evidence.objects.filter(gate__in=keys, removed_at__isnull=True)
    newest = Submission.objects.filter(gate=OuterRef("gate")).order_by("-number").values("pk")[:1]
    submissions = Submission.objects.filter(gate__in=keys, pk=Subquery(newest)).select_related("submitted_by")
    by_gate = {submission.gate_id: submission for submission in submissions}
    judged = [by_gate[gate.pk].pk for gate in gates if gate.pk in by_gate and gate.state != GateState.OPEN]
    decisions = Decision.objects.filter(submission__in=[submission.pk for submission in by_gate.values()])
    findings = Finding.objects.filter(gate__in=keys).select_related("review__reviewer", "replied_by")
    waivers = Waiver.objects.filter(gate__in=keys, revoked_at__isnull=True).select_related("granted_by")
    overdue, budget_years = _of_books({gate.project_id for gate in gates}, today, rows)
    reviews = Review.objects.filter(submission__in=judged).order_by("id") if judged else ()
    return _Record(
        answers=_grouped(Answer.objects.filter(gate__in=keys).select_related("answered_by"), "gate_id"),
        evidence=_grouped(
            shown.select_related("attachment__clean", "attachment__uploaded_by", "added_by"), "gate_id"
        ),
        findings=_grouped(findings.order_by("id"), "gate_id"),
        waivers=_grouped(waivers.order_by("expires_on"), "gate_id"),
        submissions=by_gate,
        decisions={made.submission_id: made for made in decisions.select_related("decided_by")}
        if by_gate
        else {},
        reviews=_grouped(reviews, "submission_id"),
        overdue=overdue,
        budget_years=budget_years,
    )


def _of_books(
    projects: set[int], today: dt.date, rows: BookRows | None
) -> tuple[dict[int, list[Condition]], dict[int, list[BudgetYear]]]:
    """Overdue conditions and budget years by key of the project; ``rows`` tells both of a single book."""
    if rows is not None:
        [project] = projects
        return {project: rows.overdue()}, {project: rows.budget_years}
    overdue = Condition.objects.standing().filter(project__in=projects, due_on__lt=today)
    years = BudgetYear.objects.filter(project__in=projects)
    return _grouped(overdue.order_by("due_on", "id"), "project_id"), _grouped(years, "project_id")


def _grouped(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _peak(years: Iterable[BudgetYear]) -> int:
    """The largest amount of any year, approved or requested, in yen."""
    return max((max(year.approved or 0, year.requested or 0) for year in years), default=0)


def _view(gate: Gate, record: _Record, today: dt.date) -> GateView:
    pack = gate.standard.load()
    attributes = _attributes(gate.project, gate, _peak(record.budget_years.get(gate.project_id, ())))
    criteria = tuple(pack.applicable(gate.section, attributes))
    answers = {a.criterion: a for a in record.answers.get(gate.pk, ())}
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for item in record.evidence.get(gate.pk, ()):
        evidence[item.criterion].append(item)
    submission = record.submissions.get(gate.pk)
    decision = record.decisions.get(submission.pk) if submission else None
    facts = _facts(gate, criteria, answers, evidence, record, today)
    lapsing = {name: attributes[name] for name in LAPSING_ATTRIBUTES}
    proofs = {c.code: _proof(answers.get(c.code), evidence.get(c.code, [])) for c in criteria}
    basis = basis_of(facts, lapsing, pack.sha256, proofs)
    standing = decision and gate.state == GateState.PASSED
    changes = compare_basis(decision.basis, basis) if decision and standing else ()
    return GateView(
        gate,
        pack,
        criteria,
        facts,
        evaluate(facts),
        answers,
        dict(evidence),
        record.findings.get(gate.pk, []),
        record.waivers.get(gate.pk, []),
        submission,
        decision,
        basis,
        changes,
    )


def _facts(
    gate: Gate,
    criteria: tuple[Criterion, ...],
    answers: dict[str, Answer],
    evidence: dict[str, list[Evidence]],
    record: _Record,
    today: dt.date,
) -> GateFacts:
    submission = record.submissions.get(gate.pk)
    reviews = record.reviews.get(submission.pk, ()) if submission else ()
    standing = record.overdue.get(gate.project_id, [])
    at_hand: dict[measures.Measurer, Measurement] = {
        builtin_measures.overdue_conditions: Measurement(len(standing), timezone.now()),
        builtin_measures.budget_execution_rate: builtin_measures.execution_rate_of(
            record.budget_years.get(gate.project_id, ())
        ),
    }
    return GateFacts(
        criteria=criteria,
        tier=gate.project.tier,
        today=today,
        answers={c: _answer_state(answers.get(c), evidence.get(c, [])) for c in {x.code for x in criteria}},
        measurements=measures.take(
            (c.measure.name for c in criteria if c.measure), gate.project, gate.release, at_hand
        ),
        findings=tuple(
            FindingState(f.pk, f.criterion, f.severity, f.state, f.text)
            for f in record.findings.get(gate.pk, ())
        ),
        reviews=tuple(ReviewState(r.reviewer_id, r.reviewer_role) for r in reviews),
        overdue=tuple(ConditionState(c.pk, "", c.text, c.due_on) for c in standing if c.gate_id != gate.pk),
        waivers={w.criterion: w.expires_on for w in record.waivers.get(gate.pk, ())},
    )


def _answer_state(answer: Answer | None, evidence: list[Evidence]) -> AnswerState:
    files = sum(1 for item in evidence if item.attachment_id)
    links = len(evidence) - files
    if answer is None:
        return AnswerState(files=files, links=links)
    return AnswerState(answer.value, answer.comment, files, links, answer.needs_look)


def _proof(answer: Answer | None, evidence: list[Evidence]) -> str:
    """Hash of what was said and shown for one criterion."""
    said = [answer.value, answer.comment] if answer else []
    shown = sorted(item.url or (item.attachment.sha256 if item.attachment else "") for item in evidence)
    return sha256_of([said, shown])


def get_gate(actor: Actor, gate_id: int) -> Gate | None:
    """A gate this person may see, with what its evaluation needs; None otherwise."""
    gates = visible_gates(actor).to_evaluate()
    return gates.filter(pk=gate_id).first()


def carried_into(gate: Gate) -> list[tuple[Gate, Criterion]]:
    """What earlier gates of the project recommended and found unmet, newest gate first."""
    earlier = (
        Submission.objects.filter(
            gate__project_id=gate.project_id, decision__result__in=("go", "conditional")
        )
        .filter(Q(gate__opened_at__lt=gate.opened_at) | Q(gate__opened_at=gate.opened_at, gate__lt=gate.pk))
        .select_related("gate__standard", "gate__release", "gate__project")
        .defer("gate__standard__document")
        .order_by("-gate__opened_at", "-number")
    )
    seen: set[int] = set()
    carried = []
    for submission in earlier:
        if submission.gate_id in seen:
            continue
        seen.add(submission.gate_id)
        pack = submission.gate.standard.load()
        for code in submission.document.get("carried", []):
            if criterion := pack.get(code):
                carried.append((submission.gate, criterion))
    return carried
