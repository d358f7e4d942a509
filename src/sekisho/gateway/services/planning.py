"""Acts on the plan by which the network changes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services import ledger
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, changed, choice, expect, fitting, read_again
from sekisho.errors import Conflict, Invalid
from sekisho.gateway.models import NetworkChoice, PlannedMove, PlanStep, System
from sekisho.people.models import Organisation
from sekisho.people.permissions import require

_SPAN_DAYS = {2: 365, 3: 730}


def _whole_officer(user: Any) -> Any:
    """The actor, when they are an officer of the whole government. Raises ``NotPermitted``."""
    root = Organisation.objects.filter(parent=None, closed_on=None).order_by("pk").first()
    return require(user, "edit_routes", path=root.path if root else "")


def begin_plan(user: Any) -> list[PlanStep]:
    """Begin a plan with its two steps, a year apart; both are then set in their own form.

    Raises:
        NotPermitted: not an information security officer of the whole government. Conflict: there is one.
    """
    actor = _whole_officer(user)
    model = NetworkChoice.objects.filter(pk=1).values_list("model", flat=True).first() or "alpha"
    today = timezone.localdate()
    with transaction.atomic():
        if PlanStep.objects.exists():
            raise Conflict(_("There is a plan already."))
        steps = [
            PlanStep.objects.create(number=number, model=model, due=today + dt.timedelta(days=days))
            for number, days in _SPAN_DAYS.items()
        ]
        ledger.append(actor, None, "plan.begun", params={"steps": len(steps)})
    return steps


def change_step(
    user: Any,
    step: PlanStep,
    *,
    model: str,
    due: dt.date,
    note: str = "",
    expected_version: int | None = None,
) -> PlanStep:
    """Set a step: the model after it, its day, what it is about.

    Raises:
        NotPermitted. Invalid: naming the field. StaleWrite: someone saved in between.
    """
    actor = _whole_officer(user)
    with transaction.atomic():
        row = PlanStep.objects.select_for_update().get(pk=step.pk)
        parts = {
            "model": choice(model, NetworkChoice.Model, "model"),
            "due": due,
            "note": fitting(note, 500, "note"),
        }
        other = PlanStep.objects.exclude(pk=row.pk).first()
        if other and (row.number < other.number) != (due < other.due):
            raise Invalid(_("Step 2 ends before step 3. Choose another day."), field="due")
        now = {key: getattr(row, key) for key in parts}
        expect(row, expected_version, now, parts, _("Someone else changed this step in the meantime."))
        before, after = changed(now, parts)
        for key, value in parts.items():
            setattr(row, key, value)
        row.version += 1
        row.save()
        before, after = ({key: str(value) for key, value in side.items()} for side in (before, after))
        ledger.append(
            actor, None, "plan.step_changed", params={"step": row.number}, before=before, after=after
        )
    return row


def _may_plan(act: Act) -> None:
    """Who edits the book plans its moves, and so does the officer of its organisation."""
    if not act.actor.may("edit_routes", path=act.project.owner.path):
        act.require("edit")


def plan_move(user: Any, step: PlanStep, system: System, **said: Any) -> PlannedMove:
    """Plan what a step does to a system; planned again, it replaces what was planned before.

    Raises:
        NotPermitted. Conflict: it is done already. Invalid: it would change nothing.
    """
    with acting_on(user, system.project) as act:
        _may_plan(act)
        read_again(system)
        zone, controls = (
            said["zone"],
            sorted({choice(c, System.Control, "controls") for c in said.get("controls") or ()}),
        )
        if zone.pk == _zone_before(step, system) and set(controls) <= set(system.controls):
            raise Invalid(
                _("This changes nothing. Choose another zone, or a protection to add."), field="zone"
            )
        former = PlannedMove.objects.filter(step=step, system=system).first()
        if former and former.is_done:
            raise Conflict(_("This move is done already."))
        planned = {
            "zone": zone,
            "controls": controls,
            "task": fitting(said.get("task"), 500, "task"),
            "planned_by_id": act.actor.user_id,
        }
        move, _made = PlannedMove.objects.update_or_create(
            step=step,
            system=system,
            defaults=planned,
            create_defaults={**planned, "planned_at": act.now},
        )
        _write(act, "move.planned", move, {"task": move.task, "controls": controls})
    return move


def _zone_before(step: PlanStep, system: System) -> int:
    """Where the system stands when the step begins."""
    earlier = PlannedMove.objects.filter(system=system, step__number__lt=step.number)
    moved = earlier.order_by("-step__number").values_list("zone_id", flat=True).first()
    return moved or system.zone_id


def drop_move(user: Any, move: PlannedMove) -> None:
    """Take a move out of the plan. Raises ``Conflict`` when it is done."""
    with acting_on(user, move.system.project) as act:
        _may_plan(act)
        read_again(move)
        if move.is_done:
            raise Conflict(_("This move is done already."))
        _write(act, "move.dropped", move)
        move.delete()


def carry_out(user: Any, move: PlannedMove) -> None:
    """The project says that a move is done: from now on the system stands there, with these protections.

    Raises:
        NotPermitted: only who edits the book. Conflict: it is done already.
    """
    with acting_on(user, move.system.project) as act:
        act.require("edit")
        read_again(move)
        system = System.objects.select_related("zone").get(pk=move.system_id)
        if move.is_done:
            raise Conflict(_("This move is done already."))
        before = {"zone": system.zone.name, "controls": list(system.controls)}
        system.zone = move.zone
        system.controls = sorted({*system.controls, *move.controls})
        system.save(update_fields=["zone", "controls"])
        told = {"name": system.name, "zone": system.zone.name, "system_id": system.pk}
        after = {"zone": system.zone.name, "controls": system.controls}
        act.write("system.changed", told, before=before, after=after)
        mark_done(act, system)


def mark_done(act: Act, system: System) -> None:
    """Mark the moves of a system that hold now, inside the act that made them hold."""
    for move in PlannedMove.objects.filter(system=system, done_at=None).select_related("step", "zone"):
        move.system = system
        if move.holds():
            move.done_at = act.now
            move.save(update_fields=["done_at"])
            _write(act, "move.done", move)


def _write(act: Act, name: str, move: PlannedMove, more: Mapping[str, Any] | None = None) -> None:
    told = {
        "name": move.system.name,
        "zone": move.zone.name,
        "step": move.step.number,
        "system_id": move.system_id,
    }
    act.write(name, {**told, **(more or {})})
