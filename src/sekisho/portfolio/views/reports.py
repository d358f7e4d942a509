"""Reports: read as a page, asked for as a file, fetched."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.portfolio.documents import Document, Picture
from sekisho.portfolio.drawing import draw, legend_of
from sekisho.portfolio.pictures import FILES
from sekisho.portfolio.queries.reports.bureau import Quarter, asked_quarter
from sekisho.portfolio.rendering.words import in_words
from sekisho.portfolio.services import reports
from sekisho.portfolio.services.figures import before_reading
from sekisho.web.pictures import download

#: rows of a table that the page shows; the files have all
SHOWN = 200


@require_GET
def page(request: HttpRequest, kind: str, about: str = "") -> HttpResponse:
    """A report to read, with the acts that make it a file; ``?chart=money.png`` is one of its charts alone."""
    found = reports.kind_of(kind, about)
    before_reading()
    query = reports.asked_of(found, request.GET)
    document = reports.read_report(request.user, kind, about, query)
    if asked := request.GET.get("chart"):
        return _chart(document, asked, kind)
    words = in_words(document, draw, most_rows=SHOWN)
    for section in words["sections"]:
        for block in section["blocks"]:
            if chart := block.get("chart"):
                block["legend"] = legend_of(chart)
    context = {
        "kind": found,
        "about": about,
        "given": QueryDict(query).items(),
        "report": words,
        "quarters": _quarters(about, request.GET) if kind == "bureau" else [],
    }
    return render(request, "portfolio/report.html", context)


def _chart(document: Document, asked: str, kind: str) -> HttpResponse:
    """A chart of a report as SVG, PNG or CSV."""
    name, _dot, ending = asked.rpartition(".")
    blocks = (block for section in document.sections for block in section.blocks)
    charts = (block.chart for block in blocks if isinstance(block, Picture))
    found = next((chart for chart in charts if chart.name == name), None)
    if found is None or ending not in FILES:
        raise Http404(_("There is no such chart."))
    media_type, write = FILES[ending]
    return download(write(found), media_type, f"{kind}-{name}.{ending}")


def _quarters(about: str, asked: QueryDict) -> list[tuple[str, str, bool]]:
    """(address, words, whether it is the one shown) of the four quarters of a year and the last of the year before."""
    shown = asked_quarter(asked, timezone.localdate())
    found = [Quarter(shown.year - 1, 4), *(Quarter(shown.year, n) for n in (1, 2, 3, 4))]
    address = reverse("portfolio:report", args=["bureau", about])
    return [(f"{address}?year={one.year}&quarter={one.number}", one.short, one == shown) for one in found]


@require_POST
def make(request: HttpRequest, kind: str, about: str = "") -> HttpResponse:
    """Make the report in the background; its page shows how far it is."""
    found = reports.kind_of(kind, about)
    query, fmt = reports.asked_of(found, request.POST), request.POST.get("format", "pdf")
    return redirect("jobs:job", reports.report_later(request.user, kind, about, query, fmt).pk)


@require_GET
def file(request: HttpRequest, job_id: int) -> FileResponse:
    """A finished report, for its owner only."""
    path, name, media_type = reports.finished_report(request.user, job_id)
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=media_type)
