"""What is locked within a file: whoever a message is for, or the sender of files, opens it with its passwords.

Passwords are used here and now and kept nowhere: all that are to hold for one clean copy are given at once. What they open
is sanitized like anything else. Of mail it goes to the same mailboxes as the message did: the page itself gives nothing out,
so that its address is worth nothing without a password.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.signing import BadSignature
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.queries.files import locked_in
from sekisho.book.services.disarming import Disarmed
from sekisho.errors import Conflict, Invalid, NotFound
from sekisho.gateway.models import MailMessage, Transfer, TransferFile
from sekisho.gateway.queries.transfers import still_locked
from sekisho.gateway.services import cleaning, mailing, vault
from sekisho.gateway.services.records import record
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.people.throttle import Throttle

#: of each file; an archive can be tried at home as often as one likes, so this protects the server, not the archive
_TRIES = Throttle("mail-password", requests=20, seconds=3600, shared=True)
#: passwords at once, and their length
_MOST, _LONGEST = 20, 1000
State, FileState = Transfer.State, TransferFile.State


@dataclass(frozen=True)
class Locked:
    """A message, and the names of what in it still asks for a password."""

    message: MailMessage
    file: TransferFile

    @property
    def names(self) -> list[str]:
        return names_of(self.file)

    @property
    def is_held(self) -> bool:
        return mailing.is_locked(self.file)

    @property
    def waits(self) -> bool:
        """Whether what was opened waits for the superior."""
        return self.message.transfer.state == State.APPROVAL

    @property
    def until(self) -> Any:
        return self.file.held_until if self.is_held else self.message.transfer.expires_at


def names_of(file: TransferFile) -> list[str]:
    """Names of what is locked within a file; its own, where it did not pass for it."""
    return [file.name] if mailing.is_locked(file) else locked_in(file.removed)


def find(token: str) -> Locked:
    """The message of an address while its attachments can be opened. Raises ``NotFound``, whatever is wrong with it."""
    gone = NotFound(_("This link does not exist or is over. Ask the sender to send the message again."))
    try:
        pk = int(mailing.SIGNER.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError):
        raise gone from None
    rows = MailMessage.objects.select_related("transfer__route__organisation")
    states = [State.OFFERED, State.APPROVAL, State.REFUSED]
    message = rows.filter(pk=pk, transfer__state__in=states).first()
    if message is None:
        raise gone
    file = message.transfer.files.get()
    found = Locked(message, file)
    over = found.until is None or timezone.now() >= found.until
    if over or file.original_destroyed_at or (message.transfer.state == State.REFUSED and not found.is_held):
        raise gone
    return found


def unlock(locked: Locked, passwords: Sequence[str]) -> None:
    """Have the message written anew with what the passwords open, and sent to its mailboxes once more.

    Raises:
        Invalid: they open nothing. Conflict: nothing asks for one. TooManyRequests.
    """
    message = locked.message
    who = Actor(user_id=None, name=", ".join(message.recipients)[:200])

    def follow(transfer: Transfer) -> None:
        MailMessage.objects.filter(pk=message.pk).update(state=MailMessage.State.WAITING)
        told = {"number": transfer.pk, "name": locked.file.name, "names": "、".join(locked.names)}
        record(who, transfer.route.organisation_id, "mail.unlocked", told)
        cleaning.settle(transfer)
        mailing.follow(transfer)

    if locked.waits:
        raise Conflict(_("This file asks for no password now."))
    _open(locked.file, passwords, follow)


def open_more(user: Any, file: TransferFile, passwords: Sequence[str]) -> None:
    """The sender has the clean copy written anew, with what is locked within the file; what was approved is so no more.

    Raises:
        Invalid: they open nothing. Conflict: nothing asks for one. TooManyRequests.
    """
    actor = actor_of(user)
    if actor.user_id != file.transfer.sender_id:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    if not still_locked(file, file.transfer):
        raise Conflict(_("This file asks for no password now."))

    def follow(transfer: Transfer) -> None:
        told = {"number": transfer.pk, "name": file.name, "names": "、".join(names_of(file))}
        record(actor, transfer.route.organisation_id, "transfer.unlocked", told)
        cleaning.settle(transfer)

    _open(file, passwords, follow)


def _open(file: TransferFile, passwords: Sequence[str], follow: Callable[[Transfer], None]) -> None:
    names, given = names_of(file), [one[:_LONGEST] for one in passwords if one][:_MOST]
    if not names:
        raise Conflict(_("This file asks for no password now."))
    if not given:
        raise Invalid(_("Enter the password."), field="password")
    _TRIES.count(str(file.pk))
    folder = uuid4()
    try:
        made = cleaning.sanitized(file, folder, given)
        if not made.is_clean or not Counter(names) - Counter(locked_in(made.removed)):
            raise Invalid(_("This is not the password."), field="password")
        _put_in_place(file, folder, made, follow)
    except BaseException:
        vault.destroy(folder)
        raise


def _put_in_place(
    file: TransferFile, folder: Any, made: Disarmed, follow: Callable[[Transfer], None]
) -> None:
    with transaction.atomic():
        transfer, row = cleaning.locked(file.pk)
        before = row.clean_folder
        if (row.state, before) != (file.state, file.clean_folder) or row.original_destroyed_at:
            raise Conflict(_("Somebody did this already."))
        cleaning.keep(transfer, row, made, folder)
        follow(transfer)
        transaction.on_commit(lambda: vault.destroy(before))
