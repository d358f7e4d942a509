"""Lists of the book as files."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.book.models import Gate, LedgerEntry
from sekisho.book.queries.ledger import ReadAct, read_acts
from sekisho.web.lists import Cells, as_file

#: entries that are read together: the names in their sentences are looked up at once
_PAGE = 500


def gates_file(fmt: str, gates: QuerySet[Gate]) -> FileResponse:
    """Gates in their order."""
    cells = [
        Cells("gate", _("Gate"), lambda gate: gate.title),
        Cells("code", _("Code"), lambda gate: gate.project.code),
        Cells("project", _("Project"), lambda gate: gate.project.local_name),
        Cells("state", _("State"), lambda gate: gate.get_state_display()),
        Cells("due_on", _("Due on"), lambda gate: gate.due_on, "date"),
        Cells("owner", _("Owner section"), lambda gate: gate.project.owner.local_name),
        Cells("standard", _("Standard"), lambda gate: gate.standard),
    ]
    return as_file(fmt, "gates", _("Gates"), cells, gates.iterator(chunk_size=1000))


def entries_file(fmt: str, name: str, title: str, entries: QuerySet[LedgerEntry]) -> FileResponse:
    """Entries of ledgers as sentences, with the hashes that prove them."""
    cells = [
        Cells("chain", _("Chain"), lambda act: act.entry.chain),
        Cells("seq", _("Number"), lambda act: act.entry.seq, "number"),
        Cells("at", _("When"), lambda act: act.entry.at, "moment"),
        Cells("actor", _("Who"), lambda act: act.entry.actor_name),
        Cells("act", _("Act"), lambda act: act.entry.act),
        Cells("what", _("What"), lambda act: act.sentence),
        Cells("previous_hash", _("Hash before"), lambda act: act.entry.previous_hash),
        Cells("hash", _("Hash"), lambda act: act.entry.hash),
    ]
    return as_file(fmt, name, title, cells, _acts(entries))


def _acts(entries: QuerySet[LedgerEntry]) -> Iterator[ReadAct]:
    page: list[LedgerEntry] = []
    for entry in entries.iterator(chunk_size=_PAGE):
        page.append(entry)
        if len(page) == _PAGE:
            yield from read_acts(page)
            page = []
    yield from read_acts(page)
