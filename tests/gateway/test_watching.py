"""Figures, holds and alerts."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.gateway.models import Alert, Tally, Transfer, TransferFile
from sekisho.gateway.queries import figures
from sekisho.gateway.queries.transfers import months
from sekisho.gateway.services import cleaning, holds, housekeeping, mailing, policies, watching
from sekisho.people.models import Installation, Notice
from tests.gateway.factories import make_route, send, work
from tests.gateway.test_mail import letter

pytestmark = pytest.mark.django_db
ACTIVE = ("a.html", b"<!doctype html><h1>x</h1><script>y()</script>")
EXE = ("b.exe", b"MZ" + b"\0" * 200)


@pytest.fixture
def route(people, bureau):
    Installation.objects.create(name="関野市")
    people.security_officer.language = "en"
    people.security_officer.save()
    return make_route(people, bureau)


def test_a_month_tells_types_what_was_removed_why_files_were_refused_and_the_time_saved(
    people, route, settings
):
    settings.GATEWAY_BY_HAND_MINUTES = 30
    work(send(people.member, route, ACTIVE, ACTIVE, EXE, ("c.txt", b"hello")))
    organisations = [route.organisation]
    (month,) = months(organisations)
    assert (month.files, month.refused, month.clean) == (4, 1, 3)
    assert 1.4 < month.hours_saved <= 1.5
    found = figures.tallies(organisations, timezone.localdate().replace(day=1))
    assert {one.key: one.count for one in found["type"]} == {"html": 2, "exe": 1, "txt": 1}
    assert {one.key: one.count for one in found["removed"]} == {"html.active": 2}
    assert [one.key for one in found["refused"]] == ["type.dangerous"]
    assert "?" not in "".join(one.words for kind in found.values() for one in kind)


def test_a_kind_of_attack_is_told_once_when_it_is_new(people, route):
    work(send(people.member, route, ACTIVE))
    work(send(people.member, route, ACTIVE, EXE))
    assert sorted(Alert.objects.values_list("kind", "key")) == [
        ("attack", "html.active"),
        ("attack", "type.dangerous"),
    ]
    told = Notice.objects.filter(user=people.security_officer, kind="transfer_alert_attack")
    assert told.count() == 2
    assert LedgerEntry.objects.filter(act="alert.attack").count() == 2


def test_a_surge_is_told_against_the_usual_hour(people, route, monkeypatch):
    monkeypatch.setattr(watching, "SURGE_FILES", 3)
    work(send(people.member, route, *[(f"{n}.txt", b"x") for n in range(3)]))
    assert watching.watch() == {"raised": 1}
    assert watching.watch() == {"raised": 0}
    assert Alert.objects.get().facts["files"] == 3


def test_three_files_are_no_surge_where_three_an_hour_are_usual(people, route, monkeypatch):
    monkeypatch.setattr(watching, "SURGE_FILES", 3)
    transfer = work(send(people.member, route, *[(f"{n}.txt", b"x") for n in range(3)]))
    old = Transfer.objects.get(pk=transfer.pk)
    old.pk, old.sent_at = None, timezone.now() - dt.timedelta(days=3)
    old.save()
    TransferFile.objects.bulk_create(
        TransferFile(transfer=old, name="x", size=1, chunk_size=1) for _n in range(14 * 24 * 3)
    )
    assert watching.watch() == {"raised": 0}


def test_a_sender_with_many_refused_files_is_told_once_a_day(people, route):
    work(send(people.member, route, *[(f"{n}.exe", EXE[1]) for n in range(5)]))
    Alert.objects.all().delete()
    assert watching.watch() == {"raised": 1}
    assert watching.watch() == {"raised": 0}
    alert = Alert.objects.get()
    assert (alert.kind, alert.facts["refused"]) == ("refusals", 5)


def test_many_refused_files_are_not_hidden_by_more_that_pass(people, route, monkeypatch):
    monkeypatch.setattr(watching, "ANYHOW_REFUSALS", 6)
    harmless = [(f"{n}.txt", b"x") for n in range(8)]
    work(send(people.member, route, *harmless, *[(f"{n}.exe", EXE[1]) for n in range(5)]))
    Alert.objects.all().delete()
    assert watching.watch() == {"raised": 0}
    work(send(people.member, route, EXE))
    assert watching.watch() == {"raised": 1}


def test_the_officer_answers_an_alert_in_the_browser(client, people, route):
    work(send(people.member, route, ACTIVE))
    client.force_login(people.security_officer)
    page = client.get(reverse("gateway:alerts")).content.decode()
    assert "was not seen here before" in page
    alert = Alert.objects.get()
    client.post(reverse("gateway:alerts"), {"pk": alert.pk, "answer": ""})
    long = "長い報告。" * 200
    answered = client.post(reverse("gateway:alerts"), {"pk": alert.pk, "answer": long})
    assert (answered.status_code, long in answered.content.decode()) == (422, True)
    alert.refresh_from_db()
    assert alert.seen_at is None
    client.post(reverse("gateway:alerts"), {"pk": alert.pk, "answer": "A newsletter"})
    assert "A newsletter" in client.get(reverse("gateway:alerts")).content.decode()
    assert client.post(reverse("gateway:alerts"), {"pk": "x"}).status_code == 404
    with pytest.raises(Conflict):
        watching.answer_alert(people.security_officer, alert, answer="again")
    with pytest.raises(NotPermitted):
        watching.answer_alert(people.member, alert, answer="mine")


def later(days):
    return timezone.now() + dt.timedelta(days=days)


def keep_house(days):
    housekeeping.keep_house(later(days))  # a leap is believed the second time
    return housekeeping.keep_house(later(days))


def test_nothing_of_a_held_transfer_is_destroyed_and_all_goes_when_the_hold_ends(people, route):
    transfer = work(send(people.member, route, ("a.txt", b"hello")))
    holds.place(people.security_officer, transfer, reason="情報公開請求")
    keep_house(60)
    file = transfer.files.get()
    assert (file.state, file.original_destroyed_at, file.clean_destroyed_at) == ("clean", None, None)
    transfer.refresh_from_db()
    assert transfer.state == "expired"
    holds.end(people.security_officer, transfer, reason="終わった")
    keep_house(61)
    file.refresh_from_db()
    assert file.original_destroyed_at
    assert file.clean_destroyed_at
    acts = LedgerEntry.objects.filter(act__startswith="hold.").order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["hold.placed", "hold.ended"]


def test_a_hold_needs_the_officer_and_a_reason_and_is_placed_once(people, route):
    transfer = send(people.member, route)
    with pytest.raises(NotPermitted):
        holds.place(people.member, transfer, reason="x")
    with pytest.raises(Invalid):
        holds.place(people.security_officer, transfer, reason=" ")
    with pytest.raises(Conflict, match="not held"):
        holds.end(people.security_officer, transfer, reason="x")
    holds.place(people.security_officer, transfer, reason="x")
    with pytest.raises(Conflict, match="already"):
        holds.place(people.security_officer, transfer, reason="x")


def test_the_page_of_records_shows_a_month_and_exports_it(client, people, route):
    transfer = work(send(people.member, route, ACTIVE))
    client.force_login(people.security_officer)
    page = client.get(reverse("gateway:records") + f"?month={timezone.localdate():%Y-%m}").content.decode()
    assert "Removed content by kind" in page
    assert client.get(reverse("gateway:records") + "?month=%00").status_code == 200
    rows = list(
        csv.reader(io.StringIO(client.get(reverse("gateway:figures_csv")).content.decode("utf-8-sig")))
    )
    assert [row[4] for row in rows if row[1:3] == ["removed", "html.active"]] == ["1"]
    hold = reverse("gateway:transfer_act", args=[transfer.pk, "hold"])
    client.post(hold, {"reason": "A case"})
    assert "A case" in client.get(reverse("gateway:transfer", args=[transfer.pk])).content.decode()
    assert Tally.objects.count() == 2


def test_refused_mail_is_counted_by_whom_it_is_from(people, bureau):
    text = "name: whole\ntitle: {ja: x, en: x}\nmethods: {mail: [rebuilt]}\nrefused_members: refuse\n"
    policies.make_policy(people.security_officer, code="whole", organisation=bureau, text=text, reason="x")
    route = make_route(people, bureau, policy="whole")
    for number in range(5):
        for sender in ("evil@company.example", f"one{number}@other.example"):
            envelope = mailing.Envelope(sender, ("desk@city.example",))
            content = letter(EXE[1], EXE[0], subject=f"{number}")
            mailing.receive(people.member, route, envelope, content, "127.0.0.1:9")
    while Transfer.objects.filter(state="checking").exists():
        for file in TransferFile.objects.filter(state="waiting"):
            cleaning.clean(file.pk)
    Alert.objects.all().delete()
    assert set(TransferFile.objects.values_list("state", flat=True)) == {"refused"}
    assert watching.watch() == {"raised": 1}
    assert Alert.objects.get().facts == {"sender": "evil@company.example", "refused": 5, "files": 5}
    came = LedgerEntry.objects.filter(act="mail.came", params__sender="evil@company.example")
    assert came.count() == 5
