"""Transfers through the services: sent, checked, approved, taken, asked about, ended."""

import datetime as dt
import errno
import io
import zipfile
from uuid import uuid4

import pytest
from django.utils import timezone

from sekisho.book.models import LedgerEntry, Project
from sekisho.book.services import disarming
from sekisho.book.services.ledger import verify_all, verify_chain
from sekisho.errors import Conflict, DiskFull, Invalid, NotFound, NotPermitted
from sekisho.gateway.forms.sending import receiver_of
from sekisho.gateway.models import Chunk, Transfer, TransferFile
from sekisho.gateway.queries.transfers import files_of, ways_to_ask_for
from sekisho.gateway.services import (
    cleaning,
    exceptions,
    handing,
    housekeeping,
    queueing,
    routes,
    sending,
    vault,
)
from sekisho.gateway.services.records import chain_of
from sekisho.gateway.services.sending import Announced, Receiver
from sekisho.jobs.models import Job
from sekisho.people.models import Notice
from sekisho.people.permissions import actor_of
from tests.factories import UserFactory
from tests.gateway.factories import Upload, locked_zip, make_route, send, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau)


def acts(route):
    return list(
        LedgerEntry.objects.filter(chain=chain_of(route.organisation))
        .order_by("seq")
        .values_list("act", flat=True)
    )


def body_of(bodies):
    return b"".join(bodies)


def test_a_file_is_held_sanitized_offered_and_taken(people, route):
    transfer = work(send(people.member, route))
    file = transfer.files.get()
    assert (transfer.state, file.state, file.method) == ("offered", "clean", "text")
    assert body_of(handing.take(people.member, file)).startswith(b"\xef\xbb\xbfname") or file.clean_size
    assert acts(route) == [
        "route.made",
        "transfer.sent",
        "transfer.cleaned",
        "transfer.offered",
        "transfer.taken",
    ]
    assert verify_chain(chain_of(route.organisation)) is None
    assert all(broken is None for _chain, broken in verify_all())


def test_what_is_held_is_encrypted_and_bound_to_its_place(people, route, settings):
    transfer = send(people.member, route, ("a.txt", b"a secret sentence"))
    file = transfer.files.get()
    stored = [p for p in settings.GATEWAY_FOLDER.rglob("*") if p.is_file()]
    assert all(b"secret" not in p.read_bytes() for p in stored)
    assert body_of(vault.parts(file.folder, 1)) == b"a secret sentence"
    stored[0].rename(stored[0].with_name("1"))
    with pytest.raises(vault.Damaged):
        vault.part(file.folder, 1)


def test_chunks_come_in_any_order_and_again_and_the_sum_is_what_was_sent(people, route, monkeypatch):
    monkeypatch.setattr(sending, "CHUNK", 4)
    transfer = sending.begin(people.member, route, Receiver(), "x", [Announced("a.txt", 10)])
    file = transfer.files.get()
    assert sending.receive_chunk(people.member, file, 2, b"ij")
    assert sending.receive_chunk(people.member, file, 0, b"abcd")
    assert not sending.receive_chunk(people.member, file, 0, b"abcd")
    with pytest.raises(Conflict, match="another file") as error:
        sending.receive_chunk(people.member, file, 0, b"abcX")
    assert error.value.code == "other_file"
    with pytest.raises(Conflict, match="parts 2 are missing"):
        sending.send(people.member, transfer)
    with pytest.raises(Invalid, match="must have 4 bytes"):
        sending.receive_chunk(people.member, file, 1, b"ef")
    sending.receive_chunk(people.member, file, 1, b"efgh")
    work(sending.send(people.member, transfer))
    assert transfer.files.get().sha256 == "72399361da6a7754fec986dca5b7cbaf1c810a28ded4abaf56b2106d06cb78b0"
    with pytest.raises(Conflict, match="takes no more"):
        sending.receive_chunk(people.member, file, 1, b"efgh")


def test_nobody_adds_to_another_ones_upload(people, route):
    transfer = sending.begin(people.member, route, Receiver(), "x", [Announced("a.txt", 1)])
    with pytest.raises(NotFound):
        sending.receive_chunk(people.superior, transfer.files.get(), 0, b"a")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "at least one"),
        ([Announced(f"{n}.txt", 0) for n in range(10_000)], "At most 200"),
        ([Announced("a.txt", 0)], "is empty"),
        (
            [Announced(f"{n}.txt", n // 7) for n in range(20)],
            "7 files are empty: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt …",
        ),
        ([Announced("a.txt", 10**10)], "this route takes"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_a_byte_comes(people, route, files, said):
    with pytest.raises(Invalid, match=said):
        sending.begin(people.member, route, Receiver(), "x", files)
    assert not Transfer.objects.exists()


def test_a_full_disk_is_said_and_leaves_nothing(people, route, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vault.os, "fsync", full)
    with pytest.raises(DiskFull):
        send(people.member, route)
    assert not Chunk.objects.exists()
    assert Transfer.objects.get().state == "abandoned"


def test_two_names_that_would_fall_together_are_kept_apart(people, route):
    transfer = send(people.member, route, ("A.txt", b"1"), ("../a.txt", b"2"), ("CON", b"3"))
    assert [file.name for file in transfer.files.order_by("id")] == ["A.txt", "a (2).txt", "_CON"]


def test_a_dangerous_file_is_refused_with_words_and_the_rest_goes_on(people, route):
    transfer = work(send(people.member, route, ("a.txt", b"hello"), ("b.exe", b"MZ" + b"\0" * 200)))
    good, bad = transfer.files.order_by("id")
    assert (good.state, bad.state, transfer.state) == ("clean", "refused", "offered")
    assert bad.refusal["words"]["ja"]


def test_an_encrypted_archive_asks_for_its_password_and_keeps_it_nowhere(people, route):
    transfer = work(send(people.member, route, ("a.zip", locked_zip(b"himitsu-123"))))
    file = transfer.files.get()
    assert (transfer.state, file.state) == ("checking", "password")
    assert cleaning.open_with_password(people.member, file, "wrong") == "password"
    assert cleaning.open_with_password(people.member, file, "himitsu-123") == "clean"
    transfer.refresh_from_db()
    assert transfer.state == "offered"
    rows = [*Job.objects.values(), *TransferFile.objects.values(), *LedgerEntry.objects.values()]
    assert "himitsu" not in str(rows)


def test_one_can_go_on_without_a_file_whose_password_is_lost(people, route):
    transfer = work(send(people.member, route, ("a.zip", locked_zip(b"x")), ("a.txt", b"hello")))
    locked = transfer.files.get(state="password")
    with pytest.raises(NotFound):
        cleaning.go_without(people.superior, locked)
    cleaning.go_without(people.member, locked)
    transfer.refresh_from_db()
    assert transfer.state == "offered"


def test_outward_waits_for_the_superior_and_nobody_approves_their_own(people, bureau):
    route = make_route(people, bureau, needs_approval=True, policy="outbound")
    transfer = work(send(people.member, route))
    file = transfer.files.get()
    assert transfer.state == "approval"
    with pytest.raises(Conflict, match="not offered"):
        handing.take(people.member, file)
    assert body_of(handing.take(people.superior, file))
    with pytest.raises(NotPermitted):
        handing.decide(people.member, transfer, granted=True)
    with pytest.raises(Invalid, match="Say why"):
        handing.decide(people.superior, transfer, granted=False)
    handing.decide(people.superior, transfer, granted=True)
    transfer.refresh_from_db()
    assert transfer.state == "offered"
    own = work(send(people.superior, route))
    with pytest.raises(NotPermitted, match="themselves"):
        handing.decide(people.superior, own, granted=True)


def test_what_was_declined_is_not_offered(people, bureau):
    route = make_route(people, bureau, needs_approval=True)
    transfer = work(send(people.member, route))
    handing.decide(people.superior, transfer, granted=False, reason="宛先が違います")
    transfer.refresh_from_db()
    assert transfer.state == "refused"
    with pytest.raises(Conflict):
        handing.take(people.member, transfer.files.get())


def test_downloads_are_counted_and_end(people, route):
    file = work(send(people.member, route)).files.get()
    for _n in range(2):
        body_of(handing.take(people.member, file))
    with pytest.raises(Conflict, match="as often") as error:
        handing.take(people.member, file)
    assert error.value.code == "download_limit"


def test_the_officer_looks_into_content_only_with_a_recorded_reason(people, route):
    file = work(send(people.member, route)).files.get()
    with pytest.raises(Invalid, match="Say why"):
        handing.take(people.security_officer, file)
    body_of(handing.take(people.security_officer, file, reason="通報の確認"))
    assert acts(route)[-1] == "transfer.looked_into"
    for person in (people.auditor, people.admin, people.quality_office, people.expert):
        with pytest.raises(NotFound):
            handing.take(person, file, reason="x")


def test_receivers_are_a_person_a_book_or_a_box(people, route, bureau, other_bureau):
    friend = UserFactory(member=True, organisation=other_bureau)
    to_person = work(send(people.member, route, receiver=Receiver("person", person=friend)))
    assert body_of(handing.take(friend, to_person.files.get()))
    with pytest.raises(NotFound):
        handing.take(people.member, to_person.files.get())
    to_box = work(send(people.member, route, receiver=Receiver("box", box=other_bureau)))
    assert body_of(handing.take(friend, to_box.files.get()))
    with pytest.raises(Invalid, match="whom"):
        send(people.member, route, receiver=Receiver("person"))


def test_an_exception_needs_two_people_a_reason_and_an_end(people, route):
    transfer = work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200)))
    file = transfer.files.get()
    asked = exceptions.ask(people.member, file, wanted="original", reason="業者の修正プログラム")
    with pytest.raises(Conflict):
        exceptions.ask(people.member, file, wanted="pixel", reason="x")
    with pytest.raises(Conflict, match="No exception"):
        handing.take(people.member, file, original=True)
    assert not Transfer.objects.visible_to(actor_of(people.auditor)).exists()
    for person in (
        people.security_officer,
        people.superior,
    ):  # both are asked, and see what they are asked about
        assert Transfer.objects.visible_to(actor_of(person)).get() == transfer
        assert Notice.objects.filter(user=person, kind="transfer_exception").count() == 1
    exceptions.answer(people.security_officer, asked, granted=True, reason="確認済み")
    with pytest.raises(Conflict, match="already"):
        exceptions.answer(people.security_officer, asked, granted=True, reason="もう一度")
    with pytest.raises(Conflict, match="No exception"):
        handing.take(people.member, file, original=True)
    with pytest.raises(NotPermitted):
        exceptions.answer(people.member, asked, granted=True, reason="自分で")
    exceptions.answer(people.superior, asked, granted=True, reason="業務に必要", days=1)
    assert body_of(handing.take(people.member, file, original=True)).startswith(b"MZ")
    asked.refresh_from_db()
    type(asked).objects.update(until=timezone.now() - dt.timedelta(seconds=1))
    with pytest.raises(Conflict, match="No exception"):
        handing.take(people.member, file, original=True)


def test_two_superiors_without_the_officer_are_not_enough(people, route, bureau):
    file = work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200))).files.get()
    asked = exceptions.ask(people.member, file, wanted="original", reason="x")
    for person in (people.superior, UserFactory(superior=True, organisation=bureau)):
        exceptions.answer(person, asked, granted=True, reason="よい")
    asked.refresh_from_db()
    assert asked.state == "open"


def test_another_method_is_tried_when_the_officer_agrees(people, route):
    file = work(send(people.member, route, ("a.html", b"<p>hello</p>"))).files.get()
    assert file.method == "rebuilt"
    asked = exceptions.ask(people.member, file, wanted="text", reason="文字だけでよい")
    exceptions.answer(people.security_officer, asked, granted=True, reason="よい")
    work(file.transfer)
    file.refresh_from_db()
    assert (file.state, file.method) == ("clean", "text")


def test_another_method_for_an_archive_is_that_of_the_files_within(people, route):
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as package:
        package.writestr("内/a.html", "<p>hello</p>")
    file = work(send(people.member, route, ("a.zip", inside.getvalue()))).files.get()
    asked = exceptions.ask(people.member, file, wanted="text", reason="文字だけでよい")
    exceptions.answer(people.security_officer, asked, granted=True, reason="よい")
    transfer = work(file.transfer)
    made = zipfile.ZipFile(io.BytesIO(body_of(handing.take(people.member, transfer.files.get()))))
    assert {name: made.read(name) for name in made.namelist()} == {"内/a.txt": b"hello\n"}


@pytest.mark.parametrize(
    ("name", "body", "offered"),
    [
        ("a.html", b"<p>hello</p>", ["text", "original"]),
        ("a.csv", b"a,b\n", ["original"]),
        ("b.exe", b"MZ" + b"\0" * 200, ["original"]),
    ],
)
def test_only_ways_that_a_kind_of_file_can_go_are_offered(people, route, name, body, offered):
    file = work(send(people.member, route, (name, body))).files.get()
    assert [way for way, _word in ways_to_ask_for(file)] == offered


def test_what_is_only_warned_of_is_not_told_as_changed(people, route):
    sent = send(
        people.member,
        make_route(people, route.organisation, policy="outbound"),
        ("a.txt", "電話 03-1234-5678\n".encode()),
    )
    (here,) = files_of(actor_of(people.member), work(sent), receiver=False)
    assert (here.altered, here.warned) == (0, 1)


def test_offers_end_originals_are_destroyed_and_the_chain_tells(people, route, settings):
    transfer = work(send(people.member, route))
    now = timezone.now()
    housekeeping.keep_house(now)
    for day in range(1, 32, 2):
        housekeeping.keep_house(now + dt.timedelta(days=day))
    transfer.refresh_from_db()
    file = transfer.files.get()
    assert (transfer.state, file.state) == ("expired", "destroyed")
    assert file.original_destroyed_at
    assert not [p for p in settings.GATEWAY_FOLDER.rglob("*") if p.is_file()]
    assert acts(route)[-3:] == ["transfer.copy_destroyed", "transfer.expired", "transfer.original_destroyed"]
    with pytest.raises(Conflict):
        exceptions.ask(people.member, file, wanted="pixel", reason="x")


def test_a_clock_that_leaps_destroys_nothing_at_once(people, route):
    work(send(people.member, route))
    now = timezone.now()
    housekeeping.keep_house(now)
    assert housekeeping.keep_house(now + dt.timedelta(days=400)) == {"clock_leapt": 1}
    assert housekeeping.keep_house(now) == {"clock_leapt": 1}
    assert housekeeping.keep_house(now + dt.timedelta(minutes=1))["destroyed"] == 0


def test_folders_that_no_transfer_knows_are_destroyed_after_a_day(people, route):
    transfer = work(send(people.member, route))
    now, stray = timezone.now(), uuid4()
    vault.put(stray, 0, b"written by a worker that was taken for dead, and then killed")
    assert housekeeping.keep_house(now)["strays"] == 0
    assert housekeeping.keep_house(now + dt.timedelta(days=2))["strays"] == 1
    assert stray not in set(vault.folders())
    file = transfer.files.get()
    assert {file.folder, file.clean_folder} == set(vault.folders())


def test_an_upload_that_stops_is_given_up_after_two_days(people, route, settings):
    transfer = sending.begin(people.member, route, Receiver(), "x", [Announced("a.txt", 2 * sending.CHUNK)])
    sending.receive_chunk(people.member, transfer.files.get(), 0, b"a" * sending.CHUNK)
    now = timezone.now()
    assert housekeeping.keep_house(now + dt.timedelta(days=1))["abandoned"] == 0
    assert housekeeping.keep_house(now + dt.timedelta(days=3))["abandoned"] == 1
    assert not [p for p in settings.GATEWAY_FOLDER.rglob("*") if p.is_file()]


def test_a_route_closed_under_way_lets_what_was_sent_go_on(people, route):
    transfer = send(people.member, route)
    routes.close_route(people.security_officer, route)
    assert work(transfer).state == "offered"
    route.refresh_from_db()
    with pytest.raises(Conflict, match="closed") as error:
        send(people.member, route)
    assert error.value.code == "route_closed"


def test_a_worker_that_dies_half_way_leaves_the_file_to_the_next(people, route, monkeypatch):
    transfer = send(people.member, route)

    def killed(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(disarming, "sanitize", killed)
        with pytest.raises(SystemExit):
            cleaning.clean(transfer.files.get().pk)
    assert transfer.files.get().state == "working"
    assert work(transfer).state == "offered"
    assert cleaning.clean(transfer.files.get().pk) == "clean"
    assert acts(route).count("transfer.cleaned") == 1


def test_without_a_sandbox_nothing_passes(people, route, monkeypatch):
    from sekisho.sanitizer import engine

    monkeypatch.setattr(engine, "abilities", lambda: type("None_", (), {"complete": False})())
    monkeypatch.setattr(engine, "asdict", lambda _value: {})
    transfer = work(send(people.member, route))
    assert (transfer.state, transfer.files.get().refusal["code"]) == ("refused", "engine.sandbox_missing")


def test_lost_work_is_ordered_again(people, route):
    transfer = send(people.member, route)
    Job.objects.all().delete()
    assert queueing.order_missing() == 1
    assert work(transfer).state == "offered"


def test_routes_are_for_the_officer_and_their_organisation(people, route, other_bureau):
    with pytest.raises(NotPermitted):
        routes.close_route(people.member, route)
    with pytest.raises(NotPermitted):
        make_route(people, other_bureau)
    stranger = UserFactory(member=True, organisation=other_bureau)
    with pytest.raises(NotPermitted):
        send(stranger, route)
    with pytest.raises(Invalid, match="Choose two"):
        make_route(people, route.organisation, target=route.source)


def test_a_section_uses_the_routes_of_its_bureau(people, route, section):
    clerk = UserFactory(member=True, organisation=section)
    assert work(send(clerk, route)).state == "offered"


def test_uploads_of_the_form_are_read_whole(people, route):
    upload = Upload("a.txt", b"x" * 100)
    assert sending.send_whole(people.member, route, Receiver(), "x", [upload]).state == "checking"


def lived_through(days):
    """House kept every other day, so that no leap is seen."""
    now = timezone.now()
    for day in range(0, days + 1, 2):
        housekeeping.keep_house(now + dt.timedelta(days=day))


def test_an_exception_lets_the_original_be_taken_once(people, route):
    file = work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200))).files.get()
    for time in (1, 2):
        asked = exceptions.ask(people.member, file, wanted="original", reason="x")
        exceptions.answer(people.security_officer, asked, granted=True, reason="x")
        exceptions.answer(people.superior, asked, granted=True, reason="x", days=time)
        assert file.is_original_open(timezone.now())
        assert body_of(handing.take(people.member, file, original=True)).startswith(b"MZ")
        assert not file.is_original_open(timezone.now())
        with pytest.raises(Conflict, match="once"):
            handing.take(people.member, file, original=True)


def test_clean_copies_that_become_of_one_name_are_kept_apart(people, route):
    transfer = work(send(people.member, route, ("a", b"one"), ("a.txt", b"two")))
    assert sorted(transfer.files.values_list("clean_name", flat=True)) == ["a (2).txt", "a.txt"]


def test_what_was_declined_is_destroyed_with_its_original(people, bureau, settings):
    route = make_route(people, bureau, needs_approval=True)
    transfer = work(send(people.member, route))
    handing.decide(people.superior, transfer, granted=False, reason="x")
    lived_through(32)
    assert transfer.files.get().state == "destroyed"
    assert not [p for p in settings.GATEWAY_FOLDER.rglob("*") if p.is_file()]


def test_what_nobody_approves_ends_with_the_days_of_its_originals_and_its_sender_hears(
    people, bureau, settings
):
    route = make_route(people, bureau, needs_approval=True)
    transfer = work(send(people.member, route))
    lived_through(28)
    transfer.refresh_from_db()
    assert transfer.state == "approval"
    lived_through(32)
    transfer.refresh_from_db()
    assert transfer.state == "expired"
    assert Notice.objects.filter(user=people.member, kind="transfer_lapsed").count() == 1
    assert not [p for p in settings.GATEWAY_FOLDER.rglob("*") if p.is_file()]
    assert {"transfer.expired", "transfer.copy_destroyed", "transfer.original_destroyed"} <= set(acts(route))


def test_files_do_not_wait_for_ever_for_the_password_of_another(people, route):
    transfer = work(send(people.member, route, ("a.zip", locked_zip(b"himitsu-123")), ("b.txt", b"b")))
    assert transfer.state == "checking"
    lived_through(32)
    transfer.refresh_from_db()
    assert transfer.offered_at is not None
    assert transfer.files.get(name="a.zip").state == "refused"
    assert "transfer.refused" in acts(route)


def test_the_sender_hears_that_the_receiver_left_while_files_waited(people, bureau, client):
    route = make_route(people, bureau, needs_approval=True)
    friend = UserFactory(member=True, organisation=bureau)
    transfer = work(send(people.member, route, receiver=Receiver("person", person=friend)))
    friend.is_active = False
    friend.save()
    handing.decide(people.superior, transfer, granted=True)
    assert Notice.objects.filter(user=people.member, kind="transfer_receiver_left").count() == 1
    client.force_login(people.member)
    page = client.get(f"/gateway/transfers/{transfer.pk}/", headers={"accept-language": "en"})
    assert "has left, so nobody can take it" in page.content.decode()


def test_a_held_file_that_was_damaged_is_refused_and_keeps_nobody_waiting(people, route, settings):
    transfer = send(people.member, route, ("a.txt", b"a"), ("b.txt", b"b"))
    file = transfer.files.get(name="a.txt")
    for part in (settings.GATEWAY_FOLDER / file.folder.hex[:2] / file.folder.hex).iterdir():
        part.write_bytes(b"x" * 40)
    assert work(transfer).state == "offered"
    file.refresh_from_db()
    assert (file.state, file.refusal["code"]) == ("refused", "engine.held_damaged")
    assert transfer.files.get(name="b.txt").state == "clean"


def test_a_purpose_does_not_turn_the_direction_of_what_is_read(people, route):
    assert send(people.member, route, purpose="請求\u202egpj.exe").purpose == "請求gpj.exe"
    with pytest.raises(Invalid):
        send(people.member, route, purpose="\u202e ")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "person", "person": "nobody"}, "nobody with this name"),
        ({"kind": "book", "project": "none"}, "no book"),
        ({"kind": "box", "box": "none"}, "no organisation"),
    ],
)
def test_a_receiver_that_does_not_exist_is_said_so(said, words):
    with pytest.raises(Invalid, match=words) as error:
        receiver_of(**said, books=Project.objects.all())
    assert list(error.value.fields) == [key for key in said if key != "kind"]


def test_what_was_dated_while_the_clock_was_ahead_lasts_no_longer_than_the_route_says(people, route):
    right = work(send(people.member, route))
    ahead = work(send(people.member, route))
    file = ahead.files.get()
    request = exceptions.ask(people.member, file, wanted="original", reason="x")
    for person in (people.security_officer, people.superior):
        exceptions.answer(person, request, granted=True, reason="y", days=7)
    skew, now = dt.timedelta(days=2), timezone.now()
    for name in ("created_at", "sent_at", "offered_at", "expires_at"):
        setattr(ahead, name, getattr(ahead, name) + skew)
    ahead.save()
    TransferFile.objects.filter(pk=file.pk).update(held_until=file.held_until + skew, touched_at=now + skew)
    request.refresh_from_db()
    type(request).objects.filter(pk=request.pk).update(until=request.until + skew)
    before = right.expires_at
    assert housekeeping.keep_house()["redated"] == 1
    assert housekeeping.keep_house()["redated"] == 0
    for row in (right, ahead, file, request):
        row.refresh_from_db()
    minute = dt.timedelta(minutes=1)
    assert ahead.created_at <= ahead.sent_at <= ahead.offered_at < now + minute
    assert abs(ahead.expires_at - now - dt.timedelta(days=route.expiry_days)) < minute
    assert abs(file.held_until - now - dt.timedelta(days=route.hold_days)) < minute
    assert abs(request.until - now - dt.timedelta(days=7)) < minute
    assert right.expires_at == before
    assert LedgerEntry.objects.filter(act="transfer.redated").count() == 1
    b"".join(handing.take(people.member, file, original=True))
    with pytest.raises(Conflict):
        handing.take(people.member, file, original=True)


def test_a_clock_that_fell_far_behind_shortens_nothing(people, route):
    transfer = work(send(people.member, route))
    years = timezone.now() - dt.timedelta(days=9000)
    housekeeping.keep_house(years)
    assert housekeeping.keep_house(years)["redated"] == 0
    before = transfer.expires_at
    transfer.refresh_from_db()
    assert transfer.expires_at == before
