"""My background work: the list, one job with its progress, cancel and retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sekisho.errors import Conflict
from sekisho.jobs import queries, services
from sekisho.jobs.lists import jobs_file
from sekisho.jobs.models import Job
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format

# htmx stops polling at this status.
STOP_POLLING = 286


@require_GET
def job_list(request: HttpRequest) -> HttpResponseBase:
    """The person's own jobs, newest first; ``?before=ID`` shows older ones."""
    if fmt := asked_format(request):
        return jobs_file(fmt, Job.objects.filter(owner_id=request.user.pk))
    before = whole_number(request.GET.get("before", ""))
    jobs = queries.owned_by(request.user, before)
    shown = jobs[: queries.PAGE_SIZE]
    context = {
        "statuses": [queries.status(job) for job in shown],
        "older": shown[-1].pk if len(jobs) > len(shown) else None,
        "is_first": not before,
    }
    return render(request, "jobs/list.html", context)


@require_GET
@never_cache
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job."""
    return render(request, "jobs/job.html", _context(request, _job(request, job_id)))


@require_GET
@never_cache
def job_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The part of the page that changes; its status ends the polling when the job is over."""
    job = _job(request, job_id)
    context = {**_context(request, job), "announce": job.is_over}
    return render(request, "jobs/progress.html", context, status=STOP_POLLING if job.is_over else 200)


@require_POST
def job_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Cancel, then back to the job."""
    return _steer(request, job_id, services.cancel, _("The work is being cancelled."))


@require_POST
def job_retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Start again, then back to the job."""
    return _steer(request, job_id, services.retry, _("The work was put in the queue again."))


def _job(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(queries.visible_to(request.user), pk=job_id)


def _context(request: HttpRequest, job: Job) -> dict[str, Any]:
    return {"status": queries.status(job), "job": job, "may_steer": job.may_be_steered_by(request.user)}


def _steer(request: HttpRequest, job_id: int, act: Callable[[Job, Any], Job], success: str) -> HttpResponse:
    try:
        act(_job(request, job_id), request.user)
        messages.success(request, success)
    except Conflict as refused:
        messages.error(request, str(refused))
    return redirect("jobs:job", job_id=job_id)
