"""Words that a drawing keeps in a piece of web page (``foreignObject``), as Mermaid does: set as the drawing's own text.

The piece itself never stays. Of it come the words, line by line, their size and their colour.
"""

import re
from typing import Any

from lxml import etree

from sekisho.sanitizer.formats.drawing_filters import numbers

_SVG = "{http://www.w3.org/2000/svg}"
_WORDLESS = [
    f"{{*}}{name}"
    for name in ("script", "style", "template", "head", "textarea", "select", "iframe", "object")
]
_BLOCKS = [
    f"{{*}}{name}"
    for name in ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "body")
]
_BLANKS = re.compile(r"\s++")
_END = "\u2028"
_SIZE = re.compile(r"(?<![\w-])font-size\s*+:\s*+(\d++(?>\.\d++)?+)px")
_COLOUR = re.compile(r"(?<![\w-])color\s*+:([^;{}]*+)")
_MOST_LINES = 200


def text_of(piece: Any) -> Any:
    """A ``text`` that stands where the piece does, None where it says nothing or the drawing says it itself."""
    parent = piece.getparent()
    if parent is not None and parent.tag == f"{_SVG}switch" and len(parent) > 1:
        return None
    if not (lines := _lines(piece)):
        return None
    styles = ";".join(element.get("style") or "" for element in piece.iter(etree.Element))
    x, y, width, height = ((numbers(piece.get(key)) or [0.0])[0] for key in ("x", "y", "width", "height"))
    is_centred = "center" in styles and "%" not in piece.get("width", "")
    made = etree.Element(f"{_SVG}text")
    made.set("text-anchor", "middle" if is_centred else "start")
    for key in ("transform", "class"):
        if value := piece.get(key):
            made.set(key, value)
    sizes = [float(size) for size in _SIZE.findall(styles) if float(size)]
    colours = _COLOUR.findall(styles)
    made.set(
        "style", (f"font-size:{sizes[-1]}px;" if sizes else "") + (f"fill:{colours[-1]};" if colours else "")
    )
    for at, line in enumerate(lines):
        row = etree.SubElement(made, f"{_SVG}tspan", x=f"{x + width / 2 if is_centred else x:g}")
        row.set("dy", "1.2em" if at else f"{0.35 - 0.6 * (len(lines) - 1):g}em")
        row.text = line
    made[0].set("y", f"{y + height / 2:g}")
    return made


def _lines(piece: Any) -> list[str]:
    etree.strip_tags(piece, etree.Comment, etree.ProcessingInstruction)
    etree.strip_elements(piece, *_WORDLESS, with_tail=False)
    for block in piece.iter(*_BLOCKS):
        block.text = _END + (block.text or "")
        block.tail = _END + (block.tail or "")
    lines = [_BLANKS.sub(" ", line).strip() for line in "".join(piece.itertext()).split(_END)]
    return [line for line in lines if line][:_MOST_LINES]
