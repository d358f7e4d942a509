"""One service in use beside its development: months, incidents, releases and ratings in one line a month."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sekisho.book.models import Project, Release
from sekisho.portfolio.charts import Cell, Chart, Row, share
from sekisho.portfolio.documents import Column, Table, Value
from sekisho.portfolio.models import Incident, OperationMonth
from sekisho.web.formats import month as month_words

#: months a page shows
MONTHS = 24


@dataclass(frozen=True)
class MonthLine:
    """A month of a service: how it ran, and what was developed. None where nothing was said."""

    month: dt.date
    rows: Sequence[OperationMonth]
    incidents: Sequence[Incident]
    releases: Sequence[Release]
    milestones: Sequence[str]
    confidence: int | None

    @property
    def availability(self) -> str:
        """The mean of the systems that measured it, each counted once; "" where none did."""
        known = [row.availability for row in self.rows if row.availability is not None]
        return f"{sum(known) / len(known) / 100:.2f}%" if known else ""

    @property
    def counts(self) -> tuple[int, int, int] | None:
        """(incidents, minutes down, requests) over all systems; None when no system reported."""
        if not self.rows:
            return None
        return (
            sum(row.incidents for row in self.rows),
            sum(row.minutes_down for row in self.rows),
            sum(row.requests for row in self.rows),
        )

    @property
    def severe(self) -> str:
        """How many of the listed incidents were critical or major: “1 critical, 2 major”; "" when none."""
        counted = Counter(one.severity for one in self.incidents)
        said = [
            f"{Incident.Severity(code).label} {counted[code]}"
            for code in ("critical", "major")
            if counted[code]
        ]
        return _(", ").join(said)


def month_lines(project: Project, most: int = MONTHS) -> list[MonthLine]:
    """The months in which the service ran or was developed, newest first, in a fixed number of queries."""
    rows: dict[dt.date, list[OperationMonth]] = defaultdict(list)
    for row in project.operation_months.all()[: most * 20]:
        rows[row.month].append(row)
    incidents: dict[dt.date, list[Incident]] = defaultdict(list)
    for incident in project.incidents.all()[:2000]:
        incidents[incident.began_on.replace(day=1)].append(incident)
    releases: dict[dt.date, list[Release]] = defaultdict(list)
    for release in project.releases.filter(state=Release.State.RELEASED).order_by("released_at"):
        releases[_month_of(release.released_at)].append(release)
    reached: dict[dt.date, list[str]] = defaultdict(list)
    for milestone in project.milestones.filter(done_on__isnull=False):
        if milestone.done_on:
            reached[milestone.done_on.replace(day=1)].append(milestone.name)
    ratings = {one.month: one.lowest for one in project.status_reports.all()[:most]}
    months = sorted({*rows, *incidents, *releases, *reached, *ratings}, reverse=True)[:most]
    return [
        MonthLine(one, rows[one], incidents[one], releases[one], reached[one], ratings.get(one))
        for one in months
    ]


def _month_of(moment: dt.datetime | None) -> dt.date:
    assert moment is not None, "released means a date"
    return timezone.localdate(moment).replace(day=1)


def charts(project: Project) -> list[Chart]:
    """Incidents beside releases, and availability, month by month; empty charts where nothing was reported."""
    lines = [line for line in month_lines(project, 12) if line.rows or line.releases or line.incidents]
    return [_beside(list(reversed(lines))), _availability(list(reversed(lines)))]


def _beside(lines: Sequence[MonthLine]) -> Chart:
    lang = get_language()
    made = sum(len(line.releases) for line in lines)
    incidents = sum((line.counts or (0, 0, 0))[0] for line in lines)
    said = {"made": made, "incidents": incidents}
    return Chart(
        name="beside",
        title=_("Releases and incidents by month"),
        finding=_("In these months: releases %(made)s, incidents %(incidents)s.") % said,
        definition=_("What was released in each month, beside the incidents its operator counted."),
        kind="bars",
        series=[_("Releases"), _("Incidents")],
        colours=("c2", "c5"),
        rows=[
            Row(
                month_words(line.month, lang),
                [Cell(len(line.releases)), Cell((line.counts or (0, 0, 0))[0])],
            )
            for line in lines
        ],
    )


def _availability(lines: Sequence[MonthLine]) -> Chart:
    lang, target = get_language(), settings.AVAILABILITY_TARGET
    rows = [
        Row(
            month_words(line.month, lang),
            [Cell(round(float(line.availability.removesuffix("%")) * 100), "", line.availability, parts=100)],
        )
        for line in lines
        if line.availability
    ]
    return Chart(
        name="availability",
        title=_("Availability"),
        finding=_months_held(rows, target),
        definition=_(
            "The share of the time in which the service could be used, as its operator measured it. The scale does not "
            "begin at zero; its ends stand above. A diamond misses the target of %(target)s."
        )
        % {"target": share(target)},
        kind="dots",
        series=[_("Availability")],
        colours=("c1",),
        rows=rows,
        target=target,
    )


def _months_held(rows: Sequence[Row], target: int) -> str:
    missed = sum(row.cells[0].value < target for row in rows)
    said = {
        "share": rows[-1].cells[0].text if rows else "",
        "missed": missed,
        "months": len(rows),
        "target": share(target),
    }
    if missed:
        words = ngettext(
            "Last month reported: %(share)s. The target of %(target)s was missed in %(missed)s of %(months)s month.",
            "Last month reported: %(share)s. The target of %(target)s was missed in %(missed)s of %(months)s months.",
            len(rows),
        )
        return words % said
    return _("Last month reported: %(share)s. Every month met the target of %(target)s.") % said


def month_rows(project: Project, most: int) -> Table:
    """Development and operation side by side, as a table of a report."""
    rows: list[list[Value]] = [
        [
            line.month,
            line.availability,
            *(line.counts or (None, None, None)),
            _(", ").join(one.version for one in line.releases),
            line.confidence,
        ]
        for line in month_lines(project, most)
    ]
    columns = (
        Column(_("Month"), "month"),
        Column(_("Availability"), "short"),
        Column(_("Incidents"), "number"),
        Column(_("Minutes down"), "number"),
        Column(_("Requests"), "number"),
        Column(_("Releases")),
        Column(_("Confidence"), "number"),
    )
    return Table(columns, rows, _("No month is reported yet"), _("Development and operation side by side"))


def incident_rows(project: Project, most: int) -> Table:
    """The listed incidents, newest first."""
    rows: list[list[Value]] = [
        [one.key, one.began_on, str(one.get_severity_display()), one.minutes_down, one.system, one.text]
        for one in project.incidents.all()[: most * 10]
    ]
    columns = (
        Column(_("Incident number"), "code"),
        Column(_("Began on"), "date"),
        Column(_("Severity"), "short"),
        Column(_("Minutes down"), "number"),
        Column(_("System"), "short"),
        Column(_("What happened")),
    )
    return Table(columns, rows, _("No incident is listed."), _("Incidents"))
