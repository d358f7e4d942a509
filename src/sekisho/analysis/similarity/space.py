"""A portfolio in which each project's neighbours can be found: by meaning, words, facets, systems and owner.

Every document is scored by one product of vectors and one of sparse words; the best few hundred are then compared in
all features, and the weights (``learning``) turn those into a probability.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sekisho.analysis.similarity.facets import vocabulary
from sekisho.analysis.similarity.learning import FEATURES, Weights, shipped
from sekisho.analysis.similarity.lexical import Words
from sekisho.analysis.similarity.text import (
    added_to_title,
    bare_title,
    initials,
    is_japanese,
    known_as,
    nameable,
    normalise,
    terms,
)

#: how often the words of a title count against those of the text
TITLE_TIMES = 3
#: the same of what the title has in brackets
BRACKET_TIMES = 2
#: how many of the first pass are compared in full
CLOSER = 64
#: directions in which vectors differ most that the first pass looks at, where there are more documents than ``MANY``: half
#: the memory to read, and what it chooses is compared by whole vectors
DIRECTIONS, MANY = 256, 2000
#: levels of organisations that are looked at
OWNER_DEPTH = 5
#: how much more meaning and how much less words tell of two texts that are not both Japanese: English paraphrases share
#: few words, and the embedder knows English best (docs/similarity.md). Without vectors words count in full.
MEANING_ABROAD, WORDS_ABROAD = 3.0, 0.5
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Document:
    """What is compared of a project. ``owner`` runs from the ministry or bureau down; ``systems`` are names of systems
    it is made of or talks to, ``partners`` its contractors; ``more`` is text that helps words but not meaning, ``aside``
    text that only tells which others it names.
    """

    key: int
    title: str
    purpose: str = ""
    summary: str = ""
    title_en: str = ""
    more: str = ""
    aside: str = ""
    owner: tuple[str, ...] = ()
    systems: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """Everything said in words."""
        return " ".join(filter(None, (self.title, self.title_en, self.purpose, self.summary, self.more)))

    @property
    def embedded(self) -> tuple[str, tuple[str, ...]]:
        """What ``embed`` takes."""
        return self.title or self.title_en, (self.purpose, self.summary)

    @property
    def digest(self) -> str:
        """SHA-256 of what is embedded, cleaned; the same for the same text."""
        title, parts = self.embedded
        return _digest(title, *parts)

    @property
    def sameness(self) -> str:
        """The same for documents that say the same but for numbers in their titles, as those of one template do. Of
        documents that are a title alone, numbers tell them apart.
        """
        title, parts = self.embedded
        return _digest(_NUMBERS.sub(" ", normalise(title)) if any(parts) else title, *parts)

    def words(self) -> Counter[str]:
        """Its terms, those of the title counted more."""
        counted = terms(" ".join(filter(None, (self.purpose, self.summary, self.more))))
        for term, count in terms(f"{bare_title(self.title)} {self.title_en}").items():
            counted[term] += TITLE_TIMES * count
        for term, count in terms(added_to_title(self.title)).items():
            counted[term] += BRACKET_TIMES * count
        return counted


def _digest(*parts: str) -> str:
    whole = "\x1f".join(normalise(part) for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Match:
    """A neighbour: its row, the probability that people call it related (0 to 1), the features it rests on (see
    ``learning.FEATURES``), and rows of further documents with the same text (see ``Document.sameness``).
    """

    row: int
    score: float
    features: tuple[float, ...]
    copies: tuple[int, ...] = ()


@dataclass
class Space:
    """N documents. ``vectors``: float32 (N, dim), unit rows or zeros; None compares by words alone."""

    documents: Sequence[Document]
    vectors: np.ndarray | None = None
    weights: Weights = field(default_factory=shipped)

    def __post_init__(self) -> None:
        self.texts = [normalise(document.text) for document in self.documents]
        self.said = np.asarray([bool(text) for text in self.texts], dtype=bool)
        self._silent = np.flatnonzero(~self.said)
        self.digests = [document.sameness for document in self.documents]
        self._copies: dict[str, list[int]] = {}
        for row, digest in enumerate(self.digests):
            if self.said[row]:
                self._copies.setdefault(digest, []).append(row)
        #: rows by which anything is rare or common: 500 books from one template must not make the words of all others rare
        once = self.first_rows() or list(range(len(self.documents)))
        self._again = np.ones(len(self.documents), dtype=bool)
        self._again[once] = False
        self.words = Words(_with_initials(self.documents), once)
        self.titles = [bare_title(document.title) for document in self.documents]
        self.title_words = Words([terms(title) for title in self.titles], once)
        #: what each can be named by, and where names of others are looked for
        self.known_as = [
            known_as(document.title, text) for document, text in zip(self.documents, self.texts, strict=True)
        ]
        self.told = [
            nameable(f"{text} {normalise(document.aside)}" if document.aside else text)
            for text, document in zip(self.texts, self.documents, strict=True)
        ]
        self.japanese = np.asarray([is_japanese(text) for text in self.texts], dtype=bool)
        known = vocabulary()
        self.facets = np.zeros((len(self.documents), len(known.facets)), dtype=np.float32)
        for row, text in enumerate(self.texts):
            self.facets[row, list(known.found_in(text))] = 1
        share = self.facets[once].mean(axis=0) if once else np.zeros(len(known.facets))
        #: what a shared facet tells: little when everyone has it
        self.facet_weights = np.log1p(1 / np.maximum(share, 1 / max(len(once), 1)))
        #: by row: what its facets tell together
        self.facet_sums = self.facets @ self.facet_weights
        self.coarse = None if self.vectors is None else _turned(self.vectors)
        self.owners = _Owners([document.owner for document in self.documents], once)
        self._told_once = [self.told[row] for row in once]
        self._named: dict[str, float] = {}

    def copies_of(self, row: int) -> list[int]:
        """Rows with the same text but for numbers in titles, itself among them; none for a document without text."""
        return self._copies.get(self.digests[row], [])

    def first_rows(self) -> list[int]:
        """One row of each text."""
        return [rows[0] for rows in self._copies.values()]

    def first_scores(self, row: int) -> np.ndarray:
        """The first pass over all documents: one matrix product and the words."""
        total = self.words.scores(*self.words.row(row))
        total *= self.weights.of("words")
        if self.coarse is None:
            return total
        meaning = self.coarse @ self.coarse[row]
        meaning *= self.weights.of("meaning")
        if (abroad := self.abroad(row)) is not None:
            meaning[abroad] *= MEANING_ABROAD
            total[abroad] *= WORDS_ABROAD
        total += meaning
        return total

    def abroad(self, row: int, rows: np.ndarray | None = None) -> np.ndarray | None:
        """Which of the documents (None: all) are not Japanese as this one is, bool; None when all are or nothing has
        meaning.
        """
        if self.vectors is None:
            return None
        japanese = self.japanese if rows is None else self.japanese[rows]
        if not self.japanese[row]:
            return np.ones(len(japanese), dtype=bool)
        return None if japanese.all() else ~japanese

    def neighbours(
        self, row: int, limit: int = 20, *, collapse: bool = True, only: np.ndarray | None = None
    ) -> list[Match]:
        """The likest documents first, itself left out; none for a document without text.

        With ``collapse`` those that have the same text as each other come as one, the others as its copies, so that
        500 books from one template neither fill the page nor crowd out what else is near. ``only``: bool (N,), which rows may come.
        """
        if not self.said[row] or limit < 1:
            return []
        first = self.first_scores(row)
        first[self._silent if only is None else ~(self.said & only)] = -np.inf
        first[row] = -np.inf
        if collapse:
            first[self._crowd(row, only)] = -np.inf
        rows = _highest(first, min(max(CLOSER, 2 * limit), len(first)))
        rows = rows[np.isfinite(first[rows])]
        features = self.features(row, rows)
        scores = self.weights.probability(features)
        order = np.lexsort((rows, -scores))
        found: list[Match] = []
        met: set[str] = set()
        ranked = zip(rows[order].tolist(), scores[order].tolist(), features[order].tolist(), strict=True)
        for other, score, line in ranked:
            if collapse and self.digests[other] in met:
                continue
            met.add(self.digests[other])
            copies = [copy for copy in self.copies_of(other) if copy not in (row, other)] if collapse else []
            found.append(Match(other, score, tuple(line), tuple(copies)))
            if len(found) == limit:
                break
        return found

    def _crowd(self, row: int, only: np.ndarray | None) -> list[int] | np.ndarray:
        """Rows whose text another row stands for: all but the first of each, and of its own but the first other one."""
        if not self._again.any() or (only is not None and not only[~self._again].all()):
            return []
        crowd = self._again.copy()
        crowd[[copy for copy in self.copies_of(row) if copy != row][:1]] = False
        return crowd

    def features(self, row: int, rows: np.ndarray) -> np.ndarray:
        """float32 (rows, features) between one document and some others, in the order of ``FEATURES``."""
        made = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
        if not len(rows):
            return made
        if self.vectors is not None:
            made[:, 0] = self.vectors[rows] @ self.vectors[row]
        made[:, 1] = self.words.cosines(row, rows)
        made[:, 2] = self.title_words.cosines(row, rows)
        if (abroad := self.abroad(row, rows)) is not None:
            made[abroad, 0] *= MEANING_ABROAD
            made[abroad, 1] *= WORDS_ABROAD
        mine = self.documents[row]
        made[:, 3] = self._naming(row, rows.tolist())
        for at, other in enumerate(rows.tolist()) if mine.systems or mine.partners else ():
            made[at, 6] = not mine.systems.isdisjoint(self.documents[other].systems)
            made[at, 7] = not mine.partners.isdisjoint(self.documents[other].partners)
        made[:, 5] = self.owners.shared(row, rows)
        both = self.facets[rows] @ (self.facets[row] * self.facet_weights)
        made[:, 4] = both / np.maximum(self.facet_sums[rows] + self.facet_sums[row] - both, 1e-9)
        return made

    def names(self, row: int, other: int) -> bool:
        """Whether one's text names the other by its title."""
        return self._naming(row, [other])[0] > 0

    def _naming(self, row: int, others: Sequence[int]) -> list[float]:
        """What it tells that one's text names the other, 0 where neither does."""
        told, known = self.told, self.known_as
        mine, my_names = told[row], known[row]
        found = []
        for other in others:
            theirs = told[other]
            met = [name for name in my_names if name in theirs]
            met += [name for name in known[other] if name in mine]
            found.append(max(map(self._tells, met), default=0.0))
        return found

    def _tells(self, name: str) -> float:
        """How much it tells to be named so, 0 to 1: all of a name that a single other text has, little of a platform
        that half the texts speak of. Counted when it is first met.
        """
        if name not in self._named:
            others = max(sum(name in text for text in self._told_once) - 1, 1)
            count = max(len(self._told_once), 2)
            self._named[name] = max(float(np.log(count / others) / np.log(count)), 0.01)
        return self._named[name]


def _highest(scores: np.ndarray, wanted: int) -> np.ndarray:
    """Rows of the highest scores, in no order. Of very many, those above what a sample says are looked at: the same rows
    in a quarter of the time.
    """
    rows = np.arange(len(scores))
    if len(scores) > 32 * wanted:
        sample = scores[::8]
        at = len(sample) - wanted // 8 - 16
        above = np.flatnonzero(scores >= np.partition(sample, at)[at])
        rows = above if len(above) >= wanted else rows
    kept = np.argpartition(scores[rows], len(rows) - wanted)[len(rows) - wanted :]
    found: np.ndarray = rows[kept]
    return found


def _turned(vectors: np.ndarray) -> np.ndarray:
    """Vectors for the first pass: of many, their parts in the ``DIRECTIONS`` that differ most; inner products stay about
    the same.
    """
    if len(vectors) <= MANY or vectors.shape[1] <= DIRECTIONS:
        return vectors
    _sizes, directions = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(vectors @ directions[:, -DIRECTIONS:], dtype=np.float32)


def _with_initials(documents: Sequence[Document]) -> list[Counter[str]]:
    """The words of each document, with the initials of its names where somebody writes those alone."""
    counted = [document.words() for document in documents]
    written: set[str] = set().union(*counted)
    for words, document in zip(counted, documents, strict=True):
        names = " / ".join((document.title, document.title_en, document.purpose, document.summary))
        words.update(written.intersection(initials(names)))
    return counted


class _Owners:
    """Who owns each document, and how much sharing an owner tells: all of a small section, little of a large ministry,
    nothing of an office that everyone has: log(N / n) / log N of the smallest that two share, counted over the rows ``once``.
    """

    def __init__(self, owners: Sequence[tuple[str, ...]], once: Sequence[int]) -> None:
        numbers: dict[tuple[str, ...], int] = {}
        #: int32 (N, OWNER_DEPTH): a number for the path down to each level; -1 where there is none
        self.levels = np.full((len(owners), OWNER_DEPTH), -1, dtype=np.int32)
        for row, owner in enumerate(owners):
            for depth in range(min(len(owner), OWNER_DEPTH)):
                self.levels[row, depth] = numbers.setdefault(owner[: depth + 1], len(numbers))
        counted = self.levels[list(once)]
        sizes = np.bincount(counted[counted >= 0], minlength=len(numbers))
        told = np.log(max(len(once), 2) / np.maximum(sizes, 1)) / np.log(max(len(once), 2))
        #: float32 (N, OWNER_DEPTH): what sharing each level tells
        self.told = np.append(told, 0).astype(np.float32)[self.levels]

    def shared(self, row: int, rows: np.ndarray) -> np.ndarray:
        """What the owners that one document shares with some others tell, 0 to 1."""
        found: np.ndarray = ((self.levels[rows] == self.levels[row]) * self.told[row]).max(axis=1)
        return found


def shared_path(one: Sequence[str], other: Sequence[str]) -> int:
    """How many levels two organisations share from the top."""
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
