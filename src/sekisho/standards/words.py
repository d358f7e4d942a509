"""Plain words for what packs hold as codes: sections, levels, conditions, measures, field names."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from sekisho.errors import Message
from sekisho.standards.conditions import Comparison, Constant, Joined, Not
from sekisho.standards.pack import Criterion, MeasureDemand, Text

SECTIONS = {
    "plan": gettext_lazy("Plan and budget"),
    "requirements": gettext_lazy("Requirements"),
    "build": gettext_lazy("Build before release"),
    "operate": gettext_lazy("Operation"),
    "retire": gettext_lazy("Retirement"),
    "release": gettext_lazy("Before each release"),
}
LEVELS = {
    "must_be": gettext_lazy("Must-be quality"),
    "attractive": gettext_lazy("Attractive quality"),
}
REQUIREMENTS = {"mandatory": gettext_lazy("Mandatory"), "recommended": gettext_lazy("Recommended")}
EVIDENCE = {
    "none": gettext_lazy("No evidence needed"),
    "text": gettext_lazy("In words"),
    "file": gettext_lazy("A file"),
    "link": gettext_lazy("A link or a file"),
}
#: titles of measures by their names, as the apps that measure give them
_MEASURES: dict[str, Message] = {}
FIELDS = {
    "phase": gettext_lazy("Section"),
    "group": gettext_lazy("Group"),
    "title": gettext_lazy("Title"),
    "guidance": gettext_lazy("Guidance"),
    "level": gettext_lazy("Level"),
    "requirement": gettext_lazy("Requirement"),
    "evidence": gettext_lazy("Evidence"),
    "applies": gettext_lazy("Asked of"),
    "measure": gettext_lazy("Measurement"),
    "source": gettext_lazy("Source"),
    "id": gettext_lazy("Pack"),
    "description": gettext_lazy("Description"),
    "licence": gettext_lazy("Licence"),
    "languages": gettext_lazy("Languages"),
}
_ATTRIBUTES = {
    "audience": gettext_lazy("the audience"),
    "personal_data": gettext_lazy("the personal data"),
    "information_class": gettext_lazy("the information class"),
    "network_zone": gettext_lazy("the network zone"),
    "development_form": gettext_lazy("the development form"),
    "tier": gettext_lazy("the tier"),
    "phase": gettext_lazy("the phase"),
    "release_kind": gettext_lazy("the kind of release"),
    "emergency": gettext_lazy("the emergency"),
    "budget_yen": gettext_lazy("the largest yearly budget in yen"),
}
_VALUES: dict[Any, Any] = {
    "citizens": gettext_lazy("citizens"),
    "businesses": gettext_lazy("businesses"),
    "staff": gettext_lazy("staff"),
    ("personal_data", "none"): gettext_lazy("no personal data"),
    "personal": gettext_lazy("personal data"),
    ("personal_data", "mynumber"): gettext_lazy("My Number data"),
    ("network_zone", "mynumber"): gettext_lazy("My Number zone"),
    "lgwan": gettext_lazy("LGWAN zone"),
    "internet": gettext_lazy("Internet zone"),
    "contract": gettext_lazy("contract for work"),
    "agile": gettext_lazy("agile quasi-mandate"),
    "saas": gettext_lazy("software as a service"),
    "in_house": gettext_lazy("in-house"),
    "focus": gettext_lazy("focus"),
    ("tier", "standard"): gettext_lazy("standard"),
    "light": gettext_lazy("light"),
    ("release_kind", "new"): pgettext_lazy("release", "new"),
    ("release_kind", "change"): pgettext_lazy("release", "change"),
    ("release_kind", "fix"): pgettext_lazy("release", "fix"),
    ("release_kind", "none"): gettext_lazy("no release"),
    **{("phase", name): words for name, words in SECTIONS.items()},
}
_TESTS = {
    "==": gettext_lazy("%(name)s is %(value)s"),
    "!=": gettext_lazy("%(name)s is not %(value)s"),
    "in": gettext_lazy("%(name)s is one of %(value)s"),
    "not in": gettext_lazy("%(name)s is none of %(value)s"),
    "has": gettext_lazy("%(name)s includes %(value)s"),
    "has not": gettext_lazy("%(name)s does not include %(value)s"),
    "<": gettext_lazy("%(name)s is less than %(value)s"),
    "<=": gettext_lazy("%(name)s is at most %(value)s"),
    ">": gettext_lazy("%(name)s is more than %(value)s"),
    ">=": gettext_lazy("%(name)s is at least %(value)s"),
}


def applies_words(criterion: Criterion) -> str:
    """Of which projects a criterion is asked, in the active language."""
    if criterion.condition is None:
        return _("Every project")
    return _("When %(condition)s") % {"condition": _node_words(criterion.condition._root)}


def _node_words(node: Any, *, inside: bool = False) -> str:
    if isinstance(node, Comparison):
        return _test_words(node)
    if isinstance(node, Not):
        return _("not (%(condition)s)") % {"condition": _node_words(node.part)}
    if isinstance(node, Joined):
        parts = [_node_words(part, inside=True) for part in node.parts]
        joined = (_(" and ") if node.join is all else _(" or ")).join(parts)
        return _("(%(condition)s)") % {"condition": joined} if inside else joined
    assert isinstance(node, Constant)
    return _("always") if node.value else pgettext("condition", "never")


def _test_words(test: Comparison) -> str:
    if test.name == "emergency":
        is_one = (test.operator == "==") == bool(test.value)
        return _("it is an emergency release") if is_one else _("it is not an emergency release")
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    words = _(", ").join(_value_words(test.name, value) for value in values)
    return str(_TESTS[test.operator]) % {"name": _ATTRIBUTES[test.name], "value": words}


def _value_words(name: str, value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return str(_VALUES.get((name, value), _VALUES.get(value, value)))


#: how a comparison is printed where there is room for a sign only
SIGNS: Final = {"<": "<", "<=": "≤", "==": "=", ">=": "≥", ">": ">"}


def name_measure(name: str, title: Message) -> None:
    """Say what a measure is called wherever a standard demands it."""
    _MEASURES[name] = title


def measure_words(demand: MeasureDemand | None) -> str:
    """What a measurement must show, such as ``Open must findings ≤ 0``; empty when nothing is measured."""
    if demand is None:
        return ""
    words = f"{_MEASURES.get(demand.name, demand.name)} {SIGNS[demand.operator]} {demand.value:,}"
    if demand.max_age_days is None:
        return words
    return _("%(demand)s, measured within %(days)s days") % {"demand": words, "days": demand.max_age_days}


_BOUNDS = {
    "==": pgettext_lazy("what a measurement must be", "exactly %(value)s"),
    "<": pgettext_lazy("what a measurement must be", "less than %(value)s"),
    "<=": pgettext_lazy("what a measurement must be", "at most %(value)s"),
    ">": pgettext_lazy("what a measurement must be", "more than %(value)s"),
    ">=": pgettext_lazy("what a measurement must be", "at least %(value)s"),
}


def bound_words(operator: str, value: Any) -> str:
    """What a value must be: ``at least 1``."""
    return str(_BOUNDS[operator]) % {"value": f"{value:,}"}


def field_words(name: str, value: Any, language: str) -> str:
    """A field's value in plain words."""
    choices: Mapping[str, Mapping[str, Any]] = {
        "phase": SECTIONS,
        "level": LEVELS,
        "requirement": REQUIREMENTS,
        "evidence": EVIDENCE,
    }
    if isinstance(value, Text):
        return value.get(language)
    if isinstance(value, MeasureDemand):
        return measure_words(value)
    if isinstance(value, tuple):
        return _(", ").join(value)
    return str(choices.get(name, {}).get(value, value or ""))
