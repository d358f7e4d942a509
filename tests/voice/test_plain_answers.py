"""The short way of an answer to a public link: same promises, fewer steps."""

import re
import time

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.people.models import Installation
from sekisho.people.throttle import Throttle
from sekisho.voice.models import Response
from sekisho.voice.services import surveys
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(people, bureau):
    """A wave of the ready survey of satisfaction, open to everyone with the link."""
    Installation.objects.create(name="関野市")
    made = surveys.make_survey(
        people.member, make_project(bureau, code="V-1"), title="満足度", ready="satisfaction"
    )
    return surveys.open_wave(people.member, made, name="春")


@pytest.fixture
def stranger():
    """A browser that knows nobody, against a server that checks for forgery."""
    return Client(enforce_csrf_checks=True)


def address_of(wave):
    return reverse("voice:answer", args=[wave.token])


def opened(stranger, wave):
    """What the page's form sends by itself, as if it had been opened a minute ago."""
    page = stranger.get(address_of(wave)).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    hidden.pop("next", None)
    return {**hidden, "begun": signing.dumps(int(time.time()) - 60, salt="voice.answer"), "address": ""}


def test_one_statement_takes_an_answer_and_leads_to_the_thanks(stranger, asked):
    given = {**opened(stranger, asked), "q-overall": "4", "p": "本庁1階"}
    stranger.post(address_of(asked), given)
    with CaptureQueriesContext(connection) as statements:
        sent = stranger.post(
            address_of(asked), {**given, "q-overall": "5"}, headers={"accept-language": "en"}
        )
    assert len(statements) == 1
    assert (sent.status_code, sent["Location"]) == (302, reverse("voice:answer_thanks", args=[asked.token]))
    assert (sent["X-Frame-Options"], sent["Cache-Control"]) == ("DENY", "no-store, private")
    assert sent["Content-Length"] == "0"
    assert "Content-Security-Policy" in sent
    assert sent.cookies[f"answered-{asked.token}"]["httponly"]
    row = Response.objects.get(language="en")
    assert (row.answers["overall"], row.place, row.person, row.anonymous) == (5, "本庁1階", None, True)


def test_both_ways_write_the_same(client, people, stranger, asked):
    given = {"q-overall": "3", "q-finished": "yes", "q-words": "画面が\u2028<b>広い</b>\x00😀", "p": "窓"}
    stranger.post(address_of(asked), {**opened(stranger, asked), **given})
    client.force_login(people.member)
    client.post(address_of(asked), {**opened(client, asked), **given})
    columns = ("anonymous", "person", "day", "place", "language", "answers", "counted")
    one, other = Response.objects.values_list(*columns)
    assert one == other


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"csrfmiddlewaretoken": "x" * 64}, 403),
        ({"begun": "made up"}, 422),
        ({"address": "http://spam.example"}, 422),
        ({"q-overall": "7"}, 422),
        ({"q-overall": ""}, 422),
    ],
)
def test_whatever_is_not_plain_is_told_by_the_page_and_not_taken(stranger, asked, changed, status):
    given = {**opened(stranger, asked), "q-overall": "4", "q-words": "消えないでほしい", **changed}
    answer = stranger.post(address_of(asked), given)
    assert answer.status_code == status
    assert status == 403 or "消えないでほしい" in answer.content.decode()
    assert not Response.objects.exists()


def test_a_form_without_its_cookie_is_refused(stranger, asked):
    given = {**opened(stranger, asked), "q-overall": "4"}
    stranger.cookies.clear()
    assert stranger.post(address_of(asked), given).status_code == 403
    assert not Response.objects.exists()


def test_a_host_that_is_not_ours_is_refused(stranger, asked):
    given = {**opened(stranger, asked), "q-overall": "4"}
    assert stranger.post(address_of(asked), given, headers={"host": "evil.example"}).status_code == 400
    assert not Response.objects.exists()


def test_a_closed_wave_takes_nothing_by_the_short_way(stranger, people, asked):
    given = {**opened(stranger, asked), "q-overall": "4"}
    surveys.close_wave(people.member, asked)
    assert stranger.post(address_of(asked), given).status_code == 409
    assert not Response.objects.exists()


def test_the_last_day_still_counts_and_the_next_does_not(stranger, people, asked):
    with time_machine.travel("2026-11-30T12:00:00+09:00", tick=False):
        asked.closes_on = "2026-11-30"
        asked.save()
        given = {**opened(stranger, asked), "q-overall": "4"}
        assert stranger.post(address_of(asked), given).status_code == 302
    with time_machine.travel("2026-12-01T00:00:01+09:00", tick=False):
        assert stranger.post(address_of(asked), given).status_code == 409
    assert Response.objects.count() == 1


@pytest.mark.parametrize("access", ["staff", "once"])
def test_waves_that_are_not_for_everyone_take_nothing_by_the_short_way(stranger, people, asked, access):
    wave = surveys.open_wave(people.member, asked.survey, name="職員", access=access)
    given = {**opened(stranger, asked), "q-overall": "4"}
    assert stranger.post(address_of(wave), given).status_code in (302, 404)
    assert stranger.post("/s/nothing-here/", given).status_code == 404
    assert not Response.objects.exists()


def test_too_many_from_one_address_are_held_back(stranger, asked, monkeypatch):
    few = Throttle("few-answers", requests=2, seconds=3600)
    monkeypatch.setattr("sekisho.voice.views.answering.SENDINGS", few)
    with time_machine.travel("2026-11-30T12:10:00+09:00", tick=False):
        given = {**opened(stranger, asked), "q-overall": "4"}
        codes = [stranger.post(address_of(asked), given).status_code for _n in range(4)]
    assert codes == [302, 302, 429, 429]
    assert Response.objects.count() == 2


def test_a_half_answer_is_forgotten_once_it_is_sent_whole(stranger, asked):
    begun = opened(stranger, asked)
    kept = stranger.post(address_of(asked), {**begun, "q-overall": "2", "keep": "1"})
    code = kept["Location"].rpartition("kept=")[2]
    assert asked.halves.count() == 1
    sent = stranger.post(address_of(asked), {**begun, "q-overall": "2", "kept": code})
    assert sent.status_code == 302
    assert asked.halves.count() == 0
    assert Response.objects.count() == 1
