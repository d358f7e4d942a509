"""Held files in a store of objects: the same service, another place."""

import datetime as dt
import shutil
import sys
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.utils import timezone

from sekisho.config.stores import s3_store
from sekisho.gateway.services import handing, housekeeping, queueing, vault
from sekisho.jobs import worker
from tests.gateway.factories import make_route, send, work


@pytest.fixture
def store(settings):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "vault": memory}
    return storages["vault"]


def objects(store):
    return [
        f"{first}/{folder}/{name}"
        for first in store.listdir("")[0]
        for folder in store.listdir(first)[0]
        for name in store.listdir(f"{first}/{folder}")[1]
    ]


@pytest.mark.django_db
def test_a_transfer_goes_its_way_over_a_store_that_sees_ciphertext_only(people, bureau, store, settings):
    transfer = work(send(people.member, make_route(people, bureau), ("a.txt", b"a secret sentence")))
    file = transfer.files.get()
    assert b"secret" in b"".join(handing.take(people.member, file))
    kept = objects(store)
    assert len(kept) == 2  # the original and the clean copy
    assert all(b"secret" not in store.open(name).read() for name in kept)
    assert not settings.GATEWAY_FOLDER.exists()
    vault.destroy(file.folder)
    vault.destroy(file.folder)
    assert len(objects(store)) == 1
    with pytest.raises(vault.Damaged):
        vault.part(file.folder, 0)


@pytest.mark.django_db
def test_what_no_transfer_knows_is_destroyed_in_a_store_too(people, bureau, store):
    assert list(vault.folders()) == []
    transfer = work(send(people.member, make_route(people, bureau)))
    now, stray = timezone.now(), uuid4()
    vault.put(stray, 0, b"left behind")
    assert housekeeping.keep_house(now)["strays"] == 0
    assert housekeeping.keep_house(now + dt.timedelta(days=2))["strays"] == 1
    file = transfer.files.get()
    # a folder of this store stays when its last object goes; it holds nothing
    assert {file.folder.hex, file.clean_folder.hex} == {name.split("/")[1] for name in objects(store)}


class _Unreachable:
    """As a client of a store is while nothing answers."""

    def __getattr__(self, name):
        def call(*_args):
            raise RuntimeError(f"{name}: could not connect")

        return call


@pytest.mark.django_db
def test_files_wait_while_nothing_at_all_can_be_done_in_the_store(people, bureau, store, monkeypatch):
    transfer = send(people.member, make_route(people, bureau))
    with monkeypatch.context() as patched:
        patched.setattr(vault, "_store", _Unreachable)
        for _round in range(3):
            queueing.order_missing()
            worker.process_all()
    file = transfer.files.get()
    assert (file.state, file.tries) == ("waiting", 0)
    queueing.order_missing()
    assert work(transfer).state == "offered"


@pytest.mark.django_db
def test_files_wait_while_the_share_they_lie_on_is_not_there(people, bureau, settings):
    transfer = send(people.member, make_route(people, bureau))
    aside = settings.GATEWAY_FOLDER.rename(settings.GATEWAY_FOLDER.with_name("aside"))
    for _round in range(3):
        queueing.order_missing()
        worker.process_all()
    assert transfer.files.get().state == "waiting"
    shutil.rmtree(settings.GATEWAY_FOLDER, ignore_errors=True)
    aside.rename(settings.GATEWAY_FOLDER)
    queueing.order_missing()
    assert work(transfer).state == "offered"


def test_a_file_that_was_never_whole_leaves_nothing_behind(store):
    copy = vault.Writing(uuid4())
    copy.write(b"half")
    del copy
    assert objects(store) == []


def test_the_same_part_put_twice_is_one(store):
    folder = uuid4()
    for _time in range(2):
        vault.put(folder, 0, b"hello")
    assert vault.part(folder, 0) == b"hello"
    assert len([name for name in objects(store) if folder.hex in name]) == 1


def test_an_address_becomes_settings_of_django_storages():
    pytest.importorskip("storages")
    address = "s3://office-files/gateway/held?endpoint=https://store.city.example&region=jp"
    found = s3_store(address, "SEKISHO_GATEWAY_SPOOL")
    assert found["OPTIONS"] == {
        "bucket_name": "office-files",
        "location": "gateway/held",
        "endpoint_url": "https://store.city.example",
        "region_name": "jp",
        "file_overwrite": True,
        "max_memory_size": 16 << 20,
        "default_acl": None,
    }


@pytest.mark.parametrize("address", ["https://x/y", "s3://", "s3://key:secret@bucket", "s3://b?acl=public"])
def test_an_address_that_cannot_be_read_stops_the_start(address):
    with pytest.raises(ImproperlyConfigured, match="SEKISHO_GATEWAY_SPOOL must be s3://bucket/prefix"):
        s3_store(address, "SEKISHO_GATEWAY_SPOOL")


def test_what_must_be_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "storages.backends.s3", None)
    with pytest.raises(ImproperlyConfigured, match=r"sekisho\[s3\]"):
        s3_store("s3://bucket", "SEKISHO_GATEWAY_STORAGE")
