"""Measures that the book itself can take."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book import fiscal
from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, register_measure
from sekisho.book.models import BudgetYear, Condition, Finding, Project, Release, StatusReport


def open_must_findings(project: Project, release: Release | None) -> Measurement:
    """Number of must findings of the project that nobody has resolved."""
    count = Finding.objects.filter(gate__project=project, severity="must").exclude(state="resolved").count()
    return Measurement(count, timezone.now())


def overdue_conditions(project: Project, release: Release | None) -> Measurement:
    """Number of unmet conditions whose due date has passed. Those of a lapsed decision lapsed with it."""
    today = timezone.localdate()
    overdue = Condition.objects.standing().filter(project=project, due_on__lt=today)
    return Measurement(overdue.count(), timezone.now())


def days_since_status(project: Project, release: Release | None) -> Measurement:
    """Days since somebody last reported the project's status; no value before the first report."""
    last = StatusReport.objects.filter(project=project).order_by("-reported_at").first()
    if last is None:
        return Measurement(None)
    days = (timezone.localdate() - timezone.localtime(last.reported_at).date()).days
    return Measurement(days, timezone.now())


def budget_execution_rate(project: Project, release: Release | None) -> Measurement:
    """Executed over available money of the latest closed or running year that has both, in percent."""
    return execution_rate_of(BudgetYear.objects.filter(project=project))


def execution_rate_of(years: Iterable[BudgetYear]) -> Measurement:
    """The same of budget years that were read already, in any order."""
    today = timezone.localdate()
    this_year = fiscal.fiscal_year_of(today)
    for year in sorted(years, key=lambda row: row.fiscal_year, reverse=True):
        if year.fiscal_year <= this_year and year.executed is not None and year.available:
            rate = round(100 * year.executed / year.available, 1)
            return Measurement(rate, dt.datetime.combine(today, dt.time(), tzinfo=dt.UTC))
    return Measurement(None)


def releases_judged(project: Project, release: Release | None) -> Measurement:
    """Percent of released releases whose gate was decided; no value before the first. An emergency released before its
    gate counts as judged once its gate was."""
    released = Release.objects.filter(project=project, state=Release.State.RELEASED)
    count = released.count()
    if not count:
        return Measurement(None)
    judged = released.filter(gate__decisions__result__in=("go", "conditional")).distinct().count()
    return Measurement(round(100 * judged / count, 1), timezone.now())


def register() -> None:
    """Register all of the above."""
    register_measure(
        Measure("open_must_findings", _("Open must findings"), _("findings"), open_must_findings)
    )
    register_measure(
        Measure("overdue_conditions", _("Overdue conditions"), _("conditions"), overdue_conditions)
    )
    register_measure(
        Measure("days_since_status", _("Days since the last status"), _("days"), days_since_status)
    )
    register_measure(Measure("budget_execution_rate", _("Budget execution rate"), "%", budget_execution_rate))
    register_measure(Measure("releases_judged", _("Releases judged at their gate"), "%", releases_judged))
