"""Small groups stay hidden: nothing hidden has one possible value, and no small group is total minus the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.analysis.suppression import audit, suppress

COUNT = st.one_of(st.integers(0, 7), st.integers(0, 60))


def tables(most=4):
    return st.integers(1, most).flatmap(
        lambda width: st.lists(st.lists(COUNT, min_size=width, max_size=width), min_size=1, max_size=most)
    )


def lines_of(published, table):
    """(hidden true values, is the total shown) for each row and column of cells."""
    if not published.row_totals:
        yield (
            [n for n, shown in zip(table[0], published.values, strict=True) if shown is None],
            published.total,
        )
        return
    for row, shown, total in zip(table, published.cells, published.row_totals, strict=True):
        yield [n for n, one in zip(row, shown, strict=True) if one is None], total
    for column, total in enumerate(published.column_totals):
        hidden = [
            row[column] for row, shown in zip(table, published.cells, strict=True) if shown[column] is None
        ]
        yield hidden, total


def assert_safe(published, table, threshold):
    for row, shown in zip(table, published.cells, strict=True):
        for count, one in zip(row, shown, strict=True):
            assert one is None or one == count
            assert one is None or not 0 < one < threshold
    for total in (*published.row_totals, *published.column_totals, published.total):
        assert total is None or not 0 < total < threshold
    for hidden, total in lines_of(published, table):
        assert not hidden or total is None or sum(hidden) >= threshold or sum(hidden) == 0
    for low, high in audit(published).values():
        assert high - low >= 1 - 1e-6


def test_one_small_group_takes_the_next_smallest_with_it():
    published = suppress([10, 3, 20, 8])
    assert published.values == (10, None, 20, None)
    assert published.total == 41
    assert (published.primary, published.complementary) == ({(0, 1)}, {(0, 3)})


def test_two_small_groups_that_are_one_small_group_together_take_a_third():
    assert suppress([1, 2, 30, 9]).values == (None, None, 30, None)
    assert suppress([2, 3, 30, 9]).values == (None, None, 30, 9)


def test_a_table_without_small_groups_stays_whole():
    published = suppress([[5, 6], [7, 8]])
    assert published.cells == ((5, 6), (7, 8))
    assert (published.row_totals, published.column_totals, published.total) == ((11, 15), (12, 14), 26)
    assert not published.hidden
    assert audit(published) == {}


def test_a_small_cell_of_a_table_is_guarded_in_its_row_and_its_column():
    published = suppress([[3, 20, 30], [20, 20, 20], [30, 20, 25]])
    assert len(published.hidden) == 4
    assert_safe(published, [[3, 20, 30], [20, 20, 20], [30, 20, 25]], 5)


def test_a_cell_that_rows_and_columns_together_give_away_is_guarded():
    # two squares of hidden cells joined by one: every line hides two or more, and yet rows 1 and 2 minus columns 1
    # and 2 are the cell between
    table = [[3, 4, 4, 40], [3, 4, 40, 50], [40, 50, 3, 4], [50, 40, 4, 3]]
    published = suppress(table)
    assert published.primary == {(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3)}
    assert published.complementary
    assert_safe(published, table, 5)


def test_a_total_under_the_threshold_is_hidden_with_everything():
    assert suppress([1, 2]).values == (None, None)
    assert suppress([1, 2]).total is None
    assert suppress([3]).total is None


def test_nobody_is_no_group():
    assert suppress([0, 0, 9]).values == (0, 0, 9)
    assert suppress([]).cells == ()
    assert suppress([0]).total == 0


def test_a_nought_is_hidden_only_when_nothing_else_is_left():
    assert suppress([0, 3, 50]).values == (0, None, None)


def test_the_threshold_can_be_chosen():
    assert suppress([8, 9, 30], threshold=10).values == (None, None, 30)
    assert suppress([1, 9, 30], threshold=1).values == (1, 9, 30)


@pytest.mark.parametrize("table", [[[1, 2], [3]], [[1, -2]]])
def test_an_impossible_table_is_refused(table):
    with pytest.raises(ValueError, match="rows of one length"):
        suppress(table)


def test_the_audit_finds_what_subtraction_finds():
    published = suppress([10, 3, 20, 8])
    broken = type(published)(
        cells=((10, None, 20, 8),),
        row_totals=(),
        column_totals=(),
        total=41,
        primary=published.primary,
        complementary=frozenset(),
        threshold=5,
    )
    assert set(audit(broken).values()) == {(3.0, 3.0)}


@settings(max_examples=120, deadline=None)
@given(st.lists(COUNT, min_size=1, max_size=8), st.sampled_from([3, 5, 10]))
def test_no_hidden_group_of_a_list_can_be_worked_out(counts, threshold):
    assert_safe(suppress(counts, threshold), [counts], threshold)


@settings(max_examples=120, deadline=None)
@given(tables(), st.sampled_from([3, 5]))
def test_no_hidden_group_of_a_table_can_be_worked_out(table, threshold):
    assert_safe(suppress(table, threshold), table, threshold)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_something_is_hidden_only_for_a_reason(table):
    published = suppress(table)
    if not published.primary:
        assert not published.hidden
