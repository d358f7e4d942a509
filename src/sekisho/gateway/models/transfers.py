"""Transfers: files on their way, what was made of them, who agreed and who took them."""

import datetime as dt
import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.gateway.models.routes import Route
from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Transfers by who may see them."""

    def inbox_of(self, actor: Actor) -> Self:
        """Those meant for this person: by name, by a book they are named on, by a shared box they may use."""
        mine = Q(receiver_id=actor.user_id) | Q(
            project__in=[k for k, parts in actor.books.items() if parts & {"lead", "member"}]
        )
        boxes = Q(pk__in=[])
        for grant in actor.grants:
            if grant.role in ("member", "superior"):
                boxes |= Q(box__path__startswith=grant.path) | Q(project__owner__path__startswith=grant.path)
        return self.filter(mine | boxes)

    def visible_to(self, actor: Actor) -> Self:
        """One's own, those in one's inbox, those of routes one watches over or approves on, and those of which a superior's
        agreement to an exception is asked."""
        if actor.user_id is None:
            return self if actor.is_system else self.none()
        watched = Route.objects.where(actor, "see_transfers")
        approving = Route.objects.where(actor, "approve_transfer")
        asked = ExceptionRequest.objects.filter(
            wanted="original", file__transfer__route__in=approving.order_by()
        )
        inbox = Transfer.objects.inbox_of(actor).order_by().values("pk")
        return self.filter(
            Q(sender_id=actor.user_id)
            | Q(pk__in=inbox)
            | Q(route__in=watched.order_by())
            | Q(route__in=approving.filter(needs_approval=True).order_by(), state="approval")
            | Q(pk__in=asked.order_by().values("file__transfer"))
            | Q(pk__in=Approval.objects.filter(person_id=actor.user_id).order_by().values("transfer"))
        )


class Transfer(models.Model):
    """Files that one person sends over a route to a receiver.

    What the route said when it was sent is copied here: changing or closing the route later changes nothing under way.
    ``turn`` names with whose files these queue (see ``queueing``). ``key`` is the sender's own name for the transfer, given
    where a program may send again what it does not know to have arrived: no sender has two of one key.
    """

    #: how turns of mail begin
    MAIL_TURN = "mail-"

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Being uploaded")
        CHECKING = "checking", _("Being sanitized")
        APPROVAL = "approval", _("Waits for approval")
        OFFERED = "offered", _("Ready to receive")
        HANDED = "handed", _("Handed to the other server")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Expired")
        ABANDONED = "abandoned", _("Not finished")

    class Receiver(models.TextChoices):
        SELF = "self", _("Myself")
        PERSON = "person", _("A person")
        BOOK = "book", _("A project's book")
        BOX = "box", _("A shared box")
        OUTSIDE = "outside", _("An outside party, by a link")

    route = models.ForeignKey(Route, on_delete=models.PROTECT, related_name="transfers")
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    receiver_kind = models.CharField(max_length=8, choices=Receiver)
    receiver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    box = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    outside = models.EmailField(_("outside party"), blank=True)
    purpose = models.CharField(_("purpose"), max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING)
    policy = models.CharField(max_length=300)
    policy_digest = models.CharField(max_length=64)
    policy_version = models.PositiveIntegerField(null=True, blank=True)
    route_version = models.PositiveIntegerField()
    needs_approval = models.BooleanField(default=False)
    download_limit = models.PositiveSmallIntegerField()
    expiry_days = models.PositiveSmallIntegerField()
    hold_days = models.PositiveSmallIntegerField()
    turn = models.CharField(max_length=64)
    key = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "expires_at"]),
            models.Index(fields=["sender", "-id"]),
            models.Index(fields=["route", "-id"]),
            models.Index(fields=["turn", "-id"], name="gateway_tra_turn_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "key"], condition=~Q(key=""), name="transfer_once_by_its_key"
            ),
            models.CheckConstraint(
                condition=Q(
                    receiver_kind__in=["self", "person"],
                    receiver__isnull=False,
                    project=None,
                    box=None,
                    outside="",
                )
                | Q(receiver_kind="book", project__isnull=False, receiver=None, box=None, outside="")
                | Q(receiver_kind="box", box__isnull=False, receiver=None, project=None, outside="")
                | Q(receiver_kind="outside", receiver=None, project=None, box=None) & ~Q(outside=""),
                name="transfer_has_one_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offered_at__isnull=False, expires_at__isnull=False),
                name="transfer_offered_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.purpose}"

    @property
    def is_mail(self) -> bool:
        """Whether it came by the mail door: its recipients, not the account of the door, are asked for passwords."""
        return self.turn.startswith(self.MAIL_TURN)

    @property
    def from_whom(self) -> str:
        """The sender in words: of mail, whom it is from, and not the account of its door."""
        mail = getattr(self, "mail", None)
        return (mail.sender if mail else "") or str(self.sender)

    @property
    def to_whom(self) -> str:
        """The receiver in words."""
        if mail := getattr(self, "mail", None):
            return ", ".join(mail.recipients)
        if self.receiver_kind == self.Receiver.SELF:
            return str(self.Receiver.SELF.label)
        whom = self.receiver or self.project or self.box or self.outside
        return whom.local_name if isinstance(whom, Project | Organisation) else str(whom)

    @property
    def receiver_name(self) -> str:
        """The receiver as records name them: by name, too, where somebody sent to themselves."""
        return str(self.sender) if self.receiver_kind == self.Receiver.SELF else self.to_whom


class TransferFile(models.Model):
    """One file: what came, what was made of it. ``removed`` and ``refusal`` hold words in both languages.

    ``folder`` names where its encrypted parts lie; ``clean_folder`` those of what the sanitizer wrote, or is writing:
    the worker that named it last is the one whose result counts. ``tries``: how often work on it began and did not end.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Being uploaded")
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being sanitized")
        PASSWORD = "password", _("Asks for its password")
        CLEAN = "clean", _("Clean")
        REFUSED = "refused", _("Refused")
        DESTROYED = "destroyed", _("Destroyed")

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=300)
    size = models.PositiveBigIntegerField()
    chunk_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADING)
    folder = models.UUIDField(default=uuid.uuid4)
    clean_folder = models.UUIDField(null=True, blank=True)
    clean_name = models.CharField(max_length=300, blank=True)
    clean_size = models.PositiveBigIntegerField(default=0)
    clean_sha256 = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=12, blank=True)
    wanted_method = models.CharField(max_length=12, blank=True)
    removed = models.JSONField(default=list, blank=True)
    removed_total = models.PositiveIntegerField(default=0)
    personal_warnings = models.PositiveIntegerField(default=0)
    refusal = models.JSONField(default=dict, blank=True)
    report = models.JSONField(default=dict, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    touched_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    original_destroyed_at = models.DateTimeField(null=True, blank=True)
    clean_destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["transfer_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="clean") | Q(clean_folder__isnull=False) & ~Q(clean_sha256=""),
                name="clean_file_is_there",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_original_open(self, now: dt.datetime) -> bool:
        """Whether an exception lets the original be taken now; each does so once, and ends with it."""
        return any(one.is_open_to(now) for one in self.requests.all())


class Chunk(models.Model):
    """One encrypted part of an original."""

    file = models.ForeignKey(TransferFile, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["file_id", "number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="chunk_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class Approval(models.Model):
    """What the superior said of a transfer. ``covers`` is the digest of the clean files it was said of: what becomes
    clean later needs another."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="approvals")
    covers = models.CharField(max_length=64)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    granted = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.granted}"


class Download(models.Model):
    """Somebody took a file: a person here, or (``person`` empty) the outside party of the transfer.

    ``original``: by an exception. ``reason``: why, from those it was not meant for.
    """

    file = models.ForeignKey(TransferFile, on_delete=models.PROTECT, related_name="downloads")
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    original = models.BooleanField(default=False)
    counted = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.person_id}"


class ExceptionRequest(models.Model):
    """A question to the information security officer: another method, or the original once (two people, an end)."""

    class Wanted(models.TextChoices):
        PIXEL = "pixel", _("Drawn anew as pictures")
        TEXT = "text", _("As plain text")
        ORIGINAL = "original", _("The original, as a one-time exception")

    class State(models.TextChoices):
        OPEN = "open", _("Asked")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Not granted")

    file = models.ForeignKey(TransferFile, on_delete=models.PROTECT, related_name="requests")
    wanted = models.CharField(max_length=10, choices=Wanted)
    reason = models.CharField(max_length=1000)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["file"], condition=Q(state="open"), name="one_open_request_a_file"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted", wanted="original") | Q(until__isnull=False),
                name="exception_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}: {self.wanted}"

    def is_open_to(self, now: dt.datetime) -> bool:
        """Whether the original may be taken now."""
        return (
            self.state == self.State.GRANTED
            and self.wanted == self.Wanted.ORIGINAL
            and self.until is not None
            and now < self.until
        )


class Consent(models.Model):
    """What one person said of a request."""

    request = models.ForeignKey(ExceptionRequest, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    granted = models.BooleanField()
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["request", "person"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.person_id}"
