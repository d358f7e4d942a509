"""A project's whole life through the API, each step with the token of the person whose step it is."""

import datetime as dt
import hashlib
import json

import pytest
import time_machine
from django.utils import timezone

from sekisho.people.services import create_token, revoke_token
from tests.api.callers import Caller, problem
from tests.book.factories import days, make_standard, put_in_force

pytestmark = pytest.mark.django_db
BOOK = "/projects/L-1"


def done(answer, status=200):
    """The document of an act that was done."""
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


@pytest.fixture
def book(callers, bureau, settings, tmp_path):
    """A book that the owner section opened; every path below it."""
    settings.MEDIA_ROOT = tmp_path
    put_in_force(make_standard(), bureau)
    opened = {"code": "L-1", "name": "窓口予約", "organisation": "bureau", "audience": ["citizens"]}
    assert done(callers.member.post("/projects", opened), 201)["phase"] == "plan"
    return BOOK


def gate_of(callers, phase="", release=None):
    """The address of a phase's or a release's gate."""
    found = done(callers.member.get(f"{BOOK}/gates"))["items"]
    (gate,) = [row for row in found if row["release"] == release and (release or row["phase"] == phase)]
    return f"/gates/{gate['id']}"


def answer(callers, gate, **values):
    """Answer every criterion with ``met``, or with what is given for the last digit of its code."""
    for criterion in done(callers.member.get(gate))["criteria"]:
        value = values.get(f"_{criterion['code'][-1]}", "met")
        said = {"value": value, "comment": "見た", "links": ["https://example.lg.jp/proof"]}
        done(callers.member.put(f"{gate}/answers/{criterion['code']}", said))


def submit_and_review(callers, gate, findings=()):
    done(callers.member.post(f"{gate}/submit"))
    return done(
        callers.cio_aide.post(f"{gate}/reviews", {"recommendation": "go", "findings": list(findings)}), 201
    )


def decide(callers, gate, result="go", **more):
    return callers.quality_office.post(f"{gate}/decision", {"result": result, "reason": "見ました", **more})


def pass_gate(callers, gate):
    answer(callers, gate)
    submit_and_review(callers, gate)
    return done(decide(callers, gate), 201)


def reach_build(callers):
    for phase, following in (("plan", "requirements"), ("requirements", "build")):
        pass_gate(callers, gate_of(callers, phase))
        done(callers.member.post(f"{BOOK}/phases/{following}/enter"))


def test_a_gate_is_refused_passed_on_conditions_and_gone_through(callers, book):
    gate = gate_of(callers, "plan")
    problem(callers.member.post(f"{book}/phases/requirements/enter"), 409, "gate_not_passed")
    answer(callers, gate, _2="not_met")
    finding = {"criterion": "plan-1", "severity": "must", "text": "費用の根拠がない"}
    review = submit_and_review(callers, gate, [finding])
    key = review["findings"][0]["id"]

    refused = problem(decide(callers, gate), 409, "blocked")
    assert [(b["code"], b["criterion"]) for b in refused["blockers"]] == [
        ("unmet", "plan-2"),
        ("open_finding", "plan-1"),
    ]
    assert all(b["message"] for b in refused["blockers"])
    done(callers.member.post(f"/findings/{key}/reply", {"text": "見積もりを付けた"}))
    problem(callers.member.post(f"/findings/{key}/resolve"), 403, "not_permitted")
    done(callers.cio_aide.post(f"/findings/{key}/resolve"))

    own = callers.member.post(f"{gate}/decision", {"result": "go", "reason": "x"})
    problem(own, 403, "not_permitted")
    due = days(20).isoformat()
    condition = {"text": "利用者に聞く", "owner": "member", "due": due, "criterion": "plan-2"}
    made = done(decide(callers, gate, "conditional", conditions=[condition]), 201)
    assert (made["state"], made["lapsed"], len(made["snapshot_sha256"])) == ("passed", False, 64)
    assert done(callers.member.post(f"{book}/phases/requirements/enter"))["phase"] == "requirements"

    (demanded,) = [c for c in made["conditions"] if c["criterion"] == "plan-2"]
    met = {"text": "20人に聞いた", "links": ["https://example.lg.jp/heard"]}
    resolved = done(callers.member.post(f"/conditions/{demanded['id']}/resolve", met))
    assert resolved["resolved_by"]["username"] == "member"
    problem(callers.member.post(f"/conditions/{demanded['id']}/resolve", met), 409, "condition_resolved")


def test_anyone_who_may_read_a_gate_can_recompute_the_hash_of_what_was_submitted(callers, book):
    gate = gate_of(callers, "plan")
    answer(callers, gate, _2="partly")
    first = done(callers.member.post(f"{gate}/submit"))["snapshot_sha256"]
    done(callers.member.post(f"{gate}/withdraw"))
    answer(callers, gate)
    second = done(callers.member.post(f"{gate}/submit"))["snapshot_sha256"]
    shown = done(callers.auditor.get(f"{gate}/snapshots"))["items"]
    for number, sha256, snapshot in zip((1, 2), (first, second), shown, strict=True):
        text = json.dumps(snapshot["document"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert (snapshot["number"], snapshot["sha256"]) == (number, sha256)
        assert hashlib.sha256(text.encode()).hexdigest() == sha256
        assert snapshot["submitted_by"]["username"] == "member"
    assert first != second


def test_a_waiver_lets_one_criterion_pass_and_can_be_ended(callers, book):
    gate = gate_of(callers, "plan")
    answer(callers, gate, _2="not_met")
    asked = {"criterion": "plan-2", "reason": "法改正待ち", "expires": days(60).isoformat()}
    problem(callers.cio_aide.post(f"{gate}/waivers", asked), 403, "not_permitted")
    waiver = done(callers.quality_office.post(f"{gate}/waivers", asked), 201)
    submit_and_review(callers, gate)
    assert done(callers.member.get(gate))["blockers"] == []
    ended = done(callers.quality_office.post(f"/waivers/{waiver['id']}/revoke"))
    assert ended["revoked_at"]
    problem(callers.quality_office.post(f"/waivers/{waiver['id']}/revoke"), 409, "waiver_ended")
    refused = problem(decide(callers, gate), 409, "blocked")
    assert [b["criterion"] for b in refused["blockers"]] == ["plan-2"]


def test_a_release_is_planned_judged_lapses_is_judged_again_and_published(callers, book):
    reach_build(callers)
    new = {"version": "1.0", "kind": "new", "planned_on": days(9).isoformat()}
    release = done(callers.member.post(f"{book}/releases", new), 201)
    publish = f"/releases/{release['id']}/publish"
    gate = gate_of(callers, release="1.0")
    problem(callers.member.post(publish), 409, "gate_not_passed")
    moved = done(callers.member.patch(f"/releases/{release['id']}", {"planned_on": days(12).isoformat()}))
    assert moved["planned_on"] == days(12).isoformat()
    pass_gate(callers, gate)

    done(callers.member.patch(book, {"network_zone": "internet"}))
    lapsed = done(callers.member.get(gate))
    assert (lapsed["state"], lapsed["lapsed"], lapsed["decision"]["lapsed"]) == ("open", True, True)
    assert lapsed["changes"]
    refused = problem(callers.member.post(publish), 409, "decision_lapsed")
    assert refused["changes"] == lapsed["changes"]
    problem(callers.executive.post(publish), 403, "not_permitted")
    submit_and_review(callers, gate)
    problem(callers.member.post(publish), 409, "gate_not_passed")
    done(decide(callers, gate), 201)
    assert done(callers.member.post(publish))["state"] == "released"
    problem(callers.member.post(publish), 409, "release_not_planned")


def test_an_emergency_release_goes_out_and_is_judged_within_14_days(callers, book):
    reach_build(callers)
    problem(
        callers.member.post(f"{book}/releases/emergency", {"version": "1.1", "reason": " "}), 422, "invalid"
    )
    made = callers.member.post(f"{book}/releases/emergency", {"version": "1.1", "reason": "弱点"})
    assert done(made, 201)["state"] == "released"
    gate = gate_of(callers, release="1.1")
    assert done(callers.member.get(gate))["due_on"] == days(14).isoformat()
    problem(callers.member.patch(gate, {"due_on": days(15).isoformat()}), 422, "invalid")


def test_a_release_moved_by_another_is_not_moved_over(callers, book):
    reach_build(callers)
    new = {"version": "1.2", "kind": "change", "planned_on": days(9).isoformat()}
    path = f"/releases/{done(callers.member.post(f'{book}/releases', new), 201)['id']}"
    seen = callers.member.get(path)["ETag"]
    first, second = ({"planned_on": days(n).isoformat()} for n in (10, 11))
    moved = callers.member.patch(path, first, if_match=seen)
    assert done(moved)["planned_on"] == first["planned_on"]
    stale = problem(callers.member.patch(path, second, if_match=seen), 412, "stale_write")
    assert (stale["current"], stale["yours"]) == (first, second)
    assert done(callers.member.patch(path, second, if_match=moved["ETag"])) == done(callers.member.get(path))


def test_nobody_overwrites_what_somebody_saved_in_between(callers, book):
    seen = callers.member.get(book)["ETag"]
    done(callers.cio_aide.patch(book, {"summary": "先"}, if_match=seen))
    stale = problem(callers.member.patch(book, {"summary": "後"}, if_match=seen), 412, "stale_write")
    assert (stale["current"]["summary"], stale["yours"]["summary"]) == ("先", "後")
    parts = {
        "contracts": (
            {"title": "開発", "contractor": "甲社"},
            {"contractor": "乙社"},
            {"contractor": "丙社"},
        ),
        "links": ({"url": "https://a.example/"}, {"title": "一"}, {"title": "二"}),
        "modules": ({"name": "受付"}, {"purpose": "一"}, {"purpose": "二"}),
        "interfaces": ({"counterpart": "住基", "direction": "in"}, {"data": "一"}, {"data": "二"}),
        "goals": ({"text": "短縮"}, {"target": "一"}, {"target": "二"}),
        "members": ({"person": "expert", "part": "expert"}, {"note": "一"}, {"note": "二"}),
        "milestones": ({"name": "公開", "planned_on": days(9).isoformat()}, {"name": "一"}, {"name": "二"}),
        "risks": ({"kind": "risk", "title": "遅れ"}, {"owner": "member"}, {"owner": "cio_aide"}),
    }
    for many, (new, first, second) in parts.items():
        made = callers.member.post(f"{book}/{many}", new)
        path, tag = f"{book}/{many}/{done(made, 201)['id']}", made["ETag"]
        assert callers.member.get(path)["ETag"] == tag
        done(callers.cio_aide.patch(path, first, if_match=tag))
        stale = problem(callers.member.patch(path, second, if_match=tag), 412, "stale_write")
        (name,) = second
        assert stale["yours"] == second
        shown = done(callers.member.get(path))
        assert stale["current"] == {name: shown[name], "version": 2}
        if many not in ("risks", "milestones"):
            problem(callers.member.delete(path, if_match=tag), 412, "stale_write")
        done(callers.member.patch(path, second, if_match=callers.member.get(path)["ETag"]))
        if many != "risks":
            assert callers.member.delete(path).status_code == 204
            problem(callers.member.get(path), 404, "not_found")


def test_pages_skip_and_repeat_nothing_while_rows_are_inserted(callers, book):
    for n in range(7):
        done(callers.member.post(f"{book}/goals", {"text": f"目標{n}"}), 201)
    first = done(callers.member.get(f"{book}/goals?limit=3"))
    seen, following = [row["text"] for row in first["items"]], first["next"]
    late = 7
    while following:
        done(callers.member.post(f"{book}/goals", {"text": f"目標{late}"}), 201) if late < 9 else None
        late += 1
        page = done(callers.member.get(following))
        seen, following = [*seen, *(row["text"] for row in page["items"])], page["next"]
    assert seen == [f"目標{n}" for n in range(9)]
    ledger = done(callers.member.get(f"{book}/ledger?limit=200"))["items"]
    assert [entry["seq"] for entry in ledger] == list(range(1, len(ledger) + 1))


def test_a_token_reaches_as_far_as_its_scope_its_days_and_its_person(callers, people, book):
    reading = Caller(people.member, scope="read")
    assert reading.get(book).status_code == 200
    problem(reading.post(f"{book}/goals", {"text": "x"}), 403, "scope_read_only")
    problem(callers.executive.post(f"{book}/goals", {"text": "x"}), 403, "not_permitted")
    problem(callers.contractor.get(book), 404, "not_found")
    short = Caller(people.member)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        problem(short.get(book), 401, "invalid_token")
    token, text = create_token(people.member, name="夜間", scope="write", days=9, by=people.member)
    short.headers = {"authorization": f"Bearer {text}"}
    assert short.get(book).status_code == 200
    revoke_token(people.member, token)
    problem(short.get(book), 401, "invalid_token")
