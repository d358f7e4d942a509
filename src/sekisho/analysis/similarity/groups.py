"""Groups of likely duplicates over a whole portfolio.

Mutual neighbours above a threshold make a sparse graph; groups grow from its strongest pair by complete linkage within
that graph, so that a chain of half-alike projects does not become one group of everything.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sekisho.analysis.similarity.space import MEANING_ABROAD, WORDS_ABROAD, Space

#: probability above which two projects are taken for likely duplicates
LIKELY = 0.8
#: neighbours of each project that may become members with it
REACH = 10
#: documents scored at once, so that 10,000 take 100 MB and not 400
BLOCK = 500


@dataclass(frozen=True)
class Group:
    """Rows that are likely the same thing, the one closest to all others first; ``score``: the weakest link (0 to 1)."""

    rows: tuple[int, ...]
    score: float


def group(
    space: Space, threshold: float = LIKELY, *, told: Mapping[tuple[int, int], bool] | None = None
) -> list[Group]:
    """Groups of two or more, largest first. Documents with the very same text are one group, whatever their number.

    What people ``told`` of pairs of rows (the lower first) stands above all this: True joins them, False keeps them apart.

    Time: N matrix products in blocks, then work on near pairs only.
    """
    firsts = space.first_rows()
    links = _links(space, firsts, threshold)
    apart = _follow(told or {}, space, firsts, links)
    of: dict[int, int] = {row: row for row in firsts}
    members: dict[int, list[int]] = {row: [row] for row in firsts}
    weakest: dict[int, float] = dict.fromkeys(firsts, 1.0)
    for (one, other), score in sorted(links.items(), key=lambda item: (-item[1], item[0])):
        left, right = of[one], of[other]
        if left == right:
            continue
        across = [links.get(_pair(a, b)) for a in members[left] for b in members[right]]
        if any(link is None for link in across):
            continue
        members[left] += members.pop(right)
        weakest[left] = min(weakest[left], weakest.pop(right), score, *(link or 0 for link in across))
        of.update(dict.fromkeys(members[left], left))
    found = []
    for head, rows in members.items():
        every: list[int] = []
        for copy in (copy for row in rows for copy in space.copies_of(row)):
            if apart[copy].isdisjoint(every):
                every.append(copy)
        if len(every) > 1:
            found.append(Group(tuple(every), round(weakest[head], 4)))
    return sorted(found, key=lambda one: (-len(one.rows), -one.score, one.rows))


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _follow(
    told: Mapping[tuple[int, int], bool],
    space: Space,
    firsts: list[int],
    links: dict[tuple[int, int], float],
) -> Mapping[int, set[int]]:
    """Tie in ``links`` what people call the same, and say of each row from which others they keep it apart."""
    head_of = {copy: row for row in firsts for copy in space.copies_of(row)}
    apart: dict[int, set[int]] = defaultdict(set)
    for (one, other), same in told.items():
        if not same:
            apart[one].add(other)
            apart[other].add(one)
        elif one in head_of and other in head_of:
            links[_pair(head_of[one], head_of[other])] = 1.0
    return apart


def _links(space: Space, firsts: list[int], threshold: float) -> dict[tuple[int, int], float]:
    """Pairs that are among each other's nearest and pass the threshold, with their probability."""
    near: dict[int, set[int]] = {}
    chosen = np.asarray(firsts, dtype=np.int64)
    words = space.words.rows[chosen]
    turned = words.T.tocsr()
    vectors = space.vectors[chosen] if space.vectors is not None else None
    japanese = space.japanese[chosen]
    for start in range(0, len(chosen), BLOCK):
        block = np.asarray((words[start : start + BLOCK] @ turned).todense(), dtype=np.float32)
        block *= space.weights.of("words")
        if vectors is not None:
            meaning = space.weights.of("meaning") * (vectors[start : start + BLOCK] @ vectors.T)
            if not japanese.all():
                abroad = ~np.logical_and.outer(japanese[start : start + BLOCK], japanese)
                block[abroad] *= WORDS_ABROAD
                meaning[abroad] *= MEANING_ABROAD
            block += meaning
        block[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        reach = min(REACH, block.shape[1])
        best = np.argpartition(-block, reach - 1, axis=1)[:, :reach]
        for at, columns in enumerate(best):
            near[firsts[start + at]] = {firsts[column] for column in columns}
    links: dict[tuple[int, int], float] = {}
    for row, others in near.items():
        mutual = np.asarray(
            sorted(other for other in others if other > row and row in near[other]), dtype=np.int64
        )
        if len(mutual):
            scores = space.weights.probability(space.features(row, mutual))
            links |= {(row, int(o)): float(s) for o, s in zip(mutual, scores, strict=True) if s >= threshold}
    return links
