"""Pages for bringing in answers that were gathered elsewhere."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import Conflict, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.tables.table import Table
from sekisho.voice.definition import Definition
from sekisho.voice.definition.incoming import Incoming, is_personal
from sekisho.voice.forms.incoming import AnswersForm, MappingForm, NameForm
from sekisho.voice.models import AnswerFile
from sekisho.voice.queries.surveys import HOLDER, may_change, seen_survey
from sekisho.voice.services import incoming as service
from sekisho.voice.views.surveys import find_survey

#: faults and examples shown
MOST_FAULTS, EXAMPLES = 100, 3


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload a table of answers to a survey."""
    actor, survey = find_survey(request, pk)
    if not may_change(actor, survey):
        raise Http404
    form = AnswersForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = service.keep(request.user, survey, form.cleaned_data["file"])
            return redirect("voice:answers", kept.pk)
        except SekishoError as error:
            show(form, error)
    status = 422 if form.errors else 200
    return render(request, "voice/answers_upload.html", {"survey": survey, "form": form}, status=status)


def _file(request: HttpRequest, pk: int) -> AnswerFile:
    file = AnswerFile.objects.select_related(*(f"survey__{name}" for name in HOLDER)).filter(pk=pk).first()
    actor = actor_of(request.user)
    if file is None or seen_survey(actor, file.survey_id) is None or not may_change(actor, file.survey):
        raise Http404(_("There is no such file, or you may not see it."))
    return file


@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """What the columns answer, and what would come in; ``POST`` changes the mapping."""
    file = _file(request, pk)
    try:
        table = service.table_of(file)
    except Conflict as problem:
        messages.error(request, str(problem))
        return redirect("voice:bring_answers", file.survey_id)
    found = service.preview(file, table)
    form = _mapping(file, table, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            mapping, words = form.said()
            service.remap(request.user, file, mapping, words)
            return redirect("voice:answers", pk)
        except SekishoError as error:
            show(form, error)
    naming = NameForm(initial={"name": file.name.rsplit(".", 1)[0]})
    return _page(request, file, table, found, form, naming)


def _mapping(file: AnswerFile, table: Table, found: Incoming, data: Any = None) -> MappingForm:
    definition = Definition.from_document(file.survey.document)
    parts = {"mapping": file.mapping, "words": file.words, "found": found}
    return MappingForm(data, definition=definition, table=table, **parts)


def _page(
    request: HttpRequest, file: AnswerFile, table: Table, found: Incoming, form: MappingForm, naming: NameForm
) -> HttpResponse:
    first = list(islice(table.rows, EXAMPLES))
    columns = [
        {
            "field": field,
            "examples": [row.text(place)[:80] for row in first],
            "personal": is_personal(str(field.label)),
        }
        for place, field in enumerate(form.columns)
    ]
    context = {
        "file": file,
        "survey": file.survey,
        "form": form,
        "columns": columns,
        "found": found,
        "taken": len(found.answers),
        "faults": [(fault, _(fault.template) % fault.params) for fault in found.faults[:MOST_FAULTS]],
        "more_faults": len(found.faults) - MOST_FAULTS,
        "naming": naming,
        "looked_at": service.LOOKED_AT if service.is_long(table) else 0,
    }
    return render(request, "voice/answers.html", context, status=422 if form.errors or naming.errors else 200)


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Bring the answers in, or throw the file away."""
    file = _file(request, pk)
    survey = file.survey_id
    if name == "forget":
        service.forget(file)
        return redirect("voice:survey", survey)
    naming = NameForm(request.POST)
    if name != "bring":
        raise Http404
    try:
        table = service.table_of(file)
        if naming.is_valid() and service.is_long(table):
            job = service.bring_in_later(request.user, file, **naming.cleaned_data)
            return redirect("jobs:job", job.pk)
        if naming.is_valid():
            wave = service.bring_in(request.user, file, **naming.cleaned_data)
            messages.success(request, _("The answers are in and counted."))
            return redirect("voice:wave", wave.pk)
    except SekishoError as error:
        show(naming, error)
        table = service.table_of(file)
    found = service.preview(file, table)
    return _page(request, file, table, found, _mapping(file, table, found), naming)
