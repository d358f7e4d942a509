"""What newer Excel marks cells with comes through: spilling formulas, boxes to tick, columns of tables, boxes of comments."""

import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.office_text import formula_complaint

from .office import document
from .passing import clean, codes

_METADATA, _BAGS = "xl/metadata.xml", "xl/featurePropertyBag/featurePropertyBag.xml"


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("点検")
        sheet.write_column(0, 0, ["い", "ろ", "は"])
        sheet.write_dynamic_array_formula("C1", "=_xlfn._xlws.SORT(A1:A3)", None, "い")
        sheet.write_array_formula("D1:D3", "{=TRANSPOSE(A1:C1)}")
        sheet.insert_checkbox("B1", True)
        sheet.insert_checkbox("B2", False, book.add_format({"bold": True}))
        sheet.write("E1", "普通", book.add_format({"italic": True}))
        sheet.write_comment("A1", "いつも見える", {"visible": True, "x_scale": 3, "y_scale": 2})
        sheet.write_comment("A2", "かくれている")
    return out.getvalue()


def _changed(data: bytes, part: str, *swaps: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as changed:
        for name in package.namelist():
            content = package.read(name)
            for old, new in swaps if name == part else ():
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            changed.writestr(name, content)
    return out.getvalue()


def _part(package: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(package)).read(name).decode()


def test_a_formula_that_spills_still_does_and_an_array_formula_stays_one() -> None:
    output, _result = clean(_workbook(), "点検.xlsx")
    cells = _part(output, "xl/worksheets/sheet1.xml")
    assert re.findall(r'<c r="(\w+)"[^>]* cm="1"', cells) == ["C1"]
    assert 'fDynamic="1"' in _part(output, _METADATA)


def test_boxes_to_tick_stay_boxes_and_other_cells_become_none() -> None:
    output, _result = clean(_workbook(), "点検.xlsx")
    looks = re.findall(r"<xf .*?(?:/>|</xf>)", _part(output, "xl/styles.xml").split("<cellXfs")[1])
    boxes = {at for at, look in enumerate(looks) if "xfComplement" in look}
    cells = dict(re.findall(r'<c r="(\w+)" s="(\d+)"', _part(output, "xl/worksheets/sheet1.xml")))
    assert {place for place, look in cells.items() if int(look) in boxes} == {"B1", "B2"}
    assert 'type="Checkbox"' in _part(output, _BAGS)
    assert openpyxl.load_workbook(io.BytesIO(output))["点検"]["B1"].value is True


def test_a_second_passage_changes_nothing() -> None:
    once, _result = clean(_workbook(), "点検.xlsx")
    twice, _result = clean(once, "点検.xlsx")
    for part in ("xl/worksheets/sheet1.xml", "xl/styles.xml", _METADATA, _BAGS, "xl/drawings/notes1.vml"):
        assert _part(once, part) == _part(twice, part)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (_METADATA, 'fDynamic="1"', 'fDynamic="0"'), (_METADATA, 'name="XLDAPR"', 'name="XLMDX"'),
        (_METADATA, 't="1"', 't="9"'), (_BAGS, 'type="Checkbox"', 'type="Other"'), (_BAGS, "<bagId>2<", "<bagId>77<"),
        (_BAGS, 'k="CellControl">0', 'k="CellControl">-1'),
    ],
)  # fmt: skip
def test_marks_that_mean_anything_else_go(part: str, old: str, new: str) -> None:
    output, _result = clean(_changed(_workbook(), part, (old, new)), "点検.xlsx")
    assert part not in zipfile.ZipFile(io.BytesIO(output)).namelist()
    mark = 'cm="' if part == _METADATA else "xfComplement"
    assert mark not in _part(output, "xl/worksheets/sheet1.xml") + _part(output, "xl/styles.xml")


@pytest.mark.parametrize("part", [_METADATA, _BAGS])
def test_the_second_opinion_knows_one_form_of_the_tables_of_marks(part: str) -> None:
    hidden = _changed(_workbook(), part, ("><", "><x>MARKER</x><"))
    assert find_complaint(io.BytesIO(hidden), "xlsx") is not None
    clean_one, _result = clean(_workbook(), "点検.xlsx")
    planted = _changed(clean_one, part, ("><", "><x>MARKER</x><"))
    assert str(find_complaint(io.BytesIO(planted), "xlsx")) == f"package.part: {part}"


def test_the_box_of_a_comment_keeps_its_place_and_whether_it_always_shows() -> None:
    output, _result = clean(_workbook(), "点検.xlsx")
    first, second = _part(output, "xl/drawings/notes1.vml").split("<v:shape ")[1:]
    source = _part(_workbook(), "xl/drawings/vmlDrawing1.vml")
    anchors = [
        ", ".join(found.split(", ")) for found in re.findall(r"<x:Anchor>\s*([^<]*?)\s*</x:Anchor>", source)
    ]
    assert [re.findall(r"<x:Anchor>([^<]*)<", box)[0] for box in (first, second)] == anchors
    assert "<x:Visible/>" in first
    assert "visibility:visible" in first
    assert "Visible" not in second


def test_a_comment_whose_drawing_says_more_than_a_place_gets_the_usual_box() -> None:
    bad = _changed(_workbook(), "xl/drawings/vmlDrawing1.vml", ("<x:Anchor>", "<x:Anchor>javascript:"))
    output, _result = clean(bad, "点検.xlsx")
    assert "Anchor" not in _part(output, "xl/drawings/notes1.vml")


_OF_TABLES = [
    "表一[[#This Row],[数量]]*2", "SUM(表一[数量])", "SUBTOTAL(109,[数量])", "[@数量]*[単価]", "SUM(T[[#Totals],[a]:[b]])",
    "T[[#Headers],[値 段(円)]]", "T[#All]", "T['#番号]+'Sh x'!A1", "Sheet1!T[a|b]",
]  # fmt: skip
_OF_BOOKS = [
    "[1]Sheet1!A1",
    "SUM([1]S!A1)",
    "[@a.xlsx]Sheet1!A1",
    "[1]!n",
    "[#x] Sheet!A1",
    "SUM([Book.xlsx]'S'!A1)",
    "[1]S:[1]T!A1",
]


_OF_ERRORS = ["IF(A1=#N/A,1,#DIV/0!)", "ISERROR(#NAME?)", "#REF!A1", "SUM(A1#)", "SUM('a b':'c d'!A1)"]


@pytest.mark.parametrize("formula", _OF_TABLES + _OF_ERRORS)
def test_columns_of_tables_and_errors_stay(formula: str) -> None:
    assert (objection(formula), formula_complaint(formula)) == ("", "")


@pytest.mark.parametrize("formula", _OF_BOOKS)
def test_other_books_do_not(formula: str) -> None:
    assert objection(formula)
    assert formula_complaint(formula)


def test_a_table_with_computed_columns_and_totals_is_rebuilt_as_it_was() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("表")
        columns = [
            {"header": "品名"},
            {"header": "数量", "total_function": "sum"},
            {"header": "金額", "formula": "=表一[[#This Row],[数量]]*100"},
        ]
        sheet.add_table(
            "A1:C4", {"name": "表一", "columns": columns, "data": [["紙", 1], ["筆", 2]], "total_row": True}
        )
        sheet.write_formula("E1", "=SUM(表一[数量])", None, 3)
    output, result = clean(out.getvalue(), "表.xlsx")
    assert result.method == "rebuilt"
    sheets = [openpyxl.load_workbook(io.BytesIO(data))["表"] for data in (out.getvalue(), output)]
    for place in ("B4", "C2", "C3", "E1"):
        assert sheets[0][place].value == sheets[1][place].value
        assert str(sheets[1][place].value).startswith("=")
    assert "ooxml.formula" not in codes(result)


def test_the_version_of_office_that_a_file_is_like_stays_and_nothing_else_of_its_program() -> None:
    swaps = (
        "<Application>Microsoft Excel</Application>",
        "<Application>Microsoft Excel MARKER</Application>",
    )
    output, _result = clean(_changed(_workbook(), "docProps/app.xml", swaps), "点検.xlsx")
    told = _part(output, "docProps/app.xml")
    assert "<Application>Microsoft Office</Application><AppVersion>12.0000</AppVersion></Properties>" in told
    for version in ("12.0000 x", "99999.1", "=1+1"):
        other = _changed(_workbook(), "docProps/app.xml", ("<AppVersion>12.0000<", f"<AppVersion>{version}<"))
        again, _result = clean(other, "点検.xlsx")
        assert "docProps/app.xml" not in zipfile.ZipFile(io.BytesIO(again)).namelist()
    planted = _changed(output, "docProps/app.xml", ("Microsoft Office", "Microsoft Office 田中"))
    assert find_complaint(io.BytesIO(planted), "xlsx") is not None
    assert sanitize(output, "outbound", name="a.xlsx").is_clean


_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
_BOX = (
    f'<w:p><w:sdt {_W14}><w:sdtPr><w:id w:val="2"/><w14:checkbox><w14:checked w14:val="1"/>'
    '<w14:checkedState w14:val="2612" w14:font="{font}"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox>'
    "</w:sdtPr><w:sdtContent><w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>同意する</w:t></w:r></w:p>"
)


def test_boxes_to_tick_and_effects_of_letters_in_word_stay() -> None:
    effect = f'<w:p><w:r><w:rPr><w14:textOutline {_W14} w14:w="9525"><w14:solidFill><w14:srgbClr w14:val="FF0000"/></w14:solidFill></w14:textOutline></w:rPr><w:t>縁取り</w:t></w:r></w:p>'
    output, _result = clean(document(_BOX.format(font="MS Gothic") + effect).build(), "様式.docx")
    body = _part(output, "word/document.xml")
    assert '<w14:checked w14:val="1"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/>' in body
    assert '<w14:srgbClr w14:val="FF0000"/>' in body


def test_the_font_of_a_box_to_tick_names_no_place() -> None:
    output, result = clean(document(_BOX.format(font="http://127.0.0.1/MARKER")).build(), "様式.docx")
    assert "MARKER" not in _part(output, "word/document.xml")
    assert "ooxml.attribute" in codes(result)


@pytest.mark.parametrize("formula", ["#NAME!()", "SUM(#NAME!)", "x:=#REF! 'a'", "'label'+1"])
def test_what_no_spreadsheet_reads_does_not_stay(formula: str) -> None:
    assert objection(formula)
