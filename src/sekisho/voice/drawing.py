"""Pictures of results as SVG made on the server: colours stand as attributes, a page's styles replace them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sekisho.analysis.intervals import Estimate

#: class of a category -> colour of the picture on its own (Okabe and Ito's order)
CATEGORY_COLOURS = {
    "M": "#c0392b",
    "O": "#0b57a4",
    "A": "#007a5a",
    "I": "#6a6f78",
    "R": "#8a5a00",
    "Q": "#8a5a00",
}
INK, GRID = "#333333", "#c9ccd1"
SIZE, LEFT, TOP, PLANE = 400, 44, 14, 330
RADIUS = 9
#: where a number may stand beside its point, nearest first: eight directions, then further out
_PLACES = [
    (distance * math.cos(turn * math.pi / 4), distance * math.sin(turn * math.pi / 4))
    for distance in (16, 26, 38, 52)
    for turn in (7, 1, 5, 3, 6, 2, 0, 4)
]


@dataclass(frozen=True)
class Point:
    """A feature on the plane: Better and Worse with their intervals."""

    number: int
    title: str
    category: str
    better: Estimate
    worse: Estimate


@dataclass(frozen=True)
class PlaneWords:
    """The words of the plane in the reader's language: its title, the axes, the quarters A, O, M, I."""

    title: str
    better: str
    worse: str
    quarters: Sequence[str]


def plane(points: Sequence[Point], words: PlaneWords, *, width: str = "100%") -> SafeString:
    """The Better–Worse plane (Timko 1993): Worse to the right as its absolute value, Better upwards, both 0 to 1.

    A cross shows the intervals of each feature. Its number stands beside the point where it covers no other number.
    """
    body = "".join([*_frame(words), *(_cross(one) for one in points), *_numbers(points)])
    return mark_safe(  # noqa: S308 - every text is escaped where it enters
        f'<svg class="kano-plane" role="img" width="{width}" viewBox="0 0 {SIZE} {SIZE}"'
        ' preserveAspectRatio="xMinYMin meet" font-family="Noto Sans JP, sans-serif" font-size="12"'
        f' xmlns="http://www.w3.org/2000/svg"><title>{escape(words.title)}</title>{body}</svg>'
    )


def _x(worse: float) -> float:
    return LEFT + PLANE * min(abs(worse), 1.0)


def _y(better: float) -> float:
    return TOP + PLANE * (1 - better)


def _frame(words: PlaneWords) -> Iterator[str]:
    yield f'<rect class="kp-ground" x="{LEFT}" y="{TOP}" width="{PLANE}" height="{PLANE}" fill="#ffffff" stroke="{GRID}"/>'
    yield _line(_x(0.5), TOP, _x(0.5), TOP + PLANE, "kp-half", GRID)
    yield _line(LEFT, _y(0.5), LEFT + PLANE, _y(0.5), "kp-half", GRID)
    corners = ((0.25, 0.97), (0.75, 0.97), (0.75, 0.02), (0.25, 0.02))
    for (x, y), quarter in zip(corners, words.quarters, strict=True):
        yield _text(_x(x), _y(y) + (6 if y > 0.5 else 0), quarter, "kp-quarter", "middle")
    for step in (0, 0.5, 1):
        yield _text(_x(step), TOP + PLANE + 16, f"{-step:g}" if step else "0", "kp-tick", "middle")
        yield _text(LEFT - 6, _y(step) + 4, f"{step:g}", "kp-tick", "end")
    yield _text(LEFT + PLANE / 2, TOP + PLANE + 36, words.worse, "kp-axis", "middle")
    yield (
        f'<text class="kp-axis" fill="{INK}" text-anchor="middle" transform="translate(14 {TOP + PLANE / 2:g}) rotate(-90)">'
        f"{escape(words.better)}</text>"
    )


def _line(x: float, y: float, to_x: float, to_y: float, name: str, colour: str) -> str:
    return (
        f'<line class="{name}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{colour}"/>'
    )


def _text(x: float, y: float, words: str, name: str, anchor: str) -> str:
    return f'<text class="{name}" fill="{INK}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _cross(one: Point) -> str:
    x, y, colour = _x(one.worse.value), _y(one.better.value), CATEGORY_COLOURS.get(one.category, INK)
    name = f"kp-cross is-{one.category}"
    return (
        _line(_x(one.worse.low), y, _x(one.worse.high), y, name, colour)
        + _line(x, _y(one.better.low), x, _y(one.better.high), name, colour)
        + f'<circle class="kp-point is-{one.category}" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}">'
        + f"<title>{escape(one.title)}</title></circle>"
    )


def _numbers(points: Sequence[Point]) -> Iterator[str]:
    """Numbers in circles, each where it overlaps least with what stands there already."""
    taken = [(_x(one.worse.value), _y(one.better.value), 5.0) for one in points]
    for one in points:
        x, y = _x(one.worse.value), _y(one.better.value)
        places = [
            (x + dx, y + dy)
            for dx, dy in _PLACES
            if RADIUS < x + dx < SIZE - RADIUS and RADIUS < y + dy < TOP + PLANE - RADIUS
        ]
        at = min(places, key=lambda place: _overlap(place, taken))
        taken.append((*at, float(RADIUS)))
        colour = CATEGORY_COLOURS.get(one.category, INK)
        yield _line(x, y, *at, "kp-leader", colour)
        yield (
            f'<circle class="kp-number is-{one.category}" cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{RADIUS}" fill="#ffffff"'
            f' stroke="{colour}"/>' + _text(at[0], at[1] + 4, str(one.number), "kp-digits", "middle")
        )


def _overlap(place: tuple[float, float], taken: Sequence[tuple[float, float, float]]) -> float:
    return sum(max(0.0, RADIUS + r + 1 - math.dist(place, (x, y))) for x, y, r in taken)
