"""Pages of a wave: what came back, its links and codes, its end, its answers as a workbook."""

import segno
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
from sekisho.voice.forms.surveys import LinksForm
from sekisho.voice.models import Wave
from sekisho.voice.queries.surveys import counted_in, may_change, seen_wave, wave_results
from sekisho.voice.services import surveys as service
from sekisho.voice.services import workbooks
from sekisho.voice.services.tally import count_new
from sekisho.web.asked import whole_number


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
    figures = wave_results(wave)
    context = {
        "wave": wave,
        "survey": wave.survey,
        "figures": figures,
        "is_long": figures.counted > workbooks.AT_ONCE,
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
    """Close a wave, count its answers now, make one-time links, or write a long workbook."""
    _actor, wave = find_wave(request, pk)
    try:
        if name == "links":
            return _links(request, wave)
        if name == "close":
            service.close_wave(request.user, wave)
            count_new(wave)
            messages.success(request, _("Closed. All answers are counted."))
        elif name == "workbook":
            return _write_workbook(request, wave)
        elif name == "count":
            count_new(wave)
        else:
            raise Http404
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect("voice:wave", pk)


def _write_workbook(request: HttpRequest, wave: Wave) -> HttpResponse:
    if counted_in(wave) < wave.threshold:
        return redirect("voice:wave_workbook", wave.pk)
    return redirect("jobs:job", workbooks.write_later(request.user, wave).pk)


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
    """The counted answers; nothing below the threshold. A long one is made in the background: ``?job=`` fetches it."""
    _actor, wave = find_wave(request, pk)
    counted = counted_in(wave)
    if counted < wave.threshold:
        messages.error(request, _("Too few people have answered to show anything."))
    elif asked := request.GET.get("job", ""):
        job = whole_number(asked) or 0
        return _workbook(wave, workbooks.finished_file(request.user, wave, job).read_bytes())
    elif counted <= workbooks.AT_ONCE:
        return _workbook(wave, workbooks.workbook_of(wave))
    else:
        messages.info(request, _("So many answers are written in the background: use “Make the workbook”."))
    return redirect("voice:wave", pk)


def _workbook(wave: Wave, content: bytes) -> HttpResponse:
    response = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="answers-{wave.pk}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
