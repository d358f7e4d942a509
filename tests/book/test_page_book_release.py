"""One release on its own page: its state, its gate, and the acts that move it on."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import Project
from sekisho.book.queries.book_page import publishable
from sekisho.book.services import decisions, phases, projects, releases
from sekisho.people.roles import ACTS as ACTS_OF_ROLES
from sekisho.people.roles import ROLES
from tests.book.factories import advance, answer_all, days, make_project, pass_gate, review_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau, people):
    return advance(people, make_project(bureau, code="B-1", name="申請のオンライン化"), "build")


@pytest.fixture
def release(people, project):
    return releases.plan_release(
        people.member, project, version="1.0", kind="new", planned_on=days(5), name="窓口の予約 🗾"
    )


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def address(release):
    return reverse("book:release", args=[release.project.code, release.pk])


def passed(people, release, result="go"):
    submit_gate(people.member, release.gate)
    review_gate(people, release.gate)
    decisions.decide(people.quality_office, release.gate, result=result, reason="よい")


def test_it_tells_what_it_brings_and_what_bars_it(member, release):
    text = member.get(address(release)).content.decode()
    for words in ("1.0", "窓口の予約 🗾", "3 things", "Release gate 1.0", "planned release 1.0"):
        assert words in text
    assert 'value="publish"' not in text


@pytest.mark.parametrize("role", ROLES)
def test_it_opens_for_readers_and_offers_acts_to_who_may(client, people, release, role):
    passed(people, release)
    client.force_login(getattr(people, role))
    response = client.get(address(release))
    assert (response.status_code == 200) == (role in ACTS_OF_ROLES["read"])
    offered = 'value="publish"' in response.content.decode()
    assert offered == (role in ACTS_OF_ROLES["release"])
    before = release.state
    status = client.post(address(release), {"act": "publish"}).status_code
    release.refresh_from_db()
    if role in ACTS_OF_ROLES["release"]:
        assert (status, release.state) == (302, "released")
    else:
        assert status in (403, 404)
        assert release.state == before


def test_it_is_published_once(member, people, release):
    passed(people, release)
    assert member.post(address(release), {"act": "publish"}).status_code == 302
    again = member.post(address(release), {"act": "publish"})
    assert again.status_code == 409
    assert "already released" in again.content.decode()


def test_without_a_decision_it_is_refused_in_place(member, release):
    response = member.post(address(release), {"act": "publish"})
    assert response.status_code == 409
    release.refresh_from_db()
    assert release.state == "planned"


def test_a_lapsed_decision_offers_nothing_and_says_what_changed(member, people, project, release):
    passed(people, release)
    Project.objects.filter(pk=project.pk).update(network_zone="internet")  # behind the services' back
    response = member.get(address(release))
    text = response.content.decode()
    assert response.context["can_publish"] is False
    assert 'value="publish"' not in text
    assert "what it rested on changed" in text
    assert member.post(address(release), {"act": "publish"}).status_code == 409


def test_it_moves_to_a_day_as_officials_write_it(member, release):
    day = days(40)
    written = f"令和{day.year - 2018}年{day.month}月{day.day}日"
    assert member.post(address(release), {"act": "move", "planned_on": written}).status_code == 302
    release.refresh_from_db()
    assert release.planned_on == day
    assert release.gate.due_on == day


def test_a_day_that_somebody_moved_meanwhile_is_moved_only_after_seeing_it(member, people, release):
    def read(page):
        return re.search(r'name="read" value="([^"]+)"', page)[1]

    seen = read(member.get(address(release)).content.decode())
    releases.reschedule_release(people.quality_office, release, days(50))
    mine = {"act": "move", "planned_on": days(40).isoformat()}
    refused = member.post(address(release), {**mine, "read": seen})
    page = refused.content.decode()
    assert refused.status_code == 412
    assert "Someone else moved this date" in page
    assert f'value="{days(40).isoformat()}"' in page
    release.refresh_from_db()
    assert release.planned_on == days(50)
    assert member.post(address(release), {**mine, "read": read(page)}).status_code == 302
    release.refresh_from_db()
    assert release.planned_on == days(40)


@pytest.mark.parametrize("written", ["2020-01-01", "いつか", "2026-02-30", ""])
def test_a_day_that_cannot_be_is_refused_beside_the_field_and_kept(member, release, written):
    response = member.post(address(release), {"act": "move", "planned_on": written})
    text = response.content.decode()
    assert response.status_code == 422
    assert "aria-invalid" in text
    assert not written or f'value="{written}"' in text
    release.refresh_from_db()
    assert release.planned_on == days(5)


def test_a_post_without_an_act_changes_nothing(member, release):
    assert member.post(address(release)).status_code == 422


def test_an_emergency_says_why_and_awaits_its_gate(member, people, project):
    release = releases.emergency_release(
        people.member, project, version="1.0.1", kind="fix", reason="脆弱性が見つかった"
    )
    text = member.get(address(release)).content.decode()
    for words in ("Emergency", "脆弱性が見つかった", "3 things"):
        assert words in text
    assert 'value="move"' not in text


def test_a_release_of_another_book_is_not_found(member, bureau, release):
    other = make_project(bureau, code="B-2")
    assert member.get(reverse("book:release", args=[other.code, release.pk])).status_code == 404
    assert member.get(reverse("book:release", args=["B-1", 999_999])).status_code == 404


def test_a_closed_book_offers_no_act(member, people, project, release):
    gate = project.gates.get(phase="build", release__isnull=True)
    submit_gate(people.member, gate)
    decisions.decide(people.quality_office, gate, result="stop", reason="やめる")
    text = member.get(address(release)).content.decode()
    assert 'value="move"' not in text
    assert 'value="publish"' not in text


def test_its_ledger_is_its_own(member, people, project, release):
    releases.plan_release(people.member, project, version="2.0", kind="change", planned_on=days(9))
    sentences = [act.sentence for act in member.get(address(release)).context["acts"]]
    assert any("1.0" in sentence for sentence in sentences)
    assert not any("2.0" in sentence for sentence in sentences)


def test_names_of_300_characters_and_markup_do_no_harm(member, people, project):
    name = "<b>" + "関" * 297
    release = releases.plan_release(
        people.member, project, version="<i>", kind="new", planned_on=days(5), name=name
    )
    text = member.get(address(release)).content.decode()
    assert "<b>関" not in text
    assert "関" * 297 in text


def test_the_query_count_stays_the_same(member, people, project, release):
    counts = []
    for value in ("partly", "met"):
        member.get(address(release))
        with CaptureQueriesContext(connection) as captured:
            member.get(address(release))
        counts.append(len(captured))
        answer_all(people.member, release.gate, value)
        projects.add_member(people.member, project, people.expert, "expert")
    assert counts[0] == counts[1]
    assert counts[0] <= 40
    assert phases.next_phase(project)


def test_releases_that_wait_to_be_published_cost_no_queries_of_their_own(bureau, people):
    project = advance(people, make_project(bureau), until="build")

    def cost(number):
        release = releases.plan_release(
            people.member, project, version=f"{number}.0", kind="new", planned_on=days(9)
        )
        pass_gate(people, release.gate)
        rows = list(project.releases.select_related("gate"))
        with CaptureQueriesContext(connection) as captured:
            assert len(publishable(rows)) == number
        return len(captured)

    first = cost(1)
    assert [cost(number) for number in (2, 3)] == [first, first]
