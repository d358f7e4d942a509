"""Clean mail: known headers, a text body, perhaps its page, and attachments that are clean themselves.

Read line by line here, not with the library that writes: RFC 5322 and RFC 2046. Where programs disagree about what a line,
a boundary or a name is, the one spelling that all of them read alike is clean.
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
from sekisho.sanitizer.verify.texts import characters_complaint
from sekisho.sanitizer.verify.zips import is_safe_name

_TOP = {"from", "to", "cc", "reply-to", "date", "subject", "message-id", "in-reply-to", "references", "mime-version",
        "content-type", "content-transfer-encoding"}  # fmt: skip
_PART = {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version"}
_CHARSETS = {"", "utf-8", "us-ascii"}
# A kind and what is said of it, each once or in numbered pieces (RFC 2045, RFC 2231); no comment stands between.
_SAID = re.compile(
    r';\s*(charset|boundary|filename)(\*\d+)?(\*)?=(?:"([^"\\]*)"|([^\s";\\()]+))', re.IGNORECASE
)
_KIND = re.compile(r"[a-z]+(?:/[a-z0-9.+-]+)?(?=;|$)", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"(?:\r?\n){2}")
_NO_LINE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)"
)  # what some programs take for the end of one
_BASE64 = re.compile(rb"(?>[A-Za-z0-9+/]++\r?\n)*+[A-Za-z0-9+/]*+={0,2}[\r\n]*+")
_QUOTED = re.compile(rb"(?>[\t\r\n\x20-\x3c\x3e-\x7e]++|=[0-9A-F]{2}|=\r?\n)*+")
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
        pieces = [piece for piece in _SAID.findall(value) if piece[0].lower() == name]
        numbers = [number for _name, number, *_rest in pieces]
        if numbers not in ([], [""], [f"*{place}" for place in range(len(pieces))]):
            raise _Unclean(f"{name} twice")
        text = "".join(quoted or bare for *_names, quoted, bare in pieces)
        if any(star for _name, _number, star, *_value in pieces):
            charset, _language, said = text.split("'", 2)
            if charset.lower() not in _CHARSETS:
                raise _Unclean(f"encoding of {name}")
            return unquote(said, errors="strict")
        return _words(text)


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
    blank = _BLANK_LINE.search(data)
    if not blank:
        raise _Unclean("no body")
    head, body = data[: blank.start()], data[blank.end() :]
    headers: dict[str, str] = {}
    for line in re.split(rb"\r?\n(?![ \t])", head):
        name, colon, value = line.decode("ascii").partition(":")
        if not colon or name.lower() not in allowed or name.lower() in headers:
            raise _Unclean(f"header {name[:40]}")
        if _NO_LINE.search(line):
            raise _Unclean(f"control character in {name[:40]}")
        headers[name.lower()] = " ".join(value.split())
        if any(unicodedata.category(mark) in {"Cc", "Cf", "Cs"} for mark in _words(headers[name.lower()])):
            raise _Unclean(f"control character in {name[:40]}")
    for name in {"content-type", "content-disposition"} & headers.keys():
        if _SAID.sub("", _KIND.sub("", headers[name], count=1)):
            raise _Unclean(f"parameters of {name}")
    return _Part(headers, body)


def _words(value: str) -> str:
    """A header as people see it, its encoded words decoded (RFC 2047)."""
    found = ""
    for part, charset in decode_header(value):
        if (charset or "").lower() not in _CHARSETS:
            raise _Unclean(f"encoding {charset}")
        found += part.decode("utf-8") if isinstance(part, bytes) else part
    return found


def _check(part: _Part, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise _Unclean("depth")
    if part.kind.startswith("text/") and part.parameter("content-type", "charset").lower() not in _CHARSETS:
        raise _Unclean("charset")
    if part.kind in _CONTAINERS:
        for inner in _inner(part):
            _check(inner, depth + 1)
    elif "content-disposition" in part.headers:
        _check_attachment(part)
    elif part.kind == "text/html":
        found = html_complaint(_decoded(part))
        if found:
            raise _Unclean(f"body: {found}")
    elif part.kind == "text/plain":
        if characters_complaint([_decoded(part).decode("utf-8")]):
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
    boundary = re.escape(part.parameter("content-type", "boundary").encode("ascii"))
    pieces = re.split(rb"(?:^|\r?\n)--" + boundary + rb"(?:--)?[ \t]*(?:\r?\n|$)", part.body)
    ends = re.findall(rb"^--" + boundary + rb"(.*?)\r?$", part.body, re.MULTILINE)
    if not boundary or len(pieces) < 3 or pieces[0].strip() or pieces[-1].strip():
        raise _Unclean("boundary")
    if ends != [b""] * (len(pieces) - 2) + [b"--"]:
        raise _Unclean("boundary")
    for piece in pieces[1:-1]:
        yield _split(piece, _PART)


def _decoded(part: _Part) -> bytes:
    encoding = part.headers.get("content-transfer-encoding", "7bit").lower()
    spelled = {"base64": _BASE64, "quoted-printable": _QUOTED}.get(encoding)
    if spelled and not spelled.fullmatch(part.body):
        raise _Unclean(encoding)
    if encoding == "base64":
        return base64.b64decode(part.body)
    if encoding == "quoted-printable":
        return quopri.decodestring(part.body)
    if encoding not in {"7bit", "8bit"}:
        raise _Unclean(f"encoding {encoding}")
    return part.body


def _check_attachment(part: _Part) -> None:
    name = part.parameter("content-disposition", "filename")
    if (
        not is_safe_name(name)
        or "/" in name
        or part.kind not in {"application/octet-stream", _SHOWN.get(name.rpartition(".")[2])}
    ):
        raise _Unclean(f"attachment {part.kind}")
    inner = verify.complaint_of_named(name, _decoded(part))
    if inner:
        raise _Unclean(f"{name}: {inner}")
