"""Usual charstrings, matched whole by one typed grammar and kept without their hints.

Type 2 (Adobe Technical Note 5177): subroutines are put where they are called; hints and their masks go. What is left must
be paths, each operator with as many operands as it takes, and is told by its shape: the charstring with ``n`` for every
operand. Type 1: paths that draw the same in Type 2, between which hints and closings go. Anything odd is run step by step
instead (``type2``, ``type1``).
"""

import re
from dataclasses import dataclass, field

_NUMBER = rb"(?>[\x20-\xf6]|[\xf7-\xfe][\x00-\xff]|\x1c[\x00-\xff]{2}|\xff[\x00-\xff]{4})"
#: operands and operators up to one that calls, returns, masks or ends; then the operand of a call, and that operator
_PIECE = re.compile(
    rb"((?>%(n)s(?![\x0a\x1d])|[\x01\x03-\x08\x12\x15-\x1b\x1e\x1f])*+)(%(n)s?+)([\x0a\x0b\x0e\x13\x14\x1d])"
    % {b"n": _NUMBER}
)
_NUMBERS = re.compile(_NUMBER)
_WIDE_NUMBERS = re.compile(rb"[\xf7-\xfe][\x00-\xff]|\x1c[\x00-\xff]{2}|\xff[\x00-\xff]{4}")
_NARROW_NUMBERS = bytes(byte if byte < 32 or byte > 246 else ord("n") for byte in range(256))
_COMPOSED = re.compile(rb"[^n\x01\x03-\x08\x0e\x12\x15-\x19\x1a\x1b\x1e\x1f]")
_HINTS = re.compile(rb"((?>%s)*+)[\x01\x03\x12\x17]" % _NUMBER)
_WIDTH = re.compile(rb"n(?=nn\x15|n[\x16\x04]|\x0e)")
#: shapes of a movement, then lines and curves, at most 48 operands each
_PATHS = re.compile(
    rb"(?>(?>nn\x15|n[\x16\x04])(?>(?>(?>n{4}){12}|(?>n{4}){1,11}+n?+)[\x1e\x1f]|n{1,48}+[\x06\x07]|(?>nn){1,24}+\x05"
    rb"|(?>n{6}){1,8}+\x08|(?>n{4}){1,12}+[\x1a\x1b]|n(?>n{4}){1,11}+[\x1a\x1b]|(?>n{6}){1,7}+nn\x18"
    rb"|(?>nn(?!n{4}\x19)){1,21}+n{6}\x19)*+)*+\x0e"
)
# Type 1 has other long forms, of which widths alone are often one. Of its subroutines, only those that change hints are usual; they do nothing else.
_OLD = rb"(?>[\x20-\xf6]|[\xf7-\xfe][\x00-\xff])"
_NEW_HINTS = rb"(?>%s(?>\x8c\x8e\x0c\x10\x0c\x11|\x8f)\x0a)" % _OLD
_TYPE_1 = re.compile(
    rb"(%(n)s)(%(n)s|\xff[\x00-\xff]{4})\x0d((?>%(hints)s|%(n)s(?>[\x04\x06\x07\x16]|%(n)s(?>[\x01\x03\x05\x15]"
    rb"|%(n)s%(n)s(?>[\x1e\x1f]|%(n)s%(n)s(?>\x08|\x0c[\x01\x02]))))|\x09|\x0c\x00)*+\x0e)[\x00-\xff]*+"
    % {b"n": _OLD, b"hints": _NEW_HINTS}
)
_HINTING = re.compile(
    rb"((?>(?!%(hints)s)(?>%(n)s){1,6}+[\x04-\x08\x0e\x15\x16\x1e\x1f])++)|%(hints)s|(?>%(n)s)*+(?>[\x01\x03\x09]|\x0c[\x00-\x02])"
    % {b"n": _OLD, b"hints": _NEW_HINTS}
)
_CHANGES_HINTS = {3: b"\x0b", 4: b"\x8c\x8e\x0c\x10\x0c\x11\x0a\x0b"}
_MAX_DEPTH, _MAX_CALLS, _LONGEST, _FARTHEST = 10, 2_000, 60_000, 100_000
# The largest amounts that operands of one byte and of more can say, by their first byte.
_NARROW_MOST = 107
_WIDE_MOST = {28: 32_768, 255: 32_768} | dict.fromkeys(range(247, 255), 1131)


@dataclass
class Plain:
    """Charstrings of one part of a font, with its subroutines and those of the font."""

    subroutines: list[bytes]
    globals: list[bytes]
    _stems: int = 0
    _calls: int = 0
    _length: int = 0
    _flat: list[bytes] = field(default_factory=list)

    def glyph(self, code: bytes) -> tuple[float | None, bytes] | None:
        """The width, where one is given, and the paths to their end; None where anything is not as usual."""
        if _COMPOSED.search(_shape(code)):
            self._stems, self._calls, self._length, self._flat = -1, 0, 0, []
            if not self._flatten(code, 0):
                return None
            code = b"".join(self._flat)
        at, width = 0, None
        while hints := _HINTS.match(code, at):
            amounts = _NUMBERS.findall(hints[1])
            if len(amounts) % 2:
                if at:
                    return None
                width = _amount(amounts[0])
            at = hints.end()
        paths = code[at:]
        shape = _shape(paths)
        if not at and _WIDTH.match(shape) and (first := _NUMBERS.match(paths)):
            width, paths, shape = _amount(first[0]), paths[first.end() :], shape[1:]
        return (width, paths) if _PATHS.fullmatch(shape) and _stays_near(paths, shape) else None

    def _flatten(self, code: bytes, depth: int) -> bool | None:
        """Append the code with its subroutines; True at the end of the glyph, False of a subroutine, None when odd."""
        at, flat = 0, self._flat
        while match := _PIECE.match(code, at):
            at = match.end()
            flat.append(match[1])
            operand, operator = match[2], match[3]
            if operator in {b"\x0a", b"\x1d"}:
                called = self.subroutines if operator == b"\x0a" else self.globals
                number = int(_amount(operand)) + bias(called) if operand else -1
                if not 0 <= number < len(called) or not self._may_call(match[1], depth):
                    return None
                ended = self._flatten(called[number], depth + 1)
                if ended is not False:
                    return ended
                continue
            flat.append(operand)
            if operator == b"\x0e":
                flat.append(operator)
                return True
            if operator == b"\x0b":
                return False
            if not self._mask():
                return None
            at += (self._stems + 7) // 8
        return None

    def _may_call(self, before: bytes, depth: int) -> bool:
        self._calls += 1
        self._length += len(before)
        return depth < _MAX_DEPTH and self._calls <= _MAX_CALLS and self._length <= _LONGEST

    def _mask(self) -> bool:
        """Whether it stands where it may; what is left of the hints before the first one are upright stems."""
        if self._stems < 0:
            so_far, at, amount = b"".join(self._flat) + b"\x17", 0, 0
            while hints := _HINTS.match(so_far, at):
                amount += len(_NUMBERS.findall(hints[1])) // 2
                at = hints.end()
            if at != len(so_far):
                return False
            self._stems, self._flat[:] = amount, [so_far]
        return True


def plain_type1(code: bytes, subroutines: dict[int, bytes]) -> tuple[float, bytes] | None:
    """The width and the paths of a Type 1 charstring in Type 2, None where anything is not as usual."""
    match = _TYPE_1.fullmatch(code)
    if not match:
        return None
    if b"\x0a" in code and any(subroutines.get(at) != usual for at, usual in _CHANGES_HINTS.items()):
        return None
    width = _amount(match[2]) * (65_536 if match[2][0] == 255 else 1)  # long ones are whole numbers here
    paths = _HINTING.sub(rb"\1", match[3])
    if _amount(match[1]):  # paths begin at the side of the letter
        paths = match[1] + b"\x16" + paths
    shape = _shape(paths)
    return (width, paths) if _PATHS.fullmatch(shape) and _stays_near(paths, shape) else None


def bias(subroutines: list[bytes]) -> int:
    """What is added to the number of a subroutine (5177, 4.7)."""
    count = len(subroutines)
    return 107 if count < 1240 else 1131 if count < 33_900 else 32_768


def _shape(code: bytes) -> bytes:
    """The code with one letter for every operand; bytes of masks must not be in it."""
    return _WIDE_NUMBERS.sub(b"n", code).translate(_NARROW_NUMBERS)


def _amount(operand: bytes) -> float:
    """The number that an operand says (5177, 3.2)."""
    first = operand[0]
    if first == 28:
        return int.from_bytes(operand[1:], "big", signed=True)
    if first < 247:
        return first - 139
    if first == 255:
        return int.from_bytes(operand[1:], "big", signed=True) / 65536
    return (first - 247) * 256 + operand[1] + 108 if first < 251 else -(first - 251) * 256 - operand[1] - 108


def _stays_near(paths: bytes, shape: bytes) -> bool:
    """Whether all movements together cannot lead farther than readers count."""
    narrow = _NARROW_MOST * len(shape)
    if narrow + 1131 * len(shape) < _FARTHEST and b"\x1c" not in paths and b"\xff" not in paths:
        return True
    return narrow + sum(_WIDE_MOST[number[0]] for number in _WIDE_NUMBERS.findall(paths)) < _FARTHEST
