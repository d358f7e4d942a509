"""Reads a gate's facts from the record and evaluates them."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import get_language

from sekisho.book import measures
from sekisho.book.chain import sha256_of
from sekisho.book.evaluation import (
    AnswerState,
    BasisChange,
    Blocker,
    ConditionState,
    Evaluation,
    FindingState,
    GateFacts,
    ReviewState,
    basis_of,
    compare_basis,
    evaluate,
)
from sekisho.book.models import (
    Answer,
    Condition,
    Decision,
    Evidence,
    Finding,
    Gate,
    GateState,
    Project,
    Review,
    Submission,
    Waiver,
)
from sekisho.book.words import blocker_message, change_message
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

    @property
    def is_lapsed(self) -> bool:
        """Whether the decision in force rests on something that is no longer so."""
        return bool(self.changes)


def titles_of(pack: Pack) -> dict[str, str]:
    """Criterion titles in the active language, by code."""
    language = get_language() or "ja"
    return {c.code: c.title.get(language) for c in pack.criteria}


def visible_gates(actor: Actor) -> Any:
    """Gates of the books a person may read."""
    return Gate.objects.filter(project__in=Project.objects.visible_to(actor).order_by())


def attributes_of(project: Project, gate: Gate) -> dict[str, Any]:
    """Project attributes as the condition language of standards knows them."""
    peak = project.budget_years.aggregate(a=Max("approved"), r=Max("requested"))
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
        "budget_yen": max(peak["a"] or 0, peak["r"] or 0),
    }


def read_gate(gate: Gate, today: dt.date | None = None) -> GateView:
    """All facts of a gate and their evaluation. ``gate`` should come with project, standard and release."""
    today = today or timezone.localdate()
    pack = gate.standard.load()
    attributes = attributes_of(gate.project, gate)
    criteria = tuple(pack.applicable(gate.section, attributes))
    answers = {a.criterion: a for a in gate.answers.select_related("answered_by")}
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for item in gate.evidence.filter(removed_at__isnull=True).select_related(
        "attachment__clean", "attachment__uploaded_by", "added_by"
    ):
        evidence[item.criterion].append(item)
    submission = gate.submissions.select_related("submitted_by").order_by("-number").first()
    decision = _decision_of(submission)
    facts = _facts(gate, criteria, answers, evidence, submission, today)
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
        submission,
        decision,
        basis,
        changes,
    )


def _decision_of(submission: Submission | None) -> Decision | None:
    if submission is None:
        return None
    return Decision.objects.filter(submission=submission).select_related("decided_by").first()


def _facts(
    gate: Gate,
    criteria: tuple[Criterion, ...],
    answers: dict[str, Answer],
    evidence: dict[str, list[Evidence]],
    submission: Submission | None,
    today: dt.date,
) -> GateFacts:
    return GateFacts(
        criteria=criteria,
        tier=gate.project.tier,
        today=today,
        answers={c: _answer_state(answers.get(c), evidence.get(c, [])) for c in {x.code for x in criteria}},
        measurements=measures.take(
            (c.measure.name for c in criteria if c.measure), gate.project, gate.release
        ),
        findings=_findings(gate),
        reviews=_reviews(submission, gate),
        overdue=_overdue(gate, today),
        waivers=_waivers(gate),
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


def _findings(gate: Gate) -> tuple[FindingState, ...]:
    rows = Finding.objects.filter(gate=gate).order_by("id")
    return tuple(FindingState(f.pk, f.criterion, f.severity, f.state, f.text) for f in rows)


def _reviews(submission: Submission | None, gate: Gate) -> tuple[ReviewState, ...]:
    if submission is None or gate.state == GateState.OPEN:
        return ()
    rows = Review.objects.filter(submission=submission).order_by("id")
    return tuple(ReviewState(r.reviewer_id, r.reviewer_role) for r in rows)


def _overdue(gate: Gate, today: dt.date) -> tuple[ConditionState, ...]:
    rows = Condition.objects.filter(
        project_id=gate.project_id,
        resolved_at__isnull=True,
        due_on__lt=today,
        decision__lapsed_at__isnull=True,
    ).exclude(gate=gate)
    return tuple(ConditionState(c.pk, "", c.text, c.due_on) for c in rows.order_by("due_on", "id"))


def _waivers(gate: Gate) -> dict[str, dt.date]:
    rows = Waiver.objects.filter(gate=gate, revoked_at__isnull=True).order_by("expires_on")
    return {w.criterion: w.expires_on for w in rows}


def get_gate(actor: Actor, gate_id: int) -> Gate | None:
    """A gate this person may see, with what its evaluation needs; None otherwise."""
    gates = visible_gates(actor).select_related("project__owner", "standard", "release")
    return gates.filter(pk=gate_id).first()


def carried_into(gate: Gate) -> list[tuple[Gate, Criterion]]:
    """What earlier gates of the project recommended and found unmet, newest gate first."""
    earlier = (
        Submission.objects.filter(
            gate__project_id=gate.project_id, decision__result__in=("go", "conditional")
        )
        .filter(Q(gate__opened_at__lt=gate.opened_at) | Q(gate__opened_at=gate.opened_at, gate__lt=gate.pk))
        .select_related("gate__standard", "gate__release", "gate__project")
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
