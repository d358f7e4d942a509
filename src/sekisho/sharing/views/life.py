"""One book over the years."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sekisho.sharing.queries.forecasts import life
from sekisho.sharing.views.similar import find_book


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Names, owners and money by year, how this year and the end are likely to come out, and what it came from."""
    actor, project = find_book(request, code)
    return render(request, "sharing/life.html", {"project": project, "life": life(actor, project)})
