"""Refusals of the API as RFC 9457 problem documents, in the caller's language."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from sekisho.errors import Blocked, Invalid, SekishoError, StaleWrite, full_disk
from sekisho.people.limits import tell_wait

logger = logging.getLogger("sekisho.api")
MEDIA_TYPE = "application/problem+json"
#: how much of a body too large is read away: so many times the largest upload, in pieces of so many bytes
_READ_AWAY, _CHUNK = 4, 65_536

TITLES = {
    400: gettext_lazy("The request cannot be read"),
    401: gettext_lazy("Sign in or send a token"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not possible at this address"),
    409: gettext_lazy("The state does not allow this now"),
    412: gettext_lazy("Someone else saved in between"),
    413: gettext_lazy("Too large"),
    422: gettext_lazy("A value cannot be accepted"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong here"),
}

#: what of an error's extra is shown beside its message
_EXTRA = ("changes", "items")
#: names of the parameters that stand for a whole body or query; they are no part of a field's name
_WHOLE = ("payload", "filters")

_WRONG = {
    "missing": gettext_lazy("This is missing."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_type": gettext_lazy("Text is expected here."),
    "string_unicode": gettext_lazy("This text holds characters that cannot be stored."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters fit here."),
    "too_long": gettext_lazy("At most %(max_length)s entries fit here."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters are needed."),
    "literal_error": gettext_lazy("Use one of: %(expected)s."),
    "greater_than_equal": gettext_lazy("It must be at least %(ge)s."),
    "less_than_equal": gettext_lazy("It must be at most %(le)s."),
    "value_error": gettext_lazy("%(error)s"),
}
_WRONG_KIND = {
    "int": gettext_lazy("A whole number is expected here."),
    "bool": gettext_lazy("True or false is expected here."),
    "datetime": gettext_lazy("A date and time such as 2026-04-01T09:00:00+09:00 is expected here."),
    "date": gettext_lazy("A date such as 2026-04-01 is expected here."),
    "list": gettext_lazy("A list is expected here."),
    "model": gettext_lazy("An object with named values is expected here."),
    "file": gettext_lazy("A file is expected here."),
}


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    detail: Any,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """A problem document; ``members`` are its further members, empty ones left out."""
    document = {
        "type": f"urn:sekisho:problem:{code}",
        "title": str(TITLES.get(status, HTTPStatus(status).phrase)),
        "status": status,
        "detail": str(detail),
        "code": code,
        "instance": request.path,
        **{name: value for name, value in members.items() if value},
    }
    response = JsonResponse(document, status=status, encoder=DjangoJSONEncoder, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def refused(request: HttpRequest, error: SekishoError) -> HttpResponse:
    """A service's refusal, with its own status and code."""
    members: dict[str, Any] = {name: error.extra.get(name) for name in _EXTRA}
    if isinstance(error, Invalid):
        members["errors"] = {field: str(message) for field, message in error.fields.items()}
    if isinstance(error, Blocked):
        members["blockers"] = [
            {"code": blocker.code, "criterion": blocker.criterion or None, "message": str(message)}
            for blocker, message in error.blockers
        ]
    if isinstance(error, StaleWrite):
        members |= {"current": error.current, "yours": error.yours}
    headers = _challenge(error.code) if error.status == HTTPStatus.UNAUTHORIZED else {}
    return tell_wait(problem(request, error.status, error.code, error, headers=headers, **members), error)


def _challenge(code: str) -> dict[str, str]:
    detail = ', error="invalid_token"' if code == "invalid_token" else ""
    return {"WWW-Authenticate": f'Bearer realm="Sekisho"{detail}'}


def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Values of the wrong kind, each with the dotted name of its field."""
    errors: dict[str, str] = {}
    for found in error.errors:
        errors.setdefault(_field(found["loc"]), _wrong(found))
    field, message = next(iter(errors.items()))
    return problem(request, 422, "invalid", f"{field}: {message}", errors=errors)


def _field(loc: tuple[Any, ...]) -> str:
    source, *parts = loc
    if parts and parts[0] in _WHOLE:
        parts = parts[1:]
    return ".".join(str(part) for part in parts) or str(source)


def _wrong(found: Mapping[str, Any]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind in _WRONG:
        return str(_WRONG[kind]) % {"expected": "", **context}
    base = next((name for name in _WRONG_KIND if kind.startswith((f"{name}_", name))), "")
    return str(_WRONG_KIND.get(base, gettext_lazy("This value cannot be accepted.")))


def unauthenticated(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """Nobody is signed in and no token was sent, or a session tried to write."""
    detail = _("Send a token in the Authorization header: Bearer … . A session may only read.")
    return problem(request, 401, "unauthenticated", detail, headers=_challenge("unauthenticated"))


def not_found(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """Nothing stands at this address."""
    return problem(request, 404, "not_found", _("There is nothing at this address."))


def not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """The address exists, but not for this method; ``allow`` lists those it has."""
    detail = _("Use one of these methods here: %(allow)s") % {"allow": allow}
    return problem(request, 405, "method_not_allowed", detail, headers={"Allow": allow})


def too_large(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """More than the server takes in one request. It is read and forgotten: a caller whose sending breaks off would
    never read the answer."""
    left = settings.UPLOAD_MAX_BYTES * _READ_AWAY
    with suppress(OSError):
        while left > 0 and (chunk := request.read(_CHUNK)):
            left -= len(chunk)
    return problem(request, 413, "too_large", _("The request is larger than this server accepts."))


def unreadable(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """A body that is not what its type claims."""
    return problem(request, 400, "unreadable", _("The body cannot be read. Send valid JSON in UTF-8."))


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours: logged in full, told without detail."""
    logger.error("%s %s", request.method, request.path, exc_info=error)
    if full := full_disk(error):
        return refused(request, full)
    return problem(
        request, 500, "internal_error", _("Sekisho made a mistake. It is logged; please try again later.")
    )


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return unreadable(request)
    return problem(request, error.status_code, "error", error)


def _forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(request, 403, "not_permitted", _("Your role does not allow this."))


def _unstorable(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(request, 422, "invalid", _("A value does not fit. Shorten it or check the number."))


def register(api: NinjaAPI) -> None:
    """Let the API answer every error with a problem document."""
    handlers: dict[type[Exception], Any] = {
        SekishoError: refused,
        ValidationError: invalid,
        AuthenticationError: unauthenticated,
        HttpError: _http_error,
        Http404: not_found,
        PermissionDenied: _forbidden,
        RequestDataTooBig: too_large,
        MultiPartParserError: unreadable,
        BadRequest: unreadable,
        SuspiciousOperation: unreadable,
        UnreadablePostError: unreadable,
        DataError: _unstorable,
        Exception: failed,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
