"""What the pages of this app read; a fixed number of queries each."""

from sekisho.sharing.queries.history import history
from sekisho.sharing.queries.likeness import (
    YEARS_AHEAD,
    Alike,
    Estimate,
    Fit,
    Like,
    by_function,
    catalogue,
    estimate,
    fits,
    groups,
    likest,
    summed,
    totals,
)
from sekisho.sharing.queries.savings import Correction, Saving, corrections, savings

__all__ = [
    "YEARS_AHEAD",
    "Alike",
    "Correction",
    "Estimate",
    "Fit",
    "Like",
    "Saving",
    "by_function",
    "catalogue",
    "corrections",
    "estimate",
    "fits",
    "groups",
    "history",
    "likest",
    "savings",
    "summed",
    "totals",
]
