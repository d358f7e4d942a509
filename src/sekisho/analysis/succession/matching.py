"""From likely pairs to what continued, was renamed, merged, split, ended or is new.

Pairs are taken best first, each record once: these carry the names on. What is left over and still speaks strongly for
a record that is already taken makes a merger (several old, one new) or a split (one old, several new).
"""

from collections.abc import Collection, Mapping, Sequence
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
    chosen = _choose(pairing, pairs)
    found = [_case(pairing, one) for one in chosen]
    taken = {pair.old for one in chosen for pair in one}, {pair.new for one in chosen for pair in one}
    near_old, near_new = _nearest(pairs)
    for row in range(len(old)):
        if row not in taken[0]:
            found.append(_alone(pairing, "ended", old[row].key, near_old.get(row)))
    for row in range(len(new)):
        if row not in taken[1]:
            found.append(_alone(pairing, "new", new[row].key, near_new.get(row)))
    return tuple(sorted(found, key=lambda case: (case.confidence, case.kind, case.old, case.new)))


def _choose(pairing: Pairing, pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Groups of pairs that belong together: one, or several that share an end. What people said has the right of way,
    then the same id.
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
    for part in _parts(pairing, pairs, first.keys(), second.keys()):
        home = first.get(part.old) or second[part.new]
        group = groups[id(home)]
        # a group grows to one side only: several into one, or one into several
        if len(group) == 1 or (group[1].new == home.new) == (part.new == home.new):
            group.append(part)
    return list(groups.values())


def _parts(
    pairing: Pairing, pairs: Sequence[Pair], first: Collection[int], second: Collection[int]
) -> list[Pair]:
    """Of each record that nothing carries on, the best pair with one that is taken, when it is likely a part of it."""
    open_pairs = [
        pair for pair in pairs if (pair.old in first) != (pair.new in second) and pair.said is not False
    ]
    chances = pairing.parts([(pair.old, pair.new) for pair in open_pairs])
    chances[[at for at, pair in enumerate(open_pairs) if pair.said]] = 1.0
    best: dict[tuple[bool, int], Pair] = {}
    for at in np.argsort(-chances, kind="stable"):
        pair, chance = open_pairs[int(at)], float(chances[at])
        if chance < PART:
            break
        end = (True, pair.old) if pair.old not in first else (False, pair.new)
        best.setdefault(end, replace(pair, confidence=chance))
    return list(best.values())


def _case(pairing: Pairing, group: Sequence[Pair]) -> Succession:
    links = tuple(_link(pairing, pair) for pair in group)
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
    if _adds_up(pairing, group):
        reasons.insert(0, Reason("money_sum"))
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
    for pair in pairs:
        if pair.said is False:
            continue
        old.setdefault(pair.old, pair)
        new.setdefault(pair.new, pair)
    return old, new
