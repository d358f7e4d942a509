"""The picture of satisfaction over the years: widths in percent and heights in pixels, so that text keeps its size."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sekisho.analysis.intervals import Estimate

HEIGHT, TOP, BOTTOM = 300, 28, 230  # pixels: the whole, 100 percent, 0 percent
LEFT, RIGHT = 9.0, 95.0  # percent
#: marks of events stand in this many rows, so that neighbours do not cover each other
ROWS = 3
#: pixels by which a wave's two shares stand beside its day
ASIDE = 3
SATISFIED, DISSATISFIED, INK, GRID = "#0b57a4", "#c0392b", "#333333", "#dfe2e6"


@dataclass(frozen=True)
class Mark:
    """One wave on the picture; ``line`` tells which waves may be joined."""

    day: dt.date
    title: str
    satisfied: Estimate
    dissatisfied: Estimate
    line: object


@dataclass(frozen=True)
class Sign:
    """A release or a decision: a number over the axis."""

    day: dt.date
    number: int
    words: str


def timeline(
    title: str, marks: Sequence[Mark], signs: Sequence[Sign], names: tuple[str, str], *, width: str = "100%"
) -> SafeString:
    """Shares with their intervals; points are joined within one line only. ``names``: satisfied, dissatisfied."""
    days = [*(one.day for one in marks), *(one.day for one in signs)]
    scale = _Days(min(days), max(days))
    parts = [*_grid(scale), *_signs(signs, scale)]
    for at, (name, colour) in enumerate((("satisfied", SATISFIED), ("dissatisfied", DISSATISFIED))):
        # beside each other, so that neither covers the other's interval
        drawn = "".join(_line(marks, scale, name, colour, names[at]))
        parts.append(f'<g transform="translate({(-ASIDE, ASIDE)[at]} 0)">{drawn}</g>')
    return mark_safe(  # noqa: S308 - every text is escaped where it enters
        f'<svg class="sv-series" role="img" width="{width}" height="{HEIGHT}" font-family="Noto Sans JP, sans-serif"'
        f' font-size="12" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


class _Days:
    def __init__(self, first: dt.date, last: dt.date) -> None:
        self.first, self.last = first, last
        self.span = (last - first).days

    def at(self, day: dt.date) -> float:
        """Where a day stands, in percent; the middle when there is only one."""
        part = (day - self.first).days / self.span if self.span else 0.5
        return LEFT + 2 + (RIGHT - LEFT - 4) * part


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _grid(scale: _Days) -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        yield _rule(LEFT, y, RIGHT, y, "sv-grid", GRID)
        if share in (0, 0.5, 1):
            yield _text(LEFT - 1, y + 4, f"{100 * share:.0f}%", "end")
    for year in range(scale.first.year, scale.last.year + 2):
        new_year = dt.date(year, 1, 1)
        if scale.first <= new_year <= scale.last:
            yield _rule(scale.at(new_year), BOTTOM, scale.at(new_year), BOTTOM + 6, "sv-grid", GRID)
            yield _text(scale.at(new_year), BOTTOM + 18, str(year), "middle")


def _signs(signs: Sequence[Sign], scale: _Days) -> Iterator[str]:
    for place, one in enumerate(signs):
        x, y = scale.at(one.day), BOTTOM + 32 + 15 * (place % ROWS)
        yield _rule(x, TOP, x, y - 8, "sv-sign", "#8a8f98", ' stroke-dasharray="2 3"')
        yield f"<g>{_text(x, y + 4, str(one.number), 'middle')}<title>{escape(one.words)}</title></g>"


def _line(marks: Sequence[Mark], scale: _Days, name: str, colour: str, words: str) -> Iterator[str]:
    lines: dict[object, list[Mark]] = defaultdict(list)
    for one in marks:
        lines[one.line].append(one)
    for one, other in (pair for line in lines.values() for pair in pairwise(line)):
        x, y = scale.at(one.day), _y(getattr(one, name).value)
        to_x, to_y = scale.at(other.day), _y(getattr(other, name).value)
        yield _rule(x, y, to_x, to_y, f"sv-join is-{name}", colour)
    for one in marks:
        found, x = getattr(one, name), scale.at(one.day)
        yield _rule(x, _y(found.low), x, _y(found.high), f"sv-span is-{name}", colour)
        said = (
            f"{one.title} · {words}: {100 * found.value:.0f}% ({100 * found.low:.0f}–{100 * found.high:.0f})"
        )
        yield _dot(x, _y(found.value), name, colour, f"<title>{escape(said)}</title>")


def _dot(x: float, y: float, name: str, colour: str, title: str) -> str:
    """A disc, or a square for the dissatisfied: told apart without colour, too."""
    if name == "satisfied":
        return f'<circle class="sv-dot is-{name}" cx="{x:.2f}%" cy="{y:.1f}" r="4" fill="{colour}">{title}</circle>'
    return (
        f'<rect class="sv-dot is-{name}" x="{x:.2f}%" y="{y - 4:.1f}" width="8" height="8" transform="translate(-4 0)"'
        f' fill="{colour}">{title}</rect>'
    )


def _rule(x: float, y: float, to_x: float, to_y: float, name: str, colour: str, more: str = "") -> str:
    return f'<line class="{name}" x1="{x:.2f}%" y1="{y:.1f}" x2="{to_x:.2f}%" y2="{to_y:.1f}" stroke="{colour}"{more}/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="sv-words" fill="{INK}" x="{x:.2f}%" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
