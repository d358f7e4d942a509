"""Word, Excel and PowerPoint: attacks go, what people see stays, what comes out opens elsewhere."""

import datetime
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile
from PIL import Image

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats.ooxml.fields import harmless
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.verify import find_complaint

from .attacks.ooxml import ATTACKS, MARKER, VISIBLE, Attack
from .office import CELLS, SPACES, document, opened, paragraph, presentation, shape, workbook
from .passing import clean, codes


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_of_an_attack_is_left_and_the_words_are(attack: Attack) -> None:
    result = sanitize(attack.build(), "inbound", name=f"a.{attack.extension}")
    if attack.refused:
        assert not result.is_clean
        assert result.report.attempts[0].outcome.startswith(("ooxml.", "input."))
        return
    assert result.is_clean, (result.report.refusal, result.report.refusal_params, result.report.attempts)
    inside = opened(result.output or b"")
    for marker in (MARKER, MARKER.upper(), MARKER.lower()):
        assert marker.encode() not in inside
        assert marker.encode("utf-16-le") not in inside
    assert VISIBLE.encode() in inside


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_second_opinion_dislikes_the_file_as_it_came(attack: Attack) -> None:
    kind = attack.extension.replace("m", "x") if attack.extension.endswith("m") else attack.extension
    assert find_complaint(io.BytesIO(attack.build()), kind) is not None


def test_there_are_many_attacks() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) > 200


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("page", "PAGE"), (' HYPERLINK "https://example.jp/" ', 'HYPERLINK "https://example.jp/"'),
        (' TOC \\o "1-3" \\h', 'TOC \\o "1-3" \\h'), ("= 1 + 1", "= 1 + 1"), ("DDE x", None), ("", None),
        ('HYPERLINK "http://a.jp" \\l "b"', 'HYPERLINK "http://a.jp" \\l "b"'), ('REF "file:///x"', None),
    ],
)  # fmt: skip
def test_field_codes(code: str, kept: str | None) -> None:
    assert harmless(code, links=True) == kept


@pytest.mark.parametrize(
    "formula",
    ["SUM(A1:B2)", "Sheet1!A1+'シート 1'!B2", "表1[@金額]*2", "_xlfn.XLOOKUP(1,A:A,B:B)", 'IF(A1="","a|b",1e5%)',
     "IFERROR(A1,#N/A)", "{1,2;3,4}", 'HYPERLINK("https://example.jp/"&A1,"x")', "売上+TRUE", "SUM('a:b'!A1)"],
)  # fmt: skip
def test_formulas_that_compute_from_the_workbook_stay(formula: str) -> None:
    assert objection(formula) == ""


def test_a_workbook_keeps_what_an_office_needs() -> None:
    output, result = clean(_office_workbook(), "台帳.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(output))
    sheet = book["売上"]
    assert [sheet.cell(row, 2).value for row in (1, 2, 3)] == [0, 1000.5, 2001]
    assert sheet["B2"].number_format == "#,##0;[Red]-#,##0"
    assert sheet["C2"].value == "=B2*2"
    assert sheet["F1"].value == datetime.datetime(2026, 5, 1)
    assert "ggge" in sheet["F1"].number_format
    assert sheet["F2"].hyperlink.target == "https://example.jp/a?b=1"
    assert sheet["F3"].value == "悪い"
    assert sheet["F3"].hyperlink is None
    assert sheet["A1"].comment.text == "確認してください"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["H1:J2"]
    assert sheet.column_dimensions["A"].width > 29
    assert (len(sheet._charts), len(sheet._images), sheet.freeze_panes) == (1, 1, "B2")
    assert sheet.data_validations.count == 1
    assert len(sheet.conditional_formatting) == 2
    assert book["表"].tables["Table1"].ref == "A1:B3"
    assert book["隠し"].sheet_state == "hidden"
    assert list(book.defined_names) == ["税率"]
    assert result.report.fidelity["cells_before"] == result.report.fidelity["cells_after"] > 10
    assert {"ooxml.link", "ooxml.name"} <= codes(result)


def _office_workbook() -> bytes:
    out, picture = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 60)).save(picture, "PNG")
    with xlsxwriter.Workbook(out) as book:
        sheet, table, hidden = (book.add_worksheet(name) for name in ("売上", "表", "隠し"))
        money = book.add_format({"bold": True, "num_format": "#,##0;[Red]-#,##0"})
        era = book.add_format({"num_format": '[$-ja-JP-x-gannen]ggge"年"m"月"d"日"'})
        for row in range(3):
            sheet.write(row, 0, f"項目{row}")
            sheet.write(row, 1, row * 1000.5, money)
            sheet.write_formula(row, 2, f"=B{row + 1}*2", money, row * 2001)
        sheet.write_datetime(0, 5, datetime.datetime(2026, 5, 1), era)
        sheet.write_url(1, 5, "https://example.jp/a?b=1", string="案内")
        sheet.write_url(2, 5, "file:///etc/passwd", string="悪い")
        sheet.write_comment("A1", "確認してください")
        sheet.conditional_format("B1:B3", {"type": "3_color_scale"})
        sheet.conditional_format("C1:C3", {"type": "formula", "criteria": "=$C1>10", "format": money})
        sheet.data_validation("D1", {"validate": "list", "source": ["はい", "いいえ"]})
        sheet.merge_range("H1:J2", "結合", money)
        sheet.set_column("A:A", 30)
        sheet.freeze_panes(1, 1)
        sheet.insert_image("H5", "x.png", {"image_data": picture})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"categories": "='売上'!$A$1:$A$3", "values": "='売上'!$B$1:$B$3"})
        sheet.insert_chart("H10", chart)
        table.add_table("A1:B3", {"data": [[1, 2], [3, 4]], "columns": [{"header": "数"}, {"header": "量"}]})
        hidden.write(0, 0, "秘密")
        hidden.hide()
        book.define_name("税率", "=0.1")
        book.define_name("悪い名", '=WEBSERVICE("http://127.0.0.1")')
    return out.getvalue()


def test_outward_a_workbook_tells_nothing_hidden_and_warns_of_numbers() -> None:
    cells = '<c r="B1"><v>1</v></c><c r="C1" t="inlineStr"><is><t>個人番号 1234 5678 9018</t></is></c>'
    output, result = clean(_office_workbook(), "台帳.xlsx", "outbound")
    assert "秘密".encode() not in opened(output)
    assert "確認してください".encode() not in opened(output)
    _output, warned = clean(workbook(CELLS.format(visible="x", cells=cells)).build(), "a.xlsx", "outbound")
    assert "personal.my_number" in codes(warned)
    assert "ooxml.hidden" in codes(result)


@pytest.mark.parametrize("written", ["123456789018", "1.23456789018E11"])
def test_outward_a_personal_number_kept_as_a_number_is_warned_of(written: str) -> None:
    cells = f'<c r="B1"><v>{written}</v></c><c r="C1"><v>123456789.018123</v></c>'
    _output, result = clean(workbook(CELLS.format(visible="x", cells=cells)).build(), "a.xlsx", "outbound")
    (warning,) = [each for each in result.report.removed if each.code == "personal.my_number"]
    assert warning.where == {"sheet": "Sheet1"}


def test_outward_the_numbers_of_two_paragraphs_are_two_numbers() -> None:
    _output, result = clean(
        document(paragraph("123456789018") + paragraph("2026")).build(), "a.docx", "outbound"
    )
    assert "personal.my_number" in codes(result)


def test_tracked_changes_are_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>A</w:t></w:r><w:ins w:id='1'><w:r><w:t>B</w:t></w:r></w:ins><w:del w:id='2'><w:r><w:delText>C</w:delText>"
        "</w:r></w:del></w:p><w:p><w:pPr><w:rPr><w:del w:id='3'/></w:rPr></w:pPr><w:r><w:t>D</w:t></w:r></w:p>"
        + paragraph("E")
    )
    output, result = clean(document(body).build(), "a.docx")
    inside = opened(output).decode()
    assert inside.count("<w:p>") + inside.count("<w:p/>") == 2
    assert "<w:t>D</w:t>" in inside
    assert "C</w:" not in inside
    assert "ooxml.tracked" in codes(result)


def test_a_paragraph_that_was_moved_leaves_none_behind() -> None:
    body = (
        paragraph("前")
        + "<w:p><w:pPr><w:rPr><w:moveFrom w:id='1'/></w:rPr></w:pPr><w:moveFromRangeStart w:id='2'/><w:moveFrom w:id='3'>"
        "<w:r><w:t>動いた</w:t></w:r></w:moveFrom></w:p><w:moveFromRangeEnd w:id='2'/><w:bookmarkStart w:id='9' w:name='place'/>"
        + paragraph("間")
        + "<w:p><w:pPr><w:rPr><w:moveTo w:id='4'/></w:rPr></w:pPr><w:moveToRangeStart w:id='5'/><w:moveTo w:id='6'>"
        "<w:r><w:t>動いた</w:t></w:r></w:moveTo></w:p><w:moveToRangeEnd w:id='5'/>"
    )
    output, _result = clean(document(body).build(), "a.docx")
    inside = opened(output).decode()
    assert inside.count("<w:p>") + inside.count("<w:p/>") == 3
    assert inside.index("前") < inside.index("間") < inside.index("動いた")


def test_a_link_that_may_not_stay_leaves_its_words() -> None:
    package = document('<w:p><w:hyperlink r:id="rId1"><w:r><w:t>案内はこちら</w:t></w:r></w:hyperlink></w:p>')
    package.link("hyperlink", "file:///etc/passwd", external=True)
    output, result = clean(package.build(), "a.docx")
    assert "案内はこちら".encode() in opened(output)
    assert "ooxml.link" in codes(result)


def test_hidden_slides_go_outward() -> None:
    package = presentation(shape("見える"))
    package.parts = [
        (name, content.replace(b"<p:sldIdLst>", b'<p:sldIdLst><p:sldId id="300" r:id="rId3"/>'))
        for name, content in package.parts
    ]
    package.add(
        "ppt/slides/slide2.xml",
        package.parts[1][1]
        .replace(b"<p:sld ", b'<p:sld show="0" ')
        .replace("見える".encode(), "秘密".encode()),
        "application/vnd.openxmlformats-officedocument.presentationml.slide+xml",
    )
    package.link("slide", "ppt/slides/slide2.xml")
    package.relate("ppt/slides/slide2.xml", "slideLayout", "ppt/slideLayouts/slideLayout1.xml")
    kept, _result = clean(package.build(), "a.pptx")
    assert "秘密".encode() in opened(kept)
    output, result = clean(package.build(), "a.pptx", "outbound")
    assert "秘密".encode() not in opened(output)
    assert "見える".encode() in opened(output)
    assert "ooxml.hidden" in codes(result)


def test_shapes_that_nobody_sees_do_not_go_outward() -> None:
    beside = shape("欄外").replace(
        "<p:spPr/>", "<p:spPr><a:xfrm><a:off x='9144000' y='0'/><a:ext cx='99' cy='99'/></a:xfrm></p:spPr>"
    )
    on = shape("紙面").replace(
        "<p:spPr/>", "<p:spPr><a:xfrm><a:off x='9143000' y='-50'/><a:ext cx='99' cy='99'/></a:xfrm></p:spPr>"
    )
    off = shape("消した図").replace('id="2"', 'id="2" hidden="1"')
    package = presentation(shape("見える") + beside + on + off).build()
    kept, _result = clean(package, "a.pptx")
    assert all(word.encode() in opened(kept) for word in ("見える", "欄外", "紙面", "消した図"))
    output, result = clean(package, "a.pptx", "outbound")
    assert [word for word in ("見える", "欄外", "紙面", "消した図") if word.encode() in opened(output)] == [
        "見える",
        "紙面",
    ]
    assert "ooxml.hidden" in codes(result)


def test_tiny_words_do_not_go_outward_and_white_ones_are_warned_of() -> None:
    run = "<w:r><w:rPr>{0}</w:rPr><w:t>{1}</w:t></w:r>"
    white = '<w:color w:val="FFFFFF"/>'
    tiny, plain = (run.format(f"<w:sz w:val='{size}'/>", said) for size, said in ((2, "極小"), (20, "普通")))
    body = f"<w:p>{tiny}{plain}</w:p>"
    output, result = clean(document(body).build(), "a.docx", "outbound")
    assert "極小".encode() not in opened(output)
    assert "普通".encode() in opened(output)
    assert codes(result) == {"ooxml.hidden"}
    output, result = clean(document(f"<w:p>{run.format(white, '白')}</w:p>").build(), "a.docx", "outbound")
    assert "白".encode() in opened(output)
    assert codes(result) == {"ooxml.white_text"}
    shaded = run.format(white + '<w:shd w:val="clear" w:fill="000000"/>', "白")
    _output, result = clean(document(f"<w:p>{shaded}</w:p>").build(), "a.docx", "outbound")
    assert codes(result) == set()


def test_text_only() -> None:
    strict = Policy.from_dict({"name": "text", "methods": {"word": ["text"], "slides": ["text"]}})
    output, result = clean(document(paragraph("一行目") + paragraph("二行目")).build(), "a.docx", strict)
    assert output.decode() == "一行目\n二行目"
    assert (result.method, result.name) == ("text", "a.txt")
    slides, _result = clean(presentation(shape("題")).build(), "a.pptx", strict)
    assert slides.decode() == "[1]\n題\n"
    sheets, result = clean(_office_workbook(), "台帳.xlsx", "inbound-strict")
    assert zipfile.ZipFile(io.BytesIO(sheets)).namelist() == ["01-売上.csv", "02-表.csv", "03-隠し.csv"]
    cells = CELLS.format(visible="=cmd", cells="")
    table, result = clean(workbook(cells).build(), "a.xlsx", "inbound-strict")
    assert table.decode("utf-8-sig") == "'=cmd\r\n"


def test_macro_files_lose_their_name_too() -> None:
    package = document(paragraph("x"), vendor="application/vnd.ms-word.document.macroEnabled")
    output, result = clean(package.build(), "申請.docm")
    assert result.name == "申請.docx"
    assert b"macroEnabled" not in opened(output)


def test_a_clean_file_passes_again_unchanged() -> None:
    for data, name in (
        (_office_workbook(), "a.xlsx"),
        (document(paragraph("x")).build(), "a.docx"),
        (presentation(shape("x")).build(), "a.pptx"),
    ):
        once, _result = clean(data, name)
        twice, result = clean(once, name)
        assert once == twice
        assert [removal.code for removal in result.report.removed] == []


def _long_text() -> str:
    """Enough to fill ordinary sectors of the locked container."""
    return "".join(paragraph(f"{number * 7919}") for number in range(2_000))


def test_a_locked_document_opens_with_its_password() -> None:
    locked = io.BytesIO()
    plain = io.BytesIO(document(paragraph("ひみつ") + _long_text()).build())
    OOXMLFile(plain).encrypt("かぎ123", locked)
    output, _result = clean(locked.getvalue(), "a.docx", password="かぎ123")
    assert "ひみつ".encode() in opened(output)
    assert sanitize(locked.getvalue(), name="a.docx").report.refusal == "input.encrypted"
    assert sanitize(locked.getvalue(), name="a.docx", password="x").report.refusal == "input.wrong_password"


def test_formulas_become_values_when_the_policy_says_so() -> None:
    cells = '<c r="B1"><f>1+1</f><v>2</v></c>'
    policy = Policy.from_dict(
        {"name": "values", "methods": {"sheet": ["rebuilt"]}, "keep": {"formulas": False}}
    )
    output, _result = clean(workbook(CELLS.format(visible="x", cells=cells)).build(), "a.xlsx", policy)
    assert b"<f>" not in opened(output)
    assert b"<v>2</v>" in opened(output)


def test_a_workbook_keeps_bars_with_axes_sparklines_and_lists_from_other_sheets() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("表")
        sheet.write_column(0, 0, [3, -2, 5])
        sheet.add_sparkline("C1", {"range": "表!A1:A3", "type": "column", "markers": True})
        sheet.conditional_format(
            "A1:A3", {"type": "data_bar", "data_bar_2010": True, "bar_negative_color": "#FF0000"}
        )
        sheet.write_comment("A1", "注記")
    output, _result = clean(out.getvalue(), "a.xlsx")
    drawn = zipfile.ZipFile(io.BytesIO(output)).read("xl/worksheets/sheet1.xml").decode()
    for kept in ("<xm:f>表!A1:A3</xm:f>", "<xm:sqref>C1</xm:sqref>", 'type="column"', 'rgb="FFFF0000"'):
        assert kept in drawn
    link = drawn.partition("<x14:id>")[2].partition("<")[0]
    assert f'id="{link}"' in drawn
    assert drawn.index("<legacyDrawing") < drawn.index("{05C60535")
    assert clean(output, "a.xlsx")[1].report.removed == ()


def test_shapes_of_slides_keep_their_size() -> None:
    size = '<a:xfrm><a:off x="100" y="200"/><a:ext cx="300" cy="400"/></a:xfrm>'
    data = presentation(shape("words").replace("<p:spPr/>", f"<p:spPr>{size}</p:spPr>")).build()
    assert size.encode() in opened(data)
    output, _result = clean(data, "a.pptx")
    assert size.encode() in opened(output)


def test_a_cell_link_written_as_an_address_within_the_book_stays() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("二枚目")
    book.worksheets[0]["A1"] = "次へ"
    book.worksheets[0]["A1"].hyperlink = "#二枚目!A1"
    book.save(out)
    output, _result = clean(out.getvalue(), "a.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(output)).worksheets[0]["A1"].hyperlink.location == "二枚目!A1"


def test_the_value_that_another_book_gave_stays_and_the_way_to_it_goes() -> None:
    cell = '<c r="B1"><f>[1]Sheet1!A1</f><v>42</v></c>'
    output, result = clean(workbook(CELLS.format(visible="x", cells=cell)).build(), "a.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(output)).active["B1"].value == 42
    assert "ooxml.formula" in codes(result)


def test_a_slicer_leaves_the_shape_that_stands_for_it_and_is_said_to_be_lost() -> None:
    spaces = (
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"'
    )
    corner = "<xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    shown = (
        f"<xdr:twoCellAnchor><xdr:from>{corner}</xdr:from><xdr:to>{corner}</xdr:to>"
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name=""/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/>'
        "<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>slicer here</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/>"
        "</xdr:twoCellAnchor>"
    )
    package = workbook('<sheetData/><drawing r:id="rId1"/>')
    package.add(
        "xl/drawings/drawing1.xml",
        f'<xdr:wsDr {spaces}><mc:AlternateContent><mc:Choice Requires="a14"/><mc:Fallback>{shown}</mc:Fallback>'
        "</mc:AlternateContent></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    package.relate("xl/worksheets/sheet1.xml", "drawing", "xl/drawings/drawing1.xml")
    slicer = "http://schemas.microsoft.com/office/2007/relationships/slicer"
    package.relate("xl/worksheets/sheet1.xml", slicer, "xl/slicers/slicer1.xml")
    package.add("xl/slicers/slicer1.xml", "<slicers/>", "application/vnd.ms-excel.slicer+xml")
    output, result = clean(package.build(), "a.xlsx")
    assert b"slicer here" in opened(output)
    assert ("ooxml.slicer", "lost") in {(entry.code, entry.action) for entry in result.report.removed}


_A14 = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def _equation(inside: str) -> str:
    """A text box with a formula, as PowerPoint saves it: the words of old programs stand in the fallback."""
    names = '<p:nvSpPr><p:cNvPr id="7" name="formula"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr/>'
    formula = f"<a14:m><m:oMathPara><m:oMath>{inside}</m:oMath></m:oMathPara></a14:m>"
    return (
        f'<mc:AlternateContent {_A14}><mc:Choice Requires="a14"><p:sp>{names}<p:txBody><a:bodyPr/><a:p>{formula}</a:p></p:txBody></p:sp>'
        f"</mc:Choice><mc:Fallback><p:sp>{names}<p:txBody><a:bodyPr/><a:p><a:r><a:t>fallback words</a:t></a:r></a:p></p:txBody></p:sp>"
        "</mc:Fallback></mc:AlternateContent>"
    )


def test_an_equation_of_a_slide_stays_one() -> None:
    fraction = "<m:f><m:num><m:r><a:rPr lang='en-US' i='1'/><m:t>分子x</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    output, result = clean(presentation(shape("words") + _equation(fraction)).build(), "a.pptx")
    slide = opened(output)
    assert "<m:t>分子x</m:t>".encode() in slide
    assert b"<a14:m" in slide
    assert b"fallback words" not in slide
    assert "ooxml.extension" not in codes(result)
    assert clean(output, "a.pptx")[0] == output


def test_what_acts_within_an_equation_goes() -> None:
    run = (
        "<m:r><a:rPr><a:hlinkMouseOver r:id='rId9' action='ppaction://program'/></a:rPr><m:t>x</m:t></m:r>"
        "<m:r><p:oleObj progId='MARKER'/><m:t>y</m:t></m:r>"
    )
    output, result = clean(presentation(_equation(run)).build(), "a.pptx")
    assert b"ppaction" not in opened(output)
    assert b"MARKER" not in opened(output)
    assert {"ooxml.action", "ooxml.embedded"} <= codes(result)


def test_a_chart_of_a_newer_kind_is_said_to_be_lost_where_it_stood() -> None:
    package = presentation(shape("words"))
    kind = "http://schemas.microsoft.com/office/2014/relationships/chartEx"
    package.relate("ppt/slides/slide1.xml", kind, "ppt/charts/chartEx1.xml")
    package.add("ppt/charts/chartEx1.xml", "<chartSpace/>", "application/vnd.ms-office.chartex+xml")
    _output, result = clean(package.build(), "a.pptx")
    told = [entry for entry in result.report.removed if entry.code == "ooxml.new_chart"]
    assert [(entry.action, entry.where["part"]) for entry in told] == [("lost", "ppt/slides/slide1.xml")]


def test_an_animation_of_what_went_goes_and_others_stay() -> None:
    moving = (
        "<p:timing><p:tnLst><p:par><p:cTn id='1'><p:childTnLst><p:set><p:cBhvr><p:cTn id='2'/><p:tgtEl>{}</p:tgtEl>"
        "</p:cBhvr></p:set></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
    )
    for target in ("<p:sndTgt r:embed='rId9'/>", "<p:spTgt spid='77'/>"):
        output, result = clean(presentation(shape("words"), tail=moving.format(target)).build(), "a.pptx")
        assert b"<p:timing" not in opened(output)
        assert "ooxml.animation" in codes(result)
    output, result = clean(
        presentation(shape("words"), tail=moving.format("<p:spTgt spid='2'/>")).build(), "a.pptx"
    )
    assert b'<p:spTgt spid="2"/>' in opened(output)


def test_a_letter_with_a_chart_of_another_book_stays_a_letter() -> None:
    chart = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    package = document(
        paragraph("words")
        + '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9000" cy="9000"/><wp:docPr id="1" name="c"/><a:graphic>'
        f'<a:graphicData uri="{chart}"><c:chart xmlns:c="{chart}" r:id="rId1"/></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )
    package.link("chart", "word/charts/chart1.xml")
    package.add(
        "word/charts/chart1.xml",
        f'<c:chartSpace xmlns:c="{chart}"><c:chart><c:plotArea><c:barChart><c:barDir val="col"/><c:ser><c:idx val="0"/>'
        '<c:order val="0"/><c:val><c:numRef><c:f>[統計.xlsx]S!$A$1:$A$2</c:f><c:numCache><c:ptCount val="1"/><c:pt idx="0">'
        "<c:v>123</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>",
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    )
    output, result = clean(package.build(), "a.docx")
    assert result.method == "rebuilt"
    assert b"<c:v>123</c:v>" in opened(output)
    assert "統計".encode() not in opened(output)
    assert "ooxml.external_link" in codes(result)


def test_marks_of_editing_are_not_told_as_losses() -> None:
    package = document(paragraph("words"))
    package.link("settings", "word/settings.xml")
    package.add(
        "word/settings.xml",
        f'<w:settings {SPACES} xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:proofState w:spelling="clean"/>'
        '<w:savePreviewPicture/><w:shapeDefaults><o:shapedefaults spidmax="1026"/></w:shapeDefaults><w14:docId w14:val="SECRET"/>'
        "</w:settings>",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml",
    )
    output, result = clean(package.build(), "a.docx")
    assert b"SECRET" not in opened(output)
    assert codes(result) == set()


def test_a_part_that_goes_is_told_once() -> None:
    package = document(paragraph("words") + '<w:altChunk r:id="rId1"/>')
    package.link("aFChunk", "word/chunk.html")
    package.add("word/chunk.html", "<p>more words</p>", "text/html")
    _output, result = clean(package.build(), "a.docx")
    told = [(entry.code, entry.action) for entry in result.report.removed]
    assert told == [("ooxml.chunk", "lost")]
    package.add("word/nobody.bin", "hidden", "application/octet-stream")
    _output, result = clean(package.build(), "a.docx")
    assert codes(result) == {"ooxml.chunk", "ooxml.parts_left_out"}


_M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def test_an_equation_keeps_its_signs_brackets_and_looks() -> None:
    """Without them a sum would be shown as an integral, and every bracket as a round one."""
    told = (
        '<m:naryPr><m:chr m:val="∑"/><m:limLoc m:val="undOvr"/><m:subHide m:val="1"/></m:naryPr>',
        '<m:dPr><m:begChr m:val="{"/><m:endChr m:val=""/></m:dPr>',
        '<m:radPr><m:degHide m:val="1"/></m:radPr>',
        '<m:fPr><m:type m:val="lin"/></m:fPr>',
        '<m:rPr><m:sty m:val="b"/></m:rPr>',
        '<m:mPr><m:mcs><m:mc><m:mcPr><m:count m:val="2"/><m:mcJc m:val="center"/></m:mcPr></m:mc></m:mcs></m:mPr>',
    )
    inside = (
        f"<m:nary>{told[0]}<m:sub/><m:sup/><m:e/></m:nary><m:d>{told[1]}<m:e/></m:d><m:rad>{told[2]}<m:deg/><m:e/></m:rad>"
        f"<m:f>{told[3]}<m:num/><m:den/></m:f><m:r>{told[4]}<m:t>x</m:t></m:r><m:m>{told[5]}<m:mr><m:e/><m:e/></m:mr></m:m>"
    )
    output, _result = clean(
        document(paragraph("words") + f"<w:p {_M}><m:oMath>{inside}</m:oMath></w:p>").build(), "a.docx"
    )
    for properties in told:
        assert properties in opened(output).decode()
    output, _result = clean(presentation(_equation(inside)).build(), "a.pptx")
    for properties in told:
        assert properties in opened(output).decode()


def test_a_workbook_that_asks_to_be_reckoned_on_opening_is() -> None:
    package = workbook(
        CELLS.format(visible="x", cells=""), names='<calcPr calcId="191029" fullCalcOnLoad="1"/>'
    )
    output, _result = clean(package.build(), "a.xlsx")
    assert b'fullCalcOnLoad="1"' in opened(output)


def _sectioned(more: str = "") -> bytes:
    """A presentation whose slide is in a section, beside one that is not there (any more)."""
    package = presentation(shape("words"))
    told = (
        '<p:extLst><p:ext uri="{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"><p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/'
        'powerpoint/2010/main"><p14:section name="第1部 計画" id="{11111111-2222-3333-4444-555555555555}"><p14:sldIdLst><p14:sldId id="256"/>'
        f'<p14:sldId id="999"/></p14:sldIdLst></p14:section></p14:sectionLst></p:ext>{more}</p:extLst></p:presentation>'
    )
    package.parts = [
        (name, content.replace(b"</p:presentation>", told.encode())) for name, content in package.parts
    ]
    return package.build()


def test_a_presentation_keeps_its_sections() -> None:
    other = '<p:ext uri="{MARKER}"><x xmlns="urn:x">MARKER</x></p:ext>'
    output, _result = clean(_sectioned(other), "a.pptx")
    inside = opened(output).decode()
    assert '<p14:section name="第1部 計画"' in inside
    assert '<p14:sldId id="256"/></p14:sldIdLst>' in inside
    assert "MARKER" not in inside
    assert clean(output, "a.pptx")[0] == output


def test_what_only_a_part_that_goes_leads_to_is_told_with_it() -> None:
    package = document(paragraph("words"))
    package.link("customXml", "customXml/item1.xml")
    package.add("customXml/item1.xml", "<x/>", "application/xml")
    package.relate("customXml/item1.xml", "customXmlProps", "customXml/itemProps1.xml")
    package.add("customXml/itemProps1.xml", "<x/>", "application/xml")
    _output, result = clean(package.build(), "a.docx")
    assert codes(result) == {"ooxml.custom_xml"}
