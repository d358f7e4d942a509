"""``sekisho analyse``: the whole way from a file to figures, words or one line of refusal."""

import inspect
import io
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from sekisho.cli.analyse import analyse
from sekisho.cli.analyse.layout import between, figure, padded, percent, table, width
from sekisho.cli.analyse.reading import translator
from tests.analysis.shared import real_file

KANO = "respondent,F1 通知,D1 通知,F2 検索,D2 検索,L1\n1,1,5,1,3,x\n2,1,5,3,3,x\n3,2,5,1,,x\n"
SUS = ",".join(f"Q{n}" for n in range(1, 11)) + "\n" + "5,1,5,1,5,1,5,1,5,1\n4,2,4,2,4,2,4,2,4,2\n"
TOKYO = "回答,人数\n大いに不満,3617\nやや不満,7235\n普通,7235\nやや満足,1608\n大いに満足,401\n"


def run(*arguments, stdin=None):
    return CliRunner().invoke(analyse, [str(argument) for argument in arguments], input=stdin)


def figures(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def file(tmp_path):
    def write(content, name="t.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def workbook(text):
    book = openpyxl.Workbook()
    for row in text.splitlines():
        book.active.append([int(cell) if cell.isdecimal() else cell or None for cell in row.split(",")])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --------------------------------------------------------------------------------------------------- kano


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_csv_in_any_usual_encoding_gives_kano_figures(file, encoding):
    found = figures("kano", file(KANO, encoding=encoding))
    assert (found["table"], found["n"]) == ("standard", 3)
    notice, search = found["features"]
    assert (notice["feature"], notice["number"], notice["category"]) == ("通知", "1", "O")
    assert notice["counts"] == {"M": 1, "O": 2, "A": 0, "I": 0, "R": 0, "Q": 0}
    assert notice["better"] == pytest.approx(2 / 3)
    assert notice["worse"] == -1.0
    assert (search["n"], search["half"]) == (2, 1)


def test_a_workbook_gives_the_same_figures(file):
    assert figures("kano", file(workbook(KANO), "t.xlsx")) == figures("kano", file(KANO))


def test_headings_in_merged_cells_over_two_rows_are_read_together(file):
    text = "回答者,通知,,検索,,重要度\n,充足,不充足,充足,不充足,\n1,1,5,2,5,3\n2,1,5,2,5,4\n"
    for found in (figures("kano", file(text)), figures("kano", file(workbook(text), "t.xlsx"))):
        assert [(one["feature"], one["n"], one["category"]) for one in found["features"]] == [
            ("通知", 2, "O"),
            ("検索", 2, "M"),
        ]
    items = "回答者,設問,,,,,,,,,\n," + ",".join(map(str, range(1, 11))) + "\n1,4,2,4,2,4,2,4,2,4,2\n"
    assert figures("sus", file(items))["mean"] == 75
    refused = run("kano", file("会議,,\n日,月,火\n1,2,3\n"))
    assert (refused.exit_code, "No column holds Kano answers" in refused.stderr) == (1, True)


def test_a_csv_of_merged_headings_is_read_too(file):
    found = figures(
        "kano", file("通知,,窓口,\n充足,不充足,充足,不充足\n1,5,1,3\n1,5,2,5\n", encoding="cp932")
    )
    assert [one["feature"] for one in found["features"]] == ["通知", "窓口"]
    assert [one["counts"]["O"] for one in found["features"]] == [2, 0]


def test_standard_input_is_read():
    result = run("kano", "-", "--json", stdin=KANO)
    assert json.loads(result.stdout)["n"] == 3


def test_the_real_smart_bed_answers_give_eleven_features():
    found = figures("kano", real_file("kano_smart_bed", "responses.csv"))
    assert found["n"] == 29
    assert [feature["category"] for feature in found["features"]] == list("RAAAIIAAAIA")
    assert all(feature["fong_significant"] in {True, False} for feature in found["features"])


def test_another_table_is_used_and_shown(file):
    answers = file("F1,D1\n2,2\n")
    assert figures("kano", answers)["features"][0]["category"] == "I"
    assert figures("kano", answers, "--table", "pouliot-1993")["features"][0]["category"] == "Q"
    ours = file("name: ours\nrows: [MAAAO, RMIIM, RIIIM, RIIIM, RRRRQ]\n", "ours.yaml")
    found = figures("kano", answers, "--table", ours)
    assert (found["table"], found["features"][0]["category"]) == ("ours", "M")
    shown = run("kano", answers, "--table", ours, "--lang", "en").stdout
    assert shown.startswith("Evaluation table: ours\n")


def test_a_broken_table_is_named_by_its_cell(file):
    broken = file("Q,A,A,A,O\nR,I,I,I,M\nR,I,X,I,M\nR,I,I,I,M\nR,R,R,R,Q\n", "table.csv")
    result = run("kano", file(KANO), "--table", broken, "--lang", "en")
    assert result.exit_code == 1
    assert "table.csv: Row 3, column 3 of the evaluation table: “X”" in result.stderr


def test_waves_show_what_became_of_a_feature(file):
    rows = ["wave,F1,D1", *["2021,1,3"] * 30, *["2023,2,5"] * 30]
    found = figures("kano", file("\n".join(rows) + "\n"))
    assert (found["wave"], found["n"], len(found["waves"])) == ("2023", 30, 2)
    change = found["changes"][0]["features"][0]
    assert (change["before"], change["after"], change["verdict"]) == ("A", "M", "moved")
    shown = run("kano", file("\n".join(rows) + "\n"), "--lang", "ja").stdout
    assert "魅力的品質から当たり前品質に移った" in shown


def test_groups_are_shown_on_demand(file):
    found = figures("kano", file("課,F1,D1\na,1,3\nb,2,5\n"), "--by", "課")
    assert [(one["segment"], one["features"][0]["category"]) for one in found["segments"]] == [
        ("a", "A"),
        ("b", "M"),
    ]


@pytest.mark.parametrize("body", ["", "1,5\n", "1,\n", "1,5\n" * 3, ",\n,\n"])
def test_few_answers_are_figures_with_warnings_and_no_crash(file, body):
    path = file("F1,D1\n" + body)
    found = figures("kano", path)
    assert found["features"][0]["warnings"]
    assert all(warning["message"] for warning in found["features"][0]["warnings"])
    assert run("kano", path).exit_code == 0


# ---------------------------------------------------------------------------------------------------- sus


@pytest.mark.parametrize(
    ("name", "n", "mean", "sd"),
    [("vr_waiting_room.csv", 30, 71.667, 15.190), ("agile_lab.csv", 8, 74.6875, 8.285)],
)
def test_real_sus_answers_give_their_known_means(name, n, mean, sd):
    found = figures("sus", real_file("sus", name))
    assert found["n"] == n
    assert found["mean"] == pytest.approx(mean, abs=5e-4)
    assert found["sd"] == pytest.approx(sd, abs=5e-4)
    assert found["ci95"][0] < found["mean"] < found["ci95"][1]


def test_sus_sheets_with_a_missing_item_are_left_out_or_filled(file):
    path = file(SUS + "5,1,5,1,5,1,5,1,5,\n")
    assert (figures("sus", path)["n"], figures("sus", path)["incomplete"]) == (2, 1)
    assert figures("sus", path, "--missing", "centre")["n"] == 3


def test_sus_waves_are_compared(file):
    rows = SUS.splitlines()
    text = (
        "\n".join(["wave," + rows[0], "1," + rows[1], "1," + rows[2], "2," + rows[1], "2," + rows[1]]) + "\n"
    )
    found = figures("sus", file(text))
    assert (found["wave"], found["mean"]) == ("2", 100.0)
    assert found["changes"][0]["mean"]["difference"] == pytest.approx(12.5)
    assert "1 → 2" in run("sus", file(text)).stdout


# --------------------------------------------------------------------------------------------------- csat


def test_tokyos_staff_survey_comes_out_as_published(file):
    found = figures("csat", file(TOKYO), "--population", "53162")
    assert (round(found["dissatisfied"], 2), round(found["satisfied"], 2)) == (0.54, 0.10)
    assert (round(found["mean"], 1), found["n"]) == (2.4, 20096)
    assert round(found["response_rate"], 3) == 0.378
    assert (found["satisfied_count"], found["counts"]["5"]) == (2009, 401)


def test_a_difference_of_shares_is_told_in_points(file):
    english = run("csat", file(TOKYO), "--lang", "en").stdout
    (line,) = [
        line for line in english.splitlines() if line.startswith("Satisfied minus dissatisfied, points")
    ]
    assert "−44.0" in line
    assert "%" not in line


def test_published_shares_are_enough(file):
    path = file(
        "調査,1,2,3,4,5,n,N\n2020年11月,18,36,36,8,2,20096,53162\n2021年12月,8,24,43,20,5,14780,54046\n"
    )
    found = figures("csat", path)
    assert [(wave["wave"], round(wave["satisfied"], 2)) for wave in found["waves"]] == [
        ("2020年11月", 0.10),
        ("2021年12月", 0.25),
    ]
    assert found["changes"][0]["satisfied"]["significant"]
    assert found["wave"] == "2021年12月"


def test_answers_are_weighted_to_the_population(file):
    answers = file("所属,1,2,3,4,5\n本庁,0,0,0,0,80\n事業所,20,0,0,0,0\n")
    sizes = file("所属,人数\n本庁,200\n事業所,800\n", "sizes.csv")
    found = figures("csat", answers, "--populations", sizes)
    assert found["satisfied"] == 0.8
    assert found["weighted"]["satisfied"] == pytest.approx(0.2)
    assert found["weighted"]["design_effect"] > 1
    assert [group["group"] for group in found["groups"]] == ["本庁", "事業所"]


def test_every_question_of_a_sheet_is_analysed(file):
    found = figures("csat", file("id,Q1,Q2\n1,5,1\n2,4,2\n"))
    assert [question["question"] for question in found["questions"]] == ["Q1", "Q2"]


def test_nps_is_there_too(file):
    assert figures("nps", file("推奨度\n10\n9\n0\n"))["nps"] == pytest.approx(100 / 3)


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        (
            "kano",
            "F1,D1\n1,9\n",
            "t.csv: Line 2, column “D1”: “9” is not an answer on the scale 1 to 5. Write",
        ),
        ("kano", "a,b\n1,2\n", "t.csv: No column holds Kano answers"),
        ("sus", SUS.replace("\n5", "\nx", 1), "t.csv: Line 2, column “Q1”: “x”"),
        ("csat", "answer\nさあ\n", "t.csv: Line 2, column “answer”: “さあ”"),
        ("nps", "NPS\n12\n", "“12”"),
        ("kano", "", "is empty"),
    ],
)
def test_a_refusal_is_one_line_that_names_the_place_and_the_mend(file, command, text, said):
    result = run(command, file(text), "--lang", "en")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_refusal_speaks_japanese_on_demand(file):
    result = run("kano", file("F1,D1\n1,9\n"), "--lang", "ja")
    assert "2行目、列「D1」:「9」は1から5までの回答ではありません。" in result.stderr


def test_a_missing_file_is_one_line(tmp_path):
    result = run("sus", tmp_path / "no.csv", "--lang", "en")
    assert result.exit_code == 1
    assert "no.csv" in result.stderr


@pytest.mark.parametrize("command", ["kano", "sus", "csat", "nps"])
def test_japanese_output_has_no_english_sentence_left(file, command):
    text = {"kano": KANO, "sus": SUS, "csat": TOKYO, "nps": "NPS\n10\n3\n"}[command]
    english, japanese = (run(command, file(text), "--lang", lang).stdout for lang in ("en", "ja"))
    sentences = {line.strip() for line in english.splitlines() if "  " not in line.strip() and ". " in line}
    assert not sentences & {line.strip() for line in japanese.splitlines()}
    assert "注意:" in japanese or "Beware:" not in english


def test_every_word_of_the_statistics_is_translated():
    from sekisho.analysis import words

    translate = translator("ja")
    for family in (words.NOTES, words.CATEGORIES, words.ADJECTIVES, words.ACCEPTABILITY, words.VERDICTS):
        assert [text for text in family.values() if translate(text) == text] == []


def test_it_needs_no_settings_and_no_database(file):
    code = (
        "import sys; from sekisho.cli.main import main; "
        f"main(['sus', {str(file(SUS))!r}] and ['analyse', 'sus', {str(file(SUS))!r}, '--json']); "
        "print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["n"] == 2
    assert done.stderr.strip() == "False"


# -------------------------------------------------------------------------------------------------- layout


def test_full_width_signs_take_two_places():
    assert (width("abc"), width("通知"), width("ｶﾅ")) == (3, 4, 2)
    assert padded("通知", 6) == "通知  "
    lines = table(["項目", "n"], [["通知", "1"], ["a", "10"]])
    assert {width(line) for line in lines} == {8}


def test_figures_are_printed_without_minus_nought():
    assert (figure(-0.001), figure(-1.5, 1), figure(None), percent(0.1234)) == ("0.00", "−1.5", "–", "12.3 %")
    assert between([-1.0, 7.0], 1, (1, 5)) == "1.0 … 5.0"
    assert between(None) == "–"


# ---------------------------------------------------------------------------------------------------- docs

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("guide", ["analyse.en.md", "analyse.ja.md"])
def test_every_subcommand_and_option_is_documented(guide):
    text = (DOCS / guide).read_text(encoding="utf-8")
    for name, command in analyse.commands.items():
        assert f"sekisho analyse {name}" in text
        for option in command.params:
            assert all(flag in text for flag in option.opts if flag.startswith("--"))


def test_every_json_key_is_documented(file):
    text = (DOCS / "analyse.en.md").read_text(encoding="utf-8")
    keys = {
        *figures("sus", file(SUS)),
        *figures("kano", file(KANO)),
        *figures("kano", file(KANO))["features"][0],
    }
    assert {key for key in keys if f"`{key}`" not in text} <= {"importance_sd", "importance_n"}


def test_every_method_of_the_statistics_is_documented():
    text = (DOCS / "statistics.md").read_text(encoding="utf-8")
    from sekisho.analysis import intervals

    functions = inspect.getmembers(intervals, inspect.isfunction)
    ours = [
        name for name, function in functions if function.__module__ == intervals.__name__ and name[0] != "_"
    ]
    helpers = {"z_of", "wilson_of_share", "newcombe_of_shares"}
    assert {name for name in ours if f"`{name}`" not in text} - helpers == set()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("t.txt", "Q A A A O\nR I I I M\nR I I I M\nR I I I M\nR R R R Q\n"),
        ("t.yaml", "table: [QAAAO, RIIIM, RIIIM, RIIIM, RRRRQ]\n"),
        ("t.yml", "ours:\n  rows: [QAAAO, RIIIM, RIIIM, RIIIM, RRRRQ]\n"),
        (
            "t.csv",
            ",気に入る,当然である,何とも感じない,仕方ない,気に入らない\n気に入る,Q,A,A,A,O\n当然である,R,I,I,I,M\n"
            "何とも感じない,R,I,I,I,M\n仕方ない,R,I,I,I,M\n気に入らない,R,R,R,R,Q\n",
        ),
        (
            "t.json",
            json.dumps(
                {
                    one: dict(zip(("like", "must-be", "neutral", "live with", "dislike"), row, strict=True))
                    for one, row in zip(
                        ("dislike", "live with", "neutral", "must-be", "like"),
                        ("RRRRQ", "RIIIM", "RIIIM", "RIIIM", "QAAAO"),
                        strict=True,
                    )
                }
            ),
        ),
    ],
)
def test_an_evaluation_table_is_read_however_it_lies_in_the_file(file, name, table):
    answers = file("F1,D1\n1,5\n1,3\n2,5\n3,3\n5,1\n1,1\n", "answers.csv")
    encoding = "cp932" if name.endswith(".csv") else "utf-8"
    counts = figures("kano", answers, "--table", file(table, name, encoding))["features"][0]["counts"]
    assert counts == dict.fromkeys("MOAIRQ", 1)


@pytest.mark.parametrize(
    "headings",
    [
        "F1（通知）,D1（通知）",
        "Pos1,Neg1",
        "[F1],[D1]",
        "Kano_F1,Kano_D1",
        "機能的質問1,逆機能的質問1",
        "Ｆ１,Ｄ１",
    ],
)
def test_kano_columns_are_known_by_what_tools_call_them(file, headings):
    (feature,) = figures("kano", file(f"{headings}\n1,5\n"))["features"]
    assert (feature["counts"]["O"], feature["feature"]) in {(1, "1"), (1, "通知")}


@pytest.mark.parametrize(
    ("command", "text"),
    [("sus", "4,2,4,1,5,2,4,2,4,2\n5,1,5,1,5,1,5,1,5,1\n"), ("kano", "1,5,1,3\n1,5,3,5\n")],
)
def test_answers_without_headings_are_refused_with_the_mend(file, command, text):
    result = run(command, file(text), "--lang", "ja")
    assert result.exit_code == 1
    assert "1行目" in result.stderr
    assert "見出し" in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "label,value\n5,15\n4,25\n3,30\n2,20\n1,10\n",
        "★1,★2,★3,★4,★5\n10,20,30,25,15\n",
        "区分,件数\n大いに不満である,10\nやや不満である,20\n普通である,30\nやや満足である,25\n大いに満足である,15\n計,100\n",
    ],
)
def test_counts_are_known_whatever_stands_over_them(file, text):
    found = figures("csat", file(text))
    assert list(found["counts"].values()) == [10, 20, 30, 25, 15]


def test_shares_without_their_number_of_answers_are_no_counts(file):
    result = run("csat", file("1,2,3,4,5\n18%,36%,36%,8%,2%\n"), "--lang", "en")
    assert result.exit_code == 1
    assert "Add a column “n”" in result.stderr
