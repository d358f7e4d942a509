"""Embedded objects and controls of slides: the picture that stood for each stays, where it stood (ECMA-376-1, 19.3.2.4 and 19.3.2.1).

Newer versions of PowerPoint write the picture into the slide; PowerPoint 2007 left it in a VML drawing beside the slide, to
whose shape ``spid`` points.
"""

import re
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.package import RELATIONS
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, parsed, qname
from sekisho.sanitizer.results import Refused

_IMAGE, _DRAWING = RELATIONS + "image", RELATIONS + "vmlDrawing"
_OBJECTS = {"oleObject", "package", "control"}  # the last words of relations that lead to one
_OWN = "{urn:schemas-microsoft-com:office:office}"
_LENGTH = re.compile(
    r"(left|top|width|height)\s*:\s*(-?\d{1,5}(?:\.\d{1,9})?)(pt|in|px|)\s*(?:;|$)", re.ASCII
)
_UNITS = {"pt": 12_700, "in": 914_400, "px": 9_525, "": 9_525}  # English metric units of one
_BOX = ("left", "top", "width", "height")


@dataclass(frozen=True)
class _Shape:
    """A shape of a VML drawing: its picture, and where it stands, where it says so."""

    image: str
    box: tuple[int, ...]


class ObjectPictures:
    """The pictures of all objects of a presentation. To be made before its parts are written."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        self._shapes: dict[str, dict[str, _Shape]] = {}  # by the source of a slide
        for part in [entry for entry in plan.parts.values() if entry.kind.id != "image"]:
            self._gather(part)
        images = {shape.image for shapes in self._shapes.values() for shape in shapes.values()}
        self._added = sorted(image for image in images if image.lower() not in plan.parts)
        plan.add_images(self._added)

    def _gather(self, part: Part) -> None:
        relations = self.plan.source.relations(part.source)
        if not _OBJECTS.intersection(relation.type.rpartition("/")[2] for relation in relations):
            return
        found = self._shapes.setdefault(part.source, {})
        for drawing in self.plan.source.targets(part.source, _DRAWING).values():
            found.update(self._shapes_of(drawing))

    def _shapes_of(self, drawing: str) -> dict[str, _Shape]:
        try:
            root = parsed(self.job, self.plan.source.read(drawing))
        except Refused:  # a drawing that is no XML holds nothing that can be shown
            return {}
        images = self.plan.pictures_of(drawing)
        found = {}
        for shape in root.iter(qname("v:shape"), qname("v:rect")):
            image = shape.find(qname("v:imagedata"))
            target = "" if image is None else images.get(image.get(f"{_OWN}relid", ""), "")
            if target:
                name = shape.get(f"{_OWN}spid") or shape.get("id", "")
                found[name] = _Shape(target, _box(shape.get("style", "")))
        return found

    def show(self, part: Part, root: Element) -> None:
        """Put the picture of every object and control in its place."""
        for frame in list(root.iter(qname("p:graphicFrame"))):
            embedded = next(frame.iter(qname("p:oleObj")), None)
            if embedded is not None:
                self.job.removed("ooxml.embedded", part=part.source, detail="oleObj")
                self._show_object(part, frame, embedded)
        tree = next(root.iter(qname("p:spTree")), None)
        for control in list(root.iter(qname("p:control"))):
            picture = control.find(qname("p:pic"))
            if picture is None:
                picture = self._drawn(part, control, ())
            self.job.removed("ooxml.control", part=part.source, detail="control")
            drop(control)
            if picture is not None and tree is not None:
                tree.append(picture)
        for controls in list(root.iter(qname("p:controls"))):
            drop(controls)

    def forget_unseen(self) -> None:
        """Leave out the pictures that were added and that no slide shows, once all are settled."""
        shown = {relation.target for part in self.plan.parts.values() for relation in part.relations}
        for image in self._added:
            part = self.plan.parts[image.lower()]
            if part.name not in shown:
                del self.plan.parts[image.lower()], self.plan.pictures[part.name]

    def _show_object(self, part: Part, frame: Element, embedded: Element) -> None:
        picture = embedded.find(qname("p:pic"))
        if picture is None:
            picture = self._drawn(part, embedded, _place(frame))
        if picture is None:
            return
        frame.getparent().replace(frame, picture)
        names = picture.find(f"{qname('p:nvPicPr')}/{qname('p:cNvPr')}")
        own = frame.find(f"{qname('p:nvGraphicFramePr')}/{qname('p:cNvPr')}")
        if names is not None and own is not None and own.get("id"):
            names.set("id", own.get("id"))

    def _drawn(self, part: Part, thing: Element, box: tuple[int, ...]) -> Element | None:
        """A new picture from the VML drawing; None where there is none. ``box``: where it stands, unless the drawing says."""
        spid = thing.get("spid", "")
        shapes = self._shapes.get(part.source, {})
        shape = shapes.get(spid) or shapes.get(f"_x0000_s{spid}")
        box = box or (shape.box if shape else ())
        image = self.plan.parts.get(shape.image.lower()) if shape else None
        if image is None or not box:
            return None
        relation = part.relate(_IMAGE, image.name)
        part.ids[relation] = relation
        return parsed(self.job, _picture(relation, spid, box))


def _box(style: str) -> tuple[int, ...]:
    said = {name: round(float(number) * _UNITS[unit]) for name, number, unit in _LENGTH.findall(style)}
    return tuple(said[name] for name in _BOX) if said.keys() >= set(_BOX) else ()


def _place(frame: Element) -> tuple[int, ...]:
    """Left, top, width and height of a frame; nothing where it does not say."""
    place = frame.find(qname("p:xfrm"))
    start, extent = (None if place is None else place.find(qname(name)) for name in ("a:off", "a:ext"))
    if start is None or extent is None:
        return ()
    told = (start.get("x", ""), start.get("y", ""), extent.get("cx", ""), extent.get("cy", ""))
    return tuple(map(int, told)) if all(re.fullmatch(r"-?\d{1,12}", one) for one in told) else ()


def _picture(relation: str, spid: str, box: tuple[int, ...]) -> bytes:
    spaces = " ".join(f'xmlns:{prefix}="{NS[prefix]}"' for prefix in ("p", "a", "r"))
    left, top, width, height = box
    number = re.sub(r"\D", "", spid)[-9:] or "1"
    return (
        f'<p:pic {spaces}><p:nvPicPr><p:cNvPr id="{number}" name="object {number}"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>'
        f'<p:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm>'
        f'<a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    ).encode()
