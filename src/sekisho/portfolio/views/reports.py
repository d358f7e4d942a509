"""The annual report: asked for, and fetched."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from sekisho.portfolio.services import reports


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the report in the background; its page shows how far it is."""
    return redirect("jobs:job", reports.report_later(request.user, request.POST.get("query", "")).pk)


@require_GET
def file(request: HttpRequest, job_id: int) -> FileResponse:
    """A finished report, for its owner only."""
    path = reports.finished_report(request.user, job_id)
    return FileResponse(path.open("rb"), as_attachment=True, filename="sekisho-annual-report.pdf")
