"""Gates through the API: read, answer, submit, review, decide, waive, and what is refused."""

import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.book.models import Answer, Project, Submission
from sekisho.book.services import gates as gate_services
from tests.api.callers import Caller, problem
from tests.book.factories import (
    advance,
    answer_all,
    criterion_document,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    review_gate,
    submit_gate,
)

pytestmark = pytest.mark.django_db

SOON = days(30).isoformat


@pytest.fixture
def path(gate):
    return f"/gates/{gate.pk}"


def read(caller, path):
    answer = caller.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_gate_shows_what_is_asked_and_what_bars_the_way(callers, gate, path):
    shown = read(callers.member, path)
    assert (shown["id"], shown["project"], shown["phase"], shown["release"]) == (gate.pk, "T-1", "plan", None)
    assert (shown["state"], shown["lapsed"], shown["decision"], shown["snapshot_sha256"]) == (
        "open",
        False,
        None,
        None,
    )
    assert shown["standard"] == {"pack": "test-pack", "version": "1.0"}
    first = shown["criteria"][0]
    assert first["title"] == {"ja": "項目 plan-1", "en": "Criterion plan-1"}
    assert (first["answer"], first["measurement"], first["waived_until"]) == (None, None, None)
    assert [(b["code"], b["criterion"]) for b in shown["blockers"]] == [
        ("unanswered", "plan-1"),
        ("unanswered", "plan-2"),
        ("missing_review", None),
    ]
    assert all(b["message"] for b in shown["blockers"])
    assert shown["blocker_count"] == 3


def test_a_gate_shows_measurements(bureau, callers, settings):
    demand = {"name": "open_must_findings", "operator": "<=", "value": 0}
    standard = make_standard("3.0", [criterion_document("plan-1", measure=demand)])
    gate = plan_gate(make_project(bureau, standard=standard))
    measured = read(callers.member, f"/gates/{gate.pk}")["criteria"][0]["measurement"]
    assert (measured["name"], measured["value"]) == ("open_must_findings", 0)
    assert measured["demanded"] == {**demand, "max_age_days": None}
    assert measured["measured_at"]


def test_an_unchanged_gate_or_answer_is_not_sent_again(callers, path):
    callers.member.put(f"{path}/answers/plan-1", {"value": "met"})
    for address in (path, f"{path}/answers/plan-1"):
        tag = callers.member.get(address)["ETag"]
        again = callers.member.get(address, if_none_match=tag)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    callers.member.put(f"{path}/answers/plan-1", {"value": "partly"})
    assert callers.member.get(path, if_none_match=tag).status_code == 200


def test_an_unseen_gate_is_404(callers, other_bureau):
    gate = plan_gate(make_project(other_bureau))
    for number in (gate.pk, 10**6, 10**30):
        problem(callers.member.get(f"/gates/{number}"), 404, "not_found")
        problem(callers.member.post(f"/gates/{number}/submit"), 404, "not_found")


def test_an_answer_is_saved_with_its_links(callers, path):
    answer = callers.member.put(
        f"{path}/answers/plan-1", {"value": "met", "comment": "済み 🎉", "links": ["https://example.jp/a"]}
    )
    assert answer.status_code == 200, answer.content
    saved = answer.json()
    assert (saved["value"], saved["comment"], saved["links"]) == ("met", "済み 🎉", ["https://example.jp/a"])
    assert (saved["by"]["username"], saved["version"], answer["ETag"]) == ("member", 1, '"1"')
    assert read(callers.member, path)["criteria"][0]["answer"] == saved
    again = callers.member.put(f"{path}/answers/plan-1", {"value": "partly"}).json()
    assert (again["links"], again["version"]) == (["https://example.jp/a"], 2)
    assert callers.member.put(f"{path}/answers/plan-1", {"value": "met", "links": []}).json()["links"] == []


def test_a_stale_answer_shows_both_versions(callers, path):
    before = callers.member.get(f"{path}/answers/plan-1")
    assert (before["ETag"], before.json()["version"]) == ('"0"', 0)
    assert callers.member.put(f"{path}/answers/plan-1", {"value": "met"}, if_match='"0"').status_code == 200
    late = {"value": "not_met", "comment": "まだ", "links": ["https://example.jp/late"]}
    document = problem(callers.member.put(f"{path}/answers/plan-1", late, if_match='"0"'), 412, "stale_write")
    assert (document["current"]["value"], document["current"]["version"]) == ("met", 1)
    assert (document["current"]["links"], document["yours"]["links"]) == ([], late["links"])
    assert document["yours"] == late
    assert Answer.objects.get().value == "met"
    problem(callers.member.put(f"{path}/answers/plan-1", late, if_match="1"), 400, "bad_if_match")
    assert callers.member.put(f"{path}/answers/plan-1", late, if_match='"1"')["ETag"] == '"2"'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"value": "perhaps"}, "value"),
        ({}, "value"),
        ({"value": "not_applicable"}, "comment"),
        ({"value": "met", "comment": "x" * 20_001}, "comment"),
        ({"value": "met", "links": ["javascript:alert(1)"]}, "links"),
        ({"value": "met", "links": ["https://e.jp/" + "x" * 2000]}, "links.0"),
        ({"value": "met", "links": "https://e.jp"}, "links"),
        ({"value": "met", "remark": "x"}, "remark"),
    ],
)
def test_a_bad_answer_is_named(callers, path, body, field):
    document = problem(callers.member.put(f"{path}/answers/plan-1", body), 422, "invalid")
    assert field in document["errors"]
    assert not Answer.objects.exists()


def test_a_criterion_that_is_not_asked_is_refused(bureau, callers, path):
    problem(callers.member.put(f"{path}/answers/nope", {"value": "met"}), 422, "invalid")
    problem(callers.member.get(f"{path}/answers/nope"), 404, "not_found")
    criteria = [criterion_document("plan-1"), criterion_document("plan-9", applies="personal_data != 'none'")]
    gate = plan_gate(make_project(bureau, code="T-9", standard=None))
    gate.standard = make_standard("4.0", criteria)
    gate.save()
    document = problem(
        callers.member.put(f"/gates/{gate.pk}/answers/plan-9", {"value": "met"}), 422, "invalid"
    )
    assert "criterion" in document["errors"]


def test_a_file_is_kept_as_evidence(callers, path):
    upload = SimpleUploadedFile("証拠.txt", b"proof")
    answer = callers.member.upload(f"{path}/answers/plan-1/files", file=upload, title="試験結果")
    assert answer.status_code == 201, answer.content
    kept = answer.json()
    assert (kept["name"], kept["title"], kept["size"]) == ("証拠.txt", "試験結果", 5)
    assert kept["sha256"] == hashlib.sha256(b"proof").hexdigest()
    shown = read(callers.member, path)["criteria"][0]["answer"]
    assert (shown["value"], shown["version"], shown["files"]) == ("", 0, [kept])


def test_an_empty_or_missing_file_is_named(callers, path):
    empty = callers.member.upload(f"{path}/answers/plan-1/files", file=SimpleUploadedFile("a.txt", b""))
    assert "file" in problem(empty, 422, "invalid")["errors"]
    missing = callers.member.upload(f"{path}/answers/plan-1/files", title="x")
    assert "file" in problem(missing, 422, "invalid")["errors"]


def test_submitting_freezes_a_snapshot_once(callers, people, gate, path):
    problem(callers.member.post(f"{path}/submit"), 409, "nothing_answered")
    answer_all(people.member, gate)
    answer = callers.member.post(f"{path}/submit")
    assert answer.status_code == 200
    submission = Submission.objects.get()
    assert answer.json() == {"snapshot_sha256": submission.sha256, "number": 1, "state": "submitted"}
    problem(callers.member.post(f"{path}/submit"), 409, "already_submitted")
    problem(callers.member.put(f"{path}/answers/plan-1", {"value": "met"}), 409, "gate_submitted")
    assert read(callers.member, path)["snapshot_sha256"] == submission.sha256
    assert Submission.objects.count() == 1


def test_a_submission_is_taken_back(callers, people, gate, path):
    problem(callers.member.post(f"{path}/withdraw"), 409, "not_submitted")
    submit_gate(people.member, gate)
    problem(callers.cio_aide.post(f"{path}/withdraw"), 403, "not_permitted")
    assert callers.member.post(f"{path}/withdraw").json() == {"id": gate.pk, "state": "open"}


def test_a_review_carries_findings_that_are_answered_and_resolved(callers, people, gate, path):
    body = {
        "recommendation": "conditional",
        "findings": [
            {"criterion": "plan-1", "severity": "must", "text": "根拠が足りない"},
            {"severity": "advice", "text": "図があるとよい"},
        ],
    }
    problem(callers.cio_aide.post(f"{path}/reviews", body), 409, "not_submitted")
    submit_gate(people.member, gate)
    given = callers.cio_aide.post(f"{path}/reviews", body)
    assert given.status_code == 201, given.content
    must, advice = given.json()["findings"]
    assert (must["criterion"], must["state"], advice["criterion"]) == ("plan-1", "open", None)
    assert "open_finding" in [b["code"] for b in read(callers.member, path)["blockers"]]
    finding = f"/findings/{must['id']}"
    problem(callers.member.post(f"{finding}/resolve"), 403, "not_permitted")
    problem(callers.member.post(f"{finding}/reply", {"text": "  "}), 422, "invalid")
    assert callers.member.post(f"{finding}/reply", {"text": "追記した"}).json()["state"] == "answered"
    resolved = callers.cio_aide.post(f"{finding}/resolve").json()
    assert (resolved["state"], resolved["resolved_by"]["username"]) == ("resolved", "cio_aide")
    problem(callers.cio_aide.post(f"{finding}/resolve"), 409, "finding_resolved")
    problem(callers.member.post(f"{finding}/reply", {"text": "x"}), 409, "finding_resolved")
    problem(callers.member.post("/findings/999/reply", {"text": "x"}), 404, "not_found")
    shown = read(callers.member, path)
    assert shown["reviews"][0]["role"] == "cio_aide"
    assert shown["findings"][0]["reply"] == "追記した"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"recommendation": "maybe"}, "recommendation"),
        ({"recommendation": "go", "findings": [{"severity": "huge", "text": "x"}]}, "findings.0.severity"),
        ({"recommendation": "go", "findings": [{"severity": "must", "text": " "}]}, "findings.0.text"),
        (
            {"recommendation": "go", "findings": [{"severity": "must", "text": "x", "criterion": "nope"}]},
            "findings.0.criterion",
        ),
    ],
)
def test_a_bad_review_is_named(callers, people, gate, path, body, field):
    submit_gate(people.member, gate)
    assert list(problem(callers.cio_aide.post(f"{path}/reviews", body), 422, "invalid")["errors"]) == [field]


def test_go_names_the_snapshot_it_rests_on(callers, people, gate, path):
    submission = submit_gate(people.member, gate)
    review_gate(people, gate)
    answer = callers.quality_office.post(f"{path}/decision", {"result": "go", "reason": "満たす"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["result"], made["snapshot_sha256"], made["state"]) == ("go", submission.sha256, "passed")
    shown = read(callers.member, path)
    assert shown["decision"]["by"]["username"] == "quality_office"
    assert (shown["state"], shown["lapsed"], shown["decision"]["lapsed"]) == ("passed", False, False)
    problem(callers.cio_aide.post(f"{path}/decision", {"result": "go", "reason": "x"}), 409, "not_submitted")


def test_go_is_refused_with_the_blockers_listed(callers, people, gate, path):
    answer_all(people.member, gate, "partly")
    gate_services.submit(people.member, gate)
    document = problem(
        callers.cio_aide.post(f"{path}/decision", {"result": "go", "reason": "x"}), 409, "blocked"
    )
    assert [b["code"] for b in document["blockers"]] == ["partly_met", "partly_met", "missing_review"]
    assert document["blockers"][0]["criterion"] == "plan-1"
    assert document["blockers"] == read(callers.cio_aide, path)["blockers"]


def test_a_conditional_decision_sets_conditions_that_are_met(callers, people, gate, path):
    answer_all(people.member, gate, "partly")
    gate_services.submit(people.member, gate)
    review_gate(people, gate)
    conditions = [{"text": "資料を補う", "owner": "member", "due": SOON(), "criterion": "plan-1"}]
    answer = callers.cio_aide.post(
        f"{path}/decision", {"result": "conditional", "reason": "ほぼ満たす", "conditions": conditions}
    )
    assert answer.status_code == 201, answer.content
    demanded = answer.json()["conditions"]
    assert len(demanded) == 2  # the blocker nobody spoke for became one too
    first = next(c for c in demanded if c["criterion"] == "plan-1")
    assert (first["owner"]["username"], first["due"], first["text"]) == ("member", SOON(), "資料を補う")
    resolve = f"/conditions/{first['id']}/resolve"
    problem(callers.member.post(resolve, {"text": ""}), 422, "invalid")
    problem(callers.auditor.post(resolve, {"text": "x"}), 403, "not_permitted")
    met = callers.member.post(resolve, {"text": "補った", "links": ["https://example.jp/"]}).json()
    assert (met["resolution"], met["links"], met["resolved_by"]["username"]) == (
        "補った",
        ["https://example.jp/"],
        "member",
    )
    problem(callers.member.post(resolve, {"text": "x"}), 409, "condition_resolved")
    problem(callers.member.post("/conditions/999/resolve", {"text": "x"}), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"result": "maybe"}, "result"),
        ({"reason": " "}, "reason"),
        ({"conditions": []}, "conditions"),
        ({"conditions": [{"text": "x", "owner": "nobody", "due": "2099-01-01"}]}, "conditions.0.owner"),
        ({"conditions": [{"text": "x", "owner": "member", "due": "2020-01-01"}]}, "conditions.0.due"),
        ({"conditions": [{"text": "x", "owner": "member", "due": "令和5年4月1日"}]}, "conditions.0.due"),
        ({"conditions": [{"text": " ", "owner": "member", "due": "2099-01-01"}]}, "conditions.0.text"),
        (
            {"result": "go", "conditions": [{"text": "x", "owner": "member", "due": "2099-01-01"}]},
            "conditions",
        ),
    ],
)
def test_a_bad_decision_is_named(callers, people, gate, path, change, field):
    submit_gate(people.member, gate)
    review_gate(people, gate)
    body = {"result": "conditional", "reason": "x", **change}
    assert field in problem(callers.cio_aide.post(f"{path}/decision", body), 422, "invalid")["errors"]


def test_nobody_decides_on_their_own_work_and_contractors_never(callers, people, gate, path):
    from tests.factories import RoleAssignmentFactory

    RoleAssignmentFactory(user=people.member, role="cio_aide", organisation=gate.project.owner)
    submit_gate(people.member, gate)
    body = {"result": "return", "reason": "x"}
    problem(Caller(people.member).post(f"{path}/decision", body), 403, "own_work")
    RoleAssignmentFactory(user=people.cio_aide, role="contractor", organisation=gate.project.owner)
    problem(Caller(people.cio_aide).post(f"{path}/decision", body), 403, "contractor_never_decides")


def test_a_lapsed_decision_says_what_changed(callers, people, gate, path):
    pass_gate(people, gate)
    Project.objects.update(network_zone="internet")
    seen = read(callers.member, path)
    assert (seen["state"], seen["lapsed"], seen["decision"]["lapsed"]) == ("passed", True, True)
    assert seen["changes"]
    callers.member.put(f"{path}/answers/plan-1", {"value": "partly", "comment": "実は"})
    noted = read(callers.member, path)
    assert (noted["state"], noted["lapsed"]) == ("open", True)
    assert len(noted["changes"]) == 2
    assert noted["decision"]["changes"] == noted["changes"]


def test_a_waiver_lets_a_criterion_pass_for_a_while(callers, people, gate, path):
    body = {"criterion": "plan-1", "reason": "制度改正待ち", "expires": SOON()}
    problem(callers.cio_aide.post(f"{path}/waivers", body), 403, "not_permitted")
    for change, field in (
        ({"criterion": "nope"}, "criterion"),
        ({"reason": ""}, "reason"),
        ({"expires": "2020-01-01"}, "expires"),
        ({"expires": "soon"}, "expires"),
    ):
        document = problem(callers.quality_office.post(f"{path}/waivers", {**body, **change}), 422, "invalid")
        assert field in document["errors"]
    assert callers.quality_office.post(f"{path}/waivers", body).status_code == 201
    shown = read(callers.member, path)
    assert shown["criteria"][0]["waived_until"] == SOON()
    assert "plan-1" not in [b["criterion"] for b in shown["blockers"]]
    assert shown["waivers"][0]["by"]["username"] == "quality_office"


def test_what_was_recommended_but_unmet_is_carried(bureau, callers, people):
    criteria = [
        criterion_document("plan-1"),
        criterion_document("plan-2", requirement="recommended"),
        criterion_document("req-1", "requirements"),
    ]
    project = make_project(bureau, standard=make_standard("5.0", criteria))
    gate = plan_gate(project)
    gate_services.save_answer(people.member, gate, "plan-1", value="met")
    gate_services.submit(people.member, gate)
    review_gate(people, gate)
    callers.quality_office.post(f"/gates/{gate.pk}/decision", {"result": "go", "reason": "x"})
    entered = callers.member.post(f"/projects/{project.code}/phases/requirements/enter").json()
    carried = read(callers.member, f"/gates/{entered['gate']}")["carried"]
    assert [(c["gate"], c["criterion"]) for c in carried] == [(gate.pk, "plan-2")]


def test_a_book_lists_its_gates(callers, people, project):
    advance(people, project, "build")
    callers.member.post("/projects/T-1/releases", {"version": "1.0", "kind": "new", "planned_on": SOON()})
    rows = callers.member.get("/projects/T-1/gates").json()["items"]
    assert [(g["phase"], g["release"], g["state"], g["blocker_count"]) for g in rows] == [
        ("plan", None, "used", 0),
        ("requirements", None, "used", 0),
        ("build", None, "open", 3),
        ("build", "1.0", "open", 3),
    ]
    first = callers.member.get("/projects/T-1/gates?limit=1").json()
    assert len(first["items"]) == 1
    assert first["next"]


def test_a_gate_asks_the_database_a_fixed_number_of_times(bureau, callers, people, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def gate_of(version, count):
        standard = make_standard(version, [criterion_document(f"plan-{n}") for n in range(count)])
        gate = plan_gate(make_project(bureau, code=f"Q-{count}"))
        gate.standard = standard
        gate.save()
        answer_all(people.member, gate)
        gate_services.add_evidence_link(people.member, gate, "plan-0", url="https://example.jp/")
        return f"/gates/{gate.pk}"

    small, large = gate_of("6.0", 3), gate_of("7.0", 30)
    read(callers.member, small)
    with CaptureQueriesContext(connection) as few:
        read(callers.member, small)
    with django_assert_num_queries(len(few)):
        read(callers.member, large)


def test_problems_speak_the_callers_language(people, path):
    english = problem(Caller(people.member).post(f"{path}/submit"), 409, "nothing_answered")
    assert english["detail"].startswith("Nothing is answered yet")
    assert json.dumps(english)


def test_a_moved_date_is_never_overwritten(callers, path):
    seen = callers.member.get(path)["ETag"]
    first, second = ({"due_on": days(n).isoformat()} for n in (20, 21))
    assert callers.cio_aide.patch(path, first, if_match=seen).status_code == 200
    stale = problem(callers.member.patch(path, second, if_match=seen), 412, "stale_write")
    assert (stale["current"], stale["yours"]) == (first, second)
    problem(callers.member.patch(path, second, if_match="x"), 400, "bad_if_match")
    assert callers.member.patch(path, second, if_match=callers.member.get(path)["ETag"]).status_code == 200
    assert read(callers.member, path)["due_on"] == second["due_on"]


def test_a_gate_moves_to_a_newer_version_with_its_answers(callers, path):
    callers.member.put(f"{path}/answers/plan-1", {"value": "met"})
    callers.member.put(f"{path}/answers/plan-2", {"value": "met"})
    changed = criterion_document("plan-1", requirement="recommended", title={"ja": "変えた", "en": "Changed"})
    make_standard("9.0", [changed, criterion_document("plan-7")])
    told = {"kept": [], "to_look_at": ["plan-1"], "dropped": ["plan-2"]}
    preview = read(callers.member, f"{path}/standard?version=9.0")
    assert preview == {"standard": {"pack": "test-pack", "version": "9.0"}, **told}
    older = read(callers.member, path)["standard"]["version"]
    assert older != "9.0"
    problem(callers.auditor.put(f"{path}/standard", {"version": "9.0"}), 403, "not_permitted")
    moved = callers.member.put(f"{path}/standard", {"version": "9.0"})
    assert (moved.status_code, moved.json()) == (200, preview)
    assert read(callers.member, path)["standard"]["version"] == "9.0"
    problem(callers.member.put(f"{path}/standard", {"version": "9.0"}), 409, "same_version")
    problem(callers.member.put(f"{path}/standard", {"version": older}), 409, "older_version")
    for version in ("8.0", "", "x" * 3000):
        problem(callers.member.put(f"{path}/standard", {"version": version}), 422, "invalid")
