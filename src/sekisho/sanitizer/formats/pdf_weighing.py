"""How much a source draws when its parts are drawn as often as they are called, told before a reader is let near it.

Forms in forms in forms, each called ten times, or a form that calls itself twice, keep a reader busy for days over a
small file; so do tiles of no size. pdfium draws all of it. Here the calls are counted instead, and only where parts
hold other parts: most pages need no look at what they say.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    box,
    decoded,
    entry,
    inherited,
    items,
    keys,
    name,
    number,
    numbers,
)
from sekisho.sanitizer.results import Refused

_MOST = 2_000_000  # parts drawn on one page
_FEW = 50  # of a part that need no counting
_LEVELS = 40  # how deep pdfium follows forms
_MOST_TILES = 10_000_000
_GLYPHS = 300
_LETTER = [0, 0, 612, 792]
_BETWEEN = rb"(?>[\s\0]++|%[^\r\n]*+)*+"
_CALL = re.compile(
    rb"/([^\s\0/<>\[\](){}%%]++)%s(?>[-+.\d]++%s)?+(Do|gs|scn|SCN|Tf)(?![A-Za-z0-9])" % (_BETWEEN, _BETWEEN)
)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PAINTS = re.compile(rb"(?<![A-Za-z0-9])(?:[fFSsBb]|Do|Tj|TJ|sh|EI|['\"])(?![A-Za-z0-9])")
_SHOWN = re.compile(rb"\((?>[^()\\]++|\\.)*+\)|<(?>[0-9A-Fa-f\s]++)>", re.DOTALL)


def refuse_endless(pdf: pikepdf.Pdf) -> None:
    """Raises ``Refused`` for pages that would be drawn without end."""
    weighing = _Weighing()
    known: dict[_Place, bool] = {}
    for index, page in enumerate(pdf.pages, start=1):
        resources = inherited(page.obj, "Resources")
        shared = resources.objgen if isinstance(resources, pikepdf.Dictionary) else (0, 0)
        if not shared[0] or shared not in known:
            known[shared] = any(weighing.of(part) > _FEW for part in weighing.parts(resources))
        shown = sum(weighing.of(part) for part in _appearances(page.obj, resources))
        weight = shown + (weighing.of_page(page.obj, resources) if known[shared] else 0)
        if weight > _MOST or _tiles(page.obj, resources) > _MOST_TILES:
            raise Refused("pdf.too_complex", page=index)


_Place = tuple[int, int]


@dataclass(frozen=True)
class _Part:
    """Content with the resources it draws from, and the operator and the name that call it."""

    stream: Any
    resources: Any
    operator: str = ""
    called: str = ""

    @classmethod
    def of(cls, stream: Any, around: Any, operator: str = "", called: str = "") -> "_Part":
        return cls(stream, entry(stream, "Resources") or around, operator, called)


@dataclass
class _Weighing:
    _weights: dict[tuple[_Place, int], int] = field(default_factory=dict)
    _held: dict[_Place, list[tuple[int, _Part]]] = field(default_factory=dict)
    _glyphs: dict[_Place, list[tuple[Any, Any]]] = field(default_factory=dict)

    def of(self, part: _Part, levels: int = _LEVELS) -> int:
        """How many parts this one draws, itself among them; a ring is followed as deep as pdfium follows it."""
        place = part.stream.objgen
        if not levels or not place[0]:
            return 1
        if (place, levels) not in self._weights:
            if place not in self._held:
                held = self.parts(part.resources)
                self._held[place] = _calls(_said(part.stream), held) if held else []
            self._weights[place, levels] = 1 + self._sum(self._held[place], levels - 1)
        return self._weights[place, levels]

    def of_page(self, page: Any, resources: Any) -> int:
        contents = entry(page, "Contents")
        listed = list(items(contents, 10_000)) if isinstance(contents, pikepdf.Array) else [contents]
        said = b"\n".join(_said(stream) for stream in listed)
        return self._sum(_calls(said, self.parts(resources)), _LEVELS)

    def parts(self, resources: Any) -> list[_Part]:
        """What content may draw: forms, masks, tiles and letters."""
        found = []
        for called, form in _named(resources, "XObject"):
            if isinstance(form, pikepdf.Stream) and name(entry(form, "Subtype")) != "Image":
                found.append(_Part.of(form, resources, "Do", called))
        for called, state in _named(resources, "ExtGState"):
            if isinstance(mask := entry(entry(state, "SMask"), "G"), pikepdf.Stream):
                found.append(_Part.of(mask, resources, "gs", called))
        for called, tile in _named(resources, "Pattern"):
            if isinstance(tile, pikepdf.Stream):
                found.append(_Part.of(tile, resources, "scn", called))
        for called, font in _named(resources, "Font"):
            for glyph, within in self._letters(font):
                found.append(_Part(glyph, within or resources, "Tf", called))
        return found

    def _letters(self, font: Any) -> list[tuple[Any, Any]]:
        """The glyphs of a font that draws them, with what they draw from; a font is met again and again."""
        place = font.objgen if isinstance(font, pikepdf.Dictionary) else (0, 0)
        if place[0] and place in self._glyphs:
            return self._glyphs[place]
        found = []
        if name(entry(font, "Subtype")) == "Type3":
            within = entry(font, "Resources")
            glyphs = [glyph for _name, glyph in _named(font, "CharProcs")][:_GLYPHS]
            found = [(glyph, within) for glyph in glyphs if isinstance(glyph, pikepdf.Stream)]
        if place[0]:
            self._glyphs[place] = found
        return found

    def _sum(self, calls: list[tuple[int, _Part]], levels: int) -> int:
        found = 0
        for times, part in calls:
            found += times * self.of(part, levels)
            if found > _MOST:
                break
        return found


def _named(holder: Any, category: str) -> Iterator[tuple[str, Any]]:
    held = entry(holder, category)
    if isinstance(held, pikepdf.Dictionary):
        yield from held.items()


def _calls(said: bytes, parts: list[_Part]) -> list[tuple[int, _Part]]:
    """How often content draws each of these parts: forms when called, masks and tiles with all that is painted from
    then on, letters with all that is shown.
    """
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), said) if b"#" in said else said
    calls = Counter(
        (f"/{called.decode('latin-1')}", operator.decode().replace("SCN", "scn"))
        for called, operator in _CALL.findall(plain)
    )
    paints = len(_PAINTS.findall(said))
    most = {"gs": paints, "scn": paints, "Tf": sum(map(len, _SHOWN.findall(said)))}
    called = ((calls[part.called, part.operator], part) for part in parts)
    return [(most.get(part.operator, times), part) for times, part in called if times]


def _said(stream: Any) -> bytes:
    try:
        return decoded(stream)
    except Unreadable:
        return b""


def _appearances(page: Any, resources: Any) -> Iterator[_Part]:
    for annotation in items(entry(page, "Annots"), 5_000):
        normal = entry(entry(annotation, "AP"), "N")
        states = (
            [normal] if isinstance(normal, pikepdf.Stream) else [entry(normal, key) for key in keys(normal)]
        )
        yield from (_Part.of(state, resources) for state in states if isinstance(state, pikepdf.Stream))


def _tiles(page: Any, resources: Any) -> float:
    """How many tiles of its smallest pattern cover the page."""
    left, bottom, right, top = box(inherited(page, "MediaBox")) or _LETTER
    found = 0.0
    for _called, tile in _named(resources, "Pattern"):
        across, up = (number(entry(tile, key)) for key in ("XStep", "YStep"))
        a, b, c, d, *_place = numbers(entry(tile, "Matrix"), 6) or [1, 0, 0, 1, 0, 0]
        area = abs((across or 0) * (up or 0) * (a * d - b * c))
        if across and up:
            found = max(found, (right - left) * (top - bottom) / max(area, 1e-9))
    return found
