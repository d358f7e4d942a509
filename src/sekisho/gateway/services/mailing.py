"""The mail door: each message becomes a transfer of one file, and leaves written anew with clean attachments.

The office's relay hands messages over on loopback and takes them back at another port. A message is answered with 250
only when it is kept; from then on its job passes it on, or tells its recipients that it is held and why.
"""

import datetime as dt
import email
import email.policy
import hashlib
import io
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from sekisho.book.queries.files import locked_in, spoken
from sekisho.gateway.chunks import Plan
from sekisho.gateway.models import MailMessage, Route, Transfer, TransferFile
from sekisho.gateway.services import sending, vault
from sekisho.gateway.services.records import record
from sekisho.jobs.services import enqueue
from sekisho.people.models import User
from sekisho.people.roles import SYSTEM
from sekisho.sanitizer.formats.mail_words import HEADERS, header
from sekisho.sanitizer.results import LOCKED

KIND = "gateway.mail"
SECONDS = 60
#: how long a relay may send the same message again
_SENT_AGAIN = dt.timedelta(days=7)
#: what of a message did not come through, in the report's codes, and the name of the text that says so
_LEFT_OUT = frozenset({"mail.attachment_refused", "mail.tnef"})
_WORD_NAME = "取り除いた添付ファイル.txt"
#: signs the address of the page where recipients open what is locked
SIGNER = Signer(salt="sekisho.gateway.mail")
State, MailState = Transfer.State, MailMessage.State


@dataclass(frozen=True)
class Envelope:
    """Who a message is from and for, as the relay said it."""

    sender: str
    recipients: tuple[str, ...]


class _Upload(io.BytesIO):
    def __init__(self, name: str, body: bytes) -> None:
        super().__init__(body)
        self.name, self.size = name, len(body)


def receive(person: User, route: Route, envelope: Envelope, content: bytes, relay: str) -> MailMessage:
    """Keep a message and have it checked; the same one again is the one that is kept already.

    Raises:
        SekishoError: it cannot be kept (closed route, too large, no room); nothing of it is.
    """
    digest = _digest(envelope, content)
    since = timezone.now() - _SENT_AGAIN
    known = MailMessage.objects.filter(digest=digest, came_at__gt=since).first()
    if known is not None:
        return known
    subject = subject_of(content)
    upload = _Upload(f"{subject[:60] or 'mail'}.eml", _stamped(content))
    transfer = sending.begin(
        person,
        route,
        sending.Receiver(),
        subject or "(no subject)",
        [sending.Announced(upload.name, upload.size)],
        turn=_turn(envelope),
    )
    file = transfer.files.get()
    for number in range(Plan(file.size, file.chunk_size).count):
        sending.receive_chunk(person, file, number, upload.read(file.chunk_size))
    with transaction.atomic():
        message = MailMessage.objects.create(
            transfer=transfer,
            digest=digest,
            sender=envelope.sender,
            recipients=list(envelope.recipients),
            relay=relay,
            came_at=timezone.now(),
        )
        told = {"number": transfer.pk, "sender": message.sender or "–", "receiver": transfer.to_whom}
        record(SYSTEM, route.organisation_id, "mail.came", told)
        sending.send(person, transfer)
    return message


def _turn(envelope: Envelope) -> str:
    """Mail takes turns by the address it comes from; what has none, as failure notices have, by whom it is for."""
    address = envelope.sender or min(envelope.recipients, default="")
    return f"{Transfer.MAIL_TURN}{hashlib.sha256(address.lower().encode('utf-8', 'surrogateescape')).hexdigest()[:32]}"


def _digest(envelope: Envelope, content: bytes) -> str:
    told = "\n".join([envelope.sender, *sorted(envelope.recipients)]).encode("utf-8", "surrogateescape")
    return hashlib.sha256(told + b"\n\n" + content).hexdigest()


def subject_of(content: bytes) -> str:
    """The subject in words; empty when there is none that can be read."""
    try:
        parsed = email.message_from_bytes(content[:65_536], policy=email.policy.default)
        said = " ".join(header(parsed, "Subject").split())
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""
    return said.encode("utf-8", "ignore").decode()[:300]


def _stamped(content: bytes) -> bytes:
    """With the line every server adds; it also tells a mail with few headers from plain text."""
    return f"Received: by sekisho; {formatdate()}\r\n".encode() + content


def follow(transfer: Transfer) -> None:
    """Have a message passed on, or its recipients told, when its transfer has come to an end."""
    if transfer.state not in (State.OFFERED, State.REFUSED):
        return
    message = MailMessage.objects.filter(transfer=transfer, state__in=_open_to(transfer)).first()
    if message is not None:
        enqueue(KIND, {"mail_id": message.pk}, dedupe_key=f"{KIND}:{message.pk}")


def _open_to(transfer: Transfer) -> list[str]:
    """States of a message for which something is still to be done: one that was held goes out when it became clean later."""
    held = [str(MailState.HELD)] if transfer.state == State.OFFERED else []
    return [str(MailState.WAITING), *held]


def pass_on(mail_id: int) -> str:
    """Give the clean message, or the word that it is held, to the next server. Returns what the message's state is.

    A crash between the server's answer and our note of it sends a message again, with the Message-ID it had.

    Raises:
        OSError, SMTPException: the next server cannot take it now; the job tries again.
    """
    message = MailMessage.objects.select_related("transfer__route", "transfer__sender").get(pk=mail_id)
    transfer = message.transfer
    if message.state not in _open_to(transfer):
        return message.state
    file = transfer.files.get()
    if transfer.state == State.OFFERED and file.clean_folder is not None:
        parts = vault.parts(file.clean_folder, Plan(file.clean_size, file.chunk_size).count)
        content = _as_mail(b"".join(parts), file.clean_name)
        if message.ended_at:
            content = _once_more(content, file)
        content = _with_word(content, message, file.removed)
        refused = _deliver(message.relay, message.sender, message.recipients, content)
        return _end(message, MailState.SENT, refused)
    if transfer.state == State.REFUSED:
        notice = _notice(message, file)
        refused = _deliver(message.relay, "", message.recipients, notice)
        return _end(message, MailState.HELD, refused)
    return message.state


def _end(message: MailMessage, state: str, refused: Sequence[str]) -> str:
    with transaction.atomic():
        message.state, message.ended_at, message.refused_to = state, timezone.now(), list(refused)
        message.save(update_fields=["state", "ended_at", "refused_to"])
        told = {"number": message.transfer_id, "count": len(message.recipients), "refused": len(refused)}
        name = "mail.passed_on" if state == MailState.SENT else "mail.held"
        record(SYSTEM, message.transfer.route.organisation_id, name, told)
    return state


def _deliver(relay: str, sender: str, recipients: Sequence[str], content: bytes) -> list[str]:
    host, _colon, port = relay.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=SECONDS) as server:
        try:
            return sorted(server.sendmail(sender, list(recipients), content))
        except smtplib.SMTPRecipientsRefused as refusal:
            if any(code < 500 for code, _words in refusal.recipients.values()):
                raise  # they may be taken later
            return sorted(refusal.recipients)


def _as_mail(content: bytes, name: str) -> bytes:
    """A clean message; one of which the policy let only the words through gets its headers back."""
    if name.endswith(".eml"):
        return content
    said = EmailMessage(policy=email.policy.SMTP)
    head, _gap, body = content.decode("utf-8", "replace").partition("\n\n")
    for line in head.split("\n"):
        title, _colon, value = line.partition(": ")
        with suppress(ValueError, IndexError, AttributeError, TypeError):
            if title in HEADERS:
                said[title] = value
    said.set_content(body)
    return said.as_bytes()


def is_locked(file: TransferFile) -> bool:
    """Whether a message was held as a whole for want of a password."""
    return file.state == TransferFile.State.REFUSED and file.refusal.get("code") in LOCKED


def path_of(message: MailMessage) -> str:
    """Where the recipients of a message open what is locked; only who was sent it knows."""
    return reverse("gateway:mail_unlock", args=[SIGNER.sign(str(message.pk)).replace(":", ".")])


def _once_more(content: bytes, file: TransferFile) -> bytes:
    """The message under an id of its own, as an answer to the one that went out before: mailboxes drop a second of one id."""
    parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
    before = parsed["Message-ID"]
    for name in ("Message-ID", "In-Reply-To"):
        del parsed[name]
    parsed["Message-ID"] = f"<{file.clean_sha256[:32]}.{file.transfer_id}@sekisho.invalid>"
    if before:
        parsed["In-Reply-To"] = str(before)
    return parsed.as_bytes()


def _with_word(content: bytes, message: MailMessage, removed: Sequence[dict[str, Any]]) -> bytes:
    """The message, with a text that says which attachments were left out: who reads it sees no report."""
    left = [line for line in removed if line["code"] in _LEFT_OUT]
    if not left:
        return content
    said = []
    for language in ("ja", "en"):
        with translation.override(language):
            lines = [f"- {spoken(line['words'])}" for line in left]
            head = _("Left out of this message, because it could not be made safe:")
            tail = _(
                "Ask the sender for another form or another way, or the information security officer, giving the number %(number)d."
            )
            locked = [_where_to_open(message)] if locked_in(removed) else []
            said.append(
                "\n".join([str(head), *lines, "", *locked, str(tail) % {"number": message.transfer_id}])
            )
    parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    text = "\r\n".join("\n\n--\n\n".join(said).split("\n"))
    parsed.add_attachment(
        text.encode(), maintype="text", subtype="plain", params={"charset": "utf-8"}, filename=_WORD_NAME
    )
    return parsed.as_bytes()


def _where_to_open(message: MailMessage) -> str:
    words = _(
        "What asks for a password opens on this page, where you enter it; the message then comes once more, with it:\n%(link)s\n"
    )
    return str(words) % {"link": f"{settings.BASE_URL}{path_of(message)}"}


def _notice(message: MailMessage, file: TransferFile) -> bytes:
    said = EmailMessage(policy=email.policy.SMTP)
    told = {
        "sender": message.sender or "–",
        "subject": message.transfer.purpose,
        "number": message.transfer_id,
    }
    bodies = []
    for language in ("ja", "en"):
        with translation.override(language):
            text = _(
                "A message from %(sender)s (%(subject)s) was held by the file gateway, because it could not be made safe. "
                "Ask the sender for another form, or the information security officer, giving the number %(number)d."
            )
            why = spoken(file.refusal["words"]) if file.refusal else ""
            locked = _where_to_open(message) if is_locked(file) else ""
            bodies.append("\n\n".join(part for part in (text % told, why, locked) if part))
    with translation.override("ja"):
        said["Subject"] = str(_("A message was held: %(subject)s") % told).replace("\n", " ")
    said["From"], said["To"] = settings.DEFAULT_FROM_EMAIL, "undisclosed-recipients:;"
    said["Date"], said["Message-ID"] = formatdate(localtime=True), make_msgid(domain="sekisho.invalid")
    said["Auto-Submitted"] = "auto-generated"
    said.set_content("\n\n--\n\n".join(bodies))
    return said.as_bytes()


def order_missing() -> int:
    """Order messages whose work was lost."""
    waiting = MailMessage.objects.filter(
        Q(state=MailState.WAITING, transfer__state__in=[State.OFFERED, State.REFUSED])
        | Q(state=MailState.HELD, transfer__state=State.OFFERED)
    )
    found = list(waiting.select_related("transfer").order_by("id"))
    for message in found:
        follow(message.transfer)
    return len(found)
