"""Roles let in and shut out on the day, on pages and in the API alike, wherever the organisation is moved."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from sekisho.errors import Invalid
from sekisho.people.services import close_organisation, create_token, end_role, grant_role, move_organisation
from tests.api.callers import Caller
from tests.book.factories import make_project
from tests.factories import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def noon(time_machine):
    """Noon of a day ``n`` days from the one the test began, in the zone of the office."""
    today = timezone.localdate()

    def travel(n: int, hour: int = 12) -> None:
        day = dt.datetime.combine(today + dt.timedelta(days=n), dt.time(hour))
        time_machine.move_to(timezone.make_aware(day), tick=False)

    travel(0)
    return travel


@pytest.fixture
def book(section):
    return make_project(section, code="T-1", name="窓口予約")


@pytest.fixture
def newcomer(people, bureau):
    """Somebody without a role."""
    return UserFactory(username="newcomer", organisation=bureau)


def opened(client, person):
    """(page, API): how the book answers this person today."""
    client.force_login(person)
    page = client.get(reverse("book:book", args=["T-1"])).status_code
    _token, text = create_token(person, name="t", scope="read", days=2, by=person)
    answered = client.get("/api/v1/projects/T-1", headers={"Authorization": f"Bearer {text}"}).status_code
    return page, answered


def test_a_role_lets_in_from_its_first_day_to_the_end_of_its_last(
    client, noon, people, bureau, book, newcomer
):
    today = timezone.localdate()
    grant_role(
        people.admin,
        newcomer,
        role="auditor",
        organisation=bureau,
        valid_from=today + dt.timedelta(days=1),
        valid_until=today + dt.timedelta(days=3),
    )
    seen = []
    for day, hour in [(0, 23), (1, 0), (3, 23), (4, 0)]:
        noon(day, hour)
        seen.append(opened(client, newcomer))
    assert seen == [(404, 404), (200, 200), (200, 200), (404, 404)]


def test_a_role_reaches_what_is_moved_below_and_lets_go_of_what_is_moved_away(
    client, noon, people, bureau, other_bureau, section, book, newcomer
):
    grant_role(people.admin, newcomer, role="cio_aide", organisation=other_bureau)
    assert opened(client, newcomer) == (404, 404)
    move_organisation(people.admin, section, other_bureau)
    assert opened(client, newcomer) == (200, 200)
    move_organisation(people.admin, section, bureau)
    assert opened(client, newcomer) == (404, 404)


def test_a_dissolved_organisation_keeps_its_books_readable_and_takes_no_new_ones(
    client, noon, people, section, book
):
    close_organisation(people.admin, section, timezone.localdate())
    assert opened(client, people.auditor) == (200, 200)
    refused = Caller(people.member).post("/projects", {"code": "T-2", "name": "x", "organisation": "section"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["organisation"])
    other = make_project(section.parent, code="T-5")
    moved = Caller(people.member).patch(f"/projects/{other.code}", {"organisation": "section"})
    assert (moved.status_code, list(moved.json()["errors"])) == (422, ["organisation"])


def test_a_role_ended_today_holds_until_midnight(client, noon, people, bureau, book, newcomer):
    held = grant_role(people.admin, newcomer, role="member", organisation=bureau)
    end_role(people.admin, held)
    assert opened(client, newcomer) == (200, 200)
    noon(1, 0)
    assert opened(client, newcomer) == (404, 404)


def test_a_token_outlives_neither_the_role_nor_its_own_last_moment(
    client, noon, people, bureau, book, newcomer
):
    grant_role(people.admin, newcomer, role="member", organisation=bureau, valid_until=timezone.localdate())
    _token, text = create_token(newcomer, name="t", scope="write", days=3, by=newcomer)
    asked = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/v1/projects/T-1", headers=asked).status_code == 200
    noon(1)
    assert client.get("/api/v1/projects/T-1", headers=asked).status_code == 404
    noon(3, 13)
    expired = client.get("/api/v1/projects/T-1", headers=asked)
    assert (expired.status_code, expired.json()["code"]) == (401, "invalid_token")


def test_a_future_closing_shuts_nobody_out_before_its_day(client, noon, people, bureau):
    later = OrganisationFactory(code="later", name="廃止予定課", parent=bureau)
    later = close_organisation(people.admin, later, timezone.localdate() + dt.timedelta(days=5))
    made = Caller(people.member).post("/projects", {"code": "T-3", "name": "x", "organisation": "later"})
    assert made.status_code == 201
    assert grant_role(people.admin, people.expert, role="member", organisation=later)
    noon(5)
    with pytest.raises(Invalid):
        grant_role(people.admin, people.auditor, role="member", organisation=later)
    late = Caller(people.member).post("/projects", {"code": "T-4", "name": "x", "organisation": "later"})
    assert late.status_code == 422
