"""Results of waves: read from counts alone, whatever their size."""

import importlib
import time

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from sekisho.voice.models import Response, Tally
from sekisho.voice.queries.documents import results_document
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import surveys, tally
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


def days_asked(people, asking, days):
    """A wave that asks for one day, with these answered and counted."""
    question = {"code": "day", "kind": "date", "title": {"ja": "いつ", "en": "When"}}
    surveys.change_survey(people.member, asking, {"sections": [{"questions": [question]}]})
    wave = surveys.open_wave(people.member, asking, name="日")
    Response.objects.bulk_create(
        Response(wave=wave, day=timezone.localdate(), answers={"day": day}) for day in days
    )
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    return wave


def test_days_are_shown_by_month_and_by_year_where_that_would_be_too_many(client, people, asking):
    wave = days_asked(people, asking, ["2026-04-01", "2026-04-30", "2026-11-03"] * 2)
    people.member.language = "ja"
    people.member.save()
    client.force_login(people.member)
    page = client.get(reverse("voice:wave", args=[wave.pk])).content.decode()
    assert page.index("2026年4月") < page.index("2026年11月")
    (said,) = results_document(wave)["questions"]
    assert (said["n"], said["counts"]) == (6, {"2026-04": 4, "2026-11": 2})
    years = days_asked(people, asking, [f"{1960 + n}-0{1 + n % 9}-01" for n in range(25)])
    (said,) = results_document(years)["questions"]
    assert (len(said["counts"]), said["counts"]["1960"]) == (25, 1)


def test_days_that_were_counted_before_are_counted_by_month(people, asking):
    wave = days_asked(people, asking, ["2026-04-01", "2026-04-30", "2026-11-03"] * 2)
    Tally.objects.filter(question="day.month").delete()
    assert not tally.is_exact(wave)
    importlib.import_module("sekisho.voice.migrations.0013_days_by_month").count_by_month(apps, None)
    assert tally.is_exact(wave)
