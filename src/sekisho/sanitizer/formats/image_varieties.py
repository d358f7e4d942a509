"""Varieties of pictures that are sound and that no decoder here reads: told apart from damage by what their heads say.

Sources: ITU-T T.81, table B.1 (frames of a JPEG), T.87 (JPEG-LS); TIFF 6.0; the header of BMP as Windows documents it.
"""

import struct
from typing import BinaryIO

_HEAD = 1 << 20  # bytes of a JPEG before its frame, thumbnail and profile included
_USUAL_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA}
_NO_FRAMES = {0xC4, 0xC8, 0xCC}
_JPEG_LS = 0xF7
_ALONE = {0x01, *range(0xD0, 0xD9)}  # marks without a length
_COMPONENTS = {1, 3, 4}
# Ways to compress a TIFF that stay unread.
_UNREAD = {
    34712: "JPEG 2000", 33003: "JPEG 2000", 33005: "JPEG 2000", 34933: "PNG", 34887: "LERC", 50001: "WebP",
    50002: "JPEG XL", 52546: "JPEG XL", 22610: "JPEG XR", 34934: "JPEG XR", 34661: "JBIG", 34715: "JBIG2", 34892: "JPEG",
}  # fmt: skip
_WIDTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _FORMAT = 256, 258, 259, 262, 277, 339
_FORMATS = {2: "signed", 3: "float", 5: "complex", 6: "complex"}
_SIZES = {1: 1, 3: 2, 4: 4, 16: 8}  # of whole numbers, by their kind
_MOST_TAGS = 1_000
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_BMP_DEPTHS = {0, 1, 2, 4, 8, 16, 24, 32, 64}
_BMP_WAYS = range(14)


def unread(source: BinaryIO, kind: str, problem: Exception) -> str:
    """The variety of a picture that failed to be read, in words of its format; empty where it is damaged.

    ``problem``: what the decoder raised.
    """
    try:
        if kind == "jpeg":
            return _jpeg(source)
        if kind == "tiff":
            return _tiff(source)
        return _bmp(source) if kind == "bmp" and str(problem).startswith("Unsupported BMP") else ""
    except (struct.error, ValueError, OverflowError):
        return ""


def _jpeg(source: BinaryIO) -> str:
    source.seek(0)
    data, at = source.read(_HEAD), 2
    while data[at : at + 1] == b"\xff":
        mark = data[at + 1]
        if mark == 0xFF or mark in _ALONE:
            at += 1 if mark == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if mark == _JPEG_LS:
            return "JPEG-LS"
        if 0xC0 <= mark <= 0xCF and mark not in _NO_FRAMES:
            bits, components = data[at + 4], data[at + 9]
            if length != 8 + 3 * components:
                return ""
            if mark not in _USUAL_FRAMES:
                return "JPEG, lossless or hierarchical"
            if data[at + 5 : at + 7] == b"\0\0":
                return "JPEG, height at the end"
            if bits != 8:
                return f"JPEG, {bits} bit"
            return "" if components in _COMPONENTS else f"JPEG, {components} components"
        at += 2 + length
    return ""


def _tiff(source: BinaryIO) -> str:
    """By its first page, where the whole of it is there."""
    end = source.seek(0, 2)
    source.seek(0)
    head = source.read(16)
    order = "<" if head[:2] == b"II" else ">"
    (magic,) = struct.unpack_from(order + "H", head, 2)
    is_big = magic == 43
    (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), head, 8 if is_big else 4)
    tags = _tags(source, at, order, is_big=is_big)
    if _WIDTH not in tags or at >= end:
        return ""
    way = tags.get(_COMPRESSION, 1)
    if way in _UNREAD:
        return f"TIFF, {_UNREAD[way]}"
    if is_big and order == ">":
        return "BigTIFF, big-endian"
    samples, bits = tags.get(_SAMPLES, 1), tags.get(_BITS, 1)
    form = tags.get(_FORMAT, 1)
    is_colour = tags.get(_PHOTOMETRIC, 1) > 1
    if bits > 32 or form in {5, 6} or (bits != 32 and form == 3) or (is_colour and (bits > 16 or form != 1)):
        return f"TIFF, {samples} × {bits} bit {_FORMATS.get(form, '')}".strip()
    if tags.get(_PHOTOMETRIC, 1) in {8, 9, 10} and bits > 8:
        return f"TIFF, L*a*b*, {bits} bit"
    return ""


def _tags(source: BinaryIO, at: int, order: str, *, is_big: bool) -> dict[int, int]:
    """The whole numbers of a directory, the first one of each tag."""
    count_form, entry_form = ("Q", "HHQ8s") if is_big else ("H", "HHI4s")
    source.seek(at)
    (count,) = struct.unpack(order + count_form, source.read(struct.calcsize(order + count_form)))
    size = struct.calcsize(order + entry_form)
    entries = source.read(size * min(count, _MOST_TAGS))
    found: dict[int, int] = {}
    for tag, kind, number, held in struct.iter_unpack(order + entry_form, entries):
        if not (width := _SIZES.get(kind)) or not number:
            continue
        if width * number > len(held):
            source.seek(int.from_bytes(held, "little" if order == "<" else "big"))
            held = source.read(width)  # noqa: PLW2901
        found[tag] = int.from_bytes(held[:width], "little" if order == "<" else "big")
    return found


def _bmp(source: BinaryIO) -> str:
    source.seek(14)
    head = source.read(20)
    (size,) = struct.unpack_from("<I", head)
    if size not in _BMP_HEADERS:
        return ""
    bits, way = (
        (struct.unpack_from("<H", head, 10)[0], 0) if size == 12 else struct.unpack_from("<HI", head, 14)
    )
    if bits not in _BMP_DEPTHS or way not in _BMP_WAYS:
        return ""
    return f"BMP, {bits} bit, compression {way}"
