import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.intake.mapping import (
    AMOUNTS,
    CHOICES,
    FIELDS,
    Column,
    Mapping,
    MappingProblem,
    choices,
    dump,
    label,
    load_mapping,
    suggest,
)
from sekisho.tables.table import read_table
from sekisho.values import UNITS

FULL = """
scheme: 台帳
sheet: 一覧
heading_row: 3
unit: 千円
fiscal_year: 令和6年度
organisation_separator: ">"
columns:
  external_id: 整理番号
  name: 件名
  organisation: [局, 課]
  approved:
    - {heading: 令和5年度予算額, fiscal_year: 令和5年度, unit: 百万円}
    - 予算額
values:
  phase: {テスト稼働: build}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(MappingProblem) as caught:
        load_mapping(text)
    return [str(problem) for problem in caught.value.problems]


def headings(*names: str, above: str = "") -> Mapping:
    return suggest(read_table((above + ",".join(names) + "\n" + "x," * len(names) + "\n").encode(), "a.csv"))


def test_a_whole_mapping_is_understood():
    mapping = load_mapping(FULL)
    assert mapping == Mapping(
        scheme="台帳",
        sheet="一覧",
        heading_row=3,
        unit=1000,
        fiscal_year=2024,
        organisation_separator=">",
        columns={
            "external_id": (Column("整理番号"),),
            "name": (Column("件名"),),
            "organisation": (Column("局"), Column("課")),
            "approved": (Column("令和5年度予算額", 1_000_000, 2023), Column("予算額")),
        },
        values={"phase": {"テスト稼働": "build"}},
    )
    assert mapping.value_of("phase", "テスト稼働") == "build"
    assert mapping.value_of("network_zone", "ＬＧＷＡＮ接続系") == "lgwan"
    assert mapping.value_of("phase", "？") is None


def test_a_mapping_is_read_from_a_file_with_or_without_mark(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_text("\ufeff" + FULL, "utf-8")
    assert load_mapping(path) == load_mapping(FULL)
    path.write_bytes(FULL.encode("cp932"))
    with pytest.raises(MappingProblem, match="UTF-8"):
        load_mapping(path)
    with pytest.raises(MappingProblem):
        load_mapping(tmp_path / "none.yaml")


def test_everything_that_is_wrong_is_said_at_once_with_what_was_probably_meant():
    text = (
        "colunms: x\nunit: ドル\nheading_row: 0\nvalues: {phase: {x: y}}\n"
        "columns: {nmae: 件名, code: [a, b], approved: {unit: 円}}"
    )
    found = "\n".join(problems(text))
    for part in (
        "“colunms”",
        "columns",
        "ドル",
        "heading_row",
        "“nmae”",
        "name",
        "one column only",
        "heading",
        "“y”",
    ):
        assert part in found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "nothing about columns"),
        ("- 1", "nothing about columns"),
        ("a: [", "YAML"),
        ("columns: {name: x}\ncolumns: {name: y}", "stands twice"),
        ("a: &a [1]\nb: *a", "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "YAML"),
        ("[" * 5000, "YAML"),
        ("columns: {code: x}", "name of the project"),
        ("columns: {name: x, approved: y}", "no fiscal year"),
        ("columns: {name: x}\nscheme: " + "a" * 33, "32"),
        ("columns: {name: x}\nfiscal_year: 平成33年度", "令和3年度"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(text, part):
    assert part in "\n".join(problems(text))


def test_headings_with_year_and_unit_suggest_amounts_of_that_year():
    mapping = headings(
        "整理番号",
        "システム名",
        "所管局",
        "所管課",
        "令和5年度予算額（百万円）",
        "令和６年度　当初予算額",
        "R5決算額",
        "2025年度要求額",
        "契約先",
        "契約金額（円）",
        above="令和6年度 一覧,（単位：千円）\n",
    )
    assert mapping.unit == 1000
    assert (mapping.fiscal_year, mapping.heading_row) == (2024, 2)
    assert mapping.columns == {
        "external_id": (Column("整理番号"),),
        "name": (Column("システム名"),),
        "organisation": (Column("所管局"), Column("所管課")),
        "approved": (
            Column("令和5年度予算額（百万円）", 1_000_000, 2023),
            Column("令和６年度 当初予算額", None, 2024),
        ),
        "executed": (Column("R5決算額", None, 2023),),
        "requested": (Column("2025年度要求額", None, 2025),),
        "contractor": (Column("契約先"),),
        "contract_amount": (Column("契約金額（円）", 1, None),),
    }


def test_english_headings_and_the_official_ones_are_known():
    assert headings("ID", "Project name", "Department", "Description", "Budget", "Fiscal year").columns == {
        "external_id": (Column("ID"),),
        "name": (Column("Project name"),),
        "organisation": (Column("Department"),),
        "summary": (Column("Description"),),
        "approved": (Column("Budget"),),
        "fiscal_year": (Column("Fiscal year"),),
    }
    official = headings(
        "事業年度",
        "予算事業ID",
        "事業名",
        "府省庁",
        "局・庁",
        "課",
        "事業の目的",
        "事業の概要",
        "事業開始年度",
    )
    assert {name: columns[0].heading for name, columns in official.columns.items()} == {
        "external_id": "予算事業ID",
        "name": "事業名",
        "organisation": "府省庁",
        "purpose": "事業の目的",
        "summary": "事業の概要",
        "start_year": "事業開始年度",
        "fiscal_year": "事業年度",
    }


def test_a_suggestion_without_a_name_says_that_one_is_needed():
    text = dump(headings("甲", "乙"))
    assert "必須" in text
    assert "name of the project" in "\n".join(problems(text.replace("columns:", "columns: {}", 1)))


def test_every_field_has_words_and_every_choice_values():
    assert all(label(name) for name in FIELDS)
    assert all(choices(name) for name in CHOICES)


_HEADINGS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20
).filter(lambda text: text.strip() == text)
_COLUMNS = st.builds(
    Column, _HEADINGS, st.sampled_from([None, *UNITS.values()]), st.one_of(st.none(), st.integers(1900, 2199))
)


@settings(max_examples=60, deadline=None)
@given(
    _HEADINGS,
    st.lists(_COLUMNS, min_size=1, max_size=3),
    st.sampled_from(AMOUNTS),
    st.sampled_from(list(UNITS.values())),
    _HEADINGS,
)
def test_what_is_dumped_is_loaded_the_same(name, columns, amount, unit, separator):
    mapping = Mapping(
        columns={"name": (Column(name),), amount: tuple(columns)},
        sheet=name,
        unit=unit,
        fiscal_year=2024,
        heading_row=2,
        organisation_separator=separator,
        values={"phase": {"x": "build"}},
    )
    assert load_mapping(dump(mapping)) == mapping


def test_a_mapping_that_is_not_there_is_called_so(tmp_path):
    with pytest.raises(MappingProblem, match="cannot be opened: No such file"):
        load_mapping(tmp_path / "gone.yaml")
