"""How many requests a token, a person or an address may make in a while.

Each server process counts those it answers itself: writing down every request would make reading wait for writers. What is
rare and must not be tried often is counted for all processes together.
"""

import time
from dataclasses import dataclass

from django.core.cache import caches
from django.utils.translation import gettext_lazy as _

from sekisho.people.limits import TooMany


class TooManyRequests(TooMany):
    """A client asks too often (HTTP 429)."""

    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            retry_after, _("This was asked for too often in a short time. You can try again %(wait)s.")
        )


@dataclass(frozen=True)
class Throttle:
    """At most ``requests`` in each window of ``seconds``, per source; ``shared`` over all server processes."""

    name: str
    requests: int
    seconds: int
    shared: bool = False

    def count(self, source: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: the window is full; its ``retry_after`` says when the next one opens.
        """
        now = int(time.time())
        if self._counted(f"throttle:{self.name}:{source}:{now // self.seconds}") > self.requests:
            raise TooManyRequests(self.seconds - now % self.seconds)

    def _counted(self, key: str) -> int:
        if self.shared:
            # raised in place, a counter in the database would be forgotten after five minutes
            number = int(caches["default"].get(key, 0)) + 1
            caches["default"].set(key, number, self.seconds * 2)
            return number
        caches["process"].add(key, 0, self.seconds * 2)
        return caches["process"].incr(key)


API_REQUESTS = Throttle("api", requests=600, seconds=60)
