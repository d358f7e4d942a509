"""Old Office files (doc, xls, ppt) written anew for the program that converts them: what shows, without objects and macros.

Readers of OLE believe what an object says of itself. In doc and xls objects, controls and macros are storages and streams beside
those of the document: only the latter are written. In ppt they lie packed among the slides: wherever LibreOffice would unpack
one, its record gets a type that nobody knows. The picture of an object lies elsewhere and is what LibreOffice then shows.

What is written is a compound file of ours: sectors in one order, none in two streams, nothing that no stream holds.

Sources: [MS-CFB] 2; [MS-DOC] 2.1, [MS-XLS] 2.1, [MS-PPT] 2.1 and 2.10.34; LibreOffice, filter/source/msfilter/svdfppt.cxx (SeekOle).
"""

import io
import re
import struct
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

import olefile

from sekisho.sanitizer.filetypes import COMPOUND_FILE
from sekisho.sanitizer.results import Refused, Removal

_SLIDES = "PowerPoint Document"
_PROPERTIES = ("\5SummaryInformation", "\5DocumentSummaryInformation")
_STREAMS = {
    "doc": ("WordDocument", "0Table", "1Table", "Data", *_PROPERTIES),
    "xls": ("Workbook", "Book", *_PROPERTIES),
    "ppt": (_SLIDES, "Current User", "Pictures", *_PROPERTIES),
}
KINDS = frozenset(_STREAMS)
_DOCUMENTS = {"WordDocument", "Workbook", "Book", _SLIDES}  # one of them comes first, or there is nothing
_WITHIN = "PP97_DUALSTORAGE"  # in a file for PowerPoint 95 and 97 both: what the latter reads
_CACHES, _CACHE = "_SX_DB_CUR", re.compile("[0-9A-F]{4}")  # of pivot tables
_OBJECTS, _OBJECT = "ObjectPool", re.compile("(?:MBD|LNK)[0-9A-F]{8}", re.IGNORECASE)
_MACROS = ("Macros", "_VBA_PROJECT_CUR")

# A record of an object, wherever one could begin: type 0x1011 and its length; its size when unpacked and what zlib begins with.
_PACKED = re.compile(rb"\x11\x10(?=.{4}(?>\xd0\xcf\x11\xe0|.{4}([\x08\x18(8HXhx].)))", re.DOTALL)
_NOBODYS = b"\xff\xff"  # for the type; no record can begin where it stands
_WITH_MACROS = re.compile(rb"\x02\0\0\x04\x0c\0\0\0.{4}\x01\0\0\0", re.DOTALL)  # the atom that leads to them
_LONGEST = 20  # bytes that one of these looks at

_SECTOR, _ENTRY = 512, 128
_LEAST = 4096  # what is shorter would lie in sectors of another size
_FREE, _END, _OF_TABLE, _OF_LIST = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_NONE = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_IN_HEAD, _IN_SECTOR = 109, _SECTOR // 4
_PIECE = 1 << 20


def write_anew(kind: str, source: BinaryIO, new: BinaryIO) -> list[Removal]:
    """Write a file of one of ``KINDS`` to ``new``, and say what was left out. Raises ``Refused`` (``input.broken``)."""
    try:
        source.seek(0)
        with olefile.OleFileIO(source) as ole:
            root = ole.root.kids_dict
            if kind == "ppt" and _WITHIN.lower() in root:
                root = root[_WITHIN.lower()].kids_dict
            streams = [
                _Stream(name, ole, root[name.lower()]) for name in _STREAMS[kind] if _is_stream(root, name)
            ]
            caches = list(_caches(ole, root)) if kind == "xls" else []
            if not streams or streams[0].name not in _DOCUMENTS:
                raise _Broken
            if sum(stream.size for stream in (*streams, *caches)) > source.seek(0, io.SEEK_END):
                raise _Broken  # sectors that are in two of them
            left_out = _left_out(root)
            _write(new, streams, caches, left_out)
    except (OSError, ValueError, IndexError) as error:
        if getattr(error, "errno", None):  # of a file of ours
            raise
        raise Refused("input.broken", type=kind) from error
    return [Removal(code, detail=detail, count=count) for (code, detail), count in left_out.items() if count]


class _Broken(OSError):
    """A compound file that does not hold what it says."""


def _is_stream(storage: dict[str, Any], name: str) -> bool:
    entry = storage.get(name.lower())
    return entry is not None and entry.entry_type == _STREAM


def _kids(storage: dict[str, Any], name: str) -> dict[str, Any]:
    entry = storage.get(name.lower())
    return entry.kids_dict if entry is not None else {}


def _caches(ole: Any, root: dict[str, Any]) -> Iterator["_Stream"]:
    within = _kids(root, _CACHES)
    for name in within:
        if _CACHE.fullmatch(name.upper()) and _is_stream(within, name):
            yield _Stream(name.upper(), ole, within[name])


def _left_out(root: dict[str, Any]) -> Counter[tuple[str, str]]:
    objects = [*_kids(root, _OBJECTS), *filter(_OBJECT.fullmatch, root)]
    return Counter(
        {
            ("ooxml.embedded", "object"): len(objects),
            ("ooxml.control", ""): _is_stream(root, "Ctls"),
            ("ooxml.macro", ""): any(name.lower() in root for name in _MACROS),
        }
    )


@dataclass(frozen=True)
class _Stream:
    """A stream of the source, under the name it will have."""

    name: str
    ole: Any
    entry: Any

    @property
    def size(self) -> int:
        return int(self.entry.size)

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, all of them. Raises ``_Broken`` where some are missing, but of properties, which do not show."""
        left = self.size
        with suppress(_Broken):
            for piece in self._found():
                yield piece[:left]
                left -= len(piece)
        if left > 0 and self.name not in _PROPERTIES:
            raise _Broken
        yield bytes(max(left, 0))

    def _found(self) -> Iterator[bytes]:
        ole, sector, left = self.ole, self.entry.isectStart, self.size
        if left < ole.minisectorcutoff:
            yield ole._open(sector, left).read()
            return
        while left > 0:
            first, length = sector, 0
            while sector == first + length // ole.sectorsize and length < min(left, _PIECE):
                if sector >= len(ole.fat):
                    raise _Broken
                sector = ole.fat[sector]
                length += ole.sectorsize
            ole.fp.seek((first + 1) * ole.sectorsize)
            yield ole.fp.read(min(length, left))
            left -= length


def _without_objects(pieces: Iterator[bytes], left_out: Counter[tuple[str, str]]) -> Iterator[bytes]:
    held = bytearray()  # where a record could begin that goes on in the next piece
    for piece in pieces:
        text = held + piece
        for record in _PACKED.finditer(text):
            if record[1] is None or int.from_bytes(record[1], "big") % 31 == 0:
                text[record.start() : record.end()] = _NOBODYS
                left_out["ooxml.embedded", "object"] += 1
        if _WITH_MACROS.search(text):
            left_out["ooxml.macro", ""] = 1
        yield bytes(text[: 1 - _LONGEST])
        held = text[1 - _LONGEST :]
    yield bytes(held)


# -- the new file ---------------------------------------------------------------------------------------------------


def _write(
    new: BinaryIO, streams: list[_Stream], caches: list[_Stream], left_out: Counter[tuple[str, str]]
) -> None:
    """One stream after the other, then the directory, then the tables of sectors."""
    table, entries = array("I"), [_Entry("Root Entry", _ROOT, _END)]
    new.write(bytes(_SECTOR))
    for stream in (*streams, *caches):
        pieces = stream.pieces()
        size = max(stream.size, _LEAST)
        entries.append(_Entry(stream.name, _STREAM, _chained(table, size), size))
        for piece in _without_objects(pieces, left_out) if stream.name == _SLIDES else pieces:
            new.write(piece)
        new.write(bytes(size - stream.size + -size % _SECTOR))
    numbers = list(range(1, len(streams) + 1))
    if caches:
        numbers.append(len(entries))
        entries.append(_Entry(_CACHES, _STORAGE))
        entries[-1].child = _balanced(entries, list(range(len(streams) + 1, len(entries) - 1)))
    entries[0].child = _balanced(entries, numbers)
    directory = b"".join(entry.packed() for entry in entries)
    directory += _Entry("", 0).packed() * (-len(entries) % (_SECTOR // _ENTRY))
    new.write(directory)
    head = _tables_written(new, table, _chained(table, len(directory)))
    new.seek(0)
    new.write(head)


def _chained(table: "array[int]", size: int) -> int:
    """Where a stream of ``size`` bytes starts that is entered in the table."""
    start = len(table)
    table.extend(range(start + 1, start + -(-size // _SECTOR)))
    table.append(_END)
    return start


def _tables_written(new: BinaryIO, table: "array[int]", directory: int) -> bytes:
    """Write the table and the list of its sectors; the head of the file, which says where they and the directory are."""
    used, sectors, more = len(table), 0, 0
    while sectors * _IN_SECTOR < used + sectors + more:
        sectors += 1
        more = max(0, -(-(sectors - _IN_HEAD) // (_IN_SECTOR - 1)))
    table.extend([_OF_TABLE] * sectors + [_OF_LIST] * more)
    table.extend([_FREE] * (sectors * _IN_SECTOR - len(table)))
    listed = array("I", range(used, used + sectors))
    listed.extend([_FREE] * (_IN_HEAD + more * (_IN_SECTOR - 1) - sectors))
    new.write(table.tobytes())
    for number in range(more):
        at = _IN_HEAD + number * (_IN_SECTOR - 1)
        following = used + sectors + number + 1 if number + 1 < more else _END
        new.write(listed[at : at + _IN_SECTOR - 1].tobytes() + struct.pack("<I", following))
    kind = (COMPOUND_FILE, 0x3E, 3, 0xFFFE, 9, 6)  # version 3, sectors of 2^9 and 2^6 bytes
    places = (sectors, directory, 0, _LEAST, _END, 0, used + sectors if more else _END, more)
    head = struct.pack("<8s16x5H10x8I", *kind, *places)
    return head + listed[:_IN_HEAD].tobytes()


@dataclass
class _Entry:
    """One of the directory."""

    name: str
    kind: int
    start: int = 0
    size: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE

    def packed(self) -> bytes:
        name = f"{self.name}\0".encode("utf-16-le") if self.name else b""
        links = (len(name), self.kind, 1, self.left, self.right, self.child)
        return struct.pack("<64sHBB3I36xIQ", name, *links, self.start, self.size)


def _balanced(entries: list[_Entry], numbers: list[int]) -> int:
    """Make a tree of these entries, in the order of their names; its top."""
    if not numbers:
        return _NONE
    numbers = sorted(numbers, key=lambda number: (len(entries[number].name), entries[number].name.upper()))
    middle = len(numbers) // 2
    top = entries[numbers[middle]]
    top.left, top.right = _balanced(entries, numbers[:middle]), _balanced(entries, numbers[middle + 1 :])
    return numbers[middle]
