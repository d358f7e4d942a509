"""Background work of imports and exports."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sekisho.intake.models import ImportRun
from sekisho.intake.services import exporting, runs
from sekisho.jobs.context import JobContext
from sekisho.jobs.registry import job, periodic


@job("intake.read", label=gettext_lazy("Reading an import"))
def read_import(context: JobContext, *, run_id: int) -> dict[str, Any]:
    """Read an upload and find out what it would change."""
    runs.read(_run(run_id), context.progress)
    return {
        "url": reverse("intake:run", args=[run_id]),
        "message": _("Look at what will change, then confirm."),
    }


@job("intake.apply", label=gettext_lazy("Import"), timeout=dt.timedelta(hours=3))
def apply_import(context: JobContext, *, run_id: int) -> dict[str, Any]:
    """Take a confirmed upload into the books."""
    runs.apply(_run(run_id), context.progress)
    return {"url": reverse("intake:run", args=[run_id]), "message": _("The import is finished.")}


def _run(run_id: int) -> ImportRun:
    return ImportRun.objects.select_related("started_by").get(pk=run_id)


@job("intake.export", label=gettext_lazy("Export"))
def export_books(context: JobContext, *, fmt: str, query: str, name: str) -> dict[str, Any]:
    """Write a large export."""
    count = exporting.run_export(context.owner, fmt, query, name, context.progress)
    words = ngettext("%(count)d book was written.", "%(count)d books were written.", count)
    return {"url": reverse("intake:export_file", args=[context.job_id]), "message": words % {"count": count}}


@periodic("intake.tidy", at=dt.time(4, 10), label=gettext_lazy("Deleting old uploads and exports"))
def tidy(context: JobContext) -> dict[str, Any]:
    """Forget uploads nobody confirmed and exports nobody fetched."""
    now = timezone.now()
    return {"uploads": runs.tidy(now), "exports": exporting.tidy(now)}
