"""The charts of the overview: where projects stand, what is due, who got surer, money, delay, releases."""

import datetime as dt

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from sekisho.book.models import Phase, ReleaseKind, Tier
from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.queries.figures import (
    Filters,
    Sums,
    behind,
    keyed,
    money_of,
    spanning,
    under_way,
    yearly,
)
from sekisho.portfolio.queries.outlook import Likely, likely
from sekisho.web.formats import fiscal_year, is_japanese, yen_short

FIGURES = (
    *(f.PHASE, f.GATE_DUE, f.CONDITION_DUE, f.CONFIDENCE, f.CONFIDENCE_FLOW),
    *(*f.MONEY, f.DRIFT, f.RELEASE),
)
SOON = dt.timedelta(days=30)
TIER_COLOURS = ("c1", "c2", "c3")
DUE_COLOURS = ("r1", "r2", "r3")
DRIFT = {
    "on_time": gettext_lazy("At most a week late"),
    "month": gettext_lazy("Up to 30 days late"),
    "quarter": gettext_lazy("Up to 90 days late"),
    "later": gettext_lazy("Later still"),
    f.NONE: gettext_lazy("No baseline yet"),
}
RATINGS = (*"12345", f.NONE)
FLOW_COLOURS = ("r1", "r2", "r3", "r4", "r5", "none")
EMERGENCY = gettext_lazy("Emergency")
CLOSED = {"retired": gettext_lazy("Retired"), "stopped": gettext_lazy("Stopped")}


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    sums = Sums(actor, filters, FIGURES)
    return [
        _phases(sums),
        _confidence(sums),
        _due(sums),
        _drift(sums),
        _money(sums, likely(actor, filters) if under_way(filters.year, filters.today) else None),
        _releases(sums),
    ]


def _phases(sums: Sums) -> Chart:
    names = {**dict(Phase.choices), **CLOSED}
    rows = [
        Row(
            str(title),
            [
                Cell(sums.part(f.PHASE, key, tier), behind(sums.filters, f.PHASE, key=key, tier=tier))
                for tier in Tier.values
            ],
        )
        for key, title in names.items()
    ]
    running = sum(sums.n(f.PHASE, phase) for phase in Phase.values)
    building = sum(sums.n(f.PHASE, p) for p in (Phase.PLAN, Phase.REQUIREMENTS, Phase.BUILD))
    finding = _(
        "Running projects: %(running)s, planned or built %(building)s, in use or being retired %(used)s."
    ) % {
        "running": f"{running:,}",
        "building": f"{building:,}",
        "used": f"{running - building:,}",
    }
    return Chart(
        name="phases",
        title=gettext_lazy("Projects by phase"),
        finding=finding,
        definition=gettext_lazy(
            "Each project in the phase it is in today, by tier; retired and stopped ones stand below."
        ),
        kind="stack",
        series=[str(label) for label in Tier.labels],
        colours=TIER_COLOURS,
        rows=rows,
    )


def _due(sums: Sums) -> Chart:
    today, soon = sums.filters.today.isoformat(), (sums.filters.today + SOON).isoformat()
    spans = (("", today), (today, soon), (soon, ""))
    rows = [
        Row(
            title,
            [spanning(sums, name, low, high) for low, high in spans],
        )
        for name, title in ((f.GATE_DUE, _("Gates")), (f.CONDITION_DUE, _("Conditions")))
    ]
    gates, conditions = rows[0].cells[0].value, rows[1].cells[0].value
    finding = _("Overdue: gates %(gates)s, conditions %(conditions)s.") % {
        "gates": f"{gates:,}",
        "conditions": f"{conditions:,}",
    }
    return Chart(
        name="due",
        title=gettext_lazy("Gates and conditions due"),
        finding=finding if gates or conditions else _("Nothing is overdue."),
        definition=gettext_lazy(
            "Gates not passed yet that have a due date, and conditions not met yet, of running projects."
        ),
        kind="stack",
        series=[_("Overdue"), _("Within 30 days"), _("Later")],
        colours=DUE_COLOURS,
        rows=rows,
    )


def _confidence(sums: Sums) -> Chart:
    year = sums.filters.year
    flow = sums.keys(f.CONFIDENCE_FLOW, year)
    words = [*RATINGS[:5], _("Not rated")]
    rows = [
        Row(
            words[i],
            [
                Cell(
                    flow[key].n if (key := f"{before}>{now}") in flow else 0,
                    behind(sums.filters, f.CONFIDENCE_FLOW, key=key, of=year),
                )
                for now in RATINGS[:5]
            ],
        )
        for i, before in enumerate(RATINGS)
    ]
    both = [(int(b), int(n), w.n) for key, w in flow.items() for b, n in [key.split(">")] if b != f.NONE]
    better, worse = (sum(n for b, now, n in both if sign * (now - b) > 0) for sign in (1, -1))
    stuck = sum(n for b, now, n in both if b == now and now <= 2)
    finding = _(
        "Compared with the year before, projects that became surer: %(better)s, less sure: %(worse)s, still worried: %(stuck)s."
    ) % {"better": f"{better:,}", "worse": f"{worse:,}", "stuck": f"{stuck:,}"}
    return Chart(
        name="confidence",
        title=gettext_lazy("Confidence: who got better, worse, stuck"),
        finding=finding if flow else _("No project was rated in this fiscal year."),
        definition=gettext_lazy(
            "The last monthly rating of the fiscal year before (left) and of this one (right): the lowest of schedule, "
            "cost, scope and quality, from 1 (very worried) to 5 (very confident)."
        ),
        kind="flow",
        series=words[:5],
        colours=FLOW_COLOURS,
        rows=rows,
    )


def _money(sums: Sums, expected: Likely | None) -> Chart:
    lang = get_language()

    def cell(name: str, year: int) -> Cell:
        amount = sums.amount(name, year=year)
        bounds = (expected.low, expected.high) if expected and (name, year) == told else None
        return Cell(amount, behind(sums.filters, name, of=year), yen_short(amount, lang), likely=bounds)

    told = (f.MONEY[4], sums.filters.year)
    return Chart(
        name="money",
        title=gettext_lazy("Money by fiscal year"),
        finding=_money_finding(sums, expected),
        definition=_money_definition(expected),
        kind="bars",
        series=[_("requested"), _("approved"), _("executed"), _("forecast")],
        colours=("c6", "c2", "c1", "c4"),
        rows=[
            Row(fiscal_year(year, lang), [cell(name, year) for name in money_of(year, sums.filters.today)])
            for year in sums.filters.years
            if any(sums.n(name, year=year) for name in f.MONEY)
        ],
        wide=True,
    )


def _money_finding(sums: Sums, expected: Likely | None) -> str:
    year, lang = sums.filters.year, get_language()
    if not any(sums.n(name, year=year) for name in f.MONEY):
        return _("No money is entered for this fiscal year.")
    said = {
        "year": fiscal_year(year, lang),
        "forecast": yen_short(sums.amount(money_of(year, sums.filters.today)[3], year=year), lang),
        "approved": yen_short(sums.amount("money_approved", year=year), lang),
        "executed": yen_short(sums.amount("money_executed", year=year), lang),
    }
    if not under_way(year, sums.filters.today):
        return _("%(year)s: %(approved)s approved, %(executed)s executed.") % said
    if expected is None:
        return (
            _("%(year)s: %(approved)s approved, %(executed)s executed so far, %(forecast)s expected in all.")
            % said
        )
    said |= {"low": yen_short(expected.low, lang), "high": yen_short(expected.high, lang)}
    return (
        _(
            "%(year)s: %(approved)s approved, %(executed)s executed so far, %(low)s to %(high)s likely in all, "
            "%(forecast)s at most."
        )
        % said
    )


def _money_definition(expected: Likely | None) -> str:
    said = [
        _(
            "Yen over all projects. Forecast: of a year that has ended what was executed; of one under way what was "
            "executed or may still be spent (approved, supplementary and carried in, less carried out), whichever is more."
        )
    ]
    if expected:
        said.append(
            _(
                "The line over its bar is where it will come out in 8 of 10 cases, from the share of their money that "
                "sections spent in the years before."
            )
        )
    if expected and expected.accuracy:
        held = {"percent": expected.accuracy.percent, "cases": f"{expected.accuracy.cases:,}"}
        said.append(_("Of %(cases)s such forecasts of past years %(percent)s%% held.") % held)
    return ("" if is_japanese(get_language()) else " ").join(said)


def _drift(sums: Sums) -> Chart:
    late = sum(sums.n(f.DRIFT, key) for key in ("month", "quarter", "later"))
    planned = late + sums.n(f.DRIFT, "on_time")
    finding = (
        ngettext(
            "Of %(planned)s project with a baseline, more than a week behind it: %(late)s.",
            "Of %(planned)s projects with a baseline, more than a week behind it: %(late)s.",
            planned,
        )
        % {"late": f"{late:,}", "planned": f"{planned:,}"}
        if planned
        else _("No project has a baseline yet.")
    )
    return Chart(
        name="drift",
        title=gettext_lazy("Delay against the first baseline"),
        finding=finding,
        definition=gettext_lazy(
            "The milestone that moved most, against the date fixed at the plan gate; later baselines do not hide it."
        ),
        kind="stack",
        series=[_("Projects")],
        colours=("c2",),
        rows=keyed(sums, f.DRIFT, DRIFT),
    )


def _releases(sums: Sums) -> Chart:
    kinds = {**dict(ReleaseKind.choices), "emergency": EMERGENCY}
    year = sums.filters.year
    made = sum(sums.n(f.RELEASE, kind, year) for kind in kinds)
    finding = _("%(year)s: releases %(made)s, of which emergencies %(emergency)s.") % {
        "year": fiscal_year(year, get_language()),
        "made": f"{made:,}",
        "emergency": f"{sums.n(f.RELEASE, 'emergency', year):,}",
    }
    return Chart(
        name="releases",
        title=gettext_lazy("Releases"),
        finding=finding,
        definition=gettext_lazy(
            "What was released in each fiscal year, by kind; an emergency is judged afterwards."
        ),
        kind="stack",
        series=[str(title) for title in kinds.values()],
        colours=("c1", "c2", "c3", "c5"),
        rows=yearly(sums, f.RELEASE, kinds),
    )
