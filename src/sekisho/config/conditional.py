"""Reads of the API that the caller already holds."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


class UnchangedReadMiddleware:
    """Answers 304 where an API operation gave an ETag and the caller sent it as If-None-Match."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        tag = response.get("ETag")
        if not tag or not request.path.startswith("/api/") or request.method not in ("GET", "HEAD"):
            return response
        if "If-None-Match" not in request.headers or response.status_code != 200:
            return response
        return get_conditional_response(request, etag=tag, response=response) or response
