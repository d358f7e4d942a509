"""What goes from one server to the other, on either of them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models.transfers import Transfer


class Dispatch(models.Model):
    """A package that this server hands over. Its manifest is fixed before its file is written, so that a file
    written again after a crash is the same one. ``files``: keys of the files in it."""

    number = models.PositiveBigIntegerField(unique=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="dispatches")
    files = models.JSONField(default=list)
    manifest = models.TextField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True)
    tidied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.transfer_id}"


class Arrival(models.Model):
    """A package as this server found it in the spool: delivered, or refused and why.

    ``seen`` tells one content of a file name from another (size and time of change): a file that is put there again is
    looked at again. ``detail`` names what was unknown or wrong, for the people who mend it.
    """

    class State(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        REFUSED = "refused", _("Refused")
        MISSING = "missing", _("Missing")

    class Reason(models.TextChoices):
        ALTERED = "altered", _("Altered on its way, or signed by somebody else")
        INCOMPLETE = "incomplete", _("It ends too early")
        UNREADABLE = "unreadable", _("Written by a version that this server does not know")
        REPEATED = "repeated", _("It was delivered before")
        MISPLACED = "misplaced", _("Its file bears another number")
        BROKEN = "broken_row", _("It does not follow the package before it")
        UNCLEAN = "unclean", _("A file did not pass the second check")
        ROUTE = "unknown_route", _("This server has no such route")
        PERSON = "unknown_person", _("This server does not know the sender or the receiver")

    name = models.CharField(max_length=100)
    seen = models.CharField(max_length=60)
    number = models.PositiveBigIntegerField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=9, choices=State)
    reason = models.CharField(max_length=14, choices=Reason, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="arrival")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["number", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["name", "seen"], name="arrival_looked_at_once"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(state="delivered"), name="package_delivered_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(transfer__isnull=False, number__isnull=False),
                name="delivered_package_has_transfer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
