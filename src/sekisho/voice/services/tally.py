"""Counting answers: each response is counted once, into how often each value of each question was given.

Keys: a choice counts under (question, code), several choices under each; scales under their number; a Kano feature under
(question.feature, "f-d") with 0 for a missing half, its importance under (question.feature.i, n); SUS under
(question, "a,b,…") of its ten answers; numbers under their value; that a text or day was given under (question, "given"), a day also under (question.month, "2026-04");
a row of a matrix under (question.row, choice); a choice of a ranking under (question.choice, place), and whoever ranked
anything under (question, "*"). ``*`` counts the responses themselves.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from sekisho.analysis.usability import sus_score
from sekisho.book.followers import tell_followers
from sekisho.voice.cells import EVERYONE
from sekisho.voice.definition import Definition, Kind
from sekisho.voice.models import Response, Tally, Wave
from sekisho.voice.services import excerpts

BATCH = 2000


def count_new(wave: Wave) -> int:
    """Count the responses that are due and not counted yet; how many there were.

    While an anonymous wave is open, at least ``threshold`` responses are held back, and no fewer are added at once: who
    looks before and after cannot tell by subtraction what a few people answered. Which ones wait is left to chance, as
    their keys are random. When the wave is over all are counted.
    """
    found = 0
    while counted := _count_batch(wave):
        found += counted
    return found


def _due(wave: Wave) -> int:
    waiting = Response.objects.filter(wave=wave, counted=False).count()
    if wave.is_over or not wave.anonymous:
        return waiting
    return waiting - wave.threshold if waiting >= 2 * wave.threshold else 0


@transaction.atomic
def _count_batch(wave: Wave) -> int:
    Wave.objects.select_for_update().get(pk=wave.pk)
    due = min(_due(wave), BATCH)
    rows = list(Response.objects.filter(wave=wave, counted=False).order_by("id")[:due]) if due else []
    if rows:
        definition = Definition.from_document(wave.document)
        counts = Counter(key for row in rows for key in keys_of(definition, row.answers))
        _add(wave, counts)
        excerpts.keep(wave, definition, rows)
        _mark_counted(wave, rows)
        if wave.survey.project_id:
            tell_followers([wave.survey.project_id])
    return len(rows)


def _mark_counted(wave: Wave, rows: Sequence[Response]) -> None:
    """Mark responses as counted. Those of people whose taking part is remembered are written anew, in the order of their
    random keys: as they came in they lie in the files of the database in the order of arrival, as do the digests.
    """
    same = Response.objects.filter(pk__in=[row.pk for row in rows])
    if not wave.anonymous or wave.access == Wave.Access.LINK:
        same.update(counted=True)
        return
    same.delete()
    for row in rows:
        row.counted = True
    Response.objects.bulk_create(rows, batch_size=500)


def _add(wave: Wave, counts: Counter[tuple[str, str]]) -> None:
    known = {(t.question, t.value): t.pk for t in Tally.objects.filter(wave=wave).order_by()}
    for key, count in counts.items():
        if key in known:
            Tally.objects.filter(pk=known[key]).update(count=F("count") + count)
    fresh = [
        Tally(wave=wave, question=k[0], value=k[1], count=n) for k, n in counts.items() if k not in known
    ]
    Tally.objects.bulk_create(fresh, batch_size=500)


@transaction.atomic
def take_out(wave: Wave, rows: Sequence[Response]) -> None:
    """Delete responses, and what they added to the counts: as much work for ten answers as for ten million."""
    Wave.objects.select_for_update().get(pk=wave.pk)
    definition = Definition.from_document(wave.document)
    # read again: they may have been counted meanwhile
    counted = list(Response.objects.filter(pk__in=[row.pk for row in rows], counted=True))
    less = Counter(key for row in counted for key in keys_of(definition, row.answers))
    for (question, value), number in less.items():
        Tally.objects.filter(wave=wave, question=question, value=value).update(count=F("count") - number)
    excerpts.forget(wave, definition, counted)
    Response.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if counted and wave.survey.project_id:
        tell_followers([wave.survey.project_id])


@transaction.atomic
def recount(wave: Wave) -> None:
    """Count everything again from the responses."""
    Wave.objects.select_for_update().get(pk=wave.pk)
    Tally.objects.filter(wave=wave).delete()
    wave.excerpts.all().delete()
    Response.objects.filter(wave=wave).update(counted=False)
    count_new(wave)


def count_all_new() -> int:
    """Count what is due in every wave that has something waiting."""
    waiting = Response.objects.filter(counted=False).order_by().values("wave").distinct()
    return sum(count_new(wave) for wave in Wave.objects.filter(pk__in=waiting))


@transaction.atomic
def is_exact(wave: Wave) -> bool:
    """Whether tallies and kept texts say what the counted responses say. Nothing is counted meanwhile."""
    Wave.objects.select_for_update().get(pk=wave.pk)
    definition, counts = Definition.from_document(wave.document), Counter[tuple[str, str]]()
    rows = Response.objects.filter(wave=wave, counted=True).order_by().values_list("id", "answers")
    for _key, answers in rows.iterator(chunk_size=BATCH):
        counts.update(keys_of(definition, answers))
    kept = {(t.question, t.value): t.count for t in Tally.objects.filter(wave=wave).order_by() if t.count}
    return kept == dict(counts) and excerpts.are_exact(wave, definition, rows.iterator(chunk_size=BATCH))


def keys_of(definition: Definition, answers: Any) -> Iterator[tuple[str, str]]:
    """The tallies that one response adds to."""
    yield EVERYONE, EVERYONE
    for question in definition.questions:
        answer = answers.get(question.code)
        if answer is None:
            continue
        code = question.code
        if question.kind == Kind.MULTIPLE:
            yield code, EVERYONE
            yield from ((code, one) for one in answer)
        elif question.kind == Kind.KANO:
            for feature, (functional, dysfunctional, weight) in answer.items():
                yield f"{code}.{feature}", f"{functional or 0}-{dysfunctional or 0}"
                if weight is not None:
                    yield f"{code}.{feature}.i", str(weight)
        elif question.kind == Kind.MATRIX:
            yield from ((f"{code}.{row}", one) for row, one in answer.items())
        elif question.kind == Kind.RANKING:
            yield code, EVERYONE
            yield from ((f"{code}.{one}", str(place)) for place, one in enumerate(answer, 1))
        elif question.kind == Kind.SUS:
            yield from sus_keys(code, answer)
        elif question.kind in (Kind.TEXT, Kind.DATE):
            yield code, "given"
            if question.kind == Kind.DATE:
                yield f"{code}.month", answer[:7]
        else:
            yield code, str(answer)


def sus_keys(code: str, answer: Sequence[int | None]) -> Iterator[tuple[str, str]]:
    """The tallies of one SUS sheet: 41 scores and fifty answers at most, where whole sheets would be millions."""
    given = [one for one in answer if one]
    if len(given) == len(answer):
        yield code, str(sus_score(given))
        yield from ((f"{code}.{item}", str(one)) for item, one in enumerate(given, 1))
        if len(set(given)) == 1:
            yield code, "same"
    elif given:
        yield code, "incomplete"
