"""The session page: one note-taker, one participant, one tablet. Notes may come late and twice; they count once."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.values import sentences
from sekisho.voice.forms.usertests import FileForm, ObservationForm, ResultForm, SusForm
from sekisho.voice.models import Participant, Task, UserTest, UserTestSession
from sekisho.voice.queries.usertests import seen_session
from sekisho.voice.services import sessions as service
from sekisho.voice.views.usertests import may_edit
from sekisho.web.asked import whole_number
from sekisho.web.faults import faults


@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a participant's session, or go on with it."""
    seen = UserTest.objects.visible_to(actor_of(request.user)).order_by()
    found = Participant.objects.select_related("test__project__owner", "group").filter(test__in=seen)
    participant = get_object_or_404(found, pk=pk)
    try:
        session = service.begin_session(request.user, participant, device=request.POST.get("device", ""))
    except SekishoError as error:
        messages.error(request, str(error))
        return redirect("voice:test", participant.test_id)
    return redirect("voice:session", session.pk)


def find_session(request: HttpRequest, pk: int) -> UserTestSession:
    """A session this person may see; 404 otherwise."""
    session = seen_session(actor_of(request.user), pk)
    if session is None:
        raise Http404(_("There is no such session, or you may not see it."))
    return session


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Tasks with their timers, what was seen so far, and the room for the next note."""
    return _drawn(request, find_session(request, pk))


def _drawn(request: HttpRequest, session: UserTestSession, status: int = 200, **failed: Any) -> HttpResponse:
    edit = may_edit(actor_of(request.user), session.test.project) and not session.test.is_over
    return render(request, "voice/session.html", _context(session, edit, failed), status=status)


def _context(session: UserTestSession, edit: bool, failed: dict[str, Any]) -> dict[str, Any]:
    results = {row.task_id: row for row in session.results.all()}
    tasks = list(session.test.tasks.all())
    failed_result: tuple[int, ResultForm] | None = failed.get("result")
    lines = []
    for task in tasks:
        row = results.get(task.pk)
        initial = {"outcome": row.outcome, "seconds": row.seconds, "words": row.words} if row else {}
        form = ResultForm(initial=initial, prefix=f"task{task.pk}", auto_id="%s")
        if failed_result and failed_result[0] == task.pk:
            form = failed_result[1]
        lines.append((task, row, form))
    sus = SusForm(initial={f"sus_{n}": answer for n, answer in enumerate(session.sus, 1)})
    return {
        "session": session,
        "lines": lines,
        "observations": list(session.observations.select_related("task").order_by("-seconds", "-id")),
        "files": session.files.select_related("attachment__clean"),
        "observation": failed.get("observe")
        or ObservationForm(test=session.test, initial={"client_id": uuid4()}, auto_id="observe_%s"),
        "sus": failed.get("sus") or sus,
        "file": failed.get("file") or FileForm(auto_id="file_%s"),
        "may_edit": edit,
        "sus_answered": sum(answer is not None for answer in session.sus),
    }


@require_POST
def result(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    """Record how a task went."""
    session = find_session(request, pk)
    asked = get_object_or_404(Task, pk=task, test=session.test_id)
    form = ResultForm(request.POST, prefix=f"task{task}", auto_id="%s")
    return _done(
        request,
        session,
        form,
        lambda values: service.record_result(request.user, session, asked, **values),
        {"result": (task, form)},
        f"task-{task}",
    )


def _observe(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    form = ObservationForm(request.POST, test=session.test, auto_id="observe_%s")

    def run(values: dict[str, Any]) -> None:
        service.observe(request.user, session, **{**values, "seconds": values["seconds"] or 0})

    return _done(request, session, form, run, {"observe": form}, "observations")


def _drop(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    key = whole_number(request.POST.get("observation", ""))
    observation = get_object_or_404(session.observations, pk=key)
    return _done(
        request,
        session,
        None,
        lambda _v: service.drop_observation(request.user, observation),
        {},
        "observations",
    )


def _sus(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    form = SusForm(request.POST)

    def run(_values: dict[str, Any]) -> None:
        service.answer_sus(request.user, session, form.answers())

    return _done(request, session, form, run, {"sus": form}, "sus")


def _file(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")

    def run(values: dict[str, Any]) -> None:
        service.add_file(request.user, session, values["file"])

    return _done(request, session, form, run, {"file": form}, "files")


def _end(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    notes, seen = request.POST.get("notes"), request.POST.get("seen", "")

    def run(_values: dict[str, Any]) -> None:
        service.end_session(request.user, session, notes=notes, seen=seen)

    return _done(request, session, None, run, {}, "end")


def _resume(request: HttpRequest, session: UserTestSession) -> HttpResponse:
    return _done(request, session, None, lambda _v: service.resume_session(request.user, session), {}, "")


_ACTS = {"observe": _observe, "drop": _drop, "sus": _sus, "file": _file, "end": _end, "resume": _resume}


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on a session."""
    if name not in _ACTS:
        raise Http404
    return _ACTS[name](request, find_session(request, pk))


def _done(
    request: HttpRequest,
    session: UserTestSession,
    form: forms.BaseForm | None,
    run: Callable[[dict[str, Any]], object],
    failed: dict[str, Any],
    place: str,
) -> HttpResponse:
    """Do it and go back to the place; a device that keeps its notes asks for JSON and is told what became of this one."""
    error = _tried(form, run)
    refused = error is not None or bool(form and form.errors)
    if request.headers.get("Accept", "").startswith("application/json"):
        return _told(form, error) if refused else JsonResponse({"saved": True})
    if not refused:
        return redirect(f"{reverse('voice:session', args=[session.pk])}#{place}")
    if form is None:
        messages.error(request, str(error))
        return redirect("voice:session", session.pk)
    session.refresh_from_db()
    return _drawn(request, session, error.status if error else 422, **failed)


def _tried(form: forms.BaseForm | None, run: Callable[[dict[str, Any]], object]) -> SekishoError | None:
    """Run what is in order; a refusal stands in the form, where there is one."""
    if form is not None and not form.is_valid():
        return None
    try:
        run(form.cleaned_data if form else {})
    except SekishoError as refused:
        if form is not None:
            show(form, refused)
        return refused
    return None


def _told(form: forms.BaseForm | None, error: SekishoError | None) -> JsonResponse:
    words = (
        [*form.non_field_errors(), *(said for bound in form for said in faults(bound))]
        if form
        else [str(error)]
    )
    return JsonResponse({"saved": False, "why": sentences(*words)}, status=422)
