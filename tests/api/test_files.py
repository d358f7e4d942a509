"""Files through the API: kept, disarmed, opened as the clean copy only, taken back as evidence."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.services import cleaning, gates
from tests.api.callers import problem
from tests.book.factories import answer_all

pytestmark = pytest.mark.django_db
TEXT = "会議の記録\n".encode()


def upload(callers, path):
    answer = callers.member.upload(path, file=SimpleUploadedFile("記録.txt", TEXT))
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def test_what_is_opened_is_the_clean_copy_and_its_state_is_told(callers, gate):
    shown = upload(callers, f"/gates/{gate.pk}/answers/plan-1/files")
    path = f"/files/{shown['file']}"
    assert (shown["clean"]["state"], shown["sha256"]) == ("waiting", hashlib.sha256(TEXT).hexdigest())
    problem(callers.member.get(f"{path}/content"), 409, "file_waiting")
    cleaning.clean(Attachment.objects.get(pk=shown["file"]))
    (listed,) = callers.auditor.get(f"/gates/{gate.pk}/answers/plan-1").json()["files"]
    opened = callers.auditor.get(f"{path}/content")
    content = b"".join(opened.streaming_content)
    clean = listed["clean"]
    assert (clean["state"], clean["size"]) == ("clean", len(content))
    assert clean["sha256"] == hashlib.sha256(content).hexdigest()
    assert clean["name"].endswith(".txt")
    assert opened["Content-Disposition"].startswith("attachment")
    assert callers.auditor.get(path).json()["clean"] == clean
    problem(callers.contractor.get(f"{path}/content"), 404, "not_found")


def test_a_refused_file_says_why_and_is_never_given(callers, project):
    shown = upload(callers, "/projects/T-1/files")
    words = {"ja": "壊れています", "en": "It is broken"}
    CleanCopy.objects.update(state="refused", refusal={"code": "broken", "words": words})
    (listed,) = callers.member.get("/projects/T-1/files").json()["items"]
    assert (listed["clean"]["state"], listed["clean"]["reason"]) == ("refused", "It is broken")
    problem(callers.member.get(f"/files/{shown['file']}/content"), 409, "file_refused")


def test_evidence_is_listed_and_taken_back_by_who_showed_it(callers, people, gate):
    file = upload(callers, f"/gates/{gate.pk}/answers/plan-1/files")
    link = gates.add_evidence_link(people.cio_aide, gate, "plan-2", url="https://a.example/")
    listed = callers.member.get(f"/gates/{gate.pk}/evidence").json()["items"]
    assert [(e["criterion"], e["file"], e["url"]) for e in listed] == [
        ("plan-1", file["file"], ""),
        ("plan-2", None, "https://a.example/"),
    ]
    problem(callers.cio_aide.delete(f"/evidence/{file['id']}"), 403, "not_permitted")
    assert callers.cio_aide.delete(f"/evidence/{link.pk}").status_code == 204
    problem(callers.cio_aide.delete(f"/evidence/{link.pk}"), 404, "not_found")
    answer_all(people.member, gate)
    gates.submit(people.member, gate)
    problem(callers.member.delete(f"/evidence/{file['id']}"), 409, "gate_submitted")
