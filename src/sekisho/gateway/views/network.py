"""Pages of the network: routes, the map with its findings, systems and flows of a book."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.models import Project
from sekisho.errors import NotPermitted, SekishoError
from sekisho.gateway import rules
from sekisho.gateway.forms.network import FlowForm, NewRouteForm, RouteForm, SystemForm
from sekisho.gateway.forms.plan import MoveForm
from sekisho.gateway.lists import routes_file
from sekisho.gateway.models import Flow, NetworkChoice, OwnPolicy, PlanStep, Route, System, Zone
from sekisho.gateway.networkmap import Box, Line, draw
from sekisho.gateway.queries import network as read
from sekisho.gateway.queries.plan import at_stage, moves_of
from sekisho.gateway.services import networks
from sekisho.gateway.services import routes as service
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM, Actor
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format


def officer(request: HttpRequest) -> Actor:
    """The actor, when they look after routes somewhere. Raises ``NotPermitted``."""
    actor = actor_of(request.user)
    if not actor.may_anywhere("edit_routes"):
        raise NotPermitted(_("Routes are for the information security officer."))
    return actor


def reached(actor: Actor) -> Any:
    """Organisations for which this person opens routes and writes policies."""
    keys = [
        o.pk for o in Organisation.objects.filter(closed_on=None) if actor.may("edit_routes", path=o.path)
    ]
    return Organisation.objects.filter(pk__in=keys)


@require_GET
def routes(request: HttpRequest) -> HttpResponseBase:
    """The routes one looks after, and the zones."""
    actor = officer(request)
    found = Route.objects.where(actor, "edit_routes").select_related("source", "target", "organisation")
    if fmt := asked_format(request):
        return routes_file(fmt, found)
    context = {
        "routes": found,
        "zones": Zone.objects.all(),
        "models": NetworkChoice.Model.choices,
        "model": read.chosen_model(),
    }
    return render(request, "gateway/routes.html", context)


@require_http_methods(["GET", "POST"])
def new_route(request: HttpRequest) -> HttpResponse:
    """Make a route."""
    actor = officer(request)
    form = NewRouteForm(
        request.POST or None,
        organisations=reached(actor),
        own_policies=OwnPolicy.objects.where(actor, "edit_routes"),
    )
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        said.pop("version")
        try:
            service.make_route(request.user, **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:routes")
        except SekishoError as error:
            show(form, error)
    return render(request, "gateway/route.html", {"form": form}, status=422 if form.errors else 200)


def _route(request: HttpRequest, code: str) -> Route:
    actor = officer(request)
    related = Route.objects.where(actor, "edit_routes").select_related("organisation", "source", "target")
    route = related.filter(code=code.replace("\x00", "")).first()
    if route is None:
        raise Http404(_("There is no such route, or you may not see it."))
    return route


@require_http_methods(["GET", "POST"])
def route(request: HttpRequest, code: str) -> HttpResponse:
    """Change a route."""
    found = _route(request, code)
    own = OwnPolicy.objects.for_routes_of(found.organisation)
    form = RouteForm(
        request.POST or None, instance=found, initial={"version": found.version}, own_policies=own
    )
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            service.change_route(request.user, found, expected_version=said.pop("version"), **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:routes")
        except SekishoError as error:
            show(form, error)
    return render(
        request, "gateway/route.html", {"form": form, "route": found}, status=422 if form.errors else 200
    )


@require_POST
def route_act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Close a route, or open it again."""
    found = _route(request, code)
    if name not in ("close", "reopen"):
        raise Http404
    run = service.close_route if name == "close" else service.reopen_route
    return done(request, lambda: run(request.user, found), "gateway:routes")


@require_POST
def network_act(request: HttpRequest, name: str) -> HttpResponse:
    """Choose the model, or make the usual zones."""
    officer(request)
    if name not in ("zones", "model"):
        raise Http404
    if name == "zones":
        return done(request, lambda: networks.make_usual_zones(request.user), "gateway:routes")
    return done(
        request, lambda: networks.choose_model(request.user, request.POST.get("model", "")), "gateway:routes"
    )


def done(request: HttpRequest, run: Any, *where: Any) -> HttpResponse:
    """Do it, say that it is saved or why it is not, and lead back."""
    try:
        run()
        messages.success(request, _("Saved."))
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect(*where)


#: ``?of=`` for the flows that the rules find
ONLY_FOUND = "-"


@require_GET
def network_map(request: HttpRequest) -> HttpResponse:
    """The zones with their systems and flows, and what the rules find.

    ``?by=project`` groups by book; ``?stage=2`` or ``3`` draws the network as it is to be after that step of the plan;
    ``?of=`` with the name of a bureau or project, or ``-``, draws only its flows, or those that the rules find.
    """
    systems, flows = read.seen_network(actor_of(request.user))
    steps = list(PlanStep.objects.all())
    stage = next((s for s in steps if str(s.number) == request.GET.get("stage", "")), None)
    if stage:
        systems, flows = at_stage(systems, flows, moves_of(SYSTEM), stage)
    model = stage.model if stage else read.chosen_model()
    context = {
        "systems": systems,
        "flows": flows,
        "model": NetworkChoice.Model(model).label,
        "steps": steps,
        "stage": stage,
        "note": read.words(rules.shipped_pack().note),
        **_drawn(request, systems, flows, read.findings(systems, flows, model=model)),
    }
    return render(request, "gateway/map.html", context)


def _drawn(
    request: HttpRequest, systems: list[System], flows: list[Flow], found: list[read.FoundHere]
) -> dict[str, Any]:
    """The map as asked for, and what the rules find on it."""
    by = "project" if request.GET.get("by") == "project" else "bureau"
    of, group = request.GET.get("of", ""), _groups(systems, by)
    return {
        "picture": _picture(systems, flows, found, group, of) if systems else None,
        "groups": sorted(set(group.values())),
        "by": by,
        "of": of,
        "found": found,
        "grave": sum(one.finding.is_grave for one in found),
    }


def _groups(systems: list[System], by: str) -> dict[int, str]:
    """The bureau or project of each system."""
    if by == "project":
        return {s.pk: _("Other projects") if s.is_beyond else s.project.local_name for s in systems}
    names = {o.pk: o.local_name for o in Organisation.objects.all()}
    return {s.pk: names[_bureau(s.project.owner.path)] for s in systems}


def _picture(
    systems: list[System], flows: list[Flow], found: list[read.FoundHere], group: dict[int, str], of: str
) -> Any:
    zones = list(Zone.objects.all())
    rows = sorted(set(group.values()))
    columns = {zone.pk: place for place, zone in enumerate(zones)}
    bad = {(one.finding.about, one.finding.key) for one in found}
    boxes = [
        Box(s.pk, s.local_name, columns[s.zone_id], rows.index(group[s.pk]), ("system", s.pk) in bad)
        for s in systems
    ]
    lines = [
        Line(f.source_id, f.target_id, f"{f.source} → {f.target}: {f.what}", ("flow", f.pk) in bad)
        for f in flows
        if of not in {*rows, ONLY_FOUND}
        or (of == ONLY_FOUND and ("flow", f.pk) in bad)
        or of in (group[f.source_id], group[f.target_id])
    ]
    picture = draw(
        [zone.local_name for zone in zones], rows, boxes, lines, _("Map of zones, systems and flows")
    )
    return mark_safe(picture.svg)  # noqa: S308 - every text is escaped where it enters


def _bureau(path: str) -> int:
    """Key of the organisation just below the root, or of the root itself."""
    parts = [int(part) for part in path.split("/") if part]
    return parts[1] if len(parts) > 1 else parts[0]


def find_project(request: HttpRequest, code: str) -> tuple[Actor, Project]:
    """The actor and a book they may see; 404 otherwise."""
    actor = actor_of(request.user)
    seen = Project.objects.visible_to(actor).select_related("owner")
    project = seen.filter(code=code.replace("\x00", "")).first()
    if project is None:
        raise Http404(_("There is no such book, or you may not see it."))
    return actor, project


@require_GET
def systems(request: HttpRequest, code: str) -> HttpResponse:
    """The systems and flows of a book, with what the rules find. ``?edit=`` a system or ``?flow=`` one opens its form."""
    actor, project = find_project(request, code)
    system, flow = (whole_number(request.GET.get(name, ""), 9) or 0 for name in ("edit", "flow"))
    return render(request, "gateway/systems.html", book_context(actor, project, system, flow))


def book_context(
    actor: Actor, project: Project, key: int = 0, flow_key: int = 0, **failed: Any
) -> dict[str, Any]:
    """What the page of a book's systems shows; ``failed``: a form that came back, and its name."""
    near, flows = read.seen_network(actor, project)
    own = System.objects.filter(project=project).select_related("zone")
    edited = own.filter(pk=key).first() if key else None
    changed_flow = next((flow for flow in flows if flow.pk == flow_key), None)
    return {
        "project": project,
        "systems": own,
        "flows": flows,
        "found": read.findings(near, flows, project),
        "note": read.words(rules.shipped_pack().note),
        "may_edit": actor.may("edit", path=project.owner.path, project_id=project.pk),
        "edited": edited,
        "moves": moves_of(actor, project),
        "may_plan": actor.may("edit_routes", path=project.owner.path),
        "steps": PlanStep.objects.all(),
        "changed_flow": changed_flow,
        "system_form": SystemForm(instance=edited, initial={"pk": key or None}, prefix="system"),
        "flow_form": _flow_form(own, _targets(actor, project), changed_flow),
        "move_form": MoveForm(own=own, prefix="move"),
        **failed,
    }


def _flow_form(own: Any, targets: Any, changed: Flow | None) -> FlowForm:
    key = changed.pk if changed else None
    return FlowForm(instance=changed, initial={"pk": key}, own=own, targets=targets, prefix="flow")


@require_POST
def systems_act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Place, change or remove a system or a flow."""
    actor, project = find_project(request, code)
    own = System.objects.filter(project=project).select_related("project__owner", "zone")
    here = ("gateway:systems", code)
    if name in ("remove-system", "remove-flow"):
        return _removed(request, own, here, name)
    if name == "system":
        form: Any = SystemForm(request.POST, prefix="system")
    elif name == "flow":
        form = FlowForm(request.POST, own=own, targets=_targets(actor, project), prefix="flow")
    else:
        raise Http404
    if form.is_valid():
        try:
            _save(request, project, own, name, dict(form.cleaned_data))
            messages.success(request, _("Saved."))
            return redirect(*here)
        except SekishoError as error:
            show(form, error)
    context = book_context(actor, project, **{f"{name}_form": form, "failed": name})
    return render(request, "gateway/systems.html", context, status=422)


def _save(request: HttpRequest, project: Project, own: Any, name: str, said: dict[str, Any]) -> None:
    key, user = said.pop("pk"), request.user
    rows = _flows_of(own) if name == "flow" else own
    row = rows.filter(pk=key).first() if key else None
    if key and row is None:
        raise Http404(_("Someone removed this in the meantime."))
    if name == "flow" and row:
        networks.change_flow(user, row, **said)
    elif name == "flow":
        networks.add_flow(user, **said)
    elif row:
        networks.change_system(user, row, **said)
    else:
        networks.place_system(user, project, **said)


def _targets(actor: Actor, project: Project) -> Any:
    """Systems that a flow of a book may lead to: what one may see, and what its flows lead to already."""
    led_to = Flow.objects.filter(source__project=project).order_by().values("target")
    visible = System.objects.visible_to(actor).order_by().values("pk")
    return System.objects.filter(Q(pk__in=visible) | Q(pk__in=led_to)).select_related("project")


def _flows_of(own: Any) -> Any:
    flows = Flow.objects.filter(source__in=own.order_by())
    return flows.select_related("source__project__owner", "target")


def _removed(request: HttpRequest, own: Any, here: Any, name: str) -> HttpResponse:
    pk = whole_number(request.POST.get("pk", ""), 17) or 0
    if name == "remove-system":
        system = own.filter(pk=pk).first()
        if system is not None:
            return done(request, lambda: networks.remove_system(request.user, system), *here)
    flow = _flows_of(own).filter(pk=pk).first()
    if name == "remove-flow" and flow is not None:
        return done(request, lambda: networks.remove_flow(request.user, flow), *here)
    raise Http404(_("Someone removed this in the meantime."))
