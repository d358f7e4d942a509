"""Pictures that are added to the drawings of sheets: those of cells and of embedded objects stand in none by themselves."""

from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.cellboxes import Corner
from sekisho.sanitizer.formats.ooxml.package import RELATIONS, XML_HEAD
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, parsed

_IMAGE = RELATIONS + "image"
_FIRST_ID = 50_000  # of shapes, behind those that a drawing has


@dataclass(frozen=True)
class _Picture:
    """Where a picture stands, and the id of its relation in the drawing."""

    name: str
    begin: Corner
    end: Corner
    relation: str


class AddedPictures:
    """The pictures added to the sheets of one workbook.

    By the source of a sheet, ``new_drawings`` has the relation of a drawing made for it.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        self._shown: dict[str, list[_Picture]] = {}  # by the new name of a drawing
        self._drawings: dict[str, Part] = {}  # by the source of a sheet: it shows one alone
        self._made: list[Part] = []
        self.new_drawings: dict[str, str] = {}

    def add(self, sheet: Part, picture: Part, name: str, begin: Corner, end: Corner) -> None:
        """Put a picture between two corners of a sheet. ``name`` is what people see in its properties."""
        if sheet.source not in self._drawings:
            self._drawings[sheet.source] = self._drawing(sheet)
        drawing = self._drawings[sheet.source]
        relation = drawing.relate(_IMAGE, picture.name)
        drawing.ids[relation] = relation
        self._shown.setdefault(drawing.name, []).append(_Picture(name, begin, end, relation))

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
        """Add the pictures to the drawing that their sheet has."""
        for number, picture in enumerate(self._shown.get(part.name, ())):
            root.append(parsed(self.job, _framed(_anchor(picture, _FIRST_ID + number)))[0])

    def write(self, writer: Writer) -> None:
        """Write the drawings of sheets that had none."""
        for part in self._made:
            anchors = [
                _anchor(picture, _FIRST_ID + number) for number, picture in enumerate(self._shown[part.name])
            ]
            writer.target.write(part.name, _framed("".join(anchors)))
            writer.declare(part)


def _framed(anchors: str) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{NS[prefix]}"' for prefix in ("xdr", "a", "r"))
    return f"{XML_HEAD}<xdr:wsDr {spaces}>{anchors}</xdr:wsDr>".encode()


def _anchor(picture: _Picture, number: int) -> str:
    """A picture over its cell, that moves and grows with it."""

    def corner(at: Corner) -> str:
        return (
            f"<xdr:col>{at.column}</xdr:col><xdr:colOff>{at.across}</xdr:colOff>"
            f"<xdr:row>{at.row}</xdr:row><xdr:rowOff>{at.down}</xdr:rowOff>"
        )

    return (
        f'<xdr:twoCellAnchor editAs="twoCell"><xdr:from>{corner(picture.begin)}</xdr:from>'
        f"<xdr:to>{corner(picture.end)}</xdr:to><xdr:pic><xdr:nvPicPr>"
        f'<xdr:cNvPr id="{number}" name="{picture.name}"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill>'
        f'<a:blip r:embed="{picture.relation}"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</xdr:spPr></xdr:pic><xdr:clientData/></xdr:twoCellAnchor>"
    )
