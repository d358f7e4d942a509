"""Gates as services: answering, freezing, reviewing, deciding, lapsing."""

import datetime as dt

import pytest

from sekisho.book.models import Condition, Decision, Gate, GateState, Submission
from sekisho.book.queries.book_page import conditions_of, owed
from sekisho.book.queries.gates import read_gate
from sekisho.book.services import decisions, gates, phases, projects, reviews
from sekisho.book.services.ledger import verify_all
from sekisho.errors import Blocked, Conflict, Invalid, NotFound, NotPermitted, StaleWrite
from tests.book.factories import (
    advance,
    answer_all,
    criterion_document,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    review_gate,
    submit_gate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau)


@pytest.fixture
def gate(project):
    return plan_gate(project)


def blocker_codes(gate):
    return [
        b.code
        for b in read_gate(Gate.objects.select_related("project__owner").get(pk=gate.pk)).evaluation.blockers
    ]


def test_a_new_book_stands_before_its_plan_gate(project, gate):
    assert gate.state == GateState.OPEN
    assert blocker_codes(gate) == ["unanswered", "unanswered", "missing_review"]
    assert project.blocker_count == 3
    assert project.road["stations"][0] == "here_barred"


def test_it_refuses_an_unknown_criterion(people, gate):
    with pytest.raises(Invalid) as refused:
        gates.save_answer(people.member, gate, "nope", value="met")
    assert "criterion" in refused.value.fields


def test_it_refuses_an_answer_to_a_criterion_that_does_not_apply(bureau, people):
    standard = make_standard(
        "2.0", [criterion_document("plan-1"), criterion_document("plan-9", applies="personal_data != 'none'")]
    )
    gate = plan_gate(make_project(bureau, standard=standard))
    with pytest.raises(Invalid):
        gates.save_answer(people.member, gate, "plan-9", value="met")


@pytest.mark.parametrize("value", ["yes", "MET", "x" * 300])
def test_it_refuses_an_unknown_value(people, gate, value):
    with pytest.raises(Invalid) as refused:
        gates.save_answer(people.member, gate, "plan-1", value=value)
    assert "value" in refused.value.fields


def test_not_applicable_needs_a_reason(people, gate):
    with pytest.raises(Invalid) as refused:
        gates.save_answer(people.member, gate, "plan-1", value="not_applicable", comment="  ")
    assert "comment" in refused.value.fields


def test_a_stale_save_shows_both_versions_and_loses_neither(people, gate):
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="先", expected_version=0)
    with pytest.raises(StaleWrite) as stale:
        gates.save_answer(people.member, gate, "plan-1", value="partly", comment="後", expected_version=0)
    assert (stale.value.current["comment"], stale.value.yours["comment"]) == ("先", "後")
    assert gate.answers.get().comment == "先"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.example/", "none", ""])
def test_it_refuses_links_that_are_not_web_addresses(people, gate, url):
    with pytest.raises(Invalid) as refused:
        gates.save_answer(people.member, gate, "plan-1", value="met", links=[url])
    assert "links" in refused.value.fields


def test_submitting_freezes_a_snapshot_that_later_answers_do_not_touch(people, gate):
    submission = submit_gate(people.member, gate)
    with pytest.raises(Conflict):
        gates.save_answer(people.member, gate, "plan-1", value="not_met")
    gates.withdraw(people.member, gate)
    gates.save_answer(people.member, gate, "plan-1", value="not_met")
    frozen = Submission.objects.get(pk=submission.pk).document["answers"]
    assert {a["criterion"]: a["value"] for a in frozen} == {"plan-1": "met", "plan-2": "met"}


def test_a_second_submit_is_refused_and_makes_no_snapshot(people, gate):
    submit_gate(people.member, gate)
    with pytest.raises(Conflict) as refused:
        gates.submit(people.member, gate)
    assert refused.value.code == "already_submitted"
    assert gate.submissions.count() == 1


def test_go_is_refused_while_a_blocker_stands_and_lists_it(people, gate):
    submit_gate(people.member, gate)
    with pytest.raises(Blocked) as refused:
        decisions.decide(people.cio_aide, gate, result="go", reason="x")
    assert [blocker.code for blocker, _message in refused.value.blockers] == ["missing_review"]


def test_an_open_must_finding_bars_until_the_reviewer_resolves_it(people, gate):
    submit_gate(people.member, gate)
    review = reviews.give_review(
        people.cio_aide,
        gate,
        recommendation="conditional",
        findings=[
            reviews.NewFinding("must", "根拠が足りません", "plan-1"),
            reviews.NewFinding("advice", "よい"),
        ],
    )
    assert blocker_codes(gate) == ["open_finding"]
    finding = review.findings.get(severity="must")
    reviews.reply_to_finding(people.member, finding, "足しました")
    assert blocker_codes(gate) == ["open_finding"]
    with pytest.raises(NotPermitted):
        reviews.resolve_finding(people.member, finding)
    reviews.resolve_finding(people.cio_aide, finding)
    assert blocker_codes(gate) == []
    decisions.decide(people.cio_aide, gate, result="go", reason="満たした")


def test_nobody_decides_on_what_they_answered_even_after_someone_else_overwrote_it(bureau, people, gate):
    from tests.factories import RoleAssignmentFactory

    RoleAssignmentFactory(user=people.cio_aide, role="member", organisation=bureau)
    gates.save_answer(people.cio_aide, gate, "plan-1", value="met", comment="私")
    submit_gate(people.member, gate)
    with pytest.raises(NotPermitted):
        reviews.give_review(people.cio_aide, gate, recommendation="go")
    with pytest.raises(NotPermitted) as refused:
        decisions.decide(people.cio_aide, gate, result="return", reason="x")
    assert refused.value.code == "own_work"


def test_focus_projects_are_decided_by_the_quality_office(people, project):
    projects.set_tier(people.cio_aide, project, "focus", "知事の公約")
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    review_gate(people, gate)
    with pytest.raises(NotPermitted):
        decisions.decide(people.cio_aide, gate, result="go", reason="x")
    assert decisions.decide(people.quality_office, gate, result="go", reason="x").result == "go"


@pytest.mark.parametrize("role", ["member", "expert", "executive", "auditor", "contractor", "admin"])
def test_other_roles_never_decide(people, gate, role):
    submit_gate(people.member, gate)
    with pytest.raises((NotPermitted, NotFound)):
        decisions.decide(getattr(people, role), gate, result="return", reason="x")


def test_a_cio_aide_of_another_bureau_does_not_even_see_it(other_bureau, gate):
    from tests.factories import UserFactory

    stranger = UserFactory(cio_aide=True, organisation=other_bureau)
    with pytest.raises(NotFound):
        decisions.decide(stranger, gate, result="return", reason="x")


def test_a_conditional_decision_turns_every_blocker_into_a_condition(people, gate):
    answer_all(people.member, gate)
    gates.save_answer(people.member, gate, "plan-2", value="partly", comment="途中")
    gates.submit(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("全体の直し", people.member, days(10))]
    decisions.decide(people.cio_aide, gate, result="conditional", reason="期限つき", conditions=given)
    assert set(Condition.objects.values_list("criterion", flat=True)) == {"", "plan-2"}


def test_a_condition_given_for_a_criterion_speaks_for_its_blocker(people, gate):
    answer_all(people.member, gate)
    gates.save_answer(people.member, gate, "plan-2", value="not_met")
    gates.submit(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("期限までに", people.member, days(10), "plan-2")]
    decisions.decide(people.cio_aide, gate, result="conditional", reason="x", conditions=given)
    assert Condition.objects.get().text == "期限までに"


def test_a_condition_cannot_be_due_in_the_past(people, gate):
    submit_gate(people.member, gate)
    given = [decisions.NewCondition("x", people.member, days(-1))]
    with pytest.raises(Invalid) as refused:
        decisions.decide(people.cio_aide, gate, result="conditional", reason="x", conditions=given)
    assert "conditions.0.due" in refused.value.fields
    assert not Decision.objects.exists()


def test_an_overdue_condition_bars_the_next_gate(people, project, gate):
    submit_gate(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("直す", people.member, days(1))]
    decisions.decide(people.cio_aide, gate, result="conditional", reason="x", conditions=given)
    phases.enter_phase(people.member, project, "requirements")
    Condition.objects.update(due_on=days(-1))
    project.refresh_from_db()
    assert "overdue_condition" in blocker_codes(plan_gate(project))
    decisions.resolve_condition(
        people.member, Condition.objects.get(), text="直した", links=["https://example.jp/"]
    )
    assert "overdue_condition" not in blocker_codes(plan_gate(project))


def test_a_waiver_lets_a_criterion_pass_until_its_day(people, gate):
    answer_all(people.member, gate)
    gates.save_answer(people.member, gate, "plan-2", value="not_met")
    decisions.grant_waiver(
        people.quality_office, gate, criterion="plan-2", reason="移行中", expires_on=days(30)
    )
    view = read_gate(gate)
    assert "plan-2" in view.evaluation.waived
    later = read_gate(gate, today=dt.date.today() + dt.timedelta(days=31))
    assert "unmet" in [b.code for b in later.evaluation.blockers]


def test_only_the_quality_office_waives(people, gate):
    with pytest.raises(NotPermitted):
        decisions.grant_waiver(people.cio_aide, gate, criterion="plan-2", reason="x", expires_on=days(30))


def test_a_decision_lapses_when_an_answer_changes_before_it_is_used(people, project, gate):
    pass_gate(people, gate)
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="書き直した")
    gate.refresh_from_db()
    assert gate.state == GateState.OPEN
    assert gate.lapse_changes == [{"kind": "answers", "key": "plan-1"}]
    assert gate.decisions.get().lapsed_at is not None
    with pytest.raises(Conflict):
        phases.enter_phase(people.member, project, "requirements")


def test_a_decision_lapses_when_the_project_changes_what_applies(people, project, gate):
    pass_gate(people, gate)
    projects.update_project(people.member, project, {"personal_data": "personal"})
    gate.refresh_from_db()
    assert gate.state == GateState.OPEN


def test_a_waiver_that_ran_out_lapses_the_decision_at_the_moment_of_use(people, project, gate):
    import time_machine

    answer_all(people.member, gate)
    gates.save_answer(people.member, gate, "plan-2", value="not_met")
    decisions.grant_waiver(
        people.quality_office, gate, criterion="plan-2", reason="移行中", expires_on=days(3)
    )
    gates.submit(people.member, gate)
    review_gate(people, gate)
    decisions.decide(people.cio_aide, gate, result="go", reason="x")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=5)
    with time_machine.travel(later), pytest.raises(Conflict) as refused:
        phases.enter_phase(people.member, project, "requirements")
    assert refused.value.code == "decision_lapsed"
    assert refused.value.extra["changes"]
    gate.refresh_from_db()
    assert gate.state == GateState.OPEN


def test_a_used_decision_does_not_lapse(people, project, gate):
    pass_gate(people, gate)
    phases.enter_phase(people.member, project, "requirements")
    projects.update_project(people.member, project, {"personal_data": "personal"})
    gate.refresh_from_db()
    assert gate.state == GateState.USED
    assert gate.decisions.get().lapsed_at is None


def test_phases_are_entered_in_order(people, project, gate):
    pass_gate(people, gate)
    with pytest.raises(Conflict) as refused:
        phases.enter_phase(people.member, project, "build")
    assert refused.value.code == "wrong_phase"


def test_a_phase_marked_as_not_needed_is_left_out(people, project, gate):
    phases.skip_phase(people.cio_aide, project, "requirements", "既製品を使う")
    pass_gate(people, gate)
    phases.enter_phase(people.member, project, "build")
    project.refresh_from_db()
    assert (project.phase, project.road["stations"][1]) == ("build", "skipped")


def test_the_plan_gate_fixes_the_first_baseline(people, project, gate):
    from sekisho.book.services import planning

    milestone = planning.set_milestone(people.member, project, name="公開", planned_on=days(100))
    pass_gate(people, gate)
    planning.set_milestone(people.member, project, name="公開", planned_on=days(160), milestone=milestone)
    assert project.baselines.get().milestones.get().planned_on == days(100)
    with pytest.raises(Invalid):
        planning.rebaseline(people.member, project, " ")
    assert planning.rebaseline(people.member, project, "議会の議決").number == 2


def test_stop_closes_the_book(people, project, gate):
    submit_gate(people.member, gate)
    decisions.decide(people.cio_aide, gate, result="stop", reason="効果がない")
    project.refresh_from_db()
    assert project.stopped_at
    with pytest.raises(Conflict) as refused:
        projects.update_project(people.member, project, {"name": "別名"})
    assert refused.value.code == "book_closed"


def test_moving_to_a_newer_standard_keeps_the_answers_that_fit(bureau, people):
    old = make_standard("1.0")
    project = make_project(bureau, standard=old)
    gate = plan_gate(project)
    answer_all(people.member, gate)
    new = make_standard("1.1", [criterion_document("plan-1"), criterion_document("plan-3")])
    preview = gates.preview_upgrade(gate, new)
    assert (preview.kept, preview.dropped) == (("plan-1",), ("plan-2",))
    gates.upgrade_standard(people.member, gate, new)
    view = read_gate(plan_gate(project))
    assert {c.code for c in view.criteria} == {"plan-1", "plan-3"}
    assert view.answers["plan-1"].value == "met"


def test_every_chain_holds_after_a_journey(people, bureau):
    project = make_project(bureau)
    advance(people, project, "build")
    assert [found for _chain, found in verify_all() if found] == []


def test_what_a_lapsed_decision_demanded_is_owed_no_more(people, project, gate):
    answer_all(people.member, gate)
    gates.submit(people.member, gate)
    review_gate(people, gate)
    asked = [decisions.NewCondition(text="図を添える", owner=people.member, due_on=days(3))]
    decisions.decide(people.cio_aide, gate, result="conditional", reason="x", conditions=asked)
    condition = gate.conditions.get()
    assert condition.state == "open"
    assert [o.what for o in owed(project, conditions_of(project), days(5))] == ["図を添える"]
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="書き直した")
    assert Condition.objects.get().state == "lapsed"
    assert owed(project, conditions_of(project), days(5)) == []
