"""Drawings (SVG) that stand in a web page: each gives way to its picture in pixels, as a drawing in a file of its own does."""

import base64
import html
import re
from collections.abc import Iterator
from itertools import islice
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


class Drawings:
    """The drawings of one page, which share a number and pixels."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._left = _MOST
        self._room = min(_ROOM, job.limits.pixels)

    def drawn_within(self, source: str) -> str:
        """The page with embedded pictures in place of its drawings, as markup that is still to be cleaned.

        What cannot be read as a drawing, or shows nothing, stays for the cleaning to take out.
        """
        pieces, behind = [], 0
        for begin, end in islice(_places(source), _MOST):
            if not self._left or self._room <= 0:
                break
            drawn = self._drawn(source[begin:end])
            if drawn is not None:
                pieces += [source[behind:begin], drawn]
                behind = end
        return "".join(pieces) + source[behind:]

    def drawn_address(self, address: str) -> str | None:
        """The address of a picture that is a drawing (``data:image/svg+xml``), as one of its pixels; None where it is none."""
        said = _DATA.match(address)
        if not said:
            return None
        try:
            data = base64.b64decode(said[2]) if said[1] else unquote_to_bytes(said[2])
            picture = self._picture(parse_xml(data.strip()))
        except (ValueError, XmlRefused):
            return None
        return _embedded(picture) if picture is not None else None

    def _drawn(self, piece: str) -> str | None:
        """A drawing as the markup of a picture; None where nobody sees one."""
        root = _root(piece)
        if root is None or _HIDDEN.search(root.get("style", "")) or root.get("display") == "none":
            return None
        label = " ".join((root.get("aria-label") or root.findtext(f"{vector.SVG}title") or "").split())
        picture = self._picture(root)
        if picture is None:
            return None
        size = f'width="{round(picture.width)}" height="{round(picture.height)}"'
        return f'<img src="{_embedded(picture)}" {size} alt="{html.escape(label[:300])}">'

    def _picture(self, root: Any) -> vector.Drawn | None:
        if not self._left or self._room <= 0:
            return None
        self._left -= 1
        try:
            picture = vector.draw(self._job, root, self._room)
        except Refused:
            return None
        if picture.is_empty:
            return None
        self._room -= picture.pixels
        self._job.changed("html.drawing_drawn")
        return picture


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
