"""Lines of calendars and contacts (RFC 5545, 3.1; RFC 2426, 2.6): ended, folded and escaped in the same way."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from sekisho.sanitizer.verify.grammar import Complaint

UNESCAPED = re.compile(r"(?:[^\\;]|\\[\\;,n])*")


class Unclean(Exception):
    """What is disliked, in a word or two."""


def complaint_of(data: bytes, check: Callable[[bytes], None], code: str) -> Complaint | None:
    """What ``check`` dislikes, which is told as ``code``."""
    try:
        check(data)
    except UnicodeDecodeError:
        return Complaint("text.not_utf8", "")
    except Unclean as unclean:
        return Complaint(code, str(unclean)[:80])
    return None


def lines(data: bytes) -> Iterator[str]:
    """The whole lines of a file that follows the rules of lines. Raises ``Unclean``, ``UnicodeDecodeError``."""
    if not data.endswith(b"\r\n"):
        raise Unclean("end of the last line")
    held: list[bytes] = []
    for number, line in enumerate(data.removesuffix(b"\r\n").split(b"\r\n"), start=1):
        if len(line) > 75 or not line:
            raise Unclean(f"length of line {number}")
        if line.startswith(b" ") and held:
            held.append(line[1:])
            continue
        if held:
            yield _text(held)
        held = [line]
    yield _text(held)


def _text(pieces: list[bytes]) -> str:
    said = b"".join(pieces).decode("utf-8")
    for mark in set(said):
        if (unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} and mark != "\t") or _steers(mark):
            raise Unclean(f"U+{ord(mark):04X}")
    return said


def _steers(mark: str) -> bool:
    return (
        mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        or 0xE0000 <= ord(mark) < 0xE0080
    )
