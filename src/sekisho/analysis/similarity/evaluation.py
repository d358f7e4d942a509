"""How well neighbours answer known pairs: recall at k and mean reciprocal rank."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

DEPTHS = (1, 5, 20)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Figures:
    """``recall``: by depth k, the mean over queries of |relevant in the first k| / |relevant|. ``mrr``: mean of one over
    the rank of the first relevant one (0 when it is not ranked). All from 0 to 1.
    """

    recall: dict[int, float]
    mrr: float
    queries: int
    pairs: int


def evaluate(pairs: Iterable[tuple[K, K]], ranked: Callable[[K], Sequence[K]]) -> Figures:
    """Figures over pairs, read both ways: either end of a pair is a query, all it is paired with are relevant to it.

    ``ranked`` gives everything but the query itself, the likest first. A pair of one with itself is left out.
    """
    relevant: dict[K, set[K]] = defaultdict(set)
    for one, other in pairs:
        if one != other:
            relevant[one].add(other)
            relevant[other].add(one)
    recall, reciprocal = dict.fromkeys(DEPTHS, 0.0), 0.0
    for query, wanted in relevant.items():
        order = ranked(query)
        hits = [rank for rank, found in enumerate(order, 1) if found in wanted]
        for depth in DEPTHS:
            recall[depth] += sum(rank <= depth for rank in hits) / len(wanted)
        reciprocal += 1 / hits[0] if hits else 0.0
    n = max(len(relevant), 1)
    return Figures(
        {depth: value / n for depth, value in recall.items()},
        reciprocal / n,
        len(relevant),
        sum(map(len, relevant.values())) // 2,
    )
