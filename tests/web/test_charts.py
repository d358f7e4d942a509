"""The money chart."""

import re
from xml.etree import ElementTree

from sekisho.web.charts import SPAN, MoneyLabels, MoneyYear, money_chart

LABELS = MoneyLabels("Money by year", "Requested", "Approved", "Executed")


def widths(markup: str) -> list[float]:
    return [float(w) for w in re.findall(r'class="chart-bar[^>]*width="([\d.]+)%"', markup)]


def test_bars_start_at_zero_and_keep_proportion():
    chart = money_chart([MoneyYear("FY2023", 200_000_000, 100_000_000, 50_000_000)], LABELS, "en")
    assert widths(chart) == [SPAN, SPAN / 2, SPAN / 4]


def test_it_writes_the_amount_beside_the_bar_and_the_exact_yen_on_hover():
    chart = money_chart([MoneyYear("令和5年度(2023)", 123_456_789, 0, None)], LABELS, "ja")
    assert ">1億2,346万円<" in chart
    assert "<title>Requested: 123,456,789円</title>" in chart


def test_a_missing_figure_is_said_and_drawn_as_no_bar():
    chart = money_chart([MoneyYear("FY2023", 100, None, None)], LABELS, "en")
    assert len(widths(chart)) == 1
    assert chart.count(">not entered<") == 2


def test_all_zero_and_negative_amounts_do_not_break_it():
    chart = money_chart([MoneyYear("FY2023", 0, -5_000, None)], LABELS, "en")
    assert widths(chart) == []
    assert "-¥5,000" in chart


def test_it_is_well_formed_escaped_and_without_inline_style():
    chart = money_chart([MoneyYear("<b>&", 1, 2, 3)], MoneyLabels("<i>", "a", "b", "c"), "en")
    assert ElementTree.fromstring(chart).get("role") == "img"
    assert "<b>" not in chart
    assert "style=" not in chart


def test_no_years_make_no_chart():
    assert money_chart([], LABELS, "ja") == ""
