"""Kano results of a wave: the plane, the table behind it, the evaluation table chosen, and all of it as files."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.analysis.kano import STANDARD, EvaluationTable
from sekisho.book.forms.errors import show
from sekisho.errors import SekishoError
from sekisho.people.roles import Actor
from sekisho.voice.drawing import PlaneWords, Point, plane
from sekisho.voice.forms.kanotables import KanoTableForm
from sekisho.voice.models import Wave
from sekisho.voice.queries.kano import KanoResult, kano_results, tables_for
from sekisho.voice.queries.segments import segments_of
from sekisho.voice.queries.surveys import may_change
from sekisho.voice.services import kanotables as service
from sekisho.voice.templatetags.voice import kano_table, kano_word
from sekisho.voice.views.waves import find_wave
from sekisho.voice.words import with_ends
from sekisho.web.asked import whole_number
from sekisho.web.pictures import MARGIN, TOP, bitmap_of, download, framed, said, table_of

#: size of the plane in a picture of its own, in pixels
DRAWN = 560


def chosen_table(request: HttpRequest, wave: Wave) -> EvaluationTable:
    """The table that ``?table=`` names; the standard one without it; 404 when there is none of that name."""
    name = request.GET.get("table", "") or STANDARD
    for table in tables_for(wave.survey):
        if table.name == name:
            return table
    raise Http404(_("There is no such evaluation table."))


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What each feature is to those who answered."""
    actor, wave = find_wave(request, pk)
    return _page(request, actor, wave, KanoTableForm())


def _page(request: HttpRequest, actor: Actor, wave: Wave, form: KanoTableForm) -> HttpResponse:
    table = chosen_table(request, wave)
    results = kano_results(wave, table)
    segments = segments_of(wave, [one.question for one in results])
    context = {
        "wave": wave,
        "survey": wave.survey,
        "results": [
            (one, plane(_points(one), _words(one)), segments.get(one.question.code)) for one in results
        ],
        "table": table,
        "grid": list(zip(answer_words(), table.rows, strict=True)),
        "heads": answer_words(),
        "tables": tables_for(wave.survey),
        "own": wave.survey.kano_tables.all(),
        "may_edit": may_change(actor, wave.survey),
        "form": form,
    }
    return render(request, "voice/wave_kano.html", context, status=422 if form.errors else 200)


@require_POST
def tables(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring an evaluation table in for the survey, or take one out (``remove`` is its key)."""
    actor, wave = find_wave(request, pk)
    form = KanoTableForm(request.POST, request.FILES)
    try:
        if remove := request.POST.get("remove", ""):
            table = wave.survey.kano_tables.filter(pk=whole_number(remove) or 0).first()
            if table is not None:
                service.remove_table(request.user, table)
            return redirect("voice:wave_kano", pk)
        if form.is_valid():
            said = form.cleaned_data
            made = service.add_table(
                request.user, wave.survey, said["file"], name=said["name"], source=said["source"]
            )
            return redirect(f"{reverse('voice:wave_kano', args=[pk])}?table=own-{made.pk}#table")
    except SekishoError as error:
        if not may_change(actor, wave.survey):
            raise
        show(form, error)
    return _page(request, actor, wave, form)


def answer_words() -> list[str]:
    """The five answers in their order."""
    return [
        _("I like it"),
        _("It must be so"),
        _("I do not care"),
        _("I can live with it"),
        _("I dislike it"),
    ]


def _points(result: KanoResult) -> list[Point]:
    return [
        Point(one.number, one.title, one.figures.category or "", one.figures.better, one.figures.worse)
        for one in result.drawn
        if one.figures.better and one.figures.worse
    ]


def _words(result: KanoResult) -> PlaneWords:
    return PlaneWords(
        title=_("%(question)s: Better and Worse of each feature") % {"question": result.title},
        better=_("Better: more satisfied when it is there"),
        worse=_("Worse: less satisfied when it is not"),
        quarters=[kano_word(letter) for letter in "AOMI"],
    )


@require_GET
def file(request: HttpRequest, pk: int, question: str, kind: str) -> HttpResponse:
    """The plane of one question as ``svg`` or ``png``, or its table as ``csv``; back to the page while too few have answered."""
    _actor, wave = find_wave(request, pk)
    found = [one for one in kano_results(wave, chosen_table(request, wave)) if one.question.code == question]
    makers: dict[str, tuple[str, Any]] = {
        "svg": ("image/svg+xml", lambda one: _picture(one).encode()),
        "png": ("image/png", lambda one: bitmap_of(_picture(one))),
        "csv": ("text/csv; charset=utf-8", lambda one: table_of(_heads(), _rows(one))),
    }
    if kind not in makers:
        raise Http404(_("There is no such chart."))
    if not found:
        return redirect("voice:wave_kano", pk)
    media_type, make = makers[kind]
    return download(make(found[0]), media_type, f"kano-{wave.pk}-{question}.{kind}")


def _picture(result: KanoResult) -> str:
    drawn = plane(_points(result), _words(result), width=str(DRAWN))
    inner = drawn.replace("<svg ", f'<svg x="{MARGIN}" y="{TOP}" height="{DRAWN}" ', 1)
    lines = [f"{one.number} {one.title} ({kano_word(one.figures.category)})" for one in result.drawn]
    names = "".join(said(line, TOP + 24 + 22 * place, 13, DRAWN + 40) for place, line in enumerate(lines))
    title = _("Evaluation table") + f": {kano_table(result.study.table.title)}"
    return framed(result.title, title, inner + names, max(DRAWN, 40 + 22 * len(lines)))


def _heads() -> list[str]:
    return [
        *(_("number"), _("Feature"), _("Category"), *"MOAIRQ", _("How many answered")),
        *(*with_ends("Better", "Worse"), _("Difference by Fong's test"), _("Its threshold")),
        *(_("Category strength"), _("Total strength"), _("Importance")),
        *(_("Continuous: when there"), _("Continuous: when missing")),
    ]


def _rows(result: KanoResult) -> Iterator[list[object]]:
    for one in result.lines:
        f = one.figures
        spans = [(e.value, e.low, e.high) if e else ("", "", "") for e in (f.better, f.worse)]
        continuous = (f.continuous.functional, f.continuous.dysfunctional) if f.continuous else ("", "")
        found = [
            *(one.number, one.title, f.category, *f.counts.values(), f.n, *spans[0], *spans[1]),
            *(f.fong_difference, f.fong_threshold, f.category_strength, f.total_strength, f.importance),
            *continuous,
        ]
        yield ["" if value is None else value for value in found]
