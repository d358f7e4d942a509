"""Word files and packages that act by the rarer ways: fields built from others, holders of old, branches, lying parts."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator

from tests.sanitizer.office import OFFICE, SPACES, Package, document, paragraph

from .carriers import in_word
from .common import MARKER, URL, VISIBLE, Attack

_MAIN = "application/vnd.openxmlformats-officedocument."
_WORD = f"{_MAIN}wordprocessingml."
_SHARE = f"\\\\127.0.0.1\\{MARKER}"
_MARK = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
_DDE = f'DDEAUTO "cmd" "/k {MARKER}"'
_WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'


def _code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


def _field(*inside: str, result: str = "<w:r><w:t>result</w:t></w:r>") -> str:
    return _MARK.format("begin") + "".join(inside) + _MARK.format("separate") + result + _MARK.format("end")


def _p(*inside: str) -> str:
    return f"<w:p>{''.join(inside)}</w:p>"


def _part(relation: str, name: str, kind: str, content: str | bytes) -> Callable[[Package], object]:
    def mend(package: Package) -> None:
        package.add(name, content, kind)
        package.link(relation, name)

    return mend


def _settings(inside: str, *relations: tuple[str, str]) -> Callable[[Package], object]:
    def mend(package: Package) -> None:
        _part(
            "settings",
            "word/settings.xml",
            f"{_WORD}settings+xml",
            f"<w:settings {SPACES}>{inside}</w:settings>",
        )(package)
        for number, (kind, target) in enumerate(relations, start=1):
            package.relate("word/settings.xml", kind, target, external=True, id=f"rId{number}")

    return mend


def _story(relation: str, root: str, inside: str) -> Callable[[Package], object]:
    return _part(
        relation, f"word/{relation}9.xml", f"{_WORD}{relation}+xml", f"<w:{root} {SPACES}>{inside}</w:{root}>"
    )


def _picture(blip: str, more: str = "") -> str:
    return (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="p">'
        + more
        + "</wp:docPr>"
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="0" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>{blip}</pic:blipFill><pic:spPr/></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


def _outside(kind: str, target: str, owner: str = "word/document.xml") -> Callable[[Package], object]:
    return lambda package: package.relate(owner, kind, target, external=True, id="rIdA")


# -- fields ---------------------------------------------------------------------------------------------------------


def _fields() -> Iterator[Attack]:
    deleted = '<w:del w:id="1"><w:r><w:delText>x</w:delText></w:r><w:r><w:delInstrText>PAGE </w:delInstrText></w:r></w:del>'
    yield in_word("field whose harmless beginning is deleted", _p(_field(deleted, _code(_DDE))))
    moved = f'<w:moveFrom w:id="1">{_code("PAGE")}</w:moveFrom><w:moveTo w:id="2">{_code(_DDE)}</w:moveTo>'
    yield in_word("field whose code was moved in", _p(_field(moved)))
    yield in_word(
        "field whose word comes as text",
        _p(_field("<w:r><w:t>DDEAUTO</w:t></w:r>", _code(f' "cmd" "{MARKER}"'))),
    )
    simple = f'<w:fldSimple w:instr=" REF {MARKER} "/>'
    yield in_word(
        "link that a simple field tells where to lead",
        _p(_field(_code("HYPERLINK \\l &quot;x&quot; "), simple)),
    )
    yield in_word(
        "link behind an escaped quote",
        _p(_field(_code(f'HYPERLINK \\l "a\\" \\o "//127.0.0.1/{MARKER}.exe "'.replace('"', "&quot;")))),
    )
    yield in_word(
        "link that another field tells where to lead",
        _p(_field(_code("HYPERLINK "), _field(_code(f"REF {MARKER}")))),
    )
    yield in_word("field whose word follows a tab", _p(_field("<w:r><w:tab/></w:r>", _code(_DDE))))
    yield in_word(
        "field with a mark of no width in its word", _p(_field(_code(f"DDE\u200bAUTO &quot;{MARKER}&quot;")))
    )
    yield in_word("field in full-width letters", _p(_field(_code(f"ＤＤＥＡＵＴＯ &quot;{MARKER}&quot;"))))
    yield in_word(
        "field in a ruby",
        _p(
            "<w:r><w:ruby><w:rubyPr/><w:rt>",
            _code("DDE"),
            "</w:rt><w:rubyBase>",
            _field(_code(_DDE)),
            "</w:rubyBase></w:ruby></w:r>",
        ),
    )
    yield in_word("field over the cells of a table", f"<w:tbl><w:tr><w:tc>{_p(_MARK.format('begin'), _code('DDEAU'))}</w:tc><w:tc>"
                  f"{_p(_code(f'TO {MARKER}'), _MARK.format('end'))}</w:tc></w:tr></w:tbl>")  # fmt: skip
    yield in_word("field in the result of another", _p(_field(_code("PAGE"), result=_field(_code(_DDE)))))
    yield in_word(
        "link in the result of a table of contents",
        _p(_field(_code("TOC \\h"), result=_field(_code(f'HYPERLINK "file://{MARKER}"')))),
    )
    yield in_word(
        "three fields within one another",
        _p(_field(_code("IF "), _field(_code("IF "), _field(_code(_DDE)), _code(" = 1")), _code(" = 1"))),
    )
    yield in_word(
        "simple field in a simple field",
        f'<w:p><w:fldSimple w:instr="PAGE"><w:fldSimple w:instr="DDE {MARKER}"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:fldSimple></w:p>',
    )
    yield in_word(
        "simple field in a field of runs",
        _p(
            _field(
                _code("IF "),
                f'<w:fldSimple w:instr="INCLUDETEXT {URL}"><w:r><w:t>1</w:t></w:r></w:fldSimple>',
            )
        ),
    )
    yield in_word("switch that names a file", _p(_field(_code(f"TOC \\f \\\\\\\\127.0.0.1\\\\{MARKER}"))))
    yield in_word("index of another file", _p(_field(_code(f'INDEX \\f "{URL}"'))))
    yield in_word("sources of another file", _p(_field(_code(f'BIBLIOGRAPHY \\f "file:///{MARKER}"'))))
    yield in_word("title that names a share", _p(_field(_code(f'TITLE "{_SHARE}"'))))
    yield in_word(
        "file name of a template",
        _p(_field(_code(f'FILENAME \\p "http:{MARKER}"'), result="")).replace("http:", "http://"),
    )
    yield in_word(
        "picture field with a base", _p(_field(_code(f'INCLUDEPICTURE "{MARKER}.png" \\* MERGEFORMATINET')))
    )
    yield in_word(
        "link with a target beside it", _p(_field(_code(f'HYPERLINK "http://a.example/" \\n \\m "{MARKER}"')))
    )
    yield in_word("link to a place in a share", _p(_field(_code(f'HYPERLINK \\l "{_SHARE}"'))))
    yield in_word(
        "link whose frame acts",
        f'<w:p><w:hyperlink r:id="rIdA" w:tgtFrame="{MARKER}" w:docLocation="{MARKER}"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>',
        _outside("hyperlink", "http://a.example/"),
    )
    yield in_word(
        "link that carries a password",
        '<w:p><w:hyperlink r:id="rIdA"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>',
        _outside("hyperlink", f"http://a:{MARKER}@127.0.0.1/"),
    )
    yield in_word(
        "mail that carries a file",
        '<w:p><w:hyperlink r:id="rIdA"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>',
        _outside("hyperlink", f"mailto:a@a.example?attach=c:/{MARKER}"),
    )
    for name, address in (
        ("with a line break", f"java&#10;script:{MARKER}"), ("with an escape", f"%6aavascript:{MARKER}"),
        ("of a one-click program", f"ms-appinstaller:?source={URL}"), ("that subscribes to a calendar", f"webcal://127.0.0.1/{MARKER}"),
        ("of a share by the web", f"\\\\127.0.0.1@80\\DavWWWRoot\\{MARKER}"), ("of OneNote", f"onenote:http://127.0.0.1/{MARKER}"),
        ("that begins with blanks", f"  file:///{MARKER}"), ("of LDAP", f"ldap://127.0.0.1/{MARKER}"), ("of a printer", f"shell:{MARKER}"),
        ("in full-width letters", f"ｆｉｌｅ:///{MARKER}"), ("that is turned round", f"http://127.0.0.1/{MARKER}\u202efdp.exe"),
    ):  # fmt: skip
        yield in_word(
            f"link {name}",
            '<w:p><w:hyperlink r:id="rIdA"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>',
            _outside("hyperlink", address),
        )
    form = '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="a"/>{}<w:textInput><w:type w:val="calculated"/>{}</w:textInput></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMTEXT</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    yield in_word("form field that runs on leaving", form.format(f'<w:exitMacro w:val="{MARKER}"/>', ""))
    yield in_word(
        "help of a form field from elsewhere",
        form.format("", f'<w:maxLength w:val="9" r:link="rIdA" w:src="{URL}"/>'),
    )
    for relation, root, holder in (
        ("footnotes", "footnotes", '<w:footnote w:id="2">{}</w:footnote>'), ("endnotes", "endnotes", '<w:endnote w:id="2">{}</w:endnote>'),
        ("comments", "comments", '<w:comment w:id="2" w:author="a">{}</w:comment>'), ("footer", "ftr", "{}"),
    ):  # fmt: skip
        parts = _p(
            _MARK.format("begin"),
            _code("DD"),
            _code("E "),
            _code(MARKER),
            _MARK.format("separate"),
            _MARK.format("end"),
        )
        yield in_word(f"split field in {relation}", mend=_story(relation, root, holder.format(parts)))
    box = f'<w:p><w:r><w:pict><v:shape style="width:9pt"><v:textbox><w:txbxContent>{_p(_field(_code(_DDE)))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>'
    yield in_word("field in a text box of VML", box)
    shape = (
        f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps" {_WPS}><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="a"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr/><wps:spPr/>'
        f"<wps:txbx><w:txbxContent>{_p(_field(_code(_DDE)))}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing>"
        "</mc:Choice></mc:AlternateContent></w:r></w:p>"
    )
    yield in_word("field in a text box of a drawing", shape)


# -- elements and parts -----------------------------------------------------------------------------------------------


def _holders() -> Iterator[Attack]:
    image = _outside("image", f"{URL}.png")
    svg = '<a:blip><a:extLst><a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}"><asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" r:{}="rIdA"/></a:ext></a:extLst></a:blip>'
    yield in_word("svg picture that is linked", _picture(svg.format("link")), image)
    yield in_word("svg picture inside", _picture(svg.format("embed")), _part("image", "word/media/a.svg", "image/svg+xml",
                  f'<svg xmlns="http://www.w3.org/2000/svg"><script>{MARKER}</script></svg>'))  # fmt: skip
    layer = '<a:blip><a:extLst><a:ext uri="{{BEBA8EAE-BF5A-486C-A8C5-ECC9F3942E4B}}"><a14:imgProps xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"><a14:imgLayer r:{}="rIdA"/></a14:imgProps></a:ext></a:extLst></a:blip>'
    yield in_word(
        "layer of a picture",
        _picture(layer.format("embed")),
        _outside("http://schemas.microsoft.com/office/2007/relationships/hdphoto", URL),
    )
    yield in_word(
        "picture that says where to fetch it", _picture(f'<a:blip r:link="rIdA" o:href="{URL}"/>'), image
    )
    yield in_word(
        "online video",
        _picture(
            "<a:blip/>",
            f'<a:extLst><a:ext uri="{{C809E66F-F1BF-436E-b5F7-EEA9579F0CBA}}"><wp15:webVideoPr xmlns:wp15="http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing" embeddedHtml="&lt;iframe src=&quot;{URL}&quot;&gt;" h="9" w="9"/></a:ext></a:extLst>',
        ),
    )
    yield in_word(
        "link under the pointer of a picture",
        _picture("<a:blip/>", f'<a:hlinkHover r:id="rIdA" tooltip="{MARKER}"/>'),
        _outside("hyperlink", f"file:///{MARKER}"),
    )
    yield in_word(
        "fill of VML from elsewhere",
        f'<w:p><w:r><w:pict><v:rect><v:fill r:id="rIdA" src="{URL}" o:href="{URL}" type="frame"/></v:rect></w:pict></w:r></w:p>',
        image,
    )
    yield in_word(
        "background from elsewhere",
        f'<w:p><w:r><w:pict><v:background><v:fill r:id="rIdA" src="{URL}"/></v:background></w:pict></w:r></w:p>',
        image,
    )
    yield in_word(
        "shape of VML that is clicked",
        f'<w:p><w:r><w:pict><v:shape onclick="{MARKER}" onmouseover="{MARKER}" o:href="{URL}" o:script="{MARKER}"/></w:pict></w:r></w:p>',
    )
    yield in_word(
        "script of VML",
        f"<w:p><w:r><w:pict><v:shape><o:clip>{MARKER}</o:clip><o:LinkType>{MARKER}</o:LinkType></v:shape></w:pict></w:r></w:p>",
    )
    yield in_word(
        "signature line of VML",
        f'<w:p><w:r><w:pict><v:shape><o:signatureline issignatureline="t" signinginstructions="{MARKER}" o:suggestedsigneremail="{MARKER}"/></v:shape></w:pict></w:r></w:p>',
    )
    yield in_word(
        "smart tag",
        f'<w:p><w:smartTag w:uri="{URL}" w:element="{MARKER}"><w:smartTagPr><w:attr w:name="a" w:val="{MARKER}"/></w:smartTagPr><w:r><w:t>x</w:t></w:r></w:smartTag></w:p>',
    )
    yield in_word(
        "custom mark-up",
        f'<w:customXml w:uri="{URL}" w:element="{MARKER}"><w:customXmlPr><w:attr w:name="a" w:val="{MARKER}"/></w:customXmlPr>{paragraph("x")}</w:customXml>',
    )
    yield in_word(
        "part of a library of parts",
        f'<w:sdt><w:sdtPr><w:docPartList><w:docPartGallery w:val="x"/></w:docPartList><w:dataBinding w:storeItemID="{MARKER}" w:xpath="/a"/><w15:webExtensionLinked xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"/></w:sdtPr><w:sdtContent>{paragraph("x")}</w:sdtContent></w:sdt>',
    )
    yield in_word(
        "chunk in a cell",
        '<w:tbl><w:tr><w:tc><w:altChunk r:id="rIdA"><w:altChunkPr><w:matchSrc/></w:altChunkPr></w:altChunk><w:p/></w:tc></w:tr></w:tbl>',
        _outside("aFChunk", URL),
    )
    yield in_word("sub-document between paragraphs", '<w:subDoc r:id="rIdA"/>', _outside("subDocument", URL))
    yield in_word("movie of old", '<w:p><w:r><w:movie r:id="rIdA"/></w:r></w:p>', _outside("video", URL))
    yield in_word(
        "paper of a printer",
        '<w:p/><w:sectPr><w:printerSettings r:id="rIdA"/></w:sectPr>',
        _outside("printerSettings", URL),
    )
    yield in_word(
        "permission for a person",
        f'<w:p><w:permStart w:id="1" w:ed="{MARKER}"/><w:r><w:t>x</w:t></w:r><w:permEnd w:id="1"/></w:p>',
    )
    yield in_word(
        "ink",
        '<w:p><w:r><w:contentPart r:id="rIdA"/></w:r></w:p>',
        _part("customXml", "word/ink/ink1.xml", "application/inkml+xml", f"<ink>{MARKER}</ink>"),
    )
    yield in_word(
        "object in a background",
        f'<w:p><w:r><w:object><o:OLEObject Type="Embed" ProgID="Package" DrawAspect="Icon" r:id="rIdA" UpdateMode="Always"><o:LinkType>{MARKER}</o:LinkType><o:FieldCodes>\\f 0 {MARKER}</o:FieldCodes></o:OLEObject></w:object></w:r></w:p>',
    )
    yield in_word("settings with a template and a schema", mend=_settings(
        f'<w:attachedTemplate r:id="rId1"/><w:attachedSchema w:val="{URL}"/><w:saveThroughXslt r:id="rId2" w:solutionID="{MARKER}"/><w:schemaLibrary><w:schema w:uri="{URL}" w:manifestLocation="{URL}" w:schemaLocation="{URL}"/></w:schemaLibrary>',
        ("attachedTemplate", URL), ("transform", URL)))  # fmt: skip
    yield in_word("settings with mail merge", mend=_settings(
        f'<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:dataType w:val="native"/><w:connectString w:val="{MARKER}"/><w:query w:val="{MARKER}"/><w:dataSource r:id="rId1"/><w:odso><w:udl w:val="{MARKER}"/><w:src r:id="rId1"/></w:odso></w:mailMerge>',
        ("mailMergeSource", f"file:///{MARKER}")))  # fmt: skip
    yield in_word("settings with smart tags and writing aids", mend=_settings(
        f'<w:smartTagType w:namespaceuri="{URL}" w:name="{MARKER}" w:url="{URL}"/><w:activeWritingStyle w:lang="ja" w:vendorID="1" w:dllVersion="1" w:appName="{MARKER}"/><w:documentProtection w:edit="readOnly" w:cryptProvider="{URL}"/>'))  # fmt: skip
    yield in_word("web settings with frames", mend=lambda package: (
        _part("webSettings", "word/webSettings.xml", f"{_WORD}webSettings+xml", f'<w:webSettings {SPACES}><w:frameset><w:frame><w:sourceFileName r:id="rId1"/></w:frame></w:frameset></w:webSettings>')(package),
        package.relate("word/webSettings.xml", "frame", URL, external=True)))  # fmt: skip
    yield in_word("font in disguise", mend=lambda package: (
        _part("fontTable", "word/fontTable.xml", f"{_WORD}fontTable+xml", f'<w:fonts {SPACES}><w:font w:name="a"><w:embedRegular r:id="rId1" w:fontKey="{{{MARKER}}}"/></w:font></w:fonts>')(package),
        package.add("word/fonts/a.odttf", MARKER, f"{_MAIN}obfuscatedFont"), package.relate("word/fontTable.xml", "font", "word/fonts/a.odttf")))  # fmt: skip
    yield in_word("picture that numbers, from elsewhere", mend=lambda package: (
        _part("numbering", "word/numbering.xml", f"{_WORD}numbering+xml", f'<w:numbering {SPACES}><w:numPicBullet w:numPicBulletId="0"><w:pict><v:shape><v:imagedata r:id="rIdA" src="{URL}"/></v:shape></w:pict></w:numPicBullet></w:numbering>')(package),
        package.relate("word/numbering.xml", "image", URL, external=True, id="rIdA")))  # fmt: skip
    yield in_word("theme with pictures from elsewhere", mend=lambda package: (
        _part("theme", "word/theme/theme1.xml", f"{_MAIN}theme+xml", '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="' + OFFICE + f'" name="{MARKER}:{URL}"><a:themeElements/></a:theme>')(package),
        package.relate("word/theme/theme1.xml", "image", URL, external=True)))  # fmt: skip
    for name, relation, target, kind in (
        ("task panes", "http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes", "word/webextensions/taskpanes.xml", "application/vnd.ms-office.webextensiontaskpanes+xml"),
        ("ribbon", "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility", "customUI/customUI.xml", "application/xml"),
        ("ribbon of 2010", "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility", "customUI/customUI14.xml", "application/xml"),
        ("thumbnail", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail", "docProps/thumbnail.emf", "image/x-emf"),
        ("signature", "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin", "_xmlsignatures/origin.sigs", "application/vnd.openxmlformats-package.digital-signature-origin"),
        ("labels", "http://schemas.microsoft.com/office/2020/02/relationships/classificationlabels", "docMetadata/LabelInfo.xml", "application/vnd.ms-office.classificationlabels+xml"),
        ("custom properties", "custom-properties", "docProps/custom.xml", f"{_MAIN}custom-properties+xml"),
    ):  # fmt: skip
        yield in_word(f"root part: {name}", mend=lambda package, relation=relation, target=target, kind=kind: (  # type: ignore[misc]
            package.add(target, f"<customUI onLoad='{MARKER}'>{MARKER}</customUI>", kind), package.relate("", relation, target)))  # fmt: skip


# -- packages ---------------------------------------------------------------------------------------------------------


def _rezipped(
    change: Callable[[str, bytes], tuple[str, bytes] | None], more: dict[str, bytes] | None = None
) -> bytes:
    out = io.BytesIO()
    package = document(paragraph(VISIBLE))
    package.add("word/hidden.xml", f"<x>{MARKER}</x>", f"{_WORD}header+xml")
    with zipfile.ZipFile(io.BytesIO(package.build())) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if changed := change(name, source.read(name)):
                target.writestr(*changed)
        for name, data in (more or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def _related(target: str, mode: str = "") -> bytes:
    """The hidden part, told as a header by a target spelled in some way."""
    listed = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/aFChunk" Target="{target}"{mode}/></Relationships>'
    )
    return _rezipped(lambda name, data: (name, data), {"word/_rels/document.xml.rels": listed.encode()})


def _renamed(old: bytes, new: bytes, *, local_only: bool = False) -> bytes:
    data = _rezipped(lambda name, data: (name, data))
    at = data.index(old)
    data = data[:at] + new + data[at + len(old) :]
    return data if local_only else data.replace(old, new)


def _sized(size: int) -> bytes:
    data = bytearray(_rezipped(lambda name, data: (name, data)))
    at = data.index(b"word/document.xml") - 30
    struct.pack_into("<I", data, at + 22, size)
    return bytes(data)


def _packages() -> Iterator[Attack]:
    for name, target, mode in (
        ("climbs", "../../../word/hidden.xml", ""), ("is escaped", "%68idden.xml", ""), ("is absolute", "/word/hidden.xml", ""),
        ("is a file", f"file:///{MARKER}", ""), ("is a share", f"\\\\127.0.0.1\\{MARKER}", ""), ("is outside by another word", URL, ' TargetMode="EXTERNAL"'),
        ("is outside by an odd word", URL, ' TargetMode="Elsewhere"'), ("has a fragment", f"hidden.xml#{MARKER}", ""), ("is a scheme within", f"pack://{MARKER}/x", ""),
    ):  # fmt: skip
        yield Attack(
            f"package target {name}", lambda target=target, mode=mode: _related(target, mode), "docx"
        )  # type: ignore[misc]
    yield Attack("package relations of relations", lambda: _rezipped(lambda name, data: (name, data), {
        "_rels/_rels/.rels.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="{OFFICE}/attachedTemplate" Target="{URL}" TargetMode="External"/></Relationships>'.encode()}), "docx")  # fmt: skip
    yield Attack(
        "package backslashes", lambda: _renamed(b"word/hidden.xml", b"word\\hidden.xml"), "docx", refused=True
    )
    yield Attack(
        "package local name of its own",
        lambda: _renamed(b"word/hidden.xml", b"word/hiddex.xml", local_only=True),
        "docx",
        refused=True,
    )
    yield Attack("package size that lies", lambda: _sized(0xFFFFFFFF), "docx", refused=True)
    yield Attack("package main part of another kind", lambda: _rezipped(lambda name, data: (
        name, data.replace(b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"))), "docx", refused=True)  # fmt: skip
    yield Attack("package instruction", lambda: _rezipped(lambda name, data: (
        name, data.replace(b"<w:document", f'<?xml-stylesheet href="{URL}"?><w:document'.encode()))), "docx")  # fmt: skip
    yield Attack("package words behind the root", lambda: _rezipped(lambda name, data: (
        name, data + f"<!-- {MARKER} --><?x {MARKER}?>".encode() if name == "word/document.xml" else data)), "docx")  # fmt: skip
    yield Attack("package entities in the types", lambda: _rezipped(lambda name, data: (
        name, f'<!DOCTYPE a [<!ENTITY a SYSTEM "{URL}">]>'.encode() + data if name.startswith("[") else data)), "docx", refused=True)  # fmt: skip
    yield Attack("package entities in relations", lambda: _rezipped(lambda name, data: (
        name, f'<!DOCTYPE a [<!ENTITY a "{URL}">]>'.encode() + data if name == "_rels/.rels" else data)), "docx", refused=True)  # fmt: skip
    yield Attack("package schema to fetch", lambda: _rezipped(lambda name, data: (
        name, data.replace(b"<w:body>", f'<w:body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a {URL}" xml:base="{URL}">'.encode()))), "docx")  # fmt: skip
    page = f"<html><script>{MARKER}</script></html>".encode()
    yield Attack(
        "package that is a page first",
        lambda: page + _rezipped(lambda name, data: (name, data)),
        "docx",
        refused=True,
    )
    yield Attack("package kept under another type by default", lambda: _rezipped(lambda name, data: (
        name, data.replace(b'Extension="xml" ContentType="application/xml"', b'Extension="xml" ContentType="application/vnd.ms-office.vbaProject"'))), "docx")  # fmt: skip


ATTACKS = [*_fields(), *_holders(), *_packages()]
