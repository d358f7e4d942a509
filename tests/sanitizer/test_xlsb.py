"""Binary workbooks: their values come out in an ordinary one."""

import io
import struct

import openpyxl
import pytest

from sekisho.sanitizer import libreoffice, sanitize

from .office import Package
from .passing import clean, codes

# Record numbers of [MS-XLSB] 2.3.2.
_BEGIN_BOOK, _END_BOOK, _BEGIN_SHEETS, _SHEET, _END_SHEETS = 131, 132, 143, 156, 144
_BEGIN_SHEET, _END_SHEET, _DIMENSION, _BEGIN_DATA, _END_DATA = 129, 130, 148, 145, 146
_ROW, _REAL, _STRING = 0, 5, 6


def _record(number: int, body: bytes = b"") -> bytes:
    """[MS-XLSB] 2.1.4: number and size, seven bits to a byte."""
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    return head + bytes([len(body)]) + body


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _cell(column: int) -> bytes:
    return struct.pack("<II", column, 0)


def _binary_workbook(row: int = 0, column: int = 0, *, panics: bool = False) -> bytes:
    book = b"".join((
        _record(_BEGIN_BOOK), _record(_BEGIN_SHEETS),
        _record(_SHEET, struct.pack("<II", 0, 1) + _text("rId1") + _text("集計")),
        _record(_END_SHEETS), _record(_END_BOOK),
    ))  # fmt: skip
    sheet = b"".join((
        _record(_BEGIN_SHEET), _record(_DIMENSION, struct.pack("<4I", row, row, column, column + 1)), _record(_BEGIN_DATA),
        _record(_ROW, struct.pack("<I", row) + bytes(13)),
        _record(_STRING, _cell(column) + _text("=cmd|'/c calc'!A0")), _record(_REAL, _cell(column + 1) + struct.pack("<d", 12.5)),
        _record(_END_DATA), _record(_END_SHEET),
    ))  # fmt: skip
    package = Package("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", "")
    package.parts = [
        ("xl/workbook.bin", book),
        ("xl/worksheets/sheet1.bin", sheet),
        ("xl/vbaProject.bin", b"MARKER"),
    ]
    package.types["xl/worksheets/sheet1.bin"] = "application/vnd.ms-excel.worksheet"
    package.types["xl/vbaProject.bin"] = "application/vnd.ms-office.vbaProject"
    package.link("worksheet", "xl/worksheets/sheet1.bin")
    package.link("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "xl/vbaProject.bin")
    owned = package.relations["xl/workbook.bin"]
    if panics:  # a sheet whose relation is not there makes the library panic
        owned = [entry.replace("rId1", "rId9") for entry in owned]
    package.relations["xl/workbook.bin"] = [entry.replace('"/xl/', '"') for entry in owned]
    return package.build()


@pytest.mark.skipif(libreoffice.office_program() is None, reason="needs LibreOffice")
def test_a_binary_workbook_comes_out_with_what_libreoffice_reads_of_it() -> None:
    output, result = clean(_binary_workbook(), "集計.xlsb")
    assert (result.method, result.name) == ("reauthored", "集計.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(output))["集計"]
    assert (sheet["A1"].value, sheet["A1"].data_type, sheet["B1"].value) == ("=cmd|'/c calc'!A0", "s", 12.5)
    assert "ooxml.values_only" not in codes(result)


def test_without_libreoffice_values_stay_in_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "office_program", lambda: None)
    output, result = clean(_binary_workbook(row=3, column=2), "集計.xlsb")
    assert (result.method, result.name) == ("reauthored", "集計.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(output))["集計"]
    assert (sheet["C4"].value, sheet["C4"].data_type, sheet["D4"].value) == ("=cmd|'/c calc'!A0", "s", 12.5)
    assert "ooxml.values_only" in codes(result)


def test_a_workbook_that_the_reader_gives_up_on_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "office_program", lambda: None)
    result = sanitize(_binary_workbook(panics=True), "inbound", name="集計.xlsb")
    assert result.report.refusal == "input.broken"
