"""What the pages of this app read; a fixed number of queries each."""

from sekisho.sharing.queries.likeness import (
    YEARS_AHEAD,
    Estimate,
    Fit,
    Like,
    by_function,
    catalogue,
    estimate,
    fits,
    groups,
    likest,
    totals,
)
from sekisho.sharing.queries.savings import Saving, savings

__all__ = [
    "YEARS_AHEAD",
    "Estimate",
    "Fit",
    "Like",
    "Saving",
    "by_function",
    "catalogue",
    "estimate",
    "fits",
    "groups",
    "likest",
    "savings",
    "totals",
]
