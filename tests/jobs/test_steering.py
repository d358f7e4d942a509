"""Dedupe, cancel, retry, visibility, purge."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from sekisho.errors import Conflict, NotPermitted
from sekisho.jobs import queries, services
from sekisho.jobs.carrier import WakeupCarrier, carrier, wakeup
from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all

pytestmark = pytest.mark.django_db


class Listening:
    """A carrier that remembers what it was told."""

    told: list[int] = []

    def announce(self, job_id):
        self.told.append(job_id)


def test_the_same_key_is_queued_once_while_live(kind):
    name = kind(lambda context: None)
    first = services.enqueue(name, dedupe_key="rollup")
    assert services.enqueue(name, dedupe_key="rollup") == first
    services.claim("a")
    assert services.enqueue(name, dedupe_key="rollup") == first
    assert Job.objects.count() == 1


def test_the_same_key_may_be_queued_again_when_it_is_over(kind):
    name = kind(lambda context: None)
    first = services.enqueue(name, dedupe_key="rollup")
    process_all()
    assert services.enqueue(name, dedupe_key="rollup") != first


def test_somebody_enqueueing_in_between_wins(kind, monkeypatch):
    name = kind(lambda context: None)
    first = services.enqueue(name, dedupe_key="rollup")
    answers = iter([None, first])
    monkeypatch.setattr(services, "_live", lambda key: next(answers))
    assert services.enqueue(name, dedupe_key="rollup") == first


def test_the_owner_cancels_a_waiting_job(kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    assert services.cancel(job, owner).state == "cancelled"
    assert process_all() == 0


def test_a_running_job_stops_at_its_next_look(kind, owner):
    went_on = []

    def work(context):
        services.cancel(Job.objects.get(pk=context.job_id), context.owner)
        try:
            context.check_cancelled()
        except Exception:  # noqa: BLE001 - a handler that reports bad rows and goes on
            went_on.append("swallowed")
        went_on.append("went on")

    job = services.enqueue(kind(work), owner=owner)
    process_all()
    job.refresh_from_db()
    assert (job.state, went_on) == ("cancelled", [])


def test_a_cancelled_job_is_not_tried_again_after_a_fault(kind, owner):
    def work(context):
        services.cancel(Job.objects.get(pk=context.job_id), context.owner)
        raise RuntimeError("a fault")

    job = services.enqueue(kind(work), owner=owner)
    process_all()
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_what_is_over_cannot_be_cancelled(kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    process_all()
    with pytest.raises(Conflict) as refused:
        services.cancel(job, owner)
    assert refused.value.code == "job_is_over"


def test_a_stranger_neither_cancels_nor_retries(kind, owner, stranger):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    for act in (services.cancel, services.retry):
        with pytest.raises(NotPermitted):
            act(job, stranger)
        with pytest.raises(NotPermitted):
            act(services.enqueue("test.work"), AnonymousUser())


def test_a_failed_job_is_started_again_with_all_its_attempts(kind, owner):
    mended = []

    def work(context):
        if not mended:
            raise Conflict("Not yet.")

    job = services.enqueue(kind(work), owner=owner)
    process_all()
    mended.append(True)
    job = services.retry(job, owner)
    assert (job.state, job.attempt, job.error) == ("queued", 0, "")
    process_all()
    job.refresh_from_db()
    assert job.state == "done"


def test_only_what_stopped_is_started_again(kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    with pytest.raises(Conflict) as refused:
        services.retry(job, owner)
    assert refused.value.code == "job_not_stopped"


def test_a_retry_does_not_double_live_work(kind, owner):
    name = kind(lambda context: None)
    job = services.cancel(services.enqueue(name, owner=owner, dedupe_key="one"), owner)
    services.enqueue(name, owner=owner, dedupe_key="one")
    with pytest.raises(Conflict) as refused:
        services.retry(job, owner)
    assert refused.value.code == "job_is_live"


def test_people_see_their_own_jobs(kind, owner, stranger):
    name = kind(lambda context: None)
    mine = services.enqueue(name, owner=owner)
    services.enqueue(name)
    root = get_user_model().objects.create_superuser("root", password="a long password")
    assert list(queries.visible_to(owner)) == [mine]
    assert list(queries.visible_to(stranger)) == []
    assert list(queries.visible_to(AnonymousUser())) == []
    assert queries.visible_to(root).count() == 2


def test_a_job_outlives_its_owner(kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    owner.delete()
    job.refresh_from_db()
    assert job.owner is None
    assert process_all() == 1


def test_old_finished_jobs_are_forgotten(kind, settings):
    name = kind(lambda context: None)
    old, recent, waiting = (services.enqueue(name) for _ in range(3))
    services.cancel(old, None)
    services.cancel(recent, None)
    Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - dt.timedelta(days=8))
    settings.JOBS_RETENTION_DAYS = 7
    Job.objects.filter(pk=waiting.pk).update(run_after=timezone.now() + dt.timedelta(days=1))
    services.enqueue("jobs.purge")
    process_all()
    assert not Job.objects.filter(pk=old.pk).exists()
    assert Job.objects.filter(pk__in=[recent.pk, waiting.pk]).count() == 2


def test_a_carrier_is_told_after_the_commit(kind, settings, django_capture_on_commit_callbacks):
    settings.JOBS_CARRIER = f"{__name__}.Listening"
    assert type(carrier()).__name__ == "Listening"
    told = type(carrier()).told
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        job = services.enqueue(kind(lambda context: None))
        assert told == []
    assert told == [job.pk]


def test_the_built_in_carrier_wakes_the_worker():
    wakeup.clear()
    WakeupCarrier().announce(1)
    assert wakeup.is_set()


def test_only_local_addresses_are_offered_as_results(kind):
    name = kind(lambda context: None)
    job = services.enqueue(name)
    for url, offered in (("/import/3/", "/import/3/"), ("//evil.test/", ""), ("javascript:1", ""), (3, "")):
        job.result = {"url": url}
        assert queries.status(job).result_url == offered
