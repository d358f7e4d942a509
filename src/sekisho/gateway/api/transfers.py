"""API of transfers: announce files, send their chunks, send them off, follow them, take the clean copies."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema, Status

from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.errors import NotFound
from sekisho.gateway.models import Chunk, Transfer, TransferFile
from sekisho.gateway.queries.transfers import routes_for
from sekisho.gateway.services import handing, sending
from sekisho.gateway.views.transfers import download
from sekisho.gateway.views.uploads import begun, own_file, own_transfer
from sekisho.people.permissions import actor_of

router = Router(tags=["transfers"])


class AnnouncedFile(Schema):
    """A file that is to come."""

    name: str = Field(max_length=1000)
    size: int = Field(ge=0, description="Bytes.")


class NewTransfer(Schema):
    """Route, receiver and purpose of files that are to come."""

    route: str = Field(max_length=40, description="Code of the route.")
    purpose: str = Field(max_length=500)
    files: list[AnnouncedFile]
    receiver_kind: str = Field("self", description="self, person, book, box or outside.")
    person: str = Field("", max_length=254)
    project: str = Field("", max_length=64)
    box: str = Field("", max_length=64)
    outside: str = Field(
        "", max_length=254, description="E-mail address of an outside party, who gets a link."
    )
    key: str = Field(
        "",
        max_length=64,
        description="Your own name for this transfer, such as a UUID: announced again, it answers with the same one.",
    )


class FileOut(Schema):
    """One file: what came, and what was made of it. ``have``: digests of the chunks that are there."""

    id: int
    name: str
    size: int
    chunk_size: int
    state: str
    sha256: str
    clean_name: str
    clean_size: int
    clean_sha256: str
    method: str
    removed: list[dict[str, Any]]
    refusal: dict[str, Any]
    have: dict[str, str]


class TransferOut(Schema):
    """A transfer and its files."""

    id: int
    route: str
    purpose: str
    state: str
    policy: str
    policy_digest: str
    sent_at: str | None
    expires_at: str | None
    download_limit: int
    files: list[FileOut]


class RouteOut(Schema):
    """A route that is open to the caller."""

    code: str
    name: str
    source: str
    target: str
    policy: str
    needs_approval: bool
    expiry_days: int
    download_limit: int


def _document(transfer: Transfer) -> dict[str, Any]:
    files = []
    for file in transfer.files.all():
        parts = ("id", "name", "size", "chunk_size", "state", "sha256", "clean_name", "clean_size", "clean_sha256",
                 "method", "removed", "refusal")  # fmt: skip
        have = {str(c.number): c.sha256 for c in file.chunks.all()} if file.state == "uploading" else {}
        files.append({**{part: getattr(file, part) for part in parts}, "have": have})
    moments = {
        key: value.isoformat() if (value := getattr(transfer, key)) else None
        for key in ("sent_at", "expires_at")
    }
    plain = ("id", "purpose", "state", "policy", "policy_digest", "download_limit")
    return {
        **{k: getattr(transfer, k) for k in plain},
        **moments,
        "route": transfer.route.code,
        "files": files,
    }


def _seen(request: HttpRequest) -> Any:
    chunks = Chunk.objects.filter(file__state="uploading")
    files = TransferFile.objects.prefetch_related(Prefetch("chunks", queryset=chunks))
    rows = Transfer.objects.visible_to(actor_of(request.user)).select_related("route")
    return rows.prefetch_related(Prefetch("files", queryset=files))


def _found(request: HttpRequest, transfer_id: int) -> Transfer:
    transfer = _seen(request).filter(pk=transfer_id).first()
    if transfer is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    found: Transfer = transfer
    return found


@router.get("/routes", response=list[RouteOut])
def list_routes(request: HttpRequest) -> list[dict[str, Any]]:
    """The routes on which the caller may send."""
    plain = ("code", "name", "policy", "needs_approval", "expiry_days", "download_limit")
    return [
        {**{key: getattr(r, key) for key in plain}, "source": r.source.code, "target": r.target.code}
        for r in routes_for(actor_of(request.user))
    ]


@router.get("/transfers", response=Page[TransferOut])
def list_transfers(request: HttpRequest, filters: Query[Paging]) -> dict[str, Any]:
    """Transfers the caller may see, newest first."""
    return paginate(request, _seen(request), filters, _document)


@router.post("/transfers", response={201: TransferOut})
def begin_transfer(request: HttpRequest, body: NewTransfer) -> Any:
    """Announce files. Then PUT each file's chunks, and POST …/send."""
    return Status(201, _document(_found(request, begun(request.user, body.model_dump()).pk)))


@router.get("/transfers/{int:transfer_id}", response=TransferOut)
def read_transfer(request: HttpRequest, transfer_id: int) -> dict[str, Any]:
    """One transfer: how far it is, what was removed, why a file was refused."""
    return _document(_found(request, transfer_id))


@router.put(
    "/transfers/files/{int:file_id}/chunks/{int:number}",
    response={200: dict[str, bool], 201: dict[str, bool]},
)
def put_chunk(request: HttpRequest, file_id: int, number: int) -> Any:
    """One chunk (application/octet-stream), numbered from 0, in any order; X-Chunk-Sha256 guards it on its way."""
    file = own_file(request.user, file_id)
    kept = sending.receive_chunk(
        request.user, file, number, request.body, request.headers.get("X-Chunk-Sha256", "")
    )
    return Status(201 if kept else 200, {"kept": kept})


@router.post("/transfers/{int:transfer_id}/send", response=TransferOut)
def send_transfer(request: HttpRequest, transfer_id: int) -> dict[str, Any]:
    """All chunks are there: have the files checked. 409 ``upload_incomplete`` names what is missing."""
    sending.send(request.user, own_transfer(request.user, transfer_id))
    return _document(_found(request, transfer_id))


@router.post(
    "/transfers/files/{int:file_id}/content",
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
def take_file(request: HttpRequest, file_id: int, reason: str = "") -> HttpResponseBase:
    """Take the clean copy of a file that is offered to the caller. It is recorded and counted, so it is a POST.

    ``reason``: why an information security officer, for whom it is not meant, looks into it.
    """
    file = TransferFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    return download(file, handing.take(request.user, file, reason=reason), original=False)
