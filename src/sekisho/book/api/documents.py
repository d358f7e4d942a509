"""Books as the API shows them: plain documents from rows already fetched."""

from typing import Any

from sekisho.book.models import (
    Attachment,
    Baseline,
    BudgetYear,
    CleanCopy,
    Contract,
    Goal,
    Interface,
    Link,
    Membership,
    Milestone,
    Module,
    PhaseEntry,
    Project,
    Release,
    RetirementItem,
    Risk,
    StatusReport,
)
from sekisho.book.queries.files import spoken
from sekisho.people.api import organisation_ref, person

_ATTRIBUTES = (
    "code",
    "name",
    "name_en",
    "audience",
    "personal_data",
    "information_class",
    "network_zone",
    "development_form",
    "start_year",
    "end_year",
    "tier",
    "phase",
    "blocker_count",
    "next_gate_due",
    "money_this_year",
    "confidence",
    "retired_at",
    "stopped_at",
    "updated_at",
    "version",
)
_DEEPER = ("summary", "purpose", "computed_tier", "tier_reason", "created_at")
_BUDGET = ("fiscal_year", *BudgetYear.AMOUNTS, "version")
_CONTRACT = ("id", "title", "method", "amount", "fiscal_year", "starts_on", "ends_on", "version")
_STATUS = ("month", "schedule", "cost", "scope", "quality", "words", "reported_at", "version")
_RISK = ("id", "kind", "title", "text", "weight", "due_on", "outcome", "closed_at", "version")
_LINK = ("id", "title", "url", "version")
_MODULE = ("id", "name", "purpose", "supplier", "version")
_INTERFACE = ("id", "counterpart", "direction", "method", "data", "version")
_GOAL = ("id", "kind", "text", "unit", "baseline", "target", "version")
_RETIREMENT = ("id", "kind", "name", "location", "classification", "method", "done_on", "done_by", "witness")
_RELEASE = (
    "id",
    "version",
    "name",
    "kind",
    "planned_on",
    "state",
    "emergency",
    "emergency_reason",
    "released_at",
)


def pick(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Named attributes of a row."""
    return {name: getattr(row, name) for name in names}


def project_row(project: Project) -> dict[str, Any]:
    """A book as one line of the registry. Needs ``owner`` and `knowing_money`."""
    row = {**pick(project, (*_ATTRIBUTES, "known_money")), "organisation": organisation_ref(project.owner)}
    row["money_this_year"] = row.pop("known_money")
    return row


def project_document(project: Project) -> dict[str, Any]:
    """The whole book, in a fixed number of queries. Needs ``owner`` and `knowing_money`."""
    return {
        **project_row(project),
        **pick(project, _DEEPER),
        "phases": [phase(entry) for entry in project.phase_entries.select_related("entered_by")],
        "budget": [budget(year) for year in project.budget_years.all()],
        "contracts": [contract(row) for row in project.contracts.select_related("contractor")],
        "milestones": [milestone(row) for row in project.milestones.prefetch_related("baselines__baseline")],
        "status": [status(report) for report in project.status_reports.select_related("author")],
        "risks": [risk(row) for row in project.risks.select_related("owner")],
        "members": [member(row) for row in project.memberships.select_related("user")],
        "external_ids": list(project.external_ids.values("scheme", "value", "last_year")),
        "releases": [release(row, project) for row in project.releases.select_related("released_by", "gate")],
        "retirement_items": [retirement_item(item) for item in project.retirement_items.all()],
        "links": list(project.links.values(*_LINK)),
        "modules": list(project.modules.values(*_MODULE)),
        "interfaces": list(project.interfaces.values(*_INTERFACE)),
        "goals": list(project.goals.values(*_GOAL)),
    }


def member(row: Membership) -> dict[str, Any]:
    """Somebody named on a book, with the part they play. Needs ``user``."""
    return {**pick(row, ("id", "part", "note", "version")), **(person(row.user) or {})}


def link(row: Link) -> dict[str, Any]:
    """A link."""
    return pick(row, _LINK)


def module(row: Module) -> dict[str, Any]:
    """A part of the system."""
    return pick(row, _MODULE)


def interface(row: Interface) -> dict[str, Any]:
    """An exchange of data with another system."""
    return pick(row, _INTERFACE)


def goal(row: Goal) -> dict[str, Any]:
    """What the project promised to bring about."""
    return pick(row, _GOAL)


def baseline(row: Baseline) -> dict[str, Any]:
    """The plan as it was fixed."""
    return {**pick(row, ("number", "reason", "fixed_at")), "by": person(row.fixed_by)}


def stored_file(kept: Attachment) -> dict[str, Any]:
    """A file of a book and its clean copy. Needs ``uploaded_by`` and ``clean``."""
    shown = {**pick(kept, ("name", "size", "sha256")), "file": kept.pk, "clean": clean_copy(kept)}
    return {**shown, "by": person(kept.uploaded_by), "at": kept.uploaded_at}


def clean_copy(kept: Attachment) -> dict[str, Any]:
    """What the sanitizer made of a file; waiting as long as nobody has looked at it."""
    made = getattr(kept, "clean", None) or CleanCopy(attachment=kept)
    reason = spoken(made.refusal["words"]) if made.refusal else ""
    return {**pick(made, ("state", "name", "size", "sha256")), "reason": reason}


def phase(entry: PhaseEntry) -> dict[str, Any]:
    """A phase entered or left out."""
    return {**pick(entry, ("phase", "not_needed", "reason", "entered_at")), "by": person(entry.entered_by)}


def budget(year: BudgetYear) -> dict[str, Any]:
    """One fiscal year in yen."""
    return pick(year, _BUDGET)


def contract(row: Contract) -> dict[str, Any]:
    """A contract with its contractor."""
    company = row.contractor
    return {**pick(row, _CONTRACT), "contractor": company.name, "corporate_number": company.corporate_number}


def milestone(row: Milestone) -> dict[str, Any]:
    """A milestone with the dates promised in each baseline."""
    promised = sorted(row.baselines.all(), key=lambda date: date.baseline.number)
    dates = [{"number": date.baseline.number, "planned_on": date.planned_on} for date in promised]
    return {**pick(row, ("id", "name", "planned_on", "done_on", "version")), "baselines": dates}


def status(report: StatusReport) -> dict[str, Any]:
    """One month's report."""
    return {**pick(report, _STATUS), "by": person(report.author)}


def risk(row: Risk) -> dict[str, Any]:
    """A risk or open question."""
    return {**pick(row, _RISK), "owner": person(row.owner)}


def retirement_item(item: RetirementItem) -> dict[str, Any]:
    """One thing that holds data, and what is missing before it is proved."""
    return {**pick(item, (*_RETIREMENT, "certificate", "version")), "missing": item.missing}


def release(row: Release, project: Project) -> dict[str, Any]:
    """A release with the id of its gate."""
    gate = getattr(row, "gate", None)
    return {
        **pick(row, _RELEASE),
        "project": project.code,
        "released_by": person(row.released_by),
        "gate": gate.pk if gate else None,
    }
