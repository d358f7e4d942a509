"""Clean contacts: vCard 3.0 (RFC 2426) in its strict form, of which only known entries with plain values are there.

Read here with lists of its own: what the writer takes for harmless decides nothing.
"""

import re

from sekisho.sanitizer.verify.content_lines import UNESCAPED, Unclean, complaint_of, lines
from sekisho.sanitizer.verify.grammar import Complaint

_BEGINS = ["BEGIN:VCARD", "VERSION:3.0"]
_PLAIN = {
    "FN", "TITLE", "ROLE", "NOTE", "LABEL", "UID", "SORT-STRING", "NICKNAME", "CATEGORIES",
    "X-PHONETIC-FIRST-NAME", "X-PHONETIC-LAST-NAME", "X-PHONETIC-ORG",
}  # fmt: skip
_IN_PARTS = {"N", "ADR", "ORG"}
_PARTS = re.compile(r"(?:[^\\]|\\[\\;,n])*")
_FORMS = {
    **dict.fromkeys(("BDAY", "ANNIVERSARY", "REV"), re.compile(r"[0-9TZ:.+-]+")),
    "TEL": re.compile(r"(?:[^\\;*#]|\\[\\;,n])*"),
    "EMAIL": re.compile(r"[^\s<>\"',;:\\@]+@[\w.-]+"),
    "URL": re.compile(r"https?://[!-~]+"),
}
_LINE = re.compile(r"([A-Z-]+)(?:;TYPE=[A-Z0-9-]+(?:,[A-Z0-9-]+)*)?:(.*)", re.DOTALL)


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    return complaint_of(data, _check, "contact.structure")


def _check(data: bytes) -> None:
    card: list[str] = []  # its beginning, then the names of its entries
    for line in lines(data):
        if len(card) < len(_BEGINS):
            if line != _BEGINS[len(card)]:
                raise Unclean("the beginning of a contact")
            card.append(line)
        elif line == "END:VCARD":
            if not {"N", "FN"} <= set(card):
                raise Unclean("a contact without a name")
            card = []
        else:
            card.append(_checked(line))
    if card:
        raise Unclean("end of the file")


def _checked(line: str) -> str:
    """The name of an entry that may be there."""
    found = _LINE.fullmatch(line)
    if not found:
        raise Unclean("a line that is no entry")
    name, value = found.groups()
    form = UNESCAPED if name in _PLAIN else _PARTS if name in _IN_PARTS else _FORMS.get(name)
    if form is None or not form.fullmatch(value):
        raise Unclean(f"entry {name}")
    return name
