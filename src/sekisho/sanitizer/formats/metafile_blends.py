"""See-through pictures within metafiles, such as the icons of embedded files ([MS-EMF] 2.3.1.1): LibreOffice draws their ground
black. They are put on white first, as the page mostly is.
"""

import struct
from contextlib import suppress

from PIL import Image

_BLEND, _STRETCH, _END = 114, 77, 14  # records; the first two differ in how the picture meets what is there
_HEAD = struct.Struct("<II")
_BLENDED = struct.Struct("<BBBB")  # operation, flags, constant and format of alpha
_FULL, _PER_PIXEL = 255, 1
_BITMAP_HEAD = 40
_BITMAP = struct.Struct("<IiiHHI")  # size of the head, width, height, planes, bits a pixel, compression
# Which bits of a pixel are red, green and blue, where the head says so behind it.
_COLOURS = struct.Struct("<III")
_PLAIN, _SAID, _USUAL = 0, 3, (0xFF0000, 0xFF00, 0xFF)
_AS_IS = 0x00CC0020
# Where a record says how, and where its picture is; its least length.
_HOW, _SOURCE, _LONG_ENOUGH = 40, 84, 108


def on_white(metafile: bytes) -> bytes:
    """An EMF of the same length, whose see-through pictures stand on white."""
    changed, at = bytearray(metafile), 0
    while at + _HEAD.size <= len(changed):
        kind, length = _HEAD.unpack_from(changed, at)
        if kind == _END or length < _HEAD.size or at + length > len(changed):
            break
        if kind == _BLEND and length >= _LONG_ENOUGH:
            with suppress(struct.error, ValueError):
                _settle(changed, at, length)
        at += length
    return bytes(changed)


def _settle(metafile: bytearray, at: int, length: int) -> None:
    _operation, _flags, constant, format = _BLENDED.unpack_from(metafile, at + _HOW)
    head, _size, bits, amount = struct.unpack_from("<IIII", metafile, at + _SOURCE)
    *_rest, depth, compression = _BITMAP.unpack_from(metafile, at + head)
    fits = head + _BITMAP.size <= length and bits + amount <= length and amount % 4 == 0
    usual = compression == _PLAIN or (
        compression == _SAID and _COLOURS.unpack_from(metafile, at + head + _BITMAP_HEAD) == _USUAL
    )
    if not fits or (constant, format) != (_FULL, _PER_PIXEL) or depth != 32 or not usual or not amount:
        return
    place, size = slice(at + bits, at + bits + amount), (amount // 4, 1)
    shown = Image.frombytes("RGBa", size, bytes(metafile[place]), "raw", "BGRa").convert("RGBA")
    ground = Image.new("RGBA", size, "white")
    ground.alpha_composite(shown)
    metafile[place] = ground.tobytes("raw", "BGRA")
    struct.pack_into("<I", metafile, at, _STRETCH)
    struct.pack_into("<I", metafile, at + _HOW, _AS_IS)
