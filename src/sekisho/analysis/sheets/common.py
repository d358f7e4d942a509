"""What the readers share: a sheet, its headings, its cells, and columns that name groups and waves."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sekisho.analysis.problems import AnalysisProblem, CellProblem, out_of_scale
from sekisho.analysis.scales import Reader, is_missing, key
from sekisho.values import gettext_noop, shown

_ = gettext_noop

#: headings of columns that are about the respondent or the form, never an answer
ABOUT: Final = frozenset(
    key(word)
    for word in [
        "respondent",
        "respondent id",
        "respondent no",
        "respondentid",
        "participant",
        "participant id",
        "id",
        "no",
        "no.",
        "number",
        "#",
        "user",
        "user id",
        "name",
        "e-mail",
        "email",
        "mail",
        "timestamp",
        "time",
        "date",
        "start time",
        "completion time",
        "submitted",
        "language",
        "comment",
        "comments",
        "remarks",
        "回答者",
        "回答者id",
        "回答者番号",
        "参加者",
        "番号",
        "通番",
        "連番",
        "整理番号",
        "氏名",
        "名前",
        "メール",
        "メールアドレス",
        "回答日",
        "回答日時",
        "日時",
        "日付",
        "開始時刻",
        "完了時刻",
        "タイムスタンプ",
        "言語",
        "備考",
        "コメント",
        "自由記述",
        "自由意見",
    ]
)
#: headings of a column that names the wave
WAVES: Final = frozenset(
    key(word)
    for word in [
        "wave",
        "survey wave",
        "round",
        "survey round",
        "調査回",
        "調査時期",
        "調査",
        "時期",
        "回",
        "実施回",
        "実施時期",
        "ウェーブ",
    ]
)
#: headings that name the wave where each row holds counts (for a respondent, a year may be that of birth)
YEARS: Final = WAVES | frozenset(
    key(word)
    for word in [
        "year",
        "fiscal year",
        "fy",
        "survey year",
        "month",
        "quarter",
        "date",
        "survey",
        "調査年",
        "調査年度",
        "年度",
        "年",
        "実施年",
        "実施年度",
        "年月",
        "月",
        "四半期",
        "調査年月",
    ]
)
#: headings of a column that names the group
GROUPS: Final = frozenset(
    key(word)
    for word in [
        "group",
        "segment",
        "department",
        "bureau",
        "office",
        "section",
        "place",
        "stratum",
        "age",
        "sex",
        "gender",
        "グループ",
        "群",
        "区分",
        "属性",
        "局",
        "部",
        "課",
        "部署",
        "所属",
        "所属局",
        "部門",
        "窓口",
        "会場",
        "場所",
        "年代",
        "年齢",
        "性別",
        "層",
        "本庁・事業所",
    ]
)


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
