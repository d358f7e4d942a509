"""Facets of a project: function, users, data, technology and procedure, found by a versioned vocabulary."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from sekisho.analysis.similarity.text import normalise

#: words and numbers of Latin letters
_LATIN: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
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
    """All facets. Plain searches, because a pattern per facet takes 10 ms a text and these take a tenth."""

    version: str
    facets: tuple[Facet, ...]

    def found_in(self, text: str) -> tuple[int, ...]:
        """Positions in ``facets`` of what a text speaks of."""
        folded = normalise(text).lower()
        words = f" {' '.join(_LATIN.findall(folded))} "
        return tuple(at for at, facet in enumerate(self.facets) if _speaks_of(facet, folded, words))


def _speaks_of(facet: Facet, folded: str, words: str) -> bool:
    for term in facet.find:
        if not term.isascii():
            if term in folded:
                return True
        elif f" {term} " in words or f" {term}s " in words:
            return True
    return False


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    text = files("sekisho.analysis").joinpath("data/facets.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    found = [
        Facet(code, kind, entry["ja"], entry["en"], tuple(str(term).lower() for term in entry["find"]))
        for kind in KINDS
        for code, entry in document["facets"][kind].items()
    ]
    return Vocabulary(str(document["version"]), tuple(found))
