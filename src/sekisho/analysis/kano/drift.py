"""What became of features between two waves of the same questionnaire: 魅力的品質 turns into 当たり前品質 with time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from sekisho.analysis.intervals import Estimate
from sekisho.analysis.kano.features import CATEGORIES, DRAWS, SEED, Feature, Study, resampled

#: below this p-value the answers of two waves are said to differ
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """One feature in two waves. ``better`` and ``worse`` are after minus before, with bootstrap intervals.

    ``verdict``: ``unchanged``, ``shifted`` (same category, other answers), ``moved``, ``unclear`` (another category,
    not significant) or ``unknown`` (a wave without usable answers). ``p`` is the probability of categories this
    different by chance, by ``method`` (``chi-square``, or ``permutation`` where an expected count lies below 5).
    """

    feature: str
    number: str
    before: str | None
    after: str | None
    better: Estimate | None
    worse: Estimate | None
    p: float | None
    method: str | None
    significant: bool | None
    verdict: str


def drift(before: Study, after: Study, *, draws: int = DRAWS, seed: int = SEED) -> tuple[Change, ...]:
    """The change of every feature that both waves asked about, matched by name."""
    earlier = {feature.feature: feature for feature in before.features}
    return tuple(
        _change(earlier[feature.feature], feature, draws, seed)
        for feature in after.features
        if feature.feature in earlier
    )


def _change(before: Feature, after: Feature, draws: int, seed: int) -> Change:
    if not before.n or not after.n:
        return Change(
            after.feature,
            after.number,
            before.category,
            after.category,
            None,
            None,
            None,
            None,
            None,
            "unknown",
        )
    p, method = _homogeneity(before.counts, after.counts, draws, seed)
    better, worse = _differences(before, after, draws, seed)
    significant = p < ALPHA
    return Change(
        after.feature,
        after.number,
        before.category,
        after.category,
        better,
        worse,
        p,
        method,
        significant,
        _verdict(same=before.category == after.category, significant=significant),
    )


def _verdict(*, same: bool, significant: bool) -> str:
    if same:
        return "shifted" if significant else "unchanged"
    return "moved" if significant else "unclear"


def _differences(
    before: Feature, after: Feature, draws: int, seed: int
) -> tuple[Estimate | None, Estimate | None]:
    if before.better is None or after.better is None or before.worse is None or after.worse is None:
        return None, None
    one = resampled(before.counts, before.n, draws, seed)
    other = resampled(after.counts, after.n, draws, seed + 1)
    many = min(len(one), len(other))
    low, high = np.quantile(other[:many] - one[:many], (0.025, 0.975), axis=0)
    n = before.better.n + after.better.n
    return (
        Estimate(after.better.value - before.better.value, float(low[0]), float(high[0]), n),
        Estimate(after.worse.value - before.worse.value, float(low[1]), float(high[1]), n),
    )


def _homogeneity(
    before: Mapping[str, int], after: Mapping[str, int], draws: int, seed: int
) -> tuple[float, str]:
    """Pearson's chi-square test that both waves answer alike; a permutation test where counts are small (Good 2005)."""
    table = np.array(
        [[counts[letter] for letter in CATEGORIES] for counts in (before, after)], dtype=np.int64
    )
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0, "chi-square"
    totals, sizes = table.sum(axis=0), table.sum(axis=1)
    expected = np.outer(sizes, totals) / table.sum()
    observed = float(_statistic(table[0], totals, sizes))
    if expected.min() >= 5:
        return float(chi2.sf(observed, table.shape[1] - 1)), "chi-square"
    sample = np.random.default_rng(seed).multivariate_hypergeometric(totals, int(sizes[0]), size=draws)
    as_far = int((_statistic(sample, totals, sizes) >= observed - 1e-9).sum())
    return (1 + as_far) / (1 + draws), "permutation"


def _statistic(
    first: NDArray[np.int64], totals: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Chi-square of a two-row table from its first row and its margins."""
    share = sizes[0] / sizes.sum()
    spread = (first - totals * share) ** 2 / (totals * share * (1 - share))
    return np.asarray(spread.sum(axis=-1))
