"""What is public of a service, and when: decided from rules, facts and the moment. Pure.

Nothing is public unless somebody decided so. A service is shown when its own decision says so; of it, what is both shown
for all services and not withheld for this one. The document is built from an allow-list, field by field: what has no
builder here cannot appear.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """Somebody decided that something is shown or not, from a moment on.

    ``project`` alone: the service; ``field`` alone: a field of all services; both: a field of one service, which can only be
    withheld. Decisions are given in the order they were taken; the later one counts.
    """

    project: int | None
    field: str
    shown: bool
    takes_effect_at: dt.datetime


@dataclass(frozen=True)
class Rules:
    """What is public at one moment."""

    fields: frozenset[str] = frozenset()
    services: frozenset[int] = frozenset()
    withheld: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def of(self, project: int) -> frozenset[str] | None:
        """The fields shown of a service; None when the service itself is not public."""
        if project not in self.services:
            return None
        return self.fields - self.withheld.get(project, frozenset())


def rules_at(decisions: Iterable[Decision], moment: dt.datetime) -> Rules:
    """The rules in force at a moment: of each subject the latest decision that has taken effect."""
    last: dict[tuple[int | None, str], bool] = {}
    for one in decisions:
        if one.takes_effect_at <= moment:
            last[one.project, one.field] = one.shown
    withheld: dict[int, set[str]] = {}
    for (project, name), shown in last.items():
        if project is not None and name and not shown:
            withheld.setdefault(project, set()).add(name)
    return Rules(
        fields=frozenset(name for (project, name), shown in last.items() if project is None and shown),
        services=frozenset(
            project for (project, name), shown in last.items() if project is not None and not name and shown
        ),
        withheld={project: frozenset(names) for project, names in withheld.items()},
    )


@dataclass(frozen=True)
class Names:
    """A name in Japanese and, where there is one, in English."""

    ja: str
    en: str = ""

    def document(self) -> dict[str, str]:
        return {"ja": self.ja, "en": self.en}


@dataclass(frozen=True)
class Asked:
    """One survey of satisfaction that is over and rests on enough answers."""

    on: dt.date
    mean: float
    satisfied: float
    answers: int


@dataclass(frozen=True)
class Tried:
    """One user test that is done."""

    on: dt.date
    kind: str
    participants: int


@dataclass(frozen=True)
class Money:
    """One fiscal year in yen; None where nobody has said."""

    year: int
    budget: int | None
    spent: int | None


@dataclass(frozen=True)
class Delivered:
    """One release that users have."""

    version: str
    on: dt.date
    kind: str
    brings: str


@dataclass(frozen=True)
class Month:
    """One month of a service in use; ``availability`` in percent."""

    month: dt.date
    availability: float | None
    incidents: int


@dataclass(frozen=True)
class Facts:
    """All that may become public of a service, before anybody decided what does."""

    code: str
    name: Names
    summary: str = ""
    owner: Names = Names("")
    audience: Sequence[str] = ()
    phase: str = ""
    quality: Sequence[tuple[int, str]] = ()
    satisfaction: Sequence[Asked] = ()
    user_tests: Sequence[Tried] = ()
    money: Sequence[Money] = ()
    releases: Sequence[Delivered] = ()
    operation: Sequence[Month] = ()


def document_of(facts: Facts, shown: Iterable[str]) -> Document:
    """What is public of a service as plain JSON: its code and name, and a key for each field that is shown."""
    allowed = frozenset(shown)
    whole: Document = {"id": facts.code, "name": facts.name.document()}
    for name, build in _BUILDERS.items():
        if name in allowed:
            whole[name] = build(facts)
    if "releases" in whole and "release_words" in allowed:
        for line, release in zip(whole["releases"], facts.releases, strict=True):
            line["brings"] = release.brings
    return whole


def _satisfaction(facts: Facts) -> list[Document]:
    return [
        {
            "asked_on": one.on.isoformat(),
            "mean": round(one.mean, 2),
            "satisfied_percent": round(one.satisfied, 1),
            "answers": one.answers,
        }
        for one in facts.satisfaction
    ]


def _user_tests(facts: Facts) -> list[Document]:
    return [
        {"done_on": one.on.isoformat(), "kind": one.kind, "participants": one.participants}
        for one in facts.user_tests
    ]


def _money(facts: Facts) -> list[Document]:
    return [
        {"fiscal_year": one.year, "budget_yen": one.budget, "spent_yen": one.spent} for one in facts.money
    ]


def _releases(facts: Facts) -> list[Document]:
    return [
        {"version": one.version, "released_on": one.on.isoformat(), "kind": one.kind}
        for one in facts.releases
    ]


def _operation(facts: Facts) -> list[Document]:
    return [
        {
            "month": f"{one.month:%Y-%m}",
            "availability_percent": one.availability,
            "incidents": one.incidents,
        }
        for one in facts.operation
    ]


#: field -> what it says, in the order of the document. ``release_words`` adds to ``releases``.
_BUILDERS: dict[str, Callable[[Facts], Any]] = {
    "summary": lambda facts: facts.summary,
    "owner": lambda facts: facts.owner.document(),
    "audience": lambda facts: list(facts.audience),
    "phase": lambda facts: facts.phase,
    "quality": lambda facts: [{"fiscal_year": year, "level": level} for year, level in facts.quality],
    "satisfaction": _satisfaction,
    "user_tests": _user_tests,
    "money": _money,
    "releases": _releases,
    "operation": _operation,
}
FIELDS = (*_BUILDERS, "release_words")


def digest(document: Document) -> str:
    """SHA-256 over the canonical JSON of a document."""
    return hashlib.sha256(
        json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def differing(before: Document, after: Document) -> list[str]:
    """The keys that are there in one only, or say something else."""
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
