from pathlib import Path

import pytest

from sekisho.intake.records import YearRecord
from sekisho.intake.rs import addresses, read_rs
from sekisho.tables.table import FileProblem

REAL = Path(__file__).parents[3] / "shared" / "data" / "rs2024_it"
needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the official files are not here")

COMMON = "シート種別,事業年度,予算事業ID,事業名,建制順,政策所管府省庁,府省庁,局・庁,部,課,室,班,係"
OVERVIEW = (
    f"{COMMON},事業の目的,現状・課題,事業の概要,事業概要URL,事業区分,事業開始年度,事業終了（予定）年度,主要経費,備考,"
    "実施方法ー直接実施,実施方法ー補助,旧事業番号"
)
BUDGET = (
    f"{COMMON},予算年度,当初予算（合計）,補正予算（合計）,前年度からの繰越し（合計）,予備費等（合計）,執行額（合計）,"
    "翌年度への繰越し(合計）,翌年度要求額（合計）,会計区分,当初予算"
)
CONTRACTS = (
    f"{COMMON},契約先名（国庫債務負担行為等による契約）,契約先の法人番号（国庫債務負担行為等による契約）,"
    "契約概要（契約名）（国庫債務負担行為等による契約）,契約額（国庫債務負担行為等による契約）,契約方式等（国庫債務負担行為等による契約）"
)


def common(identity: str = "7", name: str = "マイナンバー制度の推進", year: str = "2024") -> str:
    return f"レビュー,{year},{identity},{name},1,デジタル庁,デジタル庁,国民向け,,,,広報班,"


def overview(identity: str = "7", start: str = "2015", **more: str) -> str:
    return (
        f"{common(identity, **more)},目的,課題,概要,https://a.example/xhttps://b.example/y,前年度事業,{start},,"
        "その他の事項経費,備考,1,,2023-デジ-22-0001"
    )


@pytest.fixture
def folder(tmp_path):
    def write(**files: list[str]) -> Path:
        for name, lines in files.items():
            (tmp_path / f"{name}_RS_2024.csv").write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8")
        return tmp_path

    return write


def test_files_are_joined_and_recognised_by_their_headings(folder):
    found = read_rs(
        folder(
            x=[OVERVIEW, overview(), overview().replace("その他の事項経費", "科学技術振興費")],
            y=[
                BUDGET,
                f"{common()},2023,100,20,3,-5,90.0,8,200.0,,",
                f"{common()},2023,,,,,,,,一般会計,100",
                f"{common()},2024,150,0,8,0,0,0,300.0,,",
            ],
            z=[
                CONTRACTS,
                f"{common()},日本電気株式会社,7010401022916,運用,1000,随意契約（その他）",
                f"{common()},,,,,",
            ],
            r=[f"{COMMON},備考", f"{common()},追記"],
            w=[
                f"{COMMON},府省庁（その他担当組織）,局・庁（その他担当組織）",
                f"{common()},総務省,行政局",
            ],
        )
    )
    (record,) = found.records
    assert (found.scheme, found.source_years, found.problems) == ("rs", (2024,), ())
    assert (record.external_id, record.name, record.start_year, record.end_year) == (
        "7",
        "マイナンバー制度の推進",
        2015,
        None,
    )
    assert record.organisation_path == ("デジタル庁", "国民向け", "広報班")
    assert record.years == (
        YearRecord(2023, approved=100, supplementary=15, carried_in=3, carried_out=8, executed=90),
        YearRecord(2024, requested=200, approved=150, supplementary=0, carried_in=8),
        YearRecord(2025, requested=300),
    )
    assert record.links == ("https://a.example/x", "https://b.example/y")
    assert record.previous_ids == ("2023-デジ-22-0001",)
    assert record.extra["methods"] == ("直接実施",)
    assert record.extra["remarks"] == "備考\n追記"
    assert record.extra["expenses"] == ("その他の事項経費", "科学技術振興費")
    assert record.extra["other_organisations"] == (("総務省", "行政局"),)
    (contract,) = record.contracts
    assert (contract.contractor, contract.amount, contract.fiscal_year) == ("日本電気株式会社", 1000, 2023)


def test_bad_rows_are_named_with_file_line_column_and_value_and_good_ones_go_in(folder):
    found = read_rs(
        folder(
            a=[OVERVIEW, overview("7", start="昔"), overview("8"), overview("")],
            b=[BUDGET, f"{common('8')},2023,千円,0,0,0,0,0,0,,", f"{common('9')},2023,1,0,0,0,0,0,0,,"],
        )
    )
    assert [record.external_id for record in found.records] == ["8"]
    places = [(problem.file[:1], problem.line, problem.column, problem.value) for problem in found.errors]
    assert places == [
        ("a", 2, "事業開始年度", "昔"),
        ("a", 4, "予算事業ID", ""),
        ("b", 2, "当初予算（合計）", "千円"),
        ("b", 3, "予算事業ID", "9"),
    ]
    assert all(problem.message and problem.mend for problem in found.errors)


def test_two_source_years_give_two_records_in_order(folder):
    found = read_rs(folder(a=[OVERVIEW, overview(year="2025", name="新"), overview(year="2024", name="旧")]))
    assert [(record.source_year, record.name) for record in found.records] == [(2024, "旧"), (2025, "新")]


def test_a_folder_without_an_overview_is_refused(folder, tmp_path):
    with pytest.raises(FileProblem, match="1-2"):
        read_rs(folder(b=[BUDGET, f"{common()},2023,1,0,0,0,0,0,0,,"]))
    with pytest.raises(FileProblem, match="not a folder"):
        read_rs(tmp_path / "none")


def test_a_file_that_is_cut_off_stops_everything(folder):
    path = folder(a=[OVERVIEW, overview()], b=[BUDGET, common()])
    (path / "b_RS_2024.csv").write_text(f'{BUDGET}\n{common()},2023,"1')
    with pytest.raises(FileProblem, match="cut off"):
        read_rs(path)


def test_addresses_are_found_without_anything_between_them():
    assert addresses("なし") == ()
    assert addresses("参考：https://a.example/1\nhttps://a.example/2、") == (
        "https://a.example/1",
        "https://a.example/2",
    )


@needs_real_data
def test_the_official_files_of_2024_are_read_whole():
    seen = []
    found = read_rs(REAL, progress=lambda rows, file: seen.append((rows, file)))
    assert found.problems == ()
    assert len(found.records) == found.stats["projects"] == 884
    assert (found.stats["rows"], found.stats["contracts"], len(seen)) == (14349, 638, 28)
    years = [year for record in found.records for year in record.years]
    # sums of the columns of totals, taken from the file with another tool
    assert sum(year.approved or 0 for year in years) == 6_939_072_271_986
    assert sum(year.executed or 0 for year in years) == 8_278_393_372_642
    assert (
        sum(contract.amount or 0 for record in found.records for contract in record.contracts)
        == 1_217_222_655_918
    )
    digital = next(record for record in found.records if record.external_id == "4")
    assert digital.organisation_path == ("デジタル庁", "戦略・組織", "政府ＤＸ担当")
    this_year = next(year for year in digital.years if year.fiscal_year == 2024)
    assert (this_year.approved, this_year.supplementary) == (480_327_293_000, 205_412_304_000)
    assert next(year.requested for year in digital.years if year.fiscal_year == 2025) == 579_012_107_000
