"""Tokens for finding words of one or more characters in Japanese and Latin text. Pure.

Text is folded (NFKC, case folded), cut at white space, and written as overlapping pairs of characters, each
spelled as hex so that any full-text engine treats it as one plain word. The last character of a run stands
alone, so a query of a single character is a prefix query. Half- and full-width variants fold together.
"""

import re
import unicodedata
from itertools import pairwise

_SPACE = re.compile(r"\s+")
MAX_QUERY_TERMS = 8


def fold(text: str) -> str:
    """Comparison form of a text."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def index_tokens(*texts: str) -> str:
    """Space-separated tokens of all texts; neighbours stand next to each other, so phrases can be asked."""
    tokens: list[str] = []
    for text in texts:
        for run in _runs(text):
            codes = [f"{ord(character):06x}" for character in run]
            tokens += [f"x{first}{second}" for first, second in pairwise(codes)]
            tokens.append(f"x{codes[-1]}")
    return " ".join(tokens)


def query_terms(text: str) -> list[list[str]]:
    """For each word of a query the tokens that must stand side by side.

    A word of one character is a single token that asks for a prefix (it ends with ``*``).
    """
    terms = []
    for run in _runs(text)[:MAX_QUERY_TERMS]:
        terms.append([_hex(run) + "*"] if len(run) == 1 else _pairs(run))
    return terms


def _runs(text: str) -> list[str]:
    return [run for run in _SPACE.split(fold(text).replace("\x00", " ")) if run]


def _pairs(run: str) -> list[str]:
    return [_hex(run[i : i + 2]) for i in range(len(run) - 1)]


def _hex(characters: str) -> str:
    return "x" + "".join(f"{ord(c):06x}" for c in characters)
