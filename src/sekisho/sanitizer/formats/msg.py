"""Outlook's MSG files: a compound file of MAPI properties.

Source: [MS-OXMSG] sections 2.1 and 2.2, property tags of [MS-OXPROPS].
"""

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

import olefile

from sekisho.sanitizer.encodings import guess

_STREAM = "__substg1.0_{:04X}{:04X}"
_UNICODE, _NARROW, _BINARY = 0x001F, 0x001E, 0x0102
_SUBJECT, _BODY, _HTML, _HEADERS = 0x0037, 0x1000, 0x1013, 0x007D
_SENDER_NAME, _SENDER_MAIL, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_TO, _CC = 0x0E04, 0x0E03
_ATTACH_DATA, _ATTACH_LONG_NAME, _ATTACH_NAME = 0x3701, 0x3707, 0x3704
_CLIENT_SUBMIT_TIME = 0x00390040  # tag and type, as in the property stream
_ATTACHMENT = "__attach_version1.0_#"
_HEADER_SIZE, _ROW = 32, 16
_EPOCH_1601 = 11_644_473_600


class MsgError(ValueError):
    """The file breaks its format."""


@dataclass(frozen=True)
class Outlook:
    """A message: header values by name, bodies, attachments as (name, content), and names of unreadable ones."""

    headers: Mapping[str, str]
    text: str
    html: str
    attachments: tuple[tuple[str, bytes], ...]
    unreadable: tuple[str, ...]


def read(data: bytes) -> Outlook:
    """Read a message. Raises ``MsgError``."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return _Message(ole).read()
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise MsgError(str(error)) from error


class _Message:
    def __init__(self, ole: olefile.OleFileIO) -> None:
        self.ole = ole

    def read(self) -> Outlook:
        folders = sorted({entry[0] for entry in self.ole.listdir() if entry[0].startswith(_ATTACHMENT)})
        attachments, unreadable = [], []
        for folder in folders:
            name = self._text(folder, _ATTACH_LONG_NAME) or self._text(folder, _ATTACH_NAME) or "attachment"
            content = self._bytes(folder, _ATTACH_DATA, _BINARY)
            if content is None:  # an embedded message or OLE object lives in a storage, not in a stream
                unreadable.append(name)
            else:
                attachments.append((name, content))
        return Outlook(
            self._headers(), self._text("", _BODY), self._page(), tuple(attachments), tuple(unreadable)
        )

    def _headers(self) -> dict[str, str]:
        name = self._text("", _SENDER_NAME)
        address = self._text("", _SENDER_SMTP) or self._text("", _SENDER_MAIL)
        sender = f"{name} <{address}>" if "@" in address and name != address else address or name
        found = {"From": sender, "To": self._text("", _TO), "Cc": self._text("", _CC), "Date": self._date(),
                 "Subject": self._text("", _SUBJECT)}  # fmt: skip
        return {header: value for header, value in found.items() if value}

    def _page(self) -> str:
        raw = self._bytes("", _HTML, _BINARY)
        if raw is None:
            return self._text("", _HTML)
        return raw.decode(guess(raw) or "utf-8", "replace")

    def _date(self) -> str:
        """The time of sending as RFC 5322 writes it, from the fixed-size properties."""
        if not self.ole.exists("__properties_version1.0"):
            return ""
        rows = self.ole.openstream("__properties_version1.0").read()
        for at in range(_HEADER_SIZE, len(rows) - _ROW + 1, _ROW):
            tag, _flags, value = struct.unpack_from("<IIQ", rows, at)
            if tag == _CLIENT_SUBMIT_TIME:
                return formatdate(value / 10_000_000 - _EPOCH_1601)
        return ""

    def _text(self, folder: str, tag: int) -> str:
        wide = self._bytes(folder, tag, _UNICODE)
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        narrow = self._bytes(folder, tag, _NARROW)
        return narrow.decode("cp932", "replace").rstrip("\x00") if narrow is not None else ""

    def _bytes(self, folder: str, tag: int, kind: int) -> bytes | None:
        path = [part for part in (folder, _STREAM.format(tag, kind)) if part]
        if not self.ole.exists(path) or self.ole.get_type(path) != olefile.STGTY_STREAM:
            return None
        content: bytes = self.ole.openstream(path).read()
        return content
