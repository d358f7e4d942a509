"""Runs Type 2 charstrings (Adobe Technical Note 5177) to outlines. Hints are read and not kept."""

from dataclasses import dataclass, field

from sekisho.sanitizer.formats.pdf_parts.charstrings import bias
from sekisho.sanitizer.formats.pdf_parts.outlines import MAX_STEPS, Glyph, Pen
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

_MAX_CALLS = 10
_MAX_STACK = 513
_STEMS = {1, 3, 18, 23}
_RETURN, _ENDCHAR, _CALL_LOCAL, _CALL_GLOBAL, _ESCAPE = 11, 14, 10, 29, 12
_MASKS = {19, 20}


@dataclass
class Charstring:
    """One run. ``subroutines`` and ``globals`` are those of the glyph's font."""

    subroutines: list[bytes]
    globals: list[bytes]
    default_width: float
    nominal_width: float
    pen: Pen = field(default_factory=Pen)
    stack: list[float] = field(default_factory=list)
    accent: tuple[float, ...] = ()
    _stems: int = 0
    _has_width: bool = False
    _steps: int = 0
    _ended: bool = False

    def glyph(self, code: bytes) -> Glyph:
        """The outline of a charstring. Raises ``Unreadable`` for what the note does not have."""
        self.pen.glyph.width = self.default_width
        try:
            self._run(code, 0)
        except (IndexError, ValueError, TypeError, OverflowError) as error:
            raise Unreadable("pdf.font_unreadable", "charstring") from error
        return self.pen.glyph

    def _run(self, code: bytes, depth: int) -> None:
        if depth > _MAX_CALLS:
            raise Unreadable("pdf.font_unreadable", "charstring")
        at, stack = 0, self.stack
        while at < len(code) and not self._ended:
            first = code[at]
            at += 1
            if first >= 32 or first == 28:
                at = self._operand(code, at, first)
                continue
            self._steps += 1
            if self._steps > MAX_STEPS or len(stack) > _MAX_STACK:
                raise Unreadable("pdf.font_unreadable", "charstring")
            if first in {_CALL_LOCAL, _CALL_GLOBAL}:
                called = self.subroutines if first == _CALL_LOCAL else self.globals
                number = int(stack.pop()) + bias(called)
                if number < 0:
                    raise Unreadable("pdf.font_unreadable", "charstring")
                self._run(called[number], depth + 1)
            elif first == _RETURN:
                return
            elif first in _MASKS:
                self._count_stems()
                at += (self._stems + 7) // 8
            elif first == _ESCAPE:
                self._flex(code[at])
                at += 1
            else:
                self._operator(first)

    def _operand(self, code: bytes, at: int, first: int) -> int:
        if first == 28:
            self.stack.append(int.from_bytes(code[at : at + 2], "big", signed=True))
            return at + 2
        if first < 247:
            self.stack.append(first - 139)
            return at
        if first < 251:
            self.stack.append((first - 247) * 256 + code[at] + 108)
            return at + 1
        if first < 255:
            self.stack.append(-(first - 251) * 256 - code[at] - 108)
            return at + 1
        self.stack.append(int.from_bytes(code[at : at + 4], "big", signed=True) / 65536)
        return at + 4

    def _width(self, has_extra: bool) -> None:
        """The first operator that clears the stack may carry the width below its own operands."""
        if not self._has_width:
            self._has_width = True
            if has_extra:
                self.pen.glyph.width = self.nominal_width + self.stack.pop(0)

    def _count_stems(self) -> None:
        self._width(len(self.stack) % 2 == 1)
        self._stems += len(self.stack) // 2
        self.stack.clear()

    def _operator(self, operator: int) -> None:
        stack, pen = self.stack, self.pen
        if operator in _STEMS:
            self._count_stems()
            return
        if operator == 21:
            self._width(len(stack) > 2)
            pen.move(stack[-2], stack[-1])
        elif operator == 22:
            self._width(len(stack) > 1)
            pen.move(stack[-1], 0)
        elif operator == 4:
            self._width(len(stack) > 1)
            pen.move(0, stack[-1])
        elif operator == _ENDCHAR:
            self._width(len(stack) in {1, 5})
            self.accent = tuple(stack[:4]) if len(stack) >= 4 else ()
            self._ended = True
        else:
            self._path(operator)
        stack.clear()

    def _path(self, operator: int) -> None:
        stack, pen = self.stack, self.pen
        if operator == 5:
            self._lines(len(stack))
        elif operator in {6, 7}:
            for at, value in enumerate(stack):
                pen.line(*((value, 0) if (at % 2 == 0) == (operator == 6) else (0, value)))
        elif operator == 8:
            for at in range(0, len(stack) - 5, 6):
                pen.curve(*stack[at : at + 6])
        elif operator == 24:
            for at in range(0, len(stack) - 7, 6):
                pen.curve(*stack[at : at + 6])
            pen.line(stack[-2], stack[-1])
        elif operator == 25:
            self._lines(len(stack) - 6)
            pen.curve(*stack[-6:])
        elif operator in {26, 27}:
            self._straight_curves(upright=operator == 26)
        elif operator in {30, 31}:
            self._turning_curves(starts_upright=operator == 30)
        else:
            raise Unreadable("pdf.font_unreadable", "charstring")

    def _lines(self, count: int) -> None:
        for at in range(0, count - 1, 2):
            self.pen.line(self.stack[at], self.stack[at + 1])

    def _straight_curves(self, *, upright: bool) -> None:
        """``vvcurveto`` and ``hhcurveto``: both ends run along the same axis."""
        stack = self.stack
        extra = stack.pop(0) if len(stack) % 4 else 0
        for at in range(0, len(stack) - 3, 4):
            a, b, c, d = stack[at : at + 4]
            self.pen.curve(*((extra, a, b, c, 0, d) if upright else (a, extra, b, c, d, 0)))
            extra = 0

    def _turning_curves(self, *, starts_upright: bool) -> None:
        """``vhcurveto`` and ``hvcurveto``: the axes change from curve to curve."""
        stack, upright = self.stack, starts_upright
        last = stack[-1] if len(stack) % 4 == 1 else 0
        count = len(stack) // 4
        for index in range(count):
            a, b, c, d = stack[index * 4 : index * 4 + 4]
            extra = last if index == count - 1 else 0
            self.pen.curve(*((0, a, b, c, d, extra) if upright else (a, 0, b, c, extra, d)))
            upright = not upright

    def _flex(self, operator: int) -> None:
        """The four ways of writing two curves that join flatly (5177, 4.1)."""
        s, pen = self.stack, self.pen
        if operator == 35:
            pen.curve(*s[0:6])
            pen.curve(*s[6:12])
        elif operator == 34:
            pen.curve(s[0], 0, s[1], s[2], s[3], 0)
            pen.curve(s[4], 0, s[5], -s[2], s[6], 0)
        elif operator == 36:
            pen.curve(s[0], s[1], s[2], s[3], s[4], 0)
            pen.curve(s[5], 0, s[6], s[7], s[8], -(s[1] + s[3] + s[7]))
        elif operator == 37:
            dx, dy = sum(s[0:10:2]), sum(s[1:10:2])
            pen.curve(*s[0:6])
            pen.curve(*s[6:10], *((s[10], -dy) if abs(dx) > abs(dy) else (-dx, s[10])))
        elif operator != 0:  # dotsection, which means nothing any more
            raise Unreadable("pdf.font_unreadable", "charstring")
        s.clear()
