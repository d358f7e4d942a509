"""Sheets that are held as a whole: plain rows pass many at a time, and hold what rows that are read cell by cell do."""

import io
import zipfile
from dataclasses import replace

import pytest
from lxml import etree

from sekisho.sanitizer import Policy, sanitize
from tests.sanitizer.office import workbook

X = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PLAIN = (
    '<row r="{0}" spans="1:2"><c r="A{0}" s="1"><v>{0}</v></c><c r="B{0}" t="str"><v>a &amp; b</v></c></row>'
)
ROWS = {
    "as LibreOffice writes them": '<row r="1" customFormat="false" ht="15" hidden="false"><c r="A1" s="3" t="n"><v>1</v></c>'
    '<c r="B1" s="7" t="n"><f aca="false">A1/2</f><v>0.5</v></c></row>',
    "with the type before the look": '<row r="1"><c r="A1" t="s" s="3"><v>0</v></c></row>',
    "with a formula that cells share": '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>',
    "with one that may not stay": '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">WEBSERVICE(B1)</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>',
    "with one that nobody wrote": '<row r="1"><c r="A1"><f t="shared" si="5"/><v>4</v></c></row>',
    "between rows of words in colours": PLAIN.format(1)
    + '<row r="2"><c r="A2" t="inlineStr"><is><r><rPr><b/></rPr><t>x</t></r></is></c></row>' + PLAIN.format(3),
    "around a row in a row": PLAIN.format(1) + '<row r="2"><c r="A2"><row r="9"><c r="A9"><v>9</v></c></row><v>2</v></c></row>'
    + PLAIN.format(3),
    "under two names": PLAIN.format(1)
    + '<x:row xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="2"><x:c r="A2"><x:v>5</x:v></x:c></x:row>'
    + '<row r="3"><c r="A3"><row xmlns="urn:z"/><v>2</v></c></row>' + PLAIN.format(4),
    "each on a line": "\n  ".join(map(PLAIN.format, range(1, 5))),
    "none": "",
}  # fmt: skip


def _cells(output: bytes) -> list[tuple[object, ...]]:
    sheet = etree.fromstring(zipfile.ZipFile(io.BytesIO(output)).read("xl/worksheets/sheet1.xml"))
    rows = list(sheet.iter(f"{X}row"))
    return [
        (dict(row.attrib), [(_said(entry), entry.tag, entry.text) for entry in row.iter()]) for row in rows
    ]


def _said(entry: etree._Element) -> set[tuple[str, str]]:
    """Attributes, without what goes without saying."""
    return set(entry.attrib.items()) - {("t", "n")}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_rows_hold_the_same_whether_many_are_taken_at_once_or_each_cell_is_read(rows):
    sheet = workbook(f"<sheetData>{rows}</sheetData>").build()
    whole, apart = (
        sanitize(sheet, policy, name="a.xlsx")
        for policy in (Policy.named("inbound"), replace(Policy.named("inbound"), warn_personal=True))
    )
    assert whole.is_clean, whole.report.refusal
    assert whole.output
    assert apart.output
    assert _cells(whole.output) == _cells(apart.output)
    assert whole.report.fidelity == apart.report.fidelity
    assert [removal.code for removal in whole.report.removed] == [
        removal.code for removal in apart.report.removed
    ]


def test_what_stands_around_the_rows_stays():
    around = '<cols><col min="1" max="1" width="20" customWidth="1"/></cols>{}<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
    output = sanitize(
        workbook(around.format(f"<sheetData>{PLAIN.format(1)}</sheetData>")).build(), "inbound", name="a.xlsx"
    ).output
    assert output
    sheet = zipfile.ZipFile(io.BytesIO(output)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.endswith(
        '</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells></worksheet>'
    )
    assert '<cols><col min="1" max="1" width="20" customWidth="1"/></cols><sheetData>' in sheet
