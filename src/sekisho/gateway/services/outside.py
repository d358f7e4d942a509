"""Giving files to an outside party: a link by mail, a one-time code at each visit, downloads that are counted.

The link alone opens nothing: a code of six digits goes to the same address, holds ten minutes and five tries. Whoever
guesses twenty times in all locks the link, and the sender is told.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Iterator
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, Invalid, NotFound, SekishoError
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import Download, OutsideLink, Transfer, TransferFile
from sekisho.gateway.services import vault
from sekisho.gateway.services.records import record
from sekisho.jobs.services import enqueue
from sekisho.people.models import Installation
from sekisho.people.roles import SYSTEM, Actor
from sekisho.people.services import notify
from sekisho.people.throttle import Throttle

KIND = "gateway.outside_mail"
CODE_LASTS = dt.timedelta(minutes=10)
TRIES, MISSES = 5, 20
_SENDING = Throttle("outside-code", requests=5, seconds=3600, shared=True)
_SIGNER = Signer(salt="sekisho.gateway.outside")


class MailFailed(SekishoError):
    """The code could not be mailed (HTTP 503)."""

    code = "mail_failed"
    status = 503


def address_of(text: str) -> str:
    """An outside party's e-mail address. Raises ``Invalid``."""
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(_("Enter the e-mail address of the outside party."), field="outside") from None
    return address


def invite(transfer: Transfer) -> None:
    """Make the link of a transfer that is offered now, and have it mailed."""
    link, _made = OutsideLink.objects.get_or_create(transfer=transfer)
    enqueue(KIND, {"link_id": link.pk}, dedupe_key=f"{KIND}:{link.pk}")


def path_of(link: OutsideLink) -> str:
    """The link's path, which only who was sent it knows."""
    return reverse("gateway:outside", args=[_SIGNER.sign(str(link.key)).replace(":", ".")])


def find(token: str) -> OutsideLink:
    """The link of a token while its transfer is offered. Raises ``NotFound``, whatever is wrong with it."""
    gone = NotFound(_("This link does not exist or is over. Ask the sender for a new one."))
    try:
        key = UUID(_SIGNER.unsign(token.replace(".", ":")))
    except (BadSignature, ValueError):
        raise gone from None
    related = ("transfer__route__organisation", "transfer__sender")
    link = OutsideLink.objects.select_related(*related).filter(key=key).first()
    if link is None or not _is_open(link.transfer):
        raise gone
    return link


def _is_open(transfer: Transfer) -> bool:
    until = transfer.expires_at
    return transfer.state == Transfer.State.OFFERED and until is not None and timezone.now() < until


def mail_link(link_id: int) -> bool:
    """Mail the link; done again after a crash it may come twice, which harms nobody. False when it was mailed before."""
    link = OutsideLink.objects.select_related("transfer__sender", "transfer__route").get(pk=link_id)
    if link.mailed_at or not _is_open(link.transfer):
        return False
    transfer = link.transfer
    said = {
        "sender": str(transfer.sender),
        "office": _office(),
        "purpose": transfer.purpose,
        "link": f"{settings.BASE_URL}{path_of(link)}",
        "until": f"{timezone.localtime(transfer.expires_at):%Y-%m-%d %H:%M}",
    }
    words = _(
        "%(sender)s of %(office)s has files for you: %(purpose)s\n\n%(link)s\n\nThe page sends you a code by mail "
        "before it opens. The files are offered until %(until)s."
    )
    _mail(transfer.outside, _("Files from %(office)s"), words, said)
    OutsideLink.objects.filter(pk=link.pk).update(mailed_at=timezone.now())
    return True


def _office() -> str:
    installation = Installation.objects.first()
    return installation.name if installation else "Sekisho"


def _mail(address: str, subject: object, words: object, said: dict[str, str]) -> None:
    """Mail in both languages, Japanese first: nobody knows which one an outside party reads."""
    subjects, bodies = [], []
    for language in ("ja", "en"):
        with translation.override(language):
            subjects.append(str(subject) % said)
            bodies.append(str(words) % said)
    title = " / ".join(subjects).replace("\n", " ")
    send_mail(title[:200], "\n\n--\n".join(bodies), settings.DEFAULT_FROM_EMAIL, [address])


def send_code(link: OutsideLink) -> None:
    """Mail a new code; the one before no longer counts.

    Raises:
        TooManyRequests: five an hour. Conflict: the link is locked. MailFailed.
    """
    _SENDING.count(str(link.key))
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        row = OutsideLink.objects.select_for_update().get(pk=link.pk)
        _require_unlocked(row)
        row.code_hash, row.code_until, row.tries = _hash(row, code), timezone.now() + CODE_LASTS, 0
        row.save(update_fields=["code_hash", "code_until", "tries"])
    words = _("The code for the files from %(office)s is %(code)s. It holds for ten minutes.")
    try:
        _mail(link.transfer.outside, _("Code: %(code)s"), words, {"office": _office(), "code": code})
    except (OSError, SMTPException):
        raise MailFailed(_("The code could not be sent. Try again in a while.")) from None


def _require_unlocked(link: OutsideLink) -> None:
    if link.misses >= MISSES:
        raise Conflict(
            _("Too many wrong codes were tried. Ask the sender for a new link."), code="link_locked"
        )


def _hash(link: OutsideLink, code: str) -> str:
    return salted_hmac(f"sekisho.gateway.outside:{link.key}", code, algorithm="sha256").hexdigest()


def check_code(link: OutsideLink, code: str) -> None:
    """Accept the code once.

    Raises:
        Conflict: ``code_over`` (used, too old, too often missed), ``link_locked``. Invalid: it is wrong.
    """
    with transaction.atomic():
        row = OutsideLink.objects.select_for_update().get(pk=link.pk)
        _require_unlocked(row)
        left = None if row.code_until is None else row.code_until - timezone.now()
        # one with longer to go is of a time when the clock was ahead
        over = left is None or not dt.timedelta() < left <= CODE_LASTS or row.tries >= TRIES
        right = not over and hmac.compare_digest(row.code_hash, _hash(row, code.strip()))
        if right:
            row.code_hash, row.code_until = "", None
        elif not over:
            row.tries, row.misses = row.tries + 1, row.misses + 1
            if row.misses == MISSES:
                _tell_locked(link.transfer)
        row.save(update_fields=["code_hash", "code_until", "tries", "misses"])
    if over:
        raise Conflict(_("This code is no longer good. Have a new one sent."), code="code_over")
    if not right:
        raise Invalid(_("This is not the code that was sent last."), field="code")
    record(
        _party(link.transfer), link.transfer.route.organisation_id, "outside.entered", _told(link.transfer)
    )


def _party(transfer: Transfer) -> Actor:
    return Actor(user_id=None, name=transfer.outside)


def _told(transfer: Transfer) -> dict[str, object]:
    return {"number": transfer.pk, "purpose": transfer.purpose}


def _tell_locked(transfer: Transfer) -> None:
    record(SYSTEM, transfer.route.organisation_id, "outside.locked", _told(transfer))
    told = {"purpose": transfer.purpose[:100]}
    address = reverse("gateway:transfer", args=[transfer.pk])
    notify(transfer.sender, "transfer_outside_locked", told, address, f"transfer:{transfer.pk}:locked")


def take(link: OutsideLink, file: TransferFile) -> Iterator[bytes]:
    """Record that the outside party takes a file, and give its bytes. Raises ``Conflict``: ``not_offered``, ``download_limit``."""
    with transaction.atomic():
        rows = Transfer.objects.select_for_update(of=("self",)).select_related("route")
        transfer = rows.get(pk=link.transfer_id)
        row = transfer.files.get(pk=file.pk)
        if not _is_open(transfer) or row.state != TransferFile.State.CLEAN or row.clean_folder is None:
            raise Conflict(
                _("This file is not offered now: it waits, was refused or has expired."), code="not_offered"
            )
        if row.downloads.filter(counted=True, original=False).count() >= transfer.download_limit:
            raise Conflict(
                _("This file was taken as often as its route allows. Ask the sender to send it again."),
                code="download_limit",
            )
        Download.objects.create(file=row, person=None, at=timezone.now())
        told = {"number": transfer.pk, "name": row.name, "sha": row.clean_sha256, "reason": ""}
        record(_party(transfer), transfer.route.organisation_id, "transfer.taken", told)
    return vault.parts(row.clean_folder, Plan(row.clean_size, row.chunk_size).count)
