"""Intervals against figures printed in the literature and against scipy's own."""

import math

import pytest
from scipy import stats

from sekisho.analysis.intervals import adjusted_wald, geometric_mean, mean, wilson


def test_it_gives_the_adjusted_wald_interval_of_sauro_and_lewis():
    # Sauro and Lewis (2016), chapter 3: 7 of 10 completed, 95 %: 39.2 % to 89.7 %
    found = adjusted_wald(7, 10)
    assert found is not None
    assert (round(found.low, 3), round(found.high, 3)) == (0.392, 0.897)
    assert found.value == 0.7


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (3, 9), (120, 400)])
def test_wilson_agrees_with_scipy(hits, n):
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    ours = wilson(hits, n)
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_nothing_observed_gives_nothing():
    assert wilson(0, 0) is None
    assert adjusted_wald(0, 0) is None
    assert mean([]) is None
    assert geometric_mean([]) is None


@pytest.mark.parametrize(("hits", "n"), [(3, 2), (-1, 4)])
def test_an_impossible_count_is_refused(hits, n):
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, n)


def test_the_mean_has_students_interval():
    values = [90.0, 77.5, 72.5, 95.0, 62.5, 57.5]
    theirs = stats.t.interval(0.95, 5, loc=75.8333333, scale=stats.sem(values))
    ours = mean(values)
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=1e-6)


def test_one_value_says_nothing_of_its_spread():
    found = mean([4.0])
    assert found is not None
    assert (found.value, found.low, found.high) == (4.0, -math.inf, math.inf)


def test_the_geometric_mean_lies_on_the_log_scale():
    found = geometric_mean([40, 36, 53, 56, 110, 48, 34, 44, 30, 40, 80])
    assert found is not None
    theirs = stats.gmean([40, 36, 53, 56, 110, 48, 34, 44, 30, 40, 80])
    assert found.value == pytest.approx(theirs)
    assert found.low < theirs < found.high
    with pytest.raises(ValueError, match="above zero"):
        geometric_mean([0.0, 3.0])
