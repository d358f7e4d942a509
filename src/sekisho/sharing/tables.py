"""Tables of this app as files: CSV that Excel opens, and Excel itself. Text in them is never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse

from sekisho.spreadsheets import neutral

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cells = Sequence[Any]


def download(fmt: str, name: str, heads: Cells, rows: Iterable[Cells]) -> HttpResponse:
    """The table as ``name.csv`` or ``name.xlsx``; ``fmt`` is csv or xlsx."""
    body = as_xlsx(name, heads, rows) if fmt == "xlsx" else as_csv(heads, rows)
    kind = XLSX if fmt == "xlsx" else "text/csv; charset=utf-8"
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{fmt}"'
    return response


def as_csv(heads: Cells, rows: Iterable[Cells]) -> bytes:
    """UTF-8 with a byte order mark."""
    file = io.StringIO()
    writer = csv.writer(file)
    for row in (heads, *rows):
        writer.writerow([neutral("" if cell is None else cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(title: str, heads: Cells, rows: Iterable[Cells]) -> bytes:
    """One sheet under a frozen heading; numbers as numbers."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(heads), 18)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, str(head), bold)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(number, place, cell)
                elif cell not in (None, ""):
                    sheet.write_string(number, place, str(cell)[:32_767])
    return file.getvalue()
