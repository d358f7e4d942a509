"""Drawings (SVG) that stand in a web page: each gives way to its picture in pixels, as a drawing in a file of its own does."""

import base64
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from lxml import etree

from sekisho.sanitizer.formats import vector
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.xmlparsing import XmlRefused, parse_xml

#: drawings of one page; icons beyond them are left out
_MOST = 200
#: pixels of all of them together
_ROOM = 16_000_000
_TAG = re.compile(r"<!--|-->|<(/?)(svg|script)(?=[\s>/])[^<>]*>", re.IGNORECASE)
_OTHER = {"<!--": "-->", "<script": "</script"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: names that a page gives to characters; those of XML stay
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
_DATA = re.compile(r"\s*data:image/svg\+xml(?:;charset=[\w-]+)?(;base64)?,(.*)", re.IGNORECASE | re.DOTALL)
_SPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}


def with_pictures_for_drawings(job: Job, source: str) -> str:
    """The page with embedded pictures in place of its drawings, as markup that is still to be cleaned.

    What cannot be read as a drawing, or shows nothing, stays for the cleaning to take out.
    """
    pieces, behind, room = [], 0, min(_ROOM, job.limits.pixels)
    for count, (begin, end) in enumerate(_places(source)):
        if count == _MOST or room <= 0:
            break
        drawn = _drawn(job, source[begin:end], room)
        if drawn is not None:
            markup, pixels = drawn
            room -= pixels
            pieces += [source[behind:begin], markup]
            behind = end
    return "".join(pieces) + source[behind:]


def _places(source: str) -> Iterator[tuple[int, int]]:
    """Where the outermost drawings begin and end."""
    depth, begin, until = 0, 0, ""
    for tag in _TAG.finditer(source):
        said = tag[0].lower() if tag[2] is None else f"<{tag[1]}{tag[2].lower()}"
        if until:  # in a comment or a script nothing is a drawing
            until = "" if said == until else until
        elif said in _OTHER:
            until = _OTHER[said]
        elif not said.endswith("svg") or tag[0].endswith("/>"):
            continue
        elif not tag[1]:
            begin = begin if depth else tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield begin, tag.end()


def _drawn(job: Job, piece: str, room: int) -> tuple[str, int] | None:
    """A drawing as the markup of a picture, and its pixels; None where nobody sees one."""
    root = _root(piece)
    if root is None or _HIDDEN.search(root.get("style", "")) or root.get("display") == "none":
        return None
    label = " ".join((root.get("aria-label") or root.findtext(f"{vector.SVG}title") or "").split())
    picture = _picture(job, root, room)
    if picture is None:
        return None
    size = f'width="{round(picture.width)}" height="{round(picture.height)}"'
    return f'<img src="{_embedded(picture)}" {size} alt="{html.escape(label[:300])}">', picture.pixels


def drawn_address(job: Job, address: str) -> str | None:
    """The address of a picture that is a drawing (``data:image/svg+xml``), as one of its pixels; None where it is none."""
    said = _DATA.match(address)
    if not said:
        return None
    try:
        data = base64.b64decode(said[2]) if said[1] else unquote_to_bytes(said[2])
        picture = _picture(job, parse_xml(data.strip()), min(_ROOM, job.limits.pixels))
    except (ValueError, XmlRefused):
        return None
    return _embedded(picture) if picture is not None else None


def _picture(job: Job, root: Any, room: int) -> vector.Drawn | None:
    try:
        picture = vector.draw(job, root, room)
    except Refused:
        return None
    if picture.is_empty:
        return None
    job.changed("html.drawing_drawn")
    return picture


def _embedded(picture: vector.Drawn) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.data).decode('ascii')}"


def _root(piece: str) -> Any:
    """A page need not say what is said once for every drawing: its namespaces."""
    head = piece[: piece.index(">")]
    told = "".join(
        f' {name}="{space}"' for name, space in _SPACES.items() if not re.search(rf"\s{name}\s*=", head)
    )
    written = _NAMED.sub(lambda name: html.unescape(name[0]), f"{piece[:4]}{told}{piece[4:]}")
    try:
        root = parse_xml(written.encode())
    except XmlRefused:
        return None
    return root if etree.QName(root).localname == "svg" else None
