"""Clean calendar entries: RFC 5545 in its strict form, of which only known properties with plain values are there.

Read line by line here, with lists of its own: what the writer takes for harmless decides nothing.
"""

import re

from sekisho.sanitizer.verify.content_lines import UNESCAPED, Unclean, complaint_of, lines
from sekisho.sanitizer.verify.grammar import Complaint

_HOLDS = {
    None: "VCALENDAR",
    "VCALENDAR": "VEVENT VTODO VJOURNAL VFREEBUSY VTIMEZONE",
    "VEVENT": "VALARM",
    "VTODO": "VALARM",
    "VTIMEZONE": "STANDARD DAYLIGHT",
}
_PLAIN = {
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "COMMENT",
    "CONTACT",
    "UID",
    "RELATED-TO",
    "TZID",
    "TZNAME",
    "X-WR-CALNAME",
    "CATEGORIES",
    "RESOURCES",
}
_CODED = {
    "STATUS",
    "CLASS",
    "TRANSP",
    "METHOD",
    "PRIORITY",
    "SEQUENCE",
    "PERCENT-COMPLETE",
    "DTSTART",
    "DTEND",
    "DUE",
    "DTSTAMP",
    "CREATED",
    "LAST-MODIFIED",
    "COMPLETED",
    "RECURRENCE-ID",
    "EXDATE",
    "RDATE",
    "FREEBUSY",
    "RRULE",
    "EXRULE",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "GEO",
    "DURATION",
    "TRIGGER",
}
_FIXED = {"VERSION": "2.0", "PRODID": "-//Sekisho//Sekisho//JA", "ACTION": "DISPLAY"}
_PEOPLE = {"ORGANIZER", "ATTENDEE"}
_SETTINGS = {
    "TZID",
    "CN",
    "ROLE",
    "PARTSTAT",
    "RSVP",
    "CUTYPE",
    "RELATED",
    "RANGE",
    "FBTYPE",
    "LANGUAGE",
    "RELTYPE",
    "VALUE",
}
_CODES = re.compile(r"(?!.*\bFREQ=(?:SECOND|MINUTE)LY)[A-Z0-9a-z+./;,=-]*", re.IGNORECASE)
_REPEAT = re.compile("[0-9]{1,2}")
_PERSON = re.compile(r"mailto:[^\s<>\"',;:\\@]+@[\w.-]+")
_SAID = re.compile(r';([A-Z-]+)=("[^"]*"|[^";:,]*)')


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    return complaint_of(data, _check, "calendar.structure")


def _check(data: bytes) -> None:
    within: list[str] = []
    began = False
    for line in lines(data):
        name, colon, _rest = (
            re.split("([:;])", line, maxsplit=1) if re.search("[:;]", line) else (line, "", "")
        )
        if name == "BEGIN" and colon == ":":
            inner = line.removeprefix("BEGIN:")
            if inner not in _HOLDS.get(within[-1] if within else None, "").split():
                raise Unclean(f"part {inner}")
            within.append(inner)
            began = True
        elif name == "END" and colon == ":":
            if not within or within.pop() != line.removeprefix("END:"):
                raise Unclean("end of a part")
        elif not within:
            raise Unclean("a line outside")
        else:
            _check_property(name, line[len(name) :])
    if within or not began:
        raise Unclean("end of the file")


def _check_property(name: str, rest: str) -> None:
    at = 0
    while found := _SAID.match(rest, at):
        if found.group(1) not in _SETTINGS or (
            found.group(1) == "VALUE" and found.group(2) in ("URI", "BINARY")
        ):
            raise Unclean(f"{name};{found.group(1)}")
        at = found.end()
    if rest[at : at + 1] != ":":
        raise Unclean(f"line of {name}")
    value = rest[at + 1 :]
    is_clean = (
        value == _FIXED[name] if name in _FIXED
        else _PERSON.fullmatch(value) if name in _PEOPLE
        else _REPEAT.fullmatch(value) if name == "REPEAT"
        else _CODES.fullmatch(value) if name in _CODED
        else UNESCAPED.fullmatch(value) if name in _PLAIN
        else False
    )  # fmt: skip
    if not is_clean:
        raise Unclean(f"property {name}")
