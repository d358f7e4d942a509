"""Pages for requests that fail before a view is reached."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A stale or forged form: say so plainly; the browser's Back keeps what was entered."""
    return render(request, "403_csrf.html", status=403)
