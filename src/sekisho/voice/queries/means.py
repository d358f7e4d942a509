"""Reads of means by group, told only where they tell of no few people.

A mean and its number of answers are a sum, and sums can be subtracted from that of the whole wave. So the ease of use (SUS),
of which nothing else is told by group, has a mean where the group's whole sheets are the threshold or more, as are its other
people where there are any; and whoever subtracts all that is told from the whole is left with the threshold or more. Answers that are
told in bands as well have means only where no single answer of any group would have to be hidden: a sum beside bands
could otherwise tell how many of five people answered 1 rather than 2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from sekisho.analysis.intervals import Estimate, mean_and_deviation, mean_of_moments
from sekisho.voice.cells import WITH_MEAN, one_by_one
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import Wave
from sekisho.voice.queries.breakdown import counts_by_group, groups_of

#: decimals of a mean by the kind of its question
_DECIMALS = {Kind.SUS: 1}


@dataclass(frozen=True)
class GroupMean:
    """A group: its mean with the interval of the spread of the whole wave; None where it cannot be told."""

    title: str
    mean: Estimate | None


@dataclass(frozen=True)
class MeanTable:
    """One question: ``withheld`` when no mean may be told."""

    title: str
    rows: Sequence[GroupMean]
    decimals: int

    @property
    def withheld(self) -> bool:
        return all(row.mean is None for row in self.rows)


def means_by_group(wave: Wave) -> list[MeanTable]:
    """Every question that has means and was answered by the threshold or more."""
    definition, counted = Definition.from_document(wave.document), counts_by_group(wave)
    return [
        _means(question, counts, definition, wave)
        for question in definition.questions
        if question.kind in WITH_MEAN and (counts := counted.get(one_by_one(question.code)))
    ]


def _means(
    question: Question, counts: Mapping[tuple[str, str], int], definition: Definition, wave: Wave
) -> MeanTable:
    groups = groups_of(counts, definition, wave)
    answers = {
        group: {float(value): n for (of, value), n in counts.items() if of == group and value}
        for group in groups
    }
    silent = {group: counts.get((group, ""), 0) for group in groups}
    told = (_told_apart if question.kind == Kind.SUS else _told_at_all)(answers, silent, wave.threshold)
    spread = _spread(answers)
    rows = [
        GroupMean(title, _mean(answers[group], spread) if group in told else None)
        for group, title in groups.items()
        if answers[group] or silent[group]
    ]
    title = question.title.get(get_language() or "ja")
    return MeanTable(title, rows, _DECIMALS.get(question.kind, 2))


def _told_apart(
    answers: Mapping[str, Mapping[float, int]], silent: Mapping[str, int], threshold: int
) -> set[str]:
    """Groups of enough answers, and of enough people without one or of none; fewer where those left would be too few."""
    size = {group: sum(counts.values()) for group, counts in answers.items()}
    told = [
        group
        for group in sorted(size, key=lambda one: -size[one])
        if size[group] >= threshold and not 0 < silent[group] < threshold
    ]
    while told and 0 < sum(size.values()) - sum(size[group] for group in told) < threshold:
        told.pop()
    return set(told)


def _told_at_all(
    answers: Mapping[str, Mapping[float, int]], silent: Mapping[str, int], threshold: int
) -> set[str]:
    """All groups where nothing is small, else none."""
    numbers = [n for counts in answers.values() for n in counts.values()] + list(silent.values())
    small = any(0 < n < threshold for n in numbers)
    return set() if small else {group for group, counts in answers.items() if counts}


def _spread(answers: Mapping[str, Mapping[float, int]]) -> float:
    """The deviation of all answers together: that of a group would tell more of its people than their mean."""
    together: dict[float, int] = {}
    for counts in answers.values():
        for value, n in counts.items():
            together[value] = together.get(value, 0) + n
    moments = mean_and_deviation(together)
    return (moments[1] if moments else None) or 0.0


def _mean(counts: Mapping[float, int], spread: float) -> Estimate | None:
    n = sum(counts.values())
    middle = sum(value * count for value, count in counts.items()) / n
    return Estimate(middle, *mean_of_moments(middle, spread, n), n)
