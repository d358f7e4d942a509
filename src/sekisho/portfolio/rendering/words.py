"""A report in words of the active language: what page and PDF share. Cells become texts, charts become pictures."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.portfolio.charts import Cell, Chart
from sekisho.portfolio.documents import Block, Document, Facts, Kind, Picture, Section, Table, Value
from sekisho.web import formats

NUMBERS = ("yen", "number", "percent")
NOTHING = "–"


def said(value: Value, kind: Kind) -> str:
    """A cell as people read it; a dash where nothing was entered."""
    if value is None or value == "":
        return NOTHING
    lang = get_language()
    if isinstance(value, dt.date):
        return formats.month(value, lang) if kind == "month" else formats.date_long(value, lang)
    if isinstance(value, str):
        return value
    if kind == "yen":
        return formats.yen_exact(int(value), lang)
    if kind == "percent":
        return f"{value:.2f}%"
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def in_words(
    document: Document, draw: Callable[[Chart], str], *, most_rows: int | None = None
) -> dict[str, Any]:
    """The document as plain texts, lists and pictures. ``most_rows`` of a table are given, and how many there are."""
    lang = get_language() or "ja"
    return {
        "language": "en" if lang.startswith("en") else "ja",
        "title": document.title,
        "office": document.office,
        "about": list(document.about),
        "findings": list(document.findings),
        "nothing": _("There is nothing to report here yet.") if document.is_empty else "",
        "sections": [_section(section, draw, most_rows) for section in document.sections],
    }


def _section(section: Section, draw: Callable[[Chart], str], most_rows: int | None) -> dict[str, Any]:
    return {
        "title": str(section.title),
        "blocks": [_block(block, draw, most_rows) for block in section.blocks],
    }


def _block(block: Block, draw: Callable[[Chart], str], most_rows: int | None) -> dict[str, Any]:
    if isinstance(block, Picture):
        return {"block": block.block, **_chart(block.chart, draw, with_rows=not block.beside_table)}
    if isinstance(block, Table):
        return {"block": block.block, **_table(block, most_rows)}
    if isinstance(block, Facts):
        lines = [[str(name), said(value, kind)] for name, value, kind in block.lines]
        return {"block": block.block, "lines": lines}
    return {"block": block.block, "text": block.text}


def _table(table: Table, most_rows: int | None) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    shown = table.rows if most_rows is None else table.rows[:most_rows]
    return {
        "title": str(table.title),
        "heads": [str(column.title) for column in table.columns],
        "kinds": kinds,
        "numeric": [kind in NUMBERS for kind in kinds],
        "numbers": [at for at, kind in enumerate(kinds) if kind in NUMBERS],
        "rows": [[said(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in shown],
        "total": len(table.rows),
        "cut": len(table.rows) - len(shown),
        "empty": str(table.empty),
    }


def _chart(chart: Chart, draw: Callable[[Chart], str], *, with_rows: bool) -> dict[str, Any]:
    return {
        "title": str(chart.title),
        "finding": chart.finding,
        "definition": str(chart.definition),
        "svg": draw(chart),
        "chart": None if chart.is_empty else chart,
        "heads": list(chart.series),
        "rows": []
        if chart.is_empty or not with_rows
        else [{"title": row.title, "cells": [_number(cell) for cell in row.cells]} for row in chart.rows],
    }


def _number(cell: Cell) -> str:
    """A number of a chart, with the bounds of a forecast."""
    if not cell.likely:
        return cell.text
    low, high = (formats.yen_short(end, get_language()) for end in cell.likely)
    return f"{cell.text} ({_('likely %(low)s to %(high)s') % {'low': low, 'high': high}})"
