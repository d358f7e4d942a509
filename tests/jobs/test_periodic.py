"""Periodic jobs are enqueued once per slot."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from sekisho.jobs import registry, services
from sekisho.jobs.models import Job
from sekisho.jobs.registry import Rule, periodic
from sekisho.jobs.worker import process_all

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = dt.datetime(2026, 11, 23, 12, 0, tzinfo=TOKYO)


@pytest.fixture
def digest(only_periodic):
    @periodic("test.digest", at=6)
    def handler(context):
        return None

    yield "test.digest"
    registry.forget("test.digest")


@pytest.mark.django_db
def test_it_is_enqueued_once_per_slot(digest):
    tomorrow = NOON + dt.timedelta(days=1)
    assert services.enqueue_due(NOON) == []
    assert services.enqueue_due(NOON + dt.timedelta(hours=17)) == []
    assert [job.kind for job in services.enqueue_due(tomorrow)] == [digest]
    assert services.enqueue_due(tomorrow) == []
    assert services.enqueue_due(tomorrow + dt.timedelta(hours=1)) == []


@pytest.mark.django_db
def test_two_workers_do_not_enqueue_one_slot_twice(digest):
    services.enqueue_due(NOON)
    slot = registry.rules()[digest].slot(NOON + dt.timedelta(days=1))
    assert services._enqueue_slot(digest, slot)
    assert services._enqueue_slot(digest, slot) is None


@pytest.mark.django_db
def test_slots_missed_while_nothing_ran_collapse_into_one(digest):
    services.enqueue_due(NOON)
    assert len(services.enqueue_due(NOON + dt.timedelta(days=30))) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_a_run_still_waiting_is_not_doubled(digest):
    services.enqueue_due(NOON)
    services.enqueue_due(NOON + dt.timedelta(days=1))
    services.enqueue_due(NOON + dt.timedelta(days=2))
    assert Job.objects.count() == 1
    assert process_all() == 1


def test_a_daily_slot_begins_at_its_local_time():
    rule = Rule(at=dt.time(6))
    assert rule.slot(NOON) == NOON.replace(hour=6)
    assert rule.slot(NOON.replace(hour=5, minute=59)) == (NOON - dt.timedelta(days=1)).replace(hour=6)


def test_an_interval_slot_begins_at_a_multiple_of_it():
    rule = Rule(every=dt.timedelta(minutes=15))
    assert rule.slot(NOON.replace(minute=29, second=59)) == NOON.replace(minute=15)


@pytest.mark.parametrize(
    "wrong", [{}, {"every": dt.timedelta(1), "at": dt.time(6)}, {"every": dt.timedelta(0)}]
)
def test_a_rule_that_says_nothing_or_too_much_is_refused(wrong):
    with pytest.raises(ValueError, match="every="):
        Rule(**wrong)


def test_it_stacks_on_a_job_of_the_same_name(only_periodic):
    @periodic("test.stacked", every=dt.timedelta(hours=1))
    @registry.job("test.stacked", max_attempts=7)
    def handler(context):
        return None

    assert registry.kind("test.stacked").max_attempts == 7
    assert timezone.is_aware(registry.rules()["test.stacked"].slot(timezone.now()))
    registry.forget("test.stacked")


@pytest.mark.django_db
def test_a_clock_that_was_ahead_for_a_while_leaves_nothing_lying_still(digest):
    ahead = NOON + dt.timedelta(days=3650)
    services.enqueue_due(NOON - dt.timedelta(days=2))
    (early,) = services.enqueue_due(ahead)
    Job.objects.filter(pk=early.pk).update(run_after=ahead, created_at=ahead)
    running = services.enqueue(digest)
    Job.objects.filter(pk=running.pk).update(
        state="running", leased_by="gone", lease_until=ahead, attempt=1, created_at=NOON
    )
    assert services.mend_times(NOON) == 3
    assert Job.objects.due(NOON).get() == early
    assert Job.objects.abandoned(NOON + 2 * services.LEASE).get() == running
    Job.objects.all().delete()
    assert [job.kind for job in services.enqueue_due(NOON + dt.timedelta(days=1))] == [digest]


@pytest.mark.django_db
def test_what_was_put_off_on_purpose_waits_though_it_is_far_away(digest):
    services.enqueue(digest, run_after=timezone.now() + dt.timedelta(days=30))
    assert services.mend_times() == 0
