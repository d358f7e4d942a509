"""Comments that are words on the page (12.5.6.6), and stamps, which are a word in a frame (12.5.6.12), that bring no drawing
of it: set as they say, in a font that goes along.
"""

import re
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_lettering import Lettering, Place, has_letters_for
from sekisho.sanitizer.formats.pdf_parts.appearances import (
    border_width,
    color_operator,
    inner_rectangle,
    look_of_letters,
)
from sekisho.sanitizer.formats.pdf_parts.values import box, entry, name, numbers, text, whole
from sekisho.sanitizer.formats.pdf_writer import number_bytes

_MAX_LETTERS = 20_000
_MAX_SIDE = 20_000
_SIZE = 12.0
_PADDING = 2
_STAMPED = 2.0  # points of the frame of a stamp
_NEW_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_settable(comment: Any) -> bool:
    """Whether there is a place for the words, and letters to set them in. Without words pdfium would show a ground of its own."""
    return _inside(comment) is not None and has_letters_for(_words(comment))


def draw(pdf: pikepdf.Pdf, comment: Any, lettering: Lettering) -> None:
    """Give a comment that is settable its appearance."""
    inside = _inside(comment)
    assert inside is not None
    left, bottom, right, top = inside
    width, height, border = right - left, top - bottom, _border(comment)
    said, (size, colour) = _words(comment), look_of_letters(entry(comment, "DA"))
    place = Place(
        width, height, border + _PADDING, size or _SIZE, whole(entry(comment, "Q"), 0, 2) or 0, has_lines=True
    )
    ground, line = color_operator(entry(comment, "C"), 1), b""
    if _is_stamp(comment):
        colour, ground, line = (
            ground or b"1 0 0 rg",
            b"",
            color_operator(entry(comment, "C"), 0) or b"1 0 0 RG",
        )
        size = min(0.6 * height, 1.4 * (width - 2 * border) / max(len(said), 1))
        place = Place(width, height, border + _PADDING, size, 1)
    words = lettering.set_in(place, said, colour)
    frame = b" ".join(map(number_bytes, (border / 2, border / 2, width - border, height - border))) + b" re"
    operators = [b"q", *_lines_to_what_is_meant(comment, border), _moved(left, bottom)]
    if ground:
        operators += [ground, frame + b" f"]
    if border:
        operators += [line, number_bytes(border) + b" w", frame + b" S"]
    look = pdf.make_stream(b"\n".join([*operators, words, b"Q"]))
    look.Type, look.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    look.BBox = pikepdf.Array(list(box(entry(comment, "Rect")) or inside))
    look.Resources = lettering.resources()
    comment.AP = pikepdf.Dictionary(N=look)


def _is_stamp(comment: Any) -> bool:
    return name(entry(comment, "Subtype")) == "Stamp"


def _words(comment: Any) -> str:
    if _is_stamp(comment):
        return _NEW_WORD.sub(" ", name(entry(comment, "Name")) or "Draft")[:_MAX_LETTERS]
    return (text(entry(comment, "Contents")) or "")[:_MAX_LETTERS]


def _inside(comment: Any) -> tuple[float, float, float, float] | None:
    """The rectangle of the words: without what lies around it, as the line to what is meant."""
    inner = inner_rectangle(comment, 0)
    if inner is None:
        return None
    left, bottom, right, top = map(float, inner)
    room = 2 * (_border(comment) + _PADDING)
    fits = room < right - left < _MAX_SIDE and room < top - bottom < _MAX_SIDE
    return (left, bottom, right, top) if fits else None


def _border(comment: Any) -> float:
    if _is_stamp(comment):
        return _STAMPED
    says = entry(comment, "BS") is not None or entry(comment, "Border") is not None
    return float(border_width(comment)) if says else 0.0


def _lines_to_what_is_meant(comment: Any, border: float) -> list[bytes]:
    line = numbers(entry(comment, "CL"), most=6) or []
    places = list(zip(line[::2], line[1::2], strict=False))
    if len(places) < 2:
        return []
    steps = [b" ".join(map(number_bytes, place)) for place in places]
    return [
        number_bytes(border or 1.0) + b" w",
        steps[0] + b" m",
        *(step + b" l" for step in steps[1:]),
        b"S",
    ]


def _moved(left: float, bottom: float) -> bytes:
    return b"1 0 0 1 %s %s cm" % (number_bytes(left), number_bytes(bottom))
