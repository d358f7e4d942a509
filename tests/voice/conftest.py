"""What tests of results share: a survey of every kind that has figures, and somebody who reads in English."""

import pytest

from sekisho.voice.services import surveys
from tests.book.factories import make_project
from tests.voice.results import QUESTIONS


@pytest.fixture
def asking(people, bureau):
    """A survey that asks for satisfaction, age, features, ease of use and recommendation."""
    made = surveys.make_survey(people.member, make_project(bureau, code="R-1"), title="結果")
    return surveys.change_survey(people.member, made, {"sections": [{"questions": QUESTIONS}]})


@pytest.fixture
def reader(client, people):
    """Somebody of the owner section, signed in."""
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client
