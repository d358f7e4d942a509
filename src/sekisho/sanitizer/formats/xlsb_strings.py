"""The lengths of the strings that the cells of a binary workbook show ([MS-XLSB] 2.1.4, 2.4.313, 2.4.316, 2.4.820)."""

import struct
from collections.abc import Iterator

#: how a part of strings that cells share begins, and a sheet
SHARED, SHEET = b"\x9f\x01", b"\x81\x01"
_OF_ITS_OWN, _SHOWN, _ITEM = 6, 7, 19


def lengths(part: bytes) -> Iterator[int]:
    """How long each shared string is. Raises ``struct.error`` or ``IndexError``, as ``shown`` does."""
    return (struct.unpack_from("<I", body, 1)[0] for kind, body in _records(part) if kind == _ITEM)


def shown(part: bytes, shared: list[int]) -> Iterator[int]:
    """How long what each cell of a sheet shows is."""
    for kind, body in _records(part):
        if kind in (_OF_ITS_OWN, _SHOWN):
            number = struct.unpack_from("<I", body, 8)[0]
            yield number if kind == _OF_ITS_OWN else shared[number] if number < len(shared) else 0


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(part):
        kind, at = _number(part, at)
        size, at = _number(part, at)
        yield kind, part[at : at + size]
        at += size


def _number(part: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits to a byte, the last of which has no eighth, and where it ends."""
    value = 0
    for place in range(4):
        value |= (part[at + place] & 0x7F) << (7 * place)
        if part[at + place] < 0x80:
            break
    return value, at + place + 1
