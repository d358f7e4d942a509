"""The drawings that workbooks need beside their comments: made new from the comments' places alone.

Excel shows a comment only when a VML shape points at its cell ([MS-OI29500] 2.1.1691). Of the source's shapes nothing crosses
but where the box of a comment stands, its colour and whether it always shows.
"""

import re
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.headers import TYPE, VML_BEGIN
from sekisho.sanitizer.formats.ooxml.package import RELATIONS
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, column_of, parsed, qname
from sekisho.sanitizer.results import Refused

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_HEAD = (
    f"{VML_BEGIN}"
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;width:144pt;height:72pt;'
    'visibility:{shows}" fillcolor="{colour}" o:insetmode="auto"><v:fill color2="{colour}"/>'
    '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "{anchor}<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>{always}</x:ClientData></v:shape>"
)
_OFFICE_VML = "{urn:schemas-microsoft-com:office:excel}"
_NUMBER = re.compile(r"\d{1,7}", re.ASCII)
# Perhaps with the number of a palette behind it; the usual colour is told by a name.
_COLOUR = re.compile(r"(#[0-9a-f]{6}|#[0-9a-f]{3}|[a-z]{3,7})(?: \[\d{1,3}\])?", re.ASCII | re.IGNORECASE)
_USUAL = "#ffffe1"
_NAMED = {
    "black": "#000000", "silver": "#c0c0c0", "gray": "#808080", "white": "#ffffff", "maroon": "#800000", "red": "#ff0000",
    "purple": "#800080", "fuchsia": "#ff00ff", "green": "#008000", "lime": "#00ff00", "olive": "#808000", "yellow": "#ffff00",
    "navy": "#000080", "blue": "#0000ff", "teal": "#008080", "aqua": "#00ffff",
}  # fmt: skip
_ANCHOR = re.compile(r"\s*\d{1,7}(?:\s*,\s*\d{1,7}){7}\s*", re.ASCII)


@dataclass(frozen=True)
class _Box:
    """Where the box of a comment stands (column, offset, row, offset of two corners; '' where it is not said)."""

    anchor: str = ""
    always_shows: bool = False
    colour: str = _USUAL


def draw_notes(writer: Writer, sheet: Part, comments: Part) -> str:
    """Write the drawing for the comments of a sheet; the id of the sheet's relation to it."""
    number = len([name for name in writer.types if name.startswith("xl/drawings/notes")]) + 1
    name = f"xl/drawings/notes{number}.vml"
    root = parsed(writer.job, writer.plan.source.read(comments.source))
    boxes = _boxes(writer.plan, sheet)
    shapes = []
    for count, comment in enumerate(root.iter(qname("x:comment")), start=1025):
        place = _PLACE.fullmatch(comment.get("ref", ""))
        if place:
            shapes.append(_shape(count, int(place.group(2)) - 1, column_of(place.group(1)), boxes))
    writer.target.write(name, f"{_HEAD}{''.join(shapes)}</xml>".encode())
    writer.types[name] = TYPE
    return sheet.relate(RELATIONS + "vmlDrawing", name)


def _shape(id: int, row: int, column: int, boxes: dict[tuple[int, int], _Box]) -> str:
    box = boxes.get((row, column), _Box())
    return _SHAPE.format(
        id=id, row=row, column=column, colour=box.colour, shows="visible" if box.always_shows else "hidden",
        always="<x:Visible/>" if box.always_shows else "",
        anchor=f"<x:Anchor>{box.anchor}</x:Anchor>" if box.anchor else "",
    )  # fmt: skip


def _boxes(plan: Plan, sheet: Part) -> dict[tuple[int, int], _Box]:
    """By row and column of the cell, the boxes as the source drew them. A drawing that is no XML says nothing."""
    boxes: dict[tuple[int, int], _Box] = {}
    for drawing in plan.source.targets(sheet.source, RELATIONS + "vmlDrawing").values():
        try:
            root = parsed(plan.job, plan.source.read(drawing))
        except Refused:
            continue
        for told in root.iter(f"{_OFFICE_VML}ClientData"):
            row, column = (told.findtext(f"{_OFFICE_VML}{name}", "").strip() for name in ("Row", "Column"))
            if told.get("ObjectType") == "Note" and _NUMBER.fullmatch(row) and _NUMBER.fullmatch(column):
                boxes[int(row), int(column)] = _box(told)
    return boxes


def _box(told: Element) -> _Box:
    anchor = told.findtext(f"{_OFFICE_VML}Anchor", "")
    shows = told.find(f"{_OFFICE_VML}Visible")
    return _Box(
        ", ".join(number.strip() for number in anchor.split(",")) if _ANCHOR.fullmatch(anchor) else "",
        shows is not None and (shows.text or "").strip().lower() not in {"f", "false"},
        _colour(told.getparent()),
    )


def _colour(shape: Element | None) -> str:
    told = _COLOUR.fullmatch("" if shape is None else shape.get("fillcolor", ""))
    colour = told[1].lower() if told else ""
    if len(colour) == 4 and colour[0] == "#":
        return "#" + "".join(digit * 2 for digit in colour[1:])
    return colour if colour[:1] == "#" else _NAMED.get(colour, _USUAL)
