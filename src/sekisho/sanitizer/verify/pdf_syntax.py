"""PDF syntax as our writer puts it: a parser of its own that accepts nothing else.

One header, objects one after another, one cross-reference table, one trailer. Source: ISO 32000-1, 7.3 to 7.5.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_TOKEN = re.compile(
    rb"[ \n]*(?:(?P<ref>\d+ 0 R)(?![A-Za-z0-9])|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<name>/[^\x00-\x20()<>\[\]{}/%]*)"
    rb"|(?P<hex><[0-9a-fA-F]*>)|(?P<text>\((?:[^()\\\x00-\x1f\x7f-\xff]|\\[\\()])*\))"
    rb"|(?P<open><<|\[)|(?P<close>>>|\])|(?P<word>true|false|null)(?![A-Za-z]))"
)
_BLANKS = re.compile(rb"[ \n]*")
#: an array of numbers and nothing else, as widths, places and colours are
_NUMBERS = re.compile(rb"\[((?>[+-]?+(?>\d++(?>\.\d*+)?+|\.\d++)(?>[ \n]++|(?=\])))*+)\]")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_MAX_DEPTH = 40
_MAX_STREAM = 1 << 30


class Unclean(Exception):
    """The first thing that a clean file may not hold."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class Ref:
    """A reference to the object of this number."""

    number: int


class Name(str):
    """A name without its slash."""

    __slots__ = ()


@dataclass(frozen=True)
class Entry:
    """An object: its value, and the raw data where it is a stream."""

    value: Any
    stream: memoryview | None = None


class Parser:
    """Reads values at a place in the file; ``at`` moves behind them."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def value(self, depth: int = 0) -> Any:
        """The next value. Raises ``Unclean`` for anything our writer does not write."""
        match = _TOKEN.match(self.data, self.at)
        if not match or depth > _MAX_DEPTH:
            raise Unclean(f"byte {self.at}")
        self.at = match.end()
        token = match.group(match.lastgroup or 0)
        if match.lastgroup == "open":
            return self._dictionary(depth) if token == b"<<" else self._array(depth)
        if match.lastgroup == "close":
            raise Unclean(f"byte {self.at}")
        return _SCALARS[str(match.lastgroup)](token)

    def _array(self, depth: int) -> list[Any]:
        if plain := _NUMBERS.match(self.data, self.at - 1):
            self.at = plain.end()
            return [_number(token) for token in plain[1].split()]
        found = []
        while not self._closes(b"]"):
            found.append(self.value(depth + 1))
        return found

    def _dictionary(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._closes(b">>"):
            key = self.value(depth + 1)
            if type(key) is not Name or key in found:
                raise Unclean(f"key at byte {self.at}")
            found[key] = self.value(depth + 1)
        return found

    def _closes(self, mark: bytes) -> bool:
        match = _BLANKS.match(self.data, self.at)
        place = match.end() if match else self.at
        if self.data[place : place + len(mark)] == mark:
            self.at = place + len(mark)
            return True
        return False


def _number(token: bytes) -> float | int:
    return float(token) if b"." in token else int(token)


@lru_cache(4096)
def _name(token: bytes) -> Name:
    return Name(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), token[1:]).decode("latin-1"))


_SCALARS: dict[str, Callable[[bytes], Any]] = {
    "ref": lambda token: Ref(int(token.split()[0])),
    "number": _number,
    "name": _name,
    "hex": lambda token: bytes.fromhex(token[1:-1].decode("ascii")),
    "text": lambda token: re.sub(rb"\\(.)", rb"\1", token[1:-1]),
    "word": {b"true": True, b"false": False, b"null": None}.__getitem__,
}  # fmt: skip


@dataclass
class Objects:
    """The objects of a file by number, and which of them the grammar has reached."""

    data: bytes
    all: dict[int, Entry] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)

    def read(self) -> dict[str, Any]:
        """Read every object; returns the trailer."""
        data = self.data
        if not self._stands(_HEADER, 0):
            raise Unclean("header")
        at, offsets = len(_HEADER), {}
        while match := _OBJECT.match(data, at):
            number = int(match[1])
            if number in self.all:
                raise Unclean(f"object {number} is there twice")
            offsets[number] = at
            at = self._read_object(number, match.end())
        return self._read_end(at, offsets)

    def _read_object(self, number: int, at: int) -> int:
        parser = Parser(self.data, at)
        value, stream = parser.value(), None
        if self._stands(b"\nstream\n", parser.at):
            begin = parser.at + len(b"\nstream\n")
            stream = memoryview(self.data)[begin : begin + value["Length"]]
            parser.at = begin + value["Length"]
            if not self._stands(b"\nendstream", parser.at):
                raise Unclean(f"length of object {number}")
            parser.at += len(b"\nendstream")
        if not self._stands(b"\nendobj\n", parser.at):
            raise Unclean(f"end of object {number}")
        self.all[number] = Entry(value, stream)
        return parser.at + len(b"\nendobj\n")

    def _read_end(self, at: int, offsets: dict[int, int]) -> dict[str, Any]:
        """The table must say exactly where each object is, and the file must end right after it."""
        rows = b"".join(b"%010d 00000 n \n" % offsets[number] for number in range(1, len(offsets) + 1))
        table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1) + rows + b"trailer\n"
        if not self._stands(table, at):
            raise Unclean(f"cross-reference table at byte {at}")
        parser = Parser(self.data, at + len(table))
        trailer: dict[str, Any] = parser.value()
        if self.data[parser.at :] != b"\nstartxref\n%d\n%%%%EOF\n" % at:
            raise Unclean("end of file")
        return trailer

    def _stands(self, words: bytes, at: int) -> bool:
        """Whether these bytes are there: asked so that a file may be looked at where it lies (``mmap``)."""
        return self.data[at : at + len(words)] == words

    def entry(self, ref: Any) -> Entry:
        """The object a reference leads to."""
        if type(ref) is not Ref:
            raise Unclean("a reference is missing")
        self.reached.add(ref.number)
        return self.all[ref.number]

    def dictionary(self, ref: Any, kind: str = "") -> dict[str, Any]:
        """The dictionary a reference leads to; of ``kind`` where that is given."""
        value: dict[str, Any] = self.entry(ref).value
        if type(value) is not dict or (kind and value.get("Type") != kind):
            raise Unclean(f"object {ref.number} is not {kind or 'a dictionary'}")
        return value

    def inflated(self, ref: Any, *more: str) -> bytes:
        """The data of a deflated stream whose dictionary holds ``more`` keys at most."""
        found = self.entry(ref)
        only(found.value, {"Length", "Filter", *more}, f"object {ref.number}")
        if found.value.get("Filter") != "FlateDecode" or found.stream is None:
            raise Unclean(f"filter of object {ref.number}")
        return inflate(found.stream, ref.number)

    def unreached(self) -> None:
        """What nothing refers to has no place in the file."""
        missed = {number for number, entry in self.all.items() if entry.value is not None} - self.reached
        if missed:
            raise Unclean(f"object {min(missed)} is not part of the document")


def only(entries: dict[str, Any], allowed: set[str], place: str) -> dict[str, Any]:
    """The entries, when there is no key but the allowed ones."""
    for key in entries:
        if key not in allowed:
            raise Unclean(f"{place}: /{key}")
    return entries


def numbers(values: list[Any], count: int | None, place: str) -> None:
    """A list of numbers, of ``count`` where that is given."""
    if (
        type(values) is not list
        or (count is not None and len(values) != count)
        or not all(type(value) in {int, float} for value in values)
    ):
        raise Unclean(f"{place}: numbers")


def inflate(stream: memoryview, number: int) -> bytes:
    """Deflated data to its end, with nothing behind it."""
    inflate = zlib.decompressobj()
    content = inflate.decompress(stream, _MAX_STREAM)
    if inflate.unused_data or not inflate.eof:
        raise Unclean(f"compressed data of object {number}")
    return content
