"""Charts of documents and presentations keep a workbook behind them: a new one, of what they show."""

import io
import re
import zipfile

import openpyxl
import pytest

from sekisho.sanitizer.verify import find_complaint

from .office import Package, document, opened, paragraph, presentation, rewritten, shape
from .passing import clean, codes

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _numbers(reference: str, *values: str, code: str = "General") -> str:
    points = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))
    return f'<c:numRef><c:f>{reference}</c:f><c:numCache><c:formatCode>{code}</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef>'


def _words(reference: str, *values: str) -> str:
    points = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))
    return f'<c:strRef><c:f>{reference}</c:f><c:strCache><c:ptCount val="{len(values)}"/>{points}</c:strCache></c:strRef>'


_USUAL = (
    f"<c:tx>{_words('表!$B$1', '予算')}</c:tx><c:cat>{_words('表!$A$2:$A$4', '道路', '=1+1', '港湾')}</c:cat>"
    f"<c:val>{_numbers('表!$B$2:$B$4', '1.5', '2', '#N/A', code='#,##0.0')}</c:val>"
)
_FRAME = (
    '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="c"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm>'
    f'<a:off x="0" y="0"/><a:ext cx="9144000" cy="6858000"/></p:xfrm><a:graphic><a:graphicData uri="{_C}"><c:chart xmlns:c="{_C}" '
    'r:id="rId9"/></a:graphicData></a:graphic></p:graphicFrame>'
)


def _charted(series: str, before: str = "") -> Package:
    """A presentation with a chart of one series, and a workbook behind it that holds more."""
    package = presentation(shape("words") + _FRAME)
    package.relate("ppt/slides/slide1.xml", "chart", "ppt/charts/chart1.xml", id="rId9")
    package.relate("ppt/charts/chart1.xml", "package", "ppt/embeddings/book.xlsx")
    package.add("ppt/embeddings/book.xlsx", b"PK\x03\x04 MARKER", _BOOK)
    package.add(
        "ppt/charts/chart1.xml",
        f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}">{before}<c:chart><c:plotArea><c:barChart><c:barDir val="col"/><c:ser>'
        f'<c:idx val="0"/><c:order val="0"/>{series}</c:ser></c:barChart></c:plotArea></c:chart><c:spPr/><c:externalData r:id="rId1">'
        '<c:autoUpdate val="1"/></c:externalData></c:chartSpace>',
        _CHART,
    )
    return package


def _book_in(output: bytes) -> openpyxl.Workbook:
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        return openpyxl.load_workbook(io.BytesIO(archive.read("ppt/embeddings/workbook1.xlsx")))


def test_each_value_stands_in_the_cell_to_which_the_chart_refers() -> None:
    output, result = clean(_charted(_USUAL).build(), "a.pptx")
    sheet = _book_in(output)["表"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows == [[None, "予算"], ["道路", 1.5], ["=1+1", 2], ["港湾", "#N/A"]]
    assert (sheet["A3"].data_type, sheet["B4"].data_type, sheet["B2"].number_format) == ("s", "e", "#,##0.0")
    assert "ooxml.chart_book" in codes(result)
    assert b"MARKER" not in opened(output)
    assert re.search(
        rb'<c:spPr/><c:externalData[^>]*r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>',
        opened(output),
    )
    assert clean(output, "a.pptx")[0] == output


def test_categories_of_several_levels_and_areas_have_their_cells() -> None:
    levels = "".join(
        f"<c:lvl>{''.join(f'<c:pt idx={chr(34)}{at}{chr(34)}><c:v>{value}</c:v></c:pt>' for at, value in named)}</c:lvl>"
        for named in ([(0, "東京"), (1, "千葉")], [(0, "関東")])
    )
    series = (
        f"<c:cat><c:multiLvlStrRef><c:f>'人 口'!$A$2:$B$3</c:f><c:multiLvlStrCache>{levels}</c:multiLvlStrCache></c:multiLvlStrRef></c:cat>"
        f"<c:val>{_numbers('(Sheet2!$C$1,Sheet2!$E$1:$F$1)', '1', '2', '3')}</c:val>"
    )
    book = _book_in(clean(_charted(series, '<c:date1904 val="1"/>').build(), "a.pptx")[0])
    assert [[cell.value for cell in row] for row in book["人 口"]["A2:B3"]] == [
        ["関東", "東京"],
        [None, "千葉"],
    ]
    assert [cell.value for cell in book["Sheet2"][1]] == [None, None, 1, None, 2, 3]
    assert book.epoch.year == 1904


@pytest.mark.parametrize("reference", ["[Book1.xlsx]表!$B$2", r"'C:\予 算\[Book1.xlsx]表'!$B$2"])
def test_a_chart_that_named_a_file_has_a_book_of_its_own(reference: str) -> None:
    package = _charted(f"<c:val>{_numbers(reference, '7')}</c:val>")
    package.relations["ppt/charts/chart1.xml"].clear()
    package.relate("ppt/charts/chart1.xml", "oleObject", "file:///C:/Book1.xlsx", external=True)
    output, result = clean(package.build(), "a.pptx")
    assert _book_in(output)["表"]["B2"].value == 7
    assert {"ooxml.external", "ooxml.chart_book"} <= set(codes(result))
    assert b"Book1" not in opened(output)


@pytest.mark.parametrize(
    "reference",
    ["名前", "表1[列]", "表!$A:$A", "表!$XFE$1", "表!$A$1048577", "表!$A$1+1", "(表!$A$1", "表!$A$1,表!B", "'a]b'!$A$1", "''''!$A$1"],
)  # fmt: skip
def test_where_values_have_no_cells_there_is_no_book(reference: str) -> None:
    output, result = clean(_charted(f"<c:val>{_numbers(reference, '7')}</c:val>").build(), "a.pptx")
    assert "ooxml.chart_data" in codes(result)
    assert b"externalData" not in opened(output)
    assert b"MARKER" not in opened(output)


def test_a_chart_that_stands_in_no_frame_of_a_letter_has_none_to_open() -> None:
    package = document(paragraph("words"))
    package.add("word/embeddings/book.xlsx", b"PK\x03\x04 MARKER", _BOOK)
    package.link("package", "word/embeddings/book.xlsx")
    output, _result = clean(package.build(), "a.docx")
    assert b"MARKER" not in opened(output)
    assert "embeddings" not in " ".join(zipfile.ZipFile(io.BytesIO(output)).namelist())


def _other_book(output: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A clean presentation with something else in the workbook behind its chart."""
    book = "ppt/embeddings/workbook1.xlsx"
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        inner = rewritten(archive.read(book), part, old, new)
    return rewritten(output, book, None, inner)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"<v>1.5</v>", b"<f>SUM(A1)</f><v>1.5</v>"),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b'</sheetData><hyperlinks><hyperlink ref="A1" location="B1"/></hyperlinks>'),
        ("xl/workbook.xml", b"</sheets>", b'</sheets><definedNames><definedName name="a">WEBSERVICE(1)</definedName></definedNames>'),
        ("xl/_rels/workbook.xml.rels", b"relationships/styles", b"relationships/theme/x"),
        ("xl/styles.xml", b"<fonts", b"<!-- MARKER --><fonts"),
        ("[Content_Types].xml", b"sheet.main+xml", b"template.main+xml"),
    ],
)  # fmt: skip
def test_the_second_opinion_dislikes_anything_else_in_the_book(part: str, old: bytes, new: bytes) -> None:
    output, _result = clean(_charted(_USUAL).build(), "a.pptx")
    assert (
        find_complaint(
            io.BytesIO(
                _other_book(output, part, b"<sheetData>", b"<sheetData>")
                if part.endswith("sheet1.xml")
                else output
            ),
            "pptx",
        )
        is None
    )
    complaint = find_complaint(io.BytesIO(_other_book(output, part, old, new)), "pptx")
    assert complaint is not None
    assert complaint.code.startswith("package.")


def test_the_second_opinion_dislikes_a_book_elsewhere() -> None:
    output, _result = clean(_charted(_USUAL).build(), "a.pptx")
    slide = "ppt/slides/_rels/slide1.xml.rels"
    book = f'<Relationship Id="rId99" Type="{_R}/package" Target="/ppt/embeddings/workbook1.xlsx"/></Relationships>'.encode()
    assert find_complaint(io.BytesIO(rewritten(output, slide, b"</Relationships>", book)), "pptx") is not None
