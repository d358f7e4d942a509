"""Before and after as pictures: who sees them, what is recorded, and that no byte of the original is among them."""

import io

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from sekisho.book.models import LedgerEntry
from sekisho.gateway.models import TransferFile
from sekisho.people.models import Installation
from tests.gateway.factories import make_route, send, work

pytestmark = pytest.mark.django_db
BODY = "<h1>会場</h1><script>SECRET-BYTES</script>".encode()


@pytest.fixture
def file(people, bureau):
    cache.clear()
    Installation.objects.create(name="関野市")
    for person in vars(people).values():
        person.language = "en"
        person.save()
    transfer = work(send(people.member, make_route(people, bureau), ("地図.html", BODY)))
    return transfer.files.get()


def at(file, side=None, page=1):
    return (
        reverse("gateway:picture", args=[file.pk, side, page])
        if side
        else reverse("gateway:compare", args=[file.pk])
    )


def test_the_sender_sees_both_sides_as_pictures(client, people, file):
    client.force_login(people.member)
    page = client.get(at(file)).content.decode()
    assert page.count("<img ") == 2
    for side in ("before", "after"):
        answer = client.get(at(file, side))
        assert answer.headers["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).format == "PNG"
        assert b"SECRET" not in answer.content


def test_the_officer_says_why_first_and_it_is_recorded(client, people, file):
    client.force_login(people.security_officer)
    assert "<img " not in client.get(at(file)).content.decode()
    assert client.get(at(file, "before")).status_code == 404
    assert client.post(at(file), {"reason": " "}, follow=True).status_code == 200
    assert client.get(at(file, "before")).status_code == 404
    client.post(at(file), {"reason": "A complaint"})
    assert client.get(at(file)).content.decode().count("<img ") == 2
    assert client.get(at(file, "before")).status_code == 200
    entry = LedgerEntry.objects.get(act="transfer.looked_into")
    assert entry.params["reason"] == "A complaint"


@pytest.mark.parametrize("who", ["contractor", "auditor", "superior"])
def test_others_see_nothing(client, people, file, who):
    client.force_login(getattr(people, who))
    assert client.get(at(file)).status_code == 404
    assert client.get(at(file, "after")).status_code == 404


def test_a_side_that_is_gone_or_cannot_be_drawn_is_said(client, people, file):
    client.force_login(people.member)
    TransferFile.objects.update(original_destroyed_at=file.checked_at)
    page = client.get(at(file)).content.decode()
    assert "no longer held" in page
    assert page.count("<img ") == 1
    assert client.get(at(file, "before")).status_code == 422
    assert client.get(at(file, "middle")).status_code == 404
    assert client.get(at(file, "after", 99)).status_code == 422
    assert client.get(at(file) + "?page=-1").status_code == 200
    assert client.get(at(file) + "?page=９").status_code == 200
