"""The map of zones, systems and flows as SVG, made on the server. Pure.

Zones are columns, groups (bureaus or projects) are rows, systems are boxes in their cell, flows are lines; those that a
rule forbids or finds lacking are drawn apart by shape and class, not by colour alone. A cell with many systems
sets them in several columns, so that 300 systems stay legible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

BOX_W, BOX_H, GAP = 168, 26, 8
PAD, LABEL_W, HEAD = 14, 150, 40
MOST_ROWS = 8  # boxes stacked in a cell before another column of boxes begins


@dataclass(frozen=True)
class Box:
    """A system: its key, name, the column (zone) and row (group) it stands in. ``bad``: a finding is about it."""

    key: int
    name: str
    column: int
    row: int
    bad: bool = False


@dataclass(frozen=True)
class Line:
    """A flow between two boxes by key, with its words. ``bad``: a finding is about it."""

    source: int
    target: int
    words: str
    bad: bool = False


@dataclass(frozen=True)
class Picture:
    """The SVG, and its size in pixels."""

    svg: str
    width: int
    height: int


def draw(
    columns: Sequence[str], rows: Sequence[str], boxes: Sequence[Box], lines: Sequence[Line], title: str
) -> Picture:
    """Draw the map. Names are cut to their box and stand whole in its <title>."""
    cells: dict[tuple[int, int], list[Box]] = {}
    for box in boxes:
        cells.setdefault((box.row, box.column), []).append(box)
    across = [
        max([-(-len(cells.get((r, c), ())) // MOST_ROWS) for r in range(len(rows))] or [1]) or 1
        for c in range(len(columns))
    ]
    down = [
        max([min(MOST_ROWS, len(cells.get((r, c), ()))) for c in range(len(columns))] or [1]) or 1
        for r in range(len(rows))
    ]
    lefts, x = [], LABEL_W
    for n in across:
        lefts.append(x)
        x += n * (BOX_W + GAP) + 2 * PAD + 40  # room in which lines turn
    tops, y = [], HEAD
    for n in down:
        tops.append(y)
        y += n * (BOX_H + GAP) + 2 * PAD
    places = _places(cells, lefts, tops)
    parts = [
        _column(name, lefts[c], (lefts[c + 1] if c + 1 < len(lefts) else x) - lefts[c], y)
        for c, name in enumerate(columns)
    ]
    parts += [_row(name, tops[r], x) for r, name in enumerate(rows)]
    parts += [_line(line, places) for line in lines if line.source in places and line.target in places]
    parts += [_box(box, *places[box.key]) for box in boxes]
    svg = (
        f'<svg class="net-map" role="img" xmlns="http://www.w3.org/2000/svg" width="{x}" height="{y}" '
        f'viewBox="0 0 {x} {y}"><title>{escape(title)}</title>{_ARROWS}{"".join(parts)}</svg>'
    )
    return Picture(svg, x, y)


_ARROWS = (
    '<defs><marker id="net-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path class="net-head" d="M0 0 8 4 0 8z"/></marker>'
    '<marker id="net-end-bad" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path class="net-head is-bad" d="M0 0 8 4 0 8z"/></marker></defs>'
)


def _places(
    cells: Mapping[tuple[int, int], Sequence[Box]], lefts: Sequence[int], tops: Sequence[int]
) -> dict[int, tuple[int, int]]:
    places = {}
    for (row, column), inside in cells.items():
        for index, box in enumerate(inside):
            along, under = divmod(index, MOST_ROWS)
            places[box.key] = (
                lefts[column] + PAD + 20 + along * (BOX_W + GAP),
                tops[row] + PAD + under * (BOX_H + GAP),
            )
    return places


def _column(name: str, left: int, width: int, height: int) -> str:
    return (
        f'<rect class="net-zone" x="{left + 4}" y="4" width="{width - 8}" height="{height - 8}" rx="8"/>'
        f'<text class="net-zone-name" x="{left + width / 2:g}" y="26" text-anchor="middle">{escape(name)}</text>'
    )


def _row(name: str, top: int, width: int) -> str:
    return (
        f'<line class="net-row" x1="0" x2="{width}" y1="{top}" y2="{top}"/>'
        f'<text class="net-row-name" x="4" y="{top + PAD + 17}"><title>{escape(name)}</title>{escape(cut(name, 20))}</text>'
    )


def _box(box: Box, x: int, y: int) -> str:
    mark = "▲ " if box.bad else ""
    state = " is-bad" if box.bad else ""
    return (
        f'<g class="net-box{state}"><title>{escape(box.name)}</title><rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 17}">{escape(mark + cut(box.name, 22 if not mark else 19))}</text></g>'
    )


def _line(line: Line, places: Mapping[int, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = places[line.source], places[line.target]
    y1, y2 = y1 + BOX_H // 2, y2 + BOX_H // 2
    if x1 == x2:  # in one column: out to the right and back in
        x1, x2 = x1 + BOX_W, x2 + BOX_W
        bend = x1 + 18
        path = f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"
    else:
        x1, x2 = (x1 + BOX_W, x2) if x1 < x2 else (x1, x2 + BOX_W)
        middle = (x1 + x2) / 2
        path = f"M{x1} {y1}C{middle:g} {y1} {middle:g} {y2} {x2} {y2}"
    state, end = (" is-bad", "net-end-bad") if line.bad else ("", "net-end")
    return f'<g class="net-flow{state}"><title>{escape(line.words)}</title><path d="{path}" marker-end="url(#{end})"/></g>'


def cut(name: str, room: int) -> str:
    """A name cut to ``room`` half-width characters; a full-width one takes two."""
    used = 0
    for index, character in enumerate(name):
        used += 1 if character.isascii() else 2
        if used > room:
            return f"{name[:index].rstrip()}…"
    return name
