"""Plain text, tables in text, Markdown, JSON, calendars and contacts: decoded, filtered character by character, written as UTF-8.

All of it goes through in blocks of lines, so that memory stays the same however large the file is.
"""

import io
import re
from collections.abc import Callable, Iterator
from functools import partial

from sekisho.sanitizer.encodings import guess_damaged, guess_file
from sekisho.sanitizer.formats import jsons
from sekisho.sanitizer.formats.calendar import calendar
from sekisho.sanitizer.formats.contacts import contacts
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.markdown import neutralised_blocks
from sekisho.sanitizer.formats.personal import BREAK, flowing, in_a_cell, warn_of_personal_numbers
from sekisho.sanitizer.formats.reading import blocks
from sekisho.sanitizer.formats.tables import table
from sekisho.sanitizer.results import Refused

# ECMA-48 control sequences: CSI, OSC (ended by BEL or ST) and two-character escapes.
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Tag characters (U+E0000 to E007F) spell words that nobody sees and that language models read.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]")
# What fills a field up to the next one.
_PADDING = re.compile("\x00{2,}(?=[^\x00])")
# What parts lines or pages without ending the line, between words that it keeps apart.
_PARTING = re.compile("(?<=\\S)[\x0b\x0c\x85\u2028\u2029]+(?=\\S)")
_UNCLEAN = re.compile(f"{_DIRECTION.pattern}|{_CONTROL.pattern}")

# The same in strings of JSON, as its writer spells them; any other escape is matched, so that it is passed over.
_SPELLED = re.compile(
    rf"(?P<direction>{_DIRECTION.pattern})|{_CONTROL.pattern}|\\(?:u00[01][0-9a-f]|[bf]|(?P<other>.))"
)
_MAY_SPELL = re.compile(rf"{_UNCLEAN.pattern}|\\[ubf]")

_QUOTED = re.compile(r'"[^"]*"')

#: JSON of more bytes is written without indents, which would make it several times as large
_DENSE_FROM = 200 << 20

#: about as many lists and objects in one another as are read
_DEEPEST_JSON = 1_000

Writer = Callable[[Job, Iterator[str]], Iterator[str]]


def rebuild(job: Job) -> None:
    """Write the text anew; see ``clean_text`` and ``cells.neutralised``."""
    encoding, errors = guess_file(job.source), "strict"
    if encoding is None:
        encoding, errors = guess_damaged(job.source), "replace"
    if encoding is None:
        raise Refused("text.undecodable")
    writers: dict[str, Writer] = {
        "csv": table, "tsv": table, "json": _json, "md": neutralised_blocks, "ics": calendar,
        "vcf": partial(contacts, clean=clean_text),
    }  # fmt: skip
    try:
        _write(job, encoding, errors, writers.get(job.type.id, _as_is))
    except jsons.NotOneDocument:
        job.start_over()
        _write(job, encoding, errors, _json_lines)


def _write(job: Job, encoding: str, errors: str, writer: Writer) -> None:
    if encoding not in {"utf-8", "utf-8-sig"}:
        job.changed("text.reencoded", detail=encoding)
    before = after = 0

    def clean() -> Iterator[str]:
        nonlocal before
        number = 1
        for block in blocks(job.source, encoding, errors):
            if errors == "replace":
                _report_damage(job, block, number)
            cleaned = clean_text(job, block, first=number)
            number += block.count("\n")
            before += len(cleaned)
            if job.type.id not in {"ics", "vcf"}:  # whose lines are cut anywhere: they are looked at joined
                warn_of_personal_numbers(job, _parted(job, cleaned))
            yield cleaned

    # Excel takes a CSV without a byte order mark for the local code page and garbles Japanese.
    job.output.write(b"\xef\xbb\xbf" if job.type.id in {"csv", "tsv"} else b"")
    for written in writer(job, clean()):
        after += len(written)
        job.output.write(written.encode("utf-8"))
    job.fidelity = {"characters_before": before, "characters_after": after}


def _parted(job: Job, text: str) -> str:
    """The text with a break where a line of a cell, a string or a paragraph is broken."""
    if job.type.id in {"csv", "tsv"}:
        return _QUOTED.sub(lambda cell: in_a_cell(cell.group()), text) if '"' in text else text
    return text.replace(r"\n", BREAK) if job.type.id == "json" else flowing(text)


def _report_damage(job: Job, block: str, first: int) -> None:
    for number, line in enumerate(block.split("\n"), start=first):
        if damaged := line.count("\ufffd"):
            job.lost("text.damaged", line=number, count=damaged)


def clean_text(job: Job, text: str, *, first: int = 1) -> str:
    """The text without terminal sequences, controls and direction marks, its line ends as LF. Reports by line.

    ``first``: the number of its first line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _UNCLEAN.search(text):
        return text
    return "\n".join(
        _clean_line(job, number, line) for number, line in enumerate(text.split("\n"), start=first)
    )


def _clean_line(job: Job, number: int, line: str) -> str:
    for pattern, code, replacement in (
        (_ANSI, "text.control", ""), (_PADDING, "text.control", _blanks), (_PARTING, "text.control", " "), (_DIRECTION, "text.direction", ""), (_CONTROL, "text.control", ""),
    ):  # fmt: skip
        line, count = pattern.subn(replacement, line)
        if count:
            job.removed(code, line=number, count=count)
    return line


def _blanks(filled: re.Match[str]) -> str:
    return " " * len(filled[0])


def _as_is(job: Job, text: Iterator[str]) -> Iterator[str]:
    return text


def _json(job: Job, text: Iterator[str]) -> Iterator[str]:
    """JSON parsed and written anew. A file of one object a line (JSON Lines) stays one: see ``rebuild``."""
    try:
        indent = 2 if job.source.seek(0, io.SEEK_END) <= _DENSE_FROM else None
        yield from _without_controls(
            job, jsons.document(text, indent=indent, dropped=partial(_tell_dropped, job))
        )
    except RecursionError as error:
        raise Refused("limit.nesting", limit=_DEEPEST_JSON) from error
    except ValueError as error:
        raise job.broken() from error


def _json_lines(job: Job, text: Iterator[str]) -> Iterator[str]:
    try:
        yield from _without_controls(job, jsons.lines(text, dropped=partial(_tell_dropped, job)))
    except (ValueError, RecursionError) as error:
        raise job.broken() from error


def _tell_dropped(job: Job, count: int) -> None:
    job.removed("text.double_key", count=count)


def _without_controls(job: Job, written: Iterator[str]) -> Iterator[str]:
    """JSON as it is written, without what its strings had hidden in escapes: controls, direction marks, half characters."""

    def judged(found: re.Match[str]) -> str:
        if found["other"]:
            return found[0]
        job.removed("text.direction" if found["direction"] else "text.control")
        return ""

    for piece in written:
        yield _SPELLED.sub(judged, piece) if _MAY_SPELL.search(piece) else piece
