"""Reads of Kano segments: what each feature is to each group, with what is small hidden so that nothing gives it away."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from sekisho.analysis.crosstable import hide_cells
from sekisho.analysis.kano import Feature, FeatureCounts, analyse_counts
from sekisho.voice.definition import Definition, Question
from sekisho.voice.models import Wave
from sekisho.voice.queries.breakdown import counts_by_group, grid_of, groups_of

#: columns of a table by group: categories, and those who gave no whole pair
COLUMNS = ("M", "O", "A", "I", "RQ", "")
#: a pair of answers that the standard table reads as the category
_PAIRS = {"M": (3, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "RQ": (3, 1)}


@dataclass(frozen=True)
class Segment:
    """One group: ``n`` whole pairs and their number by M, O, A, I, reverse or questionable; None where hidden. ``figures``
    are category, Better and Worse, told only where nothing of them is hidden and enough answered."""

    title: str
    n: int | None
    counts: Sequence[int | None]
    figures: Feature | None


@dataclass(frozen=True)
class FeatureSegments:
    """One feature by group. ``withheld``: everything had to be hidden."""

    title: str
    segments: Sequence[Segment]
    withheld: bool


def segments_of(wave: Wave, questions: Sequence[Question]) -> dict[str, list[FeatureSegments]]:
    """The features of Kano questions by group, by the code of their question, judged by the standard table."""
    if not wave.grouped_at:
        return {}
    definition, counted, language = (
        Definition.from_document(wave.document),
        counts_by_group(wave),
        get_language() or "ja",
    )
    found: dict[str, list[FeatureSegments]] = {}
    for question in questions:
        for feature in question.choices:
            counts = counted.get(f"{question.code}.{feature.code}", {})
            groups = groups_of(counts, definition, wave)
            grid = grid_of(counts, groups, dict.fromkeys(COLUMNS, ""))
            lines, withheld = _lines(list(groups.values()), grid, wave.threshold)
            found.setdefault(question.code, []).append(
                FeatureSegments(feature.title.get(language), lines, withheld)
            )
    return found


def _lines(groups: Sequence[str], grid: list[list[int]], threshold: int) -> tuple[list[Segment], bool]:
    crossed = hide_cells(grid, threshold)
    if crossed.withheld or sum(sum(row[:-1]) for row in grid) < threshold:
        return [], True
    shown = zip(groups, grid, crossed.cells, strict=True)
    return [_segment(name, cells, threshold) for name, row, cells in shown if any(row)], False


def _segment(name: str, cells: Sequence[int | None], threshold: int) -> Segment:
    counts = [count for count in cells[:-1] if count is not None]
    if len(counts) < len(COLUMNS) - 1 or sum(counts) < threshold:
        return Segment(name, None, cells[:-1], None)
    pairs = {pair: count for pair, count in zip(_PAIRS.values(), counts, strict=True) if count}
    (figures,) = analyse_counts([FeatureCounts(name, pairs)]).features
    return Segment(name, sum(counts), counts, figures)
