"""Answers to the System Usability Scale: columns Q1 … Q10, 1 … 10, SUS1 … or the ten statements in order."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from sekisho.analysis.notes import Note
from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.scales import Reader, is_missing, key
from sekisho.analysis.sheets.common import (
    ABOUT,
    GROUPS,
    WAVES,
    Answers,
    Sheet,
    require_headings,
    two_heading_rows,
)
from sekisho.analysis.sus import ITEMS
from sekisho.values import gettext_noop, shown

_ = gettext_noop

_ITEM: Final = re.compile(
    r"(?P<prefix>sus[\s_.\-]*(?:q|item)?|q|item|question|s|i|問|設問|質問|項目)?[\s_.\-:]*(?P<number>0?[1-9]|10)(?!\d)"
    r"(?P<rest>\D.*)?",
    re.DOTALL,
)
#: prefixes in the order in which they are believed
_PREFIXES: Final = ("sus", "q", "question", "item", "問", "設問", "質問", "項目", "", "s", "i")
_REPEATED: Final = re.compile(r".* \(\d+\)")


@dataclass(frozen=True, slots=True)
class SusSheet:
    """One row of ten answers for each respondent with its line, and the columns that could name groups and waves."""

    sheets: tuple[tuple[int | None, ...], ...]
    lines: tuple[int, ...]
    notes: tuple[Note, ...] = ()
    group: int | None = None
    wave: int | None = None


def read_sus(sheet: Sheet) -> SusSheet:
    """The ten items of a sheet. Raises `AnalysisProblem` naming the column that is missing or the cell that is bad."""
    require_headings(sheet)
    numbered = _by_number(sheet)
    columns = _by_order(sheet) if numbered is None else numbered
    answers = Answers(sheet, columns, "agreement")
    items = [answers.column(column) for column in columns]
    return SusSheet(
        tuple(zip(*items, strict=True)),
        tuple(line for line, _cells in sheet.rows),
        (Note("sus.columns_by_order"),) if numbered is None else (),
        sheet.first(GROUPS, columns),
        sheet.first(WAVES, columns),
    )


def _by_number(sheet: Sheet) -> list[int] | None:
    """The columns of items 1…10 by the most believable prefix; None when no heading has a number."""
    found: dict[str, dict[int, int]] = {}
    for index, heading in enumerate(sheet.headings):
        text = unicodedata.normalize("NFKC", heading).casefold().strip()
        match = _ITEM.fullmatch(text)
        if match is None or key(text) in ABOUT:
            continue
        if _REPEATED.fullmatch(text):
            raise two_heading_rows(sheet)
        prefix = re.sub(r"[\s_.\-]", "", match["prefix"] or "")
        items = found.setdefault("sus" if prefix.startswith("sus") else prefix, {})
        items.setdefault(int(match["number"]), index)
    if not found:
        return None
    best = max(_PREFIXES, key=lambda prefix: len(found.get(prefix, {})))
    items = found[best]
    missing = [str(number) for number in range(1, ITEMS + 1) if number not in items]
    if len(missing) > ITEMS // 2:
        return None
    if missing:
        raise AnalysisProblem(
            _("These items have no column: %(missing)s; the columns are: %(headings)s."),
            {"missing": ", ".join(missing), "headings": ", ".join(map(shown, sheet.headings[:20]))},
            _("Name the ten columns Q1 to Q10 in the order of the questionnaire."),
        )
    return [items[number] for number in range(1, ITEMS + 1)]


def _by_order(sheet: Sheet) -> list[int]:
    """The ten columns that hold answers; the headings may be the statements."""
    usable = [index for index in range(len(sheet.headings)) if _holds_answers(sheet, index)]
    if len(usable) == ITEMS:
        return usable
    raise AnalysisProblem(
        _("The ten items cannot be told; the columns are: %(headings)s."),
        {"headings": ", ".join(map(shown, sheet.headings[:20]))},
        _("Name the ten columns Q1 to Q10 in the order of the questionnaire."),
    )


def _holds_answers(sheet: Sheet, index: int) -> bool:
    """True when most of the column's cells are answers; the others will be named one by one."""
    if key(sheet.headings[index]) in ABOUT | WAVES | GROUPS:
        return False
    cells = [cell for cell in sheet.column(index) if not is_missing(cell)]
    return 2 * sum(map(_is_answer, cells)) >= len(cells) > 0


def _is_answer(cell: object) -> bool:
    try:
        return Reader([cell], "agreement").code(cell) is not None
    except AnalysisProblem:  # a word of several scales
        return True
    except ValueError:
        return False
