"""Forecasts from the past of like projects: bounds that hold, tried on the past, silent where too little is known."""

import random

import pytest

from sekisho.analysis.forecast import ENOUGH, History, Known, bounds


def rates(projects=60, years=range(2018, 2026), seed=1):
    """Projects with rates of their own around .9, a little different each year."""
    draw = random.Random(seed)
    own = {key: draw.gauss(0.9, 0.05) for key in range(projects)}
    return [Known(key, year, own[key] + draw.gauss(0, 0.02)) for key in own for year in years]


def test_the_interval_holds_about_as_often_as_it_claims():
    accuracy = History(rates(200)).accuracy()
    assert accuracy is not None
    assert 0.76 < accuracy.coverage < 0.88
    assert accuracy.median_error < 0.03


def test_a_steady_project_is_told_from_its_own_past():
    history = History([*rates(), *(Known(999, year, 0.5) for year in range(2018, 2026))])
    own, other = history.forecast(999, 2026), history.forecast(1, 2026)
    assert own is not None
    assert other is not None
    assert own.middle < other.middle - 0.1
    assert own.low <= own.middle <= own.high
    assert own.own == 8


def test_a_project_without_a_past_has_the_interval_of_those_without_one():
    known = [Known(key, 2018 + key % 8, random.Random(key).uniform(0, 1)) for key in range(300)]
    history = History([*known, *rates()])
    fresh, steady = history.forecast(-1, 2026), history.forecast(1, 2026)
    assert fresh is not None
    assert steady is not None
    assert fresh.own == 0
    assert fresh.high - fresh.low > steady.high - steady.low


@pytest.mark.parametrize("known", [[], [Known(1, 2024, 0.9)], rates(3, range(2024, 2026))])
def test_too_few_past_years_are_too_few_to_say(known):
    history = History(known)
    assert history.forecast(1, 2026) is None
    assert history.accuracy() is None


def test_what_came_later_is_not_used():
    known = rates()
    before = History([one for one in known if one.year < 2023]).forecast(1, 2023)
    assert History(known).forecast(1, 2023) == before


def test_values_that_are_no_numbers_are_left_out():
    assert History([*rates(), Known(1, 2025, float("nan")), Known(2, 2025, float("inf"))]).forecast(1, 2026)


def test_bounds_hold_their_share_of_what_they_were_made_of():
    misses = [float(n) for n in range(-50, 51)]
    low, high = bounds(misses)
    assert sum(low <= miss <= high for miss in misses) / len(misses) >= 0.8
    assert bounds([1.0]) == (1.0, 1.0)
    assert ENOUGH >= 9
