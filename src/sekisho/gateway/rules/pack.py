"""The rule pack: YAML that says which flows are forbidden and which controls must be there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sekisho.gateway.rules.values import (
    DATA_CLASSES,
    FLOW_CONTROLS,
    HANDOVERS,
    MODELS,
    SYSTEM_CONTROLS,
    ZONE_KINDS,
)

FOLDER = Path(__file__).parent / "network-rules"
_KEYS = {"code", "about", "models", "from", "to", "zones", "data", "by", "workplace", "forbid", "require",
         "severity", "title", "mend", "source"}  # fmt: skip


class PackError(ValueError):
    """A rule pack cannot be used; the message names place and mend."""


@dataclass(frozen=True)
class Rule:
    """One rule. Empty selections match everything. ``require`` names controls; a ``forbid`` rule needs none."""

    code: str
    about: str  # "flow" or "system"
    title: Mapping[str, str]
    mend: Mapping[str, str]
    severity: str = "must"
    models: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    handovers: frozenset[str] = frozenset()
    workplace: bool | None = None
    forbid: bool = False
    require: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Pack:
    """A version of the rules."""

    id: str
    version: str
    title: Mapping[str, str]
    note: Mapping[str, str]
    rules: tuple[Rule, ...]
    models: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def rule(self, code: str) -> Rule:
        """The rule of a code; raises ``KeyError``."""
        return next((rule for rule in self.rules if rule.code == code), None) or _missing(code)


def _missing(code: str) -> Rule:
    raise KeyError(code)


@cache
def shipped_pack(version: str = "1.0") -> Pack:
    """The pack that comes with Sekisho."""
    return load_pack(FOLDER / f"{version}.yaml")


def load_pack(path: Path) -> Pack:
    """Read a pack. Raises ``PackError`` naming the file, the rule and what is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PackError(f"{path.name}: cannot be read as YAML: {error}") from None
    return pack_from(document, path.name)


def pack_from(document: Any, place: str = "pack") -> Pack:
    """A pack from plain values. Raises ``PackError``."""
    if not isinstance(document, dict):
        raise PackError(f"{place}: write a mapping with id, version, title, note and rules")
    for key in ("id", "version", "title", "note", "rules"):
        if key not in document:
            raise PackError(f"{place}: {key} is missing")
    if not isinstance(document["rules"], list):
        raise PackError(f"{place}: rules must be a list")
    rules = tuple(_rule(entry, f"{place}: rule {n}") for n, entry in enumerate(document["rules"], 1))
    codes = [rule.code for rule in rules]
    if twice := {code for code in codes if codes.count(code) > 1}:
        raise PackError(f"{place}: the code {min(twice)} is used twice")
    return Pack(
        str(document["id"]),
        str(document["version"]),
        _words(document, "title", place),
        _words(document, "note", place),
        rules,
        document.get("models") or {},
    )


def _rule(entry: Any, place: str) -> Rule:
    if not isinstance(entry, dict):
        raise PackError(f"{place}: write a mapping")
    place = f"{place} ({entry.get('code', 'without a code')})"
    if unknown := set(map(str, entry)) - _KEYS:
        raise PackError(f"{place}: {min(unknown)} is not known; there are {', '.join(sorted(_KEYS))}")
    about = entry.get("about")
    if not isinstance(entry.get("code"), str) or about not in ("flow", "system"):
        raise PackError(f"{place}: give it a code, and about: flow or system")
    controls = FLOW_CONTROLS if about == "flow" else SYSTEM_CONTROLS
    rule = Rule(
        code=entry["code"],
        about=about,
        title=_words(entry, "title", place),
        mend=_words(entry, "mend", place),
        severity=_one(entry.get("severity", "must"), ("must", "should"), place, "severity"),
        models=_some(entry, "models", MODELS, place),
        sources=_some(entry, "from", ZONE_KINDS, place),
        targets=_some(entry, "to", ZONE_KINDS, place),
        zones=_some(entry, "zones", ZONE_KINDS, place),
        data=_some(entry, "data", DATA_CLASSES, place),
        handovers=_some(entry, "by", HANDOVERS, place),
        workplace=entry.get("workplace"),
        forbid=bool(entry.get("forbid", False)),
        require=tuple(sorted(_some(entry, "require", controls, place))),
        source=str(entry.get("source", "")),
    )
    if rule.forbid == bool(rule.require):
        raise PackError(f"{place}: write either forbid: true or require: [..]")
    return rule


def _words(entry: Mapping[str, Any], key: str, place: str) -> Mapping[str, str]:
    words = entry.get(key)
    if not isinstance(words, dict) or not all(isinstance(words.get(lang), str) for lang in ("ja", "en")):
        raise PackError(f"{place}: {key} needs words in ja and en")
    return words


def _some(entry: Mapping[str, Any], key: str, known: tuple[str, ...], place: str) -> frozenset[str]:
    values = entry.get(key, [])
    if not isinstance(values, list):
        raise PackError(f"{place}: {key} must be a list")
    return frozenset(_one(value, known, place, key) for value in values)


def _one(value: Any, known: tuple[str, ...], place: str, key: str) -> str:
    if value not in known:
        raise PackError(f"{place}: {key} knows {', '.join(known)}, not {value!r}")
    return str(value)
