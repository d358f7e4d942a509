"""Kano questionnaires: columns F1, D1, I1, … or 通知（充足）, 通知（不充足）, 通知（重要度）."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sekisho.analysis.kano import FeatureAnswers
from sekisho.analysis.problems import AnalysisProblem, out_of_scale
from sekisho.analysis.scales import is_missing
from sekisho.analysis.sheets.common import GROUPS, WAVES, Answers, Sheet, require_headings, two_heading_rows
from sekisho.values import gettext_noop, shown

_ = gettext_noop

_WORDS: Final = {
    "D": r"dysfunctional|dysfunc|negative|neg|absent|d|不充足|非充足|非機能的|逆機能的?|機能なし|無い場合|ない場合|なし|否定",
    "F": r"functional|func|positive|pos|present|f|充足|順機能|機能的|機能あり|ある場合|あり|肯定",
    "I": r"importance|important|imp|i|重要度|重要性",
}
_TAIL: Final = r"(?:質問|設問|の質問|の設問| question)?"
#: F1, F-01, f_1, 充足1, Functional 1: 通知
_IN_FRONT: Final = {
    kind: re.compile(
        rf"(?:{words}){_TAIL}[\s_.\-:(]*(?P<number>\d{{1,4}})\)?(?:[\s_.:,、\-(\[)]+(?P<name>.*))?"
    )
    for kind, words in _WORDS.items()
}
#: 1F, 1_D, Q1 functional, 問1 充足
_NUMBER_FIRST: Final = {
    kind: re.compile(
        rf"(?:q|問|設問|質問|feature|機能)?[\s_.\-]*(?P<number>\d{{1,4}})[\s_.:\-(]*(?:{words}){_TAIL}\)?"
    )
    for kind, words in _WORDS.items()
}
#: 通知（充足）, 通知 functional, notice_d; a single letter needs a sign in front
_BEHIND: Final = {
    kind: re.compile(rf"(?P<name>.+?)\s*(?:[\s_.:/\-(\[]+)(?:{words}){_TAIL}[)\]]?")
    for kind, words in _WORDS.items()
}
#: one feature alone
_ALONE: Final = {kind: re.compile(rf"(?:{words}){_TAIL}") for kind, words in _WORDS.items()}
_REPEATED: Final = re.compile(r"(.*) \(\d+\)")
#: what some tools write around every heading: Kano_F1, [F1]
_FRAME: Final = re.compile(r"^\[|\]$|^kano[\s_.\-:]+", re.IGNORECASE)
#: importance is asked on 1–5, 1–7 or 1–9 (Berger et al. 1993: 1–9)
_MOST_IMPORTANT: Final = 9


@dataclass(frozen=True, slots=True)
class KanoSheet:
    """The features of a questionnaire, and the columns that could name groups and waves."""

    features: tuple[FeatureAnswers, ...]
    group: int | None = None
    wave: int | None = None


@dataclass(slots=True)
class _Columns:
    """Where one feature's answers stand."""

    number: str
    name: str = ""
    at: dict[str, int] = field(default_factory=dict)


def read_kano(sheet: Sheet) -> KanoSheet:
    """The features of a sheet, numbers first, then in the order of the file. Columns that are no part of a pair are
    ignored. Raises `AnalysisProblem` naming the column or the cell that cannot be used.
    """
    require_headings(sheet)
    found = _columns(sheet)
    pairs = [at for columns in found for kind, at in columns.at.items() if kind != "I"]
    answers = Answers(sheet, pairs, "kano")
    features = tuple(
        FeatureAnswers(
            columns.name or columns.number or "1",
            answers.column(columns.at["F"]),
            answers.column(columns.at["D"]),
            _importance(sheet, columns.at["I"]) if "I" in columns.at else (),
            columns.number,
        )
        for columns in found
    )
    return KanoSheet(features, sheet.first(GROUPS, pairs), sheet.first(WAVES, pairs))


def _columns(sheet: Sheet) -> list[_Columns]:
    found: dict[str, _Columns] = {}
    for index, heading in enumerate(sheet.headings):
        text = " ".join(unicodedata.normalize("NFKC", heading).split())
        kind, number, name = _parsed(text)
        if not kind:
            continue
        if _REPEATED.fullmatch(text) and not number:
            raise two_heading_rows(sheet)
        columns = found.setdefault(number or name.casefold(), _Columns(number))
        columns.name = columns.name or name
        if kind in columns.at:
            raise AnalysisProblem(
                _("The columns “%(one)s” and “%(other)s” mean the same question."),
                {"one": shown(sheet.headings[columns.at[kind]]), "other": shown(heading)},
                _("Give each question one column."),
            )
        columns.at[kind] = index
    features = [columns for columns in found.values() if "F" in columns.at or "D" in columns.at]
    if not features:
        raise _no_pairs(sheet)
    for columns in features:
        _check_pair(sheet, columns)
    return sorted(features, key=lambda columns: (columns.number == "", int(columns.number or 0)))


def _parsed(heading: str) -> tuple[str, str, str]:
    """Kind (F, D, I or nothing), number and name of a heading."""
    bare = _FRAME.sub("", _REPEATED.sub(r"\1", heading))
    for kind in _WORDS:  # D before F: 不充足 ends with 充足
        if match := _IN_FRONT[kind].fullmatch(bare.casefold()):
            name = bare[match.start("name") :] if match["name"] else ""
            return kind, str(int(match["number"])), name.strip(" ()[]")
        if match := _NUMBER_FIRST[kind].fullmatch(bare.casefold()):
            return kind, str(int(match["number"])), ""
        if match := _BEHIND[kind].fullmatch(bare.casefold()):
            return kind, "", bare[: match.end("name")].strip(" (")
        if _ALONE[kind].fullmatch(bare.casefold()) and len(bare) > 1:
            return kind, "", ""
    return "", "", ""


def _check_pair(sheet: Sheet, columns: _Columns) -> None:
    for kind, other, expected in (("F", "D", _FUNCTIONAL_ALONE), ("D", "F", _DYSFUNCTIONAL_ALONE)):
        if other not in columns.at:
            heading = sheet.headings[columns.at[kind]]
            raise AnalysisProblem(
                expected,
                {"column": shown(heading), "number": columns.number or columns.name},
                _("Add the column, or rename this one when it is no Kano question."),
            )


_FUNCTIONAL_ALONE: Final = _("The functional question “%(column)s” has no dysfunctional one (D%(number)s).")
_DYSFUNCTIONAL_ALONE: Final = _(
    "The dysfunctional question “%(column)s” has no functional one (F%(number)s)."
)


def _no_pairs(sheet: Sheet) -> AnalysisProblem:
    if any(_REPEATED.fullmatch(heading) for heading in sheet.headings):
        return two_heading_rows(sheet)
    return AnalysisProblem(
        _("No column holds Kano answers; the columns are: %(headings)s."),
        {"headings": ", ".join(map(shown, sheet.headings[:20]))},
        _(
            "Name the columns F1, D1, F2, D2, … (functional and dysfunctional), with I1, I2, … for importance."
        ),
    )


def _importance(sheet: Sheet, column: int) -> Sequence[float | None]:
    found: list[float | None] = []
    for line, cells in sheet.rows:
        cell = cells[column]
        if is_missing(cell):
            found.append(None)
            continue
        try:
            number = float(unicodedata.normalize("NFKC", str(cell)).strip())
        except ValueError:
            number = -1.0
        if not 1 <= number <= _MOST_IMPORTANT:
            raise out_of_scale(line, sheet.headings[column], cell, 1, _MOST_IMPORTANT)
        found.append(number)
    return found
