"""Charts of newer kinds: rebuilt from what is allowed, beside the picture for programs that do not know them."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from sekisho.sanitizer.verify import find_complaint

from .attacks.common import MARKER, URL
from .office import CELLS, Package, document, opened, paragraph, presentation, shape, workbook
from .passing import clean, codes, replaced

_CX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CHOICE = "http://schemas.microsoft.com/office/drawing/2015/9/8/chartex"
_RELATION = "http://schemas.microsoft.com/office/2014/relationships/chartEx"
_TYPE = "application/vnd.ms-office.chartex+xml"
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def _space(
    kind: str = "sunburst", *, formula: str = "_xlchart.v1.0", inside: str = "", data: str = ""
) -> str:
    """A chart as Excel saves it."""
    return (
        f'<cx:chartSpace xmlns:a="{_A}" xmlns:r="{_R}" xmlns:cx="{_CX}"><cx:chartData>{data}<cx:data id="0"><cx:strDim type="cat">'
        f'<cx:f>{formula}</cx:f><cx:lvl ptCount="2"><cx:pt idx="0">総務課</cx:pt><cx:pt idx="1">税務課</cx:pt></cx:lvl></cx:strDim>'
        '<cx:numDim type="size"><cx:f>Sheet1!$B$1:$B$2</cx:f><cx:lvl ptCount="2" formatCode="#,##0"><cx:pt idx="0">120</cx:pt>'
        '<cx:pt idx="1">80</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart><cx:title pos="t" align="ctr" overlay="0">'
        "<cx:tx><cx:rich><a:bodyPr/><a:p><a:r><a:t>課別の経費</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:plotArea>"
        f'<cx:plotAreaRegion><cx:series layoutId="{kind}" uniqueId="{{11111111-2222-3333-4444-555555555555}}"><cx:tx><cx:txData>'
        '<cx:f>Sheet1!$B$1</cx:f><cx:v>経費</cx:v></cx:txData></cx:tx><cx:dataLabels pos="ctr"><cx:visibility seriesName="0" '
        'categoryName="1" value="0"/></cx:dataLabels><cx:dataId val="0"/><cx:layoutPr><cx:parentLabelLayout val="banner"/>'
        f'<cx:subtotals><cx:idx val="1"/></cx:subtotals></cx:layoutPr>{inside}</cx:series></cx:plotAreaRegion></cx:plotArea>'
        '<cx:legend pos="r" align="ctr" overlay="0"/></cx:chart></cx:chartSpace>'
    )


def _branches(chart: str, fallback: str, requires: str = _CHOICE) -> str:
    return (
        f'<mc:AlternateContent {_MC}><mc:Choice xmlns:n="{requires}" Requires="n">{chart}</mc:Choice>'
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


_GRAPHIC = f'<a:graphic xmlns:a="{_A}"><a:graphicData uri="{_CX}"><cx:chart xmlns:cx="{_CX}" r:id="rIdC"/></a:graphicData></a:graphic>'


def book(space: str, requires: str = _CHOICE) -> bytes:
    corner = "<xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    names = '<{0}><xdr:cNvPr id="2" name="g"/><xdr:cNv{1}/></{0}>'
    frame = (
        f'<xdr:graphicFrame macro="">{names.format("xdr:nvGraphicFramePr", "GraphicFramePr")}<xdr:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="0" cy="0"/></xdr:xfrm>{_GRAPHIC}</xdr:graphicFrame>'
    )
    words = (
        f'<xdr:sp macro="" textlink="">{names.format("xdr:nvSpPr", "SpPr")}<xdr:spPr/><xdr:txBody><a:bodyPr/><a:p><a:r>'
        "<a:t>この版では見られません</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    )
    package = workbook(CELLS.format(visible="words", cells="") + '<drawing r:id="rId1"/>')
    package.add(
        "xl/drawings/drawing1.xml",
        f'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="{_A}" xmlns:r="{_R}">'
        f"<xdr:twoCellAnchor><xdr:from>{corner}</xdr:from><xdr:to>{corner}</xdr:to>{_branches(frame, words, requires)}"
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    package.relate("xl/worksheets/sheet1.xml", "drawing", "xl/drawings/drawing1.xml")
    return _charted(package, "xl/drawings/drawing1.xml", "xl", space)


def slides(space: str) -> bytes:
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="g"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
        f'<p:xfrm><a:off x="0" y="0"/><a:ext cx="99" cy="99"/></p:xfrm>{_GRAPHIC}</p:graphicFrame>'
    )
    package = presentation(shape("words") + _branches(frame, shape("この版では見られません")))
    return _charted(package, "ppt/slides/slide1.xml", "ppt", space)


def letter(
    space: str,
    fallback: str = "<w:t>この版では見られません</w:t>",
    *,
    beside: str = "",
    before: str = "",
    behind: str = "",
) -> bytes:
    frame = f'<w:drawing><wp:inline><wp:extent cx="99" cy="99"/><wp:docPr id="1" name="g"/>{_GRAPHIC}</wp:inline></w:drawing>'
    body = f"<w:p><w:r>{before}{_branches(frame + beside, fallback)}{behind}</w:r></w:p>"
    return _charted(document(paragraph("words") + body), "word/document.xml", "word", space)


def _charted(package: Package, owner: str, folder: str, space: str) -> bytes:
    package.relate(owner, _RELATION, f"{folder}/charts/chartEx1.xml", id="rIdC")
    return package.add(f"{folder}/charts/chartEx1.xml", space, _TYPE).build()


MAKERS = [(book, "a.xlsx"), (slides, "a.pptx"), (letter, "a.docx")]


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_a_chart_of_a_newer_kind_stays_beside_its_picture(make: Callable[[str], bytes], name: str) -> None:
    output, result = clean(make(_space()), name)
    inside = opened(output).decode()
    assert result.method == "rebuilt"
    for words in ("総務課", "課別の経費", 'layoutId="sunburst"', "この版では見られません", "_xlchart.v1.0"):
        assert words in inside
    branch = re.search(r'<mc:Choice xmlns:cx1="([^"]*)" Requires="cx1">', inside)
    assert branch
    assert branch[1] == _CHOICE
    assert "chartEx1.xml" in " ".join(zipfile.ZipFile(io.BytesIO(output)).namelist())
    assert not {"ooxml.new_chart", "ooxml.extension"} & codes(result)
    again, second = clean(output, name)
    assert again == output
    assert second.report.removed == ()


@pytest.mark.parametrize("kind", ["waterfall", "treemap", "funnel", "boxWhisker", "clusteredColumn"])
def test_every_kind_that_is_drawn_from_the_file_stays(kind: str) -> None:
    output, _result = clean(book(_space(kind)), "a.xlsx")
    assert f'layoutId="{kind}"' in opened(output).decode()


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_a_chart_on_a_map_leaves_its_picture(make: Callable[[str], bytes], name: str) -> None:
    cache = '<cx:layoutPr><cx:geography attribution="MARKER"><cx:geoCache provider="x"><cx:binary>AAAA</cx:binary></cx:geoCache></cx:geography></cx:layoutPr>'
    output, result = clean(make(_space("regionMap", inside=cache)), name)
    inside = opened(output).decode()
    assert "この版では見られません" in inside
    assert "regionMap" not in inside
    assert "MARKER" not in inside
    assert "ooxml.new_chart" in codes(result)


def test_a_branch_for_programs_we_do_not_know_leaves_the_picture() -> None:
    output, _result = clean(book(_space(), requires="http://127.0.0.1/other"), "a.xlsx")
    assert "この版では見られません" in opened(output).decode()
    assert "<mc:" not in opened(output).decode()


@pytest.mark.parametrize(
    "space",
    [
        _space(formula=f"[1]{MARKER}!A1"),
        _space(formula=f'WEBSERVICE("{URL}")'),
        _space(formula=f"cmd|'{MARKER}'!A0"),
        _space(inside=f'<cx:extLst><cx:ext uri="{{{MARKER}}}"><x>{MARKER}</x></cx:ext></cx:extLst>'),
        _space(data=f'<cx:externalData r:id="rIdX" cx:autoUpdate="1" x="{MARKER}"/>'),
        _space().replace("<a:r>", f'<a:r><a:rPr><a:hlinkClick r:id="rIdX" action="ppaction://program?{MARKER}"/></a:rPr>'),
        _space().replace("<cx:legend", f"<cx:script>{MARKER}</cx:script><cx:legend"),
        _space().replace('pos="t"', f'pos="{URL}"'),
        _space().replace("<cx:plotAreaRegion>", f"<cx:plotAreaRegion>{MARKER}"),
        _space().replace("<cx:pt ", f'<cx:pt href="{URL}" '),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_what_acts_in_such_a_chart_goes(make: Callable[[str], bytes], name: str, space: str) -> None:
    came = make(space)
    assert find_complaint(io.BytesIO(came), name[2:]) is not None
    output, result = clean(came, name)
    assert result.method == "rebuilt"
    assert MARKER not in opened(output).decode()
    assert "総務課" in opened(output).decode()


_BEGIN, _SEPARATE, _END = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "separate", "end"))
_CODE, _PLAIN = f"DDEAUTO powershell {MARKER}", "<w:instrText> = 1 </w:instrText>"


# Readers see one branch each: what is a field's result with both may be its code with one.
@pytest.mark.parametrize(
    ("before", "beside", "fallback", "behind"),
    [
        ("", _BEGIN, f"{_PLAIN}{_SEPARATE}", f"<w:t>{_CODE}</w:t>{_END}"),
        ("", f"{_PLAIN}{_SEPARATE}", _BEGIN, f"<w:t>{_CODE}</w:t>{_END}"),
        (_BEGIN, f"{_PLAIN}{_SEPARATE}", "<w:t/>", f"<w:t>{_CODE}</w:t>{_END}"),
        (_BEGIN, "<w:t> IF </w:t>", f"<w:t>{_CODE}</w:t>", f"{_BEGIN}<w:instrText> PAGE </w:instrText>{_END}{_SEPARATE}{_END}"),
        (_BEGIN, "<w:instrText> IF </w:instrText>", f"<w:instrText>{_CODE}</w:instrText>", f"{_BEGIN}<w:instrText> PAGE </w:instrText>{_END}{_SEPARATE}{_END}"),
    ],
)  # fmt: skip
def test_no_field_is_another_one_in_one_branch(before: str, beside: str, fallback: str, behind: str) -> None:
    data = letter(_space(), fallback, beside=beside, before=before, behind=behind)
    output, _result = clean(data, "a.docx")
    inside = opened(output).decode()
    for branch in re.findall(r"<mc:(?:Choice|Fallback).*?</mc:(?:Choice|Fallback)>", inside):
        assert "<w:fldChar" not in branch
        assert "<w:instrText" not in branch
    assert MARKER not in inside or "<w:fldChar" not in inside
    assert find_complaint(io.BytesIO(output), "docx") is None


def test_the_second_opinion_dislikes_fields_in_one_branch() -> None:
    output, _result = clean(letter(_space()), "a.docx")
    assert find_complaint(io.BytesIO(output), "docx") is None
    for old, new in (
        ("<w:t>この版では見られません</w:t>", f"{_BEGIN}{_PLAIN}{_SEPARATE}{_END}"),
        ("</mc:Choice>", f"{_PLAIN}</mc:Choice>"),
        ("<w:r><mc:Alt", f"<w:r>{_BEGIN}{_BEGIN}{_PLAIN}<mc:Alt"),
    ):
        behind = _END * 2 if "Alt" in old else ""
        worse = replaced(output, old, new)
        worse = replaced(worse, "</mc:AlternateContent>", f"</mc:AlternateContent>{behind}")
        complaint = find_complaint(io.BytesIO(worse), "docx")
        assert complaint is not None
        assert "branch" in complaint.place


def test_the_second_opinion_dislikes_maps_and_other_branches() -> None:
    output, _result = clean(book(_space()), "a.xlsx")
    for old, new in (('"sunburst"', '"regionMap"'), ('Requires="cx1"', 'Requires="zz9"')):
        assert find_complaint(io.BytesIO(replaced(output, old, new)), "xlsx") is not None
    assert find_complaint(io.BytesIO(replaced(output, '"sunburst"', '"treemap"')), "xlsx") is None


def test_a_chart_beside_the_slide_goes_outward_with_its_picture() -> None:
    beside = slides(_space())
    moved = replaced(beside, '<a:off x="0" y="0"/><a:ext cx="99"', '<a:off x="9144000" y="0"/><a:ext cx="99"')
    output, _result = clean(moved, "a.pptx", "outbound")
    assert "この版では見られません" not in opened(output).decode()
    output, _result = clean(beside, "a.pptx", "outbound")
    assert "総務課" in opened(output).decode()


@pytest.mark.parametrize(("make", "name"), MAKERS)
def test_the_workbook_behind_a_chart_is_told_with_the_chart(make: Callable[[str], bytes], name: str) -> None:
    out = io.BytesIO(make(_space(data='<cx:externalData r:id="rId1" cx:autoUpdate="0"/>')))
    chart = {"a.xlsx": "xl", "a.pptx": "ppt", "a.docx": "word"}[name] + "/charts/"
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(
            f"{chart}_rels/chartEx1.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{_R}/package" Target="../embeddings/a.xlsx"/></Relationships>',
        )
        package.writestr(f"{chart[:-7]}embeddings/a.xlsx", "MARKER")
    output, result = clean(out.getvalue(), name)
    assert b"MARKER" not in opened(output)
    told = [(entry.code, entry.where) for entry in result.report.removed]
    assert told == [("ooxml.chart_data", {"part": f"{chart}chartEx1.xml"})]
