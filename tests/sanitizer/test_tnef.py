"""winmail.dat: what Outlook wrapped is taken out, and each attachment goes its own way."""

import email
import email.policy
import random
import struct
from email.message import EmailMessage

import pytest

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats import tnef

from .passing import clean, codes
from .wrapping import attached, attribute, properties
from .wrapping import wrapped as wrapped_page

MESSAGE_ID = bytes.fromhex("0703020000000000c000000000000046")
EVIL_PAGE = "<p>本文です</p><script>MARKER</script><img src='http://127.0.0.1/MARKER'>"


def wrapped(*rest: bytes) -> bytes:
    return wrapped_page(EVIL_PAGE, *rest)


def mail(wrapper: bytes, kind: str = "ms-tnef", name: str = "winmail.dat") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.jp", "資料"
    message.add_attachment(wrapper, maintype="application", subtype=kind, filename=name)
    return bytes(message)


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["ms-tnef", "octet-stream"])
def test_body_and_attachments_are_taken_out_and_disarmed(kind):
    wrapper = wrapped(
        attached("住民一覧.csv", "名,=1+1\n".encode()), attached("道具.exe", b"MZ" + b"MARKER" * 9)
    )
    output, result = clean(mail(wrapper, kind), "a.eml")
    letter = read(output)
    assert letter["Subject"] == "資料"
    assert "本文です" in letter.get_body(("plain",)).get_content()
    assert b"MARKER" not in output
    assert b"127.0.0.1" not in output
    (table,) = letter.iter_attachments()
    assert table.get_filename() == "住民一覧.csv"
    assert b"'=1+1" in table.get_content()
    assert {"mail.tnef", "mail.attachment_refused"} <= codes(result)


def test_the_wrapper_alone_becomes_a_mail():
    output, result = clean(wrapped(attached("a.csv", b"a,b\n")), "winmail.dat")
    assert result.name == "winmail.eml"
    assert [part.get_filename() for part in read(output).iter_attachments()] == ["a.csv"]


def test_a_message_within_is_a_mail_within():
    inner = wrapped(attached("中.csv", b"a,b\n"))
    held = properties((0x3701, 0x0D, MESSAGE_ID + inner), (0x3707, 0x1F, "転送".encode("utf-16-le")))
    outer = wrapped(attribute(0x00069002, b"\0" * 14) + attribute(0x00069005, held))
    output, result = clean(mail(outer), "a.eml")
    assert [member.input.type for member in result.report.members] == ["tnef"]
    (letter,) = read(output).iter_attachments()
    assert letter.get_filename() == "転送.eml"
    assert b"MARKER" not in output


def test_a_text_body_in_japanese_of_windows_is_read():
    wrapper = struct.pack("<IH", 0x223E9F78, 1) + attribute(0x0002800C, "本文①\0".encode("cp932"), 1)
    output, _result = clean(mail(wrapper), "a.eml")
    assert "本文①" in read(output).get_content()


def test_a_broken_wrapper_is_refused_by_that_reason_and_named():
    _output, result = clean(mail(wrapped()[:40]), "a.eml")
    assert "mail.attachment_refused" in codes(result)
    assert [member.refusal for member in result.report.members] == ["input.broken"]
    words = sanitize(wrapped()[:40], name="winmail.dat").report.as_dict()["refusal"]["words"]
    assert "winmail.dat" in words["ja"]


def test_no_bent_wrapper_crashes():
    chance = random.Random(3)
    source = wrapped(attached("a.csv", b"a,b\n"), attached("b.csv", b"a,b\n"))
    for _ in range(4_000):
        bent = bytearray(source[: chance.randrange(4, len(source) + 1)])
        for _ in range(chance.randrange(5)):
            bent[chance.randrange(len(bent))] = chance.choice((0, 255, chance.randrange(256)))
        try:
            tnef.read(bytes(bent))
        except tnef.TnefError:
            continue
