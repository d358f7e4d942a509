"""Character maps (9.7.5, 9.10.3; Adobe Technical Notes 5014 and 5411): parsed to tables and written anew.

A map is a PostScript program, but only its tables are read; what else stands there is not run and not kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.pdf_parts.values import Unreadable
from sekisho.sanitizer.formats.pdf_text_layer import filtered

_MAX_ENTRIES = 200_000
_MAX_TEXT = 32  # characters one code may stand for
_SECTION = re.compile(
    rb"begin(codespacerange|bfchar|bfrange|cidchar|cidrange|notdefchar|notdefrange)(.*?)end\1", re.DOTALL
)
_TOKEN = re.compile(rb"<([0-9a-fA-F\s]*)>|(\[)|(\])|(-?\d+)")
_WRITING_MODE = re.compile(rb"/WMode\s+([01])\s+def")
_BASE = re.compile(rb"/([A-Za-z0-9-]{1,40})\s+usecmap")


@dataclass
class CharacterMap:
    """``spaces``: lengths, first and last codes. ``unicode``: by code and its length. ``cids``: ranges."""

    spaces: list[tuple[int, int, int]] = field(default_factory=list)
    unicode: dict[tuple[int, int], str] = field(default_factory=dict)
    cids: list[tuple[int, int, int, int]] = field(default_factory=list)
    vertical: bool = False
    base: str = ""


def parsed(data: bytes) -> CharacterMap:
    """The tables of a map. Raises ``Unreadable`` when they are longer than any map needs."""
    found = CharacterMap()
    for kind, body in _SECTION.findall(re.sub(rb"%[^\r\n]*", b"", data)):
        tokens = list(_tokens(body))
        if kind == b"codespacerange":
            _read_spaces(found, tokens)
        elif kind in {b"bfchar", b"bfrange"}:
            _read_unicode(found, tokens, is_range=kind == b"bfrange")
        elif kind in {b"cidchar", b"cidrange"}:
            _read_cids(found, tokens, is_range=kind == b"cidrange")
        if len(found.unicode) > _MAX_ENTRIES or len(found.cids) > _MAX_ENTRIES or len(found.spaces) > 1000:
            raise Unreadable("pdf.font_unreadable", "CMap")
    mode = _WRITING_MODE.search(data)
    found.vertical = bool(mode and mode[1] == b"1")
    base = _BASE.search(data)
    found.base = base[1].decode("ascii") if base else ""
    return found


Token = bytes | int | list[bytes]


def _tokens(body: bytes) -> Iterator[Token]:
    listed: list[bytes] | None = None
    for digits, opening, closing, whole in _TOKEN.findall(body):
        if opening:
            listed = []
        elif closing:
            yield listed or []
            listed = None
        elif whole:
            yield int(whole)
        else:
            plain = re.sub(rb"\s", b"", digits)
            value = bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode("ascii"))
            if listed is None:
                yield value
            else:
                listed.append(value)


def _code(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _read_spaces(found: CharacterMap, tokens: list[Token]) -> None:
    for low, high in zip(tokens[::2], tokens[1::2], strict=False):
        if isinstance(low, bytes) and isinstance(high, bytes) and 1 <= len(low) == len(high) <= 4:
            found.spaces.append((len(low), _code(low), _code(high)))


def _read_unicode(found: CharacterMap, tokens: list[Token], *, is_range: bool) -> None:
    step = 3 if is_range else 2
    for at in range(0, len(tokens) - step + 1, step):
        low, target = tokens[at], tokens[at + step - 1]
        high = tokens[at + 1] if is_range else low
        if not isinstance(low, bytes) or not isinstance(high, bytes) or not 1 <= len(low) <= 4:
            continue
        count = min(_code(high) - _code(low) + 1, 0x10000)
        for index in range(count):
            if isinstance(target, list):
                said = _said(target[index], 0) if index < len(target) else ""
            else:
                said = _said(target, index) if isinstance(target, bytes) else ""
            if said:
                found.unicode[_code(low) + index, len(low)] = said
        if len(found.unicode) > _MAX_ENTRIES:
            return


def _said(value: bytes, offset: int) -> str:
    """The text a code stands for, filtered; in a range the last unit counts up."""
    if len(value) == 1:
        value = b"\x00" + value
    value = value[: _MAX_TEXT * 2]
    if offset:
        counted = (int.from_bytes(value, "big") + offset) % (1 << 8 * len(value))
        value = counted.to_bytes(len(value), "big")
    said = value.decode("utf-16-be", "ignore")
    return "".join(chr(code) for code in (filtered(ord(letter)) for letter in said) if code)


def _read_cids(found: CharacterMap, tokens: list[Token], *, is_range: bool) -> None:
    step = 3 if is_range else 2
    for at in range(0, len(tokens) - step + 1, step):
        low, cid = tokens[at], tokens[at + step - 1]
        high = tokens[at + 1] if is_range else low
        if isinstance(low, bytes) and isinstance(high, bytes) and isinstance(cid, int) and 1 <= len(low) <= 4:
            first, last = _code(low), _code(high)
            if first <= last and cid >= 0 and cid + last - first <= 0xFFFF:
                found.cids.append((len(low), first, last, cid))


def with_cids(data: bytes) -> bytes | None:
    """A map of codes to CIDs that some programs write as one of codes to letters (``bfchar``); None for any other."""
    found = CharacterMap(vertical=parsed(data).vertical)
    for kind, body in _SECTION.findall(re.sub(rb"%[^\r\n]*", b"", data)):
        tokens = list(_tokens(body))
        if kind == b"codespacerange":
            _read_spaces(found, tokens)
        elif kind in {b"bfchar", b"bfrange"}:
            step = 3 if kind == b"bfrange" else 2
            for at in range(step - 1, len(tokens), step):
                if isinstance(value := tokens[at], bytes):
                    tokens[at] = _code(value)
            _read_cids(found, tokens, is_range=step == 3)
        elif kind in {b"cidchar", b"cidrange"}:
            return None
    return encoding_map(found) if found.cids and found.spaces and not _BASE.search(data) else None


# -- writing ------------------------------------------------------------------------------------------------------


def unicode_map(found: CharacterMap) -> bytes:
    """A ToUnicode map of these entries."""
    lengths = {length for _code, length in found.unicode}
    spaces = [(length, 0, (1 << (8 * length)) - 1) for length in sorted(lengths)] or [(1, 0, 255)]
    lines = [
        b"<%0*x> <%s>" % (length * 2, code, said.encode("utf-16-be", "replace").hex().encode("ascii"))
        for (code, length), said in sorted(found.unicode.items(), key=lambda item: (item[0][1], item[0][0]))
    ]
    return _program("Adobe-Identity-UCS", "UCS", 2, spaces, _blocks(b"bfchar", lines), vertical=False)


def encoding_map(found: CharacterMap) -> bytes:
    """A map of codes to CIDs of these ranges."""
    lines = [
        b"<%0*x> <%0*x> %d" % (length * 2, first, length * 2, last, cid)
        for length, first, last, cid in found.cids
    ]
    return _program(
        "Sekisho-CMap", "Identity", 1, found.spaces, _blocks(b"cidrange", lines), vertical=found.vertical
    )


def _program(
    called: str,
    ordering: str,
    kind: int,
    spaces: list[tuple[int, int, int]],
    blocks: Iterator[bytes],
    *,
    vertical: bool,
) -> bytes:
    ranges = [b"<%0*x> <%0*x>" % (length * 2, low, length * 2, high) for length, low, high in spaces]
    return b"\n".join(
        [
            b"/CIDInit /ProcSet findresource begin",
            b"12 dict begin",
            b"begincmap",
            b"/CIDSystemInfo <</Registry (Adobe) /Ordering (%s) /Supplement 0>> def"
            % ordering.encode("ascii"),
            b"/CMapName /%s def" % called.encode("ascii"),
            b"/CMapType %d def" % kind,
            b"/WMode %d def" % vertical,
            *_blocks(b"codespacerange", ranges),
            *blocks,
            b"endcmap",
            b"CMapName currentdict /CMap defineresource pop",
            b"end",
            b"end",
            b"",
        ]
    )


def _blocks(kind: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for at in range(0, len(lines), 100):
        block = lines[at : at + 100]
        yield b"%d begin%s" % (len(block), kind)
        yield from block
        yield b"end" + kind
