"""The files of an archive before and after, laid beside one another. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sekisho.sanitizer.names import claimed_name


@dataclass(frozen=True)
class Member:
    """A file of an archive: its path, and its place (from 1) before and after; 0 where it is not."""

    path: str
    before: int = 0
    after: int = 0

    @cached_property
    def row(self) -> str:
        """What an address calls it."""
        return f"{self.before}-{self.after}"


def paired(before: Sequence[str], after: Sequence[str]) -> list[Member]:
    """Each file once, in the order of the original, then what only the clean archive has.

    Cleaning keeps folders and stems and may change extensions, so those are what a pair has in common.
    """
    places: dict[str, list[int]] = {}
    for place, path in enumerate(after, start=1):
        places.setdefault(_key(path), []).append(place)
    found = []
    for place, path in enumerate(before, start=1):
        same = places.get(_key(path))
        found.append(Member(path, place, same.pop(0) if same else 0))
    left = sorted(place for rest in places.values() for place in rest)
    return found + [Member(after[place - 1], 0, place) for place in left]


def _key(path: str) -> str:
    *folders, name = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}] or [
        ""
    ]
    safe = [claimed_name(folder).safe for folder in folders]
    return "/".join([*safe, claimed_name(name).stem]).casefold()
