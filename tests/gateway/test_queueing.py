"""The queue of files: senders take turns, lost work is found, a file that kills workers is refused."""

import pytest

from sekisho.book.services import disarming
from sekisho.gateway.models import TransferFile
from sekisho.gateway.queries.queue import queue_of, wait_of
from sekisho.gateway.services import cleaning, queueing
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job
from tests.factories import UserFactory
from tests.gateway.factories import make_route, send, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau)


def many(count):
    return [(f"{number}.txt", b"text %d" % number) for number in range(count)]


@pytest.fixture
def colleague(people, bureau):
    from sekisho.people.roles import SYSTEM
    from sekisho.people.services import grant_role

    person = UserFactory()
    grant_role(SYSTEM, person, role="member", organisation=bureau)
    return person


def finished():
    return list(
        TransferFile.objects.filter(checked_at__isnull=False)
        .order_by("checked_at", "id")
        .values_list("name", flat=True)
    )


def test_one_file_of_another_person_does_not_wait_for_a_hundred(people, route, colleague):
    crowd = send(people.member, route, *many(30))
    one = send(colleague, route, ("one.txt", b"mine"))
    assert Job.objects.filter(kind=queueing.KIND).count() == queueing.IN_HAND + 1
    work(crowd)
    assert finished().index("one.txt") <= queueing.IN_HAND
    one.refresh_from_db()
    assert (crowd.state, one.state) == ("offered", "offered")
    assert not Job.objects.exclude(state="done").exists()


def test_a_large_file_is_long_work_that_holds_up_nothing_small(people, route, monkeypatch):
    monkeypatch.setattr(queueing, "LARGE", 1000)
    large = send(people.member, route, ("large.txt", b"line\n" * 300), ("small.txt", b"line\n"))
    kinds = {job.params["file_id"]: job.kind for job in Job.objects.filter(kind__in=queueing.KINDS)}
    assert [kinds[file.pk] for file in large.files.order_by("id")] == [queueing.LARGE_KIND, queueing.KIND]
    assert [job.kind for job in jobs.claim("one", 9, is_long=True)] == [queueing.LARGE_KIND]
    Job.objects.filter(state="running").update(state="queued", lease_until=None, leased_by="")
    assert work(large).state == "offered"


def test_a_file_on_which_two_workers_died_is_refused_and_the_others_go_on(people, route):
    transfer = send(people.member, route, *many(6))
    killer = transfer.files.order_by("id").first()
    for _try in range(2):  # two workers began and were never heard of again
        assert cleaning._take_up(killer.pk, None).state == "working"
    work(transfer)
    killer.refresh_from_db()
    assert (killer.state, killer.refusal["code"]) == ("refused", "engine.crashed")
    assert transfer.state == "offered"
    assert transfer.files.filter(state="clean").count() == 5


def test_a_worker_that_lost_its_file_to_another_changes_nothing(people, route):
    transfer = send(people.member, route, ("a.txt", b"hello"))
    file = transfer.files.get()
    first = cleaning._take_up(file.pk, None)
    result = cleaning.sanitized(first, first.clean_folder, None)
    assert cleaning.clean(file.pk) == "clean"  # another worker took it over and was quicker
    before = TransferFile.objects.get(pk=file.pk)
    assert cleaning._conclude(file.pk, first.clean_folder, result) == "clean"
    after = TransferFile.objects.get(pk=file.pk)
    assert (after.clean_folder, after.checked_at) == (before.clean_folder, before.checked_at)


def test_files_whose_jobs_were_lost_are_queued_again_by_turns(people, route):
    transfer = send(people.member, route, *many(6))
    Job.objects.all().delete()
    assert queueing.order_missing() == 1
    assert Job.objects.count() == queueing.IN_HAND
    assert queueing.order_missing() == 1  # asked twice, nothing is doubled
    assert Job.objects.count() == queueing.IN_HAND
    assert work(transfer).state == "offered"


def test_a_job_that_gave_up_leaves_the_file_to_the_next_round(people, route, monkeypatch):
    transfer = send(people.member, route, ("a.txt", b"hello"))
    monkeypatch.setattr(
        disarming, "sanitize", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("a fault of ours"))
    )
    for _round in range(3):
        Job.objects.update(run_after=transfer.created_at)
        work(transfer)
    file = transfer.files.get()
    assert (file.state, transfer.state) == ("refused", "refused")
    assert jobs.recover() == 0


def test_a_sender_sees_how_many_go_before_and_about_how_long(people, route, colleague):
    crowd = send(people.member, route, *many(10))
    mine = send(colleague, route, *many(2))
    TransferFile.objects.filter(transfer=crowd).update(report={})
    wait = wait_of(mine)
    assert (wait.files, wait.before, wait.is_short) == (2, 2, True)  # by turns: two of the other's ten
    assert (wait_of(crowd).files, wait_of(crowd).before) == (10, 2)
    assert queue_of([route.organisation]).files == 12
    work(mine)
    assert wait_of(mine) is None
