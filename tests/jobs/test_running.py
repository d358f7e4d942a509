"""Jobs run once, succeed, are tried again, give up, and come back after a crash."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sekisho.errors import Conflict
from sekisho.jobs import services
from sekisho.jobs.context import JobStopped, Stop
from sekisho.jobs.models import Job
from sekisho.jobs.registry import Backoff, job
from sekisho.jobs.worker import Worker, process_all

pytestmark = pytest.mark.django_db


def lapse(job):
    """As if the worker had died long ago."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def test_it_runs_a_job_and_keeps_its_result(kind, owner):
    name = kind(lambda context, *, number: {"twice": number * 2, "owner": context.owner.username})
    job = services.enqueue(name, {"number": 21}, owner=owner)
    assert process_all() == 1
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"twice": 42, "owner": "owner"})
    assert job.finished_at
    assert not job.leased_by


def test_it_is_claimed_by_one_worker_only(kind):
    services.enqueue(kind(lambda context: None))
    assert len(services.claim("a", 5)) == 1
    assert services.claim("b", 5) == []


def test_urgent_jobs_go_first_and_later_ones_wait(kind):
    name = kind(lambda context: None)
    plain, urgent = services.enqueue(name), services.enqueue(name, priority=5)
    services.enqueue(name, run_after=timezone.now() + dt.timedelta(hours=1))
    assert [job.pk for job in services.claim("a", 5)] == [urgent.pk, plain.pk]


def test_what_takes_long_is_claimed_apart_from_the_rest(kind):
    long = services.enqueue(kind(lambda context: None, "test.long", is_long=True))
    short = services.enqueue(kind(lambda context: None))
    assert [job.pk for job in services.claim("a", 5, is_long=False)] == [short.pk]
    assert [job.pk for job in services.claim("b", 5, is_long=True)] == [long.pk]


def test_a_kind_without_a_handler_is_refused(db):
    with pytest.raises(LookupError, match=r"test\.unknown"):
        services.enqueue("test.unknown")


def test_two_handlers_of_one_name_are_refused(kind):
    name = kind(lambda context: None)
    with pytest.raises(ValueError, match="Two handlers"):
        job(name)(lambda context: None)


def test_a_fault_is_tried_again_after_a_growing_wait(kind):
    def broken(context):
        raise RuntimeError("a fault")

    name = kind(broken, max_attempts=3, backoff=Backoff(base=dt.timedelta(minutes=1)))
    job = services.enqueue(name)
    waits = []
    for _round in range(2):
        before = timezone.now()
        assert process_all() == 1
        job.refresh_from_db()
        assert job.state == "queued"
        waits.append(round((job.run_after - before).total_seconds() / 60))
        Job.objects.filter(pk=job.pk).update(run_after=before)
    assert waits == [1, 2]
    process_all()
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("failed", 3)
    assert "RuntimeError: a fault" in job.error_detail
    assert str(job.pk) in job.error
    assert "RuntimeError" not in job.error


def test_the_wait_never_exceeds_its_cap():
    backoff = Backoff(base=dt.timedelta(seconds=10), cap=dt.timedelta(hours=1))
    assert backoff.delay(1) == dt.timedelta(seconds=10)
    assert backoff.delay(30_000) == dt.timedelta(hours=1)


def test_a_refusal_fails_at_once_with_its_own_words(kind):
    def refuse(context):
        raise Conflict("The file is cut off. Send it again.")

    job = services.enqueue(kind(refuse))
    process_all()
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == ("failed", 1, "The file is cut off. Send it again.")


def test_a_result_that_is_not_json_is_a_fault(kind):
    job = services.enqueue(kind(lambda context: {"what": object()}, max_attempts=1))
    process_all()
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_job_of_a_dead_worker_runs_again(kind):
    name = kind(lambda context: {"attempt": context.attempt})
    services.enqueue(name)
    (claimed,) = services.claim("dead", 1)
    assert services.recover() == 0
    lapse(claimed)
    assert services.recover() == 1
    process_all()
    claimed.refresh_from_db()
    assert (claimed.state, claimed.result) == ("done", {"attempt": 2})


def test_a_job_that_kills_its_workers_is_given_up(kind, owner):
    job = services.enqueue(kind(lambda context: None, max_attempts=2), owner=owner)
    for _round in range(2):
        lapse(services.claim("dying", 1)[0])
        services.recover()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error


def test_a_worker_that_lost_its_lease_changes_nothing(kind):
    services.enqueue(kind(lambda context: None))
    (late,) = services.claim("late", 1)
    lapse(late)
    services.recover()
    (present,) = services.claim("present", 1)
    assert services.beat(late, services.Progress(1, 2)) is services.Beat.LOST
    assert not services.succeed(late, {"by": "late"}, services.Progress())
    assert services.succeed(present, {"by": "present"}, services.Progress())
    present.refresh_from_db()
    assert present.result == {"by": "present"}


def test_progress_is_seen_while_it_runs(kind):
    seen = []

    def slow(context):
        context.progress(3, 10, "Row 3")
        row = Job.objects.get(pk=context.job_id)
        seen.append((row.state, row.progress_done, row.progress_total, row.progress_text))

    services.enqueue(kind(slow))
    process_all()
    assert seen == [("running", 3, 10, "Row 3")]


def test_long_progress_words_are_cut(kind):
    job = services.enqueue(kind(lambda context: context.progress(1, 1, "長" * 1000)))
    process_all()
    job.refresh_from_db()
    assert (job.state, len(job.progress_text)) == ("done", 300)


def test_a_shutdown_gives_the_job_back_without_counting_the_attempt(kind):
    def interrupted(context):
        raise JobStopped(Stop.SHUTDOWN)

    job = services.enqueue(kind(interrupted))
    process_all(limit=1)
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("queued", 0)


def test_a_timeout_counts_as_a_failed_attempt(kind):
    def overtime(context):
        context.check_cancelled()

    job = services.enqueue(kind(overtime, max_attempts=1, timeout=dt.timedelta(seconds=-1)))
    assert Worker().run_once() == 1
    job.refresh_from_db()
    assert job.state == "failed"
    assert "JobTimeout" in job.error_detail


def test_run_once_says_when_there_is_nothing_to_do(db):
    assert Worker().run_once() == 0


def test_the_database_holds_no_impossible_job(db):
    for impossible in ({"state": "running"}, {"state": "done"}, {"state": "lost"}, {"attempt": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.create(kind="test.work", **impossible)
