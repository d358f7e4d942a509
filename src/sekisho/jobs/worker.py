"""The built-in worker: claims jobs, runs their handlers, and survives what goes wrong in them."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import close_old_connections, connections

from sekisho.errors import SekishoError
from sekisho.jobs import registry, services
from sekisho.jobs.carrier import wakeup
from sekisho.jobs.context import InlineReporter, JobContext, JobStopped, JobTimeout, Pulse, Reporter, Stop
from sekisho.jobs.models import Job

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 5.0
# How long past its timeout a handler may hold a slot before a new slot replaces it.
OVERRUN_SECONDS = 60.0


def worker_name() -> str:
    """A name no other worker has: host, process, and a random part."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def run(job: Job, reporter: Reporter) -> None:
    """Run one claimed job to its end and record what came of it."""
    context = JobContext(job, reporter)
    with services.in_language_of(job.owner):
        try:
            result = registry.kind(job.kind).handler(context, **job.params)
            kept = services.succeed(job, result, context.latest)
        except JobStopped as stopped:
            kept = _record_stop(job, stopped.why)
        except SekishoError as refused:
            kept = services.fail(job, refused)
        except Exception as fault:
            log.exception("Job %s (%s) failed at attempt %s.", job.pk, job.kind, job.attempt)
            kept = services.fail(job, fault)
    if not kept:
        log.warning("Job %s (%s) ended after its lease was lost; its end was not kept.", job.pk, job.kind)


def _record_stop(job: Job, why: Stop) -> bool:
    if why is Stop.CANCELLED:
        return services.stop(job)
    if why is Stop.SHUTDOWN:
        return services.release(job)
    if why is Stop.TIMEOUT:
        return services.fail(job, JobTimeout(f"Longer than {registry.kind(job.kind).timeout}."))
    return False


def process_all(limit: int = 1000) -> int:
    """Run every due job here and now, without threads, until none is due; returns how many ran. For tests."""
    name, count = worker_name(), 0
    while count < limit and (jobs := services.claim(name, 1)):
        run(jobs[0], InlineReporter(jobs[0]))
        count += 1
    return count


def run_announced(job_id: int, shutdown: threading.Event | None = None) -> bool:
    """Run one job that a carrier announced, with its lease kept alive. False when it is not due (any more), or is long."""
    jobs = services.claim(worker_name(), 1, only=job_id, is_long=False)
    for job in jobs:
        with Pulse(job, shutdown or threading.Event()) as pulse:
            run(job, pulse)
    return bool(jobs)


@dataclass
class _Slot:
    """One thread that runs jobs one after another; ``overdue_at`` (monotonic) bounds the present one.

    ``is_long``: which jobs it takes, see ``services.claim``.
    """

    name: str
    is_long: bool | None = None
    thread: threading.Thread | None = None
    overdue_at: float | None = None
    retired: threading.Event = field(default_factory=threading.Event)


class Worker:
    """Runs jobs in ``concurrency`` threads, looking for new ones every ``poll`` seconds when idle.

    One more thread does those that take long, so that nothing short waits for them. With ``concurrency`` 0 it does only
    these: the short ones come another way.
    """

    def __init__(self, poll: float = 1.0, concurrency: int = 1) -> None:
        if concurrency < 0 or poll <= 0:
            raise ValueError("A worker needs no fewer threads than none, and a poll longer than nothing.")
        self.poll = poll
        self.concurrency = concurrency
        self.name = worker_name()
        self._stop = threading.Event()
        self._slots: list[_Slot] = []
        self._made = 0

    def run_once(self) -> int:
        """Run what is due, up to ``concurrency`` jobs one after another; returns how many ran."""
        slot = _Slot(self.name, is_long=None if self.concurrency else True)
        return sum(self._run_next(slot) for _ in range(max(1, self.concurrency)))

    def run_forever(self, stop_event: threading.Event | None = None) -> None:
        """Work until ``stop_event`` is set or SIGTERM or SIGINT arrives.

        Running handlers then stop at their next ``progress`` or ``check_cancelled`` and their jobs go back
        to the queue; one that never looks is waited for as long as a lease lasts.
        """
        self._stop = stop_event or threading.Event()
        self._slots = [self._start_slot(is_long=n == self.concurrency) for n in range(self.concurrency + 1)]
        log.info("Worker %s started with %s thread(s).", self.name, self.concurrency)
        with _signals(self._stop):
            try:
                self._supervise()
            finally:
                self._stop.set()
                self._join()
                connections.close_all()
        log.info("Worker %s stopped.", self.name)

    def _supervise(self) -> None:
        next_round = 0.0
        while not self._stop.wait(min(self.poll, 0.5)):
            self._replace_broken_slots()
            if time.monotonic() >= next_round:
                self._keep_house()
                next_round = time.monotonic() + HOUSEKEEPING_SECONDS

    def _keep_house(self) -> None:
        """Take back abandoned jobs, enqueue periodic ones; a database that is away is asked later."""
        close_old_connections()
        try:
            if services.mend_times() + services.recover() + len(services.enqueue_due()):
                wakeup.set()
        except Exception:
            log.exception("Worker %s could not look after the queue.", self.name)
            connections.close_all()

    def _start_slot(self, *, is_long: bool | None) -> _Slot:
        self._made += 1
        slot = _Slot(f"{self.name}:{self._made}", is_long)
        slot.thread = threading.Thread(
            target=self._work, args=(slot,), name=f"jobs-{self._made}", daemon=True
        )
        slot.thread.start()
        return slot

    def _replace_broken_slots(self) -> None:
        for index, slot in enumerate(self._slots):
            overrun = slot.overdue_at is not None and time.monotonic() > slot.overdue_at
            if overrun or (slot.thread and not slot.thread.is_alive()):
                log.error("Worker thread %s is stuck or gone; another takes its place.", slot.name)
                slot.retired.set()
                self._slots[index] = self._start_slot(is_long=slot.is_long)

    def _work(self, slot: _Slot) -> None:
        try:
            while not self._stop.is_set() and not slot.retired.is_set():
                # Cleared before looking: a job announced after the look finds the event set again. Long work can
                # wait for the next poll, and must not clear what is meant for the others.
                if not slot.is_long:
                    wakeup.clear()
                if not self._run_next_safely(slot):
                    (self._stop if slot.is_long else wakeup).wait(self.poll)
        finally:
            connections.close_all()

    def _run_next_safely(self, slot: _Slot) -> int:
        """Run one job; whatever breaks outside the handler (the database, mostly) leaves it to its lease."""
        close_old_connections()
        try:
            return self._run_next(slot)
        except Exception:
            log.exception("Worker thread %s lost its footing.", slot.name)
            connections.close_all()
            self._stop.wait(self.poll)
            return 0

    def _run_next(self, slot: _Slot) -> int:
        jobs = services.claim(slot.name, 1, is_long=slot.is_long)
        for job in jobs:
            limit = registry.kind(job.kind).timeout.total_seconds()
            slot.overdue_at = time.monotonic() + limit + OVERRUN_SECONDS
            try:
                with Pulse(job, self._stop) as pulse:
                    run(job, pulse)
            finally:
                slot.overdue_at = None
        return len(jobs)

    def _join(self) -> None:
        wakeup.set()
        deadline = time.monotonic() + services.LEASE.total_seconds()
        for slot in self._slots:
            if slot.thread:
                slot.thread.join(timeout=max(0.0, deadline - time.monotonic()))


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop`` while the block runs (only the main thread can receive signals)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_args: stop.set())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
