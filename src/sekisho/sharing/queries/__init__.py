"""What the pages of this app read; a fixed number of queries each."""

from sekisho.sharing.queries.likeness import (
    Estimate,
    Fit,
    Like,
    catalogue,
    estimate,
    fits,
    groups,
    likest,
    totals,
)

__all__ = ["Estimate", "Fit", "Like", "catalogue", "estimate", "fits", "groups", "likest", "totals"]
