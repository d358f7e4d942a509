"""The names behind the keys and codes of ledger entries, read for a whole page at once."""

from collections.abc import Iterable
from typing import Any

from sekisho.book.models import Gate, LedgerEntry
from sekisho.book.queries.gates import titles_of
from sekisho.book.words_values import Names
from sekisho.people.models import Organisation
from sekisho.standards.models import StandardVersion

#: acts whose sentence names a criterion of a gate
_OF_CRITERIA = ("answer.", "evidence.", "waiver.", "gate.upgraded")
#: params that name a version of a standard
_STANDARD_PARAMS = {
    "gate.opened": ("standard",),
    "gate.upgraded": ("old", "new"),
    "standard.registered": ("standard",),
    "standard.chosen": ("standard",),
}


def names_of(entries: Iterable[LedgerEntry]) -> Names:
    """Organisations, standards and criteria that these entries mention, in at most three queries."""
    rows = list(entries)
    gates = _pinned(rows)
    named = {str(row.params.get(name)) for row in rows for name in _STANDARD_PARAMS.get(row.act, ())}
    versions = _versions(set(gates.values()), named) if gates or named else []
    titles = {version.pk: version for version in versions}
    return Names(
        organisations=_organisations(rows),
        standards={str(version): version.title for version in versions if str(version) in named},
        criteria={gate: titles_of(titles[pk].load()) for gate, pk in gates.items() if pk in titles},
    )


def _pinned(rows: Iterable[LedgerEntry]) -> dict[int, int]:
    """Key of each gate whose criteria are named -> key of the version it pins."""
    keys = {row.params.get("gate_id") for row in rows if row.act.startswith(_OF_CRITERIA)} - {None}
    return dict(Gate.objects.filter(pk__in=keys).values_list("pk", "standard_id")) if keys else {}


def _versions(pinned: set[int], named: set[str]) -> list[StandardVersion]:
    packs = {text.rpartition(" ")[0] for text in named}
    rows = StandardVersion.objects.filter(pk__in=pinned) | StandardVersion.objects.filter(pack__in=packs)
    return list(rows.defer("document").order_by("pk"))  # long, and parsed once per process


def _organisations(rows: Iterable[LedgerEntry]) -> dict[int, str]:
    keys: set[Any] = {
        side[name]
        for row in rows
        for side in (row.before, row.after)
        for name in ("owner", "parent")
        if isinstance(side, dict) and isinstance(side.get(name), int)
    }
    return dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
