"""API of what is planned in a book: money, milestones, monthly status, risks, and what holds data."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status

from sekisho.book.api import documents
from sekisho.book.api.common import (
    IfMatch,
    expected_version,
    find_part,
    find_person,
    find_project,
    version_tag,
)
from sekisho.book.api.schemas import (
    BudgetBody,
    BudgetOut,
    MilestoneOut,
    MilestonePatch,
    NewMilestone,
    NewRetirementItem,
    NewRisk,
    RetirementItemOut,
    RetirementItemPatch,
    RiskOut,
    RiskPatch,
    StatusBody,
    StatusOut,
)
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


@router.post("/projects/{code}/milestones", response={201: MilestoneOut})
def add_milestone(request: HttpRequest, code: str, payload: NewMilestone) -> Any:
    """Add a milestone."""
    project = find_project(request, code)
    return Status(
        201, documents.milestone(planning.set_milestone(request.user, project, **payload.model_dump()))
    )


@router.patch("/projects/{code}/milestones/{int:milestone_id}", response=MilestoneOut)
def update_milestone(
    request: HttpRequest, code: str, milestone_id: int, payload: MilestonePatch
) -> dict[str, Any]:
    """Change a milestone's working date or name, or note when it was reached. Baselines stay as promised."""
    project = find_project(request, code)
    row = find_part(project.milestones, milestone_id)
    sent = payload.model_dump(exclude_unset=True)
    for name in ("planned_on", "done_on"):
        if name in sent and sent[name] is None:
            raise Invalid(_("A date is needed here."), field=name)
    done_on = sent.pop("done_on", None)
    if sent:
        values = {"name": row.name, "planned_on": row.planned_on, **sent}
        row = planning.set_milestone(request.user, project, milestone=row, **values)
    if done_on:
        row = planning.reach_milestone(request.user, row, done_on)
    return documents.milestone(row)


@router.post("/projects/{code}/status", response=StatusOut)
def report_status(request: HttpRequest, code: str, payload: StatusBody) -> dict[str, Any]:
    """Report a month: 1 very worried … 5 very confident, and words. The same month again corrects it."""
    project = find_project(request, code)
    return documents.status(planning.report_status(request.user, project, **payload.model_dump()))


@router.post("/projects/{code}/risks", response={201: RiskOut})
def add_risk(request: HttpRequest, code: str, payload: NewRisk) -> Any:
    """Note a risk or an open question."""
    project, values = find_project(request, code), payload.model_dump()
    values["owner"] = find_person(payload.owner, "owner") if payload.owner else None
    return Status(201, documents.risk(planning.note_risk(request.user, project, **values)))


@router.patch("/projects/{code}/risks/{int:risk_id}", response=RiskOut)
def update_risk(request: HttpRequest, code: str, risk_id: int, payload: RiskPatch) -> dict[str, Any]:
    """Change a risk, or close it with its ``outcome``."""
    project = find_project(request, code)
    row = find_part(project.risks.select_related("owner"), risk_id)
    sent = payload.model_dump(exclude_unset=True)
    outcome = sent.pop("outcome", None)
    if "owner" in sent:
        sent["owner"] = find_person(payload.owner, "owner") if payload.owner else None
    if sent:
        names = ("kind", "title", "text", "weight", "owner", "due_on")
        row = planning.note_risk(request.user, project, risk=row, **{**documents.pick(row, names), **sent})
    if outcome is not None:
        row = planning.close_risk(request.user, row, outcome)
    return documents.risk(row)


@router.post("/projects/{code}/retirement-items", response={201: RetirementItemOut})
def add_retirement_item(
    request: HttpRequest, code: str, payload: NewRetirementItem, response: HttpResponse
) -> Any:
    """Add one thing that holds data to the list."""
    project = find_project(request, code)
    item = retirement.set_retirement_item(request.user, project, payload.model_dump(exclude_unset=True))
    response["ETag"] = version_tag(item.version)
    return Status(201, documents.retirement_item(item))


@router.patch("/projects/{code}/retirement-items/{int:item_id}", response=RetirementItemOut)
def update_retirement_item(
    request: HttpRequest,
    code: str,
    item_id: int,
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
        item=find_part(project.retirement_items, item_id),
        expected_version=expected_version(if_match),
    )
    response["ETag"] = version_tag(item.version)
    return documents.retirement_item(item)
