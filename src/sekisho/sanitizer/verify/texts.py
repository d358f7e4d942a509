"""Clean text: UTF-8, no control or direction characters, and in tables no cell that a spreadsheet would run.

Read a piece at a time, so that a file of any size needs the memory of a few of its lines.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import unescape
from typing import BinaryIO

from sekisho.sanitizer.verify.grammar import Complaint, begins_a_plain_letter
from sekisho.sanitizer.verify.jsons import json_complaint

_PIECE = 1 << 20
_ALLOWED_CONTROLS = "\n\r\t"
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")
_SCHEMES = {"http", "https", "mailto"}
_TABLES = {"csv", "tsv"}
# A cell under any delimiter a spreadsheet may guess: quotes count for nothing, so that no dialect has a way of its own.
_EDGES = ",;|\t\r\n"
_UNSEEN = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u2800\u3164\uffa0\ufeff"
_BLANKS = (
    ' "'
    + "\u00a0\u1680\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "".join(map(chr, range(0x206A, 0x2070)))
    + _UNSEEN
    + "\ufff9\ufffa\ufffb\U000110bd\U000110cd\U000e0001"
    + "".join(
        chr(first + offset)
        for first, count in ((0xFE00, 16), (0xFDD0, 32), (0x1BCA0, 4), (0x1D173, 8), (0xE0100, 240))
        for offset in range(count)
    )
    + "".join(chr(plane * 0x10000 + 0xFFFE + odd) for plane in range(17) for odd in range(2))
)
# A sign, and what follows it up to where a cell may end.
_SIGN = re.compile(r"[-=+@＝＋－＠﹦﹢﹣﹫−⁺⁻⁼₊₋₌⩵⩶][^,;|\t\r\n]*+")
_REST = re.compile(r"[^,;\t\r\n]*+")
_DASHES = {"-", "--", "---"}  # how tables say "none"; computes nothing
_TAGS = range(0xE0000, 0xE0080)  # words that nobody sees


def complaint(source: BinaryIO, kind: str) -> Complaint | None:
    """See ``find_complaint``. ``source`` is read from its beginning, twice where two things are looked at."""
    if kind in _TABLES and source.read(2) == b"ID":  # spreadsheets take it for a symbolic link file
        return Complaint("text.formula", "begins with ID")
    looks = {"json": json_complaint, "md": _markdown, "csv": _table, "tsv": _table}
    try:
        found = looks[kind](_pieces(source)) if kind in looks else None
        return found or characters_complaint(_pieces(source))
    except UnicodeDecodeError as error:
        return Complaint("text.not_utf8", f"byte {source.tell() - len(error.object) + error.start}")


def _pieces(source: BinaryIO) -> Iterator[str]:
    """The text without its mark."""
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_begun = False
    while piece := source.read(_PIECE):
        text = decoder.decode(piece)
        yield text if has_begun else text.removeprefix("\ufeff")
        has_begun = has_begun or bool(text)
    decoder.decode(b"", final=True)


def _whole_lines(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces cut where lines end."""
    held: list[str] = []
    for piece in pieces:
        end = piece.rfind("\n") + 1
        if end:
            yield "".join([*held, piece[:end]])
            held = []
        held.append(piece[end:])
    yield "".join(held)


def characters_complaint(pieces: Iterable[str]) -> Complaint | None:
    """The first character that steers a terminal, turns a line or is nobody to see."""
    number = 1
    for piece in pieces:
        wrong = [character for character in set(piece) if _is_forbidden(character)]
        if wrong:
            at = min(map(piece.index, wrong))
            number += piece.count("\n", 0, at)
            return Complaint("text.control", f"line {number}, U+{ord(piece[at]):04X}")
        number += piece.count("\n")
    return None


def _is_forbidden(character: str) -> bool:
    if character in _ALLOWED_CONTROLS:
        return False
    return unicodedata.category(character) in _FORBIDDEN or character in _DIRECTION or ord(character) in _TAGS


def _table(pieces: Iterator[str]) -> Complaint | None:
    """No piece of a line begins a formula, whatever a spreadsheet takes for the delimiter."""
    number = 1
    for block in _whole_lines(pieces):
        if number == 1 and _names_delimiter(block.split("\n", 1)[0]):
            return Complaint("text.formula", "a line that names a delimiter")
        for sign in _SIGN.finditer(block):
            begin = _begin_of_blanks(block, sign.start())
            before = block[begin - 1 : begin]
            if before and before not in _EDGES:
                continue
            # behind a bar a cell ends at the next one; elsewhere a bar parts a program from its topic
            cell = block[begin : sign.end()] if before == "|" else _REST.match(block, begin)[0]  # type: ignore[index]
            if not _is_number(cell):
                number += block.count("\n", 0, sign.start())
                return Complaint("text.formula", f"row {number}")
        number += block.count("\n")
    return None


def _names_delimiter(first: str) -> bool:
    bare = first.strip(_BLANKS + "\t\r")
    return bare[:4].lower() == "sep=" and len(bare) <= 5


def _begin_of_blanks(block: str, at: int) -> int:
    """Where the blanks and quotes before this place begin."""
    while at and block[at - 1] in _BLANKS:
        at -= 1
    return at


def _is_number(piece: str) -> bool:
    bare = unicodedata.normalize("NFKC", piece).replace("−", "-").strip('" ').removesuffix("%")
    bare = bare.replace(",", "")  # a wide one, which parts no cells
    if bare in _DASHES:
        return True
    try:
        float(bare)
    except ValueError:
        return False
    return True


def _markdown(pieces: Iterator[str]) -> Complaint | None:
    """Outside fenced code: no tag, no picture, no address but of the web and of mail. No viewer sees code elsewhere."""
    fences = _Fences()
    held = ""
    for block in _whole_lines(pieces):
        shown: list[str] = [held]
        for line in block.splitlines(keepends=True):
            if found := fences.complaint(line, "".join(shown[-2:])):
                return Complaint("text.markup", found)
            if not fences.is_code:
                shown.append(line)
        words = "".join(shown)
        if found_in_words := _marked_up(words):
            return found_in_words
        held = _begun_link(words)
    return Complaint("text.markup", "code without end") if fences.is_open else None


_FENCE_LINE = re.compile(r"([ \t]*)((?>(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)*+)(`{3,}|~{3,})(.*)")
_PLAIN_FENCE = re.compile(r"(?:`{3,}|~{3,})[A-Za-z0-9_.+#-]*")
_FRONT = {"---", "+++"}


class _Fences:
    """``is_code``: the line just read belongs to code at the margin, its fences among it."""

    def __init__(self) -> None:
        self.is_code = False
        self._signs = ""
        self._inner = 0  # columns before a fence that is not at the margin
        self._front: str | None = None

    @property
    def is_open(self) -> bool:
        return bool(self._signs)

    def complaint(self, line: str, before: str) -> str:
        """What is wrong with how code begins or ends at this line; ``before``: the lines above it."""
        text = line.rstrip("\r\n")
        if self._front is None:
            self._front = text if text in _FRONT else ""
            if re.fullmatch(r"(?:---|\+\+\+)[\s\ufeff]*+\w++[\s\ufeff]*+", text):
                return "front matter that is run"
        elif self._front and text.rstrip() in {self._front, "..."}:
            if self._signs:
                return "code that front matter ends"
            self._front = ""
        if self._signs:
            return self._within(text)
        self.is_code = False
        opening = _FENCE_LINE.fullmatch(text)
        if not opening or (opening[3][0] == "`" and "`" in opening[4]):
            return ""
        self._signs, self._inner = opening[3], len((opening[1] + opening[2]).expandtabs(4))
        self.is_code = self._inner == 0
        if "{" in opening[4]:
            return "code that is run"
        if not self.is_code:
            return "" if self._inner >= _IN_A_LIST else "code that may be none"
        if before.strip(" \t\r\n") and before.splitlines()[-1].strip() and _begun_link(before):
            return "code for an address"
        return "" if _PLAIN_FENCE.fullmatch(text) else "code that may be none"

    def _within(self, text: str) -> str:
        bare = text.replace("\ufeff", "").strip()
        is_end = bare.startswith(self._signs) and set(bare) == {self._signs[0]}
        columns = len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip(" "))
        if self._inner:
            if bare and columns < self._inner:
                return "code that ends with its list"
            self._signs = "" if is_end else self._signs
        elif is_end and columns < _INDENTED:
            if text != self._signs:
                return "code that may not end"
            self._signs = ""
        return ""


# Attributes given in braces, which some viewers write into the page.
_GIVEN = re.compile(
    r"""\{(?>[^{}"']|"[^"]*+"|'[^']*+')*?\b(?:on\w+|href|src|srcset|srcdoc|style|action|formaction|data|poster|background|ping)\s*=""",
    re.IGNORECASE,
)
_INDENTED = 4  # columns
_BEGUN = re.compile(r"\][(:][\s>]*+(?:<[\s>]*+)?")
_LONGEST = 2048
_IN_A_LIST = 2  # blanks before a fence that may belong to the text of a list, and end with it


def _begun_link(words: str) -> str:
    """The lines at the end that wait for the address of a link."""
    at = len(words)
    while at and _BEGUN.fullmatch(words, max(0, words.rfind("]", 0, at)), at):
        at = words.rfind("\n", 0, words.rfind("]", 0, at)) + 1
    return words[at:]


def _marked_up(words: str) -> Complaint | None:
    for tag in re.finditer(r"<([A-Za-z/!?][^\s>]*)", words):
        is_link = re.match(r"https?://|mailto:|[\w.+-]+@[\w.-]+$", tag.group(1))
        if not is_link or not begins_a_plain_letter(unescape(tag.group(1)).removesuffix(">")):
            return Complaint("text.markup", tag.group(0)[:40])
    if "![" in words:
        return Complaint("text.markup", "picture")
    for paragraph in re.split(r"\n[ \t]*\n", words):
        if brace := _GIVEN.search(paragraph):
            return Complaint("text.markup", brace.group(0)[:40])
    for link in re.finditer(r"\](?:\(|:)[\s>]*+(?:<[\s>]*+)?(?=([^\s)>]{1,2048}))", words):
        if len(link.group(1)) == _LONGEST:
            return Complaint("text.markup", "an address without end")
        address = "".join(c for c in unescape(link.group(1)) if c > " " and c != "\\").lower()
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
        if (
            address.startswith("//")
            or "\\\\" in link.group(1)
            or re.match(r"[/\\]{2}", "".join(c for c in unescape(link.group(1)) if c > " "))
            or (scheme and scheme.group(1) not in _SCHEMES)
            or not begins_a_plain_letter(address)
        ):
            return Complaint("text.markup", address[:40])
    return None
