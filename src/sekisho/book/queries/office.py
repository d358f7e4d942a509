"""The chain of what belongs to no book, for the administration pages."""

from sekisho.book.models import LedgerEntry
from sekisho.book.services.ledger import OFFICE
from sekisho.book.words import entry_sentence
from sekisho.people.record import RecordedAct


def office_history(offset: int, limit: int) -> list[RecordedAct]:
    """Acts of the office chain, newest first, as sentences in the active language."""
    rows = LedgerEntry.objects.filter(chain=OFFICE).order_by("-seq")[offset : offset + limit]
    return [
        RecordedAct(row.at, row.actor_name, entry_sentence(row.act, row.actor_name, row.params))
        for row in rows
    ]
