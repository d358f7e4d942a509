"""Records of two years, and what is said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("continued", "renamed", "merged", "split", "ended", "new")


@dataclass(frozen=True)
class YearRecord:
    """A project as one year's portfolio lists it. ``key`` is the caller's; what has one key in both years is kept in one
    place, so that its money agrees with itself and tells nothing. ``ids`` are its ids in the source; ``owner`` runs from the ministry or bureau down; ``money`` and ``spent`` are yen by fiscal year (approved and executed), as far as this record says.
    """

    key: int
    name: str
    purpose: str = ""
    summary: str = ""
    owner: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    money: Mapping[int, int] = field(default_factory=dict)
    spent: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """``kind``: said, same_id, same_name, title, text, named, owner, successor, money_same, money_size, money_sum,
    id_alone or nothing_like. ``values`` are words or numbers to show.
    """

    kind: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """The project ``old`` of the first year lives on in ``new`` of the second: probability 0 to 1, and why."""

    old: int
    new: int
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Succession:
    """One case: ``kind`` is one of ``KINDS``; ``old`` and ``new`` are keys; ``confidence`` (0 to 1) is that of its weakest
    link, or for ended and new that of nothing being found for it. ``near``: for those, the best rejected link.
    """

    kind: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    links: tuple[Link, ...] = ()
    near: Link | None = None
