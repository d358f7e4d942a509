"""Sending: a transfer is begun, its files come in chunks, and it is sent when all are whole."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.common import choice, filled, fitting
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted
from sekisho.gateway.chunks import CHUNK, ChunkError, Plan, ranges
from sekisho.gateway.models import Chunk, Route, Transfer, TransferFile
from sekisho.gateway.names import arrived_name, kept_apart
from sekisho.gateway.services import outside, policies, queueing, vault
from sekisho.gateway.services.records import record
from sekisho.people.models import Organisation, User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor

MOST_FILES = 200
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
State, FileState = Transfer.State, TransferFile.State
#: kind of receiver -> the form's field and the record's column that name it
_FIELDS = {"person": "person", "book": "project", "box": "box"}
_COLUMNS = {"person": "receiver", "book": "project", "box": "box"}


@dataclass(frozen=True)
class Announced:
    """A file that is to come: its name as the sender has it, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Receiver:
    """Whom it is for. ``kind`` is one of ``Transfer.Receiver``; the others name that one."""

    kind: str = "self"
    person: User | None = None
    project: Project | None = None
    box: Organisation | None = None
    outside: str = ""


def begin(
    user: Any,
    route: Route,
    receiver: Receiver,
    purpose: str,
    files: Sequence[Announced],
    *,
    key: str = "",
    turn: str = "",
) -> Transfer:
    """Begin a transfer: everything is checked that can be before a byte has come.

    ``key``: this sender's own name for it; where they have a transfer of that key already, it is the answer, however far it
    is. ``turn``: with whose files it queues, where that is not the sender.

    Raises:
        NotPermitted: the route is not for this person. Conflict: ``route_closed``, ``other_transfer``. Invalid: naming the
        field. DiskFull: it would not fit.
    """
    actor = actor_of(user)
    assert actor.user_id is not None  # the system sends nothing
    if not actor.may("transfer", path=route.organisation.path) and not _works_below(actor, route):
        raise NotPermitted(_("This route is not for your organisation."))
    if known := _known(actor, key, files):
        return known
    if route.closed_at:
        raise Conflict(_("This route is closed. Choose another one."), code="route_closed")
    _check_files(files, largest_on(route))
    vault.require_room(sum(file.size for file in files))
    said = {
        "purpose": fitting(filled(_plain(purpose), "purpose"), 500, "purpose"),
        **_receiver(actor, receiver, route),
    }
    try:
        return _created(actor.user_id, route, files, key=key, turn=turn or str(actor.user_id), **said)
    except IntegrityError:
        if known := _known(actor, key, files):  # begun beside us in this moment
            return known
        raise


@transaction.atomic
def _created(sender_id: int, route: Route, files: Sequence[Announced], **said: Any) -> Transfer:
    """A transfer with the policy and the rules of its route as they are now, and its files, none of which has come."""
    _policy, digest, version = policies.policy_of(route.policy)
    transfer = Transfer.objects.create(
        route=route,
        sender_id=sender_id,
        created_at=timezone.now(),
        policy=route.policy,
        policy_digest=digest,
        policy_version=version,
        route_version=route.version,
        needs_approval=route.needs_approval,
        download_limit=route.download_limit,
        expiry_days=route.expiry_days,
        hold_days=route.hold_days,
        **said,
    )
    names = kept_apart(arrived_name(file.name) for file in files)
    TransferFile.objects.bulk_create(
        TransferFile(transfer=transfer, name=name, size=file.size, chunk_size=CHUNK)
        for name, file in zip(names, files, strict=True)
    )
    return transfer


def _known(actor: Actor, key: str, files: Sequence[Announced]) -> Transfer | None:
    """The transfer of this key. Raises ``Conflict`` where it is of other files."""
    found = Transfer.objects.filter(sender_id=actor.user_id, key=key).first() if key else None
    if found is None:
        return None
    if list(found.files.order_by("id").values_list("size", flat=True)) != [file.size for file in files]:
        raise Conflict(_("Other files were sent with this key. Choose a new one."), code="other_transfer")
    return found


def _plain(text: str) -> str:
    """Without marks that turn the direction of what is read."""
    return "".join(mark for mark in text if mark not in _DIRECTION)


def largest_on(route: Route) -> int:
    """Bytes of the largest file that a route takes: what its policy and the installation allow. Raises ``Invalid``."""
    policy, _digest, _version = policies.policy_of(route.policy)
    return min(settings.GATEWAY_MAX_BYTES, policy.limits.bytes)


def _works_below(actor: Actor, route: Route) -> bool:
    """A route of a bureau serves its sections too: those whose role is held below the route's organisation."""
    return any(
        grant.role in ("member", "superior", "cio_aide") and grant.path.startswith(route.organisation.path)
        for grant in actor.grants
    )


def _check_files(files: Sequence[Announced], limit: int) -> None:
    if not files:
        raise Invalid(_("Choose at least one file."), field="files")
    if len(files) > MOST_FILES:
        said = {"most": MOST_FILES, "count": len(files)}
        raise Invalid(
            _("At most %(most)d files go at once; these are %(count)d. Pack them into a zip.") % said,
            field="files",
        )
    if empty := [arrived_name(file.name) for file in files if file.size <= 0]:
        raise Invalid(_empty_words(empty), field="files")
    for file in files:
        if file.size > limit:
            name = arrived_name(file.name)
            sizes = {"name": name, "size": -(-file.size // 1_048_576), "limit": limit // 1_048_576}
            raise Invalid(
                _(
                    "“%(name)s” has %(size)d MB; this route takes %(limit)d MB. Split it, or ask for another route."
                )
                % sizes,
                field="files",
            )


def _empty_words(names: Sequence[str]) -> Any:
    if len(names) == 1:
        return _("“%(name)s” is empty. Leave it out.") % {"name": names[0]}
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return _("%(count)d files are empty: %(names)s. Leave them out.") % {"count": len(names), "names": shown}


def _receiver(actor: Actor, receiver: Receiver, route: Route) -> dict[str, Any]:
    kind = choice(receiver.kind, Transfer.Receiver, "receiver_kind")
    if kind == "self":
        own: dict[str, Any] = {"receiver_kind": kind, "receiver_id": actor.user_id}
        return own
    if kind == "outside":
        if not route.allows_outside:
            raise Invalid(
                _("This route gives nothing to outside parties. Choose another route or receiver."),
                field="receiver_kind",
            )
        return {"receiver_kind": kind, "outside": outside.address_of(receiver.outside)}
    whom = {"person": receiver.person, "book": receiver.project, "box": receiver.box}[kind]
    if whom is None:
        raise Invalid(_("Say whom it is for."), field=_FIELDS[kind])
    if isinstance(whom, User) and not whom.is_active:
        raise Invalid(_("This person has left. Choose another one."), field="person")
    return {"receiver_kind": kind, _COLUMNS[kind]: whom}


@contextmanager
def locked(pk: int) -> Iterator[Transfer]:
    """One transaction on a locked transfer."""
    with transaction.atomic():
        rows = Transfer.objects.select_for_update(of=("self",)).select_related(
            "route__organisation", "sender"
        )
        yield rows.get(pk=pk)


def _own(actor: Actor, transfer: Transfer) -> None:
    if actor.user_id is None or transfer.sender_id != actor.user_id:
        raise NotFound(_("There is no such transfer, or you may not see it."))


def _require_uploading(transfer: Transfer) -> None:
    if transfer.state != State.UPLOADING:
        raise Conflict(_("This transfer takes no more files: it was sent or given up."), code="upload_over")


def receive_chunk(user: Any, file: TransferFile, number: int, body: bytes, digest: str = "") -> bool:
    """Keep one chunk; in any order, and the same one as often as it comes. False when it was there already.

    ``digest``: hex SHA-256 of the chunk where the sender knows it.

    Raises:
        Invalid: it does not fit the file (``fields["chunk"]``). Conflict: ``upload_over`` or ``other_file``.
    """
    if digest and not _DIGEST.fullmatch(digest):
        raise Invalid(_("The digest must be 64 hexadecimal digits."), field="chunk")
    with locked(file.transfer_id) as transfer:
        _own(actor_of(user), transfer)
        _require_uploading(transfer)
        there = dict(file.chunks.filter(number=number).values_list("number", "sha256"))
        try:
            kept = Plan(file.size, file.chunk_size).accept(number, body, digest, there)
        except ChunkError as error:
            raise _refusal(error) from None
        if kept:
            vault.put(file.folder, number, body)
            Chunk.objects.create(file=file, number=number, size=len(body), sha256=kept)
        TransferFile.objects.filter(transfer=transfer).update(touched_at=timezone.now())
    return bool(kept)


def _refusal(error: ChunkError) -> Exception:
    said = {"number": error.number + 1, "expected": error.expected}
    if error.code == "other_file":
        message = _(
            "Part %(number)d differs from the one sent before: this is another file. Choose the file you began with, or begin anew."
        )
        return Conflict(message % said, code="other_file")
    words = {
        "range": _("The file has %(expected)d parts, and part %(number)d is none of them."),
        "length": _("Part %(number)d must have %(expected)d bytes. Send it again."),
        "digest": _("Part %(number)d was damaged on its way. Send it again."),
    }[error.code]
    return Invalid(words % said, field="chunk")


def send(user: Any, transfer: Transfer) -> Transfer:
    """Send what was uploaded: from now on it is held and checked.

    Raises:
        Conflict: parts are missing (``upload_incomplete``), or it was sent before (``upload_over``).
    """
    actor = actor_of(user)
    _own(actor, transfer)
    _require_uploading(transfer)
    files = list(transfer.files.prefetch_related("chunks"))
    for file in files:
        _require_whole(file)
    for file in files:  # whole files change no more, so nobody waits for the lock while gigabytes are read
        file.sha256 = _digest_of(file)
    with locked(transfer.pk) as row:
        _require_uploading(row)
        now = timezone.now()
        for file in files:
            file.state, file.held_until = FileState.WAITING, now + dt.timedelta(days=row.hold_days)
        TransferFile.objects.bulk_update(files, ["sha256", "state", "held_until"])
        row.state, row.sent_at = State.CHECKING, now
        row.save(update_fields=["state", "sent_at"])
        record(
            actor,
            row.route.organisation_id,
            "transfer.sent",
            {
                "number": row.pk,
                "route": row.route.name,
                "purpose": row.purpose,
                "receiver": row.receiver_name,
                "policy": row.policy,
                "policy_digest": row.policy_digest,
                "count": len(files),
                "files": [{"name": f.name, "size": f.size, "sha": f.sha256} for f in files],
            },
        )
        queueing.order_next(row.turn)
    return row


def _require_whole(file: TransferFile) -> None:
    missing = Plan(file.size, file.chunk_size).missing({chunk.number for chunk in file.chunks.all()})
    if missing:
        said = {"name": file.name, "parts": ranges(missing)}
        raise Conflict(
            _("“%(name)s” is not whole: parts %(parts)s are missing. Go on with the upload.") % said,
            code="upload_incomplete",
        )


def _digest_of(file: TransferFile) -> str:
    digest = hashlib.sha256()
    for body in vault.parts(file.folder, Plan(file.size, file.chunk_size).count):
        digest.update(body)
    return digest.hexdigest()


def send_whole(
    user: Any, route: Route, receiver: Receiver, purpose: str, uploads: Sequence[Any], *, key: str = ""
) -> Transfer:
    """Begin, take and send in one go: forms without JavaScript, and the watched folder.

    ``uploads``: objects with ``name``, ``size`` and ``read(n)``. ``key``: see ``begin``; one that broke off goes on.
    """
    announced = [Announced(u.name or "", u.size or 0) for u in uploads]
    transfer = begin(user, route, receiver, purpose, announced, key=key)
    if transfer.state != State.UPLOADING:
        return transfer
    try:
        for file, upload in zip(transfer.files.order_by("id"), uploads, strict=True):
            for number in range(Plan(file.size, file.chunk_size).count):
                receive_chunk(user, file, number, upload.read(file.chunk_size))
        return send(user, transfer)
    except Exception as fault:
        transfer.refresh_from_db()
        if getattr(fault, "code", "") == "upload_over" and transfer.sent_at:  # another hand sent it meanwhile
            return transfer
        abandon(transfer)
        raise


def abandon(transfer: Transfer) -> None:
    """Give up an upload that did not end: what came is removed, nothing of it was ever held."""
    with locked(transfer.pk) as row:
        if row.state != State.UPLOADING:
            return
        row.state, row.key = State.ABANDONED, ""  # to be sent again it begins anew
        row.save(update_fields=["state", "key"])
        for file in row.files.all():
            file.state = FileState.DESTROYED
            file.save(update_fields=["state"])
            Chunk.objects.filter(file=file).delete()
            vault.destroy(file.folder)
