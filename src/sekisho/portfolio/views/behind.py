"""The list behind a number: which books it counts, and what each adds."""

import io
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from sekisho.intake.export import Column, write_csv
from sekisho.people.permissions import actor_of
from sekisho.portfolio.models import Entry
from sekisho.portfolio.queries.figures import entries, read_filters
from sekisho.portfolio.queries.pages import FIGURES
from sekisho.portfolio.queries.words import key_words

PAGE_SIZE = 100
MONEY = ("money_requested", "money_approved", "money_executed", "money_forecast")
AMOUNTS = {
    "drift": gettext_lazy("Days late"),
    "incidents": gettext_lazy("Incidents"),
    "requests": gettext_lazy("Requests"),
    "minutes_down": gettext_lazy("Minutes down"),
}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """``?figure=`` with ``key``, ``low``, ``high``, ``of`` (fiscal year), ``org`` and ``tier``; ``after`` goes on."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    figure, found = _asked(request)
    total = found.count()
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal():
        found = found.filter(pk__gt=int(after[:15]))
    rows = list(found.order_by("pk")[: PAGE_SIZE + 1])
    context = {
        "title": FIGURES[figure],
        "what": key_words(figure, request.GET),
        "total": total,
        "rows": rows[:PAGE_SIZE],
        "more": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else 0,
        "money": figure in MONEY,
        "amount": AMOUNTS.get(figure, ""),
        "query": request.GET.urlencode(),
    }
    return render(request, "portfolio/behind.html", context)


def _asked(request: HttpRequest) -> tuple[str, Any]:
    figure = request.GET.get("figure", "")
    if figure not in FIGURES:
        raise Http404(_("There is no such figure."))
    return figure, entries(actor_of(request.user), read_filters(request.GET), request.GET)


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The whole list as CSV that Excel opens."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    _figure, found = _asked(request)
    file = io.BytesIO()
    write_csv(file, _columns(), _rows(found.order_by("pk").iterator(chunk_size=1000)))
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="portfolio-list.csv"'
    return response


def _columns() -> list[Column]:
    heads = {
        "code": _("Code"),
        "name": _("Name"),
        "owner": _("Owner section"),
        "year": _("Fiscal year"),
        "key": _("Figure"),
        "n": _("Number"),
        "amount": _("Amount"),
    }
    return [Column(name, str(words)) for name, words in heads.items()]


def _rows(found: Iterable[Entry]) -> Iterable[dict[str, Any]]:
    for entry in found:
        yield {
            "code": entry.project.code,
            "name": entry.project.name,
            "owner": entry.project.owner.name,
            "year": entry.year or "",
            "key": entry.key,
            "n": entry.n,
            "amount": entry.amount,
        }
