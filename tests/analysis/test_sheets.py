"""Columns in the headings that people use, and clear words about those that cannot be used."""

import pytest

from sekisho.analysis.problems import AnalysisProblem, CellProblem
from sekisho.analysis.sheets import Sheet, read_csat, read_kano, read_nps, read_populations, read_sus
from sekisho.analysis.sheets.common import in_order


def sheet(text, above=()):
    """Headings and rows from lines of cells parted by “|”."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return Sheet("t.csv", tuple(head), tuple((n, row) for n, row in enumerate(rows, start=2)), above)


# --------------------------------------------------------------------------------------------------- kano


@pytest.mark.parametrize(
    ("headings", "features"),
    [
        ("F1|D1|F2|D2", ["1", "2"]),
        ("f1|d1|f2|d2", ["1", "2"]),
        ("F01|D01|F02|D02", ["1", "2"]),
        ("Ｆ１|Ｄ１|Ｆ２|Ｄ２", ["1", "2"]),
        ("F_1|D_1|F-2|D-2", ["1", "2"]),
        ("F1 通知|D1 通知|F2 検索|D2 検索", ["通知", "検索"]),
        ("F1: notice|D1: notice|F2. search|D2. search", ["notice", "search"]),
        ("Functional 1|Dysfunctional 1|Functional 2|Dysfunctional 2", ["1", "2"]),
        ("充足1|不充足1|充足2|不充足2", ["1", "2"]),
        ("充足質問1|不充足質問1|充足質問2|不充足質問2", ["1", "2"]),
        ("通知（充足）|通知（不充足）|検索（充足）|検索（不充足）", ["通知", "検索"]),
        ("通知 充足|通知 不充足|検索 充足|検索 不充足", ["通知", "検索"]),
        (
            "notice functional|notice dysfunctional|search (functional)|search (dysfunctional)",
            ["notice", "search"],
        ),
        ("Q1_F|Q1_D|Q2_F|Q2_D", ["1", "2"]),
        ("1F|1D|2F|2D", ["1", "2"]),
        ("F2|F1|D2|D1", ["1", "2"]),
    ],
)
def test_pairs_are_found_by_their_headings(headings, features):
    found = read_kano(sheet(f"{headings}\n1|5|2|5")).features
    assert [feature.feature for feature in found] == features


def test_columns_about_the_respondent_and_others_are_ignored():
    found = read_kano(sheet("respondent|F1|D1|I1|L1|ID|Date|重要度2|所属\n9|気に入る|5|7|x|3|2020|1|総務局"))
    (feature,) = found.features
    assert (list(feature.functional), list(feature.dysfunctional), list(feature.importance)) == (
        [1],
        [5],
        [7.0],
    )
    assert found.group == 8


def test_one_feature_needs_no_number():
    assert read_kano(sheet("充足|不充足\n1|5")).features[0].feature == "1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("F1|D1|F2\n1|2|3", "“F2” has no dysfunctional"),
        ("F1|D1|不充足 2\n1|2|3", "“不充足 2” has no functional"),
        ("a|b\n1|2", "the columns are: a, b"),
        ("充足|不充足|充足 (2)|不充足 (2)\n1|2|3|4", "merged cells"),
        ("F1|D1|F01\n1|2|3", "mean the same question"),
        ("F1|D1\n1|6", "Line 2, column “D1”: “6”"),
        ("F1|D1|I1\n1|5|10", "“10” is not an answer on the scale 1 to 9"),
        ("F1|D1|I1\n1|5|much", "Line 2, column “I1”: “much”"),
    ],
)
def test_what_cannot_be_used_is_named(text, said):
    with pytest.raises(AnalysisProblem, match=said):
        read_kano(sheet(text))


def test_further_bad_cells_are_counted():
    with pytest.raises(CellProblem) as caught:
        read_kano(sheet("F1|D1\n1|5\n7|8\n9|1"))
    assert (caught.value.line, caught.value.column, caught.value.value) == (3, "F1", "7")
    assert caught.value.mend.endswith("The same fault in further cells: 2.")


# ---------------------------------------------------------------------------------------------------- sus

ROW = "5|1|5|1|5|1|5|1|5|1"


def numbered(pattern):
    return "|".join(pattern.format(n) for n in range(1, 11))


@pytest.mark.parametrize(
    "pattern",
    [
        "Q{}",
        "q{}",
        "{}",
        "SUS{}",
        "sus_q{}",
        "問{}",
        "設問{} 使いやすい",
        "Item {}",
        "{}. I think that I would like it",
        "S{:02}",
    ],
)
def test_items_are_found_by_their_numbers(pattern):
    found = read_sus(sheet(f"{numbered(pattern)}\n{ROW}"))
    assert found.sheets == ((5, 1, 5, 1, 5, 1, 5, 1, 5, 1),)
    assert found.notes == ()


def test_items_are_found_among_others_and_in_any_order():
    headings = "id|L1|" + "|".join(f"Q{n}" for n in range(10, 0, -1)) + "|L2"
    found = read_sus(sheet(f"{headings}\n1|5|1|2|1|2|1|2|1|2|1|2|4"))
    assert found.sheets == ((2, 1) * 5,)


def test_ten_statements_are_taken_in_order_and_noted():
    headings = "timestamp|" + "|".join("abcdefghij")
    found = read_sus(sheet(f"{headings}\nnow|{'|'.join(['Strongly agree', 'Strongly disagree'] * 5)}"))
    assert found.sheets == ((5, 1) * 5,)
    assert [note.code for note in found.notes] == ["sus.columns_by_order"]


def test_a_bad_cell_below_a_statement_is_named_too():
    rows = "\n".join([ROW, ROW, ROW.replace("5", "7", 1)])
    with pytest.raises(CellProblem, match="Line 4, column “a”: “7”"):
        read_sus(sheet("|".join("abcdefghij") + "\n" + rows))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (numbered("Q{}").removesuffix("|Q10") + "\n" + ROW.removesuffix("|1"), "no column: 10"),
        ("a|b\n1|2", "the columns are: a, b"),
        (numbered("Q{}") + "\n" + ROW.replace("5", "6", 1), "Line 2, column “Q1”: “6”"),
    ],
)
def test_a_missing_item_is_named(text, said):
    with pytest.raises(AnalysisProblem, match=said):
        read_sus(sheet(text))


# --------------------------------------------------------------------------------------------------- csat


@pytest.mark.parametrize(
    "text",
    [
        "1|2|3|4|5\n1|2|3|4|5",
        "5|4|3|2|1\n5|4|3|2|1",
        "大いに不満|やや不満|普通|やや満足|大いに満足\n1|2|3|4|5",
        "1 very dissatisfied|2|3|4|5 very satisfied\n1|2|3|4|5",
        "不満|やや不満|どちらともいえない|やや満足|満足|合計\n1|2|3|4|5|15",
        "answer|count\n1|1\n2|2\n3|3\n4|4\n5|5",
        "回答|人数\n大いに不満|1\nやや不満|2人\n普通|3\nやや満足|4\n大いに満足|5",
        "段階|度数\n1|1\n2|2\n3|3\n4|4\n5|5",
        "満足度\n" + "\n".join(str(point) for point in range(1, 6) for _ in range(point)),
        "id|total satisfaction\n" + "\n".join(f"x|{point}" for point in range(1, 6) for _ in range(point)),
    ],
)
def test_answers_counts_and_long_tables_say_the_same(text):
    (row,) = read_csat(sheet(text)).rows
    assert row.figures().counts == (1, 2, 3, 4, 5)


def test_counts_are_found_under_numbered_headings_and_sums_are_left_out():
    (row,) = read_csat(sheet("n1|n2|n3|n4|n5\n1|2|3|4|5")).rows
    assert row.counts == (1, 2, 3, 4, 5)
    (row,) = read_csat(sheet("回答|件数\n大いに不満|1\n大いに満足|5\n合計|6")).rows
    assert (row.counts, row.n) == ((1, 0, 0, 0, 5), 6)


CROSSED = "満足度|2020年|2021年|計\n大いに満足|5|50|55\nやや満足|4|40|44\n普通|30|30|60\nやや不満|2|20|22\n大いに不満|1|10|11\n計|42|150|192"


def test_answers_below_each_other_may_have_a_column_for_each_wave_or_group():
    rows = read_csat(sheet(CROSSED)).rows
    assert [(row.wave, row.group, row.counts) for row in rows] == [
        ("2020年", "", (1, 2, 30, 4, 5)),
        ("2021年", "", (10, 20, 30, 40, 50)),
    ]
    rows = read_csat(sheet(CROSSED.replace("2020年", "本庁").replace("2021年", "事業所"))).rows
    assert [(row.wave, row.group) for row in rows] == [("", "本庁"), ("", "事業所")]


def test_five_respondents_of_every_opinion_are_no_table_of_counts():
    rows = read_csat(
        sheet("番号|満足度|年齢\n1|大いに不満|30\n2|やや不満|40\n3|普通|50\n4|やや満足|60\n5|大いに満足|70")
    )
    assert rows.rows[0].counts == (1, 1, 1, 1, 1)


def test_shares_need_the_number_of_answers():
    (row,) = read_csat(sheet("調査|1|2|3|4|5|n|N\n2020|18%|36%|36%|8%|2%|20,096|53,162")).rows
    assert (row.are_shares, row.n, row.population, row.wave) == (True, 20096, 53162, "2020")
    with pytest.raises(AnalysisProblem, match="Line 2 holds shares"):
        read_csat(sheet("1|2|3|4|5\n17.5|36.5|36|8|2"))


def test_a_total_beyond_the_counts_is_how_many_were_asked():
    (row,) = read_csat(sheet("1|2|3|4|5|N\n1|2|3|4|5|30")).rows
    assert (row.n, row.population) == (15, 30)


def test_rows_are_waves_or_groups_by_their_headings():
    waves = read_csat(sheet("年度|1|2|3|4|5\n2021|1|1|1|1|1\n2020|2|2|2|2|2")).rows
    assert [row.wave for row in waves] == ["2021", "2020"]
    groups = read_csat(sheet("所属|1|2|3|4|5\n本庁|1|1|1|1|1")).rows
    assert [row.group for row in groups] == ["本庁"]
    unnamed = read_csat(sheet("何か|1|2|3|4|5\n本庁|1|1|1|1|1")).rows
    assert [row.group for row in unnamed] == ["本庁"]


def test_several_questions_are_kept_apart():
    found = read_csat(sheet("id|部署|Q1|Q2|自由記述\n1|総務|5|1|よい\n2|総務|4||"))
    assert found.named("question") == ("Q1", "Q2")
    assert [row.n for row in found.rows] == [2, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1|2|3|4\n1|2|3|4", "no column: 5"),
        ("1|2|3|4|5\n1|2|x|4|5", "Line 2, column “3”: “x” is neither a count"),
        ("1|2|3|4|5\n1|2|-3|4|5", "“-3” is neither"),
        ("1|2|3|4|5|n\n1|2|3|4|5|9", "add up to 15 and not to 9"),
        ("answer|count\n1|x", "“x” is not a count"),
        ("answer|count\n9|1", "“9” is not an answer"),
        ("answer\n6", "Line 2, column “answer”: “6”"),
        ("a|b\nx|y", "which column holds the answers"),
        ("a|b", "no answers below"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(text, said):
    with pytest.raises(AnalysisProblem, match=said):
        read_csat(sheet(text))


def test_a_form_that_nobody_answered_yet_has_no_answers_and_no_fault():
    (row,) = read_csat(sheet("満足度")).rows
    assert (row.n, row.counts) == (0, (0, 0, 0, 0, 0))
    assert row.figures().satisfied is None


def test_answers_without_a_heading_lose_nobody():
    with pytest.raises(AnalysisProblem) as refused:
        read_csat(sheet("5\n4\n3\n2\n1"))
    assert "“5”" in str(refused.value)


def test_people_may_have_answered_in_both_languages():
    (row,) = read_csat(sheet("answer\n大いに満足\nvery satisfied\nやや不満\nneutral")).rows
    assert row.counts == (0, 1, 1, 0, 2)
    found = read_kano(sheet("F1|D1\n気に入る|I dislike it\nlike it|気に入らない")).features[0]
    assert (list(found.functional), list(found.dysfunctional)) == ([1, 1], [5, 5])


def test_a_column_can_be_named():
    assert read_csat(sheet("a|b\nx|5"), column="B").rows[0].figures().satisfied_count == 1
    with pytest.raises(AnalysisProblem, match="no column “c”"):
        read_csat(sheet("a|b\nx|5"), column="c")


def test_populations_are_read_by_group():
    assert read_populations(sheet("所属|人数\n本庁|1,200\n事業所|300人")) == {"本庁": 1200, "事業所": 300}
    with pytest.raises(AnalysisProblem, match="one column"):
        read_populations(sheet("所属\n本庁"))


def test_nps_answers_run_from_nought_to_ten():
    assert read_nps(sheet("id|推奨度\n1|10\n2|0\n3|")) == [10, 0, None]
    with pytest.raises(AnalysisProblem, match="“11”"):
        read_nps(sheet("NPS\n11"))
    with pytest.raises(AnalysisProblem, match="which column"):
        read_nps(sheet("a|b\n1|2"))


def test_waves_are_sorted_where_their_names_are_numbers_or_days():
    assert in_order(["2021年12月", "2020年11月"]) == ["2020年11月", "2021年12月"]
    assert in_order(["第10回", "第2回"]) == ["第2回", "第10回"]
    assert in_order(["after", "before"]) == ["after", "before"]
