"""Reads of results by group: one table a question, with what is small hidden so that nothing gives it away."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.analysis import csat
from sekisho.analysis import nps as nps_analysis
from sekisho.analysis.crosstable import hide_cells
from sekisho.analysis.intervals import Estimate, wilson
from sekisho.analysis.weighting import WeightedShares, post_stratified
from sekisho.voice.cells import CHOSEN, PLACE, bands_of
from sekisho.voice.definition import Choice, Definition, Kind, Question
from sekisho.voice.models import GroupTally, Wave

Grid = list[list[int]]
Cells = Sequence[Sequence[int | None]]
#: table -> (group, column) -> how often
Counted = Mapping[str, Mapping[tuple[str, str], int]]


@dataclass(frozen=True)
class GroupRow:
    """A group: ``n`` people, None when they are fewer than the threshold; ``cells`` are the title of the column, the count
    and its share of the group, both None where hidden. ``score`` is the group's NPS where that is asked and nothing of
    the row is hidden."""

    title: str
    n: int | None
    cells: Sequence[tuple[str, int | None, Estimate | None]]
    score: Estimate | None = None


@dataclass(frozen=True)
class GroupTable:
    """One question by group, or one row of a matrix. ``withheld``: everything had to be hidden. ``weighted``: the shares in
    the population of those who answered, by column; None without populations."""

    title: str
    columns: Sequence[str]
    rows: Sequence[GroupRow]
    withheld: bool
    weighted: WeightedShares | None = None
    has_score: bool = False

    @property
    def weighted_cells(self) -> Sequence[tuple[str, Estimate | None]]:
        """The weighted share of each column; no answer has none."""
        shares = list(self.weighted.shares) if self.weighted else []
        return list(zip(self.columns, [*shares, *[None] * (len(self.columns) - len(shares))], strict=True))

    @property
    def weighted_score(self) -> float | None:
        """The NPS of the population, −100 to 100."""
        if not self.has_score or not self.weighted:
            return None
        low, _middle, high = (share.value for share in self.weighted.shares)
        return 100 * (high - low)


def group_tables(wave: Wave) -> list[GroupTable]:
    """Every question that is broken down, from one read. Kano questions are segments (``queries/segments.py``)."""
    definition, counted = Definition.from_document(wave.document), counts_by_group(wave)
    return [
        table
        for question in definition.questions
        if question.kind != Kind.KANO
        for table in _tables(question, counted, definition, wave)
    ]


def counts_by_group(wave: Wave) -> Counted:
    """Everything that was counted by group."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = GroupTally.objects.filter(wave=wave).order_by().values_list("question", "group", "value", "count")
    for question, group, value, count in rows:
        found[question][group, value] = count
    return found


def _tables(question: Question, counted: Counted, definition: Definition, wave: Wave) -> list[GroupTable]:
    if question.kind == Kind.MATRIX:
        rows = [(f"{question.code}.{row.code}", row) for row in question.rows]
        found = [
            (counted[key], f"{_said(question.title)}: {_said(row.title)}")
            for key, row in rows
            if key in counted
        ]
        return [_table(title, question, counts, definition, wave) for counts, title in found]
    if question.kind == Kind.MULTIPLE:
        keys = [f"{question.code}.{one.code}" for one in question.choices]
        return [_several(question, keys, counted, definition, wave)] if keys[0] in counted else []
    if question.code not in counted:
        return []
    return [_table(_said(question.title), question, counted[question.code], definition, wave)]


def _table(
    title: str,
    question: Question,
    counts: Mapping[tuple[str, str], int],
    definition: Definition,
    wave: Wave,
) -> GroupTable:
    columns, groups = _columns(question), groups_of(counts, definition, wave)
    grid = grid_of(counts, groups, columns)
    hidden, withheld = _hidden(grid, wave.threshold)
    is_nps = question.kind == Kind.NPS
    lines = [
        GroupRow(
            name,
            sum(row) if sum(row) >= wave.threshold else None,
            [
                (column, n, None if n is None else wilson(n, sum(row)))
                for column, n in zip(columns.values(), cells, strict=True)
            ],
            _nps(cells) if is_nps else None,
        )
        for name, row, cells in zip(groups.values(), grid, hidden, strict=True)
        if any(row)
    ]
    weighted = None if withheld else _weighted(wave, list(groups), [row[:-1] for row in grid], hidden)
    return GroupTable(title, list(columns.values()), lines, withheld, weighted, is_nps)


def _hidden(grid: Grid, threshold: int) -> tuple[Cells, bool]:
    """The cells that may be shown, and whether none may. The last column is no answer."""
    crossed = hide_cells(grid, threshold)
    withheld = crossed.withheld or sum(sum(row[:-1]) for row in grid) < threshold
    return ([[None] * len(row) for row in grid] if withheld else crossed.cells), withheld


def _several(
    question: Question, keys: Sequence[str], counted: Counted, definition: Definition, wave: Wave
) -> GroupTable:
    """Several choices of one question: each is a table of who chose it and who did not. A group that one of them hides is
    hidden in all: of choices that depend on each other one could tell of another."""
    groups = groups_of({key: n for one in keys for key, n in counted[one].items()}, definition, wave)
    grids = [grid_of(counted[one], groups, {CHOSEN: "", "": ""}) for one in keys]
    hidden = [_hidden(grid, wave.threshold) for grid in grids if any(row[0] for row in grid)]
    withheld = not hidden or any(none for _cells, none in hidden)
    covered = {at for cells, _none in hidden for at, row in enumerate(cells) if None in row}
    lines = []
    for at, name in enumerate(groups.values()):
        n = sum(grids[0][at])
        cells = [
            (_said(one.title), None, None)
            if withheld or at in covered
            else (_said(one.title), grid[at][0], wilson(grid[at][0], n))
            for one, grid in zip(question.choices, grids, strict=True)
        ]
        if n:
            lines.append(GroupRow(name, n if n >= wave.threshold else None, cells))
    weighted = None
    if not withheld:
        shown: Cells = [[None] if at in covered else [0] for at in range(len(groups))]
        found = [_weighted(wave, list(groups), grid, shown) for grid in grids]
        if all(found):
            shares = tuple(one.shares[0] for one in found if one)
            weighted = WeightedShares(
                shares, *((found[0].n, found[0].design_effect) if found[0] else (0, 1.0))
            )
    titles = [_said(one.title) for one in question.choices]
    return GroupTable(_said(question.title), titles, lines, withheld, weighted)


def _nps(cells: Sequence[int | None]) -> Estimate | None:
    low, middle, high = cells[:3]
    if low is None or middle is None or high is None:
        return None
    return nps_analysis.from_counts([low, *[0] * 7, middle, 0, high]).score


def _columns(question: Question) -> dict[str, str]:
    bands = bands_of(question)
    if question.kind == Kind.SATISFACTION:
        found = {"low": _("Dissatisfied"), "middle": _("Neither"), "high": _("Satisfied")}
    elif question.kind == Kind.NPS:
        found = {"low": _("0 to 6"), "middle": _("7 and 8"), "high": _("9 and 10")}
    elif bands and question.bounds:
        (middle, high), (least, most) = bands, question.bounds
        found = {"low": _from_to(least, middle - 1), "high": _from_to(high, most)}
        if middle < high:
            found = {"low": found["low"], "middle": str(middle), "high": found["high"]}
    else:
        found = {choice.code: _said(choice.title) for choice in question.choices}
    return {**found, "": _("No answer")}


def _from_to(least: int, most: int) -> str:
    return str(least) if least == most else _("%(least)d to %(most)d") % {"least": least, "most": most}


def groups_of(counts: Mapping[tuple[str, str], int], definition: Definition, wave: Wave) -> dict[str, str]:
    """Groups in the order of their choices, places by name; people in no group last."""
    grouping = definition.question(wave.group_by)
    if wave.group_by == PLACE or grouping is None:
        found = {place: place for place in sorted({group for group, _value in counts if group})}
    else:
        found = {choice.code: _said(choice.title) for choice in grouping.choices}
    return {**found, "": _("No answer") if grouping else _("Place not known")}


def grid_of(
    counts: Mapping[tuple[str, str], int], groups: Mapping[str, str], columns: Mapping[str, str]
) -> Grid:
    """Counts by group (row) and column."""
    return [[counts.get((group, value), 0) for value in columns] for group in groups]


def _said(text: Any) -> str:
    return str(text.get(get_language() or "ja"))


def group_titles(wave: Wave, groups: Sequence[str]) -> dict[str, str]:
    """The groups in the reader's language, in the order of their choices, places as given."""
    grouping = Definition.from_document(wave.document).question(wave.group_by)
    choices: Sequence[Choice] = grouping.choices if grouping else ()
    titles = {choice.code: _said(choice.title) for choice in choices}
    ordered = [*(code for code in titles if code in groups), *(one for one in groups if one not in titles)]
    return {group: titles.get(group, group) for group in ordered}


def _strata(
    wave: Wave, groups: Sequence[str], grid: Grid, cells: Cells
) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Counts and people of what is shown alone: groups with a hidden cell count as one ("*"), whose sums follow from the
    totals, so that weighted figures tell of no small group. People in no group count only where they are hidden."""
    strata: dict[str, list[int]] = {}
    people: dict[str, int] = defaultdict(int)
    for group, row, shown in zip(groups, grid, cells, strict=True):
        hidden = None in shown
        if group or hidden:
            name = "*" if hidden else group
            strata[name] = [a + b for a, b in zip(strata.get(name, [0] * len(row)), row, strict=True)]
            people[name] += wave.populations.get(group, 0)
    return strata, {name: max(people[name], sum(row)) for name, row in strata.items()}


def _weighted(wave: Wave, groups: Sequence[str], grid: Grid, cells: Cells) -> WeightedShares | None:
    if not wave.populations:
        return None
    strata, sizes = _strata(wave, groups, grid, cells)
    return post_stratified(strata, sizes) if sum(map(sum, strata.values())) >= wave.threshold else None


def weighted_satisfaction(wave: Wave) -> csat.Weighted | None:
    """Satisfied and dissatisfied of the whole population by post-stratification (`csat.weighted`: Holt and Smith 1979,
    Kish 1965); None without populations or where nothing may be shown by group. Counts are those of 1 and 2, 3, 4 and 5;
    its mean means nothing.
    """
    questions = Definition.from_document(wave.document).questions
    question = next((one for one in questions if one.kind == Kind.SATISFACTION), None)
    if question is None or not wave.populations:
        return None
    rows = GroupTally.objects.filter(wave=wave, question=question.code).order_by()
    counts = {(one.group, one.value): one.count for one in rows}
    groups = sorted({group for group, _value in counts})
    grid = [[counts.get((group, value), 0) for value in ("low", "middle", "high", "")] for group in groups]
    crossed = hide_cells(grid, wave.threshold)
    if crossed.withheld:
        return None
    strata, sizes = _strata(
        wave, groups, [[low, 0, mid, 0, high] for low, mid, high, _no in grid], crossed.cells
    )
    return csat.weighted(strata, sizes) if sum(map(sum, strata.values())) >= wave.threshold else None
