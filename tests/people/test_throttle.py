"""Throttles: so many in a while, each source for itself, in one process or over all."""

import pytest
import time_machine
from django.core.cache import caches

from sekisho.people.throttle import Throttle, TooManyRequests


@pytest.mark.django_db
@pytest.mark.parametrize("shared", [False, True])
def test_what_goes_past_the_number_is_refused_until_the_next_window(shared):
    throttle = Throttle("tries", requests=2, seconds=600, shared=shared)
    with time_machine.travel("2026-11-29T10:05:00Z", tick=False) as clock:
        throttle.count("here")
        throttle.count("here")
        throttle.count("elsewhere")
        with pytest.raises(TooManyRequests) as refused:
            throttle.count("here")
        assert refused.value.extra["retry_after"] == 300
        clock.shift(301)
        throttle.count("here")


@pytest.mark.django_db
def test_a_shared_number_is_seen_by_another_process():
    throttle = Throttle("tries", requests=1, seconds=600, shared=True)
    throttle.count("here")
    caches["process"].clear()  # another process has a store of its own
    with pytest.raises(TooManyRequests):
        throttle.count("here")
