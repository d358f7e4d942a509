"""Results of waves: read from counts alone, whatever their size."""

import importlib
import time

import pytest
from django.apps import apps
from django.urls import reverse

from sekisho.voice.models import Tally
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import surveys, tally
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


def choice(code):
    return {"code": code, "title": {"ja": code, "en": code}}


QUESTIONS = [
    {"code": "overall", "kind": "satisfaction", "title": {"ja": "満足", "en": "Satisfied?"}},
    {
        "code": "age",
        "kind": "single",
        "title": {"ja": "年代", "en": "Age"},
        "choices": [choice("young"), choice("old")],
    },
    {
        "code": "wish",
        "kind": "kano",
        "title": {"ja": "機能", "en": "Features"},
        "importance": True,
        "choices": [choice("save"), choice("chat")],
    },
    {"code": "sus", "kind": "sus", "title": {"ja": "使いやすさ", "en": "SUS"}},
    {"code": "tell", "kind": "nps", "title": {"ja": "すすめるか", "en": "NPS"}},
]


@pytest.fixture
def survey(people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau, code="R-1"), title="結果")
    return surveys.change_survey(people.member, made, {"sections": [{"questions": QUESTIONS}]})


def asked(people, survey, name="春", times=1, more=(), **given):
    """A wave that is over, with tallies as ``times`` that many answers would have left them."""
    wave = surveys.open_wave(people.member, survey, name=name, **given)
    counts = {
        ("*", "*"): 40,
        **{("overall", str(n)): count for n, count in enumerate((4, 6, 10, 12, 8), 1)},
        ("age", "young"): 15,
        ("age", "old"): 25,
        ("wish.save", "1-5"): 30,
        ("wish.save", "2-5"): 9,
        ("wish.save", "1-0"): 1,
        ("wish.save.i", "7"): 20,
        ("wish.chat", "3-3"): 40,
        ("tell", "9"): 25,
        ("tell", "3"): 15,
        ("sus", "75.0"): 30,
        ("sus", "50.0"): 9,
        ("sus", "incomplete"): 1,
        ("sus", "same"): 9,
        **{(f"sus.{item}", "4" if item % 2 else "2"): 30 for item in range(1, 11)},
        **{(f"sus.{item}", "3"): 9 for item in range(1, 11)},
        **dict(more),
    }
    Tally.objects.bulk_create(
        Tally(wave=wave, question=question, value=value, count=count * times)
        for (question, value), count in counts.items()
    )
    return surveys.close_wave(people.member, wave)


def test_ten_million_answers_open_as_fast_as_forty(client, people, survey, django_assert_num_queries):
    few, many = asked(people, survey), asked(people, survey, "夏", times=250_000)
    client.force_login(people.member)
    took = {}
    for wave in (few, many, few, many):
        begun = time.perf_counter()
        assert client.get(reverse("voice:wave", args=[wave.pk])).status_code == 200
        took[wave.pk] = time.perf_counter() - begun
    assert took[many.pk] < took[few.pk] + 0.5
    found = {result.question.code: result for result in wave_results(many).results}
    assert wave_results(many).counted == 10_000_000
    assert found["wish"].kano.features[0].counts["O"] == 7_500_000
    assert found["sus"].sus.n == 9_750_000
    for wave in (few, many):
        with django_assert_num_queries(2):
            wave_results(wave)


def test_sheets_that_were_counted_whole_are_counted_by_score(people, survey):
    wave = asked(people, survey)
    Tally.objects.filter(wave=wave, question__startswith="sus").delete()
    sheets = {"4,2,4,2,4,2,4,2,4,2": 30, "3,3,3,3,3,3,3,3,3,3": 9, "3,0,3,3,3,3,3,3,3,3": 1}
    for value, count in sheets.items():
        Tally.objects.create(wave=wave, question="sus", value=value, count=count)
    importlib.import_module("sekisho.voice.migrations.0004_results").count_by_score(apps, None)
    kept = {
        (one.question, one.value): one.count
        for one in Tally.objects.filter(wave=wave, question__startswith="sus")
    }
    assert (kept["sus", "75.0"], kept["sus", "50.0"]) == (30, 9)
    assert (kept["sus", "incomplete"], kept["sus", "same"]) == (1, 9)
    assert (kept["sus.1", "4"], kept["sus.2", "2"], kept["sus.2", "3"]) == (30, 30, 9)
    assert kept["sus.10", "2"] == 30


def test_a_broken_sheet_is_told_from_an_empty_one():
    assert set(tally.sus_keys("s", [None] * 10)) == set()
    assert list(tally.sus_keys("s", [3] * 9 + [None])) == [("s", "incomplete")]
    assert ("s", "same") in list(tally.sus_keys("s", [3] * 10))
