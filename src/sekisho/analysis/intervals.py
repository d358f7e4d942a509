"""Intervals for shares and means, each with its source."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the interval it lies in; ``n`` is how many observations it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The second value minus the first, its interval, and the probability of a difference this large by chance."""

    value: float
    low: float
    high: float
    p: float

    @property
    def significant(self) -> bool:
        """True below the usual 5 %."""
        return self.p < 0.05


def z_of(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence lies between 0 and 1, not {confidence}")
    return float(ndtri(0.5 + confidence / 2))


def wilson(hits: int, n: int, confidence: float = 0.95) -> Estimate | None:
    """Share of ``hits`` in ``n`` with the score interval of Wilson (1927); None without observations."""
    _check(hits, n)
    if n == 0:
        return None
    z = z_of(confidence)
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Estimate(share, max(middle - half, 0.0), min(middle + half, 1.0), n)


def wilson_of_share(share: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a share and a number of observations that need not be whole: an effective sample size
    (Korn and Graubard 1998), after weighting or after the correction for a finite population."""
    if math.isinf(n):
        return share, share
    z = z_of(confidence)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def effective_in_population(n: float, population: int | None) -> float:
    """How many observations of an endless population say as much as ``n`` of ``population``: n (N − 1) / (N − n), from
    the finite population correction (Cochran 1977). Infinite when everyone was asked.

    Raises:
        ValueError: the population is smaller than the sample.
    """
    if population is None:
        return n
    if population < n:
        raise ValueError(f"{n} observations of a population of {population}")
    return math.inf if population == n else n * (population - 1) / (population - n)


def adjusted_wald(hits: int, n: int, confidence: float = 0.95) -> Estimate | None:
    """Share with the adjusted-Wald interval (Agresti and Coull 1998), which Sauro and Lewis (2005) advise for completion
    rates of small samples: z²/2 hits and z²/2 misses are added, then Wald is used. The value stays hits over n.
    """
    _check(hits, n)
    if n == 0:
        return None
    z = z_of(confidence)
    many = n + z * z
    share = (hits + z * z / 2) / many
    half = z * math.sqrt(share * (1 - share) / many)
    return Estimate(hits / n, max(share - half, 0.0), min(share + half, 1.0), n)


def mean(values: Sequence[float], confidence: float = 0.95) -> Estimate | None:
    """Mean with Student's t interval. With one value low and high are that value's NaN-free selves: no spread is known,
    so the interval is infinite. None without values."""
    numbers = np.asarray(values, dtype=float)
    n = int(numbers.size)
    if n == 0:
        return None
    middle = float(numbers.mean())
    if n == 1:
        return Estimate(middle, -math.inf, math.inf, 1)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * float(numbers.std(ddof=1)) / math.sqrt(n)
    return Estimate(middle, middle - half, middle + half, n)


def mean_and_deviation(counts: Mapping[float, int] | Mapping[int, int]) -> tuple[float, float | None] | None:
    """Mean and sample deviation of values by how often each was given; summed without rounding on the way, so that it
    does not matter how they are grouped. None without values, no deviation with one.
    """
    n = sum(counts.values())
    if n == 0:
        return None
    total = sum((Fraction(value) * count for value, count in counts.items()), Fraction())
    squares = sum((Fraction(value) ** 2 * count for value, count in counts.items()), Fraction())
    spread = squares - total**2 / n
    return float(total / n), math.sqrt(spread / (n - 1)) if n > 1 else None


def mean_of_moments(
    middle: float, deviation: float, n: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Student's t interval from a mean, its sample deviation and the (effective) number of observations."""
    if n <= 1:
        return -math.inf, math.inf
    if math.isinf(n):
        return middle, middle
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * deviation / math.sqrt(n)
    return middle - half, middle + half


def newcombe(hits_1: int, n_1: int, hits_2: int, n_2: int, confidence: float = 0.95) -> Difference | None:
    """Second share minus the first with the hybrid score interval of Newcombe (1998, method 10), and the p-value of the
    pooled two-proportion z test. None when a sample is empty.
    """
    one, other = wilson(hits_1, n_1, confidence), wilson(hits_2, n_2, confidence)
    if one is None or other is None:
        return None
    return newcombe_of_shares(one.value, n_1, other.value, n_2, confidence)


def newcombe_of_shares(
    share_1: float, n_1: float, share_2: float, n_2: float, confidence: float = 0.95
) -> Difference:
    """`newcombe` for shares and effective sample sizes."""
    (low_1, high_1), (low_2, high_2) = (
        wilson_of_share(share_1, n_1, confidence),
        wilson_of_share(share_2, n_2, confidence),
    )
    value = share_2 - share_1
    low = value - math.hypot(share_2 - low_2, high_1 - share_1)
    high = value + math.hypot(high_2 - share_2, share_1 - low_1)
    return Difference(value, low, high, _pooled_p(share_1, n_1, share_2, n_2))


def _pooled_p(share_1: float, n_1: float, share_2: float, n_2: float) -> float:
    if math.isinf(n_1) or math.isinf(n_2):
        pooled = share_2 if math.isinf(n_2) else share_1
    else:
        pooled = (share_1 * n_1 + share_2 * n_2) / (n_1 + n_2)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_1 + 1 / n_2))
    if error == 0:
        return 1.0 if share_1 == share_2 else 0.0
    return math.erfc(abs(share_2 - share_1) / error / math.sqrt(2))


def welch(
    mean_1: float, sd_1: float, n_1: float, mean_2: float, sd_2: float, n_2: float, confidence: float = 0.95
) -> Difference | None:
    """Second mean minus the first with Welch's t interval and test (Welch 1947), degrees of freedom after Satterthwaite
    (1946). None with fewer than two observations on a side.
    """
    if n_1 < 2 or n_2 < 2:
        return None
    one, other = sd_1**2 / n_1, sd_2**2 / n_2
    value, error = mean_2 - mean_1, math.sqrt(one + other)
    if error == 0:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0)
    freedom = (one + other) ** 2 / (one**2 / (n_1 - 1) + other**2 / (n_2 - 1))
    half = float(stdtrit(freedom, 0.5 + confidence / 2)) * error
    return Difference(value, value - half, value + half, float(2 * stdtr(freedom, -abs(value) / error)))


def holm(chances: Sequence[float]) -> list[float]:
    """p-values of several comparisons made at once, raised so that one false finding among all stays as rare as one test
    would have it (Holm 1979); in the order given.
    """
    ranked = sorted(range(len(chances)), key=lambda place: chances[place])
    found, highest = [0.0] * len(chances), 0.0
    for rank, place in enumerate(ranked):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = highest
    return found


def design_effect(weights: Sequence[float]) -> float:
    """Kish (1965): how much weights blow up the variance, n Σw² / (Σw)². 1 for equal weights and for none."""
    numbers = np.asarray(weights, dtype=float)
    total = float(numbers.sum())
    return float(numbers.size * (numbers**2).sum() / total**2) if total else 1.0


def geometric_mean(values: Sequence[float], confidence: float = 0.95) -> Estimate | None:
    """Geometric mean with the t interval on the log scale (Sauro and Lewis 2010, for time on task).

    Raises:
        ValueError: a value is not above zero.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.size and not (np.isfinite(numbers).all() and (numbers > 0).all()):
        raise ValueError("times on task lie above zero")
    found = mean(np.log(numbers).tolist(), confidence)
    if found is None:
        return None
    low = math.exp(found.low) if math.isfinite(found.low) else 0.0
    high = math.exp(found.high) if found.high < 700 else math.inf
    return Estimate(math.exp(found.value), low, high, found.n)


def _check(hits: int, n: int) -> None:
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
