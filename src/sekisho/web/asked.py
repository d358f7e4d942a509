"""What an address or a form asks for, read without trusting it: numbers, and a stretch of a long list."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import UnorderedObjectListWarning
from django.db.models import QuerySet

#: digits of the longest number that a key of the database can be for certain
_DIGITS = 18


def whole_number(text: str, digits: int = _DIGITS) -> int | None:
    """A whole number as an address or a form gives it; None for anything else, longer ones too."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


@dataclass(frozen=True)
class Stretch:
    """Some rows of a list, and where the next begin; 0 when these are the last."""

    rows: Sequence[Any]
    more: int


def stretch_of(rows: QuerySet[Any], after: str, size: int) -> Stretch:
    """The ``size`` rows behind the place that an address names.

    The rows need an order of their own, which counting rows of others takes from a query: without one, a stretch
    shows what comes first to the database, never the newest.
    """
    if not rows.ordered:
        warnings.warn("a stretch of rows without an order", UnorderedObjectListWarning, stacklevel=2)
    start = whole_number(after, 9) or 0
    found = list(rows[start : start + size + 1])
    return Stretch(found[:size], start + size if len(found) > size else 0)
