"""What a chart is: a question, the finding, its numbers with the way to the list behind each. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.errors import Message
from sekisho.portfolio.known import WHOLE

#: the spans below 100 % that a scale of ``dots`` may show
SPANS = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)


def share(hundredths: int) -> str:
    """99.90 %, written as people read it."""
    return "100%" if hundredths == WHOLE else f"{hundredths / 100:.2f}%"


@dataclass(frozen=True)
class Cell:
    """One number: a count, or yen; ``behind`` is the address of the list it counts, "" where there is none.

    ``parts``: how many of the value make one, 100 where it is hundredths. ``likely``: the bounds within which it will
    probably come out, for a forecast.
    """

    value: int
    behind: str = ""
    shown: str = ""
    parts: int = 1
    likely: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """As people read it."""
        return self.shown or f"{self.value:,}"

    @property
    def number(self) -> int | float:
        """The exact value, for files."""
        return self.value if self.parts == 1 else self.value / self.parts


@dataclass(frozen=True)
class Row:
    """A line of the table: a bar of the chart, or where a flow comes from."""

    title: str
    cells: Sequence[Cell]

    @property
    def total(self) -> int:
        return sum(cell.value for cell in self.cells)


@dataclass(frozen=True)
class Chart:
    """``kind``: ``stack`` (parts of a whole in each row), ``bars`` (side by side), ``flow`` (rows turn into series),
    ``dots`` (one share of 100 % in each row, in hundredths, held against ``target`` on a scale that ends at 100 %).

    ``colours``: a class for each series, the same for the same thing on every page.
    """

    name: str
    title: Message
    finding: str
    definition: Message
    kind: str
    series: Sequence[str]
    colours: Sequence[str]
    rows: Sequence[Row]
    wide: bool = False
    target: int | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: every number is 0. A service that was never available is something to draw."""
        return not any(cell.value or self.kind == "dots" for row in self.rows for cell in row.cells)

    @property
    def target_text(self) -> str:
        """The target as people read it; "" where there is none."""
        return "" if self.target is None else share(self.target)

    @property
    def floor(self) -> int:
        """Where the scale of ``dots`` begins: the narrowest round span under 100 % that shows every point and the target."""
        lowest = min([cell.value for row in self.rows for cell in row.cells] + [self.target or WHOLE])
        return next((WHOLE - span for span in SPANS if lowest > WHOLE - span), 0)

    @property
    def foretold(self) -> list[int]:
        """Places of the series that hold a forecast with its bounds."""
        return [i for i in range(len(self.series)) if any(row.cells[i].likely for row in self.rows)]

    @property
    def has_totals(self) -> bool:
        """Whether the parts of a row add up to something."""
        return self.kind == "stack" and len(self.series) > 1
