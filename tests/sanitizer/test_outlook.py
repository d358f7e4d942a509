"""Outlook's messages: bodies in every form, attached messages, attachments."""

import email
import email.policy
import io
import struct
from email.message import EmailMessage

import pytest

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats import rtf_text
from sekisho.sanitizer.formats.encrypted_office import decrypted_legacy
from sekisho.sanitizer.results import Refused

from .compound import attached_file, attached_letter, compound, letter
from .passing import clean, codes

MARKER = "MARKER-127.0.0.1"


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(data: bytes) -> str:
    part = parsed(data).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_message_comes_out_as_mail() -> None:
    data = compound(letter(body="本文です\r\n", page="<p onclick='x()'>本文です</p>".encode()))
    output, result = clean(data, "a.msg")
    assert result.name == "a.eml"
    assert parsed(output)["Subject"] == "件名"
    assert "本文です" in body(output)
    assert b"onclick" not in output


def test_attached_messages_take_the_passage_of_a_mail() -> None:
    innermost = letter(
        subject="三通目", body="奥の本文", inner=True, attachments=(attached_file("a.exe", b"MZ"),)
    )
    inner = letter(
        subject="二通目", page=f"<p>中の本文<iframe src='http://{MARKER}'></iframe></p>".encode(), inner=True,
        attachments=(attached_letter(innermost), attached_file("表.csv", b"=1+1\n")),
    )  # fmt: skip
    output, result = clean(compound(letter(body="転送", attachments=(attached_letter(inner),))), "a.msg")
    (second,) = parsed(output).iter_attachments()
    assert second.get_filename() == "二通目.eml"
    middle = parsed(second.get_content())
    assert [part.get_filename() for part in middle.iter_attachments()] == ["表.csv", "三通目.eml"]
    assert MARKER not in str(middle)
    assert [member.input.type for member in result.report.members] == ["eml"]
    assert "奥の本文" in middle.as_string() or "奥の本文" in body(
        next(part.get_content() for part in middle.iter_attachments() if part.get_filename() == "三通目.eml")
    )
    assert b"MZ" not in output


def test_an_object_in_a_storage_is_said_to_be_left_behind() -> None:
    attachment = {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": {"CONTENTS": b"x"}}
    _output, result = clean(compound(letter(body="本文", attachments=(attachment,))), "a.msg")
    assert "mail.attachment_refused" in codes(result)


RICH = (
    rb"{\rtf1\ansi\ansicpg932\deff0{\fonttbl{\f0 Mincho;}}{\*\generator X;}{\info{\author MARKER}}"
    rb"\uc1 \'96\'7b\'95\'b6 words\par second\tab \u26085?\u26412? \'7bx\'7d"
    rb"{\field{\*\fldinst HYPERLINK MARKER}{\fldrslt link}}{\object\objdata 4d41524b4552}{\pict 00}}"
)


def test_a_body_in_rich_text_alone_keeps_its_words() -> None:
    output, _result = clean(compound(letter(rich=RICH)), "a.msg")
    assert body(output).splitlines() == ["本文 words", "second\t日本 {x}link"]
    assert b"MARKER" not in output


def test_a_page_wrapped_in_rich_text_is_cleaned_as_a_page() -> None:
    rich = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Hello {\*\htmltag84 <b>}bold"
        rb"{\*\htmltag92 </b>}{\*\htmltag1 <script>MARKER()</script>}\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}"
        rb"{\*\mhtmltag64 <i>}}"
    )
    output, result = clean(compound(letter(rich=rich)), "a.msg")
    page = parsed(output).get_body(("html",))
    assert page is not None
    assert "<p>Hello <b>bold</b></p>" in page.get_content()
    assert b"MARKER" not in output
    assert "html.active" in codes(result)


def test_it_expands_compressed_rich_text() -> None:
    # The example of [MS-OXRTFCP] 3.1.2
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af3 2068 656c 09 00 20 62 77 05 b0 6c 64 7d 0a 80 0f a0"
        .replace(" ", "")
    )  # fmt: skip
    assert rtf_text.expanded(packed, 1000) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    with pytest.raises(rtf_text.RtfError):
        rtf_text.expanded(packed, 10)


@pytest.mark.parametrize(
    "rich", [b"", b"{\\rtf1" + b"{" * 5000, b"not rtf", RICH[:90], b"{\\rtf1 \\u-10179?\\u-8704?}"]
)
def test_broken_rich_text_ends_in_a_result(rich: bytes) -> None:
    result = sanitize(compound(letter(rich=rich, body="")), name="a.msg")
    assert result.report.refusal in {"", "input.broken"}


def test_messages_nested_without_end_are_refused() -> None:
    message = letter(body="x", inner=True)
    for _level in range(12):
        message = letter(body="x", inner=True, attachments=(attached_letter(message),))
    result = sanitize(compound(message), name="a.msg")
    assert result.report.refusal == "" or result.report.refusal in {"input.broken", "limit.depth"}
    assert "limit.depth" in str(result.report.as_dict())


def test_a_file_without_a_lock_is_left_as_it_is() -> None:
    assert decrypted_legacy(io.BytesIO(compound(letter(body="x"))), None) is None
    assert decrypted_legacy(io.BytesIO(b"words"), "secret") is None


def test_a_locked_workbook_asks_for_its_password() -> None:
    from .compound import locked_workbook

    bof = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0, 0, 0, 0)
    sheet = struct.pack("<HHIBBBB", 0x85, 9, 0, 0, 0, 1, 0) + b"A"
    plain = compound({"Workbook": (bof + sheet + struct.pack("<HH", 0x0A, 0)).ljust(4096, b"\0")})
    locked = io.BytesIO(locked_workbook(plain, "ひみつ"))
    with pytest.raises(Refused, match=r"input\.encrypted"):
        decrypted_legacy(locked, None)
    with pytest.raises(Refused, match=r"input\.wrong_password"):
        decrypted_legacy(locked, "違う")
    assert sheet[-1:] in (decrypted_legacy(locked, "ひみつ") or b"")
