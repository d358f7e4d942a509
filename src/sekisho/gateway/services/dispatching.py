"""Clean transfers that belong to the other server are handed over: each becomes one signed, numbered package in the spool."""

import io
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from sekisho.gateway import packages
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import Dispatch, NetworkChoice, Transfer, TransferFile
from sekisho.gateway.services import sides, vault
from sekisho.gateway.services.records import record
from sekisho.jobs.services import enqueue
from sekisho.people.roles import SYSTEM

KIND = "gateway.dispatch"
State, FileState = Transfer.State, TransferFile.State


def hand_over(transfer: Transfer) -> None:
    """Fix the package of a locked transfer, and have its file written. The caller saves the transfer's state.

    A file that becomes clean later, by another method, goes into a package of its own.
    """
    transfer.state = State.HANDED
    gone = {pk for keys in transfer.dispatches.values_list("files", flat=True) for pk in keys}
    files = [f for f in transfer.files.filter(state=FileState.CLEAN).order_by("id") if f.pk not in gone]
    if not files:
        return
    NetworkChoice.objects.get_or_create(pk=1)
    NetworkChoice.objects.select_for_update().get(pk=1)  # numbers have no gaps and one row
    last = Dispatch.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    manifest = packages.canonical(
        {
            "number": number,
            "previous": last.digest if last else packages.BEGINNING,
            "made_at": timezone.now().isoformat(),
            "transfer": _told(transfer),
            "files": [_file(file) for file in files],
        }
    )
    digest = packages.digest_of(manifest)
    dispatch = Dispatch.objects.create(
        number=number,
        transfer=transfer,
        files=[file.pk for file in files],
        manifest=manifest.decode(),
        digest=digest,
        made_at=timezone.now(),
    )
    told = {"number": transfer.pk, "package": number, "digest": digest}
    record(SYSTEM, transfer.route.organisation_id, "package.made", told)
    enqueue(KIND, {"dispatch_id": dispatch.pk}, dedupe_key=f"{KIND}:{dispatch.pk}")


def _told(transfer: Transfer) -> dict[str, Any]:
    """People, books and organisations by what both servers call them."""
    approval = transfer.approvals.first()
    return {
        "id": transfer.pk,
        "route": transfer.route.code,
        "purpose": transfer.purpose,
        "sender": transfer.sender.username,
        "sent_at": transfer.sent_at.isoformat() if transfer.sent_at else None,
        "policy": transfer.policy,
        "policy_digest": transfer.policy_digest,
        "approved_by": approval.person.username if approval and approval.granted else None,
        "receiver_kind": transfer.receiver_kind,
        "receiver": transfer.receiver.username if transfer.receiver else None,
        "book": transfer.project.code if transfer.project else None,
        "box": transfer.box.code if transfer.box else None,
        "outside": transfer.outside,
    }


def _file(file: TransferFile) -> dict[str, Any]:
    return {
        "name": file.clean_name,
        "size": file.clean_size,
        "sha256": file.clean_sha256,
        "source": {"name": file.name, "size": file.size, "sha256": file.sha256},
        "method": file.method,
        "removed": file.removed,
        "removed_total": file.removed_total,
        "personal_warnings": file.personal_warnings,
        "report": file.report,
    }


def write(dispatch_id: int) -> str:
    """Write a package's file; done again, it is the same file. Returns its name."""
    dispatch = Dispatch.objects.get(pk=dispatch_id)
    name, storage = packages.name_of(dispatch.number), sides.writing_spool()
    if dispatch.written_at:
        return name
    files = dispatch.transfer.files.filter(pk__in=dispatch.files, clean_folder__isnull=False).order_by("id")
    contents = (
        vault.parts(file.clean_folder, Plan(file.clean_size, file.chunk_size).count)
        for file in files
        if file.clean_folder
    )
    pieces = packages.written(dispatch.manifest.encode(), sides.signing_key(), contents)
    storage.delete(name)  # what a crash left half written
    storage.save(name, File(io.BufferedReader(vault.Reading(pieces))))
    Dispatch.objects.filter(pk=dispatch.pk).update(written_at=timezone.now())
    return name


def order_missing() -> int:
    """Order the packages whose file is not written."""
    waiting = list(Dispatch.objects.filter(written_at=None).order_by("number").values_list("pk", flat=True))
    for pk in waiting:
        enqueue(KIND, {"dispatch_id": pk}, dedupe_key=f"{KIND}:{pk}")
    return len(waiting)


def write_again(number: int) -> str:
    """Put a package into the spool once more, for a server that misses it.

    Raises:
        Dispatch.DoesNotExist: no package has this number.
    """
    with transaction.atomic():
        dispatch = Dispatch.objects.select_for_update().get(number=number)
        dispatch.written_at = None
        dispatch.save(update_fields=["written_at"])
        told = {"number": dispatch.transfer_id, "package": number, "digest": dispatch.digest}
        record(SYSTEM, dispatch.transfer.route.organisation_id, "package.written_again", told)
    return write(dispatch.pk)
