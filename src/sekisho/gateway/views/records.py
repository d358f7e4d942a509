"""Pages of records: the ledger of transfers, its export, monthly figures."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.book.lists import entries_file
from sekisho.errors import NotPermitted, SekishoError
from sekisho.gateway.models import Alert, Tally
from sekisho.gateway.queries import figures
from sekisho.gateway.queries import transfers as read
from sekisho.gateway.queries.queue import queue_of
from sekisho.gateway.services import sides, watching
from sekisho.gateway.views.transfers import refused
from sekisho.people.permissions import actor_of
from sekisho.spreadsheets import neutral
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format

MOST_ROWS = 100_000


def _asked(request: HttpRequest) -> tuple[Any, str, str, int | None]:
    actor = actor_of(request.user)
    if not actor.may_anywhere("read_transfer_ledger"):
        raise NotPermitted(_("Records are for the information security officer and auditors."))
    start = whole_number(request.GET.get("before", ""), 17)
    text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    return read.organisations_read(actor), text, request.GET.get("act", "").replace("\x00", "")[:60], start


@require_GET
def records(request: HttpRequest) -> HttpResponseBase:
    """The ledger, searched, and the figures of the latest months."""
    organisations, text, act, start = _asked(request)
    if fmt := asked_format(request):
        return entries_file(fmt, "records", _("Records"), read.entries(organisations, text=text, act=act))
    rows = list(read.entries(organisations, text=text, act=act, before=start)[: read.PAGE + 1])
    context = {
        "acts": read.read(rows[: read.PAGE]),
        "more": rows[read.PAGE - 1].pk if len(rows) > read.PAGE else 0,
        "q": text,
        "months": (months := read.months(organisations)),
        "month": (month := _month(request, months)),
        "tallies": figures.tallies(organisations, month) if month else {},
        "by_hand": settings.GATEWAY_BY_HAND_MINUTES,
        "alerts": sum(alert.seen_at is None for alert in figures.alerts_of(actor_of(request.user))),
        "organisations": organisations,
        "queue": queue_of(organisations),
        "is_two_sided": sides.side() != sides.SINGLE,
    }
    return render(request, "gateway/records.html", context)


def _month(request: HttpRequest, months: list[read.Month]) -> dt.date | None:
    """The month that is asked for, ``?month=2026-11``, or the latest one there is."""
    asked = request.GET.get("month", "")
    known = [
        timezone.localtime(row.month).date() if isinstance(row.month, dt.datetime) else row.month
        for row in months
    ]
    return next((day for day in known if f"{day:%Y-%m}" == asked), known[0] if known else None)


@require_GET
def figures_export(request: HttpRequest) -> HttpResponse:
    """The monthly figures as CSV: month, figure, what it is of, number."""
    organisations, _text, _act, _start = _asked(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transfer-figures.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(["month", "figure", "key", "what", "number"])
    for row in read.months(organisations):
        name = f"{row.month:%Y-%m}"
        plain = {"transfers": row.sent, "files": row.files, "refused": row.refused, "changed": row.changed,
                 "bytes": row.size, "hours_saved": round(row.hours_saved, 1)}  # fmt: skip
        writer.writerows([name, key, "", "", number] for key, number in plain.items())
        for kind, counted in figures.tallies(organisations, row.month).items():
            writer.writerows([name, kind, neutral(one.key), neutral(one.words), one.count] for one in counted)
    return response


@require_http_methods(["GET", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """What is not as usual; the officer says what was found."""
    actor = actor_of(request.user)
    if not actor.may_anywhere("see_transfers"):
        raise NotPermitted(_("Alerts are for the information security officer."))
    failed: dict[str, Any] = {}
    if request.method == "POST":
        pk = whole_number(request.POST.get("pk", ""), 17) or 0
        alert = Alert.objects.visible_to(actor).select_related("organisation").filter(pk=pk).first()
        if alert is None:
            raise Http404(_("Someone removed this in the meantime."))
        answer = request.POST.get("answer", "")
        try:
            watching.answer_alert(request.user, alert, answer=answer)
        except SekishoError as error:
            failed = refused(request, f"answer-{pk}", answer, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("gateway:alerts")
    found = figures.alerts_of(actor)
    for alert in found:
        if alert.kind == Alert.Kind.ATTACK:
            alert.facts["words"] = figures.words_of(Tally.Kind.REMOVED, alert.facts.get("code", ""))
    context = {"alerts": found, "refused": failed}
    return render(request, "gateway/alerts.html", context, status=422 if failed else 200)


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
