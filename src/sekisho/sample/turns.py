"""The turns a story takes: gates passed on the way, the state of the last one, releases, retirement."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from sekisho.book.models import Membership, Phase, Release
from sekisho.book.services import gates, phases, projects, releases, retirement
from sekisho.sample import daily, operations, phrases, publishing, usertests, voices
from sekisho.sample.gatework import GateWork
from sekisho.sample.standards import TESTED_SINCE
from sekisho.sample.story import Story


def open_book(story: Story) -> None:
    """The owner section opens the book; the aide leaves out phases that are not needed."""
    plot = story.plot
    owner = story.cast.organisations[plot.section]
    fields: dict[str, Any] = {
        **plot.fields,
        "start_year": story.start.year - (4 if story.has("legacy") else 0),
    }
    story.project = projects.create_project(story.member, code=plot.code, owner=owner, **fields)
    story.cast.forget(story.member.username)
    if story.has("focus"):
        story.on(story.start, partial(_watch_closely, story))
    for phase in sorted(story.skipped, key=lambda p: p.position):
        story.on(story.start + dt.timedelta(days=2), partial(_skip, story, phase))
    if plot.phase in ("build", "operate") and plot.fields["development_form"] == "contract":
        story.on(story.start + dt.timedelta(days=3), partial(name_contractor, story))


def _watch_closely(story: Story) -> None:
    projects.set_tier(story.quality, story.project, "focus", phrases.FOCUS)


def _skip(story: Story, phase: Phase) -> None:
    if phase == Phase.OPERATE:
        words = phrases.SKIP_OPERATE
    else:
        words = phrases.SKIP if story.has("legacy") else phrases.SKIP_NEEDED
    phases.skip_phase(story.aide, story.project, phase, words)


def name_contractor(story: Story) -> None:
    contractor = story.cast["yoshida"]
    projects.add_member(
        story.member, story.project, contractor, Membership.Part.CONTRACTOR, phrases.COMPANIES[0]
    )
    story.cast.forget("yoshida")


def travel(story: Story) -> None:
    """Pass every gate before the present phase, then bring the present gate to its state."""
    for phase, following in zip(story.route, story.route[1:], strict=False):
        is_last = following == story.route[-1]
        _pass(story, phase, following, is_last=is_last)
    STATES[story.plot.state](story, GateWork(story))


def _pass(story: Story, phase: Phase, following: Phase, *, is_last: bool) -> None:
    """One gate passed: answered along the phase, reviewed, decided, and used on the day of leaving."""
    work, opened, leaving = GateWork(story), story.entered[phase], story.entered[following]

    def at(share: float) -> dt.date:
        return story.workday(opened + dt.timedelta(days=round((leaving - opened).days * share)))

    for step in range(3):
        story.on(at(0.15 + 0.18 * step), partial(work.answer, step / 3, (step + 1) / 3))
    story.on(at(0.62), work.submit)
    severities = story.rng.choice(((), (), ("should",), ("must",)))
    story.on(at(0.70), partial(work.review, severities=severities))
    story.on(at(0.77), work.reply)
    story.on(at(0.83), work.resolve)
    owing = {"overdue", "cond_open", "cond_done"} & set(story.plot.extras)
    if phase == Phase.OPERATE:
        for day in (at(0.89), leaving - dt.timedelta(days=1)):
            story.on(day, partial(daily.report_now, story, day))
    if is_last and owing:
        _owe(story, work, owing.pop(), at(0.60), at(0.90))
    else:
        story.on(at(0.90), work.go)
    story.on(leaving, lambda: phases.enter_phase(story.member, story.project, following))


def _owe(story: Story, work: GateWork, kind: str, gap_on: dt.date, decided_on: dt.date) -> None:
    """Pass on condition; the condition is overdue, still open, or met."""
    gaps: list[str] = []
    story.on(gap_on, lambda: gaps.append(work.leave_gap()))
    due = {"overdue": story.ago(12), "cond_open": story.ago(-25), "cond_done": story.ago(10)}[kind]
    story.on(decided_on, lambda: work.pass_on_condition(gaps[0], due))
    if kind == "cond_done":
        story.on(story.ago(15), work.meet_conditions)


# The states of the present gate


def _due(story: Story, work: GateWork, in_days: int) -> None:
    """Set the date of the gate, some days after it was opened."""
    set_on = story.entered[story.route[-1]] + dt.timedelta(days=4)
    due_on = max(story.ago(-in_days), min(set_on, story.ago(1)))
    story.on(set_on, lambda: gates.set_due(story.member, work.gate, due_on))


def _fresh(story: Story, work: GateWork) -> None:
    _due(story, work, 75)


def _answer_until(story: Story, work: GateWork, share: float, days_before: int) -> None:
    """Answer in three sittings between entering the phase and some days before today."""
    opened = story.entered[story.route[-1]]
    length = (story.ago(days_before) - opened).days
    for step in range(3):
        day = story.workday(opened + dt.timedelta(days=round(length * (0.3 + 0.35 * step))))
        story.on(day, partial(work.answer, share * step / 3, share * (step + 1) / 3))
    if story.plot.fields["development_form"] == "contract" and story.plot.phase in ("build", "operate"):
        story.on(story.ago(days_before), lambda: work.show("yoshida"))


def _half(story: Story, work: GateWork) -> None:
    _due(story, work, -6 if story.has("late") else story.rng.randint(6, 45))
    _answer_until(story, work, story.rng.uniform(0.35, 0.7), 4)


def _ready(story: Story, work: GateWork) -> None:
    _due(story, work, 7)
    _answer_until(story, work, 1.0, 2)


def _submitted(story: Story, work: GateWork, back: int = 0) -> None:
    """Submitted; ``back`` moves everything that many days further into the past."""
    _due(story, work, 10 - back)
    _answer_until(story, work, 1.0, 12 + back)
    story.on(story.ago(10 + back), work.submit)
    if story.has("expert"):
        story.on(story.ago(9 + back), work.invite_expert)
        story.on(story.ago(8 + back), work.review_as_expert)


def _findings(story: Story, work: GateWork, back: int = 0) -> None:
    _submitted(story, work, back)
    severities = ("must", "should", "advice")
    story.on(story.ago(6 + back), partial(work.review, severities=severities, recommendation="conditional"))


def _answered(story: Story, work: GateWork, back: int = 0) -> None:
    _findings(story, work, back)
    story.on(story.ago(4 + back), work.reply)


def _resolved(story: Story, work: GateWork, back: int = 0) -> None:
    _answered(story, work, back)
    story.on(story.ago(3 + back), work.resolve)


def _go(story: Story, work: GateWork, back: int = 0) -> None:
    _resolved(story, work, back)
    story.on(story.ago(2 + back), work.go)


def _conditional(story: Story, work: GateWork) -> None:
    _submitted(story, work)
    gaps: list[str] = []
    story.on(story.ago(11), lambda: gaps.append(work.leave_gap()))
    story.on(story.ago(6), partial(work.review, severities=("should",), recommendation="conditional"))
    story.on(story.ago(2), lambda: work.pass_on_condition(gaps[0], story.ago(-30)))


def _returned(story: Story, work: GateWork) -> None:
    _findings(story, work, 8)
    story.on(story.ago(9), work.send_back)


def _stopped(story: Story, work: GateWork) -> None:
    _findings(story, work, 38)
    story.on(story.ago(39), work.stop)


def _lapsed(story: Story, work: GateWork) -> None:
    _go(story, work, 6)
    story.on(story.ago(3), work.change_answer)


def _waived(story: Story, work: GateWork) -> None:
    _due(story, work, 20)
    _answer_until(story, work, 0.6, 10)
    gaps: list[str] = []
    story.on(story.ago(9), lambda: gaps.append(work.leave_gap("not_met")))
    story.on(story.ago(7), lambda: work.waive(gaps[0], story.ago(-90)))


def _retired(story: Story, work: GateWork) -> None:
    _go(story, work, 40)
    story.on(story.ago(38), lambda: phases.retire(story.member, story.project))


STATES: dict[str, Callable[[Story, GateWork], None]] = {
    "fresh": _fresh,
    "half": _half,
    "overdue": _half,
    "ready": _ready,
    "submitted": _submitted,
    "findings": _findings,
    "answered": _answered,
    "resolved": _resolved,
    "go": _go,
    "conditional": _conditional,
    "returned": _returned,
    "stopped": _stopped,
    "lapsed": _lapsed,
    "waived": _waived,
    "retired": _retired,
}


# Releases


def deliver(story: Story) -> None:
    """The releases of a story, by its extras; a project in operation was released once while it was built."""
    if Phase.OPERATE in story.entered and Phase.BUILD in story.entered:
        _release(story, "1.0", "new", story.entered[Phase.OPERATE] - dt.timedelta(days=4), "published")
    in_build = story.plot.phase == "build"
    version, kind = ("1.0", "new") if in_build else (("5.2" if story.has("legacy") else "1.1"), "change")
    for extra in story.plot.extras:
        name, _colon, state = extra.partition(":")
        if name == "release":
            day = story.ago(70) if state == "published" and not in_build else story.ago(-12)
            _release(
                story, version, kind, day if state != "published" or not in_build else story.ago(9), state
            )
        elif name == "release2":
            _release(story, "1.2", "change", story.ago(-9), state)
        elif name.startswith("emergency"):
            _hurry(story, done=name == "emergency_done")


def _release(story: Story, version: str, kind: str, day: dt.date, state: str) -> None:
    """Plan a release for a day and bring its gate to ``half``, ``submitted``, ``go`` or ``published``."""
    work = GateWork(story, version)
    pace = 1 if state == "published" else 0
    start = day - dt.timedelta(days=34) if pace else story.ago(24)
    story.on(start, lambda: _plan(story, version, kind, day))
    steps: list[tuple[int, Callable[[], object]]] = [
        (4, lambda: work.answer(0, 0.5)),
        (9, lambda: work.answer(0.5, 1)),
        (14, work.submit),
        (17, partial(work.review, severities=("should",))),
        (19, work.reply),
        (20, work.resolve),
        (21, work.go),
    ]
    count = {"half": 1, "submitted": 3, "go": 7, "published": 7}[state]
    for after, deed in steps[:count]:
        story.on(start + dt.timedelta(days=after), deed)
    if start >= story.ago(TESTED_SINCE):
        usertests.arrange(story, version, start + dt.timedelta(days=5), done=state != "half")
    if state == "published":
        story.on(day - dt.timedelta(days=1), lambda: _publish(story, version))
        if kind == "new" and story.plot.phase == "operate" and not story.has("legacy"):
            voices.arrange(story, day + dt.timedelta(days=30))
            operations.arrange(story, day)
            publishing.arrange(story, day)


def _plan(story: Story, version: str, kind: str, day: dt.date) -> Release:
    words = "最初の公開" if kind == "new" else "入力の補助と通知の改善"
    return releases.plan_release(
        story.member, story.project, version=version, kind=kind, planned_on=day, name=words
    )


def _publish(story: Story, version: str) -> None:
    releases.publish_release(
        story.member,
        Release.objects.select_related("project", "gate").get(project=story.project, version=version),
    )


def _hurry(story: Story, *, done: bool) -> None:
    """An emergency release; its gate judged afterwards is done, or still due."""
    version = "1.1.1" if not story.has("legacy") else "5.2.1"
    start = story.ago(60 if done else 5)
    story.on(
        start,
        lambda: releases.emergency_release(
            story.member,
            story.project,
            version=version,
            kind="fix",
            reason=phrases.EMERGENCY,
            name="弱点の緊急の修正",
        ),
    )
    work = GateWork(story, version)
    if not done:
        story.on(story.ago(2), lambda: work.answer(0, 0.4))
        return
    for after, deed in ((3, work.answer), (5, work.submit), (7, work.review), (9, work.go)):
        story.on(start + dt.timedelta(days=after), deed)


# Retirement


def list_what_holds_data(story: Story) -> None:
    """The list of a project in retirement: proved, partly proved, or only listed."""
    if story.plot.phase != "retire":
        return
    opened = story.entered[Phase.RETIRE] + dt.timedelta(days=6)
    proved = {"proved": 9, "nearly": 2, "unproved": 1}
    count = next((n for extra, n in proved.items() if story.has(extra)), 0)
    for index, item in enumerate(_items(story)):
        story.on(opened, partial(_list_item, story, item, index < count))


def _items(story: Story) -> list[dict[str, object]]:
    is_cloud = story.plot.fields["development_form"] == "saas"
    wanted = ("contractor", "cloud", "leased") if is_cloud else ("device", "backup", "contractor", "leased")
    holds_numbers = story.plot.fields["personal_data"] == "mynumber"
    rows = []
    for kind, name, place, level, method in phrases.ITEMS:
        if kind in wanted:
            highest = holds_numbers and kind in ("device", "backup")
            rows.append(
                {
                    "kind": kind,
                    "name": name,
                    "location": place,
                    "classification": 1 if highest else level,
                    "method": method,
                }
            )
    return rows


def _list_item(story: Story, item: dict[str, object], proved: bool) -> None:
    line = retirement.set_retirement_item(story.member, story.project, {**item, "method": ""})
    if not proved:
        return
    done_on = min(story.entered[Phase.RETIRE] + dt.timedelta(days=20), story.ago(3))
    proof = {
        "method": item["method"],
        "done_on": done_on,
        "done_by": phrases.COMPANIES[2],
        "witness": str(story.member),
        "certificate": f"消去証明書 {story.plot.code}-{line.pk}",
    }
    story.on(done_on, lambda: retirement.set_retirement_item(story.member, story.project, proof, item=line))
