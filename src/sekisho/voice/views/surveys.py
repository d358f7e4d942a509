"""Pages of surveys: the list, a survey being made, and the waves in which it is asked."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import Invalid, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.standards.pack import Text
from sekisho.voice.conditions import condition_words
from sekisho.voice.definition import Definition, Question
from sekisho.voice.forms.surveys import (
    KINDS,
    NewSurveyForm,
    QuestionForm,
    SectionForm,
    WaveForm,
    WordsForm,
    parts_of,
)
from sekisho.voice.lists import surveys_file
from sekisho.voice.models import Survey
from sekisho.voice.queries.surveys import acts_of, may_change, seen_survey, surveys_seen
from sekisho.voice.services import drafts
from sekisho.voice.services import surveys as service
from sekisho.web.asked import stretch_of, whole_number
from sekisho.web.lists import asked_format

PAGE_SIZE = 50


@require_GET
def surveys(request: HttpRequest) -> HttpResponseBase:
    """The surveys one may read; ``?project=`` and ``?organisation=`` narrow them down."""
    actor, asked = actor_of(request.user), request.GET
    project, organisation = (
        asked.get(name, "").replace("\x00", "")[:64] for name in ("project", "organisation")
    )
    seen = surveys_seen(actor, project=project, organisation=organisation)
    if fmt := asked_format(request):
        return surveys_file(fmt, seen)
    found = stretch_of(seen, asked.get("after", ""), PAGE_SIZE)
    context = {
        "surveys": found.rows,
        "more": found.more,
        "project": project,
        "organisation": organisation,
        "may_make": actor.may_edit_some_book,
    }
    return render(request, "voice/surveys.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a survey for a book or an organisation, from a ready one or empty."""
    form = NewSurveyForm(request.POST or None, actor=actor_of(request.user), initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            made = service.make_survey(request.user, form.holder(said), **said)
            return redirect("voice:survey", made.pk)
        except SekishoError as error:
            show(form, error)
    return render(request, "voice/survey_new.html", {"form": form}, status=422 if form.errors else 200)


def find_survey(request: HttpRequest, pk: int) -> tuple[Actor, Survey]:
    """The actor and a survey they may see; 404 otherwise."""
    actor = actor_of(request.user)
    survey = seen_survey(actor, pk)
    if survey is None:
        raise Http404(_("There is no such survey, or you may not see it."))
    return actor, survey


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A survey: its questions, its words, its waves. ``?edit=`` a question or ``?section=`` a place opens its form."""
    actor, survey = find_survey(request, pk)
    asked = request.GET
    context = _context(actor, survey, asked.get("edit", ""), asked.get("section", ""))
    return render(request, "voice/survey.html", context)


def _context(actor: Actor, survey: Survey, edit: str = "", at: str = "", **failed: Any) -> dict[str, Any]:
    definition = Definition.from_document(survey.document)
    named = whole_number(at, 4)
    named = named if named is not None and named < len(definition.sections) else None
    asked = definition.question(edit)
    return {
        "survey": survey,
        "questions": definition.questions,
        "sections": _listed(definition),
        "named": named,
        "waves": survey.waves.all(),
        "may_edit": may_change(actor, survey),
        "edited": asked,
        "forms": {**_forms(survey, definition, asked, named), **failed},
        "failed": failed,
        "acts": acts_of(survey),
    }


def _forms(
    survey: Survey, definition: Definition, asked: Question | None, named: int | None
) -> dict[str, forms.BaseForm]:
    """What is open for writing: the question asked for or a new one, the heading of a section, the words, a wave."""
    sections = definition.sections
    said = QuestionForm.said(asked, definition) if asked else {"section": len(sections) - 1}
    heading = sections[named].title if named is not None else Text()
    words = {"title": survey.title, "title_en": survey.title_en, **parts_of(definition)}
    version = {"version": survey.version}
    return {
        "question": QuestionForm(
            initial={**said, **version},
            definition=definition,
            was=asked.code if asked else "",
            prefix="question",
            auto_id="%s",
        ),
        "section": SectionForm(
            initial={"at": named, "title": heading.ja, "title_en": heading.en, **version},
            prefix="section",
            auto_id="%s",
        ),
        "words": WordsForm(initial={**words, **version}, prefix="words", auto_id="%s"),
        "open": WaveForm(prefix="open", auto_id="%s"),
    }


def _listed(definition: Definition) -> list[tuple[Text, int, list[tuple[Question, Any, str]]]]:
    """Sections as the builder lists them: heading, the number of the first question, and (question, kind, asked after)."""
    found, number = [], 1
    for section in definition.sections:
        rows = [(one, KINDS[one.kind], _after(definition, one)) for one in section.questions]
        found.append((section.title, number, rows))
        number += len(rows)
    return found


def _after(definition: Definition, question: Question) -> str:
    if question.show_if is None:
        return ""
    said = condition_words(definition, question.show_if, get_language() or "ja")
    return _("Asked only when %(condition)s.") % {"condition": said}


def _question(request: HttpRequest, survey: Survey, form: Any) -> None:
    drafts.save_question(request.user, survey, form)


def _section(request: HttpRequest, survey: Survey, form: Any) -> None:
    drafts.save_section(request.user, survey, form.cleaned_data)


def _words(request: HttpRequest, survey: Survey, form: Any) -> None:
    drafts.save_words(request.user, survey, form.cleaned_data)


def _open(request: HttpRequest, survey: Survey, form: Any) -> None:
    service.open_wave(request.user, survey, **form.cleaned_data)


_FORMS: dict[str, tuple[Callable[[Any, Survey], Any], Callable[[HttpRequest, Survey, Any], None]]] = {
    "question": (
        lambda data, survey: QuestionForm(
            data,
            definition=Definition.from_document(survey.document),
            was=data.get("question-was", ""),
            prefix="question",
            auto_id="%s",
        ),
        _question,
    ),
    "section": (lambda data, survey: SectionForm(data, prefix="section", auto_id="%s"), _section),
    "words": (lambda data, survey: WordsForm(data, prefix="words", auto_id="%s"), _words),
    "open": (lambda data, survey: WaveForm(data, prefix="open", auto_id="%s"), _open),
}


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Change the draft, or open a wave; a refusal comes back in place with what was entered."""
    actor, survey = find_survey(request, pk)
    if name in ("up", "down", "remove"):
        return _moved(request, survey, name)
    if name in ("section-up", "section-down", "section-remove"):
        return _moved_section(request, survey, name.removeprefix("section-"))
    if name not in _FORMS:
        raise Http404
    form = _FORMS[name][0](request.POST, survey)
    status = 422
    if form.is_valid():
        try:
            _FORMS[name][1](request, survey, form)
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('voice:survey', args=[pk])}#{name}")
        except SekishoError as error:
            show(form, error)
            status = error.status
    survey.refresh_from_db()
    edit, at = request.POST.get("question-was", ""), request.POST.get("section-at", "")
    context = _context(actor, survey, edit, at, **{name: form})
    return render(request, "voice/survey.html", context, status=status)


def _moved(request: HttpRequest, survey: Survey, name: str) -> HttpResponse:
    try:
        drafts.move_question(request.user, survey, request.POST.get("question", ""), name)
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('voice:survey', args=[survey.pk])}#questions")


def _moved_section(request: HttpRequest, survey: Survey, where: str) -> HttpResponse:
    at, version = (request.POST.get(name, "") for name in ("at", "version"))
    try:
        if not (at.isascii() and at.isdecimal() and version.isascii() and version.isdecimal()):
            raise Invalid(_("This section is no longer there."))
        drafts.move_section(request.user, survey, int(at[:9]), where, int(version[:9]))
    except SekishoError as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('voice:survey', args=[survey.pk])}#questions")
