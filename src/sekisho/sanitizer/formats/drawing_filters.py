"""The filters of drawings, of which a line of text can keep resvg busy for hours.

Its work grows with the pixels and with the noise, the radius or the matrix that each of them asks for. What it would take is
told from those, and a filter that asks for too much is left out: its shapes are drawn as if they had none.
"""

import math
import re
from typing import Any

from lxml import etree

_MOST_STEPS = 1_500_000_000  # of one filter: some 15 seconds on the machine of docs/performance.md
_MOST_OCTAVES = 10  # each is half as strong as the one before: the eleventh changes no sample of 8 bits
_PER_OCTAVE, _PER_PRIMITIVE = 5, 3  # steps to a pixel
_SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"[+-]?+(?>[0-9]++\.?+[0-9]*+|\.[0-9]++)(?>[eE][+-]?+[0-9]{1,2})?+")


def leave_out_costly(root: Any, pixels: int, zoom: float, extent: float) -> int:
    """How many filters were left out of a drawing.

    ``pixels`` it is drawn in, ``zoom`` of them to a unit of its coordinates and ``extent`` of its longer side in these units.
    """
    left_out = 0
    for found in root.iter(f"{_SVG}filter"):
        unit = extent if found.get("primitiveUnits") == "objectBoundingBox" else 1.0
        steps = sum(_steps(primitive, zoom * unit) for primitive in found if isinstance(primitive.tag, str))
        if steps * min(pixels, _region(found, zoom)) > _MOST_STEPS:
            for primitive in list(found):
                found.remove(primitive)
            etree.SubElement(found, f"{_SVG}feOffset")  # none at all would hide the shape
            left_out += 1
    return left_out


def _steps(primitive: Any, zoom: float) -> float:
    """The work for each pixel."""
    name = etree.QName(primitive).localname
    if name == "feTurbulence":
        octaves = (numbers(primitive.get("numOctaves")) or [1.0])[0]
        if octaves > _MOST_OCTAVES:
            primitive.set("numOctaves", str(_MOST_OCTAVES))
        return _PER_OCTAVE * min(octaves, _MOST_OCTAVES)
    if name == "feMorphology":
        return 4 * _area(primitive.get("radius"), 1.0) * zoom**2
    if name == "feConvolveMatrix":
        return _area(primitive.get("order"), 3.0)
    return _PER_PRIMITIVE


def _area(sides: str | None, default: float) -> float:
    across, *down = numbers(sides) or [default]
    return abs(across * (down or [across])[0])


def _region(found: Any, zoom: float) -> float:
    """The pixels that a filter works on, where it says so in the units of the drawing."""
    sides = found.get("width", ""), found.get("height", "")
    width, height = map(numbers, sides)
    if found.get("filterUnits") != "userSpaceOnUse" or not width or not height or "%" in "".join(sides):
        return math.inf
    return width[0] * height[0] * zoom**2


def numbers(text: str | None) -> list[float]:
    """The numbers in a value of an attribute, of any unit."""
    return [float(number) for number in _NUMBER.findall(text or "")]
