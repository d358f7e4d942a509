"""What an Office file swells to when another program opens it, told before that program is given it.

Parts of a package expand; and cells of a workbook show one string again and again, or are themselves repeated: a file of
a few kilobytes then holds LibreOffice until its time is up. What cannot be read here is left to the program.
"""

import io
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import olefile
from lxml import etree

from sekisho.sanitizer.formats import biff_strings, xlsb_strings
from sekisho.sanitizer.policies import Limits
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.xmlparsing import MAX_DEPTH

#: what is shown may be so many bytes whatever the size of the file: to convert a cell takes no time, to draw one does
_CONVERTED, _DRAWN = 64 << 20, 8 << 20
_PIECE = 1 << 20
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MOST_BLANKS = 1 << 20  # that one element stands for
_BEGINNING = 1_000  # bytes of a part
_ROOT = re.compile(rb"[^<]{0,9}(?:<\?[^>]*>\s*)*<(?:\w+:)?(sst|worksheet)[\s>]")
_TAG = re.compile(rb"<(/?+)[A-Za-z_:\x80-\xff](?>[^<>\"'/]++|\"[^\"<]*+\"|'[^'<]*+'|/(?!>))*+(/?+)>")
_LONGEST_TAG = 1 << 16  # bytes
_UNREADABLE = (
    etree.LxmlError, zipfile.BadZipFile, zlib.error, OSError, EOFError, LookupError, ValueError, RuntimeError,
    struct.error,
)  # fmt: skip


def require_bounded(source: BinaryIO, limits: Limits, *, drawn: bool) -> None:
    """Raise the refusal of a bomb. ``drawn``: the file is to become pages."""
    floor = _DRAWN if drawn else _CONVERTED
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    begin = source.read(64)
    source.seek(0)
    try:
        if begin[:2] == b"PK":
            _require_package(source, limits, floor)
        elif begin[:8] == olefile.MAGIC:
            _require_shown(biff_strings.shown(source), floor, size * limits.ratio, limits)
        elif begin.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
            depth = _Depth()
            while piece := source.read(_PIECE):
                depth.read(piece)
            source.seek(0)
            _require_shown(_open_document(source), floor, size * limits.ratio, limits)
    except _UNREADABLE:
        return
    finally:
        source.seek(0)


def _require_package(source: BinaryIO, limits: Limits, floor: int) -> None:
    with zipfile.ZipFile(source) as package:
        parts = _Parts(package, limits)
        most = sum(info.compress_size for info in package.infolist()) * limits.ratio
        content = next((info for info in package.infolist() if info.filename.lower() == "content.xml"), None)
        with suppress(*_UNREADABLE):
            amounts = _open_document(parts.stream(content)) if content else _shown(parts)
            _require_shown(amounts, floor, most, limits)
        parts.expand_rest()


class _Parts:
    """The parts of a package, each of which is counted while it is read. Raises the refusal of a bomb."""

    def __init__(self, package: zipfile.ZipFile, limits: Limits) -> None:
        self.package, self._limits = package, limits
        self._left = limits.total_bytes
        self._read: set[int] = set()  # where those begin that were read to their end

    def pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        size, depth = 0, _Depth()
        with self.package.open(info) as member:
            while piece := member.read(_PIECE):
                depth.read(piece)
                size += len(piece)
                if size > self._left:
                    raise Refused("limit.total_bytes", limit=self._limits.total_bytes)
                if size > _CONVERTED and size > info.compress_size * self._limits.ratio:
                    raise Refused("limit.ratio", limit=self._limits.ratio)
                yield piece
        self._left -= size
        self._read.add(info.header_offset)

    def stream(self, info: zipfile.ZipInfo) -> "_Stream":
        return _Stream(self.pieces(info))

    def expand_rest(self) -> None:
        for info in self.package.infolist():
            if info.header_offset not in self._read:
                for _piece in self.pieces(info):
                    pass


class _Depth:
    """Refuses XML whose elements stand deeper in one another than any reader of ours goes: LibreOffice lays out tables in
    tables for hours.
    """

    def __init__(self) -> None:
        self._held: bytes | None = None  # a tag that goes on in the next piece; nothing has been read yet
        self._is_xml = True
        self._depth = 0

    def read(self, piece: bytes) -> None:
        if self._held is None:
            self._is_xml = piece.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<")
        if not self._is_xml:
            return
        text = (self._held or b"") + piece.replace(b"\0", b"")  # in two bytes a sign, too
        begun = text.rfind(b"<")
        self._held = text[begun:] if 0 <= len(text) - begun <= _LONGEST_TAG else b""
        for tag in _TAG.finditer(text, 0, len(text) - len(self._held)):
            self._depth += -1 if tag[1] else not tag[2]
            if self._depth > MAX_DEPTH:
                raise Refused("limit.nesting", limit=MAX_DEPTH)


class _Stream:
    """What a parser reads from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, _size: int = -1) -> bytes:
        return next(self._pieces, b"")


def _require_shown(amounts: Iterator[int], floor: int, most: int, limits: Limits) -> None:
    shown = 0
    for amount in amounts:
        shown += amount
        if shown > floor and shown > most:
            raise Refused("limit.ratio", limit=limits.ratio)


def _shown(parts: _Parts) -> Iterator[int]:
    """The lengths of the strings that cells show, row by row or cell by cell."""
    kinds: dict[bytes, list[zipfile.ZipInfo]] = defaultdict(list)
    for info in parts.package.infolist():
        kinds[_kind(parts.package, info)].append(info)
    lengths: list[int] = []
    for info in kinds[b"sst"]:
        lengths += [len("".join(item.itertext())) for item in _elements(parts.stream(info), "{*}si")]
    for info in kinds[xlsb_strings.SHARED]:
        lengths += xlsb_strings.lengths(b"".join(parts.pieces(info)))
    for info in kinds[b"worksheet"]:
        for row in _elements(parts.stream(info), "{*}row"):
            yield sum(_cell(cell, lengths) for cell in row)
    for info in kinds[xlsb_strings.SHEET]:
        yield from xlsb_strings.shown(b"".join(parts.pieces(info)), lengths)


def _kind(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """What of a workbook a part is."""
    with package.open(info) as stream:
        begin = stream.read(_BEGINNING)
    root = _ROOT.match(begin)
    return root[1] if root else begin[:2]


def _cell(cell: Any, shared: list[int]) -> int:
    if cell.get("t") == "s":
        number = int(cell.findtext("{*}v", "-1"))
        return shared[number] if 0 <= number < len(shared) else 0
    return len("".join(cell.itertext())) if cell.get("t") in {"inlineStr", "str"} else 0


def _open_document(stream: Any) -> Iterator[int]:
    """The lengths of what rows of cells say, times how often they are repeated, and of the blanks that are only counted."""
    rows = f"{_TABLE}table-row"
    for element in _elements(stream, rows, f"{_TEXT}p", f"{_TEXT}h", stays_within=rows):
        if element.tag == rows:
            cells = element.iter(f"{_TABLE}table-cell")
            yield _times(element, f"{_TABLE}number-rows-repeated") * sum(
                _times(cell, f"{_TABLE}number-columns-repeated") * _length(cell) for cell in cells
            )
        else:
            yield _blanks(element)


def _length(cell: Any) -> int:
    return max(len("".join(cell.itertext())) + _blanks(cell), _OFFICE + "value-type" in cell.attrib)


def _blanks(element: Any) -> int:
    return sum(min(_times(blanks, f"{_TEXT}c"), _MOST_BLANKS) for blanks in element.iter(f"{_TEXT}s"))


def _times(element: Any, attribute: str) -> int:
    return int(element.get(attribute, "1"))


def _elements(stream: _Stream | BinaryIO, *tags: str, stays_within: str = "") -> Iterator[Any]:
    """Each element of some kinds that is not within ``stays_within``; it is forgotten when the next is asked for."""
    for _event, element in etree.iterparse(
        stream, tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    ):
        if stays_within and next(element.iterancestors(stays_within), None) is not None:
            continue
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
