"""Handing over: the superior's word, and taking a file."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import filled, fitting
from sekisho.errors import Conflict, NotFound, NotPermitted
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import Approval, Download, ExceptionRequest, Transfer, TransferFile
from sekisho.gateway.services import vault
from sekisho.gateway.services.cleaning import cover_of, settle
from sekisho.gateway.services.records import record
from sekisho.gateway.services.sending import locked
from sekisho.people.permissions import actor_of, require
from sekisho.people.roles import Actor

State, FileState = Transfer.State, TransferFile.State


def decide(user: Any, transfer: Transfer, *, granted: bool, reason: str = "") -> None:
    """The superior lets a transfer out, or does not (with a reason). Nobody decides on what they sent.

    Raises:
        NotPermitted, Conflict: it does not wait for approval. Invalid: no reason.
    """
    actor = require(user, "approve_transfer", path=transfer.route.organisation.path)
    assert actor.user_id is not None  # people decide, not the system
    if actor.user_id == transfer.sender_id:
        raise NotPermitted(_("Nobody approves what they sent themselves. Ask another superior."))
    with locked(transfer.pk) as row:
        if row.state != State.APPROVAL:
            raise Conflict(_("This transfer does not wait for approval."))
        said = fitting(reason, 500, "reason")
        if not granted:
            filled(said, "reason", _("Say why, so that the sender knows what to do."))
        Approval.objects.create(
            transfer=row,
            person_id=actor.user_id,
            granted=granted,
            reason=said,
            covers=cover_of(row),
            at=timezone.now(),
        )
        told = {"number": row.pk, "purpose": row.purpose, "reason": said}
        name = "transfer.approved" if granted else "transfer.declined"
        record(actor, row.route.organisation_id, name, told)
        settle(row)


def is_receiver(actor: Actor, transfer: Transfer) -> bool:
    """Whether it is meant for this person."""
    return Transfer.objects.inbox_of(actor).filter(pk=transfer.pk).exists()


def take(user: Any, file: TransferFile, *, original: bool = False, reason: str = "") -> Iterator[bytes]:
    """Record that somebody takes a file, and give its bytes part by part.

    Receivers take the clean copy while it is offered, so often as the route allows; the superior whose approval is
    waited for looks at it; the information security officer gives a reason, which is recorded. ``original`` needs an
    exception that two people granted and that has not ended.

    Raises:
        NotFound: it is not theirs to see. Conflict: ``not_offered``, ``download_limit``, ``no_exception``.
        Invalid: no reason.
    """
    actor = actor_of(user)
    if actor.user_id is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    with locked(file.transfer_id) as transfer:
        row = TransferFile.objects.get(pk=file.pk)
        counted, said = _right(actor, transfer, row, original=original, reason=reason)
        if original:
            _use_exception(row)
        Download.objects.create(
            file=row,
            person_id=actor.user_id,
            original=original,
            counted=counted,
            reason=said,
            at=timezone.now(),
        )
        told = {"number": transfer.pk, "name": row.name, "sha": row.sha256 if original else row.clean_sha256}
        name = (
            "transfer.original_taken"
            if original
            else "transfer.taken"
            if not said
            else "transfer.looked_into"
        )
        record(actor, transfer.route.organisation_id, name, {**told, "reason": said})
    size, folder = (row.size, row.folder) if original else (row.clean_size, row.clean_folder)
    assert folder is not None
    return vault.parts(folder, Plan(size, row.chunk_size).count)


def _use_exception(file: TransferFile) -> None:
    """One exception ends with the original that it lets be taken."""
    now = timezone.now()
    open_now = [one.pk for one in file.requests.order_by("until") if one.is_open_to(now)]
    ExceptionRequest.objects.filter(pk__in=open_now[:1]).update(until=now)


def _right(
    actor: Actor, transfer: Transfer, file: TransferFile, *, original: bool, reason: str
) -> tuple[bool, str]:
    """Whether this download counts, and its reason; refuses who may not."""
    path = transfer.route.organisation.path
    if is_receiver(actor, transfer):
        return _receivers_right(transfer, file, original=original)
    if original:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    if file.state != FileState.CLEAN:
        raise Conflict(_("There is no clean copy of this file to open."), code="not_offered")
    if transfer.state == State.APPROVAL and actor.may("approve_transfer", path=path):
        return False, ""
    if actor.may("see_transfers", path=path):
        said = fitting(reason, 500, "reason")
        return False, filled(said, "reason", _("Say why you look into this file. The reason is recorded."))
    raise NotFound(_("There is no such transfer, or you may not see it."))


def _receivers_right(transfer: Transfer, file: TransferFile, *, original: bool) -> tuple[bool, str]:
    now = timezone.now()
    if original:
        if not file.is_original_open(now) or file.original_destroyed_at:
            raise Conflict(
                _("No exception lets you take the original now. One lets it be taken once."),
                code="no_exception",
            )
        return True, ""
    over = transfer.expires_at is None or now >= transfer.expires_at
    if transfer.state != State.OFFERED or over or file.state != FileState.CLEAN:
        raise Conflict(
            _("This file is not offered now: it waits, was refused or has expired."), code="not_offered"
        )
    if file.downloads.filter(counted=True, original=False).count() >= transfer.download_limit:
        raise Conflict(
            _("This file was taken as often as its route allows. Ask the sender to send it again."),
            code="download_limit",
        )
    return True, ""
