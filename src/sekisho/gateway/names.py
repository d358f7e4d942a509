"""Names of files as they arrive: shown without deceit, kept apart, stored under names of our own. Pure."""

import unicodedata
from collections.abc import Iterable

from sekisho.sanitizer.names import claimed_name

#: what printers set where they lack a type: stands for a character of private use (外字), which others see otherwise
GETA = "〓"


def arrived_name(name: str) -> str:
    """A name safe on every system: no path, control or direction mark; reserved names and long ones mended.

    At most 200 bytes of UTF-8 and an extension, never empty. Characters of private use (外字) become ``〓``.
    """
    told = "".join(GETA if unicodedata.category(c) == "Co" else c for c in name)
    safe = claimed_name(told).safe
    # format characters vanish inside claimed_name, which can lay two direction marks of a name open: ask again
    return claimed_name(safe).safe


def kept_apart(names: Iterable[str]) -> list[str]:
    """The names, those that would fall together (by case or form) numbered: ``a.txt``, ``a (2).txt``."""
    taken: set[str] = set()
    found = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        if not dot:
            stem, extension = name, ""
        candidate, number = name, 1
        while _folded(candidate) in taken:
            number += 1
            candidate = f"{stem} ({number}){dot}{extension}"
        taken.add(_folded(candidate))
        found.append(candidate)
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
