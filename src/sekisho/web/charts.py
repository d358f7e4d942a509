"""Small server-made charts. Money by fiscal year: grouped bars, zero baseline, each named and valued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sekisho.web.formats import yen_exact, yen_short

ROW = 20  # pixels from bar to bar
BAR = 13  # pixels, thickness of a bar
HEAD = 26  # pixels for a year's heading
GAP = 12  # pixels between years
START = 20.0  # percent where the zero line stands; names lie to its left
SPAN = 50.0  # percent the longest bar takes; its amount lies to its right
SERIES = ("requested", "approved", "executed")


@dataclass(frozen=True)
class MoneyYear:
    """Yen of one fiscal year; None where a figure was not entered."""

    label: str
    requested: int | None
    approved: int | None
    executed: int | None


@dataclass(frozen=True)
class MoneyLabels:
    """The words of the chart: its title for screen readers and the names of the three bars."""

    title: str
    requested: str
    approved: str
    executed: str


def money_chart(years: Sequence[MoneyYear], labels: MoneyLabels, lang: str) -> SafeString:
    """Bars of requested, approved and executed money by year as SVG; "" when there is no year.

    The exact yen stands in each bar's <title>. A negative amount has no bar, but its figure is written.
    """
    if not years:
        return SafeString("")
    longest = max((v for year in years for v in _amounts(year) if v is not None), default=0)
    block = HEAD + ROW * len(SERIES) + GAP
    height = block * len(years)
    groups = "".join(_group(year, i * block, longest, labels, lang) for i, year in enumerate(years))
    return mark_safe(  # noqa: S308 - every text is escaped where it enters
        f'<svg class="chart chart-money" role="img" width="100%" height="{height}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(labels.title)}</title>{groups}</svg>"
    )


def _amounts(year: MoneyYear) -> tuple[int | None, int | None, int | None]:
    return year.requested, year.approved, year.executed


def _group(year: MoneyYear, top: int, longest: int, labels: MoneyLabels, lang: str) -> str:
    heading = f'<text class="chart-year" x="0" y="{top + 15}">{escape(year.label)}</text>'
    bars = "".join(
        _bar(series, getattr(labels, series), amount, y=top + HEAD + i * ROW, longest=longest, lang=lang)
        for i, (series, amount) in enumerate(zip(SERIES, _amounts(year), strict=True))
    )
    foot = top + HEAD + ROW * len(SERIES) - (ROW - BAR) + 2
    axis = f'<line class="chart-axis" x1="{START:g}%" x2="{START:g}%" y1="{top + HEAD - 3}" y2="{foot}"/>'
    return f"<g>{heading}{bars}{axis}</g>"


def _bar(series: str, name: str, amount: int | None, *, y: int, longest: int, lang: str) -> str:
    width = SPAN * max(amount or 0, 0) / longest if longest > 0 else 0.0
    missing = " is-missing" if amount is None else ""
    place = f'x="{START:g}%" y="{y}" width="{width:.2f}%" height="{BAR}"'
    shape = f'<rect class="chart-bar is-{series}" {place}/>' if width else ""
    return (
        f"<g><title>{escape(name)}: {escape(yen_exact(amount, lang))}</title>"
        f"{_text_at(START, y, -8, 'chart-series', name)}{shape}"
        f"{_text_at(START + width, y, 7, f'chart-amount{missing}', yen_short(amount, lang))}</g>"
    )


def _text_at(percent: float, y: int, shift: int, classes: str, text: str) -> str:
    """Text a few pixels off a place given in percent: an inner svg, as an attribute cannot add the two."""
    return (
        f'<svg x="{percent:.2f}%" y="{y}" width="1" height="1" overflow="visible">'
        f'<text class="{classes}" x="{shift}" y="{BAR - 2}">{escape(text)}</text></svg>'
    )
