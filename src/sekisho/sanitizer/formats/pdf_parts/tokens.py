"""Content streams as instructions (7.8.2): plain ones by patterns, which is fast, and from the first odd one on by qpdf.

Both ways yield the same kinds of operands, but for strings and arrays: here ``bytes`` and ``list``, there qpdf's own.
The array of ``TJ`` may come as ``Raw``, already as it is to be written; a mark that can say nothing comes without operands.
"""

import re
from binascii import hexlify
from codecs import escape_decode
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.values import Unreadable
from sekisho.sanitizer.formats.pdf_writer import Raw

_N = rb"-?\d{1,9}(?:\.\d{1,9})?"
_S = rb"[ \t\r\n]+"
_W = rb"[ \t\r\n]*+"
#: Whole instructions of the usual kinds. ``plain``: numbers and an operator that takes no other, which is written as it
#: is but for the blanks between. ``mark``: one that names no layer and tells nothing.
_USUAL = re.compile(
    rb"%(w)s(?:(?P<plain>(?>%(n)s%(s)s)*+(?:cm?|[lwhnJjMivygGkK]|m|Tm|re|RG|rg|T[dDczLrs*]|Tw|SCN?|scn?|W\*?))"
    rb"|(?P<bare>[qQsSF]|BT|ET|EMC|[fBb]\*?)|<(?P<hex>[0-9A-Fa-f]*+)>%(w)sTj|\((?P<literal>(?>[^()\\\r]++|\\[0-7nrtbf\\()])*+)\)%(w)sTj"
    rb"|\[(?P<spaced>(?>[-0-9. \t\r\n]++|\((?>[^()\\\r]++|\\[0-7nrtbf\\()])*+\)|<[0-9A-Fa-f]*+>)*+)\]%(w)sTJ"
    rb"|(?P<named>/[A-Za-z0-9_.+-]++(?:%(s)s%(n)s%(s)sTf|%(s)s(?:cs|CS|gs|Do|scn|SCN|sh|ri)))"
    rb"|(?P<mark>/(?!(?>OC|Artifact)[ \t\r\n</])[A-Za-z0-9]++%(w)s(?:<<(?>(?!/MCID)[A-Za-z0-9/. \t\r\n\[\]-])*+>>%(w)sBDC|BMC)))(?=[ \t\r\n/\[<(]|\Z)"
    % {b"n": _N, b"s": _S, b"w": _W}
)
_LITERAL = re.compile(rb"\(((?>[^()\\]++|\\.)*+)\)")
# Escapes that Python's own strings have with the same meaning.
_SHARED_ESCAPES = re.compile(rb"(?>[^\\]++|\\(?:[0-3][0-7]{2}|[nrtbf\\]))*+\Z")
_SPACED = re.compile(rb"(?> ?(?:<(?>[0-9a-f]{2})*+>|%s(?=[ <]|\Z)))*+\Z" % _N)
_STRING = rb"\((?>[^()\\]++|\\[\s\S]|\((?>[^()\\]++|\\[\s\S])*+\))*+\)"
_END = rb"(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
_ITEM = (
    rb"(?P<number>[+-]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})" + _END + rb")|(?P<string>" + _STRING + rb")"
    rb"|(?P<hex><[0-9A-Fa-f\x00\t\n\x0c\r ]*+>)"
)  # fmt: skip
_GAP = rb"(?>[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+"
_TOKEN = re.compile(
    _GAP + rb"(?:" + _ITEM + rb"|(?P<word>[A-Za-z'\"][A-Za-z0-9*]*+)" + _END
    + rb"|(?P<name>/[!-$&'*-.0-;=?-Z\\^-z|~]*+)" + _END + rb"|(?P<open>\[)"
    rb"|(?P<dictionary><<(?>[^()<>\\]++|" + _STRING + rb"|<[0-9A-Fa-f]*+>)*+>>)|(?P<end>\Z))"
)  # fmt: skip
_ENTRY = re.compile(_GAP + rb"(?:" + _ITEM + rb"|(?P<close>\]))")
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|[\s\S])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_CONSTANTS: dict[bytes, Any] = {b"true": True, b"false": False, b"null": None}
_BLANKS = bytes(range(33))
_MAX_OPERANDS = 100_000
# How many numbers each of the operators takes that take nothing else.
NUMERIC = {
    "cm": 6, "w": 1, "J": 1, "j": 1, "M": 1, "i": 1, "m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "re": 4,
    "Tc": 1, "Tw": 1, "Tz": 1, "TL": 1, "Tr": 1, "Ts": 1, "Td": 2, "TD": 2, "Tm": 6, "G": 1, "g": 1,
    "RG": 3, "rg": 3, "K": 4, "k": 4, "h": 0, "W": 0, "W*": 0, "n": 0, "T*": 0,
}  # fmt: skip
_AMOUNTS = {operator.encode(): {count} for operator, count in NUMERIC.items()}
_AMOUNTS |= {operator: set(range(1, 33)) for operator in (b"SC", b"SCN", b"sc", b"scn")}

#: a line that is clean as it stands; or an operator, its operands and, where the same may come again, how it is
#: spelled; or a picture (8.9.7)
Told = tuple[str, list[Any], bytes]
Instruction = bytes | Told | pikepdf.ContentStreamInlineImage
#: takes what it can from a place on; answers how far it came, and from where on it is to be asked again
Taking = Callable[[bytes, int], tuple[int, int]]
_BARE: dict[bytes, Told] = {
    operator.encode(): (operator, [], b"")
    for operator in ("q", "Q", "s", "S", "F", "BT", "ET", "EMC", "f", "f*", "B", "B*", "b", "b*")
}
_MARK: Told = ("BMC", [], b"")


def instructions(pdf: pikepdf.Pdf, data: bytes, take: Taking | None = None) -> Iterator[Instruction]:
    """What ``data`` tells to do, in order, but for what ``take`` takes. Raises ``Unreadable`` for what is no content."""
    at, untaken, names, spelled = 0, 0, dict[bytes, Any](), dict[bytes, Told]()
    while True:
        if take and at >= untaken:
            at, untaken = take(data, at)
        if match := _USUAL.match(data, at):
            kind = match.lastgroup
            said = match[kind or 0]
            usual: bytes | Told | None
            if kind == "bare":
                usual = _BARE[said]
            elif kind == "mark":
                usual = _MARK
            elif kind == "named":
                usual = spelled.get(said) or spelled.setdefault(said, named(said, names))
            else:
                usual = _usual(kind, said)
            if usual is not None:
                at = match.end()
                yield usual
                continue
        found = _operation(data, at, names)
        if found is None:
            yield from read_by_qpdf(pdf, data[at:])
            return
        operator, operands, at = found
        if not operator:
            return
        yield operator, operands, b""


def properties(pdf: pikepdf.Pdf, said: bytes) -> Any:
    """The dictionary of a mark."""
    told = next(instructions(pdf, b"/P %s BDC" % said), None)
    return told[1][-1] if isinstance(told, tuple) and told[1] else None


def named(said: bytes, names: dict[bytes, Any]) -> Told:
    """An instruction that is a name, for a font with its size, and an operator."""
    called, *sizes, operator = said.split()
    return operator.decode("ascii"), [_name(called, names), *map(_number, sizes)], said


def _name(said: bytes, names: dict[bytes, Any]) -> Any:
    if said not in names:
        names[said] = pikepdf.Object.parse(said)
    return names[said]


def _operation(data: bytes, at: int, names: dict[bytes, Any]) -> tuple[str, list[Any], int] | None:
    """The next operator ("" at the end), its operands and the place behind it; None for what qpdf had better read."""
    operands: list[Any] = []
    while (token := _TOKEN.match(data, at)) and len(operands) <= _MAX_OPERANDS:
        kind, at = str(token.lastgroup), token.end()
        said = token[kind]
        if kind == "end" or (kind == "word" and said not in _CONSTANTS):
            return None if said == b"BI" else (said.decode("ascii"), operands, at)
        if kind == "name":
            operands.append(_name(said, names))
        elif kind == "open":
            array, at = _array(data, at)
            if not at:
                return None
            operands.append(array)
        elif kind == "dictionary":
            try:
                operands.append(pikepdf.Object.parse(said))
            except pikepdf.PdfError:  # a key twice, say, of which qpdf takes the last one in content
                return None
        else:
            operands.append(_MADE[kind](said))
    return None


def _usual(kind: str | None, said: bytes) -> bytes | Told | None:
    """The instruction of a pattern, None where its numbers or digits are not as they should be."""
    if kind == "plain":
        parts = said.split()
        return b" ".join(parts) if len(parts) - 1 in _AMOUNTS[parts[-1]] else None
    if kind == "literal":
        return "Tj", [_unescaped(said)], b""
    if kind == "hex":
        return None if len(said) % 2 else ("Tj", [bytes.fromhex(said.decode("ascii"))], b"")
    pieces = _LITERAL.split(said)
    pieces[1::2] = [
        b"<%s>" % hexlify(_unescaped(piece) if b"\\" in piece else piece) for piece in pieces[1::2]
    ]
    clean = b" ".join(b"".join(pieces).lower().split())
    return ("TJ", [Raw(clean)], b"") if _SPACED.match(clean) else None


def _array(data: bytes, at: int) -> tuple[list[Any], int]:
    """The strings and numbers up to the bracket and the place behind it; place 0 for anything else."""
    found: list[Any] = []
    while match := _ENTRY.match(data, at):
        at = match.end()
        kind = str(match.lastgroup)
        if kind == "close":
            return found, at
        found.append(_MADE[kind](match[kind]))
    return found, 0


def _number(said: bytes) -> int | Decimal:
    return Decimal(said.decode("ascii")) if b"." in said else int(said)


def _string(said: bytes) -> bytes:
    """The bytes of a literal string (7.3.4.2)."""
    inner = said[1:-1]
    if b"\r" in inner:
        inner = inner.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _unescaped(inner)


def _unescaped(inner: bytes) -> bytes:
    if b"\\" not in inner:
        return inner
    if _SHARED_ESCAPES.match(inner):
        return escape_decode(inner)[0]
    return _ESCAPE.sub(_meant, inner)


def _meant(match: re.Match[bytes]) -> bytes:
    said = match[1]
    return bytes([int(said, 8) & 255]) if said.isdigit() and said < b"8" else _ESCAPED.get(said, said)


def _hexadecimal(said: bytes) -> bytes:
    digits = said[1:-1].translate(None, _BLANKS)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


_MADE: dict[str, Any] = {
    "number": _number, "string": _string, "hex": _hexadecimal, "word": _CONSTANTS.__getitem__,
}  # fmt: skip


def read_by_qpdf(pdf: pikepdf.Pdf, data: bytes) -> Iterator[Instruction]:
    """The same for whatever is unusual, slowly."""
    try:
        found = pikepdf.parse_content_stream(pdf.make_stream(data))
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError) as error:
        raise Unreadable(detail="operators") from error
    for instruction in found:
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            yield instruction
        else:
            yield _spelled(instruction.operator), list(instruction.operands), b""


def _spelled(operator: Any) -> str:
    """The letters of an operator; what is no text is none."""
    try:
        return str(operator)
    except UnicodeDecodeError:
        return "?"
