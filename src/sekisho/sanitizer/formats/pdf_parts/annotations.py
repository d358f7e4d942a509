"""Annotations (12.5): what they show is drawn on the page; of the annotations only safe links and plain notes stay."""

import html
import re
from collections.abc import Iterable
from typing import Any

import pikepdf
import pypdfium2

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.pdf_parts.appearances import appearance, is_invisible, shown
from sekisho.sanitizer.formats.pdf_parts.content import Rewriter
from sekisho.sanitizer.formats.pdf_parts.context import Context, Made
from sekisho.sanitizer.formats.pdf_parts.values import (
    box,
    entry,
    items,
    name,
    number,
    numbers,
    text,
)
from sekisho.sanitizer.formats.pdf_pixel import link_annotation
from sekisho.sanitizer.formats.pdf_text_layer import filtered
from sekisho.sanitizer.formats.pdf_writer import Name, Ref

_MAX_ANNOTATIONS = 5_000
_MAX_NOTE = 10_000
_MAX_DASHES, _WIDEST = 8, 30
_COLOURS = {1, 3, 4}  # numbers of a colour: gray, RGB, CMYK
_COMMENTS = {
    "Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly",
    "StrikeOut", "Stamp", "Caret", "Ink", "Redact",
}  # fmt: skip
_NEVER_DRAWN = {"Popup"}
_PARAGRAPH_END = re.compile(r"</p\s*+>\s*+(?=<p\b)|<br\s*+/?+>")
_TAG = re.compile(r"<[^<>]*+>")


#: one of a page, and its kind
Annotation = tuple[str, Any]


def listed(page: Any) -> list[Annotation]:
    """The annotations of a page."""
    return [
        (name(entry(found, "Subtype")) or "", found)
        for found in items(entry(page, "Annots"), _MAX_ANNOTATIONS)
        if isinstance(found, pikepdf.Dictionary)
    ]


def appearances(context: Context, annotations: list[Annotation], around: tuple[Any, ...]) -> Made | None:
    """What the annotations of a page show, as operators over the page's own; None when there is nothing.

    ``around``: the resources of the page.
    """
    rewriter = Rewriter(context, around)
    for kind, annotation in annotations:
        if kind in _NEVER_DRAWN or is_invisible(annotation):
            continue
        if kind in _COMMENTS and not context.job.keep.comments:
            context.removed("pdf.comment_lost", annotation)
            continue
        if not context.layers.shows(entry(annotation, "OC")):
            context.removed("pdf.hidden_content", annotation)
            continue
        _draw(rewriter, annotation)
    if not rewriter.out:
        return None
    return Made(b"\n".join(rewriter.out) + b"\n", rewriter.used, rewriter.weight)


def _draw(rewriter: Rewriter, annotation: Any) -> None:
    found = shown(annotation)
    if found is None:
        return
    form, placing = found
    before = len(rewriter.out)
    rewriter.out += [b"q", placing]
    rewriter.draw(form)
    if len(rewriter.out) == before + 2:
        del rewriter.out[before:]
        return
    rewriter.out.append(b"Q")


def kept(
    context: Context,
    document: pypdfium2.PdfDocument,
    index: int,
    annotations: list[Annotation],
    pages: list[Ref],
) -> list[dict[str, Any] | Ref]:
    """The annotations that stay: links, and notes where the policy keeps comments; a link of the structure as an object of its own."""
    found: list[dict[str, Any] | Ref] = []
    if sources := [annotation for kind, annotation in annotations if kind == "Link"]:
        shown = document[index]
        base = pdf_source.base_address(context.pdf)
        links = pdf_source.links(document, shown, context.job, index + 1, base)
        of_source = _SourceLinks(context, sources, index)
        found += [of_source.written(link, link_annotation(link, pages)) for link in links]
        shown.close()
    if context.job.keep.comments:
        found += [note for kind, annotation in annotations if (note := _note(kind, annotation))]
    return found


def _border(annotation: Any) -> dict[str, Any]:
    style, listed = entry(annotation, "BS"), list(items(entry(annotation, "Border"), 4))
    width = number(entry(style, "W")) if style is not None else number(listed[2]) if len(listed) > 2 else None
    if width is None:  # readers draw one then, unless they draw no frames at all
        width = 1
    if width <= 0 or (colour := numbers(entry(annotation, "C"), most=4)) == []:
        return {}
    dashed = (
        entry(style, "D") or [3] if name(entry(style, "S")) == "D" else listed[3] if len(listed) > 3 else None
    )
    lengths = [length for length in numbers(dashed, most=_MAX_DASHES) or [] if length > 0]
    made: dict[str, Any] = {"Border": [0, 0, min(width, _WIDEST), *([lengths] if lengths else [])]}
    if colour and len(colour) in _COLOURS and all(0 <= amount <= 1 for amount in colour):
        made["C"] = colour
    return made


class _SourceLinks:
    """What the links of the source say beyond where they lead, by their places: the frames they have (12.5.2, 12.5.4), and
    which of them the structure refers to, for which the new ones in the same places stand.
    """

    def __init__(self, context: Context, sources: list[Any], index: int) -> None:
        self._context, self._index = context, index
        self._borders: dict[tuple[int, ...], dict[str, Any]] = {}
        self._waiting: dict[tuple[int, ...], list[Any]] = {}
        for annotation in sources:
            border, is_wanted = _border(annotation), context.structure.wants_link(annotation)
            if (border or is_wanted) and (place := box(entry(annotation, "Rect"))):
                if border:
                    self._borders[_rounded(place)] = border
                if is_wanted:
                    self._waiting.setdefault(_rounded(place), []).append(annotation)

    def written(self, link: pdf_source.Link, entries: dict[str, Any]) -> dict[str, Any] | Ref:
        """The link as it stands on the page."""
        if not self._borders and not self._waiting:
            return entries
        place = _rounded(link.box)
        entries |= self._borders.get(place, {})
        if not (alike := self._waiting.get(place)):
            return entries
        ref = self._context.writer.reserve()
        key = self._context.structure.link_key(alike.pop(0), self._index, ref)
        return self._context.writer.add(entries | {"StructParent": key}, ref)


def _rounded(place: Iterable[float]) -> tuple[int, ...]:
    return tuple([round(value * 4) for value in place])


def _note(kind: str, annotation: Any) -> dict[str, Any] | None:
    """A comment as a plain note: where it is and what it says. A note that says nothing stays as the sign it shows."""
    if kind not in _COMMENTS - {"FreeText"} or not (place := box(entry(annotation, "Rect"))):
        return None
    plain = _said(annotation)
    if not plain and (kind != "Text" or appearance(annotation) is not None or is_invisible(annotation)):
        return None
    entries: dict[str, Any] = {
        "Type": Name("Annot"),
        "Subtype": Name("Text"),
        "Rect": place,
        "Contents": plain,
    }
    # Drawn already where it has an appearance: the note itself then only opens, and shows no second sign.
    if appearance(annotation) is not None or is_invisible(annotation):
        entries["F"] = 0x20
    return entries


def _said(comment: Any) -> str:
    """What a comment says: as plain text, or as that of its page (12.7.3.4) where there is no other."""
    said = text(entry(comment, "Contents"))
    if not said:
        rich = (text(entry(comment, "RC")) or "")[: _MAX_NOTE * 4]
        said = html.unescape(_TAG.sub("", _PARAGRAPH_END.sub("\n", rich)))
    letters = (ord(letter) for letter in said[:_MAX_NOTE].replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        "\n" if code == 10 else chr(filtered(code)) for code in letters if code == 10 or filtered(code)
    ).strip()
