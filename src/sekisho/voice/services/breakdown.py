"""Results by group: chosen once for a wave that is over, counted in the background.

One grouping for each wave, for good: tables of one grouping share nothing but the sizes of its groups, so hiding what is
small in each hides it in all of them together (`sekisho.analysis.crosstable`). Two groupings of one wave could be put
together, and counts that still grow could be subtracted.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.book.services.common import read_again
from sekisho.errors import Conflict, Invalid
from sekisho.voice.cells import BROKEN_DOWN, PLACE, cells_of
from sekisho.voice.definition import Definition, Kind, Question
from sekisho.voice.models import GroupTally, Response, Wave
from sekisho.voice.services.holders import acting_for

BATCH = 2000


def groupings(definition: Definition) -> list[Question]:
    """The questions whose answers may be groups."""
    return [question for question in definition.questions if question.kind == Kind.SINGLE]


def choose_groups(user: Any, wave: Wave, group_by: str) -> Wave:
    """Break the results of a wave down by a question of one choice, or by place; cannot be taken back.

    Raises:
        Conflict: the wave is still asked, or is broken down already. Invalid: no such question.
    """
    with acting_for(user, wave.survey) as act:
        act.require("edit")
        read_again(wave)
        if not wave.is_over:
            raise Conflict(
                _("Stop asking first: results by group are shown when a wave is over."), code="wave_open"
            )
        if wave.group_by:
            raise Conflict(
                _("This wave is broken down already. A second way could tell of single people."),
                code="grouped",
            )
        found = {one.code: one.title.ja for one in groupings(Definition.from_document(wave.document))}
        found[PLACE] = pgettext("survey", "Place")
        if group_by not in found:
            raise Invalid(_("Choose by what to break the results down."), field="group_by")
        wave.group_by = group_by
        wave.save(update_fields=["group_by"])
        said = {"title": wave.survey.title, "wave": wave.name, "survey_id": wave.survey_id}
        act.write("survey.grouped", {**said, "group": found[group_by]})
    return wave


def set_populations(user: Any, wave: Wave, populations: Mapping[str, str]) -> Wave:
    """Say how many people each group has in the population, so that satisfaction is weighted to it.

    Raises:
        Conflict: no groups were chosen. Invalid: a number is missing or is none; ``field`` names the group.
    """
    with acting_for(user, wave.survey) as act:
        act.require("edit")
        read_again(wave)
        if not wave.grouped_at:
            raise Conflict(_("Break the results down first."), code="no_groups")
        wave.populations = {group: _people(group, populations.get(group, "")) for group in known_groups(wave)}
        wave.save(update_fields=["populations"])
        said = {"title": wave.survey.title, "wave": wave.name, "survey_id": wave.survey_id}
        act.write("survey.weighted", {**said, "people": sum(wave.populations.values())})
    return wave


def known_groups(wave: Wave) -> list[str]:
    """The groups that somebody said they belong to."""
    found = GroupTally.objects.filter(wave=wave).exclude(group="").order_by("group")
    return list(found.values_list("group", flat=True).distinct())


def _people(group: str, given: str) -> int:
    text = unicodedata.normalize("NFKC", given).replace(",", "").strip()
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:13]) < 10**12):
        raise Invalid(_("Enter how many people each group has, as a whole number of 1 or more."), field=group)
    return int(text)


def count_all_groups() -> int:
    """Count every wave whose groups were chosen and that is wholly counted; how many."""
    due = Wave.objects.exclude(group_by="").filter(grouped_at__isnull=True)
    return sum(count_groups(wave) for wave in due)


@transaction.atomic
def count_groups(wave: Wave) -> bool:
    """Count one wave; False while it is asked or answers wait to be counted."""
    wave = Wave.objects.select_for_update().get(pk=wave.pk)
    rows = Response.objects.filter(wave=wave).order_by()
    if not wave.group_by or wave.grouped_at or not wave.is_over or rows.filter(counted=False).exists():
        return False
    asked = [one for one in Definition.from_document(wave.document).questions if one.code != wave.group_by]
    asked = [one for one in asked if one.kind in BROKEN_DOWN]
    counts: Counter[tuple[str, str, str]] = Counter()
    for place, answers in rows.values_list("place", "answers").iterator(chunk_size=BATCH):
        group = place if wave.group_by == PLACE else str(answers.get(wave.group_by) or "")
        for question in asked:
            counts.update((group, *cell) for cell in cells_of(question, answers.get(question.code)))
    fresh = [GroupTally(wave=wave, group=g, question=q, value=v, count=n) for (g, q, v), n in counts.items()]
    GroupTally.objects.bulk_create(fresh, batch_size=500)
    wave.grouped_at = timezone.now()
    wave.save(update_fields=["grouped_at"])
    return True


def forget_groups(wave: Wave) -> None:
    """An answer was taken back: count the groups again."""
    GroupTally.objects.filter(wave=wave).delete()
    Wave.objects.filter(pk=wave.pk).update(grouped_at=None)
