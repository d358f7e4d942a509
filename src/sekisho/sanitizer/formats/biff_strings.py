"""The lengths of the strings that the cells of an old Excel workbook show ([MS-XLS] 2.4.265, 2.4.149)."""

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import olefile

_STREAMS = ("Workbook", "Book")
_SHARED, _CONTINUES, _SHOWN = 0x00FC, 0x003C, 0x00FD
_WIDE, _EXTENDED, _RICH = 1, 4, 8  # what of a string there is, by its flags
_LARGEST_STREAM = 256 << 20


def shown(source: BinaryIO) -> Iterator[int]:
    """The length of what each cell shows of the shared strings. Raises ``OSError``, ``struct.error`` or ``IndexError``."""
    with olefile.OleFileIO(source) as compound:
        name = next((name for name in _STREAMS if compound.get_type(name) == olefile.STGTY_STREAM), "")
        if not name or compound.get_size(name) > _LARGEST_STREAM:
            return
        data = compound.openstream(name).read()
    lengths: list[int] = []
    pieces: list[bytes] = []
    for kind, body in _records(data):
        if kind == _SHARED or (kind == _CONTINUES and pieces):
            pieces.append(body)
            continue
        if pieces:
            lengths, pieces = list(_lengths(_Pieces(pieces))), []
        if kind == _SHOWN:
            number = struct.unpack_from("<I", body, 6)[0]
            yield lengths[number] if number < len(lengths) else 0


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size


class _Pieces:
    """The bytes of a record that goes on in others."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self._number, self._at = pieces, 0, 0

    def unpack(self, form: str) -> Any:
        (value,) = struct.unpack(form, self._take(struct.calcsize(form)))
        return value

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            taken += self._some(size - len(taken))
        return taken

    def _some(self, size: int) -> bytes:
        while self._at >= len(self._pieces[self._number]):
            self._number, self._at = self._number + 1, 0
        piece = self._pieces[self._number][self._at : self._at + size]
        self._at += len(piece)
        return piece

    def skip(self, size: int) -> None:
        while size > 0:
            size -= len(self._some(size))

    def skip_characters(self, count: int, *, wide: bool) -> None:
        """A string that goes on in the next record says there anew how wide its characters are."""
        while count > 0:
            if self._at >= len(self._pieces[self._number]):
                wide = bool(self.unpack("<B") & _WIDE)
            left = (len(self._pieces[self._number]) - self._at) // (1 + wide)
            if not left:
                raise IndexError
            self.skip(min(left, count) * (1 + wide))
            count -= left


def _lengths(pieces: _Pieces) -> Iterator[int]:
    pieces.skip(4)
    for _number in range(pieces.unpack("<I")):
        count, flags = pieces.unpack("<H"), pieces.unpack("<B")
        runs = pieces.unpack("<H") if flags & _RICH else 0
        more = pieces.unpack("<I") if flags & _EXTENDED else 0
        pieces.skip_characters(count, wide=bool(flags & _WIDE))
        pieces.skip(4 * runs + more)
        yield count
