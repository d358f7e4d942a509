"""``sekisho similar``: neighbours with reasons, figures over known pairs, clear words for what is wrong."""

import json

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from sekisho.book.models import ExternalId
from sekisho.sharing.commands import similar
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(bureau):
    texts = [
        ("保育所入所申請システム", "保育所の入所申請をオンラインで受け付ける"),
        ("保育園の電子申込", "保育所への入所申請を電子化する"),
        ("道路維持管理システム", "道路の損傷を記録し補修の予定を立てる"),
        ("道路補修計画", "道路の損傷から補修の順を決める"),
    ]
    made = [
        make_project(bureau, code=f"C-{n}", name=name, purpose=why) for n, (name, why) in enumerate(texts)
    ]
    for n, project in enumerate(made):
        ExternalId.objects.create(project=project, scheme="rs", value=f"00{n}")
    return made


def run(*args):
    return CliRunner().invoke(similar, [str(arg) for arg in args])


def test_it_lists_the_likest_first_with_reasons(books):
    listed = json.loads(run("C-0", "--lang", "ja", "--json").output)["neighbours"]
    assert listed[0]["code"] == "C-1"
    assert any("入所申請" in reason for reason in listed[0]["reasons"])
    assert "C-1" in run("000", "--limit", "1").output.splitlines()[0]


def test_figures_of_known_pairs_have_their_names(books, tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("one,other\n000,001\n002,003\n002,999\n", encoding="utf-8")
    found = json.loads(run("--evaluate", pairs, "--json").output)
    assert found == {
        "recall_at_1": 1.0, "recall_at_5": 1.0, "recall_at_20": 1.0, "mrr": 1.0, "pairs": 2, "queries": 4, "missing": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "000,001\n002,003\n",
        "\ufeff事業ID,関連事業ID\r\n０００,００１\r\n002,003\r\n",
        "id\tname\trelated\tits name\n000\t保育\t001\t申込\n002\t道路\t003\t補修\n",
        "one,other\n0,1\n2,3\n",
        "C-0,C-1\n,\n002,\n002,003\n",
        "事業年度,予算事業ID,事業名,番号,関連事業の事業ID,関連性\n2024,000,保育,1,001,あり\n2024,002,道路,2,003,あり\n",
        "2024,000,1,001\n2024,002,1,003\n",
        "000,001\n001,000\n\n000,001\n002,003\n003,003\n",
    ],
    ids=[
        "no heading",
        "full width and a mark",
        "names between",
        "leading zeros lost",
        "a row without its other",
        "years and row numbers between",
        "a column of one number",
        "twice, both ways, and with itself",
    ],
)
def test_pairs_are_read_however_they_are_written(books, tmp_path, text):
    pairs = tmp_path / "pairs.csv"
    pairs.write_bytes(text.encode())
    found = json.loads(run("--evaluate", pairs, "--json").output)
    assert (found["pairs"], found["queries"], found["missing"]) == (2, 4, 0)


def test_an_id_of_two_sources_means_the_source_that_knows_most_of_the_file(books, bureau, tmp_path):
    stray = make_project(bureau, code="Z-1", name="図書館の蔵書検索")
    first = ExternalId.objects.get(value="001")
    again = ExternalId(project=first.project, scheme=first.scheme, value="001")
    first.project, first.scheme = stray, "older"
    first.save()
    again.save()
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("000,1\n002,003\n")
    assert json.loads(run("--evaluate", pairs, "--json").output)["recall_at_1"] == 1.0


def test_pairs_in_the_encoding_of_excel_are_read(books, tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_bytes("事業ID,事業名,関連事業ID\r\n000,保育所,001\r\n002,道路,003\r\n".encode("cp932"))
    assert json.loads(run("--evaluate", pairs, "--json").output)["pairs"] == 2


def test_pairs_in_a_workbook_are_read(books, tmp_path):
    book = Workbook()
    for row in (("project", "related"), ("000", "001"), ("002", "003")):
        book.active.append(row)
    book.save(tmp_path / "pairs.xlsx")
    assert json.loads(run("--evaluate", tmp_path / "pairs.xlsx", "--json").output)["pairs"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no pairs"),
        ("000\n", "line 1: two ids"),
        ("8,9\n7,6\n", "none of the pairs"),
        ("000,000\n", "none of"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(books, tmp_path, text, said):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(text)
    result = run("--evaluate", pairs)
    assert result.exit_code == 1
    assert said in result.output


def test_unknown_codes_and_empty_records_are_explained(db, tmp_path):
    assert "there are no projects yet" in run("X").output


def test_an_unknown_code_is_named(books):
    assert "“X-9”" in run("X-9").output
    assert run().exit_code == 2
    assert run("--evaluate", "no-such.csv").exit_code == 1


def test_a_project_without_more_than_a_name_is_still_compared(bureau, books):
    make_project(bureau, code="C-9", name="道路")
    assert "C-2" in run("C-9").output
