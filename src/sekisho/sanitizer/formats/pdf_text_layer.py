"""The invisible text over a picture of a page: found with pdfium, filtered, written in a font that draws nothing.

The font is a Type 0 font of two glyphs, half and full width. Each is a stroke without area from corner to corner: it
draws nothing, but has a box, without which pdfium takes a lone character for nothing and leaves it out. A character
code is the UTF-16 code unit itself, characters beyond the basic plane take codes of the surrogate range, which no text
uses. Text rendering mode 3 (ISO 32000-1, 9.3.6) and a horizontal scale per word put each word over its picture.
"""

import ctypes
import re
import struct
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref

# 1/1000 of the font size: Latin letters are about half as wide as they are high, the others are square.
_HALF, _FULL = 500, 1000
_WIDE = "\u1100"  # below it every character is half as wide
_HALF_WIDTH = ((0, 0x10FF), (0x1E00, 0x203A), (0xFF61, 0xFFDC))
_ASCENT = 0.88
_DESCENT = 120
_SURROGATES = 0xD800
_MAX_ASTRAL = 0x800
_LINE_ENDS = {0x0A, 0x0D}
_HYPHENS = {0x02, 0xAD, 0xFFFE}
_DIRECTION = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_SLACK = 0.02
_WIDER = 1.2  # times the natural width, up to which a word has no gap in it
_SPACE = 0x20
_VARIANTS = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}  # choose a shape, which the picture shows
_WORD = re.compile(r"[^ \r\n]+ ?")


@dataclass
class Fonts:
    """The two fonts of the text layer, written at the end, when all characters are known."""

    horizontal: Ref
    vertical: Ref
    astral: dict[int, int] = field(default_factory=dict)

    @classmethod
    def reserved(cls, writer: PdfWriter) -> "Fonts":
        return cls(writer.reserve(), writer.reserve())

    @property
    def resources(self) -> dict[str, dict[str, Ref]]:
        return {"Font": {"H": self.horizontal, "V": self.vertical}}

    def code(self, character: int) -> int:
        """The two-byte code of a character; past 2,048 different rare ones they become U+FFFD."""
        if character < 0x10000:
            return character
        if character not in self.astral and len(self.astral) >= _MAX_ASTRAL:
            return 0xFFFD
        return self.astral.setdefault(character, _SURROGATES + len(self.astral))

    def written(self, text: str) -> str:
        """The codes of characters in hexadecimal."""
        if text.isascii() or max(text) < "\U00010000":
            return text.encode("utf-16-be").hex()
        return "".join([f"{self.code(ord(character)):04x}" for character in text])

    def write(self, writer: PdfWriter) -> None:
        """Write the font program, its map to Unicode and the two fonts."""
        program = writer.add_stream({"Length1": len(_font_program())}, _font_program())
        glyphs = writer.add_stream({}, _glyphs_of_codes())
        unicode_map = writer.add_stream({}, self._unicode_map())
        descriptor = writer.add({
            "Type": Name("FontDescriptor"), "FontName": Name("SekishoBlank"), "Flags": 4,
            "FontBBox": [0, -120, 1000, 880], "ItalicAngle": 0, "Ascent": 880, "Descent": -120,
            "CapHeight": 880, "StemV": 80, "FontFile2": program,
        })  # fmt: skip
        for ref, encoding in ((self.horizontal, "Identity-H"), (self.vertical, "Identity-V")):
            descendant = writer.add({
                "Type": Name("Font"), "Subtype": Name("CIDFontType2"), "BaseFont": Name("SekishoBlank"),
                "CIDSystemInfo": {"Registry": "Adobe", "Ordering": "Identity", "Supplement": 0},
                "FontDescriptor": descriptor, "DW": _FULL, "CIDToGIDMap": glyphs,
                "W": [part for low, high in _HALF_WIDTH for part in (low, high, _HALF)],
            })  # fmt: skip
            writer.add({
                "Type": Name("Font"), "Subtype": Name("Type0"), "BaseFont": Name("SekishoBlank"),
                "Encoding": Name(encoding), "DescendantFonts": [descendant], "ToUnicode": unicode_map,
            }, ref)  # fmt: skip

    def _unicode_map(self) -> bytes:
        """A CMap (Adobe Technical Note 5411): identity by ranges of 256, then the rare characters one by one."""
        ranges = [b"<%02x00><%02xff><%02x00>" % (high, high, high) for high in range(0x100)]
        ranges = [line for high, line in enumerate(ranges) if not 0xD8 <= high <= 0xDF]
        single = [
            b"<%04x><%s>" % (code, chr(character).encode("utf-16-be").hex().encode())
            for character, code in self.astral.items()
        ]
        parts = [
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            b"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
            b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            b"1 begincodespacerange <0000><ffff> endcodespacerange",
            *_blocks(ranges, b"bfrange"), *_blocks(single, b"bfchar"),
            b"endcmap CMapName currentdict /CMap defineresource pop end end",
        ]  # fmt: skip
        return b"\n".join(parts)


def _blocks(lines: list[bytes], kind: bytes) -> Iterator[bytes]:
    for at in range(0, len(lines), 100):
        block = lines[at : at + 100]
        yield b"\n".join([b"%d begin%s" % (len(block), kind), *block, b"end" + kind])


def _glyphs_of_codes() -> bytes:
    """The glyph of every code: 1 for half, 2 for full width."""
    glyphs = bytearray(b"\x00\x02" * 0x10000)
    for low, high in _HALF_WIDTH:
        glyphs[2 * low : 2 * high + 2] = b"\x00\x01" * (high - low + 1)
    return bytes(glyphs)


def _stroke(width: int) -> bytes:
    """A glyph of one contour with two points: it has the box of a character and no area."""
    box = struct.pack(">hhhhh", 1, 0, -_DESCENT, width, 1000 - _DESCENT)
    return box + struct.pack(">HHBBhhhh", 1, 0, 1, 1, 0, width, -_DESCENT, 1000)


def _font_program() -> bytes:
    """A small TrueType font that readers take (OpenType 1.9, required tables): an empty glyph, a half, a full one."""
    head = struct.pack(">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, 1000, 0, 0, 0, -_DESCENT, _FULL, 880, 0, 8, 2, 0, 0)  # fmt: skip
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 880, -_DESCENT, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, 3)  # fmt: skip
    maxp = struct.pack(">IH13H", 0x10000, 3, 2, 1, *([0] * 11))
    post = struct.pack(">IIhhI4I", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0)
    strokes = _stroke(_HALF), _stroke(_FULL)
    loca = struct.pack(">4H", 0, 0, len(strokes[0]) // 2, len(b"".join(strokes)) // 2)
    # One segment that ends the map: no character has a glyph of its own, codes reach glyphs by CIDToGIDMap.
    segments = struct.pack(">HHHHHHHHHHHH", 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + segments
    tables = {
        b"cmap": cmap, b"glyf": b"".join(strokes), b"head": head, b"hhea": hhea,
        b"hmtx": struct.pack(">HhHhHh", _FULL, 0, _HALF, 0, _FULL, 0), b"loca": loca, b"maxp": maxp, b"post": post,
    }  # fmt: skip
    directory, body = b"", b""
    start = 12 + 16 * len(tables)
    for tag, table in tables.items():
        padded = table + b"\x00" * (-len(table) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += tag + struct.pack(">III", checksum, start + len(body), len(table))
        body += padded
    return struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128) + directory + body


# -- reading the text of a page -----------------------------------------------------------------------------------


Box = tuple[float, float, float, float]  # left, bottom, right, top in the page's units


class _Unit(NamedTuple):
    """Characters that stand in a row or column, and the boxes of the first and the last that is not a space.

    A box spans the advance of a character and the height of its font.
    """

    text: str
    first: Box
    last: Box


def _visible(text: str) -> str:
    """Without the space at the end."""
    return text[:-1] if text[-1] == " " and len(text) > 1 else text


@dataclass(frozen=True)
class Layer:
    """The text of one page: the operators that write it, and what it says, line by line."""

    content: bytes
    text: str


def filtered(character: int) -> int:
    """The character as it may stand in a clean text, 0 when it may not.

    Controls and direction marks deceive readers and programs; characters of private use (外字) have no meaning outside
    the font that drew them and become U+FFFD.
    """
    if character in _HYPHENS:
        return 0x2D
    if character in _DIRECTION:
        return 0
    category = unicodedata.category(chr(character))
    if category in {"Co", "Cn"}:
        return 0xFFFD
    return 0 if category in {"Cc", "Cs", "Cf", "Zl", "Zp"} else character


_FILTERED: dict[int, int] = {}


def _quickly_filtered(character: int) -> int:
    known = _FILTERED.get(character)
    if known is None:
        known = _FILTERED[character] = 0 if character in _VARIANTS else filtered(character)
    return known


def _is_as_usual(character: int) -> bool:
    return character in _LINE_ENDS or (
        0 < character <= 0x10FFFF and _quickly_filtered(character) == character
    )


def text_layer(page: pdfium.FPDF_PAGE, fonts: Fonts, without: Collection[int] = ()) -> Layer:
    """The invisible text for a page, where the page has it; ``without`` the characters at these places."""
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return Layer(b"", "")
    try:
        characters = _characters(textpage)
        units = _columns(_units(textpage, characters, without))
    finally:
        pdfium.FPDFText_ClosePage(textpage)
    if not units:
        return Layer(b"", "")
    lines = "\n".join([_shown(unit, fonts) for unit in units])
    return Layer(f"BT\n3 Tr\n{lines}\nET\n".encode("ascii"), _said(characters, without))


def _said(characters: Sequence[int], without: Collection[int]) -> str:
    left = enumerate(characters)
    return "".join([chr(code) for place, code in left if 0 < code <= 0x10FFFF and place not in without])


def _units(
    textpage: pdfium.FPDF_TEXTPAGE, characters: Sequence[int], without: Collection[int]
) -> Iterator[_Unit]:
    """The characters by word: a word ends with its space, at a line's end, and where the writing jumps."""
    boxes = _boxes(textpage)
    for places, text in _words(characters, without):
        visible = len(_visible(text))
        first, last = boxes(places[0]), boxes(places[visible - 1])
        if visible == 1 or _runs_evenly(first, last, text[:visible]):
            yield _Unit(text, first, last)
        else:
            yield from _cut(boxes, places, text)


def _words(characters: Sequence[int], without: Collection[int]) -> Iterator[tuple[Sequence[int], str]]:
    """Where the characters of each word stand on the page, and what they are."""
    if not without and all(map(_is_as_usual, set(characters))):
        said = "".join(map(chr, characters))
        for match in _WORD.finditer(said):
            yield range(match.start(), match.end()), match[0]
        return
    places: list[int] = []
    codes: list[str] = []
    for place, raw in enumerate(characters):
        code = _quickly_filtered(raw) if raw <= 0x10FFFF else 0xFFFD
        if without and place in without:
            code = 0
        if code and (code != _SPACE or codes):
            places.append(place)
            codes.append(chr(code))
        if codes and (code == _SPACE or raw in _LINE_ENDS):
            yield places, "".join(codes)
            places, codes = [], []
    if codes:
        yield places, "".join(codes)


def _columns(units: Iterable[_Unit]) -> list[_Unit]:
    """The same with columns put together: where each character was set for itself, pdfium ends a line after each."""
    joined: list[_Unit] = []
    for unit in units:
        if len(unit.text) == 1 and joined:
            before = joined[-1]
            if _is_column(before) and _stands_below(before.last, unit.first):
                joined[-1] = _Unit(before.text + unit.text, before.first, unit.last)
                continue
        joined.append(unit)
    return joined


def _is_column(unit: _Unit) -> bool:
    """Whether the writing may go on below: one character, or several below one another."""
    return len(unit.text) == 1 or _is_below(unit.first, unit.last)


def _stands_below(last: Box, box: Box) -> bool:
    """Whether a character comes next in a column: its middle under that of the one before, and not far below it.

    Marks and small letters have smaller boxes than the others and stand aside in them.
    """
    size = max(last[2] - last[0], last[3] - last[1], box[2] - box[0], box[3] - box[1])
    aside = abs((box[0] + box[2]) - (last[0] + last[2])) / 2
    return aside < size * 0.6 and _is_below(last, box) and last[1] - box[3] < size * 0.6


def _is_below(upper: Box, lower: Box) -> bool:
    return lower[3] < upper[1] + (upper[3] - upper[1]) * 0.3


def _characters(textpage: pdfium.FPDF_TEXTPAGE) -> Sequence[int]:
    """The code points of a page, read at once where each is one unit of UTF-16.

    pdfium counts the two halves of a character beyond the basic plane as two: the first place takes it, the second
    nothing.
    """
    count = max(pdfium.FPDFText_CountChars(textpage), 0)
    buffer = (ctypes.c_ushort * (count + 1))()
    if pdfium.FPDFText_GetText(textpage, 0, count, buffer) == count + 1:
        units = buffer[:count]
    else:
        units = [pdfium.FPDFText_GetUnicode(textpage, index) for index in range(count)]
    for place in [at for at, unit in enumerate(units[:-1]) if 0xD800 <= unit < 0xDC00]:
        low = units[place + 1]
        if 0xDC00 <= low < 0xE000:
            units[place] = 0x10000 + ((units[place] - 0xD800) << 10) + low - 0xDC00
            units[place + 1] = 0
    return units


def _boxes(textpage: pdfium.FPDF_TEXTPAGE) -> Callable[[int], Box]:
    rect = pdfium.FS_RECTF()
    reference, get = ctypes.byref(rect), pdfium.FPDFText_GetLooseCharBox

    def box(place: int) -> Box:
        get(textpage, place, reference)
        return rect.left, rect.bottom, rect.right, rect.top

    return box


def _cut(boxes: Callable[[int], Box], places: Sequence[int], text: str) -> Iterator[_Unit]:
    """A word that does not run evenly along a line, cut where it jumps."""
    begin, first = 0, boxes(places[0])
    box = first
    for number in range(1, len(_visible(text))):
        following = boxes(places[number])
        if not _continues(box, following):
            yield _Unit(text[begin:number], first, box)
            begin, first = number, following
        box = following
    yield _Unit(text[begin:], first, box)


def _runs_evenly(first: Box, last: Box, visible: str) -> bool:
    """Whether nothing can lie between the characters: the same line, and no wider than so many characters are."""
    bottom, top = first[1], first[3]
    height = top - bottom
    slack = height * 0.3
    if height <= 0 or abs(bottom - last[1]) >= slack or abs(top - last[3]) >= slack:
        return False
    return 0 < last[2] - first[0] <= _natural(visible) * height * _WIDER


def _natural(text: str) -> float:
    """How wide our own font sets the characters, in font sizes."""
    if text.isascii() or max(text) < _WIDE:
        return len(text) * _HALF / 1000
    return sum(_HALF if _is_half(ord(character)) else _FULL for character in text) / 1000


def _continues(last: Box, box: Box) -> bool:
    """Whether a character stands right after another on a line, or right below it in a column."""
    slack = abs(last[3] - last[1]) * 0.3
    if abs(box[1] - last[1]) < slack and abs(box[3] - last[3]) < slack:
        return abs(box[0] - last[2]) < slack + 0.5
    slack = abs(last[2] - last[0]) * 0.3
    return abs(box[0] - last[0]) < slack and abs(box[3] - last[1]) < slack + 0.5


def _shown(unit: _Unit, fonts: Fonts) -> str:
    text, (left, bottom, right, top), last = unit
    visible = _visible(text)
    if len(visible) > 1 and _is_below(unit.first, last):
        size = min(max((top - last[1]) / len(visible), 0.5), 2000.0)
        # A vertical run: the origin of a glyph is the middle of its top (9.7.4.3), one step is the size.
        return f"/V {size:.2f} Tf 100 Tz 1 0 0 1 {(left + right) / 2:.2f} {top:.2f} Tm <{fonts.written(text)}> Tj"
    size = min(max(top - bottom, 0.5), 2000.0)
    natural = _natural(visible) * size
    width = max(last[2] - left, natural * _SLACK)
    scale = min(max(width / natural * 100, 1.0), 1000.0)
    base = bottom + size * (1 - _ASCENT)
    return f"/H {size:.2f} Tf {scale:.1f} Tz 1 0 0 1 {left:.2f} {base:.2f} Tm <{fonts.written(text)}> Tj"


def _is_half(code: int) -> bool:
    return any(low <= code <= high for low, high in _HALF_WIDTH)
