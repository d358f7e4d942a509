"""SUS against real answers, the printed scales, and at the edges."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sekisho.analysis import documents, sus
from tests.analysis.shared import real_rows

BEST, WORST = [5, 1] * 5, [1, 5] * 5


def codes(found):
    return [note.code for note in found.notes]


@pytest.mark.parametrize(
    ("file", "n", "mean", "sd"),
    [("vr_waiting_room.csv", 30, 71.667, 15.190), ("agile_lab.csv", 8, 74.6875, None)],
)
def test_it_gives_the_known_means_of_real_answers(file, n, mean, sd):
    rows = real_rows("sus", file)
    found = sus.analyse([[int(row[f"Q{item}"]) for item in range(1, 11)] for row in rows])
    assert found.n == n
    assert found.mean == pytest.approx(mean, abs=5e-4)
    if sd is not None:
        assert found.sd == pytest.approx(sd, abs=5e-4)
    theirs = stats.t.interval(0.95, n - 1, loc=found.mean, scale=stats.sem(found.scores))
    assert (found.interval.low, found.interval.high) == pytest.approx(theirs)
    assert found.p_of_benchmark == pytest.approx(stats.ttest_1samp(found.scores, 68).pvalue)


@pytest.mark.parametrize(
    ("score", "grade"),
    # the boundaries as printed by Sauro and Lewis (2016, table 8.5)
    [
        (100, "A+"),
        (84.1, "A+"),
        (84.0, "A"),
        (80.8, "A"),
        (80.7, "A-"),
        (78.9, "A-"),
        (78.8, "B+"),
        (77.2, "B+"),
        (77.1, "B"),
        (74.1, "B"),
        (74.0, "B-"),
        (72.6, "B-"),
        (72.5, "C+"),
        (71.1, "C+"),
        (71.0, "C"),
        (65.0, "C"),
        (64.9, "C-"),
        (62.7, "C-"),
        (62.6, "D"),
        (51.7, "D"),
        (51.6, "F"),
        (0, "F"),
    ],
)
def test_grades_change_at_the_printed_boundaries(score, grade):
    assert sus.grade(score) == grade


def test_the_percentile_follows_the_printed_table():
    assert sus.percentile(68) == 50
    assert sus.percentile(84.1) == 96
    assert sus.percentile(0) == 0
    assert sus.percentile(100) == 100
    assert sus.percentile(74) == pytest.approx(70, abs=1)  # Sauro (2011): 74 stands above 70 %


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_better_score_never_has_a_lower_percentile(one, other):
    assert (sus.percentile(one) <= sus.percentile(other)) or one > other


@pytest.mark.parametrize(
    ("score", "adjective", "acceptability"),
    [
        (90.9, "best imaginable", "acceptable"),
        (82.986, "excellent", "acceptable"),
        (71.4, "good", "acceptable"),
        (68, "good", "marginal"),
        (50.9, "ok", "marginal"),
        (35.7, "poor", "not acceptable"),
        (12.5, "worst imaginable", "not acceptable"),
    ],
)
def test_adjectives_are_the_nearest_of_bangor_kortum_and_miller(score, adjective, acceptability):
    assert (sus.adjective(score), sus.acceptability(score)) == (adjective, acceptability)


def test_the_subscales_are_those_of_lewis_and_sauro():
    # items 4 and 10 at their best, all others at their worst
    sheet = [1, 5, 1, 1, 1, 5, 1, 5, 1, 1]
    found = sus.analyse([sheet])
    assert (found.learnability, found.usability, found.mean) == (100.0, 0.0, 20.0)
    whole = sus.analyse([BEST, WORST, [3] * 10, [4, 2] * 5])
    assert 0.2 * whole.learnability + 0.8 * whole.usability == pytest.approx(whole.mean)


def test_sheets_with_an_item_missing_are_left_out_and_counted():
    found = sus.analyse([BEST, [None, *BEST[1:]], [None] * 10], lines=[2, 3, 4])
    assert (found.n, found.incomplete, found.mean) == (1, 1, 100.0)
    note = next(note for note in found.notes if note.code == "sus.incomplete")
    assert note.params == {"count": 1, "lines": "3"}


def test_brookes_centre_point_may_stand_for_a_missing_item():
    found = sus.analyse([[None, *BEST[1:]], [None] * 10], missing="centre")
    assert (found.n, found.incomplete, found.scores) == (1, 1, (95.0,))
    assert "sus.filled_with_centre" in codes(found)


def test_the_same_answer_to_opposite_items_is_noted():
    found = sus.analyse([[4] * 10, BEST, BEST])
    assert "sus.straight_lining" in codes(found)
    assert "sus.straight_lining" not in codes(sus.analyse([BEST] * 12))


def test_nobody_and_one_give_no_spread():
    nobody = sus.analyse([])
    assert (nobody.n, nobody.mean, nobody.grade) == (0, None, None)
    assert codes(nobody) == ["sus.no_respondents"]
    one = sus.analyse([BEST])
    assert (one.mean, one.sd, one.grade) == (100.0, None, "A+")
    assert documents.sus_figures(one)["ci95"] is None


def test_everyone_alike_has_no_spread_and_a_sure_distance_from_68():
    found = sus.analyse([BEST] * 12)
    assert (found.sd, found.interval.low, found.p_of_benchmark) == (0.0, 100.0, 0.0)


def test_waves_are_compared_by_welch():
    one = sus.analyse([BEST, [4, 2] * 5, [3] * 10])
    other = sus.analyse([WORST, [2, 4] * 5, [3] * 10, [2, 3] * 5])
    change = sus.compare(one, other)
    assert change.p == pytest.approx(stats.ttest_ind(other.scores, one.scores, equal_var=False).pvalue)
    assert change.value < 0
    assert sus.compare(one, sus.analyse([BEST])) is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=10, max_size=10), max_size=12))
def test_any_answers_give_a_document_without_nan(sheets):
    found = sus.analyse(sheets)
    document = documents.sus_figures(found)
    json.dumps(document, allow_nan=False)
    assert found.n + found.incomplete == sum(any(sheet) for sheet in sheets)
    if found.n:
        assert 0 <= found.mean <= 100
