"""API of files: kept with a book, shown as evidence, opened as the copy that the sanitizer wrote."""

from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from sekisho.book.api import documents, gate_documents
from sekisho.book.api.common import find_gate, find_project, find_seen
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.api.schemas import StoredFile
from sekisho.book.api.schemas_parts import EvidenceOut
from sekisho.book.models import Attachment, CleanCopy, Evidence
from sekisho.book.queries.files import seen_file
from sekisho.book.services import gates
from sekisho.book.services.acting import acting_on
from sekisho.book.services.files import store_attachment
from sekisho.errors import Conflict, NotFound
from sekisho.people.permissions import actor_of

router = Router(tags=["files"])


@router.get("/projects/{code}/files", response=Page[StoredFile])
def list_files(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """The files of a book, with what the sanitizer made of each."""
    rows = find_project(request, code).attachments.select_related("uploaded_by", "clean")
    return paginate(request, rows, filters, documents.stored_file)


@router.post("/projects/{code}/files", response={201: StoredFile})
def add_file(request: HttpRequest, code: str, file: File[UploadedFile]) -> Any:
    """Keep a file with a book (multipart/form-data). It is disarmed in the background."""
    with acting_on(request.user, find_project(request, code)) as act:
        act.require("add_evidence")
        kept = store_attachment(act, file)
    return Status(201, documents.stored_file(kept))


def _found(request: HttpRequest, file_id: int) -> Attachment:
    kept = seen_file(actor_of(request.user), file_id)
    if kept is None:
        raise NotFound(_("There is no such file, or you may not see it."))
    return kept


@router.get("/files/{int:file_id}", response=StoredFile)
def read_file(request: HttpRequest, file_id: int) -> dict[str, Any]:
    """A file and the state of its clean copy."""
    return documents.stored_file(_found(request, file_id))


@router.get(
    "/files/{int:file_id}/content",
    response=None,
    openapi_extra={
        "responses": {
            200: {
                "description": "The clean copy.",
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def read_file_content(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """The copy that the sanitizer wrote, as a download; never the file as it was uploaded. 409 when there is none."""
    made = getattr(_found(request, file_id), "clean", None)
    if made is None or made.state == CleanCopy.State.WAITING:
        raise Conflict(_("The file is still being disarmed. Try again in a moment."), code="file_waiting")
    if made.state != CleanCopy.State.CLEAN:
        raise Conflict(_("There is no clean copy of this file to open."), code="file_refused")
    response = FileResponse(made.stored.open("rb"), as_attachment=True, filename=made.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = f'"{made.sha256}"'
    return response


@router.get("/gates/{int:gate_id}/evidence", response=Page[EvidenceOut])
def list_evidence(request: HttpRequest, gate_id: int, filters: Query[Paging]) -> dict[str, Any]:
    """Everything shown at a gate: links and files, with the criterion each belongs to."""
    shown = find_gate(request, gate_id).evidence.filter(removed_at__isnull=True)
    return paginate(request, shown.select_related("added_by"), filters, gate_documents.evidence)


@router.delete("/evidence/{int:evidence_id}", response={204: None})
def remove_evidence(request: HttpRequest, evidence_id: int) -> Any:
    """Take evidence back: one's own, or any where one may answer. The history keeps it."""
    rows = Evidence.objects.filter(removed_at__isnull=True).select_related("gate__project", "attachment")
    gates.remove_evidence(request.user, find_seen(request, rows, evidence_id, "gate__project"))
    return Status(204, None)
