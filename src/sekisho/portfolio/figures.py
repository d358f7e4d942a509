"""What one book adds to the figures of the portfolio. Pure: values in, figures out, nothing depends on today.

A figure has a name, a fiscal year (0 where none applies) and a key, and carries a number of things and an amount.
Where a page counts what is overdue, the key is the due date itself, so that the count is right on every day.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.portfolio.alarms import signs
from sekisho.portfolio.known import WHOLE, Record

PHASE = "phase"
GATE_DUE = "gate_due"
NO_REVIEWER = "no_reviewer"
CONDITION_DUE = "condition_due"
CONFIDENCE = "confidence"
CONFIDENCE_FLOW = "confidence_flow"
#: forecast: of a year that has ended; outlook: of one still under way or to come
MONEY = ("money_requested", "money_approved", "money_executed", "money_forecast", "money_outlook")
DRIFT = "drift"
RELEASE = "release"
QUALITY = "quality"
SATISFACTION = "satisfaction"
REPORTED = "reported"
COMPLETE = "complete"
REVIEWED = "reviewed"
#: signs under the fiscal year in which they showed last; the same where the quality office wrote down an answer
ALARM, ALARM_ANSWERED = "alarm", "alarm_answered"
AVAILABILITY = "availability"
#: one service in one year, under how it stands to the target: few keys, so that a page adds up as little for many as for few
AVAILABLE = "available"
INCIDENTS = "incidents"
MINUTES_DOWN = "minutes_down"
SEVERITY = "severity"
REQUESTS = "requests"
#: figures of today, kept under the fiscal year 0
YEARLESS = frozenset(
    {PHASE, GATE_DUE, NO_REVIEWER, CONDITION_DUE, DRIFT, SATISFACTION, REPORTED, COMPLETE, REVIEWED}
)

#: days late -> key of the figure ``drift``, the first that fits
DRIFTS = ((7, "on_time"), (30, "month"), (90, "quarter"))
NEVER = "never"
NONE = "none"


@dataclass(frozen=True, order=True)
class Name:
    """What is counted."""

    figure: str
    year: int
    key: str


@dataclass(frozen=True)
class Worth:
    """How many things, and their amount: yen, or the sum whose mean is asked."""

    n: int
    amount: int = 0

    def __add__(self, other: "Worth") -> "Worth":
        return Worth(self.n + other.n, self.amount + other.amount)

    def __neg__(self) -> "Worth":
        return Worth(-self.n, -self.amount)

    def __bool__(self) -> bool:
        return bool(self.n or self.amount)


def figures_of(record: Record) -> dict[Name, Worth]:
    """Every figure this book adds to."""
    found: dict[Name, Worth] = {}
    for name, worth in _each(record):
        found[name] = found.get(name, Worth(0)) + worth
    return found


def _each(record: Record) -> Iterable[tuple[Name, Worth]]:
    yield Name(PHASE, 0, record.closed or record.phase), Worth(1, record.money)
    yield from _money(record)
    yield from _confidence(record)
    yield from ((Name(RELEASE, year, kind), Worth(1)) for year, kind in record.releases)
    yield from ((Name(QUALITY, year, level), Worth(1)) for year, level in record.quality)
    yield from _operation(record)
    yield from ((Name(SEVERITY, year, severity), Worth(1)) for year, severity in record.severities)
    for gate in record.gates:
        if gate.closed_on is not None:
            yield Name(REVIEWED, 0, "yes" if gate.reviewed else "no"), Worth(1)
    for sign in signs(record):
        figure = ALARM_ANSWERED if sign.answered else ALARM
        yield Name(figure, record.fiscal_year_of(sign.until), sign.code), Worth(1)
    if not record.closed:
        yield from _running(record)


def _running(record: Record) -> Iterable[tuple[Name, Worth]]:
    for gate in record.gates:
        if gate.closed_on is None and gate.due_on:
            yield Name(GATE_DUE, 0, gate.due_on.isoformat()), Worth(1)
        if gate.closed_on is None and gate.submitted and not (gate.invited or gate.reviewed):
            yield Name(NO_REVIEWER, 0, "yes"), Worth(1)
    yield from ((Name(CONDITION_DUE, 0, due.isoformat()), Worth(1)) for due in record.conditions)
    yield Name(DRIFT, 0, drift_key(record.drift_days)), Worth(1, max(record.drift_days or 0, 0))
    last = record.reports[-1].month if record.reports else None
    yield Name(REPORTED, 0, f"{last:%Y-%m}" if last else NEVER), Worth(1)
    whole = len(record.entered)
    if whole:
        share = 10 * sum(record.entered.values()) // whole
        yield Name(COMPLETE, 0, f"{share:02d}"), Worth(1)
    if record.in_use:
        yield Name(SATISFACTION, 0, satisfaction_key(record.satisfaction)), Worth(1)


def drift_key(days: int | None) -> str:
    """``on_time`` up to a week late, ``month`` up to 30 days, ``quarter`` up to 90, else ``later``; ``none`` without baseline."""
    if days is None:
        return NONE
    return next((key for limit, key in DRIFTS if days <= limit), "later")


def satisfaction_key(mean: float | None) -> str:
    """``low`` under 3 of 5, ``middle`` under 4, else ``high``; ``none`` where nobody was asked."""
    if mean is None:
        return NONE
    return "low" if mean < 3 else "middle" if mean < 4 else "high"


def _money(record: Record) -> Iterable[tuple[Name, Worth]]:
    for year in record.years:
        forecast = year.executed if year.executed is not None else year.available
        known = [amount for amount in (year.executed, year.available) if amount is not None]
        outlook = max(known, default=None)
        amounts = (year.requested, year.approved, year.executed, forecast, outlook)
        for name, amount in zip(MONEY, amounts, strict=True):
            if amount is not None:
                yield Name(name, year.fiscal_year, ""), Worth(1, amount)


def _confidence(record: Record) -> Iterable[tuple[Name, Worth]]:
    """The last rating of each fiscal year, and how it moved from the year before."""
    last: dict[int, int] = {report.fiscal_year: report.lowest for report in record.reports}
    for year, rating in last.items():
        yield Name(CONFIDENCE, year, str(rating)), Worth(1, rating)
        yield Name(CONFIDENCE_FLOW, year, f"{last.get(year - 1, NONE)}>{rating}"), Worth(1)


def _operation(record: Record) -> Iterable[tuple[Name, Worth]]:
    counted: Counter[tuple[str, int]] = Counter()
    known: Counter[int] = Counter()
    for month in record.operations:
        counted[INCIDENTS, month.fiscal_year] += month.incidents
        counted[REQUESTS, month.fiscal_year] += month.requests
        counted[MINUTES_DOWN, month.fiscal_year] += month.minutes_down
        if month.availability is not None:
            counted[AVAILABILITY, month.fiscal_year] += month.availability
            known[month.fiscal_year] += 1
    for (name, year), amount in sorted(counted.items()):
        yield Name(name, year, ""), Worth(known[year] if name == AVAILABILITY else 1, amount)
        if name == AVAILABILITY:
            mean = round(amount / known[year])
            yield Name(AVAILABLE, year, available_key(mean, record.availability_target)), Worth(1, mean)


def available_key(mean: int, target: int) -> str:
    """``met``, ``missed``, or ``far`` where a service was down for more than ten times as long as the target allows."""
    if mean >= target:
        return "met"
    return "missed" if mean >= far_below(target) else "far"


def far_below(target: int) -> int:
    """Under which availability a target is missed by far."""
    return max(WHOLE - 10 * (WHOLE - target), 0)
