"""Patterns that give nothing back are written so that every Python 3.11 reads them alike.

Before 3.11.5 a possessive group whose last try failed half-way may match more than it says (CPython gh-106052); a group
that is atomic as well does not.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import sekisho.sanitizer

_WHOLE = {_constants.ATOMIC_GROUP, _constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY}


def _patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(sekisho.sanitizer.__path__, "sekisho.sanitizer."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in value.values() if isinstance(value, dict) else (value,):
                if isinstance(pattern, re.Pattern):
                    yield f"{module.name}.{name}", pattern


def _loose(parsed: Any) -> Iterator[str]:
    """What is repeated possessively and is neither one character nor an atomic group."""
    for operator, argument in parsed:
        if operator is _constants.POSSESSIVE_REPEAT and (
            len(argument[2]) != 1 or argument[2][0][0] not in _WHOLE
        ):
            yield str(argument[2])
        for part in argument if isinstance(argument, (tuple, list)) else (argument,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    yield from _loose(inner)


def _loose_in(pattern: re.Pattern[Any]) -> list[str]:
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    return list(_loose(_parser.parse(pattern.pattern, flags)))


def test_possessive_groups_are_atomic() -> None:
    found = list(_patterns())
    assert len(found) > 100
    assert {name: loose for name, pattern in found if (loose := _loose_in(pattern))} == {}


@pytest.mark.parametrize("pattern", ["(?:ab?c)*+", "x(?:ab?c)?+", "(?:(?:ab|c)++d)?"])
def test_a_loose_group_is_found(pattern: str) -> None:
    assert _loose_in(re.compile(pattern))
    assert not _loose_in(re.compile(pattern.replace("(?:", "(?>")))
