"""The short way of an answer: what a thousand people send in a second is taken before anything that knows people."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from sekisho.errors import SekishoError
from sekisho.voice.views.answering import answer, taken_plainly

_ADDRESS = re.compile(r"/s/([\w-]{1,32})/")


class _ForgeryCheck(CsrfViewMiddleware):
    """Django's check against forged forms, which tells the reason instead of drawing a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


class PlainAnswerMiddleware:
    """Takes a whole answer to a public link from somebody who is not signed in (ADR 0034).

    Whatever is not plain goes on to the view, which says what is wrong with everything entered: a forged or stale form, an
    answer that needs mending, a wave that is closed or not for everyone, too many from one address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.forgery = _ForgeryCheck(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = _ADDRESS.fullmatch(request.path_info) if request.method == "POST" else None
        if address and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            taken = self._taken(request, address[1])
            if taken is not None:
                return taken
        return self.get_response(request)

    def _taken(self, request: HttpRequest, token: str) -> HttpResponse | None:
        request.get_host()  # refuses a host that is not ours
        self.forgery.process_request(request)
        if self.forgery.process_view(request, answer, (), {}) is not None:
            return None
        try:
            response = taken_plainly(request, token)
        except SekishoError:
            return None
        if response is not None:
            response["X-Frame-Options"] = "DENY"
        return response
