"""What is kept of transfers for those who watch over them: monthly tallies, holds, alerts."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models.transfers import Transfer
from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor


class Tally(models.Model):
    """How often something occurred on an organisation's routes in a month; written with what it counts.

    ``key``: a type of file, or the code of something removed or of a refusal.
    """

    class Kind(models.TextChoices):
        TYPE = "type", _("Files by type")
        REMOVED = "removed", _("Removed content by kind")
        REFUSED = "refused", _("Refusals by reason")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-month", "kind", "-count"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "month", "kind", "key"], name="transfer_tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.kind} {self.key}: {self.count}"


class RetentionHold(models.Model):
    """While it lasts, nothing of a transfer is destroyed, whatever its days say."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=500)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(ended_at=None), name="one_hold_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.reason}"


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Alerts of organisations that this person watches over."""
        holders = Organisation.objects.filter(pk__in=self.order_by().values("organisation"))
        return self.filter(organisation__in=[o for o in holders if actor.may("see_transfers", path=o.path)])


class Alert(models.Model):
    """Something the information security officer should look at. ``key`` keeps one from being raised twice."""

    class Kind(models.TextChoices):
        SURGE = "surge", _("Far more files than usual")
        REFUSALS = "refusals", _("One sender with many refused files")
        ATTACK = "attack", _("A kind of attack that was not seen here before")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("what was found"), max_length=500, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "key"], name="alert_raised_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.key}"
