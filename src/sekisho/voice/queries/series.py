"""Satisfaction with one service, or of the people of an organisation, over the years, beside its releases and the decisions at its gates."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.analysis import csat
from sekisho.analysis.intervals import Estimate, wilson
from sekisho.book.models import Decision, Project, Release
from sekisho.people.models import Organisation
from sekisho.voice.cells import EVERYONE
from sekisho.voice.definition import Definition, Kind
from sekisho.voice.models import Response, Survey, Tally, Wave


@dataclass(frozen=True)
class SeriesPoint:
    """One wave that asked for satisfaction. ``figures`` is None while too few have answered; ``line`` tells waves whose
    points may be joined: they ask the same question of the same survey, and none between them is hidden."""

    wave: Wave
    day: dt.date
    figures: csat.Satisfaction | None
    rate: Estimate | None
    line: tuple[int, str, int]


@dataclass(frozen=True)
class Event:
    """A release or a decision; ``number`` is its mark on the chart."""

    number: int
    day: dt.date
    words: str
    kind: str
    gate_id: int | None = None


@dataclass(frozen=True)
class Series:
    """Both in the order of their days."""

    points: Sequence[SeriesPoint]
    events: Sequence[Event]

    @property
    def shown(self) -> Sequence[SeriesPoint]:
        """Waves with figures."""
        return [point for point in self.points if point.figures]


def series_of(holder: Project | Organisation) -> Series:
    """The series of whoever holds surveys: five reads, however many waves, releases and gates there are."""
    project = holder if isinstance(holder, Project) else None
    held = {"project": project} if project else {"organisation": holder}
    surveys = Survey.objects.filter(**held).order_by()
    waves = list(Wave.objects.filter(survey__in=surveys).select_related("survey").order_by("opened_at", "id"))
    codes = {wave.pk: code for wave in waves if (code := _asked(wave))}
    counts: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    wanted = {*codes.values(), EVERYONE}
    rows = Tally.objects.filter(wave__in=codes, question__in=wanted).order_by()
    for wave_id, question, value, count in rows.values_list("wave_id", "question", "value", "count"):
        counts[wave_id, question][value] = count
    late = (
        Response.objects.filter(wave__in=codes, counted=False)
        .order_by()
        .values("wave")
        .annotate(n=Count("pk"))
    )
    waiting = {row["wave"]: row["n"] for row in late}
    points: list[SeriesPoint] = []
    for wave in waves:
        if code := codes.get(wave.pk):
            received = counts[wave.pk, EVERYONE].get(EVERYONE, 0) + waiting.get(wave.pk, 0)
            hidden = sum(not one.figures and one.line[:2] == (wave.survey_id, code) for one in points)
            points.append(_point(wave, code, counts[wave.pk, code], received, hidden))
    return Series(points, _events(project) if points and project else [])


def _asked(wave: Wave) -> str | None:
    questions = Definition.from_document(wave.document).questions
    return next((one.code for one in questions if one.kind == Kind.SATISFACTION), None)


def _point(wave: Wave, code: str, own: dict[str, int], received: int, hidden: int) -> SeriesPoint:
    five = [own.get(str(number), 0) for number in range(1, 6)]
    asked = wave.invited if wave.invited and wave.invited >= received else None
    figures = csat.from_counts(five, asked) if sum(five) >= wave.threshold else None
    rate = wilson(received, asked) if asked else None
    return SeriesPoint(
        wave, timezone.localdate(wave.opened_at), figures, rate, (wave.survey_id, code, hidden)
    )


def _events(project: Project) -> list[Event]:
    found: list[tuple[dt.datetime, str, str, int | None]] = []
    for release in Release.objects.filter(project=project, released_at__isnull=False).order_by("released_at"):
        if release.released_at:
            said = _("Release %(version)s") % {"version": release.version}
            found.append((release.released_at, f"{said} {release.name}".strip(), "release", None))
    decisions = Decision.objects.filter(gate__project=project).select_related(
        "gate__release", "gate__project"
    )
    for decision in decisions.order_by("decided_at"):
        words = f"{decision.gate.title}: {decision.get_result_display()}"
        found.append((decision.decided_at, words, "decision", decision.gate_id))
    found.sort(key=lambda one: one[0])
    return [
        Event(number, timezone.localdate(at), words, kind, gate_id)
        for number, (at, words, kind, gate_id) in enumerate(found, 1)
    ]
