"""What time alone does to a book: conditions fall due, waivers end, and people must hear of it."""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from sekisho.book import notices
from sekisho.book.models import Condition, Gate, GateState, Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.lapsing import lapse_changed
from sekisho.book.services.rollup import refresh
from sekisho.people.roles import SYSTEM

#: days a condition may be overdue before the CIO aide hears of it
PATIENCE = dt.timedelta(days=7)


def remind_overdue(today: dt.date | None = None) -> int:
    """Tell owners of overdue conditions once, and the CIO aide after a week. Returns how many were escalated."""
    today = today or timezone.localdate()
    overdue = Condition.objects.standing().filter(due_on__lt=today)
    conditions = overdue.select_related("project__owner", "gate__project__owner", "gate__release", "owner")
    escalated = 0
    for condition in conditions.order_by("id"):
        notices.condition_overdue(condition)
        if condition.escalated_at is None and condition.due_on + PATIENCE <= today:
            _escalate(condition)
            escalated += 1
    return escalated


def _escalate(condition: Condition) -> None:
    with acting_on(SYSTEM, condition.project, closed_ok=True) as act:
        Condition.objects.filter(pk=condition.pk, escalated_at__isnull=True).update(escalated_at=act.now)
        act.write("condition.escalated", {"text": condition.text, "condition_id": condition.pk})
        notices.condition_escalated(condition)


def remind_emergencies(today: dt.date | None = None) -> int:
    """Tell team, CIO aide and quality office once of each emergency release nobody judged in time. Returns how many."""
    today = today or timezone.localdate()
    gates = Gate.objects.filter(
        release__emergency=True, state__in=(GateState.OPEN, GateState.SUBMITTED), due_on__lt=today
    )
    overdue = gates.filter(project__retired_at__isnull=True, project__stopped_at__isnull=True)
    late = list(overdue.select_related("project__owner", "release").order_by("id"))
    for gate in late:
        notices.emergency_overdue(gate)
    return len(late)


def refresh_dated(today: dt.date | None = None) -> int:
    """Let decisions lapse, and blockers appear, that time alone caused. Returns how many books were looked at.

    Time ends waivers, makes conditions overdue and measurements old; the last can befall any decision that waits
    to be used, so each of those is looked at every day.
    """
    today = today or timezone.localdate()
    since = today - dt.timedelta(days=2)
    touched = Project.objects.filter(
        Q(conditions__resolved_at__isnull=True, conditions__due_on__range=(since, today))
        | Q(gates__waivers__revoked_at__isnull=True, gates__waivers__expires_on__range=(since, today))
        | Q(gates__state=GateState.PASSED),
        retired_at__isnull=True,
        stopped_at__isnull=True,
    )
    projects = list(touched.distinct().order_by("id"))
    for project in projects:
        with acting_on(SYSTEM, project) as act:
            lapse_changed(act)
            if not act.wrote:
                refresh(act.project, money_moved=False)
    return len(projects)
