"""What the readers share: a sheet, its headings, its cells, and columns that name groups and waves."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

from sekisho.analysis.problems import AnalysisProblem, CellProblem, out_of_scale
from sekisho.analysis.scales import Reader, is_missing, key
from sekisho.values import gettext_noop, shown

_ = gettext_noop


def known_headings(kind: str) -> frozenset[str]:
    """The keys of the headings listed under ``kind`` in data/headings.yaml."""
    return _headings()[kind]


@cache
def _headings() -> dict[str, frozenset[str]]:
    text = (resources.files("sekisho.analysis") / "data" / "headings.yaml").read_text(encoding="utf-8")
    return {kind: frozenset(map(key, words)) for kind, words in yaml.safe_load(text).items()}


#: columns about the respondent or the form, never an answer
ABOUT: Final = known_headings("about")
#: columns that name the wave
WAVES: Final = known_headings("waves")
#: columns that name the wave where each row holds counts (for a respondent, a year may be that of birth)
YEARS: Final = WAVES | known_headings("years")
#: columns that name the group
GROUPS: Final = known_headings("groups")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Headings and, for each row below them, its line in the file and its cells (as many as headings).

    ``above`` are words that stood over the headings.
    """

    name: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[object]]]
    above: tuple[str, ...] = ()

    def column(self, index: int) -> list[object]:
        """The cells of a column."""
        return [cells[index] for _line, cells in self.rows]

    def find(self, heading: str) -> int:
        """The column with this heading. `AnalysisProblem` when there is none."""
        wanted = key(heading)
        for index, known in enumerate(self.headings):
            if key(known) == wanted:
                return index
        raise AnalysisProblem(
            _("There is no column “%(column)s”."),
            {"column": shown(heading), "headings": ", ".join(map(shown, self.headings[:30]))},
            _("The columns are: %(headings)s."),
        )

    def first(self, known: frozenset[str], taken: Sequence[int] = ()) -> int | None:
        """The first column whose heading is one of these."""
        places = (index for index, heading in enumerate(self.headings) if key(heading) in known)
        return next((index for index in places if index not in taken), None)


def labels(sheet: Sheet, index: int) -> tuple[str, ...]:
    """The text of a column for grouping; blank cells are their own group, “–”."""
    return tuple(label(cell) for cell in sheet.column(index))


def label(cell: object) -> str:
    """A cell as the name of a group: 2020, not 2020.0."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = " ".join(unicodedata.normalize("NFKC", str("" if cell is None else cell)).split())
    return text or "–"


_DATED: Final = re.compile(r"(?:wave|round|第|令和|平成|r|h|fy)?\s?\d[\d/.\-年月日回度期q]*", re.IGNORECASE)


def in_order(waves: Iterable[str]) -> list[str]:
    """Waves from the first to the last: sorted where all names are numbers or days, else in order of appearance."""
    names = list(dict.fromkeys(waves))
    if not all(_DATED.fullmatch(name) for name in names):
        return names
    return sorted(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


class Answers:
    """Reads cells of several columns with one reader, and raises for the first bad one, naming its place."""

    def __init__(
        self, sheet: Sheet, columns: Sequence[int], family: str, *, low: int = 1, high: int = 5
    ) -> None:
        self.sheet = sheet
        cells = (cell for column in columns for cell in sheet.column(column))
        self.reader = Reader(cells, family, low=low, high=high)
        self._check(columns)

    def column(self, index: int) -> list[int | None]:
        """The codes of a column."""
        return [self.reader.code(cell) for cell in self.sheet.column(index)]

    def _check(self, columns: Sequence[int]) -> None:
        bad = list(self._bad(columns))
        if not bad:
            return
        line, column, cell = bad[0]
        heading = self.sheet.headings[column]
        raise out_of_scale(line, heading, cell, self.reader.low, self.reader.high, more=len(bad) - 1)

    def _bad(self, columns: Sequence[int]) -> Iterator[tuple[int, int, object]]:
        for line, cells in self.sheet.rows:
            for column in columns:
                try:
                    self.reader.code(cells[column])
                except ValueError:
                    yield line, column, cells[column]


def whole_number(sheet: Sheet, line: int, column: int, cell: object) -> int | None:
    """A count in a cell, None when blank. `CellProblem` when it is none, or negative."""
    if is_missing(cell):
        return None
    try:
        number = float(unicodedata.normalize("NFKC", str(cell)).replace(",", "").rstrip("人名件 "))
    except ValueError:
        number = -1.0
    if number < 0 or not number.is_integer():
        raise CellProblem(
            line,
            sheet.headings[column],
            cell,
            _("Line %(line)s, column “%(column)s”: “%(value)s” is not a count."),
            _("Write a whole number, 0 or more."),
        )
    return int(number)


def joined_headings(upper: Sequence[str], lower: Sequence[str]) -> tuple[str, ...]:
    """Headings over two rows as one: what stands in merged cells above holds for the columns to its right as well."""
    joined, above = [], ""
    for index, below in enumerate(lower):
        above = (upper[index] if index < len(upper) else "") or above
        own = _NUMBERED_AGAIN.sub("", below)
        joined.append(" ".join(filter(None, (above, own))))
    return tuple(joined)


#: 充足 (2): a heading that stood before, as `sekisho.tables` tells it apart
_NUMBERED_AGAIN: Final = re.compile(r" \(\d+\)$")


def no_rows(sheet: Sheet) -> AnalysisProblem:
    """The sheet has headings and nothing below them."""
    return AnalysisProblem(
        _("There are headings and no answers below them."),
        {"headings": ", ".join(sheet.headings[:10])},
        _("Check that the right sheet or file was chosen."),
    )


def two_heading_rows(sheet: Sheet) -> AnalysisProblem:
    """Headings are repeated because what tells them apart stands in a merged row above."""
    return AnalysisProblem(
        _("Several columns have the same heading; what tells them apart may stand in merged cells above."),
        {"headings": ", ".join(sheet.headings[:10])},
        _("Write one row of headings with a heading of its own over each column, such as F1, D1, F2, D2."),
    )


def require_headings(sheet: Sheet) -> None:
    """Refuse a sheet whose first row are answers: they would be taken for headings.

    Raises:
        AnalysisProblem: every heading is an answer 1…5.
    """
    bare = [
        _NUMBERED_AGAIN.sub("", unicodedata.normalize("NFKC", heading)).strip() for heading in sheet.headings
    ]
    if len(bare) > 1 and all(heading in {"1", "2", "3", "4", "5"} for heading in bare):
        raise AnalysisProblem(
            _("The first row holds answers where the headings should be: %(headings)s."),
            {"headings": ", ".join(bare[:10])},
            _("Write a row of headings above them, such as F1, D1 for Kano or Q1 to Q10 for SUS."),
        )
