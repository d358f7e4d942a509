"""Writes CFF fonts: outlines without hints or subroutines, names, and nothing that is not needed to draw."""

import itertools
import struct
from collections.abc import Iterable, Iterator

from sekisho.sanitizer.formats.pdf_parts.glyph_names import STANDARD_STRINGS
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph, Program, distinct

_SID = {called: sid for sid, called in enumerate(STANDARD_STRINGS)}
_MOVE, _LINE, _CURVE, _END = 21, 5, 8, 14
_MAX_OPERANDS = 48
_FONT_NAME = b"Sekisho"


def written_cff(program: Program) -> bytes:
    """The font as CFF, keyed by CID where the program is."""
    strings = _Strings()
    drawn = {id(glyph): glyph for glyph in program.glyphs}  # empty ones are often one and the same
    written = {key: _charstring(glyph) for key, glyph in drawn.items()}
    codes = _index([written[id(glyph)] for glyph in program.glyphs])
    is_cid = bool(program.cids)
    ids = (
        program.cids[1:] if is_cid else [strings.sid(called) for called in list(distinct(program.names))[1:]]
    )
    registry = [strings.sid("Adobe"), strings.sid("Identity")] if is_cid else []
    charset = b"\x00" + struct.pack(f">{len(ids)}H", *ids)
    private = _dictionary([([0], 20), ([0], 21)])
    head = b"\x01\x00\x04\x04" + _index([_FONT_NAME])
    tail = _index(strings.added) + _index([])
    # Offsets take five bytes whatever their value, so the length of the dictionary is known before they are.
    top_size = len(_index([_top(registry, len(program.glyphs), (0, 0, 0, 0, 0), len(private), 0)]))
    charset_at = len(head) + top_size + len(tail)
    codes_at = charset_at + len(charset)
    private_at = codes_at + len(codes)
    select_at = private_at + len(private)
    select = b"\x03\x00\x01\x00\x00\x00" + len(program.glyphs).to_bytes(2, "big") if is_cid else b""
    fonts_at = select_at + len(select)
    fonts = _index([_dictionary([([len(private), private_at], 18)])]) if is_cid else b""
    top = _top(registry, len(program.glyphs), (charset_at, codes_at, private_at, select_at, fonts_at), len(private),
               max(program.cids, default=0) + 1)  # fmt: skip
    return head + _index([top]) + tail + charset + codes + private + select + fonts


class _Strings:
    """Strings get numbers: the standard ones have theirs, others are added behind them."""

    def __init__(self) -> None:
        self.added: list[bytes] = []
        self._numbers = dict(_SID)

    def sid(self, called: str) -> int:
        if called not in self._numbers:
            self._numbers[called] = len(STANDARD_STRINGS) + len(self.added)
            self.added.append(called.encode("ascii", "replace"))
        return self._numbers[called]


def _top(
    registry: list[int], count: int, offsets: tuple[int, int, int, int, int], private_size: int, cids: int
) -> bytes:
    charset, codes, private, select, fonts = offsets
    entries: list[tuple[list[int], int | tuple[int, int]]] = []
    if registry:
        entries += [([*registry, 0], (12, 30)), ([cids], (12, 34))]
    entries += [([charset], 15), ([codes], 17)]
    if registry:
        entries += [([select], (12, 37)), ([fonts], (12, 36))]
    else:
        entries += [([private_size, private], 18)]
    return _dictionary(entries)


def _dictionary(entries: Iterable[tuple[list[int], int | tuple[int, int]]]) -> bytes:
    out = b""
    for operands, operator in entries:
        out += b"".join(b"\x1d" + value.to_bytes(4, "big", signed=True) for value in operands)
        out += bytes(operator) if isinstance(operator, tuple) else bytes([operator])
    return out


def _index(items: list[bytes]) -> bytes:
    if not items:
        return b"\x00\x00"
    offsets = list(itertools.accumulate(map(len, items), initial=1))
    size = (offsets[-1].bit_length() + 7) // 8
    wide = struct.pack(f">{len(offsets)}I", *offsets)
    narrow = bytearray(len(offsets) * size)
    for place in range(size):
        narrow[place::size] = wide[4 - size + place :: 4]
    return b"".join([len(items).to_bytes(2, "big"), bytes([size]), narrow, *items])


def _charstring(glyph: Glyph) -> bytes:
    """A glyph as relative movements; equal operators share a run of operands."""
    if glyph.code:
        return _operand(glyph.width) + glyph.code
    out = bytearray(_operand(glyph.width))
    run: list[float] = []
    running = 0
    for operator, operands in _relative(glyph):
        if operator != running or operator == _MOVE or len(run) + len(operands) > _MAX_OPERANDS:
            _flush(out, run, running)
            running = operator
        run += operands
    _flush(out, run, running)
    out.append(_END)
    return bytes(out)


def _flush(out: bytearray, run: list[float], operator: int) -> None:
    if run:
        for value in run:
            out += _operand(value)
        out.append(operator)
        run.clear()


def _relative(glyph: Glyph) -> Iterator[tuple[int, list[float]]]:
    """Rounded where it stands, so that small differences do not add up."""
    at_x = at_y = 0.0
    for kind, *values in glyph.steps:
        moved: list[float] = []
        for x, y in zip(values[::2], values[1::2], strict=True):
            to_x, to_y = round(x * 64) / 64, round(y * 64) / 64
            moved += [to_x - at_x, to_y - at_y]
            at_x, at_y = to_x, to_y
        yield {"M": _MOVE, "L": _LINE, "C": _CURVE}[str(kind)], moved


def _operand(value: float) -> bytes:
    whole = int(value)
    if whole != value:
        fixed = max(min(round(value * 65536), 2**31 - 1), -(2**31))
        return b"\xff" + fixed.to_bytes(4, "big", signed=True)
    if -107 <= whole <= 107:
        return bytes([whole + 139])
    if 108 <= whole <= 1131:
        return bytes([247 + (whole - 108) // 256, (whole - 108) % 256])
    if -1131 <= whole <= -108:
        return bytes([251 + (-whole - 108) // 256, (-whole - 108) % 256])
    return b"\x1c" + max(min(whole, 32_767), -32_768).to_bytes(2, "big", signed=True)
