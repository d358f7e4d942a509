"""Web pages and XML."""

import io
import resource

import lxml.html
import pytest

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats.html_shape import require_a_page
from sekisho.sanitizer.formats.markup import visible_text
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.markups import html_complaint

from .passing import clean, codes


def test_a_document_of_another_program_as_xml_comes_as_its_words_alone() -> None:
    source = b"<w:a xmlns:w='http://www.w3.org/1999/XSL/Transform'>words<!-- hidden --><?pi hidden ?></w:a>"
    output, result = clean(source, "a.xml")
    assert (output, result.method) == (b"words\n", "text")
    assert codes(result) == {"xml.markup", "type.renamed"}


@pytest.mark.parametrize(
    ("fragment", "marker"),
    [
        ("<script>MARKER</script>", "MARKER"),
        ("<img src=x onerror=MARKER>", "MARKER"),
        ("<iframe srcdoc='MARKER'></iframe>", "MARKER"),
        ("<a href='javascript:MARKER'>x</a>", "MARKER"),
        ("<a href='file://127.0.0.1/MARKER'>x</a>", "MARKER"),
        ("<a href='ms-word:ofe|u|http://127.0.0.1/'>x</a>", "ms-word"),
        ("<img src='http://127.0.0.1/a.png'>", "127.0.0.1"),
        ("<form action='http://127.0.0.1/'><input name=a></form>", "127.0.0.1"),
        ("<meta http-equiv=refresh content='0;url=http://127.0.0.1/'>", "127.0.0.1"),
        ("<base href='http://127.0.0.1/'>", "127.0.0.1"),
        ("<link rel=stylesheet href='http://127.0.0.1/a.css'>", "127.0.0.1"),
        ("<style>@import 'http://127.0.0.1/a.css';</style>", "127.0.0.1"),
        ("<p style=\"background-color:url('http://127.0.0.1/')\">x</p>", "127.0.0.1"),
        ("<object data='http://127.0.0.1/'></object>", "127.0.0.1"),
        ("<embed src='http://127.0.0.1/'>", "127.0.0.1"),
        ("<svg><script>MARKER</script></svg>", "MARKER"),
        ("<math><mtext><style><img src=x onerror=MARKER></style></mtext></math>", "onerror"),
        ("<video poster='http://127.0.0.1/'></video>", "127.0.0.1"),
        ("<table background='http://127.0.0.1/'><tr><td>x</table>", "127.0.0.1"),
        ("<!--[if mso]><script>MARKER</script><![endif]-->", "MARKER"),
        ("<img srcset='http://127.0.0.1/ 2x' alt=x>", "127.0.0.1"),
        ("<a href='&#106;avascript:MARKER'>x</a>", "MARKER"),
        ("<ScRiPt>MARKER</sCrIpT>", "MARKER"),
        ("<a href='https:MARKER'>x</a>", "MARKER"),
        ("<a href='http:/\u3000MARKER'>x</a>", "MARKER"),
        ("<a href='https:///'>MARK</a>", "///"),
    ],
)
def test_pages_keep_words_and_lose_what_acts(fragment: str, marker: str) -> None:
    page = f"<html><body><h1>庁舎</h1>{fragment}<p><a href='https://www.example.lg.jp/'>案内</a></p></body></html>"
    output, result = clean(page.encode(), "a.html")
    assert result.method == "rebuilt"
    assert marker.encode() not in output
    for kept in ("庁舎", "案内", "https://www.example.lg.jp/"):
        assert kept in output.decode()


def test_the_words_of_a_page_stand_as_they_are_read() -> None:
    page = "<table><tr><td>令和<b>五</b>年<td>計画</table><p>関<ruby>所<rt>しょ</rt></ruby><br>次"
    output, result = clean(
        page.encode(), "a.html", Policy.from_dict({"name": "w", "methods": {"markup": "text"}})
    )
    assert (output.decode(), result.method) == ("令和五年\t計画\n関所しょ\n次\n", "text")


@pytest.mark.parametrize(
    "page",
    ["<script>x</script>", "<p onclick='x'>", "<a href='javascript:x'>", "<img src='http://127.0.0.1/'>", "<!-- x -->",
     "<form></form>", "<?php x ?>", "<p style='x:url(a)'>"],
)  # fmt: skip
def test_the_reader_of_pages_dislikes(page: str) -> None:
    complaint = find_complaint(io.BytesIO(page.encode()), "html")
    assert complaint is not None
    assert complaint.code == "markup.structure"


def test_xml_loses_instructions_comments_and_active_namespaces() -> None:
    data = (
        b'<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1/a.xsl"?><a><!-- c --><b>words</b>'
        b'<x:script xmlns:x="http://www.w3.org/1999/xhtml">MARKER</x:script> tail</a>'
    )
    output, _result = clean(data, "a.xml")
    assert b"words" in output
    assert b" tail" in output
    for gone in (b"127.0.0.1", b"MARKER", b"<!--", b"xml-stylesheet"):
        assert gone not in output


def test_xml_with_a_document_type_is_refused() -> None:
    data = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert sanitize(data, name="a.xml").report.refusal == "xml.dtd"


@pytest.mark.parametrize("start", ["<h1>計画</h1>", "<p class='a'>計画</p>", "<ul><li>計画</li></ul>"])
def test_a_page_without_its_head_is_a_page(start: str) -> None:
    output, _result = clean(f"{start}<script>MARKER</script>".encode(), "計画.html")
    assert "計画" in output.decode()
    assert b"MARKER" not in output


def test_xml_that_only_names_its_document_type_loses_the_line() -> None:
    data = b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/MARKER.dtd"><a>words</a>'
    output, result = clean(data, "a.xml")
    assert b"words" in output
    assert b"MARKER" not in output
    assert codes(result) == {"xml.doctype"}


def test_xml_in_an_encoding_of_old_keeps_japanese_names() -> None:
    data = "<?xml version='1.0' encoding='Shift_JIS'?><名簿><氏名>山田</氏名></名簿>".encode("cp932")
    output, result = clean(data, "a.xml")
    assert result.method == "rebuilt"
    assert "<氏名>山田</氏名>" in output.decode()


def test_a_page_that_is_xml_too_comes_out() -> None:
    data = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>題</title></head><body><p>本文</p></body></html>'
    output, _result = clean(data.encode(), "a.html")
    assert "<p>本文</p>" in output.decode()


def test_a_page_that_is_clean_passes_again_unchanged() -> None:
    page = "<!doctype html><html><head><meta charset=utf-8><title>題</title></head><body>\n\n<h1>見出し</h1>\n<p onclick=x>語\n</body></html>"
    first, _result = clean(page.encode(), "a.html")
    second, result = clean(first, "a.html")
    assert second == first
    assert not result.report.removed


def test_a_form_leaves_what_it_shows_as_words() -> None:
    page = (
        "<form action=http://127.0.0.1/><h1>申請書</h1>氏名 <input value=山本> <input type=hidden value=HIDDEN> <input type=checkbox checked>同意"
        " <input type=radio>保留 <select><option>甲<option selected>乙</select> <textarea>一行目\n二行目</textarea> <button>確認</button>"
        "<input type=submit value=送信></form><p>後</p>"
    )
    output, result = clean(page.encode(), "申請.html")
    shown = visible_text(lxml.html.document_fromstring(output.decode()))
    assert shown.split() == [
        "申請書",
        "氏名",
        "山本",
        "☑同意",
        "○保留",
        "乙",
        "一行目",
        "二行目",
        "確認送信",
        "後",
    ]
    assert "html.active" in codes(result)
    assert not any(word in output.decode() for word in ("HIDDEN", "<form", "<input", "127.0.0.1"))


def test_a_formula_in_a_page_is_left_as_words() -> None:
    formula = "<math><mi>E</mi><mo>=</mo><mi>m</mi><annotation encoding=tex>\\frac</annotation></math>"
    output, _result = clean(f"<p>式 {formula} である</p>".encode(), "式.html")
    assert "式 <span>E=m</span> である" in output.decode()


def test_places_within_a_page_stay_under_numbers_and_links_that_go_are_reported() -> None:
    page = '<a href="#第一">目次</a><h2 id="第一">第一</h2><a name="x">x</a><a href="#a b">y</a><p id="a b" name="q">z</p>'
    output, result = clean(page.encode(), "a.html")
    shown = output.decode()
    assert (
        '<a href="#place-1" rel="noopener noreferrer">目次</a><h2 id="place-1">第一</h2><a name="place-2"'
        in shown
    )
    assert "a b" not in shown
    assert "html.link" in codes(result)
    assert clean(output, "a.html")[0] == output
    for bad in ("javascript:x", "//127.0.0.1/", "page2.html", "ms-word:ofe|u|http://x"):
        output, result = clean(f'<p>字</p><a href="{bad}">x</a>'.encode(), "a.html")
        assert bad not in output.decode()
        assert "html.link" in codes(result)


MANY = 200_000
MONSTERS = {
    "nested blocks": "<div>" * MANY + "x" + "</div>" * MANY,
    "nested letters never ended": "<b>" * MANY + "x",
    "tables in cells": "<table><tr><td>" * (MANY // 3),
    "ends that close nothing": "<x><section></x>" * (MANY // 2),
    "letters begun again in every block": "<p>"
    + "".join(f"<font color={n}>" for n in range(300))
    + "<p>x" * MANY,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(MANY)) + ">x",
    "scripts of attributes": "<p " + " ".join(f"on{n}=1" for n in range(MANY)) + ">x",
    "nested in a drawing": "<svg>" * MANY,
    "behind a quote": "<p title=a'>" + "<div>" * MANY,
    "in what a list ignores": "<select><iframe><template>" + "<div>" * MANY,
}


@pytest.mark.parametrize("page", MONSTERS.values(), ids=MONSTERS.keys())
def test_a_page_that_would_stop_the_parsers_is_refused_before_they_see_it(page: str) -> None:
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    with pytest.raises(Refused) as refusal:
        require_a_page(f"<html><body>{page}")
    assert refusal.value.code in {"limit.nesting", "limit.attributes"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun < 3


def test_a_page_too_deep_is_refused_in_words() -> None:
    page = "<html><body>" + "<div>" * 5_000 + "x"
    report = sanitize(page.encode(), name="a.html").report
    assert report.refusal == "limit.nesting"
    assert "入れ子" in report.as_dict()["refusal"]["words"]["ja"]


@pytest.mark.parametrize(
    "page",
    [
        "<blockquote>" * 500 + "奥の言葉",
        "<p>" * 5_000 + "奥の言葉",
        "<ul>" + "<li>x" * 5_000 + "奥の言葉",
        "<table>" + "<tr><td>x<td><font color=red>y" * 3_000 + "奥の言葉</table>",
        "<font color=red><p>x" * 400 + "奥の言葉",
        "<a name=x>" * 3_000 + "奥の言葉",
        "<svg style='display:none'>" + "<path d='M0 0'/>" * 3_000 + "</svg>奥の言葉",
        "<script>" + "'<div>';" * 3_000 + "</script><!-- " + "<div>" * 3_000 + "-->奥の言葉",
        "<dl>"
        + "<dt>x<dd>y" * 3_000
        + "</dl><select>"
        + "<option>x" * 3_000
        + "</select>奥の言葉<input value=y>",
        "<div><span>x</div>" * 3_000 + "奥の言葉",
    ],
)
def test_pages_as_people_write_them_are_not_too_deep(page: str) -> None:
    output, _result = clean(f"<html><body>{page}".encode(), "a.html")
    assert "奥の言葉" in output.decode()


def test_the_reader_dislikes_pages_that_stop_programs() -> None:
    for page in ("<b>" * 10_000, "<p " + "title='' " * 1_000 + ">"):
        assert html_complaint(page.encode()) is not None


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("Shift_JIS", "cp932"),
        ("Windows-31J", "cp932"),
        ("x-sjis", "cp932"),
        ("EUC-JP", "euc_jis_2004"),
        ("UTF-8", "cp932"),
    ],
)
def test_xml_in_an_encoding_of_japan_keeps_the_signs_that_its_name_does_not_know(
    declared: str, codec: str
) -> None:
    data = (
        f"<?xml version='1.0' encoding='{declared}'?>\n<名簿><氏名 注='~\\'>①課の山田</氏名></名簿>".encode(
            codec
        )
    )
    result = sanitize(data, "inbound", name="a.xml")
    assert '<氏名 注="~\\">①課の山田</氏名>' in (result.output or b"").decode()


def test_xml_keeps_links_to_files_beside_it_and_may_begin_with_blanks() -> None:
    data = "\n <r xmlns:x='http://www.w3.org/1999/xlink'><a x:href='tanaka-2026.xsd#a'/><b x:href='//other/a'/></r>"
    assert clean(data.encode(), "a.xml")[0].decode().count("href") == 1


def test_xml_too_deep_to_be_read_says_so() -> None:
    assert sanitize(b"<a>" * 300 + b"</a>" * 300, name="a.xml").report.refusal == "limit.nesting"


@pytest.mark.parametrize("name", ["card", "text", "list", "product", "line", "g", "condition"])
def test_words_in_elements_that_only_drawings_know_stay(name: str) -> None:
    output = clean(f"<!doctype html><p>前</p><{name}>中の<b>言葉</b></{name}><p>後</p>".encode(), "a.html")[
        0
    ].decode()
    assert "<span>中の<b>言葉</b></span>" in output
    assert clean(output.encode(), "a.html")[0].decode() == output


def test_a_style_loses_what_loads_and_keeps_its_colours() -> None:
    style = "color:red;background:url(http://a.example/);width:calc(1px + 2px);border:var(--x);background-color:rgb(1, 2, 3)"
    output = clean(f"<!doctype html><p style='{style}'>x</p>".encode(), "a.html")[0].decode()
    assert '<p style="color:red;width:calc(1px + 2px);background-color:rgb(1, 2, 3)">' in output


@pytest.mark.parametrize(
    "page",
    [
        "<!-- licence --><html><body><p>見える</p></body></html><!-- end -->",
        "<!doctype html><!-- saved --><html><head><title>題</title></head><body>見える</body></html>",
        "<!-- START --><h1>見える</h1>",
    ],
)
def test_a_page_with_comments_around_it_is_rebuilt(page: str) -> None:
    output, result = clean(page.encode(), "a.html")
    assert result.method == "rebuilt"
    assert "見える".encode() in output
    assert b"<!--" not in output


def test_a_page_that_shows_nothing_is_rebuilt_as_an_empty_one() -> None:
    assert (
        clean(b"<!DOCTYPE html><html><body>\n <script>x()</script>\n </body></html>", "a.html")[1].method
        == "rebuilt"
    )


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("iso-8859-1", "Café à côté"),
        ("windows-1252", "„Größe“ – 5 €"),
        ("gb2312", "东京都政府的文件"),
        ("big5", "臺北市政府文件"),
        ("windows-1251", "Отдел кадров"),
        ("euc-kr", "서울시 문서"),
        ("shift_jis", "東京都の文書"),
    ],
)
def test_a_page_in_the_encoding_that_it_names_keeps_its_words(charset: str, words: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body><p>{words}</p></body></html>'
    output, _result = clean(page.encode(charset), "a.html")
    assert words in output.decode()


@pytest.mark.parametrize("said", ["iso-8859-1", "gb2312", "euc-jp"])
def test_a_page_that_names_a_wrong_encoding_keeps_its_words(said: str) -> None:
    words = "東京都の文書です。申請の期限は三月末日まで、窓口で受け付けます。"
    page = f'<html><head><meta charset="{said}"></head><body><p>{words}</p></body></html>'
    output, _result = clean(page.encode("utf-8"), "a.html")
    assert words in output.decode()


def test_a_page_in_no_encoding_at_all_is_refused_in_words() -> None:
    refused = sanitize(b"<html><body>\xff\xfe\xfd \x81</body></html>", name="a.html").report.refusal
    assert refused == "text.undecodable"


def test_an_application_in_a_foreign_encoding_is_still_one() -> None:
    page = b'<html><meta charset="iso-8859-1"><hta:application>\xe9 \xe8 \xff</html>'
    assert sanitize(page, name="a.html").report.refusal == "type.dangerous"


_RULES = "<!ELEMENT 届出 (氏名*)>\n<!ELEMENT 氏名 (#PCDATA)>\n<!ATTLIST 氏名 種別 (個人|法人) '個人' 番号 CDATA #REQUIRED>\n<!-- 定義 -->"


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "euc-jp", "utf-16"])
@pytest.mark.parametrize(
    "outside", ["", " SYSTEM 'todoke.dtd'", ' PUBLIC "-//Tokyo//DTD" "http://127.0.0.1/MARKER.dtd"']
)
def test_xml_with_rules_of_its_own_comes_out_without_them(outside: str, encoding: str) -> None:
    head = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<!-- 前 -->\n<!DOCTYPE 届出{outside} [\n{_RULES}\n]>\n'
    )
    output, result = clean(f'{head}<届出><氏名 番号="1">山田</氏名></届出>'.encode(encoding), "a.xml")
    assert '<届出><氏名 番号="1">山田</氏名></届出>' in output.decode()
    assert b"DOCTYPE" not in output
    assert b"MARKER" not in output
    assert codes(result) == {"xml.rules", "xml.comment"}


def test_xml_of_programs_that_write_utf8_and_say_utf16_is_read() -> None:
    data = '<?xml version="1.0" encoding="utf-16"?><届出>山田</届出>'.encode()
    assert "<届出>山田</届出>" in clean(data, "a.xml")[0].decode()


def test_a_text_too_long_for_the_parser_is_not_called_damaged() -> None:
    data = f"<a>{'x' * 10_100_000}</a>".encode()
    assert sanitize(data, name="a.xml").report.refusal == "limit.xml_text"


def test_xml_cut_off_behind_its_document_type_is_called_damaged() -> None:
    assert sanitize(b'<!DOCTYPE a SYSTEM "a.dtd"><a><b>', name="a.xml").report.refusal == "input.broken"


def test_a_page_named_as_xml_comes_out_as_a_page() -> None:
    data = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>題</title></head><body><p>本文&nbsp;</p></body></html>'
    output, result = clean(data.encode(), "a.xml")
    assert "本文" in output.decode()
    assert result.name == "a.html"
    assert "type.renamed" in codes(result)
