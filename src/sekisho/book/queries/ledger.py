"""The ledger as people read it: acts by subject, and what each changed, in words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Field, Model, Q, QuerySet
from django.template.defaultfilters import yesno
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from sekisho.book.models import (
    Answer,
    BudgetYear,
    Contract,
    Gate,
    Goal,
    Interface,
    LedgerEntry,
    Link,
    Membership,
    Milestone,
    Module,
    Project,
    Release,
    RetirementItem,
    Risk,
    StatusReport,
)
from sekisho.book.models.ledger import chain_of
from sekisho.book.queries.ledger_names import names_of
from sekisho.book.words import entry_sentence
from sekisho.book.words_values import Names, year_word
from sekisho.people.models import ApiToken, Organisation, RoleAssignment, User
from sekisho.web import formats

#: subject in the address -> its words, and the first parts of the acts it gathers
SUBJECTS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "what": (gettext_lazy("What it is"), ("project", "tier")),
    "phases": (gettext_lazy("Phases"), ("phase",)),
    "gates": (
        gettext_lazy("Gates"),
        ("gate", "answer", "evidence", "review", "finding", "condition", "waiver"),
    ),
    "releases": (gettext_lazy("Releases"), ("release",)),
    "people": (gettext_lazy("People"), ("member",)),
    "money": (gettext_lazy("Money"), ("budget", "contract")),
    "milestones": (gettext_lazy("Milestones"), ("milestone", "baseline")),
    "status": (gettext_lazy("Monthly status"), ("status",)),
    "risks": (gettext_lazy("Risks and questions"), ("risk",)),
    "parts": (gettext_lazy("Links, files and parts"), ("item", "file")),
    "retirement": (gettext_lazy("Retirement"), ("retirement",)),
}

#: first part of an act -> the record whose columns its before and after name
_RECORDS: dict[str, type[Model]] = {
    "project": Project,
    "tier": Project,
    "phase": Project,
    "gate": Gate,
    "answer": Answer,
    "release": Release,
    "member": Membership,
    "budget": BudgetYear,
    "contract": Contract,
    "milestone": Milestone,
    "status": StatusReport,
    "risk": Risk,
    "retirement": RetirementItem,
    "organisation": Organisation,
    "person": User,
    "role": RoleAssignment,
    "token": ApiToken,
}


def register_subject(
    key: str, words: Promise, parts: tuple[str, ...], records: Mapping[str, type[Model]]
) -> None:
    """Let an app to our right gather its acts under a subject: their first parts, and the record each is about."""
    SUBJECTS[key] = (words, parts)
    _RECORDS.update(records)


_ITEMS: dict[str, type[Model]] = {
    "goal": Goal,
    "link": Link,
    "module": Module,
    "interface": Interface,
    "contract": Contract,
}

#: what before and after name otherwise than a column's own words
_LABELS: dict[str, Promise] = {
    "comment": gettext_lazy("In words"),
    "value": gettext_lazy("Answer"),
    "reason": gettext_lazy("reason"),
    "from": gettext_lazy("from"),
    "until": gettext_lazy("until"),
    "url": gettext_lazy("address"),
    "contracts": gettext_lazy("contracts"),
    "goals": gettext_lazy("goals"),
    "links": gettext_lazy("links"),
    "listed_year": gettext_lazy("year of the list"),
    "listed_name": gettext_lazy("name in that list"),
    "listed_owner": gettext_lazy("organisation in that list"),
    "dropped": pgettext_lazy("ledger", "no longer asked"),
    "look": pgettext_lazy("ledger", "to be looked at again"),
}


@dataclass(frozen=True)
class Change:
    """One part that an act changed, in words of the active language. An empty text: nothing was entered."""

    label: str
    before: str
    after: str
    had_before: bool


@dataclass(frozen=True)
class ReadAct:
    """A ledger entry as people read it."""

    entry: LedgerEntry
    sentence: str
    changes: tuple[Change, ...]


def entries_of(project: Project, *, subject: str = "", before: int | None = None) -> QuerySet[LedgerEntry]:
    """A book's entries, newest first. ``subject``: a key of ``SUBJECTS``; ``before``: only lower numbers."""
    rows = LedgerEntry.objects.filter(chain=chain_of(project)).order_by("-seq")
    if subject:
        rows = rows.filter(_begins_with(SUBJECTS[subject][1]))
    return rows if before is None else rows.filter(seq__lt=before)


def _begins_with(prefixes: Iterable[str]) -> Q:
    return reduce(or_, (Q(act__startswith=f"{prefix}.") for prefix in prefixes))


def entries_of_release(release: Release, gate: Gate) -> QuerySet[LedgerEntry]:
    """The story of one release and its gate, newest first; single answers are told on the gate's page."""
    about = Q(params__release_id=release.pk) | Q(params__gate_id=gate.pk)
    rows = LedgerEntry.objects.filter(about, chain=chain_of(release.project))
    return rows.exclude(_begins_with(("answer", "evidence"))).order_by("-seq")


def read_acts(entries: Iterable[LedgerEntry]) -> list[ReadAct]:
    """Entries as sentences with their changes in words. All names are read in a fixed number of queries."""
    rows = list(entries)
    names = names_of(rows)
    return [
        ReadAct(row, entry_sentence(row.act, row.actor_name, row.params, names), changes_of(row, names))
        for row in rows
    ]


def changes_of(entry: LedgerEntry, names: Names) -> tuple[Change, ...]:
    """What an entry says of before and after. ``names``: what stands behind its keys and codes."""
    if entry.act == "gate.upgraded":
        titles = names.criteria.get(entry.params.get("gate_id", 0), {})
        after = {key: [titles.get(code, code) for code in codes] for key, codes in entry.after.items()}
        return changes_between(None, {}, after, names)
    first = entry.act.partition(".")[0]
    record = _ITEMS.get(str(entry.params.get("kind"))) if first == "item" else _RECORDS.get(first)
    return changes_between(record, entry.before, entry.after, names)


def changes_between(
    record: type[Model] | None, before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> tuple[Change, ...]:
    """Parts that differ, labelled by the columns of ``record`` where they are its columns."""
    columns = {column.name: column for column in record._meta.fields} if record else {}
    return tuple(
        Change(
            _label(key, columns.get(key)),
            _word(before.get(key), columns.get(key), names),
            _word(after.get(key), columns.get(key), names),
            key in before,
        )
        for key in [*after, *(key for key in before if key not in after)]
        if key not in before or key not in after or before[key] != after[key]
    )


def differences(
    record: type[Model], saved: Mapping[str, Any], entered: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Label, saved and entered words of each part that differs between two versions of one record."""
    keys = {side["owner"] for side in (saved, entered) if isinstance(side.get("owner"), int)}
    names = Names(dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name")))
    return [(c.label, c.before, c.after) for c in changes_between(record, saved, entered, names)]


def _label(key: str, column: "Field[Any, Any] | None") -> str:
    if key in _LABELS:
        return str(_LABELS[key])
    kind, _colon, year = key.partition(":")
    if kind == "budget" and year:
        return _("money for %(year)s") % {"year": year_word(year)}
    return str(column.verbose_name) if column is not None else key


def _word(value: Any, column: "Field[Any, Any] | None", names: Names) -> str:
    """A plain JSON value as people read it; empty when nothing was entered."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(yesno(value))
    if isinstance(value, list):
        return _(", ").join(_word(item, None, names) for item in value)
    if isinstance(value, dict):
        return _(", ").join(f"{_label(key, None)}: {_word(item, None, names)}" for key, item in value.items())
    if column is None:
        return _day(str(value))
    return _column_word(value, column, names)


def _column_word(value: Any, column: "Field[Any, Any]", names: Names) -> str:
    chosen = dict(column.flatchoices).get(value) if column.choices else None
    if chosen is not None:
        return str(chosen)
    if (
        isinstance(column, BigIntegerField)
        and isinstance(value, str)
        and value.removesuffix(".0").isdecimal()
    ):
        value = int(value.removesuffix(".0"))  # an amount that came in as text
    if isinstance(value, int):
        if column.name in ("owner", "parent"):
            return names.organisations.get(value, str(value))
        if isinstance(column, BigIntegerField):
            return formats.yen_exact(value, get_language())
        if column.name.endswith("_year"):
            return formats.fiscal_year(value, get_language())
    return _day(str(value))


def _day(text: str) -> str:
    """ISO days as the long date; everything else as it is."""
    if len(text) != 10 or text[4:5] != "-":
        return text
    try:
        return formats.date_long(dt.date.fromisoformat(text), get_language())
    except ValueError:
        return text
