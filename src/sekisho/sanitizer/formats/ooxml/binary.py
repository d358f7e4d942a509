"""Binary workbooks (xlsb) where LibreOffice does not read them: their values, in a plain workbook rebuilt like any other."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import python_calamine
import xlsxwriter

from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml import sheet

_WORKSHEET = python_calamine.SheetTypeEnum.WorkSheet
_FORMATS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "time": "[h]:mm:ss"}


def reauthor(job: Job) -> None:
    """Values survive; formulas, formats, charts and pictures of the binary format do not, and are said lost."""
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(job.data))
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == _WORKSHEET]
        # Rows and columns before the first value count too: cells stay where they are.
        tables = [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (python_calamine.CalamineError, ValueError, OverflowError, OSError) as error:
        raise job.broken() from error
    except BaseException as panic:
        # A part that is not there: the library gives up, in a class that it does not export.
        if type(panic).__name__ != "PanicException":
            raise
        raise job.broken() from panic
    if not tables:
        raise job.broken()
    job.lost("ooxml.values_only")
    between = io.BytesIO(_written(tables))
    sheet.rebuild(replace(job, source=between, type=TYPES["xlsx"]))
    job.produced = "xlsx"


def _written(tables: Iterable[tuple[str, Sequence[Sequence[object]]]]) -> bytes:
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
        for name, rows in tables:
            target = book.add_worksheet(name[:31])
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    _write(target, row, column, value, formats)
    return out.getvalue()


def _write(target: "xlsxwriter.worksheet.Worksheet", row: int, column: int, value: object,
           formats: dict[str, "xlsxwriter.format.Format"]) -> None:  # fmt: skip
    if value == "" or value is None:
        return
    if isinstance(value, bool):
        target.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        target.write_number(row, column, value)
    elif isinstance(value, datetime):
        target.write_datetime(row, column, value, formats["datetime"])
    elif isinstance(value, date):
        target.write_datetime(row, column, value, formats["date"])
    elif isinstance(value, (time, timedelta)):
        target.write_datetime(row, column, value, formats["time"])
    else:
        target.write_string(row, column, str(value)[:32_767])
