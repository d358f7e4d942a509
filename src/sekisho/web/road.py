"""The road of five checkpoints: the one recurring picture, drawn as SVG on the server.

Solid behind, an open or barred gate at the station where the project stands, dotted ahead.
State is told by shape as well as colour: a tick, a half-filled disc, a gate, a barred gate, a ring, a struck
ring, a cross. The wide sizes are in percent across and pixels down, so text keeps its size on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args
from unicodedata import east_asian_width

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

StationState = Literal["passed", "conditional", "here_open", "here_barred", "ahead", "skipped", "stopped"]
MarkState = Literal["released", "planned", "barred", "emergency"]
Size = Literal["strip", "band", "large"]

STATION_STATES = frozenset(get_args(StationState))
MARK_STATES = frozenset(get_args(MarkState))
SIZES = frozenset(get_args(Size))
BEHIND = frozenset({"passed", "conditional", "skipped"})
NOTCH = 9  # pixels, the point by which the box of bars touches the gate
STRETCH = 12  # half-width signs that fit a station's stretch on a phone
LINE = 14  # pixels between the lines of a folded label
HERE = frozenset({"here_open", "here_barred", "stopped"})


@dataclass(frozen=True)
class Station:
    """One checkpoint. `label` shows on the wide sizes; `word`, if any, says the state under it."""

    phase: str
    label: str
    state: StationState
    word: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATION_STATES:
            raise ValueError(f"unknown station state: {self.state!r}")


@dataclass(frozen=True)
class Mark:
    """A release on the road. `position` runs from 0 (start of the road) to 1 (its end)."""

    position: float
    label: str
    state: MarkState = "released"

    def __post_init__(self) -> None:
        if self.state not in MARK_STATES:
            raise ValueError(f"unknown mark state: {self.state!r}")
        if not 0 <= self.position <= 1:
            raise ValueError(f"a mark lies between 0 and 1, not at {self.position}")


@dataclass(frozen=True)
class Road:
    """What one project's road shows; a screen reader says `description` in its place."""

    stations: tuple[Station, ...]
    description: str
    marks: tuple[Mark, ...] = ()
    bars: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.stations:
            raise ValueError("a road needs at least one station")

    def svg(self, size: Size = "strip") -> SafeString:
        """Draw it: `strip` is 120 x 24 pixels, `band` fills its width with labels, `large` adds the bars
        as a list (so that they wrap, and are read out) in a box that points at the gate.

        Every text is escaped; the markup carries classes only. Raises ValueError for an unknown size.
        """
        if size not in SIZES:
            raise ValueError(f"unknown size: {size!r}")
        return _drawn(self, size)


@lru_cache(maxsize=2048)
def _drawn(road: Road, size: Size) -> SafeString:
    markup = _strip(road) if size == "strip" else _wide(road, size)
    return mark_safe(markup)  # noqa: S308 - every text is escaped where it enters


def _strip(road: Road) -> str:
    xs = [fraction * 120 for fraction in _places(road)]
    edge = xs[_reached(road.stations)]
    parts = [_line("behind", 0, edge, 14), _line("ahead", edge + 3, 120, 14)]
    for x, station in zip(xs, road.stations, strict=True):
        parts.append(_placed(f"{x:g}", 14, _station_class(station), _glyph(station.state, 4.5)))
    for mark in road.marks:
        parts.append(_placed(f"{mark.position * 120:g}", 14, _mark_class(mark), _mark_glyph(mark.state, 2.2)))
    return _svg("strip", 'width="120" height="24" viewBox="0 0 120 24"', road.description, parts)


def _wide(road: Road, size: Size) -> str:
    radius, y = (8.0, 30) if size == "band" else (10.0, 38)
    xs = [fraction * 100 for fraction in _places(road)]
    here = xs[_reached(road.stations)]
    parts = [_line("behind", 0, here, y, "%"), _line("ahead", here, 100, y, "%")]
    parts += [_labelled(x, y, s, radius) for x, s in zip(xs, road.stations, strict=True)]
    parts += [_mark(mark, y) for mark in road.marks]
    height = y + radius + (42 if any(s.word for s in road.stations) else 24)
    if size == "band" or not road.bars:
        return _svg(size, f'width="100%" height="{height:g}"', road.description, parts)
    height += NOTCH
    parts.append(_placed(f"{here:g}%", height, "road-notch", f'<path d="M{-NOTCH} 0L0 {-NOTCH}L{NOTCH} 0"/>'))
    return _svg(size, f'width="100%" height="{height:g}"', road.description, parts) + _bars(road.bars)


def _places(road: Road) -> list[float]:
    """Where each station stands, 0 to 1: in the middle of its own stretch."""
    count = len(road.stations)
    return [(2 * index + 1) / (2 * count) for index in range(count)]


def _reached(stations: Sequence[Station]) -> int:
    """Index of the station the project stands before, or of the last one behind it."""
    for index, station in enumerate(stations):
        if station.state in HERE:
            return index
    return max((i for i, s in enumerate(stations) if s.state in BEHIND), default=0)


def _svg(size: str, dimensions: str, description: str, parts: list[str]) -> str:
    return (
        f'<svg class="road road-{size}" role="img" {dimensions} xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(description)}</title>{''.join(parts)}</svg>"
    )


def _line(kind: str, start: float, end: float, y: float, unit: str = "") -> str:
    return f'<line class="road-{kind}" x1="{start:g}{unit}" x2="{end:g}{unit}" y1="{y}" y2="{y}"/>'


def _placed(x: str, y: float, classes: str, body: str) -> str:
    """Put a drawing made round (0, 0) at x (pixels or percent), y (inner svg: transforms take no percent)."""
    return f'<svg class="{classes}" x="{x}" y="{y:g}" width="1" height="1" overflow="visible">{body}</svg>'


def _labelled(x: float, y: float, station: Station, radius: float) -> str:
    lines, first = _lines(station.label), radius + 20
    body = _glyph(station.state, radius)
    if len(lines) > 1:
        rows = zip((first, first + LINE), lines, strict=True)
        folded = "".join(f'<tspan x="0" y="{row:g}">{escape(line)}</tspan>' for row, line in rows)
        body += f'<text class="road-label is-folded">{folded}</text>'
    body += f'<text class="road-label{" is-long" * (len(lines) > 1)}" y="{first:g}">{escape(station.label)}</text>'
    if station.word:
        body += f'<text class="road-word" y="{radius + 37:g}">{escape(station.word)}</text>'
    return _placed(f"{x:g}%", y, _station_class(station), body)


def _lines(label: str) -> list[str]:
    """A label in one line, or in two where it is too wide for a station's stretch of a phone's screen."""
    if sum(2 if east_asian_width(sign) in "WF" else 1 for sign in label) <= STRETCH:
        return [label]
    breaks = [i for i, sign in enumerate(label) if i and sign in " (("]
    if not breaks:
        return [label]
    at = min(breaks, key=lambda i: abs(2 * i - len(label)))
    return [label[:at], label[at:].strip()]


def _station_class(station: Station) -> str:
    return f"road-station is-{station.state.replace('_', '-')}"


def _mark_class(mark: Mark) -> str:
    return f"road-mark is-{mark.state}"


def _mark(mark: Mark, y: float) -> str:
    body = f"<title>{escape(mark.label)}</title>{_mark_glyph(mark.state, 4.5)}"
    return _placed(f"{mark.position * 100:g}%", y, _mark_class(mark), body)


def _mark_glyph(state: MarkState, r: float) -> str:
    if state == "emergency":
        return f'<path d="M0 {-r * 1.2:g}L{r * 1.15:g} {r:g}H{-r * 1.15:g}Z"/>'
    diamond = f'<path d="M0 {-r:g}L{r:g} 0L0 {r:g}L{-r:g} 0Z"/>'
    return diamond + (f'<path d="M{-r:g} {r:g}L{r:g} {-r:g}"/>' if state == "barred" else "")


def _glyph(state: StationState, r: float) -> str:
    if state in ("here_open", "here_barred"):
        return _gate(r, barred=state == "here_barred")
    disc = f'<circle class="road-disc" r="{r:g}"/>'
    return disc + _inside(state, r)


def _inside(state: StationState, r: float) -> str:
    match state:
        case "passed":
            tick = f"M{-r * 0.45:g} {r * 0.02:g}L{-r * 0.1:g} {r * 0.38:g}L{r * 0.48:g} {-r * 0.36:g}"
            return f'<circle class="road-fill" r="{r:g}"/><path class="road-tick" d="{tick}"/>'
        case "conditional":
            return f'<path class="road-fill" d="M0 {-r:g}A{r:g} {r:g} 0 0 0 0 {r:g}Z"/>'
        case "skipped":
            return f'<path class="road-cut" d="M{-r * 0.6:g} {r * 0.6:g}L{r * 0.6:g} {-r * 0.6:g}"/>'
        case "stopped":
            c = r * 0.5
            return f'<path class="road-cut" d="M{-c:g} {-c:g}L{c:g} {c:g}M{c:g} {-c:g}L{-c:g} {c:g}"/>'
        case _:
            return ""


def _gate(r: float, *, barred: bool) -> str:
    """A roofed checkpoint gate standing over the road; crossed poles between its posts when it is barred."""
    post, top, foot = r * 1.05, -r * 1.75, r * 1.05
    ground = f'<path class="road-ground" d="M{-post:g} {top:g}H{post:g}V{foot:g}H{-post:g}Z"/>'
    frame = (
        f"M{-post:g} {foot:g}V{top:g}M{post:g} {foot:g}V{top:g}"
        f"M{-post * 1.5:g} {top:g}Q0 {top + r * 0.35:g} {post * 1.5:g} {top:g}"
        f"M{-post:g} {-r * 0.85:g}H{post:g}"
    )
    gate = f'<path class="road-gate" d="{frame}"/>'
    if not barred:
        return f'{ground}{gate}<path class="road-gate" d="M{-post:g} 0H{-post * 0.1:g}"/>'
    reach, high, low = post * 0.78, -r * 0.5, r * 0.75
    cross = f"M{-reach:g} {high:g}L{reach:g} {low:g}M{reach:g} {high:g}L{-reach:g} {low:g}"
    return f'{ground}{gate}<path class="road-bar" d="{cross}"/>'


def _bars(bars: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(bar)}</li>" for bar in bars)
    return f'<ul class="road-bars">{items}</ul>'
