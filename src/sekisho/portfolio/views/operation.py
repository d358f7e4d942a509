"""Services in use: all of them beside their development, one service's months and incidents, and files of them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.models import Project
from sekisho.errors import SekishoError
from sekisho.intake import words as intake_words
from sekisho.people.forms import apply
from sekisho.people.permissions import actor_of
from sekisho.portfolio.drawing import draw, legend_of
from sekisho.portfolio.forms import IncidentForm, OperationFileForm, OperationForm
from sekisho.portfolio.pictures import FILES
from sekisho.portfolio.queries import operation as read
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.queries.services import service_lines
from sekisho.portfolio.services import ingest
from sekisho.portfolio.services.figures import before_reading
from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.portfolio.views.remembering import choices, remembering
from sekisho.web.pictures import download

#: lines of a preview that are shown of each kind
SHOWN = 200


def seen(request: HttpRequest, code: str) -> Project:
    """The book of this code, where this person may read it."""
    books = Project.objects.visible_to(actor_of(request.user)).select_related("owner")
    return get_object_or_404(books, code=code.replace("\x00", ""))


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One service, newest month first; POST reports a month."""
    project = seen(request, code)
    form = OperationForm(request.POST or None)
    posted = request.method == "POST"
    if posted and apply(form, lambda values: report_month(request.user, project, **values)):
        messages.success(request, _("The month is reported."))
        return redirect("portfolio:operation", project.code)
    return _page(request, project, form, IncidentForm(prefix="incident"))


@require_GET
def chart(request: HttpRequest, code: str, name: str, kind: str) -> HttpResponse:
    """A chart of one service as SVG, PNG or CSV."""
    found = next((one for one in read.charts(seen(request, code)) if one.name == name), None)
    if found is None or kind not in FILES:
        raise Http404(_("There is no such chart."))
    media_type, write = FILES[kind]
    return download(write(found), media_type, f"operation-{name}.{kind}")


@require_POST
def incident(request: HttpRequest, code: str) -> HttpResponse:
    """List an incident of one service."""
    project = seen(request, code)
    form = IncidentForm(request.POST, prefix="incident")
    if apply(form, lambda values: report_incident(request.user, project, **values)):
        messages.success(request, _("The incident is listed."))
        return redirect("portfolio:operation", project.code)
    return _page(request, project, OperationForm(), form)


def _page(
    request: HttpRequest, project: Project, form: OperationForm, incident_form: IncidentForm
) -> HttpResponse:
    actor = actor_of(request.user)
    charts = [chart for chart in read.charts(project) if not chart.is_empty]
    context = {
        "project": project,
        "form": form,
        "incident_form": incident_form,
        "lines": read.month_lines(project),
        "charts": [(chart, draw(chart), legend_of(chart)) for chart in charts],
        "incidents": project.incidents.all()[:SHOWN],
        "emergency_word": _("Emergency"),
        "whole_word": _("Whole service"),
        "may_report": actor.may("edit", path=project.owner.path, project_id=project.pk),
    }
    refused = form.errors or incident_form.errors
    return render(request, "portfolio/operation.html", context, status=422 if refused else 200)


@require_GET
@remembering
def services(request: HttpRequest) -> HttpResponse:
    """Every project: how its development stands beside how it runs (開発・稼働状況). Filters are remembered."""
    actor, filters = actor_of(request.user), read_filters(request.GET)
    waiting = before_reading()
    lines, total, more = service_lines(actor, filters, request.GET.get("after", ""))
    context = {
        "lines": lines,
        "total": total,
        "more": more,
        "waiting": waiting,
        **choices(request, actor, filters),
        "may_create": actor.may_anywhere("create"),
        "may_upload": actor.may_edit_some_book,
    }
    return render(request, "portfolio/services.html", context)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A file of months or incidents: choose it, and see what it would change."""
    ingest.require_reporter(request.user)
    form = OperationFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = ingest.keep_upload(request.user, form.cleaned_data["table"])
            planned = ingest.plan(request.user, ingest.kept_upload(request.user, token))
        except SekishoError as refused:
            form.add_error("table", str(refused))
        else:
            return render(request, "portfolio/operation_preview.html", _preview(planned, token))
    return render(
        request, "portfolio/operation_upload.html", {"form": form}, status=422 if form.errors else 200
    )


def _preview(planned: ingest.Plan, token: str) -> dict[str, Any]:
    changing = [line for line in planned.lines if line.state != ingest.SAME]
    return {
        "plan": planned,
        "token": token,
        "summary": ingest.summary(planned),
        "changing": changing[:SHOWN],
        "more": max(len(changing) - SHOWN, 0),
        "problems": [(one, intake_words.message(one)) for one in planned.problems[:SHOWN]],
        "state_words": {ingest.NEW: _("New"), ingest.CORRECTED: _("Corrected")},
    }


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the file that was looked at, in the background."""
    ingest.require_reporter(request.user)
    try:
        job = ingest.apply_later(request.user, request.POST.get("token", "")[:1000])
    except SekishoError as refused:
        messages.error(request, str(refused))
        return redirect("portfolio:operation_upload")
    return redirect("jobs:job", job.pk)
