"""Months in use and incidents, as operators report them: by form, by API, by CSV. Saying one again corrects it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, changed, choice, expect, filled, fitting
from sekisho.errors import Invalid
from sekisho.portfolio.models import Incident, OperationMonth

LARGEST = 10_000_000
#: minutes of the longest month
LONGEST = 31 * 24 * 60


def report_month(
    user: Any,
    project: Project,
    *,
    month: dt.date,
    availability: Decimal | None,
    requests: int,
    incidents: int | None = None,
    minutes_down: int | None = None,
    system: str = "",
    version: int | None = None,
) -> OperationMonth:
    """Say how a service ran in a month; saying it again replaces what was said.

    ``availability`` in percent, with at most two decimals; None where it is not measured. ``incidents`` and
    ``minutes_down`` None: as many as are listed of that month. ``system``: a part of the service, "" for the whole.
    ``version``: of the month as the caller saw it, 0 for one that nobody has reported; None expects nothing.

    Raises:
        Invalid: a month to come, a figure out of range, or fewer incidents than are listed.
        StaleWrite: someone saved in between.
    """
    first = month.replace(day=1)
    with acting_on(user, project, closed_ok=True) as act:
        act.require("edit")
        if first > act.today:
            raise Invalid(_("This month has not begun. Choose this month or an earlier one."), field="month")
        system = fitting(system, 100, "system")
        listed, down = _listed(act.project, first, system)
        values = {
            "availability": _hundredths(availability),
            "incidents": listed if incidents is None else _count(incidents, "incidents"),
            "minutes_down": down if minutes_down is None else _count(minutes_down, "minutes_down", LONGEST),
            "requests": _count(requests, "requests"),
        }
        if values["incidents"] < listed:  # type: ignore[operator]
            words = ngettext(
                "%(n)s incident is listed for this month. Say at least so many, or correct the list.",
                "%(n)s incidents are listed for this month. Say at least so many, or correct the list.",
                listed,
            )
            raise Invalid(words % {"n": listed}, field="incidents")
        return _save_month(act, first, system, values, version)


def _save_month(
    act: Act, first: dt.date, system: str, values: dict[str, int | None], version: int | None
) -> OperationMonth:
    """Keep a month and tell the ledger what stood there before; nothing when it is the same."""
    kept = OperationMonth.objects.filter(project=act.project, month=first, system=system).first()
    row = kept or OperationMonth(project=act.project, month=first, system=system, version=0)
    before = {name: getattr(row, name) for name in values}
    message = _("Someone reported this month in the meantime. Compare both.")
    expect(row, version, before if kept else {}, values, message)
    if kept and before == values:
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.reported_at = row.version + 1, act.now
    row.save()
    old, new = changed(before, values) if kept else (None, values)
    params = {"month": f"{first:%Y-%m}", **({"system": system} if system else {})}
    act.write(
        "operation.corrected" if kept else "operation.reported", params, before=_said(old), after=_said(new)
    )
    return row


def _said(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Values as the ledger tells them: availability in percent, as it was reported."""
    if values is None or values.get("availability") is None:
        return dict(values) if values is not None else None
    return {**values, "availability": f"{values['availability'] / 100:.2f}%"}


def report_incident(
    user: Any,
    project: Project,
    *,
    key: str,
    began_on: dt.date,
    severity: str,
    minutes_down: int = 0,
    text: str = "",
    system: str = "",
    version: int | None = None,
) -> Incident:
    """List an incident; the same ``key`` again corrects it. Its month then counts at least what is listed.

    ``severity`` is one of ``Incident.Severity``; ``minutes_down`` is how long nobody could use the service.

    Raises:
        Invalid: a day to come, a severity there is not, a figure out of range.
        StaleWrite: someone saved in between.
    """
    with acting_on(user, project, closed_ok=True) as act:
        act.require("edit")
        key = fitting(filled(key, "key"), 100, "key")
        if began_on > act.today:
            raise Invalid(_("This day has not come yet. Choose today or an earlier day."), field="began_on")
        system = fitting(system, 100, "system")
        values = {
            "system": system,
            "began_on": began_on,
            "severity": choice(severity, Incident.Severity, "severity"),
            "minutes_down": _count(minutes_down, "minutes_down"),
            "text": fitting(text, 500, "text"),
        }
        kept = Incident.objects.filter(project=act.project, key=key).first()
        row = kept or Incident(project=act.project, key=key, version=0)
        before = {name: getattr(row, name) for name in values}
        message = _("Someone reported this incident in the meantime. Compare both.")
        expect(row, version, before if kept else {}, values, message)
        if kept and before == values:
            return row
        places = {(began_on.replace(day=1), system)}
        if kept:
            places.add((row.began_on.replace(day=1), row.system))
        listed = {place: _listed(act.project, *place) for place in places}
        for name, value in values.items():
            setattr(row, name, value)
        row.version, row.reported_at = row.version + 1, act.now
        row.save()
        old, new = changed(before, values) if kept else (None, values)
        act.write("incident.corrected" if kept else "incident.reported", {"key": key}, before=old, after=new)
        for place in sorted(places):
            _count_in_month(act, *place, listed[place])
    return row


def _count_in_month(act: Act, first: dt.date, system: str, before: tuple[int, int]) -> None:
    """Let a month follow its list: what only counted the list is counted anew, what said more stays unless it is now less."""
    after = _listed(act.project, first, system)
    kept = OperationMonth.objects.filter(project=act.project, month=first, system=system).first()
    stated = (kept.incidents, kept.minutes_down) if kept else (0, 0)
    incidents, down = (
        now if said == then else max(said, now) for said, then, now in zip(stated, before, after, strict=True)
    )
    values: dict[str, int | None] = {
        "availability": kept.availability if kept else None,
        "incidents": incidents,
        "minutes_down": down,
        "requests": kept.requests if kept else 0,
    }
    _save_month(act, first, system, values, None)


def _listed(project: Project, first: dt.date, system: str) -> tuple[int, int]:
    """(incidents, minutes down) that are listed of a month and system."""
    of = {"began_on__year": first.year, "began_on__month": first.month, "system": system}
    found = Incident.objects.filter(project=project, **of).order_by()
    summed = found.aggregate(n=Count("pk"), down=Sum("minutes_down"))
    return summed["n"], min(summed["down"] or 0, LONGEST)


def _hundredths(percent: Decimal | None) -> int | None:
    if percent is None:
        return None
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise Invalid(_("Availability is a percentage from 0 to 100."), field="availability")
    return int((percent * 100).to_integral_value())


def _count(value: int, field: str, most: int = LARGEST) -> int:
    if not 0 <= value <= most:
        raise Invalid(_("This is a number from 0 to %(most)s.") % {"most": f"{most:,}"}, field=field)
    return value
