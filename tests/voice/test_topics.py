"""Words of a wave by topic: shown from the threshold on, with the answers behind each."""

import pytest
from django.urls import reverse

from sekisho.voice.models import Response
from sekisho.voice.queries.topics import wave_topics
from sekisho.voice.services import surveys
from sekisho.voice.services.tally import count_new
from tests.analysis.test_topics import KIND, UNCLEAR, WAIT
from tests.book.factories import days, make_project

pytestmark = pytest.mark.django_db

QUESTION = {"code": "voice", "kind": "text", "title": {"ja": "ご意見", "en": "Your view"}}


@pytest.fixture
def survey(people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau), title="窓口")
    return surveys.change_survey(people.member, made, {"sections": [{"questions": [QUESTION]}]})


def wave_of(people, survey, texts):
    wave = surveys.open_wave(people.member, survey, name="春")
    Response.objects.bulk_create(
        Response(wave=wave, day=days(0), answers={"voice": t} if t else {}) for t in texts
    )
    surveys.close_wave(people.member, wave)
    count_new(wave)
    return wave


def test_words_stand_under_their_topics_with_the_answers_behind(people, survey, client):
    wave = wave_of(people, survey, WAIT + UNCLEAR + KIND + ["<script>alert(1)</script>"])
    (found,) = wave_topics(wave)
    lines = {line.term: line for line in found.lines}
    assert found.n == 16
    assert set(lines["わかりにくい"].texts) == set(UNCLEAR)
    client.force_login(people.member)
    page = client.get(reverse("voice:wave_topics", args=[wave.pk])).content.decode()
    assert UNCLEAR[0] in page
    assert "<script>alert" not in page
    assert (
        reverse("voice:wave_topics", args=[wave.pk])
        in client.get(reverse("voice:wave", args=[wave.pk])).content.decode()
    )


def test_no_topic_of_an_anonymous_wave_has_fewer_texts_than_its_threshold(people, survey):
    wave = wave_of(people, survey, [*WAIT[:4], *UNCLEAR, "x"])
    (found,) = wave_topics(wave)
    assert all(line.n >= wave.threshold for line in found.lines if line.term)


@pytest.mark.parametrize("texts", [[], ["一"], ["", "", "", "", "", "", "a"]])
def test_too_few_words_are_not_shown(people, survey, client, texts):
    wave = wave_of(people, survey, texts)
    client.force_login(people.member)
    page = client.get(reverse("voice:wave_topics", args=[wave.pk]))
    assert page.status_code == 200
    assert not any(line for found in wave_topics(wave) for line in found.lines)


def test_the_page_asks_the_same_however_many_wrote(people, survey, client, django_assert_max_num_queries):
    wave = wave_of(people, survey, WAIT * 60)
    client.force_login(people.member)
    client.get("/")
    with django_assert_max_num_queries(14):
        client.get(reverse("voice:wave_topics", args=[wave.pk]))
