"""Reads of quality levels: the roadmap over the years, the services of a level, one service explained."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import get_language

from sekisho.book.measures import all_measures
from sekisho.book.models import Project
from sekisho.people.roles import Actor
from sekisho.standards.words import SIGNS
from sekisho.voice.models import QualityLevel
from sekisho.voice.quality import BELOW, Finding, Judgement, Rule


@dataclass(frozen=True)
class YearLine:
    """How many services stood at each level in a fiscal year, lowest level first."""

    fiscal_year: int
    counts: Sequence[tuple[str, str, int]]

    @property
    def total(self) -> int:
        return sum(count for _code, _title, count in self.counts)


def roadmap(actor: Actor, rule: Rule, *, years: int = 6) -> list[YearLine]:
    """Services by level and fiscal year, the newest ``years``, oldest first."""
    seen = _seen(actor).order_by().values("fiscal_year", "level").annotate(n=Count("pk"))
    by_year: dict[int, Counter[str]] = defaultdict(Counter)
    for row in seen:
        by_year[row["fiscal_year"]][row["level"]] += row["n"]
    codes = [BELOW, *(level.code for level in rule.levels)]
    return [
        YearLine(year, [(code, title(rule, code), by_year[year][code]) for code in codes])
        for year in sorted(by_year)[-years:]
    ]


def levels_of_year(actor: Actor, year: int, level: str = "") -> QuerySet[QualityLevel]:
    """The services of a fiscal year with their levels, by code of the book."""
    found = _seen(actor).filter(fiscal_year=year).select_related("project__owner")
    return (found.filter(level=level) if level else found).order_by("project__code")


@dataclass(frozen=True)
class Lack:
    """A need that services lack for their next level: how many, and the ``measure`` that tells."""

    measure: str
    title: str
    level: str
    count: int


def lacks_of_year(actor: Actor, rule: Rule, year: int) -> list[Lack]:
    """What the services of a fiscal year lack for their next level, the most frequent first."""
    rows = _seen(actor).filter(fiscal_year=year).order_by().values_list("level", "findings")
    counts = Counter(name for level, findings in rows for name in _lacking(rule, level, findings))
    return [
        Lack(need.demand.name, need.title.get(get_language() or "ja"), title(rule, level.code), n)
        for level in rule.levels
        for need in level.needs
        if (n := counts[need.demand.name])
    ]


def lacking(actor: Actor, rule: Rule, year: int, measure: str) -> list[int]:
    """Keys of the kept levels of a fiscal year whose services lack what this measure tells."""
    rows = _seen(actor).filter(fiscal_year=year).order_by().values_list("pk", "level", "findings")
    return [pk for pk, level, findings in rows if measure in _lacking(rule, level, findings)]


def lacks_of(rule: Rule, kept: QualityLevel) -> list[str]:
    """What one service lacks for its next level, in words."""
    names = _lacking(rule, kept.level, kept.findings)
    needs = {need.demand.name: need.title for level in rule.levels for need in level.needs}
    return [needs[name].get(get_language() or "ja") for name in names if name in needs]


def _lacking(rule: Rule, level: str, findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Measures of the next level that do not hold; nothing at the top."""
    order = [BELOW, *(one.code for one in rule.levels)]
    following = order[order.index(level) + 1 :][:1] if level in order else []
    return [one["measure"] for one in findings if one["level"] in following and one["state"] != "holds"]


def _seen(actor: Actor) -> QuerySet[QualityLevel]:
    return QualityLevel.objects.filter(project__in=Project.objects.visible_to(actor).order_by())


def history(project: Project) -> QuerySet[QualityLevel]:
    """The levels of one service, newest year first."""
    return QualityLevel.objects.filter(project=project)


def title(rule: Rule, code: str) -> str:
    """The words of a level in the active language."""
    return rule.title_of(code).get(get_language() or "ja")


@dataclass(frozen=True)
class NeedLine:
    """One need of a level in words: what was measured, what is demanded, and where the value comes from."""

    title: str
    measured: str
    unit: str
    demanded: str
    state: str
    address: str


@dataclass(frozen=True)
class LevelLines:
    """A level and its needs; ``reached`` when it and everything below holds."""

    title: str
    reached: bool
    needs: Sequence[NeedLine]


def explained(rule: Rule, judgement: Judgement, project: Project) -> list[LevelLines]:
    """The judgement, level by level, for people."""
    order = [BELOW, *(level.code for level in rule.levels)]
    reached = order.index(judgement.level)
    lines: Mapping[str, list[NeedLine]] = defaultdict(list)
    for finding in judgement.findings:
        lines[finding.level].append(_line(finding, project))
    return [
        LevelLines(title(rule, level.code), order.index(level.code) <= reached, lines[level.code])
        for level in rule.levels
    ]


def _line(finding: Finding, project: Project) -> NeedLine:
    demand = finding.need.demand
    known = all_measures().get(demand.name)
    return NeedLine(
        title=finding.need.title.get(get_language() or "ja"),
        measured="" if finding.value is None else f"{finding.value:g}",
        unit=str(known.unit) if known else "",
        demanded=f"{SIGNS[demand.operator]} {demand.value}",
        state=finding.state,
        address=known.address(project) if known and known.address else "",
    )
