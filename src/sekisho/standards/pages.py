"""What the pages of standards show, as plain values in the active language."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.utils import timezone

from sekisho.people.models import Organisation
from sekisho.standards.differences import Difference, FieldChange, compare
from sekisho.standards.models import StandardInForce, StandardVersion
from sekisho.standards.pack import GATE_SECTIONS, Criterion, Pack, Text
from sekisho.standards.queries import DEFAULT_PACK
from sekisho.standards.words import (
    EVIDENCE,
    FIELDS,
    LEVELS,
    REQUIREMENTS,
    SECTIONS,
    applies_words,
    field_words,
    measure_words,
)


@dataclass(frozen=True)
class CriterionRow:
    """One criterion in words."""

    code: str
    title: str
    guidance: str
    level: str
    requirement: str
    evidence: str
    applies: str
    measure: str
    source: str
    is_binding: bool


@dataclass(frozen=True)
class Group:
    title: str
    rows: tuple[CriterionRow, ...]


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    groups: tuple[Group, ...]
    count: int


def criterion_row(criterion: Criterion, language: str) -> CriterionRow:
    """A criterion with every code put into words."""
    return CriterionRow(
        code=criterion.code,
        title=criterion.title.get(language),
        guidance=criterion.guidance.get(language),
        level=str(LEVELS[criterion.level]),
        requirement=str(REQUIREMENTS[criterion.requirement]),
        evidence=str(EVIDENCE[criterion.evidence]),
        applies=applies_words(criterion),
        measure=measure_words(criterion.measure),
        source=criterion.source.get(language),
        is_binding=criterion.requirement == "mandatory" and criterion.level == "must_be",
    )


def sections_of(pack: Pack, language: str, q: str = "") -> list[Section]:
    """The criteria that contain every word of ``q``, by section and group, in the order of the pack."""
    words = _folded(q).split()
    found = []
    for key in GATE_SECTIONS:
        criteria = [c for c in pack.for_phase(key) if _contains(c, words)]
        groups = tuple(
            Group(title, tuple(criterion_row(criterion, language) for criterion in members))
            for title, members in groupby(criteria, key=lambda c: c.group.get(language))
        )
        if groups:
            found.append(Section(key, str(SECTIONS[key]), groups, len(criteria)))
    return found


def _contains(criterion: Criterion, words: list[str]) -> bool:
    texts = (criterion.group, criterion.title, criterion.guidance, criterion.source)
    whole = _folded(" ".join([criterion.code, *(f"{text.ja} {text.en}" for text in texts)]))
    return all(word in whole for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


# Differences


@dataclass(frozen=True)
class ChangedField:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedCriterion:
    code: str
    title: str
    fields: tuple[ChangedField, ...]
    needs_look: bool


def compared(old: StandardVersion, new: StandardVersion, language: str) -> dict[str, object]:
    """What ``standards/differences.html`` shows of two versions."""
    before, after = old.load(), new.load()
    difference = compare(before, after)
    return {
        "old": old,
        "new": new,
        "is_same": difference.is_empty,
        "head": changed_fields(difference.head, language),
        "added": [criterion_row(c, language) for c in difference.added],
        "removed": [criterion_row(c, language) for c in difference.removed],
        "changed": changed_rows(difference, after, language),
    }


def changed_rows(difference: Difference, new: Pack, language: str) -> list[ChangedCriterion]:
    """Changed criteria, field by field. A field whose words differ only in the other language shows those."""
    rows = []
    for change in difference.changed:
        criterion = new.get(change.code)
        assert criterion is not None
        fields = changed_fields(change.fields, language)
        rows.append(ChangedCriterion(change.code, criterion.title.get(language), fields, change.needs_look))
    return rows


def changed_fields(changes: Iterable[FieldChange], language: str) -> tuple[ChangedField, ...]:
    """Fields before and after, in words."""
    return tuple(_changed_field(change, language) for change in changes)


def _changed_field(change: FieldChange, language: str) -> ChangedField:
    before, after = (field_words(change.name, v, language) for v in (change.before, change.after))
    if before == after and isinstance(change.before, Text) and isinstance(change.after, Text):
        other = "ja" if language.startswith("en") else "en"
        before, after = change.before.get(other), change.after.get(other)
    return ChangedField(str(FIELDS.get(change.name, change.name)), before, after)


# In force


@dataclass(frozen=True)
class PackRow:
    """A pack with its versions, newest first."""

    pack: str
    title: str
    description: str
    is_default: bool
    versions: list["VersionRow"]


@dataclass(frozen=True)
class VersionRow:
    standard: StandardVersion
    count: int
    used_by: list[Organisation] = field(default_factory=list)


def pack_rows(language: str, today: dt.date) -> list[PackRow]:
    """Every pack. Two queries."""
    used: dict[int, list[Organisation]] = {}
    for choice in current_choices(today).values():
        used.setdefault(choice.standard_id, []).append(choice.organisation)
    rows = []
    for pack, versions in groupby(StandardVersion.objects.all(), key=lambda v: v.pack):
        listed = [VersionRow(v, len(v.load().criteria), used.get(v.pk, [])) for v in versions]
        newest = listed[0].standard.load()
        title, about = newest.title.get(language), newest.description.get(language)
        rows.append(PackRow(pack, title, about, pack == DEFAULT_PACK, listed))
    return rows


def current_choices(today: dt.date) -> dict[int, StandardInForce]:
    """Each organisation's own choice in force on a day, by its id."""
    rows = StandardInForce.objects.filter(in_force_from__lte=today).defer("standard__document")
    found: dict[int, StandardInForce] = {}
    for row in rows.select_related("organisation", "standard").order_by("-in_force_from", "-id"):
        found.setdefault(row.organisation_id, row)
    return found


@dataclass(frozen=True)
class ForceRow:
    """An organisation and the choice that reaches it: its own, one from above, or none (the default then)."""

    organisation: Organisation
    choice: StandardInForce | None
    is_own: bool
    depth: int


def force_rows(today: dt.date) -> list[ForceRow]:
    """Top organisations, bureaus, and whatever chose for itself, as the tree is. Two queries."""
    current = current_choices(today)
    rows = [
        _force_row(o, current) for o in Organisation.objects.filter(closed_on__isnull=True).order_by("path")
    ]
    return sorted((r for r in rows if r.depth <= 1 or r.is_own), key=_tree_order)


def _force_row(organisation: Organisation, current: dict[int, StandardInForce]) -> ForceRow:
    above = [int(part) for part in organisation.path.split("/") if part]
    reaching = next((current[pk] for pk in reversed(above) if pk in current), None)
    return ForceRow(organisation, reaching, organisation.pk in current, organisation.depth)


def _tree_order(row: ForceRow) -> list[int]:
    return [int(part) for part in row.organisation.path.split("/") if part]


def history() -> list[StandardInForce]:
    """Every choice ever made, the latest day first; those ahead included."""
    rows = StandardInForce.objects.select_related("organisation", "standard", "chosen_by")
    return list(rows.defer("standard__document").order_by("-in_force_from", "-id")[:200])


def ahead(rows: Iterable[StandardInForce]) -> set[int]:
    """Ids of the choices that are not yet in force."""
    today = timezone.localdate()
    return {row.pk for row in rows if row.in_force_from > today}
