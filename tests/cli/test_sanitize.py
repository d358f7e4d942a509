"""``sekisho sanitize`` with the standard streams."""

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
