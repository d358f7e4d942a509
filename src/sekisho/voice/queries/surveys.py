"""Reads of surveys: the list, and what a wave's counted answers say."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Q, QuerySet

from sekisho.analysis import csat
from sekisho.analysis import kano as kano_analysis
from sekisho.analysis import nps as nps_analysis
from sekisho.analysis import sus as sus_analysis
from sekisho.analysis.intervals import Estimate, mean_of_moments, wilson
from sekisho.book.models import LedgerEntry, Project
from sekisho.book.queries.ledger import ReadAct, read_acts
from sekisho.people.roles import Actor
from sekisho.standards.pack import Text
from sekisho.voice.cells import EVERYONE, text_codes
from sekisho.voice.definition import Choice, Definition, Kind, Question
from sekisho.voice.models import Excerpt, Response, Survey, Tally, Wave
from sekisho.voice.models.surveys import chain_of
from sekisho.voice.words import SATISFACTION

#: what tells whose a survey is
HOLDER = ("project__owner", "organisation")
#: acts and texts shown on one page
ACTS = 50
TEXTS = 100
#: months that a question of days is shown by; more are shown by year
MONTHS = 24
Counts = Mapping[str, int]


def surveys_seen(actor: Actor, *, project: str = "", organisation: str = "") -> QuerySet[Survey]:
    """Surveys this person may see, newest first, with ``asked`` waves and how many are ``open``; of one book or one
    organisation by its code."""
    found = Survey.objects.visible_to(actor).select_related(*HOLDER)
    found = found.filter(project__code=project) if project else found
    found = found.filter(organisation__code=organisation) if organisation else found
    still_open = Q(waves__closed_at__isnull=True)
    counted = found.annotate(asked=Count("waves"), open=Count("waves", filter=still_open))
    return counted.order_by("-id")  # a count drops the order of the model


def seen_survey(actor: Actor, pk: int) -> Survey | None:
    """A survey of a book or an organisation whose books one may read."""
    return Survey.objects.visible_to(actor).select_related(*HOLDER).filter(pk=pk).first()


def acts_of(survey: Survey) -> list[ReadAct]:
    """The newest acts on a survey of an organisation, as sentences; those of a book stand in its ledger."""
    if survey.organisation_id is None:
        return []
    entries = LedgerEntry.objects.filter(
        chain=chain_of(survey.organisation_id), params__survey_id=survey.pk
    ).order_by("-seq")
    return read_acts(entries[:ACTS])


def may_change(actor: Actor, survey: Survey) -> bool:
    """Whether this person may change and ask it."""
    if isinstance(survey.holder, Project):
        return not survey.holder.is_closed and actor.may(
            "edit", path=survey.owner.path, project_id=survey.holder.pk
        )
    return survey.owner.closed_on is None and actor.may("edit", path=survey.owner.path)


def seen_wave(actor: Actor, pk: int) -> Wave | None:
    """A wave of such a survey."""
    waves = Wave.objects.select_related(*(f"survey__{name}" for name in HOLDER))
    return waves.filter(pk=pk, survey__in=Survey.objects.visible_to(actor).order_by()).first()


@dataclass(frozen=True)
class ChoiceLine:
    """How often one answer was given; ``share`` of those who answered the question."""

    title: Any
    count: int
    share: Estimate | None


@dataclass(frozen=True)
class RowLine:
    """One row of a matrix: how often each column was chosen, of the ``n`` who answered it. ``lines`` is empty where some
    answered, but fewer than the threshold of the wave."""

    title: Text
    n: int
    lines: Sequence[ChoiceLine]


@dataclass(frozen=True)
class RankLine:
    """One choice of a ranking: how many ranked it at all, and first; its mean place among those who ranked it."""

    title: Text
    ranked: int
    first: int
    first_share: Estimate | None
    mean: float | None


@dataclass(frozen=True)
class QuestionResult:
    """What one question came to. Only the figures of its kind are there, and none of them when it is ``withheld``: some
    answered, but fewer than the threshold of the wave, though enough answered the wave.
    """

    question: Question
    n: int
    lines: Sequence[ChoiceLine] = ()
    satisfaction: csat.Satisfaction | None = None
    nps: nps_analysis.Nps | None = None
    sus: sus_analysis.Sus | None = None
    kano: kano_analysis.Study | None = None
    mean: Estimate | None = None
    texts: Sequence[str] = ()
    matrix: Sequence[RowLine] = ()
    ranking: Sequence[RankLine] = ()
    withheld: bool = False


@dataclass(frozen=True)
class WaveResults:
    """A wave's figures over ``counted`` of ``received`` answers. ``results`` is empty below the threshold."""

    received: int
    counted: int
    rate: Estimate | None
    results: Sequence[QuestionResult]


def wave_results(wave: Wave) -> WaveResults:
    """Everything a wave's counted answers say; nothing by question while they are fewer than its threshold."""
    counts = counts_of(wave)
    counted = counts.get(EVERYONE, {}).get(EVERYONE, 0)
    received = counted + waiting_in(wave)
    asked = wave.invited if wave.invited and wave.invited >= received else None
    rate = wilson(received, asked) if asked else None
    if counted < wave.threshold:
        return WaveResults(received, counted, rate, ())
    definition = Definition.from_document(wave.document)
    texts = texts_of(wave, text_codes(definition))
    found = [_result(question, counts, texts, wave) for question in definition.questions]
    results = [
        QuestionResult(one.question, 0, withheld=True) if 0 < one.n < wave.threshold else one for one in found
    ]
    return WaveResults(received, counted, rate, results)


def waiting_in(wave: Wave) -> int:
    """How many answers came in and are not counted yet. With the counted ones they are all: no scan of millions."""
    return Response.objects.filter(wave=wave, counted=False).count()


def counted_in(wave: Wave) -> int:
    """How many answers the figures of a wave rest on."""
    found = Tally.objects.filter(wave=wave, question=EVERYONE, value=EVERYONE).order_by()
    return found.values_list("count", flat=True).first() or 0


def satisfaction_of(wave: Wave) -> csat.Satisfaction | None:
    """The figures of a wave's first question of satisfaction; None when it asks none or may not be shown."""
    asked = (q.code for q in Definition.from_document(wave.document).questions if q.kind == Kind.SATISFACTION)
    if (code := next(asked, None)) is None:
        return None
    own = {t.value: t.count for t in Tally.objects.filter(wave=wave, question=code).order_by()}
    counts = [own.get(str(number), 0) for number in range(1, 6)]
    return csat.from_counts(counts) if sum(counts) >= wave.threshold else None


def counts_of(wave: Wave) -> Mapping[str, Counts]:
    """Every tally of a wave: question → value → how often."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    rows = Tally.objects.filter(wave=wave).order_by().values_list("question", "value", "count")
    for question, value, count in rows:
        counts[question][value] = count
    return counts


def texts_of(wave: Wave, codes: Sequence[str], *, most: int = TEXTS) -> Mapping[str, list[str]]:
    """At most ``most`` texts to each question out of those kept apart, in an order that tells nothing."""
    kept = Excerpt.objects.filter(wave=wave).order_by("place").values_list("text", flat=True)
    return {code: list(kept.filter(question=code)[:most]) for code in codes}


def question_result(question: Question, counts: Mapping[str, Counts], wave: Wave) -> QuestionResult:
    """What one question came to, without texts, from the tallies of a wave."""
    return _result(question, counts, {}, wave)


def _result(
    question: Question, counts: Mapping[str, Counts], texts: Mapping[str, list[str]], wave: Wave
) -> QuestionResult:
    own = counts.get(question.code, {})
    if question.kind == Kind.SATISFACTION:
        five = [own.get(str(number), 0) for number in range(1, 6)]
        figures = csat.from_counts(five, wave.invited if wave.invited and wave.invited >= sum(five) else None)
        lines = _numbers(own, 1, 5, SATISFACTION)
        return QuestionResult(
            question, sum(five), lines, satisfaction=figures, mean=_within(figures.mean, 1, 5)
        )
    if question.kind == Kind.NPS:
        eleven = [own.get(str(number), 0) for number in range(11)]
        return QuestionResult(
            question, sum(eleven), _numbers(own, 0, 10), nps=nps_analysis.from_counts(eleven)
        )
    if question.kind == Kind.SUS:
        figures_of_sus = sus_analysis.analyse_counts(_sus_counts(question, counts))
        return QuestionResult(question, figures_of_sus.n + figures_of_sus.incomplete, sus=figures_of_sus)
    if question.kind == Kind.KANO:
        study = kano_analysis.analyse_counts(
            [feature_counts(question, one.code, one.title.ja, counts) for one in question.choices]
        )
        return QuestionResult(question, study.n, kano=study)
    if question.kind == Kind.MATRIX:
        rows = [_row(question, row, counts, wave.threshold) for row in question.rows]
        return QuestionResult(question, max(row.n for row in rows), matrix=rows)
    if question.kind == Kind.RANKING:
        n = own.get(EVERYONE, 0)
        places = [_ranked(one, counts.get(f"{question.code}.{one.code}", {}), n) for one in question.choices]
        return QuestionResult(question, n, ranking=places)
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE):
        n = own.get(EVERYONE, 0) if question.kind == Kind.MULTIPLE else sum(own.values())
        lines = [
            ChoiceLine(c.title, own.get(c.code, 0), wilson(own.get(c.code, 0), n)) for c in question.choices
        ]
        return QuestionResult(question, n, lines)
    if question.kind == Kind.SCALE and question.bounds:
        mean = _within(_mean(own), *question.bounds)
        return QuestionResult(question, sum(own.values()), _numbers(own, *question.bounds), mean=mean)
    if question.kind == Kind.NUMBER:
        return QuestionResult(question, sum(own.values()), mean=_mean(own))
    days = _days(counts.get(f"{question.code}.month", {})) if question.kind == Kind.DATE else ()
    return QuestionResult(question, own.get("given", 0), days, texts=texts.get(question.code, ()))


def _days(months: Counts) -> list[ChoiceLine]:
    """Days by month, titled by its first; by year where that would be too long a list."""
    given = Counter({month: count for month, count in months.items() if count})
    if len(given) <= MONTHS:
        titled = [(dt.date.fromisoformat(f"{month}-01"), given[month]) for month in sorted(given)]
        return [ChoiceLine(title, count, wilson(count, given.total())) for title, count in titled]
    years = Counter[int]()
    for month, count in given.items():
        years[int(month[:4])] += count
    return [ChoiceLine(year, years[year], wilson(years[year], years.total())) for year in sorted(years)]


def _row(question: Question, row: Choice, counts: Mapping[str, Counts], least: int) -> RowLine:
    own = counts.get(f"{question.code}.{row.code}", {})
    n = sum(own.values())
    if 0 < n < least:
        return RowLine(row.title, 0, ())
    lines = [ChoiceLine(c.title, own.get(c.code, 0), wilson(own.get(c.code, 0), n)) for c in question.choices]
    return RowLine(row.title, n, lines)


def _ranked(choice: Choice, own: Counts, n: int) -> RankLine:
    first, mean = own.get("1", 0), _mean(own)
    return RankLine(choice.title, sum(own.values()), first, wilson(first, n), mean.value if mean else None)


def _numbers(own: Counts, least: int, most: int, words: Sequence[Any] = ()) -> list[ChoiceLine]:
    n = sum(own.values())
    return [
        ChoiceLine(
            words[number - least] if words else number,
            own.get(str(number), 0),
            wilson(own.get(str(number), 0), n),
        )
        for number in range(least, most + 1)
    ]


def _mean(own: Counts) -> Estimate | None:
    """Mean with Student's t interval. Not by exact fractions as elsewhere: numbers may be as many as answers."""
    n = sum(own.values())
    if not n:
        return None
    middle = math.fsum(float(value) * count for value, count in own.items()) / n
    squares = math.fsum(count * (float(value) - middle) ** 2 for value, count in own.items())
    return Estimate(middle, *mean_of_moments(middle, math.sqrt(squares / max(n - 1, 1)), n), n)


def _within(mean: Estimate | None, least: float, most: float) -> Estimate | None:
    """The interval without what lies beyond the ends of the scale, as long as it says anything."""
    if mean is None or mean.n == 1:
        return mean
    return replace(mean, low=max(mean.low, least), high=min(mean.high, most))


def _sus_counts(question: Question, counts: Mapping[str, Counts]) -> sus_analysis.SusCounts:
    own = counts.get(question.code, {})
    return sus_analysis.SusCounts(
        scores={float(value): count for value, count in own.items() if value not in ("same", "incomplete")},
        items=[_by_number(counts.get(f"{question.code}.{item}", {})) for item in range(1, 11)],
        incomplete=own.get("incomplete", 0),
        same=own.get("same", 0),
    )


def _by_number(own: Counts) -> dict[int, int]:
    return {int(value): count for value, count in own.items()}


def feature_counts(
    question: Question, code: str, title: str, counts: Mapping[str, Counts]
) -> kano_analysis.FeatureCounts:
    """What people said of one feature of a Kano question, from the tallies of a wave."""
    own = counts.get(f"{question.code}.{code}", {})
    pairs = {(int(value[0]), int(value[2])): count for value, count in own.items()}
    importance = {float(value): n for value, n in counts.get(f"{question.code}.{code}.i", {}).items()}
    return kano_analysis.FeatureCounts(title, pairs, importance, code)
