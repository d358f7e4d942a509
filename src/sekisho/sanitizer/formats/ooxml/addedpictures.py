"""Pictures, and words in boxes, that are added to the drawings of sheets: those of cells, objects and controls stand in none."""

import html
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.cellboxes import Corner
from sekisho.sanitizer.formats.ooxml.package import RELATIONS, XML_HEAD
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, parsed

_IMAGE = RELATIONS + "image"
_FIRST_ID = 50_000  # of shapes, behind those that a drawing has


@dataclass(frozen=True)
class Words:
    """``size`` of the letters in hundredths of a point; ``align`` and ``anchor`` as the format names them."""

    text: str
    size: int
    framed: bool
    align: str
    anchor: str


@dataclass(frozen=True)
class _Added:
    """Where something stands: a picture (the id of its relation in the drawing) or words."""

    name: str
    begin: Corner
    end: Corner
    shown: str | Words


class AddedPictures:
    """The pictures added to the sheets of one workbook.

    By the source of a sheet, ``new_drawings`` has the relation of a drawing made for it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        self._shown: dict[str, list[_Added]] = {}  # by the new name of a drawing
        self._drawings: dict[str, Part] = {}  # by the source of a sheet: it shows one alone
        self._made: list[Part] = []
        self.new_drawings: dict[str, str] = {}

    def add(self, sheet: Part, picture: Part, name: str, begin: Corner, end: Corner) -> None:
        """Put a picture between two corners of a sheet. ``name`` is what people see in its properties."""
        drawing = self._drawing_of(sheet)
        relation = drawing.relate(_IMAGE, picture.name)
        drawing.ids[relation] = relation
        self._shown.setdefault(drawing.name, []).append(_Added(name, begin, end, relation))

    def add_words(self, sheet: Part, words: Words, name: str, begin: Corner, end: Corner) -> None:
        """Put a box with words between two corners of a sheet."""
        drawing = self._drawing_of(sheet)
        self._shown.setdefault(drawing.name, []).append(_Added(name, begin, end, words))

    def _drawing_of(self, sheet: Part) -> Part:
        if sheet.source not in self._drawings:
            self._drawings[sheet.source] = self._drawing(sheet)
        return self._drawings[sheet.source]

    def _drawing(self, sheet: Part) -> Part:
        """The drawing of a sheet, made where it has none."""
        by_name = {part.name: part for part in self.plan.parts.values()}
        for relation in sheet.relations:
            known = by_name.get(relation.target)
            if known and known.kind.id == "drawing":
                return known
        kind = self.plan.kinds["drawing"]
        self.plan.numbers[kind.id] += 1
        made = Part(kind, "", kind.name.replace("{}", str(self.plan.numbers[kind.id])))
        self._made.append(made)
        self.new_drawings[sheet.source] = sheet.relate(kind.relation, made.name)
        return made

    def place(self, part: Part, root: Element) -> None:
        """Add what belongs to it to the drawing that a sheet has."""
        for number, added in enumerate(self._shown.get(part.name, ())):
            root.append(parsed(self.job, _framed(_anchor(added, _FIRST_ID + number)))[0])

    def write(self, writer: Writer) -> None:
        """Write the drawings of sheets that had none."""
        for part in self._made:
            anchors = [
                _anchor(added, _FIRST_ID + number) for number, added in enumerate(self._shown[part.name])
            ]
            writer.target.write(part.name, _framed("".join(anchors)))
            writer.declare(part)


def _framed(anchors: str) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{NS[prefix]}"' for prefix in ("xdr", "a", "r"))
    return f"{XML_HEAD}<xdr:wsDr {spaces}>{anchors}</xdr:wsDr>".encode()


def _anchor(added: _Added, number: int) -> str:
    """What is added, over its cells, moving and growing with them."""

    def corner(at: Corner) -> str:
        return (
            f"<xdr:col>{at.column}</xdr:col><xdr:colOff>{at.across}</xdr:colOff>"
            f"<xdr:row>{at.row}</xdr:row><xdr:rowOff>{at.down}</xdr:rowOff>"
        )

    names = f'<xdr:cNvPr id="{number}" name="{added.name}"/>'
    shown = added.shown
    body = _box(names, shown) if isinstance(shown, Words) else _picture(names, shown)
    return (
        f'<xdr:twoCellAnchor editAs="twoCell"><xdr:from>{corner(added.begin)}</xdr:from>'
        f"<xdr:to>{corner(added.end)}</xdr:to>{body}<xdr:clientData/></xdr:twoCellAnchor>"
    )


_SHAPE = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'


def _picture(names: str, relation: str) -> str:
    return (
        f'<xdr:pic><xdr:nvPicPr>{names}<xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="{relation}"/>'
        f"<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>{_SHAPE}</xdr:spPr></xdr:pic>"
    )


def _box(names: str, words: Words) -> str:
    line = (
        '<a:ln w="9525"><a:solidFill><a:srgbClr val="808080"/></a:solidFill></a:ln>'
        if words.framed
        else "<a:ln><a:noFill/></a:ln>"
    )
    lines = "".join(
        f'<a:p><a:pPr algn="{words.align}"/><a:r><a:rPr sz="{words.size}"/><a:t>{html.escape(line, quote=False)}</a:t></a:r></a:p>'
        for line in words.text.split("\n")
    )
    return (
        f'<xdr:sp><xdr:nvSpPr>{names}<xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr>{_SHAPE}<a:noFill/>{line}</xdr:spPr>'
        '<xdr:txBody><a:bodyPr vertOverflow="overflow" horzOverflow="overflow" lIns="18288" tIns="0" rIns="18288" bIns="0" '
        f'anchor="{words.anchor}"/><a:lstStyle/>{lines}</xdr:txBody></xdr:sp>'
    )
