"""A service's months in use: what was reported, and reporting one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.book.models import Project
from sekisho.people.forms import apply
from sekisho.people.permissions import actor_of
from sekisho.portfolio.forms import OperationForm
from sekisho.portfolio.services.operations import report_month

MONTHS = 36


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The months of one book, newest first."""
    actor = actor_of(request.user)
    seen = Project.objects.visible_to(actor).select_related("owner")
    project = get_object_or_404(seen, code=code.replace("\x00", ""))
    form = OperationForm(request.POST or None)
    if request.method == "POST":
        saved = apply(form, lambda values: report_month(request.user, project, **values))
        if saved:
            messages.success(request, _("The month is reported."))
            return redirect("portfolio:operation", project.code)
    context = {
        "project": project,
        "form": form,
        "months": project.operation_months.all()[:MONTHS],
        "may_report": actor.may("edit", path=project.owner.path, project_id=project.pk),
    }
    return render(request, "portfolio/operation.html", context, status=422 if form.errors else 200)
