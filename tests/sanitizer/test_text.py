"""Text, tables and JSON through the whole passage."""

import time
from dataclasses import replace

import pytest

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.words import explain

from .passing import clean as passed


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
    "number",
    ["-5", "+3.5", "-1", "－３", "-12%", "-1e3", "-", "－", '"-1,234"', '"+1,234,567"', "－１，２３４"],
)
def test_it_leaves_negative_numbers(number: str) -> None:
    assert clean(f"a,{number}\n".encode(), "a.csv").decode("utf-8-sig") == f"a,{number}\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "euc_jp", "iso2022_jp"])
def test_it_reads_what_offices_send_and_writes_utf8(encoding: str) -> None:
    assert clean("庁舎の一覧\r\n表示\n".encode(encoding), "a.txt").decode("utf-8") == "庁舎の一覧\n表示\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        '番号,氏名,金額\r\n1,山田　太郎,"1,200"\r\n',
        "id,name\n1,Sato\n",
        "長い文章が続く。" * 9000 + "\n",
        "一　一\n三　三\n",
    ],
)
def test_it_reads_utf16_without_a_mark(encoding: str, text: str) -> None:
    output, result = passed(text.encode(encoding), "台帳.csv")
    assert output.decode("utf-8-sig").replace("\r\n", "\n") == text.replace("\r\n", "\n")
    changed = [removal for removal in result.report.removed if removal.code == "text.reencoded"]
    assert [removal.detail for removal in changed] == [encoding]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_formulas_hide_in_no_encoding(encoding: str) -> None:
    output = clean("名,=cmd|'/c calc'!A1\n".encode(encoding), "a.csv").decode("utf-8-sig")
    assert ",=" not in output
    page = "<html><body><script>alert(1)</script><p>本文</p></body></html>\n".encode(encoding)
    assert b"script" not in clean(page, "a.html")
    assert sanitize("@echo off\r\ndel x\r\n".encode(encoding), name="a").report.refusal == "type.dangerous"


@pytest.mark.parametrize(
    "data",
    [
        "壊れた\n".encode("utf-16-le") * 20 + b"\x00",  # half a character at the end
        "壊れた\n".encode("utf-16-le") * 20 + b"\x00\xd8\n\x00",  # half a pair
        "前\n".encode("utf-16-le") * 20 + "後\n".encode("utf-16-be") * 20,
        bytes(range(256)) * 8,
    ],
)
def test_what_is_in_no_encoding_is_told_how_to_be_saved(data: bytes) -> None:
    result = sanitize(data, name="a.csv")
    assert result.report.refusal == "text.undecodable"
    assert "UTF-8" in explain("text.undecodable").why["ja"]


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
    assert {removal.count for removal in result.report.removed} == {1}
    assert not sanitize(text.encode(), name="a.txt").report.removed


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("123456789018 123456789018", {"my_number"}),
        ("123456789018.", {"my_number"}),
        ("12 1234-5678-9018", {"my_number"}),
        ("1234 5678 9018 1234 5678 9018", {"my_number"}),
        ("0.123456789018 123456789018.5 1 2 3 4 5 6 7 8 9 10 11 12", set()),
        ("4111 1111 1111 1111", {"card"}),
        ("基礎年金番号 1234-567890", {"identifier"}),
        ("旅券番号：ＴＫ１２３４５６７", {"identifier"}),
        ("運転免許証の番号は第123456789012号", {"identifier"}),
        ("マイナンバー：111122223334", {"identifier"}),
        ("予算 123456789012円", set()),
    ],
)
def test_it_finds_numbers_as_people_write_them(text: str, kinds: set[str]) -> None:
    result = sanitize(text.encode(), Policy.named("outbound"), name="a.txt")
    warned = {removal.code for removal in result.report.removed if removal.action == "warned"}
    assert warned == {f"personal.{kind}" for kind in kinds}


def test_it_writes_json_anew() -> None:
    assert clean(b'{"a": 1, "a": 2}', "a.json") == b'{\n  "a": 2\n}\n'
    assert sanitize(b'{"a": ', name="a.json").report.refusal == "input.broken"


def test_a_brace_before_one_that_is_undone_is_judged_by_all_that_it_then_holds() -> None:
    source = b"it is { let a; try { data = 1 } and { b }\n"
    assert clean(source, "a.md") == b"it is &#123; let a; try &#123; data = 1 } and { b }\n"


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.json", '{"a": 1, "\\u0061": 2, "b": [{"c": 1, "c": 2, "c": 3}]}', 3),
        ("a.jsonl", '{"a": 1, "a": 2}\n{"a": 1}\n', 1),
        ("a.json", '[{"a": 1}, {"a": 1}]', 0),
    ],
)
def test_it_tells_of_entries_of_json_that_gave_way_to_others(name: str, text: str, count: int) -> None:
    removed = sanitize(text.encode(), name=name).report.removed
    assert sum(removal.count for removal in removed if removal.code == "text.double_key") == count


@pytest.mark.parametrize(
    "number", ["1.10", "35.68944000", "0.10000000000000000001", "1e400", "-1E5", "2.0", "0.1"]
)
def test_json_keeps_its_numbers_as_they_are_spelled(number: str) -> None:
    assert clean(f'{{"a": {number}, "b": [{number}]}}'.encode(), "a.json").decode().count(number) == 2
    assert clean(f'{{"a": {number}}}\n{{"b": {number}}}\n'.encode(), "a.jsonl").decode().count(number) == 2


def test_json_keeps_what_its_strings_show_without_what_they_hide() -> None:
    hidden = "\\u202e\\u2028\\u0000\\u001b\\b\\ud800\\u007f\\udb40\\udc41"
    result = sanitize(f'{{"あ{hidden}": "い{hidden}\\n\\t\\\\u0041 \\ud83d\\ude00"}}'.encode(), name="a.json")
    assert (result.output or b"").decode() == '{\n  "あ": "い\\n\\t\\\\u0041 😀"\n}\n'
    assert {(removal.code, removal.count) for removal in result.report.removed} == {
        ("text.direction", 2), ("text.control", 14),
    }  # fmt: skip
    assert clean(result.output or b"", "a.json") == result.output


def test_json_too_deep_to_be_read_says_so() -> None:
    assert sanitize(b"[" * 50_000 + b"]" * 50_000, name="a.json").report.refusal == "limit.nesting"


def test_a_cell_may_be_as_long_as_databases_write_them() -> None:
    long = "あ" * 300_000
    assert clean(f'a,"{long}"\n'.encode(), "a.csv").decode("utf-8-sig") == f"a,{long}\r\n"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("<pre>\n\nblank line first</pre>", "<pre>\n\nblank line first</pre>"),
        ("<pre>\nno blank line</pre>", "<pre>no blank line</pre>"),
        ('<p style="color:red;width:a<b">x</p>', '<p style="color:red">x</p>'),
        ("""<p style="color:red;font-family:'a;b'">x</p>""", '<p style="color:red">x</p>'),
        ('<p style="color:red;width:fontcalc(1px)">x</p>', '<p style="color:red">x</p>'),
        (
            """<p style="font-family:'MS ゴシック'">x</p>""",
            '<p style="font-family:&quot;MS ゴシック&quot;">x</p>',
        ),
    ],
)
def test_a_page_keeps_its_lines_and_plain_styles(written: str, kept: str) -> None:
    page = clean(f"<!doctype html>{written}".encode(), "a.html").decode()
    assert page.partition("<body>\n")[2].removesuffix("\n</body>\n</html>\n") == kept
    assert clean(page.encode(), "a.html").decode() == page


def test_markdown_keeps_its_words_its_links_and_its_code() -> None:
    text = "# 議事録\n\n- [案](https://example.jp/a) <https://example.jp/> <a@example.jp> [次](b.md#c) 1 < 2\n\n```html\n<b>x</b> ![x](y)\n```\n"
    result = sanitize(text.encode(), name="a.md")
    assert (result.output or b"").decode() == text
    assert result.report.removed == ()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("The block { try { data = 1 } } ends.\n", "The block &#123; try &#123; data = 1 } } ends.\n"),
        ("[a{](javascript:}) onclick=b\n", "[a&#123;](#) onclick=b\n"),
        ("{ a } { data = 1 }\n", "{ a } &#123; data = 1 }\n"),
    ],
)
def test_markdown_gives_no_attributes_however_braces_and_links_are_nested(written: str, kept: str) -> None:
    assert clean(written.encode(), "a.md").decode() == kept


def test_markdown_loses_a_link_whole_whatever_brackets_its_address_has() -> None:
    text = "[a](javascript:a(b(c))d) 後 [b](vbscript:x\\)y) 後 [c](https://ok.jp/(z)) 後\n\n[d]: javascript:e(1)\n[f]: https://ok.jp/(g)\n"
    expected = "[a](#) 後 [b](#) 後 [c](https://ok.jp/(z)) 後\n\n[d]: #\n[f]: https://ok.jp/(g)\n"
    assert clean(text.encode(), "a.md") == expected.encode()


@pytest.mark.parametrize("piece", ["](", "[x](", "[x](https://a", "]: a"])
def test_links_within_links_without_end_are_gone_through_in_time(piece: str) -> None:
    started = time.monotonic()
    result = sanitize((piece * 60_000).encode(), name="a.md")
    assert result.is_clean
    assert time.monotonic() - started < 20


_EUC = [
    "会議",
    "議事録",
    "予算書（案）",
    "山本太郎",
    "これはテストです。",
    "東京都港区\n担当：総務課\n",
    "a,b\n件名,回答\n",
    "令和8年度 予算の概要",
    "お知らせ",
]
_CP932 = [
    "ﾀﾛｳ",
    "ｼｽﾃﾑ",
    "ﾔﾏﾀﾞ",
    "ｼｽﾃﾑｶｲﾊﾂ",
    "ｶﾌﾞｼｷｶﾞｲｼｬ",
    "ﾐﾅﾄｸ ｼﾊﾞｺｳｴﾝ",
    "ｱｲｳｴｵｶｷｸ",
    "会議",
    "山本太郎",
    "①㈱髙﨑",
    "これはテストです。",
    "ﾃﾞｰﾀ,ｺｰﾄﾞ\n",
]


@pytest.mark.parametrize("text", _EUC)
def test_short_texts_of_euc_jp_are_read_as_such(text: str) -> None:
    assert clean(text.encode("euc_jp"), "a.txt").decode() == text


def test_euc_jp_with_the_signs_of_vendors_is_read() -> None:
    assert clean("第①号議案について".encode("euc_jis_2004"), "a.txt").decode() == "第①号議案について"


@pytest.mark.parametrize("text", _CP932)
def test_texts_of_windows_are_still_read_as_such(text: str) -> None:
    assert clean(text.encode("cp932"), "a.txt").decode() == text


def test_json_of_one_object_a_line_stays_so() -> None:
    assert (
        clean('{"a": "値"}\n\n{"b":[1,2]}\n'.encode(), "a.jsonl") == '{"a": "値"}\n{"b": [1, 2]}\n'.encode()
    )
    for broken in (b'{"a": 1}\n{"b": \n', b'{"a": 1} x\n'):
        assert sanitize(broken, name="a.json").report.refusal == "input.broken"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xml", b"<a>" + b"<!--x-->yyy" * 150_000 + b"</a>"),
        ("a.xml", b"<a>" + b"<script/>z" * 150_000 + b"</a>"),
        ("a.json", b"[" + b",".join([b"[" * 500 + b"]" * 500] * 1_000) + b"]"),
        ("a.md", b"# a\n\n" + b"`" * 1_000_000),
        ("a.md", b"# a\n\n" + b"[a]:\n" * 200_000),
        ("a.md", b"# a\n\n" + b">" * 1_000_000),
        ("a.xml", b"<a " + b" ".join(b"a%d='1'" % number for number in range(100_000)) + b"/>"),
    ],
    ids=[
        "comments",
        "scripts",
        "nested lists",
        "one long fence",
        "links without an address",
        "quotations",
        "attributes",
    ],
)
def test_no_shape_of_a_text_takes_long(name: str, data: bytes) -> None:
    policy = replace(Policy.named("inbound"), limits=replace(Policy.named("inbound").limits, seconds=20))
    report = sanitize(data, policy, name=name).report
    assert report.refusal in {"", "limit.attributes"}
    assert not report.output or report.output.size < 4 * len(data)


@pytest.mark.parametrize("value", ['"言葉"', "42", "true", "null"])
def test_a_value_alone_is_json_too(value: str) -> None:
    assert clean(value.encode(), "a.json").decode() == f"{value}\n"


def test_what_is_named_json_and_is_none_is_called_broken() -> None:
    refused = sanitize(b"// a comment\n{}", name="a.json").report
    assert (refused.refusal, refused.refusal_params) == ("input.broken", {"type": "json"})


@pytest.mark.parametrize(
    ("encoding", "stray"), [("utf-8", b"\xff"), ("cp932", b"\x81 "), ("euc_jp", b"\xff")]
)
def test_a_text_with_a_damaged_character_loses_that_one(encoding: str, stray: bytes) -> None:
    lines = [f"申請書の{number}行目です。\n".encode(encoding) for number in range(200)]
    lines[120] = stray + lines[120]
    result = sanitize(b"".join(lines), name="a.txt")
    assert result.output is not None
    text = result.output.decode()
    assert text.count("\ufffd") == 1
    assert "申請書の199行目です。" in text
    (lost,) = (removal for removal in result.report.removed if removal.code == "text.damaged")
    assert (lost.action, lost.where) == ("lost", {"line": 121})


@pytest.mark.parametrize(
    "words",
    ["Café à la crème, „naïve“ – 5 €", "é latin", "Größe und Übermaß für alle", "Año nuevo, ¿qué tal?"],
)
def test_western_words_of_windows_are_read(words: str) -> None:
    assert clean((words + "\r\n").encode("cp1252"), "a.txt").decode() == words + "\n"


def test_what_parts_pages_keeps_words_apart() -> None:
    assert clean(b"page one\x0cpage two\x0b\n\x0cend", "a.txt") == b"page one page two\nend"
