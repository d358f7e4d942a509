"""Tables of this app."""

from sekisho.sharing.models.likeness import (
    Embedding,
    Judgement,
    Likeness,
    Neighbour,
    Platform,
    PlatformMatch,
    Proposal,
    ProposalMember,
    ReuseEntry,
    ReuseQuerySet,
)
from sekisho.sharing.models.years import Listing, Succession

__all__ = [
    "Embedding",
    "Judgement",
    "Likeness",
    "Listing",
    "Neighbour",
    "Platform",
    "PlatformMatch",
    "Proposal",
    "ProposalMember",
    "ReuseEntry",
    "ReuseQuerySet",
    "Succession",
]
