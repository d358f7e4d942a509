"""Tables in text: read and written anew by the csv module, row by row."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator

from sekisho.sanitizer.formats.cells import BLANKS, may_hold_formulas, neutralised
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.reading import whole_lines

csv.field_size_limit(16 << 20)  # characters of a cell; the module's own bound is below what databases hold

# Excel takes its delimiter from such a first line, whatever the rest looks like.
_UNREAD = rf"[\s{re.escape(BLANKS)}]*+"
_SEPARATOR = re.compile(rf"{_UNREAD}sep=(.?){_UNREAD}", re.IGNORECASE)


def table(job: Job, text: Iterator[str]) -> Iterator[str]:
    """The table with one delimiter, quotes where they are needed, and no cell that a spreadsheet would run."""
    lines = _Lines(whole_lines(text))
    is_tsv = job.type.id == "tsv"
    delimiter = written = "\t" if is_tsv else _delimiter(lines.first)
    while said := _SEPARATOR.fullmatch(lines.first.removesuffix("\n")):
        job.changed("text.separator", line=1)
        next(lines)
        delimiter, written = said.group(1) or delimiter, "\t" if is_tsv else ","
    try:
        yield from _Table(job, lines, delimiter, written).rewritten()
    except (csv.Error, ValueError, TypeError) as error:  # a delimiter that the module does not take
        raise job.broken() from error


def _delimiter(first: str) -> str:
    """Comma, unless the first line holds more semicolons or tabs."""
    return max(",;\t", key=first.count)


class _Lines:
    """Lines for the csv module, which takes as many as a row has, or all at hand at once."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._held: deque[str] = deque()
        self.has_grown = False  # since ``at_hand``

    @property
    def first(self) -> str:
        """The next line, which stays; empty at the end."""
        while not self._held and (block := next(self._blocks, None)) is not None:
            self._held.extend(block.splitlines(keepends=True))
            self.has_grown = True
        return self._held[0] if self._held else ""

    def at_hand(self) -> str:
        """The lines that are held, else those read next; empty at the end. For the beginning of a row."""
        block = "".join(self._held) if self.first else ""
        self.has_grown = False
        return block

    def drop_held(self) -> None:
        self._held.clear()

    def __bool__(self) -> bool:
        return bool(self._held)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if not self.first:
            raise StopIteration
        return self._held.popleft()


class _Table:
    def __init__(self, job: Job, lines: _Lines, delimiter: str, written: str) -> None:
        self.job, self.lines, self.delimiter = job, lines, delimiter
        self.is_same = delimiter == written
        self.reader = csv.reader(lines, delimiter=delimiter)
        self.out = io.StringIO()
        self.writer = csv.writer(self.out, delimiter=written, lineterminator="\r\n")
        self.number = 0  # of the last row

    def rewritten(self) -> Iterator[str]:
        while block := self.lines.at_hand():
            is_harmless = not may_hold_formulas(block, self.delimiter)
            if is_harmless and self.is_same and _is_plain(block):
                self.lines.drop_held()
                block = block.removesuffix("\n") + "\n"
                self.number += block.count("\n")
                yield block.replace("\n", "\r\n")
            else:
                yield self._row_by_row(is_harmless=is_harmless)

    def _row_by_row(self, *, is_harmless: bool) -> str:
        """The rows of the lines held. One may reach into lines that nobody has judged, and these follow."""
        while self.lines:
            row = next(self.reader)
            self.number += 1
            if not is_harmless or self.lines.has_grown:
                row = [self._cell(column, cell) for column, cell in enumerate(row, start=1)]
            self.writer.writerow(row)
        written = self.out.getvalue()
        self.out.seek(0)
        self.out.truncate()
        return written

    def _cell(self, column: int, cell: str) -> str:
        safe = neutralised(cell)
        if safe != cell:
            self.job.changed("text.formula", line=self.number, column=column)
        return safe


def _is_plain(block: str) -> bool:
    """Whether the csv module would write these lines as it reads them: no quotes, no cell too long for it."""
    return '"' not in block and max(map(len, block.split("\n"))) <= csv.field_size_limit()
