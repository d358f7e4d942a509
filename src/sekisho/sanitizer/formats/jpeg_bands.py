"""Every eighth band of a JPEG that we wrote, so that large pictures are compared without decoding them all again.

Entropy-coded data can only be read from its start or from a restart marker (ITU-T T.81, E.1.4 and F.2.2.5). We write
one every few rows of blocks; the bands between them, put together under a smaller height, are a picture of their own.
"""

import mmap
import re
import struct
from dataclasses import dataclass

BLOCK_ROWS = 4  # rows of blocks between two restart markers
LARGE = 4_000_000  # pixels from which sampling is worth it
SHRUNK = 8  # a band's height is a multiple of it
_EVERY = 8
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_START_OF_FRAME, _START_OF_SCAN = 0xC0, 0xDA


@dataclass(frozen=True)
class _Layout:
    """Where in a file its frame header and its scan are; how many pixel rows a band has."""

    height_at: int
    height: int
    band: int
    scan: int


def bands(written: bytes | mmap.mmap) -> tuple[bytes, list[tuple[int, int]]] | None:
    """A JPEG of some bands and the rows (top, bottom) each had in the whole; None for one without enough bands."""
    layout = _layout(written)
    if layout is None:
        return None
    marks = [match.start() for match in _RESTART.finditer(written, layout.scan)]
    starts, ends = [layout.scan, *(mark + 2 for mark in marks)], [*marks, len(written) - 2]
    whole = layout.height // layout.band  # the last, lower band is left out
    if len(starts) != -(-layout.height // layout.band) or whole < 2 * _EVERY:
        return None
    chosen = range(0, whole, _EVERY)
    scan = b"".join(
        written[starts[number] : ends[number]] + bytes([0xFF, 0xD0 + place % 8])
        for place, number in enumerate(chosen)
    )
    head = bytearray(written[: layout.scan])
    struct.pack_into(">H", head, layout.height_at, len(chosen) * layout.band)
    places = [(number * layout.band, (number + 1) * layout.band) for number in chosen]
    return bytes(head) + scan[:-2] + b"\xff\xd9", places


def _layout(data: bytes | mmap.mmap) -> _Layout | None:
    """Follows the segments to the scan; None unless it is a baseline JPEG such as we write."""
    at, frame = 2, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if marker == _START_OF_FRAME:
            height, components = struct.unpack_from(">H", data, at + 5)[0], data[at + 9]
            # A single component is coded without interleaving, block by block.
            tallest = (
                max(data[at + 11 + 3 * number] & 15 for number in range(components)) if components > 1 else 1
            )
            frame = (at + 5, height, 8 * tallest * BLOCK_ROWS)
        at += 2 + length
        if marker == _START_OF_SCAN:
            return _Layout(*frame, at) if frame else None
    return None
