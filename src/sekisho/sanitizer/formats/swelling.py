"""What an Office file swells to when another program opens it, told before that program is given it.

Parts of a package expand; and cells of a workbook show one string again and again, or are themselves repeated: a file of
a few kilobytes then holds LibreOffice until its time is up. What cannot be read here is left to the program.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

import olefile
from lxml import etree

from sekisho.sanitizer.formats import biff_strings
from sekisho.sanitizer.policies import Limits
from sekisho.sanitizer.results import Refused

#: what is shown may be so many bytes whatever the size of the file: to convert a cell takes no time, to draw one does
_CONVERTED, _DRAWN = 64 << 20, 8 << 20
_PIECE = 1 << 20
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_MOST_BLANKS = 1 << 20  # that one element stands for
_BEGINNING = 1_000  # bytes of a part
_ROOT = re.compile(rb"[^<]{0,9}(?:<\?[^>]*>\s*)*<(?:\w+:)?(sst|worksheet)[\s>]")
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
            _require_shown(_open_document(source), floor, size * limits.ratio, limits)
    except _UNREADABLE:
        return
    finally:
        source.seek(0)


def _require_package(source: BinaryIO, limits: Limits, floor: int) -> None:
    with zipfile.ZipFile(source) as package:
        members = {info.filename.lower(): info for info in package.infolist()}
        left = limits.total_bytes
        for info in members.values():
            left = _require_member(package, info, limits, left)
        most = sum(info.compress_size for info in members.values()) * limits.ratio
        if "content.xml" in members:
            with package.open(members["content.xml"]) as content:
                _require_shown(_open_document(content), floor, most, limits)
        else:
            _require_shown(_shared(package), floor, most, limits)


def _require_member(package: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, left: int) -> int:
    """How many bytes the others may still expand to."""
    size = 0
    with package.open(info) as member:
        while piece := member.read(_PIECE):
            size += len(piece)
            if size > left:
                raise Refused("limit.total_bytes", limit=limits.total_bytes)
            if size > _CONVERTED and size > info.compress_size * limits.ratio:
                raise Refused("limit.ratio", limit=limits.ratio)
    return left - size


def _require_shown(amounts: Iterator[int], floor: int, most: int, limits: Limits) -> None:
    shown = 0
    for amount in amounts:
        shown += amount
        if shown > floor and shown > most:
            raise Refused("limit.ratio", limit=limits.ratio)


def _shared(package: zipfile.ZipFile) -> Iterator[int]:
    """The lengths of the shared strings that cells show, cell by cell."""
    parts: dict[bytes, list[zipfile.ZipInfo]] = {b"sst": [], b"worksheet": []}
    for info in package.infolist():
        if root := _ROOT.match(_beginning(package, info)):
            parts[root[1]].append(info)
    lengths: list[int] = []
    for info in parts[b"sst"]:
        with package.open(info) as stream:
            lengths += [len("".join(item.itertext())) for item in _elements(stream, "{*}si")]
    for info in parts[b"worksheet"] if lengths else ():
        with package.open(info) as stream:
            for row in _elements(stream, "{*}row"):
                numbers = (cell.findtext("{*}v", "") for cell in row if cell.get("t") == "s")
                yield sum(lengths[int(number)] for number in numbers if 0 <= int(number) < len(lengths))


def _beginning(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with package.open(info) as stream:
        return stream.read(_BEGINNING)


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


def _elements(stream: IO[bytes] | BinaryIO, *tags: str, stays_within: str = "") -> Iterator[Any]:
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
