import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho import values
from sekisho.values import ValueProblem


@pytest.mark.parametrize(
    ("text", "unit", "yen"),
    [
        ("1,234", 1, 1234),
        ("１，２３４", 1000, 1_234_000),
        ("1,234千円", 1, 1_234_000),
        ("1,234千円", 1_000_000, 1_234_000),
        ("500円", 1000, 500),
        ("9.72", 1_000_000, 9_720_000),
        (9.72, 1_000_000, 9_720_000),
        ("1億2,000万円", 1, 120_000_000),
        ("1千万円", 1, 10_000_000),
        ("1.5億", 1, 150_000_000),
        ("￥500", 1, 500),
        ("-¥500", 1, -500),
        ("△1,234", 1000, -1_234_000),
        ("▲０．５百万円", 1, -500_000),
        ("−5", 1, -5),
        ("(1,234)", 1, -1234),
        ("579012107000.0", 1, 579_012_107_000),
        ("7.895999999999999", 1_000_000, 7_896_000),
        ("26523.452999999998", 1_000_000, 26_523_453_000),
        ("2.9851199999999998", 1_000_000, 2_985_120),
        (0, 1, 0),
    ],
)
def test_money_is_understood_exactly(text, unit, yen):
    assert values.parse_yen(text, unit) == yen


@pytest.mark.parametrize(
    "text",
    ["", "-", None, "abc", "1,23", "12.5", "0.0000001百万円", "1e400", "9e99", "万円", True, "5円3円", "nan"],
)
def test_money_that_is_none_is_refused_with_a_mend(text):
    with pytest.raises(ValueProblem) as caught:
        values.parse_yen(text)
    assert caught.value.message
    assert caught.value.mend


@given(st.integers(-(10**15), 10**15))
def test_whole_yen_survive_every_way_of_writing(yen):
    assert values.parse_yen(yen) == yen
    assert values.parse_yen(f"{yen:,}円") == yen
    assert values.parse_yen(f"{yen}.0") == yen


@given(st.integers(0, 10**13))
def test_yen_divided_into_millions_come_back(yen):
    assert values.parse_yen(f"{yen // 10**6}.{yen % 10**6:06d}", 10**6) == yen


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_no_value_raises_anything_but_a_value_problem(value):
    shown: list[str] = []
    for parse in (
        values.parse_yen,
        values.parse_date,
        values.parse_fiscal_year,
        values.parse_bool,
        values.parse_corporate_number,
        values.normalise_name,
    ):
        try:
            parse(value)
        except ValueProblem as problem:
            shown.append(str(problem))
    assert all(shown)


@pytest.mark.parametrize(
    "text",
    [
        "2023-04-01",
        "2023/4/1",
        "2023.4.1",
        "20230401",
        20230401,
        45017,
        45017.75,
        "45017",
        "2023年4月1日",
        "2023年4月1日（土）",
        "令和5年4月1日",
        "令和 5 年 4 月 1 日",
        "R5.4.1",
        "Ｒ５．４．１",
        "㋿5年4月1日",
        "令和五年四月一日",
        "二〇二三年四月一日",
        "R050401",
        "2023/04/01 0:00",
        "2023-04-01T00:00:00+09:00",
        dt.datetime(2023, 4, 1, 12),
        dt.date(2023, 4, 1),
    ],
)
def test_a_day_is_understood_however_it_is_written(text):
    assert values.parse_date(text) == dt.date(2023, 4, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", dt.date(2019, 5, 1)),
        ("H31.4.30", dt.date(2019, 4, 30)),
        ("昭和64年1月7日", dt.date(1989, 1, 7)),
        ("大正15年12月25日", dt.date(1926, 12, 25)),
        ("平成三十一年四月三十日", dt.date(2019, 4, 30)),
        ("昭和五十年十二月二十一日", dt.date(1975, 12, 21)),
    ],
)
def test_the_edges_of_eras_are_right(text, day):
    assert values.parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("平成33年4月1日", "令和3年4月1日"),
        ("令和元年4月1日", "平成31年4月1日"),
        ("S64.1.8", "平成元年1月8日"),
    ],
)
def test_a_day_outside_its_era_is_refused_and_the_right_one_named(text, right):
    with pytest.raises(ValueProblem) as caught:
        values.parse_date(text)
    assert right in caught.value.mend


@pytest.mark.parametrize(
    "text", ["2023-02-30", "2023", "", "明日", "令和0年4月1日", "令和十十年四月一日", "99999999", 12.5, "5/1"]
)
def test_a_day_that_is_none_is_refused(text):
    with pytest.raises(ValueProblem):
        values.parse_date(text)


def test_sentences_in_a_row_stand_as_each_language_sets_them():
    assert (
        values.sentences("その日はありません。", "", "月を確かめてください。")
        == "その日はありません。月を確かめてください。"
    )
    assert values.sentences("No such day.", "Check the month.") == "No such day. Check the month."


@pytest.mark.parametrize("text", ["9" * 40, "００００４５０００１２３"])
def test_digits_too_many_for_a_day_are_no_day_and_are_named_as_they_were_written(text):
    with pytest.raises(ValueProblem) as caught:
        values.parse_date(text)
    assert text in str(caught.value)


@given(st.dates(dt.date(1873, 1, 1), dt.date(2117, 1, 1)))
def test_every_day_written_in_its_era_comes_back(day):
    assert values.parse_date(values.in_era(day)) == day


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (2023, 2023),
        (2023.0, 2023),
        ("2023", 2023),
        ("2023.0", 2023),
        ("２０２３年度", 2023),
        ("FY2023", 2023),
        ("令和5年度", 2023),
        ("R5", 2023),
        ("令和元年度", 2019),
        ("平成31年度", 2019),
        ("令和六年度", 2024),
        ("令和6(2024)年度", 2024),
        ("2024（令和6）年度", 2024),
        ("令和元年度（平成31年度）", 2019),
        ("2023年3月", 2022),
        ("令和5年4月", 2023),
        (dt.date(2024, 3, 31), 2023),
    ],
)
def test_fiscal_years_are_understood(text, year):
    assert values.parse_fiscal_year(text) == year


def test_a_fiscal_year_after_its_era_is_refused_and_the_right_one_named():
    with pytest.raises(ValueProblem) as caught:
        values.parse_fiscal_year("平成33年度")
    assert "令和3年度" in caught.value.mend


@pytest.mark.parametrize("text", ["", "5年度", "4013", "x", True, "令和6(2023)年度", "2024(見込)"])
def test_a_fiscal_year_that_is_none_is_refused(text):
    with pytest.raises(ValueProblem):
        values.parse_fiscal_year(text)


def test_yes_and_no_are_understood_in_both_languages():
    assert all(map(values.parse_bool, ["有", "はい", "○", "TRUE", 1, "１", True, "要"]))
    assert not any(map(values.parse_bool, ["無", "いいえ", "×", "false", 0, False, "不要"]))
    with pytest.raises(ValueProblem):
        values.parse_bool("たぶん")


def test_names_keep_emoji_and_rare_characters_and_lose_what_cannot_be_seen():
    assert values.normalise_name("  施設\u0000予約👩‍💻\n\t第二 ") == "施設予約👩‍💻 第二"
    for kept in ("\ue000外字", "神\ufa19", "葛\U000e0100城市", "髙﨑", "🏛️"):
        assert values.normalise_name(kept) == kept
    assert values.normalise_name("か\u3099") == "が"
    assert values.normalise_name("abc\u202egnp.exe") == "abcgnp.exe"


def test_text_is_refused_and_never_cut_when_too_long():
    assert values.clean_text("a\r\nb\rc ", 5) == "a\nb\nc"
    with pytest.raises(ValueProblem, match="6"):
        values.clean_text("abcdef", 5)


def test_a_corporate_number_must_pass_its_check_digit():
    assert values.parse_corporate_number("７０００-０１-２０５０００２") == "7000012050002"
    assert values.parse_corporate_number(1020001071491) == "1020001071491"
    for wrong in ("1020001071492", "128171", ""):
        with pytest.raises(ValueProblem):
            values.parse_corporate_number(wrong)
