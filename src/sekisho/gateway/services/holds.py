"""Retention holds: nothing of a transfer is destroyed while one lasts."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import filled, fitting
from sekisho.errors import Conflict
from sekisho.gateway.models import RetentionHold, Transfer
from sekisho.gateway.services.records import record
from sekisho.people.permissions import require


def place(user: Any, transfer: Transfer, *, reason: str) -> RetentionHold:
    """Hold everything that is still there of a transfer. Raises ``NotPermitted``; ``Conflict`` when it is held already."""
    actor = require(user, "see_transfers", path=transfer.route.organisation.path)
    assert actor.user_id is not None  # people place holds, not the system
    said = fitting(
        filled(reason, "reason", _("Say why it must be kept: a case, a request, an inquiry.")), 500, "reason"
    )
    try:
        with transaction.atomic():
            hold = RetentionHold.objects.create(
                transfer=transfer, reason=said, placed_by_id=actor.user_id, placed_at=timezone.now()
            )
            told = {"number": transfer.pk, "reason": said}
            record(actor, transfer.route.organisation_id, "hold.placed", told)
    except IntegrityError:
        raise Conflict(_("This transfer is held already.")) from None
    return hold


def end(user: Any, transfer: Transfer, *, reason: str) -> None:
    """End a hold; what is past its days goes at the next round. Raises ``NotPermitted``, ``Conflict``: there is none."""
    actor = require(user, "see_transfers", path=transfer.route.organisation.path)
    said = fitting(filled(reason, "reason"), 500, "reason")
    with transaction.atomic():
        ended = RetentionHold.objects.filter(transfer=transfer, ended_at=None).update(
            ended_at=timezone.now(), ended_by_id=actor.user_id
        )
        if not ended:
            raise Conflict(_("This transfer is not held."))
        record(actor, transfer.route.organisation_id, "hold.ended", {"number": transfer.pk, "reason": said})
