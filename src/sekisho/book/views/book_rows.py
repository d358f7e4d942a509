"""Rows of the book's chapters with the forms of the acts on them, and lists that say when they are cut."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField, model_to_dict
from django.utils import timezone

from sekisho.book.forms.chapters import ChapterForm
from sekisho.book.models import Project
from sekisho.book.views.book_acts import ACTS
from sekisho.people.roles import Actor


def auto_id(name: str, key: Any = "") -> str:
    """Ids of an act's fields: one row's form never shares them with another's."""
    return f"{name}-{key}-%s" if key else f"{name}-%s"


@dataclass(frozen=True)
class Row:
    """One row of a chapter. ``forms``: by act with underscores; none when this person may not."""

    of: Any
    forms: dict[str, ChapterForm]


def with_forms(
    rows: Iterable[Any], acts: Iterable[str], project: Project, actor: Actor, *, allowed: bool, failed: Any
) -> list[Row]:
    """Rows with a form per act, filled with what the row says; the refused one as it was entered.

    A row is a record, or something that has its record as ``milestone`` or its key as ``value`` (a phase).
    """
    found = [
        Row(row, {act.replace("-", "_"): _form(act, row, project, actor, failed) for act in acts if allowed})
        for row in rows
    ]
    _share_choices([form for row in found for form in row.forms.values()])
    return found


def _share_choices(forms: list[ChapterForm]) -> None:
    """Let all rows offer the same people, read once instead of once a row."""
    fields = [field for form in forms if isinstance(field := form.fields.get("owner"), ModelChoiceField)]
    if fields:
        choices = [*fields[0].widget.choices]
        for offered in fields:
            offered.widget.choices = choices


def _form(act: str, row: Any, project: Project, actor: Actor, failed: Any) -> ChapterForm:
    record = getattr(row, "milestone", row)
    key = str(record.pk if isinstance(record, Model) else record.value)
    if failed is not None and (failed.name, failed.key) == (act, key):
        form: ChapterForm = failed.form
        return form
    kind = ACTS[act].form
    said = model_to_dict(record) if isinstance(record, Model) else {}
    initial = {name: said[name] for name in kind.base_fields if said.get(name) is not None}
    if act == "milestone-reach":
        initial["done_on"] = timezone.localdate()
    return kind(project=project, actor=actor, initial=initial, auto_id=auto_id(act, key))


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
