"""What the parts of one rebuilding share: the source, the writer, what is written already, and the report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pikepdf

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_parts.layers import Layers
from sekisho.sanitizer.formats.pdf_parts.outlines import Program
from sekisho.sanitizer.formats.pdf_parts.structure import Marks, Structure
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable, keys, number_of, shown_key
from sekisho.sanitizer.formats.pdf_parts.whole_fonts import WholeFonts
from sekisho.sanitizer.formats.pdf_writer import PdfWriter, Ref
from sekisho.sanitizer.results import Refused

MAX_NESTING = 24
# How many operators a page may come to when its forms are drawn as often as they are called.
MAX_WEIGHT = 20_000_000


@dataclass
class Made:
    """A content stream written anew, the resources it uses under their new names, and how much it draws."""

    data: bytes
    resources: dict[str, dict[str, Ref]]
    weight: int


class Rewrite(Protocol):
    """How a content stream is written anew; ``resources``: its own, those around it, at last the page's."""

    def __call__(
        self,
        context: "Context",
        source: Any,
        resources: tuple[Any, ...],
        *,
        is_glyph: bool = False,
        marks: Marks | None = None,
    ) -> Made: ...


@dataclass
class Context:
    """One rebuilding. ``page`` counts from 1 and places what is reported.

    ``hidden_on``: pages from which hidden content was left out.
    """

    job: Job
    pdf: pikepdf.Pdf
    writer: PdfWriter
    layers: Layers
    rewrite: Rewrite
    structure: Structure
    page: int = 0
    nesting: int = 0
    written: dict[tuple[str, tuple[int, int]], Ref | None] = field(default_factory=dict)
    programs: dict[tuple[bytes, bool], tuple[Ref, Program | None]] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    profiles: dict[tuple[int, int], Any] = field(default_factory=dict)
    hidden_on: set[int] = field(default_factory=set)
    whole_fonts: WholeFonts | None = None
    _under_way: set[tuple[int, int]] = field(default_factory=set)

    def once(self, kind: str, source: Any, make: Callable[[], Ref | None]) -> Ref | None:
        """The new object for ``source``: made once for an indirect object, None while it contains itself."""
        place = source.objgen if hasattr(source, "objgen") else (0, 0)
        if place[0] == 0:
            return self._guarded(source, make)
        key = (kind, place)
        if key in self.written:
            return self.written[key]
        if place in self._under_way:
            self.removed("pdf.cycle", source)
            return None
        self._under_way.add(place)
        try:
            made = self.written[key] = self._guarded(source, make)
        finally:
            self._under_way.discard(place)
        return made

    def rewritten(self, source: Any, around: tuple[Any, ...]) -> Made:
        """The content of a form or tile, with its own resources before those around it."""
        own = source.get("/Resources")
        return self.rewrite(self, source, (own, *around) if isinstance(own, pikepdf.Dictionary) else around)

    def _guarded(self, source: Any, make: Callable[[], Ref | None]) -> Ref | None:
        """Run ``make`` one level deeper; what cannot be read is dropped and said so."""
        if self.nesting >= MAX_NESTING:
            raise Refused("limit.depth", limit=MAX_NESTING)
        self.nesting += 1
        try:
            return make()
        except Unreadable as problem:
            self.removed(problem.code, source, detail=problem.detail)
            return None
        finally:
            self.nesting -= 1

    def removed(self, code: str, source: Any = None, *, action: str = "removed", detail: str = "") -> None:
        """Report with the page and the object number where there are such."""
        where: dict[str, Any] = {}
        if self.page:
            where["page"] = self.page
        if source is not None and (found := number_of(source)):
            where["object"] = found
        self.job.removed(code, action=action, detail=detail, **where)

    def unknown_keys(self, source: Any, allowed: set[str]) -> None:
        """Report the keys of a dictionary that its grammar does not have."""
        for key in sorted(keys(source)):
            if key not in allowed:
                self.removed("pdf.unknown_key", source, detail=shown_key(key))
