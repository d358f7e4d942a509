"""What Word and Excel files hold and do not show, on the way out."""

import io
from typing import Any

import pytest
import xlsxwriter

from .office import SPACES, document, opened, paragraph
from .passing import clean, codes

STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>
<w:style w:type="paragraph" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Grandchild"><w:basedOn w:val="Child"/></w:style>
<w:style w:type="paragraph" w:styleId="Child"><w:basedOn w:val="Secret"/></w:style>
<w:style w:type="paragraph" w:styleId="Back"><w:basedOn w:val="Secret"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Ring"><w:basedOn w:val="Ring"/></w:style>
<w:style w:type="paragraph" w:styleId="Dust"><w:rPr><w:sz w:val="2"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Mask"><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Chalk"><w:rPr><w:color w:val="ffffff"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Board"><w:pPr><w:shd w:val="clear" w:fill="003300"/></w:pPr></w:style>
<w:style w:type="table" w:styleId="Drawer"><w:rPr><w:vanish/></w:rPr></w:style>
"""


def styled(body: str, styles: str = STYLES) -> bytes:
    """A Word file whose styles are ``styles``."""
    package = document(body)
    package.link("styles", "word/styles.xml")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"
    return package.add("word/styles.xml", f"<w:styles {SPACES}>{styles}</w:styles>", kind).build()


def styled_paragraph(paragraph_style: str, run_properties: str = "") -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{paragraph_style}"/></w:pPr>'
        f"<w:r><w:rPr>{run_properties}</w:rPr><w:t>機密の語</w:t></w:r></w:p>"
    )


MASK, CHALK = '<w:rStyle w:val="Mask"/>', '<w:rStyle w:val="Chalk"/>'
DRAWER = f'<w:tbl><w:tblPr><w:tblStyle w:val="Drawer"/></w:tblPr><w:tr><w:tc>{paragraph("機密の語")}</w:tc></w:tr></w:tbl>'


@pytest.mark.parametrize(
    ("body", "stays", "code"),
    [
        (styled_paragraph("Secret"), False, "ooxml.hidden"),
        (styled_paragraph("Grandchild"), False, "ooxml.hidden"),
        (styled_paragraph("Normal", MASK), False, "ooxml.hidden"),
        (styled_paragraph("Dust"), False, "ooxml.hidden"),
        (DRAWER, False, "ooxml.hidden"),
        (styled_paragraph("Back"), True, ""),
        (styled_paragraph("Ring"), True, ""),
        (styled_paragraph("Missing"), True, ""),
        (styled_paragraph("Secret", '<w:vanish w:val="0"/>'), True, ""),
        (styled_paragraph("Secret", MASK), True, ""),  # hidden twice over shows: ECMA-376-1, 17.7.3
        (styled_paragraph("Dust", '<w:sz w:val="21"/>'), True, ""),
        (styled_paragraph("Normal", CHALK), True, "ooxml.white_text"),
        (styled_paragraph("Board", CHALK), True, ""),
    ],
)
def test_words_that_a_style_hides_do_not_go_outward(body: str, stays: bool, code: str) -> None:
    source = styled(paragraph("見える語") + body)
    output, result = clean(source, "a.docx", "outbound")
    assert "見える語".encode() in opened(output)
    assert ("機密の語".encode() in opened(output)) is stays
    assert codes(result) == ({code} if code else set())
    assert "機密の語".encode() in opened(clean(source, "a.docx")[0])


def test_words_of_a_document_whose_own_style_hides_do_not_go_outward() -> None:
    everywhere = "<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>"
    usual = '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr><w:vanish/></w:rPr></w:style>'
    shown = "<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>見える語</w:t></w:r></w:p>"
    for styles in (everywhere, usual):
        output, _result = clean(styled(paragraph("機密の語") + shown, styles), "a.docx", "outbound")
        assert "機密の語".encode() not in opened(output)
        assert "見える語".encode() in opened(output)


def cells_of_one_look(look: dict[str, Any], value: object) -> bytes:
    """A workbook of a cell that shows and two that have ``look``."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet, hiding = book.add_worksheet("台帳"), book.add_format(look)
    sheet.write("A1", "見える")
    sheet.write("B2", value, hiding)
    sheet.write("B3", value, hiding)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("look", "value", "code"),
    [
        ({"font_color": "white"}, "機密", "ooxml.cell_colour"),
        ({"font_color": "white", "bg_color": "white"}, 5, "ooxml.cell_colour"),
        ({"font_color": "#003366", "bg_color": "#003366"}, "機密", "ooxml.cell_colour"),
        ({"bg_color": "black"}, "機密", "ooxml.cell_colour"),
        ({"num_format": ";;;"}, "機密", "ooxml.silent_format"),
        ({"num_format": ";;;"}, 5, "ooxml.silent_format"),
        ({"num_format": ';"";[White];@'}, 5, "ooxml.silent_format"),
        ({"num_format": ";;"}, 5, "ooxml.silent_format"),
        ({"num_format": ";;;@"}, "見える語", ""),
        ({"num_format": ";;"}, "見える語", ""),
        ({"num_format": "#,##0;-#,##0;"}, 5, ""),
        ({"num_format": '"；;；";;;'}, 5, ""),
        ({"font_color": "white", "bg_color": "#003366"}, "見出し", ""),
        ({"font_color": "white", "pattern": 3, "fg_color": "black"}, "見出し", ""),
        ({"bold": True}, "普通", ""),
    ],
)
def test_values_that_cells_do_not_show_are_warned_of(look: dict[str, Any], value: object, code: str) -> None:
    source = cells_of_one_look(look, value)
    _output, result = clean(source, "a.xlsx", "outbound")
    warned = [removal for removal in result.report.removed if removal.action == "warned"]
    told = [(removal.code, removal.action, dict(removal.where), removal.count) for removal in warned]
    assert told == ([(code, "warned", {"sheet": "台帳", "cell": "B2"}, 2)] if code else [])
    assert not {"ooxml.cell_colour", "ooxml.silent_format"} & codes(clean(source, "a.xlsx")[1])


def rich_cells(run: dict[str, Any], cell: dict[str, Any] | None = None, *, inline: bool = False) -> bytes:
    """A workbook in whose second cell some words have a look of their own."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": inline})
    sheet = book.add_worksheet("台帳")
    sheet.write("A1", "見える")
    under = [] if cell is None else [book.add_format(cell)]
    sheet.write_rich_string("B2", "前 ", book.add_format(run), "機密", " 後", *under)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("run", "cell", "is_told"),
    [
        ({"font_color": "white"}, None, True),
        ({"font_color": "#003366"}, {"bg_color": "#003366"}, True),
        ({"font_color": "white"}, {"bg_color": "#003366"}, False),
        ({"font_color": "red"}, None, False),
    ],
)
@pytest.mark.parametrize("inline", [False, True])
def test_words_in_the_colour_of_the_ground_within_a_cell_are_warned_of(run, cell, is_told, inline):
    _output, result = clean(rich_cells(run, cell, inline=inline), "a.xlsx", "outbound")
    told = [
        (removal.code, dict(removal.where)) for removal in result.report.removed if removal.action == "warned"
    ]
    assert told == ([("ooxml.cell_colour", {"sheet": "台帳", "cell": "B2"})] if is_told else [])


@pytest.mark.parametrize(
    ("look", "code"),
    [
        ({"font_color": "white"}, "ooxml.cell_colour"),
        ({"font_color": "#003366", "bg_color": "#003366"}, "ooxml.cell_colour"),
        ({"num_format": ";;;"}, "ooxml.silent_format"),
        ({"font_color": "white", "bg_color": "red"}, ""),
        ({"bold": True}, ""),
    ],
)
def test_conditions_that_hide_values_are_warned_of(look: dict[str, Any], code: str) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("台帳")
    sheet.write_column("B2", [5, 6, 7])
    rule = {"type": "cell", "criteria": ">", "value": 5, "format": book.add_format(look)}
    sheet.conditional_format("B2:B4", rule)
    book.close()
    _output, result = clean(out.getvalue(), "a.xlsx", "outbound")
    warned = [removal for removal in result.report.removed if removal.action == "warned"]
    told = [(removal.code, dict(removal.where), removal.detail) for removal in warned]
    assert told == ([(code, {"sheet": "台帳", "cell": "B2:B4"}, "rule")] if code else [])
