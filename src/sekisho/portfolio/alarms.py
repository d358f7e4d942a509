"""Figures that look arranged. Pure; each sign is a question to the owner section, not a verdict.

Why: US GAO compared the ratings agencies gave of their own projects with the facts; of 80, 53 agreed, and
baselines that were reset each year hid delay.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from sekisho.portfolio.known import Answer, Record, Report

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


#: an answer holds for reports of so long after it; then the question is put anew
ANSWER_HOLDS = dt.timedelta(days=183)


@dataclass(frozen=True)
class Sign:
    """A sign a book shows: ``since`` the day of the act or the first month that shows it, ``until`` the last."""

    code: str
    since: dt.date
    until: dt.date
    moment: dt.datetime | None = None  # of the act: an answer of the same day may be older
    answered: bool = False


def signs(record: Record) -> list[Sign]:
    """What this book shows, in the order of ``ALL``.

    An act that looks made for a review is one sign: the next such act is another. A run of reports is a sign for as
    long as the last report belongs to it.
    """
    lowered = _before_review((r.on for r in record.reclassified), record.submissions)
    found = (
        _last(BASELINE_RESET, _resets(record)),
        _last(RECLASSIFIED, lowered),
        _run(NEVER_CHANGES, record.reports, lambda report: report.lowest, UNCHANGED_MONTHS),
        _run(COPIED, record.reports, lambda report: report.words, COPIED_MONTHS),
        _run(AGAINST_MEASURES, record.reports, lambda report: report.lowest >= CONFIDENT, 1)
        if _against_measures(record)
        else None,
    )
    return [replace(sign, answered=_answered(sign, record.answers)) for sign in found if sign]


def _answered(sign: Sign, answers: Iterable[Answer]) -> bool:
    """Of this very sign, after it arose, and not too long before what it tells now."""
    return any(
        (answer.code, answer.since) == (sign.code, sign.since)
        and sign.until <= answer.at.date() + ANSWER_HOLDS
        and (sign.moment is None or sign.moment <= answer.at)
        for answer in answers
    )


def _resets(record: Record) -> list[dt.datetime]:
    """The plan was fixed anew twice, or shortly before a submission."""
    resets = list(record.baselines[1:])
    return resets if len(resets) >= 2 else _before_review(resets, record.submissions)


def _last(code: str, moments: Iterable[dt.datetime]) -> Sign | None:
    """The last of these acts; an act has no length."""
    last = max(moments, default=None)
    return Sign(code, last.date(), last.date(), last) if last else None


def _run(
    code: str, reports: "tuple[Report, ...]", same: Callable[[Report], object], least: int
) -> Sign | None:
    """The reports at the end that are the same, where there are enough of them."""
    run = list(takewhile(lambda report: same(report) == same(reports[-1]), reversed(reports)))
    return Sign(code, run[-1].month, run[0].month) if len(run) >= least else None


def _before_review(moments: Iterable[dt.datetime], submissions: Iterable[dt.datetime]) -> list[dt.datetime]:
    asked = list(submissions)
    return [m for m in moments if any(dt.timedelta() <= sent - m <= BEFORE_REVIEW for sent in asked)]


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
