"""The list behind a number: which books it counts, and what each adds."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from sekisho.people.permissions import actor_of
from sekisho.portfolio.figures import MONEY
from sekisho.portfolio.queries.figures import entries, read_filters
from sekisho.portfolio.queries.pages import FIGURES
from sekisho.portfolio.queries.words import key_words
from sekisho.web.lists import Cells, as_file, asked_format

PAGE_SIZE = 100
AMOUNTS = {
    "drift": gettext_lazy("Days late"),
    "incidents": gettext_lazy("Incidents"),
    "requests": gettext_lazy("Requests"),
    "minutes_down": gettext_lazy("Minutes down"),
}


@require_GET
def page(request: HttpRequest) -> HttpResponseBase:
    """``?figure=`` with ``key``, ``low``, ``high``, ``of`` (fiscal year), ``org`` and ``tier``; ``after`` goes on."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    figure, found = _asked(request)
    if fmt := asked_format(request):
        return _file(fmt, figure, found)
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
def table(request: HttpRequest) -> HttpResponseBase:
    """The whole list as CSV that Excel opens."""
    if "figure" not in request.GET:
        return redirect("portfolio:overview")
    return _file("csv", *_asked(request))


def _file(fmt: str, figure: str, found: Any) -> FileResponse:
    cells = [
        Cells("code", _("Code"), lambda entry: entry.project.code),
        Cells("name", _("Name"), lambda entry: entry.project.name),
        Cells("owner", _("Owner section"), lambda entry: entry.project.owner.name),
        Cells("year", _("Fiscal year"), lambda entry: entry.year or None, "number"),
        Cells("key", _("Figure"), lambda entry: entry.key),
        Cells("n", pgettext("how many", "Number"), lambda entry: entry.n, "number"),
        Cells("amount", _("Amount"), lambda entry: entry.amount, "yen"),
    ]
    rows = found.order_by("pk").iterator(chunk_size=1000)
    return as_file(fmt, "portfolio", str(FIGURES[figure]), cells, rows)
