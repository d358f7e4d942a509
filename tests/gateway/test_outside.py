"""Files for an outside party: a link by mail, a one-time code, downloads that are counted and recorded."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.errors import Invalid
from sekisho.gateway.models import Download, OutsideLink, Transfer
from sekisho.gateway.services import outside
from sekisho.gateway.services.sending import Receiver
from sekisho.people.models import Installation, Notice
from tests.gateway.factories import make_route, send, work, zones

pytestmark = pytest.mark.django_db
ADDRESS = "survey@company.example"


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


@pytest.fixture
def route(people, bureau):
    Installation.objects.create(name="関野市")
    placed = zones(people)
    return make_route(
        people,
        bureau,
        source=placed["lgwan"],
        target=placed["internet"],
        allows_outside=True,
        policy="outbound",
    )


@pytest.fixture
def transfer(people, route):
    receiver = Receiver("outside", outside=ADDRESS)
    return work(
        send(people.member, route, ("図面番号.csv", b"a,b\r\n1,2\r\n"), receiver=receiver, purpose="図面番号")
    )


@pytest.fixture
def address(transfer):
    (message,) = mail.outbox
    assert message.to == [ADDRESS]
    link = re.search(r"https?://\S+", message.body).group()
    return link.removeprefix(settings.BASE_URL)


def code_from_mail(client, address):
    client.post(f"{address}code/")
    return re.search(r"\d{6}", mail.outbox[-1].subject).group()


def test_the_link_opens_with_the_mailed_code_and_every_download_counts(client, transfer, address):
    page = client.get(address)
    assert page.status_code == 200
    assert "図面番号" not in page.content.decode()  # nothing is told before the code
    assert page.headers["Referrer-Policy"] == "same-origin"
    code = code_from_mail(client, address)
    assert client.post(address, {"code": code}).status_code == 302
    inside = client.get(address).content.decode()
    assert "図面番号.csv" in inside
    file = transfer.files.get()
    take = reverse("gateway:outside_take", args=[address.split("/")[-2], file.pk])
    for _time in range(2):
        assert b"1,2" in client.post(take).getvalue()
    assert client.post(take).status_code == 302  # the route allows two
    inside = client.get(address).content.decode()
    assert take not in inside, "no button for what may not be taken any more"
    assert "2回" in inside or "2 times" in inside
    assert Download.objects.filter(file=file, person=None).count() == 2
    acts = list(LedgerEntry.objects.filter(actor_name=ADDRESS).order_by("seq").values_list("act", flat=True))
    assert acts == ["outside.entered", "transfer.taken", "transfer.taken"]


def test_a_code_opens_once_and_for_one_browser(client, transfer, address):
    code = code_from_mail(client, address)
    client.post(address, {"code": code})
    other = Client()
    assert "図面番号" not in other.get(address).content.decode()
    assert other.post(address, {"code": code}).status_code == 422
    take = reverse("gateway:outside_take", args=[address.split("/")[-2], transfer.files.get().pk])
    assert other.post(take).status_code == 302
    assert not Download.objects.exists()


def wrong(code):
    return "000000" if code != "000000" else "111111"


def test_guessing_ends_the_code_then_the_link_and_the_sender_is_told(client, people, transfer, address):
    code = code_from_mail(client, address)
    for _time in range(5):
        assert client.post(address, {"code": wrong(code)}).status_code == 422
    assert client.post(address, {"code": code}).status_code == 422  # right, but too late
    OutsideLink.objects.update(misses=19)
    code = code_from_mail(client, address)
    client.post(address, {"code": wrong(code)})
    assert Notice.objects.filter(user=people.member, kind="transfer_outside_locked").count() == 1
    assert client.post(address, {"code": code}).status_code == 422
    sent = len(mail.outbox)
    client.post(f"{address}code/")
    assert len(mail.outbox) == sent


def test_an_old_code_and_a_sixth_within_the_hour_are_refused(client, transfer, address):
    code = code_from_mail(client, address)
    OutsideLink.objects.update(code_until=timezone.now() - dt.timedelta(seconds=1))
    assert client.post(address, {"code": code}).status_code == 422
    for _time in range(6):
        last = client.post(f"{address}code/")
    assert len(mail.outbox) == 1 + 5
    assert (last.status_code, 0 < int(last["Retry-After"]) <= 3600) == (429, True)


@pytest.mark.parametrize("broken", ["x", "a.b", "00000000-0000-0000-0000-000000000000.sig", "%00", "あ"])
def test_a_link_that_was_not_mailed_leads_nowhere(client, transfer, address, broken):
    assert client.get(f"/gateway/outside/{broken}/").status_code == 404


def test_a_link_ends_with_its_offer(client, transfer, address):
    Transfer.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    over = client.get(address)
    assert over.status_code == 404
    assert "送り主に新しいリンクを" in over.content.decode()


def test_a_link_is_mailed_once(transfer, address):
    assert outside.mail_link(transfer.link.pk) is False
    assert len(mail.outbox) == 1


def test_a_code_that_cannot_be_mailed_is_said(client, transfer, address, monkeypatch):
    def down(*_args):
        raise ConnectionRefusedError

    monkeypatch.setattr(outside, "send_mail", down)
    page = client.post(f"{address}code/", follow=True)
    assert page.status_code == 200
    assert "送れませんでした" in page.content.decode() or "could not be sent" in page.content.decode()


@pytest.mark.parametrize("text", ["", "nobody", "a@b@c", "a@b\nBcc: x@y.example"])
def test_an_address_that_is_none_is_refused(people, route, text):
    with pytest.raises(Invalid):
        send(people.member, route, receiver=Receiver("outside", outside=text))


def test_a_route_that_does_not_allow_it_gives_nothing_to_outside_parties(people, bureau, route):
    inward = make_route(people, bureau)
    with pytest.raises(Invalid, match="gives nothing to outside"):
        send(people.member, inward, receiver=Receiver("outside", outside=ADDRESS))


def test_the_sender_sees_who_took_what(client, people, transfer, address):
    code = code_from_mail(client, address)
    client.post(address, {"code": code})
    client.post(reverse("gateway:outside_take", args=[address.split("/")[-2], transfer.files.get().pk]))
    client.force_login(people.member)
    assert ADDRESS in client.get(reverse("gateway:transfer", args=[transfer.pk])).content.decode()
