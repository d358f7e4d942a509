"""User tests through their services: planned, held, finished; problems found, fixed and tried again."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from sekisho.book.models import Attachment, LedgerEntry
from sekisho.book.services import releases
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted, StaleWrite
from sekisho.people.roles import SYSTEM
from sekisho.voice import measures
from sekisho.voice.models import Observation, TaskResult, UserTestSession
from sekisho.voice.services import problems, sessions, usertests
from tests.book.factories import advance, days, make_project
from tests.voice.factories import hold, plan, see, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau, for_citizens=True)


@pytest.fixture
def test(people, project):
    return plan(people.member, project)


def acts(project):
    return list(LedgerEntry.objects.filter(project=project).order_by("seq").values_list("act", flat=True))


def test_a_plan_is_written_down_and_takes_the_usual_phase(people, project):
    made = plan(people.member, project, kind="research", without_citizens="")
    assert (made.phase, made.state) == ("plan", "planned")
    assert "test.planned" in acts(project)


def test_a_plan_sent_twice_is_one_and_another_plan_or_person_another(people, project, test):
    assert plan(people.member, project) == test
    assert acts(project).count("test.planned") == 1
    assert plan(people.member, project, purpose="別の目的") != test
    assert plan(people.quality_office, project) != test
    usertests.cancel_test(people.member, test, "延期")
    assert plan(people.member, project) != test


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"title": "  "}, "title"),
        ({"kind": "guess"}, "kind"),
        ({"method": ""}, "method"),
        ({"purpose": ""}, "purpose"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": dt.date(2001, 1, 1)}, "ends_on"),
        ({"title": "あ" * 201}, "title"),
    ],
)
def test_a_bad_plan_names_its_field(people, project, parts, field):
    with pytest.raises(Invalid) as refused:
        plan(people.member, project, **parts)
    assert field in refused.value.fields


def test_only_those_who_edit_the_book_plan_and_record(people, project, test):
    with pytest.raises(NotPermitted):
        plan(people.auditor, project)
    with pytest.raises(NotFound):
        plan(people.contractor, project)
    with pytest.raises(NotPermitted):
        usertests.add_group(people.executive, test, name="x", wanted=1)


def test_a_change_over_somebody_elses_save_shows_both(people, test):
    usertests.change_test(people.member, test, expected_version=1, title="新しい題")
    with pytest.raises(StaleWrite) as stale:
        usertests.change_test(people.cio_aide, test, expected_version=1, title="別の題")
    assert (stale.value.current["title"], stale.value.yours["title"]) == ("新しい題", "別の題")


def test_a_session_needs_consent(people, test):
    group = usertests.add_group(people.member, test, name="市民", wanted=3)
    participant = usertests.add_participant(people.member, group)
    with pytest.raises(Conflict, match="agreed"):
        sessions.begin_session(people.member, participant)
    usertests.record_consent(people.member, participant, days(0))
    assert sessions.begin_session(people.member, participant).state == "running"
    test.refresh_from_db()
    assert test.state == "running"
    assert acts(test.project).count("test.started") == 1


def test_what_a_device_sends_twice_counts_once(people, test):
    task = usertests.add_task(people.member, test, title="住所を変える")
    session = sessions.begin_session(people.member, take_part(people.member, test))
    client_id = uuid4()
    for _again in range(2):
        sessions.observe(people.member, session, words="迷う", severity="minor", client_id=client_id)
        sessions.record_result(people.member, session, task, outcome="helped", seconds=81.5)
        sessions.begin_session(people.member, session.participant)
    assert (Observation.objects.count(), TaskResult.objects.count(), UserTestSession.objects.count()) == (
        1,
        1,
        1,
    )


@pytest.mark.parametrize("seconds", [0, -1, 90_000, float("nan"), float("inf")])
def test_an_impossible_time_is_refused(people, test, seconds):
    task = usertests.add_task(people.member, test, title="申請する")
    session = sessions.begin_session(people.member, take_part(people.member, test))
    with pytest.raises(Invalid) as refused:
        sessions.record_result(people.member, session, task, outcome="success", seconds=seconds)
    assert "seconds" in refused.value.fields


def test_a_task_without_an_outcome_and_a_question_without_words_are_refused(people, test):
    task = usertests.add_task(people.member, test, title="申請する")
    question = usertests.add_task(people.member, test, title="どう感じましたか", kind="question")
    session = sessions.begin_session(people.member, take_part(people.member, test))
    with pytest.raises(Invalid) as refused:
        sessions.record_result(people.member, session, task)
    assert "outcome" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        sessions.record_result(people.member, session, question, outcome="success")
    assert "words" in refused.value.fields


def test_sus_takes_ten_answers_on_the_scale_and_keeps_gaps(people, test):
    session = sessions.begin_session(people.member, take_part(people.member, test))
    with pytest.raises(Invalid) as refused:
        sessions.answer_sus(people.member, session, [3] * 9 + [7])
    assert "sus_10" in refused.value.fields
    sessions.answer_sus(people.member, session, [3] * 9 + [None])
    assert session.sus[-1] is None
    sessions.answer_sus(people.member, session, [None] * 10)
    assert session.sus == []


def test_a_test_is_finished_only_when_something_was_tried_with_citizens(people, test):
    with pytest.raises(Conflict, match="nothing was tried"):
        usertests.finish_test(people.member, test, conclusions="よい")
    hold(people.member, test, group="職員", citizens=False)
    with pytest.raises(Invalid, match="for citizens"):
        usertests.finish_test(people.member, test, conclusions="よい")
    hold(people.member, test)
    with pytest.raises(Invalid, match="learnt"):
        usertests.finish_test(people.member, test, conclusions=" ")
    usertests.finish_test(people.member, test, conclusions="申請できた")
    assert (test.state, test.done_on) == ("done", days(0))
    with pytest.raises(Conflict, match="over"):
        usertests.add_task(people.member, test, title="遅い")


def test_a_reason_stands_in_for_citizens(people, project):
    test = plan(people.member, project, without_citizens="職員だけの画面")
    hold(people.member, test, group="職員", citizens=False)
    usertests.finish_test(people.member, test, conclusions="よい")
    assert test.state == "done"


def test_grave_observations_must_be_sorted_before_the_end(people, test):
    session = sessions.begin_session(people.member, take_part(people.member, test))
    seen = see(people.member, session, severity="critical")
    see(people.member, session, "慣れている", "good")
    with pytest.raises(Conflict, match="under way"):
        usertests.finish_test(people.member, test, conclusions="よい")
    sessions.end_session(people.member, session)
    with pytest.raises(Conflict, match="belong to no problem"):
        usertests.finish_test(people.member, test, conclusions="よい")
    problems.found_problem(
        people.member, test, observations=[seen.pk], title="ボタンが見つからない", severity="critical"
    )
    usertests.finish_test(people.member, test, conclusions="直す")
    assert measures.open_problems("critical")(test.project, None).value == 1


def test_consent_taken_back_erases_everything_but_the_number(
    people, test, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    session = sessions.begin_session(people.member, take_part(people.member, test))
    task = usertests.add_task(people.member, test, title="申請する")
    sessions.record_result(people.member, session, task, outcome="failed", words="わからない")
    seen = see(people.member, session, severity="serious")
    kept = problems.found_problem(people.member, test, observations=[seen.pk], title="x", severity="serious")
    file = sessions.add_file(people.member, session, ContentFile(b"screen", name="画面.txt"))
    stored = file.attachment.stored
    sessions.end_session(people.member, session)
    hold(people.member, test)
    usertests.finish_test(people.member, test, conclusions="よい")
    participant = session.participant
    with django_capture_on_commit_callbacks(execute=True):
        usertests.withdraw(people.member, participant)
    assert (participant.about, participant.withdrew_on) == ("", days(0))
    assert not UserTestSession.objects.filter(participant=participant).exists()
    assert not Attachment.objects.exists()
    assert not stored.storage.exists(stored.name)
    assert kept.observations.count() == 0
    assert measures.participants(test.project, None).value == 1
    assert usertests.withdraw(people.member, participant).withdrew_on == days(0)


def test_a_problem_goes_from_open_through_fixed_to_tried_again(people, test):
    first = hold(people.member, test)
    seen = see(people.member, first, severity="critical")
    problem = problems.found_problem(
        people.member,
        test,
        observations=[seen.pk],
        title="送れない",
        severity="critical",
        owner=people.member,
        due_on=days(7),
    )
    usertests.finish_test(people.member, test, conclusions="直す")
    with pytest.raises(Conflict, match="Only a fixed problem"):
        problems.close_retested(people.member, problem, test)
    problems.fix_problem(people.member, problem, "ボタンを大きくした")
    with pytest.raises(Conflict, match="began after the fix"):
        problems.close_retested(people.member, problem, test)
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        again = plan(people.member, test.project, title="再試験")
        hold(people.member, again)
        with pytest.raises(Conflict, match="is done"):
            problems.close_retested(people.member, problem, again)
        usertests.finish_test(people.member, again, conclusions="直っていた")
        assert measures.open_problems("critical")(test.project, None).value == 1
        problems.close_retested(people.member, problem, again)
    assert (problem.state, problem.ending) == ("closed", "retested")
    assert measures.open_problems("critical")(test.project, None).value == 0
    problems.reopen_problem(people.member, problem)
    assert problem.state == "open"
    said = [act for act in acts(test.project) if act.startswith("problem.")]
    assert said == ["problem.found", "problem.fixed", "problem.closed", "problem.reopened"]


def test_a_problem_seen_again_is_not_gone(people, test):
    problem = problems.found_problem(people.member, test, title="送れない", severity="serious")
    problems.fix_problem(people.member, problem, "直した")
    with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
        again = plan(people.member, test.project)
        seen = see(people.member, hold(people.member, again), severity="serious")
        problems.merge_observations(people.member, problem, again, [seen.pk])
        usertests.finish_test(people.member, again, conclusions="まだある")
        with pytest.raises(Conflict, match="still shows"):
            problems.close_retested(people.member, problem, again)


def test_only_a_reviewer_makes_less_of_a_critical_problem(people, test):
    problem = problems.found_problem(people.member, test, title="送れない", severity="critical")
    with pytest.raises(Conflict, match="CIO aide"):
        problems.change_problem(people.member, problem, severity="minor")
    with pytest.raises(Conflict, match="CIO aide"):
        problems.dismiss_problem(people.member, problem, "思い違い")
    problems.dismiss_problem(people.cio_aide, problem, "試験用の端末だけの不具合だった")
    assert problem.state == "closed"


def test_who_mends_it_and_by_when_go_together_and_may_see_the_book(people, test):
    problem = problems.found_problem(people.member, test, title="x", severity="minor")
    with pytest.raises(Invalid) as refused:
        problems.change_problem(people.member, problem, owner=people.member)
    assert "due_on" in refused.value.fields
    with pytest.raises(Invalid, match="may not see"):
        problems.change_problem(people.member, problem, owner=people.contractor, due_on=days(3))


def test_measures_count_what_was_done_for_the_release(people, project):
    advance(people, project, "build")
    release = releases.plan_release(SYSTEM, project, version="1.0", kind="new", planned_on=days(20))
    other = releases.plan_release(SYSTEM, project, version="2.0", kind="change", planned_on=days(40))
    test = plan(people.member, project, release=release)
    task = usertests.add_task(people.member, test, title="申請する")
    for outcome in ("success", "success", "failed"):
        session = sessions.begin_session(people.member, take_part(people.member, test))
        sessions.record_result(people.member, session, task, outcome=outcome, seconds=30)
        sessions.answer_sus(people.member, session, [4, 2] * 5)
        sessions.end_session(people.member, session)
    assert measures.tests_done("usability")(project, release).value == 0
    usertests.finish_test(people.member, test, conclusions="よい")
    assert measures.tests_done("usability")(project, release).value == 1
    assert measures.tests_done("usability")(project, other).value == 0
    assert measures.tests_done("usability")(project, None).value == 1
    assert measures.participants(project, release).value == 3
    assert measures.fewest_of_a_group(project, release).value == 3
    assert measures.completion(project, release).value == 66.7
    assert measures.sus(project, release).value == 75.0
    assert measures.sus(project, other).value is None


def test_notes_of_two_people_who_end_a_session_at_once_are_both_kept(people, project):
    session = sessions.begin_session(people.member, take_part(people.member, plan(people.member, project)))
    for notes in ("文字が小さい", "迷いなく進んだ", "迷いなく進んだ"):
        sessions.end_session(people.member, session, notes=notes)
    assert UserTestSession.objects.get().notes == "文字が小さい\n\n迷いなく進んだ"


@pytest.mark.parametrize("resumed", [False, True])
def test_notes_of_two_people_who_resumed_a_session_are_kept_once_each(people, project, resumed):
    session = sessions.begin_session(people.member, take_part(people.member, plan(people.member, project)))
    sessions.end_session(people.member, session, notes="文字が小さい\n戻れない")
    sessions.resume_session(people.member, session)
    seen = "文字が小さい\n戻れない"
    for end in ("文字が小さい\n戻れない\n迷いなく進んだ", "文字が小さい(題名も)\n戻れない\n入力欄が狭い"):
        for _sent_twice in range(2):
            sessions.end_session(people.member, session, notes=end.replace("\n", "\r\n"), seen=seen)
            if resumed:
                sessions.resume_session(people.member, session)
    notes = UserTestSession.objects.get().notes
    assert notes == "文字が小さい\n戻れない\n迷いなく進んだ\n\n文字が小さい(題名も)\n入力欄が狭い"


def test_notes_that_nobody_changed_meanwhile_are_what_was_written_last(people, project):
    session = sessions.begin_session(people.member, take_part(people.member, plan(people.member, project)))
    sessions.end_session(people.member, session, notes="文字が小さい")
    sessions.resume_session(people.member, session)
    sessions.end_session(people.member, session, notes="題名の文字が小さい", seen="文字が小さい")
    assert UserTestSession.objects.get().notes == "題名の文字が小さい"
