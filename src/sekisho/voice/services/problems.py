"""Acts on problems: merged from observations, owned, fixed, tried again with users."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, by_name, changed, choice, expect, filled, fitting, read_again
from sekisho.errors import Conflict, Invalid
from sekisho.people.permissions import actor_of
from sekisho.voice.models import Observation, Problem, UserTest
from sekisho.voice.models.sessions import Severity

PARTS = ("title", "place", "severity", "owner", "due_on")


def found_problem(user: Any, test: UserTest, *, observations: Sequence[int] = (), **parts: Any) -> Problem:
    """Record a problem, made of observations of this test (by their keys). ``parts``: title, severity, and the rest of
    ``PARTS``.

    Raises:
        Invalid: a value cannot be accepted.
    """
    with acting_on(user, test.project) as act:
        act.require("edit")
        values = _parts(act.project, {name: parts.get(name) for name in PARTS})
        last = Problem.objects.filter(project=act.project).aggregate(n=Max("number"))["n"] or 0
        problem = Problem.objects.create(project=act.project, test=test, number=last + 1, **values)
        _seen_in(test, observations).update(problem=problem)
        act.write("problem.found", _of(problem), after=by_name(values))
    return problem


def merge_observations(user: Any, problem: Problem, test: UserTest, observations: Sequence[int]) -> int:
    """Say that observations of a test show this problem, too; the number of those that now do."""
    with acting_on(user, problem.project) as act:
        act.require("edit")
        read_again(problem)
        if test.project_id != problem.project_id:
            raise Invalid(_("This problem belongs to another book."), field="problem")
        return _seen_in(test, observations).update(problem=problem)


def _seen_in(test: UserTest, keys: Sequence[int]) -> Any:
    return Observation.objects.filter(session__test=test, pk__in=list(keys)).order_by()


def change_problem(
    user: Any, problem: Problem, *, expected_version: int | None = None, **parts: Any
) -> Problem:
    """Change what is said of a problem, who owns it and by when; what is left out stays.

    Raises:
        Invalid: a value cannot be accepted. StaleWrite: saved by someone else since.
    """
    with acting_on(user, problem.project) as act:
        act.require("edit")
        read_again(problem)
        said = {name: getattr(problem, name) for name in PARTS}
        expect(
            problem, expected_version, said, parts, _("Someone else changed this problem in the meantime.")
        )
        old, new = changed(said, _parts(act.project, {**said, **parts}))
        if "severity" in new and old["severity"] == Severity.CRITICAL:
            _require_reviewer(
                act, _("Only a CIO aide or the quality office makes a critical problem a lesser one.")
            )
        if new:
            _store(problem, new)
            act.write("problem.changed", _of(problem), before=by_name(old), after=by_name(new))
    return problem


def _parts(project: Project, parts: Mapping[str, Any]) -> dict[str, Any]:
    severity = choice(parts["severity"], Severity, "severity")
    if severity == Severity.GOOD:
        raise Invalid(_("What works well is no problem."), field="severity")
    owner, due = parts["owner"], parts["due_on"]
    if due is not None and not isinstance(due, dt.date):
        raise Invalid(_("Enter a day."), field="due_on")
    if owner is not None and not actor_of(owner).may("read", path=project.owner.path, project_id=project.pk):
        raise Invalid(_("This person may not see the book. Name them on it first."), field="owner")
    if (owner is None) != (due is None):
        field = "owner" if owner is None else "due_on"
        raise Invalid(_("Someone who mends it and a day go together."), field=field)
    return {
        "title": fitting(filled(parts["title"], "title"), 300, "title"),
        "place": fitting(parts["place"], 200, "place"),
        "severity": severity,
        "owner": owner,
        "due_on": due,
    }


def fix_problem(user: Any, problem: Problem, fix: str) -> Problem:
    """Say what was changed; the problem then waits to be tried again with users."""
    with acting_on(user, problem.project) as act:
        _require_owner_or_editor(act, problem)
        read_again(problem)
        if problem.state != Problem.State.OPEN:
            raise Conflict(_("This problem is not open."), code="problem_not_open")
        words = fitting(filled(fix, "fix", _("Say what was changed.")), 20_000, "fix")
        _store(problem, {"fix": words, "state": Problem.State.FIXED, "fixed_at": act.now})
        act.write("problem.fixed", _of(problem), after={"fix": words})
    return problem


def close_retested(user: Any, problem: Problem, test: UserTest, words: str = "") -> Problem:
    """Close a fixed problem that a later test no longer showed.

    Raises:
        Conflict: not fixed; the test is not done, is of another book, ended before the fix, or shows the problem.
    """
    with acting_on(user, problem.project) as act:
        act.require("edit")
        read_again(problem)
        if problem.state != Problem.State.FIXED or problem.fixed_at is None:
            raise Conflict(_("Only a fixed problem can be tried again."), code="problem_not_fixed")
        if test.project_id != problem.project_id or test.state != UserTest.State.DONE:
            raise Conflict(_("Choose a test of this book that is done."), code="test_not_done")
        if not test.sessions.filter(state="done", started_at__gte=problem.fixed_at).exists():
            raise Conflict(_("No session of this test began after the fix."), code="test_before_fix")
        if problem.observations.filter(
            session__test=test, session__started_at__gte=problem.fixed_at
        ).exists():
            raise Conflict(_("This test still shows the problem."), code="problem_seen_again")
        _end(act, problem, Problem.Ending.RETESTED, words, retested_in=test)
    return problem


def dismiss_problem(user: Any, problem: Problem, words: str) -> Problem:
    """Close what turned out to be no problem, saying how that is known. A critical one takes a reviewer."""
    with acting_on(user, problem.project) as act:
        act.require("edit")
        read_again(problem)
        if problem.state == Problem.State.CLOSED:
            raise Conflict(_("This problem is closed already."), code="problem_not_open")
        if problem.severity == Severity.CRITICAL:
            _require_reviewer(act, _("Only a CIO aide or the quality office dismisses a critical problem."))
        said = filled(words, "words", _("Say how that is known."))
        _end(act, problem, Problem.Ending.NOT_ONE, said)
    return problem


def reopen_problem(user: Any, problem: Problem) -> Problem:
    """Open a fixed or closed problem again."""
    with acting_on(user, problem.project) as act:
        act.require("edit")
        read_again(problem)
        if problem.state == Problem.State.OPEN:
            return problem
        emptied = {"fixed_at": None, "closed_at": None, "ending": "", "ending_words": "", "retested_in": None}
        _store(problem, {**emptied, "state": Problem.State.OPEN})
        act.write("problem.reopened", _of(problem))
    return problem


def _end(act: Act, problem: Problem, ending: str, words: str, **more: Any) -> None:
    said = {"ending": ending, "ending_words": fitting(words, 20_000, "words"), **more}
    _store(problem, {**said, "state": Problem.State.CLOSED, "closed_at": act.now})
    act.write("problem.closed", _of(problem), after=by_name(said))


def _store(problem: Problem, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(problem, name, value)
    problem.version += 1
    problem.save()


def _of(problem: Problem) -> dict[str, Any]:
    return {"number": problem.number, "title": problem.title, "problem_id": problem.pk}


def _require_owner_or_editor(act: Act, problem: Problem) -> None:
    if act.actor.user_id is None or act.actor.user_id != problem.owner_id:
        act.require("edit")


def _require_reviewer(act: Act, message: Any) -> None:
    if not act.actor.may("review", path=act.project.owner.path, project_id=act.project.pk):
        raise Conflict(message, code="needs_reviewer")
