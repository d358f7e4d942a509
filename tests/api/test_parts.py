"""Money, milestones, status, risks, retirement list, releases, ledger, people and standards through the API."""

import pytest

from sekisho.book.chain import ChainEntry
from sekisho.book.models import Contract
from tests.api.callers import problem
from tests.book.factories import advance, days, make_standard, pass_gate

pytestmark = pytest.mark.django_db

SOON, PAST = days(30).isoformat(), days(-30).isoformat()
BOOK = "/projects/T-1"


def test_money_is_exact_yen_and_never_overwrites_unseen(callers, project):
    path = f"{BOOK}/budget/2026"
    problem(callers.member.get(path), 404, "not_found")
    first = callers.member.put(path, {"requested": 123_456_789_012, "approved": 0}, if_match='"0"')
    assert first.status_code == 200, first.content
    assert (first.json()["requested"], first.json()["approved"], first.json()["executed"]) == (
        123_456_789_012,
        0,
        None,
    )
    second = callers.member.put(path, {"executed": 5}, if_match=first["ETag"]).json()
    assert (second["requested"], second["executed"]) == (123_456_789_012, 5)
    document = problem(callers.member.put(path, {"executed": 6}, if_match=first["ETag"]), 412, "stale_write")
    assert (document["current"]["executed"], document["yours"]) == (5, {"executed": 6})
    assert callers.member.get(BOOK).json()["budget"] == [second]
    assert callers.member.get(path)["ETag"] == '"2"'


@pytest.mark.parametrize("amount", ["１,０００", 1.5, True, 10**16, "1000"])
def test_an_amount_that_is_no_whole_number_of_yen_is_named(callers, project, amount):
    document = problem(callers.member.put(f"{BOOK}/budget/2026", {"approved": amount}), 422, "invalid")
    assert list(document["errors"]) == ["approved"]


@pytest.mark.parametrize("name", ["requested", "approved", "carried_in", "carried_out", "executed"])
def test_money_is_never_less_than_nothing_but_a_supplement_may_take_away(callers, project, name):
    document = problem(callers.member.put(f"{BOOK}/budget/2026", {name: -1}), 422, "invalid")
    assert list(document["errors"]) == [name]
    assert callers.member.put(f"{BOOK}/budget/2026", {"supplementary": -1}).status_code == 200


def test_a_contract_is_never_for_less_than_nothing(callers, people, project):
    sent = {"title": "開発", "contractor": "甲社"}
    refused = problem(callers.member.post(f"{BOOK}/contracts", {**sent, "amount": -1}), 422, "invalid")
    assert list(refused["errors"]) == ["amount"]
    path = f"{BOOK}/contracts/{callers.member.post(f'{BOOK}/contracts', sent).json()['id']}"
    problem(callers.member.patch(path, {"amount": -1}), 422, "invalid")
    Contract.objects.update(amount=-1)  # as an import may bring it
    assert callers.member.patch(path, {"title": "保守"}).json()["amount"] == -1


def test_a_year_out_of_range_is_named(callers, project):
    for year in (1, 99999, 10**25):
        problem(callers.member.put(f"{BOOK}/budget/{year}", {"approved": 1}), 422, "invalid")


def test_a_milestone_is_added_moved_and_reached(callers, project):
    made = callers.member.post(f"{BOOK}/milestones", {"name": "公告", "planned_on": SOON})
    assert made.status_code == 201, made.content
    path = f"{BOOK}/milestones/{made.json()['id']}"
    assert callers.member.patch(path, {"name": "入札公告"}).json()["name"] == "入札公告"
    assert callers.member.patch(path, {"done_on": PAST}).json()["done_on"] == PAST
    problem(callers.member.patch(path, {"done_on": SOON}), 422, "invalid")
    problem(callers.member.patch(path, {"planned_on": None}), 422, "invalid")
    problem(callers.member.patch(path, {"planned_on": "31/12/2026"}), 422, "invalid")
    problem(callers.member.patch(f"{BOOK}/milestones/999", {"name": "x"}), 404, "not_found")
    problem(
        callers.member.post(f"{BOOK}/milestones", {"name": "名" * 301, "planned_on": SOON}), 422, "invalid"
    )


def test_promised_dates_stay_in_the_baseline(callers, people, project):
    made = callers.member.post(f"{BOOK}/milestones", {"name": "公告", "planned_on": SOON}).json()
    advance(people, project, "requirements")
    moved = callers.member.patch(
        f"{BOOK}/milestones/{made['id']}", {"planned_on": days(60).isoformat()}
    ).json()
    assert moved["baselines"] == [{"number": 1, "planned_on": SOON}]


def test_a_month_is_reported_and_corrected(callers, project):
    body = {
        "month": days(-31).strftime("%Y-%m"),
        "schedule": 2,
        "cost": 4,
        "scope": 4,
        "quality": 5,
        "words": "遅れ気味",
    }
    assert callers.member.post(f"{BOOK}/status", body).json()["month"] == days(-31).replace(day=1).isoformat()
    assert callers.member.post(f"{BOOK}/status", {**body, "schedule": 3}).json()["schedule"] == 3
    book = callers.member.get(BOOK).json()
    assert (len(book["status"]), book["confidence"]) == (1, 3)
    for change, field in (
        ({"schedule": 6}, "schedule"),
        ({"words": ""}, "words"),
        ({"month": "2026-13"}, "month"),
    ):
        document = problem(callers.member.post(f"{BOOK}/status", {**body, **change}), 422, "invalid")
        assert field in document["errors"]
    problem(callers.member.post(f"{BOOK}/status", {**body, "month": days(62).isoformat()}), 422, "invalid")


def test_a_risk_is_noted_changed_and_closed(callers, project):
    made = callers.member.post(
        f"{BOOK}/risks", {"kind": "risk", "title": "要員不足", "owner": "member", "due_on": SOON}
    )
    assert made.status_code == 201, made.content
    assert made.json()["owner"]["username"] == "member"
    path = f"{BOOK}/risks/{made.json()['id']}"
    changed = callers.member.patch(path, {"weight": 3, "owner": None}).json()
    assert (changed["weight"], changed["owner"], changed["title"]) == (3, None, "要員不足")
    problem(callers.member.patch(path, {"outcome": " "}), 422, "invalid")
    assert callers.member.patch(path, {"outcome": "増員した"}).json()["closed_at"]
    problem(callers.member.patch(path, {"outcome": "また"}), 409, "risk_closed")
    for change, field in (
        ({"owner": "nobody"}, "owner"),
        ({"due_on": PAST}, "due_on"),
        ({"kind": "x"}, "kind"),
    ):
        document = problem(
            callers.member.post(f"{BOOK}/risks", {"kind": "risk", "title": "t", **change}), 422, "invalid"
        )
        assert list(document["errors"]) == [field]


def test_the_retirement_list_demands_destruction_of_the_highest_class(callers, project):
    made = callers.member.post(
        f"{BOOK}/retirement-items", {"kind": "device", "name": "端末", "classification": 1}
    )
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    path = f"{BOOK}/retirement-items/{made.json()['id']}"
    assert "method" in problem(callers.member.patch(path, {"method": "clear"}), 422, "invalid")["errors"]
    assert callers.member.patch(path, {"method": "destroy"}, if_match='"1"')["ETag"] == '"2"'
    problem(callers.member.patch(path, {"witness": "職員"}, if_match='"1"'), 412, "stale_write")
    assert "done_on" in problem(callers.member.patch(path, {"done_on": SOON}), 422, "invalid")["errors"]
    same = {"done_by": "業者", "witness": "業者"}
    assert "witness" in problem(callers.member.patch(path, same), 422, "invalid")["errors"]
    problem(callers.member.patch(f"{BOOK}/retirement-items/999", {}), 404, "not_found")


def test_a_release_is_published_only_through_its_gate(callers, people, project):
    body = {"version": "1.0", "kind": "new", "planned_on": SOON}
    problem(callers.member.post(f"{BOOK}/releases", body), 409, "wrong_phase")
    advance(people, project, "build")
    made = callers.member.post(f"{BOOK}/releases", body)
    assert made.status_code == 201, made.content
    release = made.json()
    publish = f"/releases/{release['id']}/publish"
    problem(callers.member.post(publish), 409, "gate_not_passed")
    from sekisho.book.models import Gate

    pass_gate(
        people, Gate.objects.select_related("project__owner", "standard", "release").get(pk=release["gate"])
    )
    published = callers.member.post(publish).json()
    assert (published["state"], published["released_by"]["username"]) == ("released", "member")
    problem(callers.member.post(publish), 409, "release_not_planned")
    assert callers.member.get(f"/gates/{release['gate']}").json()["state"] == "used"
    assert [r["version"] for r in callers.member.get(f"{BOOK}/releases").json()["items"]] == ["1.0"]
    for change, field in (
        ({"version": "1.0"}, "version"),
        ({"kind": "x"}, "kind"),
        ({"planned_on": PAST}, "planned_on"),
    ):
        document = problem(
            callers.member.post(f"{BOOK}/releases", {**body, "version": "2", **change}), 422, "invalid"
        )
        assert list(document["errors"]) == [field]
    problem(callers.member.post("/releases/999/publish"), 404, "not_found")


def test_an_emergency_release_opens_a_gate_due_within_14_days(callers, people, project):
    advance(people, project, "operate")
    path = f"{BOOK}/releases/emergency"
    problem(callers.member.post(path, {"version": "9", "reason": " "}), 422, "invalid")
    made = callers.member.post(path, {"version": "9", "reason": "脆弱性"}).json()
    assert (made["state"], made["emergency"], made["kind"]) == ("released", True, "fix")
    assert callers.member.get(f"/gates/{made['gate']}").json()["due_on"] == days(14).isoformat()


def test_the_ledger_is_a_chain_a_caller_can_verify(callers, project):
    callers.member.patch(BOOK, {"name": "改名"})
    entries, following = [], f"{BOOK}/ledger?limit=1"
    while following:
        page = callers.auditor.get(following.removeprefix("http://testserver")).json()
        entries += page["items"]
        following = page["next"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["act"] == "project.updated"
    assert entries[-1]["before"] == {"name": "窓口予約"}
    assert "山田 member" in entries[-1]["sentence"]
    previous = ""
    for entry in entries:
        assert entry["previous_hash"] == previous
        previous = entry["hash"]
        hashed = {name: value for name, value in entry.items() if name not in ("hash", "sentence")}
        assert ChainEntry(**hashed).digest() == previous
    only = callers.auditor.get(f"{BOOK}/ledger?act=project.updated").json()["items"]
    assert len(only) == 1


def test_a_contractor_reads_the_book_but_not_its_ledger(callers, people, project):
    from sekisho.book.services import projects
    from tests.api.callers import Caller

    projects.add_member(people.member, project, people.contractor, "contractor")
    fresh = Caller(people.contractor)
    assert fresh.get(BOOK).status_code == 200
    problem(fresh.get(f"{BOOK}/ledger"), 403, "not_permitted")


def test_organisations_and_people_are_listed(callers, section):
    organisations = callers.auditor.get("/organisations").json()["items"]
    assert {o["code"]: o["parent"] for o in organisations} == {"bureau": None, "section": "bureau"}
    people = callers.member.get("/people?q=cio").json()["items"]
    assert people == [{"username": "cio_aide", "name": "山田 cio_aide"}]
    assert callers.admin.get("/people").status_code == 200
    problem(callers.auditor.get("/people"), 403, "not_permitted")
    first = callers.member.get("/people?limit=3").json()
    assert len(first["items"]) == 3
    assert "q=" not in first["next"]


def test_standards_are_listed_and_shown_in_full(callers):
    make_standard("1.0")
    rows = callers.contractor.get("/standards").json()["items"]
    assert [(row["pack"], row["version"], row["criteria_count"]) for row in rows] == [
        ("test-pack", "1.0", 12)
    ]
    whole = callers.contractor.get("/standards/test-pack/1.0").json()
    assert whole["criteria"][0]["title"]["ja"] == "項目 plan-1"
    assert whole["sha256"] == rows[0]["sha256"]
    for path in ("/standards/test-pack/2.0", "/standards/nope/1.0", "/standards/%00/1.0"):
        problem(callers.contractor.get(path), 404, "not_found")
