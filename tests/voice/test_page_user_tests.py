"""Pages of user tests: planned, held on a tablet, sorted, reported."""

import io
import re
from uuid import uuid4

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.services.projects import add_member
from sekisho.people.models import Installation
from sekisho.voice.models import Observation, Problem, TaskResult, UserTest
from sekisho.voice.services import problems, sessions, usertests
from tests.book.factories import days, make_project
from tests.voice.factories import hold, plan, see, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    Installation.objects.create(name="関野市")
    return make_project(bureau, code="V-1", for_citizens=True)


@pytest.fixture
def test(people, project):
    return plan(people.member, project)


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def at(name, *args):
    return reverse(f"voice:{name}", args=args)


def body(response):
    return response.content.decode()


PLAN = {
    "kind": "usability",
    "title": "予約画面",
    "purpose": "予約を終えられるか",
    "method": "in_person",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-02",
}


def test_a_test_is_planned_for_a_book_named_by_its_code(member, project):
    assert "For which book?" in body(member.get(at("new_test")))
    unknown = member.get(at("new_test"), {"project": "NONE"})
    assert (unknown.status_code, "no such book" in body(unknown)) == (422, True)
    address = f"{at('new_test')}?project=V-1"
    refused = member.post(address, {**PLAN, "ends_on": "2026-11-01"})
    assert refused.status_code == 422
    assert "ends before it begins" in body(refused)
    assert "予約を終えられるか" in body(refused), "nothing entered is lost"
    made = member.post(address, PLAN)
    assert made.headers["Location"] == at("test", UserTest.objects.get().pk)


def test_a_stale_plan_is_not_saved_over_somebody_elses(member, people, test):
    usertests.change_test(people.cio_aide, test, title="先に変えた")
    again = member.post(at("test_plan", test.pk), {**PLAN, "version": 1})
    assert again.status_code == 422
    assert "Someone else changed this test" in body(again)


def test_the_way_through_a_test_on_its_pages(member, people, test):
    def act(name, **data):
        return member.post(at("test_act", test.pk, name), data)

    act("group", **{"group-name": "市民", "group-wanted": 3, "group-citizens": "on"})
    group = test.groups.get()
    act("participant", **{"participant-group": group.pk, "participant-about": "30代"})
    act("task", **{"task-kind": "task", "task-title": "予約する", "task-essential": "on"})
    participant, task = test.participants.get(), test.tasks.get()
    assert "agreed" in body(member.post(at("begin_session", participant.pk), follow=True))
    act("consent", participant=participant.pk, on=days(0).isoformat())
    opened = member.post(at("begin_session", participant.pk))
    session = participant.session.__class__.objects.get()
    assert opened.headers["Location"] == at("session", session.pk)
    prefix = f"task{task.pk}"
    member.post(
        at("session_result", session.pk, task.pk), {f"{prefix}-outcome": "success", f"{prefix}-seconds": 61}
    )
    note = {"words": "迷わない<script>", "severity": "serious", "client_id": uuid4(), "task": task.pk}
    member.post(at("session_act", session.pk, "observe"), note)
    member.post(at("session_act", session.pk, "sus"), {f"sus_{n}": 4 if n % 2 else 2 for n in range(1, 11)})
    member.post(at("session_act", session.pk, "end"), {"notes": "終わり"})
    member.post(at("session_act", session.pk, "resume"))
    shown = re.search(r'name="seen"[^>]*>([^<]*)<', body(member.get(at("session", session.pk))))
    assert shown[1] == "終わり"
    for notes in ("終わり\n題名が長い", "終わり\n題名が短い"):
        member.post(at("session_act", session.pk, "end"), {"notes": notes, "seen": shown[1]})
    session.refresh_from_db()
    assert session.notes == "終わり\n題名が長い\n\n題名が短い"
    page = body(member.get(at("test", test.pk)))
    assert "迷わない&lt;script&gt;" in page
    assert "1 observation belongs to no problem yet" in page
    refused = act("finish", **{"finish-conclusions": "よい"})
    assert (refused.status_code, "belong to no problem" in body(refused), "よい" in body(refused)) == (
        409,
        True,
        True,
    )
    seen = Observation.objects.get()
    made = {"problem-title": "迷う", "problem-severity": "serious", "observation": [seen.pk]}
    assert act("problem", **{**made, "problem-title": ""}).status_code == 422
    act("problem", **made)
    act("finish", **{"finish-conclusions": "よい"})
    page = body(member.get(at("test", test.pk)))
    assert "75.0" in page
    assert "grade B, percentile 73" in page
    assert "100%" in page
    test.refresh_from_db()
    assert test.state == "done"


def test_a_device_is_told_what_became_of_each_note(member, people, test):
    task = usertests.add_task(people.member, test, title="予約する")
    session = sessions.begin_session(people.member, take_part(people.member, test))
    headers = {"accept": "application/json"}
    prefix = f"task{task.pk}"
    address = at("session_result", session.pk, task.pk)
    late = member.post(address, {f"{prefix}-outcome": "helped", f"{prefix}-seconds": "3.5"}, headers=headers)
    assert late.json() == {"saved": True}
    wrong = member.post(address, {f"{prefix}-outcome": ""}, headers=headers)
    assert (wrong.status_code, wrong.json()["why"]) == (422, "Choose how it went.")
    assert TaskResult.objects.get().outcome == "helped"
    bad = member.post(
        at("session_act", session.pk, "observe"), {"words": "", "client_id": "x"}, headers=headers
    )
    assert (bad.status_code, bad.json()["saved"]) == (422, False)


def test_a_problem_is_mended_by_whom_it_names(client, member, people, test):
    problem = problems.found_problem(
        people.member, test, title="送れない", severity="critical", owner=people.member, due_on=days(5)
    )
    page = body(member.get(at("problem", problem.pk)))
    assert "送れない" in page
    refused = member.post(at("problem_act", problem.pk, "dismiss"), {"dismiss-words": "思い違い"})
    assert (refused.status_code, "Only a CIO aide" in body(refused)) == (409, True)
    member.post(at("problem_act", problem.pk, "fix"), {"fix-words": "直した"})
    assert Problem.objects.get().state == "fixed"
    client.force_login(people.auditor)
    assert "直した" in body(client.get(at("problem", problem.pk)))
    assert client.post(at("problem_act", problem.pk, "reopen")).status_code == 403


def test_readers_see_without_forms_and_strangers_nothing(client, people, test):
    client.force_login(people.auditor)
    page = body(client.get(at("test", test.pk)))
    assert "申請画面のユーザビリティテスト" in page
    assert 'name="group-name"' not in page
    client.force_login(people.contractor)
    assert client.get(at("test", test.pk)).status_code == 404


def test_who_may_only_add_evidence_is_offered_no_form(client, people, project):
    add_member(people.member, project, people.contractor, "contractor")
    for person, offered in ((people.contractor, False), (people.member, True)):
        client.force_login(person)
        for page, form in (("tests", "new_test"), ("surveys", "new_survey")):
            assert (f'href="{at(form)}' in body(client.get(at(page)))) is offered


def test_the_list_is_narrowed_by_what_its_address_says(member, people, test, bureau):
    other = plan(people.member, make_project(bureau, code="V-2"), kind="research", title="聞き取り")
    assert "聞き取り" in body(member.get(at("tests")))
    assert "聞き取り" not in body(member.get(at("tests"), {"kind": "usability"}))
    assert "聞き取り" in body(member.get(at("tests"), {"project": "V-2"}))
    assert "No user test here yet" in body(member.get(at("tests"), {"state": "done"}))
    assert member.get(at("tests"), {"after": "x\x00", "project": "\x00"}).status_code == 200
    assert other.state == "planned"


def held_with(people, test, count):
    task = usertests.add_task(people.member, test, title="予約する")
    for _ in range(count):
        session = sessions.begin_session(people.member, take_part(people.member, test))
        sessions.record_result(people.member, session, task, outcome="success", seconds=30)
        row = see(people.member, session, "=1+1 つまずく", "serious")
        sessions.end_session(people.member, session)
        problems.found_problem(
            people.member, test, observations=[row.pk], title="つまずく", severity="serious"
        )


def test_pages_take_the_same_queries_for_one_session_and_for_many(member, people, test, project):
    held_with(people, test, 1)
    count_queries(member, at("tests"))  # the first page of a session reads more
    small = count_queries(member, at("test", test.pk)), count_queries(member, at("tests"))
    held_with(people, test, 5)
    for _ in range(4):
        plan(people.member, project)
    assert (count_queries(member, at("test", test.pk)), count_queries(member, at("tests"))) == small


def count_queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_workbook_holds_texts_not_formulas(member, people, test):
    held_with(people, test, 2)
    answer = member.get(at("test_workbook", test.pk))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert "=1+1 つまずく" in [cell.value for cell in cells]


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one_participant_are_said_plainly(member, people, test, count):
    for _ in range(count):
        hold(people.member, test)
    for name in ("test", "test_report"):
        page = member.get(at(name, test.pk))
        assert page.status_code == 200
        assert not re.search(r"\bnan\b", body(page), re.IGNORECASE)
        assert "inf%" not in body(page)
    assert member.get(at("test_workbook", test.pk)).status_code == 200


@pytest.mark.parametrize("held", [0, 3])
def test_the_report_is_a_pdf_that_can_be_read_aloud_and_filed(member, people, test, held):
    import pikepdf
    import pypdfium2

    for _number in range(held):
        see(
            people.member,
            hold(people.member, test),
            words="=cmd|#[x] “保存”が見つからない 😀",
            severity="serious",
        )
    response = member.get(at("test_pdf", test.pk))
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as file:
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang) == "en"
    drawn = pypdfium2.PdfDocument(response.content)
    text = "".join(page.get_textpage().get_text_range() for page in drawn)
    assert "申請画面のユーザビリティテスト" in text
    assert ("3 participants took part." if held else "No session is done yet.") in text


def test_a_task_is_changed_and_moved_until_somebody_has_tried_it(member, people, test):
    first, second = (
        usertests.add_task(people.member, test, title=title) for title in ("予約する", "取り消す")
    )
    page = body(member.get(at("test", test.pk), {"task": first.pk}))
    assert "Change the task or question" in page
    assert 'value="予約する"' in page

    def save(**more):
        said = {"task-kind": "task", "task-title": "予約を終える", "was": first.pk, **more}
        return member.post(at("test_act", test.pk, "task"), said)

    refused = save(**{"task-title": ""})
    assert (refused.status_code, f'name="was" value="{first.pk}"' in body(refused)) == (422, True)
    assert save().status_code == 302
    member.post(at("test_act", test.pk, "task-up"), {"task": second.pk})
    member.post(at("test_act", test.pk, "task-up"), {"task": second.pk})
    assert [one.title for one in test.tasks.all()] == ["取り消す", "予約を終える"]
    session = hold(people.member, test)
    TaskResult.objects.create(session=session, task=first, outcome="success")
    tried = save(**{"task-title": "別の課題"})
    assert (tried.status_code, "tried this task already" in body(tried)) == (409, True)
    assert member.get(at("test", test.pk), {"task": "x" * 30}).status_code == 200


def test_the_books_one_may_see_are_offered_by_their_codes(client, people, project, other_bureau):
    hidden = make_project(other_bureau, code="OTHER-1")
    client.force_login(people.member)
    for name in ("voice:new_test", "voice:new_survey", "voice:import_survey"):
        page = client.get(reverse(name)).content.decode()
        assert f'<option value="{project.code}">' in page
        assert f'<option value="{hidden.code}">' not in page
