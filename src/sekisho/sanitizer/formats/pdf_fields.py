"""Fields of a form whose values are left to be drawn by whoever shows them (12.7.2, 12.7.3.3).

pdfium draws them as readers do, in a copy of the source of which everything is then read. Japanese it would set in fonts
that not every reader has, with Chinese forms and without rarer letters of names: such words are set anew by ``pdf_lettering``.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_lettering import CENTRED, RIGHT, Lettering, Place, has_letters_for
from sekisho.sanitizer.formats.pdf_parts.appearances import border_width, look_of_letters
from sekisho.sanitizer.formats.pdf_parts.values import (
    box,
    dictionary,
    entry,
    inherited,
    items,
    name,
    text,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import number_bytes

_MAX_FIELDS = 5_000  # of a page
_MAX_CHOICES = 10_000  # of a field
_MAX_LETTERS = 20_000  # of a field
_LINES, _PASSWORD, _PUSHED, _COMBO, _CELLS = 1 << 12, 1 << 13, 1 << 16, 1 << 17, 1 << 24  # flags of fields
_ARROW = 13  # the width that pdfium keeps free for it, in a list to be opened
_CHOSEN = b"0.6 0.75686 0.8549 rg"
_LINE_OF_CHOICES = 1.25  # in sizes
_DEFAULT_SIZE = 12.0

Where = tuple[int, int]  # a page, from 0, and a place among its annotations


def left(pdf: pikepdf.Pdf) -> dict[Where, Any]:
    """The fields whose values are left to be drawn."""
    form = entry(pdf.Root, "AcroForm")
    if form is None:
        return {}
    draws_all = entry(form, "NeedAppearances") is True
    return {where: field for where, field in _fields(pdf) if draws_all or _is_undrawn(field)}


def lack_letters(fields: dict[Where, Any]) -> bool:
    """Whether fields say what no font here is sure to have."""
    return any(not _can_be_drawn(said) for field in fields.values() for said in _shown(field))


def to_letter(fields: dict[Where, Any]) -> list[Where]:
    """Those that say what pdfium sets badly."""
    return [where for where, field in fields.items() if not all(map(_is_western, _shown(field)))]


def letter(pdf: pikepdf.Pdf, places: list[Where]) -> list[str]:
    """Set what these fields say anew, in a copy of the source in which pdfium drew them; the codes that tell of it."""
    form, lettering, wanted = pdf.Root.AcroForm, Lettering(pdf), set(places)
    for where, field in list(_fields(pdf)):
        if where in wanted:
            _letter(pdf, form, field, lettering)
    if "/NeedAppearances" in form:
        del form.NeedAppearances  # or pdfium would draw them once more
    return lettering.finish()


def _fields(pdf: pikepdf.Pdf) -> Iterator[tuple[Where, Any]]:
    for index, page in enumerate(pdf.pages):
        for at, field in enumerate(items(entry(page.obj, "Annots"), _MAX_FIELDS)):
            if name(entry(field, "Subtype")) == "Widget":
                yield (index, at), field


def _is_undrawn(field: Any) -> bool:
    """Whether a field has a value that one can read, and no appearance."""
    is_bare = entry(entry(field, "AP"), "N") is None
    return is_bare and isinstance(inherited(field, "V"), (pikepdf.String, pikepdf.Array))


# -- what fields say ----------------------------------------------------------------------------------------------


def _is_western(said: str) -> bool:
    """Whether pdfium sets it in the fonts that every reader has."""
    try:
        said.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _can_be_drawn(said: str) -> bool:
    return _is_western(said) or has_letters_for(said)


def _shown(field: Any) -> list[str]:
    """What a field shows: its value, its caption, or a line for each choice."""
    kind, flags = name(inherited(field, "FT")), _flags(field)
    value = inherited(field, "V")
    if kind == "Btn":
        return [text(entry(entry(field, "MK"), "CA")) or ""] if flags & _PUSHED else []
    if kind == "Tx":
        return [] if flags & _PASSWORD else [(text(value) or "")[:_MAX_LETTERS]]
    if kind != "Ch":
        return []
    choices = list(_choices(field))
    if not flags & _COMBO:
        return [said for _value, said in choices[whole(inherited(field, "TI")) or 0 :]]
    chosen = text(value) or ""
    return [dict(choices).get(chosen, chosen)]


def _choices(field: Any) -> Iterator[tuple[str, str]]:
    """The value of each choice, and what is shown of it (12.7.4.4)."""
    for choice in items(inherited(field, "Opt"), _MAX_CHOICES):
        parts = list(items(choice, 2)) if isinstance(choice, pikepdf.Array) else [choice]
        if parts and (value := text(parts[0])) is not None:
            yield value, text(parts[-1]) or ""


def _flags(field: Any) -> int:
    return whole(inherited(field, "Ff"), 0, 2**32) or 0


# -- how it is set ------------------------------------------------------------------------------------------------


def _letter(pdf: pikepdf.Pdf, form: Any, field: Any, lettering: Lettering) -> None:
    look = entry(entry(field, "AP"), "N")
    rectangle = box(entry(field, "Rect"))
    drawn = b""
    if isinstance(look, pikepdf.Stream) and (bounds := box(entry(look, "BBox"))):
        drawn = _without_words(look)
    elif rectangle:
        bounds = [0, 0, rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]]
        look = pdf.make_stream(b"")
        look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array(bounds)
        field.AP = pikepdf.Dictionary(N=look)
    else:
        return
    width, height = float(bounds[2] - bounds[0]), float(bounds[3] - bounds[1])
    moved = b"1 0 0 1 %s %s cm" % (number_bytes(float(bounds[0])), number_bytes(float(bounds[1])))
    set_words = _set_choices if _is_list(field) else _set_value
    words = set_words(form, field, lettering, width, height)
    own = entry(look, "Resources")
    resources = pikepdf.Dictionary(dict(own.items())) if dictionary(own) is not None else pikepdf.Dictionary()
    resources.Font = lettering.resources().Font
    look.Resources = resources
    look.write(b"\n".join([drawn, b"q", moved, words, b"Q"]))


def _is_list(field: Any) -> bool:
    return name(inherited(field, "FT")) == "Ch" and not _flags(field) & _COMBO


def _without_words(look: Any) -> bytes:
    """What pdfium drew around the words: neither they nor what is marked as the field's variable text (12.7.3.3)."""
    kept, inside = [], 0
    try:
        instructions = pikepdf.parse_content_stream(look)
    except (pikepdf.PikepdfError, RuntimeError, ValueError):
        return b""
    for instruction in instructions:
        operator = str(instruction.operator)
        inside += operator in {"BMC", "BDC", "BT"}
        if not inside:
            kept.append(instruction)
        inside -= operator in {"EMC", "ET"}
    return pikepdf.unparse_content_stream(kept)


def _set_value(form: Any, field: Any, lettering: Lettering, width: float, height: float) -> bytes:
    size, colour = _said_of_letters(form, field)
    flags, kind = _flags(field), name(inherited(field, "FT"))
    cells = (whole(inherited(field, "MaxLen"), 1, 1000) or 0) if kind == "Tx" and flags & _CELLS else 0
    align = whole(inherited(field, "Q") or entry(form, "Q"), 0, RIGHT) or 0
    place = Place(
        width - (_ARROW if kind == "Ch" else 0), height, float(border_width(field)), size,
        CENTRED if kind == "Btn" else align, bool(kind == "Tx" and flags & _LINES), cells,
    )  # fmt: skip
    return lettering.set_in(place, "".join(_shown(field)), colour)


def _set_choices(form: Any, field: Any, lettering: Lettering, width: float, height: float) -> bytes:
    """A line for each choice that has room, those chosen on a ground of their own."""
    size, colour = _said_of_letters(form, field)
    size = size or _DEFAULT_SIZE
    value, margin = inherited(field, "V"), float(border_width(field))
    chosen = {text(item) for item in (items(value) if isinstance(value, pikepdf.Array) else [value])}
    shown = {said for given, said in _choices(field) if given in chosen}
    line, parts = size * _LINE_OF_CHOICES, list[bytes]()
    for number, said in enumerate(_shown(field)):
        bottom = height - margin - (number + 1) * line
        if bottom < -line:
            break
        ground = [margin, bottom, width - 2 * margin, line]
        if said in shown:
            parts += [b"q", _CHOSEN, b" ".join(map(number_bytes, ground)) + b" re f", b"Q"]
        words = lettering.set_in(Place(width, line, margin, size), said, colour)
        parts += [b"q 1 0 0 1 0 %s cm" % number_bytes(bottom), words, b"Q"]
    return b"\n".join(parts)


def _said_of_letters(form: Any, field: Any) -> tuple[float, bytes]:
    """The size, 0 for one that fits, and the colour that a field asks for (12.7.3.3)."""
    asked = inherited(field, "DA") or entry(form, "DA")
    return look_of_letters(asked)
