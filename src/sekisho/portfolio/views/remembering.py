"""Filters of the address that are remembered for the next visit, the same on every page of the portfolio."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sekisho.book.models import Tier
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.portfolio.queries.figures import Filters, bureaus
from sekisho.portfolio.queries.heads import name_of

KEPT = "portfolio_filters"
NAMES = ("org", "tier", "year")
#: as long as browsers keep a cookie
_AGE = 400 * 24 * 3600


def remembering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where the address says no filters, lead to those this person chose last, also before they signed out: the browser
    keeps them, signed for the person. Lead to a bare page after ``?all=1``, which forgets them.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "all" in request.GET:
            response: HttpResponse = redirect(request.path)
            response.delete_cookie(KEPT)
            return response
        last = _last(request)
        if last and not request.GET:
            return redirect(f"{request.path}?{last}")
        response = view(request, *args, **kwargs)
        given = urlencode({name: request.GET[name][:20] for name in NAMES if name in request.GET})
        if given and given != last:
            _keep(response, request, given)
        return response

    return kept


def _last(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(KEPT, default="", salt=_salt(request)))


def _keep(response: HttpResponse, request: HttpRequest, given: str) -> None:
    response.set_signed_cookie(
        KEPT,
        given,
        salt=_salt(request),
        max_age=_AGE,
        httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        samesite="Lax",
    )


def _salt(request: HttpRequest) -> str:
    """Whoever signs in next in the same browser is not led to these filters."""
    return f"{KEPT}.{request.user.pk}"


def choices(request: HttpRequest, actor: Actor, filters: Filters) -> dict[str, Any]:
    """What the form of filters shows."""
    this_year = filters.today.year
    heads = [(head.pk, name_of(head)) for head, _under in bureaus(actor)]
    return {
        "filters": filters,
        "query": request.GET.urlencode(),
        "bureaus": heads,
        "chosen_below": _chosen(actor, filters.organisation)
        if filters.organisation not in dict(heads)
        else "",
        "tiers": Tier.choices,
        "years": sorted({*range(this_year - 5, this_year + 1), filters.year}, reverse=True),
    }


def _chosen(actor: Actor, organisation: int | None) -> str:
    """What the form calls an organisation that the address names and that is no bureau; "" where it names none."""
    if organisation is None:
        return ""
    found, paths = Organisation.objects.filter(pk=organisation).first(), actor.reading_paths()
    if found is None or not (paths is None or any(found.path.startswith(path) for path in paths)):
        return _("An organisation that is not here")
    return name_of(found)
