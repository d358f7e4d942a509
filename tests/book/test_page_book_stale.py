"""A stale change of what a project is: both versions in words, and the way to save after reading them."""

import re

import pytest
from django.urls import reverse

from sekisho.book.services import projects
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="B-1", name="申請")


def save(client, project, bureau, version, **more):
    data = {
        "name": "あとの名",
        "organisation": bureau.pk,
        "personal_data": "none",
        "information_class": "2",
        "network_zone": "lgwan",
        "development_form": "contract",
        "version": version,
    }
    return client.post(reverse("book:act", args=[project.code, "attributes"]), {**data, **more})


def test_both_versions_are_in_words_and_the_second_save_goes_through(client, people, project, bureau):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    seen = project.version
    projects.update_project(people.member, project, {"network_zone": "internet"})
    refused = save(client, project, bureau, seen)
    text = refused.content.decode()
    assert refused.status_code == 412
    assert ("network zone", "Internet zone", "LGWAN zone") in refused.context["failed"].differences
    assert 'value="あとの名"' in text
    (version,) = re.findall(r'name="version" value="(\d+)"', text)
    assert save(client, project, bureau, version).status_code == 302
    project.refresh_from_db()
    assert (project.name, project.network_zone) == ("あとの名", "lgwan")


def test_a_third_person_in_between_is_noticed_again(client, people, project, bureau):
    client.force_login(people.member)
    seen = project.version
    projects.update_project(people.member, project, {"summary": "一"})
    refused = save(client, project, bureau, seen)
    (version,) = re.findall(r'name="version" value="(\d+)"', refused.content.decode())
    projects.update_project(people.member, project, {"summary": "二"})
    assert save(client, project, bureau, version).status_code == 412
