"""Patterns (8.7): tiles are content streams, the others are shadings."""

from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts import forms, shadings
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    box,
    dictionary,
    entry,
    is_external,
    number,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Name, Ref


def write_pattern(context: Context, source: Any, around: tuple[Any, ...]) -> Ref | None:
    """The new pattern, None when it cannot be read."""
    kind = whole(entry(source, "PatternType"))
    if kind == 1 and isinstance(source, pikepdf.Stream):
        return context.once("pattern", source, lambda: _tiling(context, source, around))
    if kind == 2:
        return context.once("pattern", source, lambda: _shading(context, source))
    context.removed("pdf.content", source, detail="pattern")
    return None


def _tiling(context: Context, source: Any, around: tuple[Any, ...]) -> Ref:
    bounds = box(entry(source, "BBox"))
    steps = [number(entry(source, key)) for key in ("XStep", "YStep")]
    if bounds is None or not steps[0] or not steps[1] or is_external(source):
        raise Unreadable(detail="pattern")
    made = context.rewritten(source, around)
    entries: dict[str, Any] = {
        "Type": Name("Pattern"), "PatternType": 1, "PaintType": whole(entry(source, "PaintType"), 1, 2) or 1,
        "TilingType": whole(entry(source, "TilingType"), 1, 3) or 1, "BBox": bounds, "XStep": steps[0],
        "YStep": steps[1], "Resources": made.resources,
    }  # fmt: skip
    return forms.written(context, entries | _matrix(source), made)


def _shading(context: Context, source: Any) -> Ref:
    shading = entry(source, "Shading")
    made = shadings.write_shading(context, shading) if dictionary(shading) is not None else None
    if made is None:
        raise Unreadable(detail="pattern")
    return context.writer.add({"Type": Name("Pattern"), "PatternType": 2, "Shading": made} | _matrix(source))


def _matrix(source: Any) -> dict[str, Any]:
    matrix = numbers(entry(source, "Matrix"), 6)
    return {"Matrix": matrix} if matrix else {}
