"""Headings of official lists: over two rows, below titles, on the second sheet, with rows that have shifted."""

from pathlib import Path

import openpyxl
import pytest

from sekisho.intake.mapping import dump
from sekisho.intake.records import YearRecord
from sekisho.intake.services.sources import open_table, read_source

_TITLE = ["令和6年度 情報システム関係予算一覧", "", "", "", "", "", "（単位：千円）", ""]
_GROUPS = ["番号", "事業名", "担当", "", "令和5年度", "", "令和6年度", ""]
_NAMES = ["", "", "局", "課", "予算額", "決算額", "要求額", "予算額"]
_ROW = ["A-1", "電子申請", "総務局", "情報課", "1,234", "△5", "2000", "1800"]
_MERGED = ("A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:H2")


def _workbook(path: Path, *, merge: bool = True, cover: bool = False) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    if cover:
        sheet["A1"] = "表紙：情報システム一覧"
        hidden = book.create_sheet("旧", 0)
        for row in (["番号", "事業名", "局"], ["9", "秘密", "総務局"]):
            hidden.append(row)
        hidden.sheet_state = "hidden"
        sheet = book.create_sheet("一覧")
    for row in (_TITLE, _GROUPS, _NAMES, _ROW):
        sheet.append([cell or None for cell in row])
    for cells in _MERGED if merge else ():
        sheet.merge_cells(cells)
    book.save(path)
    return path


def _text(path: Path, *rows: list[str]) -> Path:
    path.write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows), "utf-8")
    return path


def _money(path: Path) -> tuple[YearRecord, ...]:
    mapping = dump(open_table(path)[1])
    found = read_source("table", path, mapping=mapping)
    assert found.problems == ()
    (record,) = found.records
    assert record.external_id == "A-1"
    assert record.organisation_path == ("総務局", "情報課")
    return record.years


@pytest.mark.parametrize("merge", [True, False], ids=["merged", "plain"])
def test_headings_over_two_rows_of_a_workbook_are_joined_with_their_years(tmp_path, merge):
    assert _money(_workbook(tmp_path / "a.xlsx", merge=merge)) == (
        YearRecord(2023, approved=1_234_000, executed=-5_000),
        YearRecord(2024, requested=2_000_000, approved=1_800_000),
    )


def test_headings_over_two_rows_of_a_text_are_joined_too(tmp_path):
    years = _money(_text(tmp_path / "a.csv", _TITLE, _GROUPS, _NAMES, _ROW))
    assert [year.fiscal_year for year in years] == [2023, 2024]


def test_the_sheet_with_the_headings_is_taken_neither_the_cover_nor_a_hidden_one(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", cover=True)
    table, mapping = open_table(path)
    assert (table.sheet, mapping.sheet, mapping.heading_row) == ("一覧", "一覧", 2)
    found = read_source("table", path, mapping="columns: {external_id: 番号, name: 事業名}")
    assert [record.name for record in found.records] == ["電子申請"]


def test_a_group_written_over_named_columns_only_is_read_beside_them(tmp_path):
    groups = ["", "", "担当", "", "令和5年度", "", "", ""]
    names = ["番号", "事業名", "局", "課", "予算額", "決算額", "備考", "予算額"]
    table, _mapping = open_table(_text(tmp_path / "a.csv", groups, names, _ROW))
    assert table.headings[2:6] == ("担当 局", "担当 課", "令和5年度 予算額", "令和5年度 決算額")


def test_rows_of_words_below_whole_headings_stay_rows(tmp_path):
    rows = (["番号", "事業名", "", "備考"], ["A-1", "電子申請", "新規", ""], ["A-2", "税証明", "", ""])
    table, _mapping = open_table(_text(tmp_path / "a.csv", *rows))
    assert table.headings == ("番号", "事業名", "", "備考")
    assert len(table.rows) == 2


def test_one_row_that_is_wider_than_its_headings_is_reported_and_hides_no_headings(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("番号,事業名\n1,電子申請,1,234\n2,税証明\n", "utf-8")
    found = read_source("table", path, mapping="columns: {external_id: 番号, name: 事業名}")
    assert [record.name for record in found.records] == ["税証明"]
    (problem,) = found.errors
    assert (problem.file, problem.line) == ("a.csv", 2)


def test_a_mapping_finds_its_headings_wherever_they_stand(tmp_path):
    rows = (["作成者", "情報課", "連絡先", "内線"], ["番号", "事業名"], ["1", "電子申請"])
    found = read_source(
        "table", _text(tmp_path / "a.csv", *rows), mapping="columns: {external_id: 番号, name: 事業名}"
    )
    assert [record.external_id for record in found.records] == ["1"]


def test_an_organisation_below_itself_is_refused_with_its_place(tmp_path):
    rows = (
        ["番号", "事業名", "所管"],
        ["1", "電子申請", "総務局/情報課/総務局"],
        ["2", "税証明", "総務局/総務局/課"],
    )
    mapping = "columns: {external_id: 番号, name: 事業名, organisation: 所管}"
    found = read_source("table", _text(tmp_path / "a.csv", *rows), mapping=mapping)
    assert [record.organisation_path for record in found.records] == [("総務局", "課")]
    (problem,) = found.errors
    assert (problem.line, problem.column, problem.value) == (2, "所管", "総務局/情報課/総務局")


def test_an_old_mapping_of_a_single_row_still_reads_its_table(tmp_path):
    mapping = """
heading_row: 3
fiscal_year: 2024
columns: {organisation: [局, 課], name: 予算額}
"""
    found = read_source("table", _workbook(tmp_path / "a.xlsx"), mapping=mapping)
    assert [record.name for record in found.records] == ["1,234"]
