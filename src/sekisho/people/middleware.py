"""Middleware: language of the person, first visit, second factor, and refusals turned into pages."""

from collections.abc import Callable

from django.contrib import messages
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from sekisho.errors import SekishoError
from sekisho.people.gatekeeping import (
    NEEDS_SECOND_FACTOR,
    forget_way_on,
    owes_second_factor,
    remember_way_on,
)
from sekisho.people.models import Installation, User

GetResponse = Callable[[HttpRequest], HttpResponse]


class PreferredLanguageMiddleware:
    """The person's choice, then the cookie, then a browser that prefers English, then Japanese."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "") or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "ja")
        return response


class FirstVisitMiddleware:
    """On an empty installation every page leads to creating the administrator and the organisation."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_set_up() or request.path.startswith(("/setup/", "/static/", "/i18n/", "/healthz", "/api/")):
            return self.get_response(request)
        return HttpResponseRedirect(reverse("people:setup"))


def is_set_up() -> bool:
    """Whether somebody can sign in here; a yes is remembered, because it never turns into a no."""
    if caches["process"].get("is_set_up"):
        return True
    found = Installation.objects.exists() or User.objects.exists()
    if found:
        caches["process"].set("is_set_up", True, None)
    return found


class SecondFactorMiddleware:
    """Holders of roles named in SEKISHO_MFA_REQUIRED_ROLES set up a second factor before anything else."""

    #: the API refuses in its own words (see api_auth.py)
    _OPEN = ("/accounts/", "/static/", "/i18n/", "/healthz", "/api/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(self._OPEN) and owes_second_factor(request.user):
            if request.method == "GET" and not request.headers.get("HX-Request"):
                remember_way_on(request)
            messages.warning(request, NEEDS_SECOND_FACTOR)
            return redirect("mfa_index")
        forget_way_on(request)
        return self.get_response(request)


class RefusalMiddleware:
    """A service's refusal that a view did not show beside a field becomes a plain page, never a traceback."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SekishoError):
            return None
        return render(request, "refused.html", {"error": exception}, status=exception.status)
