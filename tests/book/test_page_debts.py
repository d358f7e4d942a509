"""The cover says who owes what, and every blocker leads to where it is mended."""

import html
import re

import pytest
from django.urls import reverse

from sekisho.book.services import gates, reviews
from tests.book.factories import answer_all, make_project, plan_gate
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(bureau):
    return plan_gate(make_project(bureau, code="B-1"))


def cover(client, gate):
    return client.get(reverse("book:book", args=[gate.project.code]))


def test_a_finding_is_owed_by_who_answered_its_criterion_or_submitted(client, people, bureau, gate):
    answerer = UserFactory(username="answerer", display_name="鈴木", member=True, organisation=bureau)
    answer_all(answerer, gate)
    gates.submit(people.member, gate)
    found = [reviews.NewFinding("must", "根拠", "plan-1"), reviews.NewFinding("must", "全体")]
    reviews.give_review(people.cio_aide, gate, recommendation="go", findings=found)
    client.force_login(people.executive)
    page = cover(client, gate)
    owed = {item.what: item.who for item in page.context["owed"]}
    assert owed == {"根拠": "鈴木", "全体": str(people.member)}
    leads = re.findall(r'class="task" href="([^"]+)"', page.content.decode())
    assert len(leads) == 2
    for address in leads:
        place, _hash, anchor = html.unescape(address).partition("#")
        assert f'id="{anchor}"' in client.get(place).content.decode()  # whoever reads the book may open it


@pytest.mark.parametrize(("role", "submitted"), [("cio_aide", True), ("member", True), ("member", False)])
def test_a_missing_review_leads_to_where_it_is_given_or_asked_for(client, people, gate, role, submitted):
    answer_all(people.member, gate)
    if submitted:
        gates.submit(people.member, gate)
    client.force_login(getattr(people, role))
    page = reverse("book:gate", args=[gate.pk])
    text = client.get(page).content.decode()
    place = reverse("book:gate_review", args=[gate.pk]) if role == "cio_aide" else "#reviews"
    (blockers,) = [part.split("</ul>")[0] for part in text.split('<ul class="blocker-list">')[1:]]
    assert f'<a href="{place}">' in blockers
    assert 'id="reviews"' in text
    assert f'href="{page}#reviews"' in cover(client, gate).content.decode()
