"""Decisions, conditions, waivers, and the lapse of a decision whose ground has moved."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.book import notices
from sekisho.book.evaluation import is_binding
from sekisho.book.models import (
    Condition,
    Decision,
    Gate,
    GateState,
    LedgerEntry,
    Membership,
    Project,
    Release,
    Result,
    Tier,
    Waiver,
)
from sekisho.book.queries.gates import GateView, read_gate
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, choice, clean_url, filled, locked_gate, not_past, readable
from sekisho.book.services.lapsing import lapse
from sekisho.book.services.planning import fix_first_baseline
from sekisho.errors import Blocked, Conflict, Invalid, NotPermitted
from sekisho.people.models import User
from sekisho.people.roles import CONTRACTOR, Actor
from sekisho.web import formats


@dataclass(frozen=True)
class NewCondition:
    """What a conditional decision demands. It speaks for the blockers of ``criterion``, or for one by its key."""

    text: str
    owner: User
    due_on: dt.date
    criterion: str = ""
    blocker: str = ""


def took_part(actor: Actor, gate: Gate) -> bool:
    """Whether a person ever answered, showed or took back evidence, replied to a finding, or submitted here."""
    acts = (
        *("answer.saved", "gate.submitted", "gate.withdrawn", "gate.upgraded"),
        *("evidence.added", "evidence.removed", "finding.answered"),
    )
    entries = LedgerEntry.objects.filter(
        project_id=gate.project_id, actor_id=actor.user_id, act__in=acts, params__gate_id=gate.pk
    )
    return actor.user_id is not None and entries.exists()


def may_decide(actor: Actor, gate: Gate) -> bool:
    """Whether this person could decide on this gate: role, tier, own work, contractors."""
    try:
        require_decider(actor, gate)
    except NotPermitted:
        return False
    return True


def is_contractor(actor: Actor, project: Project) -> bool:
    """Whether a person is a contractor anywhere, or named as one on this book."""
    named = Membership.objects.filter(project=project, user_id=actor.user_id or 0, part="contractor")
    return CONTRACTOR in actor.roles() or named.exists()


def require_decider(actor: Actor, gate: Gate) -> None:
    """Refuse whoever may not decide.

    Raises:
        NotPermitted: wrong role, a focus project without the quality office, a contractor, or one's own work.
    """
    project = gate.project
    if is_contractor(actor, project):
        raise NotPermitted(
            _("Contractors may show evidence but never decide."), code="contractor_never_decides"
        )
    focus = project.tier == Tier.FOCUS
    if not actor.may("decide_focus" if focus else "decide", path=project.owner.path):
        message = (
            _("The quality office decides on focus projects.")
            if focus
            else _("Your role does not allow you to decide on this gate.")
        )
        raise NotPermitted(message)
    if took_part(actor, gate):
        raise NotPermitted(
            _("You answered or submitted this gate, so someone else must decide."), code="own_work"
        )


def _nothing_to_decide(gate: Gate) -> Conflict:
    """Why this gate waits for no decision: somebody decided first, or nothing was submitted."""
    last = gate.decisions.select_related("decided_by").first()
    if last is None or (gate.state == GateState.OPEN and last.result != Result.RETURN):
        return Conflict(_("There is no submission to decide on."), code="not_submitted")
    said = {"person": last.decided_by, "result": last.get_result_display()}
    return Conflict(
        _("%(person)s has already decided “%(result)s”, so yours was not recorded.") % said,
        code="not_submitted",
    )


def decide(
    user: Any, gate: Gate, *, result: str, reason: str, conditions: Sequence[NewCondition] = ()
) -> Decision:
    """Decide on the current submission.

    Raises:
        NotPermitted: see ``require_decider``.
        Conflict: nothing is submitted, or someone decided first.
        Blocked: go while a blocker stands.
        Invalid: a value cannot be accepted.
    """
    with acting_on(user, gate.project) as act:
        act.require("read")
        gate = locked_gate(gate)
        require_decider(act.actor, gate)
        if gate.state != GateState.SUBMITTED:
            raise _nothing_to_decide(gate)
        choice(result, Result, "result")
        reason = filled(reason, "reason", _("Give the reason for the decision."))
        view = read_gate(gate)
        _check_go(view, result)
        demanded = _conditions(act, view, result, conditions)
        decision = _record(act, view, result, reason)
        for new in demanded:
            _set_condition(act, decision, new)
        _carry_out(act, gate, decision)
        notices.gate_decided(gate, decision)
    return decision


def _check_go(view: GateView, result: str) -> None:
    if result == Result.GO and not view.evaluation.is_clear:
        raise Blocked(_("Go is not possible while something bars the way."), view.messages())


def _conditions(act: Act, view: GateView, result: str, given: Sequence[NewCondition]) -> list[NewCondition]:
    """What is demanded: what was given, plus one for each blocker not spoken for by its criterion."""
    if result != Result.CONDITIONAL:
        if given:
            raise Invalid(_("Conditions belong to a conditional decision."), field="conditions")
        return []
    if not given:
        raise Invalid(
            _("A conditional decision needs at least one condition with a person and a due date."),
            field="conditions",
        )
    for index, new in enumerate(given):
        _check_condition(act, view, new, f"conditions.{index}")
    return [*given, *_for_blockers(view, given)]


def _check_condition(act: Act, view: GateView, new: NewCondition, place: str) -> None:
    filled(new.text, f"{place}.text", _("Say what is demanded."))
    if new.owner is None or not new.owner.is_active:
        raise Invalid(_("Please fill this in."), field=f"{place}.owner")
    if new.due_on is None:
        raise Invalid(_("Please fill this in."), field=f"{place}.due")
    not_past(new.due_on, f"{place}.due", act.today)
    if new.criterion and not view.pack.get(new.criterion):
        raise Invalid(_("This gate has no such criterion."), field=f"{place}.criterion")


def _for_blockers(view: GateView, given: Sequence[NewCondition]) -> list[NewCondition]:
    """A condition for each blocker nobody spoke for; person and date are those of the latest condition given."""
    spoken_for = {new.criterion for new in given if new.criterion}
    keys = {new.blocker for new in given}
    texts = {new.text for new in given}
    latest = max(given, key=lambda new: new.due_on)
    return [
        NewCondition(message, latest.owner, latest.due_on, blocker.criterion)
        for blocker, message in view.messages()
        if not (blocker.key in keys or blocker.criterion in spoken_for or message in texts)
    ]


def _record(act: Act, view: GateView, result: str, reason: str) -> Decision:
    submission = view.submission
    assert submission is not None
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                gate=view.gate,
                submission=submission,
                result=result,
                reason=reason,
                basis=view.basis,
                decided_by_id=act.person_id,
                decided_at=act.now,
            )
    except IntegrityError:
        raise Conflict(_("Someone else decided on this submission first."), code="already_decided") from None
    params = {"gate": view.gate.reference, "gate_id": view.gate.pk, "result": result, "reason": reason}
    act.write("gate.decided", {**params, "sha": submission.sha256, "decision_id": decision.pk})
    return decision


def _set_condition(act: Act, decision: Decision, new: NewCondition) -> Condition:
    condition = Condition.objects.create(
        project=act.project,
        gate=decision.gate,
        decision=decision,
        criterion=new.criterion,
        text=readable(new.text),
        owner=new.owner,
        due_on=new.due_on,
    )
    params = {
        "owner": str(new.owner),
        "due": new.due_on,
        "text": condition.text,
        "condition_id": condition.pk,
    }
    act.write("condition.set", params)
    notices.condition_set(condition)
    return condition


_AFTER = {
    Result.GO: GateState.PASSED,
    Result.CONDITIONAL: GateState.PASSED,
    Result.RETURN: GateState.OPEN,
    Result.STOP: GateState.STOPPED,
}


def _carry_out(act: Act, gate: Gate, decision: Decision) -> None:
    """What follows at once: the gate's state, the first baseline at the plan gate, the stop of a project."""
    Gate.objects.filter(pk=gate.pk).update(
        state=_AFTER[Result(decision.result)], lapsed_at=None, lapse_changes=[]
    )
    if decision.result == Result.STOP:
        _stop(act, gate)
    elif decision.result != Result.RETURN:
        if gate.phase == "plan" and gate.release_id is None:
            fix_first_baseline(act)
        if gate.release and gate.release.state == Release.State.RELEASED:
            # an emergency release is already with its users: its gate is used by being passed
            Decision.objects.filter(pk=decision.pk).update(used_at=act.now)
            Gate.objects.filter(pk=gate.pk).update(state=GateState.USED)


def _stop(act: Act, gate: Gate) -> None:
    if gate.release_id:
        if gate.release and gate.release.state == Release.State.PLANNED:
            Release.objects.filter(pk=gate.release_id).update(state=Release.State.STOPPED)
        return
    Project.objects.filter(pk=act.project.pk).update(stopped_at=act.now)
    act.project.stopped_at = act.now
    act.write("project.stopped", {"gate": gate.reference, "gate_id": gate.pk})


def use_decision(act: Act, gate: Gate) -> Decision:
    """Use the gate's decision: it must be go or conditional, in force, and rest on what is still so.

    Raises:
        Conflict: ``gate_not_passed``. (A lapsed decision is the caller's: call ``lapse_changed`` first.)
    """
    decision = Decision.objects.filter(gate=gate, lapsed_at__isnull=True, used_at__isnull=True).first()
    if gate.state != GateState.PASSED or decision is None:
        raise Conflict(_("The gate before this has not been passed."), code="gate_not_passed")
    decision.used_at = act.now
    decision.save(update_fields=["used_at"])
    Gate.objects.filter(pk=gate.pk).update(state=GateState.USED)
    return decision


def refuse_lapsed(user: Any, project: Project, gate: Gate, *acts: str) -> None:
    """Before a decision is used by one of these acts: let it lapse, for good, when its ground has moved, and say so.

    One that lapsed before says so too, until the gate is submitted again.

    Raises:
        Conflict: ``decision_lapsed`` with the changes as sentences in ``extra["changes"]``.
    """
    sentences: list[str] = []
    with acting_on(user, project) as act:
        act.require_any(*acts)
        locked = locked_gate(gate)
        if locked.state == GateState.PASSED:
            view = read_gate(locked)
            sentences = view.change_messages()
            if view.is_lapsed:
                lapse(act, view)
        elif locked.state == GateState.OPEN and locked.lapsed_at:
            sentences = read_gate(locked).noted_messages()
    if sentences:
        error = Conflict(
            _("The decision lapsed, because what it rested on changed: %(changes)s")
            % {"changes": " / ".join(sentences)},
            code="decision_lapsed",
        )
        error.extra["changes"] = sentences
        raise error


def grant_waiver(user: Any, gate: Gate, *, criterion: str, reason: str, expires_on: dt.date) -> Waiver:
    """Let one criterion pass until a day. Quality office only, never on one's own work."""
    with acting_on(user, gate.project) as act:
        act.require("waive")
        gate = locked_gate(gate)
        if gate.state not in (GateState.OPEN, GateState.SUBMITTED):
            raise Conflict(_("This gate is already decided."), code="gate_closed")
        if took_part(act.actor, gate):
            raise NotPermitted(
                _("You answered or submitted this gate, so someone else must waive."), code="own_work"
            )
        _require_waivable(gate, criterion)
        _refuse_waived(gate, criterion, act.today)
        text = filled(reason, "reason", _("Give the reason for the waiver."))
        if expires_on is None or expires_on <= act.today:
            raise Invalid(_("A waiver ends on a later day. Choose one after today."), field="expires")
        waiver = Waiver.objects.create(
            gate=gate,
            criterion=criterion,
            reason=text,
            expires_on=expires_on,
            granted_by_id=act.person_id,
            granted_at=act.now,
        )
        params = {"criterion": criterion, "until": expires_on, "reason": text, "gate_id": gate.pk}
        act.write("waiver.granted", params)
    return waiver


def _refuse_waived(gate: Gate, criterion: str, today: dt.date) -> None:
    """One waiver stands at a time, so that ending it ends it."""
    standing = gate.waivers.filter(criterion=criterion, revoked_at=None, expires_on__gte=today)
    waiver = standing.select_related("granted_by").first()
    if waiver is not None:
        said = {"person": waiver.granted_by, "until": formats.date_long(waiver.expires_on, get_language())}
        raise Conflict(
            _(
                "%(person)s waives this criterion until %(until)s already, so yours was not recorded. To change it, end that waiver first."
            )
            % said,
            code="already_waived",
        )


def _require_waivable(gate: Gate, criterion: str) -> None:
    asked = {c.code: c for c in read_gate(gate).criteria}
    if criterion not in asked:
        raise Invalid(_("This gate has no such criterion, or it does not apply here."), field="criterion")
    if not is_binding(asked[criterion]):
        raise Invalid(
            _("This criterion is recommended and bars nothing, so there is nothing to waive."),
            field="criterion",
        )


def revoke_waiver(user: Any, waiver: Waiver) -> None:
    """End a waiver before its day."""
    with acting_on(user, waiver.gate.project) as act:
        act.require("waive")
        waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
        if waiver.revoked_at:
            raise Conflict(_("This waiver has already ended."), code="waiver_ended")
        Waiver.objects.filter(pk=waiver.pk).update(revoked_at=act.now)
        act.write("waiver.revoked", {"criterion": waiver.criterion, "gate_id": waiver.gate_id})


def resolve_condition(user: Any, condition: Condition, *, text: str, links: Sequence[str] = ()) -> Condition:
    """Say how a condition was met, with links that show it."""
    with acting_on(user, condition.project, closed_ok=True) as act:
        if act.actor.user_id != condition.owner_id:
            act.require("answer")
        act.require("read")
        condition = Condition.objects.select_for_update(of=("self",)).get(pk=condition.pk)
        if condition.resolved_at:
            raise Conflict(_("This condition is already met."), code="condition_resolved")
        condition.resolution = filled(text, "text", _("Say how the condition was met."))
        condition.links = [clean_url(url) for url in links]
        condition.resolved_by_id, condition.resolved_at = act.actor.user_id, act.now
        condition.save()
        shown = {"resolution": condition.resolution, "links": condition.links}
        act.write("condition.resolved", {"text": condition.text, "condition_id": condition.pk}, after=shown)
    return condition
