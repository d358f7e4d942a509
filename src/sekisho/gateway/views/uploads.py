"""What send.js talks to: begin, chunk, state, send. JSON in and out; refusals have the API's codes."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.models import Project
from sekisho.errors import Invalid, NotFound, SekishoError, full_disk
from sekisho.gateway.forms.sending import receiver_of
from sekisho.gateway.models import Transfer, TransferFile
from sekisho.gateway.queries.transfers import routes_for
from sekisho.gateway.services import sending
from sekisho.people.permissions import actor_of

View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """A refusal as JSON with its code, words and fields."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (SekishoError, DatabaseError, OSError) as fault:
            error = fault if isinstance(fault, SekishoError) else full_disk(fault)
            if error is None:
                raise
            fields = {key: str(text) for key, text in getattr(error, "fields", {}).items()}
            return JsonResponse(
                {"code": error.code, "detail": str(error), "fields": fields}, status=error.status
            )

    return answer


def own_transfer(user: Any, pk: int) -> Transfer:
    """One's own transfer. Raises ``NotFound``."""
    found = Transfer.objects.filter(pk=pk, sender_id=actor_of(user).user_id).first()
    if found is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    return found


def own_file(user: Any, pk: int) -> TransferFile:
    """A file of one's own transfer. Raises ``NotFound``."""
    found = TransferFile.objects.filter(pk=pk, transfer__sender_id=actor_of(user).user_id).first()
    if found is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    return found


def state_of(transfer: Transfer) -> dict[str, Any]:
    """A transfer for programs that upload: each file with the digests of the chunks that are there."""
    files = [
        {
            "id": file.pk,
            "name": file.name,
            "size": file.size,
            "chunk_size": file.chunk_size,
            "have": {str(chunk.number): chunk.sha256 for chunk in file.chunks.all()},
        }
        for file in transfer.files.prefetch_related("chunks")
    ]
    page = reverse("gateway:transfer", args=[transfer.pk])
    return {"id": transfer.pk, "state": transfer.state, "files": files, "page": page}


def begun(user: Any, said: Any) -> Transfer:
    """Begin a transfer from plain values. Raises ``Invalid`` for a shape that cannot be read."""
    actor = actor_of(user)
    try:
        files = [sending.Announced(str(f["name"]), _bytes(f["size"])) for f in said["files"]]
        names = {
            key: str(said.get(key) or "").replace("\x00", "")
            for key in ("person", "project", "box", "outside", "key")
        }
        kind, purpose, code = (
            str(said.get("receiver_kind") or "self"),
            str(said.get("purpose") or ""),
            said["route"],
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Invalid(_("This could not be read. Load the page again."), field="files") from None
    routes = routes_for(actor)
    chosen = (
        routes.filter(pk=code) if isinstance(code, int) else routes.filter(code=str(code).replace("\x00", ""))
    )
    route = chosen.first()
    if route is None:
        raise NotFound(_("There is no such route open to you."))
    key = names.pop("key")[:64]
    receiver = receiver_of(kind, books=Project.objects.visible_to(actor), **names)
    return sending.begin(user, route, receiver, purpose, files, key=key)


def _bytes(said: Any) -> int:
    """A size as it stands; half a byte or a yes is none."""
    if type(said) is not int:
        raise TypeError
    return said


@require_POST
@told
def begin(request: HttpRequest) -> HttpResponse:
    """Begin: route, receiver, purpose, and the files that are to come."""
    try:
        said = json.loads(request.body)
    except (RecursionError, ValueError):
        raise Invalid(_("This could not be read. Load the page again."), field="files") from None
    return JsonResponse(state_of(begun(request.user, said)), status=201)


@require_GET
@told
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Which chunks are there, to go on after a break."""
    return JsonResponse(state_of(own_transfer(request.user, pk)))


@require_POST
@told
def chunk(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One chunk."""
    digest = request.headers.get("X-Chunk-Sha256", "")
    kept = sending.receive_chunk(request.user, own_file(request.user, pk), number, request.body, digest)
    return JsonResponse({"kept": kept}, status=201 if kept else 200)


@require_POST
@told
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """All is there: send it."""
    return JsonResponse(state_of(sending.send(request.user, own_transfer(request.user, pk))))
