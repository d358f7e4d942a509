"""The mail door: a message is kept, written anew with clean attachments and passed on, or held with word to its recipients."""

import email
import email.policy
import smtplib
import socket
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner

from sekisho.gateway import commands, maildoor
from sekisho.gateway.models import MailMessage, Transfer
from sekisho.gateway.services import exceptions, mailing, routes
from sekisho.gateway.services.queueing import IN_HAND
from sekisho.jobs import worker
from sekisho.jobs.models import Job
from tests.gateway.factories import locked_zip, make_route

ENVELOPE = mailing.Envelope("sender@company.example", ("tanaka@city.example", "suzuki@city.example"))
PAGE = b"<h1>hi</h1><script>x()</script>"


def letter(attachment=PAGE, name="地図.html", subject="会場のご案内"):
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = ENVELOPE.sender, "tanaka@city.example", subject
    message["Message-ID"] = "<one@company.example>"
    message.set_content("地図を送ります。")
    message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


class NextServer:
    """The server behind: keeps what it gets; ``answers`` are given once each before it takes anything."""

    def __init__(self):
        self.got, self.answers = [], []

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def behind():
    server = NextServer()
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), ready_timeout=30)
    controller.start()
    server.address = f"127.0.0.1:{controller.port}"
    yield server
    controller.stop()


@pytest.fixture
def route(people, bureau):
    return make_route(people, bureau)


def parsed(content):
    return email.message_from_bytes(content, policy=email.policy.default)


@pytest.mark.django_db
def test_a_message_leaves_written_anew_with_clean_attachments_for_the_same_people(people, route, behind):
    mailing.receive(people.member, route, ENVELOPE, letter(), behind.address)
    worker.process_all()
    ((sender, recipients, content),) = behind.got
    assert (sender, tuple(recipients)) == (ENVELOPE.sender, ENVELOPE.recipients)
    message = parsed(content)
    assert message["Subject"] == "会場のご案内"
    assert message["Message-ID"] == "<one@company.example>"
    (attachment,) = message.iter_attachments()
    assert b"script" not in attachment.get_payload(decode=True)
    assert Transfer.objects.get().purpose == "会場のご案内"
    assert MailMessage.objects.get().state == "sent"


@pytest.mark.django_db
def test_the_same_message_sent_again_by_the_relay_is_passed_on_once(people, route, behind):
    content = letter()
    first = mailing.receive(people.member, route, ENVELOPE, content, behind.address)
    assert mailing.receive(people.member, route, ENVELOPE, content, behind.address).pk == first.pk
    worker.process_all()
    assert mailing.pass_on(first.pk) == "sent"
    assert len(behind.got) == 1


@pytest.mark.django_db
def test_a_message_that_cannot_be_made_safe_is_held_and_its_recipients_are_told(people, bureau, behind):
    route = make_route(people, bureau, policy="inbound-strict")
    mailing.receive(people.member, route, ENVELOPE, b"Subject: x\r\n\r\n" + b"\x00\x01" * 100, behind.address)
    worker.process_all()
    ((sender, recipients, content),) = behind.got
    if MailMessage.objects.get().state == "held":
        assert sender in ("", "<>")
        body = parsed(content).get_content()
        assert str(Transfer.objects.get().pk) in body
        assert "information security officer" in body
    assert tuple(recipients) == ENVELOPE.recipients


@pytest.mark.django_db
def test_a_message_waits_for_no_thousand_messages_of_another_address(people, route, behind):
    for number in range(20):
        mailing.receive(people.member, route, ENVELOPE, letter(subject=f"{number}"), behind.address)
    colleague = mailing.Envelope("other@company.example", ENVELOPE.recipients)
    one = mailing.receive(people.member, route, colleague, letter(subject="一通"), behind.address)
    bounce = mailing.Envelope("", ENVELOPE.recipients)
    mailing.receive(people.member, route, bounce, letter(subject="戻り"), behind.address)
    for _job in range(IN_HAND + 2):
        assert worker.process_all(limit=1) == 1
    assert one.transfer.files.get().state == "clean"
    worker.process_all()
    assert len(behind.got) == 22


@pytest.mark.django_db
def test_the_recipients_read_which_attachments_were_left_out_and_why(people, route, behind):
    locked = locked_zip(b"himitsu-123")
    mailing.receive(people.member, route, ENVELOPE, letter(locked, "資料.zip"), behind.address)
    worker.process_all()
    message = parsed(behind.got[0][2])
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "取り除いた添付ファイル.txt"
    words = attached.get_content()
    assert "添付ファイル「資料.zip」は通せませんでした。 パスワード" in words
    assert f"番号{Transfer.objects.get().pk}" in words
    assert message["Message-ID"] == "<one@company.example>"
    assert "地図を送ります。" in message.get_body().get_content()


@pytest.mark.django_db
def test_the_recipients_read_the_reason_of_a_program_with_what_it_is(people, route, behind):
    mailing.receive(
        people.member, route, ENVELOPE, letter(b"MZ" + b"\0" * 200, "../更新.pdf"), behind.address
    )
    worker.process_all()
    (attached,) = parsed(behind.got[0][2]).iter_attachments()
    words = attached.get_content()
    assert "通せませんでした。 Windowsプログラムは実行できる種類のため受け付けません。" in words
    assert "did not pass. Windows program can be executed and is not accepted." in words


@pytest.mark.django_db
def test_a_message_of_which_only_words_may_pass_is_still_a_message(people, bureau, behind):
    route = make_route(people, bureau, policy="inbound-strict")
    mailing.receive(people.member, route, ENVELOPE, letter(), behind.address)
    worker.process_all()
    message = parsed(behind.got[0][2])
    assert (message["Subject"], message["Message-ID"]) == ("会場のご案内", "<one@company.example>")
    assert message.get_body().get_content().strip() == "地図を送ります。"
    assert "地図.html" in next(message.iter_attachments()).get_content()


@pytest.mark.django_db
def test_a_message_that_was_held_goes_out_when_the_officer_grants_another_method(people, bureau, behind):
    route = make_route(people, bureau, policy="outbound")
    mailing.receive(
        people.member, route, ENVELOPE, letter(b"MZ" + b"\x00" * 200, "update.exe"), behind.address
    )
    worker.process_all()
    assert MailMessage.objects.get().state == "held"
    file = Transfer.objects.get().files.get()
    question = exceptions.ask(people.member, file, wanted="text", reason="本文だけでよい")
    exceptions.answer(people.security_officer, question, granted=True, reason="本文だけ")
    worker.process_all()
    assert MailMessage.objects.get().state == "sent"
    held, passed_on = behind.got
    assert held[0] in ("", "<>")
    assert "地図を送ります。" in parsed(passed_on[2]).get_body().get_content()


@pytest.mark.django_db(transaction=True)
def test_lines_of_any_length_are_taken(people, route, behind):
    listener = maildoor.listen(
        maildoor.Door(people.member, route, behind.address), "127.0.0.1", free_port(), 10_000_000
    )
    page = b"Subject: x\r\nContent-Type: text/html\r\n\r\n" + b"<p>words</p>" * 100_000 + b"\r\n"
    try:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as relay:
            assert relay.sendmail(ENVELOPE.sender, ["a@city.example"], page) == {}
    finally:
        listener.stop()


@pytest.mark.django_db
def test_a_message_waits_for_approval_and_for_a_server_that_is_away(people, bureau, behind):
    from sekisho.gateway.services import handing

    route = make_route(people, bureau, needs_approval=True)
    mailing.receive(people.member, route, ENVELOPE, letter(), behind.address)
    worker.process_all()
    assert behind.got == []
    transfer = Transfer.objects.get()
    behind.answers.append("451 later")
    handing.decide(people.superior, transfer, granted=True)
    worker.process_all()
    assert behind.got == []
    Job.objects.filter(state="queued").update(run_after=transfer.created_at)
    worker.process_all()
    assert len(behind.got) == 1


@pytest.mark.django_db
def test_work_that_was_lost_is_found(people, route, behind):
    mailing.receive(people.member, route, ENVELOPE, letter(), behind.address)
    worker.process_all()
    MailMessage.objects.update(state="waiting")
    assert mailing.order_missing() == 1
    worker.process_all()
    assert len(behind.got) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b"Subject: =?bad?x?=\r\n\r\nx", b"Subject: \xff\xfe\r\n\r\n", b"no header at all"],
)
def test_a_strange_subject_is_no_obstacle(content):
    assert isinstance(mailing.subject_of(content), str)


@pytest.mark.django_db(transaction=True)
def test_the_door_answers_when_a_message_is_kept_and_says_why_it_is_not(people, route, behind):
    listener = maildoor.listen(
        maildoor.Door(people.member, route, behind.address), "127.0.0.1", free_port(), 100_000
    )
    try:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as relay:
            assert relay.sendmail(ENVELOPE.sender, list(ENVELOPE.recipients), letter()) == {}
            assert MailMessage.objects.get().recipients == list(ENVELOPE.recipients)
            with pytest.raises(smtplib.SMTPSenderRefused):
                relay.sendmail(ENVELOPE.sender, ["a@city.example"], b"x" * 200_000)
        routes.close_route(people.security_officer, route)
        with (
            smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as relay,
            pytest.raises(smtplib.SMTPDataError) as error,
        ):
            relay.sendmail(ENVELOPE.sender, ["a@city.example"], letter(subject="other"))
        assert error.value.smtp_code == 554
        assert b"route_closed" in error.value.smtp_error
    finally:
        listener.stop()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--listen", "0.0.0.0"], "no loopback"),
        (["--relay", "nowhere"], "no host:port"),
        (["--route", "none"], "no route"),
        (["--as", "nobody"], "no person"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_one_line(people, route, words, said):
    given = {
        "--port": "2525",
        "--route": route.code,
        "--as": people.member.username,
        "--relay": "127.0.0.1:25",
    }
    given.update(dict([words]))
    result = CliRunner().invoke(
        commands.gateway, ["mail", *[part for pair in given.items() for part in pair]]
    )
    assert result.exit_code == 1
    assert said in result.output


def test_only_this_machine_is_loopback():
    assert [maildoor.is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [maildoor.is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "mail.example", "")] == [False] * 4
