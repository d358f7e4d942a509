"""Counting failures per source, so that guessing is slow.

Kept in the cache that all server processes share; forgetting is harmless.
"""

import hashlib
import math
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sekisho.errors import Message, SekishoError

_FAILED = _("There were too many failed tries. You can try again %(wait)s.")


class TooMany(SekishoError):
    """Too many tries from one source (HTTP 429). ``message`` has a place for the wait, ``retry_after`` is in seconds."""

    code = "too_many_tries"
    status = 429

    def __init__(self, retry_after: int, message: Message = _FAILED) -> None:
        super().__init__(message, retry_after=retry_after)

    def __str__(self) -> str:
        minutes = max(1, math.ceil(self.extra["retry_after"] / 60))
        wait = ngettext("in about %(minutes)d minute", "in about %(minutes)d minutes", minutes)
        return str(self.message) % {"wait": wait % {"minutes": minutes}}


def tell_wait(response: HttpResponse, refusal: SekishoError) -> HttpResponse:
    """The response, with ``Retry-After`` in seconds where the refusal knows when to try again."""
    if wait := refusal.extra.get("retry_after"):
        response["Retry-After"] = str(wait)
    return response


@dataclass(frozen=True)
class Limit:
    """At most ``tries`` in each window of ``seconds`` from one source (an address, a name)."""

    name: str
    tries: int
    seconds: int

    def check(self, source: str) -> None:
        """Raises ``TooMany`` when the source has used up its tries."""
        if cache.get(self._key(source), 0) >= self.tries:
            raise TooMany(self.seconds - int(time.time()) % self.seconds)

    def count(self, source: str) -> None:
        """Count one try."""
        key = self._key(source)
        cache.set(key, cache.get(key, 0) + 1, self.seconds)

    def _key(self, source: str) -> str:
        """Of the window that time is in now; hashed, as a source may be a name in any script and of any length."""
        named = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()
        return f"limit:{self.name}:{named}:{int(time.time()) // self.seconds}"


TOKEN_FAILURES = Limit("token", tries=30, seconds=300)
SETUP_TRIES = Limit("setup", tries=20, seconds=300)


def source_of(request: HttpRequest) -> str:
    """The address a request came from; behind our proxy, the one the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.split(",")[-1].strip() or str(request.META.get("REMOTE_ADDR", ""))
