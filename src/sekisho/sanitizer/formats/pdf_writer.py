"""Writes PDF files object by object: plain values in, bytes out, nothing kept but the offsets.

Syntax: ISO 32000-1:2008, 7.3 (objects) and 7.5 (file structure). The file has one cross-reference table, no object
streams and no updates, so that a small strict reader can check all of it.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO

from isal import isal_zlib

from sekisho.sanitizer.results import Refused

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
# A regular character that needs no escape in a name (7.3.5).
_NOT_PLAIN = re.compile(rb"[^A-Za-z0-9_.+*@!$&=:;,|^~`?'\"\\-]")
_MAX_DEPTH = 60
_LARGEST = 1e15
_COMPRESSION = 2
_WORDS = {True: b"true", False: b"false", None: b"null"}


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to the object with this number."""

    number: int


class Name(str):
    """A PDF name, without the slash. Characters stand for bytes (Latin-1)."""

    __slots__ = ()


class Raw(bytes):
    """Bytes that this package composed and that are already PDF syntax."""

    __slots__ = ()


Dict = Mapping[str, Any]


class PdfWriter:
    """Writes to ``output`` as it goes; a page that is written takes no more memory."""

    def __init__(self, output: BinaryIO, *, prunes: bool = False) -> None:
        """``prunes``: ``finish`` empties what nothing refers to, for which ``output`` must be readable as well."""
        self._output = output
        self._prunes = prunes
        self._leads_to: dict[int, list[int]] = {}
        self._offsets: list[int] = [0]
        self._position = 0
        self._put(_HEADER)

    def reserve(self) -> Ref:
        """A number for an object that will be written later."""
        self._offsets.append(0)
        return Ref(len(self._offsets) - 1)

    def add(self, value: Any, ref: Ref | None = None) -> Ref:
        """Write a value as an object of its own."""
        ref = ref or self.reserve()
        self._object(ref, self._composed(ref, value))
        return ref

    def add_composed(self, ref: Ref, syntax: bytes, refers: list[int]) -> None:
        """Write an object that the caller put into syntax, of which there are thousands; ``refers``: those it leads to."""
        if self._prunes:
            self._leads_to[ref.number] = refers
        self._object(ref, syntax)

    def add_stream(self, entries: Dict, data: bytes, ref: Ref | None = None, *, compress: bool = True) -> Ref:
        """Write a stream; ``compress`` deflates the data, otherwise ``entries`` name the filter it has."""
        ref = ref or self.reserve()
        listed = dict(entries)
        if compress:
            listed["Filter"] = Name("FlateDecode")
            data = deflated(data)
        listed["Length"] = len(data)
        self._object(ref, self._composed(ref, listed), b"\nstream\n", data, b"\nendstream")
        return ref

    def finish(self, root: Ref, info: Ref | None = None) -> None:
        """Write the cross-reference table and the trailer. Objects that were only reserved become null."""
        if self._prunes:
            self._prune([root, info] if info else [root])
        for number, offset in enumerate(self._offsets):
            if number and not offset:
                self.add(None, Ref(number))
        start = self._position
        count = len(self._offsets)
        rows = [b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])]
        trailer = {"Size": count, "Root": root} | ({"Info": info} if info else {})
        self._put(b"xref\n0 %d\n" % count, *rows, b"trailer\n", serialised(trailer))
        self._put(b"\nstartxref\n%d\n%%%%EOF\n" % start)

    def _composed(self, ref: Ref, value: Any) -> bytes:
        """An object's value as syntax; what it leads to is noted."""
        refers: list[int] = []
        syntax = serialised(value, refers)
        if self._prunes:
            self._leads_to[ref.number] = refers
        return syntax

    def _prune(self, roots: list[Ref]) -> None:
        """Make null what a part left behind that turned out unreadable half-way."""
        waiting, reached = [root.number for root in roots], set[int]()
        while waiting:
            number = waiting.pop()
            if number not in reached:
                reached.add(number)
                waiting += self._leads_to.get(number, ())
        if self._leads_to.keys() <= reached:
            return
        placed = sorted((offset, number) for number, offset in enumerate(self._offsets) if offset)
        ends = [offset for offset, _number in placed[1:]] + [self._position]
        self._position = placed[0][0]
        for (begin, number), end in zip(placed, ends, strict=True):
            self._output.seek(begin)
            kept = self._output.read(end - begin) if number in reached else b""
            self._output.seek(self._position)
            self._offsets[number] = self._position if kept else 0
            self._put(kept)
        self._output.truncate()

    def _object(self, ref: Ref, *parts: bytes) -> None:
        self._offsets[ref.number] = self._position
        self._put(b"%d 0 obj\n" % ref.number, *parts, b"\nendobj\n")

    def _put(self, *parts: bytes) -> None:
        for part in parts:
            self._output.write(part)
            self._position += len(part)


def deflated(data: bytes) -> bytes:
    """The data compressed. Only what is written: what comes from outside is expanded by zlib."""
    return isal_zlib.compress(data, _COMPRESSION)


def serialised(value: Any, refers: list[int] | None = None, depth: int = 0) -> bytes:
    """A value as PDF syntax. Text is written as a text string, ``bytes`` as a byte string in hexadecimal.

    The numbers of the objects that it refers to are put behind those in ``refers``.
    """
    kind = type(value)
    if kind is Name:
        return name_bytes(value)
    if kind is Ref:
        if refers is not None:
            refers.append(value.number)
        return b"%d 0 R" % value.number
    if kind is int:
        return b"%d" % value
    if kind is Raw:
        return bytes(value)
    if kind is float or kind is Decimal:
        return number_bytes(float(value))
    if value is None or kind is bool:
        return _WORDS[value]
    if kind is str:
        return text_bytes(value)
    if kind is bytes:
        return b"<" + value.hex().encode("ascii") + b">"
    if depth > _MAX_DEPTH:
        raise Refused("limit.depth", limit=_MAX_DEPTH)
    if kind is dict or isinstance(value, Mapping):
        inner = [
            name_bytes(key) + b" " + serialised(entry, refers, depth + 1) for key, entry in value.items()
        ]
        return b"<<" + b" ".join(inner) + b">>"
    if kind is list or isinstance(value, Sequence):
        parts = [
            b"%d" % entry if type(entry) is int else serialised(entry, refers, depth + 1) for entry in value
        ]
        return b"[" + b" ".join(parts) + b"]"
    raise TypeError(kind.__name__)


@lru_cache(4096)
def name_bytes(name: str) -> bytes:
    """``/Name`` with every byte escaped that is not plainly regular."""
    return b"/" + _NOT_PLAIN.sub(lambda match: b"#%02x" % match.group()[0], name.encode("latin-1", "replace"))


def number_bytes(number: float, places: int = 5) -> bytes:
    """A real number in plain decimals: PDF has no exponents and knows no infinity."""
    if not math.isfinite(number) or abs(number) > _LARGEST:
        return b"0"
    text = f"{number:.{places}f}".rstrip("0").rstrip(".")
    return (text if text not in {"", "-0"} else "0").encode("ascii")


def text_bytes(text: str) -> bytes:
    """A text string: ASCII as a literal string, anything else as UTF-16 in hexadecimal (7.9.2.2)."""
    if text.isascii() and text.isprintable():
        literal = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return b"(" + literal.encode("ascii") + b")"
    return b"<feff" + text.encode("utf-16-be", "replace").hex().encode("ascii") + b">"
