"""Before and after as pictures: who sees them, what is recorded, and that no byte of the original is among them."""

import io
import zipfile

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from sekisho.book.models import LedgerEntry
from sekisho.gateway.members import paired
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
    assert client.post(at(file), {"reason": " "}).status_code == 422
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


def packed(**members):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return body.getvalue()


def test_the_files_of_an_archive_are_looked_at_one_by_one(client, people, file):
    inner = packed(
        資料__地図_html=BODY, 動画_mp4=b"\0\0\0\x18ftypmp42" + bytes(99), 名簿_csv=b"a,b\r\n1,=2\r\n"
    )
    transfer = work(send(people.member, file.transfer.route, ("一式.zip", inner)))
    archive = transfer.files.get()
    client.force_login(people.member)
    page = client.get(at(archive)).content.decode()
    assert "<img " not in page
    assert [name in page for name in ("資料/地図.html", "動画.mp4", "名簿.csv")] == [True] * 3
    assert "?member=2-0" in page  # the film was left out
    page = client.get(at(archive) + "?member=1-1").content.decode()
    assert page.count("<img ") == 2
    for side in ("before", "after"):
        answer = client.get(f"{at(archive, side)}?member=1")
        assert Image.open(io.BytesIO(answer.content)).format == "PNG"
    page = client.get(at(archive) + "?member=2-0").content.decode()
    assert "not on this side" in page
    assert client.get(at(archive) + "?member=99").status_code == 200
    assert client.get(f"{at(archive, 'after')}?member=99").status_code == 422


def test_an_archive_in_an_archive_has_no_picture_and_says_so(client, people, file):
    inner = packed(中_zip=packed(a_csv=b"a,b\r\n"))
    transfer = work(send(people.member, file.transfer.route, ("外.zip", inner)))
    client.force_login(people.member)
    page = client.get(at(transfer.files.get()) + "?member=1-1")
    assert page.status_code == 200
    assert "<img " not in page.content.decode()


def test_files_before_and_after_are_paired_by_folder_and_stem():
    before = ["写真/a.JPG", "b.docm", "x/../c.txt", "gone.exe"]
    after = ["写真/a.jpg", "b.docx", "x/c.txt", "new.txt"]
    rows = [(row.path, row.before, row.after) for row in paired(before, after)]
    assert rows == [
        ("写真/a.JPG", 1, 1),
        ("b.docm", 2, 2),
        ("x/../c.txt", 3, 3),
        ("gone.exe", 4, 0),
        ("new.txt", 0, 4),
    ]
