"""Pictures in the headers and footers of sheets: their drawing is made new from the place and size of each.

Excel keeps them in a VML drawing of their own, to which ``legacyDrawingHF`` points (ECMA-376-1, 18.3.1.52): a shape's id says
in which of the places a picture stands, ``&G`` in the header's text where in the line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, parsed
from sekisho.sanitizer.results import Refused

KIND = "headerPictures"
#: of VML drawings, as the standard spells it, and how each of them begins
TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
VML_BEGIN = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
)
_VML = "{urn:schemas-microsoft-com:vml}"
_RELATED = "{urn:schemas-microsoft-com:office:office}relid"
_PLACE = re.compile(r"[LCR][HF](?:EVEN|FIRST)?")
_LENGTH = r"(?:^|;)\s*{}\s*:\s*(\d{{1,5}}(?:\.\d{{1,9}})?)(pt|px|in|cm|mm|pc|)\s*(?:;|$)"
_WIDTH, _HEIGHT = (re.compile(_LENGTH.format(name), re.ASCII) for name in ("width", "height"))
_POINTS = {"pt": 1, "px": 0.75, "": 0.75, "in": 72, "cm": 72 / 2.54, "mm": 72 / 25.4, "pc": 12}
_LARGEST = 4_000
#: what is cut off, and how pale a picture is: numbers, or 65,536ths of one
_LOOKS = ("croptop", "cropbottom", "cropleft", "cropright", "gain", "blacklevel")
_NUMBER = re.compile(r"-?(?:\d{1,9}f|\d{0,4}\.\d{1,6}|\d{1,4})", re.ASCII)
_HEAD = (
    f"{VML_BEGIN}"
    '<v:shapetype id="_x0000_t75" coordsize="21600,21600" o:spt="75" o:preferrelative="t" '
    'path="m@4@5l@4@11@9@11@9@5xe" filled="f" stroked="f"><v:stroke joinstyle="miter"/><v:formulas>'
    '<v:f eqn="if lineDrawn pixelLineWidth 0"/><v:f eqn="sum @0 1 0"/><v:f eqn="sum 0 0 @1"/><v:f eqn="prod @2 1 2"/>'
    '<v:f eqn="prod @3 21600 pixelWidth"/><v:f eqn="prod @3 21600 pixelHeight"/><v:f eqn="sum @0 0 1"/>'
    '<v:f eqn="prod @6 1 2"/><v:f eqn="prod @7 21600 pixelWidth"/><v:f eqn="sum @8 21600 0"/>'
    '<v:f eqn="prod @7 21600 pixelHeight"/><v:f eqn="sum @10 21600 0"/></v:formulas>'
    '<v:path o:extrusionok="f" gradientshapeok="t" o:connecttype="rect"/><o:lock v:ext="edit" aspectratio="t"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="{place}" o:spid="_x0000_s{id}" type="#_x0000_t75" style="position:absolute;margin-left:0;margin-top:0;'
    'width:{width}pt;height:{height}pt;z-index:{layer}"><v:imagedata o:relid="{relation}"{looks}/>'
    '<o:lock v:ext="edit" rotation="t"/></v:shape>'
)


@dataclass(frozen=True)
class HeaderPicture:
    """``place``: left, centre or right, of the header or the footer, perhaps of even pages or the first one. Sizes in points."""

    place: str
    relation: str
    width: float
    height: float
    looks: Mapping[str, str]


def header_pictures(job: Job, data: bytes) -> list[HeaderPicture]:
    """The pictures of a VML drawing that stand in headers and footers; none where it is a drawing of something else."""
    try:
        root = parsed(job, data)
    except Refused:  # a drawing that is no XML holds nothing that anybody sees
        return []
    found: dict[str, HeaderPicture] = {}
    for shape in root.iter(f"{_VML}shape"):
        image = shape.find(f"{_VML}imagedata")
        place = shape.get("id", "")
        if image is not None and image.get(_RELATED) and _PLACE.fullmatch(place):
            found.setdefault(place, _picture(place, shape, image))
    return list(found.values())


def _picture(place: str, shape: Element, image: Element) -> HeaderPicture:
    style = shape.get("style", "")
    looks = {name: image.get(name, "") for name in _LOOKS if _NUMBER.fullmatch(image.get(name, ""))}
    if image.get("grayscale") in {"t", "true"}:
        looks["grayscale"] = "t"
    return HeaderPicture(place, image.get(_RELATED), _points(_WIDTH, style), _points(_HEIGHT, style), looks)


def _points(pattern: re.Pattern[str], style: str) -> float:
    said = pattern.search(style)
    return min(float(said[1]) * _POINTS[said[2]], _LARGEST) if said else 72


def drawing(pictures: list[HeaderPicture], ids: Mapping[str, str]) -> bytes:
    """The drawing of the pictures that came through. ``ids``: relations of the source and of the new part."""
    shapes = [
        _SHAPE.format(
            place=picture.place, id=1024 + layer, layer=layer, relation=ids[picture.relation],
            width=f"{picture.width:.2f}", height=f"{picture.height:.2f}",
            looks="".join(f' {name}="{value}"' for name, value in picture.looks.items()),
        )
        for layer, picture in enumerate(pictures, start=1)
        if picture.relation in ids
    ]  # fmt: skip
    return f"{_HEAD}{''.join(shapes)}</xml>".encode()
