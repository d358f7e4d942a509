"""Work of the portfolio by the clock."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.jobs.context import JobContext
from sekisho.jobs.registry import job, periodic
from sekisho.portfolio.public.services import snapshot
from sekisho.portfolio.services import digest, figures, ingest, reports


@periodic("portfolio.figures", every=dt.timedelta(minutes=1), label=_("Figures of the portfolio"))
def fold(context: Any) -> None:
    """Every minute: take the figures of changed books anew, and of all when a setting they rest on was changed."""
    figures.follow_settings()
    figures.bring_up_to_date()


@periodic("portfolio.verify", at=dt.time(3, 40), label=_("Recount of the portfolio"))
def verify(context: Any) -> dict[str, int]:
    """Every night: count all again; where figures differ, take them anew."""
    found = len(list(figures.recount()))
    if found:
        figures.rebuild()
    return {"differences": found}


@periodic("public.snapshot", every=dt.timedelta(minutes=1), label=_("What citizens see"))
def publish(context: Any) -> dict[str, int]:
    """Every minute: let decisions that are due take effect, and take what changed in public books anew."""
    return {"changed": snapshot.bring_up_to_date()}


@periodic("public.rebuild", at=dt.time(4, 10), label=_("All that citizens see, taken anew"))
def republish(context: Any) -> dict[str, int]:
    """Every night: what is known of organisations, addresses and ended surveys moves without a book being changed."""
    return {"changed": snapshot.rebuild()}


@periodic("portfolio.week", at=dt.time(7, 0), label=_("The portfolio by mail"))
def week(context: Any) -> dict[str, int]:
    """Every morning: tell those whose day it is how the portfolio stands."""
    return {"told": digest.send()}


@job(reports.KIND, label=_("Report"))
def make_report(context: JobContext, **asked: str) -> dict[str, Any]:
    """Write a report as PDF or workbook."""
    reports.run_report(context.owner, progress=context.progress, **asked)
    return {
        "url": reverse("portfolio:report_file", args=[context.job_id]),
        "message": gettext("The report is ready."),
    }


@job(ingest.KIND, label=_("Operation figures from a file"))
def take_operations(context: JobContext, *, folder: str, file: str, language: str) -> dict[str, Any]:
    """Report the months or incidents of a file that was looked at and confirmed."""
    words = ingest.run_apply(context.owner, folder, file, language, context.progress)
    return {"url": reverse("portfolio:services"), "message": words}


@periodic("portfolio.tidy", at=dt.time(4, 20), label=_("Deleting operation files nobody confirmed"))
def tidy(context: Any) -> dict[str, int]:
    """Every night: forget files whose preview nobody confirmed."""
    return {"files": ingest.tidy(timezone.now())}
