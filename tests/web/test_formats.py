"""Money, fiscal years and dates for reading."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.web.formats import date_long, date_time, fiscal_year, relative_day, yen_exact, yen_short

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("amount", "japanese", "english"),
    [
        (0, "0円", "¥0"),
        (9_800, "9,800円", "¥9,800"),
        (10_000, "1万円", "¥10,000"),
        (123_450_000, "1億2,345万円", "¥123.45M"),
        (12_345_678, "1,235万円", "¥12.35M"),
        (100_000_000, "1億円", "¥100M"),
        (99_999_999, "1億円", "¥100M"),
        (1_200_000_000, "12億円", "¥1.2B"),
        (999_999_999, "10億円", "¥1B"),
        (1_234_500_000_000, "1兆2,345億円", "¥1.23T"),
        (999_999_999_999, "1兆円", "¥1T"),
        (-123_450_000, "-1億2,345万円", "-¥123.45M"),
    ],
)
def test_yen_is_short_for_reading(amount, japanese, english):
    assert yen_short(amount, "ja") == japanese
    assert yen_short(amount, "en") == english


@given(st.integers(-(10**15), 10**15))
def test_exact_yen_loses_nothing(amount):
    for lang in ("ja", "en"):
        text = yen_exact(amount, lang)
        assert int(text.replace(",", "").replace("円", "").replace("¥", "")) == amount


@given(st.integers(1, 10**14))
def test_short_yen_never_shows_a_whole_upper_unit_in_the_lower_one(amount):
    assert "10,000" not in yen_short(amount, "ja")


@pytest.mark.parametrize(
    ("year", "japanese"),
    [
        (2023, "令和5年度(2023)"),
        (2019, "令和元年度(2019)"),
        (2018, "平成30年度(2018)"),
        (1988, "昭和63年度(1988)"),
    ],
)
def test_fiscal_years_carry_the_era_and_the_year(year, japanese):
    assert fiscal_year(year, "ja") == japanese
    assert fiscal_year(year, "en") == f"FY{year}"


def test_long_dates_carry_the_day_of_the_week():
    assert date_long(MONDAY, "ja") == "2026年11月23日(月)"
    assert date_long(MONDAY, "en") == "Mon 23 Nov 2026"


def test_a_moment_is_told_in_the_current_time_zone():
    late = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert date_long(late, "ja") == "2026年11月23日(月)"
    assert date_time(late, "en") == "Mon 23 Nov 2026 01:30"


@pytest.mark.parametrize(
    ("day", "japanese", "english"),
    [
        (23, "今日", "today"),
        (24, "明日", "tomorrow"),
        (22, "昨日", "yesterday"),
        (29, "6日後", "in 6 days"),
        (20, "3日前", "3 days ago"),
        (30, "2026年11月30日(月)", "Mon 30 Nov 2026"),
        (16, "2026年11月16日(月)", "Mon 16 Nov 2026"),
    ],
)
def test_days_are_relative_only_under_a_week(day, japanese, english):
    value = date(2026, 11, day)
    assert relative_day(value, MONDAY, "ja") == japanese
    assert relative_day(value, MONDAY, "en") == english


def test_a_missing_value_is_said_in_words():
    values = [yen_short(None, "en"), yen_exact(None, "en"), fiscal_year(None, "en"), date_long(None, "en")]
    values += [date_time(None, "en"), relative_day(None, MONDAY, "en")]
    assert set(values) == {"not entered"}
