"""Reads Type 1 fonts (Adobe Type 1 Font Format, 1990) down to outlines, names and the encoding.

The font is a PostScript program; it is not run. Its few known phrases are found and read, and charstrings are followed.
"""

import re
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.pdf_parts.charstrings import plain_type1
from sekisho.sanitizer.formats.pdf_parts.glyph_names import STANDARD_ENCODING, plain_glyph_name
from sekisho.sanitizer.formats.pdf_parts.outlines import (
    MAX_GLYPHS,
    MAX_STEPS,
    MOST_DAMAGED,
    Glyph,
    Pen,
    Program,
)
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

_FILE_KEY, _CHARSTRING_KEY = 55665, 4330
_MULTIPLY, _ADD = 52845, 22719
_MATRIX = re.compile(rb"/FontMatrix\s*\[\s*([-+.\deE\s]+)\]")
_ENTRY = re.compile(rb"dup\s+(\d+)\s*/([^\s/\[\]{}()<>]+)\s+put")
_LENIV = re.compile(rb"/lenIV\s+(-?\d+)")
_SUBROUTINE = re.compile(rb"dup\s+(\d+)\s+(\d+)\s+(?:RD|-\||\S+) ")
_CHARACTER = re.compile(rb"/([^\s/\[\]{}()<>]+)\s+(\d+)\s+(?:RD|-\||\S+) ")
_MAX_CALLS = 10


def read_type1(data: bytes) -> Program:
    """The font. Raises ``Unreadable`` for what is not one."""
    try:
        return _read(data)
    except (IndexError, ValueError, KeyError, TypeError, OverflowError, ZeroDivisionError) as error:
        raise Unreadable("pdf.font_unreadable", "Type 1") from error


def _read(data: bytes) -> Program:
    data = _without_segments(data)
    at = data.find(b"eexec")
    if at < 0:
        raise ValueError
    clear, private = data[:at], _private(data, at + len(b"eexec"))
    secret = _LENIV.search(private)
    skip = int(secret[1]) if secret else 4
    codes = _charstrings(private, skip)
    subroutines = _subroutines(private, skip)
    names = _in_order(list(codes))
    if not codes or len(names) > MAX_GLYPHS:
        raise ValueError
    matrix = _matrix(clear)
    is_usual = matrix == (1, 0, 0, 1, 0, 0)
    glyphs, damaged = list[Glyph](), 0
    for called in names:
        try:
            glyphs.append(_glyph(codes, subroutines, called, is_usual=is_usual))
        except (IndexError, ValueError, KeyError, ZeroDivisionError):
            glyphs.append(Glyph())
            damaged += 1
    if damaged > len(names) * MOST_DAMAGED:
        raise ValueError
    if matrix != (1, 0, 0, 1, 0, 0):
        glyphs = [glyph.transformed(matrix) for glyph in glyphs]
    return Program(glyphs, names=[plain_glyph_name(called) for called in names], encoding=_encoding(clear))


def _in_order(names: list[str]) -> list[str]:
    """The names by the numbers that readers give their glyphs: 0 is for ``.notdef``, which changes places with what stands there."""
    if not names or ".notdef" not in names:
        return [".notdef", *names[1:], *names[:1]]
    at = names.index(".notdef")
    names[0], names[at] = names[at], names[0]
    return names


def _glyph(codes: dict[str, bytes], subroutines: dict[int, bytes], called: str, *, is_usual: bool) -> Glyph:
    """One glyph, empty where the font has none of the name."""
    if called not in codes:
        return Glyph()
    if is_usual and (found := plain_type1(codes[called], subroutines)):
        width, paths = found
        return Glyph(width, code=paths)
    return _Run(codes, subroutines).glyph(codes[called])


def _without_segments(data: bytes) -> bytes:
    """A PFB file's segments joined (Adobe Technical Note 5040)."""
    if data[:1] != b"\x80":
        return data
    joined, at = b"", 0
    while at + 6 <= len(data) and data[at] == 0x80 and data[at + 1] in {1, 2}:
        length = int.from_bytes(data[at + 2 : at + 6], "little")
        joined += data[at + 6 : at + 6 + length]
        at += 6 + length
    return joined


def _private(data: bytes, at: int) -> bytes:
    """The encrypted part, in plain."""
    while at < len(data) and data[at] in b" \t\r\n":
        at += 1
    body = data[at:]
    if re.match(rb"[0-9a-fA-F\s]{8}", body):
        digits = re.sub(rb"[^0-9a-fA-F]", b"", body)
        body = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    return _decrypted(body, _FILE_KEY)[4:]


def _decrypted(data: bytes, key: int) -> bytes:
    out = bytearray(len(data))
    for at, byte in enumerate(data):
        out[at] = byte ^ (key >> 8)
        key = ((byte + key) * _MULTIPLY + _ADD) & 0xFFFF
    return bytes(out)


def _binary(private: bytes, match: re.Match[bytes], length: int, skip: int) -> bytes:
    code = private[match.end() : match.end() + length]
    if len(code) != length:
        raise ValueError
    return code if skip < 0 else _decrypted(code, _CHARSTRING_KEY)[skip:]


def _charstrings(private: bytes, skip: int) -> dict[str, bytes]:
    at = private.index(b"/CharStrings")
    at += len(b"/CharStrings")
    found: dict[str, bytes] = {}
    while match := _CHARACTER.search(private, at, at + 2000):
        length = int(match[2])
        found.setdefault(match[1].decode("latin-1"), _binary(private, match, length, skip))
        at = match.end() + length
    return found


def _subroutines(private: bytes, skip: int) -> dict[int, bytes]:
    at, found = private.find(b"/Subrs"), {}
    end = private.index(b"/CharStrings")
    if at < 0:
        return {}
    while match := _SUBROUTINE.search(private, at, min(at + 500, end)):
        found[int(match[1])] = _binary(private, match, int(match[2]), skip)
        at = match.end() + int(match[2])
    return found


def _matrix(clear: bytes) -> tuple[float, ...]:
    """The font's unit as a factor of 1/1000; anything but six numbers is no matrix."""
    match = _MATRIX.search(clear)
    if not match:
        if b"/FontMatrix" in clear:
            raise ValueError
        return (1, 0, 0, 1, 0, 0)
    values = [float(part) * 1000 for part in match[1].split()]
    if len(values) != 6 or not values[0]:
        raise ValueError
    return tuple(round(value, 6) for value in values)


def _encoding(clear: bytes) -> dict[int, str]:
    at = clear.find(b"/Encoding")
    if at < 0 or clear[at:].split(None, 2)[1:2] == [b"StandardEncoding"]:
        return dict(STANDARD_ENCODING)
    return {
        int(code): plain_glyph_name(called.decode("latin-1"))
        for code, called in _ENTRY.findall(clear, at)
        if int(code) < 256 and called != b".notdef"
    }


@dataclass
class _Run:
    """Follows one charstring (chapter 6) and the flex mechanism of the standard subroutines (chapter 8)."""

    codes: dict[str, bytes]
    subroutines: dict[int, bytes]
    pen: Pen = field(default_factory=Pen)
    stack: list[float] = field(default_factory=list)
    passed: list[float] = field(default_factory=list)
    _flex: list[tuple[float, float]] | None = None
    _steps: int = 0
    _ended: bool = False
    _composing: bool = False

    def glyph(self, code: bytes) -> Glyph:
        self._run(code, 0)
        return self.pen.glyph

    def _run(self, code: bytes, depth: int) -> None:
        if depth > _MAX_CALLS:
            raise ValueError
        at = 0
        while at < len(code) and not self._ended:
            first = code[at]
            at += 1
            if first >= 32:
                at = self._operand(code, at, first)
                continue
            self._steps += 1
            if self._steps > MAX_STEPS or len(self.stack) > 100:
                raise ValueError
            if first == 10:
                self._run(self.subroutines[int(self.stack.pop())], depth + 1)
            elif first == 11:
                return
            elif first == 12:
                self._escaped(code[at])
                at += 1
            else:
                self._operator(first)

    def _operand(self, code: bytes, at: int, first: int) -> int:
        if first < 247:
            self.stack.append(first - 139)
            return at
        if first < 255:
            sign, low = (1, 247) if first < 251 else (-1, 251)
            self.stack.append(sign * ((first - low) * 256 + code[at] + 108))
            return at + 1
        self.stack.append(int.from_bytes(code[at : at + 4], "big", signed=True))
        return at + 4

    def _operator(self, operator: int) -> None:
        s, pen = self.stack, self.pen
        if operator == 13:
            pen.x, pen.glyph.width = s[0], s[1]
        elif operator == 14:
            self._ended = True
        elif operator in {4, 21, 22}:
            dx = 0 if operator == 4 else s[-2] if operator == 21 else s[-1]
            self._move(dx, 0 if operator == 22 else s[-1])
        elif operator == 5:
            pen.line(s[-2], s[-1])
        elif operator == 6:
            pen.line(s[-1], 0)
        elif operator == 7:
            pen.line(0, s[-1])
        elif operator == 8:
            pen.curve(*s[-6:])
        elif operator == 30:
            pen.curve(0, s[-4], s[-3], s[-2], s[-1], 0)
        elif operator == 31:
            pen.curve(s[-4], 0, s[-3], s[-2], 0, s[-1])
        # Hints, closing, which filling does by itself, and one that old fonts have and no book tells of.
        elif operator not in {1, 3, 9, 15}:
            raise ValueError
        s.clear()

    def _move(self, dx: float, dy: float) -> None:
        if self._flex is not None:
            self.pen.x += dx
            self.pen.y += dy
            self._flex.append((self.pen.x, self.pen.y))
        else:
            self.pen.move(dx, dy)

    def _escaped(self, operator: int) -> None:
        s = self.stack
        if operator == 12:
            divisor = s.pop()
            s.append(s.pop() / divisor)
            return
        if operator == 16:
            self._other()
            return
        if operator == 17:
            s.append(self.passed.pop() if self.passed else 0)
            return
        if operator == 6:
            self._accented(*s[-5:])
        elif operator == 7:
            self.pen.x, self.pen.y, self.pen.glyph.width = s[0], s[1], s[2]
        elif operator == 33:
            self.pen.x, self.pen.y = s[-2], s[-1]
        elif operator not in {0, 1, 2}:
            raise ValueError
        s.clear()

    def _other(self) -> None:
        """``callothersubr``: 1 begins a flex, 2 marks its points, 0 draws it, 3 changes hints."""
        s = self.stack
        which, count = int(s.pop()), int(s.pop())
        if not 0 <= count <= len(s):
            raise ValueError
        taken = [s.pop() for _ in range(count)]
        if which == 1:
            self._flex = []
        elif which == 0 and self._flex is not None:
            self._draw_flex(self._flex)
            self._flex = None
            self.passed = [self.pen.y, self.pen.x]
        elif which == 3:
            self.passed = [3]
        elif which != 2:
            self.passed = list(taken)

    def _draw_flex(self, points: list[tuple[float, float]]) -> None:
        if len(points) != 7:
            raise ValueError
        for at in (1, 4):
            (a, b), (c, d), (e, f) = points[at : at + 3]
            self.pen.glyph.steps.append(("C", a, b, c, d, e, f))

    def _accented(self, sidebearing: float, dx: float, dy: float, base: float, accent: float) -> None:
        """A letter and its accent, by their codes in the standard encoding; neither may be composed again."""
        if self._composing:
            raise ValueError
        start, width = self.pen.x, self.pen.glyph.width
        for char, across, up in ((base, 0.0, 0.0), (accent, start - sidebearing + dx, dy)):
            piece = _Run(self.codes, self.subroutines, _composing=True)
            found = piece.glyph(self.codes[STANDARD_ENCODING[int(char)]])
            self.pen.glyph.steps += found.shifted(across, up).steps
        self.pen.glyph.width = width
        self._ended = True
