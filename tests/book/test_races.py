"""Two at once, on PostgreSQL: one decision, one snapshot, one chain."""

import datetime as dt
import threading
import time

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from sekisho.book.models import Decision, Project, Submission
from sekisho.book.services import decisions, gates, phases, projects
from sekisho.book.services.common import locked_book
from sekisho.book.services.ledger import chain_of, verify_chain
from sekisho.errors import Conflict, StaleWrite
from tests.book.factories import answer_all, make_project, pass_gate, plan_gate, review_gate, submit_gate
from tests.factories import OrganisationFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*acts):
    """Run acts in threads that start together; returns what each returned or raised."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index, act):
        barrier.wait()
        try:
            results[index] = act()
        except Exception as problem:  # noqa: BLE001 - whatever was raised is the result
            results[index] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def project(bureau):
    assert connection.vendor == "postgresql"
    return make_project(bureau)


def test_two_decisions_at_once_yield_one(project, people):
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    review_gate(people, gate)
    results = at_once(
        lambda: decisions.decide(people.quality_office, plan_gate(project), result="go", reason="一"),
        lambda: decisions.decide(people.cio_aide, plan_gate(project), result="return", reason="二"),
    )
    assert Decision.objects.count() == 1
    assert sorted(type(result) for result in results if isinstance(result, Exception)) == [Conflict]


def test_a_double_submit_is_one_snapshot(project, people):
    gate = plan_gate(project)
    answer_all(people.member, gate)
    results = at_once(*[lambda: gates.submit(people.member, plan_gate(project))] * 4)
    assert Submission.objects.count() == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


def test_many_writers_keep_one_chain(project, people):
    acts = [
        lambda i=i: projects.update_project(people.member, project, {"summary": f"概要{i}"}) for i in range(8)
    ]
    results = at_once(*acts)
    assert not [result for result in results if isinstance(result, Exception)]
    assert verify_chain(chain_of(project)) is None


def test_two_answers_from_the_same_version_keep_the_first_and_show_the_second(project, people):
    gate = plan_gate(project)
    acts = [
        lambda word=word: gates.save_answer(
            people.member, plan_gate(project), "plan-1", value="met", comment=word, expected_version=0
        )
        for word in ("甲", "乙")
    ]
    results = at_once(*acts)
    assert sum(isinstance(result, StaleWrite) for result in results) == 1
    assert gate.answers.get().version == 1


def test_a_book_moved_while_someone_waits_for_it_is_still_found(project, people):
    city = OrganisationFactory()

    def move():
        with transaction.atomic():
            locked_book(project.pk)
            Project.objects.filter(pk=project.pk).update(owner=city)
            time.sleep(0.6)

    def write():
        time.sleep(0.2)
        return projects.update_project(people.quality_office, project, {"summary": "後"})

    moved, written = at_once(move, write)
    assert moved is None
    assert (written.summary, written.owner_id) == ("後", city.pk)


def test_a_phase_is_entered_once(project, people):
    pass_gate(people, plan_gate(project))
    results = at_once(*[lambda: phases.enter_phase(people.member, project, "requirements")] * 3)
    assert sum(isinstance(result, Conflict) for result in results) == 2
    project.refresh_from_db()
    assert project.phase == "requirements"


def test_a_decision_is_used_or_lapses_never_both(project, people):
    pass_gate(people, plan_gate(project))
    gate = plan_gate(project)
    at_once(
        lambda: phases.enter_phase(people.member, Project.objects.get(pk=project.pk), "requirements"),
        lambda: gates.save_answer(people.member, gate, "plan-1", value="not_met"),
    )
    decision = Decision.objects.get()
    assert (decision.used_at is None) != (decision.lapsed_at is None)
    entered = Project.objects.get(pk=project.pk).phase == "requirements"
    assert entered == (decision.used_at is not None)
    assert verify_chain(chain_of(project)) is None


def test_a_waiver_ended_while_go_is_given_never_carries_a_project_on(project, people):
    gate = plan_gate(project)
    answer_all(people.member, gate)
    gates.save_answer(people.member, gate, "plan-1", value="not_met")
    gates.submit(people.member, gate)
    review_gate(people, gate)
    until = timezone.localdate() + dt.timedelta(days=9)
    waiver = decisions.grant_waiver(
        people.quality_office, gate, criterion="plan-1", reason="x", expires_on=until
    )
    at_once(
        lambda: decisions.decide(people.quality_office, plan_gate(project), result="go", reason="一"),
        lambda: decisions.revoke_waiver(people.quality_office, waiver),
    )
    assert plan_gate(project).state in ("submitted", "open")
    assert not Decision.objects.filter(lapsed_at__isnull=True).exists()
