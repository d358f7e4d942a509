"""From likely pairs to what continued, was renamed, merged, split, ended or is new.

Pairs are taken best first, each record once: these carry the names on. What is left over and still speaks strongly for
a record that is already taken makes a merger (several old, one new) or a split (one old, several new); so do several
left over that speak for one that nothing carries on, where their money adds up. What speaks less is asked about.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from sekisho.analysis.succession.pairing import Pair, Pairing, latest
from sekisho.analysis.succession.records import Link, Reason, Succession, YearRecord

#: probability from which two records are taken for one project
TAKEN: Final = 0.5
#: probability from which a left-over record is taken for a part of one that is already taken
PART: Final = 0.5
#: parts whose money adds up to the whole within this share
ADDS_UP: Final = 0.05
#: log-odds that it adds, where one alone does not explain the money of the other year
MONEY_ADDS: Final = 2.0
#: share of its probability that is left to a part of something that nothing carries on; and from where on it is asked about
ALONE: Final = 0.45
ASKED: Final = 0.3
#: likeness below which an ended or new project has nothing near
FAR: Final = 0.02


def match(
    old: Sequence[YearRecord],
    new: Sequence[YearRecord],
    vectors: np.ndarray | None = None,
    *,
    said: Mapping[tuple[int, int], bool] | None = None,
) -> tuple[Succession, ...]:
    """Cases over two years; each record of both stands in exactly one. The least certain come first.

    ``vectors``: float32 (len(old) + len(new), dim), unit rows of meaning; None compares by words alone.
    ``said``: what people settled of pairs of keys: True holds, False is never found again.
    """
    pairing = Pairing(old, new, vectors, said)
    pairs = pairing.pairs()
    chosen, asked = _choose(pairing, pairs)
    joined, alike = _left_over(pairing, pairs, chosen)
    chosen += joined
    found = [_case(pairing, one) for one in chosen]
    taken = {pair.old for one in chosen for pair in one}, {pair.new for one in chosen for pair in one}
    near_old, near_new = _nearest([*pairs, *asked, *alike])
    for row in range(len(old)):
        if row not in taken[0]:
            found.append(_alone(pairing, "ended", old[row].key, near_old.get(row)))
    for row in range(len(new)):
        if row not in taken[1]:
            found.append(_alone(pairing, "new", new[row].key, near_new.get(row)))
    return tuple(sorted(found, key=lambda case: (case.confidence, case.kind, case.old, case.new)))


def _choose(pairing: Pairing, pairs: Sequence[Pair]) -> tuple[list[list[Pair]], list[Pair]]:
    """Groups of pairs that belong together: one, or several that share an end. What people said has the right of way,
    then the same id. And the parts that are too doubtful to belong to one.
    """
    first: dict[int, Pair] = {}
    second: dict[int, Pair] = {}
    likely = [pair for pair in pairs if pair.confidence >= TAKEN]
    likely.sort(key=lambda pair: (not pair.said, not pair.same_id))
    # an id that came back with something else still asks whether it is the same, once nothing better is found
    for pair in (*likely, *(pair for pair in pairs if pair.same_id and pair.said is None)):
        if pair.old not in first and pair.new not in second:
            first[pair.old] = second[pair.new] = pair
    groups = {id(pair): [pair] for pair in first.values()}
    parts = _parts(pairing, pairs, first, second)
    for part in parts:
        if part.confidence < PART:
            continue
        home = first.get(part.old) or second[part.new]
        group = groups[id(home)]
        # a group grows to one side only: several into one, or one into several
        if len(group) == 1 or (group[1].new == home.new) == (part.new == home.new):
            group.append(part)
    return list(groups.values()), [part for part in parts if part.confidence < PART]


def _parts(
    pairing: Pairing, pairs: Sequence[Pair], first: Mapping[int, Pair], second: Mapping[int, Pair]
) -> list[Pair]:
    """Of each record that nothing carries on, the best pair with one that is taken, when it may be a part of it."""
    open_pairs = [
        pair for pair in pairs if (pair.old in first) != (pair.new in second) and pair.said is not False
    ]
    found = []
    for pair in _as_parts(pairing, open_pairs):
        home, chance = first.get(pair.old) or second[pair.new], 1.0 if pair.said else pair.confidence
        completes = _adds_up(pairing, [home, pair]) and not _adds_up(pairing, [home])
        if completes:
            chance = _raised(chance)
        if chance >= (ASKED if completes else PART):
            found.append(replace(pair, confidence=chance, adds_up=completes))
    best: dict[tuple[bool, int], Pair] = {}
    for pair in _best_first(found):
        best.setdefault((True, pair.old) if pair.old not in first else (False, pair.new), pair)
    return list(best.values())


def _left_over(
    pairing: Pairing, pairs: Sequence[Pair], chosen: Sequence[Sequence[Pair]]
) -> tuple[list[list[Pair]], list[Pair]]:
    """Among records that nothing carries on: groups of several parts and their whole whose money adds up, and pairs that
    are much alike, about which people are asked.
    """
    used = {("old", pair.old) for group in chosen for pair in group}
    used |= {("new", pair.new) for group in chosen for pair in group}
    open_pairs = [pair for pair in pairs if pair.said is None and used.isdisjoint(_ends(pair))]
    weighed = [
        pair for pair in _best_first(_as_parts(pairing, open_pairs)) if _raised(pair.confidence) >= PART
    ]
    groups = []
    for whole in ("new", "old"):
        for members in _by_whole(weighed, whole):
            free = [pair for pair in members if used.isdisjoint(_ends(pair))]
            for many in range(2, len(free) + 1):
                if _adds_up(pairing, free[:many]):
                    groups.append([replace(one, confidence=_raised(one.confidence)) for one in free[:many]])
                    used |= {end for one in free[:many] for end in _ends(one)}
                    break
    alike = [
        replace(pair, confidence=ALONE * pair.confidence)
        for pair in weighed
        if pair.confidence >= PART and used.isdisjoint(_ends(pair))
    ]
    return groups, alike


def _by_whole(pairs: Iterable[Pair], whole: str) -> list[list[Pair]]:
    """Pairs by the record of that year, where each of the other year counts once, with the best."""
    found: dict[int, list[Pair]] = defaultdict(list)
    seen = set()
    for pair in pairs:
        part, of = (pair.old, pair.new) if whole == "new" else (pair.new, pair.old)
        if part not in seen:
            seen.add(part)
            found[of].append(pair)
    return list(found.values())


def _as_parts(pairing: Pairing, pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs with the probability that one is a part of the other."""
    chances = pairing.parts([(pair.old, pair.new) for pair in pairs])
    return [replace(pair, confidence=float(chance)) for pair, chance in zip(pairs, chances, strict=True)]


def _raised(chance: float) -> float:
    """A probability of being a part, once the money of all parts adds up to the whole."""
    return 1 / (1 + (1 - chance) / max(chance, 1e-9) * math.exp(-MONEY_ADDS))


def _best_first(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.confidence, pair.old, pair.new))


def _ends(pair: Pair) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("old", pair.old), ("new", pair.new)


def _case(pairing: Pairing, group: Sequence[Pair]) -> Succession:
    sums = len(group) > 1 and _adds_up(pairing, group)
    links = tuple(_link(pairing, replace(pair, adds_up=sums)) for pair in group)
    old, new = (
        tuple(dict.fromkeys(ends)) for ends in zip(*((link.old, link.new) for link in links), strict=True)
    )
    weakest = min(link.confidence for link in links)
    reasons = list(
        {reason.kind: reason for link in reversed(links) for reason in reversed(link.reasons)}.values()
    )[::-1]
    if len(links) == 1:
        renamed = pairing.names[group[0].old] != pairing.names[len(pairing.old) + group[0].new]
        return Succession("renamed" if renamed else "continued", old, new, weakest, tuple(reasons), links)
    return Succession("merged" if len(old) > 1 else "split", old, new, weakest, tuple(reasons), links)


def _adds_up(pairing: Pairing, group: Sequence[Pair]) -> bool:
    left = sum(latest(pairing.old[row]) for row in {pair.old for pair in group})
    right = sum(latest(pairing.new[row]) for row in {pair.new for pair in group})
    return left > 0 and right > 0 and abs(left - right) <= ADDS_UP * max(left, right)


def _link(pairing: Pairing, pair: Pair) -> Link:
    keys = pairing.old[pair.old].key, pairing.new[pair.new].key
    return Link(*keys, round(pair.confidence, 4), pairing.reasons(pair))


def _alone(pairing: Pairing, kind: str, key: int, best: Pair | None) -> Succession:
    near = _link(pairing, best) if best and best.confidence >= FAR else None
    sure = round(1 - (best.confidence if best else 0.0), 4)
    old, new = ((key,), ()) if kind == "ended" else ((), (key,))
    reasons = near.reasons if near else (Reason("nothing_like"),)
    return Succession(kind, old, new, sure, reasons, near=near)


def _nearest(pairs: Sequence[Pair]) -> tuple[dict[int, Pair], dict[int, Pair]]:
    """The best pair of each record, by old and by new."""
    old: dict[int, Pair] = {}
    new: dict[int, Pair] = {}
    for pair in _best_first(pairs):
        if pair.said is False:
            continue
        old.setdefault(pair.old, pair)
        new.setdefault(pair.new, pair)
    return old, new
