"""Letters in all the encodings that Japanese offices receive: what they say stays."""

import base64
import email
from urllib.parse import quote

import pytest

from sekisho.sanitizer.formats.mail_words import POLICY, filename

from .passing import clean, codes
from .test_mail import parsed

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
#: 「①㈱髙橋 計画ｱｲ」 as mail programs in Japan write it, which is more than ISO-2022-JP has
SIGNS = "①㈱髙橋 計画ｱｲ"
JIS = b"\x1b$B-!-j|b66\x1b(B \x1b$B7W2h\x1b(I12\x1b(B"


def letter(body: bytes, kind: str = "text/plain", subject: bytes = b"s", *fields: str) -> bytes:
    lines = [b"From: a@example.jp", b"Subject: " + subject, b"MIME-Version: 1.0", *map(str.encode, fields)]
    return b"\r\n".join([*lines, b"Content-Type: " + kind.encode(), b"", body])


def word(charset: str, raw: bytes) -> bytes:
    return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(raw))


def words_of(output: bytes) -> str:
    body = parsed(output).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).strip()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (letter(b"no encoding named"), "no encoding named"),
        (letter(SIGNS.encode()), SIGNS),
        (letter(SIGNS.encode("cp932")), SIGNS),
        (letter(SIGNS.encode("cp932"), "text/plain; charset=Shift_JIS"), SIGNS),
        (letter(JIS, "text/plain; charset=ISO-2022-JP"), SIGNS),
        (letter(JIS), SIGNS),
        (letter("计划".encode("gbk"), "text/plain; charset=GB2312"), "计划"),
        (letter(SIGNS.encode(), "text/plain; charset=unheard-of"), SIGNS),
        (letter(base64.b64encode("本文です".encode()) + b"!", "text/plain; charset=utf-8", b"s",
                "Content-Transfer-Encoding: base64"), "本文です"),
        (b"\xef\xbb\xbf" + letter(SIGNS.encode(), "text/plain; charset=utf-8"), SIGNS),
        (b"From a@example.jp Mon Apr  1 09:00:00 2024\r\n" + letter(b"of a mailbox"), "of a mailbox"),
    ],
)  # fmt: skip
def test_the_words_of_a_letter_stay_in_whichever_encoding(data: bytes, said: str) -> None:
    output, result = clean(data, "a.eml")
    assert words_of(output) == said
    assert "text.control" not in codes(result)
    assert said in clean(data, "a.eml", "inbound-strict")[0].decode()


@pytest.mark.parametrize(
    "subject",
    [
        SIGNS.encode(),
        SIGNS.encode("cp932"),
        JIS,
        word("ISO-2022-JP", JIS),
        word("Shift_JIS", SIGNS.encode("cp932")),
        word("UTF-8", SIGNS.encode()[:4]) + b"\r\n " + word("UTF-8", SIGNS.encode()[4:]),
    ],
)
def test_a_subject_stays_in_whichever_encoding(subject: bytes) -> None:
    output, _result = clean(letter(b"x", subject=subject), "a.eml")
    assert parsed(output)["Subject"] == SIGNS


def test_a_sender_whose_name_holds_a_comma_stays_one_sender() -> None:
    name = word("Shift_JIS", "髙橋, ①課".encode("cp932"))
    data = letter(b"x").replace(b"From: a@example.jp", b"From: " + name + b" <a@example.jp>")
    output, _result = clean(data, "a.eml")
    (address,) = parsed(output)["From"].addresses
    assert (address.display_name, address.addr_spec) == ("髙橋, ①課", "a@example.jp")


@pytest.mark.parametrize(
    "named",
    [
        b"filename*=ISO-2022-JP''%1B%24B7W2hI%3D%1B%28B.png",
        b"filename*0*=ISO-2022-JP''%1B%24B7W; filename*1*=2hI%3D%1B%28B.png",
        b"filename*=Shift_JIS''%8Cv%89%E6%95%5C.png",
        b'filename="' + "計画表.png".encode("cp932") + b'"',
        b'filename="' + "計画表.png".encode() + b'"',
        b'filename="' + "計画表.png".encode("iso2022_jp") + b'"',
        b'filename="' + word("UTF-8", "計画".encode()) + b"\r\n " + word("UTF-8", "表.png".encode()) + b'"',
    ],
)
def test_an_attachment_keeps_its_name_in_whichever_encoding(named: bytes) -> None:
    part = (
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
    )
    body = (
        b"--b\r\n\r\nx\r\n--b\r\n" + part + named + b"\r\n\r\n" + base64.b64encode(PICTURE) + b"\r\n--b--\r\n"
    )
    output, _result = clean(letter(body, "multipart/mixed; boundary=b"), "a.eml")
    assert [one.get_filename() for one in parsed(output).iter_attachments()] == ["計画表.png"]


def test_what_a_letter_says_of_its_delivery_and_an_encoded_letter_in_it_stay() -> None:
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n\r\nAction: failed\r\n"
    inner = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(
        letter(b"bounced")
    )
    body = b"--b\r\n\r\nx\r\n--b\r\n" + status + b"\r\n--b\r\n" + inner + b"\r\n--b--\r\n"
    output, _result = clean(letter(body, "multipart/report; boundary=b"), "a.eml")
    first, second = parsed(output).iter_attachments()
    assert b"Action: failed" in first.get_content()
    assert words_of(second.get_content()) == "bounced"


def test_text_in_the_encoding_of_japanese_mail_keeps_its_signs() -> None:
    output, _result = clean(JIS + b"\n" + JIS, "a.txt")
    assert output.decode() == f"{SIGNS}\n{SIGNS}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Content-Type", "text/plain" + ";" * 20_000),
        ("Content-Type", "text/plain; " + "(a)" * 6_000),
        ("Content-Transfer-Encoding", "(a)" * 6_000),
    ],
)
def test_of_what_a_part_says_about_itself_so_much_is_read_as_anybody_needs(field: str, value: str) -> None:
    assert len(str(POLICY.header_fetch_parse(field, value))) < 4_000


def test_the_longest_of_names_comes_through_in_percent_signs_and_pieces() -> None:
    name = "届出書の写し" * 42  # 252 characters and the extension
    said = quote(name) + ".txt"
    parts = ["utf-8''", *(said[begin : begin + 63] for begin in range(0, len(said), 63))]
    pieces = [f"filename*{at}*={part}" for at, part in enumerate(parts)]
    field = "Content-Disposition: attachment; " + ";\r\n ".join(pieces)
    part = email.message_from_bytes(letter(b"words", "text/plain", b"s", field), policy=POLICY)
    assert filename(part) == f"{name}.txt"
    assert part.get_filename() == f"{name}.txt"


def test_a_letter_always_becomes_the_same_one_and_a_clean_one_stays_as_it_is() -> None:
    parts = (
        b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>a</p>\r\n"
        b"--x\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nb\r\n--x--\r\n"
    )
    sent = letter(parts, "multipart/mixed; boundary=x")
    once = clean(sent, "a.eml")[0]
    assert clean(sent, "a.eml")[0] == once
    assert clean(once, "a.eml")[0] == once
