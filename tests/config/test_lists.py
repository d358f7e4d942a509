"""Every list has the same export, and exports exactly what it lists."""

import csv
import io
import json

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import Gate, LedgerEntry
from sekisho.book.services import planning
from sekisho.web import lists
from tests.book.factories import make_project
from tests.config.test_access import installed, world  # noqa: F401 (fixtures)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

#: list -> the key of its JSON, who opens it, and a query with which the world has rows
LISTS = {
    "book:gates": ("gates", "quality_office", "?state=submitted"),
    "people:people": ("people", "admin", ""),
    "people:organisations": ("organisations", "admin", ""),
    "people:history": ("history", "admin", ""),
    "people:notices": ("notices", "cio_aide", ""),
    "voice:tests": ("user_tests", "member", ""),
    "voice:surveys": ("surveys", "member", ""),
    "sharing:catalogue": ("platforms", "member", ""),
    "sharing:reuse": ("reuse", "member", ""),
    "sharing:proposals": ("proposals", "quality_office", ""),
    "gateway:routes": ("routes", "security_officer", ""),
    "gateway:records": ("records", "auditor", ""),
    "intake:imports": ("imports", "quality_office", ""),
    "jobs:list": ("jobs", "member", ""),
}


def rows(client, address: str, query: str, name: str) -> list[dict]:
    answer = client.get(f"{address}{query or '?'}&export=json")
    assert answer.status_code == 200
    assert f"sekisho-{name}-" in answer["Content-Disposition"]
    return json.loads(answer.getvalue())[name]


@pytest.mark.parametrize("page", LISTS)
def test_every_list_exports_what_it_shows_as_excel_csv_and_json(client, people, world, page):  # noqa: F811
    name, role, query = LISTS[page]
    client.force_login(getattr(people, role))
    address = reverse(page)
    shown = client.get(address + query)
    for fmt in ("xlsx", "csv", "json"):
        assert f"export={fmt}" in shown.content.decode()
    found = rows(client, address, query, name)
    assert found
    data = client.get(f"{address}{query or '?'}&export=csv").getvalue()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}{query or '?'}&export=xlsx").getvalue()))
    assert len(lines) == sheet.active.max_row == len(found) + 1
    assert len(lines[0]) == len(found[0])


def test_a_standard_and_the_list_behind_a_number_export_too(client, people, standard_page):
    client.force_login(people.member)
    all_criteria = rows(client, standard_page, "", "criteria")
    some = rows(client, standard_page, f"?q={all_criteria[0]['code']}", "criteria")
    assert 0 < len(some) < len(all_criteria)
    assert rows(client, reverse("portfolio:behind"), "?figure=phase&key=plan", "portfolio") == []


@pytest.fixture
def standard_page(db) -> str:
    from sekisho.standards.services import register_shipped

    register_shipped()
    return reverse("standards:version", args=["govuk-service-standard", "1.0"])


def test_the_filter_of_the_page_is_the_filter_of_the_file(client, people, bureau):
    UserFactory(username="tanaka", display_name="=田中", organisation=bureau)
    client.force_login(people.admin)
    found = rows(client, reverse("people:people"), "?q=田中", "people")
    assert [row["username"] for row in found] == ["tanaka"]
    text = client.get(reverse("people:people") + "?q=田中&export=csv").getvalue().decode("utf-8-sig")
    assert "'=田中" in text


def test_the_whole_list_is_exported_not_its_first_page(client, people, bureau, other_bureau, monkeypatch):
    from sekisho.book.views import gates

    monkeypatch.setattr(gates, "PAGE_SIZE", 1)
    mine = [make_project(bureau, code=f"A-{n}") for n in range(3)]
    make_project(other_bureau, code="B-1")
    client.force_login(people.member)
    found = rows(client, reverse("book:gates"), "?after=1", "gates")
    assert sorted(row["code"] for row in found) == [project.code for project in mine]
    assert Gate.objects.count() == 4


def test_a_list_too_long_for_a_page_is_refused_not_cut(client, people, bureau, monkeypatch):
    monkeypatch.setattr(lists, "AT_MOST", 1)
    client.force_login(people.admin)
    answer = client.get(reverse("people:people") + "?export=csv", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 422
    assert "more than 1 rows" in answer.content.decode()


def test_queries_do_not_grow_with_the_rows_of_a_file(client, people, bureau):
    client.force_login(people.quality_office)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            rows(client, reverse("book:gates"), "", "gates")
        return len(seen)

    make_project(bureau)
    count()
    before = count()
    for _n in range(5):
        make_project(bureau)
    assert count() == before


def test_an_unknown_format_shows_the_page(client, people):
    client.force_login(people.admin)
    answer = client.get(reverse("people:people") + "?export=pdf")
    assert answer["Content-Type"].startswith("text/html")


def test_the_ledger_of_a_book_is_exported_with_its_hashes(client, people, bureau):
    project = make_project(bureau, code="L-1")
    planning.set_budget(people.member, project, 2026, {"approved": 5})
    client.force_login(people.auditor)
    address = reverse("book:ledger", args=["L-1"])
    whole = rows(client, address, "", "ledger")
    assert len(whole) == LedgerEntry.objects.filter(project=project).count()
    assert {row["hash"] for row in whole} == set(
        LedgerEntry.objects.filter(project=project).values_list("hash", flat=True)
    )
    money = rows(client, address, "?about=money", "ledger")
    assert [row["act"] for row in money] == ["budget.set"]
