"""Answers as people write them: 4, ４, 4.0, “4: やや満足”, やや満足, “Satisfied”. No Django."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Final

import yaml

from sekisho.analysis.problems import AnalysisProblem
from sekisho.values import gettext_noop, is_blank, shown

_ = gettext_noop

#: words of one scale → code
Scale = Mapping[str, int]
#: a number, perhaps with a sign between it and the words of the answer; 1.0 is 1; 3-4 and 3 1/2 are no answers
#: やや満足 (4), 気に入る［1］
_NUMBER_BEHIND: Final = re.compile(r"(?P<rest>\D+?)[(\[〔【]\s?(?P<number>\d{1,2})(?:点)?\s?[)\]〕】]")
_STARS: Final = re.compile(r"(?P<given>[★⭐]{1,10})[☆]{0,10}")
#: so many different words of one scale tell by themselves which it is
_SEVERAL: Final = 4
#: what Japanese answers may end with: 満足である, 当然です
_ENDINGS: Final = ("", "です", "である", "だ")
_NUMBERED: Final = re.compile(r"(?P<number>[+-]?\d{1,6})(?:\.0*)?(?![\d.a-z])(?P<rest>\D*)", re.DOTALL)


def folded(value: object) -> str:
    """Text for comparing: half width, lower case, single spaces, straight quotes, no punctuation around."""
    text = unicodedata.normalize("NFKC", str(value)).casefold().replace("’", "'")
    return " ".join(text.split()).strip(" .。、,;:!\"'")


def key(value: object) -> str:
    """`folded` without any space: Japanese answers are sometimes padded inside."""
    return folded(value).replace(" ", "")


@cache
def _document() -> Mapping[str, Mapping[str, Mapping[int, list[str]]]]:
    text = (resources.files("sekisho.analysis") / "data" / "scales.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Mapping[str, Mapping[int, list[str]]]] = yaml.safe_load(text)
    return document


@cache
def scales(family: str) -> tuple[Scale, ...]:
    """The scales of a family: ``kano``, ``satisfaction`` or ``agreement``."""
    return tuple(map(_scale, _document()[family].values()))


def _scale(words_of: Mapping[int, list[str]]) -> Scale:
    """The scale with every ending that its Japanese words may have; a word as it is listed comes first."""
    listed = {key(word): code for code, words in words_of.items() for word in words}
    ended = {
        word + end: code for word, code in listed.items() for end in _ENDINGS if end and not word.isascii()
    }
    return {**ended, **listed}


@cache
def _blanks() -> frozenset[str]:
    return frozenset(key(word) for word in _document()["blank"])


def is_missing(value: object) -> bool:
    """True for an empty cell, a dash, 無回答, N/A and the like."""
    return is_blank(value) or (not isinstance(value, int | float) and key(value) in _blanks())


class Reader:
    """Reads answers 1…``high`` (or ``low``…``high``) with the scales that know every word of ``values``, one for each
    language they are in.

    Raises `AnalysisProblem` when two scales know the words and disagree on a code. A word that no scale knows is
    left to `code`, so that its place can be named.
    """

    def __init__(self, values: Iterable[object], family: str = "", *, low: int = 1, high: int = 5) -> None:
        self.low, self.high = low, high
        self._codes: dict[tuple[type, object], int | None] = {}
        found = {word for value in set(values) if (word := _word(value))}
        self._scale = _in_both_languages(found, scales(family)) if family else {}

    def code(self, value: object) -> int | None:
        """The code of an answer; None when it is missing. ``ValueError`` when it is no answer."""
        known = (value.__class__, value)
        if known not in self._codes:
            self._codes[known] = self._read(value)
        return self._codes[known]

    def _read(self, value: object) -> int | None:
        if is_missing(value):
            return None
        number, rest = _parts(value)
        if number is None:
            number = self._scale.get(rest)
        elif rest and self._scale.get(rest, number) != number:
            number = None
        if number is None or not self.low <= number <= self.high:
            raise ValueError(value)
        return number


def _parts(value: object) -> tuple[int | None, str]:
    """The number in front and the words behind it, as a key."""
    if isinstance(value, bool):
        return None, key(value)
    if isinstance(value, int | float):
        return (int(value), "") if float(value).is_integer() else (None, str(value))
    text = folded(value)
    if stars := _STARS.fullmatch(text):
        return len(stars["given"]), ""
    match = _NUMBERED.fullmatch(text) or _NUMBER_BEHIND.fullmatch(text)
    if match is None:
        return None, key(text)
    rest = match["rest"].lstrip(" .:=)]-、。・_点")
    return int(match["number"]), key(rest)


def _word(value: object) -> str:
    """The words of an answer that has no number; empty for numbers and missing answers."""
    if isinstance(value, int | float) or is_missing(value):
        return ""
    number, rest = _parts(value)
    return rest if number is None else ""


def _in_both_languages(words: set[str], known: tuple[Scale, ...]) -> Scale:
    """One scale for all words, or one for the English and one for the Japanese where people answered in both."""
    english = {word for word in words if word.isascii()}
    if not english or english == words or any(all(word in scale for word in words) for scale in known):
        return _chosen(words, known)
    return {**_chosen(english, known), **_chosen(words - english, known)}


def _chosen(words: set[str], known: tuple[Scale, ...]) -> Scale:
    fitting = [scale for scale in known if all(word in scale for word in words)]
    # そう思わない beside あまりそう思わない: people write different points in different words
    fitting = [scale for scale in fitting if _tells_apart(scale, words)] or fitting
    if not fitting:  # the one that knows most of them; what it does not know will be named by its cell
        return max(known, key=lambda scale: sum(word in scale for word in words))
    for word in sorted(words):
        if len({scale[word] for scale in fitting}) > 1:
            raise AnalysisProblem(
                _("The answer “%(value)s” stands for different points on different scales."),
                {"value": shown(word)},
                _("Write the answers as numbers, 1 for the worst to 5 for the best."),
            )
    return fitting[0]


def _tells_apart(scale: Scale, words: set[str]) -> bool:
    """Whether five words, or however many there are, are as many points."""
    return len(words) >= _SEVERAL and len({scale[word] for word in words}) == len(words)
