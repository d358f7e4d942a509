"""Problem discovery: the formulas by hand, and how they bend at the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.analysis.usability import (
    chance_found,
    completion,
    discovery,
    discovery_by_group,
    participants_needed,
    sus_score,
    time_on_task,
)

#: 4 participants, 5 problems; the last two were shown once
MATRIX = [
    [True, True, False, True, False],
    [True, False, True, False, False],
    [True, True, True, False, False],
    [True, True, False, False, True],
]


def test_it_adjusts_the_discovery_rate_as_lewis_2001():
    found = discovery(MATRIX)
    assert found is not None
    p = 11 / 20
    assert (found.participants, found.problems, found.once) == (4, 5, 2)
    assert found.raw == pytest.approx(p)
    assert found.normalised == pytest.approx((p - 0.25) * 0.75)
    assert found.good_turing == pytest.approx(p / 1.4)
    assert found.adjusted == pytest.approx((0.225 + p / 1.4) / 2)
    assert found.found == pytest.approx(1 - (1 - found.adjusted) ** 4)
    assert found.needed == 6
    assert found.more == 2


def test_five_participants_find_85_percent_where_one_shows_31():
    # Nielsen and Landauer (1993): L = .31
    assert chance_found(0.31, 5) == pytest.approx(0.8436, abs=1e-4)
    assert participants_needed(0.31, 0.84) == 5
    assert participants_needed(0.31, 0.85) == 6


@pytest.mark.parametrize("matrix", [[], [[True]], [[], []]])
def test_too_little_says_nothing(matrix):
    assert discovery(matrix) is None


def test_a_problem_nobody_showed_is_refused():
    with pytest.raises(ValueError, match="shown by somebody"):
        discovery([[True, False], [True, False]])


def test_everyone_showing_everything_needs_no_one_more():
    found = discovery([[True, True], [True, True], [True, True]])
    assert found is not None
    assert found.more == 0


def test_one_problem_shown_by_one_of_two_asks_for_more():
    found = discovery([[True], [False]])
    assert found is not None
    assert found.adjusted == pytest.approx(0.125)
    assert found.more == 13


@given(st.integers(2, 12), st.integers(1, 15), st.data())
def test_every_possible_matrix_gives_a_possible_answer(rows, columns, data):
    matrix = [[data.draw(st.booleans()) for _ in range(columns)] for _ in range(rows)]
    for column in range(columns):
        matrix[data.draw(st.integers(0, rows - 1))][column] = True
    found = discovery(matrix)
    assert found is not None
    assert 0 <= found.adjusted <= 1
    assert found.adjusted <= found.raw + 1e-12
    assert found.needed is None or found.needed >= 1


@pytest.mark.parametrize(
    ("answers", "score"), [([5, 1] * 5, 100.0), ([1, 5] * 5, 0.0), ([3] * 10, 50.0), ([4, 2] * 5, 75.0)]
)
def test_sus_scores_as_brooke_1996(answers, score):
    assert sus_score(answers) == score


@pytest.mark.parametrize("answers", [[3] * 9, [3] * 9 + [6], [0] + [3] * 9])
def test_sus_takes_ten_answers_on_the_scale(answers):
    with pytest.raises(ValueError, match="ten answers"):
        sus_score(answers)


def test_groups_of_users_find_their_own_problems():
    found = discovery_by_group(MATRIX, ["citizen", "citizen", "staff", "staff"])
    assert set(found) == {"citizen", "staff"}
    citizens = found["citizen"]
    assert citizens is not None
    assert (citizens.participants, citizens.problems, citizens.once) == (2, 4, 3)


def test_completion_has_the_interval_and_the_estimate_of_lewis_and_sauro():
    # Lewis and Sauro (2006): 5 of 5 is estimated by Laplace as 6/7; 1 of 5 as 3/9
    all_of_them = completion(5, 5)
    assert all_of_them is not None
    assert all_of_them.best == pytest.approx(6 / 7)
    assert all_of_them.rate.high == 1.0
    few = completion(1, 5)
    assert few is not None
    assert few.best == pytest.approx(3 / 9)
    most = completion(7, 10)
    assert most is not None
    assert most.best == 0.7
    assert completion(0, 0) is None


def test_time_on_task_leaves_out_those_who_gave_up():
    found = time_on_task([40, 36, None, 900], [True, True, True, False])
    assert (found.n, found.not_completed, found.median) == (2, 1, 38)
    assert found.geometric is not None
    assert found.geometric.value == pytest.approx((40 * 36) ** 0.5)
    nobody = time_on_task([900], [False])
    assert (nobody.geometric, nobody.median, nobody.not_completed) == (None, None, 1)


def test_it_gives_the_worked_example_of_sauro_and_lewis():
    # Sauro and Lewis (2016), chapter 7, table 7.5, which applies Lewis (2001): 4 participants, 7 problems, p = .71;
    # normalization gives .345, Good-Turing .621, both .48
    by_problem = ["1111", "1111", "1111", "0010", "1110", "1001", "1100"]
    found = discovery([[problem[row] == "1" for problem in by_problem] for row in range(4)])
    assert found is not None
    assert found.raw == pytest.approx(5 / 7)
    assert found.once == 1
    assert found.normalised == pytest.approx(0.345, abs=0.004)  # the book works with p rounded to .71
    assert found.good_turing == pytest.approx(0.621, abs=0.005)
    assert found.adjusted == pytest.approx(0.483, abs=0.005)


def test_participants_for_a_goal_are_those_of_the_printed_table():
    # Sauro and Lewis (2016), table 7.1: participants for a chance to see a problem at least once
    printed = {
        (0.5, 0.85): 3,
        (0.25, 0.85): 7,
        (0.25, 0.5): 3,
        (0.1, 0.9): 22,
        (0.05, 0.95): 59,
        (0.01, 0.5): 69,
    }
    assert {key: participants_needed(*key) for key in printed} == printed
