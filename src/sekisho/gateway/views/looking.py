"""Before and after, side by side as pictures."""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.errors import SekishoError
from sekisho.gateway.members import paired
from sekisho.gateway.models import TransferFile
from sekisho.gateway.services import looking as service
from sekisho.gateway.views.transfers import find_file, refused
from sekisho.people.roles import Actor
from sekisho.web.asked import whole_number

_SAID = "gateway_looks"
_SECONDS = 1800
_BOTH = (service.BEFORE, service.AFTER)


def _number(request: HttpRequest, name: str, usual: int) -> int:
    asked = whole_number(request.GET.get(name, ""), 7)
    return usual if asked is None else min(asked, 100_000)


def _may_look(request: HttpRequest, actor: Actor, file: TransferFile) -> bool:
    if not service.needs_reason(actor, file.transfer):
        return True
    return bool(request.session.get(_SAID, {}).get(str(file.pk), 0) > time.time())


@never_cache
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of a file before and after; who watches over other people's files says why first."""
    actor, file = find_file(request, pk)
    failed: dict[str, Any] = {}
    if request.method == "POST":
        try:
            service.give_reason(request.user, file, request.POST.get("reason", ""))
            said = request.session.get(_SAID, {})
            request.session[_SAID] = {**said, str(file.pk): int(time.time()) + _SECONDS}
            return redirect("gateway:compare", pk)
        except SekishoError as error:
            failed = refused(request, "why", request.POST.get("reason", ""), error)
    page = max(1, _number(request, "page", 1))
    may_look = _may_look(request, actor, file)
    context = {"file": file, "transfer": file.transfer, "page": page, "may_look": may_look, "refused": failed}
    if may_look and service.is_archive(file):
        context |= _archive(request, actor, file, page)
    elif may_look:
        context |= _sides([_side(actor, file, side, page) for side in _BOTH])
    return render(request, "gateway/compare.html", context, status=422 if failed else 200)


def _archive(request: HttpRequest, actor: Actor, file: TransferFile, page: int) -> dict[str, Any]:
    """The files in an archive, and the one that was asked for before and after."""
    before, after = (_members(actor, file, side) for side in _BOTH)
    rows = paired(before["names"], after["names"])
    told = {
        "members": rows,
        "is_archive": True,
        "unread": [side for side in (before, after) if side["refusal"]],
    }
    chosen = next((row for row in rows if row.row == request.GET.get("member")), None)
    if chosen is None:
        return told
    places = zip(_BOTH, (chosen.before, chosen.after), strict=True)
    return {
        **told,
        "chosen": chosen,
        **_sides([_side(actor, file, side, page, place) for side, place in places]),
    }


def _members(actor: Actor, file: TransferFile, side: str) -> dict[str, Any]:
    try:
        return {"side": side, "names": service.members_of(actor, file, side), "refusal": ""}
    except service.NoPicture as error:
        return {"side": side, "names": [], "refusal": str(error)}


def _sides(drawn: list[dict[str, Any]]) -> dict[str, Any]:
    return {"sides": drawn, "pages": max(side["pages"] for side in drawn)}


def _side(
    actor: Actor, file: TransferFile, side: str, page: int, member: int | None = None
) -> dict[str, Any]:
    """Whether a side can be drawn, and how many pages it has. ``member``: the place in an archive, 0 for none."""
    told = {"side": side, "pages": 0, "refusal": "", "member": member or 0}
    if member == 0:
        return {**told, "refusal": _("This file is not on this side.")}
    try:
        return {**told, "pages": service.picture_of(actor, file, side, page, member or 0).pages}
    except service.NoPicture as error:
        return {**told, "refusal": str(error)}


@never_cache
@require_GET
def picture(request: HttpRequest, pk: int, side: str, page: int) -> HttpResponse:
    """One page of one side as PNG."""
    actor, file = find_file(request, pk)
    if side not in (service.BEFORE, service.AFTER) or not _may_look(request, actor, file):
        return HttpResponse(status=404)
    found = service.picture_of(actor, file, side, page, _number(request, "member", 0))
    return HttpResponse(found.png, content_type="image/png")
