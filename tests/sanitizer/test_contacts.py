"""Contacts come through as contacts: names, numbers and addresses; nothing that opens, loads or dials by itself."""

import io
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sanitizer import Policy, Result, sanitize
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.contacts import contacts
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.text import clean_text
from sekisho.sanitizer.verify import find_complaint

CARD = (
    "N:髙木;一郎;;;",
    "FN:髙木 一郎",
    "X-PHONETIC-LAST-NAME:たかぎ",
    "ORG:関所市;デジタル課",
    "TEL;TYPE=WORK,VOICE:03-1234-5678 (内線 12)",
    "EMAIL;TYPE=INTERNET:takagi@city.example",
    "URL:https://city.example/digital?a=1",
    "ADR;TYPE=WORK:;;本町1-1;関所市;東京都;100-0001;日本",
    "BDAY:1980-04-01",
    "NOTE:午後は不在\\, 急ぎは課へ。\\nhttps://city.example",
)


def of(*lines: str, version: str = "3.0") -> bytes:
    return "".join(
        f"{line}\r\n" for line in ("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD")
    ).encode()


def passed(content: bytes, name: str = "名簿.vcf") -> Result:
    return sanitize(content, "inbound", name=name)


def lines_of(result: Result) -> list[str]:
    assert result.output is not None, result.report.refusal
    return result.output.decode().replace("\r\n ", "").split("\r\n")


def test_a_contact_keeps_what_people_wrote() -> None:
    result = passed(of(*CARD))
    assert result.name == "名簿.vcf"
    assert lines_of(result) == ["BEGIN:VCARD", "VERSION:3.0", *CARD, "END:VCARD", ""]
    assert not result.report.removed


AGENT = ("BEGIN:VCARD", "FN:evil agent", "TEL:03-0000-0000", "END:VCARD")


@pytest.mark.parametrize(
    "agent",
    [
        ("AGENT:", *AGENT),
        ("agent;TYPE=WORK: ", AGENT[0], "AGENT:", *AGENT, *AGENT[1:]),
        (f"AGENT:{AGENT[0]}", *AGENT[1:]),
        ("AGENT:" + "\\n".join(AGENT),),
        ("AGENT;VALUE=uri:http://evil.example/agent.vcf",),
    ],
    ids=["inline", "of an agent", "in the same line", "escaped", "elsewhere"],
)
def test_the_agent_of_a_contact_stays_behind_and_is_told(agent: tuple[str, ...]) -> None:
    result = passed(of(*CARD[:2], *agent, *CARD[2:]))
    assert lines_of(result) == ["BEGIN:VCARD", "VERSION:3.0", *CARD, "END:VCARD", ""]
    assert [(one.code, one.where["object"]) for one in result.report.removed] == [("contact.entry", "AGENT")]


def test_several_contacts_stay_several() -> None:
    assert lines_of(passed(of(*CARD) + of("FN:b") + of("N:c;d;;;"))).count("BEGIN:VCARD") == 3


def test_phones_of_japan_come_through_with_names_and_readings() -> None:
    name = quopri.encodestring("田中;太郎".encode("cp932")).decode()
    note = "=93=DE=92=AC=\r\n=82=CC\r\n"  # 奈町の, cut in two lines
    card = (
        f"N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:{name}",
        "SOUND;X-IRMC-N;CHARSET=UTF-8:ﾀﾅｶ;ﾀﾛｳ;;;",
        "TEL;CELL;VOICE:090-1234-5678",
        "EMAIL;INTERNET;HOME:taro@example.jp",
        f"NOTE;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:{note.rstrip()}",
    )
    lines = lines_of(passed(of(*card, version="2.1")))
    assert "N:田中;太郎" in lines
    assert "FN:田中 太郎" in lines
    assert {"X-PHONETIC-LAST-NAME:ﾀﾅｶ", "X-PHONETIC-FIRST-NAME:ﾀﾛｳ"} <= set(lines)
    assert "TEL;TYPE=CELL,VOICE:090-1234-5678" in lines
    assert "EMAIL;TYPE=INTERNET,HOME:taro@example.jp" in lines
    assert f"NOTE:{bytes.fromhex('93de92ac82cc').decode('cp932')}" in lines


def test_a_whole_file_in_an_old_encoding_comes_through() -> None:
    assert "FN:高木 一郎" in lines_of(passed(of("N:高木;一郎;;;", "FN:高木 一郎").decode().encode("cp932")))


def test_the_newest_kind_comes_out_as_the_one_that_all_read() -> None:
    card = (
        "FN:a",
        'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+81-3-1234-5678',
        "item1.EMAIL:mailto:a@b.example",
        "KIND:individual",
    )
    assert lines_of(passed(of(*card, version="4.0"))) == [
        "BEGIN:VCARD", "VERSION:3.0", "N:a;;;;", "FN:a", "TEL;TYPE=VOICE,HOME,PREF:+81-3-1234-5678", "EMAIL:a@b.example", "END:VCARD", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQevil", "contact.entry"),
        ("PHOTO;VALUE=uri:http://evil.example/a.jpg", "contact.entry"),
        ("NOTE;ENCODING=BASE64:ZXZpbA==", "contact.entry"),
        ("URL:javascript:evil()", "contact.entry"),
        ("URL:file://evil.example/a", "contact.entry"),
        ("URL:https://evil.example/\u3000a", "contact.entry"),
        ("TEL:*2767*3855#", "contact.entry"),
        ("TEL:tel:%2A2767%2A3855%23;evil=*", "contact.entry"),
        ("EMAIL:a@b.example?subject=evil", "contact.entry"),
        ("SOUND;VALUE=uri:http://evil.example/a.wav", "contact.entry"),
        ("IMPP:evil:user", "contact.entry"),
        ("X-SERVICE;TYPE=evil:x", "contact.entry"),
        ("BDAY:=evil()", "contact.entry"),
        ("evil is no line of a contact", "contact.entry"),
        ("TITLE;ENCODING=QUOTED-PRINTABLE:a=1B[31m=E2=80=AEb", "text.direction"),
    ],
)
def test_what_opens_loads_dials_or_deceives_stays_behind(line: str, code: str) -> None:
    result = passed(of(*CARD[:2], line))
    assert b"evil" not in (result.output or b"evil")
    assert code in {removal.code for removal in result.report.removed}


@pytest.mark.parametrize(
    "content",
    [
        b"BEGIN:VCARD\r\nFN:a\r\n",
        b"BEGIN:VCARD\r\nEND:VCARD\r\nFN:outside\r\n",
        b"BEGIN:VCARD\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\n",
        b"BEGIN:VCARD\r\nFN:a\r\nBEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\nEND:VCARD\r\n",
        b"BEGIN:VCARD\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\nEND:VCARD\r\nFN:outside\r\n",
        b"BEGIN:VCARDS\r\nEND:VCARDS\r\n",
    ],
)
def test_what_is_no_contact_is_refused_as_broken(content: bytes) -> None:
    assert passed(content).report.refusal == "input.broken"


@pytest.mark.parametrize(
    "line",
    ["PHOTO:x", "URL:ftp://a.example", "X-A:b", "TEL:*1#", "EMAIL:a b@c", "FN;VALUE=uri:x", "NOTE;ENCODING=b:eA==",
     "NOTE:a;b", "item1.FN:a", "BDAY:<x>", "BEGIN:VCARD", "END:VCARD", "VERSION:3.0", "NOTE:\u202ex", "NOTE:" + "x" * 71],
)  # fmt: skip
def test_the_second_opinion_knows_each_line_that_may_not_be_there(line: str) -> None:
    clean = passed(of(*CARD)).output or b""
    assert find_complaint(io.BytesIO(clean), "vcf") is None
    assert find_complaint(io.BytesIO(clean.replace(b"END:VCARD", f"{line}\r\nEND:VCARD".encode())), "vcf")


@pytest.mark.parametrize("missing", [b"N:", b"FN:", b"VERSION:", b"END:", b"BEGIN:"])
def test_the_second_opinion_misses_what_must_be_there(missing: bytes) -> None:
    clean = passed(of("N:a;b;;;", "FN:a")).output or b""
    left = b"".join(line for line in clean.splitlines(keepends=True) if not line.startswith(missing))
    assert find_complaint(io.BytesIO(left), "vcf")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=90), max_size=4), st.data())
def test_whatever_is_written_holds_before_the_second_opinion(values: list[str], data: st.DataObject) -> None:
    names = st.sampled_from(
        ["FN", "N", "TEL;CELL", "EMAIL", "BDAY", "URL", 'X;Y="', "NICKNAME;TYPE=a", "NOTE;ENCODING=QUOTED-PRINTABLE",
         "SOUND;X-IRMC-N", "ORG;CHARSET=x;QUOTED-PRINTABLE"]
    )  # fmt: skip
    job = Job(io.BytesIO(), io.BytesIO(), TYPES["vcf"], "a.vcf", Policy.named("inbound"), "text")
    text = clean_text(job, of(*(f"{data.draw(names)}:{value}" for value in values)).decode())
    written = "".join(contacts(job, iter([text]), clean_text)).encode()
    assert find_complaint(io.BytesIO(written), "vcf") is None
