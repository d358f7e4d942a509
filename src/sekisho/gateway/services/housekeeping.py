"""What the clock does: uploads given up, offers ended, held files destroyed; each destruction is recorded."""

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from sekisho.gateway.models import (
    Dispatch,
    ExceptionRequest,
    NetworkChoice,
    RetentionHold,
    Transfer,
    TransferFile,
)
from sekisho.gateway.packages import name_of
from sekisho.gateway.services import sides, vault
from sekisho.gateway.services.cleaning import settle
from sekisho.gateway.services.exceptions import MOST_DAYS
from sekisho.gateway.services.records import record
from sekisho.gateway.services.sending import abandon, locked
from sekisho.people.roles import SYSTEM
from sekisho.people.services import notify

log = logging.getLogger(__name__)

IDLE = dt.timedelta(days=2)
#: a clock that moves further between two rounds is not believed until the next round
LEAP = dt.timedelta(days=3)
#: dates further ahead than a clock is ever off were set while it was ahead; those of a longer time may as well be right,
#: and the clock wrong now
AHEAD, MOST_AHEAD = dt.timedelta(minutes=5), dt.timedelta(days=400)
#: a folder that no row knows may still be written to for so long: a package is being fetched
STRAY = dt.timedelta(days=1)
State, FileState = Transfer.State, TransferFile.State


def keep_house(now: dt.datetime | None = None) -> dict[str, int]:
    """One round. A clock that has leapt destroys nothing in this round: only the next one believes it."""
    now = now or timezone.now()
    if not _believes(now):
        return {"clock_leapt": 1}
    return {
        "redated": _redate(now),
        "abandoned": _give_up(now),
        "expired": _expire(now) + _lapse(now),
        "copies": _destroy_left_copies(now),
        "destroyed": _destroy(now),
        "packages": _tidy_spool(now),
        "strays": _destroy_strays(now),
    }


def _believes(now: dt.datetime) -> bool:
    with transaction.atomic():
        row, _made = NetworkChoice.objects.select_for_update().get_or_create(pk=1)
        before, row.kept_at = row.kept_at, now
        row.save(update_fields=["kept_at"])
    return before is None or before - dt.timedelta(minutes=5) <= now <= before + LEAP


def _redate(now: dt.datetime) -> int:
    """Transfers of a time when the clock was ahead: they last from now on as long as their route says, and no longer."""
    ahead = (now + AHEAD, now + MOST_AHEAD)
    dated = Q(sent_at__range=ahead) | Q(offered_at__range=ahead) | Q(created_at__range=ahead)
    due = list(Transfer.objects.filter(dated).order_by("id").values_list("pk", flat=True))
    for pk in due:
        with locked(pk) as transfer:
            lasts = now + dt.timedelta(days=transfer.expiry_days)
            transfer.expires_at = _no_later(transfer.expires_at, lasts)
            transfer.offered_at = _no_later(transfer.offered_at, now)
            transfer.sent_at = _no_later(transfer.sent_at, transfer.offered_at or now)
            transfer.created_at = min(transfer.created_at, transfer.sent_at or now)
            transfer.save(update_fields=["created_at", "sent_at", "offered_at", "expires_at"])
            for file in transfer.files.all():
                file.touched_at = min(file.touched_at, now)
                held = now + dt.timedelta(days=transfer.hold_days)
                file.held_until = _no_later(file.held_until, held)
                file.save(update_fields=["touched_at", "held_until"])
            record(SYSTEM, transfer.route.organisation_id, "transfer.redated", {"number": transfer.pk})
    _shorten_exceptions(now)
    return len(due)


def _no_later(when: dt.datetime | None, limit: dt.datetime) -> dt.datetime | None:
    return None if when is None else min(when, limit)


def _shorten_exceptions(now: dt.datetime) -> None:
    longest = now + dt.timedelta(days=MOST_DAYS)
    far = ExceptionRequest.objects.filter(until__range=(longest + AHEAD, longest + MOST_AHEAD))
    far.update(until=longest)


def _give_up(now: dt.datetime) -> int:
    uploads = Transfer.objects.filter(state=State.UPLOADING).annotate(touched=Max("files__touched_at"))
    idle = list(
        uploads.filter(Q(touched__lt=now - IDLE) | Q(touched=None, created_at__lt=now - IDLE)).order_by("id")
    )
    for transfer in idle:
        abandon(transfer)
    return len(idle)


def _expire(now: dt.datetime) -> int:
    due = list(
        Transfer.objects.filter(state=State.OFFERED, expires_at__lte=now)
        .order_by("id")
        .values_list("pk", flat=True)
    )
    for pk in due:
        with locked(pk) as transfer:
            if transfer.state != State.OFFERED or transfer.expires_at is None or transfer.expires_at > now:
                continue
            transfer.state = State.EXPIRED
            transfer.save(update_fields=["state"])
            for file in transfer.files.filter(state=FileState.CLEAN) if not _is_held(transfer) else ():
                _destroy_copy(transfer, file, now)
            record(SYSTEM, transfer.route.organisation_id, "transfer.expired", {"number": transfer.pk})
    return len(due)


def _lapse(now: dt.datetime) -> int:
    """Transfers of which nobody said a word while their originals were held: they end, and their senders are told."""
    waiting = Transfer.objects.filter(state=State.APPROVAL).exclude(pk__in=_held())
    due = waiting.exclude(files__in=TransferFile.objects.filter(_held_longer(now)).order_by())
    count = 0
    for pk in list(due.order_by("id").values_list("pk", flat=True)):
        with locked(pk) as transfer:
            if transfer.state != State.APPROVAL or _is_held(transfer):
                continue
            transfer.state = State.EXPIRED
            transfer.save(update_fields=["state"])
            for file in transfer.files.filter(state=FileState.CLEAN):
                _destroy_copy(transfer, file, now)
            record(SYSTEM, transfer.route.organisation_id, "transfer.expired", {"number": transfer.pk})
            told = {"purpose": transfer.purpose[:100]}
            address = reverse("gateway:transfer", args=[transfer.pk])
            notify(transfer.sender, "transfer_lapsed", told, address, f"transfer:{transfer.pk}:lapsed")
            count += 1
    return count


def _held_longer(now: dt.datetime) -> Q:
    return Q(held_until=None) | Q(held_until__gt=now)


def _tidy_spool(now: dt.datetime) -> int:
    """Packages of this server older than the days their transfer was to be offered, and the copies in them."""
    count = 0
    due = Dispatch.objects.filter(written_at__isnull=False, tidied_at=None).select_related("transfer")
    for dispatch in due.order_by("number"):
        days = dt.timedelta(days=dispatch.transfer.expiry_days)
        if dispatch.written_at is None or dispatch.written_at + days > now:
            continue
        with locked(dispatch.transfer_id) as transfer:
            sides.writing_spool().delete(name_of(dispatch.number))
            for file in transfer.files.filter(pk__in=dispatch.files, state=FileState.CLEAN):
                _destroy_copy(transfer, file, now)
            Dispatch.objects.filter(pk=dispatch.pk).update(tidied_at=now)
        count += 1
    return count


def _held() -> Any:
    """Transfers of which nothing is destroyed, by the officer's word."""
    return RetentionHold.objects.filter(ended_at=None).order_by().values("transfer")


def _is_held(transfer: Transfer) -> bool:
    return RetentionHold.objects.filter(transfer=transfer, ended_at=None).exists()


def _destroy_left_copies(now: dt.datetime) -> int:
    """Copies of transfers that expired while they were held and are so no longer, or that a superior declined."""
    ended = Q(transfer__state=State.EXPIRED) | Q(transfer__state=State.REFUSED) & ~_held_longer(now)
    left = TransferFile.objects.filter(ended, state=FileState.CLEAN)
    due = list(left.exclude(transfer__in=_held()).order_by("id").values_list("pk", "transfer_id"))
    for pk, transfer_id in due:
        with locked(transfer_id) as transfer:
            file = transfer.files.get(pk=pk)
            if file.state == FileState.CLEAN and not _is_held(transfer):
                _destroy_copy(transfer, file, now)
    return len(due)


def _destroy_copy(transfer: Transfer, file: TransferFile, now: dt.datetime) -> None:
    vault.destroy(file.clean_folder)
    file.state, file.clean_destroyed_at = FileState.DESTROYED, now
    file.save(update_fields=["state", "clean_destroyed_at"])
    told = {"number": transfer.pk, "name": file.name, "sha": file.clean_sha256}
    record(SYSTEM, transfer.route.organisation_id, "transfer.copy_destroyed", told)


def _destroy(now: dt.datetime) -> int:
    """Originals past the days their route holds them; not while the file is still being checked."""
    due = TransferFile.objects.filter(
        held_until__lte=now,
        original_destroyed_at=None,
        state__in=["clean", "refused", "password", "destroyed"],
    )
    due = due.exclude(transfer__in=_held()).order_by("id")
    count = 0
    for pk, transfer_id in list(due.values_list("pk", "transfer_id")):
        with locked(transfer_id) as transfer:
            file = TransferFile.objects.get(pk=pk)
            if file.original_destroyed_at or _is_held(transfer):
                continue
            vault.destroy(file.folder)
            file.original_destroyed_at = now
            told = {"number": transfer.pk, "name": file.name, "sha": file.sha256}
            if nobody_knew := file.state == FileState.PASSWORD:
                file.state = FileState.REFUSED
            file.save(update_fields=["original_destroyed_at", "state"])
            record(SYSTEM, transfer.route.organisation_id, "transfer.original_destroyed", told)
            if nobody_knew:  # its password, for which the others waited
                record(
                    SYSTEM,
                    transfer.route.organisation_id,
                    "transfer.refused",
                    {**told, "code": "input.encrypted"},
                )
                settle(transfer)
            count += 1
    return count


def _destroy_strays(now: dt.datetime) -> int:
    """Folders that a killed worker left behind, which no row knows or whose destruction did not end."""
    strays = set(vault.folders())
    if not strays:
        return 0
    for column, destroyed in (("folder", "original_destroyed_at"), ("clean_folder", "clean_destroyed_at")):
        kept = TransferFile.objects.filter(**{destroyed: None}).order_by()
        strays.difference_update(kept.values_list(column, flat=True).iterator())
    count = 0
    for folder in strays:
        touched = vault.touched_at(folder)
        if touched is not None and touched + STRAY <= now:
            vault.destroy(folder)
            count += 1
    if count:
        log.warning("%d folders of held files that no transfer knows were destroyed", count)
    return count
