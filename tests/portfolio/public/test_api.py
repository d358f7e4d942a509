"""Publishing through the API: deciding, what is decided and when it takes effect, withdrawing."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from sekisho.book.models import LedgerEntry
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry
from tests.api.callers import Caller, problem
from tests.book.factories import make_project
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]

FIELDS = "/publication/fields"
DECISIONS = "/publication/decisions"
BOOK = "/projects/T-1/publication"


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="T-1")


@pytest.fixture
def office(people) -> Caller:
    return Caller(people.quality_office)


def done(answer, status=201):
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def citizens_see(project):
    """The keys of what is public; None when they do not find the service."""
    entry = PublicEntry.objects.filter(project=project, shown=True).first()
    return entry and set(entry.document)


def field_of(listed, name):
    (found,) = (one for one in listed if one["name"] == name)
    return found


def test_a_decision_says_when_it_takes_effect_and_does_then(office, project, settings):
    settings.PUBLICATION_DELAY_HOURS = 48
    made = done(office.post(BOOK, {"shown": True, "reason": "説明のため"}))
    assert {name: made[name] for name in ("project", "field", "shown", "reason", "state", "decided_by")} == {
        "project": "T-1",
        "field": None,
        "shown": True,
        "reason": "説明のため",
        "state": "waiting",
        "decided_by": "quality_office",
    }
    decided, effect = parse_datetime(made["decided_at"]), parse_datetime(made["takes_effect_at"])
    assert effect - decided == dt.timedelta(hours=48)
    done(office.post(f"{FIELDS}/money", {"shown": True}))
    assert citizens_see(project) is None
    let_time_pass()
    assert citizens_see(project) == {"id", "name", "money"}
    after = done(office.get(f"{DECISIONS}/{made['id']}"), 200)
    assert after["state"] == "applied"
    assert after["applied_at"]


def test_fields_are_told_as_they_are_and_as_they_will_be(office, project, publish):
    publish(project, fields=["money", "phase"])
    made = done(office.post(f"{FIELDS}/money", {"shown": False}))
    listed = done(office.get(FIELDS), 200)
    assert [one["name"] for one in listed["items"]] == list(dictionary().fields)
    assert listed["next"] is None
    money, phase, summary = (field_of(listed["items"], name) for name in ("money", "phase", "summary"))
    assert (money["shown"], money["will_be_shown"], money["waiting"]) == (True, False, made)
    assert (phase["shown"], phase["will_be_shown"], phase["waiting"]) == (True, True, None)
    assert (summary["shown"], summary["will_be_shown"]) == (False, False)


def test_a_field_is_held_back_of_one_service_and_given_again(office, project, bureau, publish):
    other = make_project(bureau)
    publish(project, other, fields=["money"])
    made = done(office.post(f"{BOOK}/fields/money", {"shown": False}))
    assert (made["project"], made["field"]) == ("T-1", "money")
    money = field_of(done(office.get(BOOK), 200)["fields"], "money")
    assert (money["shown"], money["will_be_shown"], money["held_back"]) == (True, False, True)
    assert money["waiting"] == made
    let_time_pass()
    assert citizens_see(project) == {"id", "name"}
    assert "money" in citizens_see(other)
    done(office.post(f"{BOOK}/fields/money", {"shown": True}))
    let_time_pass()
    assert "money" in citizens_see(project)


def test_whoever_reads_the_book_reads_what_is_public_of_it(people, project, office, publish):
    publish(project, fields=["money"])
    made = done(office.post(BOOK, {"shown": False}))
    told = done(Caller(people.member).get(BOOK), 200)
    assert (told["project"], told["shown"], told["waiting"]) == ("T-1", True, made)


def test_hiding_at_once_is_seen_at_once(office, project, publish):
    publish(project, fields=["money", "phase"])
    made = done(office.post(f"{FIELDS}/money", {"shown": False, "at_once": True}))
    assert made["state"] == "applied"
    assert citizens_see(project) == {"id", "name", "phase"}
    assert done(office.post(BOOK, {"shown": False, "at_once": True}))["state"] == "applied"
    assert citizens_see(project) is None


def test_a_decision_is_withdrawn_before_it_takes_effect_and_never_after(office, project, people):
    made = done(office.post(BOOK, {"shown": True}))
    address = f"{DECISIONS}/{made['id']}/withdraw"
    gone = done(office.post(address), 200)
    assert (gone["state"], gone["withdrawn_by"]) == ("withdrawn", "quality_office")
    assert gone["withdrawn_at"]
    problem(office.post(address), 409, "conflict")
    let_time_pass()
    assert citizens_see(project) is None
    late = done(office.post(BOOK, {"shown": True}))
    let_time_pass()
    problem(office.post(f"{DECISIONS}/{late['id']}/withdraw"), 409, "conflict")
    acts = LedgerEntry.objects.filter(chain=f"book:{project.pk}", act__startswith="publication")
    assert list(acts.order_by("pk").values_list("act", flat=True)) == [
        "publication.service_shown",
        "publication.taken_back",
        "publication.service_shown",
    ]


def test_decisions_are_listed_by_state_service_and_field_page_by_page(office, project, bureau):
    make_project(bureau, code="T-2")
    one, two, three = (
        done(office.post(f"/projects/{path}", {"shown": shown}))["id"]
        for path, shown in (
            ("T-1/publication", True),
            ("T-2/publication", True),
            ("T-1/publication/fields/money", False),
        )
    )
    done(office.post(f"{DECISIONS}/{two}/withdraw"), 200)

    def ids(query):
        return [row["id"] for row in done(office.get(f"{DECISIONS}?{query}"), 200)["items"]]

    assert ids("") == [one, two, three]
    assert ids("state=waiting") == [one, three]
    assert ids("state=withdrawn") == [two]
    assert ids("state=applied") == []
    assert ids("project=T-1") == [one, three]
    assert ids("field=money") == [three]
    first = done(office.get(f"{DECISIONS}?limit=2"), 200)
    assert [row["id"] for row in done(office.get(first["next"]), 200)["items"]] == [three]


def test_the_list_asks_as_often_for_many_as_for_few(office, bureau, django_assert_num_queries):
    def decide(code):
        done(office.post(f"/projects/{make_project(bureau, code=code).code}/publication", {"shown": True}))

    decide("Q-0")
    with CaptureQueriesContext(connection) as few:
        office.get(DECISIONS)
    asked = len(few)  # the log is cleared with the next request
    for n in range(1, 6):
        decide(f"Q-{n}")
    with django_assert_num_queries(asked):
        office.get(DECISIONS)


def test_deciding_what_is_so_already_is_a_conflict(office, project, publish):
    publish(project, fields=["money"])
    for path, shown in ((f"{FIELDS}/money", True), (BOOK, True), (f"{BOOK}/fields/money", True)):
        problem(office.post(path, {"shown": shown}), 409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "shown"),
        ({"shown": "perhaps"}, "shown"),
        ({"shown": True, "reason": "理" * 501}, "reason"),
        ({"shown": True, "hidden": 1}, "hidden"),
    ],
)
@pytest.mark.parametrize("path", [f"{FIELDS}/money", BOOK, f"{BOOK}/fields/money"])
def test_a_bad_body_names_its_field_and_decides_nothing(office, project, path, body, field):
    assert field in problem(office.post(path, body), 422, "invalid")["errors"]
    assert not PublicationDecision.objects.exists()


def test_a_bad_state_is_refused(office):
    assert "state" in problem(office.get(f"{DECISIONS}?state=gone"), 422, "invalid")["errors"]


def test_what_is_not_there_is_404(office, project):
    for path in (f"{FIELDS}/risks", f"{BOOK}/fields/risks", "/projects/X-9/publication"):
        problem(office.post(path, {"shown": True}), 404, "not_found")
    problem(office.get(f"{DECISIONS}/999"), 404, "not_found")
    problem(office.get(f"{DECISIONS}/{10**30}"), 404, "not_found")
    problem(office.post(f"{DECISIONS}/999/withdraw"), 404, "not_found")


def test_members_decide_and_withdraw_nothing(people, project, office):
    made, member = done(office.post(BOOK, {"shown": True})), Caller(people.member)
    problem(member.post(BOOK, {"shown": False}), 403, "not_permitted")
    problem(member.post(f"{DECISIONS}/{made['id']}/withdraw"), 403, "not_permitted")
    assert PublicationDecision.objects.get().is_waiting
