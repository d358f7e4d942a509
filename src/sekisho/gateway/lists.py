"""Lists of routes and of what the ledger of transfers holds, as files."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.gateway.models import Route
from sekisho.gateway.queries.transfers import read
from sekisho.web.lists import Cells, as_file

_PAGE = 500


def routes_file(fmt: str, routes: QuerySet[Route]) -> FileResponse:
    """Routes in their order."""
    cells = [
        Cells("code", _("Code"), lambda route: route.code),
        Cells("route", _("Route"), lambda route: route.local_name),
        Cells("zones", _("Zones"), lambda r: f"{r.source.local_name} → {r.target.local_name}"),
        Cells("organisation", _("Organisation"), lambda route: route.organisation.local_name),
        Cells("policy", _("Sanitizing policy"), lambda route: route.policy),
        Cells("needs_approval", _("Approval"), lambda route: route.needs_approval),
        Cells("state", _("State"), _state),
    ]
    return as_file(fmt, "routes", _("Routes"), cells, routes)


def _state(route: Any) -> str:
    return pgettext("route", "Closed") if route.closed_at else pgettext("route", "Open")


def records_file(fmt: str, entries: QuerySet[Any]) -> FileResponse:
    """Entries as sentences, with the hashes that prove them."""
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
    return as_file(fmt, "records", _("Records"), cells, _acts(entries))


def _acts(entries: QuerySet[Any]) -> Iterator[Any]:
    """Read a page at a time: the names in sentences are looked up together."""
    page: list[Any] = []
    for entry in entries.iterator(chunk_size=_PAGE):
        page.append(entry)
        if len(page) == _PAGE:
            yield from read(page)
            page = []
    yield from read(page)
