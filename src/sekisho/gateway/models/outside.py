"""The link by which an outside party receives a transfer."""

import uuid

from django.db import models
from django.utils import timezone

from sekisho.gateway.models.transfers import Transfer


class OutsideLink(models.Model):
    """One link of a transfer. The address that is mailed holds a signature of ``key``: the row alone opens nothing.

    ``code_hash`` is of the code sent last, good until ``code_until`` and for a few ``tries``. ``misses`` counts all
    wrong codes ever: a link that is guessed at is locked.
    """

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="link")
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True, blank=True)
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    misses = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.key}"
