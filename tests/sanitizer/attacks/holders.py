"""Actions in the odd holders of Office files: changes, bindings, drawings of old, rules, and what other programs read."""

from collections.abc import Callable
from typing import Any

from tests.sanitizer.office import (
    SPACES,
    Package,
    presentation,
    shape,
)

from .carriers import in_sheet, in_word
from .common import MARKER, URL, VISIBLE, Attack

_MAIN = "application/vnd.openxmlformats-officedocument."
_SHARE = f"file://127.0.0.1/{MARKER}"


def _runs(code: str, kind: str = "instrText") -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        f"{mark.format('begin')}<w:r><w:{kind}>{code}</w:{kind}></w:r>{mark.format('separate')}"
        f"<w:r><w:t>result</w:t></w:r>{mark.format('end')}"
    )


def _word(name: str, *inside: Any, **more: Any) -> Attack:
    return in_word(f"holder: {name}", *inside, **more)


def _part(kind: str, content: str, word: str = "") -> Callable[[Package], Any]:
    def mend(package: Package) -> None:
        package.add(f"word/{kind}.xml", content, f"{_MAIN}wordprocessingml.{kind}+xml")
        package.link(word or kind, f"word/{kind}.xml")

    return mend


def _sheet(name: str, *inside: str, **more: str) -> Attack:
    return in_sheet(f"holder: {name}", *inside, **more)


def _formula(name: str, formula: str) -> Attack:
    return _sheet(f"formula, {name}", f'<c r="B1"><f>{formula}</f><v>7</v></c>')


def _slide(name: str, properties: str) -> Attack:
    return Attack(
        f"pptx holder: {name}", lambda: presentation(shape(VISIBLE, properties=properties)).build(), "pptx"
    )


def _picture_that_links(package: Package) -> None:
    package.link("hyperlink", f"ms-word:ofe|u|{URL}", external=True)
    package.link("image", f"{URL}.png", external=True)


def _program_as_picture(package: Package) -> None:
    package.add("word/media/a.png", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + MARKER.encode() * 9, "image/png")
    package.link("image", "word/media/a.png")


def _macros_as_xml(package: Package) -> None:
    package.add("word/words.xml", MARKER, "application/vnd.ms-office.vbaProject")
    package.link("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/words.xml")


_DDE = f"DDEAUTO {MARKER}"
_FRAME = (
    '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="x"><a:hlinkClick r:id="rId1"/>'
    '</wp:docPr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
    '<pic:nvPicPr><pic:cNvPr id="1" name="x"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="rId2"/>'
    "</pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
)
_SETTINGS = (
    f'<w:settings {SPACES}><w:mailMerge><w:query w:val="{MARKER}"/></w:mailMerge><w:docVars>'
    f'<w:docVar w:name="a" w:val="{MARKER}"/></w:docVars><w:attachedTemplate r:id="rId1"/></w:settings>'
)
_FRAMED = f"HYPERLINK &quot;http://a.example/&quot; \\t &quot;{MARKER}&quot;"
_ACROSS = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r></w:p>'
    f'<w:p><w:r><w:instrText>AUTO {MARKER}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)

ATTACKS = [
    _word("field in small letters", f"<w:p>{_runs(f'ddeauto {MARKER}')}</w:p>"),
    _word("field in a content control", f"<w:sdt><w:sdtContent><w:p>{_runs(_DDE)}</w:p></w:sdtContent></w:sdt>"),
    _word("field in a link", f'<w:p><w:hyperlink w:anchor="a">{_runs(_DDE)}</w:hyperlink></w:p>'),
    _word("field in an insertion", f'<w:p><w:ins w:id="1">{_runs(_DDE)}</w:ins></w:p>'),
    _word("field in a move", f'<w:p><w:moveTo w:id="1">{_runs(_DDE)}</w:moveTo></w:p>'),
    _word("code of a deleted field outside a deletion", f"<w:p>{_runs(_DDE, 'delInstrText')}</w:p>"),
    _word("field over two paragraphs", _ACROSS),
    _word("data of a field", f'<w:p><w:fldSimple w:instr="PAGE"><w:fldData>{MARKER}</w:fldData></w:fldSimple></w:p>'),
    _word("link to a share by a field", f'<w:p>{_runs(f"HYPERLINK &quot;{_SHARE}&quot;")}</w:p>'),
    _word("frame of a link by a field", f"<w:p>{_runs(_FRAMED)}</w:p>"),
    _word("text of a share by a field", f'<w:p>{_runs(f"INCLUDETEXT &quot;{_SHARE}&quot;")}</w:p>'),
    _word("field in a header", mend=_part("header1", f"<w:hdr {SPACES}><w:p>{_runs(_DDE)}</w:p></w:hdr>", "header")),
    _word("button of VML", f'<w:p><w:r><w:pict><v:rect href="{_SHARE}" style="width:9pt" o:button="t"/></w:pict></w:r></w:p>'),
    _word("picture of VML from elsewhere", f'<w:p><w:r><w:pict><v:shape><v:imagedata src="{URL}" o:href="{URL}"/></v:shape></w:pict></w:r></w:p>'),
    _word("style of VML that loads", f'<w:p><w:r><w:pict><v:rect style="background:url({URL})"/></w:pict></w:r></w:p>'),
    _word("binding to XML", f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="/{MARKER}"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>'),
    _word("linked object", f'<w:p><w:r><w:object><v:shape/><o:OLEObject Type="Link" ProgID="{MARKER}" r:id="rId7"/></w:object></w:r></w:p>'),
    _word("control", f'<w:p><w:r><w:control r:id="rId1" w:name="{MARKER}"/></w:r></w:p>'),
    _word("fallback that acts", f'<w:p><mc:AlternateContent><mc:Choice Requires="wps"/><mc:Fallback>{_runs(_DDE)}</mc:Fallback></mc:AlternateContent></w:p>'),
    _word("picture with links of programs", _FRAME, _picture_that_links),
    _word("program as picture", mend=_program_as_picture),
    _word("macros as XML", mend=_macros_as_xml),
    _word("settings", mend=_part("settings", _SETTINGS)),
    _word("template of a share", mend=lambda package: package.link("attachedTemplate", _SHARE, external=True)),
    _formula("space before the bracket", f"WEBSERVICE (&quot;{URL}&quot;)"),
    _formula("small letters", f"webservice(&quot;{URL}&quot;)"),
    _formula("joined address", f"HYPERLINK(&quot;ht&quot;&amp;&quot;tp://{MARKER}&quot;)"),
    _formula("register", f"REGISTER.ID(&quot;{MARKER}&quot;)"),
    _formula("DDE of Calc", f"DDE(&quot;{MARKER}&quot;,&quot;a&quot;,&quot;b&quot;)"),
    _formula("picture from the web", f"IMAGE(&quot;{URL}&quot;)"),
    _formula("inside others", f"SUM(1,IF(1,EXEC(&quot;{MARKER}&quot;)))"),
    _formula("functions of users", f"IFERROR(_xludf.CALL(&quot;{MARKER}&quot;),1)"),
    _formula("Python", f"PY(&quot;{MARKER}&quot;)"),
    _formula("prices", f"STOCKHISTORY(&quot;{MARKER}&quot;)"),
    _formula("spill of another book", f"_xlfn.ANCHORARRAY([{MARKER}.xlsx]S!A1)"),
    _sheet("rule", tail=f'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>WEBSERVICE("{MARKER}")</formula></cfRule></conditionalFormatting>'),
    _sheet("list of another book", tail=f'<dataValidations count="1"><dataValidation type="list" sqref="A1"><formula1>[1]{MARKER}!A1</formula1></dataValidation></dataValidations>'),
    _sheet("place on a share", tail=f'<hyperlinks><hyperlink ref="A1" location="{_SHARE}"/></hyperlinks>'),
    _sheet("place on a server", tail=f'<hyperlinks><hyperlink ref="A1" location="\\\\127.0.0.1\\{MARKER}!A1"/></hyperlinks>'),
    _sheet("names", names=f"<definedNames><definedName name=\"Auto_Open\" hidden=\"1\">{MARKER}!$A$1</definedName><definedName name=\"q\">cmd|'{MARKER}'!A0</definedName></definedNames>"),
    _sheet("objects and controls", tail=f'<oleObjects><oleObject progId="{MARKER}" link="[1]!x" shapeId="1"/></oleObjects><controls><control shapeId="1" r:id="rId1" name="{MARKER}"/></controls>'),
    _slide("program", f'<a:hlinkClick r:id="" action="ppaction://program?{MARKER}"/>'),
    _slide("program in other letters", f'<a:hlinkClick r:id="" action="PPAction://Program?{MARKER}"/>'),
    _slide("macro", f'<a:hlinkClick r:id="" action="ppaction://macro?name={MARKER}"/>'),
    _slide("file under the pointer", f'<a:hlinkHover r:id="" action="ppaction://hlinkfile?{MARKER}"/>'),
    _slide("sound", f'<a:hlinkClick r:id="" action="ppaction://noaction"><a:snd r:embed="rId1" name="{MARKER}"/></a:hlinkClick>'),
]  # fmt: skip
