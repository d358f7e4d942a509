"""A file of a book is opened as the copy the sanitizer wrote, or not at all."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.services import cleaning
from sekisho.book.services.acting import acting_on
from sekisho.book.services.files import store_attachment
from sekisho.book.services.gates import add_evidence_file
from sekisho.book.services.ledger import chain_of, verify_chain
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all
from tests.book.factories import make_project, plan_gate
from tests.sanitizer.test_encrypted_odf import member_by_member

pytestmark = pytest.mark.django_db

HTML = "<h1>計画</h1><p>窓口をなくす</p><script>alert('secret-marker')</script>".encode()


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="F-1")


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def kept(people, project, content=HTML, name="計画.html"):
    with acting_on(people.member, project) as act:
        return store_attachment(act, ContentFile(content, name=name))


def read(member, file):
    return member.get(reverse("book:file", args=[file.pk])).content.decode()


def test_what_is_opened_was_written_anew_and_the_rest_is_named(member, people, project):
    file = kept(people, project)
    assert "Being disarmed" in read(member, file)
    process_all()
    text = read(member, file)
    assert "Open the clean copy" in text
    assert "script" in text.lower()
    response = member.get(reverse("book:file_copy", args=[file.pk]))
    body = response.getvalue()
    assert "窓口をなくす" in body.decode()
    assert b"secret-marker" not in body
    assert response["Content-Disposition"].startswith("attachment")
    assert file.project.ledger.filter(act="file.cleaned").exists()
    assert verify_chain(chain_of(project)) is None


def test_a_file_that_cannot_be_disarmed_says_why_and_may_be_tried_again(member, people, project):
    file = kept(people, project, b"MZ\x90\x00" + b"\0" * 200, "setup.exe")
    process_all()
    text = read(member, file)
    assert "Cannot be opened" in text
    assert "without a password" in text
    assert member.get(reverse("book:file_copy", args=[file.pk])).status_code == 404
    assert member.post(reverse("book:file_again", args=[file.pk])).status_code == 302
    assert CleanCopy.objects.get().state == "waiting"
    process_all()
    assert CleanCopy.objects.get().state == "refused"
    assert verify_chain(chain_of(project)) is None


def test_a_locked_file_is_not_asked_for_a_password_that_nobody_can_give(member, people, project):
    file = kept(people, project, member_by_member(), "秘密.odt")
    process_all()
    text = read(member, file)
    assert "It is protected by a password, so what is in it cannot be checked." in text
    assert "Give the password" not in text
    assert reverse("book:file_again", args=[file.pk]) not in text


def test_only_a_refused_file_is_tried_again(member, people, project):
    file = kept(people, project)
    process_all()
    response = member.post(reverse("book:file_again", args=[file.pk]), follow=True)
    assert "was not refused" in response.content.decode()
    assert CleanCopy.objects.get().state == "clean"


def test_who_may_not_read_the_book_finds_no_file(client, people, project, other_bureau):
    from tests.factories import UserFactory

    file = kept(people, project)
    process_all()
    client.force_login(UserFactory(member=True, organisation=other_bureau))
    for name in ("book:file", "book:file_copy"):
        assert client.get(reverse(name, args=[file.pk])).status_code == 404
    assert client.post(reverse("book:file_again", args=[file.pk])).status_code == 404


def test_a_file_kept_before_is_disarmed_in_the_next_hour(member, people, project):
    file = kept(people, project)
    process_all()
    CleanCopy.objects.all().delete()
    assert "Being disarmed" in read(member, Attachment.objects.get())
    assert cleaning.order_missing() == 1
    assert cleaning.order_missing() == 1  # asked twice, done once
    assert process_all() == 1
    assert "Open the clean copy" in read(member, file)
    assert cleaning.order_missing() == 0


def test_disarming_again_leaves_one_copy_on_the_disk(people, project, django_capture_on_commit_callbacks):
    file = kept(people, project)
    with django_capture_on_commit_callbacks(execute=True):
        first = cleaning.clean(file).stored.name
        second = cleaning.clean(file)
    assert second.stored.storage.exists(second.stored.name)
    assert not second.stored.storage.exists(first)


def test_evidence_leads_to_its_file_at_a_constant_number_of_queries(member, people, project):
    gate = plan_gate(project)
    address = reverse("book:gate", args=[gate.pk])

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert member.get(address).status_code == 200
        return len(seen)

    def show(name):
        upload = SimpleUploadedFile(name, HTML)
        add_evidence_file(people.member, gate, "plan-1", upload=upload)

    show("a.html")
    member.get(address)
    before = queries()
    for name in ("b.html", "c.html"):
        show(name)
    assert queries() == before
    file = Attachment.objects.first()
    assert reverse("book:file", args=[file.pk]) in member.get(address).content.decode()


def test_a_file_on_which_two_workers_died_is_refused_and_ordered_no_more(people, project):
    file = kept(people, project)
    job = Job.objects.get(kind=cleaning.KIND)
    for _worker in range(2):
        assert jobs.claim("worker", 1, only=job.pk)
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        jobs.recover()
    job.refresh_from_db()
    assert job.state == "failed"
    assert cleaning.order_missing() == 0
    copy = CleanCopy.objects.get(attachment=file)
    assert (copy.state, copy.refusal["code"]) == ("refused", "engine.crashed")
