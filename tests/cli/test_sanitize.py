"""``sekisho sanitize`` with the standard streams."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import sekisho.cli.sanitize as command
from sekisho.cli.sanitize import sanitize
from tests.sanitizer.encrypting import zipcrypto_zip
from tests.sanitizer.passing import zipped


def test_a_dash_alone_reads_standard_input_and_writes_standard_output() -> None:
    result = CliRunner().invoke(sanitize, ["-", "--name", "a.csv"], input="a,b\n=1,2\n".encode("cp932"))
    assert result.exit_code == 0
    assert "clean" in result.stderr
    assert "'=1" in result.stdout_bytes.decode("utf-8")
    assert "clean" not in result.stdout


def test_nothing_is_written_to_standard_output_for_a_file_that_is_refused() -> None:
    result = CliRunner().invoke(sanitize, ["-"], input=b"MZ\x90\x00" + bytes(200))
    assert (result.exit_code, result.stdout_bytes) == (1, b"")


def test_files_by_name_need_a_folder() -> None:
    assert CliRunner().invoke(sanitize, ["a.docx"]).exit_code == 2


def test_names_that_command_a_terminal_are_spelled_out(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a\x1b[31m\n\u202eb.txt").write_text("words")
    result = CliRunner().invoke(sanitize, [str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--recursive"])
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert r"a\x1b[31m\n\u202eb.txt" in line


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("舗装計画.txt".encode("cp932"), "舗装計画.txt"),
        ("ファイル.txt".encode("euc_jp"), "ファイル.txt"),
        (b"a\x81.txt", "a\ufffd.txt"),
    ],
)
def test_names_on_shares_of_old_are_read_as_they_were_meant(tmp_path, raw: bytes, name: str) -> None:
    (tmp_path / os.fsdecode(raw)).write_text("words")
    arguments = [str(tmp_path / os.fsdecode(raw)), "-o", str(tmp_path / "out")]
    assert CliRunner().invoke(sanitize, arguments).exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


def test_a_pipe_or_device_given_by_name_is_refused_at_once(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    names = [str(tmp_path / "pipe.txt"), "/dev/zero"]
    result = CliRunner().invoke(sanitize, [*names, "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.stdout.count("input.not_a_file") == 2


def test_no_source_is_overwritten_by_the_result_of_another(tmp_path) -> None:
    (tmp_path / "d.bin").write_text("first")
    (tmp_path / "d.txt").write_text("second")
    names = [str(tmp_path / name) for name in ("d.bin", "d.txt")]
    assert CliRunner().invoke(sanitize, [*names, "-o", str(tmp_path)]).exit_code == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "d.bin": "first", "d.txt": "second", "d (2).txt": "first", "d (3).txt": "second",
    }  # fmt: skip


def test_a_link_in_the_place_of_a_result_leads_nowhere_else(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").symlink_to(tmp_path / "kept")
    assert CliRunner().invoke(sanitize, [str(tmp_path / "a.txt"), "-o", str(tmp_path / "out")]).exit_code == 0
    assert (tmp_path / "kept").read_text() == "kept"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]


def test_links_in_a_folder_are_said_to_be_skipped_and_its_results_are_no_sources(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "b.txt").symlink_to("a.txt")
    (tmp_path / "c").symlink_to("/etc")
    arguments = [str(tmp_path), "-o", str(tmp_path / "out"), "--recursive", "--lang", "ja"]
    for _time in range(2):
        result = CliRunner().invoke(sanitize, arguments)
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) == 1
        assert result.stderr.count("リンク") == 2


def test_places_that_cannot_be_written_are_said_before_the_work_and_are_no_refusal(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    source = str(tmp_path / "a.txt")
    for wrong in (["-o", f"{source}/x"], ["-o", str(tmp_path / "o"), "--report", f"{tmp_path}/no/r.json"]):
        result = CliRunner().invoke(sanitize, [source, *wrong])
        assert (result.exit_code, result.stdout) == (2, "")
    assert CliRunner().invoke(sanitize, ["-", "--report", "-"], input=b"x").exit_code == 2


def test_passwords_are_read_as_editors_save_them_one_a_line(tmp_path) -> None:
    (tmp_path / "a.zip").write_bytes(zipcrypto_zip("ひみつ".encode("cp932"), {"a.txt": b"words"}))
    for saved in ("ひみつ\r\n".encode("cp932"), "\ufeffほか\nひみつ\n".encode(), "ひみつ".encode("utf-16")):
        (tmp_path / "p").write_bytes(saved)
        arguments = [
            str(tmp_path / "a.zip"),
            "-o",
            str(tmp_path / "o"),
            "--password-file",
            str(tmp_path / "p"),
        ]
        assert CliRunner().invoke(sanitize, arguments).exit_code == 0, saved
    (tmp_path / "p").write_bytes(b"\n")
    assert CliRunner().invoke(sanitize, arguments).exit_code == 2


def test_a_file_that_cannot_be_identified_does_not_hide_the_others(tmp_path) -> None:
    os.mkfifo(tmp_path / "a")
    (tmp_path / "b.txt").write_text("words")
    result = CliRunner().invoke(sanitize, ["--identify", "--recursive", str(tmp_path)])
    assert result.exit_code == 2
    assert "\ttxt\t" in result.stdout


def test_misuse_is_said_in_japanese_where_that_is_asked_for() -> None:
    assert "指定してください" in CliRunner().invoke(sanitize, ["a.docx", "--lang", "ja"]).stderr


def test_the_line_of_a_refused_archive_says_which_file_within_was_the_cause(tmp_path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(**{"内/b__zip": zipped(**{"道具__exe": b"MZ" + bytes(60)})}))
    for policy in ("inbound", "inbound-strict"):
        arguments = [str(tmp_path / "a.zip"), "-o", str(tmp_path), "--policy", policy, "--lang", "ja"]
        (line,) = CliRunner().invoke(sanitize, arguments).stdout.splitlines()
        assert "b.zip: " in line
        assert "道具.exe: Windowsプログラムは実行できる種類のため受け付けません" in line


def test_a_code_is_explained_and_nothing_is_said_twice() -> None:
    plain = CliRunner().invoke(sanitize, ["--explain", "pdf.link_left_out"]).output.splitlines()
    explained = CliRunner().invoke(sanitize, ["--explain", "text.undecodable"]).output.splitlines()
    assert (plain[0], len(plain)) == ("pdf.link_left_out", 2)
    assert (explained[0], len(explained)) == ("text.undecodable", 3)
    assert CliRunner().invoke(sanitize, ["--explain", "no.such"]).exit_code == 2


def test_a_link_that_leads_round_in_a_ring_is_a_file_that_cannot_be_read(tmp_path) -> None:
    (tmp_path / "ring.txt").symlink_to(tmp_path / "ring.txt")
    result = CliRunner().invoke(sanitize, [str(tmp_path / "ring.txt"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "input.unreadable" in result.stdout


def test_the_report_is_written_over_no_source_and_no_result(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    out = tmp_path / "out"
    over_source = CliRunner().invoke(
        sanitize, [str(tmp_path / "a.txt"), "-o", str(out), "--report", str(tmp_path / "a.txt")]
    )
    assert (over_source.exit_code, (tmp_path / "a.txt").read_text()) == (2, "words")
    over_result = CliRunner().invoke(
        sanitize, [str(tmp_path / "a.txt"), "-o", str(out), "--report", str(out / "a.txt")]
    )
    assert over_result.exit_code == 0
    assert (out / "a (2).txt").read_text() == "words"
    assert json.loads((out / "a.txt").read_text())["files"][0]["status"] == "clean"


def test_passwords_are_not_read_from_what_has_no_end(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    arguments = [str(tmp_path / "a.txt"), "-o", str(tmp_path / "out"), "--password-file", "/dev/zero"]
    assert CliRunner().invoke(sanitize, arguments).exit_code == 2


def test_a_file_keeps_its_name_where_another_becomes_its_type(tmp_path) -> None:
    (tmp_path / "d.bin").write_text("renamed")
    (tmp_path / "d.txt").write_text("kept")
    out = tmp_path / "out"
    names = [str(tmp_path / name) for name in ("d.bin", "d.txt")]
    assert CliRunner().invoke(sanitize, [*names, "-o", str(out)]).exit_code == 0
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "d.txt": "kept", "d (2).txt": "renamed",
    }  # fmt: skip


def test_a_report_on_standard_output_stands_there_alone(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("words")
    arguments = [str(tmp_path / "a.txt"), "-o", str(tmp_path / "out"), "--report", "-"]
    result = CliRunner().invoke(sanitize, arguments)
    assert json.loads(result.stdout)["files"][0]["status"] == "clean"
    assert result.stderr.startswith("1/1\tclean")


def test_who_interrupts_the_run_keeps_the_report_of_what_is_done(tmp_path, monkeypatch) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("words")

    def stop_at_the_second(source, *rest, **more):
        if source.name == "b.txt":
            raise KeyboardInterrupt
        return passage(source, *rest, **more)

    passage = command.sanitize_file
    monkeypatch.setattr(command, "sanitize_file", stop_at_the_second)
    report = tmp_path / "r.json"
    arguments = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "-o", str(tmp_path / "out")]
    assert CliRunner().invoke(sanitize, [*arguments, "--report", str(report)]).exit_code == 1
    assert [file["input"]["name"] for file in json.loads(report.read_text())["files"]] == ["a.txt"]


def test_new_files_are_not_held_in_memory_until_their_turn_comes(tmp_path, monkeypatch) -> None:
    names = [f"{number}.txt" for number in range(4)]
    for name in names:
        (tmp_path / name).write_text(name)
    results = []

    def noted(*arguments, **more):
        results.append(passage(*arguments, **more))
        return results[-1]

    passage = command.sanitize_file
    monkeypatch.setattr(command, "sanitize_file", noted)
    sources = [str(tmp_path / name) for name in names]
    assert CliRunner().invoke(sanitize, [*sources, "-o", str(tmp_path / "out"), "--jobs", "2"]).exit_code == 0
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {
        name: name for name in names
    }
    assert [result.output for result in results] == [b""] * 4


def test_what_is_only_warned_of_does_not_count_as_removed(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("電話 03-1234-5678\n")
    arguments = [str(tmp_path / "a.txt"), "-o", str(tmp_path / "out"), "--policy", "outbound", "--lang", "ja"]
    assert CliRunner().invoke(sanitize, arguments).stdout.endswith("\t除去なし、注意1件\n")


@pytest.mark.parametrize(
    ("command", "ja", "en"),
    [
        (["sanitize", "--help"], "安全なファイルを置くフォルダー", "Folder for the clean files"),
        (["verify", "--help"], "きれいなファイルの決まり", "the grammar of clean files"),
        (["policy", "check", "--help"], "問題をすべて場所とともに", "Every problem is named"),
        (["doctor"], "種類の照合", "cross-check of types"),
    ],
)
def test_it_speaks_the_language_of_the_terminal(command: list[str], ja: str, en: str, tmp_path: Path) -> None:
    for locale, said in (("ja_JP.UTF-8", ja), ("en_GB.UTF-8", en)):
        environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "1", "SEKISHO_DATA_DIR": str(tmp_path)}
        ran = subprocess.run(
            [sys.executable, "-m", "sekisho", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said in " ".join(ran.stdout.split())
