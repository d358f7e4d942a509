"""A message on its way through the mail door."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models.transfers import Transfer


class MailMessage(models.Model):
    """The envelope of a message whose content is the one file of a transfer, and what became of it.

    ``digest`` is of envelope and content: a relay that sends the same once more is answered and gets no second one.
    ``refused_to``: recipients that the next server did not take.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Passed on, written anew")
        HELD = "held", _("Held; the recipients were told")

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="mail")
    digest = models.CharField(max_length=64, db_index=True)
    sender = models.CharField(max_length=320, blank=True)
    recipients = models.JSONField(default=list)
    relay = models.CharField(max_length=255)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    came_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    refused_to = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.state}"
