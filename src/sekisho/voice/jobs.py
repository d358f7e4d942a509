"""Work of the voice of users by the clock."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.errors import NotFound
from sekisho.jobs.context import JobContext
from sekisho.jobs.registry import job, periodic
from sekisho.people.permissions import actor_of
from sekisho.voice.models import AnswerFile, Wave
from sekisho.voice.queries.surveys import counted_in, seen_wave
from sekisho.voice.services import breakdown, halves, incoming, quality, tally, workbooks


@periodic("voice.quality", at=dt.time(5, 30), label=_("Quality levels of services"))
def keep_quality_levels(context: Any) -> dict[str, int]:
    """Every morning: judge every service in use."""
    return {"changed": quality.keep_all()}


@periodic("voice.tally", every=dt.timedelta(minutes=1), label=_("Counting answers of surveys"))
def count_answers(context: Any) -> dict[str, int]:
    """Every minute: count the answers that came in."""
    return {"counted": tally.count_all_new(), "grouped": breakdown.count_all_groups()}


@job(incoming.KIND, label=_("Answers brought in"), timeout=dt.timedelta(hours=3))
def bring_in(
    context: JobContext, *, file_id: int, name: str, invited: int | None, asked_on: str | None
) -> dict[str, Any]:
    """Bring the answers of a long table in."""
    file = AnswerFile.objects.select_related("survey__project", "survey__organisation").get(pk=file_id)
    wave = incoming.bring_in(
        context.owner,
        file,
        name=name,
        invited=invited,
        asked_on=dt.date.fromisoformat(asked_on) if asked_on else None,
        progress=context.progress,
    )
    return {
        "url": reverse("voice:wave", args=[wave.pk]),
        "message": gettext("The answers are in and counted."),
    }


@job(workbooks.KIND, label=_("Workbook of answers"), timeout=dt.timedelta(hours=1))
def write_workbook(context: JobContext, *, wave_id: int, name: str) -> dict[str, Any]:
    """Write the workbook of a wave that many answered, if its owner may still see it."""
    wave = seen_wave(actor_of(context.owner), wave_id)
    if wave is None:
        raise NotFound(gettext("There is no such survey, or you may not see it."))
    workbooks.write_to_file(wave, name)
    counted = counted_in(wave)
    said = {"count": min(counted, workbooks.MOST_ROWS), "all": counted}
    return {
        "url": f"{reverse('voice:wave_workbook', args=[wave.pk])}?job={context.job_id}",
        "message": gettext("%(count)d of %(all)d answers are in the workbook.") % said,
    }


@periodic("voice.half_answers", at=dt.time(4, 10), label=_("Half answers nobody came back to"))
def forget_half_answers(context: Any) -> dict[str, int]:
    """Every night: delete half answers that waited long enough or whose wave is over."""
    return {"deleted": halves.forget_old()}


@periodic("voice.answer_files", every=dt.timedelta(hours=1), label=_("Tables of answers nobody brought in"))
def forget_answer_files(context: Any) -> dict[str, int]:
    """Every hour: delete uploaded tables of answers older than a day."""
    return {"deleted": incoming.forget_old()}


@periodic("voice.verify", at=dt.time(3, 50), label=_("Recount of surveys"))
def verify(context: Any) -> dict[str, int]:
    """Every night: count all answers again; where counts differ, count anew."""
    differing = [
        wave for wave in Wave.objects.select_related("survey").order_by("pk") if not tally.is_exact(wave)
    ]
    for wave in differing:
        tally.recount(wave)
    return {"differences": len(differing)}
