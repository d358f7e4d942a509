"""Plain text, tables in text, Markdown and JSON: decoded, filtered character by character, written as UTF-8."""

import csv
import io
import json
import re
import unicodedata

from sekisho.sanitizer.encodings import guess
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.markdown import neutralised as neutralised_markdown
from sekisho.sanitizer.formats.personal import warn_of_personal_numbers
from sekisho.sanitizer.results import Refused

# ECMA-48 control sequences: CSI, OSC (ended by BEL or ST) and two-character escapes.
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Tag characters (U+E0000 to E007F) spell words that nobody sees and that language models read.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]")
# The wide and small forms are taken for formulas by Japanese input and by importers that normalise.
_FORMULA_STARTS = "=+-@＝＋－＠﹦﹢﹣﹫"
_BLANKS = " \u3000\u00a0\u200b\u200c\u200d\u2060\ufeff\t\r\n'\""
# Excel takes its delimiter from such a first line, whatever the rest looks like.
_SEPARATOR = re.compile(r'[\s\ufeff\u200b]*"?sep=(.?)"?\s*', re.IGNORECASE)


def rebuild(job: Job) -> None:
    """Write the text anew; see ``clean_text`` and ``neutralised``."""
    encoding = guess(job.data)
    if encoding is None:
        raise Refused("text.undecodable")
    if encoding not in {"utf-8", "utf-8-sig"}:
        job.changed("text.reencoded", detail=encoding)
    text = clean_text(job, job.data.decode(encoding).removeprefix("\ufeff"))
    warn_of_personal_numbers(job, text)
    writers = {"csv": _table, "tsv": _table, "json": _json, "md": neutralised_markdown}
    written = writers.get(job.type.id, _as_is)(job, text)
    job.fidelity = {"characters_before": len(text), "characters_after": len(written)}
    # Excel takes a CSV without a byte order mark for the local code page and garbles Japanese.
    mark = "\ufeff" if job.type.id in {"csv", "tsv"} else ""
    job.output.write((mark + written).encode("utf-8"))


def clean_text(job: Job, text: str) -> str:
    """The text without terminal sequences, controls and direction marks, its line ends as LF. Reports by line."""
    lines = re.split("\r\n|\r|\n", text)
    return "\n".join(_clean_line(job, number, line) for number, line in enumerate(lines, start=1))


def _clean_line(job: Job, number: int, line: str) -> str:
    for pattern, code, replacement in (
        (_ANSI, "text.control", ""), (_DIRECTION, "text.direction", ""), (_CONTROL, "text.control", ""),
    ):  # fmt: skip
        line, count = pattern.subn(replacement, line)
        if count:
            job.removed(code, line=number, count=count)
    return line


def _as_is(job: Job, text: str) -> str:
    return text


def _json(job: Job, text: str) -> str:
    """JSON parsed and written anew: duplicate keys, comments and trailing matter have no way through.

    A file of one object a line (JSON Lines) stays one.
    """
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    except json.JSONDecodeError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2 or lines[0].strip()[:1] not in "{[":
            raise job.broken() from error
    except (ValueError, RecursionError) as error:
        raise job.broken() from error
    try:
        return "".join(json.dumps(json.loads(line), ensure_ascii=False) + "\n" for line in lines)
    except (ValueError, RecursionError) as error:
        raise job.broken() from error


def _table(job: Job, text: str) -> str:
    delimiter = written = "\t" if job.type.id == "tsv" else _delimiter(text)
    while said := _SEPARATOR.fullmatch(text.split("\n", 1)[0]):
        job.changed("text.separator", line=1)
        text = text.partition("\n")[2]
        delimiter, written = said.group(1) or delimiter, "," if job.type.id == "csv" else "\t"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=written, lineterminator="\r\n")
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            writer.writerow([_cell(job, number, column, cell) for column, cell in enumerate(row, start=1)])
    except (csv.Error, ValueError, TypeError) as error:  # a delimiter that the module does not take
        raise job.broken() from error
    return out.getvalue()


def _delimiter(text: str) -> str:
    """Comma, unless the first line holds more semicolons or tabs."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _cell(job: Job, row: int, column: int, cell: str) -> str:
    safe = neutralised(cell)
    if safe != cell:
        job.changed("text.formula", line=row, column=column)
    return safe


def neutralised(cell: str) -> str:
    """The cell with a ' before it when a spreadsheet could take it for a formula; numbers stay.

    Every piece that a spreadsheet guessing another delimiter would see as a cell of its own is treated alike.
    """
    pieces = re.split(r"([,;\t\n])", cell)
    return "".join(_neutral_piece(piece) for piece in pieces)


def _neutral_piece(piece: str) -> str:
    start = piece.lstrip(_BLANKS)[:1]
    if not start or start not in _FORMULA_STARTS or is_number(piece):
        return piece
    return piece if piece.startswith("'") else "'" + piece


def is_number(text: str) -> bool:
    """Whether a spreadsheet would read the text as a plain number (-1,234.5, ＋３, -12%) or as the dash for "none"."""
    bare = unicodedata.normalize("NFKC", text).strip().replace(",", "").removesuffix("%")
    return bool(re.fullmatch(r"-{1,3}|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", bare))
