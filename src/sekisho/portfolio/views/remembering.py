"""Filters of the address that are remembered for the next visit, the same on every page of the portfolio."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

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
