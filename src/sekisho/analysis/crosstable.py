"""Groups against answers when the totals of both are published already: which cells to hide so that none follows.

`sekisho.analysis.suppression` may hide totals; here they stand elsewhere, so only cells inside the table can be hidden.
Every hidden cell lies on a cycle of hidden cells that hold at least one person each. Along it one can be added and taken
away in turn without any total changing, so a reader who knows all totals and all shown cells cannot tell its number
(Kelly, Golden and Assad 1992; Cox 1995). Tables of one grouping share nothing but the sizes of its groups, which are known:
any filling of one table goes with any filling of another, so looking at many tells no more than looking at each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

THRESHOLD: Final = 5
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Crossed:
    """``cells`` by row and column, None where hidden. ``withheld``: no hiding of some cells would do, so all are."""

    cells: tuple[tuple[int | None, ...], ...]
    withheld: bool = False


def hide_cells(table: Sequence[Sequence[int]], threshold: int = THRESHOLD) -> Crossed:
    """Hide each cell of 1 to ``threshold`` − 1 people and as few others as are needed beside it; noughts stay.

    In every row and column what is hidden holds at least ``threshold`` people together, or is all that anybody is in: a
    total minus the cells shown is no small group either.

    Raises:
        ValueError: rows of different length, or a negative count.
    """
    if any(len(row) != len(table[0]) for row in table) or any(count < 0 for row in table for count in row):
        raise ValueError("a table has rows of one length and no negative counts")
    hidden: set[Cell] = {
        (r, c) for r, row in enumerate(table) for c, n in enumerate(row) if 0 < n < threshold
    }
    covered: set[Cell] = set()
    while wanting := next(_wanting(table, hidden, covered, threshold), None):
        cell, new_in = wanting
        square = _cheapest(table, hidden, cell, new_in)
        if square is None:
            return Crossed(tuple(tuple(None for _count in row) for row in table), withheld=True)
        hidden |= square
        covered |= square
    return Crossed(
        tuple(
            tuple(None if (r, c) in hidden else count for c, count in enumerate(row))
            for r, row in enumerate(table)
        )
    )


def _wanting(
    table: Sequence[Sequence[int]], hidden: set[Cell], covered: set[Cell], threshold: int
) -> Iterator[tuple[Cell, int | None]]:
    """A hidden cell on no cycle yet; or one in a line (0 row, 1 column) that hides too few people."""
    yield from ((cell, None) for cell in sorted(hidden - covered))
    for cell in sorted(hidden):
        for axis in (0, 1):
            line = [
                (r, c) for r, row in enumerate(table) for c in range(len(row)) if (r, c)[axis] == cell[axis]
            ]
            inside = sum(table[r][c] for r, c in line if (r, c) in hidden)
            shown = any(table[r][c] for r, c in line if (r, c) not in hidden)
            if inside < threshold and shown:
                yield cell, axis


def _cheapest(
    table: Sequence[Sequence[int]], hidden: set[Cell], cell: Cell, new_in: int | None
) -> set[Cell] | None:
    """The square of four cells with somebody in each, around ``cell``, that hides the fewest people more; with
    ``new_in`` one that hides another cell of its row (0) or column (1)."""
    row, column = cell
    best: tuple[int, set[Cell]] | None = None
    for r in range(len(table)):
        for c in range(len(table[0])):
            square = {cell, (row, c), (r, column), (r, c)}
            if r == row or c == column or not all(table[y][x] for y, x in square):
                continue
            if new_in is not None and ((row, c), (r, column))[new_in] in hidden:
                continue
            cost = sum(table[y][x] for y, x in square - hidden)
            if best is None or cost < best[0]:
                best = cost, square
    return best[1] if best else None
