"""The plan as people read it: each step with its moves, what it changes for flows, and what each project must do."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from sekisho.book.models import Project
from sekisho.gateway import rules
from sekisho.gateway.models import Flow, NetworkChoice, PlannedMove, PlanStep, System
from sekisho.gateway.queries.network import FoundHere, as_values, chosen_model, describe, seen_network
from sekisho.people.roles import SYSTEM, Actor


@dataclass(frozen=True)
class Duty:
    """What one project must do for a step: its moves, and the findings it has to mend by then."""

    project: Project
    moves: list[PlannedMove]
    findings: list[FoundHere]


@dataclass(frozen=True)
class TurnHere:
    """A flow that a step frees or binds."""

    flow: Flow
    turn: rules.Turn


@dataclass(frozen=True)
class StepHere:
    """A step with everything it means."""

    step: PlanStep
    model: str
    moves: list[PlannedMove]
    bound: list[TurnHere]
    freed: list[TurnHere]
    duties: list[Duty]
    grave: int
    is_late: bool

    @property
    def done(self) -> int:
        return sum(move.is_done for move in self.moves)

    @property
    def share(self) -> int:
        return 100 * self.done // len(self.moves) if self.moves else 0


@dataclass(frozen=True)
class Plan:
    """The whole plan. ``grave``: grave findings today. ``progress``: (month, planned, done), counted from the first move."""

    model: str
    grave: int
    steps: list[StepHere]
    progress: list[tuple[dt.date, int, int]] = field(default_factory=list)

    @property
    def moves(self) -> int:
        return sum(len(step.moves) for step in self.steps)

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)


def moves_of(actor: Actor, project: Project | None = None) -> list[PlannedMove]:
    """The moves this person may see, in the order of the plan."""
    rows = PlannedMove.objects.visible_to(actor).select_related(
        "step", "zone", "system__zone", "system__project__owner"
    )
    return list(rows.filter(system__project=project) if project else rows)


def _planned(moves: Iterable[PlannedMove]) -> list[rules.Move]:
    return [rules.Move(m.system_id, m.zone.kind, frozenset(m.controls)) for m in moves]


def stages_of(
    systems: Sequence[System], flows: Sequence[Flow], steps: Sequence[PlanStep], moves: Sequence[PlannedMove]
) -> list[rules.Stage]:
    """The network today and after each step."""
    today = as_values(systems, flows, chosen_model())
    way = [(step.model, _planned(m for m in moves if m.step_id == step.pk)) for step in steps]
    return rules.stages(today, way, rules.shipped_pack())


def at_stage(
    systems: list[System], flows: list[Flow], moves: Iterable[PlannedMove], stage: PlanStep
) -> tuple[list[System], list[Flow]]:
    """Systems and flows as they are to be after a step. The rows are changed in memory, never saved."""
    by_key = {system.pk: system for system in systems}
    for move in moves:
        system = by_key.get(move.system_id)
        if system is not None and move.step.number <= stage.number:
            system.zone = move.zone
            system.controls = sorted({*system.controls, *move.controls})
    for flow in flows:
        flow.source, flow.target = by_key[flow.source_id], by_key[flow.target_id]
    return systems, flows


def plan_of(actor: Actor) -> Plan:
    """The plan with what this person may see of it."""
    systems, flows = seen_network(actor)
    steps, moves = list(PlanStep.objects.all()), moves_of(actor)
    stages = stages_of(systems, flows, steps, moves_of(SYSTEM))  # those of systems that flows lead to, too
    here = [
        _step(step, [m for m in moves if m.step_id == step.pk], before, after, systems, flows)
        for step, before, after in zip(steps, stages, stages[1:], strict=False)
    ]
    grave = sum(found.is_grave for found in stages[0].findings)
    return Plan(str(NetworkChoice.Model(chosen_model()).label), grave, here, _progress(moves))


def _step(
    step: PlanStep,
    moves: list[PlannedMove],
    before: rules.Stage,
    after: rules.Stage,
    systems: list[System],
    flows: list[Flow],
) -> StepHere:
    by_flow = {flow.pk: flow for flow in flows}
    turned = [TurnHere(by_flow[turn.flow], turn) for turn in rules.turns(before, after)]
    grave = [found for found in after.findings if found.is_grave]
    return StepHere(
        step=step,
        model=str(NetworkChoice.Model(step.model).label),
        moves=moves,
        bound=[one for one in turned if not one.turn.is_freer],
        freed=[one for one in turned if one.turn.is_freer],
        duties=_duties(moves, describe(grave, systems, flows)),
        grave=len(grave),
        is_late=step.due < timezone.localdate() and not all(move.is_done for move in moves),
    )


def _duties(moves: list[PlannedMove], findings: list[FoundHere]) -> list[Duty]:
    projects = {m.system.project_id: m.system.project for m in moves} | {
        f.project.pk: f.project for f in findings
    }
    duties = [
        Duty(
            project,
            [m for m in moves if m.system.project_id == pk],
            [f for f in findings if f.project.pk == pk],
        )
        for pk, project in projects.items()
    ]
    return sorted(duties, key=lambda duty: duty.project.code)


def _progress(moves: Sequence[PlannedMove]) -> list[tuple[dt.date, int, int]]:
    """Moves planned and done by the end of each month, from the first planned until now."""
    if not moves:
        return []
    planned = [timezone.localdate(m.planned_at) for m in moves]
    done = [timezone.localdate(m.done_at) for m in moves if m.done_at]
    month, last, found = min(planned).replace(day=1), timezone.localdate(), []
    while month <= last:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        found.append((month, sum(day < following for day in planned), sum(day < following for day in done)))
        month = following
    return found


def grave_after(project: Project) -> list[FoundHere] | None:
    """Grave findings of a book after the next step that is not over; None without a plan or a system."""
    steps = list(PlanStep.objects.all())
    systems, flows = seen_network(SYSTEM, project)
    if not steps or not any(system.project_id == project.pk for system in systems):
        return None
    moves = list(PlannedMove.objects.filter(system__in=systems).select_related("step", "zone"))
    stages = stages_of(systems, flows, steps, moves)
    today = timezone.localdate()
    index = next((place for place, step in enumerate(steps, 1) if step.due >= today), len(steps))
    found = describe(stages[index].findings, systems, flows, project)
    return [one for one in found if one.finding.is_grave]


def late_moves(project: Project) -> list[PlannedMove] | None:
    """Moves of a book whose step should be over and that are not done; None where none is planned."""
    moves = list(PlannedMove.objects.filter(system__project=project).select_related("system", "zone", "step"))
    today = timezone.localdate()
    return [move for move in moves if move.done_at is None and move.step.due < today] if moves else None
