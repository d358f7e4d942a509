"""Large files: kept and written part by part, up to 2 GB, and no worse off for a disk that was full for a while."""

import errno
import io
import tempfile
from uuid import uuid4

import pytest
from django.urls import reverse

from sekisho.errors import DiskFull, Invalid
from sekisho.gateway.models import TransferFile
from sekisho.gateway.queries import queue
from sekisho.gateway.services import cleaning, queueing, sending, vault
from sekisho.gateway.services.sending import Announced, Receiver
from sekisho.jobs import worker
from sekisho.sanitizer import sanitize
from tests.gateway.factories import make_route, send, work

GIGABYTES = 2 * 1024**3


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau)


def test_what_is_written_in_pieces_is_read_as_one_file(settings):
    folder, body = uuid4(), bytes(range(256)) * 40
    copy = vault.Writing(folder, 1000)
    for start in range(0, len(body), 777):
        copy.write(body[start : start + 777])
    copy.close()
    copy.close()
    assert copy.count == 11
    assert io.BufferedReader(vault.Reading(vault.parts(folder, 11))).read() == body
    assert {len(vault.part(folder, number)) for number in range(10)} == {1000}


def test_the_clean_file_goes_into_a_file_instead_of_memory():
    into = io.BytesIO()
    result = sanitize(b"name,amount\n=1+1,5\n", name="a.csv", into=into)
    assert (result.is_clean, result.output) == (True, b"")
    assert b"'=1+1" in into.getvalue()
    assert result.report.output.size == len(into.getvalue())


def test_nothing_of_a_refused_file_goes_anywhere():
    into = io.BytesIO()
    assert sanitize(b"MZ" + bytes(200), name="a.exe", into=into).output is None
    assert into.getvalue() == b""


@pytest.mark.django_db
def test_a_route_takes_two_gigabytes_and_says_so_of_more(people, route, monkeypatch):
    monkeypatch.setattr(vault, "require_room", lambda size: None)
    begun = sending.begin(people.member, route, Receiver(), "x", [Announced("映像.zip", GIGABYTES)])
    assert begun.files.get().size == GIGABYTES
    with pytest.raises(Invalid, match="2049 MB; this route takes 2048 MB"):
        sending.begin(people.member, route, Receiver(), "x", [Announced("映像.zip", GIGABYTES + 1)])


@pytest.mark.django_db
def test_a_store_that_is_away_for_long_refuses_no_file_and_its_sender_is_told(
    people, route, monkeypatch, client
):
    put, full = vault.put, DiskFull("full")

    def away(*_said):
        raise full

    transfer = send(people.member, route)
    monkeypatch.setattr(vault, "put", away)
    for _round in range(4):
        queueing.order_missing()
        worker.process_all()
    file = transfer.files.get()
    assert (file.state, file.tries) == ("waiting", 0)
    assert queue.wait_of(transfer).is_held_up
    client.force_login(people.member)
    page = client.get(reverse("gateway:transfer", args=[transfer.pk])).content.decode()
    assert "Nothing is lost" in page or "失われません" in page
    monkeypatch.setattr(vault, "put", put)
    queueing.order_missing()
    assert not queue.wait_of(transfer).is_held_up
    assert work(transfer).state == "offered"


def test_what_a_stores_client_raises_is_said_in_our_words(settings, monkeypatch):
    class Broken:
        def exists(self, _name):
            raise RuntimeError("the client's own")

        open = exists

    monkeypatch.setattr(vault, "_store", Broken)
    with pytest.raises(vault.StoreAway, match="cannot be reached"):
        vault.put(uuid4(), 0, b"x")
    with pytest.raises(vault.StoreAway, match="cannot be reached"):
        vault.part(uuid4(), 0)


@pytest.mark.django_db
def test_a_full_disk_for_temporary_files_refuses_no_file(people, route, monkeypatch):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    transfer = send(people.member, route)
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "mkstemp", full)
        for _round in range(3):
            with pytest.raises(OSError, match="no room"):
                cleaning.clean(transfer.files.get().pk)
    assert TransferFile.objects.get().tries == 0
    assert work(transfer).state == "offered"
