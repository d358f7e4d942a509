"""Clean pictures: only the blocks that pixels need, in their order, with nothing before, between or after.

Sources: PNG, ISO/IEC 15948, its animations, W3C PNG (Third Edition); JPEG, ITU-T T.81; GIF89a; WebP container, RFC 9649; TIFF 6.0.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator

from sekisho.sanitizer.verify import exif
from sekisho.sanitizer.verify.grammar import Complaint

_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"pHYs", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND"}
# JFIF, Exif, Adobe (colour transform), quantisation, Huffman, restart interval, baseline to progressive frames, scan.
_JPEG_SEGMENTS = {0xE0, 0xE1, 0xEE, 0xDB, 0xC4, 0xDD, 0xC0, 0xC1, 0xC2, 0xDA}
_WEBP_CHUNKS = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"EXIF"}
# Width, height, bits, compression, photometric, strips, samples, resolution, planar, predictor, colour map, alpha,
# sample format, fill order, orientation, new subfile type, page number, tiles are not written.
_TIFF_TAGS = {
    254,
    256,
    257,
    258,
    259,
    262,
    266,
    273,
    274,
    277,
    278,
    279,
    282,
    283,
    284,
    296,
    297,
    317,
    320,
    338,
    339,
}
# Chunks of one length, and those of which there is one at most.
_PNG_LENGTHS = {b"IHDR": 13, b"IEND": 0}
_PNG_ONCE = {b"IHDR", b"PLTE", b"tRNS", b"pHYs", b"eXIf", b"acTL"}
_PNG_SEE_THROUGH = {0: 2, 2: 6}  # length of the one colour that is, by the kind of colours
_JPEG_ONCE = {0xE0, 0xE1, 0xEE, 0xDD}
_JPEG_FRAMES = {0xC0, 0xC1, 0xC2}
_WEBP_ORDER = re.compile(rb"VP8 |VP8L|VP8X(?:(?:ALPH)?VP8 |VP8L|ANIM(?:ANMF)+)(?:EXIF)?")
_WEBP_FRAME = re.compile(rb"(?:ALPH)?VP8 |VP8L")
_WEBP_LENGTHS = {b"VP8X": 10, b"ANIM": 6}
_MARKER = re.compile(rb"\xff(?![\x00\xd0-\xd7])")
_METRES_AN_INCH = 0.0254
_MOST_DPI = 9_600
_MAX_PAGES = 10_000
_MAX_PIXELS = 1_000_000_000
_TIFF_COMPRESSION, _LZW, _STRIP_STARTS, _STRIP_SIZES, _TIFF_PADDING = 259, (5,), 273, 279, 16


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        return _READERS[kind](data)
    except (struct.error, IndexError, zlib.error):
        return Complaint("picture.structure", "cut off")


def _png(data: bytes) -> Complaint | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Complaint("picture.structure", "signature")
    at, seen, pictures = 8, [], _Frames(data)
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if name not in _PNG_CHUNKS:
            return Complaint("picture.metadata", name.decode("latin-1"))
        if struct.unpack_from(">I", data, at + 8 + length)[0] != zlib.crc32(name + body):
            return Complaint("picture.structure", f"checksum of {name.decode()}")
        if name in _PNG_ONCE and name in seen:
            return Complaint("picture.structure", f"{name.decode()} twice")
        if name == b"eXIf" and (wrong := exif.block_complaint(body)):
            return wrong
        if name == b"pHYs" and not _is_whole_dpi(body):
            return Complaint("picture.metadata", "pHYs")
        if len(body) != _PNG_LENGTHS.get(name, len(body)) or not pictures.takes(name, body):
            return Complaint("picture.structure", f"{name.decode()}")
        seen.append(name)
        at += 12 + length
        if name == b"IEND":
            break
    if at != len(data):
        return Complaint("picture.trailing", f"byte {at}")
    if seen[:1] != [b"IHDR"] or seen[-1:] != [b"IEND"]:
        return Complaint("picture.structure", "order of chunks")
    return None if pictures.are_whole() else Complaint("picture.structure", "amount of pixels")


def _is_whole_dpi(body: bytes) -> bool:
    """Whether a pHYs chunk says a whole number of dots an inch each way, in dots a metre: so many values and no more."""
    *each_way, unit = struct.unpack(">IIB", body)
    inches = [round(dots * _METRES_AN_INCH) for dots in each_way]
    is_so = all(dots == round(inch / _METRES_AN_INCH) for dots, inch in zip(each_way, inches, strict=True))
    return unit == 1 and is_so and min(inches) >= 1 and max(inches) <= _MOST_DPI


class _Frames:
    """The pictures in a PNG: the one that every reader shows, and the frames of an animation, numbered in their order."""

    def __init__(self, data: bytes) -> None:
        self.width, self.height, self.bits, self.colour, *_rest, self.interlace = struct.unpack_from(
            ">IIBBBBB", data, 16
        )
        self.colours = 0  # of the palette
        self.shown = bytearray()  # in IDAT
        self.frames: list[tuple[int, int, bytearray]] = []  # width, height and pixels
        self.told: int | None = None  # how many frames there are
        self.number = 0

    def takes(self, name: bytes, body: bytes) -> bool:
        """Whether a chunk stands where it may; pixels are kept."""
        if name == b"IDAT":
            self.shown += body
            return len(self.frames) < 2
        if name == b"acTL":
            was, (self.told, _plays) = self.told, struct.unpack(">II", body)
            return was is None and not self.shown and self.told > 0
        if name == b"PLTE":
            self.colours, rest = divmod(len(body), 3)
            return self.colour == 3 and not rest and self.colours <= 1 << self.bits and not self.shown
        if name == b"tRNS":
            fits = len(body) == _PNG_SEE_THROUGH.get(self.colour) or (
                self.colour == 3 and len(body) <= self.colours
            )
            return fits and not self.shown
        if name not in {b"fcTL", b"fdAT"}:
            return True
        is_next = struct.unpack_from(">I", body)[0] == self.number and self.told is not None
        self.number += 1
        return is_next and (self._begins(body) if name == b"fcTL" else self._goes_on(body[4:]))

    def _begins(self, body: bytes) -> bool:
        """A frame lies within the picture; one that begins before the shown picture is that picture."""
        _number, width, height, x, y, _delay, _of, after, over = struct.unpack(">IIIIIHHBB", body)
        is_shown = not self.shown
        self.frames.append((width, height, self.shown if is_shown else bytearray()))
        inside = 0 < width <= self.width - x and 0 < height <= self.height - y and after <= 2 and over <= 1
        whole = (width, height) == (self.width, self.height) and len(self.frames) == 1
        return inside and (whole or not is_shown)

    def _goes_on(self, pixels: bytes) -> bool:
        if not self.frames or self.frames[-1][2] is self.shown:
            return False
        self.frames[-1][2].extend(pixels)
        return True

    def are_whole(self) -> bool:
        """Whether there are as many frames as promised, and in each exactly its pixels."""
        every = [(self.width, self.height, self.shown)]
        every += [frame for frame in self.frames if frame[2] is not self.shown]
        if len(self.frames) != (self.told or 0) or self.interlace:
            return False
        return sum(width * height for width, height, _pixels in every) <= _MAX_PIXELS and all(
            self._is_exact(*frame) for frame in every
        )

    def _is_exact(self, width: int, height: int, pixels: bytearray) -> bool:
        """The compressed pixels are exactly as many as the size promises, and nothing follows them."""
        samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(self.colour, 0)
        expected = (1 + (width * samples * self.bits + 7) // 8) * height
        inflate = zlib.decompressobj()
        found = 0
        for start in range(0, len(pixels), 1 << 20):
            piece = inflate.decompress(pixels[start : start + (1 << 20)], 1 << 24)
            found += len(piece)
            while inflate.unconsumed_tail:
                found += len(inflate.decompress(inflate.unconsumed_tail, 1 << 24))
        return found == expected and inflate.eof and not inflate.unused_data


def _jpeg(data: bytes) -> Complaint | None:
    if data[:2] != b"\xff\xd8":
        return Complaint("picture.structure", "signature")
    at, seen = 2, set[int]()
    while at < len(data):
        if data[at] != 0xFF:
            return Complaint("picture.structure", f"byte {at}")
        marker = data[at + 1]
        if marker == 0xD9:
            return None if at + 2 == len(data) else Complaint("picture.trailing", f"byte {at + 2}")
        if marker not in _JPEG_SEGMENTS:
            return Complaint("picture.metadata", f"segment {marker:02X}")
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + length]
        once = _JPEG_FRAMES if marker in _JPEG_FRAMES else {marker} & _JPEG_ONCE
        if once & seen or not (_jpeg_application(marker, body) and _is_exact_segment(marker, body)):
            return Complaint("picture.metadata", f"segment {marker:02X}")
        seen.add(marker)
        if marker == 0xE1 and (wrong := exif.block_complaint(body[6:])):
            return wrong
        at += 2 + length
        if marker == 0xDA:
            at = _after_scan(data, at)
    return Complaint("picture.structure", "no end")


def _jpeg_application(marker: int, body: bytes) -> bool:
    if marker == 0xE0:
        unit, across, down = struct.unpack_from(">BHH", body, 7)
        is_size = min(across, down) >= 1 and max(across, down) <= (_MOST_DPI if unit else 1)
        return (
            body[:5] == b"JFIF\x00"
            and len(body) == 14
            and body[12:14] == b"\x00\x00"
            and unit <= 1
            and is_size
        )
    if marker == 0xE1:
        return body[:6] == b"Exif\x00\x00"
    if marker == 0xEE:
        return body[:5] == b"Adobe" and len(body) == 12
    return True


def _is_exact_segment(marker: int, body: bytes) -> bool:
    """Whether a segment is as long as its own figures say (T.81, B.2.2 to B.2.4), and no byte more."""
    if marker in _JPEG_FRAMES:
        return 1 <= body[5] <= 4 and len(body) == 6 + 3 * body[5]
    if marker == 0xDA:
        return len(body) == 4 + 2 * body[0]
    if marker == 0xDD:
        return len(body) == 2
    at = 0
    while marker in {0xDB, 0xC4} and at < len(body):
        at += (17 + sum(body[at + 1 : at + 17])) if marker == 0xC4 else (129 if body[at] >> 4 else 65)
    return marker not in {0xDB, 0xC4} or at == len(body)


def _after_scan(data: bytes, at: int) -> int:
    """Entropy-coded data ends at the first marker that is neither a stuffed FF00 nor a restart."""
    marker = _MARKER.search(data, at)
    return marker.start() if marker else len(data)


# How long a frame stays and what shows through, and how often all are gone through: of one length each.
_GIF_EXTENSION = re.compile(rb"!(?:\xf9\x04.{4}|\xff\x0bNETSCAPE2\.0\x03\x01..)\x00", re.DOTALL)


def _gif(data: bytes) -> Complaint | None:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return Complaint("picture.structure", "signature")
    width, height = struct.unpack_from("<HH", data, 6)
    if width * height > _MAX_PIXELS:
        return Complaint("picture.structure", "size")
    flags = data[10]
    at = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            local = data[at + 9]
            at += 10 + (3 << ((local & 7) + 1) if local & 0x80 else 0) + 1
            while data[at]:
                at += 1 + data[at]
            at += 1
        elif extension := _GIF_EXTENSION.match(data, at):
            at = extension.end()
        else:
            return Complaint("picture.metadata", f"byte {at}")
    return None if at + 1 == len(data) else Complaint("picture.trailing", f"byte {at + 1}")


def _webp(data: bytes) -> Complaint | None:
    size = struct.unpack_from("<I", data, 4)[0]
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return Complaint("picture.structure", "signature")
    if 8 + size != len(data):
        return Complaint("picture.trailing", f"byte {8 + size}")
    blocks = list(_webp_blocks(data, 12, len(data)))
    for name, begin, end in blocks:
        if name not in _WEBP_CHUNKS:
            return Complaint("picture.metadata", name.decode("latin-1"))
        if name == b"EXIF" and (wrong := exif.block_complaint(data[begin:end])):
            return wrong
        if end - begin != _WEBP_LENGTHS.get(name, end - begin):
            return Complaint("picture.structure", name.decode())
        # the picture of a frame stands behind its place, size and time
        if name == b"ANMF" and not _stand_in_order(_webp_blocks(data, begin + 16, end), _WEBP_FRAME):
            return Complaint("picture.structure", "a frame")
    return None if _stand_in_order(blocks, _WEBP_ORDER) else Complaint("picture.structure", "order of blocks")


def _webp_blocks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each block, and where its content begins and ends. Raises ``IndexError`` where they do not fill the room."""
    while at < end:
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, at + 8 + length
        at += 8 + length + (length & 1)
        if at > end or (length & 1 and data[at - 1]):
            raise IndexError


def _stand_in_order(blocks: Iterable[tuple[bytes, int, int]], order: re.Pattern[bytes]) -> bool:
    return order.fullmatch(b"".join(name for name, _begin, _end in blocks)) is not None


def _tiff(data: bytes) -> Complaint | None:
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None:
        return Complaint("picture.structure", "signature")
    place, pages = struct.unpack_from(f"{order}I", data, 4)[0], 0
    told, pages_at = [(0, 8)], set[int]()  # where what the pages are made of begins and ends
    while place:
        pages_at.add(place)
        pages += 1
        if pages > _MAX_PAGES:
            return Complaint("picture.structure", "pages in a ring")
        count = struct.unpack_from(f"{order}H", data, place)[0]
        told.append((place, place + 2 + 12 * count + 4))
        found: dict[int, tuple[int, ...]] = {}
        for number in range(count):
            entry = place + 2 + 12 * number
            tag = struct.unpack_from(f"{order}H", data, entry)[0]
            if tag not in _TIFF_TAGS and not (tag in exif.TEXTS and exif.is_plain_text(data, entry, order)):
                return Complaint("picture.metadata", f"page {pages}, tag {tag}")
            if tag <= max(found, default=0):
                return Complaint("picture.structure", f"page {pages}, order of tags")
            found[tag], where = _tiff_values(data, entry, order)
            told.append(where)
        starts, sizes = found.get(_STRIP_STARTS, ()), found.get(_STRIP_SIZES, ())
        if found.get(_TIFF_COMPRESSION) != _LZW or len(starts) != len(sizes):
            return Complaint("picture.structure", f"page {pages}, strips")
        told += [(start, start + size) for start, size in zip(starts, sizes, strict=True)]
        place = struct.unpack_from(f"{order}I", data, place + 2 + 12 * count)[0]
    return _tiff_gap(data, order, told, pages_at)


def _tiff_gap(data: bytes, order: str, told: list[tuple[int, int]], pages_at: set[int]) -> Complaint | None:
    """Between the pieces are zeros at most, and before a page that Pillow appends a header of its own that leads to it."""
    reached = 0
    for begin, end in [*sorted(told), (len(data), len(data))]:
        gap = data[reached:begin].lstrip(b"\0")
        leads = (
            len(gap) == 8
            and gap[:4] == data[:4]
            and begin - 8 + struct.unpack(f"{order}I", gap[4:])[0] in pages_at
        )
        if begin - reached > _TIFF_PADDING + 8 * leads or (gap and not leads):
            return Complaint("picture.trailing", f"byte {reached}")
        reached = max(reached, end)
    return Complaint("picture.structure", "cut off") if reached > len(data) else None


def _tiff_values(data: bytes, entry: int, order: str) -> tuple[tuple[int, ...], tuple[int, int]]:
    """The whole numbers of a directory entry (none for other kinds), and where its values begin and end."""
    _tag, kind, count = struct.unpack_from(f"{order}HHI", data, entry)
    size = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}.get(kind, 1) * count
    place = entry + 8 if size <= 4 else struct.unpack_from(f"{order}I", data, entry + 8)[0]
    letter = {3: "H", 4: "I"}.get(kind)
    values = struct.unpack_from(f"{order}{count}{letter}", data, place) if letter else ()
    return values, (place, place + size)


_READERS: dict[str, Callable[[bytes], Complaint | None]] = {
    "png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp, "tiff": _tiff,
}  # fmt: skip
