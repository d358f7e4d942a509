"""Facets of a project: function, users, data, technology and procedure, found by a versioned vocabulary."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from sekisho.analysis.similarity.text import normalise

KINDS: Final = ("function", "users", "data", "technology", "procedure")


@dataclass(frozen=True)
class Facet:
    """One entry of the vocabulary; ``kind`` is one of ``KINDS``."""

    code: str
    kind: str
    ja: str
    en: str
    find: tuple[str, ...]

    def name(self, language: str) -> str:
        """In Japanese or English."""
        return self.ja if language.startswith("ja") else self.en


@dataclass(frozen=True)
class Vocabulary:
    """All facets, and one pattern per facet."""

    version: str
    facets: tuple[Facet, ...]
    patterns: tuple[re.Pattern[str], ...]

    def found_in(self, text: str) -> tuple[int, ...]:
        """Positions in ``facets`` of what a text speaks of."""
        folded = normalise(text).lower()
        return tuple(at for at, pattern in enumerate(self.patterns) if pattern.search(folded))


def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
    parts = []
    for term in terms:
        whole = re.escape(term.lower())
        parts.append(rf"(?<![a-z0-9]){whole}s?(?![a-z0-9])" if term.isascii() else whole)
    return re.compile("|".join(parts))


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    text = files("sekisho.analysis").joinpath("data/facets.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    found = [
        Facet(code, kind, entry["ja"], entry["en"], tuple(str(term) for term in entry["find"]))
        for kind in KINDS
        for code, entry in document["facets"][kind].items()
    ]
    return Vocabulary(str(document["version"]), tuple(found), tuple(_pattern(one.find) for one in found))
