"""Small things of real Office files that people see or would miss."""

import io
import re
import zipfile

import pytest
from PIL import Image

from sekisho.sanitizer import Policy
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.office_text import formula_complaint

from .office import CELLS, Package, document, opened, paragraph, workbook
from .passing import clean, codes

_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_NUMBERING = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
_SETTINGS = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _button(place: str, *, external: bool = False) -> Package:
    """A workbook with a shape that leads to a place of the book, as a page of contents has them."""
    package = workbook(CELLS.format(visible="x", cells="") + '<drawing r:id="rIdD"/>')
    sheet = "xl/worksheets/sheet1.xml"
    package.relate(sheet, "drawing", "xl/drawings/drawing1.xml", id="rIdD")
    spaces = (
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    corner = (
        "<xdr:col>{0}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{0}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    )
    package.add(
        "xl/drawings/drawing1.xml",
        f"<xdr:wsDr {spaces}><xdr:twoCellAnchor><xdr:from>{corner.format(1)}</xdr:from><xdr:to>{corner.format(3)}</xdr:to>"
        '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="b"><a:hlinkClick r:id="rIdL"/></xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr>'
        '<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>',
        _DRAWING,
    )
    mode = ' TargetMode="External"' if external else ""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    listed = package.relations.setdefault("xl/drawings/drawing1.xml", [])
    listed.append(f'<Relationship Id="rIdL" Type="{kind}" Target="{place}"{mode}/>')
    return package


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("place", ["#Sheet1!A1", "#'売上 表'!B2", "#Sheet%201!A1"])
def test_a_shape_still_leads_to_its_sheet(place: str, external: bool) -> None:
    output, result = clean(_button(place, external=external).build(), "a.xlsx")
    inside = opened(output).decode()
    link = re.search(r'Id="(\w+)" Type="[^"]*/hyperlink" Target="([^"]*)"/>', inside)
    assert link is not None
    assert link[2].replace("&#x27;", "'") == place
    assert f'hlinkClick r:id="{link[1]}"' in inside
    assert "ooxml.link" not in codes(result)


@pytest.mark.parametrize(
    "place", ["#[b.xlsx]S!A1", "#\\\\host\\s", "#%5C%5Chost%5Cs", "#file:///c:/x", "#javascript:1"]
)
def test_a_shape_leads_nowhere_else(place: str) -> None:
    output, result = clean(_button(place).build(), "a.xlsx")
    assert b"hlinkClick" not in opened(output)
    assert "ooxml.link" in codes(result)


def test_the_second_reader_dislikes_links_that_leave_by_a_place() -> None:
    output, _result = clean(_button("#Sheet1!A1").build(), "a.xlsx")
    for wrong in ("#[b.xlsx]Sheet1!A1", "#%5C%5Chost%5Cs", "file.xml"):
        changed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(output)) as archive, zipfile.ZipFile(changed, "w") as other:
            for entry in archive.infolist():
                other.writestr(entry, archive.read(entry).replace(b'"#Sheet1!A1"', f'"{wrong}"'.encode()))
        complaint = find_complaint(changed, "xlsx")
        assert complaint is not None
        assert complaint.code == "package.relation"
    assert find_complaint(io.BytesIO(output), "xlsx") is None


def test_numbers_with_leading_zeros_stay_so() -> None:
    package = document(paragraph("見える"))
    choice = '<mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="00001, 00002, ..."/></mc:Choice>'
    package.add(
        "word/numbering.xml",
        f'<w:numbering xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
        f'<mc:AlternateContent>{choice}<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum></w:numbering>',
        _NUMBERING,
    )
    package.link("numbering", "word/numbering.xml")
    output, _result = clean(package.build(), "a.docx")
    assert 'w:format="00001, 00002, ..."' in opened(output).decode()


_TITLED = (
    '<w:p><w:fldSimple w:instr=" TITLE "><w:r><w:t>予算の手引き</w:t></w:r></w:fldSimple>'
    '<w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple>'
    '<w:fldSimple w:instr=" SAVEDATE "><w:r><w:t>令和8年4月1日</w:t></w:r></w:fldSimple></w:p>'
)


def test_a_link_in_a_simple_field_stays() -> None:
    code = "HYPERLINK &quot;HTTPS://www.example.jp/a&quot;"
    package = document(f'<w:p><w:fldSimple w:instr="{code}"><w:r><w:t>案内</w:t></w:r></w:fldSimple></w:p>')
    output, result = clean(package.build(), "a.docx")
    assert result.method == "rebuilt"
    assert f'w:instr=" {code} "' in opened(output).decode()


def test_what_fields_show_of_properties_stays_when_the_properties_go() -> None:
    output, result = clean(document(_TITLED).build(), "a.docx")
    inside = opened(output).decode()
    assert "予算の手引き" in inside
    assert "令和8年4月1日" in inside
    assert re.findall(r'w:instr="([^"]*)"', inside) == [" PAGE "]
    assert {entry.detail for entry in result.report.removed if entry.code == "ooxml.field"} == {
        "TITLE",
        "SAVEDATE",
    }


def test_fields_of_properties_stay_fields_where_the_properties_stay() -> None:
    policy = Policy.from_dict({"name": "kept", "methods": {"word": ["rebuilt"]}, "keep": {"metadata": True}})
    output, _result = clean(document(_TITLED).build(), "a.docx", policy)
    assert re.findall(r'w:instr="([^"]*)"', opened(output).decode()) == [" TITLE ", " PAGE "]


def test_usual_settings_of_word_are_no_loss() -> None:
    package = document(paragraph("見える"))
    settings = "removePersonalInformation removeDateAndTime trackRevisions doNotValidateAgainstSchema doNotIncludeSubdocsInStats"
    listed = "".join(f"<w:{name}/>" for name in settings.split())
    package.add("word/settings.xml", f'<w:settings xmlns:w="{_W}">{listed}</w:settings>', _SETTINGS)
    package.link("settings", "word/settings.xml")
    output, result = clean(package.build(), "a.docx")
    assert all(f"<w:{name}/>" in opened(output).decode() for name in settings.split())
    assert "ooxml.extension" not in codes(result)


def test_a_picture_whose_type_is_not_declared_stays() -> None:
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="p"/><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="p"/>'
        '<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="rId1"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    picture = io.BytesIO()
    Image.new("RGB", (7, 5), "red").save(picture, "png")
    package = document(paragraph("見える") + drawing)
    package.link("image", "word/media/image1.png")
    package.add("word/media/image1.png", picture.getvalue())
    output, result = clean(package.build(), "a.docx")
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        assert Image.open(io.BytesIO(archive.read("word/media/image1.png"))).size == (7, 5)
    assert "ooxml.unknown_part" not in codes(result)


def test_lines_beside_cells_of_strict_files_are_found_by_every_program() -> None:
    package = workbook(CELLS.format(visible="x", cells=""))
    package.add(
        "xl/styles.xml",
        '<styleSheet xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><borders count="1"><border><start style="thin"/>'
        '<end style="thick"/><top/></border></borders></styleSheet>',
        "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
    )
    package.link("styles", "xl/styles.xml")
    output, _result = clean(package.build(), "a.xlsx")
    assert '<border><left style="thin"/><right style="thick"/><top/></border>' in opened(output).decode()


@pytest.mark.parametrize("name", ["売上・経費", "①集計", "㈱表", "○月", "\ue000表"])
def test_formulas_reach_sheets_whose_names_hold_marks(name: str) -> None:
    assert objection(f"SUM({name}!A1:B2)+{name}!C3") == ""
    assert formula_complaint(f"SUM({name}!A1:B2)+{name}!C3") == ""
    for called in (f"CALL{name}(1)", f"{name}(1)", f"{name}CALL(1)", f"cmd{name}|'x'!A0", f"[1]{name}!A1"):
        assert objection(called)
        assert formula_complaint(called)


def test_broken_properties_do_not_break_the_document() -> None:
    package = document(paragraph("見える"))
    kind = "application/vnd.openxmlformats-officedocument.extended-properties+xml"
    package.relate("", "extended-properties", "docProps/app.xml")
    package.add("docProps/app.xml", "<Properties><open>", kind)
    output, result = clean(package.build(), "a.docx")
    assert "見える".encode() in opened(output)
    assert result.method == "rebuilt"


@pytest.mark.parametrize("stays", [False, True])
def test_a_list_of_rules_is_told_true_or_goes_when_its_rules_go(stays: bool) -> None:
    """Excel calls a file damaged whose list of rules is empty."""
    rule = '<dataValidation type="list" sqref="{}"><formula1>{}</formula1></dataValidation>'
    rules = rule.format("A1", "[1]Sheet1!$A$1") + (rule.format("A2", "$B$1:$B$3") if stays else "")
    body = (
        CELLS.format(visible="x", cells="")
        + f'<dataValidations count="{1 + stays}">{rules}</dataValidations>'
    )
    output, result = clean(workbook(body).build(), "a.xlsx")
    assert "ooxml.rule" in codes(result)
    inside = opened(output).decode()
    assert ('<dataValidations count="1"><dataValidation ' in inside) is stays
    assert ("<dataValidations" in inside) is stays


def test_colours_and_frames_of_content_controls_and_words_for_old_drawings_stay() -> None:
    space = 'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"'
    told = '<w15:color w:val="FF0000"/><w15:appearance w15:val="tags"/>'
    drawn = '<v:shape alt="印影の枠"><v:textbox/></v:shape><v:rect alt="C:\\Users\\MARKER\\a.png"/>'
    body = (
        f"<w:sdt {space}><w:sdtPr>{told}<w:text/></w:sdtPr><w:sdtContent>{paragraph('氏名')}</w:sdtContent></w:sdt>"
        f"<w:p><w:r><w:pict>{drawn}</w:pict></w:r></w:p>"
    )
    inside = opened(clean(document(body).build(), "a.docx")[0]).decode()
    assert told in inside
    assert 'alt="印影の枠"' in inside
    assert "MARKER" not in inside
