"""API of what is planned in a book: money, milestones, monthly status, risks, and what holds data."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from sekisho.book.api import documents
from sekisho.book.api.common import (
    IfMatch,
    expected_version,
    find_part,
    find_person,
    find_project,
    in_api_words,
    version_tag,
)
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.api.schemas import (
    BudgetBody,
    BudgetOut,
    MilestoneOut,
    MilestonePatch,
    NewMilestone,
    NewRetirementItem,
    NewRisk,
    ReasonBody,
    RetirementItemOut,
    RetirementItemPatch,
    RiskOut,
    RiskPatch,
    StatusBody,
    StatusOut,
)
from sekisho.book.api.schemas_parts import BaselineOut
from sekisho.book.models import Milestone, Project, Risk, StatusReport
from sekisho.book.services import planning, retirement
from sekisho.errors import Invalid, NotFound

router = Router(tags=["planning"])


@router.get("/projects/{code}/budget/{int:year}", response=BudgetOut)
def read_budget(request: HttpRequest, code: str, year: int, response: HttpResponse) -> dict[str, Any]:
    """One fiscal year's money in yen."""
    found = find_project(request, code).budget_years.filter(fiscal_year=year).first()
    if found is None:
        raise NotFound(_("Nothing is entered for this year."))
    response["ETag"] = version_tag(found.version)
    return documents.budget(found)


@router.put("/projects/{code}/budget/{int:year}", response=BudgetOut)
def set_budget(
    request: HttpRequest,
    code: str,
    year: int,
    payload: BudgetBody,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Enter one fiscal year's money in yen; amounts left out stay."""
    project, amounts = find_project(request, code), payload.model_dump(exclude_unset=True)
    saved = planning.set_budget(
        request.user, project, year, amounts, expected_version=expected_version(if_match)
    )
    response["ETag"] = version_tag(saved.version)
    return documents.budget(saved)


@router.get("/projects/{code}/budget", response=Page[BudgetOut])
def list_budget(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """Every fiscal year's money in yen, the earliest first."""
    rows = find_project(request, code).budget_years.all()
    return paginate(request, rows, filters, documents.budget, key="fiscal_year")


@router.post("/projects/{code}/milestones", response={201: MilestoneOut})
def add_milestone(request: HttpRequest, code: str, payload: NewMilestone, response: HttpResponse) -> Any:
    """Add a milestone."""
    project = find_project(request, code)
    row = planning.set_milestone(request.user, project, **payload.model_dump())
    response["ETag"] = version_tag(row.version)
    return Status(201, documents.milestone(row))


@router.patch("/projects/{code}/milestones/{int:part_id}", response=MilestoneOut)
def update_milestone(
    request: HttpRequest,
    code: str,
    part_id: int,
    payload: MilestonePatch,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change a milestone's working date or name, or note when it was reached. Baselines stay as promised."""
    project = find_project(request, code)
    row = find_part(project.milestones, part_id)
    sent = payload.model_dump(exclude_unset=True)
    for name in ("planned_on", "done_on"):
        if name in sent and sent[name] is None:
            raise Invalid(_("A date is needed here."), field=name)
    version = expected_version(if_match)
    now = lambda: documents.milestone(find_part(project.milestones, part_id))  # noqa: E731
    with in_api_words(sent, now), transaction.atomic():
        _change_milestone(request.user, project, row, sent, row.version if version is None else version)
    response["ETag"] = version_tag(row.version)
    return documents.milestone(row)


def _change_milestone(
    user: Any, project: Project, row: Milestone, sent: dict[str, Any], version: int
) -> None:
    """Both acts a patch may hold. Without If-Match the version just read counts: what was not sent must not go back."""
    said = {name: value for name, value in sent.items() if name != "done_on"}
    if said or not sent:
        values = {"name": row.name, "planned_on": row.planned_on, **said}
        planning.set_milestone(user, project, milestone=row, expected_version=version, **values)
        version = row.version
    if "done_on" in sent:
        planning.reach_milestone(user, row, sent["done_on"], expected_version=version)


@router.get("/projects/{code}/baselines", response=Page[BaselineOut])
def list_baselines(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """The plan as it was fixed, number by number; each milestone tells the date it had in each."""
    rows = find_project(request, code).baselines.select_related("fixed_by")
    return paginate(request, rows, filters, documents.baseline, key="number")


@router.post("/projects/{code}/baselines", response={201: BaselineOut})
def fix_baseline(request: HttpRequest, code: str, payload: ReasonBody) -> Any:
    """Fix the working dates as a new baseline, with a reason. Earlier ones are never rewritten."""
    fixed = planning.rebaseline(request.user, find_project(request, code), payload.reason)
    return Status(201, documents.baseline(fixed))


@router.get("/projects/{code}/status", response=Page[StatusOut])
def list_status(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """The monthly reports in the order they were first made."""
    rows = find_project(request, code).status_reports.select_related("author")
    return paginate(request, rows, filters, documents.status)


@router.get("/projects/{code}/status/{month}", response=StatusOut)
def read_status(request: HttpRequest, code: str, month: str, response: HttpResponse) -> dict[str, Any]:
    """One month's report (`2026-11`), with its ETag."""
    found = _report(find_project(request, code), month)
    response["ETag"] = version_tag(found.version)
    return documents.status(found)


def _report(project: Project, month: str) -> StatusReport:
    try:
        first = dt.datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007  a month has no zone
    except ValueError:
        first = None
    found = project.status_reports.select_related("author").filter(month=first).first() if first else None
    if found is None:
        raise NotFound(_("Nothing is reported for this month."))
    return found


@router.post("/projects/{code}/status", response=StatusOut)
def report_status(
    request: HttpRequest, code: str, payload: StatusBody, response: HttpResponse, if_match: IfMatch = None
) -> dict[str, Any]:
    """Report a month: 1 very worried … 5 very confident, and words. The same month again corrects it.

    With If-Match, a report saved since is never overwritten; `"0"` is a month that nobody has reported.
    """
    project, sent = find_project(request, code), payload.model_dump()
    with in_api_words(sent, lambda: _month_now(project, payload.month)):
        row = planning.report_status(
            request.user, project, **sent, expected_version=expected_version(if_match)
        )
    response["ETag"] = version_tag(row.version)
    return documents.status(row)


def _month_now(project: Project, month: dt.date) -> dict[str, Any]:
    found = project.status_reports.select_related("author").filter(month=month.replace(day=1)).first()
    return documents.status(found) if found else {"version": 0}


@router.post("/projects/{code}/risks", response={201: RiskOut})
def add_risk(request: HttpRequest, code: str, payload: NewRisk, response: HttpResponse) -> Any:
    """Note a risk or an open question."""
    project, values = find_project(request, code), payload.model_dump()
    values["owner"] = find_person(payload.owner, "owner") if payload.owner else None
    row = planning.note_risk(request.user, project, **values)
    response["ETag"] = version_tag(row.version)
    return Status(201, documents.risk(row))


@router.patch("/projects/{code}/risks/{int:part_id}", response=RiskOut)
def update_risk(
    request: HttpRequest,
    code: str,
    part_id: int,
    payload: RiskPatch,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change a risk, or close it with its ``outcome``."""
    project = find_project(request, code)
    rows = project.risks.select_related("owner")
    row, version = find_part(rows, part_id), expected_version(if_match)
    sent = payload.model_dump(exclude_unset=True)
    with in_api_words(sent, lambda: documents.risk(find_part(rows, part_id))), transaction.atomic():
        _change_risk(request.user, project, row, sent, row.version if version is None else version)
    response["ETag"] = version_tag(row.version)
    return documents.risk(row)


def _change_risk(user: Any, project: Project, row: Risk, sent: dict[str, Any], version: int) -> None:
    """Both acts a patch may hold. Without If-Match the version just read counts: what was not sent must not go back."""
    said = {name: value for name, value in sent.items() if name != "outcome"}
    if "owner" in said:
        said["owner"] = find_person(said["owner"], "owner") if said["owner"] else None
    if said or not sent:
        values = {**documents.pick(row, planning.RISK_PARTS), **said}
        planning.note_risk(user, project, risk=row, expected_version=version, **values)
        version = row.version
    if "outcome" in sent:
        planning.close_risk(user, row, sent["outcome"], expected_version=version)


@router.post("/projects/{code}/retirement-items", response={201: RetirementItemOut})
def add_retirement_item(
    request: HttpRequest, code: str, payload: NewRetirementItem, response: HttpResponse
) -> Any:
    """Add one thing that holds data to the list."""
    project = find_project(request, code)
    item = retirement.set_retirement_item(request.user, project, payload.model_dump(exclude_unset=True))
    response["ETag"] = version_tag(item.version)
    return Status(201, documents.retirement_item(item))


@router.patch("/projects/{code}/retirement-items/{int:part_id}", response=RetirementItemOut)
def update_retirement_item(
    request: HttpRequest,
    code: str,
    part_id: int,
    payload: RetirementItemPatch,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Record how, when and by whom the data were destroyed, and who witnessed it."""
    project = find_project(request, code)
    item = retirement.set_retirement_item(
        request.user,
        project,
        payload.model_dump(exclude_unset=True),
        item=find_part(project.retirement_items, part_id),
        expected_version=expected_version(if_match),
    )
    response["ETag"] = version_tag(item.version)
    return documents.retirement_item(item)
