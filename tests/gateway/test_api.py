"""The gateway's API beyond transfers: the plan, policies, holds and alerts."""

import pytest

from sekisho.gateway.models import Alert, PlannedMove, RetentionHold, System
from sekisho.gateway.services import planning
from tests.api.callers import Caller, problem
from tests.book.factories import make_project
from tests.gateway.factories import make_route, send, zones

pytestmark = pytest.mark.django_db
OWN = "name: letters\ntitle: {ja: 手紙, en: Letters}\nmethods: {text: [text]}\n"


@pytest.fixture
def officer(people):
    return Caller(people.security_officer)


@pytest.fixture
def system(people, bureau):
    placed = zones(people)
    project = make_project(bureau, code="N-1")
    return System.objects.create(project=project, name="申請", zone=placed["internet"])


def test_a_plan_is_begun_set_moved_on_and_carried_out(people, officer, system):
    begun = officer.post("/network/plan")
    assert begun.status_code == 201
    assert [step["number"] for step in begun.json()["steps"]] == [2, 3]
    step = officer.patch("/network/plan/steps/2", {"note": "統合"}, if_match='"1"')
    assert (step.json()["note"], step.json()["version"], step["ETag"]) == ("統合", 2, '"2"')

    said = {"step": 2, "system": system.pk, "zone": "lgwan", "controls": ["edr"], "task": "回線を替える"}
    member = Caller(people.member)
    move = member.post("/network/moves", said).json()
    assert (move["project"], move["zone"], move["done_at"]) == ("N-1", "lgwan", None)
    done = member.post(f"/network/moves/{move['id']}/done").json()
    assert done["done_at"]
    assert member.get("/network/systems?project=N-1").json()["items"][0]["controls"] == ["edr"]
    problem(member.delete(f"/network/moves/{move['id']}"), 409, "conflict")


def test_a_step_is_not_set_over_what_somebody_saved_in_between(officer):
    officer.post("/network/plan")
    officer.patch("/network/plan/steps/2", {"note": "一"})
    stale = problem(
        officer.patch("/network/plan/steps/2", {"note": "二"}, if_match='"1"'), 412, "stale_write"
    )
    assert stale["current"]["note"] == "一"


def test_a_move_can_be_taken_out_of_the_plan(people, system):
    step, _later = planning.begin_plan(people.security_officer)
    move = planning.plan_move(people.member, step, system, zone=zones(people)["lgwan"])
    assert Caller(people.member).delete(f"/network/moves/{move.pk}").status_code == 204
    assert not PlannedMove.objects.exists()


def test_a_move_names_what_is_not_there(people, system):
    planning.begin_plan(people.security_officer)
    said = {"step": 2, "system": 999_999, "zone": "lgwan"}
    problem(Caller(people.member).post("/network/moves", said), 404, "not_found")
    said |= {"system": system.pk, "zone": "moon"}
    wrong = problem(Caller(people.member).post("/network/moves", said), 422, "invalid")
    assert list(wrong["errors"]) == ["zone"]


def test_findings_say_what_is_wrong_and_how_to_mend_it(people, system):
    system.workplace = True
    system.save()
    found = Caller(people.member).get("/network/findings").json()
    assert all(one["mend"] and one["words"] for one in found)
    assert {(one["about"], one["key"]) for one in found} <= {("system", system.pk)}


def test_an_own_policy_is_made_changed_in_versions_and_checked(officer, bureau):
    said = {"code": "letters", "organisation": bureau.code, "text": OWN, "reason": "手紙だけ"}
    made = officer.post("/policies", said)
    assert (made.status_code, made.json()["version"], made["ETag"]) == (201, 1, '"1"')
    wrong = problem(
        officer.put("/policies/letters", {"text": OWN + "limits: {pages: -1}\n", "reason": "x"}),
        422,
        "invalid",
    )
    assert "limits.pages" in wrong["errors"]["text"]
    text = OWN + "limits: {pages: 5}\n"
    changed = officer.put("/policies/letters", {"text": text, "reason": "5頁まで"}, if_match='"1"').json()
    assert [(one["number"], one["reason"]) for one in changed["versions"]] == [
        (2, "5頁まで"),
        (1, "手紙だけ"),
    ]
    late = officer.put("/policies/letters", {"text": OWN, "reason": "x"}, if_match='"1"')
    problem(late, 412, "stale_write")
    codes = [one["code"] for one in officer.get("/policies").json()]
    assert codes == ["archive", "inbound", "inbound-strict", "outbound", "letters"]
    assert "methods:" in officer.get("/policies/inbound").json()["text"]


def test_holds_are_placed_listed_and_ended(people, officer, bureau):
    transfer = send(people.member, make_route(people, bureau))
    hold = officer.post(f"/transfers/{transfer.pk}/hold", {"reason": "調査"}).json()
    assert hold["ended_at"] is None
    problem(officer.post(f"/transfers/{transfer.pk}/hold", {"reason": "調査"}), 409, "conflict")
    assert [one["id"] for one in officer.get("/holds?open=true").json()["items"]] == [hold["id"]]
    ended = officer.post(f"/transfers/{transfer.pk}/hold/end", {"reason": "済み"}).json()
    assert ended["ended_by"] == people.security_officer.username
    assert officer.get("/holds?open=true").json()["items"] == []
    assert RetentionHold.objects.filter(ended_at=None).count() == 0


def test_alerts_are_listed_and_answered_once(officer, bureau):
    alert = Alert.objects.create(organisation=bureau, kind="surge", key="x", facts={"files": 200})
    assert officer.get("/alerts?open=true").json()["items"][0]["facts"] == {"files": 200}
    answer = officer.post(f"/alerts/{alert.pk}/answer", {"answer": "年度末の提出"}).json()
    assert answer["answer"] == "年度末の提出"
    problem(officer.post(f"/alerts/{alert.pk}/answer", {"answer": "x"}), 409, "conflict")
    assert officer.get("/alerts?open=true").json()["items"] == []


@pytest.mark.parametrize("path", ["/policies", "/holds", "/alerts"])
def test_members_do_not_read_what_is_the_officers(people, path):
    assert Caller(people.member).get(path).status_code == 403
