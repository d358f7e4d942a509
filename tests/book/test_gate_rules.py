"""The rules of the gates, attacked: ways around blockers, segregation, lapse and waivers."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from sekisho.book import measures
from sekisho.book.evaluation import Measurement
from sekisho.book.models import Condition, Gate, GateState, Membership
from sekisho.book.queries.gates import read_gate
from sekisho.book.services import decisions, escalation, gates, phases, planning, projects, releases, reviews
from sekisho.errors import Blocked, Conflict, Invalid, NotPermitted
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
from tests.factories import RoleAssignmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau)


@pytest.fixture
def gate(project):
    return plan_gate(project)


@pytest.fixture
def passed(people, gate):
    pass_gate(people, gate)
    return gate


def codes(gate):
    fresh = Gate.objects.select_related("project__owner", "standard", "release").get(pk=gate.pk)
    return [blocker.code for blocker in read_gate(fresh).evaluation.blockers]


def fresh(user):
    """The same person, signed in anew: what they may do is read again."""
    return type(user).objects.get(pk=user.pk)


def state(gate):
    return Gate.objects.get(pk=gate.pk).state


# A decision lapses by whatever act moves its ground


def test_money_that_moves_the_tier_lapses_a_decision_at_once(people, project, passed):
    planning.set_budget(people.member, project, 2026, {"approved": 900_000_000})
    project.refresh_from_db()
    assert (project.tier, state(passed)) == ("focus", GateState.OPEN)
    assert project.road["stations"][0] == "here_barred"


def test_money_that_brings_a_criterion_lapses_a_decision(bureau, people):
    asked = [
        criterion_document("plan-1"),
        criterion_document("plan-2", applies="budget_yen >= 50000000"),
    ]
    project = make_project(bureau, standard=make_standard("7.0", asked), for_citizens=True)
    pass_gate(people, plan_gate(project))
    planning.set_budget(people.member, project, 2026, {"requested": 60_000_000})
    gate = plan_gate(project)
    assert (gate.state, [c["kind"] for c in gate.lapse_changes]) == (GateState.OPEN, ["answers"])


@pytest.fixture
def demand(bureau):
    """A plan gate that demands a measurement at most a day old, and the value and moment it yields."""
    now = {"value": 1, "at": timezone.now()}
    known = dict(measures._measures)
    measures.register_measure(
        measures.Measure("t_value", "value", "", lambda p, r: Measurement(now["value"], now["at"]))
    )
    measure = {"name": "t_value", "operator": ">=", "value": 1, "max_age_days": 1}
    project = make_project(
        bureau, standard=make_standard("8.0", [criterion_document("plan-1", measure=measure)])
    )
    yield project, now
    measures._measures.clear()
    measures._measures.update(known)


def test_a_measurement_that_grew_old_lapses_a_waiting_decision_overnight(people, demand):
    project, now = demand
    pass_gate(people, plan_gate(project))
    now["at"] -= dt.timedelta(days=3)
    escalation.refresh_dated()
    gate = plan_gate(project)
    assert (gate.state, gate.lapse_changes) == (GateState.OPEN, [{"kind": "measures", "key": "plan-1"}])


def test_a_failing_measurement_bars_and_lapses_on_any_act(people, demand):
    project, now = demand
    pass_gate(people, plan_gate(project))
    now["value"] = 0
    planning.note_risk(people.member, project, kind="risk", title="別の作業")
    assert state(plan_gate(project)) == GateState.OPEN
    assert "measure_failing" in codes(plan_gate(project))


def test_a_measurement_without_a_moment_is_not_fresh(people, demand):
    project, now = demand
    now["at"] = None
    assert "measure_missing" in codes(plan_gate(project))


def test_the_age_of_a_measurement_counts_days_of_the_office(demand, settings):
    project, now = demand
    settings.TIME_ZONE = "Asia/Tokyo"
    tokyo = timezone.get_default_timezone()
    today = timezone.localdate()
    now["at"] = dt.datetime.combine(today - dt.timedelta(days=1), dt.time(0, 30), tokyo).astimezone(dt.UTC)
    assert "measure_stale" not in codes(plan_gate(project))


def test_a_used_decision_never_lapses(people, project, passed):
    phases.enter_phase(people.member, project, "requirements")
    planning.set_budget(people.member, project, 2026, {"approved": 900_000_000})
    escalation.refresh_dated()
    assert state(passed) == GateState.USED


def test_the_calendar_brings_blockers_to_the_lists(bureau, people, project):
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("直す", people.member, days(3))]
    decisions.decide(people.quality_office, gate, result="conditional", reason="x", conditions=given)
    phases.enter_phase(people.member, project, "requirements")
    before = project.blocker_count
    Condition.objects.update(due_on=days(-1))
    escalation.refresh_dated()
    project.refresh_from_db()
    assert project.blocker_count == before + 1


# Segregation


def test_an_expert_reviews_only_the_gate_they_were_invited_to(people, project, passed):
    expert = UserFactory()
    phases.enter_phase(people.member, project, "requirements")
    reviews.invite_reviewer(people.member, Gate.objects.get(pk=passed.pk), expert)
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    with pytest.raises(NotPermitted):
        reviews.give_review(fresh(expert), gate, recommendation="go")
    reviews.invite_reviewer(people.member, gate, expert)
    assert reviews.give_review(fresh(expert), gate, recommendation="go").reviewer_role == "expert"


def test_a_contractor_never_reviews_resolves_or_is_invited(people, project, gate):
    outsider = UserFactory()
    reviews.invite_reviewer(people.member, gate, outsider)
    projects.add_member(people.member, project, outsider, "contractor")
    submit_gate(people.member, gate)
    with pytest.raises(NotPermitted):
        reviews.give_review(fresh(outsider), gate, recommendation="go")
    finding = reviews.NewFinding("must", "直すこと")
    given = reviews.give_review(people.cio_aide, gate, recommendation="return", findings=[finding])
    with pytest.raises(NotPermitted):
        reviews.resolve_finding(fresh(outsider), given.findings.get())
    with pytest.raises(Invalid):
        reviews.invite_reviewer(people.member, gate, people.contractor)


def test_whoever_answered_cannot_be_asked_to_review(people, gate):
    gates.save_answer(people.member, gate, "plan-1", value="met")
    with pytest.raises(Invalid) as refused:
        reviews.invite_reviewer(people.cio_aide, gate, people.member)
    assert "person" in refused.value.fields


def test_replying_to_a_finding_is_taking_part(people, bureau, project, gate):
    both = people.quality_office
    Membership.objects.create(project=project, user=both, part="member")
    submit_gate(people.member, gate)
    finding = reviews.NewFinding("must", "直すこと")
    given = reviews.give_review(people.cio_aide, gate, recommendation="return", findings=[finding])
    reviews.reply_to_finding(fresh(both), given.findings.get(), "直した")
    with pytest.raises(NotPermitted) as refused:
        decisions.decide(fresh(both), gate, result="return", reason="x")
    assert refused.value.code == "own_work"


def test_saving_the_same_again_does_not_take_over_an_answer(people, project, gate):
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="a")
    other = UserFactory()
    Membership.objects.create(project=project, user=other, part="member")
    gates.save_answer(other, gate, "plan-1", value="met", comment="a")
    assert gate.answers.get().answered_by == people.member


# Waivers and conditions


def test_what_bars_nothing_cannot_be_waived(bureau, people):
    asked = [criterion_document("plan-1"), criterion_document("plan-2", requirement="recommended")]
    gate = plan_gate(make_project(bureau, standard=make_standard("9.0", asked)))
    with pytest.raises(Invalid) as refused:
        decisions.grant_waiver(
            people.quality_office, gate, criterion="plan-2", reason="x", expires_on=days(9)
        )
    assert "criterion" in refused.value.fields


@pytest.mark.parametrize("expires", [None, 0, -1])
def test_a_waiver_needs_a_later_day(people, gate, expires):
    day = None if expires is None else days(expires)
    with pytest.raises(Invalid) as refused:
        decisions.grant_waiver(people.quality_office, gate, criterion="plan-1", reason="x", expires_on=day)
    assert "expires" in refused.value.fields


@pytest.mark.parametrize("who", ["cio_aide", "member", "executive", "auditor", "contractor", "admin"])
def test_only_the_quality_office_waives(people, gate, who):
    with pytest.raises((NotPermitted, Conflict, Exception)) as refused:
        decisions.grant_waiver(getattr(people, who), gate, criterion="plan-1", reason="x", expires_on=days(9))
    assert refused.value.status in (403, 404)


def test_two_people_waive_the_same_criterion_and_one_waiver_stands_so_that_ending_it_ends_it(people, gate):
    other = UserFactory(display_name="品質 花子")
    RoleAssignmentFactory(user=other, organisation=gate.project.owner, role="quality_office")
    until = days(30)
    first = decisions.grant_waiver(other, gate, criterion="plan-1", reason="一", expires_on=until)
    with pytest.raises(Conflict) as refused:
        decisions.grant_waiver(
            people.quality_office, gate, criterion="plan-1", reason="二", expires_on=days(9)
        )
    assert refused.value.code == "already_waived"
    assert "品質 花子" in str(refused.value)
    decisions.grant_waiver(people.quality_office, gate, criterion="plan-2", reason="二", expires_on=until)
    decisions.revoke_waiver(people.quality_office, first)
    assert "plan-1" in {blocker.criterion for blocker in read_gate(gate).evaluation.blockers}
    again = decisions.grant_waiver(other, gate, criterion="plan-1", reason="三", expires_on=days(9))
    type(again).objects.filter(pk=again.pk).update(expires_on=days(-1))
    decisions.grant_waiver(other, gate, criterion="plan-1", reason="四", expires_on=days(9))


def test_an_expired_waiver_bars_again_and_lapses(people, project, gate):
    gates.save_answer(people.member, gate, "plan-1", value="not_met")
    gates.save_answer(people.member, gate, "plan-2", value="met")
    gates.submit(people.member, gate)
    review_gate(people, gate)
    waiver = decisions.grant_waiver(
        people.quality_office, gate, criterion="plan-1", reason="x", expires_on=days(1)
    )
    decisions.decide(people.quality_office, gate, result="go", reason="x")
    type(waiver).objects.filter(pk=waiver.pk).update(expires_on=days(-1))
    with pytest.raises(Conflict) as refused:
        phases.enter_phase(people.member, project, "requirements")
    assert refused.value.code == "decision_lapsed"
    assert "unmet" in codes(gate)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": " \x00 "}, "text"),
        ({"owner": None}, "owner"),
        ({"due_on": None}, "due"),
        ({"due_on": days(-1)}, "due"),
        ({"criterion": "nope"}, "criterion"),
    ],
)
def test_a_condition_names_what_who_and_when(people, gate, change, field):
    submit_gate(people.member, gate)
    values = {"text": "直す", "owner": people.member, "due_on": days(3), **change}
    with pytest.raises(Invalid) as refused:
        decisions.decide(
            people.quality_office,
            gate,
            result="conditional",
            reason="x",
            conditions=[decisions.NewCondition(**values)],
        )
    assert f"conditions.0.{field}" in refused.value.fields
    assert state(gate) == GateState.SUBMITTED


def test_words_no_database_keeps_are_left_out(people, gate):
    answer = gates.save_answer(people.member, gate, "plan-1", value="met", comment="良\x00い\ud800")
    assert answer.comment == "良い"


# A newer standard


def test_an_answer_to_an_older_wording_bars_until_it_is_given_again(bureau, people):
    old = make_standard("3.0", [criterion_document("plan-1")])
    other = {"ja": "まったく別の問い", "en": "Quite another question"}
    new = make_standard("3.1", [criterion_document("plan-1", title=other, guidance=other, evidence="link")])
    gate = plan_gate(make_project(bureau, standard=old))
    answer_all(people.member, gate)
    assert gates.upgrade_standard(people.member, gate, new).to_look_at == ("plan-1",)
    gate = plan_gate(gate.project)
    assert "needs_look" in codes(gate)
    gates.submit(people.member, gate)
    review_gate(people, gate)
    with pytest.raises(Blocked):
        decisions.decide(people.quality_office, gate, result="go", reason="x")
    gates.withdraw(people.member, gate)
    gates.save_answer(
        people.member, gate, "plan-1", value="met", comment="確認しました", links=["https://a.example/"]
    )
    assert "needs_look" not in codes(gate)


# Emergencies


def test_the_gate_of_an_emergency_is_not_put_off(people, project):
    advance(people, project, "build")
    release = releases.emergency_release(people.member, project, version="1.0.1", kind="fix", reason="障害")
    gate = Gate.objects.select_related("release", "project").get(release=release)
    assert gate.due_on == days(14)
    for later in (days(15), None):
        with pytest.raises(Invalid) as refused:
            gates.set_due(people.member, gate, later)
        assert "due_on" in refused.value.fields
    assert gates.set_due(people.member, gate, days(3)).due_on == days(3)


# Bad input


def test_a_closed_organisation_gets_no_new_book(bureau, other_bureau, people, project):
    type(bureau).objects.filter(pk=other_bureau.pk).update(closed_on=days(-1))
    other_bureau.refresh_from_db()
    with pytest.raises(Invalid):
        projects.create_project(people.quality_office, code="Z-1", name="x", owner=other_bureau)
    with pytest.raises(Invalid):
        projects.update_project(people.quality_office, project, {"owner": other_bureau})


def test_a_ledger_row_laid_to_another_book_is_named(bureau, people, project):
    from sekisho.book.services.ledger import chain_of, verify_chain

    other = make_project(bureau)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE book_ledgerentry SET project_id = %s WHERE chain = %s AND seq = 2",
            [other.pk, chain_of(project)],
        )
    found = verify_chain(chain_of(project))
    assert (found.seq, found.reason) == (2, "altered")
