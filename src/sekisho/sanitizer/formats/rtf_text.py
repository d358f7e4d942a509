"""The words of an RTF body as Outlook keeps it in its messages: expanded, then read as text alone.

Sources: [MS-OXRTFCP] 2.1 and 3.1 (compression), [MS-OXRTFEX] 2.2 (HTML inside RTF), RTF 1.9.1. Nothing of the RTF
survives: no field, object, picture or link, only characters, line ends and tabs.
"""

import codecs
import re
import struct
from dataclasses import dataclass, field

_COMPRESSED, _STORED = b"LZFu", b"MELA"
_HEADER = struct.Struct("<II4sI")
# [MS-OXRTFCP] 2.1.3.1.4: what every reader and writer has in its dictionary from the start.
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096


class RtfError(ValueError):
    """The body breaks its format."""


def expanded(packed: bytes, limit: int) -> bytes:
    """The RTF of a compressed body, at most ``limit`` bytes. Raises ``RtfError``."""
    if len(packed) < _HEADER.size:
        raise RtfError("cut off")
    _packed_size, size, kind, _checksum = _HEADER.unpack_from(packed)
    if size > limit:
        raise RtfError("too large")
    if kind == _STORED:
        return packed[_HEADER.size : _HEADER.size + size]
    if kind != _COMPRESSED:
        raise RtfError("unknown compression")
    return _inflated(packed, size)


def _inflated(packed: bytes, size: int) -> bytes:
    """Runs of eight tokens, each a literal or a reference (12 bits of place, 4 of length) into a ring of 4 KiB."""
    ring = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    place, out, at = len(_DICTIONARY), bytearray(), _HEADER.size
    while at < len(packed) and len(out) < size:
        control = packed[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(packed):
                    return bytes(out)
                reference = packed[at] << 8 | packed[at + 1]
                at += 2
                start = reference >> 4
                if start == place:
                    return bytes(out)
                piece = [(start + step) % _WINDOW for step in range((reference & 15) + 2)]
            elif at < len(packed):
                ring[place] = packed[at]
                piece = [place]
                at += 1
            else:
                return bytes(out)
            for source in piece:
                ring[place] = ring[source]
                out.append(ring[place])
                place = (place + 1) % _WINDOW
    return bytes(out[:size])


# Groups whose text is not part of what people read.
_SKIPPED = frozenset(
    [
        "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "header", "footer", "headerl",
        "headerr", "footerl", "footerr", "fldinst", "listtable", "listoverridetable", "rsidtbl", "generator",
        "themedata", "datastore", "xmlnstbl", "filetbl", "revtbl", "template", "nonshppict",
    ]
)  # fmt: skip
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "page": "\n", "sect": "\n", "tab": "\t", "cell": "\t",
           "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
           "rdblquote": "\u201d", "bullet": "\u2022"}  # fmt: skip
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_MAX_DEPTH = 500


@dataclass
class _State:
    """What holds inside one group: whether its text counts, and how many stand-ins follow a Unicode character."""

    shown: bool = True
    stand_ins: int = 1


@dataclass
class _Reader:
    encoding: str = "cp932"
    groups: list[_State] = field(default_factory=lambda: [_State()])
    words: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    to_skip: int = 0
    wrapping: bool = (
        False  # between \\htmlrtf and \\htmlrtf0 stands what RTF readers see and the page does not hold
    )

    def flush(self) -> None:
        if self.pending:
            self.words.append(self.pending.decode(self.encoding, "replace"))
            self.pending.clear()

    def say(self, raw: bytes) -> None:
        skipped = min(self.to_skip, len(raw))
        self.to_skip -= skipped
        if self.groups[-1].shown and not self.wrapping:
            self.pending += raw[skipped:]

    def say_mark(self, mark: str) -> None:
        self.flush()
        if self.groups[-1].shown and not self.wrapping:
            self.words.append(mark)


def bodies(packed: bytes, limit: int) -> tuple[str, str]:
    """Text and page of a mail that has its body as compressed RTF alone; one of them is empty. Raises ``RtfError``."""
    found, is_page = words(expanded(packed, limit))
    return ("", found) if is_page else (found, "")


def words(rtf: bytes) -> tuple[str, bool]:
    """The characters an RTF text shows, or the web page it wraps, and whether it wraps one.

    A page is as untrusted as any other. Raises ``RtfError`` for what is no RTF.
    """
    if not rtf.lstrip().startswith(b"{\\rtf"):
        raise RtfError("not RTF")
    reader = _Reader()
    from_page = b"\\fromhtml" in rtf[:1024]
    for token in _TOKEN.finditer(rtf):
        word, number, code, symbol, brace, text = token.groups()
        if brace:
            _group(reader, brace)
        elif word:
            _control(reader, word.decode("ascii"), int(number) if number else None, from_page=from_page)
        elif code:
            reader.say(bytes.fromhex(code.decode("ascii")))
        elif symbol:
            _symbol(reader, symbol)
        elif text:
            reader.say(text)
    reader.flush()
    # Characters beyond the first plane come as two halves.
    joined = "".join(reader.words).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.strip("\n"), from_page


def _group(reader: _Reader, brace: bytes) -> None:
    reader.flush()
    reader.to_skip = 0
    if brace == b"{":
        if len(reader.groups) >= _MAX_DEPTH:
            raise RtfError("too deep")
        last = reader.groups[-1]
        reader.groups.append(_State(last.shown, last.stand_ins))
    elif len(reader.groups) > 1:
        reader.groups.pop()


def _symbol(reader: _Reader, symbol: bytes) -> None:
    if symbol == b"*":  # a destination that readers may not know: nothing that people read
        reader.groups[-1].shown = False
    elif symbol in b"\\{}":
        reader.say(symbol)
    elif symbol == b"~":
        reader.say_mark("\u00a0")
    elif symbol in b"\r\n":
        reader.say_mark("\n")


def _control(reader: _Reader, word: str, number: int | None, *, from_page: bool) -> None:
    state = reader.groups[-1]
    if word in _SKIPPED:
        state.shown = False
    elif word == "htmltag" and from_page:
        state.shown = True
    elif word == "htmlrtf" and from_page:
        reader.flush()
        reader.wrapping = number != 0
    elif word == "ansicpg" and number:
        reader.encoding = _known(f"cp{number}")
    elif word == "uc" and number is not None:
        state.stand_ins = max(0, min(number, 8))
    elif word == "u" and number is not None:
        reader.say_mark(chr(number % 0x10000))
        reader.to_skip = state.stand_ins
    elif word in _BREAKS:
        reader.say_mark(_BREAKS[word])


def _known(encoding: str) -> str:
    try:
        return codecs.lookup("utf-8" if encoding == "cp65001" else encoding).name
    except LookupError:
        return "cp932"
