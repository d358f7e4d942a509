"""What is public, from decisions and facts alone: no database."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.publication import (
    FIELDS,
    Asked,
    Decision,
    Delivered,
    Facts,
    Money,
    Names,
    Rules,
    differing,
    digest,
    document_of,
    rules_at,
)

NOON = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=24)


def test_nothing_is_public_unless_somebody_decided_so():
    assert rules_at([], NOON) == Rules()
    assert rules_at([], NOON).of(1) is None


def test_a_decision_counts_from_its_moment_on():
    decided = [Decision(1, "", True, LATER), Decision(None, "money", True, LATER)]
    assert rules_at(decided, LATER - dt.timedelta(seconds=1)).of(1) is None
    assert rules_at(decided, LATER).of(1) == {"money"}


def test_a_field_shown_of_all_services_publishes_no_service():
    assert rules_at([Decision(None, "money", True, NOON)], NOON).of(1) is None


def test_a_service_alone_shows_no_field():
    assert rules_at([Decision(1, "", True, NOON)], NOON).of(1) == frozenset()


def test_a_service_can_keep_a_field_back_but_never_add_one():
    decided = [
        Decision(1, "", True, NOON),
        Decision(2, "", True, NOON),
        Decision(None, "money", True, NOON),
        Decision(1, "money", False, NOON),
        Decision(2, "summary", True, NOON),
    ]
    rules = rules_at(decided, NOON)
    assert rules.of(1) == frozenset()
    assert rules.of(2) == {"money"}


def test_of_two_decisions_the_one_taken_later_counts():
    hidden_at_once = [Decision(None, "money", True, NOON), Decision(None, "money", False, NOON)]
    assert rules_at(hidden_at_once, LATER).fields == frozenset()


FULL = Facts(
    code="A-1",
    name=Names("名前", "Name"),
    summary="概要",
    owner=Names("課"),
    phase="operate",
    quality=[(2025, "must_be")],
    satisfaction=[Asked(dt.date(2026, 4, 1), 4.123, 71.43, 24)],
    money=[Money(2025, -5, None)],
    releases=[Delivered("1.0", dt.date(2026, 4, 1), "new", "申請")],
)


@given(st.sets(st.sampled_from([*FIELDS, "purpose", "risks", "__class__"])))
def test_a_document_holds_what_is_shown_and_nothing_else(shown):
    document = document_of(FULL, shown)
    assert set(document) == {"id", "name"} | (shown & set(FIELDS)) - {"release_words"}
    brings = [line for line in document.get("releases", []) if "brings" in line]
    assert bool(brings) == ({"releases", "release_words"} <= shown)


def test_every_field_of_the_dictionary_has_a_builder_and_the_other_way_round():
    assert set(dictionary().fields) == set(FIELDS)


@pytest.mark.parametrize("table", dictionary().tables, ids=lambda table: table.name)
def test_tables_name_the_keys_of_documents(table):
    document = document_of(
        Facts(code="A", name=Names("名"), **{name: getattr(FULL, name) for name in ("quality", "money")}),
        FIELDS,
    )
    whole = document_of(FULL, FIELDS)
    for entry in [*document.get(table.field, []), *whole.get(table.field, [])] if table.field else []:
        assert set(entry) <= {column.name for column in table.columns}


def test_money_below_zero_and_money_nobody_knows_stay_what_they_are():
    assert document_of(FULL, ["money"])["money"] == [
        {"fiscal_year": 2025, "budget_yen": -5, "spent_yen": None}
    ]


def test_the_same_document_has_the_same_digest_whatever_the_order_of_its_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_differing_names_what_came_went_and_changed():
    assert differing({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "d": 4}) == ["b", "c", "d"]
