"""The list behind a number: which books it counts, and what each adds."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from sekisho.people.permissions import actor_of
from sekisho.portfolio.figures import ALARM, ALARM_ANSWERED, MONEY
from sekisho.portfolio.queries.figures import Behind, counted, read_filters
from sekisho.portfolio.queries.pages import FIGURES
from sekisho.portfolio.queries.words import (
    AMOUNTS,
    COUNTS,
    KEYED,
    amount_word,
    key_word,
    key_words,
    total_words,
)
from sekisho.web.lists import Cells, as_file, asked_format

PAGE_SIZE = 100


@require_GET
def page(request: HttpRequest) -> HttpResponseBase:
    """``?figure=`` with ``key``, ``low``, ``high``, ``of`` (fiscal year), ``org`` and ``tier``; ``after`` goes on."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    figure, found = _asked(request)
    if fmt := asked_format(request):
        return _file(fmt, figure, found)
    return render(request, "portfolio/behind.html", _context(request, figure, found))


def _context(request: HttpRequest, figure: str, found: Behind) -> dict[str, Any]:
    rows, more = found.page(request.GET.get("after", ""), PAGE_SIZE)
    return {
        "title": FIGURES[figure],
        "what": key_words(figure, request.GET),
        "counts": figure in COUNTS,
        "total": total_words(figure, found.total),
        "money": figure in MONEY,
        "amount": AMOUNTS.get(figure, ""),
        "keyed": figure in KEYED and not request.GET.get("key"),
        "rows": [(row, key_word(figure, row.key), amount_word(figure, row.worth)) for row in rows],
        "more": more,
        "is_sign": figure in (ALARM, ALARM_ANSWERED),
    }


def _asked(request: HttpRequest) -> tuple[str, Behind]:
    figure = request.GET.get("figure", "")
    if figure not in FIGURES:
        raise Http404(_("There is no such figure."))
    return figure, counted(actor_of(request.user), read_filters(request.GET), request.GET)


@require_GET
def table(request: HttpRequest) -> HttpResponseBase:
    """The whole list as CSV that Excel opens."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    return _file("csv", *_asked(request))


def _file(fmt: str, figure: str, found: Behind) -> FileResponse:
    cells = [
        Cells("code", _("Code"), lambda entry: entry.project.code),
        Cells("name", _("Name"), lambda entry: entry.project.name),
        Cells("owner", _("Owner section"), lambda entry: entry.project.owner.name),
        Cells("year", _("Fiscal year"), lambda entry: entry.year or None, "number"),
        Cells("key", _("Counted under"), lambda entry: key_word(figure, entry.key)),
        Cells("n", pgettext("how many", "Number"), lambda entry: entry.n, "number"),
        Cells("amount", _("Amount"), lambda entry: entry.amount, "yen"),
    ]
    rows = found.entries.select_related("project__owner").iterator(chunk_size=1000)
    return as_file(fmt, "portfolio", str(FIGURES[figure]), cells, rows)
