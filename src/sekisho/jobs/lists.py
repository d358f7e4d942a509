"""The list of one's background work as a file."""

from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.jobs.models import JobQuerySet
from sekisho.jobs.queries import status
from sekisho.web.lists import Cells, as_file


def jobs_file(fmt: str, jobs: JobQuerySet) -> FileResponse:
    """Jobs, newest first."""
    cells = [
        Cells("number", _("Number"), lambda one: one.job.pk, "number"),
        Cells("work", _("Work"), lambda one: one.label),
        Cells("state", _("State"), lambda one: one.word),
        Cells("percent", _("Progress (%)"), lambda one: one.percent, "number"),
        Cells("created_at", _("Started by you"), lambda one: one.job.created_at, "moment"),
        Cells("finished_at", _("Finished"), lambda one: one.job.finished_at, "moment"),
    ]
    rows = (status(job) for job in jobs.iterator(chunk_size=1000))
    return as_file(fmt, "jobs", _("Background work"), cells, rows)
