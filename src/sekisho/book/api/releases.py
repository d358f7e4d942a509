"""API of releases: planned, judged at their own gate, published."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from sekisho.book.api import documents
from sekisho.book.api.common import IfMatch, content_tag, expect_unchanged, find_project, find_seen
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.api.schemas import EmergencyBody, NewRelease, ReleaseOut
from sekisho.book.api.schemas_parts import ReleasePatch
from sekisho.book.models import Release
from sekisho.book.services import releases

router = Router(tags=["releases"])


@router.get("/projects/{code}/releases", response=Page[ReleaseOut])
def list_releases(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """The releases of a book."""
    project = find_project(request, code)
    rows = project.releases.select_related("released_by", "gate")
    return paginate(request, rows, filters, lambda row: documents.release(row, project))


@router.post("/projects/{code}/releases", response={201: ReleaseOut})
def plan_release(request: HttpRequest, code: str, payload: NewRelease) -> Any:
    """Plan a release; its gate opens."""
    project = find_project(request, code)
    return Status(
        201, documents.release(releases.plan_release(request.user, project, **payload.model_dump()), project)
    )


@router.post("/projects/{code}/releases/emergency", response={201: ReleaseOut})
def release_in_emergency(request: HttpRequest, code: str, payload: EmergencyBody) -> Any:
    """Release at once, with a reason. A gate due within 14 days judges it afterwards."""
    project = find_project(request, code)
    made = releases.emergency_release(request.user, project, **payload.model_dump())
    return Status(201, documents.release(made, project))


@router.get("/releases/{int:release_id}", response=ReleaseOut)
def read_release(request: HttpRequest, release_id: int, response: HttpResponse) -> dict[str, Any]:
    """One release."""
    document = _document(_release(request, release_id))
    response["ETag"] = content_tag(release_id, document)
    return document


@router.patch("/releases/{int:release_id}", response=ReleaseOut)
def move_release(
    request: HttpRequest,
    release_id: int,
    payload: ReleasePatch,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Move a planned release to another day; its gate moves along."""
    found = _release(request, release_id)
    tag = content_tag(release_id, _document(found))
    expect_unchanged(if_match, tag, {"planned_on": found.planned_on}, payload.model_dump(mode="json"))
    read = {"read": found.planned_on} if if_match else {}
    moved = _document(releases.reschedule_release(request.user, found, payload.planned_on, **read))
    response["ETag"] = content_tag(release_id, moved)
    return moved


def _release(request: HttpRequest, release_id: int) -> Release:
    rows = Release.objects.select_related("project", "gate", "released_by")
    found: Release = find_seen(request, rows, release_id, "project")
    return found


def _document(release: Release) -> dict[str, Any]:
    return documents.release(release, release.project)


@router.post("/releases/{int:release_id}/publish", response=ReleaseOut)
def publish_release(request: HttpRequest, release_id: int) -> dict[str, Any]:
    """Mark a release as released: its gate must say go or conditional, and the decision must still hold."""
    return _document(releases.publish_release(request.user, _release(request, release_id)))
