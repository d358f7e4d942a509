"""One book over the years: what it was called, what it cost, and how this year and its end are likely to come out."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import F, Max, Q
from django.utils import timezone

from sekisho.analysis.forecast import Accuracy, Forecast, History, Known
from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BaselineMilestone, BudgetYear, Milestone, Project
from sekisho.people.roles import Actor
from sekisho.sharing.models import Listing, Succession
from sekisho.sharing.queries.years import holds

#: past cases read, the latest first: more change no figure and take longer
_READ = 50_000
#: a rate above this is an amount in another unit or year, not a rate
_MOST_RATE = 2.0
#: seconds for which the past of all projects is read once
_FRESH = 600


@dataclass(frozen=True)
class Pasts:
    """What is known of all projects: shares of the budget executed, days that milestones came late, years that the end
    came late.
    """

    execution: History
    milestones: History
    ends: History


def pasts() -> Pasts:
    """The past of all projects, at most ten minutes old."""
    return _pasts(int(time.time() // _FRESH))


@lru_cache(maxsize=1)
def _pasts(_moment: int) -> Pasts:
    return Pasts(History(_executions()), History(_lateness()), History(_endings()))


def _executions() -> list[Known]:
    # what is entered for a year under way is only what was spent so far
    rows = BudgetYear.objects.filter(
        executed__isnull=False, fiscal_year__lt=fiscal_year_of(timezone.localdate())
    )
    found = []
    for row in rows.order_by("-fiscal_year", "-pk")[:_READ]:
        rate = rate_of(row)
        if rate is not None and 0 <= rate <= _MOST_RATE:
            found.append(Known(row.project_id, row.fiscal_year, rate))
    return found


def rate_of(row: BudgetYear) -> float | None:
    """The share of the money that could be spent that was; None where one is not known or nothing could be."""
    if row.executed is None or not row.available or row.available < 0:
        return None
    return row.executed / row.available


def _lateness() -> list[Known]:
    """Days from what was first promised to what came, of milestones that were reached."""
    done = Milestone.objects.filter(done_on__isnull=False).order_by("-done_on", "-pk")[:_READ]
    rows = list(done.values_list("pk", "project_id", "planned_on", "done_on"))
    first = _promised([pk for pk, *_rest in rows])
    return [
        Known(project, fiscal_year_of(done_on), float((done_on - first.get(pk, planned)).days))
        for pk, project, planned, done_on in reversed(rows)
        if done_on is not None
    ]


def _promised(keys: Sequence[int]) -> dict[int, dt.date]:
    """The day each milestone had in its first baseline."""
    found: dict[int, dt.date] = {}
    for start in range(0, len(keys), 500):
        rows = BaselineMilestone.objects.filter(milestone__in=keys[start : start + 500])
        for pk, day in rows.order_by("-baseline__number").values_list("milestone_id", "planned_on"):
            found[pk] = day
    return found


def _endings() -> list[Known]:
    """Of projects that are over, how many years after the end first planned they were last listed or closed."""
    latest = Listing.objects.aggregate(year=Max("year"))["year"]
    over = Q(last__lt=latest or 0) | Q(retired_at__isnull=False) | Q(stopped_at__isnull=False)
    ended = Project.objects.annotate(last=Max("listings__year")).filter(over, last__isnull=False)
    last = dict(ended.order_by("-last", "-pk").values_list("pk", "last")[:_READ])
    planned: dict[int, int] = {}
    rows = Listing.objects.filter(end_year__isnull=False).order_by("-year", "-pk")
    for pk, year in rows.values_list("project_id", "end_year")[: 4 * _READ]:
        if pk in last and year is not None:
            planned[pk] = year
    return [Known(pk, last[pk], float(last[pk] - year)) for pk, year in planned.items()]


@dataclass(frozen=True)
class Year:
    """A fiscal year of a book. Money in yen; ``rate`` is executed over available; the forecast is in yen."""

    year: int
    name: str
    owner: str
    budget: BudgetYear | None
    rate: float | None
    expected: Forecast | None

    @property
    def percent(self) -> float | None:
        """The rate in percent."""
        return None if self.rate is None else 100 * self.rate


@dataclass(frozen=True)
class End:
    """When something is likely to be over: days, or fiscal years as numbers."""

    planned: dt.date | int
    low: dt.date | int
    middle: dt.date | int
    high: dt.date | int
    what: str = ""


@dataclass(frozen=True)
class Life:
    """Everything the page of one book over the years shows. ``accuracies`` belong to execution, milestones and ends."""

    years: list[Year]
    before: list[tuple[Succession, Project]]
    after: list[tuple[Succession, Project]]
    milestone: End | None
    end: End | None
    execution_accuracy: Accuracy | None
    milestone_accuracy: Accuracy | None
    end_accuracy: Accuracy | None
    has_open_milestone: bool


def life(actor: Actor, project: Project) -> Life:
    """One book over the years. A fixed number of queries, besides the past of all projects."""
    known = pasts()
    milestone = project.milestones.filter(done_on=None).order_by("-planned_on", "-pk").first()
    links = (
        Succession.objects.visible_to(actor).exclude(old=F("new")).select_related("old__owner", "new__owner")
    )
    held = [
        link
        for link in links.filter(Q(old=project) | Q(new=project)).order_by("to_year", "pk")
        if holds(link)
    ]
    return Life(
        years=_years(project, known.execution),
        before=[(link, link.old) for link in held if link.new_id == project.pk],
        after=[(link, link.new) for link in held if link.old_id == project.pk],
        milestone=_milestone(milestone, known.milestones) if milestone else None,
        end=_end(project, known.ends),
        execution_accuracy=known.execution.accuracy(),
        milestone_accuracy=known.milestones.accuracy(),
        end_accuracy=known.ends.accuracy(),
        has_open_milestone=milestone is not None,
    )


def _years(project: Project, known: History) -> list[Year]:
    listed = {row.year: row for row in project.listings.all()}
    budgets = {row.fiscal_year: row for row in project.budget_years.all()}
    found = []
    for year in sorted(listed.keys() | budgets.keys()):
        row, budget = listed.get(year), budgets.get(year)
        found.append(
            Year(
                year,
                row.name if row else "",
                row.owner.split("\n")[-1] if row else "",
                budget,
                rate_of(budget) if budget else None,
                _expected(budget, known) if budget else None,
            )
        )
    return found


def _expected(budget: BudgetYear, known: History) -> Forecast | None:
    """Yen that will have been spent, of a year that is not over or whose figure is missing; never below what was spent
    so far.
    """
    if budget.executed is not None and budget.fiscal_year < fiscal_year_of(timezone.localdate()):
        return None
    said = known.forecast(budget.project_id, budget.fiscal_year)
    if said is None or not budget.available or budget.available < 0:
        return None
    low, middle, high = (
        max(int(rate * budget.available), budget.executed or 0, 0)
        for rate in (said.low, said.middle, said.high)
    )
    return Forecast(low, middle, high, said.own, said.pool)


def _milestone(row: Milestone, known: History) -> End | None:
    promised = _promised([row.pk]).get(row.pk, row.planned_on)
    today = timezone.localdate()
    said = known.forecast(row.project_id, fiscal_year_of(today))
    if said is None:
        return None
    low, middle, high = (
        max(promised + dt.timedelta(days=round(days)), today) for days in (said.low, said.middle, said.high)
    )
    return End(row.planned_on, low, middle, high, row.name)


def _end(project: Project, known: History) -> End | None:
    if project.end_year is None or project.is_closed:
        return None
    this_year = fiscal_year_of(timezone.localdate())
    said = known.forecast(project.pk, this_year)
    if said is None:
        return None
    first = (
        project.listings.filter(end_year__isnull=False)
        .order_by("year")
        .values_list("end_year", flat=True)
        .first()
    )
    planned = first if first is not None else project.end_year
    low, middle, high = (
        max(planned + round(years), this_year) for years in (said.low, said.middle, said.high)
    )
    return End(project.end_year, low, middle, high)
