"""API of projects: the registry, one book, its phases and its retirement."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from sekisho.book.api import documents
from sekisho.book.api.common import IfMatch, content_tag, expected_version, find_project
from sekisho.book.api.paging import Page, ProjectsQuery, paginate
from sekisho.book.api.schemas import (
    EnteredOut,
    NewProject,
    ProjectFields,
    ProjectOut,
    ProjectPatch,
    ProjectRow,
    ReasonBody,
)
from sekisho.book.models import Gate, PhaseEntry, Project
from sekisho.book.queries.registry import knowing_money
from sekisho.book.queries.search import matching
from sekisho.book.services import phases, projects
from sekisho.errors import Invalid, StaleWrite
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of

router = Router(tags=["projects"])
_AUDIENCE = ("citizens", "businesses", "staff")


@router.get("/projects", response=Page[ProjectRow])
def list_projects(request: HttpRequest, filters: Query[ProjectsQuery]) -> dict[str, Any]:
    """Books you may read, filtered."""
    rows = _filtered(Project.objects.visible_to(actor_of(request.user)), filters)
    return paginate(request, knowing_money(rows.select_related("owner")), filters, documents.project_row)


def _filtered(rows: Any, filters: ProjectsQuery) -> Any:
    if filters.phase:
        rows = rows.filter(phase=filters.phase)
    if filters.tier:
        rows = rows.filter(tier=filters.tier)
    if filters.organisation:
        path = _organisation(filters.organisation).path
        rows = rows.filter(
            owner__in=Organisation.objects.filter(path__startswith=path).order_by().values("pk")
        )
    if filters.updated_since:
        rows = rows.filter(updated_at__gte=filters.updated_since)
    return matching(rows, filters.q) if filters.q else rows


def _organisation(code: str) -> Organisation:
    organisation = Organisation.objects.filter(code=code).first()
    if organisation is None:
        raise Invalid(_("There is no organisation with this code."), field="organisation")
    return organisation


@router.post("/projects", response={201: ProjectOut})
def create_project(request: HttpRequest, payload: NewProject, response: HttpResponse) -> Any:
    """Open a book in its first phase, with its plan gate open."""
    values = payload.model_dump(exclude_unset=True)
    code, name = values.pop("code"), values.pop("name")
    fields = _service_values(values)
    owner = fields.pop("owner")
    with _fields_named(owner="organisation"):
        project = projects.create_project(request.user, code=code, name=name, owner=owner, **fields)
    response["Location"] = reverse("api:read_project", args=[project.code])
    return Status(201, _shown(request, project.code, response))


def _service_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The API's names and codes as the services know them."""
    fields = {name: value for name, value in values.items() if name not in ("organisation", "audience")}
    if "audience" in values:
        fields |= {f"for_{name}": name in values["audience"] for name in _AUDIENCE}
    if "organisation" in values:
        fields["owner"] = _organisation(values["organisation"])
    return fields


@router.get("/projects/{code}", response=ProjectOut, url_name="read_project")
def read_project(request: HttpRequest, code: str, response: HttpResponse) -> Any:
    """Everything public in a book. Send the ETag back in If-Match when you change it."""
    return _shown(request, code, response)


def _shown(request: HttpRequest, code: str, response: HttpResponse) -> dict[str, Any]:
    document = documents.project_document(find_project(request, code))
    response["ETag"] = content_tag(document["version"], document)
    return document


@router.patch("/projects/{code}", response=ProjectOut)
def update_project(
    request: HttpRequest, code: str, payload: ProjectPatch, response: HttpResponse, if_match: IfMatch = None
) -> Any:
    """Change what is sent. ``tier`` needs ``tier_reason``, unless it is the computed tier."""
    project = find_project(request, code)
    expected = expected_version(if_match)
    sent = payload.model_dump(exclude_unset=True)
    tier, reason = sent.pop("tier", None), sent.pop("tier_reason", None)
    if reason is not None and tier is None:
        raise Invalid(_("Say to which tier this reason belongs."), field="tier")
    try:
        with transaction.atomic(), _fields_named(owner="organisation"):
            projects.update_project(request.user, project, _service_values(sent), expected_version=expected)
            if tier is not None:
                _set_tier(request, project, tier, reason or "")
    except StaleWrite as stale:
        raise _in_api_words(request, code, stale, payload) from None
    return _shown(request, code, response)


def _set_tier(request: HttpRequest, project: Project, tier: str, reason: str) -> None:
    with _fields_named(reason="tier_reason"):
        projects.set_tier(request.user, project, tier, reason)


@contextmanager
def _fields_named(**names: str) -> Iterator[None]:
    """A refusal names the field as the API calls it: service's name -> API's name."""
    try:
        yield
    except Invalid as problem:
        fields = {names.get(name, name): text for name, text in problem.fields.items()}
        raise Invalid(problem.message, fields=fields) from None


def _in_api_words(request: HttpRequest, code: str, stale: StaleWrite, payload: ProjectFields) -> StaleWrite:
    yours = payload.model_dump(exclude_unset=True)
    project = find_project(request, code)
    now = {**documents.project_row(project), "summary": project.summary, "purpose": project.purpose}
    current = {name: now.get(name, getattr(project, name, None)) for name in yours}
    if "organisation" in current:
        current["organisation"] = project.owner.code
    return StaleWrite(stale.message, current={**current, "version": project.version}, yours=yours)


@router.post("/projects/{code}/phases/{phase}/enter", response=EnteredOut)
def enter_phase(request: HttpRequest, code: str, phase: str) -> dict[str, Any]:
    """Enter the next phase through the gate before it; opens the gate at its end."""
    project = find_project(request, code)
    return _entered(project, phases.enter_phase(request.user, project, phase))


@router.post("/projects/{code}/phases/{phase}/skip", response=EnteredOut)
def skip_phase(request: HttpRequest, code: str, phase: str, payload: ReasonBody) -> dict[str, Any]:
    """Mark a phase that lies ahead as not needed, with a reason."""
    project = find_project(request, code)
    return _entered(project, phases.skip_phase(request.user, project, phase, payload.reason))


def _entered(project: Project, entry: PhaseEntry) -> dict[str, Any]:
    gate = Gate.objects.filter(project=project, phase=entry.phase, release__isnull=True).first()
    return {
        **documents.pick(entry, ("phase", "not_needed", "entered_at")),
        "project": project.code,
        "gate": gate.pk if gate else None,
    }


@router.post("/projects/{code}/retire", response=ProjectOut)
def retire_project(request: HttpRequest, code: str, response: HttpResponse) -> dict[str, Any]:
    """Retire a project: its retirement gate is passed and every line of the list is proved."""
    phases.retire(request.user, find_project(request, code))
    return _shown(request, code, response)
