"""Every act on a book's page: which form reads it, which service does it, in which chapter it stands.

One table instead of thirty views: each act is a name in the address, a form, a service call and the place to go back to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms import chapters as forms
from sekisho.book.models import (
    BudgetYear,
    Contract,
    Goal,
    Interface,
    Link,
    Membership,
    Milestone,
    Module,
    Project,
    Release,
    RetirementItem,
    Risk,
    StatusReport,
)
from sekisho.book.services import phases, planning, projects, releases, retirement
from sekisho.book.services.acting import acting_on
from sekisho.book.services.files import store_attachment
from sekisho.web.asked import whole_number

SAVED = _("Saved.")
Run = Callable[[Any, Project, Any, dict[str, Any]], Any]


@dataclass(frozen=True)
class BookAct:
    """``run(user, project, item, data)``; ``item`` is a row of ``model`` in this book, or None."""

    form: type[forms.ChapterForm]
    chapter: str
    permission: str
    run: Run
    model: type[Model] | None = None
    done: Any = SAVED
    #: what a stale save compares where the act names no row
    record: type[Model] = Project


def _attributes(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    values = {**data, "owner": data["organisation"]}
    version = values.pop("version")
    del values["organisation"]
    projects.update_project(user, project, values, expected_version=version)


def _file(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    with acting_on(user, project) as act:
        act.require("add_evidence")
        store_attachment(act, data["file"])


def _budget(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    amounts = {name: data[name] for name in BudgetYear.AMOUNTS if data[name] is not None}
    planning.set_budget(user, project, data["fiscal_year"], amounts, expected_version=data["version"])


def _status(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    del data["seen"]
    planning.report_status(user, project, expected_version=data.pop("version"), **data)


def _budget_change(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    amounts = {name: data[name] for name in BudgetYear.AMOUNTS}
    planning.set_budget(user, project, item.fiscal_year, amounts, expected_version=data["version"])


def _retirement_change(user: Any, project: Project, item: Any, data: dict[str, Any]) -> None:
    version = data.pop("version")
    retirement.set_retirement_item(user, project, data, item=item, expected_version=version)


def _adds(service: Callable[..., Any]) -> Run:
    """A service that takes the form's fields as keywords."""
    return lambda user, project, item, data: service(user, project, **data)


def _sets(service: Callable[..., Any], row: str) -> Run:
    """A service that adds or changes; it takes the row as the keyword ``row``, and the version that was seen."""
    return lambda user, project, item, data: service(
        user, project, **{row: item}, expected_version=data.pop("version"), **data
    )


def _changes(service: Callable[..., Any]) -> Run:
    """A service that takes the row, the version that was seen, and the form's fields as keywords."""
    return lambda user, project, item, data: service(user, item, expected_version=data.pop("version"), **data)


def _on_item(service: Callable[..., Any]) -> Run:
    """A service that takes the row and the form's fields in order."""
    return lambda user, project, item, data: service(user, item, *data.values())


_remove = _on_item(planning.remove_item)
_change = _changes(planning.change_item)

ACTS: dict[str, BookAct] = {
    "attributes": BookAct(forms.AttributesForm, "what", "edit", _attributes),
    "tier": BookAct(
        forms.TierForm, "what", "set_tier", lambda u, p, i, d: projects.set_tier(u, p, d["tier"], d["reason"])
    ),
    "goal-add": BookAct(
        forms.GoalForm, "what", "edit", lambda u, p, i, d: planning.add_goal(u, p, kind="outcome", **d)
    ),
    "goal-change": BookAct(forms.GoalChangeForm, "what", "edit", _change, Goal),
    "goal-remove": BookAct(forms.EmptyForm, "what", "edit", _remove, Goal),
    "member-add": BookAct(forms.MemberForm, "people", "edit", _adds(projects.add_member)),
    "member-change": BookAct(
        forms.MemberChangeForm, "people", "edit", _changes(projects.change_member), Membership
    ),
    "member-remove": BookAct(forms.EmptyForm, "people", "edit", _on_item(projects.remove_member), Membership),
    "budget": BookAct(forms.BudgetForm, "money", "edit", _budget, record=BudgetYear),
    "budget-change": BookAct(forms.BudgetChangeForm, "money", "edit", _budget_change, BudgetYear),
    "contract-add": BookAct(forms.ContractForm, "money", "edit", _adds(planning.add_contract)),
    "contract-change": BookAct(
        forms.ContractChangeForm, "money", "edit", _changes(planning.change_contract), Contract
    ),
    "contract-remove": BookAct(forms.EmptyForm, "money", "edit", _remove, Contract),
    "milestone-add": BookAct(forms.MilestoneForm, "plan-dates", "edit", _adds(planning.set_milestone)),
    "milestone-move": BookAct(
        forms.MilestoneChangeForm,
        "plan-dates",
        "edit",
        _sets(planning.set_milestone, "milestone"),
        Milestone,
    ),
    "milestone-reach": BookAct(
        forms.ReachForm, "plan-dates", "edit", _changes(planning.reach_milestone), Milestone
    ),
    "milestone-remove": BookAct(
        forms.EmptyForm, "plan-dates", "edit", _on_item(planning.remove_milestone), Milestone
    ),
    "rebaseline": BookAct(forms.ReasonForm, "plan-dates", "edit", _adds(planning.rebaseline)),
    "status": BookAct(forms.StatusForm, "status", "edit", _status, record=StatusReport),
    "risk-add": BookAct(forms.RiskForm, "risks", "edit", _adds(planning.note_risk)),
    "risk-change": BookAct(forms.RiskChangeForm, "risks", "edit", _sets(planning.note_risk, "risk"), Risk),
    "risk-close": BookAct(forms.CloseForm, "risks", "edit", _changes(planning.close_risk), Risk),
    "link-add": BookAct(forms.LinkForm, "parts", "edit", _adds(planning.add_link)),
    "link-change": BookAct(forms.LinkChangeForm, "parts", "edit", _change, Link),
    "link-remove": BookAct(forms.EmptyForm, "parts", "edit", _remove, Link),
    "file-add": BookAct(forms.FileForm, "parts", "add_evidence", _file),
    "module-add": BookAct(forms.ModuleForm, "parts", "edit", _adds(planning.add_module)),
    "module-change": BookAct(forms.ModuleChangeForm, "parts", "edit", _change, Module),
    "module-remove": BookAct(forms.EmptyForm, "parts", "edit", _remove, Module),
    "interface-add": BookAct(forms.InterfaceForm, "parts", "edit", _adds(planning.add_interface)),
    "interface-change": BookAct(forms.InterfaceChangeForm, "parts", "edit", _change, Interface),
    "interface-remove": BookAct(forms.EmptyForm, "parts", "edit", _remove, Interface),
    "release-plan": BookAct(forms.ReleaseForm, "releases", "release", _adds(releases.plan_release)),
    "release-emergency": BookAct(
        forms.EmergencyForm, "releases", "release", _adds(releases.emergency_release)
    ),
    "release-publish": BookAct(
        forms.EmptyForm,
        "releases",
        "release",
        _on_item(releases.publish_release),
        Release,
        _("Marked as released."),
    ),
    "phase-skip": BookAct(
        forms.ReasonForm, "phases", "skip_phase", lambda u, p, i, d: phases.skip_phase(u, p, i, d["reason"])
    ),
    "phase-enter": BookAct(
        forms.EmptyForm, "phases", "submit", lambda u, p, i, d: phases.enter_phase(u, p, i)
    ),
    "retirement-add": BookAct(
        forms.RetirementForm, "retire", "retire", lambda u, p, i, d: retirement.set_retirement_item(u, p, d)
    ),
    "retirement-edit": BookAct(
        forms.RetirementChangeForm,
        "retire",
        "retire",
        _retirement_change,
        RetirementItem,
    ),
    "retirement-remove": BookAct(
        forms.EmptyForm, "retire", "retire", _on_item(retirement.remove_retirement_item), RetirementItem
    ),
    "retire": BookAct(
        forms.EmptyForm,
        "retire",
        "retire",
        lambda u, p, i, d: phases.retire(u, p),
        done=_("The project is retired."),
    ),
}


def item_of(act: BookAct, project: Project, key: str) -> Any:
    """The row an act is about: of its model in this book, or the bare key (a phase). 404 when there is none."""
    if act.model is None:
        return key or None
    return get_object_or_404(act.model._default_manager.filter(project=project), pk=whole_number(key))
