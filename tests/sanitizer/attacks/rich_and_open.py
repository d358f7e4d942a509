"""More of RTF and OpenDocument: what is spelled oddly, stands beside the text, or is read by the program and not by people."""

import base64
from collections.abc import Iterator

from . import legacy
from .common import MARKER, URL, Attack
from .legacy import FRAME, LISTENER, OBJECT, clicked, field, flat, formula, rtf, sheet, slides, text

_SHARE = f"\\\\127.0.0.1\\{MARKER}"
_FILE = f"file:///{MARKER}"
_DDE = f"DDEAUTO cmd {MARKER}"
# -- RTF --------------------------------------------------------------------------------------------------------------

# An OLE 1.0 link: version, linked, then class, file and item ([MS-OLEDS] 2.2.6).
_LINK = "0105000001000000" + "".join(
    f"{len(part) + 1:02x}000000{part.encode().hex()}00" for part in ("Excel.Sheet.8", _SHARE, "A1")
) + "00" * 12  # fmt: skip
_IN_UNICODE = "".join(rf"\u{ord(char)}?" for char in _DDE)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    f'<script>{MARKER}</script><image xlink:href="{URL}"/></svg>'
)
_MONIKER = "d0c9ea79f9bace118c8200aa004ba90b" + _FILE.encode("utf-16-le").hex()
_INCLUDED = field(f"INCLUDEPICTURE {URL}.png")

_RTF = {
    "object in a run of bytes": rtf(rf"{{\object\objemb{{\*\objdata \bin{len(MARKER)} {MARKER}}}}}"),
    "object that links to a share": rtf(rf"{{\object\objautlink\objupdate{{\*\objclass Excel.Sheet.8}}{{\*\objdata {_LINK}}}{{\result x}}}}"),
    "object put together behind no bytes": rtf(rf"{{\object\objemb{{\*\obj\bin0 data {OBJECT}}}}}{{\*\objdat\bin0 a {OBJECT}}}"),
    "object behind bytes that say they end": rtf(rf"{{\*\x\bin2 }}}}{{\*\objdata {OBJECT}}}{{\*\objdata {OBJECT}\bin{len(MARKER)} {MARKER}}}}}"),
    "object in its own result": rtf(rf"{{\object\objemb{{\result {{\object\objemb{{\*\objdata {OBJECT}}}{{\result x}}}}}}}}"),
    "object in twos": rtf(rf"{{\upr{{\object{{\*\objdata {OBJECT}}}}}{{\*\ud{{\object{{\*\objdata {OBJECT}}}}}}}}}"),
    "object without a frame": rtf(rf"{{\*\objdata {OBJECT}}}{{\b\objdata {OBJECT}}}{{\shp{{\*\shpinst{{\shptxt {{\*\
\objdata {OBJECT}}}}}}}}}"),
    "object as a workbook of another size": rtf(rf"{{\object\objemb{{\*\objdata 01050000020000000100000000{'00' * 8}f0ffff7f{OBJECT}}}{{\result x}}}}"),
    "dde in Unicode": rtf(field(_IN_UNICODE)),
    "dde in a drawing of old": rtf(rf"{{\*\do\dobxpage\dobypage\dptxbx\dpxsize2000\dpysize900{{\dptxbxtext\pard {field(_DDE)}\par}}}}"),
    "pictures included beside the text": rtf(rf"{{\headerf {_INCLUDED}}}a{{\footnote {_INCLUDED}}}{{\*\annotation {_INCLUDED}}}"),
    "hyperlink with an object of its own": rtf(field(rf'HYPERLINK "http://a.example/"{{\*\datafield {_MONIKER}}}')),
    "vector picture told as another": rtf(rf"{{\pict\pngblip\picwgoal2000\pichgoal2000 {_SVG.encode().hex()}}}"),
}  # fmt: skip

# -- OpenDocument -----------------------------------------------------------------------------------------------------

_BUTTON = (
    f"<office:forms><form:form form:name='a' form:datasource='{MARKER}' form:command='{MARKER}'><form:button form:id='b' xml:id='b' form:label='x' "
    f"form:control-implementation='ooo:com.sun.star.form.component.CommandButton' form:button-type='url' xlink:href='file:///{MARKER}'>"
    f"<office:event-listeners>{LISTENER}</office:event-listeners></form:button><form:image form:id='c' xml:id='c' form:image-data='{URL}'/></form:form></office:forms>"
)
_CONTROLS = "".join(
    f"<draw:control draw:control='{name}' svg:width='3cm' svg:height='1cm'/>" for name in "bc"
)
_CODE = f"<field:param field:name='vnd.oasis.opendocument.field.code' field:value='{_DDE}'/><field:param field:name='vnd.oasis.opendocument.field.ole' field:value='{MARKER}'/>"
_MAP = f"<draw:image-map><draw:area-rectangle svg:width='1cm' svg:height='1cm' xlink:href='{_FILE}'><office:event-listeners>{LISTENER}</office:event-listeners></draw:area-rectangle></draw:image-map>"
_RULES = (
    f"<table:content-validations><table:content-validation table:name='v' table:condition=\"of:cell-content-is-in-list(['{_FILE}.ods'#$A.A1:.A2])\">"
    f"<table:error-macro table:execute='true'/><office:event-listeners>{LISTENER}</office:event-listeners></table:content-validation></table:content-validations>"
)
_CALLS_THE_WEB = f"WEBSERVICE(&quot;{URL}&quot;)"
_CONDITION = f"<style:style style:name='c' style:family='table-cell'><style:map style:condition='is-true-formula({_CALLS_THE_WEB}=1)' style:apply-style-name='Default' style:base-cell-address='A.A1'/></style:style>"
_SOUND = f"<presentation:sound xlink:href='{_FILE}.wav'/>"
_TIMED = (
    f"<anim:par presentation:node-type='timing-root'><anim:par><anim:command smil:targetElement='r' anim:command='custom'>"
    f"<anim:param anim:name='x' anim:value='{MARKER}'/></anim:command><anim:audio xlink:href='{URL}.wav'/></anim:par></anim:par>"
)
_SLIDE_STYLE = f"<office:automatic-styles><style:style style:name='s' style:family='drawing-page'><style:drawing-page-properties>{_SOUND}</style:drawing-page-properties></style:style></office:automatic-styles>"
_BASIC = f"<office:scripts><office:script script:language='ooo:Basic'>{MARKER}</office:script><office:event-listeners>{LISTENER}</office:event-listeners></office:scripts>"
_INNER = f"<draw:object-ole><office:binary-data>{base64.b64encode(MARKER.encode()).decode()}</office:binary-data></draw:object-ole>"
_PLAIN = "<text:p>Visible words</text:p>"

_OPEN: dict[str, tuple[str, bytes]] = {
    "controls that fetch and run": ("odt", text(_BUTTON + f"<text:p>{_CONTROLS}</text:p>")),
    "field of another program": ("odt", text(f"<text:p>a<field:fieldmark-start text:name='f' field:type='vnd.oasis.opendocument.field.UNHANDLED'>{_CODE}</field:fieldmark-start>x<field:fieldmark-end/></text:p>")),
    "map of links on a picture": ("odt", text(FRAME.format(f"<draw:text-box><text:p>x</text:p></draw:text-box>{_MAP}"))),
    "vector picture": ("odt", text(FRAME.format("<draw:image xlink:href='Pictures/a.svg'/>"), more={"Pictures/a.svg": _SVG})),
    "member that climbs": ("odt", text(more={f"../../{MARKER}": MARKER})),
    "rules with a macro and another book": ("ods", sheet("<table:table-cell table:content-validation-name='v'/>", head=_RULES)),
    "condition of the web": ("ods", sheet("<table:table-cell table:style-name='c'/>", before=f"<office:automatic-styles>{_CONDITION}</office:automatic-styles>")),
    "controls that fetch and run on a sheet": ("ods", sheet(inner=f"{_BUTTON}<table:shapes>{_CONTROLS}</table:shapes>")),
    "formula in an unknown grammar": ("ods", formula(f"other:=[1]!'{MARKER}'")),
    "program": ("odp", slides(clicked(f"presentation:action='execute' xlink:href='{_SHARE}'"))),
    "sound": ("odp", slides(clicked("presentation:action='sound'", _SOUND))),
    "script": ("odp", slides(clicked("presentation:action='none'") + f"<draw:a xlink:href='vnd.sun.star.script:{MARKER}'><draw:rect svg:width='1cm' svg:height='1cm'><office:event-listeners>{LISTENER}</office:event-listeners></draw:rect></draw:a>")),
    "animation that commands": ("odp", slides(clicked("presentation:action='none'") + _TIMED)),
    "sound of a transition": ("odp", slides(page="draw:style-name='s'", before=_SLIDE_STYLE)),
    "flat macros and objects": ("fodt", flat("text", _PLAIN + FRAME.format(_INNER), _BASIC)),
}  # fmt: skip

_REFUSED: dict[str, tuple[str, bytes]] = {
    "entity": ("odt", text("<text:p>&a;</text:p>", dtd=f"<!DOCTYPE a [<!ENTITY a SYSTEM '{URL}'>]>")),
    "rich text told as another": ("txt", rb"{\rt1{\object{\*\objdata " + OBJECT.encode() + b"}}}"),
}


def _attacks() -> Iterator[Attack]:
    for name, data in _RTF.items():
        yield Attack(f"rtf {name}", lambda data=data: data, "rtf", shows=legacy.shows_words)
    for name, (extension, data) in _OPEN.items():
        yield Attack(f"{extension} {name}", lambda data=data: data, extension, shows=legacy.shows_words)
    for name, (extension, data) in _REFUSED.items():
        yield Attack(f"{extension} {name}", lambda data=data: data, extension, refused=True)


ATTACKS = tuple(_attacks())
