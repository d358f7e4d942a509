"""User tests for tests, made through the services."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.book.models import Project
from sekisho.people.models import User
from sekisho.voice.models import AnswerFile, Participant, Survey, UserTest, UserTestSession
from sekisho.voice.services import incoming, sessions, usertests
from tests.book.factories import days


def plan(user: User, project: Project, **parts: Any) -> UserTest:
    """A usability test of today."""
    usual = {
        "kind": "usability",
        "title": "申請画面のユーザビリティテスト",
        "purpose": "申請を終えられるか",
        "method": "in_person",
        "starts_on": days(0),
        "ends_on": days(1),
    }
    return usertests.plan_test(user, project, **{**usual, **parts})


def take_part(user: User, test: UserTest, *, group: str = "市民", citizens: bool = True) -> Participant:
    """One more participant of a group, who agreed."""
    found = test.groups.filter(name=group).first()
    found = found or usertests.add_group(user, test, name=group, wanted=5, citizens=citizens)
    return usertests.add_participant(user, found, consented_on=days(0))


def hold(user: User, test: UserTest, **more: Any) -> UserTestSession:
    """A session that is done, with whoever takes part next."""
    session = sessions.begin_session(user, take_part(user, test, **more))
    return sessions.end_session(user, session)


def see(
    user: User, session: UserTestSession, words: str = "ボタンが見つからない", severity: str = "minor"
) -> Any:
    """An observation."""
    return sessions.observe(user, session, words=words, severity=severity, client_id=uuid4())


def keep_answers(user: User, survey: Survey) -> AnswerFile:
    """A table of answers that waits to be brought in."""
    return incoming.keep(user, survey, SimpleUploadedFile("answers.csv", b"a,b\n1,2\n"))
