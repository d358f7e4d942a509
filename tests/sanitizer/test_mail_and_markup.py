"""Mail, web pages and XML."""

import email
import email.policy
import io
import resource
from dataclasses import replace
from email.message import EmailMessage

import lxml.html
import pytest
from PIL import Image

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats.html_shape import require_a_page
from sekisho.sanitizer.formats.markup import visible_text
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.markups import html_complaint

from .passing import clean, codes, zipped


@pytest.fixture
def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(out, "PNG")
    return out.getvalue()


def mail(page: str = "", **attachments: bytes) -> bytes:
    message = EmailMessage()
    message["From"] = "田中 <tanaka@example.lg.jp>"
    message["Subject"] = "議事録の送付"
    message["X-Tracking"] = "MARKER"
    message.set_content("本文です\n", charset="iso-2022-jp")
    if page:
        message.add_alternative(page, subtype="html")
    for name, data in attachments.items():
        message.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=name.replace("__", ".")
        )
    return bytes(message)


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_that_do_not_stay_are_told() -> None:
    told = b"Disposition-Notification-To: a@example.jp\r\nList-Unsubscribe: <https://a.example/>\r\n"
    plain = b"From: a@example.jp\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nwords\r\n"
    removed = clean(told + plain, "a.eml")[1].report.removed
    assert [(removal.code, removal.count) for removal in removed] == [("mail.other_headers", 2)]
    assert clean(plain, "a.eml")[1].report.removed == ()


def test_a_mail_within_whose_parts_no_boundary_divides_comes_as_text() -> None:
    inner = 'Content-Type: multipart/mixed; boundary="é"\r\n\r\n--e\r\n\r\n見える言葉\r\n--e--'
    outer = f"From: a@example.jp\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n{inner}\r\n"
    output, result = clean(outer.encode(), "a.eml")
    (held,) = parsed(output).iter_attachments()
    assert "見える言葉" in parsed(held.get_payload(decode=True)).get_content()
    assert result.method == "rebuilt"


def test_a_document_of_another_program_as_xml_comes_as_its_words_alone() -> None:
    source = b"<w:a xmlns:w='http://www.w3.org/1999/XSL/Transform'>words<!-- hidden --><?pi hidden ?></w:a>"
    output, result = clean(source, "a.xml")
    assert (output, result.method) == (b"words\n", "text")
    assert codes(result) == {"xml.markup", "type.renamed"}


def test_mail_is_written_anew_with_clean_attachments() -> None:
    data = mail(
        "<p onclick='x()'>本文<script>x()</script></p>",
        一覧__csv=b"=1+1\n",
        悪い__exe=b"MZ",
        b__zip=zipped(c__txt="c"),
    )
    output, result = clean(data, "a.eml")
    message = parsed(output)
    assert message["Subject"] == "議事録の送付"
    assert b"MARKER" not in output
    assert [part.get_filename() for part in message.iter_attachments()] == ["一覧.csv", "b.zip"]
    page = message.get_body(("html",))
    assert page is not None
    assert "本文" in page.get_content()
    assert "script" not in page.get_content()
    assert {"html.active", "mail.attachment_refused"} <= codes(result)


def test_mail_as_text_keeps_the_words() -> None:
    output, result = clean(mail(a__txt=b"a"), "a.eml", "inbound-strict")
    assert result.name == "a.txt"
    assert "議事録の送付" in output.decode()
    assert "本文です" in output.decode()


def test_a_mail_in_a_mail_goes_the_same_way() -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@example.jp", "転送"
    outer.set_content("転送します")
    outer.add_attachment(parsed(mail("<p>x<iframe src='http://127.0.0.1/'></iframe></p>")))
    output, result = clean(bytes(outer), "a.eml")
    assert [member.input.type for member in result.report.members] == ["eml"]
    assert b"127.0.0.1" not in output


def test_signed_mail_says_what_was_lost_and_encrypted_mail_is_refused() -> None:
    signed = (
        b"From: a@example.jp\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n"
    )
    assert "mail.signature" in codes(clean(signed, "a.eml")[1])
    encrypted = signed.replace(b"multipart/signed; boundary=b", b"multipart/encrypted; boundary=b")
    assert sanitize(encrypted, name="a.eml").report.refusal == "mail.encrypted"


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


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        (b"", b"scanned by the copier\r\n", "scanned by the copier"),
        (b"Content-Type: text/plain\r\n", "見積書を送ります。①".encode("cp932"), "見積書を送ります。①"),
        (
            b"Content-Type: text/plain; charset=unknown\r\n",
            "令和5年度予算書".encode("euc_jp"),
            "令和5年度予算書",
        ),
        (b"Content-Type: text/plain; charset=iso-2022-jp\r\n", b"\x1b$B2q5D-!-j\x1b(B\r\n", "会議①㈱"),
    ],
)
def test_the_words_of_a_mail_are_kept_in_whatever_encoding_it_says_or_does_not_say(
    headers: bytes, body: bytes, words: str
) -> None:
    data = b"From: a@example.jp\r\nTo: b@example.jp\r\nSubject: s\r\n" + headers + b"\r\n" + body
    output, _result = clean(data, "a.eml")
    assert words in parsed(output).get_content()


def test_raw_japanese_in_headers_and_names_of_attachments_is_read() -> None:
    data = (
        b"From: " + "髙橋".encode("cp932") + b" <a@example.jp>\r\nSubject: " + "見積書の送付".encode("cp932")
        + b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
        b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="' + "明細.txt".encode("cp932")
        + b'"\r\n\r\ny\r\n--b\r\nContent-Type: text/plain; name="=?ISO-2022-JP?B?GyRCLSEbKEI=?=.txt"\r\n'
        b"Content-Disposition: attachment\r\n\r\nz\r\n--b--\r\n"
    )  # fmt: skip
    message = parsed(clean(data, "a.eml")[0])
    assert message["Subject"] == "見積書の送付"
    assert message["From"].addresses[0].display_name == "髙橋"
    assert [part.get_filename() for part in message.iter_attachments()] == ["明細.txt", "①.txt"]


def test_a_picture_within_the_page_stays_within_it_and_others_say_what_they_are(png: bytes) -> None:
    message = parsed(mail('<p>図 <img src="cid:one@x"></p>'))
    page = message.get_body(("html",))
    assert page is not None
    page.add_related(png, "image", "png", cid="<one@x>", filename="図.png")
    message.add_attachment(png, maintype="image", subtype="png", filename="写真.png")
    output = parsed(clean(bytes(message), "a.eml")[0])
    inner = output.get_body(("related",))
    assert inner is not None
    assert [(p.get_content_type(), p["Content-ID"], p.get_content_disposition()) for p in inner.iter_attachments()] == [
        ("image/png", "<one@x>", "inline")
    ]  # fmt: skip
    assert [(p.get_content_type(), p.get_filename()) for p in output.iter_attachments()][-1] == (
        "image/png",
        "写真.png",
    )
    lied = clean(bytes(message), "a.eml")[0].replace(
        b"Content-Type: image/png", b"Content-Type: image/svg+xml"
    )
    assert find_complaint(io.BytesIO(lied), "eml") is not None  # fmt: skip


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


def test_a_mail_whose_page_is_too_deep_keeps_its_words() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.jp", "資料"
    mail.set_content("<html><body>" + "<div>\n" * 5_000 + "ご確認ください", subtype="html")
    output, result = clean(mail.as_bytes(), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert "mail.body_text" in codes(result)
    assert [part.get_content_type() for part in read.walk()] == ["text/plain"]
    assert "ご確認ください" in read.get_content()


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


HEAD = b"From: a@example.jp\r\nSubject: s\r\nMIME-Version: 1.0\r\n"


@pytest.mark.parametrize(
    ("rest", "refusal"),
    [
        (b"Subject: a" + b"\r\n b" * 300_000 + b"\r\n\r\nx", ""),
        (b"Content-Type: text/plain" + b";a=b" * 300_000 + b"\r\n\r\nx", ""),
        (b"Content-Type: text/plain; " + b"".join(b"n*%d=a;" % n for n in range(150_000)) + b"\r\n\r\nx", ""),
        (b"Content-Type: " + b"(" * 1_000_000 + b"\r\n\r\nx", ""),
        (b'Content-Disposition: attachment; filename="' + b'"' * 1_000_000 + b"\r\n\r\nx", ""),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000, "limit.files"),
        (b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(20_000)), "limit.depth"),
        (b"Content-Type: message/rfc822\r\n\r\n" * 20_000, "limit.depth"),
    ],
    ids=["folds", "parameters", "numbered parameters", "comments", "quotes", "parts", "parts in parts", "mails in mails"],
)  # fmt: skip
def test_no_shape_of_a_mail_takes_long(rest: bytes, refusal: str) -> None:
    policy = replace(Policy.named("inbound"), limits=replace(Policy.named("inbound").limits, seconds=20))
    report = sanitize(HEAD + rest, policy, name="a.eml").report
    assert refusal in {report.refusal, *(removal.code for removal in report.removed)}


def test_a_header_of_which_less_is_read_is_told() -> None:
    data = HEAD.replace(b"Subject: s\r\n", b"") + b"Subject: " + b"long " * 4_400 + b"\r\n\r\nx"
    output, result = clean(data, "a.eml")
    assert "mail.header" in codes(result)
    assert parsed(output)["Subject"].startswith("long long")


def test_the_many_parts_of_a_digest_stay() -> None:
    inner = bytes(mail("<p>x</p>"))
    digest = EmailMessage()
    digest["From"], digest["Subject"] = "a@example.jp", "まとめ"
    digest.set_content("まとめ")
    for _ in range(60):
        digest.add_attachment(parsed(inner))
    policy = replace(Policy.named("inbound"), limits=replace(Policy.named("inbound").limits, files=61))
    _output, result = clean(bytes(digest), "a.eml", policy)
    assert len(result.report.members) == 60


def test_a_letter_that_quotes_the_borders_of_many_others_is_no_nest_of_them() -> None:
    quoted = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n--b{n}\r\n' for n in range(400))
    output, _result = clean(
        f"From: a@example.jp\r\nSubject: s\r\n\r\n転送します\r\n{quoted}".encode(), "a.eml"
    )
    assert 'boundary="b399"' in output.decode()


def test_messages_within_messages_are_counted_by_their_own_headers() -> None:
    begun = "".join(
        f'Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n'
        for n in range(400)
    )
    assert (
        sanitize(f"From: a@b\r\nSubject: s\r\n{begun}".encode(), name="a.eml").report.refusal == "limit.depth"
    )


def test_a_blank_before_the_colon_of_a_header_does_not_end_the_headers() -> None:
    data = "From: a@b\r\nTo: c@d\r\nSubject : 件名\r\nMIME-Version : 1.0\r\nContent-Type : text/html; charset=utf-8\r\n\r\n<p>語 : 句</p>"
    output, _result = clean(data.encode(), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert read["Subject"] == "件名"
    assert read.get_body(("plain",)).get_content().strip() == "語 : 句"


def test_a_letter_to_many_keeps_who_it_is_to_and_says_what_it_cuts() -> None:
    head = "From: a@b\r\nTo: {}\r\nSubject: s\r\n\r\nx"
    many = [f"user{number:04d}@city.example.lg.jp" for number in range(3_000)]
    output, result = clean(head.format(",\r\n ".join(many[:500])).encode(), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert [one.addr_spec for one in read["To"].addresses] == many[:500]
    assert not result.report.removed
    output, result = clean(head.format(",\r\n ".join(many)).encode(), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    kept = [one.addr_spec for one in read["To"].addresses]
    assert kept == many[: len(kept)]
    assert "mail.header" in codes(result)


def test_a_date_that_is_none_is_said_to_be_left_out() -> None:
    output, result = clean(b"From: a@b\r\nDate: some day\r\nSubject: s\r\n\r\nx", "a.eml")
    assert b"Date" not in output
    assert "mail.header" in codes(result)


@pytest.mark.parametrize("told", ["image 001.png@01D0", "ロゴ", "a%20b", "&quot;a&quot;"])
def test_a_picture_is_found_in_its_page_whatever_its_id_is_called(told: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(picture, "PNG")
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "a@b", "s"
    letter.set_content("x")
    letter.add_alternative(f'<p>x<img src="cid:{told}"></p>', subtype="html")
    letter.get_payload()[1].add_related(picture.getvalue(), "image", "png", cid="<ID>")
    said = told.replace("%20", " ").replace("&quot;", '"')
    output, _result = clean(bytes(letter).replace(b"<ID>", f"<{said}>".encode()), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    page = read.get_body(("html",)).get_content()
    inside = next(part for part in read.walk() if part.get_content_type() == "image/png")
    assert f'src="cid:{str(inside["Content-ID"]).strip("<>")}"' in page


def test_what_macos_keeps_beside_a_file_stops_no_letter() -> None:
    data = (
        b"From: a@b\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/appledouble; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/applefile; name=a.txt\r\n\r\n\0\5\x16\7\r\n"
        b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nwords\r\n--b--\r\n"
    )
    result = sanitize(data, "outbound", name="a.eml")
    assert result.is_clean
    assert codes(result) == {"archive.litter"}


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


def test_cells_stay_shaded_and_lines_indented_as_mail_programs_write_them() -> None:
    style = "background:#D9E2F3;border-bottom:solid windowtext 1.0pt;margin-left:18pt;padding-left:6pt;line-height:150%"
    output = clean(f"<!doctype html><p style='{style};position:fixed'>x</p>".encode(), "a.html")[0].decode()
    assert f'<p style="{style}">' in output


def test_a_mail_with_hardly_a_header_is_one_by_its_name() -> None:
    bare = b'Content-Type: multipart/mixed; boundary="a"\n\n--a\nContent-Type: text/plain\n\nVISIBLE-WORDS\n--a--\n'
    output, result = clean(bare, "a.eml")
    assert result.report.input.type == "eml"
    assert b"VISIBLE-WORDS" in output
    assert clean(bare, "a.txt")[1].report.input.type == "txt"


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
