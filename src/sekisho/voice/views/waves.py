"""Pages of a wave: what came back, its links and codes, its end, its answers as a workbook."""

import hashlib
import io
from typing import Any

import segno
import xlsxwriter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.voice.definition import Definition
from sekisho.voice.forms.surveys import LinksForm
from sekisho.voice.models import Response, Wave
from sekisho.voice.queries.surveys import counted_in, may_change, seen_wave, wave_results
from sekisho.voice.services import surveys as service
from sekisho.voice.services.tally import count_new

MOST_ROWS = 100_000


def find_wave(request: HttpRequest, pk: int) -> tuple[Actor, Wave]:
    """The actor and a wave they may see; 404 otherwise."""
    actor = actor_of(request.user)
    wave = seen_wave(actor, pk)
    if wave is None:
        raise Http404(_("There is no such survey, or you may not see it."))
    return actor, wave


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A wave's figures, as far as they may be shown."""
    actor, wave = find_wave(request, pk)
    context = {
        "wave": wave,
        "survey": wave.survey,
        "figures": wave_results(wave),
        "address": address_of(request, wave),
        "may_edit": may_change(actor, wave.survey),
        "links": LinksForm(initial={"count": 100}),
    }
    return render(request, "voice/wave.html", context)


def address_of(request: HttpRequest, wave: Wave, code: str = "") -> str:
    """The public address of a wave, or of one of its one-time links."""
    args = [wave.token, code] if code else [wave.token]
    return request.build_absolute_uri(reverse("voice:answer_once" if code else "voice:answer", args=args))


@require_GET
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet to print and put up, with the address as a QR code; ``?place=`` tells where it hangs."""
    _actor, wave = find_wave(request, pk)
    place = request.GET.get("place", "").replace("\x00", "").strip()[:100]
    address = address_of(request, wave)
    if place:
        address += "?" + service.place_query(place)
    context = {"wave": wave, "survey": wave.survey, "address": address, "place": place, "code": _qr(address)}
    return render(request, "voice/wave_poster.html", context)


def _qr(address: str) -> SafeString:
    drawn = segno.make(address, error="m").svg_inline(scale=6, omitsize=False, svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308 - paths of numbers; the address is not in it


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Close a wave, count its answers now, or make one-time links."""
    _actor, wave = find_wave(request, pk)
    try:
        if name == "links":
            return _links(request, wave)
        if name == "close":
            service.close_wave(request.user, wave)
            count_new(wave)
            messages.success(request, _("Closed. All answers are counted."))
        elif name == "count":
            count_new(wave)
        else:
            raise Http404
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect("voice:wave", pk)


def _links(request: HttpRequest, wave: Wave) -> HttpResponse:
    form = LinksForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter a number from 1 to %(most)d.") % {"most": service.MOST_LINKS})
        return redirect("voice:wave", wave.pk)
    codes = service.make_links(request.user, wave, form.cleaned_data["count"])
    lines = "\r\n".join(["URL", *(address_of(request, wave, code) for code in codes)])
    response = HttpResponse("\ufeff" + lines + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="links-{wave.pk}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The counted answers; nothing below the threshold. Where they are anonymous there is no day or place, and each
    column has an order of its own: rows of whole answers would let anybody count the smallest group."""
    _actor, wave = find_wave(request, pk)
    if counted_in(wave) < wave.threshold:
        messages.error(request, _("Too few people have answered to show anything."))
        return redirect("voice:wave", pk)
    response = HttpResponse(
        _answers(wave), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="answers-{wave.pk}.xlsx"'
    return response


def _answers(wave: Wave) -> bytes:
    definition = Definition.from_document(wave.document)
    heads = [(q.code, row) for q in definition.questions for row in ([one.code for one in q.rows] or [""])]
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Answers"))
        found = Response.objects.filter(wave=wave, counted=True).order_by("id").values_list("id", "answers")
        rows = list(found[:MOST_ROWS])
        for place, head in enumerate(heads):
            sheet.write_string(0, place, ".".join(filter(None, head)))
            if wave.anonymous:
                rows.sort(key=lambda row: hashlib.sha256(f"{head}{row[0]}".encode()).digest())
            code, inner = head
            for number, (_key, answers) in enumerate(rows, 1):
                answer = answers.get(code)
                _write(sheet, number, place, (answer or {}).get(inner) if inner else answer)
    return file.getvalue()


def _write(sheet: Any, row: int, place: int, value: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif isinstance(value, list):
        sheet.write_string(row, place, ",".join("" if one is None else str(one) for one in value))
    elif isinstance(value, dict):
        parts = [f"{key}:{'-'.join(str(one or '') for one in pair)}" for key, pair in value.items()]
        sheet.write_string(row, place, " ".join(parts))
    elif value:
        sheet.write_string(row, place, str(value)[:32_767])
