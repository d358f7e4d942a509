"""Pages of the transition plan: the whole of it, its steps, and the moves of a book's systems."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import SekishoError
from sekisho.gateway import rules
from sekisho.gateway.forms.plan import MoveForm, StepForm
from sekisho.gateway.models import PlannedMove, PlanStep, System
from sekisho.gateway.planpicture import draw_progress
from sekisho.gateway.queries import plan as read
from sekisho.gateway.queries.network import words
from sekisho.gateway.services import planning as service
from sekisho.gateway.views.network import book_context, done, find_project, officer
from sekisho.people.permissions import actor_of
from sekisho.web.formats import month as month_words


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """From today over step 2 to step 3: what moves, what it changes, what each project must do, how far it is."""
    actor = actor_of(request.user)
    found = read.plan_of(actor)
    months = [(month_words(month, get_language()), planned, done) for month, planned, done in found.progress]
    picture = draw_progress(months, _("Moves planned and done, by month"), _("planned"), _("done"))
    context = {
        "plan": found,
        "months": list(reversed(found.progress)),
        "picture": mark_safe(picture),  # noqa: S308 - every text is escaped where it enters
        "may_edit": actor.may_anywhere("edit_routes"),
        "note": words(rules.shipped_pack().note),
    }
    return render(request, "gateway/plan.html", context)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a plan."""
    officer(request)
    return done(request, lambda: service.begin_plan(request.user), "gateway:plan")


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, number: int) -> HttpResponse:
    """Set a step: the model after it, its day, what it is about."""
    officer(request)
    found = get_object_or_404(PlanStep, number=number)
    form = StepForm(request.POST or None, instance=found, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            service.change_step(request.user, found, expected_version=said.pop("version"), **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:plan")
        except SekishoError as error:
            show(form, error)
    context = {"form": form, "step": found}
    return render(request, "gateway/step.html", context, status=422 if form.errors else 200)


@require_POST
def plan_move(request: HttpRequest, code: str) -> HttpResponse:
    """Plan what a step does to a system of a book."""
    actor, project = find_project(request, code)
    own = System.objects.filter(project=project).select_related("project__owner")
    form = MoveForm(request.POST, own=own, prefix="move")
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            service.plan_move(request.user, said.pop("step"), said.pop("system"), **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:systems", code)
        except SekishoError as error:
            show(form, error)
    context = book_context(actor, project, move_form=form, failed="move")
    return render(request, "gateway/systems.html", context, status=422)


@require_POST
def move_act(request: HttpRequest, code: str, pk: int, name: str) -> HttpResponse:
    """A move is done, or is taken out of the plan."""
    _actor, project = find_project(request, code)
    acts: dict[str, Any] = {"done": service.carry_out, "drop": service.drop_move}
    moves = PlannedMove.objects.filter(system__project=project)
    move = moves.select_related("step", "zone", "system__project__owner").filter(pk=pk).first()
    if name not in acts or move is None:
        raise Http404(_("Someone removed this in the meantime."))
    return done(request, lambda: acts[name](request.user, move), "gateway:systems", code)
