"""Gates as the API shows them."""

from typing import Any

from sekisho.book import measures
from sekisho.book.api.documents import pick, stored_file
from sekisho.book.models import (
    Answer,
    Condition,
    Decision,
    Evidence,
    Finding,
    Gate,
    GateState,
    Review,
    ReviewInvitation,
    Submission,
    Waiver,
)
from sekisho.book.queries.gates import GateView, carried_into, read_gate
from sekisho.book.words import noted_changes
from sekisho.people.api import person
from sekisho.standards.api import words
from sekisho.standards.pack import Criterion

#: states in which nothing bars the way any more, because the way was gone or closed
_CLOSED = (GateState.USED, GateState.STOPPED)


def gate_row(gate: Gate) -> dict[str, Any]:
    """A gate as one line. Needs project, standard and release; a gate still open is evaluated."""
    if gate.state in _CLOSED:
        return {**_head(gate), "blocker_count": 0, "lapsed": False}
    view = read_gate(gate)
    return {**_head(gate), "blocker_count": len(view.evaluation.blockers), "lapsed": _is_lapsed(view)}


def _head(gate: Gate) -> dict[str, Any]:
    return {
        **pick(gate, ("id", "phase", "state", "due_on", "opened_at")),
        "project": gate.project.code,
        "release": gate.release.version if gate.release else None,
        "standard": {"pack": gate.standard.pack, "version": gate.standard.version},
    }


def gate_document(gate: Gate) -> dict[str, Any]:
    """Everything about a gate, in a fixed number of queries. Needs project, standard and release."""
    view = read_gate(gate)
    submission, changes = view.submission, _changes(view)
    decision_document = decision(view.decision, changes) if view.decision else None
    return {
        **_head(gate),
        "blocker_count": len(view.evaluation.blockers),
        "lapsed": _is_lapsed(view),
        "changes": changes,
        "criteria": [_criterion(view, criterion) for criterion in view.criteria],
        "blockers": blockers(view),
        "findings": [finding(row) for row in gate.findings.select_related("replied_by", "resolved_by")],
        "reviews": [review(row) for row in gate.reviews.select_related("reviewer", "submission")],
        "conditions": [condition(row) for row in _conditions(gate)],
        "waivers": [waiver(row) for row in gate.waivers.select_related("granted_by")],
        "carried": [
            {"gate": earlier.pk, "criterion": criterion.code, "title": words(criterion.title)}
            for earlier, criterion in carried_into(gate)
        ],
        "snapshot_sha256": submission.sha256 if submission else None,
        "submitted_by": person(submission.submitted_by) if submission else None,
        "submitted_at": submission.submitted_at if submission else None,
        "decision": decision_document,
    }


def _conditions(gate: Gate) -> Any:
    return gate.conditions.select_related("project", "owner", "resolved_by")


def _is_lapsed(view: GateView) -> bool:
    """Whether the newest decision no longer holds, noted already or only just seen."""
    noted = bool(view.decision and view.decision.lapsed_at) and view.gate.state == GateState.OPEN
    return view.is_lapsed or noted


def _changes(view: GateView) -> list[str]:
    """What changed under the newest decision, as sentences; empty while it holds."""
    if view.is_lapsed or view.decision is None:
        return view.change_messages()
    return noted_changes(view.decision.lapse_changes, view.titles)


def blockers(view: GateView) -> list[dict[str, Any]]:
    """What bars the way, each with its sentence."""
    return [
        {"code": blocker.code, "criterion": blocker.criterion or None, "message": message}
        for blocker, message in view.messages()
    ]


def _criterion(view: GateView, criterion: Criterion) -> dict[str, Any]:
    code = criterion.code
    return {
        **pick(criterion, ("code", "level", "requirement", "evidence")),
        **{name: words(getattr(criterion, name)) for name in ("group", "title", "guidance", "source")},
        "answer": answer(view.answers.get(code), view.evidence.get(code, [])),
        "measurement": _measurement(view, criterion),
        "waived_until": view.facts.waivers.get(code),
    }


def answer(row: Answer | None, shown: list[Evidence]) -> dict[str, Any] | None:
    """An answer with its evidence; None when nothing was said or shown. Evidence may come first: version 0 then."""
    if row is None and not shown:
        return None
    return {
        "value": row.value if row else "",
        "comment": row.comment if row else "",
        "links": [item.url for item in shown if item.url],
        "files": [evidence_file(item) for item in shown if item.attachment],
        "by": person(row.answered_by) if row else None,
        "at": row.answered_at if row else None,
        "version": row.version if row else 0,
    }


def evidence_file(item: Evidence) -> dict[str, Any]:
    """A file shown as evidence, with its hash."""
    kept = item.attachment
    assert kept is not None, "only evidence that is a file is shown as one"
    shown = {"id": item.pk, "title": item.title, "by": person(item.added_by), "at": item.added_at}
    return {**stored_file(kept), **shown}


def evidence(item: Evidence) -> dict[str, Any]:
    """Something shown for a criterion: a link or a file."""
    return {
        **pick(item, ("id", "criterion", "title", "url")),
        "file": item.attachment_id,
        "by": person(item.added_by),
        "at": item.added_at,
    }


def invitation(row: ReviewInvitation) -> dict[str, Any]:
    """Somebody who was asked to review."""
    return {
        "id": row.pk,
        "person": person(row.user),
        "by": person(row.invited_by),
        "at": row.invited_at,
        "due": row.due_on,
    }


def _measurement(view: GateView, criterion: Criterion) -> dict[str, Any] | None:
    demand = criterion.measure
    if demand is None:
        return None
    known, taken = measures.all_measures().get(demand.name), view.facts.measurements.get(demand.name)
    return {
        "name": demand.name,
        "title": str(known.title) if known else demand.name,
        "unit": str(known.unit) if known else "",
        "value": taken.value if taken else None,
        "measured_at": taken.measured_at if taken else None,
        "demanded": {**demand.__dict__},
    }


def finding(row: Finding) -> dict[str, Any]:
    """A finding with the team's reply."""
    names = ("id", "severity", "text", "state", "reply", "replied_at", "resolved_at")
    return {
        **pick(row, names),
        "review": row.review_id,
        "criterion": row.criterion or None,
        "replied_by": person(row.replied_by),
        "resolved_by": person(row.resolved_by),
    }


def review(row: Review) -> dict[str, Any]:
    """A review of one submission."""
    return {
        **pick(row, ("id", "recommendation", "comment")),
        "submission": row.submission.number,
        "reviewer": person(row.reviewer),
        "role": row.reviewer_role,
        "at": row.reviewed_at,
    }


def condition(row: Condition) -> dict[str, Any]:
    """A condition with its owner and due date. Needs project, owner and resolved_by."""
    return {
        **pick(row, ("id", "text", "resolution", "links", "resolved_at")),
        "project": row.project.code,
        "gate": row.gate_id,
        "criterion": row.criterion or None,
        "owner": person(row.owner),
        "due": row.due_on,
        "resolved_by": person(row.resolved_by),
    }


def decision(row: Decision, changes: list[str]) -> dict[str, Any]:
    """A decision, the snapshot it rests on, and what changed under it."""
    return {
        **pick(row, ("result", "reason", "used_at")),
        "by": person(row.decided_by),
        "at": row.decided_at,
        "snapshot_sha256": row.submission.sha256,
        "lapsed": bool(row.lapsed_at or changes),
        "changes": changes,
    }


def snapshot(row: Submission) -> dict[str, Any]:
    """What was frozen at a submission, with its hash."""
    return {
        **pick(row, ("number", "sha256", "document", "submitted_at")),
        "submitted_by": person(row.submitted_by),
    }


def waiver(row: Waiver) -> dict[str, Any]:
    """A waiver with the day it ends."""
    return {
        **pick(row, ("id", "criterion", "reason", "revoked_at")),
        "expires": row.expires_on,
        "by": person(row.granted_by),
        "at": row.granted_at,
    }
