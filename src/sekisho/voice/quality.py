"""The quality level of a service: a rule of levels and needs, and its judgement of what was measured. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sekisho.book.evaluation import Measurement
from sekisho.standards.pack import MeasureDemand, Text

RULES = Path(__file__).parent / "rules"
#: the level of a service that does not reach the first one
BELOW = "below"


@dataclass(frozen=True)
class Need:
    """One thing a level needs, in words, and what its measurement must show."""

    title: Text
    demand: MeasureDemand


@dataclass(frozen=True)
class Level:
    """A level and what it needs beyond the levels before it."""

    code: str
    title: Text
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Rule:
    """Levels from the lowest to the highest."""

    id: str
    version: str
    source: Text
    levels: tuple[Level, ...]

    @property
    def measures(self) -> frozenset[str]:
        """Names of everything that must be measured."""
        return frozenset(need.demand.name for level in self.levels for need in level.needs)

    def title_of(self, code: str) -> Text:
        """The words of a level, ``BELOW`` included."""
        below = Text(f"{self.levels[0].title.ja}に届かない", f"Below {self.levels[0].title.en.lower()}")
        return next((level.title for level in self.levels if level.code == code), below)


@dataclass(frozen=True)
class Finding:
    """Whether one need holds: ``state`` is holds, failing, stale (measured too long ago) or missing (not measured)."""

    level: str
    need: Need
    value: float | int | None
    state: str

    @property
    def holds(self) -> bool:
        return self.state == "holds"


@dataclass(frozen=True)
class Judgement:
    """The level reached, every need, and the next level with what it still needs (None at the top)."""

    level: str
    findings: tuple[Finding, ...]
    next_level: str | None

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What the next level still needs."""
        return tuple(f for f in self.findings if f.level == self.next_level and not f.holds)


def judge(rule: Rule, measured: Mapping[str, Measurement], today: dt.date) -> Judgement:
    """The level that the measurements reach under a rule, explained need by need."""
    findings = tuple(
        Finding(level.code, need, _value(need, measured), _state(need, measured, today))
        for level in rule.levels
        for need in level.needs
    )
    reached, following = BELOW, None
    for level in rule.levels:
        if not all(finding.holds for finding in findings if finding.level == level.code):
            following = level.code
            break
        reached = level.code
    return Judgement(reached, findings, following)


def _value(need: Need, measured: Mapping[str, Measurement]) -> float | int | None:
    return measured.get(need.demand.name, Measurement(None)).value


def _state(need: Need, measured: Mapping[str, Measurement], today: dt.date) -> str:
    found, demand = measured.get(need.demand.name, Measurement(None)), need.demand
    if found.value is None:
        return "missing"
    age = (today - found.measured_at.date()).days if found.measured_at else 0
    if demand.max_age_days is not None and age > demand.max_age_days:
        return "stale"
    return "holds" if demand.accepts(found.value) else "failing"


@cache
def current_rule() -> Rule:
    """The newest rule that ships with Sekisho."""
    return load_rule(sorted(RULES.glob("quality-*.yaml"))[-1])


def load_rule(path: Path) -> Rule:
    """Read a rule from its YAML file.

    Raises:
        KeyError, TypeError, yaml.YAMLError: the file is not a rule.
    """
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    levels = tuple(
        Level(entry["code"], Text(**entry["title"]), tuple(_need(need) for need in entry["needs"]))
        for entry in found["levels"]
    )
    return Rule(found["id"], found["version"], Text(**found["source"]), levels)


def _need(entry: Mapping[str, Any]) -> Need:
    return Need(Text(**entry["title"]), MeasureDemand(**entry["measure"]))
