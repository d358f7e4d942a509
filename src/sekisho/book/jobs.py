"""Work of the book in the background and by the clock."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Attachment
from sekisho.book.services import cleaning, disarming, escalation, rollup
from sekisho.jobs.registry import job, periodic


@periodic("book.overdue", at=dt.time(6, 0), label=_("Reminders of overdue conditions"))
def remind_of_overdue_conditions(context: Any) -> dict[str, int]:
    """Every morning: bring books up to date with the calendar, then remind and escalate."""
    return {
        "refreshed": escalation.refresh_dated(),
        "settled": rollup.settle_money(),
        "escalated": escalation.remind_overdue(),
        "emergencies": escalation.remind_emergencies(),
    }


@job(
    cleaning.KIND,
    label=_("Disarming a file"),
    timeout=dt.timedelta(minutes=20),
    max_attempts=disarming.MOST_TRIES,
)
def clean_file(context: Any, *, attachment_id: int) -> dict[str, str]:
    """Have the sanitizer write a copy that may be opened."""
    attachment = Attachment.objects.select_related("project__owner").get(pk=attachment_id)
    return {"state": cleaning.clean(attachment).state}


@periodic("book.clean_missing", every=dt.timedelta(hours=1), label=_("Disarming files that were left over"))
def clean_missing(context: Any) -> dict[str, int]:
    """Every hour: order what nobody has disarmed yet."""
    return {"ordered": cleaning.order_missing()}
