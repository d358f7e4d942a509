"""The portfolio of a week, as far as one person reads it: what their mail tells."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.people.models import User
from sekisho.people.permissions import actor_of
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Chart
from sekisho.portfolio.queries import overview, truth
from sekisho.portfolio.queries.figures import Filters, Sums, counted, read_filters
from sekisho.web.formats import date_long

#: overdue gates that the mail names
NAMED = 10
FIGURES = (f.PHASE, f.GATE_DUE, f.CONDITION_DUE, f.CONFIDENCE, f.ALARM)


@dataclass(frozen=True)
class Week:
    """``numbers``: name -> how many now. ``findings``: (sentence, address). ``overdue``: (book, due date, address)."""

    numbers: Mapping[str, int]
    findings: list[tuple[str, str]]
    overdue: list[tuple[str, str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether this person reads no project that is counted."""
        return not self.numbers["projects"]


def week_of(person: User) -> Week:
    """What the portfolio shows this person today, in the active language."""
    filters = read_filters(QueryDict())
    return Week(_numbers(person, filters), _findings(person, filters), _overdue(person, filters))


def _numbers(person: User, filters: Filters) -> dict[str, int]:
    sums, today = Sums(actor_of(person), filters, FIGURES), filters.today.isoformat()
    return {
        "projects": sum(worth.n for worth in sums.keys(f.PHASE).values()),
        "overdue": sums.between(f.GATE_DUE, "", today),
        "conditions": sums.between(f.CONDITION_DUE, "", today),
        "worried": sums.n(f.CONFIDENCE, "1", filters.year) + sums.n(f.CONFIDENCE, "2", filters.year),
        "alarms": sum(truth.open_signs(sums, code) for code in truth.ALARMS),
    }


def _findings(person: User, filters: Filters) -> list[tuple[str, str]]:
    actor = actor_of(person)
    pages: tuple[tuple[str, list[Chart]], ...] = (
        ("overview", overview.charts(actor, filters)),
        ("truth", truth.charts(actor, filters)[:3]),
    )
    return [
        (chart.finding, f"{settings.BASE_URL}{reverse('portfolio:page', args=[page])}#chart-{chart.name}")
        for page, charts in pages
        for chart in charts
        if not chart.is_empty
    ]


def _overdue(person: User, filters: Filters) -> list[tuple[str, str, str]]:
    asked = QueryDict(f"figure={f.GATE_DUE}&high={filters.today.isoformat()}")
    rows, _more = counted(actor_of(person), filters, asked).page("", NAMED)
    return [
        (
            f"{row.project.local_name} ({row.project.code})",
            date_long(parsed, get_language()),
            settings.BASE_URL + reverse("book:book", args=[row.project.code]),
        )
        for row in rows
        for parsed in [dt.date.fromisoformat(row.key)]
    ]


def moved_words(now: Mapping[str, int], before: Mapping[str, int]) -> list[str]:
    """Each number that is watched, with how it moved since the last mail."""
    titles = {
        "overdue": _("Gates overdue"),
        "conditions": _("Conditions overdue"),
        "worried": _("Projects rated 1 or 2"),
        "alarms": _("Signs to ask about"),
    }
    return [
        f"{title}: {now[name]:,}" + (f" ({now[name] - before[name]:+,})" if name in before else "")
        for name, title in titles.items()
    ]
