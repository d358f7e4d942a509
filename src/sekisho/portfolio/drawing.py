"""Charts as SVG made on the server. Widths are percent and heights pixels, so that text keeps its size on a phone.

Colours stand as attributes, for the picture on its own; a page's styles replace them by its theme's.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from sekisho.portfolio.charts import Cell, Chart, Row, share
from sekisho.portfolio.known import WHOLE

LABEL, BAR, GAP = 20, 18, 14  # pixels: the words above a bar, the bar, the space below
THIN = 13  # a bar among bars side by side
ROOM = 86.0  # percent the longest bar takes; its total stands behind it
AXIS, SCALE = (
    42,
    78.0,
)  # dots: pixels of the scale's words, percent of its width; values stand behind the last point
MONEY_ROOM = 70.0  # the same for bars side by side: behind them may stand 54億1,700万円, on a phone too
NARROW = 5.0  # percent: a part narrower than this carries no number
FLOW_WIDTH, FLOW_HEIGHT, FLOW_NODE = 340, 260, 12
FLOW_GAP, FLOW_TOP = 8, 22

#: class -> colour of the picture on its own: Okabe and Ito's order for colour-blind readers, and greys
PALETTE = {
    "c1": "#0b57a4", "c2": "#5b9bd5", "c3": "#b8d4ee", "c4": "#e69f00", "c5": "#c0392b", "c6": "#8a8f98",
    "r1": "#b5361c", "r2": "#e58b4f", "r3": "#b9bdc4", "r4": "#6fa8dc", "r5": "#0b57a4", "none": "#dfe2e6",
}  # fmt: skip
#: fills on which numbers are written in white
DARK = {"c1", "c5", "r1", "r5"}


def draw(chart: Chart, *, width: str = "100%", linked: bool = False) -> SafeString:
    """The picture of a chart; "" when there is nothing to draw. ``width`` in pixels for a picture on its own.

    ``linked``: its parts open the lists behind them when pressed; who reads by keyboard or ear finds them in the table.
    """
    if chart.is_empty:
        return SafeString("")
    body, height, box = _DRAWERS[chart.kind](chart if linked else _unlinked(chart))
    return mark_safe(  # noqa: S308 - every text is escaped where it enters
        f'<svg class="pf-chart pf-{chart.kind}" role="{"group" if linked else "img"}" width="{width}" height="{height}"{box}'
        ' font-family="Noto Sans JP, sans-serif" font-size="13" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(str(chart.title))}</title>{body}</svg>"
    )


def _unlinked(chart: Chart) -> Chart:
    rows = [Row(row.title, [replace(cell, behind="") for cell in row.cells]) for row in chart.rows]
    return replace(chart, rows=rows)


def _opening(cell: Cell, words: str, shapes: str) -> str:
    """Shapes that open the list behind a number."""
    if not cell.behind:
        return shapes
    return f'<a href="{escape(cell.behind)}" aria-label="{escape(words)}" tabindex="-1">{shapes}</a>'


def _stack(chart: Chart) -> tuple[str, int, str]:
    longest = max(sum(max(cell.value, 0) for cell in row.cells) for row in chart.rows) or 1
    step = LABEL + BAR + GAP
    body = "".join(_stacked_row(row, chart, i * step, longest) for i, row in enumerate(chart.rows))
    return body, step * len(chart.rows), ""


def _stacked_row(row: Row, chart: Chart, top: int, longest: int) -> str:
    out, at = [_words(0, top + 14, row.title)], 0.0
    for cell, title, colour in zip(row.cells, chart.series, chart.colours, strict=True):
        width = ROOM * cell.value / longest
        if cell.value > 0:
            words = f"{row.title} · {title}: {cell.text}"
            shapes = _part(at, top + LABEL, width, BAR, colour, words)
            if width >= NARROW and len(chart.series) > 1:
                shapes += _inside(at + width / 2, top + LABEL + 13, cell.text, colour)
            out.append(_opening(cell, words, shapes))
            at += width
    total = row.cells[0].text if len(row.cells) == 1 else f"{row.total:,}"
    out.append(_behind(at, top + LABEL, total))
    return "".join(out)


def _bars(chart: Chart) -> tuple[str, int, str]:
    ends = [end for row in chart.rows for cell in row.cells for end in (cell.value, *(cell.likely or ()))]
    least, most = min(0, *ends), max(0, *ends)
    step = LABEL + (THIN + 4) * len(chart.series) + GAP
    height = step * len(chart.rows)

    def at(value: int) -> float:
        return MONEY_ROOM * (value - least) / ((most - least) or 1)

    body = "".join(_side_by_side(row, chart, i * step, at) for i, row in enumerate(chart.rows))
    zero = _line(at(0), at(0), LABEL, height - GAP, "pf-zero", "#8a8f98") if least < 0 else ""
    return body + zero, height, ""


def _side_by_side(row: Row, chart: Chart, top: int, at: Callable[[int], float]) -> str:
    """Bars from zero, to the left where a number is negative."""
    out = [_words(0, top + 14, row.title)]
    for i, (cell, title, colour) in enumerate(zip(row.cells, chart.series, chart.colours, strict=True)):
        low, high = sorted((at(0), at(cell.value)))
        y = top + LABEL + i * (THIN + 4)
        words = f"{row.title} · {title}: {cell.text}"
        likely = [at(end) for end in cell.likely or ()]
        bar = _part(low, y, high - low, THIN, colour, words)
        out.append(_opening(cell, words, bar + _behind(max(high, *likely, 0), y - 2, cell.text)))
        if likely:
            out.append(_span(likely[0], likely[1], y + THIN // 2))
    return "".join(out)


def _dots(chart: Chart) -> tuple[str, int, str]:
    """Points on a scale that says where it begins and ends; round ones meet the target, diamonds miss it."""
    floor, step = chart.floor, LABEL + BAR
    height = AXIS + step * len(chart.rows)

    def at(value: int) -> float:
        return 1 + SCALE * (value - floor) / (WHOLE - floor)

    out = []
    for value, anchor in ((floor, "start"), ((floor + WHOLE) // 2, "middle"), (WHOLE, "end")):
        out.append(_line(at(value), at(value), 18, height, "pf-tick", "#c9cdd3"))
        out.append(_words(at(value), 12, share(value), anchor))
    if chart.target is not None:
        x = at(chart.target)
        out.append(_line(x, x, AXIS - 2, height, "pf-target", "#1a1a1a", ' stroke-dasharray="4 3"'))
        words = _("Target %(share)s") % {"share": share(chart.target)}
        out.append(_words(x, AXIS - 7, words, "end" if x > SCALE / 2 else "start"))
    for i, row in enumerate(chart.rows):
        out.append(_pointed(row, chart, AXIS + i * step, at))
    return "".join(out), height + GAP, ""


def _pointed(row: Row, chart: Chart, top: int, at: Callable[[int], float]) -> str:
    out, y = [_words(0, top + 14, row.title)], top + LABEL + BAR // 2
    out.append(_line(at(chart.floor), at(WHOLE), y, y, "pf-tick", "#c9cdd3"))
    for cell, title in zip(row.cells, chart.series, strict=True):
        met = chart.target is None or cell.value >= chart.target
        colour = "c1" if met else "c5"
        shape = '<circle r="6"' if met else '<path d="M0 -8L8 0L0 8L-8 0Z"'
        words = f"{row.title} · {title}: {cell.text}"
        point = (
            f'<svg x="{at(cell.value):.2f}%" y="{y}" width="1" height="1" overflow="visible">'
            f'{shape} class="pf-{colour}" fill="{PALETTE[colour]}"><title>{escape(words)}</title></{shape[1:].split(" ", maxsplit=1)[0]}></svg>'
        )
        out.append(_opening(cell, words, point + _behind(at(cell.value) + 1.5, y - 10, cell.text, HALO)))
    return "".join(out)


def _line(x1: float, x2: float, y1: int, y2: int, kind: str, colour: str, more: str = "") -> str:
    return f'<line class="{kind}" stroke="{colour}" x1="{x1:.2f}%" x2="{x2:.2f}%" y1="{y1}" y2="{y2}"{more}/>'


def _span(low: float, high: float, y: int) -> str:
    """The bounds of a forecast: a line with an end at each side, over its bar."""
    ends = "".join(f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y - 4}" y2="{y + 4}"/>' for x in (low, high))
    line = f'<line x1="{low:.2f}%" x2="{high:.2f}%" y1="{y}" y2="{y}"/>'
    return f'<g class="pf-likely" stroke="#1a1a1a" stroke-width="2">{line}{ends}</g>'


def _flow(chart: Chart) -> tuple[str, int, str]:
    """Rows on the left turn into series on the right; a ribbon is as thick as the number it carries."""
    total = sum(row.total for row in chart.rows)
    lines = max(len(chart.rows), len(chart.series))
    scale = (FLOW_HEIGHT - FLOW_TOP - FLOW_GAP * lines) / total
    right = [sum(row.cells[i].value for row in chart.rows) for i in range(len(chart.series))]
    left_at, right_at = _places([row.total for row in chart.rows], scale), _places(right, scale)
    out = [
        _node(0, left_at[i], row.total * scale, chart.colours[i], f"{row.title}: {row.total:,}", "start")
        for i, row in enumerate(chart.rows)
        if row.total
    ]
    out += [
        _node(FLOW_WIDTH - FLOW_NODE, right_at[i], n * scale, chart.colours[i], f"{title}: {n:,}", "end")
        for i, (title, n) in enumerate(zip(chart.series, right, strict=True))
        if n
    ]
    ribbons, used = [], list(right_at)
    for i, row in enumerate(chart.rows):
        y = left_at[i]
        for j, cell in enumerate(row.cells):
            if cell.value:
                thick = cell.value * scale
                words = f"{row.title} → {chart.series[j]}: {cell.text}"
                ribbon = _ribbon(y, used[j], thick, chart.colours[i], words)
                ribbons.append(_opening(cell, words, ribbon))
                y, used[j] = y + thick, used[j] + thick
    box = f' viewBox="0 0 {FLOW_WIDTH} {FLOW_HEIGHT}" preserveAspectRatio="xMinYMin meet"'
    return "".join(ribbons) + "".join(out), FLOW_HEIGHT, box


def _places(sizes: Sequence[int], scale: float) -> list[float]:
    found, at = [], float(FLOW_TOP)
    for size in sizes:
        found.append(at)
        at += size * scale + (FLOW_GAP if size else 0)
    return found


def _node(x: float, y: float, height: float, colour: str, words: str, anchor: str) -> str:
    shape = f'<rect class="pf-{colour}" fill="{PALETTE[colour]}" x="{x:g}" y="{y:.1f}" width="{FLOW_NODE}" height="{height:.1f}"/>'
    at = x + FLOW_NODE + 5 if anchor == "start" else x - 5
    return shape + (
        f'<text class="pf-words" fill="#333333" x="{at:g}" y="{y + min(height / 2 + 4, height + 8):.1f}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def _ribbon(left: float, right: float, thick: float, colour: str, words: str) -> str:
    a, b, middle = FLOW_NODE, FLOW_WIDTH - FLOW_NODE, FLOW_WIDTH / 2
    path = (
        f"M{a} {left:.1f}C{middle:g} {left:.1f} {middle:g} {right:.1f} {b} {right:.1f}V{right + thick:.1f}"
        f"C{middle:g} {right + thick:.1f} {middle:g} {left + thick:.1f} {a} {left + thick:.1f}Z"
    )
    return (
        f'<path class="pf-ribbon pf-{colour}" fill="{PALETTE[colour]}" fill-opacity="0.35" d="{path}">'
        f"<title>{escape(words)}</title></path>"
    )


def _part(x: float, y: int, width: float, height: int, colour: str, words: str) -> str:
    return (
        f'<rect class="pf-{colour}" fill="{PALETTE[colour]}" x="{x:.2f}%" y="{y}" width="{width:.2f}%" height="{height}">'
        f"<title>{escape(words)}</title></rect>"
    )


def _inside(x: float, y: int, words: str, colour: str) -> str:
    ink = "#ffffff" if colour in DARK else "#1a1a1a"
    shade = "is-dark" if colour in DARK else "is-light"
    return f'<text class="pf-inside {shade}" fill="{ink}" x="{x:.2f}%" y="{y}" text-anchor="middle" font-size="12">{escape(words)}</text>'


def _words(x: float, y: int, words: str, anchor: str = "start") -> str:
    return f'<text class="pf-words" fill="#333333" x="{x:.4g}%" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


#: keeps words readable over a line
HALO = ' stroke="#ffffff" stroke-width="5" stroke-linejoin="round" paint-order="stroke"'


def _behind(x: float, y: int, words: str, look: str = "") -> str:
    """Text a few pixels behind a place given in percent: an inner svg, as an attribute cannot add the two."""
    return (
        f'<svg x="{x:.2f}%" y="{y}" width="1" height="1" overflow="visible">'
        f'<text class="pf-total" fill="#333333" x="6" y="14"{look}>{escape(words)}</text></svg>'
    )


def legend_of(chart: Chart) -> list[tuple[str, str]]:
    """(class, words) of each colour, where a chart has more than one series and does not name them itself."""
    if chart.kind == "flow" or len(chart.series) < 2:
        return []
    return list(zip(chart.colours, chart.series, strict=True))


_DRAWERS = {"stack": _stack, "bars": _bars, "flow": _flow, "dots": _dots}
