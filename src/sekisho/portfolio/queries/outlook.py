"""How much of a fiscal year's money will probably be spent in all: from what owner sections spent of theirs before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Q, Sum

from sekisho.analysis.forecast import Accuracy, History, Known
from sekisho.book import fiscal
from sekisho.people.roles import Actor
from sekisho.portfolio.figures import MONEY, Worth
from sekisho.portfolio.models import Rollup
from sekisho.portfolio.queries.figures import Filters, reached

EXECUTED, OUTLOOK = MONEY[2], MONEY[4]
#: past years that are looked at
YEARS = 10
#: a place that has no past
UNKNOWN = -1
#: the projects of one owner section and tier, as rollups hold them
Place = tuple[int, str]
#: of a place and a fiscal year: what was executed, and what could be
Shares = dict[tuple[Place, int], tuple[Worth, Worth]]


@dataclass(frozen=True)
class Likely:
    """Yen between which the year will probably come out, and how such forecasts did in the past."""

    low: int
    high: int
    accuracy: Accuracy | None


def likely(actor: Actor, filters: Filters) -> Likely | None:
    """The 80 % interval of what the projects shown will have spent at the end of the fiscal year under way; None where
    fewer than 30 past cases are known, or nothing may be spent.

    The share that the projects of each section and tier will spend is forecast from their own and everybody's past
    years. The bounds are added up as if all erred the same way: rather too wide than too narrow.
    """
    now = fiscal.fiscal_year_of(filters.today)
    past = _past(_stamp(_between(now - YEARS, now)), now)
    bounds = []
    for (place, year), (executed, outlook) in _shares(_shown(actor, filters) & Q(year=filters.year)).items():
        if outlook.amount > 0 and (said := past.history.forecast(past.numbers.get(place, UNKNOWN), year)):
            bounds.append([max(rate * outlook.amount, executed.amount) for rate in (said.low, said.high)])
    if not bounds:
        return None
    low, high = (int(sum(side)) for side in zip(*bounds, strict=True))
    return Likely(low, high, past.accuracy)


def _shown(actor: Actor, filters: Filters) -> Q:
    return reached(actor, filters.organisation) & (Q(tier=filters.tier) if filters.tier else Q())


@dataclass(frozen=True)
class Past:
    """What places spent of their money in past years, and the number by which the history knows each place."""

    history: History
    numbers: Mapping[Place, int]
    accuracy: Accuracy | None


def _between(first: int, before: int) -> Q:
    return Q(year__gte=first, year__lt=before)


def _stamp(condition: Q) -> tuple[Any, ...]:
    """Changes with every figure of these years: what was read under it need not be read again."""
    sums = Rollup.objects.filter(condition, figure__in=(EXECUTED, OUTLOOK)).aggregate(
        Count("pk"), Max("pk"), Sum("n"), Sum("amount")
    )
    return tuple(sums.values())


@lru_cache(maxsize=2)
def _past(_read_under: tuple[Any, ...], now: int) -> Past:
    shares = _shares(_between(now - YEARS, now))
    numbers = {place: n for n, place in enumerate(dict.fromkeys(place for place, _year in shares))}
    history = History(_cases(shares, numbers))
    return Past(history, numbers, history.accuracy())


def _shares(condition: Q) -> Shares:
    rows = Rollup.objects.filter(condition, figure__in=(EXECUTED, OUTLOOK)).order_by()
    found: Shares = {}
    for section, tier, year, figure, n, amount in rows.values_list(
        "organisation", "tier", "year", "figure", "n", "amount"
    ):
        executed, outlook = found.get(((section, tier), year), (Worth(0), Worth(0)))
        worth = Worth(n, amount)
        found[(section, tier), year] = (worth, outlook) if figure == EXECUTED else (executed, worth)
    return found


def _cases(shares: Shares, numbers: Mapping[Place, int]) -> Iterable[Known]:
    """Years of which every project told what it spent: the rest would read as spending little."""
    for (place, year), (executed, outlook) in shares.items():
        if executed.n == outlook.n and outlook.amount > 0 and executed.amount >= 0:
            yield Known(numbers[place], year, executed.amount / outlook.amount)
