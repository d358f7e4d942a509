"""What changed between two waves: only questions that ask the same, each change with its interval and what may be said."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.analysis import csat, nps, sus
from sekisho.analysis.intervals import Difference, holm, mean_and_deviation, newcombe, welch
from sekisho.analysis.kano import drift
from sekisho.analysis.kano.drift import Change
from sekisho.standards.pack import Text
from sekisho.voice.cells import EVERYONE
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import Survey, Wave
from sekisho.voice.queries.kano import kano_result
from sekisho.voice.queries.surveys import Counts, QuestionResult, counts_of, question_result

AllCounts = Mapping[str, Counts]


@dataclass(frozen=True)
class ChangeLine:
    """One figure in both waves. ``scale`` is 100 for shares shown in percent. ``p`` is after Holm where a question has
    several lines; ``verdict`` is rose, fell or unclear.
    """

    title: Any
    before: float
    after: float
    difference: Difference
    scale: int
    p: float

    @property
    def verdict(self) -> str:
        if self.p >= 0.05:
            return "unclear"
        return "rose" if self.difference.value > 0 else "fell"

    @property
    def shown(self) -> tuple[str, str]:
        """Both values as they are read."""
        digits, sign = (0, "%") if self.scale == 100 else (2, "") if self.scale == 1 else (1, "")
        scale = 100 if self.scale == 100 else 1
        before, after = (f"{scale * value:.{digits}f}{sign}" for value in (self.before, self.after))
        return before, after


@dataclass(frozen=True)
class Compared:
    """One question that both waves ask. ``reworded``: its words changed, so a change may come from them."""

    question: Question
    reworded: bool
    lines: Sequence[ChangeLine] = ()
    drift: Sequence[Change] = ()


@dataclass(frozen=True)
class Comparison:
    """``differing``: (words of a question, why it is not compared). ``ready``: both waves may be shown."""

    compared: Sequence[Compared]
    differing: Sequence[tuple[Any, Any]]
    ready: bool


def others_of(wave: Wave) -> QuerySet[Wave]:
    """Waves of the same service or organisation, newest first."""
    holder = {"project": wave.survey.project_id, "organisation": wave.survey.organisation_id}
    surveys = Survey.objects.filter(**holder).order_by()
    found = Wave.objects.filter(survey__in=surveys).exclude(pk=wave.pk)
    return found.select_related("survey").order_by("-opened_at", "-id")


def wave_before(wave: Wave) -> Wave | None:
    """The wave to compare with unless another is chosen: the last one of the same survey, else of the service."""
    earlier = others_of(wave).filter(
        Q(opened_at__lt=wave.opened_at) | Q(opened_at=wave.opened_at, pk__lt=wave.pk)
    )
    return earlier.filter(survey=wave.survey_id).first() or earlier.first()


def compare_waves(before: Wave, after: Wave) -> Comparison:
    """Every question of the later wave against the same question of the earlier one."""
    counts = [counts_of(wave) for wave in (before, after)]
    answered = [one.get(EVERYONE, {}).get(EVERYONE, 0) for one in counts]
    ready = answered[0] >= before.threshold and answered[1] >= after.threshold
    asked = Definition.from_document(before.document)
    questions = Definition.from_document(after.document).questions
    codes = {question.code for question in questions}
    compared, differing = [], []
    for question in questions:
        if why := _why_not(asked.question(question.code), question):
            differing.append((question.title, why))
        elif ready and (found := _compare(question, asked, (before, counts[0]), (after, counts[1]))):
            compared.append(found)
    gone = [(q.title, _("only the earlier wave asks it")) for q in asked.questions if q.code not in codes]
    return Comparison(compared, [*differing, *gone], ready)


def _why_not(one: Question | None, other: Question) -> Any:
    if one is None:
        return _("only the later wave asks it")
    if one.kind != other.kind:
        return _("it is another kind of question")
    if one.bounds != other.bounds:
        return _("its scale differs")
    if other.kind != Kind.KANO and {c.code for c in one.choices} != {c.code for c in other.choices}:
        return _("its choices differ")
    return None


def _compare(
    question: Question, asked: Definition, before: tuple[Wave, AllCounts], after: tuple[Wave, AllCounts]
) -> Compared | None:
    earlier = asked.question(question.code) or question
    words = [
        (one.title, *((c.code, c.title) for c in sorted(one.choices, key=lambda c: c.code)))
        for one in (earlier, question)
    ]
    reworded = words[0] != words[1]
    if question.kind == Kind.KANO:
        studies = [kano_result(question, counts, wave.threshold).study for wave, counts in (before, after)]
        found = drift(*studies)
        return Compared(question, reworded, drift=found) if found else None
    one, other = (question_result(question, counts, wave) for wave, counts in (before, after))
    if not one.n or not other.n or one.n < before[0].threshold or other.n < after[0].threshold:
        return None
    lines = list(_lines(question, one, other, before[1], after[1]))
    chances = holm([line.p for line in lines]) if question.choices else [line.p for line in lines]
    lines = [replace(line, p=p) for line, p in zip(lines, chances, strict=True)]
    return Compared(question, reworded, lines) if lines else None


def _lines(
    question: Question, one: QuestionResult, other: QuestionResult, before: AllCounts, after: AllCounts
) -> Iterator[ChangeLine]:
    if one.satisfaction and other.satisfaction:
        found = csat.compare(one.satisfaction, other.satisfaction)
        yield from _line(_("Mean"), one.satisfaction.mean, other.satisfaction.mean, found.mean, 1)
        yield from _line(
            _("Satisfied"), one.satisfaction.satisfied, other.satisfaction.satisfied, found.satisfied, 100
        )
        pair = (one.satisfaction.dissatisfied, other.satisfaction.dissatisfied)
        yield from _line(_("Dissatisfied"), *pair, found.dissatisfied, 100)
    elif one.nps and other.nps:
        change = nps.compare(one.nps, other.nps)
        yield from _line(_("Net Promoter Score"), one.nps.score, other.nps.score, change, 1)
    elif one.sus and other.sus:
        change = sus.compare(one.sus, other.sus)
        yield from _line(_("System Usability Scale"), one.sus.interval, other.sus.interval, change, 1)
    elif question.kind == Kind.MATRIX:
        yield from _rows(one, other)
    elif question.kind == Kind.RANKING:
        for first, then in zip(one.ranking, other.ranking, strict=True):
            change = newcombe(first.first, one.n, then.first, other.n)
            title = _joined(first.title, _("placed first"))
            yield from _line(title, first.first_share, then.first_share, change, 100)
    elif question.choices:
        for choice, a, b in zip(question.choices, one.lines, other.lines, strict=True):
            yield from _line(choice.title, a.share, b.share, newcombe(a.count, one.n, b.count, other.n), 100)
    elif question.kind in (Kind.SCALE, Kind.NUMBER):
        yield from _means(before.get(question.code, {}), after.get(question.code, {}))


def _rows(one: QuestionResult, other: QuestionResult) -> Iterator[ChangeLine]:
    """Each choice in each row of a matrix that enough people answered in both waves."""
    for row, later in zip(one.matrix, other.matrix, strict=True):
        for a, b in zip(row.lines, later.lines, strict=bool(row.lines and later.lines)):
            change = newcombe(a.count, row.n, b.count, later.n)
            yield from _line(_joined(row.title, a.title), a.share, b.share, change, 100)


def _joined(title: Text, what: Any) -> str:
    """What a line is about, in the reader's language: a row or choice, and what is said of it."""
    language = get_language() or "ja"
    return f"{title.get(language)}: {what.get(language) if isinstance(what, Text) else what}"


def _line(title: Any, one: Any, other: Any, change: Difference | None, scale: int) -> Iterator[ChangeLine]:
    if one and other and change:
        yield ChangeLine(title, one.value, other.value, change, scale, change.p)


def _means(before: Counts, after: Counts) -> Iterator[ChangeLine]:
    one, other = (mean_and_deviation({float(v): n for v, n in own.items()}) for own in (before, after))
    if one and other and one[1] is not None and other[1] is not None:
        sizes = [sum(own.values()) for own in (before, after)]
        change = welch(one[0], one[1], sizes[0], other[0], other[1], sizes[1])
        if change:
            yield ChangeLine(_("Mean"), one[0], other[0], change, 1, change.p)
