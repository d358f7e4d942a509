"""What the three readers share: folders of tables, and rows whose bad values are noted and not raised. No
Django.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sekisho.intake.records import LIMITS, Place, Problems
from sekisho.tables.table import FileProblem, Row, Table, read_table
from sekisho.values import (
    Problem,
    ValueProblem,
    clean_text,
    gettext_noop,
    is_blank,
    normalise_name,
    parse_corporate_number,
    parse_fiscal_year,
    parse_yen,
)

_ = gettext_noop
T = TypeVar("T")

#: exports put an apostrophe before what would be a formula; it is not part of the value
_NEUTRALISED: Final = tuple(f"'{sign}" for sign in "=+-@＝＋－＠\t\r\n")
#: key → (position, heading as the file writes it)
Columns = Mapping[str, tuple[int, str]]
#: called with the rows read so far and the name of the file being read
Progress = Callable[[int, str], None]
#: rows between two calls of a `Progress`
STEP: Final = 500


def read_folder(folder: Path) -> list[Table]:
    """Every CSV and Excel table of a folder, by file name. Raises `FileProblem` without a folder or tables
    in it.
    """
    params: dict[str, object] = {"file": str(folder)}
    if not folder.is_dir():
        raise FileProblem(
            _("“%(file)s” is not a folder."), params, _("Name the folder that holds the CSV files.")
        )
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".xlsx"})
    except OSError as error:
        raise FileProblem(
            _("The folder “%(file)s” cannot be read."), params, _("Check that you may read the folder.")
        ) from error
    if not files:
        raise FileProblem(
            _("The folder “%(file)s” holds no CSV file."),
            params,
            _("Unpack the downloaded files there first."),
        )
    return [read_table(path) for path in files if not path.name.startswith(("~$", "."))]


def find_columns(table: Table, wanted: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, str]]:
    """Where each key's heading stands: the first of its names that the table has. Absent ones are left
    out.
    """
    places = ((key, table.column(*names)) for key, names in wanted.items())
    return {key: (place, table.headings[place]) for key, place in places if place is not None}


@dataclass(slots=True)
class RowView:
    """One row by keys. A value that cannot be understood is noted, read as nothing, and clears ``ok``."""

    file: str
    row: Row
    columns: Columns
    problems: Problems
    ok: bool = True

    @property
    def place(self) -> Place:
        """Where the row stands."""
        return Place(self.file, self.row.number)

    def raw(self, key: str) -> object:
        """The cell; None when blank or without the column."""
        column = self.columns.get(key)
        if column is None:
            return None
        cell = self.row.cells[column[0]]
        if isinstance(cell, str) and cell.startswith(_NEUTRALISED):
            cell = cell[1:]
        return None if is_blank(cell) else cell

    def value(self, key: str, parse: Callable[[object], T]) -> T | None:
        """The cell parsed; None when blank or not understood."""
        cell = self.raw(key)
        if cell is None:
            return None
        try:
            return parse(cell)
        except ValueProblem as problem:
            self.note(key, problem)
            return None

    def text(self, key: str, limit: int = LIMITS["text"]) -> str:
        """Text that may have several lines; empty when blank."""
        return self.value(key, lambda cell: clean_text(_as_text(cell), limit)) or ""

    def name(self, key: str, limit: int) -> str:
        """Text on one line; empty when blank."""
        return self.value(key, lambda cell: normalise_name(_as_text(cell), limit)) or ""

    def yen(self, key: str, unit: int = 1) -> int | None:
        """Money in yen."""
        return self.value(key, lambda cell: parse_yen(cell, unit))

    def year(self, key: str) -> int | None:
        """A fiscal year."""
        return self.value(key, parse_fiscal_year)

    def corporate_number(self, key: str) -> str:
        """A 法人番号; one that is wrong is dropped with a warning, the row goes in."""
        cell = self.raw(key)
        if cell is None:
            return ""
        try:
            return parse_corporate_number(cell)
        except ValueProblem as problem:
            self.note(key, problem, warning=True)
            return ""

    def path(self, keys: Sequence[str]) -> tuple[str, ...]:
        """The organisation from these columns, blank levels left out."""
        return tuple(name for key in keys if (name := self.name(key, LIMITS["organisation"])))

    def require(self, key: str) -> None:
        """Note that this cell must not be blank."""
        self.note(key, ValueProblem(_("This must not be empty."), {}, _("Fill it in, or delete the row.")))

    def note(self, key: str, problem: Problem, *, warning: bool = False) -> None:
        """Note a problem with a key's cell."""
        column = self.columns.get(key)
        heading, value = (column[1], self.row.cells[column[0]]) if column else (key, None)
        self.problems.add(self.place, heading, value, problem, warning=warning)
        self.ok = self.ok and warning


def _as_text(cell: object) -> str:
    return cell if isinstance(cell, str) else str(cell)


def views(
    table: Table, columns: Columns, problems: Problems, progress: Progress | None = None, done: int = 0
) -> Iterator[RowView]:
    """The table's rows as views. A row with more cells than headings is noted and left out: its cells have
    shifted.
    """
    for row in table.rows:
        done += 1
        if progress and done % STEP == 0:
            progress(done, table.name)
        view = RowView(table.name, row, columns, problems)
        if not row.surplus:
            yield view
            continue
        problems.add(
            view.place,
            "",
            row.cells[0] if row.cells else "",
            ValueProblem(
                _("The row has %(surplus)s more cells than there are headings."),
                {"surplus": row.surplus},
                _("A comma in a value is probably not inside quotation marks."),
            ),
        )
