"""The list of my background work and the page of one job."""

import pytest
from django.urls import reverse

from sekisho.errors import Conflict
from sekisho.jobs import services
from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, owner):
    """The browser of the owner, in English."""
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    return client


def text(response) -> str:
    return response.content.decode()


def test_the_list_shows_my_work_only(page, kind, owner, stranger):
    name = kind(lambda context: None, label="Import of a table")
    services.enqueue(name, owner=owner)
    kind(lambda context: None, "test.other", label="Somebody else's export")
    services.enqueue("test.other", owner=stranger)
    shown = text(page.get(reverse("jobs:list")))
    assert "Import of a table" in shown
    assert "Somebody else" not in shown


def test_an_empty_list_says_what_will_be_here(page):
    assert "No background work yet" in text(page.get(reverse("jobs:list")))


def test_older_work_is_one_click_away(page, kind, owner):
    name = kind(lambda context: None)
    jobs = Job.objects.bulk_create(Job(kind=name, owner=owner) for _ in range(51))
    first = text(page.get(reverse("jobs:list")))
    assert f"?before={jobs[1].pk}" in first
    assert f"/jobs/{jobs[0].pk}/" not in first
    assert f"/jobs/{jobs[0].pk}/" in text(page.get(reverse("jobs:list"), {"before": jobs[1].pk}))
    assert page.get(reverse("jobs:list"), {"before": "9" * 40}).status_code == 200


def test_the_list_takes_the_same_queries_for_many_rows(page, kind, owner, django_assert_max_num_queries):
    name = kind(lambda context: None)
    page.get(reverse("jobs:list"))
    Job.objects.bulk_create(Job(kind=name, owner=owner) for _ in range(50))
    with django_assert_max_num_queries(10):
        page.get(reverse("jobs:list"))


def test_a_running_job_is_polled_and_shows_progress(page, kind, owner):
    services.enqueue(kind(lambda context: None), owner=owner)
    (job,) = services.claim("a")
    services.beat(job, services.Progress(25, 100, "Row 25"))
    shown = text(page.get(reverse("jobs:job", args=[job.pk])))
    assert f'hx-get="{reverse("jobs:progress", args=[job.pk])}"' in shown
    fragment = page.get(reverse("jobs:progress", args=[job.pk]))
    assert fragment.status_code == 200
    assert 'value="25"' in text(fragment)
    assert "Row 25" in text(fragment)


def test_polling_ends_with_the_job_and_says_so(page, kind, owner):
    job = services.enqueue(
        kind(lambda context: {"url": "/import/1/", "message": "60 projects."}), owner=owner
    )
    process_all()
    fragment = page.get(reverse("jobs:progress", args=[job.pk]))
    assert fragment.status_code == 286
    assert "60 projects." in text(fragment)
    assert 'href="/import/1/"' in text(fragment)
    assert "hx-swap-oob" in text(fragment)
    assert "hx-get" not in text(page.get(reverse("jobs:job", args=[job.pk])))


def test_a_failure_is_told_in_plain_words_without_its_trace(page, kind, owner):
    def refuse(context):
        raise Conflict("The file is cut off. Send it again.")

    job = services.enqueue(kind(refuse), owner=owner)
    process_all()
    shown = text(page.get(reverse("jobs:job", args=[job.pk])))
    assert "The file is cut off. Send it again." in shown
    assert "Traceback" not in shown


def test_the_owner_cancels_and_starts_again_from_the_page(page, kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    cancelled = page.post(reverse("jobs:cancel", args=[job.pk]), follow=True)
    assert "This work was cancelled." in text(cancelled)
    again = page.post(reverse("jobs:retry", args=[job.pk]), follow=True)
    assert "put in the queue again" in text(again)
    job.refresh_from_db()
    assert job.state == "queued"


def test_cancelling_what_is_over_says_so(page, kind, owner):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    process_all()
    assert "already over" in text(page.post(reverse("jobs:cancel", args=[job.pk]), follow=True))


@pytest.mark.parametrize("name", ["jobs:job", "jobs:progress", "jobs:cancel", "jobs:retry"])
def test_a_strangers_job_is_not_there(page, kind, stranger, name):
    job = services.enqueue(kind(lambda context: None), owner=stranger)
    act = page.post if name in ("jobs:cancel", "jobs:retry") else page.get
    assert act(reverse(name, args=[job.pk])).status_code == 404
    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.parametrize("name", ["jobs:cancel", "jobs:retry"])
def test_a_link_changes_nothing(page, kind, owner, name):
    job = services.enqueue(kind(lambda context: None), owner=owner)
    assert page.get(reverse(name, args=[job.pk])).status_code == 405


def test_nobody_sees_jobs_without_signing_in(client, owner):
    response = client.get(reverse("jobs:list"))
    assert response.status_code == 302
    assert "login" in response.url
