"""Mail: its words, its page and its attachments, each the way of its kind."""

import email
import email.policy
import io
from dataclasses import replace
from email.message import EmailMessage

import pytest
from PIL import Image

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.verify import find_complaint

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


def test_a_mail_whose_page_is_too_deep_keeps_its_words() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.jp", "資料"
    mail.set_content("<html><body>" + "<div>\n" * 5_000 + "ご確認ください", subtype="html")
    output, result = clean(mail.as_bytes(), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert "mail.body_text" in codes(result)
    assert [part.get_content_type() for part in read.walk()] == ["text/plain"]
    assert "ご確認ください" in read.get_content()


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
