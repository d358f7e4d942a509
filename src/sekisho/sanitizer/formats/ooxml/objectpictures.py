"""Embedded objects and controls of sheets: the picture that stood for each stays, in the sheet's drawing ([MS-XLSX] 2.6.99)."""

from collections.abc import Iterator

from sekisho.sanitizer.formats.ooxml.addedpictures import AddedPictures
from sekisho.sanitizer.formats.ooxml.cellboxes import Corner
from sekisho.sanitizer.formats.ooxml.formcontrols import show_controls
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, local, parsed, qname

_OBJECTS = ("oleObject", "package", "control")  # the last words of relations that lead to one
_HELD = 16 << 20  # bytes of a sheet that is looked through
_PLACES = ("col", "colOff", "row", "rowOff")
_LAST = {"col": 16_383, "colOff": 1 << 31, "row": 1_048_575, "rowOff": 1 << 31}


def show_objects(plan: Plan, added: AddedPictures) -> None:
    """Add the pictures of all sheets' objects and controls. What is anchored nowhere, or has no look, leaves none."""
    shown: set[tuple[str, str]] = set()
    for sheet in [part for part in plan.parts.values() if part.kind.id == "worksheet"]:
        kinds = {relation.type.rpartition("/")[2] for relation in plan.source.relations(sheet.source)}
        if kinds.intersection(_OBJECTS) and plan.source.size_of(sheet.source) <= _HELD:
            shown.update((sheet.source, number) for number in _show(plan, sheet, added))
    show_controls(plan, added, shown)


def _show(plan: Plan, sheet: Part, added: AddedPictures) -> Iterator[str]:
    """Add the pictures of one sheet's objects; the numbers of the shapes that they stand for."""
    root = parsed(plan.job, plan.source.read(sheet.source))
    by_name = {part.name: part for part in plan.parts.values() if part.kind.id == "image"}
    pictures = {relation.id: by_name.get(relation.target) for relation in sheet.relations}
    for number, shown in enumerate(root.iter(qname("x:objectPr"), qname("x:controlPr")), start=1):
        picture = pictures.get(sheet.ids.get(shown.get(f"{{{NS['r']}}}id", ""), ""))
        begin, end = (_corner(shown, name) for name in ("from", "to"))
        if picture and begin and end:
            added.add(sheet, picture, f"object {number}", begin, end)
            yield shown.getparent().get("shapeId", "")


def _corner(shown: Element, name: str) -> Corner | None:
    """A corner of an object's anchor, where it is one that a sheet has."""
    place = shown.find(f"{{*}}anchor/{{*}}{name}")
    told = {} if place is None else {local(str(entry.tag)): (entry.text or "").strip() for entry in place}
    if not all(told.get(key, "").isascii() and told.get(key, "").isdigit() for key in _PLACES):
        return None
    numbers = [int(told[key][:12]) for key in _PLACES]
    fits = all(number <= _LAST[key] for key, number in zip(_PLACES, numbers, strict=True))
    return Corner(*numbers) if fits else None
