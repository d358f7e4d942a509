"""What is known of one book, as far as the portfolio counts it. Pure; `records` reads it from the database."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

#: 100 % in hundredths of a percent
WHOLE = 10_000


@dataclass(frozen=True)
class Reclassified:
    """When the tier was set to a less watched one, or a phase was marked as not needed."""

    on: dt.datetime


@dataclass(frozen=True)
class Year:
    """Yen of one fiscal year; None where nobody has said."""

    fiscal_year: int
    requested: int | None = None
    approved: int | None = None
    available: int | None = None
    executed: int | None = None


@dataclass(frozen=True)
class Report:
    """One month's rating: ``lowest`` of the four sides, 1 to 5, and a digest of its words."""

    month: dt.date
    fiscal_year: int
    lowest: int
    words: str


@dataclass(frozen=True)
class Answer:
    """The quality office asked about a sign and wrote down the answer."""

    code: str
    since: dt.date  # which sign: see alarms.Sign
    at: dt.datetime


@dataclass(frozen=True)
class GateState:
    """A gate: when it was due, whether it still waits, and who looked at it from outside the owner section."""

    due_on: dt.date | None
    opened_on: dt.date
    closed_on: dt.date | None
    submitted: bool
    reviewed: bool
    invited: bool


@dataclass(frozen=True)
class Operation:
    """One month in use. ``availability`` in hundredths of a percent (9995 is 99.95 %)."""

    fiscal_year: int
    month: dt.date
    availability: int | None
    incidents: int
    requests: int
    minutes_down: int = 0


@dataclass(frozen=True)
class Record:
    """Everything of one book that the portfolio counts."""

    phase: str
    closed: str  # "", "retired" or "stopped"
    money: int  # yen of this fiscal year, as the registry shows it
    entered: Mapping[str, bool]  # part of the book -> whether anything stands there
    years: tuple[Year, ...] = ()
    reports: tuple[Report, ...] = ()  # oldest first
    gates: tuple[GateState, ...] = ()
    conditions: tuple[dt.date, ...] = ()  # due dates of those not met
    drift_days: int | None = None  # the latest milestone against the first baseline; None without baseline
    baselines: tuple[dt.datetime, ...] = ()
    reclassified: tuple[Reclassified, ...] = ()
    submissions: tuple[dt.datetime, ...] = ()
    releases: tuple[tuple[int, str], ...] = ()  # fiscal year, kind
    quality: tuple[tuple[int, str], ...] = ()  # fiscal year, level
    satisfaction: float | None = None
    in_use: bool = False
    operations: tuple[Operation, ...] = field(default=())
    severities: tuple[tuple[int, str], ...] = ()  # fiscal year, severity of each listed incident
    answers: tuple[Answer, ...] = ()  # of signs, taken back ones left out
    availability_target: int = 9_990  # hundredths of a percent
    year_begins: int = 4  # month in which the fiscal year begins

    def fiscal_year_of(self, day: dt.date) -> int:
        """The fiscal year a day lies in."""
        return day.year if day.month >= self.year_begins else day.year - 1
