"""Overdue conditions reach their owner, then the CIO aide."""

import pytest

from sekisho.book.models import Condition, Gate, LedgerEntry
from sekisho.book.services import decisions, escalation, releases
from sekisho.people.models import Notice
from tests.book.factories import advance, days, make_project, plan_gate, review_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def condition(bureau, people):
    gate = plan_gate(make_project(bureau))
    submit_gate(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("手順書を直す", people.member, days(3))]
    decisions.decide(people.quality_office, gate, result="conditional", reason="x", conditions=given)
    return Condition.objects.get()


def kinds(person):
    return list(Notice.objects.filter(user=person).order_by("id").values_list("kind", flat=True))


def test_nobody_is_reminded_before_the_due_date(condition, people):
    assert escalation.remind_overdue(days(3)) == 0
    assert "condition_overdue" not in kinds(people.member)


def test_the_owner_hears_of_it_once_the_day_has_passed(condition, people):
    escalation.remind_overdue(days(4))
    escalation.remind_overdue(days(5))
    assert kinds(people.member).count("condition_overdue") == 1
    assert "condition_escalated" not in kinds(people.cio_aide)


def test_the_cio_aide_hears_of_it_after_a_week_once(condition, people):
    assert escalation.remind_overdue(days(10)) == 1
    condition.refresh_from_db()
    assert escalation.remind_overdue(days(11)) == 0
    assert kinds(people.cio_aide).count("condition_escalated") == 1
    assert LedgerEntry.objects.filter(act="condition.escalated").count() == 1


def test_a_met_condition_is_left_alone(condition, people):
    decisions.resolve_condition(people.member, condition, text="直した")
    assert escalation.remind_overdue(days(30)) == 0


def test_an_emergency_nobody_judged_in_time_is_brought_to_those_who_decide_once(bureau, people):
    project = advance(people, make_project(bureau), "build")
    release = releases.emergency_release(people.member, project, version="1.0.1", kind="fix", reason="障害")
    assert escalation.remind_emergencies(days(14)) == 0
    assert escalation.remind_emergencies(days(15)) == 1
    escalation.remind_emergencies(days(16))
    for person in (people.cio_aide, people.quality_office):
        assert kinds(person).count("emergency_overdue") == 1
    gate = Gate.objects.select_related("project__owner", "release", "standard").get(release=release)
    submit_gate(people.member, gate)
    review_gate(people, gate)
    decisions.decide(people.quality_office, gate, result="go", reason="x")
    assert escalation.remind_emergencies(days(20)) == 0
