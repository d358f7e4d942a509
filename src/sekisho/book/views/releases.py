"""One release on its own page: where it stands, what bars it, and the acts that move it on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.book.forms.chapters import RescheduleForm
from sekisho.book.forms.errors import show
from sekisho.book.models import Gate, GateState, Project, Release
from sekisho.book.queries import ledger as read_ledger
from sekisho.book.queries.gate_page import gate_page
from sekisho.book.roads import road_of
from sekisho.book.services import releases as service
from sekisho.book.services.common import UNREAD
from sekisho.book.views.book_page import seen_project
from sekisho.errors import NotFound, SekishoError
from sekisho.people.roles import Actor

HISTORY = 30


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str, release_id: int) -> HttpResponse:
    """Show a release; a POST with ``act`` ``publish`` or ``move`` does it, or comes back with the refusal."""
    actor, project = seen_project(request, code)
    release = get_object_or_404(project.releases.select_related("released_by"), pk=release_id)
    form = RescheduleForm(project=project, actor=actor, initial={"planned_on": release.planned_on})
    if request.method != "POST":
        return _shown(request, actor, project, release, form)
    if request.POST.get("act") == "publish":
        return _publish(request, actor, project, release, form)
    return _move(request, actor, project, release)


def _publish(
    request: HttpRequest, actor: Actor, project: Project, release: Release, form: RescheduleForm
) -> HttpResponse:
    try:
        service.publish_release(request.user, release)
    except NotFound:
        raise
    except SekishoError as error:
        messages.error(request, str(error))
        return _shown(request, actor, project, _fresh(release), form, error.status)
    messages.success(request, _("Marked as released."))
    return redirect("book:release", code=project.code, release_id=release.pk)


def _move(request: HttpRequest, actor: Actor, project: Project, release: Release) -> HttpResponse:
    form = RescheduleForm(request.POST, project=project, actor=actor)
    status = 422
    if form.is_valid():
        try:
            planned_on, read = form.cleaned_data["planned_on"], form.cleaned_data["read"]
            service.reschedule_release(request.user, release, planned_on, read=read or UNREAD)
        except NotFound:
            raise
        except SekishoError as error:
            show(form, error)
            status = error.status
        else:
            messages.success(request, _("Saved."))
            return redirect("book:release", code=project.code, release_id=release.pk)
    return _shown(request, actor, project, _fresh(release), form, status)


def _fresh(release: Release) -> Release:
    return Release.objects.select_related("released_by", "project__owner").get(pk=release.pk)


def _shown(
    request: HttpRequest,
    actor: Actor,
    project: Project,
    release: Release,
    form: RescheduleForm,
    status: int = 200,
) -> HttpResponse:
    return render(request, "book/book_release.html", context_of(actor, project, release, form), status=status)


def context_of(actor: Actor, project: Project, release: Release, form: RescheduleForm) -> dict[str, Any]:
    """Everything the page shows, in a fixed number of queries."""
    gate = Gate.objects.to_evaluate().get(release=release)
    page = gate_page(gate, actor)
    may = {
        act: actor.may(act, path=project.owner.path, project_id=project.pk)
        for act in ("release", "read_ledger")
    }
    can_move = release.state == Release.State.PLANNED and not project.is_closed and may["release"]
    history = read_ledger.entries_of_release(release, gate)[:HISTORY] if may["read_ledger"] else []
    undecided = gate.state in (GateState.OPEN, GateState.SUBMITTED)
    return {
        "project": project,
        "release": release,
        "gate": gate,
        "page": page,
        "road": road_of(project),
        "blockers": page.blockers if undecided else [],
        "can_move": can_move,
        "can_publish": can_move and gate.state == GateState.PASSED and not page.view.is_lapsed,
        "form": form,
        "acts": read_ledger.read_acts(history),
    }
