import csv
import io
import json

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from tests.book.factories import make_project

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Project
from sekisho.book.services import planning, projects
from sekisho.exports import Column, neutral, write
from sekisho.intake.mapping import suggest
from sekisho.intake.services import exporting
from sekisho.intake.services.importing import plan
from sekisho.intake.tabular import read_tabular
from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all
from sekisho.people.roles import SYSTEM
from sekisho.tables.table import read_table

COLUMNS = [Column("name", "名前"), Column("approved", "2024 当初（円）", "yen", 2024)]
ROWS = [
    {"name": "=HYPERLINK(1)", "budget": {2024: {"approved": -5}}},
    {"name": "住民基本台帳", "budget": {}},
    {"name": "＋１", "budget": {2024: {"approved": 123_456_789_012_345}}},
]


def written(fmt: str) -> bytes:
    file = io.BytesIO()
    assert write(fmt, file, COLUMNS, ROWS, "事業", "projects") == 3
    return file.getvalue()


def test_csv_opens_in_excel_and_has_no_formulas():
    data = written("csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [
        ["名前", "2024 当初（円）"],
        ["'=HYPERLINK(1)", "-5"],
        ["住民基本台帳", ""],
        ["'＋１", "123456789012345"],
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "＝1", "＠a"])
def test_texts_that_look_like_formulas_are_quoted(text):
    assert neutral(text) == f"'{text}"


def test_numbers_and_plain_texts_stay():
    assert (neutral(-1), neutral("a=1"), neutral("")) == (-1, "a=1", "")


def test_excel_holds_texts_as_texts_and_money_as_numbers():
    sheet = openpyxl.load_workbook(io.BytesIO(written("xlsx"))).active
    cells = list(sheet.iter_rows(values_only=True))
    assert cells[1] == ("=HYPERLINK(1)", -5)
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].number_format == "#,##0"


def test_excel_cuts_texts_that_no_cell_can_hold():
    file = io.BytesIO()
    write("xlsx", file, COLUMNS[:1], [{"name": "あ" * 40_000, "budget": {}}], "事業", "projects")
    text = openpyxl.load_workbook(file).active["A2"].value
    assert (len(text), text[-1]) == (32_767, "…")


def test_json_is_exact():
    found = json.loads(written("json"))
    assert found["projects"][2]["budget"]["2024"]["approved"] == 123_456_789_012_345


@pytest.fixture
def books(bureau, other_bureau):
    first = make_project(bureau, code="A-1", name="=窓口", for_citizens=True)
    planning.set_budget(SYSTEM, first, 2024, {"approved": 10})
    planning.add_contract(SYSTEM, first, contractor="日本電気", title="運用", amount=7)
    projects.add_external_id(first, "rs", "9", 2024)
    return [first, make_project(other_bureau, code="B-1", name="税")]


def test_a_row_tells_all_of_a_book(books):
    file = io.BytesIO()
    exporting.write_export("json", Project.objects.order_by("code"), file)
    first = json.loads(file.getvalue())["projects"][0]
    assert (first["code"], first["audience"], first["organisation"]) == ("A-1", ["citizens"], "総務局")
    assert first["budget"] == {
        "2024": {
            "requested": None,
            "approved": 10,
            "supplementary": None,
            "carried_in": None,
            "carried_out": None,
            "executed": None,
        }
    }
    assert (first["contracts"], first["contract_yen"], first["gate"], first["phase"]) == (
        1,
        7,
        "open",
        "plan",
    )


def test_money_of_this_year_that_nobody_entered_is_left_empty(books):
    _first, second = books
    for amounts, told in (
        ({"approved": 0}, 0),
        ({"approved": None, "carried_in": 0}, 0),
        ({"carried_in": 4}, 4),
    ):
        planning.set_budget(SYSTEM, second, fiscal_year_of(timezone.localdate()), amounts)
        file = io.BytesIO()
        exporting.write_export("json", Project.objects.order_by("code"), file)
        assert [row["money_this_year"] for row in json.loads(file.getvalue())["projects"]] == [None, told]


def test_queries_do_not_grow_with_the_books_of_a_batch(books, bureau):
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            exporting.write_export("csv", Project.objects.order_by("code"), io.BytesIO())
        return len(seen)

    before = count()
    for _n in range(10):
        make_project(bureau)
    assert count() == before


@pytest.mark.parametrize("fmt", ["xlsx", "csv", "json"])
def test_what_is_filtered_and_visible_is_what_is_exported(client, people, books, fmt):
    client.force_login(people.member)
    answer = client.get(reverse("intake:export", args=[fmt]))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    data = b"".join(answer.streaming_content)
    if fmt == "json":
        assert [p["code"] for p in json.loads(data)["projects"]] == ["A-1"]
    client.force_login(people.quality_office)
    answer = client.get(reverse("intake:export", args=["json"]) + "?q=税")
    assert [p["code"] for p in json.loads(b"".join(answer.streaming_content))["projects"]] == ["B-1"]


def test_an_unknown_format_is_not_found(client, people):
    client.force_login(people.member)
    assert client.get("/import/export/pdf/").status_code == 404


def test_a_long_list_is_written_in_the_background_for_its_owner_only(
    client, people, books, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    client.force_login(people.quality_office)
    address = reverse("intake:export", args=["csv"])
    assert client.get(address).status_code == 200
    assert not Job.objects.exists()
    answer = client.post(address + "?phase=plan")
    job = Job.objects.get()
    assert answer["Location"] == reverse("jobs:job", args=[job.pk])
    process_all()
    job.refresh_from_db()
    assert (job.state, job.error_detail) == ("done", "")
    file = client.get(job.result["url"])
    assert b"".join(file.streaming_content).decode("utf-8-sig").count("\r\n") == 3
    client.force_login(people.admin)
    assert client.get(job.result["url"]).status_code == 404


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_an_export_read_back_with_its_own_suggestion_changes_nothing(bureau, fmt, language):
    for number, words in enumerate(("=1+1", "- 一行目\n- 二行目", "普通の文")):
        attributes = {
            "personal_data": ("none", "personal", "mynumber")[number],
            "information_class": number + 1,
            "network_zone": ("mynumber", "lgwan", "internet")[number],
            "development_form": ("agile", "saas", "in_house")[number],
            "start_year": 2020,
        }
        project = make_project(
            bureau, code=f"R-{number}", name=words.split("\n")[0], summary=words, **attributes
        )
        planning.set_budget(SYSTEM, project, 2024, {"approved": 10**9 + number, "carried_out": 5})
    file = io.BytesIO()
    with override(language):
        exporting.write_export(fmt, Project.objects.order_by("code"), file)
        table = read_table(file.getvalue(), f"projects.{fmt}")
        found = read_tabular(table, suggest(table))
        preview = plan(SYSTEM, found)
    assert found.problems == ()
    assert (len(found.records), preview.counts["unchanged"]) == (3, 3)
