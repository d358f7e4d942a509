"""ISO-2022-JP as mail programs of Windows write it (code page 50221): with ①, ㈱ and 髙, which Python's codecs lack.

Row 13 (NEC) and rows 89 to 92 (IBM) have the places that code page 932 gives them. Registered as ``iso2022_jp_ms``; for
reading only.
"""

import codecs
from functools import cache
from typing import Any, cast

NAME = "iso2022_jp_ms"
_SETS = {b"\x1b(B": "ascii", b"\x1b(J": "ascii", b"\x1b(I": "kana", b"\x1b$@": "kanji", b"\x1b$B": "kanji"}
_LONGEST = 3


@cache
def _kanji() -> dict[tuple[int, int], str]:
    """Characters by their two 7-bit bytes."""
    found = {}
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            lead = ((row - 1) >> 1) + (0x71 if row <= 0x5E else 0xB1)
            trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
            try:
                found[row, cell] = bytes([lead, trail]).decode("cp932")
            except UnicodeDecodeError:
                continue
    return found


class _Reader(codecs.BufferedIncrementalDecoder):
    """Decodes piece by piece; what no character stands for is an error, as with the codecs of Python."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._set = "ascii"

    def reset(self) -> None:
        super().reset()
        self._set = "ascii"

    def _buffer_decode(self, data: bytes, errors: str, final: bool) -> tuple[str, int]:  # type: ignore[override]
        data, words, at = bytes(data), [], 0
        while at < len(data):
            if data[at] == 0x1B:
                mark = data[at : at + _LONGEST]
                if len(mark) < _LONGEST and not final:
                    break
                if mark not in _SETS:
                    raise UnicodeDecodeError(NAME, data, at, at + 1, "unknown escape")
                self._set, at = _SETS[mark], at + _LONGEST
                continue
            end = data.find(b"\x1b", at)
            end = len(data) if end < 0 else end
            if self._set == "kanji":
                end = _line_end(data, at, end)
                if (end - at) % 2 and end == len(data) and not final:
                    end -= 1
                if end == at and data[at] not in b"\r\n":
                    break
            words.append(self._run(data, at, end) if end > at else chr(data[at]))
            if end == at:  # a line ends, and with it the two-byte characters
                self._set = "ascii"
            at = max(end, at + 1)
        return "".join(words), at

    def _run(self, data: bytes, at: int, end: int) -> str:
        run = data[at:end]
        if self._set == "ascii":
            return run.decode("ascii")
        if self._set == "kana":
            return bytes(byte | 0x80 for byte in run).decode("cp932")
        known = _kanji()
        try:
            return "".join([known[pair] for pair in zip(run[::2], run[1::2], strict=True)])
        except (KeyError, ValueError):
            raise UnicodeDecodeError(NAME, data, at, end, "no such character") from None


def _line_end(data: bytes, at: int, end: int) -> int:
    """Where the first line end between two places is, or ``end``."""
    places = [place for mark in (b"\r", b"\n") if (place := data.find(mark, at, end)) >= 0]
    return min(places, default=end)


def _decode(data: bytes, errors: str = "strict", /) -> tuple[str, int]:
    whole = bytes(data)
    return _Reader(errors).decode(whole, True), len(whole)


def _encode(text: str, errors: str = "strict", /) -> tuple[bytes, int]:
    raise UnicodeEncodeError(NAME, text, 0, len(text), "this encoding is only read")


def _find(name: str) -> codecs.CodecInfo | None:
    if name != NAME:
        return None
    return codecs.CodecInfo(_encode, cast(Any, _decode), incrementaldecoder=_Reader, name=NAME)


codecs.register(_find)
