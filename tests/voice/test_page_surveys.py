"""Pages of surveys: made from a ready one, asked, answered by anybody, read by the office."""

import io
import re

import openpyxl
import pytest
import time_machine
from django.core import signing
from django.urls import reverse

from sekisho.people.models import Installation
from sekisho.voice.models import Response, Survey, Wave
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import surveys, tally
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    Installation.objects.create(name="関野市")
    return make_project(bureau, code="V-1", for_citizens=True)


@pytest.fixture
def survey(people, project):
    return surveys.make_survey(
        people.member, project, title="予約の満足度", title_en="Booking", ready="satisfaction"
    )


@pytest.fixture
def wave(people, survey):
    return surveys.open_wave(people.member, survey, name="春")


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def at(name, *args):
    return reverse(f"voice:{name}", args=args)


def body(response):
    return response.content.decode()


def begun(seconds_ago=60):
    import time

    return signing.dumps(int(time.time()) - seconds_ago, salt="voice.answer")


def send(client, wave, **given):
    return client.post(at("answer", wave.token), {"begun": begun(), "q-overall": "4", **given})


def test_a_survey_is_made_from_a_ready_one(member, project):
    page = body(member.get(at("new_survey")))
    assert "Review of a counter (QR)" in page
    refused = member.post(at("new_survey"), {"project": "NONE", "title": "x", "ready": "counter"})
    assert (refused.status_code, "no such book" in body(refused)) == (422, True)
    member.post(at("new_survey"), {"project": "ｖ－１ ", "title": "窓口の感想", "ready": "counter"})
    made = Survey.objects.get()
    page = body(member.get(at("survey", made.pk)))
    assert "Are you satisfied with how you were served?" in page
    assert "窓口の感想" in body(member.get(at("surveys"), {"project": "V-1"}))


def test_questions_are_added_changed_moved_and_removed(member, survey):
    def act(name, **data):
        return member.post(at("survey_act", survey.pk, name), data)

    first = {
        "question-kind": "single",
        "question-title": "年代",
        "question-choices": "若い | Young\n年配",
        "question-version": 1,
    }
    assert act("question", **first).status_code == 302
    survey.refresh_from_db()
    made = survey.document["sections"][-1]["questions"][-1]
    assert [choice["code"] for choice in made["choices"]] == ["c1", "c2"]
    stale = act("question", **{**first, "question-title": "別"})
    assert (stale.status_code, "Someone else changed this survey" in body(stale), "別" in body(stale)) == (
        412,
        True,
        True,
    )
    changed = {
        **first,
        "question-was": made["code"],
        "question-version": 2,
        "question-choices": "中年\n若い | Young",
    }
    act("question", **changed)
    survey.refresh_from_db()
    made = survey.document["sections"][-1]["questions"][-1]
    assert [choice["code"] for choice in made["choices"]] == ["c3", "c1"], (
        "a choice that stays keeps its code, and a new one gets a new code"
    )
    empty = act("question", **{**first, "question-version": 3, "question-choices": ""})
    assert (empty.status_code, "needs choices" in body(empty)) == (422, True)
    assert empty.context["forms"]["question"].errors == {"choices": ["This question needs choices."]}
    after = act("remove", question="finished")
    assert "asked only after this one" in body(member.get(after.headers["Location"]))
    act("up", question=made["code"])
    act("remove", question="words")
    survey.refresh_from_db()
    assert [q["code"] for q in survey.document["sections"][0]["questions"]] == [
        "overall",
        "finished",
        "stuck",
        made["code"],
    ]
    assert member.get(at("survey", survey.pk), {"edit": made["code"]}).status_code == 200


def test_anybody_answers_without_signing_in(client, wave):
    page = client.get(at("answer", wave.token), headers={"accept-language": "en"})
    shown = body(page)
    assert "All in all, are you satisfied" in shown
    assert "Your answer is anonymous" in shown
    assert 'lang="en"' in shown
    sent = send(client, wave, **{"q-finished": "no", "q-stuck": "<script>alert(1)</script>"})
    assert sent.headers["Location"] == at("answer_thanks", wave.token)
    assert "改善に使います" in body(
        client.get(at("answer_thanks", wave.token), headers={"accept-language": "ja"})
    )
    assert Response.objects.get().answers["stuck"] == "<script>alert(1)</script>"
    assert "answered already" in body(client.get(at("answer", wave.token), headers={"accept-language": "en"}))
    assert "are you satisfied" in body(
        client.get(at("answer", wave.token), {"again": 1}, headers={"accept-language": "en"})
    )


def test_what_cannot_be_taken_comes_back_with_everything_entered(client, wave):
    refused = client.post(
        at("answer", wave.token),
        {"begun": begun(), "q-overall": "7", "q-finished": "no", "q-stuck": "あ" * 2001},
        headers={"accept-language": "en"},
    )
    shown = body(refused)
    assert refused.status_code == 422
    assert "Choose a number from 1 to 5." in shown
    assert "At most 2000 characters" in shown
    assert "あ" * 2001 in shown
    assert re.search(r'value="no"\s+checked', shown)
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"address": "spam"}, "Leave the last field empty"),
        ({"begun": "made up"}, "open for too long"),
        ({"begun": None}, "very fast"),
    ],
)
def test_machines_are_asked_again(client, wave, sent, why):
    data = {"begun": begun(), "q-overall": "4", **sent}
    data["begun"] = begun(0) if data["begun"] is None else data["begun"]
    answer = client.post(at("answer", wave.token), data, headers={"accept-language": "en"})
    assert (answer.status_code, why in body(answer), Response.objects.count()) == (422, True, 0)


def test_what_came_back_to_be_mended_may_be_sent_at_once(client, wave):
    came_back = client.post(at("answer", wave.token), {"begun": begun(), "q-overall": "9"})
    assert came_back.status_code == 422
    said = re.search(r'name="begun" value="([^"]+)"', body(came_back))[1]
    assert client.post(at("answer", wave.token), {"begun": said, "q-overall": "4"}).status_code == 302
    early = client.post(at("answer", wave.token), {"begun": begun(0), "q-overall": "4"})
    assert early.status_code == 422


def test_unknown_closed_and_used_addresses_say_so(client, people, survey, wave):
    assert client.get(at("answer", "nothing")).status_code == 404
    once = surveys.open_wave(people.member, survey, name="夏", access="once")
    (code,) = surveys.make_links(people.member, once, 1)
    assert client.get(at("answer", once.token)).status_code == 404
    address = at("answer_once", once.token, code)
    assert client.post(address, {"begun": begun(), "q-overall": "5"}).status_code == 302
    assert client.get(address, headers={"accept-language": "en"}).status_code == 409
    surveys.close_wave(people.member, wave)
    closed = client.get(at("answer", wave.token), headers={"accept-language": "en"})
    assert (closed.status_code, "closed" in body(closed)) == (409, True)


def test_a_survey_of_staff_asks_to_sign_in(client, people, survey):
    staff = surveys.open_wave(people.member, survey, name="秋", access="staff")
    assert "/accounts/login/" in client.get(at("answer", staff.token)).headers["Location"]
    client.force_login(people.auditor)
    assert send(client, staff).status_code == 302
    assert client.get(at("answer", staff.token)).status_code == 409


def test_who_answered_with_their_name_takes_it_back_at_the_same_address(client, people, survey):
    named = surveys.open_wave(people.member, survey, name="秋", access="staff", anonymous=False, threshold=1)
    address = at("answer", named.token)
    assert "/accounts/login/" in client.post(address, {"withdraw": "1"}).headers["Location"]
    people.auditor.language = "en"
    people.auditor.save()
    client.force_login(people.auditor)
    assert client.post(address, {"withdraw": "1"}).status_code == 404
    assert "take it back at this address" in body(client.get(address))
    assert send(client, named).status_code == 302
    tally.count_new(named)
    assert "Take my answer back" in body(client.get(address))
    surveys.close_wave(people.member, named)
    assert "Take my answer back" in body(client.get(address)), "also when the survey is over"
    assert "was taken back" in body(client.post(address, {"withdraw": "1"}))
    assert not Response.objects.exists()
    assert wave_results(named).counted == 0
    anonymous = surveys.open_wave(people.member, survey, name="冬", access="staff")
    assert send(client, anonymous).status_code == 302
    assert "Take my answer back" not in body(client.get(at("answer", anonymous.token)))
    assert client.post(at("answer", anonymous.token), {"withdraw": "1"}).status_code == 409
    assert Response.objects.count() == 1


def test_the_page_of_a_wave_shows_figures_only_when_enough_answered(client, member, people, wave):
    assert "Not enough answers" in body(member.get(at("wave", wave.pk)))
    assert member.get(at("wave_workbook", wave.pk)).status_code == 302
    for answer in "4455321":
        send(member, wave, **{"q-overall": answer, "q-words": "=1+1"})
    member.post(at("wave_act", wave.pk, "close"))
    page = body(member.get(at("wave", wave.pk)))
    assert "7 answers" in page
    assert "57%" in page
    book = openpyxl.load_workbook(io.BytesIO(member.get(at("wave_workbook", wave.pk)).content))
    assert "=1+1" in [cell.value for row in book.active.iter_rows() for cell in row if cell.data_type == "s"]
    client.force_login(people.contractor)
    assert client.get(at("wave", wave.pk)).status_code == 404


def test_links_are_handed_out_once_as_a_table(member, people, survey, wave):
    once = surveys.open_wave(people.member, survey, name="夏", access="once")
    table = member.post(at("wave_act", once.pk, "links"), {"count": 3})
    lines = table.content.decode("utf-8-sig").split()
    assert len(lines) == 4
    assert lines[1].startswith(f"http://testserver/s/{once.token}/")
    assert table.headers["Cache-Control"] == "no-store"
    assert member.post(at("wave_act", once.pk, "links"), {"count": "many"}).status_code == 302
    assert member.post(at("wave_act", wave.pk, "links"), {"count": 3}).status_code == 302


def test_a_sheet_with_the_code_names_its_place(member, client, wave):
    page = body(member.get(at("wave_poster", wave.pk), {"place": "本庁舎 1階"}))
    assert "<svg" in page
    assert "?p=%E6%9C%AC" in page
    send(client, wave, p="本庁舎 1階")
    assert Response.objects.get().place == "本庁舎 1階"


def test_the_public_page_is_light(client, wave, settings):
    page = client.get(at("answer", wave.token))
    assert len(page.content) < 20_000
    assert body(page).count("<script") <= 1
    assert body(page).count("stylesheet") == 1


def test_drafts_and_readers(client, people, survey, wave):
    client.force_login(people.auditor)
    page = body(client.get(at("survey", survey.pk)))
    assert 'name="question-title"' not in page
    assert client.post(at("wave_act", wave.pk, "close")).status_code == 302
    wave.refresh_from_db()
    assert wave.closed_at is None


def test_too_many_sendings_from_one_place_wait(client, wave, monkeypatch):
    from sekisho.people.throttle import Throttle
    from sekisho.voice.views import answering

    monkeypatch.setattr(answering, "SENDINGS", Throttle("few", requests=2, seconds=3600))
    with time_machine.travel("2026-11-23T03:00:00Z", tick=False):
        answers = [send(client, wave) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[-1]["Retry-After"] == "3600"
    assert "あと60分ほどで" in answers[-1].content.decode()
    assert Wave.objects.get().responses.count() == 2
    tally.count_new(wave)
