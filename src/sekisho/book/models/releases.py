"""Releases, and the list of everything that holds data when a project is retired."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models.project import Project
from sekisho.book.models.vocabulary import ReleaseKind
from sekisho.people.models import User


class Release(models.Model):
    """One delivery to users. Only a gate that says go or conditional lets it be marked released."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RELEASED = "released", _("Released")
        STOPPED = "stopped", _("Stopped")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(_("version"), max_length=60)
    name = models.CharField(_("what it brings"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=ReleaseKind)
    planned_on = models.DateField(_("planned on"))
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    emergency = models.BooleanField(_("emergency"), default=False)
    emergency_reason = models.TextField(_("reason for the emergency"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-planned_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="release_version_once"),
            models.CheckConstraint(
                condition=Q(state="released", released_at__isnull=False)
                | (~Q(state="released") & Q(released_at__isnull=True)),
                name="released_means_a_date",
            ),
            models.CheckConstraint(
                condition=Q(emergency=False) | ~Q(emergency_reason=""), name="emergency_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.version


class RetirementItem(models.Model):
    """One thing that holds data, and the proof that the data are gone."""

    class Kind(models.TextChoices):
        DEVICE = "device", _("Device")
        CLOUD = "cloud", _("Cloud")
        BACKUP = "backup", _("Backup")
        CONTRACTOR = "contractor", _("Contractor's copy")
        LEASED = "leased", _("Leased media")

    class Method(models.TextChoices):
        CLEAR = "clear", _("Clear")
        PURGE = "purge", _("Purge")
        DESTROY = "destroy", _("Physical destruction")
        CRYPTO_ERASE = "crypto_erase", _("Destroying the encryption key")

    class Classification(models.IntegerChoices):
        RESIDENT = 1, _("Residents' data of the My Number zone")
        CLASS_2_UP = 2, _("Class 2 or higher")
        CLASS_1 = 3, _("Class 1")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="retirement_items")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("what"), max_length=300)
    location = models.CharField(_("where"), max_length=300, blank=True)
    classification = models.PositiveSmallIntegerField(_("classification"), choices=Classification)
    method = models.CharField(_("method"), max_length=14, choices=Method, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.CharField(_("done by"), max_length=300, blank=True)
    witness = models.CharField(_("witnessed by"), max_length=300, blank=True)
    certificate = models.CharField(_("certificate"), max_length=300, blank=True)
    certificate_file = models.ForeignKey(
        "book.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["classification", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(classification=1) | Q(method__in=["", "destroy"]),
                name="highest_class_is_destroyed",
                violation_error_message=_(
                    "Residents' data of the My Number zone must be physically destroyed."
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def missing(self) -> list[str]:
        """Field names still empty before this line counts as proved."""
        needed = {
            "method": self.method,
            "done_on": self.done_on,
            "done_by": self.done_by,
            "witness": self.witness,
            "certificate": self.certificate or self.certificate_file_id,
        }
        return [name for name, value in needed.items() if not value]
