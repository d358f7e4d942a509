"""The drawings that workbooks need beside their comments: made new from the comments' places alone.

Excel shows a comment only when a VML shape points at its cell ([MS-OI29500] 2.1.1691); the shape of the source is
never read.
"""

import re

from sekisho.sanitizer.formats.ooxml.package import RELATIONS
from sekisho.sanitizer.formats.ooxml.parts import Part, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import parsed, qname

_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_HEAD = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;width:144pt;height:72pt;'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def draw_notes(writer: Writer, sheet: Part, comments: Part) -> str:
    """Write the drawing for the comments of a sheet; the id of the sheet's relation to it."""
    number = len([name for name in writer.types if name.startswith("xl/drawings/notes")]) + 1
    name = f"xl/drawings/notes{number}.vml"
    root = parsed(writer.job, writer.plan.source.read(comments.source))
    shapes = []
    for count, comment in enumerate(root.iter(qname("x:comment")), start=1025):
        place = _PLACE.fullmatch(comment.get("ref", ""))
        if place:
            shapes.append(
                _SHAPE.format(id=count, row=int(place.group(2)) - 1, column=_column(place.group(1)))
            )
    writer.target.write(name, f"{_HEAD}{''.join(shapes)}</xml>".encode())
    writer.types[name] = _TYPE
    return sheet.relate(RELATIONS + "vmlDrawing", name)


def _column(letters: str) -> int:
    """The number of a column, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
