"""Hash chain and canonical JSON. Pure.

Canonical form: JSON with sorted keys, no spaces, UTF-8, no NaN (after RFC 8785 for the values we store:
text, integers, booleans, null, lists, objects).
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


def canonical(value: Any) -> bytes:
    """Canonical JSON bytes of a plain value."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8", "surrogatepass")


def sha256_of(value: Any) -> str:
    """Hex SHA-256 over the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


@dataclass(frozen=True)
class ChainEntry:
    """What is hashed of one ledger entry. ``at`` is ISO 8601 in UTC with microseconds."""

    chain: str
    seq: int
    at: str
    actor_id: int | None
    actor_name: str
    act: str
    params: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    previous_hash: str

    def digest(self) -> str:
        """Hash of this entry, which the next one carries."""
        return sha256_of(dict(self.__dict__))


@dataclass(frozen=True)
class Break:
    """Where a chain is broken: the first entry that does not hold, and why."""

    chain: str
    seq: int
    #: altered, missing, relinked, cut_off, unsealed, begun_anew, snapshot_altered, no_head, no_book, not_as_noted
    reason: str


def verify(
    chain: str,
    entries: Iterable[tuple[ChainEntry, str]],
    length: int,
    last_hash: str,
    openings: Collection[str] = (),
) -> Break | None:
    """First break of a chain, or None. ``entries`` are (entry, stored hash) in order of ``seq``.

    ``length`` and ``last_hash`` are the head's: they betray a tail that was cut off. ``openings``: acts with one of
    which the chain must begin; one removed whole, and begun anew, does not.
    """
    previous, count = "", 0
    for count, (entry, stored) in enumerate(entries, start=1):
        if entry.seq != count:
            return Break(chain, count, "missing")
        if entry.previous_hash != previous:
            return Break(chain, count, "relinked")
        if entry.digest() != stored:
            return Break(chain, count, "altered")
        if count == 1 and openings and entry.act not in openings:
            return Break(chain, count, "begun_anew")
        previous = stored
    if count != length or previous != last_hash:
        return Break(chain, count + 1 if count < length else count, "cut_off")
    return None
