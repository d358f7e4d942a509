"""Kano results on their page: the table chosen, the plane, the files, and silence about the few."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sekisho.analysis.intervals import Estimate
from sekisho.analysis.kano import EvaluationTable
from sekisho.voice.drawing import RADIUS, PlaneWords, Point, _numbers, plane
from sekisho.voice.queries.kano import kano_results
from tests.voice.results import asked, body

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_plane_the_table_and_what_it_was_judged_by(reader, people, asking):
    wave = asked(people, asking)
    page = body(reader.get(reverse("voice:wave_kano", args=[wave.pk])))
    assert "<svg" in page
    assert "O one-dimensional" in page
    assert "Sauerwein et al. (1996)" in page
    assert "answered only one of the two questions" in page
    other = body(reader.get(reverse("voice:wave_kano", args=[wave.pk]), {"table": "pouliot-1993"}))
    assert "must-be with must-be" in other
    assert reader.get(reverse("voice:wave_kano", args=[wave.pk]), {"table": "mine"}).status_code == 404


def test_a_feature_that_few_answered_is_named_and_not_shown(reader, people, asking):
    few = {("wish.save", value): 0 for value in ("1-5", "2-5")} | {("wish.save", "1-0"): 4}
    wave = asked(people, asking, more=few)
    (found,) = kano_results(wave)
    assert ([line.title for line in found.lines], found.withheld) == (["chat"], ["save"])
    assert "save" in body(reader.get(reverse("voice:wave_kano", args=[wave.pk])))


def test_a_question_that_few_answered_is_silent_on_the_page_of_the_wave(reader, people, asking):
    wave = asked(people, asking, more={("tell", "9"): 3, ("tell", "3"): 0})
    page = body(reader.get(reverse("voice:wave", args=[wave.pk])))
    assert "Fewer than 5 people answered this question" in page
    assert "Net Promoter Score" not in page


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"\xef\xbb\xbf")])
def test_the_chart_can_be_kept_as_a_file(reader, people, asking, kind, start):
    wave = asked(people, asking)
    file = reader.get(reverse("voice:wave_kano_file", args=[wave.pk, "wish", kind]))
    assert file.content.startswith(start)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
        assert rows[1][:9] == ["1", "save", "O", "9", "30", "0", "0", "0", "0"]
    assert reader.get(reverse("voice:wave_kano_file", args=[wave.pk, "wish", "exe"])).status_code == 404


def test_one_answer_or_none_leads_back_with_words(reader, people, asking):
    wave = asked(people, asking, more={("*", "*"): 1})
    assert "Not enough answers" in body(reader.get(reverse("voice:wave_kano", args=[wave.pk])))
    file = reader.get(reverse("voice:wave_kano_file", args=[wave.pk, "wish", "csv"]))
    assert file.headers["Location"] == reverse("voice:wave_kano", args=[wave.pk])


def test_numbers_of_features_in_one_place_do_not_cover_each_other():
    spot = Estimate(0.5, 0.4, 0.6, 10)
    points = [Point(n, f"<{n}>", "A", spot, Estimate(-0.5, -0.6, -0.4, 10)) for n in range(1, 13)]
    drawn = "".join(_numbers(points))
    places = [part.split('"') for part in drawn.split("<circle ")[1:]]
    centres = [(float(part[3]), float(part[5])) for part in places]
    assert all(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 >= (1.5 * RADIUS) ** 2
        for place, a in enumerate(centres)
        for b in centres[:place]
    )
    assert "<1>" not in plane(points, PlaneWords("<t>", "b", "w", "AOMI"))


def bring(reader, wave, text, name="ours.csv", **more):
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return reader.post(reverse("voice:wave_kano_tables", args=[wave.pk]), {"file": file, **more})


OURS = "Q,A,A,A,O\nR,Q,I,I,M\nR,I,I,I,M\nR,I,I,Q,M\nR,R,R,R,O\n"


def test_a_table_of_ones_own_judges_the_features_of_a_survey(reader, people, asking):
    wave = asked(people, asking, more={("wish.save", "5-5"): 50})
    made = bring(reader, wave, OURS, name="当局の表.csv", source="紀要 2020")
    page = body(reader.get(made.headers["Location"]))
    assert "当局の表.csv" in page
    assert "紀要 2020" in page
    table = asking.kano_tables.get()
    (found,) = kano_results(wave, EvaluationTable(table.name, tuple(table.rows)))
    assert found.lines[0].figures.counts["O"] == 80
    picture = reader.get(
        reverse("voice:wave_kano_file", args=[wave.pk, "wish", "csv"]), {"table": f"own-{table.pk}"}
    )
    assert "80" in picture.content.decode()
    reader.post(reverse("voice:wave_kano_tables", args=[wave.pk]), {"remove": table.pk})
    assert not asking.kano_tables.exists()
    assert reader.get(made.headers["Location"]).status_code == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Q,A,A,A,O\n", "1 rows instead of 5"),
        (OURS.replace("M", "Z", 1), "is no category"),
        (b"\xff\xfe\x00", "instead of 5"),
        ("Q" * 70_000, "far larger"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_fault(reader, people, asking, text, said):
    wave = asked(people, asking)
    refused = bring(reader, wave, text, source="紀要")
    assert (refused.status_code, said in body(refused), "紀要" in body(refused)) == (422, True, True)
    assert not asking.kano_tables.exists()


def test_a_name_is_given_once_and_only_by_who_edits(reader, client, people, asking):
    wave = asked(people, asking)
    bring(reader, wave, OURS, name="a.csv")
    assert "already" in body(bring(reader, wave, OURS, name="a.csv"))
    client.force_login(people.auditor)
    assert bring(client, wave, OURS, name="b.csv").status_code == 403
    assert asking.kano_tables.count() == 1
