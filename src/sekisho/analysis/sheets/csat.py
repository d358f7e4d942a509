"""Five-point satisfaction in four layouts: one row for each respondent, one row of counts for each wave or group, long
(answer, count), or one row for each answer with a column of counts for each wave or group.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sekisho.analysis.csat import POINTS, Satisfaction, from_counts, from_shares
from sekisho.analysis.problems import AnalysisProblem, CellProblem
from sekisho.analysis.scales import Reader, is_missing, key, scales
from sekisho.analysis.sheets.common import (
    ABOUT,
    GROUPS,
    WAVES,
    YEARS,
    Answers,
    Sheet,
    known_headings,
    label,
    labels,
    no_rows,
    whole_number,
)
from sekisho.values import gettext_noop, shown

_ = gettext_noop


_ANSWERS: Final = known_headings("answers")
_COUNTS: Final = known_headings("counts")
_TOTALS: Final = known_headings("totals")
_POPULATIONS: Final = known_headings("populations")
#: shares that are rounded to whole per cent add up to 97…103
_HUNDRED: Final = range(97, 104)


#: n1, count_4, 件数5: how many gave the answer of that number
_COUNT_OF: Final = re.compile(
    r"^(?:★|⭐|☆|星|n|count|freq|frequency|件数|人数|回答数|度数)[\s_.\-]*(?=[1-5１-５]$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class CountRow:
    """The answers of one question in one wave and group: counts of 1…5, or shares of n. Empty names mean none."""

    question: str
    wave: str
    group: str
    counts: tuple[float, ...]
    n: int
    population: int | None
    are_shares: bool = False

    def figures(self, population: int | None = None) -> Satisfaction:
        """The figures of this row; ``population`` stands in where the row names none."""
        asked = population if self.population is None else self.population
        if self.are_shares:
            return from_shares(self.counts, self.n, asked)
        return from_counts([int(count) for count in self.counts], asked)


@dataclass(frozen=True, slots=True)
class CsatSheet:
    """Rows in the order of the file."""

    rows: tuple[CountRow, ...]

    def named(self, kind: str) -> tuple[str, ...]:
        """The different questions, waves or groups (``kind``) in order of appearance."""
        return tuple(dict.fromkeys(getattr(row, kind) for row in self.rows))


def read_csat(sheet: Sheet, *, column: str = "", wave: str = "", group: str = "") -> CsatSheet:
    """The answers of a sheet in whichever layout it has. ``column``, ``wave`` and ``group`` name columns by heading.
    Raises `AnalysisProblem` naming the column or cell that cannot be used.
    """
    if not sheet.rows:
        return _nobody(sheet, column)
    counted = _named(sheet, wave, group, YEARS, GROUPS)
    points = (
        {}
        if column
        else _points(sheet, [index for index in (counted.wave, counted.group) if index is not None])
    )
    if points:
        return CsatSheet(_wide(sheet, points, counted))
    if not column and (crossed := _crossed(sheet)):
        return CsatSheet(crossed)
    long = None if column else _long_columns(sheet, counted)
    if long:
        grouped = replace(counted, group=None) if counted.group in long else counted
        return CsatSheet(_long(sheet, *long, grouped))
    names = _named(sheet, wave, group, WAVES, frozenset())
    return CsatSheet(_single(sheet, _questions(sheet, column, names), names))


def _nobody(sheet: Sheet, column: str) -> CsatSheet:
    """A form that nobody has answered yet: a column of answers without any."""
    at = sheet.find(column) if column else sheet.first(_ANSWERS)
    others = [heading for heading in sheet.headings if key(heading) not in ABOUT | GROUPS | WAVES]
    if at is None and len(others) != 1:
        raise no_rows(sheet)
    return CsatSheet((CountRow("", "", "", (0,) * POINTS, 0, None),))


def _named(sheet: Sheet, wave: str, group: str, waves: frozenset[str], groups: frozenset[str]) -> "_Names":
    """Where wave and group stand: in the columns named, or under a heading that says so."""
    at_wave = sheet.find(wave) if wave else sheet.first(waves)
    at_group = sheet.find(group) if group else sheet.first(groups, [] if at_wave is None else [at_wave])
    return _Names(sheet, at_wave, at_group)


@dataclass(frozen=True, slots=True)
class _Names:
    """Where wave and group stand."""

    sheet: Sheet
    wave: int | None
    group: int | None

    def of(self, cells: Sequence[object]) -> tuple[str, str]:
        return (
            "" if self.wave is None else label(cells[self.wave]),
            "" if self.group is None else label(cells[self.group]),
        )


# ----------------------------------------------------------------------------------------- one row of counts


def _points(sheet: Sheet, taken: Sequence[int]) -> dict[int, int]:
    """Point 1…5 → the column of its counts; empty when the headings are no points."""
    known = {word for scale in scales("satisfaction") for word in scale}
    headings = {
        index: _COUNT_OF.sub("", heading.removesuffix("(%)").removesuffix("（％）"))
        for index, heading in enumerate(sheet.headings)
        if index not in taken
    }
    able = {index: text for index, text in headings.items() if key(text) in known or _leading_number(text)}
    if not able:
        return {}
    reader = Reader(able.values(), "satisfaction")
    found: dict[int, int] = {}
    for index, text in able.items():
        try:
            point = reader.code(text)
        except ValueError:
            return {}
        if point is None or point in found:
            return {}
        found[point] = index
    if len(found) == POINTS:
        return found
    if len(found) >= 3:
        missing = [str(point) for point in range(1, POINTS + 1) if point not in found]
        raise AnalysisProblem(
            _("These answers have no column: %(missing)s; the columns are: %(headings)s."),
            {"missing": ", ".join(missing), "headings": ", ".join(map(shown, sheet.headings[:20]))},
            _("Give five columns of counts, with 0 where nobody answered so."),
        )
    return {}


def _leading_number(text: str) -> bool:
    return key(text)[:1].isdecimal()


def _wide(sheet: Sheet, points: Mapping[int, int], names: _Names) -> tuple[CountRow, ...]:
    used = [*points.values(), *(index for index in (names.wave, names.group) if index is not None)]
    if names.wave is None and names.group is None:
        names = _Names(sheet, None, _name_column(sheet, used))
    rows = []
    for line, cells in sheet.rows:
        values = [_amount(sheet, line, points[point], cells[points[point]]) for point in range(1, POINTS + 1)]
        wave, group = names.of(cells)
        rows.append(_row(sheet, line, cells, values, used, wave, group))
    return tuple(rows)


def _name_column(sheet: Sheet, used: Sequence[int]) -> int | None:
    """The first other column that holds words: it names the rows."""
    for index in range(len(sheet.headings)):
        cells = [cell for cell in sheet.column(index) if not is_missing(cell)]
        if index not in used and cells and all(isinstance(cell, str) and not _figure(cell) for cell in cells):
            return index
    return None


def _figure(cell: object) -> bool:
    return key(cell).replace(",", "").replace(".", "").rstrip("%人件").isdecimal()


def _amount(sheet: Sheet, line: int, column: int, cell: object) -> float:
    """A count, or a share with its sign of per cent."""
    text = key(cell).replace(",", "").rstrip("%人名件")
    try:
        number = 0.0 if is_missing(cell) else float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 10**12:
        raise CellProblem(
            line,
            sheet.headings[column],
            cell,
            _("Line %(line)s, column “%(column)s”: “%(value)s” is neither a count nor a share."),
            _("Write a whole number of answers, or a share in per cent."),
        )
    return number


def _row(
    sheet: Sheet,
    line: int,
    cells: Sequence[object],
    values: list[float],
    used: Sequence[int],
    wave: str,
    group: str,
) -> CountRow:
    total, population = _sizes(sheet, line, cells, used)
    added = sum(values)
    signed = any("%" in key(cells[index]) for index in used if isinstance(cells[index], str))
    are_shares = (
        signed
        or any(not value.is_integer() for value in values)
        or (round(added) in _HUNDRED and total is not None and total != round(added))
    )
    if not are_shares:
        if total is not None and total != added and population is None and total > added:
            population = total  # “N” alone: those asked
        elif total is not None and total != added:
            raise _adds_up(line, added, total)
        return CountRow("", wave, group, tuple(values), int(added), population)
    if total is None:
        raise AnalysisProblem(
            _("Line %(line)s holds shares and not how many people answered."),
            {"line": line},
            _("Add a column “n” with the number of answers."),
        )
    if round(added) not in _HUNDRED and not 0.97 <= added <= 1.03:
        raise _adds_up(line, added, 100)
    return CountRow("", wave, group, tuple(values), total, population, are_shares=True)


def _adds_up(line: int, added: float, total: float) -> AnalysisProblem:
    return AnalysisProblem(
        _("Line %(line)s: the answers add up to %(added)s and not to %(total)s."),
        {"line": line, "added": f"{added:g}", "total": f"{total:g}"},
        _("Correct the counts or the total."),
    )


def _sizes(
    sheet: Sheet, line: int, cells: Sequence[object], used: Sequence[int]
) -> tuple[int | None, int | None]:
    """Number of answers and of people asked, from columns such as n and N: the smaller is the answers."""
    totals: list[int] = []
    populations: list[int] = []
    for index, heading in enumerate(sheet.headings):
        name = key(heading.removesuffix(" (2)"))
        if index in used or name not in _TOTALS | _POPULATIONS:
            continue
        number = whole_number(sheet, line, index, cells[index])
        if number is not None:
            (totals if name in _TOTALS else populations).append(number)
    both = sorted(totals)
    if len(both) > 1:
        return both[0], populations[0] if populations else (both[-1] if both[-1] > both[0] else None)
    return (both[0] if both else None), (populations[0] if populations else None)


# ------------------------------------------------------------------------------------------------- long


def _long_columns(sheet: Sheet, names: "_Names") -> tuple[int, int] | None:
    """The columns of answers and of their counts; the answers may stand in the only column left that holds some."""
    count = sheet.first(_COUNTS)
    if count is None:
        return _one_number_an_answer(sheet)
    answer = sheet.first(_ANSWERS, [count])
    if answer is None:
        taken = (count, names.wave, names.group)
        left = [
            index
            for index in range(len(sheet.headings))
            if index not in taken and _mostly_answers(sheet, index)
        ]
        if not left and names.group is not None and _mostly_answers(sheet, names.group):
            left = [names.group]  # “区分” over the answers themselves
        answer = left[0] if len(left) == 1 else None
    return None if answer is None else (answer, count)


def _one_number_an_answer(sheet: Sheet) -> tuple[int, int] | None:
    """Two columns whose headings do not say what they are: different answers, and beside each a number that is none."""
    if len(sheet.headings) != 2 or len(sheet.rows) < 3:
        return None
    for answer, count in ((0, 1), (1, 0)):
        cells = _without_totals(sheet, answer).column(answer)
        numbers = sheet.column(count)
        if (
            len(set(map(key, cells))) == len(cells)
            and all(map(_is_answer, cells))
            and all(map(_figure, numbers))
            and not all(map(_is_answer, numbers))
        ):
            return answer, count
    return None


def _long(sheet: Sheet, at_answer: int, count: int, names: "_Names") -> tuple[CountRow, ...]:
    sheet = _without_totals(sheet, at_answer)
    answers = Answers(sheet, [at_answer], "satisfaction").column(at_answer)
    tally: dict[tuple[str, str], list[int]] = {}
    for (line, cells), answer in zip(sheet.rows, answers, strict=True):
        number = whole_number(sheet, line, count, cells[count])
        counts = tally.setdefault(names.of(cells), [0] * POINTS)
        if answer is not None:
            counts[answer - 1] += number or 0
    return _tallied("", tally)


def _without_totals(sheet: Sheet, at_answer: int) -> Sheet:
    """The rows that are no sum of the others."""
    rows = [(line, cells) for line, cells in sheet.rows if key(cells[at_answer]) not in _TOTALS]
    return replace(sheet, rows=rows)


# ------------------------------------------------------------------------- one row an answer, one column a wave


def _crossed(sheet: Sheet) -> tuple[CountRow, ...] | None:
    """A table with the five answers below each other, in words, and the counts of several waves or groups beside them;
    None where the sheet is no such table. Five respondents are told from it by columns about them.
    """
    if any(key(heading) in ABOUT for heading in sheet.headings):
        return None
    for index in range(len(sheet.headings)):
        own = _without_totals(sheet, index)
        others = [n for n, heading in enumerate(sheet.headings) if n != index and key(heading) not in _TOTALS]
        if len(own.rows) != POINTS or len(others) < 2 or any(map(_figure, own.column(index))):
            continue
        try:
            points = Answers(own, [index], "satisfaction").column(index)
            counts = [[whole_number(own, line, n, cells[n]) or 0 for line, cells in own.rows] for n in others]
        except AnalysisProblem:
            continue
        if {1, 2, 3, 4, 5} == set(points) and all(max(found) > POINTS for found in counts):
            headings = [sheet.headings[n] for n in others]
            return tuple(_column_of(one, points, found) for one, found in zip(headings, counts, strict=True))
    return None


def _column_of(heading: str, points: Sequence[int | None], counts: Sequence[int]) -> CountRow:
    in_order = [
        count for _point, count in sorted(zip(points, counts, strict=True), key=lambda pair: pair[0] or 0)
    ]
    is_wave = bool(re.search(r"\d", heading))
    return CountRow(
        "", heading if is_wave else "", "" if is_wave else heading, tuple(in_order), sum(in_order), None
    )


# ----------------------------------------------------------------------------- one row for each respondent


def _questions(sheet: Sheet, column: str, names: _Names) -> list[int]:
    """The columns of answers: the one named, the one with a telling heading, or those that hold mostly answers."""
    if column:
        return [sheet.find(column)]
    named = sheet.first(_ANSWERS)
    if named is not None:
        return [named]
    others = [
        index
        for index, heading in enumerate(sheet.headings)
        if index not in (names.wave, names.group) and key(heading) not in ABOUT | GROUPS
    ]
    if len(others) == 1:
        return others
    found = [index for index in others if _mostly_answers(sheet, index)]
    if found:
        return found
    raise AnalysisProblem(
        _("It cannot be told which column holds the answers; the columns are: %(headings)s."),
        {"headings": ", ".join(map(shown, sheet.headings[:20]))},
        _("Name it with --column."),
    )


def _mostly_answers(sheet: Sheet, index: int) -> bool:
    cells = [cell for cell in sheet.column(index) if not is_missing(cell)]
    known = [cell for cell in cells if _is_answer(cell)]
    return bool(cells) and 2 * len(known) > len(cells)


def _is_answer(cell: object) -> bool:
    if any(key(cell) in scale for scale in scales("satisfaction")):
        return True
    try:
        return Reader(()).code(cell) is not None
    except ValueError:
        return False


def _single(sheet: Sheet, questions: Sequence[int], names: _Names) -> tuple[CountRow, ...]:
    rows: list[CountRow] = []
    for question in questions:
        _check_heading(sheet.headings[question])
        answers = Answers(sheet, [question], "satisfaction").column(question)
        tally: dict[tuple[str, str], list[int]] = {}
        for (_line, cells), answer in zip(sheet.rows, answers, strict=True):
            counts = tally.setdefault(names.of(cells), [0] * POINTS)
            if answer is not None:
                counts[answer - 1] += 1
        rows += _tallied(sheet.headings[question] if len(questions) > 1 else "", tally)
    return tuple(rows)


def _check_heading(heading: str) -> None:
    """Refuse a column whose heading is an answer: its first respondent would not be counted."""
    if _is_answer(heading):
        raise AnalysisProblem(
            _("“%(heading)s” stands where the heading should be, and is an answer."),
            {"heading": shown(heading)},
            _("Write a heading in the first row, such as “satisfaction”, above the answers."),
        )


def _tallied(question: str, tally: Mapping[tuple[str, str], Sequence[int]]) -> tuple[CountRow, ...]:
    return tuple(
        CountRow(question, wave, group, tuple(counts), sum(counts), None)
        for (wave, group), counts in tally.items()
    )


# ------------------------------------------------------------------------------------------- populations


def read_populations(sheet: Sheet) -> dict[str, int]:
    """How many people each group has, from a sheet with a column of groups and one of numbers."""
    at_group = sheet.first(GROUPS)
    at_group = 0 if at_group is None else at_group
    at_size = sheet.first(_POPULATIONS | _COUNTS, [at_group])
    if at_size is None:
        at_size = next((index for index in range(len(sheet.headings)) if index != at_group), None)
    if at_size is None:
        raise AnalysisProblem(
            _("The file of populations has one column only."),
            {},
            _("Give a column of groups and a column of how many people each has."),
        )
    found: dict[str, int] = {}
    for (line, cells), name in zip(sheet.rows, labels(sheet, at_group), strict=True):
        found[name] = found.get(name, 0) + (whole_number(sheet, line, at_size, cells[at_size]) or 0)
    return found
