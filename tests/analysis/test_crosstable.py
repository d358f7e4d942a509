"""Groups against answers: whoever knows every total and every shown cell still cannot tell a small group."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sekisho.analysis.crosstable import hide_cells

TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=5
    )
)


def bounds(table, cells):
    """Least and greatest value of each hidden cell for a reader who knows all totals: by linear programming."""
    places = [(r, c) for r, row in enumerate(cells) for c, count in enumerate(row) if count is None]
    matrix, right = [], []
    for axis, total in ((0, sum), (1, sum)):
        for line in range((len(table), len(table[0]))[axis]):
            inside = [place for place in places if place[axis] == line]
            matrix.append([1.0 if place in inside else 0.0 for place in places])
            right.append(total(table[r][c] for r, c in inside))
    found = {}
    for index, place in enumerate(places):
        goal = np.zeros(len(places))
        goal[index] = 1
        ends = [
            linprog(sign * goal, A_eq=matrix, b_eq=right, bounds=(0, None)).fun * sign for sign in (1, -1)
        ]
        found[place] = (ends[0], ends[1])
    return found


@settings(deadline=None, max_examples=150)
@given(TABLES)
def test_no_small_cell_is_shown_or_follows_from_what_is(table):
    found = hide_cells(table)
    if found.withheld:
        assert all(count is None for row in found.cells for count in row)
        return
    for r, row in enumerate(found.cells):
        for c, count in enumerate(row):
            assert count is None or (count == table[r][c] and not 0 < count < 5)
    assert all(high - low > 0.99 for low, high in bounds(table, found.cells).values())
    columns = [list(column) for column in zip(*found.cells, strict=True)]
    whole = [list(column) for column in zip(*table, strict=True)]
    for line, counts in [*zip(found.cells, table, strict=True), *zip(columns, whole, strict=True)]:
        hidden = sum(n for n, shown in zip(counts, line, strict=True) if shown is None)
        assert not 0 < hidden < 5 or hidden == sum(counts)


def test_many_tables_of_one_grouping_tell_no_more_than_each():
    """Three variables of one small wave: every joint table that agrees with what is shown, one by one."""
    groups, first, second = (6, 6), ((5, 1), (4, 2)), ((1, 5), (3, 3))
    assert [sum(row) for row in first] == [sum(row) for row in second] == list(groups)
    shown = [hide_cells(table).cells for table in (first, second)]
    values = set()
    for a, b in itertools.product(range(7), repeat=2):
        one, other = ((a, 6 - a), (9 - a, a - 3)), ((b, 6 - b), (4 - b, b + 2))
        tables = (one, other)
        if any(n < 0 for table in tables for row in table for n in row):
            continue
        if all(
            kept is None or kept == n
            for cells, table in zip(shown, tables, strict=True)
            for kept_row, row in zip(cells, table, strict=True)
            for kept, n in zip(kept_row, row, strict=True)
        ):
            values.add((a, b))
    assert len({a for a, _b in values}) > 1
    assert len({b for _a, b in values}) > 1
    assert values == set(itertools.product({a for a, _ in values}, {b for _, b in values}))


def test_noughts_and_large_cells_stay():
    assert hide_cells([[10, 0], [20, 30]]).cells == ((10, 0), (20, 30))
    assert hide_cells([[10, 2, 9], [8, 30, 40]]).cells == ((None, None, 9), (None, None, 40))
    assert hide_cells([[2], [9]]).withheld
    with pytest.raises(ValueError, match="one length"):
        hide_cells([[1], [1, 2]])
