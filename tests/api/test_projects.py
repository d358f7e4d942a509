"""Projects through the API: registry, filters, paging, one book, changes that never overwrite unseen."""

import datetime as dt

import pytest
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Project
from sekisho.book.services import planning, projects
from sekisho.people.roles import SYSTEM
from tests.api.callers import ROOT, Caller, problem
from tests.book.factories import advance, days, make_project, pass_gate, plan_gate

pytestmark = pytest.mark.django_db

NEW = {
    "code": "N-1",
    "name": "電子申請 🏯",
    "organisation": "bureau",
    "summary": "概要",
    "purpose": "目的",
    "audience": ["citizens", "staff"],
    "personal_data": "personal",
    "information_class": 2,
    "network_zone": "internet",
    "development_form": "saas",
    "start_year": 2026,
    "end_year": 2030,
}


def test_it_opens_a_book(callers, project):
    answer = callers.member.post("/projects", NEW)
    assert answer.status_code == 201, answer.content
    book = answer.json()
    assert {name: book[name] for name in NEW if name != "organisation"} == {
        name: value for name, value in NEW.items() if name != "organisation"
    }
    assert book["organisation"] == {"code": "bureau", "name": "総務局"}
    assert (book["phase"], book["phases"][0]["phase"]) == ("plan", "plan")
    assert answer["Location"] == f"{ROOT}/projects/N-1"
    assert callers.member.get(answer["Location"]).json()["code"] == "N-1"


@pytest.mark.parametrize("amounts", [{}, {"requested": 5}, {"approved": 0}, {"carried_in": 7}])
def test_money_that_nobody_entered_is_null_and_not_zero(callers, project, amounts):
    year = fiscal_year_of(timezone.localdate())
    if amounts:
        planning.set_budget(SYSTEM, project, year, amounts)
    told = amounts.get("carried_in", amounts.get("approved"))
    assert callers.member.get(f"/projects/{project.code}").json()["money_this_year"] == told
    (row,) = callers.member.get("/projects").json()["items"]
    assert row["money_this_year"] == told


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a b"}, "code"),
        ({"code": "T-1"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "name"),
        ({"name": "名" * 501}, "name"),
        ({"name": None}, "name"),
        ({"organisation": "nowhere"}, "organisation"),
        ({"organisation": "a\u0000"}, "organisation"),
        ({"audience": ["dogs"]}, "audience.0"),
        ({"personal_data": "some"}, "personal_data"),
        ({"information_class": 9}, "information_class"),
        ({"start_year": 26}, "start_year"),
        ({"start_year": "soon"}, "start_year"),
        ({"end_year": 2020}, "end_year"),
        ({"start_year": 10**30}, "start_year"),
        ({"owner": "bureau"}, "owner"),
    ],
)
def test_a_bad_value_is_named(callers, project, change, field):
    document = problem(callers.member.post("/projects", {**NEW, **change}), 422, "invalid")
    assert list(document["errors"]) == [field]
    assert document["errors"][field]


def test_what_is_missing_is_named_in_the_callers_language(people, project):
    english = problem(Caller(people.member).post("/projects", {}), 422, "invalid")
    assert set(english["errors"]) == {"code", "name", "organisation"}
    assert english["errors"]["code"] == "This is missing."


def test_nul_characters_are_removed(callers, project):
    book = callers.member.post("/projects", {**NEW, "name": "a\u0000b", "summary": "\u0000x"}).json()
    assert (book["name"], book["summary"]) == ("ab", "x")


def test_a_lone_surrogate_is_refused(callers, project):
    body = '{"code": "N-2", "name": "\\ud83d", "organisation": "bureau"}'
    assert "name" in problem(callers.member.post("/projects", body), 422, "invalid")["errors"]


def test_another_bureau_cannot_be_opened_for(callers, project, other_bureau):
    answer = callers.member.post("/projects", {**NEW, "organisation": "other-bureau"})
    problem(answer, 403, "not_permitted")


def test_a_book_shows_everything(callers, people, project):
    advance(people, project, "build")
    book = callers.auditor.get("/projects/T-1").json()
    assert [entry["phase"] for entry in book["phases"]] == ["plan", "requirements", "build"]
    for part in (
        "budget",
        "contracts",
        "milestones",
        "status",
        "risks",
        "members",
        "external_ids",
        "releases",
    ):
        assert isinstance(book[part], list)
    assert book["blocker_count"] == 3
    assert book["updated_at"].endswith("Z")


def test_an_unseen_book_is_404(callers, project, other_bureau):
    make_project(other_bureau, code="X-1")
    problem(callers.member.get("/projects/X-1"), 404, "not_found")
    problem(callers.member.get("/projects/%00"), 404, "not_found")
    problem(callers.member.patch("/projects/X-1", {"name": "x"}), 404, "not_found")
    assert callers.auditor.get("/projects/X-1").status_code == 200


def test_it_changes_what_is_sent_only(callers, project):
    answer = callers.member.patch("/projects/T-1", {"summary": "新しい概要", "audience": ["businesses"]})
    book = answer.json()
    assert (book["summary"], book["audience"], book["name"]) == ("新しい概要", ["businesses"], "窓口予約")
    assert answer["ETag"] == callers.member.get("/projects/T-1")["ETag"]


def test_a_stale_change_shows_both_versions(callers, project):
    tag = callers.member.get("/projects/T-1")["ETag"]
    assert callers.cio_aide.patch("/projects/T-1", {"name": "先"}, if_match=tag).status_code == 200
    answer = callers.member.patch("/projects/T-1", {"name": "後", "organisation": "bureau"}, if_match=tag)
    document = problem(answer, 412, "stale_write")
    assert document["current"]["name"] == "先"
    assert document["current"]["organisation"] == "bureau"
    assert document["yours"] == {"name": "後", "organisation": "bureau"}
    assert Project.objects.get().name == "先"


def test_if_match_takes_the_version_any_and_refuses_the_rest(callers, project):
    project.refresh_from_db()
    member = callers.member
    assert member.patch("/projects/T-1", {"name": "一"}, if_match=f'"{project.version}"').status_code == 200
    assert member.patch("/projects/T-1", {"name": "二"}, if_match="*").status_code == 200
    now = member.get("/projects/T-1")["ETag"]
    problem(member.patch("/projects/T-1", {"name": "三"}, if_match=f"W/{now}"), 412, "stale_write")
    problem(member.patch("/projects/T-1", {"name": "三"}, if_match='"elsewhere"'), 412, "stale_write")
    for bad in ("7", '"7', '"1", "2"'):
        problem(member.patch("/projects/T-1", {"name": "三"}, if_match=bad), 400, "bad_if_match")


def test_an_unchanged_book_is_not_sent_again(callers, project):
    tag = callers.member.get("/projects/T-1")["ETag"]
    for asked in (tag, f'"x", W/{tag}', "*"):
        answer = callers.member.get("/projects/T-1", if_none_match=asked)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    callers.member.patch("/projects/T-1", {"name": "変更"})
    assert callers.member.get("/projects/T-1", if_none_match=tag).status_code == 200


def test_what_changes_without_a_save_is_sent_again(callers, project):
    tag = callers.member.get("/projects/T-1")["ETag"]
    Project.objects.update(blocker_count=99)
    assert callers.member.get("/projects/T-1", if_none_match=tag).status_code == 200


def test_the_tier_needs_a_reason_and_the_right_role(callers, project):
    problem(
        callers.member.patch("/projects/T-1", {"tier": "focus", "tier_reason": "x"}), 403, "not_permitted"
    )
    document = problem(callers.cio_aide.patch("/projects/T-1", {"tier": "focus"}), 422, "invalid")
    assert list(document["errors"]) == ["tier_reason"]
    problem(callers.cio_aide.patch("/projects/T-1", {"tier_reason": "x"}), 422, "invalid")
    book = callers.cio_aide.patch("/projects/T-1", {"tier": "focus", "tier_reason": "市長公約"}).json()
    assert (book["tier"], book["tier_reason"]) == ("focus", "市長公約")


def test_a_refused_tier_leaves_the_other_fields_unsaved(callers, project):
    callers.member.patch("/projects/T-1", {"name": "半分", "tier": "focus", "tier_reason": "x"})
    assert Project.objects.get().name == "窓口予約"


def test_a_book_moves_to_an_organisation_one_may_open_books_for(callers, project, section, other_bureau):
    assert (
        callers.member.patch("/projects/T-1", {"organisation": "section"}).json()["organisation"]["code"]
        == "section"
    )
    problem(callers.member.patch("/projects/T-1", {"organisation": "other-bureau"}), 403, "not_permitted")
    problem(callers.member.patch("/projects/T-1", {"organisation": "zzz"}), 422, "invalid")


def codes(answer):
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["items"]]


@pytest.fixture
def three(project, section, other_bureau, people):
    """T-1 in the bureau, S-1 in its section, X-1 in another bureau."""
    make_project(section, code="S-1", name="ごみ収集ｱﾌﾟﾘ")
    make_project(other_bureau, code="X-1", name="児童手当")
    return project


def test_the_registry_lists_what_one_may_see(callers, three):
    assert codes(callers.auditor.get("/projects")) == ["T-1", "S-1", "X-1"]
    assert codes(callers.member.get("/projects")) == ["T-1", "S-1"]
    assert codes(callers.contractor.get("/projects")) == []


def test_the_registry_filters(callers, people, three):
    get = callers.auditor.get
    assert codes(get("/projects?q=アプリ")) == ["S-1"]
    assert codes(get("/projects?q=児童")) == ["X-1"]
    assert codes(get("/projects?q=%00&organisation=%00")) == ["T-1", "S-1", "X-1"]
    assert codes(get("/projects?organisation=bureau")) == ["T-1", "S-1"]
    assert codes(get("/projects?organisation=section")) == ["S-1"]
    advance(people, three, "requirements")
    assert codes(get("/projects?phase=requirements")) == ["T-1"]
    assert codes(get("/projects?phase=plan&organisation=bureau")) == ["S-1"]
    projects.set_tier(SYSTEM, three, "focus", "理由")
    assert codes(get("/projects?tier=focus")) == ["T-1"]
    assert codes(get("/projects?phase=&tier=&q=&organisation=&updated_since=")) == ["T-1", "S-1", "X-1"]


def test_updated_since_takes_any_iso_moment_even_a_mangled_one(callers, three):
    moment = timezone.localtime(timezone.now() - dt.timedelta(hours=1)).isoformat()
    assert "+" in moment
    for text in (
        moment,
        moment.replace("+", "%2B"),
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "0001-01-01T09:00:00%2B09:00",
    ):
        assert len(codes(callers.auditor.get(f"/projects?updated_since={text}"))) == 3
    later = (timezone.now() + dt.timedelta(hours=1)).isoformat()
    assert codes(callers.auditor.get(f"/projects?updated_since={later}")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("phase=lunch", "phase"),
        ("tier=huge", "tier"),
        ("organisation=zzz", "organisation"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=0001-01-01T00:00:00%2B23:00", "updated_since"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=%FF%00", "cursor"),
    ],
)
def test_a_bad_filter_is_named(callers, project, query, field):
    assert field in problem(callers.member.get(f"/projects?{query}"), 422, "invalid")["errors"]


def test_pages_are_stable_while_others_write(callers, bureau, project):
    for number in range(2, 6):
        make_project(bureau, code=f"T-{number}")
    first = callers.member.get("/projects?limit=2&organisation=bureau").json()
    assert [row["code"] for row in first["items"]] == ["T-1", "T-2"]
    assert "organisation=bureau" in first["next"]
    callers.member.patch("/projects/T-1", {"name": "変更"})
    make_project(bureau, code="A-0")
    seen, following = [], first["next"]
    while following:
        page = callers.member.get(following.removeprefix("http://testserver")).json()
        seen += [row["code"] for row in page["items"]]
        following = page["next"]
    assert seen == ["T-3", "T-4", "T-5", "A-0"]


def test_a_cursor_of_another_list_is_refused(callers, bureau, project):
    make_project(bureau, code="T-2")
    following = callers.member.get("/projects?limit=1").json()["next"]
    cursor = following.split("cursor=")[1].split("&")[0]
    problem(callers.member.get(f"/organisations?cursor={cursor}"), 422, "invalid")


def test_the_registry_asks_the_database_the_same_number_of_times(
    callers, bureau, project, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    callers.member.get("/projects")
    with CaptureQueriesContext(connection) as few:
        callers.member.get("/projects")
    for number in range(2, 12):
        make_project(bureau, code=f"T-{number}")
    with django_assert_num_queries(len(few)):
        callers.member.get("/projects")


def test_a_phase_is_entered_through_its_gate_only(callers, people, project):
    problem(callers.member.post("/projects/T-1/phases/requirements/enter"), 409, "gate_not_passed")
    problem(callers.member.post("/projects/T-1/phases/build/enter"), 409, "wrong_phase")
    problem(callers.member.post("/projects/T-1/phases/lunch/enter"), 422, "invalid")
    pass_gate(people, plan_gate(project))
    entered = callers.member.post("/projects/T-1/phases/requirements/enter")
    assert entered.status_code == 200
    assert entered.json()["phase"] == "requirements"
    assert callers.member.get(f"/gates/{entered.json()['gate']}").json()["phase"] == "requirements"


def test_a_lapsed_decision_opens_no_phase(callers, people, project):
    pass_gate(people, plan_gate(project))
    Project.objects.filter(pk=project.pk).update(personal_data="mynumber")
    document = problem(callers.member.post("/projects/T-1/phases/requirements/enter"), 409, "decision_lapsed")
    assert document["changes"]


def test_a_phase_is_left_out_with_a_reason(callers, project):
    path = "/projects/T-1/phases/build/skip"
    problem(callers.member.post(path, {"reason": "既製品"}), 403, "not_permitted")
    problem(callers.cio_aide.post(path, {"reason": " "}), 422, "invalid")
    assert callers.cio_aide.post(path, {"reason": "既製品"}).json()["not_needed"] is True
    problem(callers.cio_aide.post(path, {"reason": "既製品"}), 409, "wrong_phase")


def test_a_project_retires_when_everything_is_proved(callers, people, project):
    problem(callers.member.post("/projects/T-1/retire"), 409, "wrong_phase")
    advance(people, project, "retire")
    item = callers.member.post(
        "/projects/T-1/retirement-items", {"kind": "backup", "name": "テープ", "classification": 1}
    )
    pass_gate(people, plan_gate(project))
    document = problem(callers.member.post("/projects/T-1/retire"), 409, "retirement_unproved")
    assert document["items"] == ["テープ"]
    proof = {
        "method": "destroy",
        "done_on": days(0).isoformat(),
        "done_by": "業者",
        "witness": "職員",
        "certificate": "証明書1号",
    }
    path = f"/projects/T-1/retirement-items/{item.json()['id']}"
    assert callers.member.patch(path, proof).json()["missing"] == []
    assert callers.member.post("/projects/T-1/retire").json()["retired_at"]
    problem(callers.member.patch("/projects/T-1", {"name": "x"}), 409, "book_closed")
