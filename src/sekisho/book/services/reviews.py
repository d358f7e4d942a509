"""Reviews and their findings."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book import notices
from sekisho.book.models import Finding, Gate, GateState, Membership, Review, ReviewInvitation, Severity
from sekisho.book.models.vocabulary import Recommendation
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, choice, filled, locked_gate, not_past, readable
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.people.models import User
from sekisho.people.permissions import actor_of


@dataclass(frozen=True)
class NewFinding:
    """A finding to raise. ``criterion`` may be empty when it concerns the whole."""

    severity: str
    text: str
    criterion: str = ""


def invite_reviewer(user: Any, gate: Gate, person: User, due_on: dt.date | None = None) -> ReviewInvitation:
    """Ask an expert or aide to review. The invitation lets them read this book and review this gate."""
    with acting_on(user, gate.project) as act:
        _require_inviter(act)
        not_past(due_on, "due_on", act.today)
        _require_invitable(act, gate, person)
        invitation, created = ReviewInvitation.objects.get_or_create(
            gate=gate,
            user=person,
            defaults={"invited_by_id": act.actor.user_id, "invited_at": act.now, "due_on": due_on},
        )
        if created:
            act.write(
                "review.invited",
                {"gate": gate.reference, "gate_id": gate.pk, "person": str(person), "user_id": person.pk},
            )
            notices.review_asked(gate, person, due_on)
    return invitation


def require_inviter(user: Any, gate: Gate) -> None:
    """Refuse whoever may not ask others to review (NotPermitted)."""
    _require_inviter(Act(actor_of(user), gate.project))


def _require_inviter(act: Act) -> None:
    if not act.actor.may("edit", path=act.project.owner.path, project_id=act.project.pk):
        act.require("review")


def _require_invitable(act: Act, gate: Gate, person: User) -> None:
    from sekisho.book.services.decisions import is_contractor, took_part

    if is_contractor(actor_of(person), act.project):
        raise Invalid(_("A contractor cannot be asked to review."), field="person")
    if took_part(actor_of(person), gate):
        raise Invalid(
            _("This person answered or submitted this gate, so someone else must review it."), field="person"
        )


def give_review(
    user: Any, gate: Gate, *, recommendation: str, findings: Sequence[NewFinding] = (), comment: str = ""
) -> Review:
    """Review the current submission.

    Raises:
        NotPermitted: no role for it, a contractor, or someone who answered or submitted this gate.
        Conflict: nothing is submitted.
    """
    with acting_on(user, gate.project) as act:
        act.require("review")
        gate = locked_gate(gate)
        _require_reviewer(act, gate)
        if gate.state != GateState.SUBMITTED:
            raise Conflict(_("There is no submission to review."), code="not_submitted")
        choice(recommendation, Recommendation, "recommendation")
        checked = [_checked(gate, finding, i) for i, finding in enumerate(findings)]
        submission = gate.submissions.order_by("-number").get(number=gate.submissions.count())
        review = Review.objects.create(
            gate=gate,
            submission=submission,
            reviewer_id=act.person_id,
            reviewer_role=_role(act),
            recommendation=recommendation,
            comment=readable(comment),
            reviewed_at=act.now,
        )
        act.write(
            "review.given",
            {"gate": gate.reference, "gate_id": gate.pk, "recommendation": recommendation},
            after={"comment": review.comment} if review.comment else None,
        )
        for finding in checked:
            _raise(act, review, finding)
        notices.review_given(gate, review)
    return review


def _require_reviewer(act: Act, gate: Gate) -> None:
    """Refuse contractors, experts who were invited to another gate only, and whoever's own work it is."""
    from sekisho.book.services.decisions import is_contractor, took_part

    if is_contractor(act.actor, act.project):
        raise NotPermitted(
            _("Contractors may show evidence but never decide."), code="contractor_never_decides"
        )
    by_role = act.actor.may("review", path=act.project.owner.path)
    named = Membership.objects.filter(project=act.project, user_id=act.person_id, part="expert")
    invited = ReviewInvitation.objects.filter(gate=gate, user_id=act.person_id)
    if not (by_role or named.exists() or invited.exists()):
        raise NotPermitted(_("Your role does not allow this on this book."))
    if took_part(act.actor, gate):
        raise NotPermitted(
            _("You answered or submitted this gate, so someone else must review it."), code="own_work"
        )


def _role(act: Act) -> str:
    """The role in which the review is given: the weightiest the person holds here."""
    held = {
        g.role
        for g in act.actor.grants
        if act.project.owner.path.startswith(g.path) or g.role == "quality_office"
    }
    return next((role for role in ("cio_aide", "quality_office") if role in held), "expert")


def _checked(gate: Gate, finding: NewFinding, index: int) -> NewFinding:
    severity = choice(finding.severity, Severity, f"findings.{index}.severity")
    text = filled(finding.text, f"findings.{index}.text", _("Say what was found."))
    if finding.criterion and not gate.standard.load().get(finding.criterion):
        raise Invalid(_("This gate has no such criterion."), field=f"findings.{index}.criterion")
    return NewFinding(severity, text, finding.criterion)


def _raise(act: Act, review: Review, new: NewFinding) -> Finding:
    finding = Finding.objects.create(
        review=review, gate=review.gate, criterion=new.criterion, severity=new.severity, text=new.text
    )
    params = {
        "severity": new.severity,
        "text": new.text,
        "criterion": new.criterion,
        "finding_id": finding.pk,
    }
    act.write("finding.raised", params)
    return finding


def reply_to_finding(user: Any, finding: Finding, text: str) -> Finding:
    """The team's answer to a finding. The reviewer then resolves it or not."""
    with acting_on(user, finding.gate.project) as act:
        act.require("answer")
        finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
        if finding.state == Finding.State.RESOLVED:
            raise Conflict(_("This finding is already resolved."), code="finding_resolved")
        before, finding.reply = finding.reply, filled(text, "text", _("Say what you did about it."))
        finding.state, finding.replied_by_id, finding.replied_at = (
            Finding.State.ANSWERED,
            act.actor.user_id,
            act.now,
        )
        finding.save()
        params = {"text": finding.reply, "finding_id": finding.pk, "gate_id": finding.gate_id}
        act.write("finding.answered", params, before={"reply": before} if before else None)
        notices.finding_answered(finding)
    return finding


def resolve_finding(user: Any, finding: Finding) -> Finding:
    """Accept that a finding is dealt with. Never by those whose work was reviewed."""
    with acting_on(user, finding.gate.project) as act:
        act.require("review")
        finding = Finding.objects.select_for_update(of=("self",)).select_related("gate").get(pk=finding.pk)
        if finding.state == Finding.State.RESOLVED:
            raise Conflict(_("This finding is already resolved."), code="finding_resolved")
        _require_reviewer(act, finding.gate)
        finding.state, finding.resolved_by_id, finding.resolved_at = (
            Finding.State.RESOLVED,
            act.actor.user_id,
            act.now,
        )
        finding.save()
        act.write("finding.resolved", {"text": finding.text, "finding_id": finding.pk})
    return finding
