"""Text whose fields or end are filled with NUL, as old systems and files that were never closed leave it."""

import pytest

from sekisho.sanitizer import sanitize

from .passing import clean, codes


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_fields_filled_up_with_nul_keep_their_columns(encoding: str) -> None:
    rows = (("山田太郎", "新宿区"), ("鈴木", "港区"))
    data = b"".join(
        b"".join(said.encode(encoding).ljust(12, b"\0") for said in row) + b"\r\n" for row in rows
    )
    output, result = clean(data, "a.txt")
    width = 12 - len("鈴木".encode(encoding))
    assert output.decode().splitlines()[1] == f"鈴木{' ' * width}港区"
    assert "text.control" in codes(result)


def test_a_text_that_was_never_closed_loses_the_nul_behind_it() -> None:
    output, _result = clean("氏名,住所\r\n".encode("cp932") * 20 + bytes(4096), "a.csv")
    assert output.decode("utf-8-sig") == "氏名,住所\r\n" * 20


@pytest.mark.parametrize("data", [bytes(400), b"\0\x01\x02words" * 40, b"a\0\0\0\x7f\x08\0" * 90])
def test_what_holds_more_than_text_and_nul_is_no_text(data: bytes) -> None:
    assert sanitize(data, name="a.txt").report.refusal in {"text.undecodable", "type.unknown"}


def test_no_formula_hides_behind_what_fills_a_field() -> None:
    output, result = clean(b"a,\0\0\0=1+1,\0\0\0\0\0\0\n" * 9, "a.csv")
    assert b",'   =1+1," in output
    assert "text.formula" in codes(result)
