"""Standards packs: the values, and reading them from a folder of YAML or from a stored document.

A folder holds ``pack.yaml`` and one file per gate section (``plan.yaml`` ... ``release.yaml``). Reading
collects every problem before it gives up, so that an author mends a pack in one round.
"""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from sekisho.standards.conditions import (
    Condition,
    ConditionError,
    gettext_noop,
    parse,
    suggestion,
)
from sekisho.standards.yamlfile import MISSING, PackError, Problem, Spot, read_yaml, shown

__all__ = [
    "GATE_SECTIONS",
    "PHASES",
    "Criterion",
    "MeasureDemand",
    "Pack",
    "PackError",
    "Problem",
    "Text",
    "load_pack",
]

PHASES = ("plan", "requirements", "build", "operate", "retire")
GATE_SECTIONS = (*PHASES, "release")
LEVELS = ("must_be", "attractive")
REQUIREMENTS = ("mandatory", "recommended")
EVIDENCE = ("none", "text", "file", "link")
OPERATORS = ("<", "<=", "==", ">=", ">")
LANGUAGES = ("ja", "en")

MAX_AGE_DAYS = 3660
MAX_MEASURE = 10**15

_HEAD_KEYS = ("id", "version", "title", "description", "source", "licence", "languages")
_REQUIRED_KEYS = ("code", "group", "title", "guidance", "level", "requirement", "evidence", "source")
_CRITERION_KEYS = (*_REQUIRED_KEYS, "applies", "measure")
_MEASURE_KEYS = ("name", "operator", "value", "max_age_days")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9]{1,8}(\.[0-9]{1,8}){0,2}")

Number = int | float

_LEAVE_OUT = gettext_noop("Write a value, or leave the line out.")
_ONE_OF = gettext_noop("Use one of: %(allowed)s.")
_MISSING_KEY = gettext_noop("The key %(key)s is missing.")
_MISSING_LANGUAGE = gettext_noop("The language %(key)s is missing.")


# The values


@dataclass(frozen=True)
class Text:
    """The same words in Japanese and English; a language the pack does not have is empty."""

    ja: str = ""
    en: str = ""

    def get(self, lang: str) -> str:
        """The words in ``lang`` (``ja``, ``en``, ``en-gb``), or in the other language when there are none."""
        own, other = (self.en, self.ja) if lang.lower().startswith("en") else (self.ja, self.en)
        return own or other

    def to_document(self) -> dict[str, str]:
        return {language: words for language in LANGUAGES if (words := getattr(self, language))}


@dataclass(frozen=True)
class MeasureDemand:
    """What a measurement must show: ``value`` is in the unit of the measure ``name``; ``max_age_days`` is how
    old it may be, None for any age."""

    name: str
    operator: str
    value: Number
    max_age_days: int | None = None

    def accepts(self, value: Number | Decimal | None) -> bool:
        """Whether a measured ``value`` meets the demand. Nothing measured, or NaN, never does."""
        if value is None or not math.isfinite(value):
            return False
        measured, wanted = Decimal(str(value)), Decimal(str(self.value))  # 0.1 measured as Decimal equals 0.1
        return {
            "<": measured < wanted,
            "<=": measured <= wanted,
            "==": measured == wanted,
            ">=": measured >= wanted,
            ">": measured > wanted,
        }[self.operator]

    def to_document(self) -> dict[str, Any]:
        return {key: value for key in _MEASURE_KEYS if (value := getattr(self, key)) is not None}


@dataclass(frozen=True)
class Criterion:
    """One thing to show at the gate of ``phase`` (one of GATE_SECTIONS). ``applies`` is empty for always."""

    code: str
    phase: str
    group: Text
    title: Text
    guidance: Text
    level: str
    requirement: str
    evidence: str
    source: Text
    applies: str = ""
    measure: MeasureDemand | None = None

    @cached_property
    def condition(self) -> Condition | None:
        """The parsed ``applies``, or None for always."""
        return parse(self.applies) if self.applies else None

    def applies_to(self, attributes: Mapping[str, Any]) -> bool:
        """Whether it is asked of a project. Raises ConditionError when a needed attribute is missing."""
        return self.condition is None or self.condition.holds(attributes)

    def to_document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"phase": self.phase}
        for key in _REQUIRED_KEYS:
            value = getattr(self, key)
            document[key] = value.to_document() if isinstance(value, Text) else value
        if self.applies:
            document["applies"] = self.applies
        if self.measure:
            document["measure"] = self.measure.to_document()
        return document


@dataclass(frozen=True)
class Pack:
    """One version of a standard. ``criteria`` stand in the order of GATE_SECTIONS, then of the file."""

    id: str
    version: str
    title: Text
    description: Text
    source: Text
    licence: str
    languages: tuple[str, ...]
    criteria: tuple[Criterion, ...]

    def for_phase(self, phase: str) -> tuple[Criterion, ...]:
        """The criteria of a gate section. Raises ValueError for a name that is not in GATE_SECTIONS."""
        if phase not in GATE_SECTIONS:
            raise ValueError(f"not a gate section: {phase!r}")
        return tuple(criterion for criterion in self.criteria if criterion.phase == phase)

    def get(self, code: str) -> Criterion | None:
        return self._by_code.get(code)

    def applicable(self, phase: str, attributes: Mapping[str, Any]) -> tuple[Criterion, ...]:
        """The criteria of a gate section that are asked of a project with these attributes."""
        return tuple(criterion for criterion in self.for_phase(phase) if criterion.applies_to(attributes))

    @cached_property
    def _by_code(self) -> dict[str, Criterion]:
        return {criterion.code: criterion for criterion in self.criteria}

    def to_document(self) -> dict[str, Any]:
        """The whole pack in JSON types; ``Pack.from_document`` gives the equal pack back."""
        return {
            "id": self.id,
            "version": self.version,
            "title": self.title.to_document(),
            "description": self.description.to_document(),
            "source": self.source.to_document(),
            "licence": self.licence,
            "languages": list(self.languages),
            "criteria": [criterion.to_document() for criterion in self.criteria],
        }

    @classmethod
    def from_document(cls, document: object) -> "Pack":
        """Read a stored document back. Raises PackError when it is not one.

        Measures are not looked up: a pack that a gate pinned stays readable when a measure is gone.
        """
        return _read_document(document)

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 over the document as JSON: keys sorted, no spaces, UTF-8."""
        text = json.dumps(self.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


# From plain values to a pack


@dataclass(frozen=True)
class _Context:
    """What all criteria of one pack are read against."""

    languages: tuple[str, ...] = LANGUAGES
    measures: Collection[str] | None = None
    places: dict[str, str] = field(default_factory=dict)  # where each code was first used


def load_pack(folder: Path, *, measures: Collection[str] | None) -> Pack:
    """Read a pack from its folder. ``measures`` are the names that exist; None leaves them unchecked.

    Raises PackError, and nothing else, with every problem found.
    """
    sink: list[Problem] = []
    sections = _section_files(folder, sink)
    value, spot = read_yaml(folder / "pack.yaml", sink)
    head = _head(value, spot)
    context = _Context(head.get("languages") or LANGUAGES, measures)
    criteria: list[Criterion] = []
    for section in sections:
        value, spot = read_yaml(folder / f"{section}.yaml", sink)
        document = _mapping(value, spot, ("criteria",))
        listed = _entries(document.get("criteria", MISSING), spot.key("criteria"))
        criteria.extend(_criterion(entry, at, section, context) for entry, at in listed)
    return _finish(head, criteria, sink)


def _section_files(folder: Path, sink: list[Problem]) -> tuple[str, ...]:
    """The sections the folder has a file for; YAML files of other names are reported, other files are not."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or type(error).__name__
        template = gettext_noop("The folder cannot be read: %(reason)s.")
        raise PackError([Problem(shown(folder, 300), "", template, {"reason": reason})]) from None
    known = tuple(f"{section}.yaml" for section in GATE_SECTIONS)
    for name in names:
        if name.lower().endswith((".yaml", ".yml")) and name not in (*known, "pack.yaml"):
            Spot(shown(name), sink).report(
                gettext_noop("There is no phase of this name."), _ONE_OF, allowed=", ".join(known)
            )
    if not set(known) & set(names):
        _report_no_criteria(Spot("", sink))
    return tuple(section for section in GATE_SECTIONS if f"{section}.yaml" in names)


def _read_document(document: object) -> Pack:
    sink: list[Problem] = []
    spot = Spot("", sink)
    whole = dict(document) if isinstance(document, Mapping) else document
    listed = whole.pop("criteria", None) if isinstance(whole, dict) else None
    head = _head(whole, spot)
    context = _Context(head.get("languages") or LANGUAGES)
    criteria: list[Criterion] = []
    for entry, at in _entries(listed, spot.key("criteria")):
        rest = dict(entry) if isinstance(entry, Mapping) else entry
        section = rest.pop("phase", None) if isinstance(rest, dict) else None
        criteria.append(_criterion(rest, at, _word(section, at.key("phase"), GATE_SECTIONS), context))
    return _finish(head, criteria, sink)


def _finish(head: dict[str, Any], criteria: list[Criterion], sink: list[Problem]) -> Pack:
    if sink:
        raise PackError(sink)
    ordered = sorted(criteria, key=lambda criterion: GATE_SECTIONS.index(criterion.phase))
    return Pack(**head, criteria=tuple(ordered))


def _head(value: Any, spot: Spot) -> dict[str, Any]:
    head = _mapping(value, spot, _HEAD_KEYS)
    if not head:
        return {}
    languages = _languages(head.get("languages", MISSING), spot.key("languages"))
    texts = {
        key: _text(head.get(key, MISSING), spot.key(key), languages or LANGUAGES, limit)
        for key, limit in (("title", 200), ("description", 4000), ("source", 2000))
    }
    slug = gettext_noop("Use lower-case letters, digits and hyphens, for example tokyo-2026.")
    version = gettext_noop('Use digits and dots in quotation marks, for example "1.0".')
    return texts | {
        "id": _pattern(head.get("id", MISSING), spot.key("id"), _SLUG, slug),
        "version": _pattern(head.get("version", MISSING), spot.key("version"), _VERSION, version),
        "licence": _line(head.get("licence", MISSING), spot.key("licence"), 100),
        "languages": languages,
    }


def _languages(value: Any, spot: Spot) -> tuple[str, ...]:
    words = [_word(item, at, LANGUAGES) for item, at in _entries(value, spot)]
    if len(set(words)) < len(words) and all(words):
        spot.report(gettext_noop("A language stands twice."))
    return tuple(language for language in LANGUAGES if language in words)


def _criterion(value: Any, spot: Spot, phase: str, context: _Context) -> Criterion:
    entry = _mapping(value, spot, _CRITERION_KEYS, _REQUIRED_KEYS)

    def part(name: str) -> tuple[Any, Spot]:
        return entry.get(name, MISSING), spot.key(name)

    return Criterion(
        code=_code(*part("code"), context),
        phase=phase,
        group=_text(*part("group"), context.languages, 100),
        title=_text(*part("title"), context.languages, 300),
        guidance=_text(*part("guidance"), context.languages, 4000),
        level=_word(*part("level"), LEVELS),
        requirement=_word(*part("requirement"), REQUIREMENTS),
        evidence=_word(*part("evidence"), EVIDENCE),
        source=_text(*part("source"), context.languages, 2000),
        applies=_applies(*part("applies")),
        measure=_measure(*part("measure"), context.measures),
    )


def _code(value: Any, spot: Spot, context: _Context) -> str:
    mend = gettext_noop("Use lower-case letters, digits and hyphens, for example plan-01.")
    code = _pattern(value, spot, _SLUG, mend)
    here = " ".join(part for part in (spot.file, spot.place) if part)
    if code and (first := context.places.setdefault(code, here)) != here:
        spot.report(
            gettext_noop("The code %(code)s is already used at %(first)s."),
            gettext_noop("Give each criterion a code of its own."),
            code=code,
            first=first,
        )
    return code


def _applies(value: Any, spot: Spot) -> str:
    text = _line(value, spot, 1000)
    try:
        return parse(text).text if text else ""
    except ConditionError as error:
        spot.report(error.template, error.mend_template, **error.params)
        return ""


def _measure(value: Any, spot: Spot, measures: Collection[str] | None) -> MeasureDemand | None:
    if value is MISSING or not (demand := _mapping(value, spot, _MEASURE_KEYS, _MEASURE_KEYS[:3])):
        return None
    name = _line(demand.get("name", MISSING), spot.key("name"), 64)
    if name and measures is not None and name not in measures:
        _report_unknown(spot.key("name"), gettext_noop("There is no measure %(word)s."), name, measures)
    return MeasureDemand(
        name=name,
        operator=_word(demand.get("operator", MISSING), spot.key("operator"), OPERATORS),
        value=_number(demand.get("value", MISSING), spot.key("value")),
        max_age_days=_days(demand.get("max_age_days", MISSING), spot.key("max_age_days")),
    )


# Single values: each reports what is wrong and gives back something empty, so that reading goes on


def _report_type(spot: Spot, value: Any, template: str) -> None:
    if value is None:
        spot.report(gettext_noop("There is no value here."), _LEAVE_OUT)
    else:
        spot.report(template, gettext_noop("Found: %(value)s"), value=shown(value))


def _report_no_criteria(spot: Spot) -> None:
    spot.report(
        gettext_noop("There are no criteria."), gettext_noop("Add at least one criterion to a phase.")
    )


def _report_unknown(spot: Spot, template: str, word: str, allowed: Collection[str]) -> None:
    closest = suggestion(word, allowed)
    spot.report(
        template,
        gettext_noop("Did you mean %(suggestion)s?") if closest else _ONE_OF,
        word=shown(word),
        suggestion=closest,
        allowed=", ".join(allowed),
    )


def _mapping(
    value: Any,
    spot: Spot,
    known: Sequence[str],
    required: Sequence[str] | None = None,
    missing: str = _MISSING_KEY,
) -> dict[str, Any]:
    """The known keys of a mapping. Unknown and missing ones are reported; ``required`` defaults to all."""
    if value is MISSING:
        return {}
    if not isinstance(value, Mapping):
        _report_type(spot, value, gettext_noop("Keys with values are expected here (key: value)."))
        return {}
    for key in value:
        if key not in known:
            _report_unknown(
                spot.key(shown(key)), gettext_noop("There is no key %(word)s here."), str(key), known
            )
    for key in known if required is None else required:
        if key not in value:
            spot.key(key).report(missing, gettext_noop("Add it."), key=key)
    return {key: value[key] for key in known if key in value}


def _entries(value: Any, spot: Spot) -> list[tuple[Any, Spot]]:
    if value is MISSING:
        return []
    if not isinstance(value, list | tuple) or not value:
        _report_type(spot, value, gettext_noop("A list with at least one entry is expected here."))
        return []
    return [(item, spot.item(index)) for index, item in enumerate(value)]


def _line(value: Any, spot: Spot, limit: int) -> str:
    """Text that is not empty, without control characters, of at most ``limit`` characters."""
    if value is MISSING:
        return ""
    if not isinstance(value, str):
        _report_type(spot, value, gettext_noop("Text is expected here; put it in quotation marks."))
        return ""
    text = value.strip()
    if not text:
        spot.report(gettext_noop("The text is empty."))
    elif len(text) > limit:
        template = gettext_noop("The text has %(length)s characters; at most %(limit)s are allowed.")
        spot.report(template, length=len(text), limit=limit)
    elif bad := next((character for character in text if _is_unprintable(character)), ""):
        spot.report(
            gettext_noop("The text holds the invisible character %(character)s."),
            gettext_noop("Remove it."),
            character=f"U+{ord(bad):04X}",
        )
    else:
        return text
    return ""


def _is_unprintable(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")


def _text(value: Any, spot: Spot, languages: Sequence[str], limit: int) -> Text:
    words = _mapping(value, spot, languages, missing=_MISSING_LANGUAGE)
    return Text(**{key: _line(word, spot.key(key), limit) for key, word in words.items()})


def _word(value: Any, spot: Spot, allowed: Sequence[str]) -> str:
    if value is MISSING or (isinstance(value, str) and value in allowed):
        return "" if value is MISSING else value
    if isinstance(value, str) and value:
        _report_unknown(spot, gettext_noop("%(word)s is not a value that can stand here."), value, allowed)
    else:
        words = ", ".join(allowed)
        spot.report(gettext_noop("A word is expected here."), _ONE_OF, allowed=words)
    return ""


def _pattern(value: Any, spot: Spot, pattern: re.Pattern[str], mend: str) -> str:
    """Text of at most 64 characters that matches ``pattern``."""
    if isinstance(value, int | float):
        spot.report(gettext_noop("Text is expected here, not a number or yes/no."), mend)
        return ""
    text = _line(value, spot, 64)
    if text and not pattern.fullmatch(text):
        spot.report(gettext_noop("%(value)s cannot be used here."), mend, value=shown(text))
        return ""
    return text


def _number(value: Any, spot: Spot) -> Number:
    """A finite number; a whole one is an int, so that a stored document reads back to the same hash."""
    if value is MISSING:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        _report_type(spot, value, gettext_noop("A number is expected here."))
    elif not math.isfinite(value) or abs(value) > MAX_MEASURE:
        spot.report(gettext_noop("The number is infinite, not a number, or too large."))
    else:
        return int(value) if value == int(value) else value
    return 0


def _days(value: Any, spot: Spot) -> int | None:
    if value is MISSING:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_AGE_DAYS:
        return value
    spot.report(
        gettext_noop("A whole number of days from 1 to %(limit)s is expected here."), limit=MAX_AGE_DAYS
    )
    return None
