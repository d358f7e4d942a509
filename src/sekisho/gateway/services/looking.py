"""Looking at a file before and after as pictures: drawn behind the sanitizer's walls, never a byte of the original."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sekisho.book.queries.files import spoken
from sekisho.book.services.common import filled, fitting
from sekisho.errors import NotFound, SekishoError
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import Download, Transfer, TransferFile
from sekisho.gateway.services import vault
from sekisho.gateway.services.handing import is_receiver
from sekisho.gateway.services.records import record
from sekisho.gateway.services.sending import locked
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.people.throttle import Throttle
from sekisho.sanitizer import Refused
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.picturing import Picture, members, picture
from sekisho.sanitizer.words import explain

BEFORE, AFTER = "before", "after"
_LOOKS = Throttle("gateway-picture", requests=120, seconds=60)


class NoPicture(SekishoError):
    """No picture can be made of this file; the words say why (HTTP 422)."""

    code = "no_picture"
    status = 422


def needs_reason(actor: Actor, transfer: Transfer) -> bool:
    """Whether this person says why before they look: the officer who watches over what is not theirs.

    Raises:
        NotFound: they may not look at all.
    """
    path = transfer.route.organisation.path
    if actor.user_id == transfer.sender_id or is_receiver(actor, transfer):
        return False
    if transfer.state == Transfer.State.APPROVAL and actor.may("approve_transfer", path=path):
        return False
    if actor.may("see_transfers", path=path):
        return True
    raise NotFound(_("There is no such transfer, or you may not see it."))


def give_reason(user: Any, file: TransferFile, reason: str) -> None:
    """Record why somebody looks into a file that is not theirs. Raises ``Invalid`` without one."""
    actor = actor_of(user)
    with locked(file.transfer_id) as transfer:
        needs_reason(actor, transfer)
        said = fitting(
            filled(reason, "reason", _("Say why you look into this file. The reason is recorded.")),
            500,
            "reason",
        )
        Download.objects.create(file=file, person_id=actor.user_id, counted=False, reason=said)
        told = {"number": transfer.pk, "name": file.name, "sha": file.sha256, "reason": said}
        record(actor, transfer.route.organisation_id, "transfer.looked_into", told)


def picture_of(actor: Actor, file: TransferFile, side: str, page: int, member: int = 0) -> Picture:
    """A page before or after, of the file or of one in it (``member``, from 1).

    Raises:
        TooManyRequests. NoPicture: this side is not held (any more), or its type cannot be drawn.
    """
    _LOOKS.count(str(actor.user_id))
    with _read(file, side) as (source, name):
        walls = settings.GATEWAY_REQUIRE_SANDBOX
        return picture(source, name=name, page=page, member=member, require_sandbox=walls)


def is_archive(file: TransferFile) -> bool:
    """Whether it holds files, of which each is looked at by itself."""
    kind = TYPES.get(str(file.report.get("type", "")))
    return kind is not None and kind.family == "archive"


def members_of(actor: Actor, file: TransferFile, side: str) -> list[str]:
    """The paths of the files in an archive, before or after. Raises as ``picture_of``."""
    _LOOKS.count(str(actor.user_id))
    with _read(file, side) as (source, name):
        return members(source, name=name, require_sandbox=settings.GATEWAY_REQUIRE_SANDBOX)


@contextmanager
def _read(file: TransferFile, side: str) -> Iterator[tuple[Any, str]]:
    """One side of a file and its name; a refusal of the sanitizer in its words. Raises ``NoPicture``."""
    folder, size, name = (
        (file.folder, file.size, file.name)
        if side == BEFORE
        else (file.clean_folder, file.clean_size, file.clean_name)
    )
    gone = file.original_destroyed_at if side == BEFORE else file.clean_destroyed_at
    if gone or folder is None or not size or file.state == TransferFile.State.UPLOADING:
        raise NoPicture(
            _("This side is not there: it was refused, is still on its way, or is no longer held.")
        )
    bodies = vault.parts(folder, Plan(size, file.chunk_size).count)
    try:
        yield io.BufferedReader(vault.Reading(bodies), 1 << 20), name
    except Refused as refusal:
        words = explain(refusal.code).filled(refusal.params)
        raise NoPicture(spoken(words), refusal=refusal.code) from None
