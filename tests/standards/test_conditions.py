"""The ``applies`` language: what it accepts, decides and refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.standards.conditions import ATTRIBUTES, MAX_LENGTH, ConditionError, parse

PROJECT = {
    "audience": ["citizens", "staff"],
    "personal_data": "personal",
    "information_class": 2,
    "network_zone": "lgwan",
    "development_form": "agile",
    "tier": "focus",
    "phase": "build",
    "release_kind": "none",
    "emergency": False,
    "budget_yen": 120_000_000,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("personal_data != 'none'", True),
        ('personal_data == "none"', False),
        ("'none' != personal_data", True),
        ("'citizens' in audience", True),
        ("'businesses' in audience", False),
        ("'businesses' not in audience", True),
        ("tier in ['focus', 'standard']", True),
        ("tier not in ['focus']", False),
        ("information_class == 2", True),
        ("information_class in [1, 3]", False),
        ("information_class >= 2", True),
        ("3 <= information_class", False),
        ("1 < information_class", True),
        ("budget_yen > 100000000", True),
        ("emergency", False),
        ("not emergency", True),
        ("emergency == false", True),
        ("emergency != False", False),
        ("true == emergency", False),
        ("true", True),
        ("not true", False),
        ("emergency or tier == 'focus' and phase == 'build'", True),
        ("(emergency or tier == 'focus') and phase == 'plan'", False),
        ("tier == 'light'\n  or phase == 'build'", True),
    ],
)
def test_it_decides(text, expected):
    assert parse(text).holds(PROJECT) is expected


def test_it_names_the_attributes_it_needs():
    assert parse("tier == 'focus' or not (emergency and 'staff' in audience)").names == {
        "tier",
        "emergency",
        "audience",
    }
    assert parse("true").names == frozenset()


def test_conditions_with_the_same_text_are_equal():
    assert parse("emergency") == parse("emergency")
    assert parse("emergency") != parse("not emergency")
    assert hash(parse("emergency")) == hash(parse("emergency"))


@pytest.mark.parametrize(
    ("text", "message", "mend"),
    [
        ("personal_dat != 'none'", "There is no attribute personal_dat.", "Did you mean personal_data?"),
        ("zzz", "There is no attribute zzz.", "Use one of: audience, "),
        (
            "personal_data == 'yes'",
            "'yes' is not a value of personal_data.",
            "Use one of: 'none', 'personal',",
        ),
        ("tier == 'focsu'", "'focsu' is not a value of tier.", "Did you mean 'focus'?"),
        ("'citizen' in audience", "'citizen' is not a value of audience.", "Did you mean 'citizens'?"),
        ("information_class == 4", "4 is not a value of information_class.", "1, 2, 3"),
        ("information_class == '2'", "'2' is not a value", "1, 2, 3"),
        ("information_class == true", "true is not a value", "1, 2, 3"),
        ("budget_yen == 'much'", "'much' is not a value of budget_yen.", "whole number"),
        ("emergency == 1", "1 is not a value of emergency.", "true, false"),
        ("tier == focus", "The value focus stands without quotation marks.", "Write 'focus'."),
        ("focus == tier", "The value focus stands without quotation marks.", "Write 'focus'."),
        ("audience == 'citizens'", "The comparison == does not suit audience.", "'value' in audience"),
        ("audience in ['citizens']", "The comparison in does not suit audience.", "'value' in audience"),
        ("'focus' in tier", "The comparison in does not suit tier.", "tier == 'value'"),
        ("tier > 'focus'", "The comparison > does not suit tier.", ""),
        ("tier in 'focus'", "A list is written in square brackets", ""),
        ("tier in ('focus', 'light')", "A list is written in square brackets", ""),
        ("tier in []", "The list is empty.", ""),
        ("tier in [tier]", "something that conditions do not have", ""),
        ("tier == ['focus']", "something that conditions do not have", ""),
        ("tier == None", "something that conditions do not have", ""),
        ("tier == phase", "An attribute is compared with an attribute.", ""),
        ("1 == 1", "A value is compared with a value.", ""),
        ("['focus'] == 'focus'", "A value is compared with a value.", ""),
        ("tier", "The attribute tier stands alone", "tier == 'value'"),
        ("'focus'", "A value stands alone.", ""),
        ("1", "A value stands alone.", ""),
        ("1 < information_class < 3", "cannot be chained", ""),
        ("tier is 'focus'", "The word is does not compare", ""),
        ("open('x')", "A condition cannot call functions.", ""),
        ("tier['x']", "A condition cannot look inside a value.", ""),
        ("'a' if emergency else 'b'", "A condition cannot hold if or lambda.", ""),
        ("[x for x in tier]", "A condition cannot loop.", ""),
        ("tier.upper", "The character . at position 5", ""),
        ("tier = 'focus'", "The character = at position 6", "Write == to compare."),
        ("tier == 'focus", "The character ' at position 9", "Close the quotation mark."),
        ("emergency && true", "The character & at position 11", "Write the word and."),
        ("tier == 'fo\\x63us'", "has no meaning", ""),
        ("budget_yen > -1", "The character - at position 14", ""),
        ("budget_yen > 1.5", "Only whole numbers", ""),
        ("budget_yen > 1or emergency", "Only whole numbers", ""),
        ("emergency\x07", "The character U+0007 at position 10", ""),
        ("emergency　and true", "The character U+3000 at position 10", ""),
        ("emergency and", "not complete", ""),
        ("budget_yen > 007", "not complete", ""),
        ("tier == f'focus'", "not complete", ""),
        ("lambda", "not complete", ""),
        ("", "The condition is empty.", ""),
        (" \n ", "The condition is empty.", ""),
    ],
)
def test_it_refuses_with_a_reason_and_a_mend(text, message, mend):
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert message in caught.value.message
    assert mend in caught.value.mend
    assert caught.value.text == text


def test_the_message_is_a_template_with_params():
    with pytest.raises(ConditionError) as caught:
        parse("tierr == 'focus'")
    error = caught.value
    assert error.template == "There is no attribute %(name)s."
    assert error.params["name"] == "tierr"
    assert str(error) == "There is no attribute tierr. Did you mean tier?"


@pytest.mark.parametrize(
    "text",
    [
        "not " * 150 + "emergency",
        "(" * 150 + "emergency" + ")" * 49,
        "[" * 199,
        "x " * 201,
        "'" + "a" * MAX_LENGTH + "'",
        "9" * MAX_LENGTH,
        "not (" * 20 + "emergency" + ")" * 20,
    ],
)
def test_it_bounds_length_and_depth(text):
    with pytest.raises(ConditionError):
        parse(text)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tier": None}, "The attribute tier has a value of the wrong type."),
        ({"audience": "citizens"}, "The attribute audience has a value of the wrong type."),
        ({"emergency": 1}, "The attribute emergency has a value of the wrong type."),
        ({"budget_yen": True}, "The attribute budget_yen has a value of the wrong type."),
        ({"budget_yen": "9"}, "The attribute budget_yen has a value of the wrong type."),
    ],
)
def test_an_attribute_of_the_wrong_type_is_an_error(change, message):
    condition = parse("true or tier == 'focus' or 'staff' in audience or emergency or budget_yen > 1")
    with pytest.raises(ConditionError, match=message):
        condition.holds(PROJECT | change)


def test_a_missing_attribute_is_an_error_even_when_the_answer_is_clear():
    with pytest.raises(ConditionError, match="The attribute tier is not given"):
        parse("true or tier == 'focus'").holds({})


def test_audience_may_be_any_collection():
    condition = parse("'staff' in audience")
    assert condition.holds({"audience": {"staff"}})
    assert condition.holds({"audience": ("staff",)})
    assert not condition.holds({"audience": []})


WORDS = st.sampled_from(
    [
        *ATTRIBUTES,
        "'focus'",
        "'none'",
        "1",
        "2",
        "true",
        "false",
        "and",
        "or",
        "not",
        "in",
        "==",
        "!=",
        "<",
        ">=",
        "(",
        ")",
        "[",
        "]",
        ",",
        "is",
        "if",
        "else",
        "for",
        "lambda",
        "None",
        "yield",
        "await",
        "'",
        "\\",
        ".",
        "f''",
    ]
)


def _parsed(text):
    try:
        return parse(text)
    except ConditionError as error:
        return error


def _parse_or_typed_error(text):
    outcome = _parsed(text)
    if isinstance(outcome, ConditionError):
        assert outcome.message
        assert isinstance(str(outcome), str)
    else:
        assert outcome.names <= set(ATTRIBUTES)
        assert isinstance(outcome.holds(PROJECT), bool)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_a_typed_error(text):
    _parse_or_typed_error(text)


@given(
    st.text(alphabet=st.characters(exclude_categories=()), max_size=20).map(lambda text: f"tier == '{text}'")
)
def test_any_literal_is_a_condition_or_a_typed_error(text):
    _parse_or_typed_error(text)


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_row_of_words_is_a_condition_or_a_typed_error(text):
    _parse_or_typed_error(text)


TESTS = st.sampled_from(["emergency", "tier == 'focus'", "'staff' in audience", "budget_yen > 5", "false"])
TREES = st.recursive(
    TESTS.map(lambda text: (text, parse(text).holds(PROJECT))),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"not ({one[0]})", not one[1])),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) and ({two[1][0]})", two[0][1] and two[1][1])
        ),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]}) or ({two[1][0]})", two[0][1] or two[1][1])),
    ),
    max_leaves=8,
)


@given(TREES)
def test_it_agrees_with_logic(tree):
    text, expected = tree
    outcome = _parsed(text)
    if isinstance(outcome, ConditionError):
        assert "nested too deeply" in outcome.message
    else:
        assert outcome.holds(PROJECT) is expected
