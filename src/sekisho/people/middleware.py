"""Middleware: language of the person, first visit, second factor, and refusals turned into pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.helpers import render_authentication_error
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from requests import RequestException

from sekisho.errors import SekishoError, full_disk
from sekisho.people.gatekeeping import (
    NEEDS_SECOND_FACTOR,
    forget_way_on,
    owes_second_factor,
    remember_way_on,
)
from sekisho.people.limits import tell_wait
from sekisho.people.models import Installation, User

GetResponse = Callable[[HttpRequest], HttpResponse]

_SIGNED_OUT = _(
    "You were signed out before this was saved. Sign in again: what you typed is kept on this device and is put back."
)


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


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Login by default. Whoever was signed out while filling in a form comes back to that form's page.

    A form's own address often shows no page, and htmx would put the sign-in page into the middle of the present
    one. The browser keeps what was typed meanwhile (kept.js, drafts.js).
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        by_htmx = bool(request.headers.get("HX-Request"))
        if refused is None or (request.method in ("GET", "HEAD") and not by_htmx):
            return refused
        page = page_left(request, "HX-Current-URL" if by_htmx else "Referer")
        if page and request.method == "POST":
            messages.warning(request, _SIGNED_OUT)
        answer = redirect_to_login(page or "/", settings.LOGIN_URL)
        return HttpResponse(status=401, headers={"HX-Redirect": answer.url}) if by_htmx else answer


def page_left(request: HttpRequest, header: str = "Referer") -> str:
    """Path and query of the page of ours that a request says it came from; empty when it says nothing usable."""
    address = request.headers.get(header, "")
    parts = urlsplit(address)
    if parts.netloc != request.get_host() or not url_has_allowed_host_and_scheme(
        address, {request.get_host()}
    ):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


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
        if isinstance(exception, RequestException):  # nobody else asks other servers while a page waits
            return render_authentication_error(request, None, exception=exception)
        refusal = exception if isinstance(exception, SekishoError) else full_disk(exception)
        if refusal is None:
            return None
        return refusal_page(request, refusal)


def refusal_page(request: HttpRequest, refusal: SekishoError) -> HttpResponse:
    """What was not done, why, and when to try again where that is known."""
    return tell_wait(render(request, "refused.html", {"error": refusal}, status=refusal.status), refusal)
