"""Hide small groups of a table so that nothing hidden can be had by subtraction.

Primary suppression hides every group under the threshold; complementary suppression hides further cells (Cox 1980)
until the audit finds that no hidden number has a single possible value, and until every sum of hidden cells that can
be had by subtraction holds at least ``threshold`` people (so that a total minus the groups shown is no small group
either).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import null_space
from scipy.optimize import linprog

THRESHOLD: Final = 5
#: rounding of the solver
_TOLERANCE: Final = 1e-6

#: (row, column); the last row and the last column are the totals
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table with its hidden numbers as None. Totals can be hidden too. ``row_totals`` and ``column_totals`` are empty
    for a plain list. ``primary`` and ``complementary`` are places (row, column); an index one past the end means the
    total.
    """

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None
    primary: frozenset[Place]
    complementary: frozenset[Place]
    threshold: int

    @property
    def hidden(self) -> frozenset[Place]:
        """Every hidden place."""
        return self.primary | self.complementary

    @property
    def values(self) -> tuple[int | None, ...]:
        """The first row: the whole of a plain list."""
        return self.cells[0] if self.cells else ()


def suppress(table: Sequence[int] | Sequence[Sequence[int]], threshold: int = THRESHOLD) -> Suppressed:
    """Hide the groups under ``threshold`` in a list or table of counts whose totals are published beside it.

    Nought stays: nobody is in it.

    Raises:
        ValueError: rows of different length, or a negative count.
    """
    rows = [[row] if isinstance(row, int) else list(row) for row in table]
    plain = bool(table) and isinstance(table[0], int)
    if plain:
        rows = [[row[0] for row in rows]]
    if any(len(row) != len(rows[0]) for row in rows) or any(count < 0 for row in rows for count in row):
        raise ValueError("a table has rows of one length and no negative counts")
    grid = _Grid(rows, threshold)
    grid.hide()
    return grid.published(plain=plain)


def audit(published: Suppressed) -> dict[Place, tuple[float, float]]:
    """The least and the greatest value that each hidden number can have for a reader of what is published, who knows
    that counts are not negative: by linear programming over the sums of rows and columns (Fischetti and Salazar 2001).
    """
    full = [[*row, total] for row, total in zip(published.cells, _row_totals(published), strict=True)]
    full.append([*_column_totals(published), published.total])
    return _bounds(full)


def _row_totals(published: Suppressed) -> tuple[int | None, ...]:
    return published.row_totals or (published.total,)


def _column_totals(published: Suppressed) -> tuple[int | None, ...]:
    return published.column_totals or published.values


class _Grid:
    """A table with its totals as last row and column: in every line the last cell is the sum of the others."""

    def __init__(self, rows: list[list[int]], threshold: int) -> None:
        self.height, self.width, self.threshold = len(rows), len(rows[0]) if rows else 0, threshold
        self.full = [[*row, sum(row)] for row in rows]
        self.full.append([sum(row[column] for row in self.full) for column in range(self.width + 1)])
        self.single = self.height == 1
        places = [(r, c) for r in range(self.height + 1) for c in range(self.width + 1)]
        self.primary = {place for place in places if 0 < self.at(place) < threshold}
        self.hidden = set(self.primary)
        rows_of = [[(r, c) for c in range(self.width + 1)] for r in range(self.height + 1)]
        columns_of = [[(r, c) for r in range(self.height + 1)] for c in range(self.width + 1)]
        self.lines = rows_of + columns_of

    def at(self, place: Place) -> int:
        return self.full[place[0]][place[1]]

    def hide(self) -> None:
        """Hide more cells until every line and the audit are content."""
        while True:
            line = next((line for line in self.lines if self.reveals(line)), None)
            if line is None:
                told = self.told()
                if not told:
                    return self.show_again()
                line = self.line_to_open(told[0])
            self.add(line)

    def reveals(self, line: list[Place]) -> bool:
        """True when the line's hidden cells follow from it: one alone, or a small group as total minus the rest."""
        hidden = [place for place in line if place in self.hidden]
        if not hidden or self.mirrors(line):
            return False
        if len(hidden) == 1:
            return True
        return line[-1] not in self.hidden and 0 < sum(map(self.at, hidden)) < self.threshold

    def mirrors(self, line: list[Place]) -> bool:
        """In a plain list each column holds one cell and its copy in the row of totals, hidden and shown together."""
        return self.single and line[0][1] == line[-1][1]

    def show_again(self) -> None:
        """Show what need not be hidden after all: the cells hidden first may be covered by later ones."""
        for place in sorted(self.hidden - self.primary, key=self.at, reverse=True):
            copies = {(0, place[1]), (1, place[1])} if self.single else {place}
            self.hidden -= copies
            if any(map(self.reveals, self.lines)) or self.told():
                self.hidden |= copies

    def told(self) -> list[Place]:
        """Hidden places that have one possible value.

        While no hidden count is 0, each can move by one along every cycle of hidden cells, so the null space of the
        sums tells as much as the two linear programmes per cell do.
        """
        if not self.hidden:
            return []
        shown = self.shown()
        if all(self.at(place) for place in self.hidden):
            return _fixed(shown)
        bounds = _bounds(shown)
        return sorted(place for place, (low, high) in bounds.items() if high - low < 1 - _TOLERANCE)

    def shown(self) -> list[list[int | None]]:
        return [
            [None if (r, c) in self.hidden else count for c, count in enumerate(row)]
            for r, row in enumerate(self.full)
        ]

    def line_to_open(self, place: Place) -> list[Place]:
        """A line through the place in which something is still shown; any line when there is none there."""
        through = [line for line in self.lines if place in line and not self.mirrors(line)]
        return next(line for line in [*through, *self.lines] if any(p not in self.hidden for p in line))

    def add(self, line: list[Place]) -> None:
        """Hide one more cell of the line: where its other line hides something already, then the smallest, and a total
        or a nought only when nothing else is left.
        """
        shown = [place for place in line if place not in self.hidden]

        def cost(place: Place) -> tuple[bool, bool, bool, int]:
            crossing = next(other for other in self.lines if place in other and other is not line)
            alone = not any(other in self.hidden for other in crossing) and not self.single
            return place == line[-1], self.at(place) == 0, alone, self.at(place)

        chosen = min(shown, key=cost)
        self.hidden.add(chosen)
        if self.single:
            self.hidden.update({(0, chosen[1]), (1, chosen[1])})

    def published(self, *, plain: bool) -> Suppressed:
        shown = self.shown()
        keep = {(r, c) for r, c in self.hidden if not plain or r == 0}
        primary = frozenset(keep & self.primary)
        return Suppressed(
            cells=tuple(tuple(row[:-1]) for row in shown[:-1]),
            row_totals=() if plain else tuple(row[-1] for row in shown[:-1]),
            column_totals=() if plain else tuple(shown[-1][:-1]),
            total=shown[-1][-1],
            primary=primary,
            complementary=frozenset(keep - primary),
            threshold=self.threshold,
        )


def _bounds(full: list[list[int | None]]) -> dict[Place, tuple[float, float]]:
    """Least and greatest value of every None in a table whose last row and column are sums."""
    places, matrix, right = _sums(full)
    return {
        place: (_extreme(index, 1, matrix, right), _extreme(index, -1, matrix, right))
        for index, place in enumerate(places)
    }


def _fixed(full: list[list[int | None]]) -> list[Place]:
    """Every None that the sums determine, whatever the signs."""
    places, matrix, _right = _sums(full)
    free = np.abs(null_space(matrix)).sum(axis=1) if places else []
    return [place for place, freedom in zip(places, free, strict=True) if freedom < _TOLERANCE]


def _sums(full: list[list[int | None]]) -> tuple[list[Place], NDArray[np.float64], NDArray[np.float64]]:
    """The hidden places, and what rows and columns say of them: matrix · hidden = right."""
    places = [(r, c) for r, row in enumerate(full) for c, count in enumerate(row) if count is None]
    index = {place: number for number, place in enumerate(places)}
    height, width = len(full), len(full[0])
    lines = [[(r, c) for c in range(width)] for r in range(height)]
    lines += [[(r, c) for r in range(height)] for c in range(width)]
    lines = [line for line in lines if any(place in index for place in line)]
    matrix, right = np.zeros((len(lines), len(places))), np.zeros(len(lines))
    for number, line in enumerate(lines):
        for place in line:
            sign = -1.0 if place == line[-1] else 1.0
            count = full[place[0]][place[1]]
            if count is None:
                matrix[number, index[place]] = sign
            else:
                right[number] -= sign * count
    return places, matrix, right


def _extreme(index: int, sign: int, matrix: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    goal = np.zeros(matrix.shape[1])
    goal[index] = sign
    found = linprog(goal, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
    return float(sign * found.fun) if found.success else -sign * float("inf")
