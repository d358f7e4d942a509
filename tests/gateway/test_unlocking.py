"""Archives within archives: their passwords are asked for, however deep they lie and whatever lies beside them."""

import io
import zipfile

import pytest

from sekisho.book.models import LedgerEntry
from sekisho.errors import Conflict, Invalid, NotFound
from sekisho.gateway.services import cleaning, handing, unlocking
from tests.gateway.factories import locked_zip, make_route, send, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau)


def test_the_password_of_an_archive_within_an_archive_is_asked_for(people, route):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("inner.zip", locked_zip(b"himitsu"))
    transfer = work(send(people.member, route, ("o.zip", held.getvalue())))
    file = transfer.files.get()
    assert file.state == "password"
    assert cleaning.open_with_password(people.member, file, "wrong") == "password"
    assert cleaning.open_with_password(people.member, file, "himitsu") == "clean"
    transfer.refresh_from_db()
    assert transfer.state == "offered"


def test_what_is_locked_beside_other_files_is_opened_later_by_the_sender(people, route):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "hello")
        for name in ("x", "y"):
            archive.writestr(f"{name}.zip", locked_zip(f"password-{name}".encode()))
    transfer = work(send(people.member, route, ("o.zip", held.getvalue())))
    file = transfer.files.get()
    assert (file.state, transfer.state) == ("clean", "offered")
    with pytest.raises(Invalid, match="not the password"):
        unlocking.open_more(people.member, file, ["wrong"])
    with pytest.raises(NotFound):
        unlocking.open_more(people.superior, file, ["password-x"])
    unlocking.open_more(people.member, file, ["password-x", "password-y"])
    taken = b"".join(handing.take(people.member, file))
    with zipfile.ZipFile(io.BytesIO(taken)) as opened:
        assert sorted(opened.namelist()) == ["a.txt", "x.zip", "y.zip"]
    file.refresh_from_db()
    with pytest.raises(Conflict):
        unlocking.open_more(people.member, file, ["password-x"])
    entry = LedgerEntry.objects.filter(act="transfer.unlocked").get()
    assert (entry.actor_name, entry.params["names"]) == (str(people.member), "x.zip、y.zip")


def test_what_is_opened_after_approval_needs_another(people, bureau):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.txt", "hello")
        archive.writestr("x.zip", locked_zip(b"password-x"))
    transfer = work(
        send(people.member, make_route(people, bureau, needs_approval=True), ("o.zip", held.getvalue()))
    )
    handing.decide(people.superior, transfer, granted=True)
    unlocking.open_more(people.member, transfer.files.get(), ["password-x"])
    transfer.refresh_from_db()
    assert transfer.state == "approval"
