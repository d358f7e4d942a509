"""How likely a record of one year and a record of the next are the same project.

A logistic function of eight features, fitted to six years of published review sheets with their ids held out
(docs/years.md). What the source calls the same id is one more piece of evidence, not the answer: ids are reused.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sekisho.analysis.similarity.lexical import Words
from sekisho.analysis.similarity.text import bare_title, normalise, terms
from sekisho.analysis.succession.records import Reason, YearRecord
from sekisho.values import name_key

FEATURES: Final = ("name", "title", "text", "meaning", "named", "ministry", "section", "past_money", "size")
#: log-odds per feature, fitted by ``benchmarks/succession.py``; the one of ``named`` is set by hand, because the ids it
#: was fitted to deny what the names tell
WEIGHTS: Final = (6.0, 2.0, 3.0, 1.4, 1.5, 1.8, 0.4, 3.6, 1.1)
BIAS: Final = -9.4
#: the same where there are no vectors of meaning
BIAS_WORDS: Final = -8.7
#: log-odds that the same id adds: enough for a new name, too little when nothing else is alike
SAME_ID: Final = 7.0
PART_BIAS: Final = -4.5
#: candidates of each record that are compared in full
CANDIDATES: Final = 6
#: rows scored at once
BLOCK: Final = 500
#: titles shorter than this are common words
NAMEABLE: Final = 6
#: a move of sections seen this often between sure pairs is a successor
SEEN: Final = 2


@dataclass(frozen=True)
class Pair:
    """Rows of both years, the features in the order of ``FEATURES``, the probability, and whether the id is the same.
    ``adds_up``: the money of the parts it is one of is that of the whole.
    """

    old: int
    new: int
    features: tuple[float, ...]
    confidence: float
    same_id: bool
    moved: bool
    said: bool | None = None
    adds_up: bool = False


class Pairing:
    """Two years side by side. ``vectors``: float32 (len(old) + len(new), dim), unit rows or zeros; None: words alone."""

    def __init__(
        self,
        old: Sequence[YearRecord],
        new: Sequence[YearRecord],
        vectors: np.ndarray | None = None,
        said: Mapping[tuple[int, int], bool] | None = None,
    ) -> None:
        self.old, self.new, self.vectors = old, new, vectors
        rows = {one.key: at for at, one in enumerate(old)}, {one.key: at for at, one in enumerate(new)}
        #: what people said, by rows
        self.said = {
            (rows[0][one], rows[1][other]): verdict
            for (one, other), verdict in (said or {}).items()
            if one in rows[0] and other in rows[1]
        }
        every = [*old, *new]
        self.titles = [bare_title(record.name) for record in every]
        self.texts = [normalise(f"{record.purpose} {record.summary}") for record in every]
        self.names = [name_key(record.name) for record in every]
        self.whole = [normalise(f"{r.name} {r.purpose} {r.summary}") for r in every]
        self.words = Words([terms(text) for text in self.texts])
        self.title_words = Words([terms(title) for title in self.titles])
        self.moves: dict[tuple[str, ...], tuple[str, ...]] = {}

    def pairs(self) -> list[Pair]:
        """Every pair worth a look, best first. Sure pairs teach which section followed which, then all are weighed."""
        places = sorted(self._candidates())
        first = self._weigh(places)
        self.moves = _moves(
            (self.old[p.old].owner, self.new[p.new].owner) for p in first if p.confidence >= 0.9
        )
        found = self._weigh(places) if self.moves else first
        return sorted(found, key=lambda pair: (-pair.confidence, pair.old, pair.new))

    def _candidates(self) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for keyed in (self._by_name(), self._by_id(), self.said.keys()):
            found |= keyed
        if not self.old or not self.new:
            return found
        count = len(self.old)
        first, second = self.words.rows[:count], self.words.rows[count:].T.tocsr()
        titles, others = self.title_words.rows[:count], self.title_words.rows[count:].T.tocsr()
        reach = min(CANDIDATES, len(self.new))
        for start in range(0, count, BLOCK):
            part = slice(start, start + BLOCK)
            scores = np.asarray((first[part] @ second + titles[part] @ others).todense())
            if self.vectors is not None:
                scores = scores + 0.3 * (self.vectors[:count][part] @ self.vectors[count:].T)
            best = np.argpartition(-scores, reach - 1, axis=1)[:, :reach]
            found |= {(start + at, int(column)) for at, columns in enumerate(best) for column in columns}
            best = np.argmax(scores, axis=0)
            # the nearest of each new one within this block, so that a split finds its origin
            found |= {(start + int(at), column) for column, at in enumerate(best) if scores[at, column] > 0.3}
        return found

    def _by_name(self) -> set[tuple[int, int]]:
        """Pairs with one name; of a name that very many share, the first few."""
        rows: dict[str, list[int]] = {}
        for row in range(len(self.new)):
            rows.setdefault(self.names[len(self.old) + row], []).append(row)
        return {
            (row, other)
            for row in range(len(self.old))
            for other in rows.get(self.names[row], ())[: 4 * CANDIDATES]
        }

    def _by_id(self) -> set[tuple[int, int]]:
        rows = {value: row for row, record in enumerate(self.new) for value in record.ids}
        return {
            (row, rows[value]) for row, record in enumerate(self.old) for value in record.ids if value in rows
        }

    def _weigh(self, places: Sequence[tuple[int, int]]) -> list[Pair]:
        if not places:
            return []
        features = self.features(places)
        same = np.asarray([not self.old[i].ids.isdisjoint(self.new[j].ids) for i, j in places])
        bias = BIAS if self.vectors is not None else BIAS_WORDS
        odds = features @ np.asarray(WEIGHTS) + bias + SAME_ID * same
        chances = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        for at, place in enumerate(places):
            if place in self.said:
                chances[at] = float(self.said[place])
        return [
            Pair(i, j, tuple(line), float(chance), bool(one), self._moved(i, j), self.said.get((i, j)))
            for (i, j), line, chance, one in zip(places, features.tolist(), chances, same, strict=True)
        ]

    def _moved(self, i: int, j: int) -> bool:
        path = self.old[i].owner
        return bool(path) and self.moves.get(path) == self.new[j].owner

    def features(self, places: Sequence[tuple[int, int]]) -> np.ndarray:
        """float64 (pairs, features)."""
        made = np.zeros((len(places), len(FEATURES)))
        count = len(self.old)
        by_old: dict[int, list[int]] = {}
        for at, (i, _j) in enumerate(places):
            by_old.setdefault(i, []).append(at)
        for i, rows in by_old.items():
            others = np.asarray([count + places[at][1] for at in rows])
            made[rows, 1] = self.title_words.cosines(i, others)
            made[rows, 2] = self.words.cosines(i, others)
            if self.vectors is not None:
                made[rows, 3] = self.vectors[others] @ self.vectors[i]
        for at, (i, j) in enumerate(places):
            old, new = self.old[i], self.new[j]
            made[at, 0] = bool(self.names[i]) and self.names[i] == self.names[count + j]
            made[at, 4] = self._named(i, count + j)
            made[at, 5] = bool(old.owner and new.owner) and old.owner[0] == new.owner[0]
            made[at, 6] = bool(old.owner) and (old.owner == new.owner or self._moved(i, j))
            if old.key != new.key:
                made[at, 7] = past_money(old, new)
                made[at, 8] = size(old, new)
        return made

    def _named(self, one: int, other: int) -> bool:
        """Whether one tells the other's name, as in “(formerly …)”; the same name tells nothing more."""
        mine, theirs = self.titles[one], self.titles[other]
        if self.names[one] == self.names[other]:
            return False
        return (len(mine) >= NAMEABLE and mine in self.whole[other]) or (
            len(theirs) >= NAMEABLE and theirs in self.whole[one]
        )

    def parts(self, places: Sequence[tuple[int, int]]) -> np.ndarray:
        """Probability (pairs,) that one record lives on in a part of the other, or is a part of it: how much of the
        smaller text stands in the larger one, of the titles too, a name that is told, the owner. Weights set by hand on
        mergers made of real pairs (docs/years.md).
        """
        made = np.zeros(len(places))
        count = len(self.old)
        for at, (i, j) in enumerate(places):
            old, new = self.old[i], self.new[j]
            odds = (
                PART_BIAS
                + 6.0 * self.words.contained(i, count + j)
                + 2.5 * self.title_words.contained(i, count + j)
            )
            odds += 2.0 * self._named(i, count + j)
            odds += 0.5 * (bool(old.owner and new.owner) and old.owner[0] == new.owner[0])
            odds += 0.5 * (bool(old.owner) and (old.owner == new.owner or self._moved(i, j)))
            made[at] = 1 / (1 + np.exp(-odds))
        return made

    def reasons(self, pair: Pair) -> tuple[Reason, ...]:
        """Why, the plainest first; never empty."""
        old, new = self.old[pair.old], self.new[pair.new]
        said = dict(zip(FEATURES, pair.features, strict=True))
        found = [Reason("said")] if pair.said else []
        if pair.adds_up:
            found.append(Reason("money_sum"))
        if pair.same_id:
            found.append(Reason("same_id"))
        if said["name"]:
            found.append(Reason("same_name"))
        elif said["title"] >= 0.5:
            found.append(Reason("title"))
        elif pair.same_id and said["text"] < 0.2:
            found.append(Reason("id_alone"))
        if said["text"] >= 0.4:
            found.append(Reason("text", (str(round(100 * said["text"])),)))
        if said["named"] and not said["name"]:
            found.append(Reason("named"))
        if pair.moved and old.owner != new.owner:
            found.append(Reason("successor", (old.owner[-1], new.owner[-1])))
        elif said["section"]:
            found.append(Reason("owner", (new.owner[-1],)))
        elif said["ministry"]:
            found.append(Reason("owner", (new.owner[0],)))
        if said["past_money"] > 0:
            found.append(Reason("money_same", tuple(str(year) for year in _same_years(old, new))))
        elif said["size"] >= 0.8:
            found.append(Reason("money_size"))
        return tuple(found) or (Reason("text", (str(round(100 * said["text"])),)),)


def _same_years(old: YearRecord, new: YearRecord) -> list[int]:
    years = set(old.money) & set(new.money) | set(old.spent) & set(new.spent)
    return [year for year in sorted(years) if _agree(old, new, year)]


def _agree(old: YearRecord, new: YearRecord, year: int) -> bool:
    one, other = old.money.get(year), new.money.get(year)
    spent, again = old.spent.get(year), new.spent.get(year)
    return bool((one and one == other) or (spent and spent == again))


def past_money(old: YearRecord, new: YearRecord) -> float:
    """How far both tell the same of years that both speak of: 1 when four amounts or more are the same, 0 when there is
    nothing to compare, -1 when several differ and none is the same. Two projects seldom share even two amounts to the
    yen; records rounded to millions agree by chance more often, so that one or two the same are weak.
    """
    same = differ = 0
    for mine, theirs in ((old.money, new.money), (old.spent, new.spent)):
        for year in mine.keys() & theirs.keys():
            if mine[year] and theirs[year]:
                same += mine[year] == theirs[year]
                differ += mine[year] != theirs[year]
    if same > differ:
        return float(min(same, 4) / 4)
    return -1.0 if differ >= 2 and not same else 0.0


def size(old: YearRecord, new: YearRecord) -> float:
    """How alike the latest amounts are: the smaller over the larger, 0 to 1; 0 when one is unknown."""
    one, other = latest(old), latest(new)
    return min(one, other) / max(one, other) if one > 0 and other > 0 else 0.0


def latest(record: YearRecord) -> int:
    """The amount of the latest year that the record gives one for; 0 when it gives none."""
    return record.money[max(record.money)] if record.money else 0


def _moves(
    owners: Iterable[tuple[tuple[str, ...], tuple[str, ...]]],
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Which section followed which: the commonest new place of each, when it is another and seen often enough."""
    counts: dict[tuple[str, ...], Counter[tuple[str, ...]]] = {}
    for one, other in owners:
        if one and other:
            counts.setdefault(one, Counter())[other] += 1
    found = {}
    for one, places in counts.items():
        other, times = places.most_common(1)[0]
        if other != one and times >= SEEN:
            found[one] = other
    return found
