"""What headers, names and bodies of mail say, whichever way they are encoded: RFC 2047, RFC 2231, and what is sent instead.

Japanese mail programs name ISO-2022-JP and Shift_JIS and mean what Windows makes of them, leave bytes in headers as they
are, and put encoded words where the standard wants percent signs. The library's own answer is taken where it has one.
"""

import base64
import email.policy
import re
from email.header import decode_header
from email.message import EmailMessage, Message
from email.utils import getaddresses
from functools import lru_cache
from typing import Any

from sekisho.sanitizer.encodings import as_declared

#: those of correspondence, which a clean mail keeps
HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject", "Message-ID", "In-Reply-To", "References")
_ADDRESSED = {"From", "To", "Cc", "Reply-To"}
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
_UNSOLVED = re.compile("=\\?[^?\\s]+\\?[BbQq]\\?|\ufffd|[\udc80-\udcff]|\x1b")


# Of ISO-2022-JP, between the words of a subject that some programs part in the middle of a character.
_TO_ASCII_AND_BACK = b"\x1b(B\x1b$B"
_SIGNATURE = "-- "

#: characters of a header that are read; parsers of what follows take time by the square of it
LONGEST_HEADER = 20_000
#: of those that each part of a mail has: a name of 255 characters fits, in percent signs too
_LONGEST = {
    "content-type": 3_000,
    "content-disposition": 3_000,
    "content-transfer-encoding": 100,
    "mime-version": 100,
}
_MOST_PARAMETERS = 100  # of a part: a long name comes in pieces
#: in a header: to read and to write it takes time by the square of them
MOST_QUOTES = 4_000


class _Bounded(email.policy.EmailPolicy):
    """Reads headers as the standard library does, as far as is reasonable."""

    @lru_cache(64)  # noqa: B019 - there is one policy; what kind a part is, is asked some ten times
    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, _bounded(name, value))
        except (
            RecursionError,
            IndexError,
            KeyError,
            ValueError,
            TypeError,
            AttributeError,
        ):  # faults of the library
            return self.header_factory(name, "")


POLICY = _Bounded()


def decoded(raw: bytes, declared: str = "") -> str:
    """The text by the encoding that it names, else by the one that fits."""
    text = as_declared(raw, declared)
    return raw.decode("utf-8", "replace") if text is None else text


def header(parsed: EmailMessage, name: str) -> str:
    """The decoded value; what cannot be read is left empty rather than guessed."""
    raw = _raw(parsed, name)
    try:
        said = str(parsed.get(name, ""))
        if not _UNSOLVED.search(said):
            return said
        return _addresses(raw) if name in _ADDRESSED else words(raw)
    except (ValueError, IndexError, AttributeError, TypeError):
        return ""


def others(parsed: EmailMessage) -> int:
    """How many headers a clean mail does not keep, but those that say how its parts are put together."""
    kept = {name.lower() for name in HEADERS} | {"mime-version"}
    return sum(
        name.lower() not in kept and not name.lower().startswith("content-")
        for name, _value in parsed.raw_items()
    )


def words(raw: str) -> str:
    """A header as it stands in the file (its bytes beyond ASCII as lone surrogates), its encoded words decoded."""
    line = _unfolded(raw)
    if "=?" not in line:
        return line
    return "".join(
        decoded(part.replace(_TO_ASCII_AND_BACK, b""), charset or "") if isinstance(part, bytes) else part
        for part, charset in decode_header(line)
    )


def _unfolded(raw: str) -> str:
    """A header on one line, its bare bytes read as text."""
    line = re.sub(r"\r?\n(?=[ \t])", "", raw)
    if line.isascii() and "\x1b" not in line:
        return line
    return decoded(line.encode("utf-8", "surrogateescape"))


def _addresses(raw: str) -> str:
    """A list of addresses: taken apart before its words are decoded, because those may hold commas and brackets."""
    listed = []
    for name, address in getaddresses([_unfolded(raw)]):
        said = words(name)
        if _SPECIAL.search(said):
            said = '"' + said.replace("\\", "").replace('"', "") + '"'
        listed.append(f"{said} <{address}>" if said and address else said or address)
    return ", ".join(listed)


def _raw(parsed: EmailMessage, name: str) -> str:
    wanted = (str(value) for key, value in parsed.raw_items() if key.lower() == name.lower())
    return _bounded(name, next(wanted, ""))


def _bounded(name: str, value: str) -> str:
    """As much of a header as is read: whole addresses and words."""
    longest = _LONGEST.get(name.lower(), LONGEST_HEADER)
    if name.lower().startswith("content-"):
        value = ";".join(value.split(";", _MOST_PARAMETERS)[:_MOST_PARAMETERS])
    if value.count('"') > MOST_QUOTES:
        longest = min(longest, len('"'.join(value.split('"', MOST_QUOTES)[:-1])))
    if len(value) <= longest:
        return value
    begun = value[:longest]
    return begun.rpartition("," if "," in begun else " ")[0] or begun


def is_too_long(parsed: EmailMessage, name: str) -> bool:
    """Whether a header has more than is read of it."""
    return any(
        _bounded(key, str(value)) != str(value)
        for key, value in parsed.raw_items()
        if key.lower() == name.lower()
    )


def filename(part: EmailMessage) -> str:
    """The name that an attachment has, '' where it has none."""
    for field, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        plain: Message = Message(email.policy.compat32)
        plain[field] = _unfolded(_raw(part, field))
        if plain[field] and (said := _parameter(plain, field, parameter)):
            return said
    return ""


def _parameter(plain: Message, field: str, parameter: str) -> str:
    try:
        found = plain.get_param(parameter, header=field)
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""
    if isinstance(found, tuple):  # RFC 2231: its pieces are joined, its percent signs undone
        charset, _language, value = found
        return decoded(value.encode("latin-1", "replace"), charset or "")
    return words(found).strip() if isinstance(found, str) else ""


def unflowed(text: str, *, deletes_blanks: bool) -> str:
    """Text whose paragraphs are broken at the width of a window (RFC 3676, ``format=flowed``), each on one line again.

    ``deletes_blanks``: the blank that marks a broken line is none of the text (``delsp=yes``), as in Japanese.
    """
    paragraphs: list[list[str]] = []
    goes_on, last_depth = False, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        said = line.lstrip(">")
        depth = len(line) - len(said)
        said = said.removeprefix(" ")
        is_signature = said == _SIGNATURE
        if not (goes_on and depth == last_depth and not is_signature):
            paragraphs.append([f"{'>' * depth} " if depth else ""])
        goes_on, last_depth = said.endswith(" ") and not is_signature, depth
        paragraphs[-1].append(said[:-1] if goes_on and deletes_blanks else said)
    return "\n".join(map("".join, paragraphs))


def body_bytes(part: Message) -> bytes:
    """The content as bytes; Base64 that was cut off or has other signs in it as far as it goes."""
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        packed = part.get_payload()
        if isinstance(packed, str):
            return _from_base64(packed.encode("ascii", "ignore"))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _from_base64(packed: bytes) -> bytes:
    signs = re.sub(rb"[^A-Za-z0-9+/]", b"", packed.partition(b"=")[0])
    if len(signs) % 4 == 1:
        signs = signs[:-1]
    return base64.b64decode(signs + b"=" * (-len(signs) % 4))
