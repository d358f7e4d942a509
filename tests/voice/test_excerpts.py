"""Texts are kept apart for pages: as many as are shown, by chance, and gone with the answer."""

import pytest

from sekisho.voice.models import Excerpt, Response
from sekisho.voice.queries.surveys import texts_of
from sekisho.voice.services import answering, excerpts, surveys, tally
from tests.book.factories import days, make_project

pytestmark = pytest.mark.django_db

QUESTION = {"code": "voice", "kind": "text", "title": {"ja": "ご意見"}}


@pytest.fixture
def survey(people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau), title="窓口")
    return surveys.change_survey(people.member, made, {"sections": [{"questions": [QUESTION]}]})


def said(wave, texts, **given):
    Response.objects.bulk_create(
        Response(wave=wave, day=days(0), answers={"voice": text} if text else {}, **given) for text in texts
    )


def test_no_more_than_are_shown_are_kept_and_counting_in_parts_changes_nothing(people, survey, monkeypatch):
    monkeypatch.setattr(Excerpt, "KEPT", 7)
    wave = surveys.open_wave(people.member, survey, name="春")
    said(wave, [f"意見{n}" for n in range(12)])
    tally.count_new(wave)
    said(wave, [f"続き{n}" for n in range(12)])
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    keys = {excerpts.place_of("voice", one.pk): one.answers["voice"] for one in wave.responses.all()}
    assert texts_of(wave, ["voice"])["voice"] == [keys[place] for place in sorted(keys)[:7]]
    assert tally.is_exact(wave)
    Excerpt.objects.filter(wave=wave).first().delete()
    assert not tally.is_exact(wave)
    tally.recount(wave)
    assert tally.is_exact(wave)


def test_the_text_of_somebody_who_takes_their_answer_back_is_gone(people, survey):
    wave = surveys.open_wave(people.member, survey, name="職員", access="staff", anonymous=False, threshold=1)
    for person, text in ((people.member, "残る"), (people.auditor, "消える")):
        said(wave, [text], anonymous=False, person=person)
    tally.count_new(wave)
    assert set(texts_of(wave, ["voice"])["voice"]) == {"残る", "消える"}
    answering.withdraw_response(people.auditor, wave)
    assert texts_of(wave, ["voice"])["voice"] == ["残る"]
    assert not Excerpt.objects.filter(text="消える").exists()
