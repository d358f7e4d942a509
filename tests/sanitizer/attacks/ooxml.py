"""Office files that act, load, hide or deceive. Every marker points at loopback or is a word of its own."""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.sanitizer.office import CELLS, OFFICE, Package, document, paragraph, presentation, shape, workbook

MARKER = "MARKER-127.0.0.1"
VISIBLE = "Visible words"
URL = f"http://127.0.0.1/{MARKER}"
_SEEN = paragraph(VISIBLE)


@dataclass(frozen=True)
class Attack:
    """``build`` makes the file; people see ``VISIBLE`` in it. ``refused``: nothing clean can be made of it."""

    name: str
    build: Callable[[], bytes]
    extension: str
    refused: bool = False


def _word(
    name: str, body: str, mend: Callable[[Package], object] = lambda package: None, **rest: bool
) -> Attack:
    def build() -> bytes:
        package = document(_SEEN + body)
        mend(package)
        return package.build()

    return Attack(f"word {name}", build, "docx", **rest)


def _sheet(name: str, cells: str = "", *, names: str = "", tail: str = "", head: str = "",
           mend: Callable[[Package], object] = lambda package: None) -> Attack:  # fmt: skip
    def build() -> bytes:
        package = workbook(head + CELLS.format(visible=VISIBLE, cells=cells) + tail, names=names)
        mend(package)
        return package.build()

    return Attack(f"sheet {name}", build, "xlsx")


def _slide(name: str, run: str = "", properties: str = "", *, tail: str = "", more: str = "",
           mend: Callable[[Package], object] = lambda package: None) -> Attack:  # fmt: skip
    def build() -> bytes:
        package = presentation(shape(VISIBLE, run, properties) + more, tail=tail)
        mend(package)
        return package.build()

    return Attack(f"slides {name}", build, "pptx")


# -- Word: fields ---------------------------------------------------------------------------------------------------


def _runs(*parts: str) -> str:
    """A field whose code comes in ``parts``, one run each, with a result."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = "".join(f'<w:r><w:instrText xml:space="preserve">{part}</w:instrText></w:r>' for part in parts)
    return f"<w:p>{mark.format('begin')}{code}{mark.format('separate')}<w:r><w:t>result</w:t></w:r>{mark.format('end')}</w:p>"


def _nested(inner: str, outer: str = " IF 1 = 1 ") -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = '<w:r><w:instrText xml:space="preserve">{}</w:instrText></w:r>'
    inside = mark.format("begin") + code.format(inner) + mark.format("separate") + mark.format("end")
    return (
        f"<w:p>{mark.format('begin')}{code.format(outer)}{inside}{mark.format('separate')}"
        f"<w:r><w:t>result</w:t></w:r>{mark.format('end')}</w:p>"
    )


_COMMAND = rf"c:\\windows\\cmd.exe &quot;/k {MARKER}&quot;"
_FIELD_CODES = {
    "dde": f"DDE {_COMMAND}", "ddeauto": f"DDEAUTO {_COMMAND}", "lower-case": f"ddeauto {_COMMAND}",
    "link": f"LINK Excel.Sheet.8 {URL} A1", "includetext": f'INCLUDETEXT "{URL}"',
    "includepicture": f'INCLUDEPICTURE "{URL}" \\d', "import": f'IMPORT "{URL}"', "include": f'INCLUDE "{URL}"',
    "database": f'DATABASE \\d "{URL}"', "macrobutton": f"MACROBUTTON {MARKER} press",
    "gotobutton": f"GOTOBUTTON {MARKER} press", "quote": f'QUOTE "{MARKER}"', "autotext": f"AUTOTEXT {MARKER}",
    "print": f'PRINT "{MARKER}"', "rd": f'RD "{URL}"', "set": f'SET a "{MARKER}"', "ask": f'ASK a "{MARKER}"',
    "addin": f"ADDIN {MARKER}", "control": f"CONTROL {MARKER}", "embed": f"EMBED {MARKER}",
    "html control": f"HTMLCONTROL {MARKER}", "file link": f'HYPERLINK "file:///{MARKER}"',
    "unc link": f'HYPERLINK "\\\\\\\\127.0.0.1\\\\{MARKER}"', "script link": f'HYPERLINK "javascript:{MARKER}"',
    "office link": f'HYPERLINK "ms-word:ofe|u|{URL}"', "search link": f'HYPERLINK "search-ms:query={MARKER}"',
    "picture in ref": f'REF x "{URL}"', "unknown": f"FETCHIT {MARKER}",
}  # fmt: skip


def _fields() -> Iterator[Attack]:
    for name, told in _FIELD_CODES.items():
        code = told.replace('"', "&quot;")
        yield _word(f"field {name}", _runs(code))
        yield _word(
            f"simple field {name}",
            f'<w:p><w:fldSimple w:instr="{code}"><w:r><w:t>r</w:t></w:r></w:fldSimple></w:p>',
        )
    yield _word("field split over runs", _runs("DD", "EAU", "TO ", _COMMAND))
    yield _word("field split letter by letter", _runs(*"DDEAUTO ", _COMMAND))
    yield _word("field with blanks and breaks", _runs("\n  DDEAUTO\t", _COMMAND))
    yield _word("field nested in a harmless one", _nested(f"DDEAUTO {_COMMAND}"))
    yield _word(
        "field whose word is computed", _nested("QUOTE 68 68 69", outer=" ") + _runs(f"DDE {_COMMAND}")
    )
    yield _word("field without end", f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDEAUTO {_COMMAND}'
                                     "</w:instrText></w:r></w:p>")  # fmt: skip
    yield _word("field code in plain text runs", _runs("DDE").replace(
        "<w:instrText xml:space=\"preserve\">DDE</w:instrText>", f"<w:t>DDEAUTO {_COMMAND}</w:t>"))  # fmt: skip
    yield _word(
        "field code outside a field", f"<w:p><w:r><w:instrText>DDEAUTO {_COMMAND}</w:instrText></w:r></w:p>"
    )
    yield _word(
        "field data",
        _runs("PAGE").replace('"begin"/>', f'"begin"><w:fldData>{MARKER}</w:fldData></w:fldChar>'),
    )
    yield _word("form field macro", '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="a"/><w:entryMacro '
                f'w:val="{MARKER}"/></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMTEXT</w:instrText></w:r><w:r><w:fldChar '
                'w:fldCharType="end"/></w:r></w:p>')  # fmt: skip
    yield _word(
        "field in tracked deletion",
        f'<w:p><w:del w:id="1"><w:r><w:delInstrText>DDE {MARKER}</w:delInstrText></w:r></w:del></w:p>',
    )


# -- Word: parts and elements ---------------------------------------------------------------------------------------


def _part(
    kind: str, target: str, told: str, *, external: bool = False, body: bytes = MARKER.encode()
) -> Callable[[Package], object]:
    def mend(package: Package) -> None:
        package.link(kind, target, external=external)
        if not external:
            package.add(target, body, told)

    return mend


_VBA = "application/vnd.ms-office.vbaProject"
_PARTS: dict[str, tuple[str, str, str]] = {
    "macro": ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/vbaProject.bin", _VBA),
    "macro under another name": ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/media/a.png", _VBA),
    "macro as a picture relation": ("image", "word/media/a.png", _VBA),
    "macro with a picture's type": ("image", "word/media/b.png", "image/png"),
    "macro data": ("http://schemas.microsoft.com/office/2006/relationships/wordVbaData", "word/vbaData.xml", "application/vnd.ms-word.vbaData+xml"),
    "ole object": ("oleObject", "word/embeddings/oleObject1.bin", "application/vnd.openxmlformats-officedocument.oleObject"),
    "package": ("package", "word/embeddings/a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "activex": ("control", "word/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml"),
    "html chunk": ("aFChunk", "word/a.html", "text/html"),
    "rtf chunk": ("aFChunk", "word/a.rtf", "application/rtf"),
    "embedded font": ("font", "word/fonts/f.odttf", "application/vnd.openxmlformats-officedocument.obfuscatedFont"),
    "custom xml": ("customXml", "customXml/item1.xml", "application/xml"),
    "printer": ("printerSettings", "word/printerSettings1.bin", "application/vnd.openxmlformats-officedocument.wordprocessingml.printerSettings"),
    "glossary": ("glossaryDocument", "word/glossary/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.glossary+xml"),
    "key map": ("http://schemas.microsoft.com/office/2006/relationships/keyMapCustomizations", "word/customizations.xml", "application/vnd.ms-word.keyMapCustomizations+xml"),
    "web extension": ("http://schemas.microsoft.com/office/2011/relationships/webextension", "word/webextensions/e.xml", "application/vnd.ms-office.webextension+xml"),
    "unknown relation": ("http://127.0.0.1/anything", "word/anything.bin", "application/octet-stream"),
}  # fmt: skip
_OUTSIDE = ("attachedTemplate", "oleObject", "image", "frame", "subDocument", "aFChunk", "video", "mailMergeSource", "styles",
            "settings", "header")  # fmt: skip


def _word_parts() -> Iterator[Attack]:
    for name, (kind, target, told) in _PARTS.items():
        yield _word(name, "", _part(kind, target, told))
    for kind in _OUTSIDE:
        yield _word(f"{kind} outside", "", _part(kind, URL, "", external=True))
    picture = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="p"/><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="p"/>'
        "<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip {}/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData>"
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    yield _word("linked picture", picture.format('r:link="rId1"'), _part("image", URL, "", external=True))
    yield _word(
        "embedded picture outside", picture.format('r:embed="rId1"'), _part("image", URL, "", external=True)
    )
    yield _word("vml picture outside", f'<w:p><w:r><w:pict><v:shape><v:imagedata src="{URL}" o:href="{URL}" r:id="rId1"/></v:shape>'
                "</w:pict></w:r></w:p>", _part("image", URL, "", external=True))  # fmt: skip
    yield _word(
        "vml shape link", f'<w:p><w:r><w:pict><v:shape href="{URL}" target="{MARKER}"/></w:pict></w:r></w:p>'
    )
    yield _word("drawing link", picture.format("").replace('name="p"/><a:graphic>',
                'name="p"><a:hlinkClick r:id="rId1"/></wp:docPr><a:graphic>'), _part("hyperlink", f"file:///{MARKER}", "", external=True))  # fmt: skip
    for scheme in (
        "file:///",
        "javascript:",
        "ms-msdt:/id ",
        "vbscript:",
        "\\\\127.0.0.1\\",
        "mhtml:http://",
        "search-ms:",
        "data:text/html,",
    ):
        yield _word(f"link {scheme}", '<w:p><w:hyperlink r:id="rId1"><w:r><w:t>words</w:t></w:r></w:hyperlink></w:p>',
                    _part("hyperlink", f"{scheme}{MARKER}", "", external=True))  # fmt: skip
    yield _word("object element", f'<w:p><w:r><w:object><v:shape id="a"/><o:OLEObject Type="Link" ProgID="{MARKER}" r:id="rId1"/></w:object>'
                "</w:r></w:p>", _part("oleObject", URL, "", external=True))  # fmt: skip
    yield _word("control element", f'<w:p><w:r><w:control w:name="{MARKER}" r:id="rId1"/></w:r></w:p>')
    yield _word("chunk element", '<w:altChunk r:id="rId1"/>', _part("aFChunk", "word/a.html", "text/html"))
    yield _word(
        "custom data binding",
        f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="{MARKER}"/></w:sdtPr><w:sdtContent>{_SEEN}</w:sdtContent></w:sdt>',
    )
    yield _word(
        "deleted words", f'<w:p><w:del w:id="1"><w:r><w:delText>{MARKER}</w:delText></w:r></w:del></w:p>'
    )
    yield _word("alternate content", f'<mc:AlternateContent><mc:Choice Requires="zz" xmlns:zz="{URL}">{paragraph(MARKER)}</mc:Choice>'
                f"<mc:Fallback>{paragraph('fallback')}</mc:Fallback></mc:AlternateContent>")  # fmt: skip
    yield _word("foreign element", f'<x:evil xmlns:x="{URL}">{MARKER}</x:evil>')
    yield _word("comment and instruction", f"<!-- {MARKER} --><?x {MARKER}?>")
    yield _word("stray text", MARKER)
    yield _word("settings", "", _part("settings", "word/settings.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml",
                body=(f'<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:docVars><w:docVar w:name="a" '
                      f'w:val="{MARKER}"/></w:docVars><w:mailMerge><w:query w:val="{MARKER}"/></w:mailMerge></w:settings>').encode()))  # fmt: skip


# -- Packages -------------------------------------------------------------------------------------------------------


def _rezipped(data: bytes, more: Callable[[zipfile.ZipFile], object]) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        more(archive)
    return out.getvalue()


def _packages() -> Iterator[Attack]:
    plain = lambda: document(_SEEN).build()  # noqa: E731
    yield Attack(
        "package orphan", lambda: _rezipped(plain(), lambda z: z.writestr("word/hidden.bin", MARKER)), "docx"
    )
    yield Attack("package prefix", lambda: plain().replace(b"", b"", 0) + MARKER.encode(), "docx")
    yield Attack(
        "package comment",
        lambda: _rezipped(plain(), lambda z: setattr(z, "comment", MARKER.encode())),
        "docx",
    )
    yield Attack("package twice the same name", lambda: _twice("word/document.xml"), "docx", refused=True)
    yield Attack(
        "package names that differ in case", lambda: _twice("word/Document.xml"), "docx", refused=True
    )
    yield Attack(
        "package path that leaves",
        lambda: _rezipped(plain(), lambda z: z.writestr("../evil.xml", MARKER)),
        "docx",
        refused=True,
    )
    yield Attack(
        "package absolute path",
        lambda: _rezipped(plain(), lambda z: z.writestr("/evil.xml", MARKER)),
        "docx",
        refused=True,
    )
    entity = f'<!DOCTYPE w:document [<!ENTITY a SYSTEM "{URL}">]>'
    yield Attack(
        "package document type",
        lambda: _replaced("<w:document", entity + "<w:document"),
        "docx",
        refused=True,
    )
    yield Attack(
        "package utf-7 part",
        lambda: _replaced("<w:document", '<?xml version="1.0" encoding="utf-7"?><w:document'),
        "docx",
        refused=True,
    )
    yield Attack(
        "package include",
        lambda: _replaced(
            "<w:body>", f'<w:body><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{URL}"/>'
        ),
        "docx",
    )
    for vendor, extension in (
        ("application/vnd.ms-word.document.macroEnabled", "docm"), ("application/vnd.ms-word.template.macroEnabledTemplate", "dotm"),
    ):  # fmt: skip
        yield Attack(
            f"package {extension}",
            lambda vendor=vendor: _macro(document(_SEEN, vendor=vendor), "word"),
            extension,
        )  # type: ignore[misc]
    cells = CELLS.format(visible=VISIBLE, cells="")
    yield Attack(
        "package xlsm",
        lambda: _macro(workbook(cells, vendor="application/vnd.ms-excel.sheet.macroEnabled"), "xl"),
        "xlsm",
    )
    yield Attack("package pptm", lambda: _macro(presentation(
        shape(VISIBLE), vendor="application/vnd.ms-powerpoint.presentation.macroEnabled"), "ppt"), "pptm")  # fmt: skip


def _macro(package: Package, folder: str) -> bytes:
    package.link(
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject", f"{folder}/vbaProject.bin"
    )
    return package.add(f"{folder}/vbaProject.bin", MARKER, _VBA).build()


def _replaced(old: str, new: str) -> bytes:
    package = document(_SEEN)
    package.parts = [
        (name, content.replace(old.encode(), new.encode(), 1)) for name, content in package.parts
    ]
    return package.build()


def _twice(name: str) -> bytes:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _rezipped(document(_SEEN).build(), lambda z: z.writestr(name, MARKER))


# -- Excel ----------------------------------------------------------------------------------------------------------

_FORMULAS = {
    "dde": f"cmd|' /c {MARKER}'!A0", "quoted dde": f"'cmd'|'/c {MARKER}'!A0", "webservice": f'WEBSERVICE("{URL}")',
    "prefixed webservice": f'_xlfn.WEBSERVICE("{URL}")', "blank before bracket": f'WEBSERVICE ("{URL}")',
    "file link": f'HYPERLINK("file:///{MARKER}")', "computed link": f'HYPERLINK(A1&"{MARKER}")', "image": f'_xlfn.IMAGE("{URL}")',
    "rtd": f'RTD("{MARKER}",,"a")', "call": f'CALL("kernel32","{MARKER}")', "register": f'REGISTER.ID("{MARKER}","a")',
    "exec": f'EXEC("{MARKER}")', "other book": f"'C:\\[{MARKER}.xlsx]S'!A1", "numbered book": f'[1]S!A1&"{MARKER}"',
    "add-in function": f'_xll.run("{MARKER}")', "user function": f'DoIt("{MARKER}")', "lower-case": f'webservice("{URL}")',
    "nested": f'IF(1=1,SUM(A1,WEBSERVICE("{URL}")),0)', "cube": f'CUBEVALUE("{MARKER}")', "python": f'_xlfn.PY("{MARKER}")',
    "full-width": f'ＷＥＢＳＥＲＶＩＣＥ("{URL}")', "info": f'INFO("{MARKER}")',
}  # fmt: skip


def _excel() -> Iterator[Attack]:
    for name, formula in _FORMULAS.items():
        text = formula.replace("&", "&amp;")
        quoted = text.replace('"', "&quot;")
        yield _sheet(f"formula {name}", f'<c r="B1"><f>{text}</f><v>1</v></c>')
        yield _sheet(
            f"name {name}", names=f'<definedNames><definedName name="n">{text}</definedName></definedNames>'
        )
        yield _sheet(f"format rule {name}", tail=f'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>{quoted}'
                     "</formula></cfRule></conditionalFormatting>")  # fmt: skip
    bad = f'WEBSERVICE("{URL}")'
    yield _sheet(
        "shared formula",
        f'<c r="B1"><f t="shared" ref="B1:C1" si="0">{bad}</f><v>1</v></c><c r="C1"><f t="shared" si="0"/><v>1</v></c>',
    )
    yield _sheet("array formula", f'<c r="B1"><f t="array" ref="B1">{bad}</f><v>1</v></c>')
    yield _sheet("unknown formula kind", f'<c r="B1"><f t="evil">{MARKER}</f><v>1</v></c>')
    yield _sheet(
        "validation",
        tail=f'<dataValidations><dataValidation type="list" sqref="A1"><formula1>{bad}</formula1></dataValidation></dataValidations>',
    )
    for automatic in ("Auto_Open", "auto_close", "_xlnm.Auto_Open", "Auto_Open_x"):
        yield _sheet(
            f"name {automatic}",
            names=f'<definedNames><definedName name="{automatic}" comment="{MARKER}">A1</definedName></definedNames>',
        )
    yield _sheet(
        "macro name",
        names=f'<definedNames><definedName name="m" xlm="1" function="1" comment="{MARKER}">A1</definedName></definedNames>',
    )
    yield _sheet("formula misplaced", head=f'<row r="1"><c r="A1"><f>{bad}</f></c></row>')
    yield _sheet("cell link file", tail='<hyperlinks><hyperlink ref="A1" r:id="rId1"/></hyperlinks>', mend=lambda p: p.relate(
        "xl/worksheets/sheet1.xml", "hyperlink", f"file:///{MARKER}", external=True))  # fmt: skip
    yield _sheet(
        "cell link place",
        tail=f'<hyperlinks><hyperlink ref="A1" location="\\\\127.0.0.1\\{MARKER}"/></hyperlinks>',
    )
    yield _sheet("control", tail=f'<controls><control shapeId="1" name="{MARKER}" r:id="rId9"/></controls>')
    yield _sheet(
        "ole object",
        tail=f'<oleObjects><oleObject link="{MARKER}" progId="{MARKER}" shapeId="1"/></oleObjects>',
    )
    for name, kind, target, told in (
        ("external link", "externalLink", "xl/externalLinks/externalLink1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"),
        ("connections", "connections", "xl/connections.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml"),
        ("custom interface", "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility", "customUI/customUI.xml", "application/xml"),
        ("data model", "http://schemas.microsoft.com/office/2011/relationships/powerPivotData", "xl/model/item.data", "application/vnd.openxmlformats-officedocument.model+data"),
    ):  # fmt: skip
        yield _sheet(name, mend=_part(kind, target, told))
    yield from _extensions(bad)
    macro_sheet = "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"
    yield Attack("sheet macro sheet", lambda: _macro_sheet(macro_sheet), "xlsx")


def _extensions(bad: str) -> Iterator[Attack]:
    """Through the extensions of Excel 2010: formulas and areas in them, and others under their identifiers."""
    rules, lines, lists, link = (
        "{78C0D931-6437-407d-A8EE-F0AAD7539E65}", "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",
        "{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}", "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}",
    )  # fmt: skip
    rule = "<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type='expression' priority='1' id='{{00000000-0000-0000-0000-000000000001}}'>{0}</x14:cfRule><xm:sqref>{1}</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>"
    line = "<x14:sparklineGroups><x14:sparklineGroup><x14:sparklines><x14:sparkline><xm:f>{0}</xm:f><xm:sqref>{1}</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups>"
    choice = "<x14:dataValidations count='1'><x14:dataValidation type='list'><x14:formula1><xm:f>{0}</xm:f></x14:formula1><xm:sqref>{1}</xm:sqref></x14:dataValidation></x14:dataValidations>"
    book = f"[1]{MARKER}!A1"
    for name, uri, inside in (
        ("rule in an extension", rules, rule.format(f"<xm:f>{bad}</xm:f>", "A1")),
        ("bar in an extension", rules, rule.format(f"<x14:dataBar><x14:cfvo type='formula'><xm:f>{bad}</xm:f></x14:cfvo></x14:dataBar>", "A1")),
        ("area of a rule in an extension", rules, rule.format("<xm:f>1</xm:f>", MARKER)),
        ("sparkline of another book", lines, line.format(book, "A1")),
        ("place of a sparkline", lines, line.format("Sheet1!A1", MARKER)),
        ("list in an extension", lists, choice.format(bad, "A1")),
        ("another extension under a known identifier", rules, f"<x14:slicerList><x14:slicer r:id='{MARKER}'/></x14:slicerList>"),
        ("two extensions under one identifier", link, f"<x14:id>{MARKER}</x14:id><x14:other>{MARKER}</x14:other>"),
        ("words for a link between rules", link, f"<x14:id>{MARKER}</x14:id>"),
        ("unknown extension", f"{{{MARKER}}}", f"<x14:conditionalFormattings>{MARKER}</x14:conditionalFormattings>"),
    ):  # fmt: skip
        spaces = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
        yield _sheet(name, tail=f'<extLst><ext {spaces} uri="{uri}">{inside}</ext></extLst>')


def _macro_sheet(kind: str) -> bytes:
    package = workbook(
        CELLS.format(visible=VISIBLE, cells=""),
        more='<sheet name="M" sheetId="2" state="veryHidden" r:id="rId2"/>',
    )
    package.link(kind, "xl/macrosheets/sheet1.xml")
    return package.add(
        "xl/macrosheets/sheet1.xml", f"<f>{MARKER}</f>", "application/vnd.ms-excel.macrosheet+xml"
    ).build()


# -- PowerPoint -----------------------------------------------------------------------------------------------------


def _power_point() -> Iterator[Attack]:
    slide = "ppt/slides/slide1.xml"
    for action in (
        f"ppaction://program?{MARKER}",
        f"ppaction://macro?name={MARKER}",
        "ppaction://ole?verb=0",
        "ppaction://media",
        "PPACTION://Program",
    ):
        yield _slide(f"action {action[:20]}", f'<a:hlinkClick r:id="rIdA" action="{action}" tooltip="{MARKER}"/>',
                     mend=lambda p: p.relate(slide, "hyperlink", f"file:///{MARKER}", external=True, id="rIdA"))  # fmt: skip
    yield _slide(
        "mouse over", f'<a:hlinkMouseOver r:id="rIdA" action="ppaction://program" tooltip="{MARKER}"/>'
    )
    yield _slide("hover", properties=f'<a:hlinkHover r:id="rIdA" tooltip="{MARKER}"/>')
    yield _slide(
        "link with sound", f'<a:hlinkClick r:id=""><a:snd r:embed="rIdA" name="{MARKER}"/></a:hlinkClick>'
    )
    yield _slide("command in timing", tail=f'<p:timing><p:tnLst><p:par><p:cTn id="1"><p:childTnLst><p:cmd type="verb" cmd="{MARKER}"/>'
                 "</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>")  # fmt: skip
    yield _slide(
        "transition sound",
        tail=f'<p:transition><p:sndAc><p:stSnd><p:snd r:embed="rIdA" name="{MARKER}"/></p:stSnd></p:sndAc></p:transition>',
    )
    yield _slide("ole frame", more='<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="o"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm/>'
                 f'<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/presentationml/2006/ole"><p:oleObj progId="{MARKER}" r:id="rIdA"/>'
                 "</a:graphicData></a:graphic></p:graphicFrame>")  # fmt: skip
    yield _slide("tags", mend=lambda p: (p.relate(slide, "tags", "ppt/tags/tag1.xml"), p.add(
        "ppt/tags/tag1.xml", MARKER, "application/vnd.openxmlformats-officedocument.presentationml.tags+xml")))  # fmt: skip
    for kind in ("video", "audio", "image", "oleObject", f"{OFFICE}/slide"):
        yield _slide(
            f"{kind[-9:]} outside", mend=lambda p, kind=kind: p.relate(slide, kind, URL, external=True)
        )  # type: ignore[misc]
    yield _slide("media part", mend=lambda p: (p.relate(slide, "http://schemas.microsoft.com/office/2007/relationships/media", "ppt/media/a.mp4"),
                                               p.add("ppt/media/a.mp4", MARKER, "video/mp4")))  # fmt: skip


ATTACKS = (*_fields(), *_word_parts(), *_packages(), *_excel(), *_power_point())
