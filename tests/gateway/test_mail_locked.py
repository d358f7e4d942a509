"""Attachments of mail that ask for a password: the recipients open them on a page, and the message comes once more."""

import io
import re
import zipfile
from email.message import EmailMessage

import pytest

from sekisho.book.models import LedgerEntry
from sekisho.gateway.models import MailMessage
from sekisho.gateway.services import handing, mailing, policies
from sekisho.jobs import worker
from tests.gateway.factories import locked_zip, make_route
from tests.gateway.test_mail import ENVELOPE, behind, letter, parsed  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
PASSWORD = "himitsu-123"


@pytest.fixture
def address(people, bureau, behind):  # noqa: F811
    route = make_route(people, bureau)
    content = letter(locked_zip(PASSWORD.encode()), "資料.zip")
    mailing.receive(people.member, route, ENVELOPE, content, behind.address)
    worker.process_all()
    return re.search(r"/gateway/mail/\S+", word_of(behind.got[0])).group()


def word_of(delivery):
    (attached,) = parsed(delivery[2]).iter_attachments()
    assert attached.get_filename() == "取り除いた添付ファイル.txt"
    return attached.get_content()


def test_the_right_password_brings_the_message_once_more_with_what_was_locked(client, address, behind):  # noqa: F811
    page = client.get(address)
    assert "資料.zip" in page.content.decode()
    assert (page.headers["Cache-Control"].count("no-store"), page.headers["X-Robots-Tag"]) == (1, "noindex")
    answer = client.post(address, {"password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert 'name="password"' not in answer.content.decode()
    worker.process_all()
    first, second = behind.got
    assert second[:2] == first[:2]
    message = parsed(second[2])
    (archive,) = message.iter_attachments()
    assert archive.get_filename() == "資料.zip"
    with zipfile.ZipFile(io.BytesIO(archive.get_payload(decode=True))) as opened:
        assert opened.read("a.txt").strip() == b"hello"
    before = parsed(first[2])["Message-ID"]
    assert message["Message-ID"] != before  # or mailboxes would drop it as the one they have
    assert message["In-Reply-To"] == before
    assert MailMessage.objects.get().state == "sent"
    assert client.post(address, {"password": PASSWORD}).status_code == 409


def test_a_wrong_password_opens_nothing_and_says_so(client, address, behind, people):  # noqa: F811
    answer = client.post(address, {"password": "wrong"})
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.content.decode()
    assert "wrong" not in answer.content.decode()
    assert client.post(address, {"password": ""}).status_code == 422
    worker.process_all()
    assert len(behind.got) == 1
    for _try in range(25):
        last = client.post(address, {"password": "wrong"})
    assert (last.status_code, 0 < int(last["Retry-After"]) <= 3600) == (429, True)


def test_the_password_is_kept_nowhere(client, address):
    client.post(address, {"password": PASSWORD})
    file = MailMessage.objects.get().transfer.files.get()
    kept = f"{file.__dict__} {list(LedgerEntry.objects.values())} {list(MailMessage.objects.values())}"
    assert PASSWORD not in kept


def test_an_address_that_was_not_mailed_or_is_over_opens_nothing(client, address):
    assert client.get(address.replace("mail/", "mail/1")).status_code == 404
    assert client.get("/gateway/mail/1.x/").status_code == 404
    transfer = MailMessage.objects.get().transfer
    transfer.state = "expired"
    transfer.save()
    assert client.get(address).status_code == 404


@pytest.fixture
def two(people, bureau, behind):  # noqa: F811
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ENVELOPE.sender, ENVELOPE.recipients[0], "二つ"
    message.set_content("x")
    for name in ("a", "b"):
        content = locked_zip(f"password-{name}".encode())
        message.add_attachment(content, maintype="application", subtype="zip", filename=f"{name}.zip")
    mailing.receive(people.member, make_route(people, bureau), ENVELOPE, message.as_bytes(), behind.address)
    worker.process_all()
    return re.search(r"/gateway/mail/\S+", word_of(behind.got[0])).group()


def names_in(delivery):
    return [one.get_filename() for one in parsed(delivery[2]).iter_attachments()]


def test_two_archives_with_two_passwords_come_in_one_message(client, two, behind):  # noqa: F811
    page = client.get(two).content.decode()
    assert page.count('type="password"') == 2
    assert client.post(two, {"password": ["", "password-a", "password-b"]}).status_code == 302
    worker.process_all()
    assert names_in(behind.got[-1]) == ["a.zip", "b.zip"]
    assert client.get(two).content.decode().count('type="password"') == 0


def test_of_two_archives_each_opens_with_its_own_password(client, two, behind):  # noqa: F811
    for name in ("a", "b"):
        assert client.post(two, {"password": f"password-{name}"}).status_code == 302
        worker.process_all()
        assert names_in(behind.got[-1]) == [f"{name}.zip", "取り除いた添付ファイル.txt"]


def test_a_message_held_as_a_whole_for_its_password_goes_out_when_it_is_given(client, people, bureau, behind):  # noqa: F811
    text = "name: whole\ntitle: {ja: 全部, en: whole}\nmethods: {mail: [rebuilt], archive: [rebuilt], text: [text]}\nrefused_members: refuse\n"
    policies.make_policy(people.security_officer, code="whole", organisation=bureau, text=text, reason="x")
    route = make_route(people, bureau, policy="whole")
    mailing.receive(
        people.member, route, ENVELOPE, letter(locked_zip(PASSWORD.encode()), "資料.zip"), behind.address
    )
    worker.process_all()
    assert MailMessage.objects.get().state == "held"
    address = re.search(r"/gateway/mail/\S+", parsed(behind.got[0][2]).get_content()).group()
    assert "held" in client.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert client.post(address, {"password": "wrong"}).status_code == 422
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    worker.process_all()
    assert names_in(behind.got[1]) == ["資料.zip"]
    assert behind.got[1][0] == ENVELOPE.sender
    assert MailMessage.objects.get().state == "sent"


def test_what_was_opened_waits_for_the_superior_and_the_page_says_so(client, people, bureau, behind):  # noqa: F811
    route = make_route(people, bureau, needs_approval=True)
    mailing.receive(
        people.member, route, ENVELOPE, letter(locked_zip(PASSWORD.encode()), "資料.zip"), behind.address
    )
    worker.process_all()
    transfer = MailMessage.objects.get().transfer
    handing.decide(people.superior, transfer, granted=True)
    worker.process_all()
    address = re.search(r"/gateway/mail/\S+", word_of(behind.got[0])).group()
    said = client.post(address, {"password": PASSWORD}, follow=True)
    assert said.status_code == 200
    assert 'type="password"' not in said.content.decode()
    worker.process_all()
    assert len(behind.got) == 1
    handing.decide(people.superior, transfer, granted=True)
    worker.process_all()
    assert names_in(behind.got[1]) == ["資料.zip"]


def test_a_message_without_locked_attachments_names_no_page(people, bureau, behind):  # noqa: F811
    program = letter(b"MZ" + bytes(200), "a.exe")
    mailing.receive(people.member, make_route(people, bureau), ENVELOPE, program, behind.address)
    worker.process_all()
    assert "/gateway/mail/" not in word_of(behind.got[0])
