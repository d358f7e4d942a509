"""A bureau's quarter: where its projects stand, what happened between two days, and what comes next."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from sekisho.book import fiscal
from sekisho.book.models import (
    Condition,
    Decision,
    Gate,
    GateState,
    Milestone,
    Project,
    Release,
    StatusReport,
)
from sekisho.errors import NotFound
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.portfolio.documents import Column, Document, Picture, Section, Table, Value
from sekisho.portfolio.models import OperationMonth
from sekisho.portfolio.queries import overview
from sekisho.portfolio.queries.figures import Filters, read_filters
from sekisho.portfolio.queries.reports.annual import counted, projects_table
from sekisho.portfolio.queries.reports.book import conditions, releases_table
from sekisho.portfolio.queries.reports.common import as_of, column, corrected, corrections, day_of, office
from sekisho.web.formats import date_long, fiscal_year


@dataclass(frozen=True)
class Quarter:
    """A quarter of a fiscal year: 1 to 4, the first begins with the year."""

    year: int
    number: int

    @property
    def first(self) -> dt.date:
        return _months_after(fiscal.first_day(self.year), 3 * (self.number - 1))

    @property
    def last(self) -> dt.date:
        return _months_after(self.first, 3) - dt.timedelta(days=1)

    @property
    def short(self) -> str:
        """“FY2026 Q2” in the active language."""
        return _("%(year)s Q%(n)s") % {"year": fiscal_year(self.year, get_language()), "n": self.number}

    @property
    def words(self) -> str:
        """“FY2026, quarter 2 (1 Jul to 30 Sep)” in the active language."""
        lang = get_language()
        return _("%(year)s, quarter %(n)s (%(first)s to %(last)s)") % {
            "year": fiscal_year(self.year, lang),
            "n": self.number,
            "first": date_long(self.first, lang),
            "last": date_long(self.last, lang),
        }


def _months_after(day: dt.date, months: int) -> dt.date:
    whole = day.year * 12 + day.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def quarter_of(day: dt.date) -> Quarter:
    """The quarter a day lies in."""
    year = fiscal.fiscal_year_of(day)
    first = fiscal.first_day(year)
    return Quarter(year, (day.year * 12 + day.month - first.year * 12 - first.month) // 3 + 1)


def asked_quarter(asked: QueryDict, today: dt.date) -> Quarter:
    """The quarter that ``year`` and ``quarter`` name; the present one where they name none."""
    now = quarter_of(today)
    year, number = asked.get("year", ""), asked.get("quarter", "")
    if number not in ("1", "2", "3", "4"):
        return now
    known = year.isascii() and year.isdigit() and 1990 <= int(year[:6]) <= now.year + 1
    return Quarter(int(year) if known else now.year, int(number))


def document(actor: Actor, about: str, asked: QueryDict) -> Document:
    """The organisation with this key, in the quarter that the query names (``year``, ``quarter``).

    Raises:
        NotFound: there is none, or this person does not read all of its books.
    """
    bureau = readable(actor, about)
    filters = read_filters(asked)
    quarter = asked_quarter(asked, filters.today)
    filters = Filters(bureau.pk, filters.tier, quarter.year, filters.today)
    books = counted(actor, filters)
    ids = books.order_by().values("pk")
    charts = [chart for chart in overview.charts(actor, filters) if chart.name != "releases"]
    decided, released = _decided(ids, quarter), _released(ids, quarter)
    sections = [
        Section(_("Where the projects stand"), [Picture(chart) for chart in charts]),
        Section(
            _("What happened"),
            [
                _decisions(decided),
                _titled(releases_table(released, with_project=True), _("Releases")),
                _milestones(ids, quarter),
                _titled(conditions(_due(ids, quarter)), _("Conditions due in the quarter or before")),
                _moved(books, quarter),
            ],
        ),
        Section(_("Confidence"), [_confidence(books, quarter)]),
        Section(_("Operation"), [_operation(books, quarter)]),
        Section(_("What comes next"), [_next_gates(ids, quarter)]),
        Section(_("Projects"), [projects_table(books, filters)]),
        corrections(corrected(quarter.first, min(quarter.last, filters.today), ids)),
    ]
    emergencies = sum(one.emergency for one in released)
    said = {"decisions": len(decided), "releases": len(released), "emergency": emergencies}
    happened = (
        _("Decisions: %(decisions)s. Releases: %(releases)s, emergencies among them: %(emergency)s.") % said
    )
    return Document(
        title=_("%(bureau)s: quarterly report") % {"bureau": bureau.local_name},
        office=office(),
        about=[quarter.words, *_closed(bureau), as_of()],
        findings=[happened, *(chart.finding for chart in charts if not chart.is_empty)],
        sections=sections,
    )


def readable(actor: Actor, about: str) -> Organisation:
    """The organisation with this key, when this person reads the books of all below it.

    Raises:
        NotFound: otherwise.
    """
    key = int(about) if about.isascii() and about.isdigit() and len(about) < 16 else 0
    bureau = Organisation.objects.filter(pk=key).first()
    paths = actor.reading_paths()
    if bureau is None or not (paths is None or any(bureau.path.startswith(path) for path in paths)):
        raise NotFound(_("There is no such organisation, or you may not read its books."))
    return bureau


def _closed(bureau: Organisation) -> list[str]:
    """What a reader must know of an organisation that is no more."""
    if bureau.closed_on is None:
        return []
    words = _(
        "This organisation was closed on %(day)s. Its report tells of the books it still holds; those that were handed over are told of where they are now."
    )
    return [words % {"day": date_long(bureau.closed_on, get_language())}]


def _titled(table: Table, title: str) -> Table:
    return Table(table.columns, table.rows, table.empty, title)


def _span(quarter: Quarter, field: str) -> dict[str, dt.date]:
    return {f"{field}__gte": quarter.first, f"{field}__lte": quarter.last}


def _decided(ids: Any, quarter: Quarter) -> list[Decision]:
    found = Decision.objects.filter(gate__project__in=ids, **_span(quarter, "decided_at__date"))
    return list(
        found.select_related("gate__project", "gate__release", "decided_by").order_by("decided_at", "pk")
    )


def _decisions(decided: Iterable[Decision]) -> Table:
    rows: list[list[Value]] = [
        [
            one.gate.project.code,
            one.gate.project.local_name,
            one.gate.title,
            str(one.get_result_display()),
            day_of(one.decided_at),
            str(one.decided_by),
        ]
        for one in decided
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("Gate"), "short"),
        Column(_("Decision"), "short"),
        Column(_("Decided on"), "date"),
        Column(_("Who"), "short"),
    )
    return Table(columns, rows, _("Nothing was decided."), _("Decisions"))


def _released(ids: Any, quarter: Quarter) -> list[Release]:
    found = Release.objects.filter(
        project__in=ids, state=Release.State.RELEASED, **_span(quarter, "released_at__date")
    )
    return list(found.select_related("project").order_by("released_at", "pk"))


def _milestones(ids: Any, quarter: Quarter) -> Table:
    found = Milestone.objects.filter(project__in=ids, **_span(quarter, "planned_on")).select_related(
        "project"
    )
    rows: list[list[Value]] = [
        [one.project.code, one.project.local_name, one.name, one.planned_on, one.done_on]
        for one in found.order_by("planned_on", "pk")
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("Milestone")),
        column(Milestone, "planned_on", "date"),
        column(Milestone, "done_on", "date"),
    )
    return Table(columns, rows, _("No milestone was planned for this quarter."), _("Milestones"))


def _due(ids: Any, quarter: Quarter) -> QuerySet[Condition]:
    """Conditions due in the quarter, and older ones that are not met."""
    of = Condition.objects.filter(project__in=ids, due_on__lte=quarter.last)
    return (of.filter(due_on__gte=quarter.first) | of.filter(resolved_at=None)).order_by("due_on", "pk")


def _moved(books: QuerySet[Project], quarter: Quarter) -> Table:
    """Books that were opened, retired or stopped in the quarter."""
    kinds = (
        ("created_at", pgettext("book", "Opened")),
        ("retired_at", _("Retired")),
        ("stopped_at", _("Stopped")),
    )
    rows: list[list[Value]] = [
        [book.code, book.local_name, words, day_of(getattr(book, field))]
        for field, words in kinds
        for book in books.filter(**_span(quarter, f"{field}__date"))
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("What happened"), "short"),
        Column(_("Date"), "date"),
    )
    return Table(columns, rows, _("No book was opened or closed."), _("Books opened and closed"))


def _confidence(books: QuerySet[Project], quarter: Quarter) -> Table:
    """The last rating by the end of the quarter beside the one by its beginning."""
    before, after = (_ratings(books, day) for day in (quarter.first - dt.timedelta(days=1), quarter.last))
    rows: list[list[Value]] = []
    for book in books:
        now, then = after.get(book.pk), before.get(book.pk)
        if now is not None:
            rows.append(
                [book.code, book.local_name, then.lowest if then else None, now.lowest, now.month, now.words]
            )
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("Before"), "number"),
        Column(_("Now"), "number"),
        column(StatusReport, "month", "month"),
        column(StatusReport, "words"),
    )
    return Table(columns, rows, _("No project has reported yet."))


def _ratings(books: QuerySet[Project], until: dt.date) -> dict[int, StatusReport]:
    found = StatusReport.objects.filter(project__in=books.order_by().values("pk"), month__lte=until)
    return {one.project_id: one for one in found.order_by("month")}


def _operation(books: QuerySet[Project], quarter: Quarter) -> Table:
    found = OperationMonth.objects.filter(
        project__in=books.order_by().values("pk"), **_span(quarter, "month")
    ).order_by()
    sums: Mapping[int, Any] = {
        row["project"]: row
        for row in found.values("project").annotate(
            share=Avg("availability"), n=Sum("incidents"), down=Sum("minutes_down"), asked=Sum("requests")
        )
    }
    rows: list[list[Value]] = [
        [
            book.code,
            book.local_name,
            None if of["share"] is None else float(of["share"]) / 100,
            of["n"],
            of["down"],
            of["asked"],
        ]
        for book in books
        if (of := sums.get(book.pk))
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("Availability"), "percent"),
        Column(_("Incidents"), "number"),
        Column(_("Minutes down"), "number"),
        Column(_("Requests"), "number"),
    )
    return Table(columns, rows, _("No service has reported its operation in this quarter."))


def _next_gates(ids: Any, quarter: Quarter) -> Table:
    """Gates still to pass that were due already or will be by the end of the next quarter."""
    until = _months_after(quarter.first, 6)
    found = Gate.objects.filter(
        project__in=ids, state__in=(GateState.OPEN, GateState.SUBMITTED), due_on__lt=until
    )
    rows: list[list[Value]] = [
        [one.project.code, one.project.local_name, one.title, one.due_on, one.get_state_display()]
        for one in found.filter(project__retired_at=None, project__stopped_at=None)
        .select_related("project", "release")
        .order_by("due_on", "pk")
    ]
    columns = (
        column(Project, "code", "code"),
        column(Project, "name"),
        Column(_("Gate"), "short"),
        column(Gate, "due_on", "date"),
        Column(_("State"), "short"),
    )
    return Table(
        columns, rows, _("No gate is due."), _("Gates overdue or due by the end of the next quarter")
    )
