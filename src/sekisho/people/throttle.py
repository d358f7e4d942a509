"""How many API requests a token or a person may make in a minute.

Each server process counts those it answers itself: writing down every request would make reading wait for writers.
"""

import time
from dataclasses import dataclass

from django.core.cache import caches
from django.utils.translation import gettext_lazy as _

from sekisho.errors import SekishoError


class TooManyRequests(SekishoError):
    """A client asks too often (HTTP 429). ``extra["retry_after"]`` is in seconds."""

    code = "too_many_requests"
    status = 429


@dataclass(frozen=True)
class Throttle:
    """At most ``requests`` in each window of ``seconds``, per source."""

    name: str
    requests: int
    seconds: int

    def count(self, source: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: the window is full; its ``retry_after`` says when the next one opens.
        """
        now = int(time.time())
        key = f"throttle:{self.name}:{source}:{now // self.seconds}"
        counted = caches["process"]
        counted.add(key, 0, self.seconds * 2)
        if counted.incr(key) > self.requests:
            wait = self.seconds - now % self.seconds
            raise TooManyRequests(_("Too many requests. Wait a moment and try again."), retry_after=wait)


API_REQUESTS = Throttle("api", requests=600, seconds=60)
