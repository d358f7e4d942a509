"""The REST API: one NinjaAPI over the routers of the apps. Rules live in services; this only translates."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.cache import patch_vary_headers
from ninja import NinjaAPI
from ninja.operation import Operation

from sekisho.book.api import router as book_router
from sekisho.config import api_problems
from sekisho.gateway.api import router as gateway_router
from sekisho.people.api import router as people_router
from sekisho.people.api_auth import BearerAuth, SessionAuth
from sekisho.portfolio.api import router as portfolio_router
from sekisho.portfolio.api_signs import router as signs_router
from sekisho.portfolio.public.api import router as publication_router
from sekisho.standards.api import router as standards_router
from sekisho.voice.api import router as voice_router

#: room for the parts of a multipart body around its file
_AROUND_FILE = 1_048_576
_DESCRIPTION = """\
Every book, gate, decision and ledger entry, for programs. Send `Authorization: Bearer TOKEN`; a session may read.

Errors are `application/problem+json` with a stable `code`: 403 may not, 409 the state or blockers do not allow it,
412 someone else saved in between (`current` and `yours` hold both versions), 422 a bad value (`errors` names fields).
Lists answer `{items, next}`. Amounts are yen, dates ISO 8601, times UTC.
"""


class Api(NinjaAPI):
    """Operations are named by their function, so that generated clients read well."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="Sekisho",
    version="1",
    description=_DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    auth=[BearerAuth(), SessionAuth()],
)
api_problems.register(api)
api.add_router("", people_router)
api.add_router("", standards_router)
api.add_router("", book_router)
api.add_router("", gateway_router)
api.add_router("", portfolio_router)
api.add_router("", signs_router)
api.add_router("", publication_router)
api.add_router("", voice_router)


@api.get("/openapi.json", include_in_schema=False)
def read_openapi(request: HttpRequest) -> dict[str, Any]:
    """The OpenAPI document; for people and tokens, like everything else."""
    return openapi_document()


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, with the problem that every operation may answer."""
    document: dict[str, Any] = api.get_openapi_schema()
    document["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    content = {api_problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "Refused", "content": content}
    return document


_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "code", "instance")},
        "status": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "blockers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "criterion": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                },
            },
        },
        "changes": {"type": "array", "items": {"type": "string"}},
        "items": {"type": "array", "items": {"type": "string"}},
        "current": {"type": "object"},
        "yours": {"type": "object"},
    },
}


def patterns() -> list[URLPattern]:
    """The API's addresses. Each view answers 401 itself instead of leading to the sign-in page."""
    found = [entry for entry in api.urls[0] if isinstance(entry, URLPattern) and entry.name != "api-root"]
    for entry in found:
        entry.callback = guarded(entry.callback)
    return found


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose every refusal is a problem document: too large a body, a method it lacks, a fault."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # the same answer (RFC 9110, 9.3.2); the server leaves its body out
        try:
            response = (
                api_problems.too_large(request) if _is_too_large(request) else view(request, *args, **kwargs)
            )
        except Exception as error:  # noqa: BLE001  a caller never sees a traceback
            response = api.on_exception(request, error)
        request.method = asked
        if response.status_code == 405 and response.headers.get("Content-Type") != api_problems.MEDIA_TYPE:
            response = api_problems.not_allowed(request, ", ".join(sorted(response["Allow"].split(", "))))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response

    answer.login_required = False  # type: ignore[attr-defined]
    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer


def _is_too_large(request: HttpRequest) -> bool:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return False
    multipart = request.content_type == "multipart/form-data"
    limit = settings.UPLOAD_MAX_BYTES + _AROUND_FILE if multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return length > limit
