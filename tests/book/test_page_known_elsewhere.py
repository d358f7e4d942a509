"""Where else a project is known, in words."""

import pytest
from django.urls import reverse

from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


def test_the_source_has_its_name_and_not_a_code(client, people, bureau):
    project = make_project(bureau, code="B-9", name="台帳")
    project.external_ids.create(scheme="rs", value="020304")
    project.external_ids.create(scheme="台帳2025", value="77")
    client.force_login(people.auditor)
    page = client.get(reverse("book:book", args=["B-9"])).content.decode()
    assert '行政事業レビュー(RSシステム) <span class="code">020304</span>' in page
    assert '台帳2025 <span class="code">77</span>' in page
    assert "rs:" not in page


def test_what_only_the_source_says_stands_with_what_it_is(client, people, bureau):
    project = make_project(bureau, code="B-9", name="台帳")
    texts = {"situation": "紙の台帳が多く、探すのに時間がかかる。"}
    project.external_ids.create(scheme="rs", value="020304", imported={"texts": texts})
    client.force_login(people.auditor)
    page = client.get(reverse("book:book", args=["B-9"])).content.decode()
    assert "現状・課題" in page
    assert texts["situation"] in page
