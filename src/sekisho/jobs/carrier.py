"""How a worker learns that a job waits.

The job row is the truth and workers poll for it; a carrier only shortens the wait. It carries nothing but
the job's id, after the commit, so a lost or doubled message is harmless. ``JOBS_CARRIER`` in the settings
names the class to use.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

DEFAULT = "sekisho.jobs.carrier.WakeupCarrier"


class Carrier(Protocol):
    """Tells workers of a job. Must not raise: the job is found by polling anyway."""

    def announce(self, job_id: int) -> None: ...


wakeup = threading.Event()


class WakeupCarrier:
    """Wakes the workers of this process; others find the job at their next poll."""

    def announce(self, job_id: int) -> None:
        wakeup.set()


@lru_cache(maxsize=1)
def carrier() -> Carrier:
    """The carrier the settings choose."""
    found: Carrier = import_string(getattr(settings, "JOBS_CARRIER", DEFAULT))()
    return found


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == "JOBS_CARRIER":
        carrier.cache_clear()


setting_changed.connect(_forget)
