"""Acts on a gate up to its submission: open, answer, show evidence, move to a newer standard, submit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book import notices
from sekisho.book.chain import sha256_of
from sekisho.book.models import (
    Answer,
    AnswerValue,
    Attachment,
    Evidence,
    Gate,
    GateState,
    Phase,
    Release,
    Submission,
)
from sekisho.book.queries.gates import GateView, attributes_of, read_gate
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import (
    UNREAD,
    Act,
    Unread,
    choice,
    clean_url,
    expect_date,
    locked_gate,
    not_past,
    readable,
)
from sekisho.book.services.files import store_attachment
from sekisho.errors import Conflict, Invalid, StaleWrite
from sekisho.standards.differences import compare
from sekisho.standards.models import StandardVersion
from sekisho.standards.pack import Criterion
from sekisho.standards.queries import newer_than
from sekisho.standards.services import standard_for

MAX_COMMENT = 20_000
#: days within which the gate of an emergency release judges it
EMERGENCY_DAYS = 14


def open_phase_gate(act: Act, phase: Phase, due_on: dt.date | None = None) -> Gate:
    """Open the gate at the end of a phase with the standard in force for the owner section."""
    return _open(act, phase=phase, release=None, due_on=due_on)


def open_release_gate(act: Act, release: Release, due_on: dt.date | None = None) -> Gate:
    """Open the gate of a release."""
    return _open(act, phase=Phase(act.project.phase), release=release, due_on=due_on or release.planned_on)


def _open(act: Act, *, phase: Phase, release: Release | None, due_on: dt.date | None) -> Gate:
    standard = standard_for(act.project.owner, act.today)
    gate = Gate.objects.create(
        project=act.project, phase=phase, release=release, standard=standard, due_on=due_on, opened_at=act.now
    )
    act.write("gate.opened", {"gate": gate.reference, "gate_id": gate.pk, "standard": str(standard)})
    return gate


def set_due(user: Any, gate: Gate, due_on: dt.date | None, *, read: dt.date | Unread | None = UNREAD) -> Gate:
    """Set when the team wants to stand before this gate; ``read`` is the day that the caller saw.

    Raises:
        StaleWrite: another day was set since.
    """
    with acting_on(user, gate.project) as act:
        act.require("edit")
        not_past(due_on, "due_on", act.today)
        gate = locked_gate(gate)
        expect_date("due_on", gate.due_on, read, due_on)
        _refuse_later_than_emergency_allows(gate, due_on)
        before, gate.due_on = gate.due_on, due_on
        gate.save(update_fields=["due_on"])
        params = {"gate": gate.reference, "gate_id": gate.pk, "date": due_on.isoformat() if due_on else "–"}
        act.write("gate.due_set", params, before={"due_on": before}, after={"due_on": due_on})
    return gate


def _refuse_later_than_emergency_allows(gate: Gate, due_on: dt.date | None) -> None:
    """What is already with its users is judged within its days, whatever anybody wishes later."""
    release = gate.release
    if release is None or not release.emergency or release.released_at is None:
        return
    latest = timezone.localtime(release.released_at).date() + dt.timedelta(days=EMERGENCY_DAYS)
    if due_on is None or due_on > latest:
        raise Invalid(
            _("An emergency release is judged within %(days)d days: by %(date)s at the latest.")
            % {"days": EMERGENCY_DAYS, "date": latest.isoformat()},
            field="due_on",
        )


def _criterion(gate: Gate, code: str) -> Criterion:
    """The criterion, when it is asked at this gate."""
    asked = gate.standard.load().applicable(gate.section, attributes_of(gate.project, gate))
    found = next((c for c in asked if c.code == code), None)
    if found is None:
        if gate.standard.load().get(code):
            raise Invalid(
                _("This criterion does not apply to this project, so there is nothing to answer."),
                field="criterion",
            )
        raise Invalid(_("This gate has no such criterion."), field="criterion")
    return found


def require_editable(gate: Gate) -> None:
    """Refuse while the gate is submitted, and once what it was decided for has happened (Conflict)."""
    if gate.state == GateState.SUBMITTED:
        raise Conflict(
            _("The gate is submitted. Take the submission back to change answers."), code="gate_submitted"
        )
    if gate.state in (GateState.USED, GateState.STOPPED):
        raise Conflict(_("This gate is closed and can no longer be changed."), code="gate_closed")


def save_answer(
    user: Any,
    gate: Gate,
    criterion: str,
    *,
    value: str,
    comment: str = "",
    links: Sequence[str] | None = None,
    expected_version: int | None = None,
) -> Answer:
    """Answer one criterion. ``links``, when given, replaces the links shown as evidence.

    Raises:
        StaleWrite: somebody saved since ``expected_version`` (0: before anyone had answered).
        Invalid: unknown or inapplicable criterion, unknown value, not applicable without a reason, a bad link.
        Conflict: the gate is submitted or closed.
    """
    with acting_on(user, gate.project) as act:
        act.require("answer")
        gate = locked_gate(gate)
        require_editable(gate)
        _criterion(gate, criterion)
        clean = clean_answer(value, comment)
        addresses = [clean_url(url) for url in links] if links is not None else None
        yours = clean if addresses is None else {**clean, "links": addresses}
        answer = _current_answer(act, gate, criterion, expected_version, yours)
        before = {"value": answer.value, "comment": answer.comment}
        said = before != clean or answer.needs_look
        answer.value, answer.comment, answer.needs_look = clean["value"], clean["comment"], False
        if said or answer.answered_at is None:
            answer.answered_by_id, answer.answered_at = act.actor.user_id, act.now
        answer.save()
        if addresses is not None:
            _replace_links(act, gate, criterion, addresses)
        if said:
            params = {"criterion": criterion, "value": answer.value, "gate_id": gate.pk}
            act.write("answer.saved", params, before=before, after=clean)
    return answer


def clean_answer(value: str, comment: str) -> dict[str, str]:
    """Value and words of an answer, as they are kept; refuse an unknown value and words that are too long (Invalid)."""
    if value:
        choice(value, AnswerValue, "value")
    comment = readable(comment)
    if len(comment) > MAX_COMMENT:
        raise Invalid(
            _("This is too long. Keep it under 20,000 characters, or attach a file."), field="comment"
        )
    if value == AnswerValue.NOT_APPLICABLE and not comment:
        raise Invalid(_("Say why this does not apply."), field="comment")
    return {"value": value, "comment": comment}


def _current_answer(
    act: Act, gate: Gate, criterion: str, expected: int | None, yours: Mapping[str, Any]
) -> Answer:
    answer = Answer.objects.select_related("answered_by").filter(gate=gate, criterion=criterion).first()
    version = answer.version if answer else 0
    if expected is not None and expected != version:
        current = {
            "value": answer.value if answer else "",
            "comment": answer.comment if answer else "",
            "links": list(_links(gate, criterion).values_list("url", flat=True)),
            "version": version,
            "by": str(answer.answered_by or "") if answer else "",
            "at": answer.answered_at.isoformat() if answer else "",
        }
        raise StaleWrite(
            _("Someone else saved this answer in the meantime. Both versions are shown; nothing is lost."),
            current=current,
            yours=yours,
        )
    if answer is None:
        return Answer(gate=gate, criterion=criterion, version=1)
    answer.version += 1
    return answer


def _links(gate: Gate, criterion: str) -> QuerySet[Evidence]:
    return gate.evidence.filter(criterion=criterion, removed_at__isnull=True).exclude(url="")


def _replace_links(act: Act, gate: Gate, criterion: str, urls: Sequence[str]) -> None:
    existing = {item.url: item for item in _links(gate, criterion)}
    for url in [u for u in dict.fromkeys(urls) if u not in existing]:
        _add_evidence(act, gate, criterion, title=url[:300], url=url)
    for url in [u for u in existing if u not in urls]:
        _remove_evidence(act, existing[url])


def add_evidence_link(user: Any, gate: Gate, criterion: str, *, url: str, title: str = "") -> Evidence:
    """Show a web page as evidence."""
    with acting_on(user, gate.project) as act:
        gate = _ready_for_evidence(act, gate, criterion)
        address = clean_url(url)
        evidence = _add_evidence(act, gate, criterion, title=(readable(title) or address)[:300], url=address)
    return evidence


def add_evidence_file(user: Any, gate: Gate, criterion: str, *, upload: File, title: str = "") -> Evidence:
    """Keep a file as evidence: stored and hashed."""
    with acting_on(user, gate.project) as act:
        gate = _ready_for_evidence(act, gate, criterion)
        attachment = store_attachment(act, upload)
        title = readable(title)[:300] or attachment.name
        evidence = _add_evidence(act, gate, criterion, title=title, attachment=attachment)
    return evidence


def _ready_for_evidence(act: Act, gate: Gate, criterion: str) -> Gate:
    act.require("add_evidence")
    gate = locked_gate(gate)
    require_editable(gate)
    _criterion(gate, criterion)
    return gate


def _add_evidence(
    act: Act, gate: Gate, criterion: str, *, title: str, url: str = "", attachment: Attachment | None = None
) -> Evidence:
    evidence = Evidence.objects.create(
        gate=gate,
        criterion=criterion,
        title=title,
        url=url,
        attachment=attachment,
        added_by_id=act.actor.user_id,
        added_at=act.now,
    )
    sha = attachment.sha256 if attachment else ""
    act.write(
        "evidence.added", {"criterion": criterion, "title": title, "url": url, "sha": sha, "gate_id": gate.pk}
    )
    return evidence


def remove_evidence(user: Any, evidence: Evidence) -> None:
    """Take evidence back. The row and its file stay for the history."""
    with acting_on(user, evidence.gate.project) as act:
        act.require("add_evidence")
        if not act.actor.may("answer", path=act.project.owner.path, project_id=act.project.pk):
            own = evidence.added_by_id == act.actor.user_id
            if not own:
                act.require("answer")
        require_editable(locked_gate(evidence.gate))
        evidence.refresh_from_db(fields=["removed_at"])
        if evidence.removed_at is None:
            _remove_evidence(act, evidence)


def _remove_evidence(act: Act, evidence: Evidence) -> None:
    evidence.removed_at = timezone.now()
    evidence.save(update_fields=["removed_at"])
    params = {"criterion": evidence.criterion, "title": evidence.title, "gate_id": evidence.gate_id}
    sha = evidence.attachment.sha256 if evidence.attachment else ""
    act.write("evidence.removed", params, before={"url": evidence.url, "sha": sha})


@dataclass(frozen=True)
class Upgrade:
    """What moving a gate to a newer version would do, or did."""

    kept: tuple[str, ...]
    to_look_at: tuple[str, ...]
    dropped: tuple[str, ...]


def preview_upgrade(gate: Gate, target: StandardVersion) -> Upgrade:
    """Which answers would be kept, need another look, or no longer have a criterion."""
    old, new = gate.standard.load(), target.load()
    difference = compare(old, new)
    touched = {change.code for change in difference.changed if change.needs_look}
    answered = list(gate.answers.order_by("criterion").values_list("criterion", flat=True))
    here = {c.code for c in new.for_phase(gate.section)}
    return Upgrade(
        kept=tuple(c for c in answered if c in here and c not in touched),
        to_look_at=tuple(c for c in answered if c in here and c in touched),
        dropped=tuple(c for c in answered if c not in here),
    )


def upgrade_standard(user: Any, gate: Gate, target: StandardVersion) -> Upgrade:
    """Move an open gate to a newer version of the same pack. Answers that still fit are kept.

    Raises:
        Conflict: not open, another pack, the version it has or an older one, which might ask less.
    """
    with acting_on(user, gate.project) as act:
        act.require("answer")
        gate = locked_gate(gate)
        if gate.state != GateState.OPEN:
            raise Conflict(
                _("Only an open gate can move to another version of the standard."), code="gate_not_open"
            )
        if target.pack != gate.standard.pack:
            raise Conflict(_("A gate keeps its standard; only the version can change."), code="other_pack")
        if target == gate.standard:
            raise Conflict(_("The gate uses this version already."), code="same_version")
        if not newer_than(gate.standard).filter(pk=target.pk).exists():
            raise Conflict(_("A gate moves only to a newer version of its standard."), code="older_version")
        result = preview_upgrade(gate, target)
        old, gate.standard = gate.standard, target
        gate.save(update_fields=["standard"])
        gate.answers.filter(criterion__in=result.to_look_at).update(needs_look=True)
        params = {"gate": gate.reference, "gate_id": gate.pk, "old": str(old), "new": str(target)}
        act.write(
            "gate.upgraded", params, after={"dropped": list(result.dropped), "look": list(result.to_look_at)}
        )
    return result


def submit(user: Any, gate: Gate) -> Submission:
    """Freeze what was answered and shown, and hand it to the reviewers.

    Raises:
        Conflict: already submitted, or past its decision.
    """
    with acting_on(user, gate.project) as act:
        act.require("submit")
        gate = locked_gate(gate)
        if gate.state == GateState.SUBMITTED:
            raise Conflict(_("This gate is already submitted."), code="already_submitted")
        if gate.state != GateState.OPEN:
            raise Conflict(_("This gate is not open."), code="gate_not_open")
        view = read_gate(gate)
        if view.evaluation.answered == 0:
            raise Conflict(
                _("Nothing is answered yet. Answer at least one criterion first."), code="nothing_answered"
            )
        document = snapshot(view)
        number = gate.submissions.count() + 1
        submission = Submission.objects.create(
            gate=gate,
            number=number,
            document=document,
            sha256=sha256_of(document),
            submitted_by_id=act.actor.user_id,
            submitted_at=act.now,
        )
        Gate.objects.filter(pk=gate.pk).update(state=GateState.SUBMITTED, lapsed_at=None, lapse_changes=[])
        act.write(
            "gate.submitted",
            {"gate": gate.reference, "gate_id": gate.pk, "sha": submission.sha256, "number": number},
        )
        notices.gate_submitted(gate, submission)
    gate.refresh_from_db()
    return submission


def withdraw(user: Any, gate: Gate) -> Gate:
    """Take a submission back before it is decided, to change answers. The snapshot stays."""
    with acting_on(user, gate.project) as act:
        act.require("submit")
        gate = locked_gate(gate)
        if gate.state != GateState.SUBMITTED:
            raise Conflict(_("There is no submission waiting for a decision."), code="not_submitted")
        Gate.objects.filter(pk=gate.pk).update(state=GateState.OPEN)
        act.write("gate.withdrawn", {"gate": gate.reference, "gate_id": gate.pk})
    gate.refresh_from_db()
    return gate


def snapshot(view: GateView) -> dict[str, Any]:
    """The frozen document of a submission: answers, evidence hashes, measurements, standard, what is carried."""
    project, gate = view.gate.project, view.gate
    return {
        "gate": {
            "id": gate.pk,
            "phase": gate.phase,
            "release": gate.release.version if gate.release else None,
        },
        "project": {"code": project.code, "name": project.name, "attributes": view.basis["attributes"]},
        "standard": {"pack": view.pack.id, "version": view.pack.version, "sha256": view.pack.sha256},
        "answers": [_answer_document(view, c.code) for c in view.criteria],
        "measurements": {
            name: {"value": m.value, "measured_at": m.measured_at.isoformat() if m.measured_at else None}
            for name, m in view.facts.measurements.items()
        },
        "carried": list(view.evaluation.carried),
    }


def _answer_document(view: GateView, code: str) -> dict[str, Any]:
    answer = view.answers.get(code)
    return {
        "criterion": code,
        "value": answer.value if answer else "",
        "comment": answer.comment if answer else "",
        "answered_by": answer.answered_by.username if answer and answer.answered_by else None,
        "answered_at": answer.answered_at.isoformat() if answer else None,
        "evidence": [
            {"title": e.title, "url": e.url, "sha256": e.attachment.sha256 if e.attachment else None}
            for e in view.evidence.get(code, [])
        ],
    }
