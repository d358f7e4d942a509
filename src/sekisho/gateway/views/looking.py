"""Before and after, side by side as pictures."""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.errors import SekishoError
from sekisho.gateway.models import TransferFile
from sekisho.gateway.services import looking as service
from sekisho.gateway.views.transfers import find_file
from sekisho.people.roles import Actor

_SAID = "gateway_looks"
_SECONDS = 1800


def _page_of(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    return min(int(asked), 100_000) if asked.isascii() and asked.isdecimal() and len(asked) < 8 else 1


def _may_look(request: HttpRequest, actor: Actor, file: TransferFile) -> bool:
    if not service.needs_reason(actor, file.transfer):
        return True
    return bool(request.session.get(_SAID, {}).get(str(file.pk), 0) > time.time())


@never_cache
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of a file before and after; who watches over other people's files says why first."""
    actor, file = find_file(request, pk)
    if request.method == "POST":
        try:
            service.give_reason(request.user, file, request.POST.get("reason", ""))
            said = request.session.get(_SAID, {})
            request.session[_SAID] = {**said, str(file.pk): int(time.time()) + _SECONDS}
        except SekishoError as error:
            messages.error(request, str(error))
        return redirect("gateway:compare", pk)
    page = max(1, _page_of(request))
    may_look = _may_look(request, actor, file)
    drawn = [_side(actor, file, side, page) for side in (service.BEFORE, service.AFTER)] if may_look else []
    context = {
        "file": file,
        "transfer": file.transfer,
        "page": page,
        "may_look": may_look,
        "sides": drawn,
        "pages": max((side["pages"] for side in drawn), default=0),
    }
    return render(request, "gateway/compare.html", context)


def _side(actor: Actor, file: TransferFile, side: str, page: int) -> dict[str, Any]:
    """Whether a side can be drawn, and how many pages it has."""
    try:
        found = service.picture_of(actor, file, side, page)
    except service.NoPicture as error:
        return {"side": side, "pages": 0, "refusal": str(error)}
    return {"side": side, "pages": found.pages, "refusal": ""}


@never_cache
@require_GET
def picture(request: HttpRequest, pk: int, side: str, page: int) -> HttpResponse:
    """One page of one side as PNG."""
    actor, file = find_file(request, pk)
    if side not in (service.BEFORE, service.AFTER) or not _may_look(request, actor, file):
        return HttpResponse(status=404)
    found = service.picture_of(actor, file, side, page)
    return HttpResponse(found.png, content_type="image/png")
