"""Satisfaction with a service over the years: picture, table, files."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.book.models import Project
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of
from sekisho.voice.queries.series import Series, series_of
from sekisho.voice.services.holders import Holder
from sekisho.voice.timeline import HEIGHT, Mark, Sign, timeline
from sekisho.voice.words import with_ends
from sekisho.web.pictures import MARGIN, TOP, WIDTH, bitmap_of, download, framed, said, table_of


def _found(request: HttpRequest, code: str, organisation: bool) -> tuple[Holder, Series]:
    actor, code = actor_of(request.user), code.replace("\x00", "")
    holder: Holder
    if organisation:
        holder = get_object_or_404(Organisation, code=code)
        if not actor.may("read", path=holder.path):
            raise Http404(_("There is no such survey, or you may not see it."))
    else:
        holder = get_object_or_404(Project.objects.visible_to(actor).select_related("owner"), code=code)
    return holder, series_of(holder)


@require_GET
def page(request: HttpRequest, code: str, organisation: bool = False) -> HttpResponse:
    """The series of a book or an organisation, with everything behind it."""
    holder, series = _found(request, code, organisation)
    context = {
        "holder": holder,
        "project": None if organisation else holder,
        "series": series,
        "drawing": _drawn(holder, series),
        "files": [(kind, _address(holder, kind)) for kind in ("svg", "png", "csv")],
    }
    return render(request, "voice/series.html", context)


def _address(holder: Holder, kind: str = "") -> str:
    name = "voice:satisfaction" if isinstance(holder, Project) else "voice:organisation_satisfaction"
    return reverse(f"{name}_file", args=[holder.code, kind]) if kind else reverse(name, args=[holder.code])


def _drawn(holder: Holder, series: Series, width: str = "100%") -> SafeString:
    marks = [
        Mark(point.day, point.wave.name, point.figures.satisfied, point.figures.dissatisfied, point.line)
        for point in series.shown
        if point.figures and point.figures.satisfied and point.figures.dissatisfied
    ]
    if not marks:
        return SafeString("")
    signs = [Sign(event.day, event.number, event.words) for event in series.events]
    return timeline(_title(holder), marks, signs, (_("Satisfied"), _("Dissatisfied")), width=width)


def _title(holder: Holder) -> str:
    if isinstance(holder, Organisation):
        return _("Satisfaction of the people of %(organisation)s") % {"organisation": holder.local_name}
    return _("Satisfaction with %(service)s") % {"service": holder.local_name}


@require_GET
def file(request: HttpRequest, code: str, kind: str, organisation: bool = False) -> HttpResponse:
    """The picture as ``svg`` or ``png``, or its numbers as ``csv``; back to the page while there is nothing to show."""
    holder, series = _found(request, code, organisation)
    makers: dict[str, tuple[str, Any]] = {
        "svg": ("image/svg+xml", lambda: _picture(holder, series).encode()),
        "png": ("image/png", lambda: bitmap_of(_picture(holder, series))),
        "csv": ("text/csv; charset=utf-8", lambda: table_of(_heads(), _rows(series))),
    }
    if kind not in makers:
        raise Http404(_("There is no such chart."))
    if not series.shown:
        return redirect(_address(holder))
    media_type, make = makers[kind]
    return download(make(), media_type, f"satisfaction-{holder.pk}.{kind}")


def _picture(holder: Holder, series: Series) -> str:
    inner = _drawn(holder, series, str(WIDTH - 2 * MARGIN)).replace(
        "<svg ", f'<svg x="{MARGIN}" y="{TOP}" ', 1
    )
    lines = [f"{event.number}  {event.day.isoformat()}  {event.words}" for event in series.events]
    words = "".join(said(line, TOP + HEIGHT + 20 + 18 * place, 12) for place, line in enumerate(lines))
    legend = f"● {_('Satisfied')} (4, 5)  ■ {_('Dissatisfied')} (1, 2)"
    return framed(_title(holder), legend, inner + words, HEIGHT + 20 + 18 * len(lines))


def _heads() -> list[str]:
    return [
        *(_("Day"), _("Survey"), _("Wave"), _("How many answered"), _("Response rate")),
        *with_ends(_("Mean"), _("Satisfied"), _("Dissatisfied")),
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
