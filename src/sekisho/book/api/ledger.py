"""API of the ledger: a book's acts in their order, each with the hash of the one before."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from sekisho.book.api.common import find_project
from sekisho.book.api.documents import pick
from sekisho.book.api.paging import LedgerQuery, Page, paginate
from sekisho.book.api.schemas import LedgerOut
from sekisho.book.models import LedgerEntry
from sekisho.book.models.ledger import chain_of
from sekisho.book.queries.ledger_names import names_of
from sekisho.book.words import entry_sentence
from sekisho.book.words_values import Names
from sekisho.errors import NotPermitted
from sekisho.people.permissions import actor_of

router = Router(tags=["ledger"])
_ENTRY = ("chain", "seq", "actor_id", "act", "params", "before", "after", "previous_hash", "hash")


@router.get("/projects/{code}/ledger", response=Page[LedgerOut])
def read_ledger(request: HttpRequest, code: str, filters: Query[LedgerQuery]) -> dict[str, Any]:
    """A book's ledger from its first entry on, so that a reader can follow the chain and come back for more.

    Each hash is SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of an entry without ``hash``
    and ``sentence``.
    """
    project = find_project(request, code)
    if not actor_of(request.user).may("read_ledger", path=project.owner.path, project_id=project.pk):
        raise NotPermitted(_("Your role does not allow you to read the ledger of this book."))
    entries = LedgerEntry.objects.filter(chain=chain_of(project))
    if filters.act:
        entries = entries.filter(act=filters.act)
    page = paginate(request, entries, filters, lambda entry: entry, key="seq")
    names = names_of(page["items"])
    return {**page, "items": [_entry(entry, names) for entry in page["items"]]}


def _entry(entry: LedgerEntry, names: Names) -> dict[str, Any]:
    sentence = entry_sentence(entry.act, entry.actor_name, entry.params, names)
    at = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")  # as it was hashed
    return {**pick(entry, _ENTRY), "at": at, "actor_name": entry.actor_name, "sentence": sentence}
