"""The page of an outside party: no account, a link and a code."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.errors import SekishoError
from sekisho.gateway.models import OutsideLink
from sekisho.gateway.queries import transfers as read
from sekisho.gateway.services import outside as service
from sekisho.gateway.views.transfers import download
from sekisho.people.throttle import TooManyRequests

_ENTERED = "gateway_outside"
_SECONDS = 1800


def _linked(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the view the link of the address; 404 for any that is not open. Kept out of caches and other sites' logs."""

    @login_not_required
    @never_cache
    @wraps(view)
    def answer(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        response = view(request, token, service.find(token[:200]), **kwargs)
        # with "no-referrer" browsers send the forms of this page with the origin "null", which the CSRF check refuses
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answer


def _has_entered(request: HttpRequest, link: OutsideLink) -> bool:
    entered = request.session.get(_ENTERED, {})
    return bool(entered.get(str(link.pk), 0) > time.time())


@sensitive_post_parameters("code")
@_linked
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str, link: OutsideLink) -> HttpResponse:
    """Before the code: who the link is for. With it: the files."""
    refusal = ""
    if request.method == "POST":
        try:
            service.check_code(link, request.POST.get("code", "")[:20])
            entered = request.session.get(_ENTERED, {})
            request.session[_ENTERED] = {**entered, str(link.pk): int(time.time()) + _SECONDS}
            return redirect("gateway:outside", token)
        except SekishoError as error:
            refusal = str(next(iter(getattr(error, "fields", {}).values()), error))
    inside = _has_entered(request, link)
    files = read.offered_files(link.transfer) if inside else []
    context = {
        "transfer": link.transfer,
        "token": token,
        "inside": inside,
        "files": files,
        "refusal": refusal,
        "address": _masked(link.transfer.outside),
        "sent": link.code_until is not None,
    }
    return render(request, "gateway/outside.html", context, status=422 if refusal else 200)


def _masked(address: str) -> str:
    name, _at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}"


@_linked
@require_POST
def send_code(request: HttpRequest, token: str, link: OutsideLink) -> HttpResponse:
    """Mail a code."""
    try:
        service.send_code(link)
        messages.success(request, _("A code was sent. It holds for ten minutes."))
    except TooManyRequests:
        raise
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect("gateway:outside", token)


@_linked
@require_POST
def take(request: HttpRequest, token: str, link: OutsideLink, pk: int) -> HttpResponseBase:
    """Take a file, which is recorded and counted."""
    file = link.transfer.files.filter(pk=pk).first()
    if file is None or not _has_entered(request, link):
        return redirect("gateway:outside", token)
    try:
        return download(file, service.take(link, file), original=False)
    except SekishoError as error:
        messages.error(request, str(error))
        return redirect("gateway:outside", token)
