"""A report as an Excel workbook: a sheet for each section, numbers as numbers, charts that Excel draws itself."""

import datetime as dt
import io
import re
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from sekisho.portfolio.charts import Chart
from sekisho.portfolio.documents import Block, Document, Facts, Kind, Picture, Table, Value, Words
from sekisho.portfolio.drawing import PALETTE
from sekisho.portfolio.pictures import heads_of, numbers_of

_TEXT, _ROWS = 32_767, 1_000_000
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "short": {"text_wrap": True, "valign": "top"},
    "code": {"valign": "top"},
    "yen": {"num_format": "#,##0", "valign": "top"},
    "number": {"num_format": "#,##0.##", "valign": "top"},
    "percent": {"num_format": '0.00"%"', "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"},
    "month": {"num_format": "yyyy-mm", "valign": "top", "align": "left"},
}
_WIDTHS = {
    "text": 44,
    "short": 18,
    "code": 16,
    "yen": 18,
    "number": 12,
    "percent": 12,
    "date": 12,
    "month": 10,
}
_CHART_ROWS = 16  # rows of the sheet that a chart covers


def workbook_of(document: Document) -> bytes:
    """The workbook's bytes. Text is written as text: nothing in it is ever a formula or a link."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": document.title, "author": document.office})
        writer = _Writer(book)
        writer.cover(document)
        for section in document.sections:
            writer.sheet(str(section.title))
            for block in section.blocks:
                writer.block(block)
    return file.getvalue()


class _Writer:
    """Writes blocks below one another, on one sheet after the other."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.styles = {name: book.add_format(style) for name, style in _FORMATS.items()}
        self.names: set[str] = set()
        self.widths: dict[int, int] = {}
        self.top = 0

    def sheet(self, title: str) -> None:
        self.page = self.book.add_worksheet(self._free(title))
        self.widths = {}
        self.top = 0

    def _free(self, title: str) -> str:
        """A name Excel takes for a sheet: short, without its signs, and not there yet."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "–"
        name, number = plain, 1
        while name.casefold() in self.names:
            number += 1
            name = f"{plain[:27]} ({number})"
        self.names.add(name.casefold())
        return name

    def cover(self, document: Document) -> None:
        self.sheet(_("Summary"))
        self._put(0, 0, document.title, "title")
        for line in (document.office, *document.about, "", *document.findings):
            self.top += 1
            self._put(self.top, 0, line, "code")
        if document.is_empty:
            self._put(self.top + 1, 0, _("There is nothing to report here yet."), "code")

    def block(self, block: Block) -> None:
        if isinstance(block, Picture):
            self._picture(block.chart)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Facts):
            self._facts(block)
        else:
            self._words(block)
        self.top += 1

    def _words(self, words: Words) -> None:
        self._put(self.top, 0, words.text, "code")
        self.top += 1

    def _facts(self, facts: Facts) -> None:
        self._widen(0, "text")
        self._widen(1, "text")
        for name, value, kind in facts.lines:
            self._put(self.top, 0, str(name), "text")
            self._put(self.top, 1, value, kind)
            self.top += 1

    def _table(self, table: Table) -> None:
        if table.title:
            self._put(self.top, 0, str(table.title), "title")
            self.top += 1
        if not table.rows:
            self._put(self.top, 0, str(table.empty), "code")
            self.top += 1
            return
        heads, first = self.top, self.top == 0
        for place, column in enumerate(table.columns):
            self._widen(place, column.kind)
            self._put(heads, place, str(column.title), "head")
        for row in table.rows[:_ROWS]:
            self.top += 1
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                self._put(self.top, place, value, column.kind)
        if first:  # a table that has the sheet to itself can be sorted and filtered
            self.page.freeze_panes(1, 1)
            self.page.autofilter(0, 0, self.top, len(table.columns) - 1)
        self.top += 1

    def _picture(self, chart: Chart) -> None:
        self._put(self.top, 0, str(chart.title), "title")
        self._put(self.top + 1, 0, chart.finding, "code")
        self._put(self.top + 2, 0, str(chart.definition), "code")
        self.top += 3
        if chart.is_empty:
            return
        heads = self.top
        self._widen(0, "text")
        for place, series in enumerate(heads_of(chart), 1):
            self._widen(place, "yen")
            self._put(heads, place, series, "head")
        for row in chart.rows:
            self.top += 1
            self._put(self.top, 0, row.title, "text")
            for place, number in enumerate(numbers_of(chart, row), 1):
                self._put(self.top, place, number, "number")
        last, self.top = self.top, self.top + 2
        if chart.kind != "flow":  # Excel draws no flows; its numbers stand above
            self._drawn(chart, heads, last)
            self.top += _CHART_ROWS

    def _drawn(self, chart: Chart, heads: int, last: int) -> None:
        if chart.kind == "dots":
            self._dotted(chart, heads, last)
            return
        drawn = self.book.add_chart({"type": "bar", "subtype": "stacked"} if chart.kind == "stack" else {"type": "bar"})  # fmt: skip
        name = self.page.get_name()
        for place, colour in enumerate(chart.colours[: len(chart.series)], 1):
            drawn.add_series(
                {
                    "name": [name, heads, place],
                    "categories": [name, heads + 1, 0, last, 0],
                    "values": [name, heads + 1, place, last, place],
                    "fill": {"color": PALETTE[colour]},
                }
            )
        drawn.set_title({"name": str(chart.title), "name_font": {"size": 11}})
        drawn.set_y_axis({"reverse": True})
        drawn.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        self.page.insert_chart(self.top, 0, drawn, {"description": chart.finding})

    def _dotted(self, chart: Chart, heads: int, last: int) -> None:
        """Points without a line between them, and the target as a line: bars from a cut-off scale would mislead."""
        drawn, name = self.book.add_chart({"type": "line"}), self.page.get_name()
        looks: tuple[dict[str, Any], ...] = (
            {
                "line": {"none": True},
                "marker": {"type": "circle", "size": 8, "fill": {"color": PALETTE["c1"]}},
            },
            {"line": {"color": "#1a1a1a", "dash_type": "dash"}, "marker": {"type": "none"}},
        )
        for place, look in enumerate(looks[: len(heads_of(chart))], 1):
            drawn.add_series(
                {
                    "name": [name, heads, place],
                    "categories": [name, heads + 1, 0, last, 0],
                    "values": [name, heads + 1, place, last, place],
                    **look,
                }
            )
        drawn.set_title({"name": str(chart.title), "name_font": {"size": 11}})
        drawn.set_y_axis({"min": chart.floor / 100, "max": 100})
        drawn.set_legend({"position": "bottom"})
        self.page.insert_chart(self.top, 0, drawn, {"description": chart.finding})

    def _widen(self, place: int, kind: Kind) -> None:
        width = max(self.widths.get(place, 0), _WIDTHS[kind])
        self.widths[place] = width
        self.page.set_column(place, place, width)

    def _put(self, row: int, place: int, value: Value, kind: str) -> None:
        style = self.styles[kind]
        if value is None or value == "":
            return
        if isinstance(value, dt.date):
            self.page.write_datetime(row, place, dt.datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
        elif isinstance(value, int | float):
            self.page.write_number(row, place, value, style)
        else:
            self.page.write_string(row, place, value[:_TEXT], style)
