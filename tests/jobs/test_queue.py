"""Celery as carrier: messages bring ids, rows stay the truth, and nothing is lost or done twice."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from sekisho.jobs import services
from sekisho.jobs.models import Job
from sekisho.jobs.registry import forget, job
from sekisho.jobs.worker import Worker

pytest.importorskip("celery")

from celery.contrib.testing.worker import start_worker
from kombu import Connection

from sekisho.jobs import queue

done: list[int] = []


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    @job("test.carried")
    def carried(context, *, number):
        done.append(number)

    done.clear()
    monkeypatch.setattr(queue, "close_old_connections", lambda: None)  # the test's own connection stays
    yield
    forget("test.carried")


@pytest.fixture
def long_kind():
    @job("test.carried_long", is_long=True)
    def carried(context, *, number):
        done.append(number)

    yield "test.carried_long"
    forget("test.carried_long")


def enqueue(number, **more):
    return services.enqueue("test.carried", {"number": number}, **more)


@pytest.mark.django_db
def test_a_message_that_comes_twice_does_the_job_once():
    one = enqueue(1)
    for _time in range(2):
        queue.run(one.pk)
    assert done == [1]
    one.refresh_from_db()
    assert (one.state, one.attempt) == ("done", 1)


@pytest.mark.django_db
def test_a_message_for_a_job_that_is_gone_or_not_due_does_nothing():
    later = enqueue(1, run_after=timezone.now() + dt.timedelta(hours=1))
    for number in (later.pk, 10**9):
        queue.run(number)
    assert done == []


@pytest.mark.django_db(transaction=True)
def test_the_carrier_sends_the_id_after_the_commit(settings):
    settings.JOBS_CARRIER = "sekisho.jobs.queue.CeleryCarrier"
    with Connection("memory://") as connection:
        waiting = connection.SimpleQueue("sekisho")
        waiting.clear()
        one = enqueue(7)
        message = waiting.get(timeout=2)
        assert message.payload[0] == [one.pk]
        message.ack()


@pytest.mark.django_db
def test_a_broker_that_is_away_delays_a_job_and_loses_nothing(monkeypatch):
    def away(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(queue.run, "apply_async", away)
    queue.CeleryCarrier().announce(1)
    one = enqueue(2)
    monkeypatch.undo()
    sent = []
    monkeypatch.setattr(queue.run, "apply_async", lambda args, **_more: sent.append(args[0]))
    assert queue.sweep() >= 1
    assert one.pk in sent


@pytest.mark.django_db
def test_a_long_job_comes_by_no_message_but_to_the_thread_beside(long_kind, monkeypatch):
    one = services.enqueue(long_kind, {"number": 3})
    queue.run(one.pk)
    assert done == []
    sent = []
    monkeypatch.setattr(queue.run, "apply_async", lambda args, **_more: sent.append(args[0]))
    queue.sweep()
    assert one.pk not in sent
    beside = Worker(concurrency=0)
    assert beside.run_once() == 1
    assert done == [3]


@pytest.mark.postgres  # the threads of a worker cannot share a SQLite database that lies in memory
@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_jobs_from_the_broker(settings):
    settings.JOBS_CARRIER = "sekisho.jobs.queue.CeleryCarrier"
    with start_worker(queue.app, pool="threads", concurrency=2, perform_ping_check=False, queues=["sekisho"]):
        jobs = [enqueue(number) for number in range(5)]
        until = time.monotonic() + 30
        while Job.objects.filter(pk__in=[one.pk for one in jobs]).exclude(state="done").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
    assert sorted(done) == list(range(5))
