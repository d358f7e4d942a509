"""What fills a book month by month: money, contracts, milestones, status, risks, parts of the system."""

import datetime as dt
from collections.abc import Iterator
from functools import partial

from sekisho.book import fiscal
from sekisho.book.models import Milestone, Phase
from sekisho.book.services import planning
from sekisho.sample import phrases
from sekisho.sample.cast import DOMAIN
from sekisho.sample.story import Story

_MILESTONES = {
    "requirements": "計画の承認",
    "build": "要件の確定と調達",
    "operate": "本番公開",
    "retire": "利用の終了",
}
_AHEAD = {
    "plan": ("計画の承認", 60),
    "requirements": ("要件の確定と調達", 75),
    "build": ("本番公開", 90),
    "operate": ("年度の評価", 120),
    "retire": ("データ消去の完了", 45),
}


def fill(story: Story) -> None:
    """Plan everything that fills the book."""
    _money(story)
    _milestones(story)
    _status(story)
    _risks(story)
    _parts(story)
    _contracts(story)


def closed_on(story: Story) -> dt.date:
    """The last day on which the book may be changed, with some days to spare."""
    return story.ago({"stopped": 45, "retired": 44}.get(story.plot.state, 1))


# Money


def _money(story: Story) -> None:
    """Three years and the request for the next: known amounts at once, the others when they become known."""
    now = fiscal.fiscal_year_of(story.today)
    first = now - 2 if story.plot.phase != "plan" else now
    for year in range(first, max(now + 2, first + 3)):
        amounts = _amounts(story, year, now)
        known: dict[str, int | None] = {}
        for day, name, amount in amounts:
            if day <= story.start:
                known[name] = amount
            elif day <= closed_on(story):
                story.on(day, partial(_set_budget, story, year, {name: amount}))
        if known:
            story.on(story.start, partial(_set_budget, story, year, known))


def _amounts(story: Story, year: int, now: int) -> Iterator[tuple[dt.date, str, int]]:
    """When each amount of a year becomes known. The first year of building costs most."""
    plot, rng = story.plot, story.rng
    base = int(round(plot.yen * (1.0, 0.86, 0.93, 0.8)[year % 4], -4))
    planning_only = plot.phase == "plan"
    asked = dt.date(year - 1, 10, 20) if not planning_only else story.start + dt.timedelta(days=5)
    yield asked, "requested", base
    if planning_only or year > now:
        return
    approved = int(round(base * rng.uniform(0.9, 1.0), -4))
    yield dt.date(year, 4, 1), "approved", approved
    if year == now:
        yield story.ago(20), "executed", int(round(approved * rng.uniform(0.3, 0.6), -3))
        return
    carried = int(round(approved * 0.1, -4)) if story.has("slip") else 0
    if carried:
        yield dt.date(year + 1, 3, 25), "carried_out", carried
    yield dt.date(year + 1, 5, 31), "executed", int(round((approved - carried) * rng.uniform(0.85, 0.99), -3))


def _set_budget(story: Story, year: int, amounts: dict[str, int | None]) -> None:
    planning.set_budget(story.member, story.project, year, amounts)


# Milestones


def _milestones(story: Story) -> None:
    later = list(zip(story.route[1:], (story.entered[p] for p in story.route[1:]), strict=True))
    for phase, day in later:
        early = story.rng.randint(20, 80) if story.has("slip") else story.rng.randint(0, 6)
        story.on(
            story.start, partial(_milestone, story, _MILESTONES[phase], day - dt.timedelta(days=early), day)
        )
    name, days = _AHEAD[story.plot.phase]
    story.on(story.start, partial(_milestone, story, name, story.ago(-days), None))
    if story.has("slip") and len(story.route) > 1:
        story.on(max(story.entered[story.route[1]], story.ago(150)), partial(_slip, story, name, days))


def _milestone(story: Story, name: str, planned_on: dt.date, reached_on: dt.date | None) -> None:
    milestone = planning.set_milestone(story.member, story.project, name=name, planned_on=planned_on)
    if reached_on:
        story.on(reached_on, lambda: planning.reach_milestone(story.member, milestone, reached_on))


def _slip(story: Story, name: str, days: int) -> None:
    milestone = Milestone.objects.get(project=story.project, name=name)
    later = milestone.planned_on + dt.timedelta(days=days)
    planning.set_milestone(story.member, story.project, name=name, planned_on=later, milestone=milestone)
    planning.rebaseline(story.member, story.project, phrases.REBASELINE)


# Monthly status


def _status(story: Story) -> None:
    """Once a month from the start; the last one a few days ago, unless the project forgot."""
    last = story.ago(75) if story.has("stale") else min(closed_on(story), story.ago(story.rng.randint(2, 9)))
    month = story.start.replace(day=1)
    marks = [story.plot.mood + (story.plot.mood < 5)] * 4
    while month.replace(day=24) < last:
        marks = [_drift(story, mark) for mark in marks]
        day = story.workday(month.replace(day=story.rng.randint(18, 24)))
        if day > story.start:
            story.on(day, partial(_report, story, month, tuple(marks)))
        month = (month + dt.timedelta(days=32)).replace(day=1)
    if last > story.start and not story.has("stale"):
        story.on(last, partial(_report, story, last.replace(day=1), tuple(_drift(story, m) for m in marks)))


def _drift(story: Story, mark: int) -> int:
    """A month's change, drawn back to the project's mood."""
    pull = (story.plot.mood > mark) - (story.plot.mood < mark)
    step = story.rng.choice((-1, 0, 0, 0, 1, pull, pull))
    return min(5, max(1, mark + step))


def report_now(story: Story, day: dt.date) -> None:
    """Report a month early: the gate of operation wants to see a fresh status."""
    _report(story, day.replace(day=1), (story.plot.mood,) * 4)


def _report(story: Story, month: dt.date, marks: tuple[int, ...]) -> None:
    schedule, cost, scope, quality = marks
    words = story.rng.choice(phrases.MONTHLY[min(marks)])
    planning.report_status(
        story.member,
        story.project,
        month=month,
        schedule=schedule,
        cost=cost,
        scope=scope,
        quality=quality,
        words=words,
    )


# Risks, parts, contracts


def _risks(story: Story) -> None:
    count = 4 if story.has("risky") else story.rng.randint(0, 2)
    for index, risk in enumerate(story.rng.sample(phrases.RISKS, count)):
        noted = story.start + dt.timedelta(days=8 + 11 * index)
        if noted < closed_on(story):
            story.on(noted, partial(_risk, story, risk, noted, index))


def _risk(story: Story, risk: tuple[str, str, str, int], noted: dt.date, index: int) -> None:
    kind, title, text, weight = risk
    due = story.ago(story.rng.randint(-60, 5)) if index % 2 == 0 else None
    row = planning.note_risk(
        story.member,
        story.project,
        kind=kind,
        title=title,
        text=text,
        weight=weight,
        owner=story.member,
        due_on=due if due is None or due > noted else None,
    )
    if index % 3 == 1:
        done = noted + (closed_on(story) - noted) / 2
        story.on(done, lambda: planning.close_risk(story.member, row, phrases.OUTCOME))


def _parts(story: Story) -> None:
    code = story.plot.code
    day = story.start + dt.timedelta(days=3)
    for title, page in phrases.LINKS[: story.rng.randint(1, 3)]:
        url = f"https://docs.{DOMAIN}/{code}/{page}"
        story.on(day, partial(planning.add_link, story.member, story.project, title=title, url=url))
    measure = {"kind": "outcome", "text": "来庁せずに終えられた手続きの割合", "unit": "%"}
    numbers = {"baseline": str(story.rng.randint(5, 30)), "target": str(story.rng.randint(50, 80))}
    story.on(day, partial(planning.add_goal, story.member, story.project, **measure, **numbers))
    if Phase.REQUIREMENTS in story.entered or story.has("legacy"):
        _system(story, day + dt.timedelta(days=20))


def _system(story: Story, day: dt.date) -> None:
    supplier = story.rng.choice(phrases.COMPANIES)
    for name, purpose in phrases.MODULES[: story.rng.randint(2, 4)]:
        words = {"name": name, "purpose": purpose, "supplier": supplier}
        story.on(day, partial(planning.add_module, story.member, story.project, **words))
    for other, direction, method, data in story.rng.sample(phrases.INTERFACES, story.rng.randint(1, 3)):
        words = {"counterpart": other, "direction": direction, "method": method, "data": data}
        story.on(day, partial(planning.add_interface, story.member, story.project, **words))


def _contracts(story: Story) -> None:
    for phase in story.route[1:]:
        starts = story.entered[phase] + dt.timedelta(days=12)
        if starts < closed_on(story):
            story.on(starts, partial(_contract, story, phase, starts))


def _contract(story: Story, phase: Phase, starts: dt.date) -> None:
    year = fiscal.fiscal_year_of(starts)
    planning.add_contract(
        story.member,
        story.project,
        contractor=story.rng.choice(phrases.COMPANIES),
        title=f"{story.plot.name} {phrases.ENGAGEMENTS[phase]}",
        method=story.rng.choice(phrases.METHODS),
        amount=round(story.plot.yen * story.rng.uniform(0.35, 0.7), -3),
        fiscal_year=year,
        starts_on=starts,
        ends_on=dt.date(year + 1, 3, 31),
    )
