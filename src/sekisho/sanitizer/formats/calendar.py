"""Calendar entries (iCalendar, RFC 5545): read into parts and properties, and of these the known, plain ones written anew.

What opens, loads or starts something stays behind: attached files, addresses of pages, alarms that do more than show words,
and all that programs have added of their own. Words keep what they say, an address within them included.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.personal import warn_of_personal_numbers

_MAX_LEVELS = 8
_LINE_BYTES = 75
#: which parts may stand in which
_PARTS = {
    "": {"VCALENDAR"},
    "VCALENDAR": {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"},
    "VEVENT": {"VALARM"},
    "VTODO": {"VALARM"},
    "VTIMEZONE": {"STANDARD", "DAYLIGHT"},
}
_LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)')
_WORD = re.compile(r"[A-Za-z0-9-]{1,60}")
_DATE = r"\d{8}(?:T\d{6}Z?)?"
_LENGTH = r"[+-]?P(?=[\dT])(?:\d{1,6}W|(?:\d{1,6}D)?(?:T(?=\d)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}S)?)?)"
_TIME = rf"{_DATE}(?:/(?:{_DATE}|{_LENGTH}))?"
_ADDRESS = re.compile(r"mailto:([^\s<>\"',;:\\@]{1,200}@[\w.-]{1,250})", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

Value = Callable[[str], str | None]


def like(pattern: str) -> Value:
    wanted = re.compile(pattern, re.ASCII)
    return lambda value: value if wanted.fullmatch(value) else None


def words(value: str) -> str:
    """Text, escaped as the standard asks for, which not every program does."""
    plain = _ESCAPE.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), value)
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def list_of_words(value: str) -> str:
    return ",".join(words(one) for one in re.split(r"(?<!\\),", value))


def _mail_address(value: str) -> str | None:
    found = _ADDRESS.fullmatch(value.strip())
    return f"mailto:{found.group(1)}" if found else None


_WORDS = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "UID", "RELATED-TO", "TZID", "TZNAME", "X-WR-CALNAME")  # fmt: skip
_NAMES = ("STATUS", "CLASS", "TRANSP", "METHOD")
_NUMBERS = ("PRIORITY", "SEQUENCE", "PERCENT-COMPLETE")
_TIMES = ("DTSTART", "DTEND", "DUE", "DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED", "RECURRENCE-ID", "EXDATE", "RDATE", "FREEBUSY")  # fmt: skip
_PROPERTIES: dict[str, Value] = {
    **dict.fromkeys(_WORDS, words),
    **dict.fromkeys(("CATEGORIES", "RESOURCES"), list_of_words),
    **dict.fromkeys(_NAMES, like(_WORD.pattern)),
    **dict.fromkeys(_NUMBERS, like(r"\d{1,10}")),
    **dict.fromkeys(_TIMES, like(rf"{_TIME}(?:,{_TIME})*")),
    "REPEAT": like(r"\d{1,2}"),
    # Appointments that come each second or minute only keep a calendar busy.
    **dict.fromkeys(
        ("RRULE", "EXRULE"),
        like(r"(?!.*\bFREQ=(?:SECOND|MINUTE)LY)[A-Z]{2,12}=[A-Z0-9,+-]+(?:;[A-Z]{2,12}=[A-Z0-9,+-]+)*;?"),
    ),
    **dict.fromkeys(("TZOFFSETFROM", "TZOFFSETTO"), like(r"[+-]\d{4}(?:\d{2})?")),
    **dict.fromkeys(("ORGANIZER", "ATTENDEE"), _mail_address),
    "GEO": like(r"[+-]?\d{1,3}(?:\.\d+)?;[+-]?\d{1,3}(?:\.\d+)?"),
    "DURATION": like(_LENGTH),
    "TRIGGER": like(rf"{_LENGTH}|{_DATE}"),
    "ACTION": like("DISPLAY"),
}
_SAID_BY_US = {"VERSION", "PRODID", "CALSCALE"}
_FREE_PARAMETERS = {"TZID", "CN"}
_PARAMETERS = {"ROLE", "PARTSTAT", "RSVP", "CUTYPE", "RELATED", "RANGE", "FBTYPE", "LANGUAGE", "RELTYPE"}
_KINDS_OF_VALUE = {"DATE", "DATE-TIME", "PERIOD", "DURATION"}


@dataclass
class _Part:
    """A component: its properties as (name, parameters, value) and the components in it."""

    name: str
    properties: list[tuple[str, str, str]] = field(default_factory=list)
    parts: list["_Part"] = field(default_factory=list)


def calendar(job: Job, text: Iterator[str]) -> Iterator[str]:
    """The calendar written anew."""
    root = _read(job, _unfolded("".join(text)))
    if not root.parts or any(part.name != "VCALENDAR" for part in root.parts):
        raise job.broken()
    for part in root.parts:
        yield from (f"{piece}\r\n" for line in _written(job, part) for piece in folded(line))


def _unfolded(text: str) -> list[str]:
    return [line for line in re.sub(r"\n[ \t]", "", text).split("\n") if line.strip()]


def _read(job: Job, lines: list[str]) -> _Part:
    open_parts = [_Part("")]
    for line in lines:
        found = _LINE.fullmatch(line)
        name, value = (found.group(1).upper(), found.group(3)) if found else ("", "")
        if name == "BEGIN":
            inner = _Part(value.strip().upper())
            open_parts[-1].parts.append(inner)
            open_parts.append(inner)
        elif name == "END":
            if open_parts.pop().name != value.strip().upper() or not open_parts:
                raise job.broken()
        elif len(open_parts) > 1:
            open_parts[-1].properties.append((name, found.group(2) if found else "", value))
        else:
            raise job.broken()
        if len(open_parts) > _MAX_LEVELS:
            raise job.broken()
    if len(open_parts) != 1:
        raise job.broken()
    return open_parts[0]


def _written(job: Job, part: _Part) -> Iterator[str]:
    yield f"BEGIN:{part.name}"
    if part.name == "VCALENDAR":
        if ("VERSION", "1.0") in [(name, value.strip()) for name, _said, value in part.properties]:
            raise job.broken()  # vCalendar, another language
        yield from ("VERSION:2.0", "PRODID:-//Sekisho//Sekisho//JA")
    for name, parameters, value in part.properties:
        kept = _PROPERTIES[name](value) if name in _PROPERTIES else None
        if kept is not None:
            warn_of_personal_numbers(job, kept)
            yield f"{name}{_parameters(job, parameters)}:{kept}"
        elif name not in _SAID_BY_US:
            job.removed("calendar.property", object=name[:40] or "?")
    for inner in part.parts:
        if inner.name not in _PARTS.get(part.name, ()):
            job.removed("calendar.part", object=inner.name[:40])
        elif inner.name == "VALARM" and not _only_shows(inner):
            job.removed("calendar.alarm")
        else:
            yield from _written(job, inner)
    yield f"END:{part.name}"


def _only_shows(alarm: _Part) -> bool:
    actions = [value.strip().upper() for name, _parameters, value in alarm.properties if name == "ACTION"]
    return actions == ["DISPLAY"]


def _parameters(job: Job, said: str) -> str:
    kept = []
    for given, quoted in _PARAMETER.findall(said):
        name, value = given.upper(), quoted.strip('"')
        if name in _FREE_PARAMETERS:
            kept.append(f';{name}="{value}"' if re.search("[;:,]", value) else f";{name}={value}")
        elif (name in _PARAMETERS and _WORD.fullmatch(value)) or (
            name == "VALUE" and value.upper() in _KINDS_OF_VALUE
        ):
            kept.append(f";{name}={value}")
        else:
            job.removed("calendar.property", object=name[:40])
    return "".join(kept)


def folded(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes, cut between characters."""
    piece, size = "", 0
    for mark in line:
        more = len(mark.encode())
        if size + more > _LINE_BYTES:
            yield piece
            piece, size = " ", 1
        piece, size = piece + mark, size + more
    yield piece
