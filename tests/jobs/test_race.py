"""Several workers at once on PostgreSQL: each job and each slot goes to exactly one."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from sekisho.jobs import registry, services
from sekisho.jobs.models import Job
from sekisho.jobs.worker import Worker

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WORKERS = 6


def together(act):
    """Run ``act(number)`` in threads that start at the same moment; returns their results."""
    start = threading.Barrier(WORKERS)

    def one(number):
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def test_no_job_is_claimed_twice(kind):
    name = kind(lambda context: None)
    for _number in range(60):
        services.enqueue(name)

    def claim_all(number):
        claimed = []
        while jobs := services.claim(f"worker-{number}", 3):
            claimed += [job.pk for job in jobs]
        return claimed

    claimed = [pk for some in together(claim_all) for pk in some]
    assert len(claimed) == len(set(claimed)) == 60


def test_one_key_is_enqueued_once(kind):
    name = kind(lambda context: None)
    jobs = together(lambda number: services.enqueue(name, dedupe_key="one").pk)
    assert len(set(jobs)) == Job.objects.count() == 1


def test_one_slot_is_enqueued_once(only_periodic, kind):
    name = kind(lambda context: None)
    registry.periodic(name, every=dt.timedelta(hours=1))(registry.kind(name).handler)
    now = timezone.now()
    services.enqueue_due(now)
    later = now + dt.timedelta(hours=1)
    assert sum(len(jobs) for jobs in together(lambda number: services.enqueue_due(later))) == 1


def test_progress_is_seen_while_the_handlers_transaction_is_open(kind):
    from django.db import transaction

    told, stop = threading.Event(), threading.Event()

    def work(context):
        with transaction.atomic():
            Job.objects.count()
            while not told.is_set():
                context.progress(5, 10, "Half")
                told.wait(0.05)

    job = services.enqueue(kind(work))
    thread = threading.Thread(target=Worker(poll=0.05).run_forever, args=(stop,))
    thread.start()
    try:
        deadline = timezone.now() + dt.timedelta(seconds=20)
        while job.progress_text != "Half" and timezone.now() < deadline:
            told.wait(0.1)
            job.refresh_from_db()
        assert (job.state, job.progress_done) == ("running", 5)
        told.set()
        while job.state != "done" and timezone.now() < deadline:
            stop.wait(0.1)
            job.refresh_from_db()
        assert job.state == "done"
    finally:
        told.set()
        stop.set()
        thread.join()


def test_nothing_short_waits_for_what_takes_long(kind):
    begun, told, stop = threading.Event(), threading.Event(), threading.Event()

    def last(context):
        begun.set()
        told.wait(30)

    name = kind(lambda context: told.set())
    long = services.enqueue(kind(last, "test.long", is_long=True))
    thread = threading.Thread(target=Worker(poll=0.05).run_forever, args=(stop,))
    thread.start()
    try:
        assert begun.wait(20)
        services.enqueue(name)
        assert told.wait(20)  # by the only thread there is for what is short
        deadline = timezone.now() + dt.timedelta(seconds=20)
        while long.state != "done" and timezone.now() < deadline:
            stop.wait(0.1)
            long.refresh_from_db()
        assert long.state == "done"
    finally:
        told.set()
        stop.set()
        thread.join()
