"""Disarming the files of a book: whoever opens one gets what the sanitizer wrote anew, never what was uploaded."""

from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.services import disarming
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, read_again
from sekisho.book.services.disarming import Disarmed
from sekisho.errors import Conflict
from sekisho.jobs.models import Job
from sekisho.jobs.services import LEASE_RAN_OUT, enqueue
from sekisho.people.roles import SYSTEM
from sekisho.sanitizer import Policy

KIND = "book.clean_file"


def order(attachment: Attachment) -> None:
    """Have a file disarmed in the background; once, however often it is asked for."""
    enqueue(KIND, {"attachment_id": attachment.pk}, dedupe_key=f"{KIND}:{attachment.pk}")


def order_missing() -> int:
    """Order every file that nobody has disarmed yet: kept before there was a sanitizer, or whose work was lost."""
    unfinished = Q(clean__isnull=True) | Q(clean__state=CleanCopy.State.WAITING)
    waiting = Attachment.objects.filter(unfinished).select_related("project__owner").order_by("id")
    count = 0
    for attachment in list(waiting):
        if _killed_workers(attachment):
            _refuse_killer(attachment)
        else:
            order(attachment)
            count += 1
    return count


def _killed_workers(attachment: Attachment) -> bool:
    """Whether the last work on a file gave up because each of its workers died."""
    jobs = Job.objects.filter(dedupe_key=f"{KIND}:{attachment.pk}").order_by("-id")
    last = jobs.values_list("state", "error_detail").first()
    return last is not None and last[0] == "failed" and last[1] == LEASE_RAN_OUT


def _refuse_killer(attachment: Attachment) -> None:
    with acting_on(SYSTEM, attachment.project, closed_ok=True) as act:
        copy, _made = CleanCopy.objects.select_for_update().get_or_create(attachment=attachment)
        copy.state, copy.finished_at = CleanCopy.State.REFUSED, act.now
        copy.refusal = disarming.refusal_of("engine.crashed")
        copy.save()
        told = {"name": attachment.name, "sha": "", "attachment_id": attachment.pk}
        act.write("file.refused", told)


def clean(attachment: Attachment) -> CleanCopy:
    """Disarm a file and keep the copy, or the reason why there is none. Safe to repeat."""
    with attachment.stored.open("rb") as source:
        policy = Policy.chosen(settings.FILE_POLICY)
        made = disarming.disarm(cast(BinaryIO, source), policy, name=attachment.name)
    with acting_on(SYSTEM, attachment.project, closed_ok=True) as act:
        read_again(attachment)  # it may have been erased while it was disarmed
        return _keep(act, attachment, made)


def _keep(act: Act, attachment: Attachment, made: Disarmed) -> CleanCopy:
    copy, _made = CleanCopy.objects.select_for_update().get_or_create(attachment=attachment)
    former = copy.stored.name
    copy.state = CleanCopy.State.CLEAN if made.is_clean else CleanCopy.State.REFUSED
    copy.policy, copy.method, copy.finished_at = made.result.report.policy, made.method, act.now
    copy.removed, copy.removed_total, copy.refusal = made.removed, made.removed_total, made.refusal
    copy.name, copy.size, copy.sha256, copy.stored = made.name, made.size, made.sha256, ""
    if made.output is not None:
        copy.stored.save(uuid4().hex, ContentFile(made.output), save=False)
    copy.save()
    if former:
        transaction.on_commit(lambda: copy.stored.storage.delete(former))
    told = {"name": attachment.name, "sha": copy.sha256, "attachment_id": attachment.pk}
    act.write("file.cleaned" if made.is_clean else "file.refused", told)
    return copy


def try_again(user: Any, attachment: Attachment) -> None:
    """Have a refused file disarmed once more: a converter was added, or the office's policy changed.

    Raises:
        NotPermitted: the person may not add files to this book.
        Conflict: it was not refused.
    """
    with acting_on(user, attachment.project, closed_ok=True) as act:
        act.require("add_evidence")
        again = CleanCopy.objects.filter(attachment=attachment, state=CleanCopy.State.REFUSED)
        if not again.update(state=CleanCopy.State.WAITING, refusal={}):
            raise Conflict(_("This file was not refused, so there is nothing to try again."))
        act.write("file.retried", {"name": attachment.name, "attachment_id": attachment.pk})
        order(attachment)
