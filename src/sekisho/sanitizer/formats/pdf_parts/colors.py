"""Colour spaces (8.6): device spaces, Lab, Separation and DeviceN; profiles give way to device spaces.

Palettes stay with pictures alone; what is painted with one is painted with the colours themselves (``palettes``).
"""

from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.functions import write_function
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable, entry, items, name, numbers, whole
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

_DEVICES = {
    "DeviceGray": "DeviceGray", "DeviceRGB": "DeviceRGB", "DeviceCMYK": "DeviceCMYK", "G": "DeviceGray",
    "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "CalGray": "DeviceGray", "CalRGB": "DeviceRGB",
    "CalCMYK": "DeviceCMYK",
}  # fmt: skip
_BY_COMPONENTS = {1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}
COMPONENTS = {"DeviceGray": 1, "DeviceRGB": 3, "DeviceCMYK": 4, "Lab": 3, "Indexed": 1, "Separation": 1}
# Names of inks that mean something to every reader; others become Spot1, Spot2 ...
_INKS = {"All", "None", "Cyan", "Magenta", "Yellow", "Black", "Red", "Green", "Blue", "Gray"}
_MAX_INKS = 32
_MAX_DEPTH = 6

Space = Name | Ref


def write_color_space(context: Context, source: Any, depth: int = 0) -> Space | None:
    """The new space: a device's name, or an object. None, reported, for what cannot be read."""
    simple = _simple(source)
    if simple:
        return Name(simple)
    if not isinstance(source, pikepdf.Array) or not len(source) or depth > _MAX_DEPTH:
        return None
    if name(source[0]) == "ICCBased":
        return _of_profile(context, source, depth)
    return context.once("color", source, lambda: context.writer.add(_composed(context, source, depth)))


def _simple(source: Any) -> str | None:
    found = name(source)
    if found is None and isinstance(source, pikepdf.Array) and len(source):
        found = name(source[0])
        if found == "Pattern" and len(source) > 1:
            return None
    return "Pattern" if found == "Pattern" else _DEVICES.get(found or "")


def _of_profile(context: Context, source: Any, depth: int) -> Space | None:
    """The alternate of a profile where that is Lab, else the device space of as many components."""
    stream = source[1] if len(source) > 1 else None
    alternate = entry(stream, "Alternate")
    if isinstance(alternate, pikepdf.Array) and len(alternate) and name(alternate[0]) == "Lab":
        return write_color_space(context, alternate, depth + 1)
    device = _BY_COMPONENTS.get(whole(entry(stream, "N")) or 0)
    if device is None:
        return write_color_space(context, alternate, depth + 1)
    context.removed("pdf.color_profile", stream, action="changed")
    return Name(device)


def _composed(context: Context, source: Any, depth: int) -> list[Any]:
    kind = name(source[0])
    if kind == "Lab":
        return [Name("Lab"), _lab(source)]
    if kind == "Pattern":
        under = source[1][1] if is_indexed(source[1]) else source[1]
        return [Name("Pattern"), base_space(context, under, depth)]
    if kind == "Separation" and len(source) >= 4:
        base, tint = base_space(context, source[2], depth), write_function(context, source[3])
        return [Name("Separation"), _ink(source[1], 1), base, tint]
    if kind == "DeviceN" and len(source) >= 4:
        inks = [_ink(item, at) for at, item in enumerate(items(source[1], _MAX_INKS), start=1)]
        return [
            Name("DeviceN"),
            inks,
            base_space(context, source[2], depth),
            write_function(context, source[3]),
        ]
    raise Unreadable("pdf.color_space", kind or "")


def is_indexed(space: Any) -> bool:
    """Whether a colour space of the source is a palette."""
    return isinstance(space, pikepdf.Array) and len(space) == 4 and name(space[0]) in {"Indexed", "I"}


def base_space(context: Context, source: Any, depth: int = 0) -> Space:
    """The space that another one stands on. Raises ``Unreadable`` where there is none."""
    made = write_color_space(context, source, depth + 1)
    if made is None or made == "Pattern":
        raise Unreadable("pdf.color_space")
    return made


def _lab(source: Any) -> dict[str, Any]:
    settings = source[1] if len(source) > 1 else None
    found: dict[str, Any] = {"WhitePoint": numbers(entry(settings, "WhitePoint"), 3) or [0.9505, 1, 1.089]}
    if limits := numbers(entry(settings, "Range"), 4):
        found["Range"] = limits
    return found


def _ink(value: Any, at: int) -> Name:
    found = name(value) or ""
    return Name(found if found in _INKS else f"Spot{at}")


def components_of(source: Any) -> int | None:
    """How many numbers make a colour in this space of the source."""
    simple = _simple(source)
    if simple:
        return COMPONENTS.get(simple)
    if not isinstance(source, pikepdf.Array) or len(source) < 2:
        return None
    kind = name(source[0])
    if kind == "ICCBased":
        return whole(entry(source[1], "N"), 1, 4)
    if kind == "DeviceN":
        return len(list(items(source[1], _MAX_INKS)))
    return COMPONENTS.get({"I": "Indexed"}.get(kind or "", kind or ""))
