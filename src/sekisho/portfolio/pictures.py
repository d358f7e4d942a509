"""A chart on its own: as SVG with title, definition and legend; as PNG; its numbers as CSV."""

import csv
import io
from pathlib import Path

import pylopdf_fonts_jp
import resvg_py
from django.utils.html import escape
from django.utils.translation import gettext as _

from sekisho.portfolio.charts import Chart
from sekisho.portfolio.drawing import PALETTE, draw, legend_of
from sekisho.spreadsheets import neutral

WIDTH, MARGIN, TOP = 960, 24, 96
FONT = Path(pylopdf_fonts_jp.__file__).parent / "NotoSansJP-Regular.otf"


def picture(chart: Chart) -> str:
    """SVG text, white ground, 960 pixels wide; a chart of nothing says so."""
    drawn = str(draw(chart, width=str(WIDTH - 2 * MARGIN)))
    height = int(drawn.split('height="', 1)[1].split('"', 1)[0]) if drawn else 40
    inner = (
        drawn.replace("<svg ", f'<svg x="{MARGIN}" y="{TOP}" ', 1)
        if drawn
        else _said(_("Nothing to show."), TOP + 20, 14)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + TOP + MARGIN}"'
        f' font-family="Noto Sans JP, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{_said(str(chart.title), 34, 20)}{_said(chart.finding, 58, 14)}{_legend(chart)}{inner}</svg>"
    )


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


def _said(words: str, y: int, size: int) -> str:
    return f'<text x="{MARGIN}" y="{y}" font-size="{size}" fill="#1a1a1a">{escape(words)}</text>'


def _legend(chart: Chart, top: int = 70) -> str:
    out, x = [], MARGIN
    for colour, words in legend_of(chart):
        out.append(f'<rect x="{x}" y="{top}" width="12" height="12" fill="{PALETTE[colour]}"/>')
        out.append(f'<text x="{x + 17}" y="{top + 11}" font-size="12" fill="#333333">{escape(words)}</text>')
        x += 40 + sum(13 if ord(letter) > 0x2E80 else 7 for letter in words)
    return "".join(out)


def bitmap(chart: Chart) -> bytes:
    """PNG, twice as fine as the screen, with the font that is shipped."""
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=picture(chart),
        zoom=2,
        font_files=[str(FONT)],
        skip_system_fonts=True,
        font_family="Noto Sans JP",
    )
    return bytes(drawn)


def table(chart: Chart) -> bytes:
    """CSV in UTF-8 with BOM: a line per row, exact numbers; text that a spreadsheet would compute is made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([str(chart.title), *(neutral(series) for series in chart.series)])
    for row in chart.rows:
        writer.writerow([neutral(row.title), *(cell.value for cell in row.cells)])
    return out.getvalue().encode("utf-8-sig")
