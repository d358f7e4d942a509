"""What a book adds to the figures, and which figures look arranged: pure."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.portfolio import alarms as a
from sekisho.portfolio import figures as f
from sekisho.portfolio import known

DAY = dt.date(2026, 6, 1)
MOMENT = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
BOOK = known.Record(phase="build", closed="", money=5_000, entered={"purpose": True, "money": False})


def months(*ratings, words=None):
    first = dt.date(2025, 4, 1)
    return tuple(
        known.Report(
            month := dt.date(first.year + (3 + n) // 12, (3 + n) % 12 + 1, 1),
            month.year if month.month >= 4 else month.year - 1,
            rating,
            words or str(n),
        )
        for n, rating in enumerate(ratings)
    )


def names(record):
    return {(n.figure, n.year, n.key): (w.n, w.amount) for n, w in f.figures_of(record).items()}


def test_a_running_book_stands_in_its_phase_with_its_money():
    found = names(BOOK)
    assert found["phase", 0, "build"] == (1, 5_000)
    assert found["reported", 0, "never"] == (1, 0)
    assert found["drift", 0, "none"] == (1, 0)
    assert found["complete", 0, "05"] == (1, 0)


@pytest.mark.parametrize("end", ["retired", "stopped"])
def test_a_closed_book_owes_nothing_any_more(end):
    gate = known.GateState(DAY, DAY, None, submitted=True, reviewed=False, invited=False)
    closed = replace(BOOK, closed=end, gates=(gate,), conditions=(DAY,))
    assert {name[0] for name in names(closed)} == {"phase"}
    assert ("phase", 0, end) in names(closed)


def test_what_is_due_is_kept_by_its_day():
    gates = (
        known.GateState(DAY, DAY, None, submitted=False, reviewed=False, invited=False),
        known.GateState(DAY, DAY, None, submitted=True, reviewed=False, invited=False),
        known.GateState(DAY, DAY, DAY, submitted=False, reviewed=True, invited=True),
        known.GateState(None, DAY, None, submitted=False, reviewed=False, invited=False),
    )
    found = names(replace(BOOK, gates=gates, conditions=(DAY, DAY)))
    assert found["gate_due", 0, "2026-06-01"] == (2, 0)
    assert found["condition_due", 0, "2026-06-01"] == (2, 0)
    assert found["no_reviewer", 0, "yes"] == (1, 0)
    assert found["reviewed", 0, "yes"] == (1, 0)


def test_confidence_flows_from_the_last_rating_of_a_year_to_the_next():
    found = names(replace(BOOK, reports=months(5, 4, *[2] * 10, 3, 1)))
    assert found["confidence", 2025, "2"] == (1, 2)
    assert found["confidence_flow", 2025, "none>2"] == (1, 0)
    assert found["confidence_flow", 2026, "2>1"] == (1, 0)


@pytest.mark.parametrize(
    ("days", "key"),
    [
        (None, "none"),
        (-30, "on_time"),
        (7, "on_time"),
        (8, "month"),
        (30, "month"),
        (31, "quarter"),
        (91, "later"),
    ],
)
def test_delay_is_said_by_its_length(days, key):
    assert f.drift_key(days) == key


@pytest.mark.parametrize(("mean", "key"), [(None, "none"), (2.99, "low"), (3.0, "middle"), (4.0, "high")])
def test_satisfaction_is_said_by_its_mean(mean, key):
    assert f.satisfaction_key(mean) == key


def test_the_outlook_of_a_year_under_way_takes_what_may_still_be_spent():
    found = names(replace(BOOK, years=(known.Year(2026, 10, 9, 9, 4), known.Year(2025, 10, 9, 9, 12))))
    assert found["money_outlook", 2026, ""] == (1, 9)
    assert found["money_outlook", 2025, ""] == (1, 12)
    assert found["money_forecast", 2026, ""] == (1, 4)


def test_the_forecast_takes_what_may_be_spent_where_nothing_was_executed():
    years = (known.Year(2025, 10, 9, 9, 7), known.Year(2026, None, 8, 11, None), known.Year(2027))
    found = names(replace(BOOK, years=years))
    assert found["money_forecast", 2025, ""] == (1, 7)
    assert found["money_forecast", 2026, ""] == (1, 11)
    assert ("money_requested", 2026, "") not in found
    assert not [name for name in found if name[1] == 2027]


def test_a_negative_budget_is_summed_as_it_stands():
    assert names(replace(BOOK, years=(known.Year(2025, -10, 0, -5, None),)))["money_requested", 2025, ""] == (
        1,
        -10,
    )


def test_availability_counts_the_months_that_were_measured():
    ran = (known.Operation(2026, DAY, 9_990, 1, 4), known.Operation(2026, DAY, None, 2, 0))
    found = names(replace(BOOK, operations=ran))
    assert found["availability", 2026, ""] == (1, 9_990)
    assert found["incidents", 2026, ""] == (1, 3)


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(-400, 400), st.booleans())
def test_any_book_has_one_phase_and_whole_numbers(ratings, drift, closed):
    book = replace(BOOK, reports=months(*ratings), drift_days=drift, closed="stopped" if closed else "")
    found = f.figures_of(book)
    assert sum(worth.n for name, worth in found.items() if name.figure == "phase") == 1
    assert all(type(w.n) is int and type(w.amount) is int for w in found.values())
    assert all(len(name.key) <= 20 for name in found)


def shown(**changes):
    return [sign.code for sign in a.signs(replace(BOOK, **changes))]


def test_an_honest_book_shows_no_sign():
    assert shown(reports=months(3, 4, 3, 2), baselines=(MOMENT,), submissions=(MOMENT,)) == []


@pytest.mark.parametrize(
    ("baselines", "submissions", "expected"),
    [
        ((MOMENT, MOMENT), (), []),
        ((MOMENT, MOMENT, MOMENT), (), [a.BASELINE_RESET]),
        ((MOMENT, MOMENT), (MOMENT + dt.timedelta(30),), [a.BASELINE_RESET]),
        ((MOMENT, MOMENT), (MOMENT + dt.timedelta(31),), []),
        ((MOMENT, MOMENT), (MOMENT - dt.timedelta(1),), []),
    ],
)
def test_a_plan_fixed_anew_before_a_review_is_asked_about(baselines, submissions, expected):
    assert shown(baselines=baselines, submissions=submissions) == expected


def test_less_watched_shortly_before_a_submission():
    assert shown(reclassified=(known.Reclassified(MOMENT),), submissions=(MOMENT,)) == [a.RECLASSIFIED]
    assert shown(reclassified=(known.Reclassified(MOMENT),), submissions=(MOMENT + dt.timedelta(90),)) == []


def test_twelve_equal_ratings_but_not_eleven():
    assert shown(reports=months(*[3] * 11)) == []
    assert shown(reports=months(*[3] * 12)) == [a.NEVER_CHANGES]
    assert shown(reports=months(5, *[3] * 12)) == [a.NEVER_CHANGES]


def test_the_same_words_three_times():
    assert (
        shown(reports=months(2, 3, 4, words="順調"))
        == [
            a.COPIED,
        ][:1]
    )
    assert shown(reports=months(2, 3, words="順調")) == []


def test_confident_against_what_is_measured():
    overdue = known.GateState(dt.date(2025, 4, 1), DAY, None, submitted=False, reviewed=False, invited=False)
    assert shown(reports=months(4, 5, 4), gates=(overdue,)) == [a.AGAINST_MEASURES]
    assert shown(reports=months(4, 5, 3), gates=(overdue,)) == []
    assert shown(reports=months(5), drift_days=61) == [a.AGAINST_MEASURES]
    assert shown(reports=months(5), satisfaction=2.9) == [a.AGAINST_MEASURES]
    assert shown(reports=months(5), satisfaction=3.0) == []
    assert shown(reports=months(5), conditions=(dt.date(2025, 3, 1),)) == [a.AGAINST_MEASURES]
    assert shown(reports=months(5), conditions=(dt.date(2025, 6, 1),)) == []
    assert shown(reports=months(5), drift_days=60) == []
