"""Open a CSV, TSV or Excel file as rows, or say in one sentence why it cannot be opened. No Django.

Whatever the bytes are, `read_table` returns a `Table` or raises `FileProblem`.
"""

import csv
import io
import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from sekisho.tables import files
from sekisho.tables.files import Cell, FileProblem, Span, bytes_of, cut_off, is_workbook, refusal
from sekisho.tables.headings import (
    HEADING_ROWS,
    Fits,
    Headings,
    NumberedCells,
    cell_text,
    find_headings,
    given_headings,
    heading_key,
    is_empty,
)
from sekisho.tables.workbooks import Sheet, excel_sheets
from sekisho.values import gettext_noop

__all__ = ["Body", "Cell", "FileProblem", "Row", "Table", "cell_text", "heading_key", "read_table"]

_ = gettext_noop


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``number`` is its first line in a text file, or its row in Excel, from 1.

    ``cells`` is as long as the headings; ``surplus`` counts further cells that were not empty.
    """

    number: int
    cells: tuple[Cell, ...]
    surplus: int = 0

    def text(self, index: int | None) -> str:
        """The cell as text; empty without the column."""
        return "" if index is None else cell_text(self.cells[index])


@dataclass(frozen=True)
class Table:
    """Headings and the rows below them; ``rows`` skips rows that are wholly empty and may be walked again.

    A heading that stands over several columns is theirs in order: 予算額, 予算額 (2), 予算額 (3).
    """

    name: str
    headings: tuple[str, ...]
    heading_row: int
    rows: "Body"
    preamble: tuple[str, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    _index: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for position, heading in enumerate(self.headings):
            self._index.setdefault(heading_key(heading), position)

    def column(self, *headings: str) -> int | None:
        """Where the first of these headings stands that the table has; width and spaces do not matter."""
        return next((self._index[key] for key in map(heading_key, headings) if key in self._index), None)

    def repeats(self, heading: str) -> bool:
        """True when another column has the same heading, so that it was given a number."""
        return heading_key(f"{heading} (2)") in self._index

    def has(self, *headings: str) -> bool:
        """True when every one of these headings is there."""
        return all(self.column(heading) is not None for heading in headings)


def read_table(
    source: Path | str | bytes,
    name: str = "",
    *,
    sheet: str | None = None,
    heading_row: int | None = None,
    fits: Fits | None = None,
) -> Table:
    """The table in a file (or in bytes called ``name``).

    ``sheet`` names an Excel sheet (the first one with content otherwise); ``heading_row`` is the line or
    Excel row of the headings (found by looks otherwise: the first row that has a word in most columns).
    With ``fits``, which says of a heading whether the reader looks for it, the sheet and the rows with the most such
    headings are taken, and headings over several rows are joined.
    Raises `FileProblem` for everything that is not a whole table.
    """
    data, name = bytes_of(source, name)
    if not data.strip(b"\x00\t\r\n \x1a"):
        raise refusal(name, _("The file “%(file)s” is empty."), _("Export it again."))
    if not is_workbook(data, name):
        return _table(name, Sheet(_text_rows(data, name)), heading_row, fits)
    found = _best_sheet(excel_sheets(data, name, sheet), fits)
    if found is None:
        raise refusal(
            name,
            _("The workbook “%(file)s” has no sheet with content."),
            _("Choose the file that holds the table."),
        )
    return _table(name, found, heading_row, fits)


# ---------------------------------------------------------------------------------------------- text


def _text_rows(data: bytes, name: str) -> "_CsvRows":
    text = _decode(data, name)
    rows = _CsvRows(name, text, _delimiter(text, name))
    rows.check()
    return rows


def _decode(data: bytes, name: str) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            text = _decoded(data, name, (encoding,))
            break
    else:
        text = _decoded(data, name, ("utf-8", "cp932"))
    return _checked_text(text.rstrip("\x1a"), name)


#: what Python makes of bytes that Shift_JIS does not assign
_UNASSIGNED = re.compile("[\x80\xa0\uf8f0-\uf8f3]")


def _decoded(data: bytes, name: str, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            if encoding != "cp932" or not (unassigned := _UNASSIGNED.search(text)):
                return text
            line = text.count("\n", 0, unassigned.start()) + 1
        except UnicodeDecodeError as error:
            if error.start > 0 and _ends_inside_a_character(error, data, encoding):
                raise cut_off(name) from error
            line = data.count(b"\n", 0, error.start) + 1
    raise refusal(
        name,
        _("The file “%(file)s” is neither UTF-8 nor Shift_JIS text (line %(line)s)."),
        _("Save it as “CSV UTF-8” and choose that file."),
        line=line,
    )


def _ends_inside_a_character(error: UnicodeDecodeError, data: bytes, encoding: str) -> bool:
    """UTF-8 that is right up to its last, unfinished character; UTF-16 with half a character at the end."""
    if encoding == "cp932":
        return error.start == len(data) - 1 and b"\n" in data
    return error.end >= len(data) and error.reason.startswith(("unexpected end", "truncated"))


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def _checked_text(text: str, name: str) -> str:
    found = sum(1 for _match in _CONTROL.finditer(text[:1_000_000]))
    if "\x00" in text or found > max(2, len(text) // 200):
        raise refusal(
            name,
            _("The file “%(file)s” is not text: it holds bytes that no CSV has."),
            _("Export the table again as CSV or as an Excel workbook (.xlsx)."),
        )
    return text


def _delimiter(text: str, name: str) -> str:
    """Comma, tab or semicolon: the one that gives the sample the most columns."""
    best, widest = ("\t" if name.lower().endswith((".tsv", ".tab")) else ","), 1.0
    sample = text[:20_000]
    order = [best, *(mark for mark in (",", "\t", ";") if mark != best)]
    for mark in order:
        width = _typical_width(sample, mark)
        if width > widest:
            best, widest = mark, width
    return best


def _typical_width(sample: str, delimiter: str) -> float:
    widths = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(row):
                widths.append(len(row))
            if len(widths) == HEADING_ROWS:
                break
    except csv.Error:
        pass
    return statistics.median_high(widths) if widths else 1


class _CsvRows:
    """The records of a CSV text with their first line numbers, parsed anew at each walk to keep memory
    small.
    """

    def __init__(self, name: str, text: str, delimiter: str) -> None:
        self.name, self.text, self.delimiter = name, text, delimiter

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(files.MAX_FIELD_CHARACTERS)
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        line = 1
        try:
            for record in reader:
                yield line, record
                line = reader.line_num + 1
        except csv.Error as error:
            self._explain(error, line)

    def _explain(self, error: csv.Error, line: int) -> NoReturn:
        reason = str(error)
        if "unexpected end of data" in reason:
            raise cut_off(self.name, line) from error
        if "field limit" in reason:
            raise refusal(
                self.name,
                _("“%(file)s”, row from line %(line)s: a value has more than %(limit)s characters."),
                _("A quotation mark is probably not closed there: put one at the end of the value."),
                line=line,
                limit=files.MAX_FIELD_CHARACTERS,
            ) from error
        raise refusal(
            self.name,
            _("“%(file)s”, row from line %(line)s: a quotation mark stands alone inside a value."),
            _('Write a quotation mark inside a quoted value twice ("").'),
            line=line,
        ) from error

    def check(self) -> None:
        """Walk through once: every quote closes, and the last row is not shorter than all others."""
        widths: dict[int, int] = {}
        line = width = 0
        for line, record in self:  # noqa: B007
            width = len(record)
            if width:
                widths[width] = widths.get(width, 0) + 1
        if self.text.endswith(("\n", "\r")) or len(widths) != 2 or width != min(widths) or widths[width] != 1:
            return
        raise cut_off(self.name, line)


# ------------------------------------------------------------------------------------------ headings


def _table(
    name: str,
    sheet: Sheet,
    heading_row: int | None,
    fits: Fits | None,
) -> Table:
    top = _top(sheet.rows, heading_row)
    found = _headings(name, top, sheet.spans, heading_row, fits)
    if not found.texts:
        raise refusal(name, _("The file “%(file)s” has no headings."), _("Put a name above each column."))
    preamble = tuple(cell_text(c) for n, row in top if n < found.first for c in row if not is_empty(c))
    body = Body(sheet.rows, found.last, len(found.texts))
    return Table(name, found.texts, found.first, body, preamble, sheet.title, sheet.titles)


def _top(rows: Iterable[NumberedCells], heading_row: int | None = None) -> list[NumberedCells]:
    """The first rows with content, as far as headings may reach."""
    top: list[NumberedCells] = []
    for row in rows:
        if len(top) >= HEADING_ROWS and row[0] > (heading_row or 0) + HEADING_ROWS:
            break
        if any(not is_empty(cell) for cell in row[1]):
            top.append(row)
    return top


def _headings(
    name: str,
    top: Sequence[NumberedCells],
    spans: Sequence[Span],
    heading_row: int | None,
    fits: Fits | None,
) -> Headings:
    if heading_row is None:
        return find_headings(top, spans, fits) if top else Headings(1, 1, ())
    found = given_headings(top, heading_row, spans, fits)
    if found is None:
        raise refusal(
            name,
            _("The file “%(file)s” has no headings in row %(row)s."),
            _("Check heading_row in the mapping."),
            row=heading_row,
        )
    return found


def _best_sheet(sheets: Iterable[Sheet], fits: Fits | None) -> Sheet | None:
    """The first sheet with content; with words to look for, the one whose headings have the most of them."""
    best, most = None, -1
    for sheet in sheets:
        top = _top(sheet.rows)
        if fits is None or not top:
            return sheet
        hits = find_headings(top, sheet.spans, fits).hits(fits)
        if hits > most:
            best, most = sheet, hits
    return best


class Body:
    """The rows below the headings, cut or filled to their width."""

    def __init__(self, rows: Iterable[NumberedCells], heading_row: int, width: int) -> None:
        self._rows, self._after, self._width = rows, heading_row, width
        self._length: int | None = None

    def __iter__(self) -> Iterator[Row]:
        width, length = self._width, 0
        for number, cells in self._rows:
            if number <= self._after or all(is_empty(cell) for cell in cells):
                continue
            missing = width - len(cells)
            surplus = sum(not is_empty(cell) for cell in cells[width:]) if missing < 0 else 0
            padded = (*cells, *([""] * missing)) if missing >= 0 else tuple(cells[:width])
            length += 1
            yield Row(number, padded, surplus)
        self._length = length

    def __len__(self) -> int:
        """Rows below the headings; free once they were walked to the end."""
        return sum(1 for _row in self) if self._length is None else self._length
