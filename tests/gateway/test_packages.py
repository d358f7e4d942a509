"""Packages between two servers: written, checked, refused, and delivered by two processes."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sekisho.book.services.ledger import verify_chain
from sekisho.gateway import packages
from sekisho.gateway.commands import gateway
from sekisho.gateway.models import Arrival, Dispatch, Transfer
from sekisho.gateway.packages import Package, PackageError
from sekisho.gateway.queries import queue
from sekisho.gateway.services import dispatching, fetching, handing, housekeeping, sides
from sekisho.gateway.services.records import chain_of
from sekisho.gateway.services.sending import Receiver
from tests.gateway.factories import make_route, send, work, zones

KEY = Ed25519PrivateKey.generate()


def packed(number=1, previous=packages.BEGINNING, bodies=(b"one", b""), key=KEY, **more):
    files = [{"size": len(b), "sha256": hashlib.sha256(b).hexdigest()} for b in bodies]
    manifest = packages.canonical({"number": number, "previous": previous, "files": files, **more})
    return b"".join(packages.written(manifest, key, [[b] for b in bodies]))


def read(data):
    package = Package(io.BytesIO(data), KEY.public_key())
    return package, [b"".join(pieces) for pieces in package.read()]


def test_a_package_says_what_was_put_in():
    package, bodies = read(packed(7, "ab", (b"one", b"", b"x" * 3_000_000)))
    assert (package.number, package.previous, bodies) == (7, "ab", [b"one", b"", b"x" * 3_000_000])


@given(st.data())
def test_a_package_changed_in_any_bit_is_refused(data):
    whole = packed(bodies=(b"some content", b"more"))
    place, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[place] ^= 1 << bit
    with pytest.raises(PackageError):
        read(bytes(changed))


@given(st.data())
def test_a_package_cut_off_is_incomplete_and_one_with_a_tail_altered(data):
    whole = packed(bodies=(b"some content", b"more"))
    with pytest.raises(PackageError, match="incomplete"):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(PackageError, match="altered"):
        read(whole + data.draw(st.binary(min_size=1, max_size=20)))


@given(st.binary(max_size=200))
def test_junk_is_no_package(junk):
    with pytest.raises(PackageError):
        read(junk)
    with pytest.raises(PackageError):
        read(packages.MAGIC + junk)


def test_what_somebody_else_signed_is_refused():
    with pytest.raises(PackageError, match="altered"):
        read(packed(key=Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    "manifest", [b"[]", b"{}", b"\xff", b'{"number":0,"previous":"","files":[]}', b"[" * 9999]
)
def test_a_signed_manifest_of_another_kind_is_unreadable(manifest):
    with pytest.raises(PackageError, match="unreadable"):
        read(b"".join(packages.written(manifest, KEY, [])))


def test_keys_are_made_once(tmp_path):
    private, public = packages.make_keys(tmp_path)
    assert private.stat().st_mode & 0o077 == 0
    packages.signing_key(private)
    packages.checking_key(public)
    with pytest.raises(FileExistsError):
        packages.make_keys(tmp_path)
    with pytest.raises(ValueError, match="PEM"):
        packages.checking_key(private)


# One database plays both servers in turn: first the outer, then the inner one.


@pytest.fixture
def spool(settings, tmp_path):
    private, public = packages.make_keys(tmp_path / "keys")
    settings.GATEWAY_SIGNING_KEY, settings.GATEWAY_CHECKING_KEY = str(private), str(public)
    place = tmp_path / "spool"
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "spool": {"BACKEND": backend, "OPTIONS": {"location": str(place), "base_url": None}},
    }
    settings.GATEWAY_SIDE = sides.OUTER
    return place


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau, code="in")


def handed(people, route, count=1, **more):
    return [work(send(people.member, route, (f"表{n}.csv", b"a,b\r\n1,2\r\n"), **more)) for n in range(count)]


def fetched(settings):
    settings.GATEWAY_SIDE = sides.INNER
    return {key: count for key, count in fetching.fetch().items() if count}


@pytest.mark.django_db
def test_a_transfer_crosses_from_the_outer_server_to_the_inner_one(people, route, spool, settings):
    (outer,) = handed(people, route)
    assert (outer.state, Dispatch.objects.get().number) == ("handed", 1)
    assert [path.name for path in spool.iterdir()] == ["000000000001.sekisho"]
    assert fetched(settings) == {"delivered": 1}
    inner = Transfer.objects.exclude(pk=outer.pk).get()
    file = inner.files.get()
    assert (inner.state, inner.receiver, inner.purpose) == ("offered", people.member, outer.purpose)
    assert (file.clean_sha256, file.name) == (outer.files.get().clean_sha256, "表0.csv")
    assert file.original_destroyed_at
    assert fetched(settings) == {}
    assert verify_chain(chain_of(route.organisation)) is None


@pytest.mark.django_db
def test_a_transfer_to_the_inner_server_is_not_given_out_on_the_outer_one(people, route, spool, client):
    (outer,) = handed(people, route)
    client.force_login(people.member)
    assert client.post(reverse("gateway:take", args=[outer.files.get().pk])).status_code == 302
    assert "表0.csv" in client.get(reverse("gateway:transfer", args=[outer.pk])).content.decode()


@pytest.mark.django_db
def test_an_altered_package_is_refused_and_the_next_one_delivered(people, route, spool, settings, client):
    handed(people, route, 2)
    first = spool / packages.name_of(1)
    body = bytearray(first.read_bytes())
    body[-3] ^= 1
    first.write_bytes(body)
    assert fetched(settings) == {"delivered": 1, "refused": 1}
    assert fetched(settings) == {}
    refused = Arrival.objects.get(state="refused")
    assert (refused.reason, refused.name) == ("altered", first.name)
    client.force_login(people.security_officer)
    page = client.get(reverse("gateway:packages")).content.decode()
    assert first.name in page
    assert str(Arrival.Reason.ALTERED.label) in page
    assert people.security_officer.notices.filter(kind="transfer_package").count() == 1
    assert queue.standing()["packages_refused"] == 1
    settings.GATEWAY_SIDE = sides.OUTER
    dispatching.write_again(1)
    assert fetched(settings) == {"delivered": 1}
    assert queue.standing()["packages_refused"] == 0  # nobody has anything to do any more


@pytest.mark.django_db
def test_a_missing_package_is_shown_until_it_comes(people, route, spool, settings, client):
    handed(people, route, 3)
    kept = (spool / packages.name_of(2)).read_bytes()
    (spool / packages.name_of(2)).unlink()
    assert fetched(settings) == {"delivered": 2, "missing": 1}
    assert fetched(settings) == {}
    client.force_login(people.auditor)
    assert "sekisho gateway again" in client.get(reverse("gateway:packages")).content.decode()
    (spool / packages.name_of(2)).write_bytes(kept)
    assert fetched(settings) == {"delivered": 1}
    assert not Arrival.objects.filter(state="missing").exists()


@pytest.mark.django_db
def test_a_number_that_nobody_signed_makes_nothing_missing(people, route, spool, settings):
    handed(people, route)
    (spool / packages.name_of(999_999_999_999)).write_bytes(b"SEKISHO junk" * 99)
    (spool / packages.name_of(999_999_999_998)).write_bytes((spool / packages.name_of(1)).read_bytes())
    assert fetched(settings) == {"delivered": 1, "refused": 2}


def test_fetching_outlives_a_spool_that_is_away(people, route, spool, settings, monkeypatch):
    class Away:
        def listdir(self, _place):
            raise RuntimeError("could not connect")

    handed(people, route)
    settings.GATEWAY_SIDE = sides.INNER
    with monkeypatch.context() as patched:
        patched.setattr(sides, "reading_spool", Away)
        said = CliRunner().invoke(gateway, ["fetch", "--once"])
    assert (said.exit_code, said.output.startswith("waits")) == (0, True)
    assert "delivered\t1" in CliRunner().invoke(gateway, ["fetch", "--once"]).output


@pytest.mark.django_db
def test_a_repeated_package_is_refused(people, route, spool, settings):
    handed(people, route, 2)
    assert fetched(settings) == {"delivered": 2}
    body = (spool / packages.name_of(1)).read_bytes()
    (spool / packages.name_of(3)).write_bytes(body)
    assert fetched(settings) == {"refused": 1}
    assert Arrival.objects.get(state="refused").reason == "repeated"
    assert Transfer.objects.filter(state="offered").count() == 2


@pytest.mark.django_db
def test_a_package_in_another_place_is_refused(people, route, spool, settings):
    handed(people, route)
    (spool / packages.name_of(1)).rename(spool / packages.name_of(2))
    assert fetched(settings) == {"refused": 1, "missing": 1} or fetched(settings) == {}
    assert Arrival.objects.get(state="refused").reason == "misplaced"


@pytest.mark.django_db
def test_a_package_that_follows_another_history_is_refused(people, route, spool, settings):
    handed(people, route, 2)
    key = packages.signing_key(Path(settings.GATEWAY_SIGNING_KEY))
    other = {**json.loads(Dispatch.objects.get(number=2).manifest), "previous": "f" * 64, "files": []}
    (spool / packages.name_of(2)).write_bytes(b"".join(packages.written(packages.canonical(other), key, [])))
    assert fetched(settings) == {"delivered": 1, "refused": 1}
    assert Arrival.objects.get(state="refused").reason == "broken_row"


@pytest.mark.django_db
def test_a_package_still_growing_waits_and_is_refused_when_it_stays_short(
    people, route, spool, settings, monkeypatch
):
    handed(people, route)
    path = spool / packages.name_of(1)
    path.write_bytes(path.read_bytes()[:-1])
    assert fetched(settings) == {}
    monkeypatch.setattr(fetching, "PATIENCE", timezone.timedelta(0))
    assert fetched(settings) == {"refused": 1}
    assert Arrival.objects.get().reason == "incomplete"


@pytest.mark.django_db
def test_a_large_package_is_not_missed_while_it_grows_and_small_ones_overtake_it(
    people, route, spool, settings
):
    handed(people, route, 2)
    path = spool / packages.name_of(1)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert fetched(settings) == {"delivered": 1}
    path.write_bytes(whole)
    assert fetched(settings) == {"delivered": 1}
    assert not people.security_officer.notices.filter(kind="transfer_package").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"route": "nowhere"}, "unknown_route"),
        ({"sender": "nobody"}, "unknown_person"),
        ({"receiver": "nobody"}, "unknown_person"),
        ({"receiver_kind": "book", "book": "X-9"}, "unknown_person"),
        ({"receiver_kind": "box", "box": None}, "unknown_person"),
        ({"purpose": None, "policy": None}, ""),
        ({"receiver_kind": None}, "unknown_person"),
    ],
)
def test_who_or_what_is_unknown_is_named(people, route, spool, settings, change, reason):
    handed(people, route)
    key = packages.signing_key(Path(settings.GATEWAY_SIGNING_KEY))
    told = json.loads(Dispatch.objects.get().manifest)
    told["transfer"] |= change
    told["files"] = []
    (spool / packages.name_of(1)).write_bytes(b"".join(packages.written(packages.canonical(told), key, [])))
    fetched(settings)
    assert Arrival.objects.get().reason == reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"removed": [1]}, {"removed": None}, {"source": {}}, {"report": 3}, {"method": {}}]
)
def test_a_signed_report_of_another_shape_stops_no_one(people, route, spool, settings, change):
    handed(people, route, 2)
    key = packages.signing_key(Path(settings.GATEWAY_SIGNING_KEY))
    told = json.loads(Dispatch.objects.get(number=1).manifest)
    told["files"][0] |= change
    body = (spool / packages.name_of(1)).read_bytes()[-told["files"][0]["size"] :]
    altered = packages.canonical(told)
    (spool / packages.name_of(1)).write_bytes(b"".join(packages.written(altered, key, [[body]])))
    fetched(settings)
    assert Arrival.objects.count() == 2
    assert Arrival.objects.get(number=1).reason in ("unreadable", "")


@pytest.mark.django_db
def test_a_file_that_fails_the_second_check_is_not_delivered(people, route, spool, settings, monkeypatch):
    handed(people, route)
    key = packages.signing_key(Path(settings.GATEWAY_SIGNING_KEY))
    told = json.loads(Dispatch.objects.get().manifest)
    body = b"<html><script>alert(1)</script></html>"
    told["files"][0] |= {"name": "a.html", "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    written = packages.written(packages.canonical(told), key, [[body]])
    (spool / packages.name_of(1)).write_bytes(b"".join(written))
    assert fetched(settings) == {"refused": 1}
    assert Arrival.objects.get().reason == "unclean"
    assert not Transfer.objects.filter(state="offered").exists()


@pytest.mark.django_db
def test_a_refused_package_is_looked_at_again_when_it_was_mended(people, route, spool, settings, client):
    handed(people, route)
    route.code = "other"
    route.save()
    assert fetched(settings) == {"refused": 1}
    route.code = "in"
    route.save()
    refused = Arrival.objects.get()
    client.force_login(people.member)
    assert client.post(reverse("gateway:package_again", args=[refused.pk])).status_code == 403
    client.force_login(people.security_officer)
    assert client.post(reverse("gateway:package_again", args=[refused.pk])).status_code == 302
    assert fetched(settings) == {"delivered": 1}


@pytest.mark.django_db
def test_a_crash_before_the_file_was_written_loses_nothing(people, route, spool, settings, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(dispatching, "write", lambda _pk: "")
        handed(people, route)
    assert not spool.exists()
    assert dispatching.order_missing() == 1
    spool.mkdir()
    (spool / packages.name_of(1)).write_bytes(b"SEKISHO half")
    dispatching.write(Dispatch.objects.get().pk)
    assert fetched(settings) == {"delivered": 1}


@pytest.mark.django_db
def test_old_packages_leave_the_outer_server(people, route, spool, settings):
    (outer,) = handed(people, route)
    now = timezone.now()
    housekeeping.keep_house(now)
    assert list(spool.iterdir())
    for day in (2, 4, 6, 8):  # a clock that leaps is not believed
        housekeeping.keep_house(now + timezone.timedelta(days=day))
    assert not list(spool.iterdir())
    assert outer.files.get().state == "destroyed"


@pytest.mark.django_db
def test_packages_of_an_empty_server(people, client, settings):
    client.force_login(people.auditor)
    for side in (sides.OUTER, sides.INNER):
        settings.GATEWAY_SIDE = side
        assert client.get(reverse("gateway:packages")).status_code == 200
    client.force_login(people.member)
    assert client.get(reverse("gateway:packages")).status_code == 403


@pytest.fixture
def outward(spool, settings, tmp_path):
    place = tmp_path / "outward"
    options = {**settings.STORAGES["spool"]["OPTIONS"], "location": str(place)}
    settings.STORAGES = {**settings.STORAGES, "outward": {**settings.STORAGES["spool"], "OPTIONS": options}}
    settings.GATEWAY_SIDE = sides.INNER
    return place


def way_out(people, bureau, **more):
    placed = zones(people)
    return make_route(
        people,
        bureau,
        code="out",
        source=placed["lgwan"],
        target=placed["internet"],
        policy="outbound",
        **more,
    )


@pytest.mark.django_db
def test_what_the_superior_lets_out_crosses_to_the_outer_server(people, bureau, outward, settings):
    route = way_out(people, bureau, needs_approval=True, allows_outside=True)
    to = Receiver("outside", outside="keiri@example.jp")
    transfer = work(send(people.member, route, ("図面.csv", b"a,b\r\n1,2\r\n"), receiver=to))
    assert (transfer.state, outward.exists()) == ("approval", False)
    handing.decide(people.superior, transfer, granted=True)
    assert work(transfer).state == "handed"
    settings.GATEWAY_SIDE = sides.OUTER
    assert fetching.fetch() == {"delivered": 1, "refused": 0, "missing": 0}
    arrived = Transfer.objects.exclude(pk=transfer.pk).get()
    assert (arrived.state, arrived.outside) == ("offered", "keiri@example.jp")
    assert arrived.link
    assert fetching.fetch()["delivered"] == 0


@pytest.mark.django_db
def test_an_altered_package_on_its_way_out_is_refused_and_shown(people, bureau, outward, settings, client):
    assert work(send(people.member, way_out(people, bureau))).state == "handed"
    (package,) = outward.iterdir()
    package.write_bytes(package.read_bytes()[:-3] + b"xyz")
    settings.GATEWAY_SIDE = sides.OUTER
    assert fetching.fetch()["refused"] == 1
    client.force_login(people.security_officer)
    assert package.name in client.get(reverse("gateway:packages")).content.decode()
    assert package.name not in client.get(reverse("gateway:packages") + "?show=sent").content.decode()


@pytest.mark.django_db
def test_a_route_that_gives_nothing_to_outside_parties_refuses_their_package(
    people, bureau, outward, settings
):
    route = way_out(people, bureau, allows_outside=True)
    to = Receiver("outside", outside="keiri@example.jp")
    work(send(people.member, route, receiver=to))
    type(route).objects.update(allows_outside=False)
    settings.GATEWAY_SIDE = sides.OUTER
    assert fetching.fetch()["refused"] == 1
    assert Arrival.objects.get().reason == "unknown_route"


@pytest.mark.django_db
def test_without_a_second_spool_nothing_leaves_the_inner_server_by_packages(people, bureau, spool, settings):
    settings.GATEWAY_SIDE = sides.INNER
    assert work(send(people.member, way_out(people, bureau))).state == "offered"
    assert not Dispatch.objects.exists()


SETUP = """
from sekisho.gateway.services import networks, routes
from sekisho.people.models import RoleAssignment, User
from sekisho.people.services import create_organisation
from sekisho.people.roles import SYSTEM
from sekisho.gateway.models import Zone
import datetime as dt
bureau = create_organisation(SYSTEM, code="bureau", name="局")
for name in ("sender", "officer"):
    person = User.objects.create_user(name, password="x")
    role = "member" if name == "sender" else "security_officer"
    RoleAssignment.objects.create(user=person, role=role, organisation=bureau, valid_from=dt.date(2020, 1, 1))
officer = User.objects.get(username="officer")
networks.make_usual_zones(SYSTEM)
zones = {z.kind: z for z in Zone.objects.all()}
routes.make_route(officer, code="in", organisation=bureau, name="受取", source=zones["internet"],
    target=zones["lgwan"], policy="inbound", needs_approval=False, expiry_days=7, download_limit=3, hold_days=30)
routes.make_route(officer, code="out", organisation=bureau, name="持ち出し", source=zones["lgwan"],
    target=zones["internet"], policy="outbound", needs_approval=False, expiry_days=7, download_limit=3, hold_days=30)
"""


def test_two_processes_with_two_databases(tmp_path):
    """The outer server takes a file from its watched folder and the inner one offers it; and the other way round."""
    pairs = {side: packages.make_keys(tmp_path / "keys", side) for side in ("outer", "inner")}

    def run(side, *arguments, given=None):
        environment = {
            **{
                key: value for key, value in os.environ.items() if not key.startswith(("SEKISHO_", "DJANGO_"))
            },
            "SEKISHO_DATA_DIR": str(tmp_path / side),
            "SEKISHO_GATEWAY_SIDE": side,
            "SEKISHO_GATEWAY_SPOOL": str(tmp_path / "spool"),
            "SEKISHO_GATEWAY_OUTWARD_SPOOL": str(tmp_path / "outward"),
            "SEKISHO_GATEWAY_SIGNING_KEY": str(pairs[side][0]),
            "SEKISHO_GATEWAY_CHECKING_KEY": str(pairs["inner" if side == "outer" else "outer"][1]),
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "sekisho.config.settings",
        }
        found = subprocess.run(
            [sys.executable, "-m", *arguments],
            check=False,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert found.returncode == 0, found.stderr
        return found.stdout

    for side in ("outer", "inner"):
        run(side, "django", "migrate", "-v", "0")
        run(side, "django", "shell", "-v", "0", "-c", SETUP)
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "申請.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    watched = ("watch", str(inbox), "--route", "in", "--as", "sender", "--every", "0.1", "--once")
    assert "sent\t申請.csv" in run("outer", "sekisho", "gateway", *watched)
    work_off = "from sekisho.jobs.worker import process_all; process_all()"
    run("outer", "django", "shell", "-v", "0", "-c", work_off)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["000000000001.sekisho"]
    assert run("inner", "sekisho", "gateway", "fetch", "--once") == "delivered\t1\n"
    assert run("inner", "sekisho", "gateway", "fetch", "--once") == ""
    count = "from sekisho.gateway.models import Transfer; print([(t.state, t.files.get().name) for t in Transfer.objects.all()])"
    assert "('offered', '申請.csv')" in run("inner", "django", "shell", "-v", "0", "-c", count)

    (inbox / "公表.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    watched = ("watch", str(inbox), "--route", "out", "--as", "sender", "--every", "0.1", "--once")
    assert "sent\t公表.csv" in run("inner", "sekisho", "gateway", *watched)
    run("inner", "django", "shell", "-v", "0", "-c", work_off)
    assert [path.name for path in (tmp_path / "outward").iterdir()] == ["000000000001.sekisho"]
    assert run("outer", "sekisho", "gateway", "fetch", "--once") == "delivered\t1\n"
    assert "('offered', '公表.csv')" in run("outer", "django", "shell", "-v", "0", "-c", count)
