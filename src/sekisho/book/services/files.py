"""Keeping files: size checked, hashed while stored, sent to be disarmed; never served as they came."""

import hashlib
import unicodedata
from functools import partial
from pathlib import PurePosixPath
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.services import cleaning
from sekisho.book.services.common import Act
from sekisho.errors import Invalid


def store_attachment(act: Act, upload: File) -> Attachment:
    """Store a file with the book and have it disarmed. The stored name is ours; the given one is only shown.

    Raises:
        Invalid: empty, too large, or without a name.
    """
    name = clean_name(upload.name or "")
    size = upload.size or 0
    if size == 0:
        raise Invalid(_("The file is empty. Choose another one."), field="file")
    if size > settings.UPLOAD_MAX_BYTES:
        limit = {"size": size // 1_048_576, "limit": settings.UPLOAD_MAX_BYTES // 1_048_576}
        raise Invalid(
            _("The file has %(size)d MB; at most %(limit)d MB can be kept. Link to it instead.") % limit,
            field="file",
        )
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    attachment = Attachment(
        project=act.project, name=name, size=size, sha256=digest.hexdigest(), uploaded_by_id=act.actor.user_id
    )
    attachment.stored.save(uuid4().hex, upload, save=False)
    attachment.save()
    act.write(
        "file.added", {"name": name, "sha": attachment.sha256, "size": size, "attachment_id": attachment.pk}
    )
    CleanCopy.objects.create(attachment=attachment)
    cleaning.order(attachment)
    return attachment


def clean_name(name: str) -> str:
    """A file name to show: no folders, no control characters, 300 characters at most."""
    base = PurePosixPath(name.replace("\\", "/")).name
    text = "".join(
        c for c in unicodedata.normalize("NFC", base) if unicodedata.category(c)[0] != "C" or c == "\u200d"
    )
    if not text.strip():
        raise Invalid(_("The file has no name. Give it one and try again."), field="file")
    return text.strip()[-300:]


def erase_attachment(act: Act, attachment: Attachment) -> None:
    """Erase a file, its clean copy and both rows, as consent taken back demands; the ledger keeps name and hash."""
    copy = CleanCopy.objects.filter(attachment=attachment).first()
    stored = [attachment.stored.name, copy.stored.name if copy else ""]
    storage = attachment.stored.storage
    act.write("file.erased", {"name": attachment.name, "sha": attachment.sha256})
    attachment.delete()
    for name in filter(None, stored):
        transaction.on_commit(partial(storage.delete, name))
