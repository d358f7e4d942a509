"""What changed between two versions of a pack, and which answers survive the move.

An answer belongs to a criterion code at one gate. When a gate moves to a newer version:

* the answer **fits** (it is kept) as long as the criterion is still there, in the same phase section;
* it **needs a look** when, in addition, what it answers has changed: title, guidance, evidence or the measure
  demanded. It is kept, and the page asks the owner section to read it again;
* it is **dropped** from the gate only when the criterion vanished or moved to another section.

A change of group, level, requirement, source or applicability leaves the words of the answer right: whether
the criterion blocks, or is asked at all, is computed anew in any case.
"""

from dataclasses import dataclass, fields
from typing import Any

from sekisho.standards.pack import Criterion, MeasureDemand, Pack, Text

LOOK_FIELDS = frozenset({"title", "guidance", "evidence", "measure"})

Value = Text | MeasureDemand | str | tuple[str, ...] | None


@dataclass(frozen=True)
class FieldChange:
    """One field before and after: a Text, a MeasureDemand, a plain word, or None where there was nothing."""

    name: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Change:
    """What changed in one criterion; ``fields`` in the order in which Criterion declares them."""

    code: str
    fields: tuple[FieldChange, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(change.name for change in self.fields)

    @property
    def fits(self) -> bool:
        """Whether an answer given before can be kept."""
        return "phase" not in self.names

    @property
    def needs_look(self) -> bool:
        """Whether a kept answer should be read again because what it answers has changed."""
        return self.fits and bool(self.names & LOOK_FIELDS)


@dataclass(frozen=True)
class Difference:
    """``added`` and ``changed`` stand in the order of the new pack, ``removed`` in the order of the old.

    ``head`` holds the changes of the pack's own id, title, description, source, licence and languages. The
    version is not among them: two packs that differ in their version alone are the same standard.
    """

    added: tuple[Criterion, ...]
    removed: tuple[Criterion, ...]
    changed: tuple[Change, ...]
    head: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.head)

    @property
    def needs_look(self) -> frozenset[str]:
        """Codes whose answers are kept but should be read again."""
        return frozenset(change.code for change in self.changed if change.needs_look)


def compare(old: Pack, new: Pack) -> Difference:
    """Every difference between two packs. Codes are compared, not positions: reordering is no difference."""
    return Difference(
        added=tuple(criterion for criterion in new.criteria if old.get(criterion.code) is None),
        removed=tuple(criterion for criterion in old.criteria if new.get(criterion.code) is None),
        changed=tuple(
            Change(criterion.code, changes)
            for criterion in new.criteria
            if (before := old.get(criterion.code)) and (changes := _changes(before, criterion, ("code",)))
        ),
        head=_changes(old, new, ("version", "criteria")),
    )


def kept_codes(old: Pack, new: Pack) -> frozenset[str]:
    """Codes whose answers still fit after the move from ``old`` to ``new`` (see the top of this module)."""
    return frozenset(
        criterion.code
        for criterion in old.criteria
        if (after := new.get(criterion.code)) is not None and after.phase == criterion.phase
    )


def _changes(old: Any, new: Any, ignored: tuple[str, ...]) -> tuple[FieldChange, ...]:
    names = (field.name for field in fields(new) if field.name not in ignored)
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(FieldChange(name, before, after) for name, before, after in pairs if before != after)
