"""Writing lists as Excel, CSV and JSON: row by row, formulas never, amounts exact. No Django."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

import xlsxwriter

from sekisho.spreadsheets import neutral

FORMATS: Final = ("xlsx", "csv", "json")
CONTENT_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_EXCEL_TEXT: Final = 32_767
_EXCEL_ROWS: Final = 1_048_575
_WIDTHS: Final = {"text": 24, "number": 16, "yen": 18, "date": 12, "moment": 20}

#: a row of a list as plain values: texts, whole numbers, days, moments, lists; ``budget`` is {year: {amount name: yen}}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table. ``kind`` is text, number, yen, date or moment; ``year`` asks for a budget year."""

    key: str
    heading: str
    kind: str = "text"
    year: int | None = None

    def value(self, row: Row) -> Any:
        """This column's cell of a row."""
        if self.year is None:
            return row.get(self.key)
        return row["budget"].get(self.year, {}).get(self.key)


def write(
    fmt: str, file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row], title: str, name: str
) -> int:
    """Write rows in one of `FORMATS`; returns how many. Holds one row at a time. ``name`` is the key of JSON."""
    if fmt == "json":
        return write_json(file, rows, name)
    return write_csv(file, columns, rows) if fmt == "csv" else write_xlsx(file, columns, rows, title)


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """UTF-8 with a byte order mark, so that Excel reads Japanese; texts that look like formulas are quoted."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([neutral(column.heading) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([neutral(flat(column.value(row))) for column in columns])
        count += 1
    text.detach()
    return count


def flat(value: Any) -> Any:
    """A cell: lists become one text, days and moments ISO texts."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return value.isoformat() if isinstance(value, dt.date) else value


def write_json(file: IO[bytes], rows: Iterable[Row], name: str) -> int:
    """``{"projects": [...]}`` when called ``projects``, one row a line."""
    file.write(f'{{"{name}": ['.encode())
    count = 0
    for count, row in enumerate(rows, 1):
        file.write(b",\n" if count > 1 else b"\n")
        file.write(json.dumps(row, ensure_ascii=False, default=_json).encode())
    file.write(b"\n]}\n")
    return count


def _json(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value)


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row], title: str) -> int:
    """A workbook of one sheet. Texts are written as texts, never as formulas or links.

    Raises:
        ValueError: more rows than a sheet holds.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(title[:31])
    sheet.freeze_panes(1, 2)
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "yen": book.add_format({"num_format": "#,##0"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDTHS[column.kind])
        sheet.write_string(0, place, column.heading, formats["head"])
    count = 0
    for count, row in enumerate(rows, 1):
        if count > _EXCEL_ROWS:
            raise ValueError("more rows than a sheet holds")
        for place, column in enumerate(columns):
            _write_cell(sheet, count, place, column.value(row), formats.get(column.kind))
    book.close()
    return count


def _write_cell(sheet: Any, row: int, place: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value, style)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), style)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, place, value, style)
    else:
        text = str(flat(value))
        sheet.write_string(row, place, text if len(text) <= _EXCEL_TEXT else text[: _EXCEL_TEXT - 1] + "…")
