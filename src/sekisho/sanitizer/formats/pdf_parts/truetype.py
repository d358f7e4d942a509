"""TrueType fonts (OpenType 1.9) taken apart and written anew: outlines, metrics and character tables.

Programs for hinting, names, licences, layout and whatever else a font may carry are left behind.
"""

import itertools
import re
import struct
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.pdf_parts.glyph_names import plain_glyph_name
from sekisho.sanitizer.formats.pdf_parts.outlines import MOST_DAMAGED
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

_MAX_GLYPHS = 65_535
_MAX_POINTS = 20_000
_MAX_COMPONENTS = 200
_MAX_DRAWN = 2_000  # glyphs that draw one, those of its parts counted again and again
_MAX_DEPTH = 8
# Flags of a composite's part: what is kept. Instructions (0x100) are not.
_WORDS, _MORE, _SCALE, _TWO_SCALES, _MATRIX = 0x1, 0x20, 0x8, 0x40, 0x80
_KEPT_FLAGS = _WORDS | 0x2 | 0x4 | _SCALE | _MORE | _TWO_SCALES | _MATRIX | 0x200 | 0x800 | 0x1000
# Flags of a point: on the curve, one byte across and up, repeated, the same place (or to the right and up), overlapping.
_REPEATS, _POINT_BITS = 0x08, 0x77
_KEPT_BITS = bytes(flag & _POINT_BITS for flag in range(256))
# How many bytes tell a point's way.
_ACROSS = bytes(1 if flag & 0x02 else 0 if flag & 0x10 else 2 for flag in range(256))
_UP = bytes(1 if flag & 0x04 else 0 if flag & 0x20 else 2 for flag in range(256))
_ALONE = re.compile(b"[%s]+" % b"".join(b"\\x%x0-\\x%x7" % (high, high) for high in range(16)))
_REPEATED = re.compile(rb"([\s\S])\1{1,255}")
_PLACES = {(0, 3): (3, 1), (3, 0): (3, 0), (3, 1): (3, 1), (1, 0): (1, 0), (3, 10): (3, 10), (0, 4): (3, 10),
           (0, 0): (3, 1), (0, 1): (3, 1), (0, 2): (3, 1)}  # fmt: skip


def tables_of(data: bytes) -> dict[bytes, bytes]:
    """The tables of an sfnt file by tag; of a collection the first font's."""
    at = 0
    if data[:4] == b"ttcf":
        at = int.from_bytes(data[12:16], "big")
    found: dict[bytes, bytes] = {}
    for index in range(min(int.from_bytes(data[at + 4 : at + 6], "big"), 100)):
        record = data[at + 12 + 16 * index : at + 28 + 16 * index]
        if len(record) == 16:
            start, length = struct.unpack(">8xII", record)
            found.setdefault(record[:4], data[start : start + length])
    return found


def rewritten_truetype(data: bytes) -> bytes:
    """The font as a new file. Raises ``Unreadable`` for damage."""
    try:
        return _Font(tables_of(data)).written()
    except (struct.error, IndexError, ValueError, KeyError, OverflowError) as error:
        raise Unreadable("pdf.font_unreadable", "TrueType") from error


@dataclass
class _Font:
    tables: dict[bytes, bytes]
    parts: dict[int, list[int]] = field(default_factory=dict)

    def written(self) -> bytes:
        head, hhea = self.tables[b"head"], self.tables[b"hhea"]
        self.count = min(int.from_bytes(self.tables[b"maxp"][4:6], "big"), _MAX_GLYPHS)
        unit = int.from_bytes(head[18:20], "big")
        if not self.count or not 16 <= unit <= 16_384:
            raise ValueError
        glyphs = self._glyphs(int.from_bytes(head[50:52], "big"))
        self._refuse_rings()
        bounds = struct.unpack(">4h", head[36:44])
        metrics = self._metrics(int.from_bytes(hhea[34:36], "big"))
        loca, glyf = _joined(glyphs)
        ascent, descent, gap = struct.unpack(">3h", hhea[4:10])
        new = {
            b"head": struct.pack(">IIIIHHQQ4hHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0x3, unit, 0, 0, *bounds,
                                 int.from_bytes(head[44:46], "big") & 3, 8, 2, 1, 0),
            b"hhea": struct.pack(">IhhhH11hH", 0x10000, ascent, descent, gap, max(metrics[::2]),
                                 0, 0, bounds[2], 1, 0, 0, 0, 0, 0, 0, 0, self.count),
            b"hmtx": struct.pack(">" + "Hh" * self.count, *metrics),
            b"maxp": self._maxima(glyphs),
            b"loca": loca, b"glyf": glyf or b"\x00", b"post": self._post(),
        }  # fmt: skip
        if cmap := _character_tables(self.tables.get(b"cmap", b""), self.count):
            new[b"cmap"] = cmap
        return _file(new)

    # -- glyphs -----------------------------------------------------------------------------------------------

    def _glyphs(self, is_long: int) -> list[bytes]:
        loca, glyf = self.tables[b"loca"], self.tables.get(b"glyf", b"")
        size = 4 if is_long else 2
        known = min(self.count, len(loca) // size - 1)
        if is_long:
            offsets = list(struct.unpack_from(f">{known + 1}I", loca))
        else:
            offsets = [2 * value for value in struct.unpack_from(f">{known + 1}H", loca)]
        glyphs = [b""] * self.count  # of a subset most stay empty
        whole, damaged = 0, 0
        for index, (low, high) in enumerate(itertools.pairwise(offsets)):
            # Where the glyphs do not lie in order, one goes as far as it says itself.
            end = min(high, len(glyf)) if low <= high else len(glyf)
            if end - low > 10:
                try:
                    glyphs[index] = self._glyph(index, glyf[low:end])
                    whole += 1
                except (struct.error, IndexError, ValueError):
                    damaged += 1
        if damaged > (whole + damaged) * MOST_DAMAGED:
            raise ValueError
        return glyphs

    def _glyph(self, index: int, data: bytes) -> bytes:
        contours = int.from_bytes(data[:2], "big", signed=True)
        bounds = struct.unpack(">4h", data[2:10])
        body = self._composite(index, data) if contours < 0 else _simple(data, contours)
        return struct.pack(">5h", contours if contours >= 0 else -1, *bounds) + body if body else b""

    def _composite(self, index: int, data: bytes) -> bytes:
        """Parts drawn by other glyphs: each with its place and scale."""
        parts: list[int] = []
        at, out = 10, b""
        while True:
            flags, part = struct.unpack_from(">HH", data, at)
            size = 4 if flags & _WORDS else 2
            scale = 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0
            if part >= self.count or len(parts) >= _MAX_COMPONENTS:
                raise ValueError
            place = struct.unpack_from(">hh" if size == 4 else ">bb", data, at + 4)
            scales = struct.unpack_from(f">{scale // 2}h", data, at + 4 + size)
            out += struct.pack(">HH", flags & _KEPT_FLAGS, part)
            out += struct.pack(">hh" if size == 4 else ">bb", *place) + struct.pack(
                f">{scale // 2}h", *scales
            )
            parts.append(part)
            at += 4 + size + scale
            if not flags & _MORE:
                self.parts[index] = parts
                return out

    def _refuse_rings(self) -> None:
        """No glyph may be part of itself, be nested without end, or draw others many times over."""
        measured: dict[int, tuple[int, int]] = {}  # how deep, and how many are drawn

        def measure(index: int, path: int) -> tuple[int, int]:
            if path > _MAX_DEPTH:
                raise ValueError
            if index not in measured:
                inner = [measure(part, path + 1) for part in self.parts.get(index, ())]
                measured[index] = (
                    1 + max((deep for deep, _ in inner), default=0),
                    1 + sum(n for _, n in inner),
                )
            return measured[index]

        for index in self.parts:
            deep, drawn = measure(index, 0)
            if deep > _MAX_DEPTH + 1 or drawn > _MAX_DRAWN:
                raise ValueError

    # -- tables -----------------------------------------------------------------------------------------------

    def _metrics(self, known: int) -> list[int]:
        """Width and left side of every glyph in turn."""
        table = self.tables[b"hmtx"]
        known = min(max(known, 1), self.count, len(table) // 4)
        metrics = list(struct.unpack_from(">" + "Hh" * known, table))
        rest = self.count - known
        sides = struct.unpack(f">{rest}h", table[4 * known : 4 * known + 2 * rest].ljust(2 * rest, b"\x00"))
        for side in sides:
            metrics += (metrics[-2], side)
        return metrics

    def _maxima(self, glyphs: list[bytes]) -> bytes:
        """Sizes a reader sets memory aside for: those of the source, which it must have had right, within bounds."""
        given = self.tables[b"maxp"][6:14].ljust(8, b"\x00")
        points, contours, part_points, part_contours = struct.unpack(">4H", given)
        most = max(
            (int.from_bytes(glyph[:2], "big") for glyph in glyphs if glyph and glyph[0] < 0x80), default=0
        )
        return struct.pack(">IH13H", 0x10000, self.count, points, max(contours, most), part_points, part_contours,
                           2, 0, 0, 0, 0, 0, 0, min(_MAX_COMPONENTS, 255), _MAX_DEPTH)  # fmt: skip

    def _post(self) -> bytes:
        """Glyph names, because some viewers find glyphs by them."""
        table = self.tables.get(b"post", b"")
        header = struct.pack(">IhhI4I", 0, -100, 50, 0, 0, 0, 0, 0)  # behind the version, from the slant on
        if table[:4] != b"\x00\x02\x00\x00":
            return b"\x00\x03\x00\x00" + header
        count = int.from_bytes(table[32:34], "big")
        if count != self.count or len(table) < 34 + 2 * count:
            return b"\x00\x03\x00\x00" + header
        indices = struct.unpack_from(f">{count}H", table, 34)
        names: list[str] = []
        at = 34 + 2 * count
        while at < len(table) and len(names) < count:
            length = table[at]
            names.append(plain_glyph_name(table[at + 1 : at + 1 + length].decode("latin-1")))
            at += 1 + length
        kept = [index if index < 258 + len(names) else 0 for index in indices]
        written = b"".join(bytes([len(called)]) + called.encode("ascii") for called in names)
        return b"\x00\x02\x00\x00" + header + struct.pack(f">H{count}H", count, *kept) + written


def _simple(data: bytes, contours: int) -> bytes:
    """The points of a glyph: every flag tells how its own are spelled, and any bytes are some. Instructions are left out."""
    if contours == 0:
        return b""
    ends = struct.unpack_from(f">{contours}H", data, 10)
    count = ends[-1] + 1
    if count > _MAX_POINTS or any(low >= high for low, high in itertools.pairwise(ends)):
        raise ValueError
    at = 10 + 2 * contours
    flags, at = _flags(data, at + 2 + int.from_bytes(data[at : at + 2], "big"), count)
    length = sum(flags.translate(_ACROSS)) + sum(flags.translate(_UP))
    places = data[at : at + length]
    if len(places) != length:
        raise ValueError
    return struct.pack(f">{contours}H", *ends) + b"\x00\x00" + _REPEATED.sub(_counted, flags) + places


def _flags(data: bytes, at: int, count: int) -> tuple[bytes, int]:
    """One for every point, without what means nothing, and the place behind them."""
    found = bytearray()
    while len(found) < count:
        alone = _ALONE.match(data, at, at + count - len(found))
        if alone is not None:
            found += alone[0]
            at = alone.end()
        else:
            found += data[at : at + 1] * (data[at + 1] + 1)
            at += 2
    if len(found) != count:
        raise ValueError
    return bytes(found).translate(_KEPT_BITS), at


def _counted(run: re.Match[bytes]) -> bytes:
    return bytes((run[0][0] | _REPEATS, len(run[0]) - 1))


def _joined(glyphs: list[bytes]) -> tuple[bytes, bytes]:
    pieces = [glyph and glyph + b"\x00" * (-len(glyph) % 4) for glyph in glyphs]
    offsets = list(itertools.accumulate(map(len, pieces), initial=0))
    return struct.pack(f">{len(offsets)}I", *offsets), b"".join(pieces)


# -- character tables ---------------------------------------------------------------------------------------------


def characters_of(data: bytes) -> dict[int, int]:
    """The glyph of each character of Unicode, in a font of ours."""
    found = _mappings(data, 0xFFFF)
    return found.get((3, 10)) or found.get((3, 1)) or {}


def _mappings(data: bytes, glyphs: int) -> dict[tuple[int, int], dict[int, int]]:
    found: dict[tuple[int, int], dict[int, int]] = {}
    for index in range(min(int.from_bytes(data[2:4], "big"), (len(data) - 4) // 8, 30)):
        platform, encoding, offset = struct.unpack_from(">HHI", data, 4 + 8 * index)
        place = _PLACES.get((platform, encoding))
        if place is None or found.get(place):
            continue
        try:
            mapping = _mapping(data[offset:])
        except (struct.error, IndexError):
            continue
        found[place] = {code: glyph for code, glyph in mapping.items() if 0 < glyph < glyphs}
    return found


def _character_tables(data: bytes, glyphs: int) -> bytes:
    """The tables that PDF viewers look into (9.6.6.4), each written in its plainest format."""
    found = _mappings(data, glyphs)
    if not found:
        return b""
    records, bodies = b"", b""
    at = 4 + 8 * len(found)
    for (platform, encoding), mapping in sorted(found.items()):
        body = (
            _segments(mapping)
            if encoding == 10
            else _bytes_table(mapping)
            if platform == 1
            else _words(mapping)
        )
        records += struct.pack(">HHI", platform, encoding, at + len(bodies))
        bodies += body
    return struct.pack(">HH", 0, len(found)) + records + bodies


def _mapping(table: bytes) -> dict[int, int]:
    kind = int.from_bytes(table[:2], "big")
    if kind == 0:
        return dict(enumerate(table[6:262]))
    if kind == 2:
        return _mapping2(table)
    if kind == 4:
        return _mapping4(table)
    if kind == 6:
        first, count = struct.unpack_from(">HH", table, 6)
        return {first + at: glyph for at, glyph in enumerate(struct.unpack_from(f">{count}H", table, 10))}
    if kind == 12:
        found: dict[int, int] = {}
        for index in range(min(int.from_bytes(table[12:16], "big"), 70_000)):
            low, high, glyph = struct.unpack_from(">III", table, 16 + 12 * index)
            if low > high or high - low > _MAX_GLYPHS or high > 0x10FFFF:
                raise IndexError
            found.update((low + at, glyph + at) for at in range(high - low + 1))
        return found
    return {}


def _mapping2(table: bytes) -> dict[int, int]:
    """Codes of one and two bytes: the first byte chooses a range of second bytes, range 0 being that of single ones."""
    keys = struct.unpack_from(">256H", table, 6)
    found: dict[int, int] = {}
    for lead, key in enumerate(keys):
        first, count, delta, distance = struct.unpack_from(">HHhH", table, 518 + key)
        at = 518 + key + 6 + distance  # the distance is counted from where it stands
        lows = range(first, min(first + count, 256))
        if not key:
            lows = range(lead, lead + 1) if lead in lows else range(0)
        for low in lows:
            place = at + 2 * (low - first)
            if glyph := int.from_bytes(table[place : place + 2], "big"):
                found[low if not key else lead << 8 | low] = (glyph + delta) & 0xFFFF
    return found


def _mapping4(table: bytes) -> dict[int, int]:
    segments = int.from_bytes(table[6:8], "big") // 2
    ends = struct.unpack_from(f">{segments}H", table, 14)
    starts = struct.unpack_from(f">{segments}H", table, 16 + 2 * segments)
    deltas = struct.unpack_from(f">{segments}H", table, 16 + 4 * segments)
    base = 16 + 6 * segments
    ranges = struct.unpack_from(f">{segments}H", table, base)
    found: dict[int, int] = {}
    for index, (low, high, delta, distance) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(low, min(high, 0xFFFE) + 1):
            glyph = code
            if distance:
                place = base + 2 * index + distance + 2 * (code - low)
                glyph = int.from_bytes(table[place : place + 2], "big")
                if not glyph:
                    continue
            found[code] = (glyph + delta) & 0xFFFF
    return found


def _bytes_table(mapping: dict[int, int]) -> bytes:
    """Format 6, which like format 0 maps bytes but has room for large glyph numbers."""
    return struct.pack(">5H256H", 6, 10 + 512, 0, 0, 256, *(mapping.get(code, 0) for code in range(256)))


def _words(mapping: dict[int, int]) -> bytes:
    """Format 4 by runs of codes whose glyphs run along."""
    runs = _runs({code: glyph for code, glyph in mapping.items() if code < 0xFFFF})
    runs = [*runs[:8_000], (0xFFFF, 0xFFFF, 0)]
    count = len(runs)
    power = 1 << (count.bit_length() - 1)
    search = (2 * power, power.bit_length() - 1, 2 * count - 2 * power)
    ends = [high for _low, high, _glyph in runs]
    starts = [low for low, _high, _glyph in runs]
    deltas = [(glyph - low) & 0xFFFF for low, _high, glyph in runs]
    deltas[-1] = 1
    body = struct.pack(f">{count}HH{count}H{count}H{count}H", *ends, 0, *starts, *deltas, *([0] * count))
    return struct.pack(">HHH4H", 4, 14 + len(body), 0, 2 * count, *search) + body


def _segments(mapping: dict[int, int]) -> bytes:
    runs = _runs(mapping)
    body = b"".join(struct.pack(">III", low, high, glyph) for low, high, glyph in runs)
    return struct.pack(">HHIII", 12, 0, 16 + len(body), 0, len(runs)) + body


def _runs(mapping: dict[int, int]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for code, glyph in sorted(mapping.items()):
        if runs and code == runs[-1][1] + 1 and glyph == runs[-1][2] + code - runs[-1][0]:
            runs[-1] = (runs[-1][0], code, runs[-1][2])
        else:
            runs.append((code, code, glyph))
    return runs


def _file(tables: dict[bytes, bytes]) -> bytes:
    """The file with its directory and checksums."""
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    at = 12 + 16 * count
    directory, body = b"", b""
    for tag, table in sorted(tables.items()):
        padded = table + b"\x00" * (-len(table) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, total, at + len(body), len(table))
        body += padded
    head = struct.pack(">IHHHH", 0x10000, count, power * 16, power.bit_length() - 1, (count - power) * 16)
    return head + directory + body
