"""Checking held files: the sanitizer writes a clean copy by the route's policy, or says why there is none."""

import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services import disarming
from sekisho.book.services.disarming import Disarmed
from sekisho.errors import Conflict, DiskFull, NotFound
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import Route, Transfer, TransferFile
from sekisho.gateway.names import kept_apart
from sekisho.gateway.services import dispatching, mailing, outside, policies, queueing, sides, vault, watching
from sekisho.gateway.services.records import record
from sekisho.people.models import RoleAssignment, User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.people.services import notify, notify_many
from sekisho.sanitizer import Policy
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import route_for

State, FileState = Transfer.State, TransferFile.State
#: what says nothing of the file: a disk that is full, a store or a database that is away
_AWAY = (DiskFull, vault.StoreAway, OSError, DatabaseError)
PENDING = (FileState.UPLOADING, FileState.WAITING, FileState.WORKING, FileState.PASSWORD)


def locked(pk: int) -> tuple[Transfer, TransferFile]:
    """A file and its transfer, whose row is locked until the caller's transaction ends."""
    rows = Transfer.objects.select_for_update(of=("self",)).select_related("route__organisation", "sender")
    transfer = rows.get(files=pk)
    file = TransferFile.objects.get(pk=pk)
    file.transfer = transfer
    return transfer, file


def clean(file_id: int, password: str | Sequence[str] | None = None) -> str:
    """Check one file and keep what came of it; safe to repeat, also after the worker died half-way.

    ``password`` opens an encrypted file and is kept nowhere. Returns the file's state. A file on which two workers
    have died is refused without a third try.
    """
    file = _take_up(file_id, password)
    if file.state != FileState.WORKING:
        return str(file.state)
    folder = file.clean_folder
    assert folder is not None
    try:
        return _conclude(file_id, folder, sanitized(file, folder, password))
    except vault.Damaged:
        vault.destroy(folder)
        return _give_up(file_id, folder)
    except BaseException as fault:
        if isinstance(fault, _AWAY):
            _give_back(file_id, folder)
        with suppress(*_AWAY):  # what cannot be destroyed now, housekeeping does
            vault.destroy(folder)
        raise


def _give_back(file_id: int, folder: UUID) -> None:
    """Nobody died on the file, so this try does not count, and it waits for the next."""
    working = TransferFile.objects.filter(pk=file_id, state=FileState.WORKING, clean_folder=folder)
    with suppress(DatabaseError):
        working.update(tries=F("tries") - 1, state=FileState.WAITING, clean_folder=None)


def _take_up(file_id: int, password: str | Sequence[str] | None) -> TransferFile:
    """Mark a file as being worked on, under a new folder for its copy; in another state when there is nothing to do."""
    ready = {FileState.WAITING, FileState.WORKING} | ({FileState.PASSWORD} if password else set())
    with transaction.atomic():
        transfer, file = locked(file_id)
        if file.state not in ready or file.original_destroyed_at:
            return TransferFile(state=FileState.DESTROYED if file.original_destroyed_at else file.state)
        if file.tries >= disarming.MOST_TRIES:
            _refuse(transfer, file, disarming.refusal_of("engine.crashed"))
            queueing.order_next(transfer.turn, done=file)
            return file
        vault.destroy(file.clean_folder)
        file.state, file.clean_folder, file.tries = FileState.WORKING, uuid4(), file.tries + 1
        file.save(update_fields=["state", "clean_folder", "tries"])
    return file


def _give_up(file_id: int, folder: UUID) -> str:
    """Refuse a file whose original is no longer what came, which no further try mends."""
    with transaction.atomic():
        transfer, file = locked(file_id)
        if file.state == FileState.WORKING and file.clean_folder == folder:
            _refuse(transfer, file, disarming.refusal_of("engine.held_damaged"))
            queueing.order_next(transfer.turn, done=file)
    return str(file.state)


def _refuse(transfer: Transfer, file: TransferFile, refusal: Mapping[str, Any]) -> None:
    """Refuse a file without the sanitizer's word."""
    vault.destroy(file.clean_folder)
    file.state, file.clean_folder, file.checked_at = FileState.REFUSED, None, timezone.now()
    file.refusal = dict(refusal)
    file.save(update_fields=["state", "clean_folder", "checked_at", "refusal"])
    told = {"number": transfer.pk, "name": file.name, "sha": file.sha256, "code": file.refusal["code"]}
    record(SYSTEM, transfer.route.organisation_id, "transfer.refused", told)
    settle(transfer)


def _conclude(file_id: int, folder: Any, made: Disarmed) -> str:
    """Keep a result, unless another worker has taken the file over meanwhile; and have the sender's next file done."""
    with transaction.atomic():
        transfer, file = locked(file_id)
        if file.state != FileState.WORKING or file.clean_folder != folder:
            vault.destroy(folder)
            return str(file.state)
        queueing.order_next(transfer.turn, done=file)
        # last, since tallies and the chain hold up everybody of the organisation
        keep(transfer, file, made, folder)
        settle(transfer)
    return str(file.state)


def sanitized(file: TransferFile, folder: UUID, password: str | Sequence[str] | None) -> Disarmed:
    """What comes of the original; the clean copy goes into ``folder`` part by part."""
    policy = policies.policy_for(file.transfer)
    if file.wanted_method:
        policy = _only(policy, file.wanted_method)
    bodies = vault.parts(file.folder, Plan(file.size, file.chunk_size).count)
    source: Any = io.BufferedReader(vault.Reading(bodies), 1 << 20)
    copy = vault.Writing(folder, file.chunk_size)
    made = disarming.disarm(source, policy, name=file.name, password=password, into=copy)
    copy.close()
    return made


def _only(policy: Policy, method: str) -> Policy:
    """The policy with one method; what has no such method (an archive, for what is in it) keeps its own."""
    fitting = {key for kind in TYPES.values() if route_for(kind, method) for key in (kind.id, kind.family)}
    methods = {key: (method,) if key in fitting else ways for key, ways in policy.methods.items()}
    return replace(policy, methods=methods)


def keep(transfer: Transfer, file: TransferFile, made: Disarmed, folder: Any) -> None:
    """Write down what came of a file of a locked transfer; the clean copy lies in ``folder``."""
    report = made.result.report
    is_first = file.checked_at is None
    asks = made.needs_password and not transfer.is_mail
    file.state = FileState.CLEAN if made.is_clean else FileState.PASSWORD if asks else FileState.REFUSED
    file.clean_folder = folder if made.is_clean else None
    file.clean_name = _apart(file, made.name) if made.is_clean else ""
    file.clean_size, file.clean_sha256 = made.size, made.sha256
    file.tries, file.method = 0, made.method
    file.removed, file.removed_total, file.refusal = made.removed, made.removed_total, dict(made.refusal)
    file.personal_warnings = sum(r.count for r in report.removed if r.code.startswith("personal."))
    file.report = {
        "engine": dict(report.engine),
        "milliseconds": report.milliseconds,
        "type": report.input.type,
    }
    file.checked_at = None if file.state == FileState.PASSWORD else timezone.now()
    file.save()
    if file.state == FileState.PASSWORD:
        return
    if is_first:
        watching.count(transfer, file, made.result)
    told = {"number": transfer.pk, "name": file.name, "sha": file.sha256}
    if made.is_clean:
        more = {"clean": file.clean_sha256, "method": file.method, "removed": file.removed_total}
        record(SYSTEM, transfer.route.organisation_id, "transfer.cleaned", {**told, **more})
    else:
        record(SYSTEM, transfer.route.organisation_id, "transfer.refused", {**told, "code": report.refusal})


def _apart(file: TransferFile, name: str) -> str:
    """The name of a clean copy, numbered where another one of the transfer has it: two types may become one."""
    others = TransferFile.objects.filter(transfer=file.transfer_id).exclude(pk=file.pk).exclude(clean_name="")
    return kept_apart([*others.order_by("id").values_list("clean_name", flat=True), name])[-1]


def cover_of(transfer: Transfer) -> str:
    """Digest of the clean files there are now: what an approval is said of."""
    rows = transfer.files.filter(state=FileState.CLEAN).order_by("id")
    joined = " ".join(f"{pk}:{digest}" for pk, digest in rows.values_list("pk", "clean_sha256"))
    return hashlib.sha256(joined.encode()).hexdigest()


def settle(transfer: Transfer) -> None:
    """Move a locked transfer on, when all its files are through: to approval, to its receiver, or to refusal."""
    if transfer.state in (State.UPLOADING, State.ABANDONED, State.EXPIRED):
        return
    before = transfer.state
    states = set(transfer.files.order_by().values_list("state", flat=True).distinct())
    if states & set(PENDING):
        transfer.state = State.CHECKING
    else:
        _move_on(transfer, any_clean=FileState.CLEAN in states)
    if transfer.state != before:  # of a thousand files, all but the last change nothing here
        transfer.save(update_fields=["state", "offered_at", "expires_at"])
        mailing.follow(transfer)


def _move_on(transfer: Transfer, *, any_clean: bool) -> None:
    said = transfer.approvals.first()
    approved = said is not None and said.granted and said.covers == cover_of(transfer)
    if not any_clean:
        _turn_away(transfer)
    elif said is not None and not said.granted and said.covers == cover_of(transfer):
        transfer.state = State.REFUSED
    elif transfer.needs_approval and not approved:
        _ask_superior(transfer)
    elif sides.belongs_elsewhere(transfer):
        dispatching.hand_over(transfer)
    else:
        _offer(transfer)


def _address(transfer: Transfer) -> str:
    return reverse("gateway:transfer", args=[transfer.pk])


def _tell(people: Any, kind: str, transfer: Transfer) -> None:
    told = {"purpose": transfer.purpose[:100], "sender": str(transfer.sender)}
    notify_many(people, f"transfer_{kind}", told, _address(transfer), f"transfer:{transfer.pk}:{kind}")


def _turn_away(transfer: Transfer) -> None:
    transfer.state = State.REFUSED
    _tell([transfer.sender], "refused", transfer)


def _ask_superior(transfer: Transfer) -> None:
    transfer.state = State.APPROVAL
    _tell(holders("superior", transfer.route), "approval", transfer)


def holders(role: str, route: Route) -> list[User]:
    """People who hold a role over a route's organisation today."""
    above = [int(part) for part in route.organisation.path.split("/") if part]
    roles = RoleAssignment.objects.in_force(timezone.localdate()).filter(role=role, organisation__in=above)
    return list(User.objects.filter(roles__in=roles, is_active=True).distinct().order_by("pk"))


def _offer(transfer: Transfer) -> None:
    if transfer.state == State.OFFERED:
        return
    transfer.state, transfer.offered_at = State.OFFERED, timezone.now()
    transfer.expires_at = transfer.offered_at + dt.timedelta(days=transfer.expiry_days)
    tell_offered(transfer)


def tell_offered(transfer: Transfer) -> None:
    """Write down that a transfer is offered, and tell its receiver."""
    told = {
        "number": transfer.pk,
        "receiver": transfer.receiver_name,
        "until": timezone.localdate(transfer.expires_at),
    }
    record(SYSTEM, transfer.route.organisation_id, "transfer.offered", told)
    if transfer.receiver is not None and not transfer.receiver.is_active:
        _tell([transfer.sender], "receiver_left", transfer)
    elif transfer.receiver is not None:
        told_person = {"purpose": transfer.purpose[:100], "sender": str(transfer.sender)}
        key = f"transfer:{transfer.pk}:offered"
        notify(transfer.receiver, "transfer_offered", told_person, _address(transfer), key)
    if transfer.receiver_kind == Transfer.Receiver.OUTSIDE:
        outside.invite(transfer)


def open_with_password(user: Any, file: TransferFile, *passwords: str) -> str:
    """Check an encrypted file with its password, here and now: it goes into no queue, row or log. More than one where files
    within it have passwords of their own.

    Raises:
        Conflict: the file does not ask for one.
    """
    _require_sender(user, file)
    if file.state != FileState.PASSWORD:
        raise Conflict(_("This file asks for no password now."))
    return clean(file.pk, password=[password[:1000] for password in passwords[:20] if password])


def go_without(user: Any, file: TransferFile) -> None:
    """Let the others go on without a file whose password is not known."""
    _require_sender(user, file)
    with transaction.atomic():
        transfer, row = locked(file.pk)
        if row.state != FileState.PASSWORD:
            raise Conflict(_("This file asks for no password now."))
        row.state = FileState.REFUSED
        row.save(update_fields=["state"])
        told = {"number": transfer.pk, "name": row.name, "sha": row.sha256, "code": "input.encrypted"}
        record(actor_of(user), transfer.route.organisation_id, "transfer.refused", told)
        settle(transfer)


def _require_sender(user: Any, file: TransferFile) -> None:
    if actor_of(user).user_id != file.transfer.sender_id:
        raise NotFound(_("There is no such transfer, or you may not see it."))
