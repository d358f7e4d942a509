"""Tables for a terminal: columns aligned by what characters take up, two places for a full-width one."""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Places of a terminal that the text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def padded(text: str, places: int, *, right: bool = False) -> str:
    """The text with spaces up to ``places``."""
    gap = " " * max(places - width(text), 0)
    return gap + text if right else text + gap


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> list[str]:
    """Lines of a table: ``left`` columns flush left, the others flush right, a rule below the headings."""
    whole = [list(headings), *map(list, rows)]
    widths = [max(width(row[column]) for row in whole) for column in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        parts = (
            padded(cell, places, right=column >= left)
            for column, (cell, places) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(parts).rstrip()

    return [line(headings), "  ".join("-" * places for places in widths), *map(line, rows)]


def pairs(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Lines of names and values, the values under one another."""
    places = max((width(name) for name, _value in rows), default=0)
    return [f"{padded(name, places)}  {value}".rstrip() for name, value in rows]


def figure(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals; a dash for none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent; a dash for none."""
    return "–" if share is None else f"{figure(100 * share, digits)} %"


def between(
    low_high: Sequence[float | None] | None, digits: int = 2, scale: tuple[float, float] | None = None
) -> str:
    """An interval, cut to the ends of its scale; a dash for none."""
    if low_high is None or low_high[0] is None or low_high[1] is None:
        return "–"
    low, high = low_high[0], low_high[1]
    if scale:
        low, high = max(low, scale[0]), min(high, scale[1])
    return f"{figure(low, digits)} … {figure(high, digits)}"


def percent_between(low_high: Sequence[float | None] | None, digits: int = 1) -> str:
    """An interval of shares in per cent; a dash for none."""
    if low_high is None or None in low_high:
        return "–"
    return between([100 * (end or 0.0) for end in low_high], digits) + " %"


def p_value(p: float | None) -> str:
    """A p-value as papers print it."""
    return "–" if p is None else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
