from pathlib import Path

import pytest

from sekisho.intake.judgit import read_judgit, sections
from sekisho.intake.records import GoalValue, YearRecord
from sekisho.tables.table import FileProblem

REAL = Path(__file__).parents[3] / "shared" / "data" / "judgit_it_2015_2021"
needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the official files are not here")

PROJECTS = (
    "sheet_id,年度,事業ID,府省庁,事業番号,事業名,開始年度,終了年度,担当部局庁,担当課室,事業目的,事業概要,"
    "実施方法,会計区分,主要施策,関連する過去のレビューシート"
)
BUDGETS = "sheet_id,年度,当初予算,補正予算,前年度から繰越し,翌年度へ繰越し,予備費等,予算計,執行額,要求額"
KPI = "sheet_id,kind,no,成果目標,指標,単位,最終目標値,目標最終年度,年度,目標値,実績値"
VENDORS = "sheet_id,年度,グループ,支出先名,法人番号,業務概要,支出額_百万円"


def sheet(year: int, number: str, identity: str, name: str, earlier: str = "") -> str:
    earlier = '"' + earlier.replace('"', '""') + '"'
    return (
        f"{year}-総務省-{number},{year},{identity},総務省,{number},{name},2014,,行政局,住民制度課,目的,概要,"
        f"直接実施|補助,一般会計,ＩＴ戦略,{earlier}"
    )


@pytest.fixture
def folder(tmp_path):
    def write(projects: list[str], **more: list[str]) -> Path:
        for name, lines in {"projects": [PROJECTS, *projects], **more}.items():
            (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        return tmp_path

    return write


def test_tables_are_joined_and_millions_become_yen_exactly(folder):
    path = folder(
        [sheet(2018, "0001", "33", "住基ネット")],
        b=[
            BUDGETS,
            "2018-総務省-0001,2017,9.72,1.0,7.895999999999999,-3.5,-1.0,0,5,",
            "2018-総務省-0001,2018,10.0,0.0,0.0,0.0,0.0,0,,",
            "2018-総務省-0001,2019,,,,,,,,12.0",
        ],
        k=[
            KPI,
            "2018-総務省-0001,outcome,1,減らす,時間,時間,100,2020,2016,1.0,2.0",
            "2018-総務省-0001,outcome,1,減らす,時間,時間,100,2020,2017,,3.0",
        ],
        v=[VENDORS, "2018-総務省-0001,2017,A,日本電気株式会社,7010401022916,運用,2.9851199999999998"],
    )
    found = read_judgit(path)
    (record,) = found.records
    assert found.problems == ()
    assert (record.external_id, record.previous_ids) == ("33", ("2018-総務省-0001",))
    assert record.years == (
        YearRecord(
            2017,
            approved=9_720_000,
            supplementary=0,
            carried_in=7_896_000,
            carried_out=3_500_000,
            executed=5_000_000,
        ),
        YearRecord(2018, approved=10_000_000, supplementary=0, carried_in=0),
        YearRecord(2019, requested=12_000_000),
    )
    (goal,) = record.goals
    assert (goal.kind, goal.text, goal.target_year) == ("outcome", "減らす", 2020)
    assert goal.values == (GoalValue(2016, "1.0", "2.0"), GoalValue(2017, "", "3.0"))
    assert record.contracts[0].amount == 2_985_120
    assert record.extra["methods"] == ("直接実施", "補助")


def ids(found) -> dict[str, str]:
    return {record.extra["sheet_id"]: record.external_id for record in found.records}


def test_sheets_of_several_years_keep_one_id_by_id_link_or_name(folder):
    path = folder(
        [
            sheet(2018, "0001", "33", "住基ネット"),
            sheet(2019, "0005", "33", "住民基本台帳ネット"),  # renamed, same 事業ID
            sheet(2020, "0006", "99", "住民基本台帳ネット"),  # another 事業ID, same name
            sheet(2021, "0007", "", "住民基本台帳ネット"),  # no 事業ID, same name
            sheet(2021, "0008", "", "公的個人認証"),  # new
        ]
    )
    found = read_judgit(path)
    assert ids(found) == {
        "2018-総務省-0001": "33",
        "2019-総務省-0005": "33",
        "2020-総務省-0006": "33",
        "2021-総務省-0007": "33",
        "2021-総務省-0008": "2021-総務省-0008",
    }
    assert [record.source_year for record in found.records] == [2018, 2019, 2020, 2021, 2021]
    assert found.records[2].previous_ids == ("2018-総務省-0001", "2019-総務省-0005", "99", "2020-総務省-0006")
    assert ids(read_judgit(path, years=[2021])) == {
        "2021-総務省-0007": "33",
        "2021-総務省-0008": "2021-総務省-0008",
    }


def test_a_split_project_leaves_its_id_to_the_part_that_keeps_the_name(folder):
    found = read_judgit(
        folder(
            [
                sheet(2018, "0001", "33", "IT導入支援"),
                sheet(2019, "0001", "33", "共創型連携"),
                sheet(2019, "0002", "33", "IT導入支援"),
            ]
        )
    )
    assert ids(found) == {
        "2018-総務省-0001": "33",
        "2019-総務省-0001": "2019-総務省-0001",
        "2019-総務省-0002": "33",
    }
    assert "33" not in next(r for r in found.records if r.name == "共創型連携").previous_ids


def test_two_projects_of_one_name_are_told_apart_by_the_earlier_sheets(folder):
    earlier = (
        '[{"府省庁": "総務省", "事業番号1": null, "事業番号2": "0001", "事業番号3": null, "年度": 2019}]'
    )
    found = read_judgit(
        folder(
            [
                sheet(2019, "0001", "1", "保守"),
                sheet(2019, "0002", "2", "保守"),
                sheet(2020, "0009", "", "保守", earlier),
            ]
        )
    )
    assert ids(found)["2020-総務省-0009"] == "1"


def test_bad_rows_are_named_and_good_ones_go_in(folder):
    found = read_judgit(
        folder(
            [sheet(2018, "0001", "33", "甲"), sheet(2018, "0001", "34", "乙"), sheet(2018, "0002", "35", "")],
            b=[BUDGETS, "2018-総務省-0001,2017,十,,,,,,,", "2018-総務省-0009,2017,1,,,,,,,"],
            v=[VENDORS, "2018-総務省-0001,2017,A,日本電気,128171,運用,1"],
        )
    )
    places = [(problem.file, problem.line, problem.column, problem.value) for problem in found.errors]
    assert places == [
        ("projects.csv", 3, "sheet_id", "2018-総務省-0001"),
        ("projects.csv", 4, "事業名", ""),
        ("b.csv", 2, "当初予算", "十"),
        ("b.csv", 3, "sheet_id", "2018-総務省-0009"),
    ]
    (record,) = found.records
    assert record.contracts[0].corporate_number == ""
    assert [problem.value for problem in found.problems if problem.warning] == ["128171"]


def test_a_folder_without_the_table_of_sheets_is_refused(tmp_path):
    (tmp_path / "b.csv").write_text(f"{BUDGETS}\n")
    with pytest.raises(FileProblem, match="sheet_id"):
        read_judgit(tmp_path)


def test_of_several_sections_the_first_is_in_charge():
    assert sections("政策統括官\n（防災担当）\n総務課") == ("政策統括官（防災担当）", "総務課")
    assert sections("-") == ()


@needs_real_data
def test_the_official_tables_are_read_whole():
    found = read_judgit(REAL)
    assert found.source_years == tuple(range(2015, 2022))
    assert len(found.records) == 4036
    assert {(p.file, p.column, p.value) for p in found.errors} == {("kpi.csv", "目標最終年度", "4013")}
    assert {p.column for p in found.problems if p.warning} == {"法人番号"}
    assert len({(record.source_year, record.external_id) for record in found.records}) == 4036
    assert (found.stats["years"], found.stats["contracts"]) == (20180, 6556)
    years = [year for record in found.records for year in record.years]
    # sums of the columns in million yen, rounded to yen with another tool
    assert sum(year.approved or 0 for year in years) == 39_586_712_525_000
    assert sum(year.executed or 0 for year in years) == 42_785_049_530_377
    assert (
        sum(contract.amount or 0 for record in found.records for contract in record.contracts)
        == 331_875_057_265_234
    )


@needs_real_data
def test_reading_more_years_changes_no_earlier_id(tmp_path):
    lines = (REAL / "projects.csv").read_text("utf-8")
    (tmp_path / "projects.csv").write_text(lines, "utf-8")
    whole = ids(read_judgit(tmp_path))
    early = ids(read_judgit(tmp_path, years=range(2015, 2019)))
    assert early.items() <= whole.items()
