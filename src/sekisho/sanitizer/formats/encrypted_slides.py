"""PowerPoint files of 1997 to 2003 locked with a password: what is enciphered is opened where it stands.

Each object of the document has a key of its own, by its number; each part of a picture is enciphered anew with that of
number 0. Sources: [MS-PPT] 2.3 (Current User, UserEditAtom, PersistDirectoryAtom), [MS-ODRAW] 2.2.22 (pictures).
"""

import io
import struct
from collections.abc import Callable
from typing import BinaryIO

import olefile

#: turns enciphered bytes, from the first of a key's on, into plain ones: ``(bytes, number)``
Decipher = Callable[[bytes, int], bytes]

_CURRENT, _DOCUMENT, _PICTURES = "Current User", "PowerPoint Document", "Pictures"
_TOKEN_AT, _NOT_LOCKED = 12, 0xE391C05F
_EDIT, _DIRECTORY, _SESSION = 0x0FF5, 0x1772, 0x2F14
_MOST_EDITS = 10_000
_LENGTH_OF_EDIT, _ITS_SESSION_AT = 0x20, 36
_ENTRY, _METAFILES = 0xF007, {0xF01A, 0xF01B, 0xF01C}
_PARTS_OF_ENTRY = (1, 1, 16, 2, 4, 4, 4, 1, 1, 1, 1)
_WITH_TWO_IDS = {0x217, 0x3D5, 0x46B, 0x543, 0x6E1, 0x6E3, 0x6E5, 0x7A9}
_HEAD = struct.Struct("<HHI")


def unlocked(source: BinaryIO, decipher: Decipher) -> bytes:
    """The file without its lock. Raises ``ValueError``, ``OSError`` or ``struct.error`` for one that is not as it should be."""
    source.seek(0)
    out = io.BytesIO(source.read())
    with olefile.OleFileIO(out, write_mode=True) as ole:
        current = bytearray(ole.openstream(_CURRENT).read())
        document = bytearray(ole.openstream(_DOCUMENT).read())
        _open_objects(document, struct.unpack_from("<I", current, _TOKEN_AT + 4)[0], decipher)
        struct.pack_into("<I", current, _TOKEN_AT, _NOT_LOCKED)
        ole.write_stream(_CURRENT, bytes(current))
        ole.write_stream(_DOCUMENT, bytes(document))
        if ole.exists(_PICTURES):
            pictures = bytearray(ole.openstream(_PICTURES).read())
            _open_pictures(pictures, decipher)
            ole.write_stream(_PICTURES, bytes(pictures))
    return out.getvalue()


def _open_objects(document: bytearray, edit: int, decipher: Decipher) -> None:
    places: dict[int, int] = {}
    sessions: set[int] = set()
    for _ in range(_MOST_EDITS):
        _instance, kind, length = _HEAD.unpack_from(document, edit)
        if kind != _EDIT:
            raise ValueError("no edit where one should be")
        earlier, directory = struct.unpack_from("<II", document, edit + 16)
        for number, place in _listed(document, directory).items():
            places.setdefault(number, place)  # an edit stands before those that it follows
        if length >= _LENGTH_OF_EDIT:
            sessions.add(struct.unpack_from("<I", document, edit + _ITS_SESSION_AT)[0])
            struct.pack_into("<I", document, edit + _ITS_SESSION_AT, 0)
            struct.pack_into("<I", document, edit + 4, _LENGTH_OF_EDIT - 4)
        if not earlier:
            break
        edit = earlier
    for number, place in places.items():
        if number not in sessions:
            head = decipher(bytes(document[place : place + _HEAD.size]), number)
            end = place + _HEAD.size + _HEAD.unpack(head)[2]
            if end > len(document):
                raise ValueError("an object longer than the document")
            document[place:end] = decipher(bytes(document[place:end]), number)


def _listed(document: bytearray, directory: int) -> dict[int, int]:
    """The numbers and places of the objects in a directory: runs of numbers that follow one another."""
    _instance, kind, length = _HEAD.unpack_from(document, directory)
    if kind != _DIRECTORY:
        raise ValueError("no directory where one should be")
    places: dict[int, int] = {}
    at, end = directory + _HEAD.size, directory + _HEAD.size + length
    while at < end:
        run = struct.unpack_from("<I", document, at)[0]
        first, count = run & 0xFFFFF, run >> 20
        places.update(enumerate(struct.unpack_from(f"<{count}I", document, at + 4), first))
        at += 4 + 4 * count
    return places


def _open_pictures(pictures: bytearray, decipher: Decipher) -> None:
    at = 0
    while at + _HEAD.size <= len(pictures):
        instance, kind, length = _HEAD.unpack(_part(pictures, at, _HEAD.size, decipher))
        at += _HEAD.size
        end = at + length
        if end > len(pictures) or not _ENTRY <= kind <= 0xF117:
            raise ValueError("no picture where one should be")
        if kind == _ENTRY:
            for size in _PARTS_OF_ENTRY:
                _part(pictures, at, size, decipher)
                at += size
            named = pictures[at - 3]
            _part(pictures, at, named, decipher)
            at += named
            if at == end:
                continue
            instance, kind, _length = _HEAD.unpack(_part(pictures, at, _HEAD.size, decipher))
            at += _HEAD.size
        for size in (*[16] * (2 if instance >> 4 in _WITH_TWO_IDS else 1), 34 if kind in _METAFILES else 1):
            _part(pictures, at, size, decipher)
            at += size
        _part(pictures, at, end - at, decipher)
        at = end


def _part(pictures: bytearray, at: int, size: int, decipher: Decipher) -> bytes:
    plain = decipher(bytes(pictures[at : at + size]), 0)
    pictures[at : at + size] = plain
    return plain
