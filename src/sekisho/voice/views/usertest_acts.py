"""Acts on the page of a test: each a form and the service it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from sekisho.errors import Message
from sekisho.voice.forms import usertests as shapes
from sekisho.voice.models import UserTest
from sekisho.voice.services import problems, usertests
from sekisho.web.asked import whole_number

Values = dict[str, Any]


@dataclass(frozen=True)
class PageAct:
    """``form(test, data, prefix)`` reads what was entered; ``run(user, test, values, posted)`` does it. ``place`` is the
    part of the page to come back to."""

    form: Callable[..., forms.BaseForm] | None
    run: Callable[..., Any]
    done: Message
    place: str


def _one(rows: Any, posted: Any, name: str) -> Any:
    """The row of this test that a form names; 404 for what is none."""
    return get_object_or_404(rows, pk=whole_number(posted.get(name, "")))


def chosen_observations(posted: Any) -> list[int]:
    """Keys of the observations that a form ticks."""
    keys = (whole_number(given) for given in posted.getlist("observation"))
    return [key for key in keys if key is not None]


def _found(user: Any, test: UserTest, values: Values, posted: Any) -> Any:
    parts = {name: value for name, value in values.items() if name != "version"}
    return problems.found_problem(user, test, observations=chosen_observations(posted), **parts)


def _merge(user: Any, test: UserTest, values: Values, posted: Any) -> Any:
    problem = _one(test.project.problems, posted, "problem")
    return problems.merge_observations(user, problem, test, chosen_observations(posted))


def _consent(user: Any, test: UserTest, values: Values, posted: Any) -> Any:
    return usertests.record_consent(user, _one(test.participants, posted, "participant"), values["on"])


def _task(user: Any, test: UserTest, values: Values, posted: Any) -> Any:
    if posted.get("was"):
        return usertests.change_task(user, _one(test.tasks, posted, "was"), **values)
    return usertests.add_task(user, test, **values)


ACTS: dict[str, PageAct] = {
    "group": PageAct(
        lambda test, data: shapes.GroupForm(data, prefix="group", auto_id="%s"),
        lambda user, test, values, posted: usertests.add_group(user, test, **values),
        gettext_lazy("Added."),
        "people",
    ),
    "group-remove": PageAct(
        None,
        lambda user, test, values, posted: usertests.remove_group(user, _one(test.groups, posted, "group")),
        gettext_lazy("Removed."),
        "people",
    ),
    "participant": PageAct(
        lambda test, data: shapes.ParticipantForm(data, test=test, prefix="participant", auto_id="%s"),
        lambda user, test, values, posted: usertests.add_participant(user, **values),
        gettext_lazy("Added."),
        "people",
    ),
    "consent": PageAct(
        lambda test, data: shapes.ConsentForm(data, auto_id=False), _consent, gettext_lazy("Saved."), "people"
    ),
    "withdraw": PageAct(
        None,
        lambda user, test, values, posted: usertests.withdraw(
            user, _one(test.participants, posted, "participant")
        ),
        gettext_lazy("Withdrawn. What was kept of this participant is erased."),
        "people",
    ),
    "task": PageAct(
        lambda test, data: shapes.TaskForm(data, prefix="task", auto_id="%s"),
        _task,
        gettext_lazy("Saved."),
        "tasks",
    ),
    "task-up": PageAct(
        None,
        lambda user, test, values, posted: usertests.move_task(user, _one(test.tasks, posted, "task"), "up"),
        gettext_lazy("Moved."),
        "tasks",
    ),
    "task-down": PageAct(
        None,
        lambda user, test, values, posted: usertests.move_task(
            user, _one(test.tasks, posted, "task"), "down"
        ),
        gettext_lazy("Moved."),
        "tasks",
    ),
    "task-remove": PageAct(
        None,
        lambda user, test, values, posted: usertests.remove_task(user, _one(test.tasks, posted, "task")),
        gettext_lazy("Removed."),
        "tasks",
    ),
    "problem": PageAct(
        lambda test, data: shapes.ProblemForm(data, project=test.project, prefix="problem", auto_id="%s"),
        _found,
        gettext_lazy("The problem is recorded."),
        "problems",
    ),
    "merge": PageAct(None, _merge, gettext_lazy("Sorted in."), "observations"),
    "finish": PageAct(
        lambda test, data: shapes.FinishForm(data, prefix="finish", auto_id="%s"),
        lambda user, test, values, posted: usertests.finish_test(user, test, **values),
        gettext_lazy("The test is done. Its results count from now on."),
        "end",
    ),
    "cancel": PageAct(
        lambda test, data: shapes.ReasonForm(data, prefix="cancel", auto_id="%s"),
        lambda user, test, values, posted: usertests.cancel_test(user, test, **values),
        gettext_lazy("The test is cancelled."),
        "end",
    ),
}


def forms_of(test: UserTest) -> dict[str, forms.BaseForm]:
    """An empty form of each act that has one, by its name without hyphens."""
    return {name.replace("-", "_"): act.form(test, None) for name, act in ACTS.items() if act.form}
