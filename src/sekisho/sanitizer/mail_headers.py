"""Headers of mail as people read them, in whatever encoding old mailers of Japan wrote them."""

import base64
import quopri
import re
from contextlib import suppress
from email.message import Message

from sekisho.sanitizer.encodings import guess

#: those of correspondence, which a clean mail keeps
HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "References")
_RAW = re.compile(rb"[\x80-\xff]|\x1b[$(]")
_WORD = re.compile(r"=\?([A-Za-z0-9_-]{1,40})(?:\*[A-Za-z-]*)?\?([bBqQ])\?([^?\s]*)\?=")


def make_legible(parsed: Message) -> None:
    """Headers that old Japanese mailers wrote as raw bytes become words, before the parser makes marks of them."""
    for part in parsed.walk():
        seen: set[str] = set()
        for name, value in list(part.raw_items()):
            raw = str(value).encode("utf-8", "surrogateescape")
            if _RAW.search(raw) and name.lower() not in seen:
                line = " ".join(decoded(raw, "").split())
                with suppress(ValueError, IndexError, AttributeError, TypeError):
                    part.replace_header(name, line)  # the first of its name
            seen.add(name.lower())


def header(parsed: Message, name: str) -> str:
    """The decoded value; what the parser cannot read is left empty rather than guessed."""
    try:
        value = str(parsed.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""
    return read_words(value)


def read_words(text: str) -> str:
    """Text in which the encoded words (RFC 2047) are read that the parser could not read."""
    return _WORD.sub(_read_word, text)


def _read_word(found: re.Match[str]) -> str:
    """Windows writes ① and 髙 in ISO-2022-JP, which has neither."""
    charset, way, text = found.groups()
    try:
        raw = base64.b64decode(text) if way in "bB" else quopri.decodestring(text.replace("_", " "))
    except ValueError:
        return found[0]
    return decoded(raw, charset)


def decoded(raw: bytes, declared: str) -> str:
    """Bytes as words: in the encoding they say, else in the one they look like."""
    for encoding in (declared, guess(raw)):
        if encoding:
            with suppress(LookupError, UnicodeDecodeError):
                return raw.decode(encoding)
    return raw.decode("utf-8", "replace")
