"""Reads of results by group: one table a question, with what is small hidden so that nothing gives it away."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.analysis import csat
from sekisho.analysis.crosstable import hide_cells
from sekisho.analysis.intervals import Estimate, wilson
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import GroupTally, Wave
from sekisho.voice.services.breakdown import PLACE


@dataclass(frozen=True)
class GroupRow:
    """A group: ``n`` people, None when they are fewer than the threshold; ``cells`` are the title of the column, the count
    and its share of the group, both None where hidden."""

    title: str
    n: int | None
    cells: Sequence[tuple[str, int | None, Estimate | None]]


@dataclass(frozen=True)
class GroupTable:
    """One question by group. ``withheld``: everything had to be hidden."""

    title: str
    columns: Sequence[str]
    rows: Sequence[GroupRow]
    withheld: bool


def group_tables(wave: Wave) -> list[GroupTable]:
    """Every question that is broken down, from one read."""
    definition = Definition.from_document(wave.document)
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = GroupTally.objects.filter(wave=wave).order_by().values_list("question", "group", "value", "count")
    for question, group, value, count in rows:
        found[question][group, value] = count
    return [
        _table(one, found[one.code], definition, wave) for one in definition.questions if one.code in found
    ]


def _table(
    question: Question, counts: dict[tuple[str, str], int], definition: Definition, wave: Wave
) -> GroupTable:
    columns, groups = _columns(question), _groups(counts, definition, wave)
    grid = [[counts.get((group, value), 0) for value in columns] for group in groups]
    answered = sum(sum(row[: len(columns) - 1]) for row in grid)
    crossed = hide_cells(grid, wave.threshold)
    withheld = crossed.withheld or answered < wave.threshold
    hidden = [[None] * len(columns)] * len(grid) if withheld else crossed.cells
    lines = [
        GroupRow(
            title,
            sum(row) if sum(row) >= wave.threshold else None,
            [
                (column, n, None if n is None else wilson(n, sum(row)))
                for column, n in zip(columns.values(), cells, strict=True)
            ],
        )
        for title, row, cells in zip(groups.values(), grid, hidden, strict=True)
        if any(row)
    ]
    return GroupTable(_said(question.title), list(columns.values()), lines, withheld)


def _columns(question: Question) -> dict[str, str]:
    if question.kind == Kind.SATISFACTION:
        found = {"low": _("Dissatisfied"), "middle": _("Neither"), "high": _("Satisfied")}
    elif question.kind == Kind.NPS:
        found = {"low": _("0 to 6"), "middle": _("7 and 8"), "high": _("9 and 10")}
    else:
        found = {choice.code: _said(choice.title) for choice in question.choices}
    return {**found, "": _("No answer")}


def _groups(counts: dict[tuple[str, str], int], definition: Definition, wave: Wave) -> dict[str, str]:
    """Groups in the order of their choices, places by name; people in no group last."""
    grouping = definition.question(wave.group_by)
    if wave.group_by == PLACE or grouping is None:
        found = {place: place for place in sorted({group for group, _value in counts if group})}
    else:
        found = {choice.code: _said(choice.title) for choice in grouping.choices}
    return {**found, "": _("No answer") if grouping else _("Place not known")}


def _said(text: Any) -> str:
    return str(text.get(get_language() or "ja"))


def group_titles(wave: Wave, groups: Sequence[str]) -> dict[str, str]:
    """The groups in the reader's language, in the order given."""
    grouping = Definition.from_document(wave.document).question(wave.group_by)
    titles = {choice.code: _said(choice.title) for choice in grouping.choices} if grouping else {}
    return {group: titles.get(group, group) for group in groups}


def weighted_satisfaction(wave: Wave) -> csat.Weighted | None:
    """Satisfied and dissatisfied of the whole population by post-stratification (`csat.weighted`: Holt and Smith 1979,
    Kish 1965); None without populations or where nothing may be shown by group.

    It is reckoned from what is shown alone: groups with a hidden cell count as one, whose sums follow from the totals, so
    the weighted figures tell of no small group. Counts are those of 1 and 2, 3, 4 and 5; its mean means nothing.
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
    strata: dict[str, list[int]] = {}
    people: dict[str, int] = defaultdict(int)
    for group, row, cells in zip(groups, grid, crossed.cells, strict=True):
        hidden = None in cells
        if group or hidden:
            name = "*" if hidden else group
            before = strata.get(name, [0] * 5)
            strata[name] = [a + b for a, b in zip(before, [row[0], 0, row[1], 0, row[2]], strict=True)]
            people[name] += wave.populations.get(group, 0)
    sizes = {name: max(people[name], sum(row)) for name, row in strata.items()}
    return csat.weighted(strata, sizes) if sum(map(sum, strata.values())) >= wave.threshold else None
