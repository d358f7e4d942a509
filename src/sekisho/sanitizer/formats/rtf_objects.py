"""RTF without its embedded objects, for the program that converts it: of each stays what was shown for it.

Readers of OLE believe what an object says of itself; one that lies takes gigabytes. Nothing is written of which two readers
could disagree where it ends: no run of raw bytes (``\\bin``), no object word, nothing behind the last brace; and where a
word is left out, a line end, which says nothing, keeps its neighbours apart. Whatever the source was, what is written
therefore has the words that were seen here and no others.

Sources: RTF 1.9.1, "Conventions of an RTF Reader" and "Objects"; LibreOffice, writerfilter/source/rtftok/rtftokenizer.cxx.
"""

import mmap
import re
from dataclasses import dataclass
from typing import BinaryIO

from sekisho.sanitizer.results import Refused, Removal

# What needs no look goes in one piece. An asterisk makes the next word one that readers may pass over: it goes with its word.
_TOKEN = re.compile(
    rb"(?P<plain>(?>[^\\{}]++|\\[^a-zA-Z*]|\\(?!(?i:bin|objdata|object|pict|result)(?![a-zA-Z]))[a-zA-Z]++)++)"
    rb"|(?P<brace>[{}])"
    rb"|(?>\\\*\s*+)?+\\(?P<word>[a-zA-Z]++)(?P<number>-?\d*+) ?"
    rb"|\\\*",
    re.DOTALL,
)
_SHOWN, _HIDDEN, _GONE = range(3)  # within what is hidden, a result shows; nothing within the data does
_MOST_DEEP = 1_000


@dataclass
class _Group:
    """What holds in a group: whether it shows, whether its brace was written, whether digits in it are a picture."""

    mode: int
    written: bool
    is_picture: bool = False


def leave_out(source: BinaryIO, new: BinaryIO) -> list[Removal]:
    """Write the RTF to ``new`` without its objects, and say what was left out. Raises ``Refused`` (``limit.nesting``)."""
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as rtf, memoryview(rtf) as whole:
        objects = _Writer(rtf, whole, new).run()
    return [Removal("ooxml.embedded", detail="object", count=objects)] if objects else []


class _Writer:
    def __init__(self, rtf: mmap.mmap, whole: memoryview, new: BinaryIO) -> None:
        self.rtf, self.whole, self.new = rtf, whole, new
        self.groups = [_Group(_SHOWN, written=False)]
        self.at = self.objects = 0

    def run(self) -> int:
        begun = False
        while (token := _TOKEN.match(self.rtf, self.at)) and not (begun and len(self.groups) == 1):
            self.at = token.end()
            if brace := token["brace"]:
                begun = True
                self._brace(brace)
            elif token["word"] and self._is_taken(token["word"].lower(), token["number"]):
                self._keep_apart()
            elif self.groups[-1].mode == _SHOWN:
                self.new.write(self.whole[token.start() : self.at])
        return self.objects

    def _brace(self, brace: bytes) -> None:
        last = self.groups[-1]
        if brace == b"}":
            self.groups.pop()
        elif len(self.groups) > _MOST_DEEP:
            raise Refused("limit.nesting", limit=_MOST_DEEP)
        else:
            last = _Group(last.mode, last.mode == _SHOWN, last.is_picture)
            self.groups.append(last)
        if last.written:
            self.new.write(brace)

    def _is_taken(self, word: bytes, number: bytes) -> bool:
        """Whether a word is not to be written as it stands; what it means for the rest of its group is noted."""
        group = self.groups[-1]
        if word == b"bin":
            self._bytes(int(number[:9]) if number.isdigit() else 0)
            return True
        if word == b"pict":
            group.is_picture = True
        elif word in (b"object", b"objdata"):
            self.objects += group.mode == _SHOWN
            group.mode = max(group.mode, _HIDDEN if word == b"object" else _GONE)
            return True
        elif word == b"result" and group.mode == _HIDDEN:
            group.mode = _SHOWN
            if not group.written:
                group.written = True
                self.new.write(b"{")
            return True
        return False

    def _keep_apart(self) -> None:
        if self.groups[-1].mode == _SHOWN:
            self.new.write(b"\n")

    def _bytes(self, amount: int) -> None:
        """A run of raw bytes: of a picture in digits instead, of anything else not at all."""
        end = min(self.at + amount, len(self.rtf))
        group = self.groups[-1]
        if group.mode == _SHOWN and group.is_picture:
            self._keep_apart()
            self.new.write(self.whole[self.at : end].hex().encode())
        self.at = end
