"""Telling a history in order: while it runs, the application's present is a moment of our choosing."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.utils import timezone

#: minutes between two acts of one day, and how many fit before the office closes
_STEP = dt.timedelta(minutes=3)
_OPENS = dt.time(9, 0)
_CLOSES = dt.time(20, 0)


class Clock:
    """The moment the application takes for the present. It only moves forward within a day."""

    def __init__(self) -> None:
        self.moment = timezone.now()

    def move_to(self, day: dt.date) -> None:
        """The next free moment of a day's office hours, in the installation's time zone."""
        zone = timezone.get_default_timezone()
        local = self.moment.astimezone(zone)
        if local.date() != day:
            self.moment = dt.datetime.combine(day, _OPENS, tzinfo=zone)
        elif local.time() < _CLOSES:
            self.moment += _STEP


@contextmanager
def travelling() -> Iterator[Clock]:
    """Let ``timezone.now`` (and so ``localdate`` and every automatic date) answer with the clock's moment."""
    clock = Clock()
    with mock.patch("django.utils.timezone.now", lambda: clock.moment):  # noqa: PT008 - it moves
        yield clock
