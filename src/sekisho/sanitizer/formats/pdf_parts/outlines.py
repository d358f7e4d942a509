"""Glyphs as outlines: what every font program is taken apart into, whatever its format."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

MAX_STEPS = 40_000  # operators in one glyph
MAX_GLYPHS = 65_535
# Of the glyphs of a font, as a share: those that cannot be followed stay empty, as readers leave them out.
MOST_DAMAGED = 0.25

Point = tuple[float, float]
#: a letter and the coordinates it takes
Step = tuple[Any, ...]


@dataclass
class Glyph:
    """``steps``: ``("M", x, y)``, ``("L", x, y)`` and ``("C", x1, y1, x2, y2, x3, y3)`` in units of 1/1000.

    ``code``: instead of steps, where the paths are clean as a Type 2 charstring without a width already.
    """

    width: float = 0
    steps: list[Step] = field(default_factory=list)
    code: bytes = b""

    def transformed(self, matrix: tuple[float, ...]) -> "Glyph":
        """The glyph in another unit; ``matrix`` as in 8.3.3."""
        a, b, c, d, e, f = matrix
        steps: list[Step] = []
        for kind, *values in self.steps:
            moved: list[float] = []
            for x, y in zip(values[::2], values[1::2], strict=True):
                moved += [a * x + c * y + e, b * x + d * y + f]
            steps.append((kind, *moved))
        return Glyph(self.width * a, steps)

    def shifted(self, across: float, up: float) -> "Glyph":
        """The outline moved; the width stays."""
        return Glyph(self.width, self.transformed((1, 0, 0, 1, across, up)).steps)


@dataclass
class Pen:
    """Follows a charstring's relative movements."""

    glyph: Glyph = field(default_factory=Glyph)
    x: float = 0
    y: float = 0

    def move(self, dx: float, dy: float) -> None:
        self._go(dx, dy)
        self.glyph.steps.append(("M", self.x, self.y))

    def line(self, dx: float, dy: float) -> None:
        self._go(dx, dy)
        self._start()
        self.glyph.steps.append(("L", self.x, self.y))

    def curve(self, dx1: float, dy1: float, dx2: float, dy2: float, dx3: float, dy3: float) -> None:
        self._start()
        self._go(dx1, dy1)
        first = (self.x, self.y)
        self._go(dx2, dy2)
        second = (self.x, self.y)
        self._go(dx3, dy3)
        self.glyph.steps.append(("C", *first, *second, self.x, self.y))

    def _start(self) -> None:
        """A path that begins without a movement begins where the pen stands."""
        if not self.glyph.steps:
            self.glyph.steps.append(("M", 0.0, 0.0))

    def _go(self, dx: float, dy: float) -> None:
        self.x += dx
        self.y += dy
        if abs(self.x) > 100_000 or abs(self.y) > 100_000 or len(self.glyph.steps) > MAX_STEPS:
            raise Unreadable("pdf.font_unreadable", "outline")


@dataclass
class Program:
    """A font taken apart. ``names``: by glyph, glyph 0 is ``.notdef``; or ``cids``: by glyph, for CID fonts.

    ``encoding``: code to name, the font's own. ``matrix`` is already applied.
    """

    glyphs: list[Glyph]
    names: list[str] = field(default_factory=list)
    cids: list[int] = field(default_factory=list)
    encoding: dict[int, str] = field(default_factory=dict)


def distinct(names: list[str]) -> Iterator[str]:
    """The names with repeated ones told apart, because a font is read by them."""
    seen: set[str] = set()
    for at, called in enumerate(names):
        unique = called if called not in seen else f"g{at}.{called}"[:63]
        seen.add(unique)
        yield unique
