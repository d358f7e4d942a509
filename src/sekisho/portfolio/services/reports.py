"""The annual report as PDF: the dashboards of one fiscal year, and the list of the projects they count."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pylopdf_fonts_jp
import typst
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from sekisho.book.models import Project
from sekisho.errors import Invalid, NotFound
from sekisho.intake.services.exporting import exports_folder
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job, State
from sekisho.people.models import Installation, Organisation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.portfolio.charts import Chart
from sekisho.portfolio.models import Entry
from sekisho.portfolio.pictures import drawing
from sekisho.portfolio.queries.figures import Filters, reached, read_filters
from sekisho.portfolio.queries.pages import PAGES
from sekisho.portfolio.services.figures import bring_up_to_date
from sekisho.web.formats import date_long, fiscal_year, yen_short

KIND = "portfolio.report"
FONTS = Path(pylopdf_fonts_jp.__file__).parent
SHIPPED = Path(__file__).parent.parent / "reports" / "annual.typ"
#: a report lists at most this many projects; a longer list belongs into a spreadsheet
LISTED = 5_000

Progress = Callable[[int, int], Any]


def report_later(user: Any, query: str) -> Job:
    """Make the report in the background, in the language of the person who asks."""
    language = get_language() or "ja"
    params = {"query": query[:500], "language": language, "name": f"{uuid4().hex}.pdf"}
    return jobs.enqueue(KIND, params, owner=user, dedupe_key=f"{KIND}:{user.pk}:{language}:{query}"[:200])


def run_report(user: Any, query: str, language: str, name: str, progress: Progress) -> int:
    """Write the report to its file; called by the background job. Returns its size in bytes."""
    with override(language):
        content = annual_report(actor_of(user), read_filters(QueryDict(query)), progress)
    folder = exports_folder()  # whose nightly tidying forgets reports too
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)
    return len(content)


def finished_report(user: Any, job_id: int) -> Path:
    """The file of a finished report, for its owner only.

    Raises:
        NotFound: it is somebody else's, not finished, or deleted.
    """
    job = Job.objects.filter(pk=job_id, kind=KIND, owner_id=user.pk, state=State.DONE).first()
    path = exports_folder() / str(job.params["name"]) if job else None
    if path is None or not path.is_file():
        raise NotFound(_("This report is no longer here. Make it again from the portfolio."))
    return path


def annual_report(actor: Actor, filters: Filters, progress: Progress = lambda done, total: None) -> bytes:
    """The report as tagged PDF, in the active language.

    Raises:
        Invalid: the office's own template cannot be read; the words name line and reason.
    """
    bring_up_to_date()
    progress(1, 4)
    charts = [chart for page in PAGES.values() for chart in page.charts(actor, filters)]
    progress(2, 4)
    data = _document(actor, filters, charts)
    progress(3, 4)
    made = _set(json.dumps(data, ensure_ascii=False))
    progress(4, 4)
    return made


def _set(data: str) -> bytes:
    """PDF/UA-1 where every letter can be drawn; tagged PDF otherwise, as one emoji in a name must not cost the report."""
    try:
        return _compiled(data, accessible=True)
    except typst.TypstError:
        pass
    try:
        return _compiled(data, accessible=False)
    except typst.TypstError as problem:
        said = {"file": template().name, "reason": str(problem)}
        raise Invalid(_("The report cannot be made from %(file)s: %(reason)s") % said) from None


def _compiled(data: str, *, accessible: bool) -> bytes:
    made = typst.compile(
        str(template()),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards="ua-1" if accessible else None,
    )
    return bytes(made)


def template() -> Path:
    """The office's own template where it has one, else the one shipped."""
    own = Path(settings.MEDIA_ROOT).parent / "reports" / SHIPPED.name
    return own if own.is_file() else SHIPPED


def _document(actor: Actor, filters: Filters, charts: list[Chart]) -> dict[str, Any]:
    lang = get_language()
    office = Installation.objects.values_list("name", flat=True).first() or "Sekisho"
    return {
        "language": "en" if (lang or "").startswith("en") else "ja",
        "title": _("Annual report of digital projects, %(year)s") % {"year": fiscal_year(filters.year, lang)},
        "office": office,
        "made": date_long(filters.today, lang),
        "narrowed": _narrowed(filters),
        "findings": [chart.finding for chart in charts if not chart.is_empty],
        "charts": [_chart(chart) for chart in charts],
        "list_title": _("Projects"),
        "list_heads": [_("Code"), _("Name"), _("Owner section"), _("Phase"), _("This year"), _("Confidence")],
        "projects": _projects(actor, filters),
    }


def _narrowed(filters: Filters) -> str:
    head = Organisation.objects.filter(pk=filters.organisation).first() if filters.organisation else None
    tier = dict(Project._meta.get_field("tier").flatchoices).get(filters.tier, "")
    return " · ".join(str(words) for words in (head.local_name if head else "", tier) if words)


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "title": str(chart.title),
        "finding": chart.finding,
        "definition": str(chart.definition),
        "svg": drawing(chart),
        "series": list(chart.series),
        "rows": []
        if chart.is_empty
        else [{"title": row.title, "cells": [cell.text for cell in row.cells]} for row in chart.rows],
    }


def _projects(actor: Actor, filters: Filters) -> list[list[str]]:
    lang = get_language()
    counted = Entry.objects.filter(reached(actor, filters.organisation), figure="phase").order_by()
    counted = counted.filter(tier=filters.tier) if filters.tier else counted
    books = Project.objects.filter(pk__in=counted.values("project")).select_related("owner").order_by("code")
    return [
        [
            book.code,
            book.local_name,
            book.owner.local_name,
            str(book.get_phase_display()),
            yen_short(book.money_this_year, lang),
            str(book.confidence or "–"),
        ]
        for book in books[:LISTED]
    ]
