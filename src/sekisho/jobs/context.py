"""What a handler is given: the way to tell progress and to hear that it should stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, Protocol

from django.db import DatabaseError, connection

from sekisho.jobs import registry, services
from sekisho.jobs.models import Job
from sekisho.jobs.services import Beat, Progress

log = logging.getLogger(__name__)

PULSE_SECONDS = 1.0


class Stop(Enum):
    """Why a handler should stop."""

    CANCELLED = "cancelled"
    LOST = "lost"
    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"


class JobStopped(BaseException):
    """Raised inside a handler that should stop.

    Not an ``Exception``, so that a handler which reports bad rows and goes on does not swallow it.
    """

    def __init__(self, why: Stop) -> None:
        super().__init__(why.value)
        self.why = why


class JobTimeout(Exception):
    """One try took longer than the kind allows."""


class Reporter(Protocol):
    """Carries progress to the job row and brings back whether to stop."""

    def report(self, progress: Progress) -> None: ...

    def stop_reason(self) -> Stop | None: ...


class JobContext:
    """Handed to every handler as its first argument."""

    def __init__(self, job: Job, reporter: Reporter) -> None:
        self._job = job
        self._reporter = reporter
        self.latest = Progress()

    @property
    def job_id(self) -> int:
        return int(self._job.pk)

    @property
    def owner(self) -> Any:
        """The person it runs for, or None when the system started it."""
        return self._job.owner

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._job.attempt

    def progress(self, done: int, total: int = 0, text: str = "") -> None:
        """Tell how far it is; cheap enough to call for every row. Stops the handler when it should stop.

        Written about once a second from a connection of its own, so it is seen while the handler's
        transaction is still open. SQLite has one writer: there it is seen between transactions.
        """
        self.latest = Progress(done, total, str(text))
        self._reporter.report(self.latest)
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Leave the handler (``JobStopped``) when it was cancelled, timed out, or the worker shuts down."""
        if why := self._reporter.stop_reason():
            raise JobStopped(why)


_STOPS = {Beat.HELD: None, Beat.CANCEL: Stop.CANCELLED, Beat.LOST: Stop.LOST}


class InlineReporter:
    """Writes at once on the handler's own connection: for tests and for running without threads."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def report(self, progress: Progress) -> None:
        services.beat(self._job, progress)

    def stop_reason(self) -> Stop | None:
        return _STOPS[services.look(self._job)]


class Pulse:
    """A thread that keeps a running job's lease alive and its progress fresh, on its own connection.

    It stops renewing when the try exceeds its timeout, so another worker may take the job over.
    """

    def __init__(self, job: Job, shutdown: threading.Event) -> None:
        self._job = job
        self._shutdown = shutdown
        self._deadline = time.monotonic() + registry.kind(job.kind).timeout.total_seconds()
        self._progress = Progress()
        self._why: Stop | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pulse-{job.pk}", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._ended.set()
        self._thread.join(timeout=services.LEASE.total_seconds())

    def report(self, progress: Progress) -> None:
        self._progress = progress

    def stop_reason(self) -> Stop | None:
        if self._why is None and time.monotonic() > self._deadline:
            self._why = Stop.TIMEOUT
        if self._why is None and self._shutdown.is_set():
            return Stop.SHUTDOWN
        return self._why

    def _run(self) -> None:
        # Short jobs end before the first beat and never open a second connection.
        renew = services.LEASE.total_seconds() / 3
        written, renewed = Progress(), time.monotonic()
        try:
            while not self._ended.wait(PULSE_SECONDS) and time.monotonic() <= self._deadline:
                progress = self._progress
                if progress != written or time.monotonic() - renewed >= renew:
                    if self._try(partial(services.beat, self._job, progress)):
                        written, renewed = progress, time.monotonic()
                else:
                    self._try(partial(services.look, self._job))
                if self._why is not None:
                    return
        finally:
            connection.close()

    def _try(self, ask: Callable[[], Beat]) -> bool:
        """Hear whether to go on; False when the database was busy; it is asked again next time."""
        try:
            self._why = _STOPS[ask()]
        except DatabaseError:
            log.warning("Job %s: its lease could not be renewed just now.", self._job.pk, exc_info=True)
            connection.close()
            return False
        return True
