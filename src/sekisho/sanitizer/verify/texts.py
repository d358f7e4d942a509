"""Clean text: UTF-8, no control or direction characters, and in tables no cell that a spreadsheet would run."""

import csv
import json
import re
import unicodedata
from html import unescape

from sekisho.sanitizer.verify.grammar import Complaint

_ALLOWED_CONTROLS = "\n\r\t"
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")
_SCHEMES = {"http", "https", "mailto"}
_DELIMITERS = {"csv": ",;", "tsv": "\t"}
_STARTS = "=+-@＝＋－＠﹦﹢﹣﹫"
_BLANKS = ' \u3000\u00a0\u200b\u200c\u200d\u2060\ufeff\t\r\n"'
_DASHES = {"-", "--", "---"}  # how tables say "none"; computes nothing
_TAGS = range(0xE0000, 0xE0080)  # words that nobody sees


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Complaint("text.not_utf8", f"byte {error.start}")
    if kind in _DELIMITERS and data.startswith(b"ID"):  # spreadsheets take it for a symbolic link file
        return Complaint("text.formula", "begins with ID")
    text = text.removeprefix("\ufeff")
    if kind == "json" and (wrong := _json(text)):
        return wrong
    if kind == "md" and (found := _markdown(text)):
        return found
    return _characters(text) or (_cells(text, kind) if kind in _DELIMITERS else None)


def _json(text: str) -> Complaint | None:
    """One document, or objects and lists one a line."""
    try:
        json.loads(text, object_pairs_hook=_one_of_each)
    except json.JSONDecodeError as error:
        try:
            values = [
                json.loads(line, object_pairs_hook=_one_of_each) for line in text.split("\n") if line.strip()
            ]
        except (ValueError, RecursionError):
            values = []
        if len(values) < 2 or not all(isinstance(value, (dict, list)) for value in values[:1]):
            return Complaint("text.not_json", str(error)[:80])
    except (ValueError, RecursionError) as error:
        return Complaint("text.not_json", str(error)[:80])
    return None


def _markdown(text: str) -> Complaint | None:
    """Outside fenced code: no tag, no picture, no address but of the web and of mail."""
    fence = ""
    shown: list[str] = []
    for line in text.split("\n"):
        mark = re.match(r" {0,3}(```+|~~~+)(.*)$", line)
        if fence:
            if mark and mark.group(1).startswith(fence) and not mark.group(2).strip():
                fence = ""
        elif mark and not (mark.group(1)[0] == "`" and "`" in mark.group(2)):
            fence = mark.group(1)
        else:
            shown.append(line)
    words = "\n".join(shown)
    for tag in re.finditer(r"<([A-Za-z/!?][^\s>]*)", words):
        if not re.match(r"https?://|mailto:|[\w.+-]+@[\w.-]+$", tag.group(1)):
            return Complaint("text.markup", tag.group(0)[:40])
    if "![" in words:
        return Complaint("text.markup", "picture")
    for link in re.finditer(r"\](?:\(|:)\s*<?\s*([^\s)>]+)", words):
        address = "".join(c for c in unescape(link.group(1)) if c > " " and c != "\\").lower()
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
        if (
            address.startswith("//")
            or "\\\\" in link.group(1)
            or (scheme and scheme.group(1) not in _SCHEMES)
        ):
            return Complaint("text.markup", address[:40])
    return None


def _one_of_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Readers disagree about which of two equal keys counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _characters(text: str) -> Complaint | None:
    for number, line in enumerate(text.split("\n"), start=1):
        for character in set(line):
            if character in _ALLOWED_CONTROLS:
                continue
            if (
                unicodedata.category(character) in _FORBIDDEN
                or character in _DIRECTION
                or ord(character) in _TAGS
            ):
                return Complaint("text.control", f"line {number}, U+{ord(character):04X}")
    return None


def _cells(text: str, kind: str) -> Complaint | None:
    """A cell that begins a formula under any delimiter a spreadsheet may guess is one too many."""
    first = text.split("\n", 1)[0].strip(_BLANKS)
    if first[:4].lower() == "sep=" and len(first) <= 5:
        return Complaint("text.formula", "a line that names a delimiter")
    for delimiter in _DELIMITERS[kind]:
        rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        for number, row in enumerate(_safely(rows), start=1):
            for cell in (piece for whole in row for piece in re.split(r"[,;\t\n]", whole)):
                start = cell.lstrip(_BLANKS)[:1]  # a ' first makes the rest plain text
                if start and start in _STARTS and not _is_number(cell):
                    return Complaint("text.formula", f"row {number}")
    return None


def _safely(rows: "csv._reader") -> "list[list[str]]":  # type: ignore[name-defined]
    try:
        return list(rows)
    except csv.Error:
        return [["="]]  # what the csv module cannot read a spreadsheet reads in its own way


def _is_number(cell: str) -> bool:
    bare = unicodedata.normalize("NFKC", cell).strip('" ').replace(",", "").removesuffix("%")
    if bare in _DASHES:
        return True
    try:
        float(bare)
    except ValueError:
        return False
    return True
