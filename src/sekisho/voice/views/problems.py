"""A problem of users: what it is, who mends it, what was changed, and how it is known to be gone."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.voice.forms.usertests import ProblemForm, RetestForm, WordsForm
from sekisho.voice.models import Problem
from sekisho.voice.queries.usertests import seen_problem
from sekisho.voice.services import problems as service
from sekisho.voice.views.usertests import may_edit


def _change(request: HttpRequest, problem: Problem, values: dict[str, Any]) -> None:
    version = values.pop("version")
    service.change_problem(request.user, problem, expected_version=version, **values)


#: act -> what it does with the cleaned values
_RUN: dict[str, Callable[[HttpRequest, Problem, dict[str, Any]], Any]] = {
    "change": _change,
    "fix": lambda request, problem, values: service.fix_problem(request.user, problem, values["words"]),
    "retested": lambda request, problem, values: service.close_retested(request.user, problem, **values),
    "dismiss": lambda request, problem, values: service.dismiss_problem(
        request.user, problem, values["words"]
    ),
    "reopen": lambda request, problem, _values: service.reopen_problem(request.user, problem),
}


def _form(name: str, problem: Problem, data: Any = None) -> forms.BaseForm:
    if name == "change":
        said = {part: getattr(problem, part) for part in service.PARTS} | {"version": problem.version}
        said["owner"] = problem.owner_id
        return ProblemForm(data, project=problem.project, initial=said, prefix="change", auto_id="%s")
    if name == "retested":
        return RetestForm(data, project=problem.project, prefix="retested", auto_id="%s")
    if name == "reopen":
        return forms.Form(data)
    return WordsForm(data, prefix=name, auto_id="%s")


def find_problem(request: HttpRequest, pk: int) -> tuple[Actor, Problem]:
    """The actor and a problem they may see; 404 otherwise."""
    actor = actor_of(request.user)
    problem = seen_problem(actor, pk)
    if problem is None:
        raise Http404(_("There is no such problem, or you may not see it."))
    return actor, problem


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One problem with the observations it is made of."""
    actor, problem = find_problem(request, pk)
    return render(request, "voice/problem.html", _context(actor, problem))


def _context(actor: Actor, problem: Problem, **failed: forms.BaseForm) -> dict[str, Any]:
    edit = may_edit(actor, problem.project)
    return {
        "problem": problem,
        "observations": problem.observations.select_related("session__participant", "session__test", "task"),
        "may_edit": edit,
        "may_fix": edit or actor.user_id == problem.owner_id,
        "forms": {**{name: _form(name, problem) for name in _RUN}, **failed},
        "failed": failed,
    }


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on a problem; a refusal comes back in place."""
    actor, problem = find_problem(request, pk)
    if name not in _RUN:
        raise Http404
    form = _form(name, problem, request.POST)
    status = 422
    if form.is_valid():
        try:
            _RUN[name](request, problem, dict(form.cleaned_data))
            messages.success(request, _("Saved."))
            return redirect("voice:problem", pk)
        except SekishoError as error:
            show(form, error, fix="words")
            status = error.status
    problem.refresh_from_db()
    return render(request, "voice/problem.html", _context(actor, problem, **{name: form}), status=status)
