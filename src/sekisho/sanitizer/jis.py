"""ISO-2022-JP as Windows and mobile phones write it: with the signs of NEC and IBM (①㈱髙) and half-width kana.

Python's own codecs know the standard's characters alone. What stands between escapes is turned into code page 932, which
has them all. Registered as ``iso2022_jp_ms``, the name that other systems give it (also CP50221).
"""

import codecs
import re
from typing import Any

NAME = "iso2022_jp_ms"
_ESCAPE = re.compile(rb"\x1b(?:\([BJI]|\$[@B]|\$\(D|&@)")
_SETS = {
    b"(B": "ascii", b"(J": "ascii", b"(I": "kana", b"$@": "kanji", b"$B": "kanji", b"$(D": "supplement", b"&@": "",
}  # fmt: skip
_LONGEST_ESCAPE = 4


class IncrementalDecoder(codecs.IncrementalDecoder):
    """Decodes piece by piece; every line begins in ASCII, as the standard has it."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self.reset()

    def reset(self) -> None:
        self._set, self._rest = "ascii", b""

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        data, self._rest = self._rest + data, b""
        found, at = [], 0
        for escape in _ESCAPE.finditer(data):
            found.append(self._run(data[at : escape.start()], complete=True))
            self._set = _SETS[escape.group()[1:]] or self._set
            at = escape.end()
        tail = data[at:]
        cut = tail.rfind(b"\x1b")
        if not final and len(tail) - _LONGEST_ESCAPE < cut and cut >= 0:
            tail, self._rest = tail[:cut], tail[cut:]
        found.append(self._run(tail, complete=final))
        return "".join(found)

    def _run(self, data: bytes, *, complete: bool) -> str:
        """What stands between two escapes."""
        lines = data.split(b"\n")
        said = []
        for number, line in enumerate(lines):
            if number:
                self._set = "ascii"
                said.append("\n")
            last = number == len(lines) - 1
            half = last and not complete and self._set in {"kanji", "supplement"} and len(line) % 2
            if half:
                self._rest = line[-1:] + self._rest
            said.append(self._line(line[:-1] if half else line))
        return "".join(said)

    def _line(self, line: bytes) -> str:
        if self._set == "ascii":
            return line.decode("ascii", self.errors)
        if self._set == "kana":
            return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in line).decode(
                "cp932", self.errors
            )
        ending = line[len(line.rstrip(b"\r")) :]
        line = line[: len(line) - len(ending)]
        pairs = [line[at : at + 2] for at in range(0, len(line), 2)]
        if self._set == "kanji":
            return b"".join(map(_as_cp932, pairs)).decode("cp932", self.errors) + ending.decode("ascii")
        raised = b"".join(b"\x8f" + bytes(byte | 0x80 for byte in pair) for pair in pairs)
        return raised.decode("euc_jp", self.errors) + ending.decode("ascii")


def _as_cp932(pair: bytes) -> bytes:
    """Row and cell of JIS X 0208 as code page 932 has them; blanks, which some leave between, stay."""
    if len(pair) < 2 or not all(0x21 <= byte <= 0x7E for byte in pair):
        return pair
    row, cell = pair[0] - 0x21, pair[1] - 0x21
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 0x3F))
    return bytes((lead, trail))


def _decode(data: Any, errors: str = "strict") -> tuple[str, int]:
    return IncrementalDecoder(errors).decode(bytes(data), final=True), len(data)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    raise NotImplementedError


def _found(name: str) -> codecs.CodecInfo | None:
    if name != NAME:
        return None
    return codecs.CodecInfo(encode=_encode, decode=_decode, incrementaldecoder=IncrementalDecoder, name=NAME)


codecs.register(_found)
