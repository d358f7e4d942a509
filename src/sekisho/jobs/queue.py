"""Celery as carrier: a broker (RabbitMQ or Redis) brings ids of jobs to workers on many machines.

The job row stays the truth. A message holds nothing but an id; the task claims that row, so a message that comes twice, late
or never does no harm: what no message reached is announced again by the sweeper, and any polling worker may take it.
Long jobs do not come by messages, behind which short ones would wait: a thread beside the others looks for them in the rows.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery
from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from sekisho.jobs import registry, services
from sekisho.jobs.models import Job
from sekisho.jobs.worker import Worker, run_announced

log = logging.getLogger(__name__)

SWEEP_SECONDS = 5.0
#: due jobs that one sweep announces again
MOST_AGAIN = 200

app = Celery("sekisho", broker=settings.JOBS_BROKER or "memory://")
app.conf.update(
    task_acks_late=True,  # a worker that is killed leaves its message to another
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,  # no worker sits on work that another could do
    broker_connection_retry_on_startup=True,
    task_default_queue="sekisho",
    worker_hijack_root_logger=False,
    enable_utc=True,
)


@app.task(name="sekisho.jobs.run")
def run(job_id: int) -> None:
    """Do one job, if it is still to be done."""
    close_old_connections()
    try:
        run_announced(job_id)
    except Exception:
        log.exception("Job %s could not be taken up; the sweeper announces it again.", job_id)
        connections.close_all()


class CeleryCarrier:
    """Sends the id of a job to the broker. A broker that is away only delays it."""

    def announce(self, job_id: int) -> None:
        try:
            run.apply_async((job_id,), retry=False)
        except Exception:  # noqa: BLE001 - whatever a broker's client raises, the sweeper finds the job
            log.warning("Job %s could not be announced; it is announced again in a while.", job_id)


def sweep() -> int:
    """Take back abandoned jobs, enqueue periodic ones, announce what is due and not running. Returns how many."""
    services.recover()
    services.enqueue_due()
    due = (
        Job.objects.due(timezone.now())
        .filter(kind__in=registry.names(is_long=False))
        .order_by("-priority", "run_after", "id")
    )
    keys = list(due.values_list("pk", flat=True)[:MOST_AGAIN])
    carrier = CeleryCarrier()
    for key in keys:
        carrier.announce(key)
    return len(keys)


def sweep_forever(stop: threading.Event, every: float = SWEEP_SECONDS) -> None:
    """Sweep until stopped; a database that is away is asked later."""
    while not stop.wait(every):
        close_old_connections()
        try:
            sweep()
        except Exception:
            log.exception("The queue could not be swept.")
            connections.close_all()


@contextmanager
def sweeping() -> Iterator[None]:
    """A thread that sweeps while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=sweep_forever, args=(stop,), name="jobs-sweeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=SWEEP_SECONDS)


@contextmanager
def long_jobs_beside() -> Iterator[None]:
    """A thread that does long jobs, one at a time, while the block runs."""
    stop = threading.Event()
    worker = Worker(concurrency=0)
    thread = threading.Thread(target=worker.run_forever, args=(stop,), name="jobs-long", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=services.LEASE.total_seconds() + SWEEP_SECONDS)


def work(concurrency: int) -> None:
    """Take jobs from the broker until stopped."""
    words = [
        "worker",
        "--pool=threads",
        f"--concurrency={concurrency}",
        "--without-gossip",
        "--without-mingle",
    ]
    with sweeping(), long_jobs_beside():
        app.worker_main([*words, "--loglevel=WARNING"])
