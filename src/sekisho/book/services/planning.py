"""Money, contracts, milestones and baselines, monthly status, risks, and the smaller parts of a book."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

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
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import (
    Act,
    by_name,
    changed,
    choice,
    clean_url,
    expect,
    filled,
    fitting,
    not_past,
    read_again,
    readable,
)
from sekisho.errors import Conflict, Invalid, StaleWrite
from sekisho.people.models import User
from sekisho.values import half_width

MAX_YEN = 10**15
RISK_PARTS = ("kind", "title", "text", "weight", "owner", "due_on")
CONTRACT_PARTS = (
    "title",
    "contractor",
    "corporate_number",
    "method",
    "amount",
    "fiscal_year",
    "starts_on",
    "ends_on",
)


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
            _refuse_negative(after)
            for name, amount in after.items():
                setattr(year, name, amount)
            year.version += 1
            year.save()
            act.money_moved = True
            act.write("budget.set", {"year": fiscal_year}, before=before, after=after)
    return year


def _refuse_negative(amounts: Mapping[str, int | None]) -> None:
    """Only a supplementary budget takes away. What an import brought may stay as it is."""
    for name, amount in amounts.items():
        if name != "supplementary" and (amount or 0) < 0:
            raise Invalid(_("Money cannot be less than nothing here."), field=name)


def add_contract(user: Any, project: Project, **parts: Any) -> Contract:
    """Add a contract. ``parts`` needs contractor (its name) and title; it may hold corporate_number, method,
    amount (yen), fiscal_year, starts_on and ends_on."""
    with acting_on(user, project) as act:
        act.require("edit")
        values = _contract({name: parts.get(name) for name in CONTRACT_PARTS})
        _refuse_negative({"amount": values["amount"]})
        contract = Contract.objects.create(project=act.project, **values)
        act.write("contract.added", _of_contract(contract), after=by_name(values))
    return contract


def change_contract(
    user: Any, contract: Contract, *, expected_version: int | None = None, **parts: Any
) -> Contract:
    """Change a contract; ``parts`` as for ``add_contract``, what is left out stays.

    Raises:
        Invalid: a value cannot be accepted. StaleWrite: saved by someone else since.
    """
    with acting_on(user, contract.project) as act:
        act.require("edit")
        read_again(contract)
        company = contract.contractor
        said = {"contractor": company.name, "corporate_number": company.corporate_number}
        said |= {name: getattr(contract, name) for name in CONTRACT_PARTS if name not in said}
        expect(contract, expected_version, said, parts, _("Someone else changed this in the meantime."))
        old, new = _save(contract, _contract({**said, **parts}))
        _refuse_negative({"amount": new.get("amount")})
        if new:
            act.write("contract.changed", _of_contract(contract), before=by_name(old), after=by_name(new))
    return contract


def _contract(parts: Mapping[str, Any]) -> dict[str, Any]:
    """A contract's columns from its parts, checked."""
    name = fitting(filled(parts["contractor"], "contractor"), 300, "contractor")
    number = "".join(half_width(readable(parts["corporate_number"])).split())
    if number and not (number.isascii() and number.isdecimal() and len(number) == 13):
        raise Invalid(_("A corporate number has 13 digits."), field="corporate_number")
    amount, year = parts["amount"], parts["fiscal_year"]
    if amount is not None and not -MAX_YEN <= amount <= MAX_YEN:
        raise Invalid(_("This amount is too large. Is the unit right?"), field="amount")
    if year is not None and not 1900 <= year <= 2200:
        raise Invalid(_("Enter a year such as 2026."), field="fiscal_year")
    if parts["starts_on"] and parts["ends_on"] and parts["ends_on"] < parts["starts_on"]:
        raise Invalid(_("The contract ends before it starts."), field="ends_on")
    values = {
        "title": fitting(filled(parts["title"], "title"), 1000, "title"),
        "method": fitting(parts["method"], 200, "method"),
    }
    values |= {kept: parts[kept] for kept in ("amount", "fiscal_year", "starts_on", "ends_on")}
    company, _created = Contractor.objects.get_or_create(name=name, corporate_number=number)
    return {**values, "contractor": company}


def _of_contract(contract: Contract) -> dict[str, Any]:
    return {
        "title": contract.title[:200],
        "contractor": contract.contractor.name,
        "contract_id": contract.pk,
    }


def _save(row: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Save what differs as a new version of the row. Returns it as (before, after)."""
    old, new = changed({name: getattr(row, name) for name in values}, values)
    if new:
        for name, value in new.items():
            setattr(row, name, value)
        row.version += 1
        row.save(update_fields=[*new, "version"])
    return old, new


def set_milestone(
    user: Any,
    project: Project,
    *,
    name: str,
    planned_on: dt.date,
    milestone: Milestone | None = None,
    expected_version: int | None = None,
) -> Milestone:
    """Add a milestone or change its working date. Promised dates stay in the baselines.

    Raises:
        StaleWrite: saved by someone else since.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        values: dict[str, Any] = {
            "name": fitting(filled(name, "name"), 300, "name"),
            "planned_on": planned_on,
        }
        if milestone is None:
            milestone = Milestone(project=act.project, version=0)
        else:
            _expect_milestone(milestone, expected_version, values)
        before = {part: getattr(milestone, part) for part in values}
        if before != values:
            milestone.name, milestone.planned_on = values["name"], planned_on
            milestone.version += 1
            milestone.save()
            params = {"name": milestone.name, "date": planned_on, "milestone_id": milestone.pk}
            act.write("milestone.set", params, before=before, after=values)
    return milestone


def _expect_milestone(milestone: Milestone, version: int | None, yours: Mapping[str, Any]) -> None:
    read_again(milestone)
    current = {name: getattr(milestone, name) for name in ("name", "planned_on", "done_on")}
    expect(milestone, version, current, yours, _("Someone else changed this milestone in the meantime."))


def reach_milestone(
    user: Any, milestone: Milestone, done_on: dt.date, *, expected_version: int | None = None
) -> Milestone:
    """Note when a milestone was reached."""
    with acting_on(user, milestone.project) as act:
        act.require("edit")
        _expect_milestone(milestone, expected_version, {"done_on": done_on})
        if done_on > act.today:
            raise Invalid(_("This day lies ahead. Record what has been done."), field="done_on")
        old, new = _save(milestone, {"done_on": done_on})
        if new:
            params = {"name": milestone.name, "date": done_on, "milestone_id": milestone.pk}
            act.write("milestone.done", params, before=old, after=new)
    return milestone


def remove_milestone(user: Any, milestone: Milestone, *, expected_version: int | None = None) -> None:
    """Take off a milestone that no baseline promised."""
    with acting_on(user, milestone.project) as act:
        act.require("edit")
        _expect_milestone(milestone, expected_version, {})
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
    expected_version: int | None = None,
) -> StatusReport:
    """Report one month in four five-step words (1 very worried … 5 very confident). A month is reported once; again corrects it.

    ``expected_version`` is 0 for a month that nobody has reported.

    Raises:
        StaleWrite: saved by someone else since.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        marks = {"schedule": schedule, "cost": cost, "scope": scope, "quality": quality}
        for name, mark in marks.items():
            choice(mark, Confidence, name)
        first = month.replace(day=1)
        if first > act.today:
            raise Invalid(_("This month lies ahead."), field="month")
        values = {**marks, "words": filled(words, "words", _("Say in words how it stands."))}
        found = StatusReport.objects.filter(project=act.project, month=first).first()
        report = found or StatusReport(project=act.project, month=first, version=0)
        old = {name: getattr(found, name) for name in values} if found else {}
        expect(report, expected_version, old, values, _("Someone else changed this month in the meantime."))
        for name, value in values.items():
            setattr(report, name, value)
        report.author_id, report.reported_at = act.actor.user_id, act.now
        report.version += 1
        report.save()
        act.write("status.reported", {"month": f"{first:%Y-%m}"}, before=old or None, after=values)
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
    expected_version: int | None = None,
) -> Risk:
    """Note a risk or an open question, or change one.

    Raises:
        StaleWrite: saved by someone else since.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        choice(kind, Risk.Kind, "kind")
        choice(weight, Risk.Weight, "weight")
        values = {
            "kind": kind,
            "title": title,
            "text": text,
            "weight": weight,
            "owner": owner,
            "due_on": due_on,
        }
        new = risk is None
        risk = risk or Risk(project=act.project, version=0)
        if not new:
            _expect_risk(risk, expected_version, values, _("Someone else changed this in the meantime."))
        if risk.due_on != due_on:
            not_past(due_on, "due_on", act.today)
        values["title"] = fitting(filled(title, "title"), 300, "title")
        values["text"] = readable(text)
        before = {} if new else {name: getattr(risk, name) for name in values}
        old, said = changed(before, values)
        if said:
            for name, value in values.items():
                setattr(risk, name, value)
            risk.version += 1
            risk.save()
            params = {"title": risk.title, "risk_id": risk.pk}
            act.write(
                "risk.added" if new else "risk.updated", params, before=by_name(old), after=by_name(said)
            )
    return risk


def _expect_risk(risk: Risk, version: int | None, yours: Mapping[str, Any], message: Any) -> None:
    read_again(risk)
    current = {name: getattr(risk, name) for name in (*RISK_PARTS, "outcome")}
    expect(risk, version, current, yours, message)


def close_risk(user: Any, risk: Risk, outcome: str, *, expected_version: int | None = None) -> Risk:
    """Close a risk or question with its outcome.

    Raises:
        Conflict: it is closed.
        StaleWrite: saved by someone else since.
    """
    with acting_on(user, risk.project) as act:
        act.require("edit")
        message = _(
            "Someone else changed this in the meantime. Read it as it stands now before you close it."
        )
        _expect_risk(risk, expected_version, {"outcome": outcome}, message)
        if risk.closed_at:
            raise Conflict(
                _("This was closed meanwhile with “%(outcome)s”, so yours was not recorded.")
                % {"outcome": risk.outcome},
                code="risk_closed",
            )
        risk.outcome, risk.closed_at = filled(outcome, "outcome", _("Say how it ended.")), act.now
        risk.version += 1
        risk.save(update_fields=["outcome", "closed_at", "version"])
        act.write("risk.closed", {"title": risk.title, "risk_id": risk.pk}, after={"outcome": risk.outcome})
    return risk


def add_link(user: Any, project: Project, *, url: str, title: str = "") -> Link:
    """Add an address that belongs to the project; without a title the address is its title."""
    return _add(user, project, Link, {"title": title, "url": url})


def add_module(user: Any, project: Project, *, name: str, purpose: str = "", supplier: str = "") -> Module:
    """Add a part of the system."""
    return _add(user, project, Module, {"name": name, "purpose": purpose, "supplier": supplier})


def add_interface(
    user: Any, project: Project, *, counterpart: str, direction: str, method: str = "", data: str = ""
) -> Interface:
    """Add an exchange of data with another system."""
    values = {"counterpart": counterpart, "direction": direction, "method": method, "data": data}
    return _add(user, project, Interface, values)


def add_goal(
    user: Any, project: Project, *, kind: str, text: str, unit: str = "", baseline: str = "", target: str = ""
) -> Goal:
    """Add what the project promised to bring about."""
    values = {"kind": kind, "text": text, "unit": unit, "baseline": baseline, "target": target}
    return _add(user, project, Goal, values)


def _link(said: Mapping[str, Any]) -> dict[str, Any]:
    address = fitting(clean_url(said["url"], "url"), 2000, "url")
    return {"title": fitting(said["title"], 300, "title") or address[:300], "url": address}


def _module(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": fitting(filled(said["name"], "name"), 300, "name"),
        "purpose": readable(said["purpose"]),
        "supplier": fitting(said["supplier"], 300, "supplier"),
    }


def _interface(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "counterpart": fitting(filled(said["counterpart"], "counterpart"), 300, "counterpart"),
        "direction": choice(said["direction"], Interface.Direction, "direction"),
        "method": fitting(said["method"], 200, "method"),
        "data": fitting(said["data"], 500, "data"),
    }


def _goal(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": fitting(said["kind"], 20, "kind"),
        "text": filled(said["text"], "text"),
        "unit": fitting(said["unit"], 100, "unit"),
        "baseline": fitting(said["baseline"], 200, "baseline"),
        "target": fitting(said["target"], 200, "target"),
    }


@dataclass(frozen=True)
class _ItemKind:
    """A small part of a book: its word in the ledger, and how its values are checked."""

    word: str
    parts: tuple[str, ...]
    checked: Callable[[Mapping[str, Any]], dict[str, Any]]


Item = TypeVar("Item", Link, Module, Interface, Goal)

_ITEMS: dict[type[Model], _ItemKind] = {
    Link: _ItemKind("link", ("title", "url"), _link),
    Module: _ItemKind("module", ("name", "purpose", "supplier"), _module),
    Interface: _ItemKind("interface", ("counterpart", "direction", "method", "data"), _interface),
    Goal: _ItemKind("goal", ("kind", "text", "unit", "baseline", "target"), _goal),
}


def _add(user: Any, project: Project, model: type[Item], said: Mapping[str, Any]) -> Item:
    with acting_on(user, project) as act:
        act.require("edit")
        kind = _ITEMS[model]
        values = kind.checked(said)
        row = model.objects.create(project=act.project, **values)
        act.write("item.added", {"kind": kind.word, "title": str(row), "id": row.pk}, after=values)
    return row


def change_item(
    user: Any, row: Link | Module | Interface | Goal, *, expected_version: int | None = None, **parts: Any
) -> Any:
    """Change a link, module, interface or goal; ``parts`` as when it is added, what is left out stays.

    Raises:
        Invalid: a value cannot be accepted. StaleWrite: saved by someone else since.
    """
    kind = _ITEMS[type(row)]
    with acting_on(user, row.project) as act:
        act.require("edit")
        read_again(row)
        said = {name: getattr(row, name) for name in kind.parts}
        expect(row, expected_version, said, parts, _("Someone else changed this in the meantime."))
        old, new = _save(row, kind.checked({**said, **parts}))
        if new:
            params = {"kind": kind.word, "title": str(row), "id": row.pk}
            act.write("item.changed", params, before=old, after=new)
    return row


def remove_item(user: Any, row: Model, *, expected_version: int | None = None) -> None:
    """Take a link, module, interface, goal or contract off the book. The ledger keeps what it said."""
    kind = _ITEMS[type(row)].word if type(row) in _ITEMS else "contract"
    with acting_on(user, row.project) as act:  # type: ignore[attr-defined]
        act.require("edit")
        read_again(row)
        expect(row, expected_version, {}, {}, _("Someone else changed this in the meantime."))
        params = {"kind": kind, "title": str(row), "id": row.pk}
        hidden = ("project", "version", "source_key")
        columns = (f for f in row._meta.concrete_fields if not f.primary_key and f.name not in hidden)
        before = by_name({column.name: getattr(row, column.name) for column in columns})
        row.delete()
        act.write("item.removed", params, before=before)
