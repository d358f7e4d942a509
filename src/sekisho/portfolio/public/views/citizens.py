"""Pages and files for everybody. They read the snapshot alone; ``site.py`` keeps what they answer."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from sekisho.portfolio.public import files, queries, rendering
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicFile
from sekisho.portfolio.public.presenting import line_of

PAGE = 50


@login_not_required
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """To the list in the office's own language."""
    return HttpResponseRedirect(reverse("public:services", args=[settings.LANGUAGE_CODE]))


@login_not_required
@require_safe
def services(request: HttpRequest, language: str) -> HttpResponse:
    """The public services by name; ``q`` searches names, ``phase`` filters, ``page`` goes on."""
    _known(language)
    query, phase = request.GET.get("q", "").replace("\x00", "")[:100].strip(), request.GET.get("phase", "")
    number = request.GET.get("page", "")[:6]
    start = max(int(number) - 1, 0) * PAGE if number.isascii() and number.isdecimal() else 0
    phases = dictionary().values["phase"]
    found = queries.entries(query, phase if phase in phases else "")
    edition = queries.edition()
    with translation.override(language):
        rows = [line_of(entry.document) for entry in found[start : start + PAGE + 1]]
        context = {
            "rows": rows[:PAGE],
            "total": found.count(),
            "start": start,
            "following": start // PAGE + 2 if len(rows) > PAGE else 0,
            "before": start // PAGE,
            "query": query,
            "phase": phase if phase in phases else "",
            "phases": [(code, words.get(language)) for code, words in phases.items()],
            "by_phase": bool(edition and "phase" in edition.fields),
        }
    return rendering.page(language, "services.html", "", context)


@login_not_required
@require_safe
def service(request: HttpRequest, language: str, code: str) -> HttpResponse:
    """One service. What is not public is not found, in the words for what never was."""
    _known(language)
    entry = queries.entry(code.replace("\x00", ""))
    if entry is None:
        raise Http404
    with translation.override(language):
        context = {**rendering.service_context(entry.document), "entry": entry}
    response = rendering.page(language, "service.html", f"services/{entry.code}/", context)
    response["Last-Modified"] = http_date(entry.changed_at.timestamp())
    return response


@login_not_required
@require_safe
def data(request: HttpRequest, language: str) -> HttpResponse:
    """The open data: files, schema, licence, and what each thing means."""
    _known(language)
    edition = queries.edition()
    shown = edition.fields if edition else []
    with translation.override(language):
        tables = [
            {
                "name": table.name,
                "title": table.title.get(language),
                "description": table.description.get(language),
                "columns": [(one.name, one.title.get(language)) for one in table.columns_for(shown)],
            }
            for table in dictionary().tables_for(shown)
        ]
        fields = [
            (field.title.get(language), field.meaning.get(language))
            for name, field in dictionary().fields.items()
            if name in shown
        ]
    context = {"tables": tables, "fields": fields, "contact": settings.OPEN_DATA_CONTACT}
    return rendering.page(language, "data.html", "data/", context)


@login_not_required
@require_safe
def feed(request: HttpRequest, language: str) -> HttpResponse:
    """The change feed."""
    _known(language)
    return _file(f"changes.{language}.atom", "atom")


@login_not_required
@require_safe
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """The address that names a data set or the catalogue: to the page that tells of it."""
    if name == "catalog":
        return HttpResponseRedirect(reverse("public:file", args=["catalog.jsonld"]))
    if name not in {table.name for table in dictionary().tables}:
        raise Http404
    return HttpResponseRedirect(reverse("public:data", args=[settings.LANGUAGE_CODE]))


@login_not_required
@require_safe
def file(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the open data."""
    ending = name.partition(".")[2]
    if ending not in files.CONTENT_TYPES or ending in ("atom", "xml"):
        raise Http404
    response = _file(name, ending)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in both languages."""
    return _file("sitemap.xml", "xml")


@login_not_required
@require_safe
def record(request: HttpRequest, code: str) -> HttpResponse:
    """What is public of one service, as JSON."""
    entry = queries.entry(code.replace("\x00", ""))
    if entry is None:
        raise Http404
    response = HttpResponse(files.as_json(files.public_document(entry)), content_type="application/json")
    response["Last-Modified"] = http_date(entry.changed_at.timestamp())
    response["Access-Control-Allow-Origin"] = "*"
    return response


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines are welcome here, and nowhere else."""
    lines = ["User-agent: *", "Allow: /public/", "Disallow: /", f"Sitemap: {files.base()}/public/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _file(name: str, ending: str) -> HttpResponse:
    row: PublicFile | None = queries.file(name)
    if row is None:
        raise Http404
    response = HttpResponse(bytes(row.body), content_type=files.CONTENT_TYPES[ending])
    response["Last-Modified"] = http_date(row.changed_at.timestamp())
    return response


def _known(language: str) -> None:
    if language not in rendering.LANGUAGES:
        raise Http404
