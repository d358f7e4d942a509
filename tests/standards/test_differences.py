"""What a new version of a pack changes, and which answers survive it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.standards.differences import FieldChange, compare, kept_codes
from sekisho.standards.pack import Criterion, MeasureDemand, Pack, Text


def criterion(code="plan-01", phase="plan", **changes):
    base = Criterion(
        code=code,
        phase=phase,
        group=Text("目的", "Purpose"),
        title=Text("効果", "Effect"),
        guidance=Text("示す", "Show it"),
        level="must_be",
        requirement="mandatory",
        evidence="text",
        source=Text("参考", "Ours"),
    )
    return replace(base, **changes)


def pack(*criteria, version="1.0", **changes):
    base = Pack(
        "mine",
        version,
        Text("基準", "Standard"),
        Text("説明", "About"),
        Text("独自", "Ours"),
        "CC0",
        ("ja", "en"),
        (),
    )
    return replace(base, criteria=criteria, **changes)


def test_the_same_pack_differs_in_nothing():
    one = pack(criterion(), criterion("plan-02"))
    difference = compare(one, replace(one, version="1.1"))
    assert difference.is_empty
    assert not difference.needs_look
    assert kept_codes(one, one) == {"plan-01", "plan-02"}


def test_it_lists_added_removed_and_changed_in_order():
    old = pack(criterion("a"), criterion("b"), criterion("c"), criterion("d"))
    new = pack(
        criterion("z"), criterion("d", level="attractive"), criterion("y"), criterion("b", evidence="file")
    )
    difference = compare(old, new)
    assert [c.code for c in difference.added] == ["z", "y"]
    assert [c.code for c in difference.removed] == ["a", "c"]
    assert [c.code for c in difference.changed] == ["d", "b"]
    assert difference.changed[0].fields == (FieldChange("level", "must_be", "attractive"),)
    assert not difference.is_empty


def test_reordering_is_no_difference():
    assert compare(pack(criterion("a"), criterion("b")), pack(criterion("b"), criterion("a"))).is_empty


def test_fields_keep_the_order_of_the_criterion():
    changed = criterion(applies="emergency", title=Text("別", "Other"), level="attractive")
    (change,) = compare(pack(criterion()), pack(changed)).changed
    assert [field.name for field in change.fields] == ["title", "level", "applies"]
    assert change.fields[0].before == Text("効果", "Effect")
    assert change.fields[0].after == Text("別", "Other")


@pytest.mark.parametrize(
    ("changes", "kept", "look"),
    [
        ({"title": Text("別", "Other")}, True, True),
        ({"guidance": Text("別", "Other")}, True, True),
        ({"evidence": "file"}, True, True),
        ({"measure": MeasureDemand("open_must_findings", "<=", 0, 31)}, True, True),
        ({"group": Text("別", "Other")}, True, False),
        ({"source": Text("別", "Other")}, True, False),
        ({"level": "attractive"}, True, False),
        ({"requirement": "recommended"}, True, False),
        ({"applies": "emergency"}, True, False),
        ({"phase": "build"}, False, False),
        ({"phase": "build", "title": Text("別", "Other")}, False, False),
    ],
)
def test_which_answers_survive(changes, kept, look):
    old, new = pack(criterion()), pack(criterion(**changes))
    difference = compare(old, new)
    (change,) = difference.changed
    assert kept_codes(old, new) == ({"plan-01"} if kept else frozenset())
    assert change.fits is kept
    assert change.needs_look is look
    assert difference.needs_look == ({"plan-01"} if look else frozenset())


def test_an_answer_to_a_vanished_criterion_is_not_kept():
    assert kept_codes(pack(criterion("a"), criterion("b")), pack(criterion("b"), criterion("c"))) == {"b"}


def test_it_shows_changes_of_the_pack_itself():
    difference = compare(pack(criterion()), pack(criterion(), licence="CC-BY-4.0", version="2"))
    assert difference.head == (FieldChange("licence", "CC0", "CC-BY-4.0"),)
    assert not difference.is_empty


CODES = st.lists(st.sampled_from("abcdef"), unique=True)
PACKS = st.tuples(CODES, st.sampled_from(["must_be", "attractive"]), st.sampled_from(["plan", "build"])).map(
    lambda drawn: pack(*(criterion(code, drawn[2], level=drawn[1]) for code in drawn[0]))
)


@given(PACKS, PACKS)
def test_a_difference_accounts_for_every_criterion(old, new):
    difference = compare(old, new)
    added, removed = {c.code for c in difference.added}, {c.code for c in difference.removed}
    changed = {c.code for c in difference.changed}
    old_codes, new_codes = {c.code for c in old.criteria}, {c.code for c in new.criteria}
    assert old_codes - removed | added == new_codes
    assert changed <= old_codes & new_codes
    assert kept_codes(old, new) <= old_codes & new_codes
    assert compare(new, old).added == difference.removed
    assert compare(old, old).is_empty
