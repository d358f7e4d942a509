"""Figures that look arranged, made through the acts people use; and figures that survive wild acts."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Baseline, BudgetYear, LedgerEntry, Project
from sekisho.book.services import phases, planning, projects
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.people.services import organisations
from sekisho.portfolio import alarms as a
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.queries.pages import PAGES
from sekisho.portfolio.queries.signs import signs_of
from sekisho.portfolio.services import figures
from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.portfolio.services.signs import answer_sign
from tests.api.callers import Caller, problem
from tests.book.factories import days, make_project, pass_gate, plan_gate, submit_gate
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def shown(project):
    project.refresh_from_db()
    return [sign.code for sign in signs_of(project)]


def months_back(n):
    first = timezone.localdate().replace(day=1)
    whole = first.year * 12 + first.month - 1 - n
    return dt.date(whole // 12, whole % 12 + 1, 1)


def report(project, back, words, *marks):
    schedule, cost, scope, quality = marks or (3, 3, 3, 3)
    planning.report_status(
        SYSTEM,
        project,
        month=months_back(back),
        schedule=schedule,
        cost=cost,
        scope=scope,
        quality=quality,
        words=words,
    )


def planned(people, bureau):
    """A book whose plan was fixed at its gate."""
    project = make_project(bureau)
    planning.set_milestone(people.member, project, name="稼働", planned_on=days(100))
    pass_gate(people, plan_gate(project))
    return project


def test_a_plan_fixed_at_its_gate_is_no_sign(people, bureau):
    assert shown(planned(people, bureau)) == []


def test_plans_fixed_anew_again_and_again(people, bureau):
    project = planned(people, bureau)
    planning.rebaseline(people.member, project, "法改正")
    assert a.BASELINE_RESET not in shown(project)
    planning.rebaseline(people.member, project, "さらに遅れ")
    assert shown(project) == [a.BASELINE_RESET]


def test_a_plan_fixed_anew_right_before_a_submission(people, bureau):
    project = planned(people, bureau)
    phases.enter_phase(people.member, project, "requirements")
    project.refresh_from_db()
    planning.rebaseline(people.member, project, "法改正")
    submit_gate(people.member, plan_gate(project))
    assert shown(project) == [a.BASELINE_RESET]


def test_a_plan_fixed_anew_long_before_a_submission_is_no_sign(people, bureau):
    project = planned(people, bureau)
    phases.enter_phase(people.member, project, "requirements")
    project.refresh_from_db()
    planning.rebaseline(people.member, project, "法改正")
    Baseline.objects.filter(number=2).update(fixed_at=timezone.now() - dt.timedelta(days=90))
    submit_gate(people.member, plan_gate(project))
    assert shown(project) == []


def test_a_tier_lowered_right_before_a_submission(people, bureau):
    project = make_project(bureau)
    projects.set_tier(people.quality_office, project, "focus", "大きい")
    submit_gate(people.member, plan_gate(project))
    assert shown(project) == []  # watched more closely is no sign
    other = make_project(bureau)
    projects.set_tier(people.quality_office, other, "focus", "大きい")
    projects.set_tier(people.quality_office, other, "light", "小さい")
    submit_gate(people.member, plan_gate(other))
    assert shown(other) == [a.RECLASSIFIED]


def test_a_phase_left_out_right_before_a_submission(people, bureau):
    project = make_project(bureau)
    phases.skip_phase(people.quality_office, project, "requirements", "既製品")
    assert shown(project) == []
    submit_gate(people.member, plan_gate(project))
    assert shown(project) == [a.RECLASSIFIED]


def test_a_confidence_that_never_changes(people, bureau):
    project = make_project(bureau)
    for back in range(12):
        report(project, back, f"{'甲乙丙丁戊己庚辛壬癸子丑'[back]}が進んだ")
    assert shown(project) == [a.NEVER_CHANGES]
    report(project, 0, "つまずいた", 2, 3, 3, 3)
    assert shown(project) == []


@pytest.mark.parametrize(
    ("words", "copied"),
    [
        (("順調に進んでいます。", "順調に進んでいます", "順調に 進んでいます!"), True),
        (("4月は順調です", "5月は順調です", "6月は順調です"), True),
        (("ALL IS WELL.", "All is well", "All is well (May)"), True),
        (("進捗率30%", "進捗率50%", "進捗率80%"), False),
        (("順調です", "順調です", "遅れが出ました"), False),
        (("!", "?", "…"), True),
    ],
)
def test_status_copied_month_to_month(people, bureau, words, copied):
    project = make_project(bureau)
    for back, said in zip((2, 1, 0), words, strict=True):
        report(project, back, said, 2 + back % 2, 3, 3, 3)
    assert shown(project) == ([a.COPIED] if copied else [])


def test_confidence_far_from_the_plan(people, bureau):
    project = planned(people, bureau)
    [milestone] = project.milestones.all()
    planning.set_milestone(people.member, project, milestone=milestone, name="稼働", planned_on=days(200))
    report(project, 0, "順調", 5, 5, 5, 5)
    assert shown(project) == [a.AGAINST_MEASURES]
    planning.rebaseline(people.member, project, "見直し")  # a new baseline does not hide it
    assert shown(project) == [a.AGAINST_MEASURES]
    report(project, 0, "遅れている", 2, 3, 3, 3)
    assert shown(project) == []


def differences():
    return list(figures.recount())


def test_figures_hold_after_wild_acts(people, bureau, other_bureau):
    root = OrganisationFactory(code="wild", name="荒地局")
    section = OrganisationFactory(code="wild-1", name="荒地課", parent=root)
    books = [make_project(section) for _number in range(3)] + [planned(people, bureau)]
    figures.bring_up_to_date()
    organisations.close_organisation(SYSTEM, section, timezone.localdate())
    assert differences() == []
    organisations.move_organisation(SYSTEM, section, other_bureau)
    assert differences() == []
    projects.update_project(SYSTEM, books[0], {"owner": bureau})
    projects.set_tier(people.quality_office, books[3], "light", "小さい")
    assert differences() == []
    planning.set_budget(SYSTEM, books[1], 2019, {"approved": 5_000, "executed": 4_000})
    planning.set_budget(SYSTEM, books[1], 2019, {"executed": 4_500})
    planning.set_budget(SYSTEM, books[1], 2026, {"approved": 10, "supplementary": -30})
    BudgetYear.objects.filter(project=books[1], fiscal_year=2026).update(
        executed=-7
    )  # as an import may bring
    figures.touch([books[1].pk])
    assert differences() == []
    report_month(SYSTEM, books[2], month=months_back(1), availability=None, incidents=3, requests=1)
    report_month(SYSTEM, books[2], month=months_back(1), availability=Decimal(99), incidents=0, requests=0)
    report_incident(SYSTEM, books[2], key="1", began_on=months_back(1), severity="minor", minutes_down=4)
    phases.enter_phase(people.member, books[3], "requirements")
    assert differences() == []
    gone = books[0].pk  # the database's owner removes a book by hand, chain and all
    LedgerEntry.objects.filter(project=gone)._raw_delete("default")
    Project.objects.filter(pk=gone).delete()
    assert {difference.place[0] for difference in differences()} == {bureau.pk}
    figures.rebuild()
    assert differences() == []


def reset_before_a_review(people, bureau):
    """A book that shows one sign, which no later report takes away."""
    project = planned(people, bureau)
    phases.enter_phase(people.member, project, "requirements")
    project.refresh_from_db()
    planning.rebaseline(people.member, project, "法改正")
    submit_gate(people.member, plan_gate(project))
    return project


def asked_about(people, project, sign, reason="議会の議決で日程が動いた。議事録を確かめた。"):
    return answer_sign(people.quality_office, project, sign, reason)


def counts(people):
    figures.bring_up_to_date()
    charts = PAGES["truth"].charts(actor_of(people.quality_office), read_filters(QueryDict()))
    rows = next(chart for chart in charts if chart.name == "alarms").rows
    return [[cell.value for cell in row.cells] for row in rows if row.total]


def test_a_sign_is_answered_in_the_open_and_asked_again(client, people, bureau):
    project = reset_before_a_review(people, bureau)
    assert counts(people) == [[1, 0]]
    client.force_login(people.quality_office)
    address = reverse("portfolio:signs", args=[project.code])
    refused = client.post(address, {"sign": a.BASELINE_RESET, "reason": " "})
    assert refused.status_code == 422
    assert counts(people) == [[1, 0]]
    client.post(address, {"sign": a.BASELINE_RESET, "reason": "議会の議決で動いた"})
    assert counts(people) == [[0, 1]]
    client.force_login(people.member)  # whoever reads the book reads who said what
    page = client.get(address).content.decode()
    assert "議会の議決で動いた" in page
    assert str(people.quality_office) in page
    assert "<textarea" not in page
    entry = LedgerEntry.objects.filter(project=project).latest("pk")
    assert (entry.act, entry.after) == ("sign.answered", {"reason": "議会の議決で動いた"})
    [answer] = project.sign_answers.all()
    client.force_login(people.quality_office)
    client.post(reverse("portfolio:signs_take_back", args=[project.code, answer.pk]))
    assert counts(people) == [[1, 0]]
    assert "議会の議決で動いた" in client.get(address).content.decode()
    assert differences() == []


@pytest.mark.parametrize("who", ["member", "cio_aide", "executive", "auditor", "admin"])
def test_nobody_but_the_quality_office_answers(people, bureau, who):
    project = reset_before_a_review(people, bureau)
    with pytest.raises(NotPermitted):
        answer_sign(getattr(people, who), project, a.BASELINE_RESET, "よい")


def test_a_sign_is_answered_through_the_api_and_asked_again(people, bureau):
    project = reset_before_a_review(people, bureau)
    office, address = Caller(people.quality_office), f"/projects/{project.code}/signs"
    [sign] = office.get(address).json()["items"]
    assert (sign["sign"], sign["answered"]) == (a.BASELINE_RESET, False)
    made = office.post(f"{address}/{a.BASELINE_RESET}/answers", {"reason": "議会の議決"})
    assert made.status_code == 201
    assert (made.json()["reason"], made.json()["answered_by"]) == ("議会の議決", "quality_office")
    assert counts(people) == [[0, 1]]
    problem(office.post(f"{address}/{a.BASELINE_RESET}/answers", {"reason": "x"}), 409, "sign_answered")
    problem(office.post(f"{address}/nothing/answers", {"reason": "x"}), 422, "invalid")
    problem(office.post(f"{address}/copied/answers", {"reason": "x"}), 409, "no_such_sign")
    withdrawn = office.post(f"{address}/answers/{made.json()['id']}/withdraw")
    assert withdrawn.json()["withdrawn_at"]
    assert counts(people) == [[1, 0]]
    [kept] = office.get(f"{address}/answers").json()["items"]
    assert kept == withdrawn.json()
    problem(office.post(f"{address}/answers/{made.json()['id']}/withdraw"), 409, "taken_back")
    problem(office.post(f"{address}/answers/999/withdraw"), 404, "not_found")


def test_an_answer_needs_a_sign_that_stands_open(people, bureau):
    project = planned(people, bureau)
    with pytest.raises(Conflict):
        asked_about(people, project, a.BASELINE_RESET)
    with pytest.raises(Invalid):
        asked_about(people, project, "nothing")
    project = reset_before_a_review(people, bureau)
    asked_about(people, project, a.BASELINE_RESET)
    with pytest.raises(Conflict):
        asked_about(people, project, a.BASELINE_RESET)


def test_an_answer_does_not_cover_the_next_time(people, bureau):
    project = reset_before_a_review(people, bureau)
    asked_about(people, project, a.BASELINE_RESET)
    [sign] = signs_of(project)
    assert sign.answered
    Baseline.objects.filter(project=project).update(fixed_at=timezone.now() - dt.timedelta(days=3))
    planning.rebaseline(people.member, project, "さらに遅れ")
    [sign] = signs_of(project)
    assert not sign.answered


def test_an_answer_to_copied_reports_ends_with_half_a_year(people, bureau):
    project = make_project(bureau)
    for back in (9, 8, 7):
        report(project, back, "順調です", 2 + back % 2, 3, 3, 3)
    with time_machine.travel(timezone.now() - dt.timedelta(days=230)):
        asked_about(people, project, a.COPIED)
    assert [sign.answered for sign in signs_of(project)] == [True]
    for back in (6, 5, 4, 3, 2, 1, 0):
        report(project, back, "順調です", 2 + back % 2, 3, 3, 3)
    assert [sign.answered for sign in signs_of(project)] == [False]


def test_a_sign_lapses_a_year_after_the_fiscal_year_of_its_last_report(people, bureau):
    project = make_project(bureau)
    for back in (2, 1, 0):
        report(project, back, "順調です", 2 + back % 2, 3, 3, 3)
    figures.bring_up_to_date()
    year = fiscal_year_of(timezone.localdate())
    actor = actor_of(people.quality_office)

    def shown_in(asked):
        filters = replace(read_filters(QueryDict()), year=asked)
        [chart] = [one for one in PAGES["truth"].charts(actor, filters) if one.name == "alarms"]
        return sum(row.total for row in chart.rows)

    assert [shown_in(year + n) for n in (-1, 0, 1, 2)] == [0, 1, 1, 0]
