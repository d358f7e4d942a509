"""Fonts built by code: one letter, a square, and beside it what fonts should not carry any further."""

import struct

from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph, Program

from .attacks.pdf import MARKER

_UNIT = 1000


def truetype() -> bytes:
    """A font file of its own."""
    return font_file()


def collection() -> bytes:
    """The font as the only one of a collection (OpenType 1.9, "Font collections")."""
    head = struct.pack(">4sIII", b"ttcf", 0x10000, 1, 16)
    return head + font_file(start=len(head))


def opentype() -> bytes:
    """Outlines keyed by CID, which are not the numbers of the glyphs, with the tables of a font file around them."""
    square = Glyph(_UNIT, [("M", 0, 0), ("L", 800, 0), ("L", 800, 800), ("L", 0, 800)])
    tables = {name: table for name, table in font_tables().items() if name in {b"head", b"hhea", b"hmtx"}}
    tables |= {
        b"maxp": struct.pack(">IH", 0x5000, 2),
        b"CFF ": written_cff(Program([Glyph(_UNIT), square], cids=[0, 7])),
    }
    return b"OTTO" + font_file(tables)[4:]


def font_file(held: dict[bytes, bytes] | None = None, start: int = 0) -> bytes:
    """A file of these tables, by default ``font_tables``."""
    tables = sorted((held or font_tables()).items())
    directory, body = b"", b""
    at = start + 12 + 16 * len(tables)
    for tag, table in tables:
        directory += struct.pack(">4sIII", tag, 0, at + len(body), len(table))
        body += table + b"\0" * (-len(table) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 16, 0, 0) + directory + body


def font_tables() -> dict[bytes, bytes]:
    """Glyph 1 is the letter A, a square."""
    points = struct.pack(">8h", 0, 0, 800, 0, 0, 800, -800, 0)  # across, then up: a square
    program = MARKER.encode()
    square = struct.pack(">5hHH", 1, 0, 0, 800, 800, 3, len(program)) + program + b"\1\1\1\1" + points
    square += b"\0" * (len(square) % 2)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(
        ">7HHHHHHHHHH", 4, 32, 0, 4, 4, 1, 0, 65, 0xFFFF, 0, 65, 0xFFFF, 1 - 65 + 65_536, 1, 0, 0
    )  # fmt: skip
    names = b"\6square"
    return {
        b"head": struct.pack(">IIIIHHQQ4hHHhhh", 0x10000, 0, 0, 0x5F0F3CF5, 3, _UNIT, 0, 0, 0, 0, 800, 800, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">IhhhH11hH", 0x10000, 800, 0, 0, _UNIT, *[0] * 11, 2),
        b"hmtx": struct.pack(">HhHh", _UNIT, 0, _UNIT, 0),
        b"maxp": struct.pack(">IH13H", 0x10000, 2, 4, 1, 0, 0, 2, 0, 0, 0, 0, 64, len(program), 0, 0),
        b"loca": struct.pack(">3H", 0, 0, len(square) // 2), b"glyf": square, b"cmap": cmap,
        b"post": struct.pack(">IIhhIIIII", 0x20000, 0, -100, 50, 0, 0, 0, 0, 0) + struct.pack(">3H", 2, 0, 258) + names,
        b"name": MARKER.encode(), b"fpgm": MARKER.encode(),
    }  # fmt: skip
