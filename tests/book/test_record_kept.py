"""What the ledger keeps of each act, and what the retirement list accepts as proof."""

import pytest
from django.db import connection

from sekisho.book.models import Gate, LedgerEntry, RetirementItem
from sekisho.book.services import decisions, gates, phases, planning, retirement, reviews
from sekisho.book.services.ledger import chain_of, verify_all, verify_chain
from sekisho.errors import Conflict, Invalid
from sekisho.standards.services import choose_standard
from tests.book.factories import (
    advance,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    submit_gate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau)


def last(act):
    return LedgerEntry.objects.filter(act=act).order_by("-id").first()


# Before and after


def test_a_changed_risk_keeps_what_it_said(people, project):
    risk = planning.note_risk(people.member, project, kind="risk", title="一", text="前", weight=2)
    planning.note_risk(people.member, project, kind="risk", title="一", text="後", weight=2, risk=risk)
    entry = last("risk.updated")
    assert (entry.before, entry.after) == ({"text": "前"}, {"text": "後"})


def test_a_removed_item_keeps_what_it_said(people, project):
    link = planning.add_link(people.member, project, title="表", url="https://a.example/")
    planning.remove_item(people.member, link)
    assert last("item.removed").before["url"] == "https://a.example/"


def test_a_milestone_keeps_its_days(people, project):
    milestone = planning.set_milestone(people.member, project, name="m", planned_on=days(5))
    planning.reach_milestone(people.member, milestone, days(0))
    assert last("milestone.done").after == {"done_on": days(0).isoformat()}
    planning.remove_milestone(people.member, milestone)
    assert last("milestone.removed").before["planned_on"] == days(5).isoformat()


def test_removed_evidence_keeps_its_address(people, project):
    gate = plan_gate(project)
    evidence = gates.add_evidence_link(people.member, gate, "plan-1", url="https://a.example/x")
    gates.remove_evidence(people.member, evidence)
    assert last("evidence.removed").before["url"] == "https://a.example/x"


def test_replies_reviews_and_resolutions_are_kept_word_for_word(people, project):
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    given = reviews.give_review(
        people.cio_aide,
        gate,
        recommendation="conditional",
        comment="全体に良い",
        findings=[reviews.NewFinding("advice", "参考")],
    )
    assert last("review.given").after == {"comment": "全体に良い"}
    finding = given.findings.get()
    reviews.reply_to_finding(people.member, finding, "一度目")
    reviews.reply_to_finding(people.member, finding, "二度目")
    assert last("finding.answered").before == {"reply": "一度目"}
    demanded = [decisions.NewCondition("直す", people.member, days(3))]
    decided = decisions.decide(
        people.quality_office, gate, result="conditional", reason="x", conditions=demanded
    )
    decisions.resolve_condition(
        people.member, decided.conditions.get(), text="直した", links=["https://a.example/"]
    )
    assert last("condition.resolved").after == {"resolution": "直した", "links": ["https://a.example/"]}


# Behind the application's back


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    "change",
    [
        "act = 'gate.opened2'",
        "actor_id = 999",
        "actor_name = 'x'",
        "params = '{}'",
        "before = '{\"a\": 1}'",
        "after = '{\"a\": 1}'",
        "at = '2001-01-01 00:00:00'",
        "hash = 'f'",
        "previous_hash = 'f'",
        "project_id = NULL",
    ],
)
def test_every_column_is_proved(people, project, change):
    chain = chain_of(project)
    run(f"UPDATE book_ledgerentry SET {change} WHERE chain = %s AND seq = 1", chain)
    assert verify_chain(chain).seq == 1


def test_a_moment_that_cannot_be_read_is_named(people, project):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses it")
    chain = chain_of(project)
    run("UPDATE book_ledgerentry SET at = 'once' WHERE chain = %s AND seq = 1", chain)
    assert verify_chain(chain).seq == 1


def test_an_office_chain_that_vanished_is_named(people, bureau, project):
    choose_standard(people.quality_office, bureau, make_standard("5.0"), in_force_from=days(0))
    run("DELETE FROM book_ledgerentry WHERE chain = 'office'")
    run("DELETE FROM book_ledgerhead WHERE chain = 'office'")
    assert [found.chain for _chain, found in verify_all() if found] == ["office"]


def test_swapped_entries_of_two_books_are_named(bureau, project):
    other = make_project(bureau)
    one, two = chain_of(project), chain_of(other)
    run("UPDATE book_ledgerentry SET chain = 'tmp' WHERE chain = %s AND seq = 1", one)
    run("UPDATE book_ledgerentry SET chain = %s WHERE chain = %s AND seq = 1", one, two)
    run("UPDATE book_ledgerentry SET chain = %s WHERE chain = 'tmp'", two)
    assert {found.chain for _chain, found in verify_all() if found} == {one, two}


@pytest.mark.parametrize("column", ["length = 1", "last_hash = 'f'"])
def test_a_head_that_was_moved_is_detected(project, column):
    chain = chain_of(project)
    run(f"UPDATE book_ledgerhead SET {column} WHERE chain = %s", chain)
    assert verify_chain(chain) is not None


# Retirement


PROOF = {
    "kind": "device",
    "name": "サーバー",
    "classification": 2,
    "method": "purge",
    "done_on": days(0),
    "done_by": "山田",
    "witness": "佐藤",
    "certificate": "証-1",
}


@pytest.fixture
def retiring(people, project):
    advance(people, project, "retire")
    pass_gate(people, plan_gate(project))
    return project


@pytest.mark.parametrize("missing", ["method", "done_on", "done_by", "witness", "certificate"])
def test_each_proof_is_needed(people, retiring, missing):
    blank = None if missing == "done_on" else " \u3000"
    if missing == "method":
        blank = ""
    item = retirement.set_retirement_item(people.member, retiring, {**PROOF, missing: blank})
    assert item.missing == [missing]
    with pytest.raises(Conflict) as refused:
        phases.retire(people.member, retiring)
    assert refused.value.extra["items"] == ["サーバー"]
    retirement.set_retirement_item(people.member, retiring, PROOF, item=item)
    assert phases.retire(people.member, retiring).retired_at


@pytest.mark.parametrize("method", ["clear", "purge", "crypto_erase"])
def test_the_highest_class_demands_destruction(people, retiring, method):
    with pytest.raises(Invalid) as refused:
        retirement.set_retirement_item(
            people.member, retiring, {**PROOF, "classification": 1, "method": method}
        )
    assert "method" in refused.value.fields
    item = retirement.set_retirement_item(
        people.member, retiring, {**PROOF, "classification": 1, "method": "destroy"}
    )
    assert item.missing == []


def test_clearing_is_too_weak_for_class_2_and_enough_below(people, retiring):
    said = {**PROOF, "classification": 2, "method": "clear"}
    with pytest.raises(Invalid) as refused:
        retirement.set_retirement_item(people.member, retiring, said)
    assert "method" in refused.value.fields
    for enough in ({"classification": 3}, {"method": "purge"}, {"method": "crypto_erase"}):
        assert retirement.set_retirement_item(people.member, retiring, {**said, **enough}).missing == []


@pytest.mark.parametrize("witness", ["山田", " 山　田", "ﾔﾏﾀﾞ"])
def test_nobody_witnesses_what_they_did(people, retiring, witness):
    doer = "ヤマダ" if witness == "ﾔﾏﾀﾞ" else "山田"
    with pytest.raises(Invalid) as refused:
        retirement.set_retirement_item(
            people.member, retiring, {**PROOF, "done_by": doer, "witness": witness}
        )
    assert "witness" in refused.value.fields


def test_a_name_too_long_for_the_list_is_refused(people, retiring):
    with pytest.raises(Invalid) as refused:
        retirement.set_retirement_item(people.member, retiring, {**PROOF, "location": "あ" * 301})
    assert "location" in refused.value.fields
    assert not RetirementItem.objects.exists()


def test_an_empty_list_proves_nothing(people, retiring):
    with pytest.raises(Conflict) as refused:
        phases.retire(people.member, retiring)
    assert refused.value.code == "retirement_unproved"


# Baselines


def test_the_first_baseline_is_fixed_at_the_plan_gate_and_stays(people, project):
    milestone = planning.set_milestone(people.member, project, name="稼働", planned_on=days(30))
    pass_gate(people, plan_gate(project))
    planning.set_milestone(people.member, project, name="稼働2", planned_on=days(60), milestone=milestone)
    with pytest.raises(Invalid):
        planning.rebaseline(people.member, project, " ")
    planning.rebaseline(people.member, project, "予算の変更")
    first, second = project.baselines.order_by("number")
    assert [(m.name, m.planned_on) for m in first.milestones.all()] == [("稼働", days(30))]
    assert [(m.name, m.planned_on) for m in second.milestones.all()] == [("稼働2", days(60))]
    with pytest.raises(Conflict):
        planning.remove_milestone(people.member, milestone)


def test_a_lapsed_and_passed_plan_gate_leaves_the_first_baseline(people, project):
    planning.set_milestone(people.member, project, name="稼働", planned_on=days(30))
    gate = plan_gate(project)
    pass_gate(people, gate)
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="変えた")
    assert Gate.objects.get(pk=gate.pk).state == "open"
    pass_gate(people, Gate.objects.get(pk=gate.pk))
    assert project.baselines.count() == 1
