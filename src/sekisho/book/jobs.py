"""Work of the book that happens by the clock."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.services import escalation
from sekisho.jobs.registry import periodic


@periodic("book.overdue", at=dt.time(6, 0), label=_("Reminders of overdue conditions"))
def remind_of_overdue_conditions(context: Any) -> dict[str, int]:
    """Every morning: bring books up to date with the calendar, then remind and escalate."""
    return {
        "refreshed": escalation.refresh_dated(),
        "escalated": escalation.remind_overdue(),
        "emergencies": escalation.remind_emergencies(),
    }
