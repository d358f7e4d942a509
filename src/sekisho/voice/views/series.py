"""Satisfaction with a service over the years: picture, table, files."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.book.models import Project
from sekisho.people.permissions import actor_of
from sekisho.voice.queries.series import Series, series_of
from sekisho.voice.timeline import HEIGHT, Mark, Sign, timeline
from sekisho.web.pictures import MARGIN, TOP, WIDTH, bitmap_of, download, framed, said, table_of


def _found(request: HttpRequest, code: str) -> tuple[Project, Series]:
    seen = Project.objects.visible_to(actor_of(request.user)).select_related("owner")
    project = get_object_or_404(seen, code=code.replace("\x00", ""))
    return project, series_of(project)


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The series with everything behind it."""
    project, series = _found(request, code)
    context = {"project": project, "series": series, "drawing": _drawn(project, series)}
    return render(request, "voice/series.html", context)


def _drawn(project: Project, series: Series, width: str = "100%") -> SafeString:
    marks = [
        Mark(point.day, point.wave.name, point.figures.satisfied, point.figures.dissatisfied, point.line)
        for point in series.shown
        if point.figures and point.figures.satisfied and point.figures.dissatisfied
    ]
    if not marks:
        return SafeString("")
    signs = [Sign(event.day, event.number, event.words) for event in series.events]
    return timeline(_title(project), marks, signs, (_("Satisfied"), _("Dissatisfied")), width=width)


def _title(project: Project) -> str:
    return _("Satisfaction with %(service)s") % {"service": project.local_name}


@require_GET
def file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The picture as ``svg`` or ``png``, or its numbers as ``csv``; back to the page while there is nothing to show."""
    project, series = _found(request, code)
    makers: dict[str, tuple[str, Any]] = {
        "svg": ("image/svg+xml", lambda: _picture(project, series).encode()),
        "png": ("image/png", lambda: bitmap_of(_picture(project, series))),
        "csv": ("text/csv; charset=utf-8", lambda: table_of(_heads(), _rows(series))),
    }
    if kind not in makers:
        raise Http404(_("There is no such chart."))
    if not series.shown:
        return redirect("voice:satisfaction", project.code)
    media_type, make = makers[kind]
    return download(make(), media_type, f"satisfaction-{project.pk}.{kind}")


def _picture(project: Project, series: Series) -> str:
    inner = _drawn(project, series, str(WIDTH - 2 * MARGIN)).replace(
        "<svg ", f'<svg x="{MARGIN}" y="{TOP}" ', 1
    )
    lines = [f"{event.number}  {event.day.isoformat()}  {event.words}" for event in series.events]
    words = "".join(said(line, TOP + HEIGHT + 20 + 18 * place, 12) for place, line in enumerate(lines))
    legend = f"● {_('Satisfied')} (4, 5)  ● {_('Dissatisfied')} (1, 2)"
    return framed(_title(project), legend, inner + words, HEIGHT + 20 + 18 * len(lines))


def _heads() -> list[str]:
    return [
        *(_("Day"), _("Survey"), _("Wave"), _("How many answered"), _("Response rate"), _("Mean"), "", ""),
        *(_("Satisfied"), "", "", _("Dissatisfied"), "", ""),
    ]


def _rows(series: Series) -> Iterator[list[object]]:
    for point in series.points:
        row: list[object] = [point.day.isoformat(), point.wave.survey.local_title, point.wave.name]
        if point.figures is None:
            yield [*row, _("too few answers to show")]
            continue
        spans = [point.figures.mean, point.figures.satisfied, point.figures.dissatisfied]
        rate = point.rate.value if point.rate else ""
        yield [*row, point.figures.n, rate, *(x for e in spans if e for x in (e.value, e.low, e.high))]
    for event in series.events:
        yield [event.day.isoformat(), event.words]
