import json

import pytest
from click.testing import CliRunner
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Project
from sekisho.intake.commands import export, import_

pytestmark = pytest.mark.usefixtures("standard")

TABLE = (
    '整理番号,事業名,局,令和6年度当初予算額（千円）\n1,窓口予約,総務局,"１，２００"\n2,税証明,財務局,abc\n'
)
MAPPING = """
scheme: city
columns:
  external_id: 整理番号
  name: 事業名
  organisation: 局
  approved:
    - {heading: 令和6年度当初予算額（千円）, fiscal_year: 2024, unit: 千円}
"""


@pytest.fixture
def table(tmp_path):
    (tmp_path / "list.csv").write_bytes(TABLE.encode("cp932"))
    (tmp_path / "m.yaml").write_text(MAPPING, "utf-8")
    return [str(tmp_path / "list.csv"), "--mapping", str(tmp_path / "m.yaml")]


@pytest.fixture(autouse=True)
def english():
    from django.utils import translation

    with translation.override("en"):
        yield


def run(*args: str):
    return CliRunner().invoke(import_, list(args))


def test_good_rows_go_in_and_bad_ones_are_named_with_their_place(table):
    result = run("table", *table)
    assert result.exit_code == 0, result.output
    assert "New books: 1" in result.stdout
    assert "list.csv:3: 令和6年度当初予算額（千円）" in result.stderr
    assert "[abc]" in result.stderr
    assert Project.objects.get().budget_years.get().approved == 1_200_000


def test_a_dry_run_shows_and_changes_nothing(table):
    result = run("table", *table, "--dry-run")
    assert result.exit_code == 0
    assert "CITY-000001 窓口予約" in result.stdout
    assert not Project.objects.exists()


def test_strict_refuses_everything(table):
    result = run("table", *table, "--strict")
    assert result.exit_code != 0
    assert "[abc]" in result.stderr
    assert not Project.objects.exists()


def test_suggest_writes_a_mapping_that_works(table, tmp_path):
    target = tmp_path / "first.yaml"
    assert run("table", table[0], "--suggest", "-o", str(target)).exit_code == 0
    result = run("table", table[0], "--mapping", str(target), "--scheme", "mine")
    assert result.exit_code == 0, result.output
    assert Project.objects.get().external_ids.get().scheme == "mine"


def test_a_suggested_mapping_says_which_year_it_takes_amounts_for(tmp_path):
    (tmp_path / "list.csv").write_text("事業名,予算額(千円)\n窓口予約,1200\n")
    target, year = tmp_path / "first.yaml", fiscal_year_of(timezone.localdate())
    said = run("table", str(tmp_path / "list.csv"), "--suggest", "-o", str(target))
    assert f"予算額(千円): {year} is written" in said.stderr
    assert "仮に" in target.read_text()
    result = run("table", str(tmp_path / "list.csv"), "--mapping", str(target))
    assert result.exit_code == 0, result.output
    assert Project.objects.get().budget_years.get(fiscal_year=year).approved == 1_200_000


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"PK\x03\x04cut"])
def test_a_file_that_is_not_what_it_claims_changes_nothing(tmp_path, content, table):
    (tmp_path / "list.csv").write_bytes(content)
    result = run("table", *table)
    assert result.exit_code != 0
    assert not Project.objects.exists()


def test_a_table_may_not_pose_as_an_official_source(table):
    assert run("table", *table, "--scheme", "rs").exit_code != 0


@pytest.mark.parametrize("years", ["2019-", "x", "-"])
def test_years_must_be_years(tmp_path, years):
    assert run("judgit", str(tmp_path), "--years", years).exit_code != 0


def test_a_folder_without_tables_is_refused(tmp_path):
    assert run("rs", str(tmp_path)).exit_code != 0


def test_export_writes_what_is_asked(table, tmp_path):
    run("table", *table)
    result = CliRunner().invoke(export, ["json"])
    assert result.exit_code == 0, result.exception
    assert [p["code"] for p in json.loads(result.stdout)["projects"]] == ["CITY-000001"]
    assert json.loads(CliRunner().invoke(export, ["json", "--q", "税"]).stdout) == {"projects": []}
    code = Project.objects.get().owner.code
    assert (
        len(json.loads(CliRunner().invoke(export, ["json", "--organisation", code]).stdout)["projects"]) == 1
    )
    target = tmp_path / "x.xlsx"
    assert CliRunner().invoke(export, ["xlsx", "-o", str(target), "--tier", "light"]).exit_code == 0
    assert target.read_bytes().startswith(b"PK")


def test_an_unknown_organisation_and_an_unwritable_file_are_said(tmp_path):
    assert CliRunner().invoke(export, ["csv", "--organisation", "none"]).exit_code != 0
    assert CliRunner().invoke(export, ["csv", "-o", str(tmp_path)]).exit_code != 0
