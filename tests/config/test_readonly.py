"""Reading never writes: opening a page leaves the database as it was."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.people.models import Installation
from sekisho.people.roles import ROLES
from tests.book.factories import make_project, plan_gate, submit_gate

pytestmark = pytest.mark.django_db

_WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
#: what a visit itself keeps: the session, and when a token or person was last seen
_OF_THE_VISIT = ("django_session", "last_used", "last_login")


@pytest.fixture
def addresses(people, bureau):
    """The main pages, of a book whose gate is submitted."""
    Installation.objects.create(name="関野市")
    gate = plan_gate(make_project(bureau, code="RO-1"))
    submit_gate(people.member, gate)
    lists = ("book:my_work", "book:registry", "book:gates", "people:account", "people:notices", "jobs:list")
    return [
        *(reverse(name) for name in lists),
        reverse("book:book", args=["RO-1"]),
        reverse("book:ledger", args=["RO-1"]),
        reverse("book:gate", args=[gate.pk]),
        reverse("book:snapshot", args=[gate.pk, 1]),
        reverse("intake:imports"),
        reverse("intake:export", args=["csv"]),
        reverse("people:administration"),
        *(reverse(f"standards:{name}") for name in ("packs", "in_force", "compare")),
    ]


def writes(queries):
    """Statements that change something beyond the visit itself."""
    texts = [query["sql"] for query in queries]
    return [text for text in texts if _WRITE.match(text) and not any(word in text for word in _OF_THE_VISIT)]


@pytest.mark.parametrize("role", ROLES)
def test_opening_a_page_changes_nothing(client, people, addresses, role):
    client.force_login(getattr(people, role))
    changed = {}
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
            b"".join(response) if response.streaming else response.content
        if found := writes(queries):
            changed[address] = found
    assert changed == {}


def test_the_proof_sees_a_write(people):
    with CaptureQueriesContext(connection) as queries:
        people.member.save(update_fields=["display_name"])
    assert writes(queries)
