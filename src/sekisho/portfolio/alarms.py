"""Figures that look arranged. Pure; each sign is a question to the owner section, not a verdict.

Why: US GAO compared the ratings agencies gave of their own projects with the facts; of 80, 53 agreed, and
baselines that were reset each year hid delay.
"""

import datetime as dt
from collections.abc import Iterable

from sekisho.portfolio.known import Record, Report

#: a change this many days before a submission counts as made for it
BEFORE_REVIEW = dt.timedelta(days=30)
UNCHANGED_MONTHS = 12
COPIED_MONTHS = 3
CONFIDENT = 4
#: what was due this long before the end of a reported month was overdue in it
GRACE = dt.timedelta(days=30)
#: a mean of users' satisfaction, 1 to 5, that does not go with confidence
DISSATISFIED = 3.0
#: confident, although the latest milestone lies this many days behind the first baseline
LATE_DAYS = 60

BASELINE_RESET = "baseline_reset"
RECLASSIFIED = "reclassified"
NEVER_CHANGES = "never_changes"
COPIED = "copied"
AGAINST_MEASURES = "against_measures"
ALL = (BASELINE_RESET, RECLASSIFIED, NEVER_CHANGES, COPIED, AGAINST_MEASURES)


def alarms(record: Record) -> list[str]:
    """Codes of ``ALL`` that this book shows, in that order."""
    checks = (
        (BASELINE_RESET, _baseline_reset(record)),
        (RECLASSIFIED, _before_review((r.on for r in record.reclassified), record.submissions)),
        (NEVER_CHANGES, _never_changes(record.reports)),
        (COPIED, _copied(record.reports)),
        (AGAINST_MEASURES, _against_measures(record)),
    )
    return [code for code, shown in checks if shown]


def _baseline_reset(record: Record) -> bool:
    """The plan was fixed anew twice, or shortly before a submission."""
    resets = record.baselines[1:]
    return len(resets) >= 2 or _before_review(resets, record.submissions)


def _before_review(moments: Iterable[dt.datetime], submissions: Iterable[dt.datetime]) -> bool:
    asked = list(submissions)
    return any(dt.timedelta() <= sent - moment <= BEFORE_REVIEW for moment in moments for sent in asked)


def _never_changes(reports: "tuple[Report, ...]") -> bool:
    latest = reports[-UNCHANGED_MONTHS:]
    return len(latest) == UNCHANGED_MONTHS and len({report.lowest for report in latest}) == 1


def _copied(reports: "tuple[Report, ...]") -> bool:
    latest = reports[-COPIED_MONTHS:]
    return len(latest) == COPIED_MONTHS and len({report.words for report in latest}) == 1


def _against_measures(record: Record) -> bool:
    """The last report is confident, while a gate or condition was overdue in its month, the plan lies far behind, or
    users are dissatisfied.
    """
    if not record.reports or record.reports[-1].lowest < CONFIDENT or record.closed:
        return False
    end = record.reports[-1].month + dt.timedelta(days=31)
    gates = (
        gate.due_on for gate in record.gates if gate.due_on and (not gate.closed_on or gate.closed_on > end)
    )
    overdue = any(due + GRACE < end for due in (*gates, *record.conditions))
    dissatisfied = record.satisfaction is not None and record.satisfaction < DISSATISFIED
    return overdue or dissatisfied or (record.drift_days or 0) > LATE_DAYS
