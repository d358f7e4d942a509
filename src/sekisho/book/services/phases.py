"""Travelling the road: entering a phase, leaving one out, retiring."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Gate, GateState, Phase, PhaseEntry, Project, RetirementItem
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, choice, filled
from sekisho.book.services.decisions import refuse_lapsed, use_decision
from sekisho.book.services.gates import open_phase_gate
from sekisho.errors import Conflict

#: acts either of which lets a person enter a phase
_ENTER = ("submit", "decide")


def enter_phase(user: Any, project: Project, phase: str) -> PhaseEntry:
    """Enter the next phase through the gate of the one before; opens the gate at its end.

    Raises:
        Conflict: ``wrong_phase``, ``gate_not_passed`` or ``decision_lapsed``.
    """
    target = Phase(choice(phase, Phase, "phase"))
    gate = Gate.objects.filter(project=project, phase=project.phase, release__isnull=True).first()
    if gate is not None:
        refuse_lapsed(user, project, gate, *_ENTER)
    with acting_on(user, project) as act:
        act.require_any(*_ENTER)
        if target != next_phase(act.project):
            raise Conflict(
                _("Phases are entered in their order, through the gate before."), code="wrong_phase"
            )
        gate = Gate.objects.select_for_update(of=("self",)).get(
            project=act.project, phase=act.project.phase, release__isnull=True
        )
        decision = use_decision(act, gate)
        entry = PhaseEntry.objects.create(
            project=act.project, phase=target, gate=gate, entered_by_id=act.actor.user_id, entered_at=act.now
        )
        before, act.project.phase = act.project.phase, target
        act.project.save(update_fields=["phase"])
        params = {"phase": target, "decision_id": decision.pk}
        act.write("phase.entered", params, before={"phase": before}, after={"phase": target})
        open_phase_gate(act, target)
    return entry


def next_phase(project: Project) -> Phase | None:
    """The phase that may be entered next: the first after the current that was not marked as not needed."""
    return next_of(project, project.phase_entries.all())


def next_of(project: Project, entries: Iterable[PhaseEntry]) -> Phase | None:
    """The same from all entries of phases, where they were read already."""
    skipped = {entry.phase for entry in entries if entry.not_needed}
    later = list(Phase)[Phase(project.phase).position + 1 :]
    return next((phase for phase in later if phase not in skipped), None)


def skip_phase(user: Any, project: Project, phase: str, reason: str) -> PhaseEntry:
    """Mark a phase that lies ahead as not needed. Retirement always is: data must be destroyed provably."""
    target = Phase(choice(phase, Phase, "phase"))
    with acting_on(user, project) as act:
        act.require("skip_phase")
        text = filled(reason, "reason", _("Say why this phase is not needed."))
        if target.position <= Phase(act.project.phase).position or target == Phase.RETIRE:
            raise Conflict(
                _("Only a phase that lies ahead can be left out, and never retirement."), code="wrong_phase"
            )
        entry, created = PhaseEntry.objects.get_or_create(
            project=act.project,
            phase=target,
            defaults={
                "not_needed": True,
                "reason": text,
                "entered_by_id": act.actor.user_id,
                "entered_at": act.now,
            },
        )
        if not created:
            raise Conflict(_("This phase is already entered or left out."), code="wrong_phase")
        act.write("phase.skipped", {"phase": target, "reason": text})
    return entry


def retire(user: Any, project: Project) -> Project:
    """Retire a project: its retirement gate is passed and every line of the list is proved.

    Raises:
        Conflict: ``wrong_phase``, ``gate_not_passed``, ``decision_lapsed`` or ``retirement_unproved`` (with the
            lines in ``extra["items"]``).
    """
    gate = Gate.objects.filter(project=project, phase=Phase.RETIRE, release__isnull=True).first()
    if gate is None:
        raise Conflict(_("The project has not entered retirement."), code="wrong_phase")
    refuse_lapsed(user, project, gate, "retire")
    with acting_on(user, project) as act:
        act.require("retire")
        _require_proof(act)
        gate = Gate.objects.select_for_update(of=("self",)).get(pk=gate.pk)
        if gate.state != GateState.PASSED:
            raise Conflict(_("The retirement gate has not been passed."), code="gate_not_passed")
        use_decision(act, gate)
        act.project.retired_at = act.now
        act.project.save(update_fields=["retired_at"])
        act.write("project.retired", {"items": act.project.retirement_items.count()})
    return project


def _require_proof(act: Act) -> None:
    items = list(RetirementItem.objects.filter(project=act.project))
    if not items:
        raise Conflict(
            _("The list of what holds data is empty. List everything, even if it is only a backup."),
            code="retirement_unproved",
        )
    unproved = [item.name for item in items if item.missing]
    if unproved:
        error = Conflict(
            _("These lines are not proved yet: %(names)s") % {"names": ", ".join(unproved)},
            code="retirement_unproved",
        )
        error.extra["items"] = unproved
        raise error
