"""Clean fonts of drawn pages: dictionaries of known keys, and programs that hold outlines and nothing that runs.

TrueType: eight tables, glyphs without instructions. CFF: dictionaries of known operators, charstrings that move, draw
lines and curves, and end. Sources: ISO 32000-1, 9.5 to 9.10; OpenType 1.9; Adobe Technical Notes 5176 and 5177.
"""

import itertools
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

from sekisho.sanitizer.verify.pdf_syntax import Name, Objects, Ref, Unclean, numbers, only

_FONT_NAME = re.compile(r"[A-Za-z0-9+,_.-]{1,127}\Z")
_GLYPH_NAME = re.compile(r"[A-Za-z0-9._]{1,63}\Z")
_MAP_NAME = re.compile(r"(?:[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,12}){0,3}-)?[HV]\Z")
_ENCODINGS = {"WinAnsiEncoding", "MacRomanEncoding", "MacExpertEncoding", "StandardEncoding"}
_SHARED = {"Type", "Subtype", "BaseFont", "ToUnicode"}
_WIDTHS = {"FirstChar", "LastChar", "Widths"}
_DESCRIPTOR_NUMBERS = {"Flags", "ItalicAngle", "Ascent", "Descent", "Leading", "CapHeight", "XHeight", "StemV", "StemH",
                       "AvgWidth", "MaxWidth", "MissingWidth", "FontWeight"}  # fmt: skip
_MAP_LINE = re.compile(
    rb"(?:/CIDInit /ProcSet findresource begin|12 dict begin|begincmap|endcmap|end"
    rb"|/CIDSystemInfo <</Registry \(Adobe\) /Ordering \((?:UCS|Identity)\) /Supplement 0>> def"
    rb"|/CMapName /[A-Za-z-]+ def|/CMapType [12] def|/WMode [01] def|CMapName currentdict /CMap defineresource pop"
    rb"|\d+ begin(?:codespacerange|bfchar|cidrange)|end(?:codespacerange|bfchar|cidrange)"
    rb"|<[0-9a-f]+> <[0-9a-f]*>(?: \d+)?)?\Z"
)
_TABLES = {b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"post"}
_DEEPEST_GLYPH, _MOST_DRAWN = 10, 2_000
_TOP_OPERATORS = {15, 17, 18, (12, 30), (12, 34), (12, 36), (12, 37)}
_PRIVATE_OPERATORS = {20, 21}
_OPERAND = rb"(?>[\x20-\xf6]|[\xf7-\xfe][\x00-\xff]|\x1c[\x00-\xff]{2}|\xff[\x00-\xff]{4})"
#: a width, then operators that move, draw lines or draw curves, with the operands that readers have room for; the end
_OUTLINES = re.compile(
    rb"(?=%(o)s)(?>(?>%(o)s){1,49}+[\x04-\x08\x15\x16\x18-\x1b\x1e\x1f])*+(?>%(o)s)?+\x0e" % {b"o": _OPERAND}
)

Glyphs = Callable[[dict[str, Any], dict[str, Any], str], None]


class Fonts:
    """Checks fonts, each once. ``glyphs`` checks the content of drawn ones."""

    def __init__(self, objects: Objects, glyphs: Glyphs) -> None:
        self.objects = objects
        self.glyphs = glyphs
        self.programs: set[int] = set()

    def check(self, ref: Ref) -> None:
        """Raises ``Unclean`` at the first thing a clean font may not hold."""
        font, place = self.objects.dictionary(ref, "Font"), f"font {ref.number}"
        kind = font["Subtype"]
        if kind == "Type0":
            self.composite(font, place)
        elif kind == "Type3":
            self._drawn(font, place)
        elif kind in {"Type1", "TrueType"}:
            only(font, {*_SHARED, *_WIDTHS, "FontDescriptor", "Encoding"}, place)
            self._descriptor(font, place)
            self._encoding(font.get("Encoding"), place)
        else:
            raise Unclean(f"{place}: {kind}")
        if kind != "Type3" and not _FONT_NAME.match(font["BaseFont"]):
            raise Unclean(f"{place}: name")
        numbers(font.get("Widths", []), None, place)
        numbers([font[key] for key in ("FirstChar", "LastChar") if key in font], None, place)
        if "ToUnicode" in font and font["ToUnicode"] != "Identity-H":
            self._map(font["ToUnicode"], place)

    def _encoding(self, encoding: Any, place: str) -> None:
        if encoding is None or (type(encoding) is Name and encoding in _ENCODINGS):
            return
        only(encoding, {"Type", "BaseEncoding", "Differences"}, place)
        if encoding.get("BaseEncoding", "WinAnsiEncoding") not in _ENCODINGS:
            raise Unclean(f"{place}: encoding")
        for item in encoding.get("Differences", []):
            if type(item) is not int and not _GLYPH_NAME.match(item):
                raise Unclean(f"{place}: glyph name")

    def _map(self, ref: Ref, place: str, *more: str) -> None:
        for line in self.objects.inflated(ref, *more).split(b"\n"):
            if not _MAP_LINE.match(line):
                raise Unclean(f"{place}: character map")

    def composite(self, font: dict[str, Any], place: str) -> None:
        """What a font of many characters is made of, but for its name and its map to Unicode."""
        only(font, {*_SHARED, "Encoding", "DescendantFonts"}, place)
        encoding = font["Encoding"]
        if type(encoding) is Ref:
            self._map(encoding, place, "Type", "CMapName", "WMode", "CIDSystemInfo")
            self._system(self.objects.dictionary(encoding, "CMap")["CIDSystemInfo"], place)
        elif not _MAP_NAME.match(encoding):
            raise Unclean(f"{place}: encoding")
        (descendant,) = font["DescendantFonts"]
        inner = self.objects.dictionary(descendant, "Font")
        only(inner, {"Type", "Subtype", "BaseFont", "CIDSystemInfo", "FontDescriptor", "DW", "DW2", "W", "W2",
                     "CIDToGIDMap"}, place)  # fmt: skip
        if inner["Subtype"] not in {"CIDFontType0", "CIDFontType2"} or not _FONT_NAME.match(
            inner["BaseFont"]
        ):
            raise Unclean(f"{place}: descendant")
        self._system(inner["CIDSystemInfo"], place)
        self._descriptor(inner, place)
        numbers([inner.get("DW", 0), *inner.get("DW2", [])], None, place)
        for key in ("W", "W2"):
            for item in inner.get(key, []):
                numbers(item if type(item) is list else [item], None, place)
        glyphs = inner.get("CIDToGIDMap", "Identity")
        if glyphs != "Identity" and len(self.objects.inflated(glyphs)) > 2 * 65_536:
            raise Unclean(f"{place}: glyphs")

    def _system(self, system: dict[str, Any], place: str) -> None:
        only(system, {"Registry", "Ordering", "Supplement"}, place)
        if (
            system["Registry"] != b"Adobe"
            or not system["Ordering"].isalnum()
            or type(system["Supplement"]) is not int
        ):
            raise Unclean(f"{place}: character collection")

    def _drawn(self, font: dict[str, Any], place: str) -> None:
        only(font, {"Type", "Subtype", "FontMatrix", "FontBBox", "CharProcs", "Resources", "Encoding", "ToUnicode",
                    *_WIDTHS}, place)  # fmt: skip
        numbers(font["FontMatrix"], 6, place)
        numbers(font["FontBBox"], 4, place)
        self._encoding(font["Encoding"], place)
        if not all(_GLYPH_NAME.match(called) for called in font["CharProcs"]):
            raise Unclean(f"{place}: glyph name")
        self.glyphs(font["CharProcs"], font["Resources"], place)

    def _descriptor(self, font: dict[str, Any], place: str) -> None:
        if "FontDescriptor" not in font:
            return
        entries = self.objects.dictionary(font["FontDescriptor"], "FontDescriptor")
        only(entries, {*_DESCRIPTOR_NUMBERS, "Type", "FontName", "FontBBox", "FontFile2", "FontFile3"}, place)
        numbers([value for key, value in entries.items() if key in _DESCRIPTOR_NUMBERS], None, place)
        numbers(entries.get("FontBBox", [0, 0, 0, 0]), 4, place)
        if not _FONT_NAME.match(entries["FontName"]):
            raise Unclean(f"{place}: name")
        for key, check, more in (("FontFile2", _truetype, "Length1"), ("FontFile3", _cff, "Subtype")):
            if key in entries and entries[key].number not in self.programs:
                self.programs.add(entries[key].number)
                try:
                    check(self.objects.inflated(entries[key], more))
                except (struct.error, IndexError, ValueError) as error:
                    raise Unclean(f"{place}: {key}") from error


# -- TrueType -----------------------------------------------------------------------------------------------------


def _truetype(data: bytes) -> None:
    """Eight tables that fill the file, glyphs whose instructions are none. Raises ``ValueError``."""
    count = struct.unpack_from(">IH", data)[1]
    tables: dict[bytes, bytes] = {}
    end = 12 + 16 * count
    for tag, _sum, start, length in struct.iter_unpack(">4sIII", data[12:end]):
        if tag not in _TABLES or tag in tables or start != end:
            raise ValueError(tag)
        tables[tag] = data[start : start + length]
        end = start + length + (-length % 4)
    if data[:4] != b"\x00\x01\x00\x00" or end != len(data):
        raise ValueError("sfnt")
    is_long = struct.unpack_from(">h", tables[b"head"], 50)[0]
    shape, unit = (">I", 1) if is_long else (">H", 2)
    places = [place * unit for (place,) in struct.iter_unpack(shape, tables[b"loca"])]
    _require_few_drawn(
        {
            glyph: _parts(tables[b"glyf"][low:high])
            for glyph, (low, high) in enumerate(itertools.pairwise(places))
            if high > low
        }
    )


def _require_few_drawn(parts: dict[int, list[int]]) -> None:
    """No glyph is part of itself or draws others many times over. Glyphs without parts are settled first, then what has them."""
    waiting = {glyph: inner for glyph, inner in parts.items() if inner}
    drawn = dict.fromkeys(parts.keys() - waiting.keys(), 1)
    for _level in range(_DEEPEST_GLYPH):
        settled = {
            g: 1 + sum(drawn.get(p, 1) for p in inner)
            for g, inner in waiting.items()
            if waiting.keys().isdisjoint(inner)
        }
        drawn |= settled
        waiting = {glyph: inner for glyph, inner in waiting.items() if glyph not in settled}
    if waiting or max(drawn.values(), default=0) > _MOST_DRAWN:
        raise ValueError("parts of glyphs")


def _parts(data: bytes) -> list[int]:
    """The glyphs that draw this one, none where it has outlines of its own."""
    contours = struct.unpack_from(">h", data)[0]
    if contours >= 0:
        if struct.unpack_from(">H", data, 10 + 2 * contours)[0]:
            raise ValueError("instructions")
        return []
    at, flags, parts = 10, 0x20, list[int]()
    while flags & 0x20:
        flags, part = struct.unpack_from(">HH", data, at)
        if flags & 0x100:
            raise ValueError("instructions")
        parts.append(part)
        at += (
            4
            + (4 if flags & 1 else 2)
            + (2 if flags & 8 else 4 if flags & 0x40 else 8 if flags & 0x80 else 0)
        )
    return parts


# -- CFF ----------------------------------------------------------------------------------------------------------


def _cff(data: bytes) -> None:
    """One font of plain outlines. Raises ``ValueError``."""
    if data[:4] != b"\x01\x00\x04\x04":
        raise ValueError("header")
    names, at = _index(data, 4)
    tops, at = _index(data, at)
    strings, at = _index(data, at)
    subroutines, _at = _index(data, at)
    (top,) = (dict(_entries(found, _TOP_OPERATORS)) for found in tops)
    if len(names) != 1 or subroutines or not all(text.isascii() for text in [*names, *strings]):
        raise ValueError("names")
    if (12, 36) in top:
        fonts, _at = _index(data, top[12, 36][0])
        for found in fonts:
            inner = dict(_entries(found, {18}))
            _private(data, inner[18])
    else:
        _private(data, top[18])
    for code in set(_index(data, top[17][0])[0]):
        _charstring(code)


def _private(data: bytes, place: list[int]) -> None:
    size, at = place
    list(_entries(data[at : at + size], _PRIVATE_OPERATORS))


def _index(data: bytes, at: int) -> tuple[list[bytes], int]:
    count = struct.unpack_from(">H", data, at)[0]
    if not count:
        return [], at + 2
    size = data[at + 2]
    table = data[at + 3 : at + 3 + size * (count + 1)]
    offsets = [int.from_bytes(table[i : i + size], "big") for i in range(0, len(table), size)]
    start = at + 2 + size * (count + 1)
    if len(offsets) != count + 1 or sorted(offsets) != offsets or start + offsets[-1] > len(data):
        raise ValueError("index")
    return [data[start + low : start + high] for low, high in itertools.pairwise(offsets)], start + offsets[
        -1
    ]


def _entries(data: bytes, allowed: set[Any]) -> Iterator[tuple[Any, list[int]]]:
    """Operators of a dictionary with their operands, all of which our writer puts in five bytes."""
    at, operands = 0, []
    while at < len(data):
        if data[at] == 29:
            operands.append(struct.unpack_from(">i", data, at + 1)[0])
            at += 5
            continue
        operator: Any = (12, data[at + 1]) if data[at] == 12 else data[at]
        if operator not in allowed:
            raise ValueError(operator)
        yield operator, operands
        at, operands = at + (2 if data[at] == 12 else 1), []


def _charstring(code: bytes) -> None:
    """A width, then movements, lines and curves to the end: no hint, no call, no arithmetic."""
    if not _OUTLINES.fullmatch(code):
        raise ValueError("charstring")
