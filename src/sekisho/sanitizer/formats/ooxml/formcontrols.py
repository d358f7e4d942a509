"""Controls of sheets (boxes to tick, buttons ...): what people saw of each stays, as a picture or as words in a box.

Excel keeps how they look in the VML drawing to which ``legacyDrawing`` points ([MS-OI29500] 2.1.1772, ECMA-376-4, 19.4).
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.addedpictures import AddedPictures, Words
from sekisho.sanitizer.formats.ooxml.cellboxes import Corner
from sekisho.sanitizer.formats.ooxml.package import RELATIONS
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, local, parsed, qname
from sekisho.sanitizer.results import Refused

_DRAWING = RELATIONS + "vmlDrawing"
_OFFICE, _EXCEL = (f"{{urn:schemas-microsoft-com:office:{name}}}" for name in ("office", "excel"))
_HELD = 16 << 20  # bytes of a drawing that is looked through
_MOST = 5_000  # controls of a sheet
_PIXEL = 9_525  # in English metric units
_LAST_COLUMN, _LAST_ROW, _FARTHEST = 16_383, 1_048_575, 10_000
_TICKS = {"Checkbox": ("☐", "☑"), "Radio": ("○", "◉")}
_FRAMED = {"Button", "GBox", "Drop", "List", "Edit"}
_SHOWN = {*_TICKS, *_FRAMED, "Label"}
_HIDDEN = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)
_SIZE = re.compile(r"[1-9]\d{1,3}", re.ASCII)  # of letters, in twentieths of a point
_SMALLEST, _USUAL, _LARGEST = 600, 900, 7_200  # in hundredths
_LONGEST = 2_000
_BREAK = re.compile(rb"<br\s*>(?:\s*</br>)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Control:
    kind: str
    number: str  # of the shape
    begin: Corner
    end: Corner
    image: str = ""
    words: Words | None = None


def show_controls(plan: Plan, added: AddedPictures, shown: Container[tuple[str, str]]) -> None:
    """Add what all controls look like to the drawings of their sheets.

    ``shown``: sheets, and numbers of shapes in them, that are seen already. Controls that are not seen leave nothing.
    """
    found = [
        (sheet, control)
        for sheet in plan.parts.values()
        if sheet.kind.id == "worksheet"
        for drawing in plan.source.targets(sheet.source, _DRAWING).values()
        if plan.source.size_of(drawing) <= _HELD
        for control in _controls(plan, drawing)
        if (sheet.source, control.number) not in shown
    ]
    plan.add_images(dict.fromkeys(control.image for _sheet, control in found if control.image))
    for sheet, control in found:
        _add(plan, added, sheet, control)


def _add(plan: Plan, added: AddedPictures, sheet: Part, control: _Control) -> None:
    name = f"control {control.number}"
    if control.words:
        added.add_words(sheet, control.words, name, control.begin, control.end)
    else:
        picture = plan.parts[control.image.lower()]
        added.add(sheet, picture, name, control.begin, control.end)


def _controls(plan: Plan, drawing: str) -> list[_Control]:
    try:
        # The words of a control are HTML, in which Excel leaves ``<br>`` open.
        root = parsed(plan.job, _BREAK.sub(b"<br/>", plan.source.read(drawing)), recover=True)
    except (Refused, AttributeError):  # a drawing of which nothing can be read shows nothing
        return []
    images = plan.pictures_of(drawing)
    found: list[_Control] = []
    for shape in root.iter(qname("v:shape"), qname("v:rect")):
        if len(found) < _MOST and (control := _control(shape, images)):
            found.append(control)
    return found


def _control(shape: Element, images: dict[str, str]) -> _Control | None:
    told = shape.find(f"{_EXCEL}ClientData")
    if told is None or _HIDDEN.search(shape.get("style", "")):
        return None
    kind, corners = told.get("ObjectType", ""), _corners(told.findtext(f"{_EXCEL}Anchor") or "")
    number = re.sub(r"\D", "", (shape.get(f"{_OFFICE}spid") or shape.get("id", "")).rpartition("_s")[2])[:9]
    picture = shape.find(qname("v:imagedata"))
    image = "" if picture is None else images.get(picture.get(f"{_OFFICE}relid", ""), "")
    if corners is None:
        return None
    if kind == "Pict" and image:
        return _Control(kind, number, *corners, image=image)
    if kind in _SHOWN:
        return _Control(kind, number, *corners, words=_words(kind, shape, told))
    return None


def _words(kind: str, shape: Element, told: Element) -> Words | None:
    text = "\n".join(_lines(shape))[:_LONGEST]
    if kind in _TICKS:
        ticked = (told.findtext(f"{_EXCEL}Checked") or "").strip() == "1"
        text = f"{_TICKS[kind][ticked]} {text}".rstrip()
    elif kind == "Drop":
        text = "▼"
    sizes = (entry.get("size", "") for entry in shape.iter("font", "{*}font"))
    size = next((int(size) * 5 for size in sizes if _SIZE.fullmatch(size)), _USUAL)
    align = {"Button": "ctr", "Drop": "r"}.get(kind, "l")
    top = "t" if kind in {"GBox", "List"} else "ctr"
    return Words(text, max(_SMALLEST, min(size, _LARGEST)), kind in _FRAMED, align, top)


def _lines(shape: Element) -> Iterator[str]:
    """The words of a shape, line by line."""
    for box in shape.iter(qname("v:textbox")):
        line = ""
        for entry in box.iter():
            if local(str(entry.tag)) in {"div", "br", "p"} and line.strip():
                yield " ".join(line.split())
                line = ""
            line += entry.text or ""
            line += (entry.tail or "") if entry is not box else ""
        if line.strip():
            yield " ".join(line.split())


def _corners(anchor: str) -> tuple[Corner, Corner] | None:
    """Where an object stands: column, pixels into it, row and pixels into it, of two corners; None where no sheet has them."""
    told = [piece.strip() for piece in anchor.split(",")]
    if len(told) != 8 or not all(piece.isascii() and piece.isdigit() and len(piece) < 8 for piece in told):
        return None
    numbers = [int(piece) for piece in told]
    corners = [
        Corner(min(numbers[at], _LAST_COLUMN), min(numbers[at + 1], _FARTHEST) * _PIXEL,
               min(numbers[at + 2], _LAST_ROW), min(numbers[at + 3], _FARTHEST) * _PIXEL)
        for at in (0, 4)
    ]  # fmt: skip
    return corners[0], corners[1]
