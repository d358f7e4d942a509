"""Rows of the book's chapters with the places of the acts on them, and lists that say when they are cut."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from sekisho.book.forms.chapters import AttributesForm, ChapterForm
from sekisho.book.models import Project
from sekisho.book.views.book_acts import ACTS
from sekisho.people.roles import Actor


def auto_id(name: str, key: Any = "") -> str:
    """Ids of an act's fields: one row's form never shares them with another's."""
    return f"{name}-{key}-%s" if key else f"{name}-%s"


@dataclass(frozen=True)
class FormPlace:
    """Where an act's form opens: fetched when somebody opens it; here already when it was refused or asked for."""

    form: ChapterForm | None = None


Forms = dict[str, FormPlace]


@dataclass(frozen=True)
class Row:
    """One row of a chapter. ``forms``: by act with underscores; none when this person may not."""

    of: Any
    forms: Forms


@dataclass(frozen=True)
class Places:
    """Gives each act its place on the page. ``shown``: the one form that stands open, by act and row key."""

    shown: Mapping[tuple[str, str], ChapterForm]

    @property
    def list_shown(self) -> str:
        """The list whose row has the form that stands open: shown to its end, the row may stand far down."""
        return next((f"{name.partition('-')[0]}s" for name, key in self.shown if key), "")

    def of(self, acts: Iterable[str], key: str = "") -> Forms:
        """Places of acts, by act with underscores."""
        return {act.replace("-", "_"): FormPlace(self.shown.get((act, key))) for act in acts}

    def on(self, rows: Iterable[Any], acts: Iterable[str], *, allowed: bool) -> list[Row]:
        """Rows with a place per act. A row is a record, or has its record as ``milestone`` or its key as ``value``."""
        named = tuple(acts) if allowed else ()
        return [Row(row, self.of(named, key_of(getattr(row, "milestone", row)))) for row in rows]


def key_of(record: Any) -> str:
    """How a form names the row it is about: a record's key, or a phase."""
    return str(record.pk if isinstance(record, Model) else record.value)


def form_of(name: str, project: Project, actor: Actor, item: Any = None) -> ChapterForm:
    """The form of an act, filled with what the row, or the book, says now."""
    if name == "attributes":
        return AttributesForm.of(project, actor)
    kind = ACTS[name].form
    said = kind.said(item) if isinstance(item, Model) else {}
    initial = {field: value for field, value in said.items() if value is not None}
    if name == "milestone-reach":
        initial["done_on"] = timezone.localdate()
    key = "" if item is None else item.pk if isinstance(item, Model) else item
    return kind(project=project, actor=actor, initial=initial, auto_id=auto_id(name, key))


@dataclass
class Lists:
    """Reads the first rows of each list; ``full`` names the one list to show to its end.

    ``cuts`` maps the name of each list that was cut to how many rows there are.
    """

    full: str
    cuts: dict[str, int] = field(default_factory=dict)

    def read(self, name: str, rows: QuerySet[Any], limit: int) -> list[Any]:
        """The rows to show. Counts only when there are more than ``limit``."""
        if name == self.full:
            return list(rows)
        found = list(rows[: limit + 1])
        if len(found) > limit:
            self.cuts[name] = rows.count()
        return found[:limit]
