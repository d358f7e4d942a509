"""The marks of state: a shape, a word and a tone for each code used on pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class StateMark:
    """`shape` is one character, `word` is translated, `tone` one of good, part, warn, bad, active, none."""

    shape: str
    word: Promise
    tone: str


def _mark(shape: str, word: Promise, tone: str) -> StateMark:
    return StateMark(shape, word, tone)


STATES: dict[str, StateMark] = {
    # decisions
    "go": _mark("●", pgettext_lazy("decision", "Go"), "good"),
    "conditional": _mark("◐", pgettext_lazy("decision", "Conditional"), "part"),
    "return": _mark("↩", pgettext_lazy("decision", "Returned"), "warn"),
    "stop": _mark("✕", pgettext_lazy("decision", "Stopped"), "bad"),
    "undecided": _mark("○", pgettext_lazy("decision", "Undecided"), "none"),
    "lapsed": _mark("▲", pgettext_lazy("decision", "Lapsed"), "warn"),
    # answers
    "met": _mark("●", pgettext_lazy("answer", "Met"), "good"),
    "partly": _mark("◐", pgettext_lazy("answer", "Partly met"), "part"),
    "not_met": _mark("✕", pgettext_lazy("answer", "Not met"), "bad"),
    "not_applicable": _mark("―", pgettext_lazy("answer", "Not applicable"), "none"),
    "unanswered": _mark("○", pgettext_lazy("answer", "Unanswered"), "none"),
    # gates
    "open": _mark("◇", pgettext_lazy("gate", "Open"), "active"),
    "submitted": _mark("◆", pgettext_lazy("gate", "Submitted"), "active"),
    "in_review": _mark("◆", pgettext_lazy("gate", "In review"), "active"),
    "decided": _mark("●", pgettext_lazy("gate", "Decided"), "good"),
    "reopened": _mark("▲", pgettext_lazy("gate", "Reopened"), "warn"),
    "passed": _mark("●", pgettext_lazy("gate", "Passed"), "good"),
    "used": _mark("●", pgettext_lazy("gate", "Gone through"), "good"),
    "barred": _mark("✕", pgettext_lazy("gate", "Barred"), "bad"),
    "stopped": _mark("✕", pgettext_lazy("gate", "Stopped"), "bad"),
    "skipped": _mark("―", pgettext_lazy("gate", "Not needed"), "none"),
    "not_opened": _mark("○", pgettext_lazy("gate", "Not opened yet"), "none"),
    # findings, conditions, measurements
    "must": _mark("■", pgettext_lazy("finding", "Must"), "bad"),
    "should": _mark("▲", pgettext_lazy("finding", "Should"), "warn"),
    "advice": _mark("・", pgettext_lazy("finding", "Advice"), "none"),
    "answered": _mark("◐", pgettext_lazy("finding", "Replied"), "active"),
    "resolved": _mark("●", pgettext_lazy("finding", "Resolved"), "good"),
    "overdue": _mark("▲", pgettext_lazy("condition", "Overdue"), "bad"),
    "waived": _mark("◌", pgettext_lazy("condition", "Waived"), "part"),
    "failing": _mark("✕", pgettext_lazy("measurement", "Failing"), "bad"),
    "stale": _mark("▲", pgettext_lazy("measurement", "Out of date"), "warn"),
    "holds": _mark("●", pgettext_lazy("measurement", "Holds"), "good"),
    # what users say
    "critical": _mark("■", pgettext_lazy("problem", "Critical"), "bad"),
    "serious": _mark("▲", pgettext_lazy("problem", "Serious"), "warn"),
    "minor": _mark("・", pgettext_lazy("problem", "Minor"), "none"),
    "good": _mark("●", pgettext_lazy("problem", "Works well"), "good"),
    "fixed": _mark("◐", pgettext_lazy("problem", "Fixed"), "part"),
    "closed": _mark("●", pgettext_lazy("problem", "Closed"), "good"),
    "cancelled": _mark("―", pgettext_lazy("user test", "Cancelled"), "none"),
    # releases, projects, jobs
    "planned": _mark("○", pgettext_lazy("release", "Planned"), "none"),
    "released": _mark("◆", pgettext_lazy("release", "Released"), "good"),
    "emergency": _mark("▲", pgettext_lazy("release", "Emergency release"), "warn"),
    "retired": _mark("■", pgettext_lazy("project", "Retired"), "none"),
    "running": _mark("◆", pgettext_lazy("job", "Running"), "active"),
    "waiting": _mark("○", pgettext_lazy("job", "Waiting"), "none"),
    "done": _mark("●", pgettext_lazy("job", "Done"), "good"),
    "failed": _mark("✕", pgettext_lazy("job", "Failed"), "bad"),
    # general
    "warning": _mark("▲", pgettext_lazy("state", "Attention"), "warn"),
    "draft": _mark("◌", pgettext_lazy("state", "Draft"), "none"),
    "intact": _mark("●", pgettext_lazy("ledger", "Intact"), "good"),
    "broken": _mark("✕", pgettext_lazy("ledger", "Broken"), "bad"),
}
