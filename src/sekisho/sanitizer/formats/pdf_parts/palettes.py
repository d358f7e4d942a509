"""Palettes (8.6.6.3): each picture gets one of the colours it shows, each once and in order.

A palette as received is hundreds of bytes of anybody's choice, of which a picture need not show one. What content paints
with it is painted with the colours themselves (``painting``).
"""

from typing import Any

import pikepdf
from PIL import Image

from sekisho.sanitizer.formats.pdf_parts.colors import base_space, components_of
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.profiles import profile_of
from sekisho.sanitizer.formats.pdf_parts.values import (
    Number,
    Unreadable,
    decoded,
    entry,
    name,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

Colour = list[Number]

_LAB_RANGE = [-100, 100, -100, 100]
_UNPACKED = {1: "P;1", 2: "P;2", 4: "P;4", 8: "P"}


def write_indexed(
    context: Context, entries: dict[str, Any], space: Any, samples: bytes, *, bits: int, decode: Any
) -> Ref:
    """A picture with a palette of its own. ``samples``: packed rows; ``decode``: two numbers or None (8.9.5.2).

    Colours that ``entries`` leave out by their number (8.9.6.4) become a mask.
    """
    if bits not in _UNPACKED:
        raise Unreadable("pdf.color_space", "Indexed")
    size = (entries["Width"], entries["Height"])
    picture = Image.frombytes("P", size, samples, "raw", _UNPACKED[bits])
    if type(entries.get("Mask")) is list:
        entries["Mask"] = _masked(context, picture, entries["Mask"])
    table = _table(context, space)
    meant = [_meant(value, (1 << bits) - 1, decode, len(table) - 1) for value in range(256)]
    shown = {value for value, count in enumerate(picture.histogram()[:256]) if count}
    colours = sorted({table[meant[value]] for value in shown})
    places = {colour: place for place, colour in enumerate(colours)}
    picture = picture.point([places[table[meant[value]]] if value in shown else 0 for value in range(256)])
    packed = next(bits for bits in (1, 2, 4, 8) if len(colours) <= 1 << bits)
    palette = [Name("Indexed"), base_space(context, space[1]), len(colours) - 1, b"".join(colours)]
    entries |= {"ColorSpace": context.writer.add(palette), "BitsPerComponent": packed}
    return context.writer.add_stream(entries, picture.tobytes("raw", _UNPACKED[packed]))


def _table(context: Context, space: Any) -> list[bytes]:
    """The colours of a palette by number, as its profile shows them."""
    components, highest, lookup = components_of(space[1]), whole(space[2], 0, 255), space[3]
    if not components or highest is None:
        raise Unreadable("pdf.color_space", "Indexed")
    listed = bytes(lookup) if isinstance(lookup, pikepdf.String) else decoded(lookup)
    listed = listed.ljust((highest + 1) * components, b"\x00")[: (highest + 1) * components]
    if profile := profile_of(context, space[1]):
        mode = "L" if components == 1 else "RGB"
        listed = profile.changed(Image.frombytes(mode, (highest + 1, 1), listed)).tobytes()
    return [listed[components * at : components * (at + 1)] for at in range(highest + 1)]


def _meant(value: int, largest: int, decode: Any, last: int) -> int:
    """The colour's number that a sample stands for; readers take the last colour for those beyond."""
    if decode:
        low, high = decode
        value = round(low + min(value, largest) * (high - low) / largest)
    return max(0, min(value, last))


def _masked(context: Context, picture: Image.Image, out: list[int]) -> Ref | list[int]:
    if len(out) != 2:
        return []
    mask = picture.point([255 if out[0] <= value <= out[1] else 0 for value in range(256)], "1")
    entries = {
        "Type": Name("XObject"), "Subtype": Name("Image"), "Width": mask.width, "Height": mask.height,
        "ImageMask": True, "BitsPerComponent": 1,
    }  # fmt: skip
    return context.writer.add_stream(entries, mask.tobytes())


def colours_of(context: Context, space: Any) -> list[Colour]:
    """The colours of a palette by number, as numbers of the space it stands on."""
    base = space[1]
    limits = [0.0, 1.0] * (components_of(base) or 0)
    if isinstance(base, pikepdf.Array) and len(base) > 1 and name(base[0]) == "Lab":
        limits = [0, 100, *(numbers(entry(base[1], "Range"), 4) or _LAB_RANGE)]
    return [
        [
            round(low + value * (high - low) / 255, 4)
            for value, low, high in zip(colour, limits[::2], limits[1::2], strict=True)
        ]
        for colour in _table(context, space)
    ]
