"""Text, tables and JSON through the whole passage."""

import pytest

from sekisho.sanitizer import Policy, sanitize


def clean(data: bytes, name: str, policy: str = "inbound") -> bytes:
    result = sanitize(data, policy, name=name)
    assert result.is_clean, result.report.refusal
    assert result.output is not None
    return result.output


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|'/c calc'!A1", "@SUM(A1)", "＝1+1", "-2+3+cmd", " =1", '"=1"', "\t=1"]
)
def test_it_marks_cells_that_would_run(cell: str) -> None:
    output = clean(f"名,{cell}\n".encode(), "a.csv").decode("utf-8-sig")
    assert "'" in output
    assert f",{cell}" not in output


@pytest.mark.parametrize(
    "number", ["-5", "+3.5", "-1", "－３", "-12%", "-1e3", "-", "－", '"-1,234"', '"+1,234,567"']
)
def test_it_leaves_negative_numbers(number: str) -> None:
    assert clean(f"a,{number}\n".encode(), "a.csv").decode("utf-8-sig") == f"a,{number}\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "euc_jp", "iso2022_jp"])
def test_it_reads_what_offices_send_and_writes_utf8(encoding: str) -> None:
    assert clean("庁舎の一覧\r\n表示\n".encode(encoding), "a.txt").decode("utf-8") == "庁舎の一覧\n表示\n"


def test_it_strips_what_misleads_people_and_terminals() -> None:
    data = "a\x00b\x1b[31mred\x1b]0;title\x07 \u202egpj.exe\u2066x".encode()
    result = sanitize(data, name="a.txt")
    assert result.output == b"abred gpj.exex"
    assert {removal.code for removal in result.report.removed} == {"text.control", "text.direction"}


def test_it_warns_of_personal_numbers_on_the_way_out() -> None:
    text = "番号 123456789018、電話 03-1234-5678、連絡先 a.b@example.lg.jp\n"
    result = sanitize(text.encode(), Policy.named("outbound"), name="a.txt")
    warned = {removal.code for removal in result.report.removed if removal.action == "warned"}
    assert warned == {"personal.my_number", "personal.phone", "personal.mail"}
    assert not sanitize(text.encode(), name="a.txt").report.removed


def test_it_writes_json_anew() -> None:
    assert clean(b'{"a": 1, "a": 2}', "a.json") == b'{\n  "a": 2\n}\n'
    assert sanitize(b'{"a": ', name="a.json").report.refusal == "input.broken"


def test_markdown_keeps_its_words_its_links_and_its_code() -> None:
    text = "# 議事録\n\n- [案](https://example.jp/a) <https://example.jp/> <a@example.jp> [次](b.md#c) 1 < 2\n\n```html\n<b>x</b> ![x](y)\n```\n"
    result = sanitize(text.encode(), name="a.md")
    assert (result.output or b"").decode() == text
    assert result.report.removed == ()


def test_json_of_one_object_a_line_stays_so() -> None:
    assert (
        clean('{"a": "値"}\n\n{"b":[1,2]}\n'.encode(), "a.jsonl") == '{"a": "値"}\n{"b": [1, 2]}\n'.encode()
    )
    for broken in (b'{"a": 1}\n{"b": \n', b'{"a": 1} x\n'):
        assert sanitize(broken, name="a.json").report.refusal == "input.broken"
