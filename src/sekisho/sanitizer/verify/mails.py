"""Clean mail: known headers, a text body, perhaps its page, and attachments that are clean themselves.

Read line by line here, not with the library that writes: RFC 5322 and RFC 2046.
"""

import base64
import binascii
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header
from urllib.parse import unquote

from sekisho.sanitizer import verify
from sekisho.sanitizer.verify.grammar import Complaint
from sekisho.sanitizer.verify.markups import html_complaint

_TOP = {"from", "to", "cc", "reply-to", "date", "subject", "message-id", "in-reply-to", "references", "mime-version",
        "content-type", "content-transfer-encoding"}  # fmt: skip
_PART = {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
_CHARSETS = {"", "utf-8", "us-ascii"}
_CONTAINERS = {"multipart/mixed", "multipart/alternative", "multipart/related"}
_SHOWN = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
}
_MAX_DEPTH = 6


class _Unclean(Exception):
    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class _Part:
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "text/plain").split(";")[0].strip().lower()

    def parameter(self, header: str, name: str) -> str:
        """A parameter's value, joined from its numbered and encoded pieces (RFC 2231)."""
        value = self.headers.get(header, "")
        pieces = re.findall(rf';\s*{name}(?:\*(\d+))?(\*)?="?([^";]*)"?', value)
        text = "".join(piece for _number, _star, piece in pieces)
        if any(star for _number, star, _piece in pieces):
            return unquote(text.partition("''")[2] or text)
        return "".join(
            part.decode(charset or "ascii") if isinstance(part, bytes) else part
            for part, charset in decode_header(text)
        )


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        _check(_split(data, _TOP), 0)
    except _Unclean as unclean:
        return Complaint("mail.structure", unclean.place)
    except (UnicodeDecodeError, binascii.Error, ValueError, LookupError) as error:
        return Complaint("mail.structure", type(error).__name__)
    return None


def _split(data: bytes, allowed: set[str]) -> _Part:
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        head, _gap, body = data.partition(b"\n\n")
    headers: dict[str, str] = {}
    for line in re.split(rb"\r?\n(?![ \t])", head):
        if not line:
            continue
        name, colon, value = line.decode("ascii").partition(":")
        if not colon or name.lower() not in allowed or name.lower() in headers:
            raise _Unclean(f"header {name[:40]}")
        headers[name.lower()] = " ".join(value.split())
        if any(unicodedata.category(mark) in {"Cc", "Cf", "Cs"} for mark in _words(headers[name.lower()])):
            raise _Unclean(f"control character in {name[:40]}")
    return _Part(headers, body)


def _words(value: str) -> str:
    """A header as people see it, its encoded words decoded (RFC 2047)."""
    return "".join(
        part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part
        for part, charset in decode_header(value)
    )


def _check(part: _Part, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise _Unclean("depth")
    if part.kind.startswith("text/") and part.parameter("content-type", "charset").lower() not in _CHARSETS:
        raise _Unclean("charset")
    if part.kind in _CONTAINERS:
        for inner in _inner(part):
            _check(inner, depth + 1)
    elif part.parameter("content-disposition", "filename") or "attachment" in part.headers.get(
        "content-disposition", ""
    ):
        _check_attachment(part)
    elif part.kind == "text/html":
        found = html_complaint(_decoded(part))
        if found:
            raise _Unclean(f"body: {found}")
    elif part.kind == "text/plain":
        if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", _decoded(part)):
            raise _Unclean("control character in the body")
        if re.search(
            rb"^[ \t]*(?:begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t]|=ybegin[ \t]|\(This file must be converted)",
            _decoded(part),
            re.M | re.I,
        ):
            raise _Unclean("a file within the body")
    else:
        raise _Unclean(part.kind)


def _inner(part: _Part) -> Iterator[_Part]:
    boundary = part.parameter("content-type", "boundary").encode("ascii")
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?:\r?\n|$)", part.body)
    if not boundary or len(pieces) < 3 or pieces[0].strip() or pieces[-1].strip():
        raise _Unclean("boundary")
    for piece in pieces[1:-1]:
        yield _split(piece, _PART)


def _decoded(part: _Part) -> bytes:
    encoding = part.headers.get("content-transfer-encoding", "7bit").lower()
    if encoding == "base64":
        return base64.b64decode(part.body)
    if encoding == "quoted-printable":
        return quopri.decodestring(part.body)
    if encoding not in {"7bit", "8bit"}:
        raise _Unclean(f"encoding {encoding}")
    return part.body


def _check_attachment(part: _Part) -> None:
    name = part.parameter("content-disposition", "filename")
    if not name or part.kind not in {"application/octet-stream", _SHOWN.get(name.rpartition(".")[2])}:
        raise _Unclean(f"attachment {part.kind}")
    inner = verify.complaint_of_named(name, _decoded(part))
    if inner:
        raise _Unclean(f"{name}: {inner}")
