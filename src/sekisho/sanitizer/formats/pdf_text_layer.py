"""The invisible text over a picture of a page: found with pdfium, filtered, written in a font without outlines.

The font is a Type 0 font whose every glyph is empty; a character code is the UTF-16 code unit itself, characters
beyond the basic plane take codes of the surrogate range, which no text uses. Text rendering mode 3 (ISO 32000-1, 9.3.6)
and a horizontal scale per word put each word over its picture.
"""

import ctypes
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref

# 1/1000 of the font size: Latin letters are about half as wide as they are high, the others are square.
_HALF, _FULL = 500, 1000
_ASCENT = 0.88
_SURROGATES = 0xD800
_MAX_ASTRAL = 0x800
_LINE_ENDS = {0x0A, 0x0D}
_HYPHENS = {0x02, 0xAD, 0xFFFE}
_DIRECTION = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_SLACK = 0.02


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

    def write(self, writer: PdfWriter) -> None:
        """Write the font program, its map to Unicode and the two fonts."""
        program = writer.add_stream({"Length1": len(_font_program())}, _font_program())
        glyphs = writer.add_stream({}, b"\x00\x01" * 0x10000)
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
                "W": [0, 0x10FF, _HALF, 0x1E00, 0x203A, _HALF, 0xFF61, 0xFFDC, _HALF],
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


def _font_program() -> bytes:
    """The smallest TrueType font that readers take: two glyphs, both without outlines (OpenType 1.9, required tables)."""
    head = struct.pack(">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, 1000, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0)  # fmt: skip
    hhea = struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 880, -120, 0, 1000, 0, 0, 1000, 1, 0, 0, 0, 0, 0, 0, 0, 1)  # fmt: skip
    maxp = struct.pack(">IH13H", 0x10000, 2, *([0] * 13))
    post = struct.pack(">IIhhI4I", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0)
    # One segment that ends the map: no character has a glyph of its own, codes reach glyphs by CIDToGIDMap.
    segments = struct.pack(">HHHHHHHHHHHH", 4, 24, 0, 2, 2, 0, 0, 0xFFFF, 0, 0xFFFF, 1, 0)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + segments
    tables = {
        b"cmap": cmap, b"glyf": b"\x00\x00\x00\x00", b"head": head, b"hhea": hhea,
        b"hmtx": struct.pack(">Hhh", 1000, 0, 0), b"loca": b"\x00" * 6, b"maxp": maxp, b"post": post,
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


@dataclass(frozen=True, slots=True)
class _Char:
    """A character and the box that its advance and the font's height span, in the page's units."""

    code: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Layer:
    """The text of one page: the operators that write it, and what it says."""

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
        known = _FILTERED[character] = filtered(character)
    return known


def text_layer(page: pdfium.FPDF_PAGE, fonts: Fonts) -> Layer:
    """The invisible text for a page, where the page has it."""
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return Layer(b"", "")
    try:
        units = list(_units(textpage))
    finally:
        pdfium.FPDFText_ClosePage(textpage)
    if not units:
        return Layer(b"", "")
    lines = [_shown(unit, fonts) for unit in units]
    text = "".join("".join(chr(char.code) for char in unit) for unit in units)
    return Layer(b"BT\n3 Tr\n" + b"\n".join(lines) + b"\nET\n", text)


def _units(textpage: pdfium.FPDF_TEXTPAGE) -> Iterator[list[_Char]]:
    """The characters by word: a word ends with its space, at a line's end, and where the writing jumps."""
    box = pdfium.FS_RECTF()
    reference = ctypes.byref(box)
    get_unicode, get_box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    unit: list[_Char] = []
    for index in range(pdfium.FPDFText_CountChars(textpage)):
        raw = get_unicode(textpage, index)
        code = _quickly_filtered(raw) if raw <= 0x10FFFF else 0xFFFD
        if not code:
            if raw in _LINE_ENDS and unit:
                yield unit
                unit = []
            continue
        get_box(textpage, index, reference)
        char = _Char(code, box.left, box.bottom, box.right, box.top)
        if code == 0x20:
            if unit:
                unit.append(char)
                yield unit
                unit = []
            continue
        if unit and not _continues(unit[-1], char):
            yield unit
            unit = []
        unit.append(char)
    if unit:
        yield unit


def _continues(last: _Char, char: _Char) -> bool:
    """Whether a character stands right after another on a line, or right below it in a column."""
    height = last.top - last.bottom
    slack = abs(height) * 0.3
    if abs(char.bottom - last.bottom) < slack and abs(char.top - last.top) < slack:
        return abs(char.left - last.right) < slack + 0.5
    return _is_below(last, char)


def _is_below(last: _Char, char: _Char) -> bool:
    slack = abs(last.right - last.left) * 0.3
    return abs(char.left - last.left) < slack and abs(char.top - last.bottom) < slack + 0.5


def _shown(unit: list[_Char], fonts: Fonts) -> bytes:
    first = unit[0]
    visible = len(unit) - (unit[-1].code == 0x20 and len(unit) > 1)
    last = unit[visible - 1]
    codes = [fonts.code(char.code) for char in unit]
    text = b"".join(b"%04x" % code for code in codes)
    if last is not first and last.top < first.bottom + (first.top - first.bottom) * 0.3:
        return _column(first, last, visible, text)
    size = min(max(first.top - first.bottom, 0.5), 2000.0)
    drawn = codes[:visible]
    natural = sum(_HALF if _is_half(code) else _FULL for code in drawn) * size / 1000
    width = max(last.right - first.left, natural * _SLACK)
    scale = min(max(width / natural * 100, 1.0), 1000.0)
    return b"/H %.2f Tf %.1f Tz 1 0 0 1 %.2f %.2f Tm <%s> Tj" % (
        size, scale, first.left, first.bottom + size * (1 - _ASCENT), text,
    )  # fmt: skip


def _column(first: _Char, last: _Char, count: int, text: bytes) -> bytes:
    """A vertical run: the origin of a glyph is the middle of its top (9.7.4.3), one step is the size."""
    size = min(max((first.top - last.bottom) / count, 0.5), 2000.0)
    middle = (first.left + first.right) / 2
    return b"/V %.2f Tf 100 Tz 1 0 0 1 %.2f %.2f Tm <%s> Tj" % (
        size, middle, first.top, text,
    )  # fmt: skip


def _is_half(code: int) -> bool:
    return code < 0x1100 or 0x1E00 <= code <= 0x203A or 0xFF61 <= code <= 0xFFDC
