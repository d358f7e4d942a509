"""Form XObjects (8.10): content streams that are drawn as one; their resources are what they use."""

from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts import colors, images
from sekisho.sanitizer.formats.pdf_parts.context import Context, Made
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    box,
    dictionary,
    entry,
    is_external,
    name,
    numbers,
)
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

_IDENTITY = [1, 0, 0, 1, 0, 0]
_KEYS = {
    "Type", "Subtype", "FormType", "BBox", "Matrix", "Resources", "Group", "Length", "Filter", "DecodeParms",
    "DL", "Name", "StructParents", "StructParent", "OC",
}  # fmt: skip


def write_xobject(context: Context, source: Any, around: tuple[Any, ...]) -> Ref | None:
    """The new form or picture for what ``Do`` draws, None when there is nothing to draw."""
    if not isinstance(source, pikepdf.Stream):
        return None
    kind = name(entry(source, "Subtype"))
    if kind == "Image":
        return context.once("image", source, lambda: images.write_image(context, source))
    if kind == "Form" or (kind is None and "/BBox" in source):
        # Without resources of its own it takes those of the page, and so is another on each.
        place = (
            "form" if dictionary(entry(source, "Resources")) is not None else f"form of page {context.page}"
        )
        return context.once(place, source, lambda: write_form(context, source, around))
    context.removed("pdf.content", source, detail=kind or "XObject")
    return None


def write_form(context: Context, source: Any, around: tuple[Any, ...], **more: Any) -> Ref:
    """A form with its content, and ``more`` entries."""
    if is_external(source):
        raise Unreadable("pdf.external")
    context.unknown_keys(source, _KEYS)
    bounds = box(entry(source, "BBox"))
    if bounds is None:
        raise Unreadable(detail="BBox")
    made = context.rewritten(source, around)
    entries: dict[str, Any] = {
        "Type": Name("XObject"), "Subtype": Name("Form"), "BBox": bounds, "Resources": made.resources, **more,
    }  # fmt: skip
    matrix = numbers(entry(source, "Matrix"), 6)
    if matrix and matrix != _IDENTITY:
        entries["Matrix"] = matrix
    if group := transparency_group(context, entry(source, "Group")):
        entries["Group"] = group
    return written(context, entries, made)


def written(context: Context, entries: dict[str, Any], made: Made) -> Ref:
    """Write a content stream with its entries, and remember how much it draws."""
    ref = context.writer.add_stream(entries, made.data)
    context.weights[ref.number] = made.weight
    return ref


def transparency_group(context: Context, source: Any) -> dict[str, Any] | None:
    """A group that is blended as a whole (11.6.6)."""
    if name(entry(source, "S")) != "Transparency":
        return None
    group: dict[str, Any] = {"S": Name("Transparency")}
    space = entry(source, "CS")
    if space is not None and (made := colors.write_color_space(context, space)) and made != "Pattern":
        group["CS"] = made
    for key in ("I", "K"):
        value = entry(source, key)
        if isinstance(value, bool):
            group[key] = value
    return group
