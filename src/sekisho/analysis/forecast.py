"""Forecasts with intervals that are worth what they say: from what happened to like projects, and tried on the past.

Split conformal prediction (Vovk, Gammerman, Shafer 2005; Lei et al. 2018): a plain predictor, and around it the spread of
its own past misses. The interval holds as often as it claims as far as the future resembles the past, whatever the
distribution. Each forecast comes with how its like did on the record's own past, year by year, never knowing the year it
was tried on (rolling origin; Tashman 2000). Pure functions; no Django.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

#: share of cases that intervals are meant to hold
LEVEL: Final = 0.8
#: past misses below which nothing is said: nine are the least that an 80 % interval can be made of, and thirty steady it
ENOUGH: Final = 30
#: a project's own past counts as much as the pool's once it has this many years (empirical Bayes, rounded)
OWN: Final = 2.0
#: the last years of a project that count
LAST: Final = 3


@dataclass(frozen=True)
class Known:
    """One past case: whose, of which year, and how it came out (a rate, days or years late, …)."""

    key: int
    year: int
    value: float


@dataclass(frozen=True)
class Forecast:
    """The middle and the bounds of the 80 % interval, in the unit of what was known. ``own``: past cases of the project
    itself; ``pool``: past misses that the interval rests on.
    """

    low: float
    middle: float
    high: float
    own: int
    pool: int


@dataclass(frozen=True)
class Accuracy:
    """How such forecasts did: the share of past cases within the interval, the median distance of the middle from what
    came, the number of cases and the years they are of.
    """

    coverage: float
    median_error: float
    cases: int
    years: tuple[int, ...]

    @property
    def percent(self) -> int:
        """The coverage in whole percent."""
        return round(100 * self.coverage)

    @property
    def points(self) -> float:
        """The median error of a rate in percentage points."""
        return 100 * self.median_error

    @property
    def last_year(self) -> int:
        """The latest year it was tried on."""
        return self.years[-1]


class History:
    """What is known of many projects, ready to forecast from. Cases of one project and year: the last one counts."""

    def __init__(self, known: Iterable[Known]) -> None:
        cases = {(one.key, one.year): one for one in known if math.isfinite(one.value)}
        self._own: dict[int, list[Known]] = defaultdict(list)
        for one in sorted(cases.values(), key=lambda one: (one.year, one.key)):
            self._own[one.key].append(one)
        self.years = sorted({one.year for one in cases.values()})
        by_year: dict[int, list[float]] = defaultdict(list)
        for one in cases.values():
            by_year[one.year].append(one.value)
        self._pool: dict[int, tuple[float, float] | None] = {}
        before: list[float] = []
        for year in [*self.years, max(self.years, default=0) + 1]:
            middle = median(before) if before else 0.0
            self._pool[year] = (middle, median(abs(one - middle) for one in before)) if before else None
            before += by_year.get(year, [])
        #: (year, group, miss) of every past case that could have been forecast
        self._misses = self._look_back()
        self._spreads: dict[tuple[int, str], tuple[float, float, float, int] | None] = {}

    def _look_back(self) -> list[tuple[int, str, float]]:
        found = []
        for cases in self._own.values():
            for at, one in enumerate(cases):
                own = [past.value for past in cases[:at]]
                guess = self._middle(own, one.year)
                if guess is not None:
                    found.append((one.year, self._group(own, one.year), one.value - guess))
        return sorted(found)

    def _middle(self, own: Sequence[float], year: int) -> float | None:
        """The project's last years, drawn towards the middle of all projects the more the fewer they are."""
        pool = self._before(year)
        if pool is None:
            return None
        last = own[-LAST:]
        return (sum(last) + OWN * pool[0]) / (len(last) + OWN)

    def _before(self, year: int) -> tuple[float, float] | None:
        """The middle of everything before a year, and the median distance from it."""
        place = bisect_left(self.years, year)
        return self._pool[self.years[place] if place < len(self.years) else max(self._pool)]

    def _group(self, own: Sequence[float], year: int) -> str:
        """Projects that are uncertain to like degrees: without a past, with one year, steady ones, unsteady ones."""
        if len(own) < 2:
            return "one" if own else "none"
        pool, last = self._before(year), own[-LAST:]
        return "steady" if pool and max(last) - min(last) <= 2 * pool[1] else "unsteady"

    def forecast(self, key: int, year: int) -> Forecast | None:
        """How a project's year will come out, from years before it; None where too little is known to say."""
        own = [one.value for one in self._own.get(key, ()) if one.year < year]
        middle, spread = self._middle(own, year), self._spread(year, self._group(own, year))
        if middle is None or spread is None:
            return None
        low, off, high, pool = spread
        return Forecast(middle + low, middle + off, middle + high, len(own), pool)

    def _spread(self, year: int, group: str) -> tuple[float, float, float, int] | None:
        """(low, middle, high) of the misses before a year of projects that were as well known, and their number; of all
        projects when these are too few, None when all are.
        """
        if (year, group) not in self._spreads:
            earlier = [(of, miss) for when, of, miss in self._misses if when < year]
            like = [miss for of, miss in earlier if of == group]
            like = like if len(like) >= ENOUGH else [miss for _of, miss in earlier]
            found = (*bounds(like), median(like), len(like)) if len(like) >= ENOUGH else None
            self._spreads[year, group] = found and (found[0], found[2], found[1], found[3])
        return self._spreads[year, group]

    def accuracy(self, before: int | None = None) -> Accuracy | None:
        """Every past case (before a year) forecast from what was known then; None where too few could be."""
        held, errors, years = 0, [], set()
        for year, group, miss in self._misses:
            spread = self._spread(year, group) if before is None or year < before else None
            if spread:
                low, middle, high, _pool = spread
                held += low <= miss <= high
                errors.append(abs(miss - middle))
                years.add(year)
        if len(errors) < ENOUGH:
            return None
        return Accuracy(held / len(errors), median(errors), len(errors), tuple(sorted(years)))


def bounds(misses: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """The interval around a forecast that holds ``level`` of cases: order statistics of past misses, set a little wide so
    that it holds for a finite number of them (⌈(n + 1)(1 + level)/2⌉ of n from below, the same from above).
    """
    ordered, n = sorted(misses), len(misses)
    upper = min(math.ceil((n + 1) * (1 + level) / 2), n)
    return ordered[n - upper], ordered[upper - 1]
