"""The annual report: every dashboard of one fiscal year, the projects they count, and what was corrected since."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book import fiscal
from sekisho.book.models import BudgetYear, Project, Tier
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.documents import Column, Document, Picture, Section, Table, Value
from sekisho.portfolio.models import Entry
from sekisho.portfolio.queries.figures import Filters, reached, read_filters
from sekisho.portfolio.queries.pages import PAGES
from sekisho.portfolio.queries.reports.common import as_of, column, corrected, corrections, label, office
from sekisho.web.formats import fiscal_year

#: a report lists at most this many projects; a longer list belongs into a spreadsheet of the registry
LISTED = 5_000


def document(actor: Actor, about: str, asked: QueryDict) -> Document:
    """The fiscal year, bureau and tier that the query names (``year``, ``org``, ``tier``)."""
    filters = read_filters(asked)
    sections, findings = [], []
    told: set[str] = set()
    for page in PAGES.values():
        charts = [chart for chart in page.charts(actor, filters) if chart.name not in told]
        told |= {chart.name for chart in charts}  # two pages may show the same chart; a report tells it once
        sections.append(Section(page.title, [Picture(chart) for chart in charts]))
        findings += [chart.finding for chart in charts if not chart.is_empty]
    books = counted(actor, filters)
    first = fiscal.first_day(filters.year)
    last = min(fiscal.first_day(filters.year + 1) - dt.timedelta(days=1), filters.today)
    sections.append(Section(_("Projects"), [projects_table(books, filters)]))
    sections.append(corrections(corrected(first, last, books.order_by().values("pk"))))
    year = {"year": fiscal_year(filters.year, get_language())}
    return Document(
        title=_("Annual report of digital projects, %(year)s") % year,
        office=office(),
        about=[*narrowed(filters), as_of()],
        findings=findings,
        sections=sections,
    )


def narrowed(filters: Filters) -> list[str]:
    """What the report is narrowed to, in one line; nothing when it is about all."""
    head = Organisation.objects.filter(pk=filters.organisation).first() if filters.organisation else None
    tier = dict(Tier.choices).get(filters.tier, "")
    words = " · ".join(str(part) for part in (head.local_name if head else "", tier) if part)
    return [words] if words else []


def counted(actor: Actor, filters: Filters) -> QuerySet[Project]:
    """The books that the figures count, by code."""
    entries = Entry.objects.filter(reached(actor, filters.organisation), figure=f.PHASE).order_by()
    if filters.tier:
        entries = entries.filter(tier=filters.tier)
    return Project.objects.filter(pk__in=entries.values("project")).select_related("owner").order_by("code")


def projects_table(books: QuerySet[Project], filters: Filters) -> Table:
    """Each project in one line, with the year's money and its delay against the first baseline."""
    listed = list(books[:LISTED])
    ids = books.order_by().values("pk")
    money = _by_project(
        BudgetYear.objects.filter(fiscal_year=filters.year, project__in=ids),
        "requested",
        "approved",
        "executed",
    )
    late = dict(
        Entry.objects.filter(figure=f.DRIFT, project__in=ids)
        .exclude(key=f.NONE)
        .order_by()
        .values_list("project", "amount")
    )
    nothing = (None, None, None)
    rows: list[list[Value]] = [
        [
            book.code,
            book.local_name,
            book.owner.local_name,
            _phase(book),
            *money.get(book.pk, nothing),
            book.confidence,
            late.get(book.pk),
        ]
        for book in listed
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(label(Project, "owner"), "text"),
        column(Project, "phase", "short"),
        *(column(BudgetYear, name, "yen") for name in ("requested", "approved", "executed")),
        Column(_("Confidence"), "number"),
        Column(_("Days late"), "number"),
    )
    return Table(columns, rows, _("No project is counted here"))


def _phase(book: Project) -> str:
    if book.retired_at or book.stopped_at:
        return _("Retired") if book.retired_at else _("Stopped")
    return str(book.get_phase_display())


def _by_project(rows: QuerySet[Any], *names: str) -> dict[int, tuple[Any, ...]]:
    return {pk: tuple(values) for pk, *values in rows.order_by().values_list("project_id", *names)}
