"""Reads of Kano questions: what each feature is to those who answered, judged by a table that the reader chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.analysis.kano import EvaluationTable, Feature, Study, analyse_counts, shipped_tables
from sekisho.analysis.words import say
from sekisho.voice.cells import EVERYONE
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import KanoTable, Survey, Wave
from sekisho.voice.queries.surveys import Counts, counts_of, feature_counts


@dataclass(frozen=True)
class FeatureLine:
    """A feature with the number it bears on the chart, and what to beware of in words."""

    number: int
    code: str
    title: str
    figures: Feature
    remarks: Sequence[str]


@dataclass(frozen=True)
class KanoResult:
    """One Kano question. ``withheld``: features that some answered, but fewer than the threshold of the wave."""

    question: Question
    title: str
    study: Study
    lines: Sequence[FeatureLine]
    withheld: Sequence[str]

    @property
    def drawn(self) -> Sequence[FeatureLine]:
        """Features with a place on the plane."""
        return [line for line in self.lines if line.figures.better and line.figures.worse]


def tables_for(survey: Survey) -> Sequence[EvaluationTable]:
    """The evaluation tables that a survey may be judged by: the shipped ones, and its own as ``own-KEY``."""
    return [*shipped_tables().values(), *(_table(one) for one in survey.kano_tables.all())]


def _table(kept: KanoTable) -> EvaluationTable:
    one, two, three, four, five = kept.rows
    return EvaluationTable(f"own-{kept.pk}", (one, two, three, four, five), kept.name, kept.source)


def kano_questions(wave: Wave) -> Sequence[Question]:
    """The Kano questions that a wave asks."""
    questions = Definition.from_document(wave.document).questions
    return [question for question in questions if question.kind == Kind.KANO]


def kano_results(wave: Wave, table: EvaluationTable | None = None) -> Sequence[KanoResult]:
    """Every Kano question of a wave by ``table`` (the standard one by default); none below the wave's threshold."""
    counts = counts_of(wave)
    if counts.get(EVERYONE, {}).get(EVERYONE, 0) < wave.threshold:
        return []
    return [kano_result(question, counts, wave.threshold, table) for question in kano_questions(wave)]


def kano_result(
    question: Question, counts: Mapping[str, Counts], threshold: int, table: EvaluationTable | None = None
) -> KanoResult:
    """One question from the tallies of a wave."""
    language = get_language() or "ja"
    found = [feature_counts(question, one.code, one.title.get(language), counts) for one in question.choices]
    small = [one for one in found if 0 < sum(one.pairs.values()) < threshold]
    study = analyse_counts([one for one in found if one not in small], table)
    lines = [
        FeatureLine(number, one.number, one.feature, one, [say(note, _) for note in one.notes])
        for number, one in enumerate(study.features, 1)
    ]
    return KanoResult(question, question.title.get(language), study, lines, [one.feature for one in small])
