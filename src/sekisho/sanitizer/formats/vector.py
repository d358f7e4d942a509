"""SVG drawings: parsed, stripped of everything that acts or loads, then drawn to a PNG."""

import base64
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import resvg_py
from lxml import etree
from PIL import Image

from sekisho.sanitizer.formats import drawing_colors, drawing_labels, images
from sekisho.sanitizer.formats.drawing_filters import leave_out_costly, numbers
from sekisho.sanitizer.formats.drawing_fonts import JAPANESE_FONT, JAPANESE_SERIF, SANS, SERIF
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.xmlparsing import (
    XmlRefused,
    has_doctype,
    in_an_encoding_of_xml,
    parse_xml,
    with_names_spelled_out,
)

SVG = "{http://www.w3.org/2000/svg}"
# What Inkscape notes of its windows and guides.
_EDITORS = ("{http://sodipodi.", "{http://www.inkscape.org/")
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")
_ACTIVE = {"script", "foreignObject", "handler", "listener", "iframe", "audio", "video", "set", "animate",
           "animateTransform", "animateMotion", "animateColor", "discard"}  # fmt: skip
_EXTERNAL_CSS = re.compile(
    r"@import[^;]*;?|url\(\s*['\"]?(?!\s*['\"]?#)[^)]*\)|image-set\([^)]*\)|expression\([^)]*\)", re.I
)
_DATA_IMAGE = re.compile(r"^\s*data:image/(png|jpeg|gif|webp)\s*;", re.IGNORECASE)
_DATA_DRAWING = re.compile(r"\s*+data:image/svg\+xml([^,]{0,100}+),", re.IGNORECASE)
_MOST_WITHIN, _PIXELS_WITHIN = 500, 1_000_000  # drawings within a drawing, and how large each is drawn
# Families that a machine does not have are left out with their words, unless these are ones that it has.
_GENERIC_FAMILIES: dict[str, Any] = {
    "serif_family": SERIF, "sans_serif_family": SANS, "monospace_family": SANS, "cursive_family": SERIF,
    "fantasy_family": SANS,
}  # fmt: skip
_FAMILIES = re.compile(r"(\bfont(?:-family)?\s*+:)([^;{}!]++)", re.IGNORECASE)
# Serifs, by names of fonts; all others become plain ones. The last names no font.
_WITH_SERIFS = re.compile(
    r"(?<!sans-)(?<!sans )serif|mincho|明朝|宋|times|georgia|garamond|cambria|century|palatino|bookman|roman|song|ming"
    r"|^\s*(?:inherit|initial|unset|revert)\b",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"^\s*([0-9]*\.?[0-9]+)\s*(px|pt|pc|mm|cm|in|)\s*$")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_DEFAULT_SIZE = (300.0, 150.0)  # CSS 2.1, 10.3.2: replaced elements without a size
_SCREEN_DPI = 96
_MOST_PIXELS = 40_000_000  # of a drawing: a sheet of A0 at 150 dpi; larger ones are drawn at fewer dpi
_LONGEST_TEXT = 20_000  # characters of one text; to set it takes time by the square


def rebuild(job: Job) -> None:
    """Draw the SVG at the policy's resolution and write a PNG."""
    try:
        root = parse_xml(with_names_spelled_out(in_an_encoding_of_xml(job.data)))
    except XmlRefused as refused:
        raise Refused("svg.dtd" if refused.code == "dtd" else "input.broken", type="svg") from refused
    if has_doctype(root):
        job.removed("svg.doctype")
    picture = draw(job, root, min(job.limits.pixels, _MOST_PIXELS))
    removed = job.removals
    written = images.encode(job, picture.data, "png", dpi=picture.dpi)
    job.produced = "png"
    job.fidelity |= {
        "source_width": picture.width,
        "source_height": picture.height,
        "elements": sum(1 for _ in root.iter()),
    }
    assert removed == job.removals[: len(removed)]
    job.output.write(written)


@dataclass(frozen=True)
class Drawn:
    """A drawing as a PNG in ``data``; ``width`` and ``height`` in CSS pixels, ``pixels`` how many there are in it, and
    ``dpi`` how many of them to an inch."""

    data: bytes
    width: float
    height: float
    pixels: int
    dpi: float

    @property
    def is_empty(self) -> bool:
        """Whether nothing shows: every pixel is see-through."""
        with Image.open(io.BytesIO(self.data), formats=["PNG"]) as image:
            return image.getchannel("A").getbbox() is None if "A" in image.getbands() else False


def draw(job: Job, root: Any, most: int) -> Drawn:
    """Strip a drawing of what acts or loads, and draw it at the policy's resolution, of ``most`` pixels or fewer.

    Raises ``Refused``: it cannot be drawn.
    """
    _strip(job, root)
    _name_once(root)
    if any(sum(map(len, text.itertext())) > _LONGEST_TEXT for text in root.iter(f"{SVG}text")):
        raise Refused("limit.text", limit=_LONGEST_TEXT)
    width, height = _size(root)
    if not 0 < width * height < math.inf:
        raise job.broken()
    zoom = min(job.policy.dpi / _SCREEN_DPI, (max(most, 0) / max(width * height, 1)) ** 0.5)
    across, down = max(1, round(width * zoom)), max(1, round(height * zoom))
    # A thread of no height may be as long as the limit allows no picture to be.
    if across * down > max(most, 1) * 2:
        raise Refused("limit.pixels", limit=job.limits.pixels)
    unit = _unit(root, width)
    if left_out := leave_out_costly(root, across * down, zoom * unit, max(width, height) / unit):
        job.lost("svg.filter", count=left_out)
    drawn = _drawn(job, root, across, down)
    return Drawn(drawn, width, height, across * down, across / max(width, 1) * _SCREEN_DPI)


def _drawn(job: Job, root: Any, across: int, down: int) -> bytes:
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=etree.tostring(root, encoding="unicode", with_tail=False),
                width=across,
                height=down,
                dpi=_SCREEN_DPI,
                languages=["ja", "en"],
                font_family=SANS,
                **_GENERIC_FAMILIES,
                font_files=[str(JAPANESE_FONT), str(JAPANESE_SERIF)],
            )
        )
    except (ValueError, TypeError) as error:
        raise job.broken() from error


def _strip(job: Job, root: Any) -> None:
    own = drawing_colors.properties(
        [*(sheet.text or "" for sheet in root.iter(f"{SVG}style")), root.get("style") or ""]
    )
    waiting, within = [root], dict[str, str]()
    while waiting:
        element = waiting.pop()
        if element is not root and not _stays(job, element):
            if element.tag != f"{SVG}foreignObject" or (label := drawing_labels.text_of(element)) is None:
                _drop(element)
                continue
            label.tail = element.tail
            element.getparent().replace(element, label)
            element = label
        name = etree.QName(element).localname
        if name == "image":
            _draw_within(job, element, within)
        _strip_attributes(job, element, name, own)
        if name == "style" and element.text:
            element.text = _plain_css(job, element.text, own)
        waiting.extend(element)


def _draw_within(job: Job, element: Any, within: dict[str, str]) -> None:
    """Make a drawing that an image holds a picture, as icons in diagrams of draw.io are. ``within``: those made so far."""
    for attribute in _HREF:
        held = element.get(attribute, "")
        if not (found := _DATA_DRAWING.match(held)):
            continue
        if held not in within:
            decode = base64.b64decode if "base64" in found[1].lower() else unquote_to_bytes
            is_one_more = len(within) < _MOST_WITHIN
            within[held] = _as_picture(job, element, decode, held[found.end() :]) if is_one_more else ""
        element.set(attribute, within[held])


def _as_picture(job: Job, element: Any, decode: Callable[[str], bytes], held: str) -> str:
    """A drawing as the address of a picture, as large as ``element`` shows it; empty where it cannot be drawn."""
    try:
        root = parse_xml(in_an_encoding_of_xml(decode(held)))
        for side in ("width", "height"):
            if root.get("viewBox") and _length(element.get(side)):
                root.set(side, element.get(side))
        drawn = draw(job, root, _PIXELS_WITHIN)
    except (ValueError, Refused):
        return ""
    return "data:image/png;base64," + base64.b64encode(drawn.data).decode()


def _name_once(root: Any) -> None:
    """Where two elements have one name, the first is meant; resvg would take the last."""
    seen: set[str] = set()
    for element in root.iter():
        name = element.get("id")
        if name in seen:
            del element.attrib["id"]
        elif name:
            seen.add(name)


def _stays(job: Job, element: Any) -> bool:
    """Whether an element is part of what is drawn; what is not is reported."""
    if not isinstance(element.tag, str):
        return False  # comments and processing instructions, which may name a style sheet
    name = etree.QName(element).localname
    if name == "metadata" or element.tag.startswith(_EDITORS):
        job.removed("metadata.removed")
        return False
    if name in _ACTIVE or not element.tag.startswith(SVG):
        job.removed("svg.active", object=name[:40])
        return False
    return True


def _drop(element: Any) -> None:
    parent, previous = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and previous is not None:  # words behind it stay
        previous.tail = (previous.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _strip_attributes(job: Job, element: Any, name: str, own: Mapping[str, str]) -> None:
    for attribute, value in list(element.attrib.items()):
        local = etree.QName(attribute).localname
        if local.lower().startswith("on"):
            job.removed("svg.active", object=local[:40])
            del element.attrib[attribute]
        elif attribute in _HREF and not _is_local(name, value):
            if name != "a":
                job.removed("svg.external", object=name)
            del element.attrib[attribute]
        elif local == "font-family":
            element.attrib[attribute] = _with_family(value)
        elif local == "style":
            element.attrib[attribute] = _plain_css(job, value, own).lstrip("; \t\r\n")
        elif "url(" in value or "image-set(" in value or "expression(" in value:
            element.attrib[attribute] = _local_css(job, value)
        elif local in drawing_colors.PAINTS and "(" in value:
            element.attrib[attribute] = drawing_colors.plain(value, own)
            if not element.attrib[attribute]:
                del element.attrib[attribute]


def _is_local(name: str, value: str) -> bool:
    """A reference inside the drawing, or a raster picture inside an image element."""
    if value.strip().startswith("#"):
        return True
    return name in {"image", "feImage"} and bool(_DATA_IMAGE.match(value))


def _local_css(job: Job, text: str) -> str:
    cleaned, count = _EXTERNAL_CSS.subn("none", text)
    if count:
        job.removed("svg.external", object="style", count=count)
    return cleaned


def _plain_css(job: Job, css: str, own: Mapping[str, str]) -> str:
    return _with_families(drawing_colors.plain(_local_css(job, css), own))


def _with_families(css: str) -> str:
    return _FAMILIES.sub(lambda found: found[1] + _with_family(found[2]), css)


def _with_family(names: str) -> str:
    """A list of fonts that ends with one that is there, of the same kind."""
    return names if _WITH_SERIFS.search(names) else f"{names.rstrip()}, sans-serif"


def _size(root: Any) -> tuple[float, float]:
    """Width and height in CSS pixels: the attributes, else the view box, else the default of CSS."""
    width, height = _length(root.get("width")), _length(root.get("height"))
    box = numbers(root.get("viewBox"))[:4]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        if width and not height:
            return width, width * box[3] / box[2]
        if height and not width:
            return height * box[2] / box[3], height
        return width or box[2], height or box[3]
    return width or _DEFAULT_SIZE[0], height or _DEFAULT_SIZE[1]


def _unit(root: Any, width: float) -> float:
    """CSS pixels to a unit of the drawing's coordinates."""
    box = numbers(root.get("viewBox"))[:4]
    return width / box[2] if len(box) == 4 and box[2] > 0 else 1.0


def _length(text: str | None) -> float:
    match = _LENGTH.match(text or "")
    return float(match.group(1)) * _PIXELS[match.group(2)] if match else 0.0
