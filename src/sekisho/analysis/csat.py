"""Five-point satisfaction: shares, mean, net, response, weighting to the population, and change between waves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sekisho.analysis.intervals import (
    Difference,
    Estimate,
    effective_in_population,
    mean_of_moments,
    newcombe_of_shares,
    welch,
    wilson_of_share,
)
from sekisho.analysis.notes import Note
from sekisho.analysis.nps import net
from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.suppression import Suppressed, suppress
from sekisho.values import gettext_noop

__all__ = [
    "POINTS",
    "Change",
    "Estimate",
    "Satisfaction",
    "Suppressed",
    "Weighted",
    "compare",
    "counts_of_shares",
    "from_answers",
    "from_counts",
    "from_shares",
    "suppress",
    "weighted",
]

_ = gettext_noop

POINTS: Final = 5
#: fewer answers than this are warned about: the interval of a share is then wider than ±18 points
FEW: Final = 30
#: how far published shares may miss 100 % by rounding
ROUNDING: Final = 0.03
#: response rates below this are warned about
LOW_RESPONSE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Figures of one question in one wave or group; None where nothing can be said.

    ``counts`` are the answers 1 to 5. ``satisfied`` is the share of 4 and 5, ``dissatisfied`` of 1 and 2, ``neutral``
    of 3, ``net`` satisfied minus dissatisfied. Intervals narrow for a finite ``population`` (those asked).
    """

    counts: tuple[int, ...]
    n: int
    shares: tuple[Estimate, ...]
    satisfied: Estimate | None
    dissatisfied: Estimate | None
    neutral: Estimate | None
    net: Estimate | None
    mean: Estimate | None
    sd: float | None
    population: int | None
    response_rate: float | None
    effective: float
    notes: tuple[Note, ...]

    @property
    def satisfied_count(self) -> int:
        """How many answered 4 or 5."""
        return sum(self.counts[3:])

    @property
    def dissatisfied_count(self) -> int:
        """How many answered 1 or 2."""
        return sum(self.counts[:2])


def from_answers(answers: Sequence[int | None], population: int | None = None) -> Satisfaction:
    """Figures from single answers 1…5; None is a missing answer.

    Raises:
        ValueError: an answer outside 1…5.
    """
    given = [answer for answer in answers if answer is not None]
    if any(not 1 <= answer <= POINTS for answer in given):
        raise ValueError("answers are 1 to 5 or None")
    return from_counts([given.count(point) for point in range(1, POINTS + 1)], population)


def from_counts(counts: Sequence[int], population: int | None = None) -> Satisfaction:
    """Figures from how often 1, 2, 3, 4 and 5 were answered; ``population`` is how many were asked.

    Raises:
        ValueError: not five counts, or a negative one.
        AnalysisProblem: more answers than people asked.
    """
    if len(counts) != POINTS or min(counts) < 0:
        raise ValueError("five counts, none negative")
    n = sum(counts)
    shares = [count / n for count in counts] if n else []
    return _figures(tuple(counts), shares, n, float(n), population)


def from_shares(shares: Sequence[float], n: int, population: int | None = None) -> Satisfaction:
    """Figures from published shares (0…1, or per cent) of 1 to 5 and the number of answers.

    The shares stay as published, though rounding may let them add up to 99 or 101 %; the mean allows for that, and the
    counts are the shares of n, rounded so that they add up.
    """
    total = sum(shares)
    if len(shares) != POINTS or min(shares) < 0 or not total:
        raise ValueError("five shares, none negative")
    whole = 1.0 if total < 2 else 100.0
    if abs(total / whole - 1) > ROUNDING:
        whole = total
    counts = counts_of_shares([share / total for share in shares], n)
    found = _figures(tuple(counts), [share / whole for share in shares] if n else [], n, float(n), population)
    return replace(found, notes=(*found.notes, Note("csat.counts_from_shares")))


def counts_of_shares(shares: Sequence[float], n: int) -> list[int]:
    """Whole counts that add up to n and come nearest to the shares (largest remainders)."""
    wanted = [share * n for share in shares]
    counts = [math.floor(count) for count in wanted]
    by_remainder = sorted(range(len(shares)), key=lambda index: counts[index] - wanted[index])
    for index in by_remainder[: n - sum(counts)]:
        counts[index] += 1
    return counts


def _figures(
    counts: tuple[int, ...], shares: Sequence[float], n: int, effective: float, population: int | None
) -> Satisfaction:
    if population is not None and population < n:
        raise AnalysisProblem(
            _("%(n)s answers came from %(population)s people asked."),
            {"n": n, "population": population},
            _("Check the number of people asked."),
        )
    size = effective_in_population(effective, population if population and population >= effective else None)
    if n == 0:
        return Satisfaction(
            counts,
            0,
            (),
            None,
            None,
            None,
            None,
            None,
            None,
            population,
            _rate(0, population),
            0.0,
            (Note("csat.no_respondents"),),
        )
    satisfied, dissatisfied = min(sum(shares[3:]), 1.0), min(sum(shares[:2]), 1.0)
    middle, deviation = _moments(shares, n)
    low, high = mean_of_moments(middle, deviation or 0.0, size)
    return Satisfaction(
        counts=counts,
        n=n,
        shares=tuple(_share(share, n, size) for share in shares),
        satisfied=_share(satisfied, n, size),
        dissatisfied=_share(dissatisfied, n, size),
        neutral=_share(shares[2], n, size),
        net=net(satisfied * n, dissatisfied * n, n, size),
        mean=Estimate(middle, low, high, n),
        sd=deviation,
        population=population,
        response_rate=_rate(n, population),
        effective=size,
        notes=tuple(_notes(counts, n, population)),
    )


def _share(share: float, n: int, size: float) -> Estimate:
    return Estimate(share, *wilson_of_share(share, size), n)


def _moments(shares: Sequence[float], n: int) -> tuple[float, float | None]:
    """Mean and sample deviation of the answers; the shares may miss 1 by their rounding."""
    total = sum(shares)
    middle = sum(point * share for point, share in enumerate(shares, start=1)) / total
    spread = sum(share * (point - middle) ** 2 for point, share in enumerate(shares, start=1)) / total
    return middle, math.sqrt(spread * n / (n - 1)) if n > 1 else None


def _rate(n: int, population: int | None) -> float | None:
    return n / population if population else None


def _notes(counts: Sequence[int], n: int, population: int | None) -> list[Note]:
    notes = []
    if n < FEW:
        notes.append(Note("csat.few_respondents", {"n": n}))
    if n > 1 and max(counts) == n:
        notes.append(Note("csat.all_same"))
    rate = _rate(n, population)
    if rate is not None and rate < LOW_RESPONSE:
        notes.append(Note("csat.low_response", {"share": round(100 * rate)}))
    return notes


# ------------------------------------------------------------------------------------------------ weighting


@dataclass(frozen=True, slots=True)
class Weighted:
    """Figures weighted to the population by post-stratification.

    ``figures`` holds the weighted shares and mean with intervals of the effective sample size n / deff; its counts
    are the raw ones. ``weights`` is what one answer of each group counts for, 1 on average.
    """

    figures: Satisfaction
    weights: Mapping[str, float]
    design_effect: float
    notes: tuple[Note, ...]


def weighted(groups: Mapping[str, Sequence[int]], populations: Mapping[str, int]) -> Weighted:
    """Shares of the whole population from the counts of each group and how many people each group has.

    Every group's share counts by its part in the population (Holt and Smith 1979); the variance grows by Kish's
    design effect (1965). A group nobody of which answered is left out and noted.

    Raises:
        AnalysisProblem: a group without its population, or with more answers than people.
    """
    for group, counts in groups.items():
        if populations.get(group, 0) < sum(counts):
            raise AnalysisProblem(
                _("The group “%(group)s” has %(n)s answers and a population of %(population)s."),
                {"group": group, "n": sum(counts), "population": populations.get(group, 0)},
                _("Give how many people each group has."),
            )
    answered = {group: counts for group, counts in groups.items() if sum(counts)}
    silent = [group for group in populations if group not in answered]
    notes = tuple(
        Note("csat.group_without_answers", {"group": group, "population": populations[group]})
        for group in silent
        if populations[group]
    )
    n, whole = sum(map(sum, answered.values())), sum(populations[group] for group in answered)
    if not n:
        return Weighted(from_counts([0] * POINTS, sum(populations.values()) or None), {}, 1.0, notes)
    weights = {group: populations[group] / whole * n / sum(counts) for group, counts in answered.items()}
    effect = sum(weights[group] ** 2 * sum(counts) for group, counts in answered.items()) / n
    shares = [
        sum(weights[group] * counts[point] for group, counts in answered.items()) / n
        for point in range(POINTS)
    ]
    raw = tuple(sum(counts[point] for counts in answered.values()) for point in range(POINTS))
    return Weighted(_figures(raw, shares, n, n / effect, sum(populations.values())), weights, effect, notes)


# --------------------------------------------------------------------------------------------------- change


@dataclass(frozen=True, slots=True)
class Change:
    """What changed from one wave to the next: shares (Newcombe 1998; two-proportion z test) and mean (Welch 1947)."""

    satisfied: Difference | None
    dissatisfied: Difference | None
    mean: Difference | None


def compare(before: Satisfaction, after: Satisfaction) -> Change:
    """The change between two waves of independent respondents."""
    return Change(
        _difference(before.satisfied, after.satisfied, before, after),
        _difference(before.dissatisfied, after.dissatisfied, before, after),
        _mean_difference(before, after),
    )


def _difference(
    one: Estimate | None, other: Estimate | None, before: Satisfaction, after: Satisfaction
) -> Difference | None:
    if one is None or other is None:
        return None
    return newcombe_of_shares(one.value, before.effective, other.value, after.effective)


def _mean_difference(before: Satisfaction, after: Satisfaction) -> Difference | None:
    if before.mean is None or after.mean is None or before.sd is None or after.sd is None:
        return None
    return welch(before.mean.value, before.sd, before.effective, after.mean.value, after.sd, after.effective)
