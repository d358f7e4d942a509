"""Pages for requests that fail before a view is reached, or that no view takes."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.people.middleware import page_left, refusal_page
from sekisho.people.throttle import TooManyRequests


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale or forged form: say so plainly and lead back to its page, where what was typed is put back."""
    return render(request, "403_csrf.html", {"form_page": page_left(request)}, status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth's limits on changing a password, signing in and the like, all of which count a minute."""
    return refusal_page(request, TooManyRequests(60))


class MethodPageMiddleware:
    """Gives people who open the address of a form a page with a way on, where Django answers with nothing.

    An address with a NUL has nothing: PostgreSQL takes no text with one, not even to look for it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Raises Http404 for an address that no row can have."""
        if "\x00" in request.path_info and not request.path_info.startswith("/api/"):  # which says so itself
            raise Http404

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response.get("Allow", "")
        return page
