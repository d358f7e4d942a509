"""A refused act on the book comes back in its place: open, alone, as typed, with the reason beside it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import BudgetYear, Risk
from sekisho.book.services import planning, releases
from tests.book.factories import advance, days, make_project, pass_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="B-1", name="申請")


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def act(client, project, name, /, **data):
    return client.post(reverse("book:act", args=[project.code, name]), data)


def open_forms(response):
    """What stands in each act's fold that came back open."""
    return re.findall(r'<details class="act[^>]*? open>(.*?)</details>', response.content.decode(), re.DOTALL)


def test_a_refused_move_is_open_alone_with_what_was_typed(member, people, project):
    first, second = (
        planning.set_milestone(people.member, project, name=name, planned_on=days(30)) for name in "一二"
    )
    answer = act(member, project, "milestone-move", item=second.pk, name="二の改", planned_on="来月")
    (form,) = open_forms(answer)
    assert answer.status_code == 422
    assert 'value="二の改"' in form
    assert 'value="来月"' in form
    assert 'aria-invalid="true"' in form
    assert f'name="item" value="{second.pk}"' in form
    assert first.name in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("milestone-add", {"name": "公開", "planned_on": "いつか"}),
        ("budget", {"fiscal_year": "2026", "approved": "たくさん"}),
        ("risk-add", {"title": "遅れ", "kind": "risk", "weight": "2", "due_on": "昨日"}),
        ("contract-add", {"title": "委託", "contractor": "会社", "amount": "高い"}),
        ("link-add", {"title": "資料", "url": "どこか"}),
        ("status", {"month": "今月", "words": "順調"}),
    ],
)
def test_a_refused_addition_is_open_alone_with_what_was_typed(member, project, name, typed):
    answer = act(member, project, name, **typed)
    (form,) = open_forms(answer)
    assert answer.status_code == 422
    assert all(text in form for text in typed.values())
    assert 'aria-invalid="true"' in form


def test_a_phase_marked_as_not_needed_without_a_reason_opens_only_that_phase(client, people, project):
    client.force_login(people.cio_aide)
    answer = act(client, project, "phase-skip", item="build", reason=" ")
    (form,) = open_forms(answer)
    assert 'name="item" value="build"' in form


def test_a_risk_can_be_changed_and_the_ledger_tells_what_changed(member, people, project):
    risk = planning.note_risk(people.member, project, kind="risk", title="遅れ")
    data = {"kind": "question", "title": "遅れるか", "weight": "3", "owner": "", "due_on": ""}
    assert act(member, project, "risk-change", item=risk.pk, **data).status_code == 302
    assert Risk.objects.values_list("kind", "title", "weight").get() == ("question", "遅れるか", 3)
    entry = project.ledger.order_by("-seq").first()
    assert (entry.act, entry.before["title"], entry.after["title"]) == ("risk.updated", "遅れ", "遅れるか")


def test_money_saved_in_between_shows_both_and_loses_neither(member, people, project):
    year = planning.set_budget(people.member, project, 2026, {"approved": 100})
    planning.set_budget(people.member, project, 2026, {"approved": 200})
    answer = act(member, project, "budget-change", item=year.pk, approved="300", version=year.version)
    (form,) = open_forms(answer)
    assert answer.status_code == 412
    assert "¥200" in form
    assert "¥300" in form
    assert BudgetYear.objects.get().approved == 200
    (version,) = re.findall(r'name="version" value="(\d+)"', form)
    assert (
        act(member, project, "budget-change", item=year.pk, approved="300", version=version).status_code
        == 302
    )
    assert BudgetYear.objects.get().approved == 300


def test_a_year_entered_by_two_at_once_shows_both(member, people, project):
    planning.set_budget(people.member, project, 2026, {"approved": 100})
    answer = act(member, project, "budget", fiscal_year="2026", approved="300", seen="{}")
    assert answer.status_code == 412
    assert BudgetYear.objects.get().approved == 100
    seen = '{"2026": 1}'
    assert act(member, project, "budget", fiscal_year="2026", approved="300", seen=seen).status_code == 302


def test_an_amount_can_be_emptied_again(member, people, project):
    year = planning.set_budget(people.member, project, 2026, {"approved": 100, "requested": 5})
    assert act(member, project, "budget-change", item=year.pk, approved="100", version=1).status_code == 302
    assert BudgetYear.objects.values_list("approved", "requested").get() == (100, None)


@pytest.mark.parametrize("seen", ["[]", "x", '{"2026": "1"}', "null", "[" * 3000, "1" * 5000])
def test_a_forged_memory_of_versions_does_no_harm(member, people, project, seen):
    planning.set_budget(people.member, project, 2026, {"approved": 100})
    answer = act(member, project, "budget", fiscal_year="2026", approved="300", seen=seen)
    assert answer.status_code in (412, 422)
    assert BudgetYear.objects.get().approved == 100


def test_a_cut_list_says_how_many_there_are_and_leads_to_the_rest(member, people, project):
    for n in range(51):
        planning.note_risk(people.member, project, kind="risk", title=f"risk {n:02}")
    address = reverse("book:book", args=[project.code])
    cut = member.get(address).content.decode()
    assert "The first 50 of 51 are shown." in cut
    whole = member.get(f"{address}?all=risks").content.decode()
    assert "are shown." not in whole
    assert all(f"risk {n:02}" in whole for n in range(51))


def test_rows_with_forms_cost_no_queries_of_their_own(member, people, project):
    def cost():
        with CaptureQueriesContext(connection) as captured:
            member.get(reverse("book:book", args=[project.code]))
        return len(captured)

    for name in ("a", "b"):
        planning.note_risk(people.member, project, kind="risk", title=name)
        planning.set_milestone(people.member, project, name=name, planned_on=days(9))
    few = cost()
    for n in range(12):
        planning.note_risk(people.member, project, kind="risk", title=f"{n}")
        planning.set_milestone(people.member, project, name=f"{n}", planned_on=days(9))
    assert cost() <= few


def test_a_release_whose_decision_lapsed_is_not_offered_for_publishing(member, people, bureau):
    project = advance(people, make_project(bureau, code="B-9"), until="build")
    release = releases.plan_release(people.member, project, version="1.0", kind="new", planned_on=days(9))
    pass_gate(people, release.gate)
    address = reverse("book:book", args=[project.code])
    assert "Mark as released" in member.get(address).content.decode()
    release.gate.refresh_from_db()
    project.refresh_from_db()
    project.personal_data = "mynumber"  # behind the services: the decision lapses when it is next looked at
    project.save(update_fields=["personal_data"])
    text = member.get(address).content.decode()
    assert "Mark as released" not in text
    assert "Lapsed" in text


def test_a_saved_form_lets_go_of_its_draft_once(member, project):
    answer = act(member, project, "milestone-add", name="公開", planned_on=days(9).isoformat())
    assert 'data-draft-clear="B-1-milestone-add"' in member.get(answer.url).content.decode()
    assert "data-draft-clear" not in member.get(answer.url).content.decode()
