"""API of gates: reading, answering, submitting, reviewing, deciding."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from sekisho.book.api import gate_documents as documents
from sekisho.book.api.common import (
    IfMatch,
    content_tag,
    expect_unchanged,
    expected_version,
    find_gate,
    find_person,
    find_project,
    find_seen,
    named,
    version_tag,
)
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.api.schemas import (
    AnswerBody,
    AnswerOut,
    ConditionOut,
    DecisionBody,
    DecisionGiven,
    FileOut,
    FindingOut,
    GateOut,
    GateRow,
    GateState,
    ResolveBody,
    ReviewBody,
    ReviewGiven,
    SubmittedOut,
    TextBody,
    WaiverBody,
    WaiverOut,
)
from sekisho.book.api.schemas_parts import (
    GatePatch,
    InvitationBody,
    InvitationOut,
    SnapshotOut,
    StandardPatch,
    UpgradeOut,
)
from sekisho.book.models import Answer, Condition, Evidence, Finding, Gate, Waiver
from sekisho.book.queries.gates import read_gate
from sekisho.book.services import decisions, gates, reviews
from sekisho.errors import Invalid, NotFound
from sekisho.people.api_paging import Line
from sekisho.people.permissions import actor_of
from sekisho.standards.models import StandardVersion
from sekisho.standards.queries import versions_of

router = Router(tags=["gates"])
_TITLE: str = Form("")
_UNANSWERED: dict[str, Any] = {
    "value": "",
    "comment": "",
    "links": [],
    "files": [],
    "by": None,
    "at": None,
    "version": 0,
}


@router.get("/projects/{code}/gates", response=Page[GateRow])
def list_gates(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """The gates of a book: of its phases and of its releases."""
    project = find_project(request, code)
    rows = project.gates.to_evaluate()
    return paginate(request, rows, filters, documents.gate_row)


@router.get("/gates/{int:gate_id}", response=GateOut)
def read_gate_in_full(request: HttpRequest, gate_id: int, response: HttpResponse) -> dict[str, Any]:
    """A gate: what is asked, answered and measured, what bars the way, what was decided."""
    document = documents.gate_document(find_gate(request, gate_id))
    response["ETag"] = content_tag(gate_id, document)
    return document


@router.patch("/gates/{int:gate_id}", response=GateRow)
def set_gate_due(
    request: HttpRequest, gate_id: int, payload: GatePatch, if_match: IfMatch = None
) -> dict[str, Any]:
    """Set the day on which the team wants to stand before this gate; null when there is none."""
    gate = find_gate(request, gate_id)
    if if_match:
        tag = content_tag(gate_id, documents.gate_document(gate))
        expect_unchanged(if_match, tag, {"due_on": gate.due_on}, payload.model_dump(mode="json"))
    gate = gates.set_due(request.user, gate, payload.due_on, **({"read": gate.due_on} if if_match else {}))
    return documents.gate_row(gate)


@router.get("/gates/{int:gate_id}/standard", response=UpgradeOut)
def preview_gate_standard(request: HttpRequest, gate_id: int, version: Line) -> dict[str, Any]:
    """What moving this gate to another version of its standard would do to the answers."""
    gate = find_gate(request, gate_id)
    target = find_version(gate, version)
    return _upgrade(target, gates.preview_upgrade(gate, target))


@router.put("/gates/{int:gate_id}/standard", response=UpgradeOut)
def move_gate_to_standard(request: HttpRequest, gate_id: int, payload: StandardPatch) -> dict[str, Any]:
    """Move an open gate to another version of its standard. Answers that still fit are kept."""
    gate = find_gate(request, gate_id)
    target = find_version(gate, payload.version)
    return _upgrade(target, gates.upgrade_standard(request.user, gate, target))


def find_version(gate: Gate, version: str) -> StandardVersion:
    """A registered version of the gate's pack.

    Raises:
        Invalid: there is none.
    """
    found = versions_of(gate.standard.pack).filter(version=version).first()
    if found is None:
        raise Invalid(_("There is no such version of this gate's standard."), field="version")
    return found


def _upgrade(target: StandardVersion, result: gates.Upgrade) -> dict[str, Any]:
    standard = {"pack": target.pack, "version": target.version}
    return {"standard": standard, **asdict(result)}


@router.get("/gates/{int:gate_id}/snapshots", response=Page[SnapshotOut])
def list_snapshots(request: HttpRequest, gate_id: int, filters: Query[Paging]) -> dict[str, Any]:
    """What was frozen at each submission. `sha256` is over `document` as JSON in UTF-8 with sorted keys and no spaces."""
    rows = find_gate(request, gate_id).submissions.select_related("submitted_by")
    return paginate(request, rows, filters, documents.snapshot)


@router.get("/gates/{int:gate_id}/answers/{criterion}", response=AnswerOut)
def read_answer(request: HttpRequest, gate_id: int, criterion: str, response: HttpResponse) -> dict[str, Any]:
    """One answer; its ETag is `"0"` before anyone answered."""
    gate = find_gate(request, gate_id)
    if criterion not in {asked.code for asked in read_gate(gate).criteria}:
        raise NotFound(_("This gate has no such criterion, or it does not apply here."))
    return _answer(gate, criterion, response)


def _answer(gate: Gate, criterion: str, response: HttpResponse) -> dict[str, Any]:
    row = Answer.objects.select_related("answered_by").filter(gate=gate, criterion=criterion).first()
    shown = gate.evidence.filter(criterion=criterion, removed_at__isnull=True)
    evidence = list(shown.select_related("attachment__clean", "attachment__uploaded_by", "added_by"))
    document = documents.answer(row, evidence) or _UNANSWERED
    response["ETag"] = version_tag(document["version"])
    return document


@router.put("/gates/{int:gate_id}/answers/{criterion}", response=AnswerOut)
def save_answer(
    request: HttpRequest,
    gate_id: int,
    criterion: str,
    payload: AnswerBody,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer one criterion. With If-Match, a save made since is never overwritten (412 shows both)."""
    gate = find_gate(request, gate_id)
    values = payload.model_dump()
    gates.save_answer(request.user, gate, criterion, **values, expected_version=expected_version(if_match))
    return _answer(gate, criterion, response)


@router.post("/gates/{int:gate_id}/answers/{criterion}/files", response={201: FileOut})
def add_evidence_file(
    request: HttpRequest, gate_id: int, criterion: str, file: File[UploadedFile], title: Line = _TITLE
) -> Any:
    """Show a file as evidence (multipart/form-data)."""
    gate = find_gate(request, gate_id)
    evidence = gates.add_evidence_file(request.user, gate, criterion, upload=file, title=title)
    kept = Evidence.objects.select_related("attachment__clean", "attachment__uploaded_by", "added_by").get(
        pk=evidence.pk
    )
    return Status(201, documents.evidence_file(kept))


@router.post("/gates/{int:gate_id}/submit", response=SubmittedOut)
def submit_gate(request: HttpRequest, gate_id: int) -> dict[str, Any]:
    """Freeze answers, evidence and measurements in a snapshot and hand it to the reviewers."""
    gate = find_gate(request, gate_id)
    submission = gates.submit(request.user, gate)
    gate.refresh_from_db()
    return {"snapshot_sha256": submission.sha256, "number": submission.number, "state": gate.state}


@router.post("/gates/{int:gate_id}/withdraw", response=GateState)
def withdraw_gate(request: HttpRequest, gate_id: int) -> dict[str, Any]:
    """Take a submission back before it is decided. The snapshot stays."""
    gate = gates.withdraw(request.user, find_gate(request, gate_id))
    return {"id": gate.pk, "state": gate.state}


@router.get("/gates/{int:gate_id}/invitations", response=Page[InvitationOut])
def list_invitations(request: HttpRequest, gate_id: int, filters: Query[Paging]) -> dict[str, Any]:
    """Who was asked to review this gate."""
    rows = find_gate(request, gate_id).invitations.select_related("user", "invited_by")
    return paginate(request, rows, filters, documents.invitation)


@router.post("/gates/{int:gate_id}/invitations", response={201: InvitationOut})
def invite_reviewer(request: HttpRequest, gate_id: int, payload: InvitationBody) -> Any:
    """Ask an expert or CIO aide to review. They may then read this book and review this gate."""
    gate = find_gate(request, gate_id)
    reviews.require_inviter(request.user, gate)  # before names are looked up
    person = find_person(payload.person, "person")
    try:
        asked = reviews.invite_reviewer(request.user, gate, person, payload.due)
    except Invalid as problem:
        raise named(problem, due_on="due") from None
    return Status(201, documents.invitation(asked))


@router.post("/gates/{int:gate_id}/reviews", response={201: ReviewGiven})
def give_review(request: HttpRequest, gate_id: int, payload: ReviewBody) -> Any:
    """Review the submission, with findings tied to criteria."""
    gate = find_gate(request, gate_id)
    findings = [reviews.NewFinding(f.severity, f.text, f.criterion or "") for f in payload.findings]
    given = reviews.give_review(
        request.user, gate, recommendation=payload.recommendation, findings=findings, comment=payload.comment
    )
    raised = [documents.finding(row) for row in given.findings.all()]
    return Status(201, {**documents.review(given), "findings": raised})


@router.post("/findings/{int:finding_id}/reply", response=FindingOut)
def reply_to_finding(request: HttpRequest, finding_id: int, payload: TextBody) -> dict[str, Any]:
    """The team's answer to a finding."""
    return documents.finding(
        reviews.reply_to_finding(request.user, _finding(request, finding_id), payload.text)
    )


@router.post("/findings/{int:finding_id}/resolve", response=FindingOut)
def resolve_finding(request: HttpRequest, finding_id: int) -> dict[str, Any]:
    """Accept that a finding is dealt with."""
    return documents.finding(reviews.resolve_finding(request.user, _finding(request, finding_id)))


def _finding(request: HttpRequest, finding_id: int) -> Finding:
    rows = Finding.objects.select_related("gate__project")
    found: Finding = find_seen(request, rows, finding_id, "gate__project")
    return found


@router.post("/gates/{int:gate_id}/decision", response={201: DecisionGiven})
def decide_gate(request: HttpRequest, gate_id: int, payload: DecisionBody) -> Any:
    """Decide on the submission. ``go`` is refused with 409 and the blockers while one stands."""
    gate = find_gate(request, gate_id)
    decisions.require_decider(actor_of(request.user), gate)  # before names are looked up
    made = decisions.decide(
        request.user, gate, result=payload.result, reason=payload.reason, conditions=_conditions(payload)
    )
    demanded = made.conditions.select_related("project", "owner", "resolved_by")
    document = documents.decision(made, [])
    gate.refresh_from_db()
    return Status(
        201, {**document, "conditions": [documents.condition(c) for c in demanded], "state": gate.state}
    )


def _conditions(payload: DecisionBody) -> list[decisions.NewCondition]:
    """The conditions with their owners; every unknown username is named at once."""
    found: list[decisions.NewCondition] = []
    problems: dict[str, Any] = {}
    for index, new in enumerate(payload.conditions):
        try:
            owner = find_person(new.owner, f"conditions.{index}.owner")
            found.append(decisions.NewCondition(new.text, owner, new.due, new.criterion or ""))
        except Invalid as problem:
            problems |= problem.fields
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return found


@router.post("/gates/{int:gate_id}/waivers", response={201: WaiverOut})
def grant_waiver(request: HttpRequest, gate_id: int, payload: WaiverBody) -> Any:
    """Let one criterion pass until a day, with a reason. Quality office only."""
    granted = decisions.grant_waiver(
        request.user,
        find_gate(request, gate_id),
        criterion=payload.criterion,
        reason=payload.reason,
        expires_on=payload.expires,
    )
    return Status(201, documents.waiver(granted))


@router.post("/waivers/{int:waiver_id}/revoke", response=WaiverOut)
def revoke_waiver(request: HttpRequest, waiver_id: int) -> dict[str, Any]:
    """End a waiver before its day. Quality office only."""
    rows = Waiver.objects.select_related("gate__project", "granted_by")
    found: Waiver = find_seen(request, rows, waiver_id, "gate__project")
    decisions.revoke_waiver(request.user, found)
    found.refresh_from_db(fields=["revoked_at"])
    return documents.waiver(found)


@router.post("/conditions/{int:condition_id}/resolve", response=ConditionOut)
def resolve_condition(request: HttpRequest, condition_id: int, payload: ResolveBody) -> dict[str, Any]:
    """Say how a condition was met, with links that show it."""
    rows = Condition.objects.select_related("project", "owner")
    found: Condition = find_seen(request, rows, condition_id, "project")
    return documents.condition(
        decisions.resolve_condition(request.user, found, text=payload.text, links=payload.links)
    )
