"""Shares of a whole population from answers of groups that took part unequally: post-stratification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.analysis.intervals import Estimate, wilson_of_share


@dataclass(frozen=True, slots=True)
class WeightedShares:
    """One share for each kind of answer; ``n`` answers, whose variance grew by ``design_effect``."""

    shares: tuple[Estimate, ...]
    n: int
    design_effect: float


def post_stratified(
    groups: Mapping[str, Sequence[int]], populations: Mapping[str, int]
) -> WeightedShares | None:
    """How often each answer is given in the population: every group's share counts by its part in the population (Holt and
    Smith 1979). Intervals are Wilson's (1927) on n divided by Kish's design effect (1965). A group nobody of which
    answered is left out; None where nobody answered at all.

    Raises:
        ValueError: a group that answered has no population.
    """
    answered = {group: counts for group, counts in groups.items() if sum(counts)}
    if not answered:
        return None
    if any(populations.get(group, 0) <= 0 for group in answered):
        raise ValueError("every group that answered has a population")
    n, whole = sum(map(sum, answered.values())), sum(populations[group] for group in answered)
    parts = {group: populations[group] / whole for group in answered}
    effect = n * sum(parts[group] ** 2 / sum(counts) for group, counts in answered.items())
    columns = range(len(next(iter(answered.values()))))
    shares = [
        min(sum(parts[group] * counts[at] / sum(counts) for group, counts in answered.items()), 1.0)
        for at in columns
    ]
    estimates = tuple(Estimate(share, *wilson_of_share(share, n / effect), n) for share in shares)
    return WeightedShares(estimates, n, effect)
