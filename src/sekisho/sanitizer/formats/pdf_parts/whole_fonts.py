"""Fonts embedded whole: of their thousands of glyphs only those are written that the document shows.

Which these are is known once all of it is written anew: in new content every string stands in hexadecimal.
"""

import hashlib
import re
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.pdf_writer import Ref

#: bytes of a program from which on it waits, and so of a file that can hold one
LARGE = 1 << 20
# Numbers that look like codes of two bytes are taken along: a few glyphs more do no harm.
_CODES = re.compile(rb"[0-9a-f]{4}")

Write = Callable[[bytes, Set[int], Ref], None]


@dataclass
class WholeFonts:
    """``write``: how a program is written under a reference, with the glyphs of these codes alone."""

    write: Write
    _shown: set[bytes] = field(default_factory=set)
    _waiting: dict[bytes, tuple[bytes, Ref]] = field(default_factory=dict)

    def look_at(self, content: bytes) -> None:
        """New content, in which strings may be shown in any font."""
        self._shown.update(_CODES.findall(content))

    def later(self, data: bytes, reserve: Callable[[], Ref]) -> Ref:
        """Where the program is going to stand; the same bytes stand there once."""
        return self._waiting.setdefault(hashlib.sha256(data).digest(), (data, reserve()))[1]

    def finish(self) -> None:
        """Write what waits. Raises what ``write`` does."""
        shown = {int(code, 16) for code in self._shown}
        for data, ref in self._waiting.values():
            self.write(data, shown, ref)
