"""Satisfaction over the years: one line, honest gaps, releases and decisions beside it."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import Release
from sekisho.voice.models import Wave
from sekisho.voice.queries.series import series_of
from tests.voice.results import asked, body

pytestmark = pytest.mark.django_db


def years_ago(wave, years):
    at = timezone.now() - dt.timedelta(days=365 * years)
    Wave.objects.filter(pk=wave.pk).update(opened_at=at)
    return wave


def release(project, years, version="1.0"):
    at = timezone.now() - dt.timedelta(days=365 * years)
    return Release.objects.create(
        project=project,
        version=version,
        name="<公開>",
        kind="new",
        planned_on=at.date(),
        released_at=at,
        state="released",
    )


def test_waves_stand_in_their_order_beside_releases(reader, people, asking):
    years_ago(asked(people, asking, "一年目", invited=80), 3)
    years_ago(asked(people, asking, "二年目", more={("overall", "5"): 30}), 2)
    release(asking.project, 2.5)
    found = series_of(asking.project)
    assert [point.wave.name for point in found.points] == ["一年目", "二年目"]
    assert found.points[0].figures.satisfied.value == 0.5
    assert (found.points[0].rate.value, found.points[1].rate) == (0.5, None)
    assert found.points[0].line == found.points[1].line
    page = body(reader.get(reverse("voice:satisfaction", args=["R-1"])))
    assert "Release 1.0 &lt;公開&gt;" in page
    assert page.count("sv-join") == 2
    assert "not known" in page


def test_a_wave_that_may_not_be_shown_leaves_a_gap(reader, people, asking):
    years_ago(asked(people, asking, "一年目"), 3)
    few = {("overall", str(n)): 0 for n in range(1, 5)} | {("overall", "5"): 3}
    years_ago(asked(people, asking, "二年目", more=few), 2)
    asked(people, asking, "三年目")
    page = body(reader.get(reverse("voice:satisfaction", args=["R-1"])))
    assert "too few answers to show" in page
    assert "sv-join" not in page
    rows = list(
        csv.reader(io.StringIO(body(reader.get(reverse("voice:satisfaction_file", args=["R-1", "csv"])))))
    )
    assert rows[0][5:8] == ["Mean", "Mean, lower end", "Mean, upper end"]
    assert all(rows[0]), "each column says what it holds"
    assert [row[3] for row in rows[1:]] == ["40", "too few answers to show", "40"]


def test_without_a_wave_the_page_teaches_and_files_lead_back(reader, asking):
    assert "Satisfaction was not asked yet" in body(reader.get(reverse("voice:satisfaction", args=["R-1"])))
    file = reader.get(reverse("voice:satisfaction_file", args=["R-1", "png"]))
    assert file.headers["Location"] == reverse("voice:satisfaction", args=["R-1"])
    assert reader.get(reverse("voice:satisfaction", args=["NONE"])).status_code == 404


def test_the_picture_can_be_kept(reader, people, asking):
    asked(people, asking)
    for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG")):
        assert reader.get(reverse("voice:satisfaction_file", args=["R-1", kind])).content.startswith(start)
    drawn = body(reader.get(reverse("voice:satisfaction_file", args=["R-1", "svg"])))
    assert "● Satisfied (4, 5)  ■ Dissatisfied (1, 2)" in drawn
    assert ("<circle" in drawn, "<rect" in drawn) == (True, True)


def test_many_years_take_as_many_reads_as_one(people, asking, django_assert_num_queries):
    for number in range(6):
        years_ago(asked(people, asking, str(number)), number)
        release(asking.project, number, f"{number}.0")
    with django_assert_num_queries(5):
        series_of(asking.project)
