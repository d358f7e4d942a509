"""Uploads in chunks: which are expected, which fit, which are missing. Pure.

A file of ``size`` bytes is cut every ``chunk`` bytes; the last chunk may be shorter. Chunks come in any order and any
number of times; one that differs from the chunk already there belongs to another file and is refused.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

CHUNK = 4 * 1024 * 1024  # fits well under the largest body that the server reads


class ChunkError(ValueError):
    """A chunk does not belong here. ``code``: ``range``, ``length``, ``digest`` or ``other_file``."""

    def __init__(self, code: str, number: int, expected: int = 0) -> None:
        super().__init__(f"chunk {number}: {code}")
        self.code = code
        self.number = number
        self.expected = expected


@dataclass(frozen=True)
class Plan:
    """How a file of ``size`` bytes is cut."""

    size: int
    chunk: int = CHUNK

    @property
    def count(self) -> int:
        return -(-self.size // self.chunk)

    def length(self, number: int) -> int:
        """Bytes of a chunk, numbered from 0. Raises ``ChunkError`` outside the file."""
        if not 0 <= number < self.count:
            raise ChunkError("range", number, self.count)
        return min(self.chunk, self.size - number * self.chunk)

    def accept(self, number: int, body: bytes, said: str, there: Mapping[int, str]) -> str | None:
        """The digest (hex SHA-256) of a chunk to keep; None when the same one is there already.

        ``said`` is the digest the sender gave, or empty; ``there`` the digests of the chunks kept so far.
        """
        expected = self.length(number)
        if len(body) != expected:
            raise ChunkError("length", number, expected)
        digest = hashlib.sha256(body).hexdigest()
        if said and said.lower() != digest:
            raise ChunkError("digest", number)
        if number in there:
            if there[number] != digest:
                raise ChunkError("other_file", number)
            return None
        return digest

    def missing(self, there: Collection[int]) -> list[int]:
        """Numbers that are not there yet, in order."""
        return [number for number in range(self.count) if number not in there]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers from 0 for people, from 1: ``1–3, 7``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{a + 1}" if a == b else f"{a + 1}–{b + 1}" for a, b in parts)
