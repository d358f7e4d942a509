"""What charts and diagrams keep beside the standard and people see: labels from cells, fills below zero, made drawings."""

import html
import io
import zipfile

import openpyxl
import pytest

from .office import CELLS, Package, opened, presentation, shape, workbook
from .passing import clean, codes, zipped

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_C14 = "http://schemas.microsoft.com/office/drawing/2007/8/2/chart"
_C15 = "http://schemas.microsoft.com/office/drawing/2012/chart"
_DRAW = "application/vnd.openxmlformats-officedocument.drawingml."


def _book(series: str) -> bytes:
    """A workbook with a chart of one series."""
    corner = "<xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    package = workbook(CELLS.format(visible="words", cells="") + '<drawing r:id="rId1"/>')
    package.add(
        "xl/drawings/drawing1.xml",
        f'<xdr:wsDr xmlns:xdr="{_XDR}" xmlns:a="{_A}" xmlns:r="{_R}"><xdr:twoCellAnchor><xdr:from>{corner}</xdr:from><xdr:to>{corner}'
        '</xdr:to><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="c"/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        f'<a:graphicData uri="{_C}"><c:chart xmlns:c="{_C}" r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame>'
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    package.relate("xl/worksheets/sheet1.xml", "drawing", "xl/drawings/drawing1.xml")
    package.relate("xl/drawings/drawing1.xml", "chart", "xl/charts/chart1.xml")
    package.add(
        "xl/charts/chart1.xml",
        f'<c:chartSpace xmlns:c="{_C}" xmlns:a="{_A}" xmlns:r="{_R}"><c:chart><c:plotArea><c:barChart><c:barDir val="col"/><c:ser>'
        f'<c:idx val="0"/><c:order val="0"/>{series}</c:ser></c:barChart></c:plotArea></c:chart><c:printSettings><c:headerFooter/>'
        '<c:pageMargins b="0.75" l="0.7" r="0.7" t="0.75" header="0.3" footer="0.3"/><c:pageSetup/></c:printSettings></c:chartSpace>',
        f"{_DRAW}chart+xml",
    )
    return package.build()


_LABELS = (
    '<c:dLbls><c:dLbl><c:idx val="0"/><c:tx><c:rich><a:bodyPr/><a:p><a:fld id="{11111111-2222-3333-4444-555555555555}" '
    'type="CELLRANGE"><a:rPr lang="ja-JP"/><a:t>[CELLRANGE]</a:t></a:fld></a:p></c:rich></c:tx><c:extLst>'
    f'<c:ext uri="{{CE6537A1-D6FC-4f65-9D91-7224C49458BB}}" xmlns:c15="{_C15}"><c15:dlblFieldTable/>'
    '<c15:showDataLabelsRange val="1"/></c:ext><c:ext uri="{C3380CC4-5D6E-409C-BE32-E72D297353CC}" '
    'xmlns:c16="http://schemas.microsoft.com/office/drawing/2014/chart"><c16:uniqueId val="{SECRET}"/></c:ext></c:extLst></c:dLbl></c:dLbls>'
)
_RANGE = (
    f'<c:extLst><c:ext uri="{{{{02D57815-91ED-43cb-92C2-25804820EDAC}}}}" xmlns:c15="{_C15}"><c15:datalabelsRange><c15:f>{{}}</c15:f>'
    '<c15:dlblRangeCache><c:ptCount val="1"/><c:pt idx="0"><c:v>総務課</c:v></c:pt></c15:dlblRangeCache></c15:datalabelsRange>{}</c:ext></c:extLst>'
)
_BELOW = (
    f'<c:extLst><c:ext uri="{{6F2FDCE9-48DA-4B69-8628-5D25D57E5C99}}" xmlns:c14="{_C14}"><c14:invertSolidFillFmt><c14:spPr>'
    '<a:solidFill><a:srgbClr val="FF0000"/></a:solidFill></c14:spPr></c14:invertSolidFillFmt></c:ext></c:extLst>'
)


def test_labels_with_the_words_of_cells_stay() -> None:
    output, result = clean(_book(_LABELS + _RANGE.format("Sheet1!$A$1", "")), "a.xlsx")
    inside = opened(output).decode()
    for words in (
        '<c15:showDataLabelsRange val="1"/>',
        "<c15:f>Sheet1!$A$1</c15:f>",
        "<c:v>総務課</c:v>",
        "c:printSettings",
    ):
        assert words in inside
    assert "SECRET" not in inside
    assert "ooxml.extension" not in codes(result)
    assert clean(output, "a.xlsx")[0] == output


def test_lines_keep_their_gaps_where_values_are_not_available() -> None:
    gaps = (
        '</c:ser><c:extLst><c:ext uri="{56B9EC1D-385E-4148-901F-78D8002777C0}" xmlns:c16r3="http://schemas.microsoft.com/office/drawing/2017/03/chart">'
        '<c16r3:dataDisplayOptions16><c16r3:dispNaAsBlank val="1"/></c16r3:dataDisplayOptions16></c:ext></c:extLst><c:ser>'
    )
    output, result = clean(_book(gaps), "a.xlsx")
    assert b'<c16r3:dispNaAsBlank val="1"/>' in opened(output)
    assert "ooxml.extension" not in codes(result)


def test_the_fill_of_bars_below_zero_stays() -> None:
    output, _result = clean(_book(_BELOW), "a.xlsx")
    assert b'<c14:spPr><a:solidFill><a:srgbClr val="FF0000"/>' in opened(output)


@pytest.mark.parametrize(
    "series",
    [
        _LABELS + _RANGE.format("[1]MARKER!$A$1", ""),
        _LABELS + _RANGE.format("cmd|'MARKER'!A0", ""),
        _RANGE.format("Sheet1!$A$1", "<c15:other>MARKER</c15:other>"),
        _LABELS.replace("<c15:dlblFieldTable/>", "<c15:dlblFieldTable><c15:dlblFTEntry><c15:f>WEBSERVICE(&quot;MARKER&quot;)</c15:f></c15:dlblFTEntry></c15:dlblFieldTable>"),
        _BELOW.replace("<c14:spPr>", '<c14:spPr><a:blipFill><a:blip r:link="MARKER"/></a:blipFill>'),
        '<c:extLst><c:ext uri="{MARKER}"><x>MARKER</x></c:ext></c:extLst>',
    ],
)  # fmt: skip
def test_what_acts_in_such_an_extension_goes(series: str) -> None:
    output, result = clean(_book(series), "a.xlsx")
    assert result.method == "rebuilt"
    assert b"MARKER" not in opened(output)


def _diagram(extensions: str) -> bytes:
    """A slide with a diagram of one box, and the drawing that PowerPoint made of it."""
    dgm, dsp = f"{_A[:-4]}diagram", "http://schemas.microsoft.com/office/drawing/2008/diagram"
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="d"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm>'
        f'<a:off x="0" y="0"/><a:ext cx="9144000" cy="6858000"/></p:xfrm><a:graphic><a:graphicData uri="{dgm}"><dgm:relIds '
        f'xmlns:dgm="{dgm}" r:dm="rId2" r:lo="rId3" r:qs="rId4" r:cs="rId5"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    package = presentation(shape("words") + frame)
    relation = "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing"
    node = '<dgm:pt modelId="1" type="doc"><dgm:prSet/><dgm:spPr/><dgm:t><a:bodyPr/><a:p/></dgm:t></dgm:pt>'
    for kind, folder, told, content in (
        ("diagramData", "data", "diagramData+xml", f'<dgm:dataModel xmlns:dgm="{dgm}" xmlns:a="{_A}"><dgm:ptLst>{node}</dgm:ptLst><dgm:cxnLst/><dgm:bg/><dgm:whole/>{extensions}</dgm:dataModel>'),
        ("diagramLayout", "layout", "diagramLayout+xml", f'<dgm:layoutDef xmlns:dgm="{dgm}"><dgm:layoutNode/></dgm:layoutDef>'),
        ("diagramQuickStyle", "style", "diagramStyle+xml", f'<dgm:styleDef xmlns:dgm="{dgm}"/>'),
        ("diagramColors", "colors", "diagramColors+xml", f'<dgm:colorsDef xmlns:dgm="{dgm}"/>'),
    ):  # fmt: skip
        _add(package, kind, f"ppt/diagrams/{folder}1.xml", f"{_DRAW}{told}", content)
    drawn = (
        f'<dsp:drawing xmlns:dsp="{dsp}" xmlns:a="{_A}"><dsp:spTree><dsp:nvGrpSpPr><dsp:cNvPr id="0" name=""/><dsp:cNvGrpSpPr/></dsp:nvGrpSpPr>'
        '<dsp:grpSpPr/><dsp:sp modelId="1"><dsp:nvSpPr><dsp:cNvPr id="0" name=""/><dsp:cNvSpPr/></dsp:nvSpPr><dsp:spPr/><dsp:txBody><a:bodyPr/>'
        "<a:p><a:r><a:t>組織図</a:t></a:r></a:p></dsp:txBody></dsp:sp></dsp:spTree></dsp:drawing>"
    )
    package.relate("ppt/slides/slide1.xml", relation, "ppt/diagrams/drawing1.xml", id="rIdDrawn")
    package.add("ppt/diagrams/drawing1.xml", drawn, "application/vnd.ms-office.drawingml.diagramDrawing+xml")
    return package.build()


def _add(package: Package, kind: str, name: str, told: str, content: str) -> None:
    package.relate("ppt/slides/slide1.xml", kind, name)
    package.add(name, content, told)


_TOLD = (
    '<dgm:extLst><a:ext uri="http://schemas.microsoft.com/office/drawing/2008/diagram"><dsp:dataModelExt '
    'xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" relId="{}" minVer="http://schemas.openxmlformats.org/drawingml/2006/diagram"/>'
    "</a:ext>{}</dgm:extLst>"
)


def test_a_diagram_says_where_its_drawing_is() -> None:
    output, _result = clean(_diagram(_TOLD.format("rIdDrawn", "")), "a.pptx")
    inside = opened(output).decode()
    new = inside.split(
        'dataModelExt xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" relId="'
    )[1].split('"')[0]
    assert (
        f'Id="{new}" Type="http://schemas.microsoft.com/office/2007/relationships/diagramDrawing"' in inside
    )
    assert "組織図" in inside
    assert clean(output, "a.pptx")[0] == output


@pytest.mark.parametrize(
    "told",
    [
        _TOLD.format("MARKER", ""),
        _TOLD.format("rIdDrawn", '<a:ext uri="MARKER"><x>MARKER</x></a:ext>'),
        '<dgm:extLst><a:ext uri="http://127.0.0.1/MARKER"><x>MARKER</x></a:ext></dgm:extLst>',
    ],
)
def test_nothing_else_stays_of_the_extensions_of_a_diagram(told: str) -> None:
    output, result = clean(_diagram(told), "a.pptx")
    assert result.method == "rebuilt"
    assert b"MARKER" not in opened(output)


def test_a_box_goes_on_showing_what_stands_in_a_cell() -> None:
    box = '<xdr:sp macro="" textlink="{}"><xdr:nvSpPr><xdr:cNvPr id="2" name="b"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp>'
    corner = "<xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    for link, stays in (
        ("Sheet1!$A$1", True),
        ("$A$1", True),
        ("[1]Sheet1!$A$1", False),
        ("cmd|'/c'!A0", False),
    ):
        package = workbook(CELLS.format(visible="words", cells="") + '<drawing r:id="rId1"/>')
        package.relate("xl/worksheets/sheet1.xml", "drawing", "xl/drawings/drawing1.xml")
        package.add(
            "xl/drawings/drawing1.xml",
            f'<xdr:wsDr xmlns:xdr="{_XDR}"><xdr:twoCellAnchor><xdr:from>{corner}</xdr:from><xdr:to>{corner}</xdr:to>'
            f"{box.format(link)}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
            "application/vnd.openxmlformats-officedocument.drawing+xml",
        )
        output, result = clean(package.build(), "a.xlsx")
        assert result.method == "rebuilt"
        assert (f'textlink="{link}"' in opened(output).decode()) == stays
        assert ("ooxml.external_link" in codes(result)) != stays


@pytest.mark.parametrize(
    "sheet", ["■集計", "※注意 → 次", "★(案)", "Q&A 1/4".replace("/", "-"), "it''s", "a@b=c<d>", "売上📈"]
)
def test_a_chart_goes_on_showing_sheets_of_any_name(sheet: str) -> None:
    place = html.escape(f"'{sheet}'!$A$1:$A$2", quote=False)
    series = (
        f'<c:val><c:numRef><c:f>{place}</c:f><c:numCache><c:ptCount val="0"/></c:numCache></c:numRef></c:val>'
    )
    output, result = clean(_book(series), "a.xlsx")
    assert f"<c:f>{place}</c:f>" in opened(output).decode()
    assert result.method == "rebuilt"


@pytest.mark.parametrize(
    ("name", "stays"),
    [('"1st Column"', True), ('"売上 (千円)"', True), ("\"a\"&'[1]S'!A1", False), ('"[1]S!A1"', False)],
)
def test_the_name_of_a_series_that_is_no_place_stays(name: str, stays: bool) -> None:
    said = html.escape(name, quote=False)
    series = f'<c:tx><c:strRef><c:f>{said}</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>a</c:v></c:pt></c:strCache></c:strRef></c:tx>'
    output, result = clean(_book(series), "a.xlsx")
    assert (f"<c:f>{said}</c:f>" in opened(output).decode()) == stays
    assert ("ooxml.external_link" in codes(result)) != stays


@pytest.mark.parametrize(("written", "stands"), [("300", "-60"), ("-25", "-25"), ("120", "90"), ("15", "15")])
def test_charts_of_other_programs_open_in_excel(written: str, stands: str) -> None:
    """LibreOffice writes what holds for all labels first, angles beyond their circle, and colours without their zeros."""
    single = '<c:dLbl><c:idx val="{}"/><c:showVal val="1"/></c:dLbl>'
    labels = (
        f'<c:dLbls><c:numFmt formatCode="General" sourceLinked="1"/>{single.format(1)}{single.format(3)}'
        '<c:spPr><a:solidFill><a:srgbClr val="FF00"/></a:solidFill></c:spPr><c:showVal val="0"/></c:dLbls>'
    )
    with zipfile.ZipFile(io.BytesIO(_book(labels))) as package:
        files = {name.replace(".", "__"): package.read(name).decode() for name in package.namelist()}
    around = f'<c:view3D><c:rotX val="{written}"/><c:rotY val="-20"/></c:view3D><c:plotArea>'
    axis = '<c:dateAx><c:axId val="1"/><c:lblOffset val="100"/><c:noMultiLvlLbl val="0"/></c:dateAx></c:plotArea>'
    chart = files["xl/charts/chart1__xml"]
    files["xl/charts/chart1__xml"] = chart.replace("<c:plotArea>", around).replace("</c:plotArea>", axis)
    output, _result = clean(zipped(**files), "a.xlsx")
    inside = opened(output).decode()
    assert inside.index('<c:idx val="1"/>') < inside.index('<c:idx val="3"/>') < inside.index("<c:numFmt")
    assert f'<c:rotX val="{stands}"/>' in inside
    assert '<c:rotY val="340"/>' in inside
    assert "noMultiLvlLbl" not in inside
    assert '<a:srgbClr val="00FF00"/>' in inside


@pytest.mark.parametrize("before", ["", "<c:layout/>"])
def test_a_chart_without_values_opens_in_excel_as_its_frame(before: str) -> None:
    """LibreOffice leaves the charts out of the plot area (21.2.2.145 asks for one), and Excel then the whole drawing."""
    with zipfile.ZipFile(io.BytesIO(_book(""))) as package:
        files = {name.replace(".", "__"): package.read(name).decode() for name in package.namelist()}
    ground = '<c:spPr><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></c:spPr>'
    chart = files["xl/charts/chart1__xml"]
    begin, end = chart.index("<c:plotArea>"), chart.index("</c:plotArea>")
    axis = '<c:dateAx><c:axId val="7"/></c:dateAx>'
    files["xl/charts/chart1__xml"] = f"{chart[:begin]}<c:plotArea>{before}{axis}{ground}{chart[end:]}"
    output, _result = clean(zipped(**files), "a.xlsx")
    (drawn,) = openpyxl.load_workbook(io.BytesIO(output)).active._charts  # type: ignore[union-attr]
    assert (len(drawn.series), drawn.x_axis.delete, drawn.y_axis.delete) == (0, True, True)
    inside = opened(output).decode()
    assert (
        inside.index("<c:barChart>")
        < inside.index("<c:catAx>")
        < inside.index("<c:valAx>")
        < inside.index("D9D9D9")
    )
