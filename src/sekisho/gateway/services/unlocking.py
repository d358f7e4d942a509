"""Attachments that ask for a password: whoever a message is for opens them on a page whose address stands in the message.

The password is used here and now and kept nowhere. What it opens is sanitized like anything else, and goes to the same
mailboxes as the message did: the page itself gives nothing out, so that its address is worth nothing without the password.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.signing import BadSignature
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, Invalid, NotFound
from sekisho.gateway.models import MailMessage, Transfer, TransferFile
from sekisho.gateway.services import cleaning, mailing, vault
from sekisho.gateway.services.records import record
from sekisho.people.roles import Actor
from sekisho.people.throttle import Throttle

#: of each message; an archive can be tried at home as often as one likes, so this protects the server, not the archive
_TRIES = Throttle("mail-password", requests=20, seconds=3600, shared=True)


@dataclass(frozen=True)
class Locked:
    """A message and the names of its attachments that still ask for a password."""

    message: MailMessage
    file: TransferFile

    @property
    def names(self) -> list[str]:
        return mailing.locked_in(self.file.removed)


def find(token: str) -> Locked:
    """The message of an address while its attachments can be opened. Raises ``NotFound``, whatever is wrong with it."""
    gone = NotFound(_("This link does not exist or is over. Ask the sender to send the message again."))
    try:
        pk = int(mailing.SIGNER.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError):
        raise gone from None
    rows = MailMessage.objects.select_related("transfer__route__organisation")
    message = rows.filter(pk=pk, transfer__state=Transfer.State.OFFERED).first()
    until = message.transfer.expires_at if message else None
    if message is None or until is None or timezone.now() >= until:
        raise gone
    file = message.transfer.files.get()
    if file.original_destroyed_at:
        raise gone
    return Locked(message, file)


def unlock(locked: Locked, password: str) -> None:
    """Have the message written anew with what the password opens, and sent to its mailboxes once more.

    Raises:
        Invalid: it opens nothing. Conflict: nothing asks for one. TooManyRequests.
    """
    if not locked.names:
        raise Conflict(_("This file asks for no password now."))
    if not password:
        raise Invalid(_("Enter the password."), field="password")
    _TRIES.count(str(locked.message.pk))
    folder = uuid4()
    try:
        made = cleaning.sanitized(locked.file, folder, password[:1000])
        if not made.is_clean or set(locked.names) <= set(mailing.locked_in(made.removed)):
            raise Invalid(_("This is not the password."), field="password")
        _put_in_place(locked, folder, made)
    except BaseException:
        vault.destroy(folder)
        raise


def _put_in_place(locked: Locked, folder: Any, made: Any) -> None:
    with transaction.atomic():
        transfer, file = cleaning.locked(locked.file.pk)
        if file.clean_folder != locked.file.clean_folder:
            raise Conflict(_("Somebody did this already."))
        before = file.clean_folder
        cleaning.keep(transfer, file, made, folder)
        message = MailMessage.objects.select_for_update().get(pk=locked.message.pk)
        message.state = MailMessage.State.WAITING
        message.save(update_fields=["state"])
        told = {"number": transfer.pk, "name": file.name, "names": "、".join(locked.names)}
        who = Actor(user_id=None, name=", ".join(message.recipients)[:200])
        record(who, transfer.route.organisation_id, "mail.unlocked", told)
        cleaning.settle(transfer)
        mailing.follow(transfer)
        transaction.on_commit(lambda: vault.destroy(before))
