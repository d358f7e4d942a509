"""Reading everything the portfolio counts of many books at once: a fixed number of queries for each batch."""

import datetime as dt
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone

from sekisho.book import fiscal
from sekisho.book.measures import take
from sekisho.book.models import (
    Baseline,
    BaselineMilestone,
    BudgetYear,
    Condition,
    Contract,
    Gate,
    GateState,
    Goal,
    LedgerEntry,
    Membership,
    Milestone,
    Project,
    Release,
    Review,
    ReviewInvitation,
    Risk,
    StatusReport,
    Submission,
    Tier,
)
from sekisho.portfolio import known
from sekisho.portfolio.models import Incident, OperationMonth, SignAnswer
from sekisho.voice.models import QualityLevel, Wave

#: parts of a book that are expected to hold something, in the order people read them
PARTS = ("purpose", "summary", "money", "goals", "milestones", "status", "risks", "lead", "contracts")
_CLOSED = (GateState.PASSED, GateState.USED, GateState.STOPPED)

Rows = dict[int, list[Any]]


def _by_project(rows: Iterable[Any], key: str = "project_id") -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[row[key] if isinstance(row, dict) else getattr(row, key)].append(row)
    return found


class Reader:
    """Holds what one batch of books needs."""

    def __init__(self, projects: Collection[Project]) -> None:
        self.projects = projects
        ids = [project.pk for project in projects]
        of = {"project__in": ids}
        self.years = _by_project(BudgetYear.objects.filter(**of))
        self.reports = _by_project(StatusReport.objects.filter(**of).order_by("month"))
        self.gates = _by_project(Gate.objects.filter(**of).prefetch_related("decisions").order_by("pk"))
        self.conditions = _by_project(
            Condition.objects.standing().filter(**of).values("project_id", "due_on")
        )
        self.milestones = _by_project(Milestone.objects.filter(**of))
        first = BaselineMilestone.objects.filter(baseline__project__in=ids, baseline__number=1)
        self.promised = dict(first.values_list("milestone_id", "planned_on"))
        self.baselines = _by_project(Baseline.objects.filter(**of).order_by("number"))
        self.releases = _by_project(Release.objects.filter(**of, state=Release.State.RELEASED))
        self.quality = _by_project(QualityLevel.objects.filter(**of))
        self.operations = _by_project(OperationMonth.objects.filter(**of))
        self.incidents = _by_project(
            Incident.objects.filter(**of).values("project_id", "began_on", "severity")
        )
        gates = {gate.pk: pk for pk, rows in self.gates.items() for gate in rows}
        submitted = Submission.objects.filter(gate__in=gates).values_list("gate_id", "submitted_at")
        self.sent: dict[int, list[dt.datetime]] = defaultdict(list)
        for gate_id, at in submitted:
            self.sent[gates[gate_id]].append(at)
        self.reviewed = set(
            Review.objects.filter(gate__in=gates).order_by().values_list("gate_id", flat=True)
        )
        invited = ReviewInvitation.objects.filter(gate__in=gates).order_by()
        self.invited = set(invited.values_list("gate_id", flat=True))
        asked = Wave.objects.filter(survey__project__in=ids).order_by()
        self.asked = set(asked.values_list("survey__project_id", flat=True))
        self.reclassified = _by_project(
            LedgerEntry.objects.filter(project__in=ids, act__in=["tier.set", "phase.skipped"])
        )
        self.answers = _by_project(SignAnswer.objects.filter(**of, taken_back_at=None))
        self.filled = {
            "goals": _having(Goal, ids),
            "risks": _having(Risk, ids),
            "contracts": _having(Contract, ids),
            "lead": set(
                Membership.objects.filter(project__in=ids, part="lead").values_list("project_id", flat=True)
            ),
        }

    def record(self, project: Project) -> known.Record:
        """One book as the figures know it."""
        pk = project.pk
        reports = self.reports[pk]
        return known.Record(
            phase=project.phase,
            closed="retired" if project.retired_at else "stopped" if project.stopped_at else "",
            money=project.money_this_year,
            entered=self._entered(project),
            years=tuple(
                known.Year(y.fiscal_year, y.requested, y.approved, y.available, y.executed)
                for y in self.years[pk]
            ),
            reports=tuple(
                known.Report(r.month, fiscal.fiscal_year_of(r.month), r.lowest, _digest(r.words))
                for r in reports
            ),
            gates=tuple(self._gate(gate) for gate in self.gates[pk]),
            conditions=tuple(row["due_on"] for row in self.conditions[pk]),
            drift_days=self._drift(pk),
            baselines=tuple(timezone.localtime(b.fixed_at) for b in self.baselines[pk]),
            reclassified=tuple(
                known.Reclassified(timezone.localtime(entry.at))
                for entry in self.reclassified[pk]
                if _lowers(entry)
            ),
            submissions=tuple(self.sent[pk]),
            releases=tuple(
                (_year_of(r.released_at), "emergency" if r.emergency else r.kind) for r in self.releases[pk]
            ),
            quality=tuple((level.fiscal_year, level.level) for level in self.quality[pk]),
            satisfaction=_satisfaction(project) if pk in self.asked else None,
            in_use=bool(self.releases[pk]),
            operations=tuple(
                known.Operation(
                    fiscal.fiscal_year_of(o.month),
                    o.month,
                    o.availability,
                    o.incidents,
                    o.requests,
                    o.minutes_down,
                )
                for o in self.operations[pk]
            ),
            severities=tuple(
                (fiscal.fiscal_year_of(one["began_on"]), one["severity"]) for one in self.incidents[pk]
            ),
            availability_target=settings.AVAILABILITY_TARGET,
            year_begins=settings.FISCAL_YEAR_START_MONTH,
            answers=tuple(
                known.Answer(one.sign, one.since, timezone.localtime(one.answered_at))
                for one in self.answers[pk]
            ),
        )

    def _entered(self, project: Project) -> dict[str, bool]:
        pk = project.pk
        said = {
            "purpose": bool(project.purpose.strip()),
            "summary": bool(project.summary.strip()),
            "money": bool(self.years[pk]),
            "milestones": bool(self.milestones[pk]),
            "status": bool(self.reports[pk]),
        }
        return {part: said[part] if part in said else pk in self.filled[part] for part in PARTS}

    def _gate(self, gate: Gate) -> known.GateState:
        decided = max((d.decided_at for d in gate.decisions.all()), default=None)
        closed = gate.state in _CLOSED and not gate.lapsed_at
        return known.GateState(
            due_on=gate.due_on,
            opened_on=timezone.localdate(gate.opened_at),
            closed_on=timezone.localdate(decided or gate.opened_at) if closed else None,
            submitted=gate.state == GateState.SUBMITTED,
            reviewed=gate.pk in self.reviewed,
            invited=gate.pk in self.invited,
        )

    def _drift(self, pk: int) -> int | None:
        days = [
            ((m.done_on or m.planned_on) - self.promised[m.pk]).days
            for m in self.milestones[pk]
            if m.pk in self.promised
        ]
        return max(days) if days else None


def _having(model: Any, ids: list[int]) -> set[int]:
    return set(
        model.objects.filter(project__in=ids).order_by().values_list("project_id", flat=True).distinct()
    )


#: what a copied report changes first: its date
_DATES = re.compile(
    r"\d+(年度?|月|日)|\d{4}-\d{2}|"
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)


def _digest(words: str) -> str:
    """The same for words that differ only in their dates, width, case, punctuation or spaces."""
    plain = _DATES.sub("", unicodedata.normalize("NFKC", words)).casefold()
    return hashlib.sha256(re.sub(r"[\W_]+", "", plain).encode()).hexdigest()


def _year_of(moment: dt.datetime | None) -> int:
    assert moment is not None, "released means a date"
    return fiscal.fiscal_year_of(timezone.localdate(moment))


def _lowers(entry: LedgerEntry) -> bool:
    """Whether an act made the book less watched: a lower tier, or a phase without its gate."""
    if entry.act == "phase.skipped":
        return True
    order = list(Tier.values)
    before, after = entry.before.get("tier"), entry.after.get("tier")
    return before in order and after in order and order.index(after) > order.index(before)


def _satisfaction(project: Project) -> float | None:
    value = take(["satisfaction_mean"], project, None)["satisfaction_mean"].value
    return float(value) if value is not None else None
