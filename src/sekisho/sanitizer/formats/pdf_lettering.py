"""Words that a source leaves to be drawn by whoever shows it: set in the Japanese font that comes with this package.

The font goes along with the glyphs that were shown and no others, so that every reader shows the same.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.drawing_fonts import JAPANESE_FONT
from sekisho.sanitizer.formats.pdf_parts import cmaps
from sekisho.sanitizer.formats.pdf_parts.cff import read_cff
from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.outlines import Program
from sekisho.sanitizer.formats.pdf_parts.truetype import characters_of, tables_of
from sekisho.sanitizer.formats.pdf_writer import number_bytes

LEFT, CENTRED, RIGHT = range(3)
_NAME = "NotoSansJP-Regular"
_ASCENT, _DESCENT = 0.88, 0.12  # of a letter of Japanese, in sizes
_LEADING = 1.25
_GETA = 0x3013  # 〓, which printers set where they have no type
_MOST_MISSING = 0.25
_SIZES = (4, 6, 8, 9, 10, 12, 14, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 70, 80, 90, 100, 110, 120, 130, 144)
_LARGEST_OF_LINES = 12  # where words run over several lines and no size is asked for
_MAX_LINES = 500
_BEGINS_NO_LINE = frozenset("、。，．,.！？!?）」』】〕〉》)]}ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ・：；")

# As Japanese is written by Macs: a letter, and the marks on it apart. Other letters must stay as they are: composed anew,
# some of names would become others.
_MARKED = re.compile("[^\\s][\u0300-\u036f\u3099\u309a]++")
_VARIANTS = {chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}


@lru_cache(1)
def _tables() -> dict[bytes, bytes]:
    return tables_of(JAPANESE_FONT.read_bytes())


@lru_cache(1)
def _glyphs() -> dict[int, int]:
    """The glyph of each character that the font has."""
    return characters_of(_tables()[b"cmap"])


@lru_cache(1)
def _advances() -> tuple[int, ...]:
    tables = _tables()
    count = int.from_bytes(tables[b"hhea"][34:36], "big")
    return struct.unpack_from(">" + "Hh" * count, tables[b"hmtx"])[::2]


def has_letters_for(said: str) -> bool:
    """Whether the font has glyphs for it, but perhaps for a few characters."""
    plain = _plain(said)
    return sum(map(_is_missing, plain)) <= len(plain) * _MOST_MISSING


def _is_missing(letter: str) -> bool:
    return letter != "\n" and ord(letter) not in _glyphs()


def _glyph(letter: str) -> int:
    return _glyphs().get(ord(letter)) or _glyphs()[_GETA]


def _plain(said: str) -> str:
    """Words as they are set: letters and their marks as one character, and nothing that draws nothing."""
    joined = _MARKED.sub(lambda match: unicodedata.normalize("NFC", match[0]), "\n".join(said.splitlines()))
    return "".join(letter for letter in joined.replace("\t", " ") if letter == "\n" or not _is_unseen(letter))


def _is_unseen(letter: str) -> bool:
    return letter in _VARIANTS or unicodedata.category(letter) in {"Cc", "Cf"}


@dataclass(frozen=True)
class Place:
    """Where words go: a width and a height, what stays free on each side, and how lines lie in it.

    ``size`` 0 asks for one that fits. ``cells``: so many boxes of one letter each, 0 for none.
    """

    width: float
    height: float
    margin: float = 1
    size: float = 0
    align: int = LEFT
    has_lines: bool = False
    cells: int = 0


@dataclass
class Lettering:
    """What was set so far for one file. ``font``: its font, complete once ``finish`` was called."""

    pdf: pikepdf.Pdf
    font: Any = None
    _codes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.font = self.pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font))

    def resources(self) -> Any:
        """What operators of ``set_in`` need, as ``/J``."""
        return pikepdf.Dictionary(Font=pikepdf.Dictionary(J=self.font))

    def set_in(self, place: Place, said: str, colour: bytes) -> bytes:
        """The operators that show the words there, and nothing beside it."""
        plain = _plain(said)
        if not place.has_lines:
            plain = plain.replace("\n", " ")
        size, lines = _fitted(place, plain)
        shown = [
            b"1 0 0 1 %s %s Tm <%s> Tj" % (number_bytes(x), number_bytes(y), self._written(words))
            for x, y, words in _placed(place, size, lines)
            if words
        ]
        if not shown:
            return b""
        inside = (place.margin, place.margin, place.width - 2 * place.margin, place.height - 2 * place.margin)
        clip = b" ".join(map(number_bytes, inside)) + b" re W n"
        return b"\n".join([b"q", clip, b"BT", colour, b"/J %s Tf" % number_bytes(size), *shown, b"ET", b"Q"])

    def _written(self, words: str) -> bytes:
        codes = (self._codes.setdefault(letter, len(self._codes) + 1) for letter in words)
        return b"".join(b"%04x" % code for code in codes)

    def finish(self) -> list[str]:
        """Give the font the glyphs that were shown; the codes that tell where a sign stands for one that it lacks."""
        if not self._codes:
            return []
        glyphs = [0, *(_glyph(letter) for letter in self._codes)]
        whole = read_cff(_tables()[b"CFF "], set(glyphs), by_number=True)
        program = Program([whole.glyphs[glyph] for glyph in glyphs], cids=list(range(len(glyphs))))
        outlines = self.pdf.make_stream(written_cff(program))
        outlines.Subtype = pikepdf.Name.CIDFontType0C
        called = pikepdf.Name(f"/{_NAME}")
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor, FontName=called, Flags=4, FontBBox=[-1000, -1000, 2000, 2000],
            ItalicAngle=0, Ascent=880, Descent=-120, CapHeight=733, StemV=80,
            FontFile3=self.pdf.make_indirect(outlines),
        )  # fmt: skip
        descendant = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType0, BaseFont=called, DW=1000,
            CIDSystemInfo=pikepdf.Dictionary(
                Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
            ),
            FontDescriptor=self.pdf.make_indirect(descriptor),
            W=[0, pikepdf.Array([_advances()[glyph] for glyph in glyphs])],
        )  # fmt: skip
        said = cmaps.CharacterMap(unicode={(code, 2): letter for letter, code in self._codes.items()})
        self.font.Subtype, self.font.BaseFont = pikepdf.Name.Type0, called
        self.font.Encoding = pikepdf.Name("/Identity-H")
        self.font.DescendantFonts = pikepdf.Array([self.pdf.make_indirect(descendant)])
        self.font.ToUnicode = self.pdf.make_stream(cmaps.unicode_map(said))
        return ["pdf.letters_replaced"] if any(map(_is_missing, self._codes)) else []


def _wide(words: str) -> float:
    """How far words reach, in sizes."""
    return sum(_advances()[_glyph(letter)] for letter in words) / 1000


def _fitted(place: Place, said: str) -> tuple[float, list[str]]:
    """The size of letters in a place, and what stands on each line."""
    across, up = place.width - 2 * place.margin, place.height - 2 * place.margin
    if not place.has_lines:
        return place.size or _size_of_a_line(place, said, across, up), [said]
    size = place.size or _LARGEST_OF_LINES
    lines = _broken(said, across / size)
    while not place.size and size > _SIZES[0] and len(lines) * size * _LEADING > up:
        size -= 1
        lines = _broken(said, across / size)
    return size, lines


def _size_of_a_line(place: Place, said: str, across: float, up: float) -> float:
    reaches = 1 if place.cells else _wide(said)
    across = across / place.cells if place.cells else across
    fitting = [size for size in _SIZES if size * _LEADING <= up and size * reaches <= across]
    return fitting[-1] if fitting else _SIZES[0]


def _broken(said: str, across: float) -> list[str]:
    """Lines no longer than ``across`` sizes: broken at blanks, and anywhere between letters of Japanese."""
    lines: list[str] = []
    for paragraph in said.split("\n"):
        line, reaches = "", 0.0
        for word in _words(paragraph):
            wide = _wide(word)
            if line and reaches + wide > across and word[0] not in _BEGINS_NO_LINE and word != " ":
                lines.append(line)
                line, reaches = "", 0.0
            line, reaches = line + word, reaches + wide
        lines.append(line)
        if len(lines) > _MAX_LINES:
            break
    return lines


def _words(paragraph: str) -> Iterator[str]:
    """What is not broken within: runs of ASCII letters, and each other letter."""
    word = ""
    for letter in paragraph:
        if letter.isascii() and letter != " ":
            word += letter
            continue
        if word:
            yield word
        word = ""
        yield letter
    if word:
        yield word


def _placed(place: Place, size: float, lines: list[str]) -> Iterator[tuple[float, float, str]]:
    """Where each line begins; in cells each letter."""
    middle = place.height / 2 + size * (_DESCENT - _ASCENT) / 2
    if place.cells:
        cell = place.width / place.cells
        for at, letter in enumerate(lines[0][: place.cells]):
            yield at * cell + (cell - _wide(letter) * size) / 2, middle, letter
        return
    top = place.height - place.margin - size * (_ASCENT + (_LEADING - 1) / 2)
    for number, line in enumerate(lines):
        left = (place.width - 2 * place.margin - _wide(line) * size) * place.align / 2
        yield place.margin + left, top - number * size * _LEADING if place.has_lines else middle, line
