"""The dashboards, a wall for the meeting room, and each chart on its own."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.people.permissions import actor_of
from sekisho.portfolio.charts import Chart
from sekisho.portfolio.drawing import draw, legend_of
from sekisho.portfolio.pictures import bitmap, picture, table
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.queries.pages import PAGES, chart_of
from sekisho.portfolio.services.figures import before_reading
from sekisho.portfolio.views.remembering import choices, remembering
from sekisho.web.pictures import download


@require_GET
@remembering
def page(request: HttpRequest, name: str = "overview") -> HttpResponse:
    """One dashboard. The filters of the address are remembered for the next visit; ``?all=1`` forgets them."""
    if name not in PAGES:
        raise Http404(_("There is no such page."))
    return render(request, "portfolio/page.html", _context(request, name, linked=True))


@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The overview for the screen of a meeting room: large, without anything to press, renewed each minute."""
    context = _context(request, "overview")
    part = "portfolio/wall_charts.html" if request.headers.get("HX-Request") else "portfolio/wall.html"
    return render(request, part, context)


def _context(request: HttpRequest, name: str, *, linked: bool = False) -> dict[str, Any]:
    actor, filters = actor_of(request.user), read_filters(request.GET)
    waiting = before_reading()
    found = PAGES[name].charts(actor, filters)
    shown = choices(request, actor, filters)
    return {
        **shown,
        "page": PAGES[name],
        "pages": PAGES.values(),
        "narrowed": bool(filters.organisation or filters.tier),
        "waiting": waiting,
        "may_create": actor.may_anywhere("create"),
        "is_empty": all(chart.is_empty for chart in found),
        "charts": [(chart, draw(chart, linked=linked), legend_of(chart)) for chart in found],
        "may_report": any(key == filters.organisation for key, _name in shown["bureaus"]),
    }


def _found(request: HttpRequest, page: str, name: str) -> Chart:
    before_reading()
    chart = chart_of(actor_of(request.user), read_filters(request.GET), page, name)
    if chart is None:
        raise Http404(_("There is no such chart."))
    return chart


@require_GET
def svg(request: HttpRequest, page: str, name: str) -> HttpResponse:
    """A chart as a picture that can be enlarged."""
    return download(picture(_found(request, page, name)).encode(), "image/svg+xml", f"portfolio-{name}.svg")


@require_GET
def png(request: HttpRequest, page: str, name: str) -> HttpResponse:
    """A chart as a picture for slides."""
    return download(bitmap(_found(request, page, name)), "image/png", f"portfolio-{name}.png")


@require_GET
def csv(request: HttpRequest, page: str, name: str) -> HttpResponse:
    """The numbers of a chart as CSV that Excel opens (UTF-8 with BOM); text is never a formula."""
    return download(table(_found(request, page, name)), "text/csv; charset=utf-8", f"portfolio-{name}.csv")
