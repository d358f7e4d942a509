"""The pages of the portfolio and their charts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sekisho.errors import Message
from sekisho.people.roles import Actor
from sekisho.portfolio.charts import Chart
from sekisho.portfolio.queries import heads, overview, quality, running, truth
from sekisho.portfolio.queries.figures import Filters


@dataclass(frozen=True)
class Page:
    """A dashboard: its name in the address, its title, and its charts."""

    name: str
    title: Message
    charts: Callable[[Actor, Filters], Sequence[Chart]]


PAGES: Mapping[str, Page] = {
    page.name: page
    for page in (
        Page("overview", _("Overview"), overview.charts),
        Page("bureaus", _("By bureau"), heads.charts),
        Page("operation", _("Development and operation"), running.charts),
        Page("quality", _("Quality"), quality.charts),
        Page("truth", _("Can it be trusted?"), truth.charts),
    )
}

#: names of figures in words, for the page behind a number
FIGURES: Mapping[str, Message] = {
    "phase": _("Projects by phase"),
    "gate_due": _("Gates due"),
    "condition_due": _("Conditions due"),
    "confidence_flow": _("Confidence, year before and this year"),
    "money_requested": _("Money requested"),
    "money_approved": _("Money approved"),
    "money_executed": _("Money executed"),
    "money_forecast": _("Money, forecast"),
    "money_outlook": _("Money, forecast"),
    "drift": _("Delay against the first baseline"),
    "release": _("Releases"),
    "quality": _("Services by quality level"),
    "satisfaction": _("Satisfaction of users"),
    "reported": _("When projects last reported"),
    "complete": _("How much of each book is filled in"),
    "reviewed": _("Who looked from outside"),
    "no_reviewer": _("Submitted, nobody asked to review"),
    "alarm": _("Figures that look arranged"),
    "alarm_answered": _("Figures that look arranged, answered"),
    "incidents": _("Incidents"),
    "requests": _("Requests"),
    "availability": _("Availability"),
    "available": _("Availability against the target"),
    "minutes_down": _("Minutes down"),
    "severity": _("Listed incidents by severity"),
}


def chart_of(actor: Actor, filters: Filters, page: str, name: str) -> Chart | None:
    """One chart of a page; None when there is no such chart."""
    found = PAGES[page].charts(actor, filters) if page in PAGES else ()
    return next((chart for chart in found if chart.name == name), None)
