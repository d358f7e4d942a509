"""Two years' portfolios side by side, and settling what is in doubt."""

import itertools
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.people.permissions import actor_of
from sekisho.sharing import words
from sekisho.sharing.lists import years_file
from sekisho.sharing.models import Succession
from sekisho.sharing.queries import years as queries
from sekisho.sharing.services.years import settle as settle_succession
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format

PAGE_SIZE = 100


@require_GET
def page(request: HttpRequest) -> HttpResponseBase:
    """What continued, was renamed, merged, split, ended or is new; doubtful cases first."""
    known = queries.known_years()
    pair = _pair(request, known)
    context: dict[str, Any] = {
        "years": None,
        "pairs": list(itertools.pairwise(known)),
        "comparing": queries.unlisted().exists(),
    }
    if pair:
        years, kind = queries.Years(actor_of(request.user), *pair), _kind(request)
        cases = [case for case in years.cases if case.kind == kind] if kind else years.cases
        if fmt := asked_format(request):
            return years_file(fmt, pair, years.rows(cases))
        start = whole_number(request.GET.get("after", ""), 9) or 0
        context |= {"kind": kind, **_told(years), **_listed(years, cases, start)}
    return render(request, "sharing/years.html", context)


def _told(years: queries.Years) -> dict[str, Any]:
    """What became of all, what is in doubt, and what people settled."""
    return {
        "years": years,
        "counted": [(one, words.KINDS[one], years.counts[one], *years.totals[one]) for one in queries.KINDS],
        "doubts": queries.doubts(years, years.doubtful[: queries.SHOWN]),
        "waiting": len(years.doubtful),
        "settled": queries.doubts(years, years.settled[: queries.SHOWN]),
    }


def _listed(years: queries.Years, cases: Sequence[queries.Case], start: int) -> dict[str, Any]:
    """A part of the cases."""
    end = start + PAGE_SIZE
    return {
        "rows": [(row, words.KINDS[row.case.kind]) for row in years.rows(cases[start:end])],
        "more": end if len(cases) > end else 0,
    }


def _pair(request: HttpRequest, known: list[int]) -> tuple[int, int] | None:
    """The years asked for, when both are known; else the latest two. None while fewer than two are known."""
    if len(known) < 2:
        return None
    to_year = whole_number(request.GET.get("to", ""), 9)
    if to_year not in known[1:]:
        to_year = known[-1]
    return known[known.index(to_year) - 1], to_year


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in queries.KINDS else ""


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether one project lives on in another, and go to the next doubtful case."""
    seen = Succession.objects.visible_to(actor_of(request.user)).select_related("old__owner", "new__owner")
    link = get_object_or_404(seen, pk=pk)
    settle_succession(request.user, link, request.POST.get("verdict", ""))
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('sharing:years')}?{urlencode({'to': link.to_year})}#doubtful")
