"""What each code of a report means, in Japanese and English.

The words live in the YAML files beside this one, one per family; a code is ``family.thing``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from sekisho.sanitizer.filetypes import TYPES

LANGUAGES = ("ja", "en")
# in C where PyYAML was built with it: an eighth of the time
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Words:
    """``short`` is one sentence for a report (may hold ``{name}`` places); ``why`` explains at length."""

    code: str
    short: Mapping[str, str]
    why: Mapping[str, str]

    def filled(self, params: Mapping[str, Any]) -> dict[str, str]:
        """The short sentence with its places filled, per language."""
        return {
            language: text.format_map(_Places(_in_words(params, language)))
            for language, text in self.short.items()
        }


def _in_words(params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Ids of file types become their names."""
    kind = TYPES.get(str(params.get("type")))
    return {**params, "type": getattr(kind, language)} if kind else dict(params)


class _Places(dict[str, Any]):
    """A place nobody filled stays readable instead of failing a report."""

    def __missing__(self, key: str) -> str:
        return "?"


@cache
def all_words() -> dict[str, Words]:
    """Every code there is. A code written twice is a ``ValueError``."""
    found: dict[str, Words] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        text = file.read_text(encoding="utf-8")
        for code, entry in yaml.load(text, _LOADER).items():  # noqa: S506 - both are safe ones
            if code in found:
                raise ValueError(f"{file.name}: {code} is there twice")
            short = {language: entry[language] for language in LANGUAGES}
            why = {language: entry.get("why", short)[language] for language in LANGUAGES}
            found[code] = Words(code, short, why)
    return found


def explain(code: str) -> Words:
    """The words of a code; raises ``KeyError`` for a code that does not exist."""
    return all_words()[code]
