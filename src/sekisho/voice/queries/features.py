"""Reads of features: what users said of each, how that moved, and what is to become of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from sekisho.analysis.kano import Change, Feature, analyse_counts, drift
from sekisho.book.models import Gate, Project
from sekisho.voice.cells import EVERYONE
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import FeaturePlan, Survey, Tally, Wave
from sekisho.voice.queries.kano import KanoResult, kano_result
from sekisho.voice.queries.surveys import Counts, counts_of, feature_counts

#: surveys with features that one page shows, the newest first
MOST = 20


@dataclass(frozen=True)
class FeatureRow:
    """A feature: its newest figures and their wave, the change since the wave before, and the plan for it."""

    survey: Survey
    question: Question
    code: str
    title: str
    figures: Feature | None
    wave: Wave | None
    change: Change | None
    plan: FeaturePlan | None


@dataclass(frozen=True)
class CriterionPlace:
    """Where a criterion is asked: the newest gate that asks it."""

    gate: Gate
    title: Any


def criteria_of(project: Project) -> Mapping[str, CriterionPlace]:
    """The criteria that the gates of a book ask, by code."""
    found: dict[str, CriterionPlace] = {}
    for gate in project.gates.select_related("standard", "release").order_by("opened_at", "id"):
        for criterion in gate.standard.load().for_phase(gate.section):
            found[criterion.code] = CriterionPlace(gate, criterion.title)
    return found


def features_of(project: Project) -> list[FeatureRow]:
    """Every feature that users of a service were asked about, the must-be ones first, in a fixed number of queries."""
    surveys = [one for one in project.surveys.order_by("-pk")[: MOST * 5] if _questions(one.document)][:MOST]
    waves: dict[int, list[Wave]] = defaultdict(list)
    for wave in Wave.objects.filter(survey__in=surveys).order_by("-number"):
        if len(waves[wave.survey_id]) < 2 and _questions(wave.document):
            waves[wave.survey_id].append(wave)
    counts = _counts([wave.pk for found in waves.values() for wave in found])
    plans = {
        (one.survey_id, one.question, one.feature): one
        for one in FeaturePlan.objects.filter(survey__in=surveys).select_related("release")
    }
    rows = [row for survey in surveys for row in _rows(survey, waves[survey.pk], counts, plans)]
    return sorted(rows, key=lambda row: "MOAIRQ".find((row.figures.category if row.figures else "") or "Q"))


def categories_of(project: Project) -> list[tuple[str, str]]:
    """Category and plan of every feature as the newest wave that may be shown says, by the standard table; without the
    intervals that take most of the time of ``features_of``."""
    found: list[tuple[str, str]] = []
    for survey in [one for one in project.surveys.order_by("-pk")[: MOST * 5] if _questions(one.document)]:
        plans = {(one.question, one.feature): one.plan for one in survey.feature_plans.all()}
        for wave in survey.waves.order_by("-number")[:2]:
            counts = counts_of(wave)
            if counts.get(EVERYONE, {}).get(EVERYONE, 0) >= wave.threshold:
                found += _categories(wave, counts, plans)
                break
    return found


def _categories(
    wave: Wave, counts: Mapping[str, Counts], plans: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str]]:
    for question in _questions(wave.document):
        for feature in question.choices:
            counted = feature_counts(question, feature.code, "", counts)
            if sum(counted.pairs.values()) < wave.threshold:
                continue
            (figures,) = analyse_counts([counted], draws=1).features
            yield figures.category or "", plans.get((question.code, feature.code), FeaturePlan.Plan.OPEN)


def _questions(document: Any) -> list[Question]:
    return [one for one in Definition.from_document(document).questions if one.kind == Kind.KANO]


def _counts(waves: Sequence[int]) -> Mapping[int, Mapping[str, dict[str, int]]]:
    found: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    rows = Tally.objects.filter(wave__in=waves).order_by().values_list("wave", "question", "value", "count")
    for wave, question, value, count in rows:
        found[wave][question][value] = count
    return found


def _rows(
    survey: Survey,
    waves: Sequence[Wave],
    counts: Mapping[int, Mapping[str, dict[str, int]]],
    plans: Mapping[tuple[int, str, str], FeaturePlan],
) -> list[FeatureRow]:
    """The features as the newest wave asked them, or as the draft does where none was held."""
    rows = []
    for question in _questions(waves[0].document if waves else survey.document):
        found = [_result(wave, question, counts[wave.pk]) for wave in waves]
        newest = found[0] if found else None
        before = found[1] if len(found) > 1 else None
        changes = {c.number: c for c in drift(before.study, newest.study)} if newest and before else {}
        figures = {line.code: line.figures for line in newest.lines} if newest else {}
        for one in question.choices:
            title = one.title.get(get_language() or "ja")
            plan = plans.get((survey.pk, question.code, one.code))
            wave = waves[0] if newest else None
            own = figures.get(one.code)
            rows.append(FeatureRow(survey, question, one.code, title, own, wave, changes.get(one.code), plan))
    return rows


def _result(wave: Wave, question: Question, counts: Mapping[str, dict[str, int]]) -> KanoResult | None:
    """The question in a wave; None where it was not asked or too few answered."""
    asked = Definition.from_document(wave.document).question(question.code)
    counted = counts.get(EVERYONE, {}).get(EVERYONE, 0)
    if asked is None or asked.kind != Kind.KANO or counted < wave.threshold:
        return None
    return kano_result(asked, counts, wave.threshold)
