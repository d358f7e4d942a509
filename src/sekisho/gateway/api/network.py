"""API of the network: zones, systems and findings to read; the transition plan to read, set and carry out."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from sekisho.book.api.common import IfMatch, expected_version, in_api_words, version_tag
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.errors import Invalid, NotFound
from sekisho.gateway.models import PlannedMove, PlanStep, System, Zone
from sekisho.gateway.queries.network import FoundHere, chosen_model, findings, seen_network
from sekisho.gateway.queries.plan import StepHere, plan_of
from sekisho.gateway.services import planning as service
from sekisho.people.api_paging import Body, Filter, Line, Out, Text
from sekisho.people.permissions import actor_of

router = Router(tags=["network"])


class OfBook(Paging):
    """``project``: code of a book."""

    project: Filter = None


class ZoneOut(Out):
    """A zone of the network. ``kind``: mynumber, lgwan, internet or cloud."""

    code: str
    name: str
    kind: str


class SystemOut(Out):
    """A system and where it stands. ``controls``: protections it has."""

    id: int
    project: str
    name: str
    zone: str
    data_class: str
    workplace: bool
    controls: list[str]


class FindingOut(Out):
    """What the rule pack finds in the network as it is. ``about``: ``system`` or ``flow``; ``key`` names it."""

    rule: str
    severity: str
    about: str
    key: int
    project: str
    words: str
    what: str
    missing: list[str]
    mend: str


class StepBody(Body):
    """What changes of a step; what is left out stays."""

    model: Line | None = None
    due: dt.date | None = None
    note: Text | None = None


class StepOut(Out):
    """A step of the plan. ``moves`` and ``done`` count what the caller may see; ``grave``: findings after it."""

    number: int
    model: str
    due: dt.date
    note: str
    version: int
    moves: int
    done: int
    freed: int
    bound: int
    grave: int
    late: bool


class PlanOut(Out):
    """The plan: today's model and grave findings, then its steps. ``steps`` is empty before one is begun."""

    model: str
    grave: int
    steps: list[StepOut]


class NewMove(Body):
    """What a step does to a system: the zone it goes to (perhaps its own), the protections it gains."""

    step: int
    system: int
    zone: Line
    controls: list[Line] = []
    task: Text = ""


class MoveOut(Out):
    """A planned move."""

    id: int
    step: int
    system: int
    project: str
    zone: str
    controls: list[str]
    task: str
    done_at: dt.datetime | None


def _step(here: StepHere) -> dict[str, Any]:
    plain = {name: getattr(here.step, name) for name in ("number", "due", "note", "version")}
    counts = {"moves": len(here.moves), "freed": len(here.freed), "bound": len(here.bound)}
    return {
        **plain,
        **counts,
        "model": here.step.model,
        "done": here.done,
        "grave": here.grave,
        "late": here.is_late,
    }


def _finding(found: FoundHere) -> dict[str, Any]:
    finding = found.finding
    plain = {
        "rule": finding.code,
        "severity": finding.rule.severity,
        "about": finding.about,
        "key": finding.key,
    }
    told = {"words": found.title, "what": found.about, "mend": found.mend}
    return {**plain, **told, "project": found.project.code, "missing": list(finding.missing)}


def _move(move: PlannedMove) -> dict[str, Any]:
    plain = {name: getattr(move, name) for name in ("id", "controls", "task", "done_at")}
    placed = {"step": move.step.number, "system": move.system_id, "zone": move.zone.code}
    return {**plain, **placed, "project": move.system.project.code}


def _system(system: System) -> dict[str, Any]:
    plain = {name: getattr(system, name) for name in ("id", "name", "data_class", "workplace", "controls")}
    return {**plain, "project": system.project.code, "zone": system.zone.code}


def _systems(request: HttpRequest, project: str | None = None) -> Any:
    rows = System.objects.visible_to(actor_of(request.user)).select_related("zone", "project__owner")
    return rows.filter(project__code=project) if project else rows


def _moves(request: HttpRequest) -> Any:
    rows = PlannedMove.objects.visible_to(actor_of(request.user))
    return rows.select_related("step", "zone", "system__zone", "system__project__owner")


def _found_move(request: HttpRequest, move_id: int) -> PlannedMove:
    found: PlannedMove | None = _moves(request).filter(pk=move_id).first()
    if found is None:
        raise NotFound(_("There is nothing at this address, or you may not see it."))
    return found


def _found_step(number: int) -> PlanStep:
    step = PlanStep.objects.filter(number=number).first()
    if step is None:
        raise NotFound(_("There is no such step of the plan."))
    return step


@router.get("/network/zones", response=list[ZoneOut])
def list_zones(request: HttpRequest) -> list[dict[str, Any]]:
    """The zones of the network."""
    return [{"code": zone.code, "name": zone.local_name, "kind": zone.kind} for zone in Zone.objects.all()]


@router.get("/network/systems", response=Page[SystemOut])
def list_systems(request: HttpRequest, filters: Query[OfBook]) -> dict[str, Any]:
    """Systems of the books that the caller may read."""
    return paginate(request, _systems(request, filters.project), filters, _system)


@router.get("/network/findings", response=list[FindingOut])
def list_findings(request: HttpRequest) -> list[dict[str, Any]]:
    """What the rules find in the network that the caller may see, and how to mend it."""
    return [_finding(found) for found in findings(*seen_network(actor_of(request.user)))]


@router.get("/network/plan", response=PlanOut)
def read_plan(request: HttpRequest) -> dict[str, Any]:
    """From today over step 2 to step 3."""
    plan = plan_of(actor_of(request.user))
    return {"model": chosen_model(), "grave": plan.grave, "steps": [_step(step) for step in plan.steps]}


@router.post("/network/plan", response={201: PlanOut})
def begin_plan(request: HttpRequest) -> Any:
    """Begin a plan with its two steps."""
    service.begin_plan(request.user)
    return Status(201, read_plan(request))


@router.patch("/network/plan/steps/{int:number}", response=StepOut)
def change_step(
    request: HttpRequest, response: HttpResponse, number: int, body: StepBody, if_match: IfMatch = None
) -> dict[str, Any]:
    """Set a step: the model after it, its day, what it is about. The ETag is its ``version``."""
    step, said = _found_step(number), body.model_dump(exclude_none=True)
    parts = {"model": step.model, "due": step.due, "note": step.note, **said}
    with in_api_words(said, lambda: _shown_step(request, number)):
        service.change_step(request.user, step, expected_version=expected_version(if_match), **parts)
    shown = _shown_step(request, number)
    response["ETag"] = version_tag(shown["version"])
    return shown


def _shown_step(request: HttpRequest, number: int) -> dict[str, Any]:
    return next(_step(here) for here in plan_of(actor_of(request.user)).steps if here.step.number == number)


@router.get("/network/moves", response=Page[MoveOut])
def list_moves(request: HttpRequest, filters: Query[OfBook]) -> dict[str, Any]:
    """Planned moves of systems that the caller may see."""
    rows = _moves(request)
    rows = rows.filter(system__project__code=filters.project) if filters.project else rows
    return paginate(request, rows, filters, _move)


@router.post("/network/moves", response={201: MoveOut})
def plan_move(request: HttpRequest, body: NewMove) -> Any:
    """Plan what a step does to a system; planned again, it replaces what was planned before."""
    step, system = _found_step(body.step), _systems(request).filter(pk=body.system).first()
    zone = Zone.objects.filter(code=body.zone).first()
    if system is None:
        raise NotFound(_("There is no such system, or you may not see it."))
    if zone is None:
        raise Invalid(_("There is no such zone."), field="zone")
    said = {"zone": zone, "controls": body.controls, "task": body.task}
    return Status(201, _move(_found_move(request, service.plan_move(request.user, step, system, **said).pk)))


@router.post("/network/moves/{int:move_id}/done", response=MoveOut)
def carry_out_move(request: HttpRequest, move_id: int) -> dict[str, Any]:
    """The move is done: from now on the system stands there, with these protections."""
    service.carry_out(request.user, _found_move(request, move_id))
    return _move(_found_move(request, move_id))


@router.delete("/network/moves/{int:move_id}", response={204: None})
def drop_move(request: HttpRequest, move_id: int) -> Any:
    """Take a move out of the plan."""
    service.drop_move(request.user, _found_move(request, move_id))
    return Status(204, None)
