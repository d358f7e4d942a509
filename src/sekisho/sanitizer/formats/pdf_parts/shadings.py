"""Shadings (8.7.4.5): gradients by functions, and meshes whose records are read and written one by one."""

from collections.abc import Iterator
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.colors import components_of, write_color_space
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.functions import write_function
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    box,
    decoded,
    dictionary,
    entry,
    items,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Ref

_COORDS = {2: 4, 3: 6}
_MAX_RECORDS = 500_000
# Points and colours of a patch by its flag: the first of a row has all, the others share an edge (8.7.4.5.7).
_PATCH = {6: ((12, 4), (8, 2)), 7: ((16, 4), (12, 2))}


def write_shading(context: Context, source: Any) -> Ref | None:
    """The new shading, None when it cannot be read."""
    return context.once("shading", source, lambda: _made(context, source))


def _made(context: Context, source: Any) -> Ref:
    kind = whole(entry(source, "ShadingType"), 1, 7)
    space = write_color_space(context, entry(source, "ColorSpace"))
    components = components_of(entry(source, "ColorSpace"))
    if kind is None or space is None or space == "Pattern" or components is None:
        raise Unreadable(detail="shading")
    entries: dict[str, Any] = {"ShadingType": kind, "ColorSpace": space}
    if background := numbers(entry(source, "Background"), components):
        entries["Background"] = background
    if bounds := box(entry(source, "BBox")):
        entries["BBox"] = bounds
    if isinstance(entry(source, "AntiAlias"), bool):
        entries["AntiAlias"] = entry(source, "AntiAlias")
    if function := _function(context, entry(source, "Function")):
        entries["Function"] = function
    if kind in {1, 2, 3}:
        return context.writer.add(entries | _geometry(source, kind, "Function" in entries))
    if not isinstance(source, pikepdf.Stream):
        raise Unreadable(detail="shading")
    layout = _Layout(source, kind, 1 if function else components)
    data = b"".join(layout.records(decoded(source)))
    return context.writer.add_stream(entries | layout.entries, data)


def _function(context: Context, source: Any) -> Any:
    if isinstance(source, pikepdf.Array):
        return [write_function(context, item) for item in items(source, 32)]
    return write_function(context, source) if dictionary(source) is not None else None


def _geometry(source: Any, kind: int, has_function: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not has_function:
        raise Unreadable(detail="shading")
    if kind == 1:
        for key, count in (("Domain", 4), ("Matrix", 6)):
            if values := numbers(entry(source, key), count):
                found[key] = values
        return found
    coords = numbers(entry(source, "Coords"), _COORDS[kind])
    if coords is None:
        raise Unreadable(detail="shading")
    found["Coords"] = coords
    if domain := numbers(entry(source, "Domain"), 2):
        found["Domain"] = domain
    extend = list(items(entry(source, "Extend"), 2))
    if len(extend) == 2 and all(isinstance(end, bool) for end in extend):
        found["Extend"] = extend
    return found


class _Layout:
    """How the bits of a mesh are laid out: flags, coordinates, colours."""

    def __init__(self, source: Any, kind: int, components: int) -> None:
        self.kind = kind
        self.components = components
        self.coordinate = whole(entry(source, "BitsPerCoordinate"), 1, 32) or 0
        self.component = whole(entry(source, "BitsPerComponent"), 1, 16) or 0
        self.flag = (whole(entry(source, "BitsPerFlag"), 2, 8) or 0) if kind != 5 else 0
        decode = numbers(entry(source, "Decode"), 4 + 2 * components)
        if not (self.coordinate and self.component and decode) or (kind != 5 and not self.flag):
            raise Unreadable(detail="shading")
        self.entries: dict[str, Any] = {
            "BitsPerCoordinate": self.coordinate, "BitsPerComponent": self.component, "Decode": decode,
        }  # fmt: skip
        if kind == 5:
            row = whole(entry(source, "VerticesPerRow"), 2)
            if row is None:
                raise Unreadable(detail="shading")
            self.entries["VerticesPerRow"] = row
        else:
            self.entries["BitsPerFlag"] = self.flag

    def records(self, data: bytes) -> Iterator[bytes]:
        """Each record as its bits, padded to bytes; an incomplete last one is left out."""
        at = 0
        for _count in range(_MAX_RECORDS):
            if at >= len(data):
                return
            bits = self._bits(data[at])
            length = (bits + 7) // 8
            record = data[at : at + length]
            if len(record) < length:
                return
            spare = length * 8 - bits
            yield (int.from_bytes(record, "big") >> spare << spare).to_bytes(length, "big")
            at += length
        raise Unreadable(detail="shading")

    def _bits(self, first: int) -> int:
        if self.kind in {4, 5}:
            return self.flag + 2 * self.coordinate + self.components * self.component
        flag = first >> (8 - self.flag) & 3
        points, colours = _PATCH[self.kind][bool(flag)]
        return self.flag + points * 2 * self.coordinate + colours * self.components * self.component
