"""What groups say beyond satisfaction: scales, several choices, rows of a matrix, NPS, and what each feature is to each."""

import random

import pytest
from django.urls import reverse
from django.utils import translation

from sekisho.analysis.weighting import post_stratified
from sekisho.voice.models import GroupTally, Response, Wave
from sekisho.voice.queries.breakdown import group_tables
from sekisho.voice.queries.kano import kano_questions
from sekisho.voice.queries.segments import COLUMNS, segments_of
from sekisho.voice.services import breakdown, surveys, tally
from tests.analysis.test_crosstable import bounds
from tests.book.factories import days
from tests.voice.results import body, choice

pytestmark = pytest.mark.django_db

ASKED = [
    {"code": "age", "kind": "single", "title": {"ja": "年代"}, "choices": [choice("young"), choice("old")]},
    {
        "code": "used",
        "kind": "multiple",
        "title": {"ja": "使った窓口"},
        "choices": [choice("web"), choice("desk"), choice("phone")],
    },
    {"code": "ease", "kind": "scale", "title": {"ja": "簡単さ"}, "least": 0, "most": 10},
    {"code": "four", "kind": "scale", "title": {"ja": "四段階"}, "least": 1, "most": 4},
    {"code": "tell", "kind": "nps", "title": {"ja": "すすめるか"}},
    {
        "code": "parts",
        "kind": "matrix",
        "title": {"ja": "部分"},
        "choices": [choice("good"), choice("bad")],
        "rows": [choice("speed")],
    },
    {"code": "wish", "kind": "kano", "title": {"ja": "機能"}, "choices": [choice("save"), choice("chat")]},
]


def grouped(people, survey, answers, populations=None):
    """A wave that is over, counted by age."""
    surveys.change_survey(people.member, survey, {"sections": [{"questions": ASKED}]})
    wave = surveys.open_wave(people.member, survey, name="春")
    Response.objects.bulk_create(Response(wave=wave, day=days(0), answers=one) for one in answers)
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    breakdown.choose_groups(people.member, wave, "age")
    breakdown.count_groups(wave)
    wave.refresh_from_db()
    return breakdown.set_populations(people.member, wave, populations) if populations else wave


def plain():
    """Forty young who chose the web and rank it high, eighty old who came to the desk."""
    young = {"age": "young", "used": ["web"], "ease": 9, "four": 4, "tell": 10, "parts": {"speed": "good"}}
    old = {
        "age": "old",
        "used": ["desk", "phone"],
        "ease": 5,
        "four": 1,
        "tell": 2,
        "parts": {"speed": "bad"},
    }
    return [young] * 40 + [old] * 80


def lines(wave, title):
    (table,) = [one for one in group_tables(wave) if one.title == title]
    return table, {row.title: [count for _column, count, _share in row.cells] for row in table.rows}


def test_every_kind_with_counts_is_shown_by_group(people, asking):
    wave = grouped(people, asking, plain())
    assert lines(wave, "使った窓口")[1] == {"young": [40, 0, 0], "old": [0, 80, 80]}
    with translation.override("en"):
        table, rows = lines(wave, "簡単さ")
    assert list(table.columns)[:3] == ["0 to 4", "5", "6 to 10"]
    assert rows == {"young": [0, 0, 40, 0], "old": [0, 80, 0, 0]}
    with translation.override("en"):
        table, rows = lines(wave, "四段階")
    assert list(table.columns)[:2] == ["1 to 2", "3 to 4"]
    assert rows == {"young": [0, 40, 0], "old": [80, 0, 0]}
    assert lines(wave, "部分: speed")[1] == {"young": [40, 0, 0], "old": [0, 80, 0]}
    table, _rows = lines(wave, "すすめるか")
    assert {row.title: row.score.value for row in table.rows} == {"young": 100, "old": -100}


def test_shares_of_every_table_are_weighted_to_the_population(people, asking, reader):
    wave = grouped(people, asking, plain(), {"young": "3000", "old": "1000"})
    table, _rows = lines(wave, "使った窓口")
    assert [round(one.value, 4) for one in table.weighted.shares] == [0.75, 0.25, 0.25]
    table, _rows = lines(wave, "すすめるか")
    assert table.weighted_score == pytest.approx(50)
    page = body(reader.get(reverse("voice:wave_groups", args=[wave.pk])))
    assert page.count("Weighted to the population") >= 6


def test_weighting_is_by_part_of_the_population_with_its_design_effect():
    found = post_stratified({"a": [80, 20], "b": [10, 10]}, {"a": 5000, "b": 5000})
    assert found.shares[0].value == pytest.approx(0.65)
    assert found.design_effect == pytest.approx((100 * 0.6**2 + 20 * 3**2) / 120)
    assert found.shares[0].low < 0.65 < found.shares[0].high
    assert post_stratified({"a": [0, 0]}, {"a": 1}) is None
    with pytest.raises(ValueError, match="population"):
        post_stratified({"a": [1, 0]}, {})


def test_a_group_hidden_by_one_choice_is_hidden_in_all(people, asking):
    answers = plain() + [{"age": "young", "used": ["web", "desk", "phone"]}] * 2
    table, rows = lines(grouped(people, asking, answers), "使った窓口")
    assert table.withheld or rows == {"young": [None] * 3, "old": [None] * 3}


def wishes(count=300, seed=3):
    chance = random.Random(seed)
    for _number in range(count):
        young = chance.random() < 0.3
        pair = [chance.choice([1, 1, 2, 3]), chance.choice([3, 5, 5] if young else [2, 3, 4])]
        answers = {"age": "young" if young else "old", "wish": {"save": [*pair, None]}}
        if chance.random() < 0.02:
            answers["wish"] = {"save": [5, 1, None]}
        yield answers


@pytest.mark.parametrize("seed", range(6))
def test_segments_give_no_small_group_away(people, asking, seed):
    wave = grouped(people, asking, wishes(seed=seed))
    kept = {(t.group, t.value): t.count for t in GroupTally.objects.filter(wave=wave, question="wish.save")}
    (save, _chat) = segments_of(wave, kano_questions(wave))["wish"]
    if save.withheld:
        return
    true = [[kept.get((group, value), 0) for value in COLUMNS] for group in ("young", "old", "")]
    true = [row for row in true if any(row)]
    for row, line in zip(true, save.segments, strict=True):
        assert all(shown in (None, count) for shown, count in zip(line.counts, row, strict=False))
        assert not any(0 < n < wave.threshold for n in line.counts if n is not None)
    cells = [[*line.counts, None] for line in save.segments]
    assert all(
        high - low > 0.99 for (y, x), (low, high) in bounds(true, cells).items() if x < len(COLUMNS) - 1
    )


def test_a_feature_is_something_else_to_each_group(people, asking, reader):
    answers = [{"age": "young", "wish": {"save": [1, 3, None]}}] * 40
    answers += [{"age": "old", "wish": {"save": [3, 5, None]}}] * 60
    wave = grouped(people, asking, answers)
    save, chat = segments_of(wave, kano_questions(wave))["wish"]
    found = {line.title: line.figures for line in save.segments}
    assert {name: one.category for name, one in found.items()} == {"young": "A", "old": "M"}
    assert (found["young"].better.value, found["old"].worse.value) == (1, -1)
    assert chat.withheld
    page = body(reader.get(reverse("voice:wave_kano", args=[wave.pk])))
    assert "What it is to each group" in page


def test_segments_are_offered_where_none_were_chosen(people, asking, reader):
    wave = surveys.open_wave(people.member, asking, name="春")
    Response.objects.bulk_create(
        Response(wave=wave, day=days(0), answers={"wish": {"save": [1, 5, None]}}) for _n in range(20)
    )
    tally.count_new(wave)
    address = reverse("voice:wave_kano", args=[wave.pk])
    assert "Groups are shown when the wave is over" in body(reader.get(address))
    surveys.close_wave(people.member, wave)
    assert reverse("voice:wave_groups", args=[wave.pk]) in body(reader.get(address))
    assert segments_of(Wave.objects.get(pk=wave.pk), []) == {}
