"""Pages of imports, and exports."""

import tempfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.neighbours import neighbours_of_import
from sekisho.errors import Invalid, SekishoError
from sekisho.exports import CONTENT_TYPES
from sekisho.intake import words
from sekisho.intake.forms import ConfirmForm, MappingForm, MappingTextForm, UploadForm
from sekisho.intake.lists import runs_file
from sekisho.intake.mapping import Mapping
from sekisho.intake.models import ImportRun
from sekisho.intake.pages import preview_page
from sekisho.intake.queries import RUNS_SHOWN, visible_runs
from sekisho.intake.services import exporting, runs
from sekisho.intake.services.sources import check_mapping, open_table
from sekisho.jobs.queries import status
from sekisho.people.permissions import require
from sekisho.web.lists import asked_format

State = ImportRun.State


@require_GET
def imports(request: HttpRequest) -> HttpResponseBase:
    """The three sources and what was imported."""
    actor = require(request.user, "import")
    if fmt := asked_format(request):
        return runs_file(fmt, visible_runs(actor).defer("preview", "mapping"))
    context = {"runs": visible_runs(actor).defer("preview", "mapping")[:RUNS_SHOWN]}
    return render(request, "intake/imports.html", context)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, source: str) -> HttpResponse:
    """Hand in the files of a source."""
    require(request.user, "import")
    if source not in words.SOURCES:
        raise Http404
    table = source == ImportRun.Source.TABLE
    form = UploadForm(request.POST or None, request.FILES or None, table=table)
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.start(request.user, source, form.cleaned_data["files"])
        except SekishoError as refused:
            form.add_error("files", str(refused))
        else:
            return redirect("intake:mapping" if table else "intake:run", run.pk)
    context = {"form": form, "source": source, "title": words.SOURCES[source], "table": table}
    return render(request, "intake/upload.html", context, status=422 if form.errors else 200)


def _seen(request: HttpRequest, run_id: int) -> ImportRun:
    return get_object_or_404(visible_runs(require(request.user, "import")), pk=run_id)


@require_GET
@never_cache
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One import: its progress, what it would change, or what it did."""
    found = _seen(request, run_id)
    if found.state == State.MAPPING:
        return redirect("intake:mapping", found.pk)
    asked = request.GET.get("page", "")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 7 else 1
    context: dict[str, Any] = {
        "run": found,
        "job": found.job,
        "is_mine": found.started_by_id == request.user.pk,
        "confirm_form": ConfirmForm(),
    }
    if found.job and found.state in (State.READING, State.APPLYING):
        context["status"] = status(found.job)
    if found.preview:
        context["preview"] = preview_page(found.preview, request.GET.get("section", ""), max(page, 1))
    if found.state == State.DONE:
        context["following"] = neighbours_of_import(found.preview.get("source_years", ()))
    return render(request, "intake/run.html", context)


@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, run_id: int) -> HttpResponse:
    """Say which column of a table is what: by choosing headings, or as text."""
    found = _seen(request, run_id)
    if found.source != ImportRun.Source.TABLE or found.is_over:
        raise Http404
    table, suggested = open_table(runs.table_file(found))
    current = _current(found, suggested)
    form = MappingForm(table=table, mapping=current)
    text_form = MappingTextForm(initial={"text": found.mapping})
    if request.method == "POST":
        as_text = "text" in request.POST
        if as_text:
            text_form = MappingTextForm(request.POST)
        else:
            form = MappingForm(request.POST, table=table, mapping=current)
        if _assigned(request, found, text_form if as_text else form):
            return redirect("intake:run", found.pk)
    first = [
        list(row.cells)[: len(table.headings)] for _number, row in zip(range(3), table.rows, strict=False)
    ]
    context = {"run": found, "form": form, "text_form": text_form, "table": table, "first_rows": first}
    return render(request, "intake/mapping.html", context, status=422 if request.method == "POST" else 200)


def _current(found: ImportRun, suggested: Mapping) -> Mapping:
    """The mapping as last set; a first suggestion may still lack something, such as the year of an amount."""
    try:
        return check_mapping(found.mapping)
    except SekishoError:
        return suggested


def _assigned(request: HttpRequest, found: ImportRun, form: MappingForm | MappingTextForm) -> bool:
    """Set the columns; what is refused stands on the form."""
    if not form.is_valid():
        return False
    text = form.yaml() if isinstance(form, MappingForm) else form.cleaned_data["text"]
    try:
        runs.assign(request.user, found, text)
    except Invalid as refused:
        form.add_error("scheme" if "scheme" in form.fields else None, str(refused))
    except SekishoError as refused:
        for line in str(refused).splitlines():
            form.add_error(None, line)
    return not form.errors


@require_POST
def confirm(request: HttpRequest, run_id: int) -> HttpResponse:
    """Begin to take an import into the books."""
    form = ConfirmForm(request.POST)
    strict = form.is_valid() and form.cleaned_data["strict"]
    runs.confirm(request.user, _seen(request, run_id), strict=strict)
    messages.success(request, _("The import has begun. You may leave this page; it goes on."))
    return redirect("intake:run", run_id)


@require_POST
def abandon(request: HttpRequest, run_id: int) -> HttpResponse:
    """Give an import up."""
    runs.abandon(request.user, _seen(request, run_id))
    messages.success(request, _("The import was given up. Nothing was changed, and its files were deleted."))
    return redirect("intake:imports")


# ------------------------------------------------------------------------------------------------- exports


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, fmt: str) -> HttpResponseBase:
    """The list a query of the registry means: a download, or (by POST) background work when it is long."""
    exporting.check_format(fmt)
    query = request.GET.urlencode()
    if request.method == "POST":
        return redirect("jobs:job", exporting.export_later(request.user, fmt, query).pk)
    books = exporting.books_of(request.user, query)
    if books.order_by()[: exporting.AT_ONCE + 1].count() > exporting.AT_ONCE:
        return render(request, "intake/export.html", {"fmt": fmt, "limit": exporting.AT_ONCE})
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 (the response closes it)
    exporting.write_export(fmt, books, file)
    file.seek(0)
    return _attachment(file, fmt)


@require_GET
def export_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The file of a finished long export, for its owner only."""
    path, fmt = exporting.finished_file(request.user, job_id)
    return _attachment(path.open("rb"), fmt)


def _attachment(file: Any, fmt: str) -> FileResponse:
    name = f"sekisho-{timezone.localdate():%Y%m%d}.{fmt}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[fmt])
    response["Cache-Control"] = "private, no-store"
    return response
