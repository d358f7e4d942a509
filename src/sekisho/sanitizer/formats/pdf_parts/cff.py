"""Reads CFF fonts (Adobe Technical Note 5176) down to outlines, names and metrics; nothing else is taken over."""

import itertools
import struct
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sekisho.sanitizer.formats.pdf_parts.charstrings import Plain
from sekisho.sanitizer.formats.pdf_parts.glyph_names import (
    STANDARD_ENCODING,
    STANDARD_STRINGS,
    plain_glyph_name,
)
from sekisho.sanitizer.formats.pdf_parts.outlines import MAX_GLYPHS, MOST_DAMAGED, Glyph, Program
from sekisho.sanitizer.formats.pdf_parts.type2 import Charstring
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

_CHARSET, _ENCODING, _CHARSTRINGS, _PRIVATE, _SUBRS = 15, 16, 17, 18, 19
_DEFAULT_WIDTH, _NOMINAL_WIDTH = 20, 21
_MATRIX, _ROS, _FD_ARRAY, _FD_SELECT = (12, 7), (12, 30), (12, 36), (12, 37)
_UNIT = (0.001, 0.0, 0.0, 0.001, 0.0, 0.0)
_EMPTY = b"\x0e"
_NIBBLES = "0123456789.EE -"

Operators = dict[Any, list[float]]


def read_cff(data: bytes, shown: Set[int] | None = None, *, by_number: bool = False) -> Program:
    """The font; glyphs of other CIDs than ``shown`` (``by_number``: of other places) are empty. Raises ``Unreadable`` for damage and for what no embedded font needs."""
    try:
        return _Reader(data, shown, by_number).program()
    except (IndexError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise Unreadable("pdf.font_unreadable", "CFF") from error


@dataclass
class _Part:
    """What a glyph is run with: its subroutines, widths and unit."""

    subroutines: list[bytes] = field(default_factory=list)
    default_width: float = 0
    nominal_width: float = 0
    matrix: tuple[float, ...] | None = None


class _Reader:
    def __init__(self, data: bytes, shown: Set[int] | None, by_number: bool) -> None:
        self.data = data
        self.shown = shown
        self.by_number = by_number

    def program(self) -> Program:
        data = self.data
        if data[0] != 1:
            raise ValueError
        _names, at = self._index(data[2])
        tops, at = self._index(at)
        strings, at = self._index(at)
        self.strings = strings
        self.globals, at = self._index(at)
        top = _operators(tops[0])
        codes, _at = self._index(int(top[_CHARSTRINGS][0]))
        if not 1 <= len(codes) <= MAX_GLYPHS:
            raise ValueError
        charset = self._charset(top, len(codes))
        is_cid = _ROS in top
        codes = self._shown(codes, charset if is_cid and not self.by_number else range(len(codes)))
        parts = self._parts(top) if is_cid else [self._part(top)]
        chosen = self._selection(top, len(codes)) if is_cid else [0] * len(codes)
        names = [] if is_cid else [self._string(sid) for sid in charset]
        top_matrix = tuple(top[_MATRIX]) if _MATRIX in top else None
        units = [_unit(top_matrix, part.matrix, is_cid) for part in parts]
        usual = [
            None if unit else Plain(part.subroutines, self.globals)
            for part, unit in zip(parts, units, strict=True)
        ]
        # A subset may keep the numbers of its glyphs, and be nine parts in ten of empty ones that are written alike.
        drawn: dict[tuple[int, bytes], Glyph] = {}
        damaged = 0
        for which, code in dict.fromkeys(zip(chosen, codes, strict=True)):
            part, unit, plain = parts[which], units[which], usual[which]
            glyph = _plainly(plain, code, part) if plain else None
            try:
                glyph = glyph or self._glyph(code, part, codes, names)
            except (Unreadable, IndexError, ValueError, KeyError):
                glyph, damaged = Glyph(part.default_width), damaged + 1
            drawn[which, code] = glyph.transformed(unit) if unit else glyph
        if damaged > len(drawn) * MOST_DAMAGED:
            raise ValueError
        glyphs = [drawn[pair] for pair in zip(chosen, codes, strict=True)]
        if is_cid:
            return Program(glyphs, cids=charset)
        return Program(glyphs, names=names, encoding=self._encoding(top, names))

    def _shown(self, codes: list[bytes], numbers: Sequence[int]) -> list[bytes]:
        """The charstrings, without what those draw that nobody shows. The first stands for what a font lacks."""
        if self.shown is None:
            return codes
        return codes[:1] + [
            code if number in self.shown else _EMPTY
            for code, number in zip(codes[1:], numbers[1:], strict=True)
        ]

    def _index(self, at: int) -> tuple[list[bytes], int]:
        data = self.data
        count = int.from_bytes(data[at : at + 2], "big")
        if not count:
            return [], at + 2
        size = data[at + 2]
        if not 1 <= size <= 4:
            raise ValueError
        start = at + 3
        narrow = data[start : start + size * (count + 1)]
        wide = bytearray(4 * (count + 1))
        for place in range(size):
            wide[4 - size + place :: 4] = narrow[place::size]
        offsets = struct.unpack(f">{count + 1}I", wide)
        base = start + size * (count + 1) - 1
        if any(low > high for low, high in itertools.pairwise(offsets)) or base + offsets[-1] > len(data):
            raise ValueError
        return [data[base + low : base + high] for low, high in itertools.pairwise(offsets)], base + offsets[
            -1
        ]

    def _part(self, holder: Operators) -> _Part:
        """The private dictionary that a top or font dictionary points to."""
        size, start = (int(value) for value in holder.get(_PRIVATE, [0, 0]))
        private = _operators(self.data[start : start + size]) if size else {}
        subroutines: list[bytes] = []
        if _SUBRS in private:
            subroutines, _at = self._index(start + int(private[_SUBRS][0]))
        return _Part(
            subroutines,
            private.get(_DEFAULT_WIDTH, [0])[0],
            private.get(_NOMINAL_WIDTH, [0])[0],
            tuple(holder[_MATRIX]) if _MATRIX in holder else None,
        )

    def _parts(self, top: Operators) -> list[_Part]:
        fonts, _at = self._index(int(top[_FD_ARRAY][0]))
        if len(fonts) > 256:
            raise ValueError
        return [self._part(_operators(entry)) for entry in fonts]

    def _selection(self, top: Operators, count: int) -> list[int]:
        data, at = self.data, int(top[_FD_SELECT][0])
        if data[at] == 0:
            return list(data[at + 1 : at + 1 + count])
        if data[at] != 3:
            raise ValueError
        ranges = int.from_bytes(data[at + 1 : at + 3], "big")
        chosen: list[int] = []
        for index in range(ranges):
            place = at + 3 + 3 * index
            last = int.from_bytes(data[place + 3 : place + 5], "big")
            chosen += [data[place + 2]] * (last - len(chosen))
            if len(chosen) > count:
                raise ValueError
        return chosen

    def _charset(self, top: Operators, count: int) -> list[int]:
        data, at = self.data, int(top.get(_CHARSET, [0])[0])
        if at == 0:
            return list(range(count))
        if at <= 2:
            raise ValueError  # the expert sets, which no subset uses
        kind, at, found = data[at], at + 1, [0]
        while len(found) < count:
            first = int.from_bytes(data[at : at + 2], "big")
            if kind == 0:
                found.append(first)
                at += 2
                continue
            left = data[at + 2] if kind == 1 else int.from_bytes(data[at + 2 : at + 4], "big")
            found += range(first, first + left + 1)
            at += 3 if kind == 1 else 4
            if at > len(data):
                raise ValueError
        return found[:count]

    def _string(self, sid: int) -> str:
        if sid < len(STANDARD_STRINGS):
            return STANDARD_STRINGS[sid]
        index = sid - len(STANDARD_STRINGS)
        return (
            plain_glyph_name(self.strings[index].decode("latin-1"))
            if index < len(self.strings)
            else f"g{sid}"
        )

    def _encoding(self, top: Operators, names: list[str]) -> dict[int, str]:
        data, at = self.data, int(top.get(_ENCODING, [0])[0])
        if at <= 1:
            return dict(STANDARD_ENCODING) if at == 0 else {}
        kind, count, at, found, glyph = data[at], data[at + 1], at + 2, {}, 1
        for _index in range(count):
            run = data[at + 1] + 1 if kind & 0x7F else 1
            for step in range(run):
                if glyph < len(names) and data[at] + step < 256:
                    found[data[at] + step] = names[glyph]
                glyph += 1
            at += 2 if kind & 0x7F else 1
        if kind & 0x80:
            for index in range(data[at]):
                place = at + 1 + 3 * index
                found[data[place]] = self._string(int.from_bytes(data[place + 1 : place + 3], "big"))
        return found

    def _glyph(self, code: bytes, part: _Part, codes: list[bytes], names: list[str]) -> Glyph:
        run = self._run(part)
        glyph = run.glyph(code)
        if run.accent and names:
            across, up, base, accent = run.accent
            for char, dx, dy in ((base, 0.0, 0.0), (accent, across, up)):
                piece = self._run(part).glyph(codes[names.index(STANDARD_ENCODING[int(char)])])
                glyph.steps += piece.shifted(dx, dy).steps
        return glyph

    def _run(self, part: _Part) -> Charstring:
        return Charstring(part.subroutines, self.globals, part.default_width, part.nominal_width)


def _plainly(usual: Plain, code: bytes, part: _Part) -> Glyph | None:
    """The glyph where its charstring is as usual."""
    found = usual.glyph(code)
    if found is None:
        return None
    width, paths = found
    return Glyph(part.default_width if width is None else part.nominal_width + width, code=paths)


def _unit(
    top: tuple[float, ...] | None, part: tuple[float, ...] | None, is_cid: bool
) -> tuple[float, ...] | None:
    """What leads to thousandths, None where they are: with CID fonts the font dictionary's may stand below the top's."""
    matrix = top or part or _UNIT
    if is_cid and top and part:
        matrix = tuple(_product(part, top))
    if len(matrix) != 6 or not matrix[0]:
        raise ValueError
    if all(abs(value - unit) < 1e-9 for value, unit in zip(matrix, _UNIT, strict=True)):
        return None
    return tuple(value * 1000 for value in matrix)


def _product(first: tuple[float, ...], second: tuple[float, ...]) -> list[float]:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m]


def _operators(data: bytes) -> Operators:
    """A DICT (5176, 4): numbers, each run of them ended by its operator."""
    found: Operators = {}
    operands: list[float] = []
    at = 0
    while at < len(data):
        first = data[at]
        at += 1
        if first <= 21:
            operator: Any = first
            if first == 12:
                operator = (12, data[at])
                at += 1
            found[operator], operands = operands, []
        elif first == 28:
            operands.append(int.from_bytes(data[at : at + 2], "big", signed=True))
            at += 2
        elif first == 29:
            operands.append(int.from_bytes(data[at : at + 4], "big", signed=True))
            at += 4
        elif first == 30:
            real, at = _real(data, at)
            operands.append(real)
        elif 32 <= first <= 246:
            operands.append(first - 139)
        elif 247 <= first <= 254:
            sign, low = (1, 247) if first < 251 else (-1, 251)
            operands.append(sign * ((first - low) * 256 + data[at] + 108))
            at += 1
        else:  # reserved: to readers an operator that they do not know
            operands = []
        if len(operands) > 513:
            raise ValueError
    return found


def _real(data: bytes, at: int) -> tuple[float, int]:
    digits = ""
    while len(digits) < 40:
        byte = data[at]
        at += 1
        for nibble in (byte >> 4, byte & 15):
            if nibble == 15:
                return _number(digits), at
            digits += {12: "E-", 13: ""}.get(nibble, _NIBBLES[nibble])
    raise ValueError


def _number(digits: str) -> float:
    """What the digits say; 0 where that is no number, as readers take it."""
    try:
        return float(digits)
    except ValueError:
        return 0.0
