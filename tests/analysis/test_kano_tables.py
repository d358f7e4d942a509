"""Evaluation tables: shipped, given, transposed, broken."""

import pytest

from sekisho.analysis.kano import read_table_file, shipped_tables, table_named
from sekisho.analysis.problems import AnalysisProblem

STANDARD = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")
YAML = "rows:\n  - Q A A A O\n  - R I I I M\n  - R I I I M\n  - R I I I M\n  - R R R R Q\n"
CSV = "Q,A,A,A,O\nR,I,I,I,M\nR,I,I,I,M\nR,I,I,I,M\nR,R,R,R,Q\n"


def test_the_standard_table_is_that_of_kano_and_berger():
    table = table_named("standard")
    assert table.rows == STANDARD
    assert "Berger et al." in table.source
    assert table.category(1, 5) == "O"
    assert table.category(5, 1) == "R"
    assert table.category(2, 5) == "M"
    assert table.category(1, 2) == "A"


def test_pouliot_makes_equal_answers_questionable():
    table, standard = table_named("pouliot-1993"), table_named("standard")
    differing = {
        (f, d) for f in range(1, 6) for d in range(1, 6) if table.category(f, d) != standard.category(f, d)
    }
    assert differing == {(2, 2), (4, 4)}
    assert table.category(2, 2) == table.category(4, 4) == "Q"


@pytest.mark.parametrize("name", ["kano-1984", "berger-1993", "matzler-hinterhuber-1998"])
def test_a_publication_names_the_table_it_prints(name):
    assert table_named(name).rows == STANDARD


def test_swapped_axes_are_recognised():
    standard = table_named("standard")
    swapped = standard.transposed()
    assert swapped.rows != standard.rows
    assert swapped.transposed() == standard
    assert swapped.swapped_form_of() == standard
    assert all(table.swapped_form_of() is None for table in shipped_tables().values())


def test_a_file_may_say_that_its_rows_are_the_dysfunctional_question():
    text = "axes: rows-dysfunctional\nrows: [QRRRR, AIIIR, AIIIR, AIIIR, OMMMQ]\n"
    assert read_table_file(text, "ours.yaml").rows == STANDARD


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (YAML, "t.yaml"),
        ("\ufeff" + CSV, "t.csv"),
        (CSV.replace(",", "\t").lower(), "t.tsv"),
        (CSV.replace(",", ";"), "t.csv"),
        (
            ",like,must-be,neutral,live with,dislike\n"
            + "".join(
                f"{n},{r}\n"
                for n, r in zip(
                    ("気に入る", "当然", "中立", "仕方ない", "嫌い"), CSV.splitlines(), strict=True
                )
            ),
            "t.csv",
        ),
        ("- QAAAO\n- [R, I, I, I, M]\n- R,I,I,I,M\n- RIIIM\n- RRRRQ\n", "t.yml"),
        ("Q A A A O\nR I I I M\nR I I I M\nR I I I M\nR R R R Q\n", "t.yaml"),
        (
            "rows: {気に入らない: RRRRQ, 気に入る: QAAAO, 当然である: RIIIM, neutral: RIIIM, live with: RIIIM}",
            "t.yaml",
        ),
    ],
)
def test_a_table_may_be_written_in_many_ways(text, name):
    assert read_table_file(text, name).rows == STANDARD


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (CSV.replace("Q,A,A", "Q,X,A", 1), "t.csv", "Row 1, column 2"),
        (YAML.replace("RIIIM", "").replace("  - R I I I M\n", "", 1), "t.yaml", "4 rows instead of 5"),
        (CSV.replace("A,O", "A", 1), "t.csv", "Row 1 of the evaluation table has 4 cells"),
        ("rows: [", "t.yaml", "no YAML"),
        ("", "t.yaml", "0 rows"),
        ("5", "t.yaml", "0 rows"),
        ("axes: sideways\n" + YAML, "t.yaml", "sideways"),
        ("rows: {never: QAAAO, b: A, c: A, d: A, e: A}", "t.yaml", "never"),
    ],
)
def test_a_broken_table_is_refused_by_the_place_of_its_fault(text, name, said):
    with pytest.raises(AnalysisProblem, match=said):
        read_table_file(text, name)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(AnalysisProblem, match="pouliot-1993"):
        table_named("mine")
