"""My work: what waits for whom, and what it costs to ask."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import Finding, Gate, GateState
from sekisho.book.queries import work
from sekisho.book.services import decisions, gates, phases, planning, projects, releases, reviews
from sekisho.book.services.acting import acting_on
from sekisho.people.models import User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from tests.book.factories import (
    advance,
    answer_all,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    put_in_force,
    review_gate,
    submit_gate,
)

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    """The person as the next request knows them."""
    return User.objects.get(pk=user.pk)


def tasks(user: User) -> dict[str, list[work.Task]]:
    found = work.work_of(actor_of(fresh(user)))
    return {"due": found.due, "waiting": found.waiting, "recent": found.recent}


def kinds(user: User) -> set[str]:
    found = tasks(user)
    return {task.kind for task in found["due"] + found["waiting"]}


@pytest.fixture
def led(bureau, people):
    """A book led by the member."""
    put_in_force(make_standard(), bureau)
    project = make_project(bureau, name="住民記録")
    projects.add_member(people.member, project, people.member, "lead")
    people.member = fresh(people.member)
    return project


def test_an_open_gate_waits_for_its_team_alone(led, people):
    assert {"gate", "status"} <= kinds(people.member)
    assert kinds(people.cio_aide) == set()
    gates.set_due(people.member, plan_gate(led), days(3))
    task = next(t for t in tasks(people.member)["due"] if t.kind == "gate")
    assert task.due == days(3)
    assert task.params["bars"] == led.blocker_count or task.params["bars"] > 0


def test_what_is_overdue_stands_first_and_says_so(client, led, people):
    Gate.objects.filter(project=led).update(due_on=days(-4))
    planning.note_risk(people.member, led, kind="risk", title="外字", owner=people.member, due_on=days(2))
    due = [t.kind for t in tasks(people.member)["due"] if t.kind != "status"]  # due at the end of the month
    assert due[:2] == ["gate", "risk"]
    client.force_login(people.member)
    page = client.get(reverse("book:my_work")).content.decode()
    assert page.count("task is-late") == 1
    assert reverse("book:gate", args=[plan_gate(led).pk]) in page


def test_a_submission_waits_for_review_then_for_decision(led, people):
    submit_gate(people.member, plan_gate(led))
    assert "review" in kinds(people.cio_aide)
    assert not {"review", "decide"} & kinds(people.member)
    assert not {"review", "decide"} & kinds(people.quality_office)
    review_gate(people, plan_gate(led))
    assert "decide" in kinds(people.cio_aide)
    assert "review" not in kinds(people.cio_aide)


def test_focus_projects_are_decided_by_the_quality_office(led, people):
    projects.set_tier(people.quality_office, led, "focus", "住民全員に関わる")
    submit_gate(people.member, plan_gate(led))
    assert "review" in kinds(people.cio_aide)
    review_gate(people, plan_gate(led))
    assert "decide" in kinds(people.quality_office)
    assert "decide" not in kinds(people.cio_aide)


def test_an_invited_expert_is_asked_to_review(led, people):
    reviews.invite_reviewer(people.member, plan_gate(led), people.expert, days(5))
    assert kinds(people.expert) == set()
    submit_gate(people.member, plan_gate(led))
    (task,) = tasks(people.expert)["due"]
    assert (task.kind, task.due) == ("review", days(5))


@pytest.mark.parametrize(
    "role", ["member", "cio_aide", "quality_office", "expert", "contractor", "executive", "auditor", "admin"]
)
@pytest.mark.parametrize("focus", [False, True])
def test_only_decisions_one_may_make_are_offered(led, people, role, focus):
    if focus:
        projects.set_tier(people.quality_office, led, "focus", "理由")
    person = getattr(people, role)
    if role == "cio_aide":
        gates.save_answer(people.member, plan_gate(led), "plan-1", value="met")
    answer_all(people.member, plan_gate(led))
    gates.submit(people.member, plan_gate(led))
    review_gate(people, plan_gate(led))
    offered = "decide" in kinds(person)
    allowed = decisions.may_decide(actor_of(fresh(person)), plan_gate(led))
    assert not offered or allowed
    assert offered == (role == ("quality_office" if focus else "cio_aide"))


def test_own_work_is_never_offered_for_judgement(led, people):
    submit_gate(people.member, plan_gate(led))
    gate = plan_gate(led)
    assert work._own_work(actor_of(people.member), [gate]) == {gate.pk}
    assert work._own_work(actor_of(people.cio_aide), [gate]) == set()


def test_findings_go_to_the_team_and_their_answers_to_the_reviewer(led, people):
    submit_gate(people.member, plan_gate(led))
    found = [reviews.NewFinding("advice", "助言"), reviews.NewFinding("must", "<b>切り戻し</b>")]
    reviews.give_review(people.cio_aide, plan_gate(led), recommendation="return", findings=found)
    replies = [t for t in tasks(people.member)["waiting"] if t.kind == "finding_reply"]
    assert len(replies) == 2
    reviews.reply_to_finding(people.member, Finding.objects.get(severity="must"), "加えました")
    assert "finding_resolve" in kinds(people.cio_aide)
    assert "finding_resolve" not in kinds(people.quality_office)


def test_a_condition_waits_for_its_owner_until_it_is_met(led, people):
    submit_gate(people.member, plan_gate(led))
    review_gate(people, plan_gate(led))
    wanted = [decisions.NewCondition("公示する", people.member, days(10))]
    decision = decisions.decide(
        people.cio_aide, plan_gate(led), result="conditional", reason="条件付き", conditions=wanted
    )
    assert {"condition", "enter"} <= kinds(people.member)
    assert "condition" not in kinds(people.cio_aide)
    decisions.resolve_condition(people.member, decision.conditions.get(), text="公示した")
    assert "condition" not in kinds(people.member)


def test_a_passed_gate_opens_the_next_phase_that_is_needed(led, people):
    phases.skip_phase(people.cio_aide, led, "requirements", "小さな改修のため")
    pass_gate(people, plan_gate(led))
    (task,) = [t for t in tasks(people.member)["waiting"] if t.kind == "enter"]
    assert str(task.params["phase"]) == str(phases.next_phase(led).label)


def test_a_passed_release_waits_to_be_published(led, people):
    advance(people, led, "build")
    release = releases.plan_release(people.member, led, version="1.0", kind="new", planned_on=days(20))
    assert "gate" in {t.kind for t in tasks(people.member)["due"]}
    pass_gate(
        people, Gate.objects.select_related("project__owner", "standard", "release").get(release=release)
    )
    assert "publish" in kinds(people.member)
    releases.publish_release(people.member, release)
    assert "publish" not in kinds(people.member)


def test_the_status_of_this_month_is_asked_once(led, people):
    assert "status" in kinds(people.member)
    planning.report_status(
        people.member, led, month=days(0), schedule=4, cost=4, scope=4, quality=4, words="順調"
    )
    assert "status" not in kinds(people.member)


def test_contractors_are_given_nothing_but_conditions(led, people):
    projects.add_member(people.member, led, people.contractor, "contractor")
    assert kinds(people.contractor) == set()


def test_recent_shows_the_last_act_of_each_book(led, people):
    (task,) = tasks(people.member)["recent"]
    assert task.params["entry"].act == "member.added"
    assert [t.project for t in tasks(people.executive)["recent"]] == [led]
    assert tasks(people.expert)["recent"] == []


def test_that_a_file_was_checked_is_no_news_beside_that_it_was_added(led, people):
    with acting_on(SYSTEM, led) as act:
        for _file in range(3):
            act.write("file.cleaned", {"name": "a.pdf", "sha": "d411b5dede93"})
    (task,) = tasks(people.member)["recent"]
    assert task.params["entry"].act == "member.added"


def test_what_was_done_last_stands_first(led, people):
    other = make_project(led.owner)
    projects.add_member(people.member, led, people.expert, "expert")
    with acting_on(SYSTEM, other) as act:
        act.write("file.cleaned", {"name": "a.pdf", "sha": "d411b5dede93"})
    recent = tasks(people.executive)["recent"]
    assert [task.project for task in recent] == [led, other]


def test_a_newcomer_reads_what_will_stand_here(client, people, django_user_model):
    for role in (
        "member",
        "cio_aide",
        "expert",
        "quality_office",
        "executive",
        "auditor",
        "contractor",
        "admin",
    ):
        client.force_login(getattr(people, role))
        page = client.get(reverse("book:my_work"))
        assert page.context["welcome"] is not None
        assert "work-welcome" in page.content.decode()
    client.force_login(django_user_model.objects.create(username="nobody"))
    assert client.get(reverse("book:my_work")).status_code == 200


def test_names_and_texts_are_escaped(client, bureau, people):
    put_in_force(make_standard(), bureau)
    project = make_project(bureau, name="<script>x</script>")
    projects.add_member(people.member, project, people.member, "lead")
    client.force_login(people.member)
    assert "<script>x" not in client.get(reverse("book:my_work")).content.decode()


def busy(bureau, people, count):
    for _n in range(count):
        project = make_project(bureau)
        projects.add_member(people.member, project, people.member, "lead")
        Gate.objects.filter(project=project).update(due_on=days(1))


def test_the_same_number_of_queries_for_few_books_and_many(client, bureau, people):
    put_in_force(make_standard(), bureau)
    busy(bureau, people, 2)
    client.force_login(people.member)

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("book:my_work"))
        return len(caught)

    count()  # the first page asks whether anybody can sign in
    few = count()
    busy(bureau, people, 8)
    assert count() == few


def test_the_same_number_of_queries_for_one_submission_and_many(bureau, people):
    put_in_force(make_standard(), bureau)

    def count() -> int:
        actor = actor_of(fresh(people.cio_aide))
        with CaptureQueriesContext(connection) as caught:
            work.work_of(actor)
        return len(caught)

    submit_gate(people.member, plan_gate(make_project(bureau)))
    few = count()
    for _n in range(5):
        submit_gate(people.member, plan_gate(make_project(bureau)))
    assert count() == few
    assert len(tasks(people.cio_aide)["waiting"]) == 6


def test_a_long_column_ends_with_a_link_to_the_rest(client, bureau, people, monkeypatch):
    monkeypatch.setattr(work, "LIMIT", 3)
    put_in_force(make_standard(), bureau)
    busy(bureau, people, 5)
    client.force_login(people.member)
    page = client.get(reverse("book:my_work"))
    due = page.context["columns"][0]
    assert len(due.lines) == 3
    assert due.more == reverse("book:gates")


def test_closed_gates_and_books_ask_nothing_more(led, people):
    Gate.objects.filter(project=led).update(state=GateState.STOPPED)
    led.stopped_at = dt.datetime.now(dt.UTC)
    led.save(update_fields=["stopped_at"])
    assert kinds(people.member) == set()
