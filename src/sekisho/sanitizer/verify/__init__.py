"""The second opinion: independent readers check a finished file against the grammar of clean files.

Nothing here is shared with the writers: other parsers, other code. ``docs/clean-grammar.md`` is the grammar in words.
A reader is ``def complaint(data: bytes, kind: str) -> Complaint | None`` in the module of its family and names the
first thing it dislikes; that of texts is given the file itself. A type without a reader is itself a complaint.
"""

import io
import mmap
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from sekisho.sanitizer.filetypes import types_by_extension
from sekisho.sanitizer.verify.grammar import Complaint

__all__ = ["READERS", "Complaint", "find_complaint", "preload"]

Reader = Callable[[Any, str], Complaint | None]

READERS: dict[str, str] = {
    "pdf": "pdfs",
    **dict.fromkeys(("docx", "dotx", "xlsx", "xltx", "pptx", "potx", "ppsx"), "packages"),
    **dict.fromkeys(("jpeg", "png", "gif", "tiff", "webp"), "pictures"),
    **dict.fromkeys(("txt", "csv", "tsv", "md", "json"), "texts"),
    **dict.fromkeys(("html", "xml"), "markups"),
    "zip": "zips",
    "eml": "mails",
    "ics": "calendars",
    "vcf": "contacts",
}
#: types whose reader takes a piece at a time: where the file lies, or as it is read
_IN_PLACE = {"zip", "jpeg"}
_IN_PLACE_WHEN_LARGE = {"pdf"}
_LARGE = 16 << 20
_READ_ON = {"txt", "csv", "tsv", "md", "json"}


def preload() -> None:
    """Import every reader and let it read its lists (``prepare``), before children are forked and walls go up."""
    for name in set(READERS.values()):
        prepare = getattr(import_module(f"{__name__}.{name}"), "prepare", None)
        if prepare:
            prepare()


def find_complaint(source: BinaryIO, kind: str) -> Complaint | None:
    """The first thing that makes this file of type ``kind`` not clean, or None. Reads the whole file."""
    module = READERS.get(kind)
    if module is None:
        return Complaint("type.not_in_grammar", kind)
    reader: Reader = import_module(f"{__name__}.{module}").complaint
    if kind in _READ_ON:
        source.seek(0)
        return reader(source, kind)
    in_place = kind in _IN_PLACE or (kind in _IN_PLACE_WHEN_LARGE and source.seek(0, io.SEEK_END) > _LARGE)
    return reader(_looked_at(source) if in_place else _read(source), kind)


def _read(source: BinaryIO) -> bytes:
    source.seek(0)
    return source.read()


def _looked_at(source: BinaryIO) -> Any:
    """A file's bytes where they lie on the disk: no size of it needs memory."""
    try:
        return mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # in memory already, or empty
        return _read(source)


def complaint_of_named(name: str, data: bytes) -> Complaint | None:
    """``find_complaint`` for a file inside a file, whose type its name tells."""
    extension = name.rpartition(".")[2].lower()
    kinds = types_by_extension().get(extension, ())
    return find_complaint(io.BytesIO(data), kinds[0].id if kinds else "unknown")
