"""Comments that say what they mark and bring no drawing of it (12.5.6): drawn here, as readers draw them.

pdfium leaves lines and polygons out and shows the others as long as the page is open. What is drawn here is put into a
copy of the source, of which everything is then read like anything else in it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

from sekisho.sanitizer.formats import pdf_free_texts, pdf_strays
from sekisho.sanitizer.formats.pdf_lettering import Lettering
from sekisho.sanitizer.formats.pdf_parts.appearances import (
    border_width,
    color_operator,
    inner_rectangle,
    is_invisible,
)
from sekisho.sanitizer.formats.pdf_parts.values import Number, box, entry, items, name, number, numbers
from sekisho.sanitizer.formats.pdf_writer import number_bytes

_MAX_COMMENTS = 5_000  # of a page
_MAX_PLACES = 20_000  # of a comment
_ROUND = 0.5523  # how far the handles of a quarter of a circle reach
_WAVE = 2.0
_MULTIPLIED = {"Highlight"}
_WORDS = {"FreeText", "Stamp"}

Point = tuple[float, float]
Path = list[Point]
Draw = Callable[[pikepdf.Pdf], list[str]]


def to_draw(pdf: pikepdf.Pdf, *, with_comments: bool) -> dict[str, Draw]:
    """What is left to be drawn before a source is read, stray fields included: what draws it, by the code that tells it.

    What draws it returns more codes to be told.
    """
    found: dict[str, Draw] = {}
    if with_comments and any(True for page in pdf.pages for _comment in _undrawn(page.obj)):
        found["pdf.comments_drawn"] = _draw_comments
    if pdf_strays.has_strays(pdf):
        found["pdf.stray_fields"] = pdf_strays.draw_strays
    return found


def _draw_comments(pdf: pikepdf.Pdf) -> list[str]:
    """Give each such comment its appearance."""
    lettering = Lettering(pdf)
    for page in pdf.pages:
        for comment in _undrawn(page.obj):
            if name(entry(comment, "Subtype")) in _WORDS:
                pdf_free_texts.draw(pdf, comment, lettering)
            else:
                _draw(pdf, comment)
    return lettering.finish()


def _undrawn(page: Any) -> Iterator[Any]:
    for comment in items(entry(page, "Annots"), _MAX_COMMENTS):
        kind = name(entry(comment, "Subtype")) or ""
        if kind not in _SHAPES and kind not in _WORDS:
            continue
        if is_invisible(comment) or entry(entry(comment, "AP"), "N") is not None:
            continue
        if _SHAPES[kind](comment) if kind in _SHAPES else pdf_free_texts.is_settable(comment):
            yield comment


def _draw(pdf: pikepdf.Pdf, comment: Any) -> None:
    kind = name(entry(comment, "Subtype")) or ""
    drawn = _SHAPES[kind](comment)
    stroke, fill = color_operator(entry(comment, "C"), 0), color_operator(entry(comment, "IC"), 1)
    if kind in _FILLED:
        stroke, fill = b"", color_operator(entry(comment, "C"), 1) or _FILLED[kind]
    elif not stroke:
        stroke = b"0 G"
    if kind not in _FILLED.keys() | _CLOSED:
        fill = b""
    width = 1.0 if kind in _MARKS else border_width(comment)
    paint = (b"f" if fill else b"n") if not stroke or not width else b"B" if fill else b"S"
    operators = [b"/G gs", stroke, fill, number_bytes(width) + b" w", _dashes(comment)]
    for path in drawn:
        operators += [_line(path), b"h " + paint if kind in _FILLED.keys() | _CLOSED else paint]
    places = [(x, y) for path in drawn for point in path for x, y in [point[-2:]]]
    left, bottom = (min(place[at] for place in places) - width for at in (0, 1))
    right, top = (max(place[at] for place in places) + width for at in (0, 1))
    bounds = pikepdf.Array([round(value, 3) for value in (left, bottom, right, top)])
    opacity = number(entry(comment, "CA"))
    state = pikepdf.Dictionary(CA=1 if opacity is None else opacity, ca=1 if opacity is None else opacity)
    if kind in _MULTIPLIED:
        state.BM = pikepdf.Name.Multiply
    look = pdf.make_stream(b"\n".join(filter(None, operators)))
    look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, bounds
    look.Resources = pikepdf.Dictionary(ExtGState=pikepdf.Dictionary(G=state))
    comment.AP, comment.Rect = pikepdf.Dictionary(N=look), bounds


# -- how it is drawn ----------------------------------------------------------------------------------------------


def _dashes(comment: Any) -> bytes:
    style = entry(comment, "BS")
    if name(entry(style, "S")) != "D":
        return b""
    lengths = numbers(entry(style, "D"), most=10) or [3]
    return b"[" + b" ".join(number_bytes(max(float(length), 0.1)) for length in lengths) + b"] 0 d"


def _line(path: list[Any]) -> bytes:
    """A path by its points, curves by three of them at once."""
    first, *rest = path
    parts = [b" ".join(map(number_bytes, first)) + b" m"]
    parts += [b" ".join(map(number_bytes, step)) + (b" l" if len(step) == 2 else b" c") for step in rest]
    return b"\n".join(parts)


# -- what is drawn ------------------------------------------------------------------------------------------------


def _places(source: Any) -> Path:
    found = numbers(source, most=_MAX_PLACES) or []
    return [(float(x), float(y)) for x, y in zip(found[::2], found[1::2], strict=False)]


def _quads(comment: Any) -> list[list[Number]]:
    """The boxes of the words that a mark is on (12.5.6.10)."""
    found = []
    corners = _places(entry(comment, "QuadPoints"))
    for at in range(0, len(corners) - 3, 4):
        across, up = zip(*corners[at : at + 4], strict=True)
        found.append([min(across), min(up), max(across), max(up)])
    whole = box(entry(comment, "Rect"))
    return found or ([whole] if whole else [])


def _boxes(comment: Any) -> list[Path]:
    return [
        [(left, bottom), (right, bottom), (right, top), (left, top)]
        for left, bottom, right, top in _quads(comment)
    ]


def _outlines(comment: Any) -> list[Path]:
    """What is meant to be blacked out and is not yet (12.5.6.23)."""
    return [[*path, path[0]] for path in _boxes(comment)]


def _below(comment: Any) -> list[Path]:
    return [[(left, bottom + 1), (right, bottom + 1)] for left, bottom, right, _top in _quads(comment)]


def _through(comment: Any) -> list[Path]:
    return [
        [(left, (bottom + top) / 2), (right, (bottom + top) / 2)]
        for left, bottom, right, top in _quads(comment)
    ]


def _waves(comment: Any) -> list[Path]:
    found = []
    for left, bottom, right, _top in _quads(comment):
        steps = min(int((right - left) / _WAVE), _MAX_PLACES)
        found.append([(left + at * _WAVE, bottom + (at + 1) % 2 * _WAVE) for at in range(steps + 1)])
    return found


def _inside(comment: Any) -> list[Number] | None:
    """The rectangle of a shape, without half of its border."""
    return inner_rectangle(comment, border_width(comment) / 2)


def _square(comment: Any) -> list[Path]:
    inner = _inside(comment)
    if inner is None:
        return []
    left, bottom, right, top = inner
    return [[(left, bottom), (right, bottom), (right, top), (left, top)]]


def _circle(comment: Any) -> list[Any]:
    inner = _inside(comment)
    if inner is None:
        return []
    left, bottom, right, top = inner
    x, y = (left + right) / 2, (bottom + top) / 2
    a, b = (right - left) / 2 * _ROUND, (top - bottom) / 2 * _ROUND
    return [[
        (left, y), (left, y + b, x - a, top, x, top), (x + a, top, right, y + b, right, y),
        (right, y - b, x + a, bottom, x, bottom), (x - a, bottom, left, y - b, left, y),
    ]]  # fmt: skip


def _strokes(comment: Any) -> list[Path]:
    drawn = (_places(stroke) for stroke in items(entry(comment, "InkList"), _MAX_COMMENTS))
    return [stroke for stroke in drawn if len(stroke) > 1]


def _corners(comment: Any) -> list[Path]:
    corners = _places(entry(comment, "Vertices"))
    return [corners] if len(corners) > 1 else []


def _caret(comment: Any) -> list[Any]:
    """The sign that words are to be put in (12.5.6.11)."""
    inner = _inside(comment)
    if inner is None:
        return []
    left, bottom, right, top = inner
    middle = (left + right) / 2
    return [
        [
            (left, bottom),
            (middle, bottom, middle, top, middle, top),
            (middle, top, middle, bottom, right, bottom),
        ]
    ]


def _straight(comment: Any) -> list[Path]:
    """A line with the arrows at its ends (12.5.6.7)."""
    ends = _places(entry(comment, "L"))
    if len(ends) != 2:
        return []
    found: list[Path] = [ends]
    for style, (tip, tail) in zip(items(entry(comment, "LE"), 2), (ends, ends[::-1]), strict=False):
        if name(style) in {"OpenArrow", "ClosedArrow"}:
            found.append(
                _arrow(tip, tail, 3 + 3 * border_width(comment), closed=name(style) == "ClosedArrow")
            )
    return found


def _arrow(tip: Point, tail: Point, size: float, *, closed: bool) -> Path:
    across, up = tail[0] - tip[0], tail[1] - tip[1]
    length = (across**2 + up**2) ** 0.5 or 1
    across, up = across / length * size, up / length * size
    sides = [(tip[0] + across - turn * up / 2, tip[1] + up + turn * across / 2) for turn in (1, -1)]
    return [sides[0], tip, sides[1], *([sides[0]] if closed else [])]


_FILLED = {"Highlight": b"1 1 0 rg", "Caret": b"0 0 1 rg"}  # with a colour of their own
_CLOSED = {"Square", "Circle", "Polygon"}
_MARKS = {"Highlight", "Underline", "StrikeOut", "Squiggly"}
_SHAPES: dict[str, Callable[[Any], list[Any]]] = {
    "Highlight": _boxes, "Underline": _below, "StrikeOut": _through, "Squiggly": _waves, "Square": _square,
    "Circle": _circle, "Ink": _strokes, "Line": _straight, "PolyLine": _corners, "Polygon": _corners,
    "Caret": _caret, "Redact": _outlines,
}  # fmt: skip
