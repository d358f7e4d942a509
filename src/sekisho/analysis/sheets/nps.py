"""Answers 0 … 10 to the question how likely one would recommend something."""

from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.scales import key
from sekisho.analysis.sheets.common import ABOUT, GROUPS, WAVES, Answers, Sheet, known_headings
from sekisho.values import gettext_noop, shown

_ = gettext_noop

_HEADINGS = known_headings("nps")


def read_nps(sheet: Sheet, column: str = "") -> list[int | None]:
    """The answers of the column named, or of the one that can only be it. `AnalysisProblem` naming what is wrong."""
    index = sheet.find(column) if column else _only(sheet)
    return Answers(sheet, [index], "", low=0, high=10).column(index)


def _only(sheet: Sheet) -> int:
    named = sheet.first(_HEADINGS)
    if named is not None:
        return named
    others = [
        index for index, heading in enumerate(sheet.headings) if key(heading) not in ABOUT | WAVES | GROUPS
    ]
    if len(others) == 1:
        return others[0]
    raise AnalysisProblem(
        _("It cannot be told which column holds the answers; the columns are: %(headings)s."),
        {"headings": ", ".join(map(shown, sheet.headings[:20]))},
        _("Name it with --column."),
    )
