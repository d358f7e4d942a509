"""Appearance streams of annotations (12.5.5): which one is shown, and where."""

import re
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.values import Number, box, entry, items, name, number, numbers, whole
from sekisho.sanitizer.formats.pdf_writer import number_bytes

_INVISIBLE = 0x2 | 0x20  # hidden, not for the screen
_SIZE = re.compile(rb"([\d.]{1,12}+)\s++Tf")
_COLOUR = re.compile(rb"(?>[\d.]{1,12}+\s++){1,4}+(?>g|rg|k)(?=\s|\Z)")
_BLACK = b"0 g"
_BY_COMPONENTS = {1: (b"G", b"g"), 3: (b"RG", b"rg"), 4: (b"K", b"k")}


def is_invisible(annotation: Any) -> bool:
    """Whether its flags keep it off the screen."""
    return bool((whole(entry(annotation, "F"), 0) or 0) & _INVISIBLE)


def inner_rectangle(annotation: Any, border: float) -> list[Number] | None:
    """The rectangle of what is drawn: without what lies around it (``RD``) and so much on each side; None where none is left."""
    place, around = box(entry(annotation, "Rect")), numbers(entry(annotation, "RD"), 4) or [0, 0, 0, 0]
    if place is None:
        return None
    left, bottom, right, top = place
    inner = [
        left + around[0] + border,
        bottom + around[1] + border,
        right - around[2] - border,
        top - around[3] - border,
    ]
    return inner if inner[0] < inner[2] and inner[1] < inner[3] else None


def border_width(annotation: Any) -> float:
    """How wide its border is (12.5.4), 1 where it does not say."""
    listed = list(items(entry(annotation, "Border"), 4))
    given = number(entry(entry(annotation, "BS"), "W"))
    if given is None and len(listed) > 2:
        given = number(listed[2])
    return 1.0 if given is None else float(min(max(given, 0), 100))


def shown(annotation: Any) -> tuple[Any, bytes] | None:
    """An appearance, and the operator that places it over its rectangle (12.5.5, algorithm 8)."""
    form, place = appearance(annotation), box(entry(annotation, "Rect"))
    bounds = box(entry(form, "BBox")) if form is not None else None
    if form is None or place is None or bounds is None:
        return None
    matrix = _placed(bounds, numbers(entry(form, "Matrix"), 6) or [1, 0, 0, 1, 0, 0], place)
    if matrix is None:
        return None
    return form, b" ".join(number_bytes(value, 6) for value in matrix) + b" cm"


def appearance(annotation: Any) -> Any:
    """The normal appearance, in the state that is shown."""
    normal = entry(entry(annotation, "AP"), "N")
    if isinstance(normal, pikepdf.Dictionary) and not isinstance(normal, pikepdf.Stream):
        state = name(entry(annotation, "AS")) or name(entry(annotation, "V")) or "Off"
        normal = entry(normal, state)
    return normal if isinstance(normal, pikepdf.Stream) else None


def _placed(bounds: list[Number], matrix: list[Number], place: list[Number]) -> list[float] | None:
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in bounds[::2] for y in bounds[1::2]]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    bottom, top = min(y for _, y in corners), max(y for _, y in corners)
    if right <= left or top <= bottom:
        return None
    across, up = (place[2] - place[0]) / (right - left), (place[3] - place[1]) / (top - bottom)
    return [across, 0, 0, up, place[0] - left * across, place[1] - bottom * up]


def look_of_letters(asked: Any) -> tuple[float, bytes]:
    """The size and the colour in a default appearance string, 0 and black where it does not tell."""
    said = bytes(asked) if isinstance(asked, pikepdf.String) else b""
    sizes, colours = _SIZE.findall(said), [match[0] for match in _COLOUR.finditer(said)]
    try:
        size = min(float(sizes[-1]), 300.0) if sizes else 0.0
    except ValueError:
        size = 0.0
    return size, colours[-1] if colours else _BLACK


def color_operator(source: Any, which: int) -> bytes:
    """The operator that chooses a colour, to stroke (0) or to fill (1); empty for none."""
    amounts = numbers(source, most=4)
    if not amounts or len(amounts) not in _BY_COMPONENTS:
        return b""
    return b" ".join(map(number_bytes, amounts)) + b" " + _BY_COMPONENTS[len(amounts)][which]
