"""The public side before everything that knows people: no session is read, no cookie set, nothing varies by visitor.

What was answered once is kept in the process until the edition changes, so that most visits ask the database nothing.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from django.core.cache import caches
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe

from sekisho.people.limits import source_of, tell_wait
from sekisho.people.throttle import Throttle, TooManyRequests
from sekisho.portfolio.public import queries, rendering

GetResponse = Callable[[HttpRequest], HttpResponse]

#: seconds for which a process believes that the edition is still the present one
BELIEVED = 1
#: seconds for which browsers and proxies may keep an answer; one that found nothing is kept shorter
KEPT, KEPT_MISSING = 300, 60
#: the parts of a query that a page understands
UNDERSTOOD = ("q", "phase", "page")
#: an answer shorter than this is not worth packing
SMALL = 1_000
#: pages that had to be made anew for one address in a minute: what is kept already is not counted, so that an office or a
#: school behind one address never meets this
MADE = Throttle("public", requests=1_200, seconds=60)


@dataclass(frozen=True)
class Kept:
    """An answer as it goes out: plain and packed."""

    body: bytes
    packed: bytes
    headers: dict[str, str]
    etag: str


class PublicSiteMiddleware:
    """Answers everything under ``/public/`` itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(("/public/", "/robots.txt")) and request.path_info != "/public":
            return self.get_response(request)
        request.get_host()  # refuses a host that is not ours
        response = _answer(request)
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD":
            response.content = b""
        return response


def _answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        response = HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        return response
    store, key = caches["public"], _key(request)
    if (kept := store.get(key)) is None:
        made = _make(request)
        if made.status_code != 200:
            return made
        kept = _packed(made)
        store.set(key, kept, None)
    return _sent(request, kept)


def _key(request: HttpRequest) -> str:
    """The answer's name in the store: the address and what is understood of its query, in this edition."""
    said = {name: request.GET.get(name, "")[:100] for name in UNDERSTOOD} if request.GET else {}
    asked = "&".join(f"{name}={value}" for name, value in said.items() if value)
    whole = f"{_edition()}\n{request.path_info}\n{asked}"
    return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _edition() -> int:
    store = caches["public"]
    if (number := store.get("edition")) is None:
        edition = queries.edition()
        number = edition.number if edition else 0
        store.set("edition", number, BELIEVED)
    return int(number)


def _make(request: HttpRequest) -> HttpResponse:
    if "\x00" in request.path_info:  # PostgreSQL takes no text with one, not even to look for it
        return _missing(request)
    try:
        MADE.count(source_of(request))
        found = resolve(request.path_info)
        return found.func(request, *found.args, **found.kwargs)
    except Resolver404:
        return _missing(request) if request.path_info.endswith("/") else _with_slash(request)
    except Http404:
        return _missing(request)
    except TooManyRequests as refused:
        with translation.override(_language(request)):
            response = HttpResponse(f"{refused}\n", "text/plain; charset=utf-8", status=429)
        return tell_wait(response, refused)


def _with_slash(request: HttpRequest) -> HttpResponse:
    try:
        resolve(f"{request.path_info}/")
    except Resolver404:
        return _missing(request)
    return HttpResponsePermanentRedirect(f"{request.path}/")


def _missing(request: HttpRequest) -> HttpResponse:
    """The same words whatever was asked for, whether it never was or is only not public."""
    store, language = caches["public"], _language(request)
    key = f"missing:{_edition()}:{language}"
    if (body := store.get(key)) is None:
        body = rendering.page(language, "missing.html", "", {}).content
        store.set(key, body, None)
    response = HttpResponse(body, status=404)
    response["Cache-Control"] = f"public, max-age={KEPT_MISSING}"
    response._has_been_logged = True  # type: ignore[attr-defined]  # strangers must not be able to fill the log
    return response


def _language(request: HttpRequest) -> str:
    return "en" if request.path_info.startswith("/public/en/") else "ja"


def _packed(made: HttpResponse) -> Kept:
    body = made.content
    headers = {
        "Content-Type": made["Content-Type"],
        "Cache-Control": f"public, max-age={KEPT}",
        "Vary": "Accept-Encoding",
        **{name: made[name] for name in ("Last-Modified", "Access-Control-Allow-Origin") if name in made},
    }
    if "Last-Modified" not in headers and (edition := queries.edition()):
        headers["Last-Modified"] = http_date(edition.at.timestamp())
    packed = gzip.compress(body, 6, mtime=0) if len(body) > SMALL else b""
    return Kept(body, packed, headers, f'W/"{sha256(body).hexdigest()[:32]}"')


def _sent(request: HttpRequest, kept: Kept) -> HttpResponse:
    packed = kept.packed and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(kept.packed if packed else kept.body, headers=kept.headers)
    response["ETag"] = kept.etag
    if packed:
        response["Content-Encoding"] = "gzip"
    if "HTTP_IF_NONE_MATCH" in request.META or "HTTP_IF_MODIFIED_SINCE" in request.META:
        modified = parse_http_date_safe(kept.headers.get("Last-Modified", ""))
        return get_conditional_response(request, kept.etag, modified, response) or response
    return response
