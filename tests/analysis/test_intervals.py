"""Intervals against figures printed in the literature and against scipy's own."""

import math

import numpy as np
import pytest
from scipy import stats

from sekisho.analysis.intervals import (
    adjusted_wald,
    design_effect,
    effective_in_population,
    geometric_mean,
    mean,
    mean_of_moments,
    newcombe,
    welch,
    wilson,
    wilson_of_share,
)


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


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table II, method 10; signs turned, as ours is second minus first
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((2, 7), (6, 7), 0.0582, 0.8062),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_shares_is_newcombes(one, other, low, high):
    found = newcombe(*one, *other)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


def test_the_p_value_of_two_shares_is_that_of_chi_square():
    found = newcombe(48, 80, 56, 70)
    assert found is not None
    theirs = stats.chi2_contingency([[48, 32], [56, 14]], correction=False).pvalue
    assert found.p == pytest.approx(theirs)
    assert found.significant


def test_equal_certain_shares_do_not_differ():
    found = newcombe(5, 5, 9, 9)
    assert found is not None
    assert (found.value, found.p) == (0.0, 1.0)
    assert newcombe(0, 0, 1, 2) is None


def test_welch_agrees_with_scipy():
    one, other = [72.5, 67.5, 92.5, 67.5], [55.0, 57.5, 60.0, 45.0, 50.0]
    theirs = stats.ttest_ind(other, one, equal_var=False)
    found = welch(np.mean(one), np.std(one, ddof=1), 4, np.mean(other), np.std(other, ddof=1), 5)
    assert found is not None
    assert found.p == pytest.approx(theirs.pvalue)
    interval = theirs.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(("sd", "p"), [(0.0, 1.0), (1.0, 1.0)])
def test_waves_alike_do_not_differ(sd, p):
    found = welch(3.0, sd, 10, 3.0, sd, 10)
    assert found is not None
    assert found.p == pytest.approx(p)
    assert welch(3.0, sd, 1, 3.0, sd, 10) is None


def test_a_finite_population_narrows_the_interval_until_everyone_was_asked():
    # Cochran (1977): the variance shrinks by (N - n)/(N - 1)
    assert effective_in_population(100, None) == 100
    assert effective_in_population(100, 1000) == pytest.approx(100 * 999 / 900)
    assert effective_in_population(100, 100) == math.inf
    assert wilson_of_share(0.3, math.inf) == (0.3, 0.3)
    with pytest.raises(ValueError, match="population"):
        effective_in_population(100, 99)


def test_wilson_of_a_share_is_wilson():
    ours = wilson(81, 263)
    assert ours is not None
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81/263 gives 0.2553 to 0.3662
    assert (round(ours.low, 4), round(ours.high, 4)) == (0.2553, 0.3662)
    assert wilson_of_share(81 / 263, 263) == pytest.approx((ours.low, ours.high))


def test_kish_says_what_weights_cost():
    assert design_effect([1, 1, 1, 1]) == 1.0
    assert design_effect([1, 3]) == pytest.approx(2 * 10 / 16)
    assert design_effect([]) == 1.0


def test_moments_give_the_same_interval_as_the_values():
    values = [1, 4, 4, 5, 2, 3]
    found = mean(values)
    assert found is not None
    ours = mean_of_moments(float(np.mean(values)), float(np.std(values, ddof=1)), 6)
    assert ours == pytest.approx((found.low, found.high))
    assert mean_of_moments(3.0, 0.0, 1) == (-math.inf, math.inf)
    assert mean_of_moments(3.0, 1.0, math.inf) == (3.0, 3.0)
