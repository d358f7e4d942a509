import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.utils import timezone

from sekisho.people.jobs import MailFailed, send_digests, send_each, send_mail_of, warn_of_tokens
from sekisho.people.models import Notice
from sekisho.people.services import create_token, mark_all_read, notify, set_preferences


@pytest.fixture
def noon(time_machine):
    """A fixed noon in the office's time zone; ``noon(hours)`` moves on from it."""
    start = timezone.make_aware(dt.datetime(2026, 6, 1, 12, 0))
    time_machine.move_to(start, tick=False)
    return lambda hours: time_machine.move_to(start + dt.timedelta(hours=hours), tick=False)


def tell(person, key):
    notify(
        person,
        "role_granted",
        {"role": "expert", "organisation": key, "date": "2026-06-01"},
        f"/x/{key}",
        key,
    )


def test_a_digest_gathers_what_waits_with_absolute_links(people, settings, noon):
    settings.BASE_URL = "https://sekisho.example.lg.jp"
    set_preferences(people.member, language="en", digest="daily")
    tell(people.member, "甲課")
    tell(people.member, "乙課")
    assert send_mail_of("daily") == {"sent": 1}
    (message,) = mail.outbox
    assert message.to == ["member@example.lg.jp"]
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "2" in message.subject
    assert "https://sekisho.example.lg.jp/x/甲課" in message.body
    assert "https://sekisho.example.lg.jp/notices/" in message.body
    assert "Expert" in message.body


def test_at_most_one_digest_a_day(people, noon):
    tell(people.member, "a")
    send_mail_of("daily")
    tell(people.member, "b")
    noon(6)
    send_mail_of("daily")
    assert len(mail.outbox) == 1
    noon(19)
    send_mail_of("daily")
    assert len(mail.outbox) == 2
    assert "/x/a" not in mail.outbox[1].body


def test_running_again_sends_nothing_twice(people, noon):
    tell(people.member, "a")
    tell(people.expert, "a")
    send_mail_of("daily")
    noon(48)
    assert send_mail_of("daily") == {"sent": 0}
    assert len(mail.outbox) == 2


def test_a_crash_before_marking_repeats_the_same_message(people, noon, monkeypatch):
    tell(people.member, "a")
    monkeypatch.setattr("sekisho.people.jobs._mark_sent", lambda *_parts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send_mail_of("daily")
    monkeypatch.undo()
    send_mail_of("daily")
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_one_failing_address_does_not_hold_up_the_others(people, noon, monkeypatch):
    for person in (people.cio_aide, people.expert, people.member):
        tell(person, "a")
    sent = mail.EmailMessage.send

    def send(message, **kwargs):
        if message.to == ["expert@example.lg.jp"]:
            raise smtplib.SMTPRecipientsRefused({})
        return sent(message, **kwargs)

    monkeypatch.setattr("sekisho.people.jobs.EmailMessage.send", send)
    with pytest.raises(MailFailed):
        send_mail_of("daily")
    assert len(mail.outbox) == 2
    monkeypatch.undo()
    assert send_mail_of("daily") == {"sent": 1}


def test_each_and_never_are_respected(people, noon):
    set_preferences(people.member, language="ja", digest="each")
    set_preferences(people.expert, language="ja", digest="never")
    for key in ("a", "b"):
        tell(people.member, key)
        tell(people.expert, key)
    assert send_mail_of("daily") == {"sent": 0}
    assert send_mail_of("each") == {"sent": 2}
    assert send_mail_of("each") == {"sent": 0}
    assert {message.to[0] for message in mail.outbox} == {"member@example.lg.jp"}


def test_read_old_and_unreachable_are_left_out(people, noon):
    tell(people.member, "read")
    mark_all_read(people.member)
    tell(people.expert, "a")
    Notice.objects.filter(user=people.expert).update(created_at=timezone.now() - dt.timedelta(days=15))
    people.auditor.email = ""
    people.auditor.save()
    tell(people.auditor, "a")
    tell(people.executive, "a")
    people.executive.is_active = False
    people.executive.save()
    assert send_mail_of("daily") == {"sent": 0}


def test_a_long_digest_says_how_many_more_there_are(people, noon):
    set_preferences(people.member, language="en", digest="daily")
    for number in range(60):
        tell(people.member, f"k{number}")
    send_mail_of("daily")
    assert "10 more" in mail.outbox[0].body
    assert not Notice.objects.filter(emailed_at__isnull=True).exists()


def test_people_hear_of_a_token_a_week_before_it_expires(people, noon):
    class Quiet:
        def progress(self, *_args):
            pass

    create_token(people.member, name="すぐ切れる", scope="read", days=5, by=people.member)
    create_token(people.member, name="まだ先", scope="read", days=90, by=people.member)
    for _time in range(2):
        assert warn_of_tokens(Quiet()) == {"tokens": 1}
    assert Notice.objects.get().params["name"] == "すぐ切れる"
    assert send_digests(Quiet()) == {"sent": 1}
    assert send_each(Quiet()) == {"sent": 0}
