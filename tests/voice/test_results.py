"""Results of waves: read from counts alone, whatever their size."""

import importlib
import time

import pytest
from django.apps import apps
from django.urls import reverse

from sekisho.voice.models import Tally
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import tally
from tests.voice.results import asked

pytestmark = pytest.mark.django_db


def test_ten_million_answers_open_as_fast_as_forty(client, people, asking, django_assert_num_queries):
    few, many = asked(people, asking), asked(people, asking, "夏", times=250_000)
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


def test_sheets_that_were_counted_whole_are_counted_by_score(people, asking):
    wave = asked(people, asking)
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
