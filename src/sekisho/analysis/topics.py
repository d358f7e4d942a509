"""Group free texts by what they speak of, so that a reader can follow every step. No Django.

Frequent terms are the candidates for topics, as in frequent term-based text clustering (Beil, Ester and Xu, KDD 2002); they
are chosen by greedy cover: the term in most texts that no topic holds yet comes first, and the next is sought among the
rest. A text may stand in several topics, since an answer often speaks of two things. Each topic is named by its term and the
words that its texts use more often than the others do (log-likelihood ratio, Dunning 1993).

Terms are runs of kanji and of katakana, single kanji that begin a word, Latin words, and the words of ``data/feedback.yaml``:
what users say in kana or in several spellings (わかりにくい, 分かりづらい). No dictionary or model is needed, and the same
texts always make the same topics.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

#: no more topics than a reader can look through
MOST: Final = 12
#: a term in more than this share of the texts divides nothing
TOO_COMMON: Final = 0.6
#: other words named beside a topic's term
NAMED: Final = 4
#: characters of one text that are read: what comes after them changes no topic
READ: Final = 4000
#: 3.84 is the 5 % point of chi-squared with one degree of freedom
_TELLING: Final = 3.84
_TOKEN = re.compile(r"[一-鿿々〆]+|[ァ-ヺー]{2,}|[a-z][a-z'-]+")
_LONGEST_RUN = 8


@dataclass(frozen=True, slots=True)
class Topic:
    """``term`` is what its texts share, ``words`` what else they often say; ``texts`` are their places in the list."""

    term: str
    words: tuple[str, ...]
    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics with the most texts first, and the texts that speak of none of them."""

    topics: tuple[Topic, ...]
    rest: tuple[int, ...]
    n: int


@cache
def _words() -> Mapping[str, Any]:
    text = (resources.files("sekisho.analysis") / "data" / "feedback.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    stems = {stem: word for word, forms in document["words"].items() for stem in forms}
    longest_first = sorted(stems, key=len, reverse=True)
    return {
        "stems": stems,
        "pattern": re.compile("|".join(map(re.escape, longest_first))),
        "common": frozenset(document["common"]) | frozenset(document["english"]),
    }


def terms(text: str) -> frozenset[str]:
    """What a text speaks of: each term once."""
    words = _words()
    folded = unicodedata.normalize("NFKC", text[:READ]).casefold()
    found = {words["stems"][match.group()] for match in words["pattern"].finditer(folded)}
    rest = words["pattern"].sub(" ", folded)
    for token in _TOKEN.findall(rest):
        if token in words["common"]:
            continue
        if token[0] > "z" and len(token) > _LONGEST_RUN:
            continue  # a name of an office, or no word at all
        if token[0] <= "z" and len(token) < 3:
            continue
        found.add(token)
    return frozenset(found)


def group(texts: Sequence[str], *, least: int = 3, most: int = MOST) -> Topics:
    """Group texts; a topic has at least ``least`` of them, and there are at most ``most`` topics.

    Texts without words stand among the rest, and so does everything where fewer than ``2 * least`` texts were written:
    so few are read faster than grouped.

    Raises:
        ValueError: ``least`` or ``most`` is under 1.
    """
    if least < 1 or most < 1:
        raise ValueError("a topic has at least one text, and there is room for one topic")
    said = [terms(text) for text in texts]
    holders: dict[str, set[int]] = {}
    for place, found in enumerate(said):
        for term in found:
            holders.setdefault(term, set()).add(place)
    ceiling = TOO_COMMON * len(texts)
    candidates = {term: held for term, held in holders.items() if least <= len(held) <= max(ceiling, least)}
    if len(texts) < 2 * least:
        candidates = {}
    chosen = _cover(candidates, least, most)
    counts = {term: len(held) for term, held in holders.items()}
    topics = [
        Topic(
            term, _beside(term, candidates[term], said, counts, len(texts)), tuple(sorted(candidates[term]))
        )
        for term in chosen
    ]
    topics.sort(key=lambda topic: (-len(topic.texts), topic.term))
    held = {place for topic in topics for place in topic.texts}
    return Topics(tuple(topics), tuple(place for place in range(len(texts)) if place not in held), len(texts))


def _cover(candidates: Mapping[str, set[int]], least: int, most: int) -> list[str]:
    """Terms by how many texts they add, until what they add is under ``least``. Longer terms first among equals: they
    say more. A term whose texts another one holds nearly all of adds nothing and falls out by itself."""
    chosen: list[str] = []
    held: set[int] = set()
    left = dict(candidates)
    while left and len(chosen) < most:
        adds = {term: len(texts - held) for term, texts in left.items()}
        best = min(left, key=lambda term: (-adds[term], -len(term), term))
        if adds[best] < least:
            break
        chosen.append(best)
        held |= left.pop(best)
        left = {term: texts for term, texts in left.items() if len(texts - held) >= least}
    return chosen


def _beside(
    term: str, held: set[int], said: Sequence[frozenset[str]], counts: Mapping[str, int], n: int
) -> tuple[str, ...]:
    """Words that the texts of a topic hold more often than the others."""
    inside = Counter(word for place in held for word in said[place] if word != term)
    telling = [
        (score, word)
        for word, count in inside.items()
        if count > 1
        and (score := _likelihood(count, len(held), counts[word] - count, n - len(held))) > _TELLING
    ]
    return tuple(word for _score, word in sorted(telling, key=lambda pair: (-pair[0], pair[1]))[:NAMED])


def _likelihood(inside: int, size: int, outside: int, rest: int) -> float:
    """Dunning's log-likelihood ratio of a word within and outside a topic; 0 where it is not more frequent within."""
    if rest == 0 or inside / size <= outside / rest:
        return 0.0
    share = (inside + outside) / (size + rest)
    return 2 * (_log(inside, size, share) + _log(outside, rest, share))


def _log(count: int, size: int, share: float) -> float:
    """Log-likelihood of a count under its own share over that under the common one."""
    found = 0.0
    for part, expected in ((count, size * share), (size - count, size * (1 - share))):
        if part:
            found += part * math.log(part / expected)
    return found
