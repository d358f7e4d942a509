"""Pages of records: the ledger of transfers, its export, monthly figures."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.errors import NotPermitted
from sekisho.gateway.lists import records_file
from sekisho.gateway.queries import transfers as read
from sekisho.gateway.queries.queue import queue_of
from sekisho.gateway.services import sides
from sekisho.people.permissions import actor_of
from sekisho.spreadsheets import neutral
from sekisho.web.lists import asked_format

MOST_ROWS = 100_000


def _asked(request: HttpRequest) -> tuple[Any, str, str, int | None]:
    actor = actor_of(request.user)
    if not actor.may_anywhere("read_transfer_ledger"):
        raise NotPermitted(_("Records are for the information security officer and auditors."))
    before = request.GET.get("before", "")
    start = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    return read.organisations_read(actor), text, request.GET.get("act", "").replace("\x00", "")[:60], start


@require_GET
def records(request: HttpRequest) -> HttpResponseBase:
    """The ledger, searched, and the figures of the latest months."""
    organisations, text, act, start = _asked(request)
    if fmt := asked_format(request):
        return records_file(fmt, read.entries(organisations, text=text, act=act))
    rows = list(read.entries(organisations, text=text, act=act, before=start)[: read.PAGE + 1])
    context = {
        "acts": read.read(rows[: read.PAGE]),
        "more": rows[read.PAGE - 1].pk if len(rows) > read.PAGE else 0,
        "q": text,
        "months": read.months(organisations),
        "organisations": organisations,
        "queue": queue_of(organisations),
        "is_two_sided": sides.side() != sides.SINGLE,
    }
    return render(request, "gateway/records.html", context)


class _Echo:
    def write(self, value: str) -> str:
        return value


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """What the search finds, as CSV, with the hashes that prove it."""
    organisations, text, act, _start = _asked(request)
    rows = read.entries(organisations, text=text, act=act)[:MOST_ROWS]
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transfers.csv"'
    return response


def _lines(rows: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(["chain", "seq", "at", "actor", "act", "what", "previous_hash", "hash"])
    page: list[Any] = []
    for row in rows.iterator(chunk_size=500):
        page.append(row)
        if len(page) == 500:
            yield from _written(writer, page)
            page = []
    yield from _written(writer, page)


def _written(writer: Any, page: list[Any]) -> Iterator[str]:
    for act in read.read(page):
        entry = act.entry
        safe = [neutral(cell) for cell in (entry.actor_name, entry.act, act.sentence)]
        yield writer.writerow(
            [entry.chain, entry.seq, entry.at.isoformat(), *safe, entry.previous_hash, entry.hash]
        )
