"""Forms of the book's page come when they are opened, so that a long book stays quick to read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import BudgetYear
from sekisho.book.services import planning
from tests.book.factories import days, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="B-9")


@pytest.fixture
def risk(people, project):
    return planning.note_risk(people.member, project, kind="risk", title="要員不足", weight=2, due_on=days(9))


def book(client, project, query=""):
    return client.get(reverse("book:book", args=[project.code]) + query)


def form(client, project, name, **query):
    address = reverse("book:act", args=[project.code, name])
    return client.get(address, query, headers={"HX-Request": "true"})


def test_a_closed_form_is_a_link_to_its_place(client, people, project, risk):
    client.force_login(people.member)
    text = book(client, project).content.decode()
    address = f"{reverse('book:act', args=[project.code, 'risk-change'])}?item={risk.pk}"
    assert f'href="{address}"' in text
    assert 'value="要員不足"' not in text
    landed = client.get(address, follow=True)
    assert landed.redirect_chain[-1][0].endswith(f"do=risk-change&item={risk.pk}#risks")
    assert 'value="要員不足"' in landed.content.decode()


def test_a_form_among_folded_figures_is_not_hidden_in_the_fold(client, people, project):
    year = BudgetYear.objects.create(project=project, fiscal_year=2025, requested=100)
    client.force_login(people.member)
    fold = '<details class="plain" open>'
    assert fold not in book(client, project).content.decode()
    assert fold in book(client, project, f"?do=budget-change&item={year.pk}").content.decode()


def test_an_opened_form_comes_filled_and_can_be_sent(client, people, project, risk):
    client.force_login(people.member)
    text = form(client, project, "risk-change", item=risk.pk, button="Change").content.decode()
    assert 'value="要員不足"' in text
    assert f'name="item" value="{risk.pk}"' in text
    assert "<html" not in text


def test_a_form_is_not_opened_for_who_may_not_do_the_act(client, people, project, risk):
    client.force_login(people.auditor)
    assert form(client, project, "risk-change", item=risk.pk).status_code == 403
    assert 'value="要員不足"' not in book(client, project, f"?do=risk-change&item={risk.pk}").content.decode()


@pytest.mark.parametrize(
    "query", ["?do=nothing", "?do=status&item=x", "?do=%00", "?do=risk-add&item=%ED%A0%BD"]
)
def test_an_odd_address_shows_the_book(client, people, project, query):
    client.force_login(people.member)
    assert book(client, project, query).status_code == 200


@pytest.mark.parametrize("item", ["", "x", "²", "1" * 5000])
def test_what_names_no_row_is_not_found(client, people, project, risk, item):
    client.force_login(people.member)
    address = reverse("book:act", args=[project.code, "risk-close"])
    assert book(client, project, f"?do=risk-change&item={item}").status_code == 404
    assert client.post(address, {"item": item, "note": "済"}).status_code == 404


def test_a_row_of_another_book_is_not_found(client, people, bureau, project, risk):
    other = make_project(bureau, code="B-10")
    client.force_login(people.member)
    assert form(client, other, "risk-change", item=risk.pk).status_code == 404
    assert book(client, other, f"?do=risk-change&item={risk.pk}").status_code == 404


def test_more_rows_take_no_more_queries(client, people, project, risk):
    client.force_login(people.member)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert book(client, project).status_code == 200
        return len(seen)

    book(client, project)
    before = queries()
    for number in range(5):
        planning.note_risk(people.member, project, kind="risk", title=f"{number}", weight=2, due_on=days(9))
    assert queries() == before
