"""Requests that no view takes still get a page in the reader's language."""

import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError
from django.test import Client

from sekisho.book.services.disarming import NoRoom
from sekisho.errors import full_disk
from sekisho.gateway.services import sending
from sekisho.people.services import create_token
from tests.factories import UserFactory
from tests.gateway.factories import make_route

pytestmark = pytest.mark.django_db


def test_the_address_of_a_form_opened_as_a_page_says_what_to_do() -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="ja")
    client.force_login(UserFactory())
    response = client.get("/i18n/setlang/")
    assert response.status_code == 405
    assert "POST" in response["Allow"]
    assert "フォームを送るための場所" in response.content.decode()


def database_without_room() -> sqlite3.OperationalError:
    """What a database says when its disk is full."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("pragma max_page_count = 2")
        database.execute("create table one (x)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            database.execute("insert into one values (zeroblob(100000))")
    return caught.value


def test_a_database_without_room_says_so_at_every_door(people, bureau, monkeypatch, client) -> None:  # type: ignore[no-untyped-def]
    route = make_route(people, bureau, code="in")

    def full(*_args, **_more):  # type: ignore[no-untyped-def]
        raise OperationalError("database or disk is full") from database_without_room()

    monkeypatch.setattr(sending, "begin", full)
    monkeypatch.setattr(sending, "send_whole", full)
    said = {"route": "in", "purpose": "x", "files": [{"name": "a.csv", "size": 5}]}
    _token, plain = create_token(people.member, name="x", scope="write", days=1, by=people.member)
    api = client.post("/api/v1/transfers", said, "application/json", HTTP_AUTHORIZATION=f"Bearer {plain}")
    assert (api.status_code, api.json()["code"]) == (507, "disk_full")
    client.force_login(people.member)
    page = client.post("/gateway/uploads/", {**said, "route": route.pk}, "application/json")
    assert (page.status_code, page.json()["code"]) == (507, "disk_full")
    assert "安全" in page.json()["detail"] or "safe" in page.json()["detail"]


def test_only_a_full_disk_is_called_one() -> None:
    assert full_disk(OperationalError("database is locked")) is None
    assert full_disk(OSError(5, "input/output error")) is None
    assert full_disk(OSError(28, "no space left on device")) is not None
    assert full_disk(NoRoom("no room to work on this file")) is not None
