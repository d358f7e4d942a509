"""The chain of what belongs to no book, for the administration pages."""

from sekisho.book.models import LedgerEntry
from sekisho.book.models.ledger import OFFICE
from sekisho.book.queries.ledger_names import names_of
from sekisho.book.words import entry_sentence
from sekisho.people.record import RecordedAct


def office_history(offset: int, limit: int) -> list[RecordedAct]:
    """Acts of the office chain, newest first, as sentences in the active language."""
    rows = list(LedgerEntry.objects.filter(chain=OFFICE).order_by("-seq")[offset : offset + limit])
    names = names_of(rows)
    return [
        RecordedAct(row.at, row.actor_name, entry_sentence(row.act, row.actor_name, row.params, names))
        for row in rows
    ]
