"""The charts of operation: what services did in use, beside what was released to them (開発・稼働状況)."""

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sekisho.book.models import ReleaseKind
from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Cell, Chart, Row, share
from sekisho.portfolio.models import Incident
from sekisho.portfolio.queries.figures import Filters, Sums, behind, yearly
from sekisho.web.formats import fiscal_year

FIGURES = (f.RELEASE, f.INCIDENTS, f.MINUTES_DOWN, f.REQUESTS, f.AVAILABILITY, f.AVAILABLE, f.SEVERITY)
TARGETS = {
    "met": gettext_lazy("Target met"),
    "missed": gettext_lazy("Missed"),
    "far": gettext_lazy("Missed by far"),
}
RELEASES = (*ReleaseKind.values, "emergency")


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    sums = Sums(actor, filters, FIGURES)
    return [_beside(sums), _availability(sums), _targets(sums), _work(sums), _down(sums), _severity(sums)]


def _cell(sums: Sums, figure: str, year: int) -> Cell:
    return Cell(sums.amount(figure, year=year), behind(sums.filters, figure, of=year))


def _beside(sums: Sums) -> Chart:
    """Development and operation in one picture: does what is released bring incidents?"""
    rows = [
        Row(
            fiscal_year(year, get_language()),
            [
                Cell(made, behind(sums.filters, f.RELEASE, of=year)),
                Cell(hurried, behind(sums.filters, f.RELEASE, key="emergency", of=year)),
                _cell(sums, f.INCIDENTS, year),
            ],
        )
        for year in sums.filters.years
        for made in [sum(sums.n(f.RELEASE, kind, year) for kind in RELEASES)]
        for hurried in [sums.n(f.RELEASE, "emergency", year)]
        if made or sums.n(f.INCIDENTS, year=year)
    ]
    year = sums.filters.year
    finding = _("%(year)s: releases %(made)s, incidents %(incidents)s.") % {
        "year": fiscal_year(year, get_language()),
        "made": f"{sum(sums.n(f.RELEASE, kind, year) for kind in RELEASES):,}",
        "incidents": f"{sums.amount(f.INCIDENTS, year=year):,}",
    }
    return Chart(
        name="beside",
        title=gettext_lazy("Releases and incidents"),
        finding=finding
        if rows
        else _("Nothing was released, and no service has reported its operation yet."),
        definition=gettext_lazy(
            "What was released in each fiscal year, the emergencies among it, and the incidents that operators counted."
        ),
        kind="bars",
        series=[_("Releases"), _("Emergency"), _("Incidents")],
        colours=("c2", "c4", "c5"),
        rows=rows,
    )


def _down(sums: Sums) -> Chart:
    years = [year for year in sums.filters.years if sums.n(f.MINUTES_DOWN, year=year)]
    rows = [Row(fiscal_year(year, get_language()), [_cell(sums, f.MINUTES_DOWN, year)]) for year in years]
    finding = _("%(year)s: minutes in which nobody could use a service: %(minutes)s.") % {
        "year": fiscal_year(sums.filters.year, get_language()),
        "minutes": f"{sums.amount(f.MINUTES_DOWN, year=sums.filters.year):,}",
    }
    return Chart(
        name="down",
        title=gettext_lazy("Minutes down"),
        finding=finding if rows else _("No service has reported its operation yet."),
        definition=gettext_lazy("Minutes in which a service could not be used, summed over all services."),
        kind="stack",
        series=[_("Minutes")],
        colours=("c5",),
        rows=rows,
    )


def _severity(sums: Sums) -> Chart:
    rows = yearly(sums, f.SEVERITY, Incident.Severity.values)
    year = sums.filters.year
    finding = _("%(year)s: critical incidents listed: %(n)s.") % {
        "year": fiscal_year(year, get_language()),
        "n": f"{sums.n(f.SEVERITY, 'critical', year):,}",
    }
    return Chart(
        name="severity",
        title=gettext_lazy("Listed incidents by severity"),
        finding=finding if rows else _("No incident is listed."),
        definition=gettext_lazy("Incidents that were listed one by one; operators may count more."),
        kind="stack",
        series=[str(label) for label in Incident.Severity.labels],
        colours=("c5", "c4", "c6"),
        rows=rows,
    )


def _work(sums: Sums) -> Chart:
    rows = [
        Row(
            fiscal_year(year, get_language()),
            [_cell(sums, f.INCIDENTS, year), _cell(sums, f.REQUESTS, year)],
        )
        for year in sums.filters.years
        if sums.n(f.INCIDENTS, year=year) or sums.n(f.REQUESTS, year=year)
    ]
    year = sums.filters.year
    finding = _("%(year)s: incidents %(incidents)s, requests for changes and help %(requests)s.") % {
        "year": fiscal_year(year, get_language()),
        "incidents": f"{sums.amount(f.INCIDENTS, year=year):,}",
        "requests": f"{sums.amount(f.REQUESTS, year=year):,}",
    }
    return Chart(
        name="work",
        title=gettext_lazy("Incidents and requests"),
        finding=finding if rows else _("No service has reported its operation yet."),
        definition=gettext_lazy(
            "What operators of services in use reported month by month, summed over the fiscal year."
        ),
        kind="bars",
        series=[_("Incidents"), _("Requests")],
        colours=("c5", "c2"),
        rows=rows,
    )


def _availability(sums: Sums) -> Chart:
    target = settings.AVAILABILITY_TARGET
    rows = [
        Row(
            fiscal_year(year, get_language()),
            [Cell(mean := round(worth.amount / worth.n), link, share(mean), parts=100)],
        )
        for year in sums.filters.years
        for link in [behind(sums.filters, f.AVAILABILITY, of=year)]
        if (worth := sums.keys(f.AVAILABILITY, year).get("")) and worth.n
    ]
    return Chart(
        name="availability",
        title=gettext_lazy("Availability"),
        finding=_held(rows[-1], target) if rows else _("No service has reported its availability yet."),
        definition=_(
            "The mean of the months that services in use reported, each month counted once. The scale does not begin at "
            "zero; its ends stand above. A diamond misses the target of %(target)s."
        )
        % {"target": share(target)},
        kind="dots",
        series=[_("Availability")],
        colours=("c1",),
        rows=rows,
        target=target,
    )


def _held(row: Row, target: int) -> str:
    """A year's availability, and how it compares with the target."""
    said = {"year": row.title, "share": row.cells[0].text, "target": share(target)}
    if row.cells[0].value < target:
        return _("%(year)s: available %(share)s of the time, less than the target of %(target)s.") % said
    return _("%(year)s: available %(share)s of the time; the target is %(target)s.") % said


def _targets(sums: Sums) -> Chart:
    """How many services met the target: a mean hides the one that was down for days."""
    target = settings.AVAILABILITY_TARGET
    rows = yearly(sums, f.AVAILABLE, list(TARGETS))
    said = {"target": share(target), "worse": share(f.far_below(target))}
    if rows:
        said |= {"year": rows[-1].title, "met": f"{rows[-1].cells[0].value:,}", "all": f"{rows[-1].total:,}"}
    return Chart(
        name="targets",
        title=gettext_lazy("Availability against the target"),
        finding=_("%(year)s: services that met the target of %(target)s: %(met)s of %(all)s.") % said
        if rows
        else _("No service has reported its availability yet."),
        definition=_(
            "Services in use by the mean of their months of the fiscal year. Missed by far: unavailable for more than ten "
            "times as long as the target of %(target)s allows, so under %(worse)s."
        )
        % said,
        kind="stack",
        series=[str(words) for words in TARGETS.values()],
        colours=("c3", "c4", "c5"),
        rows=rows,
    )
