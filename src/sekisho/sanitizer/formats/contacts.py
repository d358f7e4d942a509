"""Contacts (vCard 2.1, 3.0 and 4.0; RFC 2426 and 6350): their known, plain entries written anew, as 3.0 in UTF-8.

Pictures, sounds, keys, agents, addresses of other programs and all that programs have added of their own stay behind; how a
name is read stays, which phones of Japan write as a sound.
"""

import quopri
import re
from collections.abc import Callable, Iterator

from sekisho.sanitizer.encodings import as_declared
from sekisho.sanitizer.formats.calendar import Value, folded, like, list_of_words, words
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.personal import warn_of_personal_numbers

_ENTRY = re.compile(
    r"(?:[A-Za-z0-9-]{1,40}\.)?([A-Za-z0-9-]{1,40})((?>;(?>[^:;\"]++|\"[^\"]*+\")*+)*+):(.*)", re.DOTALL
)
_PARAMETER = re.compile(r";([A-Za-z0-9-]++)(?:=((?>[^:;\"]++|\"[^\"]*+\")*+))?")
_SEMICOLON = re.compile(r"(?<!\\);")
_MAIL = re.compile(r"(?:mailto:)?([^\s<>\"',;:\\@]{1,200}@[\w.-]{1,250})", re.IGNORECASE)
_TYPE = re.compile(r"[A-Za-z0-9-]{1,30}")
_CODED = {"QUOTED-PRINTABLE", "BASE64", "B", "Q", "8BIT", "7BIT"}
_READING = "X-IRMC-N"

Clean = Callable[[Job, str], str]


def _parts(value: str) -> str:
    return ";".join(list_of_words(part) for part in _SEMICOLON.split(value))


def _telephone(value: str) -> str | None:
    """In any form people write; but no * and #, by which telephones take orders."""
    number = re.sub("^tel:", "", value.strip(), flags=re.IGNORECASE)
    return words(number) if len(number) <= 60 and not set("*#") & set(number) else None


def _mail_address(value: str) -> str | None:
    found = _MAIL.fullmatch(value.strip())
    return found[1] if found else None


_KEPT: dict[str, Value] = {
    **dict.fromkeys(("N", "ADR", "ORG"), _parts),
    **dict.fromkeys(("FN", "TITLE", "ROLE", "NOTE", "LABEL", "UID", "SORT-STRING"), words),
    **dict.fromkeys(("X-PHONETIC-FIRST-NAME", "X-PHONETIC-LAST-NAME", "X-PHONETIC-ORG"), words),
    **dict.fromkeys(("NICKNAME", "CATEGORIES"), list_of_words),
    **dict.fromkeys(("BDAY", "ANNIVERSARY", "REV"), like(r"[-\dT:.Z+]{4,32}")),
    "TEL": _telephone,
    "EMAIL": _mail_address,
    "URL": like(r"https?://[!-~]{1,2000}"),
}
_SAID_BY_US = {"VERSION", "PRODID", "KIND"}


def contacts(job: Job, text: Iterator[str], clean: Clean) -> Iterator[str]:
    """The contacts written anew. ``clean``: rids what was in other letters of its control characters."""
    card: list[tuple[str, str, str]] | None = None
    found, agents = False, 0
    for line in _lines("".join(text)):
        entry = _ENTRY.fullmatch(line)
        name, said, value = (entry[1].upper(), entry[2], entry[3]) if entry else ("?", "", "")
        is_card = value.strip().upper() == "VCARD"
        if agents:  # cards within the entry of an agent, which stays behind with them
            agents += is_card * ((name == "BEGIN") - (name == "END"))
        elif name == "BEGIN" and is_card and card is None:
            card, found = [], True
        elif card is None:
            raise job.broken()
        elif name == "BEGIN" and is_card and card and card[-1][0] == "AGENT":
            agents = 1
        elif name == "END" and is_card:
            yield from (f"{piece}\r\n" for line in _written(job, card, clean) for piece in folded(line))
            card = None
        else:
            card.append((name, said, value))
            agents = int(name == "AGENT" and value.strip().upper() == "BEGIN:VCARD")
    if card is not None or not found:
        raise job.broken()


def _lines(text: str) -> Iterator[str]:
    """Whole lines: continued ones begin with a blank, those in quoted-printable end with an equals sign."""
    pieces: list[str] = []
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        goes_on = line.endswith("=") and "QUOTED-PRINTABLE" in (pieces or [line])[0][:200].upper()
        pieces.append(line[:-1] if goes_on else line)
        if not goes_on:
            if whole := "".join(pieces).strip():
                yield whole
            pieces.clear()
    yield from filter(None, ["".join(pieces)])


def _written(job: Job, card: list[tuple[str, str, str]], clean: Clean) -> Iterator[str]:
    kept = [entry for name, said, value in card for entry in _entries(job, name, said, value, clean)]
    values = {name: value for name, _types, value in reversed(kept)}
    # both must be there
    if "N" not in values:
        kept.insert(0, ("N", "", f"{values.get('FN', '')};;;;"))
    if "FN" not in values:
        shown = " ".join(filter(None, _SEMICOLON.split(values.get("N", ""))))
        kept.insert(0, ("FN", "", shown or values.get("ORG", "").replace(";", " ") or "?"))
    yield from ("BEGIN:VCARD", "VERSION:3.0")
    for name, types, value in kept:
        warn_of_personal_numbers(job, value)
        yield f"{name}{types}:{value}"
    yield "END:VCARD"


def _entries(job: Job, name: str, said: str, value: str, clean: Clean) -> Iterator[tuple[str, str, str]]:
    """An entry with its types, as often as it is written; not at all where it stays behind."""
    told = [(key.upper(), given.strip('"')) for key, given in _PARAMETER.findall(said)]
    marks = {given.upper() for key, given in told if key == "ENCODING"} | {key for key, _given in told}
    if "QUOTED-PRINTABLE" in marks:
        charset = next((given for key, given in told if key == "CHARSET"), "utf-8")
        value = clean(job, as_declared(quopri.decodestring(value.encode()), charset) or "")
    if name == "SOUND" and _READING in marks:
        for reading, part in zip(("LAST", "FIRST"), _SEMICOLON.split(value), strict=False):
            yield f"X-PHONETIC-{reading}-NAME", "", words(part)
        return
    kept = _KEPT[name](value) if name in _KEPT and not marks & {"B", "BASE64"} else None
    if kept is not None:
        yield name, _types(told), kept
    elif name not in _SAID_BY_US:
        job.removed("contact.entry", object=name[:40])


def _types(told: list[tuple[str, str]]) -> str:
    """What kind of number or address it is; vCard 2.1 names kinds without saying that they are."""
    bare = [key for key, given in told if not given and key not in _CODED]
    typed = [one for key, given in told if key == "TYPE" for one in given.split(",")]
    liked = ["PREF" for key, _given in told if key == "PREF"]
    kinds = dict.fromkeys(one.upper() for one in (*bare, *typed, *liked) if _TYPE.fullmatch(one))
    return f";TYPE={','.join(kinds)}" if kinds else ""
