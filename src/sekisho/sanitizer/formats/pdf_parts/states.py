"""Extended graphics states (8.4.5): what changes how things are painted, and nothing else."""

from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts import fonts, forms
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.functions import write_function
from sekisho.sanitizer.formats.pdf_parts.values import dictionary, entry, items, name, number, numbers
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

_NUMBERS = ("LW", "LC", "LJ", "ML", "CA", "ca", "OPM", "FL", "SM")
_SWITCHES = ("OP", "op", "SA", "AIS", "TK")
_BLENDS = {
    "Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn",
    "HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity",
}  # fmt: skip
_INTENTS = {"AbsoluteColorimetric", "RelativeColorimetric", "Saturation", "Perceptual"}
_KEYS = {*_NUMBERS, *_SWITCHES, "Type", "D", "RI", "BM", "SMask", "Font"}


def write_state(context: Context, source: Any, around: tuple[Any, ...]) -> Ref | None:
    """The new state. Transfer functions, halftones and the like are for printers and go."""
    return context.once("state", source, lambda: _made(context, source, around))


def _made(context: Context, source: Any, around: tuple[Any, ...]) -> Ref:
    context.unknown_keys(source, _KEYS)
    entries: dict[str, Any] = {"Type": Name("ExtGState")}
    for key in _NUMBERS:
        if (amount := number(entry(source, key))) is not None:
            entries[key] = amount
    for key in _SWITCHES:
        if isinstance(entry(source, key), bool):
            entries[key] = entry(source, key)
    entries |= _dash(source) | _blend(source) | _font(context, source)
    if (intent := name(entry(source, "RI"))) in _INTENTS:
        entries["RI"] = Name(intent)
    weight = 0
    mask = entry(source, "SMask")
    if name(mask) == "None":
        entries["SMask"] = Name("None")
    elif dictionary(mask) is not None and (made := _soft_mask(context, mask, around)):
        entries["SMask"] = made
        weight = context.weights.get(made["G"].number, 0)
    ref = context.writer.add(entries)
    context.weights[ref.number] = weight
    return ref


def _dash(source: Any) -> dict[str, Any]:
    parts = list(items(entry(source, "D"), 2))
    if len(parts) != 2:
        return {}
    lengths, phase = numbers(parts[0], most=100), number(parts[1])
    return {"D": [lengths, phase]} if lengths is not None and phase is not None else {}


def _blend(source: Any) -> dict[str, Any]:
    mode = entry(source, "BM")
    wanted = [name(mode)] if not isinstance(mode, pikepdf.Array) else [name(item) for item in items(mode, 20)]
    known = next((found for found in wanted if found in _BLENDS), None)
    return {"BM": Name(known)} if known else {}


def _font(context: Context, source: Any) -> dict[str, Any]:
    parts = list(items(entry(source, "Font"), 2))
    size = number(parts[1]) if len(parts) == 2 else None
    if size is None or dictionary(parts[0]) is None:
        return {}
    ref = fonts.write_font(context, parts[0])
    return {"Font": [ref, size]} if ref else {}


def _soft_mask(context: Context, source: Any, around: tuple[Any, ...]) -> dict[str, Any] | None:
    """A mask drawn by a form (11.6.5.2)."""
    kind, form = name(entry(source, "S")), entry(source, "G")
    if kind not in {"Alpha", "Luminosity"} or not isinstance(form, pikepdf.Stream):
        return None
    ref = context.once("form", form, lambda: forms.write_form(context, form, around))
    if ref is None:
        return None
    mask: dict[str, Any] = {"Type": Name("Mask"), "S": Name(kind), "G": ref}
    if backdrop := numbers(entry(source, "BC"), most=32):
        mask["BC"] = backdrop
    transfer = entry(source, "TR")
    if dictionary(transfer) is not None:
        mask["TR"] = write_function(context, transfer)
    return mask
