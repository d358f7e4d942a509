"""Intervals for shares and means, each with its source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the interval it lies in; ``n`` is how many observations it rests on."""

    value: float
    low: float
    high: float
    n: int


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
