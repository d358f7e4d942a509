"""Disarming the files of a book: whoever opens one gets what the sanitizer wrote anew, never what was uploaded."""

from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.services.common import Act, acting_on, read_again
from sekisho.errors import Conflict
from sekisho.jobs.services import enqueue
from sekisho.people.roles import SYSTEM
from sekisho.sanitizer import Policy, Removal, Result, sanitize
from sekisho.sanitizer.words import explain

#: lines of a report that are kept to be read; the rest is counted
LINES_KEPT = 200
KIND = "book.clean_file"


def order(attachment: Attachment) -> None:
    """Have a file disarmed in the background; once, however often it is asked for."""
    enqueue(KIND, {"attachment_id": attachment.pk}, dedupe_key=f"{KIND}:{attachment.pk}")


def order_missing() -> int:
    """Order every file that nobody has disarmed yet: kept before there was a sanitizer, or whose work was lost."""
    unfinished = Q(clean__isnull=True) | Q(clean__state=CleanCopy.State.WAITING)
    waiting = list(Attachment.objects.filter(unfinished).order_by("id"))
    for attachment in waiting:
        order(attachment)
    return len(waiting)


def clean(attachment: Attachment) -> CleanCopy:
    """Disarm a file and keep the copy, or the reason why there is none. Safe to repeat."""
    with attachment.stored.open("rb") as source:
        result = sanitize(cast(BinaryIO, source), Policy.chosen(settings.FILE_POLICY), name=attachment.name)
    with acting_on(SYSTEM, attachment.project, closed_ok=True) as act:
        read_again(attachment)  # it may have been erased while it was disarmed
        return _keep(act, attachment, result)


def _keep(act: Act, attachment: Attachment, result: Result) -> CleanCopy:
    copy, _made = CleanCopy.objects.select_for_update().get_or_create(attachment=attachment)
    former = copy.stored.name
    copy.state = CleanCopy.State.CLEAN if result.is_clean else CleanCopy.State.REFUSED
    copy.policy, copy.method, copy.finished_at = result.report.policy, result.method, act.now
    copy.removed = [report_line(removal) for removal in result.report.removed[:LINES_KEPT]]
    copy.removed_total = len(result.report.removed)
    copy.refusal = refusal_words(result)
    copy.name, copy.size, copy.sha256, copy.stored = "", 0, "", ""
    if result.output is not None and result.report.output is not None:
        copy.name, copy.size, copy.sha256 = result.name[:300], len(result.output), result.report.output.sha256
        copy.stored.save(uuid4().hex, ContentFile(result.output), save=False)
    copy.save()
    if former:
        transaction.on_commit(lambda: copy.stored.storage.delete(former))
    told = {"name": attachment.name, "sha": copy.sha256, "attachment_id": attachment.pk}
    act.write("file.cleaned" if result.is_clean else "file.refused", told)
    return copy


def report_line(removal: Removal) -> dict[str, Any]:
    """One line of a report in both languages, as it is kept."""
    words = explain(removal.code).filled({"detail": removal.detail, **removal.where})
    return {"code": removal.code, "words": words, "where": dict(removal.where), "count": removal.count}


def refusal_words(result: Result) -> Mapping[str, Any]:
    """Why there is no clean copy, in both languages; empty when there is one."""
    code = result.report.refusal
    if not code:
        return {}
    return {"code": code, "words": explain(code).filled(result.report.refusal_params)}


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
