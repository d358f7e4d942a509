"""The charts of quality: levels by year, satisfaction, reviews, and how services run."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.queries.figures import Filters, Sums, behind, keyed, yearly
from sekisho.voice.quality import BELOW, current_rule
from sekisho.voice.queries.quality import title
from sekisho.web.formats import fiscal_year

FIGURES = (f.QUALITY, f.SATISFACTION, f.REVIEWED, f.NO_REVIEWER, f.INCIDENTS, f.REQUESTS, f.AVAILABILITY)
SATISFACTION = {
    "high": gettext_lazy("4 and more of 5"),
    "middle": gettext_lazy("3 to 4"),
    "low": gettext_lazy("Under 3"),
    f.NONE: gettext_lazy("Not asked yet"),
}


REVIEWED = {"yes": gettext_lazy("Reviewed"), "no": gettext_lazy("Without a review")}


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    sums = Sums(actor, filters, FIGURES)
    return [_levels(sums), _satisfaction(sums), _work(sums), _availability(sums), _reviewed(sums)]


def _levels(sums: Sums) -> Chart:
    rule = current_rule()
    codes = [BELOW, *(level.code for level in rule.levels)]
    names = [title(rule, code) for code in codes]
    rows = yearly(sums, f.QUALITY, codes)
    now = [cell.value for cell in rows[-1].cells] if rows else []
    said = (
        _(", ").join(f"{name} {count:,}" for name, count in zip(reversed(names), reversed(now), strict=True))
        if now
        else ""
    )
    return Chart(
        name="levels",
        title=gettext_lazy("Services by quality level"),
        finding=said or _("No service is judged yet."),
        definition=gettext_lazy(
            "The level of each service in use, as it was judged last in the fiscal year."
        ),
        kind="stack",
        series=names,
        colours=("none", "c3", "c1"),
        rows=rows,
    )


def _satisfaction(sums: Sums) -> Chart:
    asked = sum(sums.n(f.SATISFACTION, key) for key in ("high", "middle", "low"))
    whole = asked + sums.n(f.SATISFACTION, f.NONE)
    return Chart(
        name="satisfaction",
        title=gettext_lazy("Satisfaction of users"),
        finding=_("The users of %(asked)s of %(whole)s services in use were asked.")
        % {"asked": f"{asked:,}", "whole": f"{whole:,}"},
        definition=gettext_lazy(
            "Services by the mean of their newest survey of satisfaction that may be shown, 1 to 5."
        ),
        kind="stack",
        series=[_("Services")],
        colours=("c2",),
        rows=keyed(sums, f.SATISFACTION, SATISFACTION),
    )


def _work(sums: Sums) -> Chart:
    rows = [
        Row(
            fiscal_year(year, get_language()),
            [
                Cell(sums.amount(name, year=year), behind(sums.filters, name, of=year))
                for name in (f.INCIDENTS, f.REQUESTS)
            ],
        )
        for year in sums.filters.years
        if sums.n(f.INCIDENTS, year=year) or sums.n(f.REQUESTS, year=year)
    ]
    year = sums.filters.year
    finding = _("%(year)s: %(incidents)s incidents, %(requests)s requests for changes and help.") % {
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
    rows = [
        Row(
            fiscal_year(year, get_language()),
            [
                Cell(
                    mean := round(worth.amount / worth.n),
                    behind(sums.filters, f.AVAILABILITY, of=year),
                    f"{mean / 100:.2f}%",
                )
            ],
        )
        for year in sums.filters.years
        if (worth := sums.keys(f.AVAILABILITY, year).get("")) and worth.n
    ]
    finding = _("%(year)s: available %(share)s of the time.") % {
        "year": rows[-1].title if rows else "",
        "share": rows[-1].cells[0].text if rows else "",
    }
    return Chart(
        name="availability",
        title=gettext_lazy("Availability"),
        finding=finding if rows else _("No service has reported its availability yet."),
        definition=gettext_lazy(
            "The mean of the months that services in use reported, each month counted once."
        ),
        kind="stack",
        series=[_("Availability")],
        colours=("c1",),
        rows=rows,
    )


def _reviewed(sums: Sums) -> Chart:
    waiting = sums.n(f.NO_REVIEWER, "yes")
    unasked = {"yes": _("Submitted, nobody asked to review")}
    return Chart(
        name="reviews",
        title=gettext_lazy("Who looked from outside"),
        finding=_("%(waiting)s submitted gates have nobody to review them: here expertise is short.")
        % {"waiting": f"{waiting:,}"},
        definition=gettext_lazy(
            "Gates that were passed or stopped, by whether a CIO aide or expert reviewed them."
        ),
        kind="stack",
        series=[_("Gates")],
        colours=("c2",),
        rows=[*keyed(sums, f.REVIEWED, REVIEWED), *keyed(sums, f.NO_REVIEWER, unasked)],
    )
