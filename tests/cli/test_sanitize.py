"""``sekisho sanitize`` with the standard streams."""

import os

from click.testing import CliRunner

from sekisho.cli.sanitize import sanitize


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


def test_a_pipe_or_device_given_by_name_is_refused_at_once(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    names = [str(tmp_path / "pipe.txt"), "/dev/zero"]
    result = CliRunner().invoke(sanitize, [*names, "-o", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert result.stdout.count("input.not_a_file") == 2
