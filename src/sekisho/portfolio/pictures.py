"""A chart on its own: as SVG with title, definition and legend; as PNG; its numbers as CSV."""

from collections.abc import Callable
from typing import Final

from django.utils.html import escape
from django.utils.translation import gettext as _

from sekisho.portfolio.charts import Chart, Row
from sekisho.portfolio.drawing import PALETTE, draw, legend_of
from sekisho.web.pictures import MARGIN, TOP, WIDTH, bitmap_of, framed, said, table_of


def picture(chart: Chart) -> str:
    """SVG text, white ground, 960 pixels wide; a chart of nothing says so."""
    drawn = str(draw(chart, width=str(WIDTH - 2 * MARGIN)))
    height = int(drawn.split('height="', 1)[1].split('"', 1)[0]) if drawn else 40
    inner = (
        drawn.replace("<svg ", f'<svg x="{MARGIN}" y="{TOP}" ', 1)
        if drawn
        else said(_("Nothing to show."), TOP + 20, 14)
    )
    return framed(str(chart.title), chart.finding, _legend(chart) + inner, height)


def drawing(chart: Chart) -> str:
    """The chart with its legend alone, for a page that writes title and finding itself; "" when there is nothing."""
    drawn = str(draw(chart, width=str(WIDTH - 2 * MARGIN)))
    if not drawn:
        return ""
    height = int(drawn.split('height="', 1)[1].split('"', 1)[0])
    top = 30 if legend_of(chart) else 0
    inner = drawn.replace("<svg ", f'<svg x="{MARGIN}" y="{top}" ', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + top}"'
        f' font-family="Noto Sans JP">{_legend(chart, 4)}{inner}</svg>'
    )


def _legend(chart: Chart, top: int = 70) -> str:
    out, x = [], MARGIN
    for colour, words in legend_of(chart):
        out.append(f'<rect x="{x}" y="{top}" width="12" height="12" fill="{PALETTE[colour]}"/>')
        out.append(f'<text x="{x + 17}" y="{top + 11}" font-size="12" fill="#333333">{escape(words)}</text>')
        x += 40 + sum(13 if ord(letter) > 0x2E80 else 7 for letter in words)
    return "".join(out)


def bitmap(chart: Chart) -> bytes:
    """PNG, twice as fine as the screen, with the font that is shipped."""
    return bitmap_of(picture(chart))


def table(chart: Chart) -> bytes:
    """CSV in UTF-8 with BOM: a line per row, exact numbers, the bounds of forecasts behind them."""
    return table_of(
        [chart.title, *heads_of(chart)], ([row.title, *numbers_of(chart, row)] for row in chart.rows)
    )


def heads_of(chart: Chart) -> list[str]:
    """The headings of a chart's numbers in a file."""
    sides = (_("%(series)s, likely at least"), _("%(series)s, likely at most"))
    bounds = (side % {"series": chart.series[i]} for i in chart.foretold for side in sides)
    return [*chart.series, *bounds, *([_("Target")] if chart.target is not None else [])]


def numbers_of(chart: Chart, row: Row) -> list[int | float | None]:
    """A row's exact numbers under `heads_of`."""
    bounds = (row.cells[i].likely or (None, None) for i in chart.foretold)
    target = [chart.target / row.cells[0].parts] if chart.target is not None else []
    return [*(cell.number for cell in row.cells), *(end for pair in bounds for end in pair), *target]


#: ending -> media type, and how a chart becomes such a file
FILES: Final[dict[str, tuple[str, Callable[[Chart], bytes]]]] = {
    "svg": ("image/svg+xml", lambda chart: picture(chart).encode()),
    "png": ("image/png", bitmap),
    "csv": ("text/csv; charset=utf-8", table),
}
