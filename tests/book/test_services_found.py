"""Answering many criteria in one act keeps every rule of answering one."""

import pytest

from sekisho.book.models import Answer, Evidence
from sekisho.book.services.answering import NewAnswer, save_answers
from sekisho.book.services.gates import save_answer
from sekisho.book.services.ledger import chain_of, verify_chain
from sekisho.errors import Conflict, Invalid, NotPermitted
from tests.book.factories import make_project, plan_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(bureau):
    return plan_gate(make_project(bureau))


def test_many_answers_are_saved_with_links_and_a_sound_ledger(people, gate):
    save_answer(people.member, gate, "plan-1", value="not_met", comment="まだです")
    links = ("https://example.org/a", "https://example.org/a")
    save_answers(
        people.member, gate, [NewAnswer("plan-1", "met", "済みました", links), NewAnswer("plan-2", "met")]
    )
    assert [(a.criterion, a.value, a.version) for a in Answer.objects.all()] == [
        ("plan-1", "met", 2),
        ("plan-2", "met", 1),
    ]
    assert Evidence.objects.get().url == "https://example.org/a"
    assert verify_chain(chain_of(gate.project)) is None
    acts = list(gate.project.ledger.order_by("seq").values_list("act", flat=True))
    assert acts.count("answer.saved") == 3
    assert acts[-1] == "evidence.added"


def test_one_bad_answer_leaves_all_unsaved(people, gate):
    with pytest.raises(Invalid) as refused:
        save_answers(people.member, gate, [NewAnswer("plan-1", "met"), NewAnswer("plan-2", "not_applicable")])
    assert "plan-2" in refused.value.fields
    assert not Answer.objects.exists()


def test_a_submitted_gate_and_a_reviewer_are_refused(people, gate):
    with pytest.raises(NotPermitted):
        save_answers(people.cio_aide, gate, [NewAnswer("plan-1", "met")])
    submit_gate(people.member, gate)
    with pytest.raises(Conflict):
        save_answers(people.member, gate, [NewAnswer("plan-1", "met")])
