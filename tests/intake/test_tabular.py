import datetime as dt
import io

import openpyxl
import pytest

from sekisho.intake.mapping import MappingProblem, load_mapping, suggest
from sekisho.intake.records import ContractRecord, YearRecord
from sekisho.intake.tabular import read_tabular
from sekisho.tables.table import FileProblem, read_table


def read(mapping: str, *lines: str):
    return read_tabular(read_table("\n".join(lines).encode() + b"\n", "一覧.csv"), load_mapping(mapping))


ONE = """
fiscal_year: 2024
unit: 千円
columns:
  external_id: 番号
  name: 件名
  organisation: 所管
  approved: 予算額
  phase: 工程
  audience: 利用者
  network_zone: 層
  information_class: 機密性
  personal_data: 個人情報
  development_form: 形態
  link: URL
"""
HEAD = "番号,件名,所管,予算額,工程,利用者,層,機密性,個人情報,形態,URL"


def test_a_row_becomes_a_project_with_the_values_of_the_book():
    found = read(
        ONE,
        HEAD,
        '1,施設予約😀,文化局/施設課,"１，２３４",運用,住民・事業者,インターネット接続系,機密性２,有,アジャイル,https://a.example/',
    )
    (record,) = found.records
    assert found.problems == ()
    assert (record.scheme, record.external_id, record.name, record.source_year) == (
        "table",
        "1",
        "施設予約😀",
        2024,
    )
    assert record.organisation_path == ("文化局", "施設課")
    assert record.years == (YearRecord(2024, approved=1_234_000),)
    assert record.links == ("https://a.example/",)
    assert record.extra == {
        "phase": "operate",
        "audience": ("citizens", "businesses"),
        "network_zone": "internet",
        "information_class": 2,
        "personal_data": "personal",
        "development_form": "agile",
    }
    assert (record.place.file, record.place.line) == ("一覧.csv", 2)


def test_bad_rows_are_named_and_good_ones_go_in():
    found = read(
        ONE,
        HEAD,
        "1,甲,局,x,,,,,,,",
        "2,乙,局,1,謎,,,,,,",
        "3,,局,1,,,,,,,",
        "4,丁,局,1,,,,,,,,余分",
        "5,戊,局,5,,,,,,,",
        "5,戊,局,5,,,,,,,",
        "合計,,,12,,,,,,,",
    )
    assert [record.external_id for record in found.records] == ["5"]
    assert [(problem.line, problem.column, problem.value) for problem in found.errors] == [
        (2, "予算額", "x"),
        (3, "工程", "謎"),
        (4, "件名", ""),
        (5, "", "4"),
        (7, "番号", "5"),
    ]
    assert [problem.line for problem in found.problems if problem.warning] == [8]
    assert (found.stats["problems"], found.stats["warnings"], found.stats["projects"]) == (5, 1, 1)


SEVERAL = """
columns:
  external_id: 番号
  name: 件名
  fiscal_year: 年度
  approved: 予算
  executed: 決算
  contractor: 契約先
  corporate_number: 法人番号
  contract_amount: 契約額
"""


def test_several_rows_of_a_project_are_its_years_and_contracts():
    found = read(
        SEVERAL,
        "番号,件名,年度,予算,決算,契約先,法人番号,契約額",
        "1,甲,令和4年度,100,90,,,",
        ",,R5,200,,富士通株式会社,1020001071491,150",
        "1,甲,2023,200,,日本電気株式会社,128171,30",
        "1,甲改,2024,300,,,,",
        "1,甲,2024,301,,,,",
        "2,乙,,5,,,,",
    )
    (record,) = found.records
    assert record.years == (
        YearRecord(2022, approved=100, executed=90),
        YearRecord(2023, approved=200),
        YearRecord(2024, approved=300),
    )
    assert record.contracts == (
        ContractRecord("富士通株式会社", "1020001071491", amount=150, fiscal_year=2023),
        ContractRecord("日本電気株式会社", amount=30, fiscal_year=2023),
    )
    assert [(problem.line, problem.column) for problem in found.errors] == [(6, "年度"), (7, "年度")]
    assert [(problem.line, problem.column) for problem in found.problems if problem.warning] == [
        (4, "法人番号"),
        (5, "件名"),
    ]


def test_columns_say_their_own_year_and_unit():
    mapping = """
unit: 千円
columns:
  name: 件名
  approved: [{heading: R5, fiscal_year: 2023}, {heading: R6, fiscal_year: 2024, unit: 百万円}]
  executed: {heading: 決算, fiscal_year: 2023, unit: 円}
"""
    (record,) = read(mapping, "件名,R5,R6,決算", "施設　予約,1,0.5,999").records
    assert record.external_id == "施設予約"
    assert record.years == (YearRecord(2023, approved=1000, executed=999), YearRecord(2024, approved=500_000))


def test_words_of_the_table_are_translated_by_the_mapping():
    found = read(ONE + "values: {phase: {謎: retire}}\n", HEAD, "1,甲,,,謎,,,,,,")
    assert found.records[0].extra == {"phase": "retire"}


def test_missing_headings_are_named_all_at_once_with_similar_ones():
    with pytest.raises(MappingProblem) as caught:
        read("columns: {name: 件名, summary: 概要}", "番号,事業件名", "1,甲")
    assert len(caught.value.problems) == 2
    assert "事業件名" in caught.value.problems[0].mend


def test_a_table_without_rows_is_refused():
    with pytest.raises(FileProblem, match="no rows"):
        read("columns: {name: 件名}", "番号,件名")


def test_an_excel_list_is_read_with_its_own_suggestion():
    book = openpyxl.Workbook()
    for row in (
        ["令和6年度 情報システム一覧", None, None, None, "（単位：千円）"],
        ["整理番号", "システム名", "主管課", "開始年度", "令和6年度予算額"],
        [1, "住民記録", "市民局/戸籍課", dt.datetime(2015, 2, 1), 1234.5],
        [2, "庶務事務", "総務局/人事課", "平成31年度", None],
    ):
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    table = read_table(target.getvalue(), "一覧.xlsx")
    found = read_tabular(table, suggest(table))
    assert found.problems == ()
    first, second = found.records
    assert (first.external_id, first.start_year, first.place.line) == ("1", 2014, 3)
    assert first.years == (YearRecord(2024, approved=1_234_500),)
    assert (second.start_year, second.years) == (2019, ())


def test_long_names_are_refused_and_named_not_cut():
    found = read("columns: {name: 件名, code: 符号}", "符号,件名", f"a,{'長' * 501}", f"b,{'長' * 500}")
    assert [record.external_id for record in found.records] == ["b"]
    assert found.errors[0].line == 2


def test_progress_is_told_every_500_rows():
    seen = []
    lines = "件名\n" + "".join(f"事業{number}\n" for number in range(1200))
    table = read_table(lines.encode(), "a.csv")
    read_tabular(
        table, load_mapping("columns: {name: 件名}"), progress=lambda rows, file: seen.append((rows, file))
    )
    assert seen == [(500, "a.csv"), (1000, "a.csv")]


TWICE = "fiscal_year: 2024\ncolumns: {external_id: 番号, name: 件名, approved: %s}"


def test_a_heading_over_several_columns_is_warned_of_and_each_can_be_chosen():
    lines = ("番号,件名,予算額,予算額", "1,予約,100,200")
    found = read(TWICE % "予算額", *lines)
    (problem,) = found.problems
    assert (problem.line, problem.column, problem.warning) == (1, "予算額", True)
    assert "予算額 (2)" in problem.message
    assert found.records[0].years == (YearRecord(2024, approved=100),)
    second = read(TWICE % "予算額 (2)", *lines)
    assert second.records[0].years == (YearRecord(2024, approved=200),)


@pytest.mark.parametrize("word", ["未定", "終了予定なし", "継続中", "ー"])
def test_a_last_year_that_is_not_known_is_no_bad_row(word):
    (record,) = read("columns: {name: 件名, end_year: 終了}", "件名,終了", f"予約,{word}").records
    assert record.end_year is None


YEARLY = "columns:\n  external_id: 番号\n  name: 件名\n  fiscal_year: 年度\n  approved: 予算額\n"


def test_a_table_with_a_column_of_years_is_the_list_of_its_latest_year():
    found = read(
        YEARLY, "番号,件名,年度,予算額", "1,甲,令和5年度,10", "1,甲,令和6年度,20", "2,乙,令和5年度,30"
    )
    assert found.source_years == (2024,)
    assert {record.source_year for record in found.records} == {2024}


def test_a_slip_of_the_pen_does_not_make_the_table_one_of_a_far_year():
    rows = [f"{number},件{number},令和5年度,10" for number in range(1, 7)]
    assert read(YEARLY, "番号,件名,年度,予算額", *rows, "9,丙,令和55年度,10").source_years == (2023,)


def test_a_code_is_read_in_half_width_signs_and_makes_one_project_of_rows_that_write_it_either_way():
    mapping = "columns: {code: コード, name: 件名, approved: 予算, fiscal_year: 年度}"
    found = read(mapping, "コード,件名,予算,年度", "DX-1,予約,1,2023", "ＤＸ－１,予約,2,2024")
    (record,) = found.records
    assert (record.external_id, record.extra["code"], len(record.years)) == ("DX-1", "DX-1", 2)
