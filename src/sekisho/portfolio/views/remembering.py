"""Filters of the address that are remembered for the next visit, the same on every page of the portfolio."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sekisho.book.models import Tier
from sekisho.people.roles import Actor
from sekisho.portfolio.queries.figures import Filters, bureaus
from sekisho.portfolio.queries.heads import name_of

KEPT = "portfolio_filters"
NAMES = ("org", "tier", "year")


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Where to go instead: to the filters chosen last when the address says none, to a bare page after ``?all=1``, which
    forgets them. None: the page is shown as the address says, and what it says is remembered.
    """
    if "all" in request.GET:
        request.session.pop(KEPT, None)
        return redirect(request.path)
    given = {name: request.GET[name][:20] for name in NAMES if name in request.GET}
    if given:
        request.session[KEPT] = given
    elif request.session.get(KEPT) and not request.GET:
        return redirect(f"{request.path}?{urlencode(request.session[KEPT])}")
    return None


def choices(request: HttpRequest, actor: Actor, filters: Filters) -> dict[str, Any]:
    """What the form of filters shows."""
    this_year = filters.today.year
    return {
        "filters": filters,
        "query": request.GET.urlencode(),
        "bureaus": [(head.pk, name_of(head)) for head, _below in bureaus(actor)],
        "tiers": Tier.choices,
        "years": sorted({*range(this_year - 5, this_year + 1), filters.year}, reverse=True),
    }
