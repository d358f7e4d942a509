"""Decisions about what is public, and the snapshot that public pages read.

Nobody reads a book for a citizen: pages and files come from ``PublicEntry``, ``PublicFile`` and ``Edition`` alone.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.people.models import User


class PublicationDecision(models.Model):
    """Something is to be shown or hidden from a moment on. Until then it can be taken back. Never changed otherwise.

    ``project`` alone: the service; ``field`` alone: a field of all services; both: a field withheld for one service.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+")
    field = models.CharField(max_length=20, blank=True)
    shown = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["project", "field"], name="publication_subject"),
            models.Index(
                fields=["takes_effect_at"],
                condition=Q(applied_at__isnull=True, taken_back_at__isnull=True),
                name="publication_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False) | ~Q(field=""), name="publication_has_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) | Q(taken_back_at__isnull=True),
                name="publication_applied_or_taken_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id or '*'} {self.field or '*'}: {'+' if self.shown else '-'}"

    @property
    def is_waiting(self) -> bool:
        """It has not taken effect and was not taken back."""
        return self.applied_at is None and self.taken_back_at is None


class PublicEntry(models.Model):
    """What is public of one service. While it is not ``shown``, nothing of the service stands here but its key."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=64, unique=True)
    shown = models.BooleanField(default=False)
    stale = models.BooleanField(default=True)
    document = models.JSONField(default=dict)
    name = models.CharField(max_length=500, blank=True)
    name_en = models.CharField(max_length=500, blank=True)
    phase = models.CharField(max_length=12, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["name", "id"], condition=Q(shown=True), name="public_by_name"),
            models.Index(fields=["id"], condition=Q(stale=True), name="public_stale"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown=True) | Q(name="", name_en="", phase="", sha256=""),
                name="hidden_service_says_nothing",
            )
        ]

    def __str__(self) -> str:
        return self.code


class PublicEvent(models.Model):
    """A line of the change feed. It names fields, never their values."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Published")
        CHANGED = "changed", _("Changed")
        WITHDRAWN = "withdrawn", _("No longer published")

    entry = models.ForeignKey(PublicEntry, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    fields = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.entry} {self.kind}"


class PublicFile(models.Model):
    """A file of the open data as it is handed out."""

    name = models.CharField(max_length=80, unique=True)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """The state of the whole public side: one row. ``number`` grows whenever anything public changed.

    ``fields``: those in force for all services. ``publisher``: who publishes, as ``{"ja", "en"}``. ``files_due``: files have yet
    to follow the entries.
    """

    number = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    fields = models.JSONField(default=list)
    publisher = models.JSONField(default=dict)
    files_due = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_edition")]

    def __str__(self) -> str:
        return str(self.number)
