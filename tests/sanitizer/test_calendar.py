"""Calendar entries come through as entries: times, people and words; nothing that opens, loads or starts something."""

import email
import email.policy
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.calendar import calendar
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.verify import find_complaint

EVENT = (
    "BEGIN:VEVENT",
    "UID:040000008200E00074C5B7101A82E008",
    "DTSTAMP:20261129T000000Z",
    'DTSTART;TZID="Tokyo Standard Time":20261210T100000',
    'DTEND;TZID="Tokyo Standard Time":20261210T110000',
    "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=TH",
    "SUMMARY;LANGUAGE=ja:調整会議",
    "DESCRIPTION:資料は当日、\\, 配ります。\\nhttps://meet.example/1",
    'ATTENDEE;CN="田中, 一郎";ROLE=REQ-PARTICIPANT;RSVP=TRUE:MAILTO:tanaka@city.example',
    "ORGANIZER;CN=佐藤:mailto:sato@company.example",
    "END:VEVENT",
)
ALARM = ("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "DESCRIPTION:まもなく", "END:VALARM")
POLICY = Policy.named("inbound")


def of(*event, head=("METHOD:REQUEST",)):
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Other//Other//EN", *head, *event, "END:VCALENDAR"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def with_lines(*lines):
    return of(*EVENT[:-1], *lines, EVENT[-1])


def passed(content, name="会議.ics"):
    return sanitize(io.BytesIO(content), POLICY, name=name)


def unfolded(output):
    return output.decode().replace("\r\n ", "").split("\r\n")


def test_an_invitation_keeps_times_people_repetition_and_words():
    result = passed(with_lines(*ALARM))
    lines = unfolded(result.output)
    assert result.name == "会議.ics"
    assert "DTSTART;TZID=Tokyo Standard Time:20261210T100000" in lines
    assert "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=TH" in lines
    assert "SUMMARY;LANGUAGE=ja:調整会議" in lines
    assert "DESCRIPTION:資料は当日、\\, 配ります。\\nhttps://meet.example/1" in lines
    assert 'ATTENDEE;CN="田中, 一郎";ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:tanaka@city.example' in lines
    assert "METHOD:REQUEST" in lines
    assert [*ALARM] == lines[lines.index("BEGIN:VALARM") : lines.index("END:VALARM") + 1]
    assert not result.report.removed


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("URL:javascript:alert(1)", "calendar.property"),
        ("ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=application/x-msdownload:TVqQ", "calendar.property"),
        ("ATTACH:file:///c:/evil.exe", "calendar.property"),
        ("X-ALT-DESC;FMTTYPE=text/html:<script>x()</script>", "calendar.property"),
        ("CONFERENCE;VALUE=URI:tel:+123", "calendar.property"),
        ("ATTENDEE:http://evil.example/x", "calendar.property"),
        ('LOCATION;ALTREP="http://evil.example/x":庁舎', "calendar.property"),
        ("DTSTART:=cmd|' /C calc'!A0", "calendar.property"),
        ("RRULE:FREQ=SECONDLY", "calendar.property"),
        ("RRULE:INTERVAL=1;FREQ=MINUTELY;COUNT=9", "calendar.property"),
        ("REPEAT:100", "calendar.property"),
        ("DTSTART:２０２６１２１０", "calendar.property"),
        ("this is no line of a calendar", "calendar.property"),
        ("SUMMARY:\u202eexe.gpj", "text.direction"),
    ],
)
def test_what_opens_loads_or_deceives_stays_behind(line, code):
    result = passed(with_lines(line))
    assert b"evil" not in result.output
    assert "javascript" not in result.output.decode()
    assert code in {removal.code for removal in result.report.removed}
    assert "SUMMARY;LANGUAGE=ja:調整会議" in unfolded(result.output)


@pytest.mark.parametrize("action", ["PROCEDURE", "AUDIO", "EMAIL", "display\r\nACTION:PROCEDURE", ""])
def test_an_alarm_that_does_more_than_show_words_stays_behind(action):
    result = passed(
        with_lines(ALARM[0], ALARM[1], f"ACTION:{action}", "ATTACH:file:///c:/evil.exe", ALARM[-1])
    )
    assert b"ALARM" not in result.output
    assert "calendar.alarm" in {removal.code for removal in result.report.removed}


def test_long_lines_are_folded_between_characters():
    result = passed(with_lines("COMMENT:" + "関所" * 100))
    lines = result.output.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()  # none is cut within a character
    assert "COMMENT:" + "関所" * 100 in unfolded(result.output)


@pytest.mark.parametrize(
    "content",
    [
        b"hello\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nSUMMARY:outside\r\n",
        b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 5000,
    ],
)
def test_what_is_no_calendar_is_refused_as_broken(content):
    assert passed(content).report.refusal == "input.broken"


def test_old_japanese_encodings_come_through():
    result = passed(with_lines().decode().encode("cp932"))
    assert "SUMMARY;LANGUAGE=ja:調整会議" in unfolded(result.output)


@pytest.mark.parametrize(
    "line",
    ["URL:http://a.example", "ATTACH:x", "ACTION:AUDIO", "X-A:b", "ORGANIZER:http://a.example", "SUMMARY;VALUE=URI:x",
     "RRULE:COUNT=9;freq=secondly", "EXRULE:FREQ=MINUTELY", "REPEAT:999",
     "SUMMARY;ALTREP=x:y", "SUMMARY:a;b", "DTSTART:<x>", "BEGIN:VALARM", "END:VALARM", "SUMMARY:\u202ex",
     "SUMMARY:" + "x" * 70, " begins with a blank" * 4],
)  # fmt: skip
def test_the_second_opinion_knows_each_line_that_may_not_be_there(line):
    clean = passed(of(*EVENT)).output
    assert find_complaint(io.BytesIO(clean), "ics") is None
    spoiled = clean.replace(b"END:VEVENT", f"{line}\r\nEND:VEVENT".encode())
    assert find_complaint(io.BytesIO(spoiled), "ics") is not None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=90), max_size=4), st.data())
def test_whatever_is_written_holds_before_the_second_opinion(values, data):
    names = st.sampled_from(
        ["SUMMARY", "DTSTART", "ATTENDEE", "RRULE", "GEO", "TRIGGER", 'X;Y="', "CN", "CATEGORIES;CN=a"]
    )
    lines = [f"{data.draw(names)}:{value}" for value in values]
    text = with_lines(*lines).decode().replace("\r\n", "\n")
    for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029":
        text = text.replace(mark, "")
    text = "".join(mark for mark in text if not 0xE0000 <= ord(mark) < 0xE0080)
    job = Job(io.BytesIO(), io.BytesIO(), TYPES["ics"], "a.ics", POLICY, "text")
    written = "".join(calendar(job, iter([text]))).encode()
    assert find_complaint(io.BytesIO(written), "ics") is None


def invitation(*, attached):
    """As Outlook and Google send it: beside the words, and perhaps attached once more."""
    words = "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nご案内\r\n"
    beside = f"--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{of(*EVENT).decode()}\r\n--b--\r\n"
    again = (
        "--o\r\nContent-Type: application/ics; name=invite.ics\r\n"
        f"Content-Disposition: attachment; filename=invite.ics\r\n\r\n{of(*EVENT).decode()}\r\n"
    )
    head = "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    inner = f"Content-Type: multipart/alternative; boundary=b\r\n\r\n{words}{beside}"
    body = f"--o\r\n{inner}\r\n{again if attached else ''}--o--\r\n"
    return f"{head}Content-Type: multipart/mixed; boundary=o\r\n\r\n{body}".encode()


@pytest.mark.parametrize("attached", [False, True])
def test_an_invitation_by_mail_arrives_once_as_an_entry_that_calendars_open(attached):
    result = passed(invitation(attached=attached), "会議.eml")
    message = email.message_from_bytes(result.output, policy=email.policy.default)
    (entry,) = message.iter_attachments()
    assert (entry.get_filename(), entry.get_content_type()) == ("invite.ics", "text/calendar")
    assert "SUMMARY;LANGUAGE=ja:調整会議" in unfolded(entry.get_payload(decode=True))
