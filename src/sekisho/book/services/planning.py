"""Money, contracts, milestones and baselines, monthly status, risks, and the smaller parts of a book."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import (
    Baseline,
    BaselineMilestone,
    BudgetYear,
    Contract,
    Contractor,
    Goal,
    Interface,
    Link,
    Milestone,
    Module,
    Project,
    Risk,
    StatusReport,
)
from sekisho.book.models.vocabulary import Confidence
from sekisho.book.services.common import Act, acting_on, changed, choice, filled, not_past
from sekisho.book.services.gates import clean_url
from sekisho.errors import Conflict, Invalid, StaleWrite
from sekisho.people.models import User

MAX_YEN = 10**15
_RISK_PARTS = ("kind", "title", "text", "weight", "owner", "due_on")


def set_budget(
    user: Any,
    project: Project,
    fiscal_year: int,
    amounts: Mapping[str, int | None],
    *,
    expected_version: int | None = None,
) -> BudgetYear:
    """Enter one fiscal year's money in yen. ``amounts`` may hold any of ``BudgetYear.AMOUNTS``.

    Raises:
        Invalid: a year or amount out of range. StaleWrite: saved by someone else since.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        if not 1900 <= fiscal_year <= 2200:
            raise Invalid(_("Enter a year such as 2026."), field="fiscal_year")
        for name, amount in amounts.items():
            if amount is not None and not -MAX_YEN <= amount <= MAX_YEN:
                raise Invalid(_("This amount is too large. Is the unit right?"), field=name)
        year, _created = BudgetYear.objects.get_or_create(
            project=act.project, fiscal_year=fiscal_year, defaults={"version": 0}
        )
        if expected_version is not None and year.version != expected_version:
            current = {name: getattr(year, name) for name in (*BudgetYear.AMOUNTS, "version")}
            raise StaleWrite(
                _("Someone else changed this year in the meantime."), current=current, yours=dict(amounts)
            )
        before, after = changed({n: getattr(year, n) for n in amounts}, dict(amounts))
        if after:
            for name, amount in after.items():
                setattr(year, name, amount)
            year.version += 1
            year.save()
            act.money_moved = True
            act.write("budget.set", {"year": fiscal_year}, before=before, after=after)
    return year


def add_contract(
    user: Any, project: Project, *, contractor: str, title: str, corporate_number: str = "", **more: Any
) -> Contract:
    """Add a contract; ``more`` may hold method, amount (yen), fiscal_year, starts_on, ends_on."""
    with acting_on(user, project) as act:
        act.require("edit")
        name = filled(contractor, "contractor")[:300]
        if more.get("starts_on") and more.get("ends_on") and more["ends_on"] < more["starts_on"]:
            raise Invalid(_("The contract ends before it starts."), field="ends_on")
        company, _created = Contractor.objects.get_or_create(
            name=name, corporate_number=corporate_number.strip()
        )
        contract = Contract.objects.create(
            project=act.project, contractor=company, title=filled(title, "title")[:1000], **more
        )
        params = {"title": contract.title[:200], "contractor": name, "contract_id": contract.pk}
        act.write("contract.added", params, after=more)
    return contract


def set_milestone(
    user: Any, project: Project, *, name: str, planned_on: dt.date, milestone: Milestone | None = None
) -> Milestone:
    """Add a milestone or change its working date. Promised dates stay in the baselines."""
    with acting_on(user, project) as act:
        act.require("edit")
        milestone = milestone or Milestone(project=act.project)
        before = {"name": milestone.name, "planned_on": milestone.planned_on}
        milestone.name, milestone.planned_on = filled(name, "name")[:300], planned_on
        milestone.save()
        params = {"name": milestone.name, "date": planned_on, "milestone_id": milestone.pk}
        act.write(
            "milestone.set", params, before=before, after={"name": milestone.name, "planned_on": planned_on}
        )
    return milestone


def reach_milestone(user: Any, milestone: Milestone, done_on: dt.date) -> Milestone:
    """Note when a milestone was reached."""
    with acting_on(user, milestone.project) as act:
        act.require("edit")
        if done_on > act.today:
            raise Invalid(_("This day lies ahead. Record what has been done."), field="done_on")
        before, milestone.done_on = milestone.done_on, done_on
        milestone.save(update_fields=["done_on"])
        params = {"name": milestone.name, "date": done_on, "milestone_id": milestone.pk}
        act.write("milestone.done", params, before={"done_on": before}, after={"done_on": done_on})
    return milestone


def remove_milestone(user: Any, milestone: Milestone) -> None:
    """Take off a milestone that no baseline promised."""
    with acting_on(user, milestone.project) as act:
        act.require("edit")
        if milestone.baselines.exists():
            raise Conflict(
                _("This milestone was promised in a baseline and stays. Fix a new baseline instead."),
                code="in_baseline",
            )
        name, before = milestone.name, {"planned_on": milestone.planned_on, "done_on": milestone.done_on}
        milestone.delete()
        act.write("milestone.removed", {"name": name}, before=before)


def fix_first_baseline(act: Act) -> Baseline | None:
    """Fix baseline 1 when the plan gate is passed; later passes leave it as it is."""
    if act.project.baselines.exists():
        return None
    return _fix(act, 1, "")


def rebaseline(user: Any, project: Project, reason: str) -> Baseline:
    """Fix the working dates as a new baseline, with a reason. Earlier baselines are never rewritten."""
    with acting_on(user, project) as act:
        act.require("edit")
        last = act.project.baselines.aggregate(n=Max("number"))["n"]
        if last is None:
            raise Conflict(_("The first baseline is fixed when the plan gate is passed."), code="no_baseline")
        baseline = _fix(act, last + 1, filled(reason, "reason", _("Say why the plan changes.")))
    return baseline


def _fix(act: Act, number: int, reason: str) -> Baseline:
    baseline = Baseline.objects.create(
        project=act.project, number=number, reason=reason, fixed_at=act.now, fixed_by_id=act.actor.user_id
    )
    milestones = list(act.project.milestones.all())
    BaselineMilestone.objects.bulk_create(
        BaselineMilestone(baseline=baseline, milestone=m, name=m.name, planned_on=m.planned_on)
        for m in milestones
    )
    after = {m.name: m.planned_on for m in milestones}
    act.write("baseline.fixed", {"number": number, "reason": reason}, after=after)
    return baseline


def report_status(
    user: Any,
    project: Project,
    *,
    month: dt.date,
    schedule: int,
    cost: int,
    scope: int,
    quality: int,
    words: str,
) -> StatusReport:
    """Report one month in four five-step words (1 very worried … 5 very confident). A month is reported once; again corrects it."""
    with acting_on(user, project) as act:
        act.require("edit")
        marks = {"schedule": schedule, "cost": cost, "scope": scope, "quality": quality}
        for name, mark in marks.items():
            choice(mark, Confidence, name)
        first = month.replace(day=1)
        if first > act.today:
            raise Invalid(_("This month lies ahead."), field="month")
        values = {**marks, "words": filled(words, "words", _("Say in words how it stands."))}
        old = StatusReport.objects.filter(project=act.project, month=first).values(*values).first()
        report, _created = StatusReport.objects.update_or_create(
            project=act.project,
            month=first,
            defaults={**values, "author_id": act.actor.user_id, "reported_at": act.now},
        )
        act.write("status.reported", {"month": f"{first:%Y-%m}"}, before=old, after=values)
    return report


def note_risk(
    user: Any,
    project: Project,
    *,
    kind: str,
    title: str,
    text: str = "",
    weight: int = 2,
    owner: User | None = None,
    due_on: dt.date | None = None,
    risk: Risk | None = None,
) -> Risk:
    """Note a risk or an open question, or change one."""
    with acting_on(user, project) as act:
        act.require("edit")
        choice(kind, Risk.Kind, "kind")
        choice(weight, Risk.Weight, "weight")
        if risk is None or risk.due_on != due_on:
            not_past(due_on, "due_on", act.today)
        new = risk is None
        risk = risk or Risk(project=act.project)
        before = {} if new else {name: getattr(risk, name) for name in _RISK_PARTS}
        risk.kind, risk.title, risk.text, risk.weight = (
            kind,
            filled(title, "title")[:300],
            text.strip(),
            weight,
        )
        risk.owner, risk.due_on = owner, due_on
        old, said = changed(before, {name: getattr(risk, name) for name in _RISK_PARTS})
        if said:
            risk.save()
            params = {"title": risk.title, "risk_id": risk.pk}
            act.write("risk.added" if new else "risk.updated", params, before=_named(old), after=_named(said))
    return risk


def _named(said: dict[str, Any]) -> dict[str, Any]:
    """People by name, as the ledger keeps them."""
    return {name: str(value) if isinstance(value, User) else value for name, value in said.items()}


def close_risk(user: Any, risk: Risk, outcome: str) -> Risk:
    """Close a risk or question with its outcome."""
    with acting_on(user, risk.project) as act:
        act.require("edit")
        if risk.closed_at:
            raise Conflict(_("This is already closed."), code="risk_closed")
        risk.outcome, risk.closed_at = filled(outcome, "outcome", _("Say how it ended.")), act.now
        risk.save(update_fields=["outcome", "closed_at"])
        act.write("risk.closed", {"title": risk.title, "risk_id": risk.pk}, after={"outcome": risk.outcome})
    return risk


def add_link(user: Any, project: Project, *, title: str, url: str) -> Link:
    """Add an address that belongs to the project."""
    address = clean_url(url)
    return _add(
        user, project, Link, "link", {"title": filled(title or address, "title")[:300], "url": address}
    )


def add_module(user: Any, project: Project, *, name: str, purpose: str = "", supplier: str = "") -> Module:
    """Add a part of the system."""
    values = {
        "name": filled(name, "name")[:300],
        "purpose": purpose.strip(),
        "supplier": supplier.strip()[:300],
    }
    return _add(user, project, Module, "module", values)


def add_interface(
    user: Any, project: Project, *, counterpart: str, direction: str, method: str = "", data: str = ""
) -> Interface:
    """Add an exchange of data with another system."""
    choice(direction, Interface.Direction, "direction")
    values = {
        "counterpart": filled(counterpart, "counterpart")[:300],
        "direction": direction,
        "method": method.strip()[:200],
        "data": data.strip()[:500],
    }
    return _add(user, project, Interface, "interface", values)


def add_goal(
    user: Any, project: Project, *, kind: str, text: str, unit: str = "", baseline: str = "", target: str = ""
) -> Goal:
    """Add what the project promised to bring about."""
    values = {
        "kind": kind[:20],
        "text": filled(text, "text"),
        "unit": unit.strip()[:100],
        "baseline": baseline.strip()[:200],
        "target": target.strip()[:200],
    }
    return _add(user, project, Goal, "goal", values)


def _add(user: Any, project: Project, model: type[Any], kind: str, values: dict[str, Any]) -> Any:
    with acting_on(user, project) as act:
        act.require("edit")
        row = model.objects.create(project=act.project, **values)
        act.write("item.added", {"kind": kind, "title": str(row), "id": row.pk}, after=values)
    return row


def remove_item(user: Any, row: Model) -> None:
    """Take a link, module, interface, goal or contract off the book. The ledger keeps what it said."""
    kinds: dict[type[Model], str] = {
        Link: "link",
        Module: "module",
        Interface: "interface",
        Goal: "goal",
        Contract: "contract",
    }
    with acting_on(user, row.project) as act:  # type: ignore[attr-defined]
        act.require("edit")
        params = {"kind": kinds[type(row)], "title": str(row), "id": row.pk}
        columns = (f for f in row._meta.concrete_fields if not f.primary_key and f.name != "project")
        before = {column.name: getattr(row, column.attname) for column in columns}
        row.delete()
        act.write("item.removed", params, before=before)
