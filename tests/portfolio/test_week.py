"""The portfolio by mail: on each person's day, in their language, of what they may read."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import Gate
from sekisho.book.services import planning
from sekisho.errors import Invalid, NotPermitted
from sekisho.people import jobs as people_jobs
from sekisho.people.models import Installation, Notice, User
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.models import WeeklyMail
from sekisho.portfolio.services import digest
from tests.book.factories import days, make_project, plan_gate

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
MONDAY = TODAY + dt.timedelta(days=-TODAY.weekday() % 7)
WEDNESDAY = MONDAY + dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def _city(people):
    Installation.objects.get_or_create(name="関野市")


@pytest.fixture
def late(people, bureau):
    """A project whose gate is overdue and whose confidence is low."""
    project = make_project(bureau, name="遅れた事業")
    Gate.objects.filter(pk=plan_gate(project).pk).update(due_on=days(-9))
    month = TODAY.replace(day=1)
    planning.report_status(SYSTEM, project, month=month, schedule=1, cost=3, scope=3, quality=3, words="遅延")
    return project


def mail_of(person):
    return [message for message in mail.outbox if message.to == [person.email]]


def test_executives_and_the_quality_office_get_it_on_mondays(people, late):
    assert digest.send(MONDAY) == 2
    assert digest.send(MONDAY) == 0
    assert digest.send(WEDNESDAY) == 0
    assert {to for message in mail.outbox for to in message.to} == {
        people.executive.email,
        people.quality_office.email,
    }
    told = Notice.objects.filter(kind="portfolio_week")
    assert told.count() == 2
    assert told.first().params["worried"] == 1


def test_each_person_chooses_the_day_or_never(people, late):
    digest.choose_day(people.executive, None)
    digest.choose_day(people.member, 2)
    assert digest.send(MONDAY) == 1
    assert digest.send(WEDNESDAY) == 1
    assert not mail_of(people.executive)
    assert len(mail_of(people.member)) == 1
    assert digest.send(WEDNESDAY + dt.timedelta(days=7)) == 1


def test_who_wants_no_mail_gets_none_unless_a_day_was_chosen(people, late):
    User.objects.filter(pk=people.executive.pk).update(digest=User.Digest.NEVER)
    digest.send(MONDAY)
    assert not mail_of(people.executive)
    assert Notice.objects.filter(user=people.executive, kind="portfolio_week").exists()
    digest.choose_day(people.executive, 2)
    digest.send(WEDNESDAY)
    assert len(mail_of(people.executive)) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", ("今週のポートフォリオ", "期限を過ぎた関門: 1", "関門が1件", "最も長く過ぎている")),
        (
            "en",
            (
                "the portfolio this week",
                "Gates overdue: 1",
                "Overdue: gates 1, conditions 0",
                "Overdue the longest",
            ),
        ),
    ],
)
def test_the_mail_is_in_its_readers_language(people, late, language, words, settings):
    settings.BASE_URL = "https://sekisho.example"
    User.objects.filter(pk=people.executive.pk).update(language=language)
    digest.send(MONDAY)
    [message] = mail_of(people.executive)
    text = message.subject + message.body
    for expected in words:
        assert expected in text
    assert f"https://sekisho.example/projects/{late.code}/" in text
    assert "https://sekisho.example/portfolio/week/" in text
    assert "https://sekisho.example/portfolio/overview/#chart-due" in text
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_it_tells_only_what_its_reader_may_see(people, late, other_bureau):
    hidden = make_project(other_bureau, name="隠れた事業")
    Gate.objects.filter(pk=plan_gate(hidden).pk).update(due_on=days(-9))
    digest.choose_day(people.member, 0)
    digest.send(MONDAY)
    [of_member], [of_executive] = mail_of(people.member), mail_of(people.executive)
    assert "隠れた事業" in of_executive.body
    assert "遅れた事業" in of_member.body
    assert "隠れた事業" not in of_member.body


def test_the_next_mail_says_what_moved(people, late, bureau):
    digest.send(MONDAY)
    other = make_project(bureau)
    Gate.objects.filter(pk=plan_gate(other).pk).update(due_on=days(-3))
    User.objects.update(language="en")
    digest.send(MONDAY + dt.timedelta(days=7))
    assert "Gates overdue: 2 (+1)" in mail_of(people.executive)[-1].body
    assert "(" not in mail_of(people.executive)[0].body.split("* ")[1]


def test_it_comes_once_not_again_with_the_notices_of_the_day(people, late):
    digest.send(MONDAY)
    before = len(mail_of(people.executive))
    people_jobs.send_mail_of(User.Digest.DAILY)
    assert not [m for m in mail_of(people.executive)[before:] if "portfolio" in m.body.lower()]


def test_one_address_that_fails_does_not_hold_up_the_others(people, late, monkeypatch):
    sent = digest.EmailMessage.send

    def send(message, **more):
        if message.to == [people.executive.email]:
            raise smtplib.SMTPRecipientsRefused({})
        return sent(message, **more)

    monkeypatch.setattr(digest.EmailMessage, "send", send)
    with pytest.raises(digest.MailFailed):
        digest.send(MONDAY)
    assert len(mail_of(people.quality_office)) == 1
    monkeypatch.undo()
    assert digest.send(MONDAY) == 1
    assert len(mail_of(people.executive)) == 1


def test_a_person_without_address_or_project_is_no_error(people):
    User.objects.filter(pk=people.executive.pk).update(email="")
    assert digest.send(MONDAY) == 2
    assert "件も" in mail_of(people.quality_office)[0].body or mail_of(people.quality_office)


@pytest.mark.parametrize("weekday", [7, -1, 99])
def test_a_day_that_is_none_is_refused(people, weekday):
    with pytest.raises(Invalid):
        digest.choose_day(people.member, weekday)


def test_nobody_signed_in_chooses_nothing():
    with pytest.raises(NotPermitted):
        digest.choose_day(SYSTEM, 1)


def test_the_page_shows_what_would_come_and_keeps_the_choice(client, people, late):
    client.force_login(people.member)
    address = reverse("portfolio:week")
    page = client.get(address).content.decode()
    assert "遅れた事業" in page
    assert not WeeklyMail.objects.exists()
    assert client.post(address, {"weekday": "4"}).status_code == 302
    assert digest.day_of(people.member) == 4
    assert client.post(address, {"weekday": ""}).status_code == 302
    assert digest.day_of(people.member) is None
    assert client.post(address, {"weekday": "9"}).status_code == 422
    client.force_login(people.executive)
    assert digest.day_of(people.executive) == 0
    assert address in client.get(reverse("people:account")).content.decode()
