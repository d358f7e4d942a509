"""Two waves beside each other: what may be said, what may not, and what cannot be compared."""

import copy

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from sekisho.analysis import nps
from sekisho.analysis.intervals import holm
from sekisho.voice.queries.comparison import compare_waves
from sekisho.voice.services import surveys
from tests.voice.results import QUESTIONS, asked, body, choice


def change(found, code, line=0):
    return next(one for one in found.compared if one.question.code == code).lines[line]


@pytest.mark.django_db
def test_a_rise_is_told_from_chance(people, asking):
    one = asked(people, asking)
    happier = {("overall", "1"): 0, ("overall", "2"): 1, ("overall", "4"): 17, ("overall", "5"): 12}
    other = asked(people, asking, "夏", more=happier)
    found = compare_waves(one, other)
    assert [change(found, "overall", n).verdict for n in range(3)] == ["rose", "rose", "fell"]
    assert change(found, "tell").verdict == "unclear"
    assert change(found, "sus").difference.value == 0
    same = compare_waves(one, one)
    assert {line.verdict for question in same.compared for line in question.lines} == {"unclear"}
    assert {one.verdict for question in same.compared for one in question.drift} == {"unchanged"}


@pytest.mark.django_db
def test_a_feature_drifts_from_attractive_to_must_be(people, asking):
    one = asked(
        people, asking, more={("wish.save", "1-5"): 0, ("wish.save", "2-5"): 0, ("wish.save", "1-3"): 39}
    )
    other = asked(people, asking, "夏", more={("wish.save", "1-5"): 0, ("wish.save", "2-5"): 39})
    drifted = next(q for q in compare_waves(one, other).compared if q.question.code == "wish").drift
    assert (drifted[0].before, drifted[0].after, drifted[0].verdict) == ("A", "M", "moved")


@pytest.mark.django_db
def test_questions_that_differ_are_named_and_not_compared(reader, people, asking):
    one = asked(people, asking)
    changed = copy.deepcopy(QUESTIONS)
    changed[0]["title"]["ja"] = "言い換え"
    changed[1]["choices"].append({"code": "middle", "title": {"ja": "中", "en": "middle"}})
    changed[4] = {"code": "tell", "kind": "scale", "title": {"ja": "別", "en": "Other"}}
    changed.append({"code": "new", "kind": "text", "title": {"ja": "新", "en": "New one"}})
    del changed[3]
    surveys.change_survey(people.member, asking, {"sections": [{"questions": changed}]})
    other = asked(people, asking, "夏")
    found = compare_waves(one, other)
    assert [str(why) for _title, why in found.differing] == [
        "its choices differ",
        "it is another kind of question",
        "only the later wave asks it",
        "only the earlier wave asks it",
    ]
    assert found.compared[0].reworded
    page = body(reader.get(reverse("voice:wave_compare", args=[other.pk])))
    assert "New one" in page
    assert "It cannot be said that it changed." in page
    chosen = body(reader.get(reverse("voice:wave_compare", args=[other.pk]), {"with": one.pk}))
    assert chosen.split("<main")[1] == page.split("<main")[1]
    assert reader.get(reverse("voice:wave_compare", args=[other.pk]), {"with": "x"}).status_code == 404


@pytest.mark.django_db
def test_a_wave_with_nobody_or_one_person_is_compared_with_nothing(reader, people, asking):
    first = asked(people, asking, more={("*", "*"): 1})
    assert "Nothing to compare" in body(reader.get(reverse("voice:wave_compare", args=[first.pk])))
    other = asked(people, asking, "夏")
    assert compare_waves(first, other).compared == []
    assert "too few people" in body(reader.get(reverse("voice:wave_compare", args=[other.pk])))


@pytest.mark.django_db
def test_the_page_asks_the_database_no_more_for_more_waves(
    reader, people, asking, django_assert_max_num_queries
):
    for number in range(3):
        wave = asked(people, asking, f"第{number}回")
    address = reverse("voice:wave_compare", args=[wave.pk])
    reader.get(address)
    with django_assert_max_num_queries(30) as few:
        reader.get(address)
    for number in range(5):
        asked(people, asking, f"第{number + 3}回")
    with django_assert_max_num_queries(len(few.captured_queries)):
        reader.get(address)


def test_the_difference_of_two_scores_is_that_of_two_adjusted_shares():
    one, other = (
        nps.from_counts(counts) for counts in ([0] * 6 + [20, 10, 10, 5, 5], [0] * 6 + [5, 5, 10, 15, 15])
    )
    found = nps.compare(one, other)
    assert found.value == pytest.approx(50 - -20)
    p1, d1, p2, d2 = 10.75 / 53, 20.75 / 53, 30.75 / 53, 5.75 / 53
    error = ((p1 + d1 - (p1 - d1) ** 2) / 53 + (p2 + d2 - (p2 - d2) ** 2) / 53) ** 0.5
    assert (found.high - found.low) / 2 == pytest.approx(100 * 1.959964 * error, rel=1e-6)
    assert found.significant
    assert nps.compare(nps.from_counts([0] * 11), other) is None


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_raises_every_chance_and_keeps_their_order(chances):
    raised = holm(chances)
    assert all(1 >= new >= old for new, old in zip(raised, chances, strict=True))
    ranked = sorted(range(len(chances)), key=lambda place: chances[place])
    assert [raised[place] for place in ranked] == sorted(raised)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.django_db
def test_matrices_and_rankings_are_compared_row_by_row_and_by_who_came_first(reader, people, asking):
    points = {"code": "points", "kind": "matrix", "title": {"ja": "点", "en": "Points"}}
    points |= {"choices": [choice("good"), choice("bad")], "rows": [choice("speed"), choice("help")]}
    first = {"code": "first", "kind": "ranking", "title": {"ja": "順", "en": "Order"}}
    first |= {"choices": [choice("a"), choice("b")]}
    surveys.change_survey(people.member, asking, {"sections": [{"questions": [points, first]}]})

    def counts(good, ahead):
        rows = {
            ("points.speed", "good"): good,
            ("points.speed", "bad"): 40 - good,
            ("points.help", "good"): 2,
        }
        return rows | {("first", "*"): 40, ("first.a", "1"): ahead, ("first.b", "1"): 40 - ahead}

    asked(people, asking, more=counts(5, 20))
    other = asked(people, asking, "夏", more=counts(35, 20))
    page = body(reader.get(reverse("voice:wave_compare", args=[other.pk])))
    assert "speed: good" in page
    assert "It rose." in page
    assert "help: good" not in page, "two people are too few to show"
    assert "a: placed first" in page
