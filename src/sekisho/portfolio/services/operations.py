"""Months in use: availability, incidents and requests, as operators report them."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.common import acting_on, expect
from sekisho.errors import Invalid
from sekisho.portfolio.models import OperationMonth

LARGEST = 10_000_000


def report_month(
    user: Any,
    project: Project,
    *,
    month: dt.date,
    availability: Decimal | None,
    incidents: int,
    requests: int,
    version: int | None = None,
) -> OperationMonth:
    """Say how a service ran in a month; saying it again replaces what was said.

    ``availability`` in percent, with at most two decimals; None where it is not measured. ``version``: of the month
    as the caller saw it; None expects nothing.

    Raises:
        Invalid: a month to come, or a figure out of range.
        StaleWrite: someone saved in between.
    """
    first = month.replace(day=1)
    with acting_on(user, project, closed_ok=True) as act:
        act.require("edit")
        if first > act.today:
            raise Invalid(_("This month has not begun. Choose this month or an earlier one."), field="month")
        values = {
            "availability": _hundredths(availability),
            "incidents": _count(incidents, "incidents"),
            "requests": _count(requests, "requests"),
        }
        kept = OperationMonth.objects.filter(project=act.project, month=first).first()
        row = kept or OperationMonth(project=act.project, month=first, version=0)
        before = {name: getattr(row, name) for name in values}
        if kept:
            expect(
                row, version, before, values, _("Someone reported this month in the meantime. Compare both.")
            )
        if kept and before == values:
            return row
        for name, value in values.items():
            setattr(row, name, value)
        row.version, row.reported_at = row.version + 1, act.now
        row.save()
        act.write(
            "operation.reported", {"month": f"{first:%Y-%m}"}, before=before if kept else None, after=values
        )
    return row


def _hundredths(percent: Decimal | None) -> int | None:
    if percent is None:
        return None
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise Invalid(_("Availability is a percentage from 0 to 100."), field="availability")
    return int((percent * 100).to_integral_value())


def _count(value: int, field: str) -> int:
    if not 0 <= value <= LARGEST:
        raise Invalid(_("This is a number from 0 to %(most)s.") % {"most": f"{LARGEST:,}"}, field=field)
    return value
