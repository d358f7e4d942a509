"""Bodies of requests that were refused before anybody read them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

GetResponse = Callable[[HttpRequest], HttpResponse]

#: a part of an upload is 4 MB; whoever sends more than this unasked loses the connection
MOST_BYTES = 16 << 20
_PIECE = 1 << 16


class ReadToTheEndMiddleware:
    """Reads what a refused request still has to say, so that the sender reads the refusal.

    A server that answers and closes while the other side is still writing breaks the connection: a program would see that
    in place of the answer, and try again for nothing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code >= 300 and 0 < _length(request) <= MOST_BYTES:
            try:
                while request.read(_PIECE):
                    pass
            except UnreadablePostError:
                pass
        return response


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdecimal() else 0
