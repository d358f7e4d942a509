"""Outlook's MSG files: a compound file of MAPI properties, with attached messages in storages of their own.

Source: [MS-OXMSG] sections 2.1 and 2.2, property tags of [MS-OXPROPS].
"""

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

import olefile

from sekisho.sanitizer.encodings import guess
from sekisho.sanitizer.formats import rtf_text

_STREAM = "__substg1.0_{:04X}{:04X}"
_UNICODE, _NARROW, _BINARY, _STORAGE = 0x001F, 0x001E, 0x0102, 0x000D
_SUBJECT, _BODY, _HTML, _HEADERS, _RTF = 0x0037, 0x1000, 0x1013, 0x007D, 0x1009
_SENDER_NAME, _SENDER_MAIL, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_TO, _CC = 0x0E04, 0x0E03
_ATTACH_DATA, _ATTACH_LONG_NAME, _ATTACH_NAME = 0x3701, 0x3707, 0x3704
_CLIENT_SUBMIT_TIME = 0x00390040  # tag and type, as in the property stream
_ATTACHMENT = "__attach_version1.0_#"
_PROPERTIES = "__properties_version1.0"
_HEADER_SIZE, _INNER_HEADER_SIZE, _ROW = 32, 24, 16
_MAX_BODY = 64 * 1024 * 1024
_MAX_DEPTH = 40  # each attached message lies two storages deeper
_EPOCH_1601 = 11_644_473_600


class MsgError(ValueError):
    """The file breaks its format."""


@dataclass(frozen=True)
class Outlook:
    """A message: header values by name, bodies, attachments as (name, content), attached messages, and names
    of attachments that cannot be read."""

    headers: Mapping[str, str]
    text: str
    html: str
    attachments: tuple[tuple[str, bytes], ...]
    messages: tuple["Outlook", ...]
    unreadable: tuple[str, ...]


def read(data: bytes) -> Outlook:
    """Read a message. Raises ``MsgError``."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return _Message(ole).read()
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise MsgError(str(error)) from error


class _Message:
    """The message in one storage: the file itself, or one attached to another."""

    def __init__(self, ole: olefile.OleFileIO, place: tuple[str, ...] = ()) -> None:
        self.ole = ole
        self.place = place

    def read(self) -> Outlook:
        attachments, messages, unreadable = [], [], []
        for folder in self._folders():
            name = self._text(folder, _ATTACH_LONG_NAME) or self._text(folder, _ATTACH_NAME) or "attachment"
            content = self._bytes(folder, _ATTACH_DATA, _BINARY)
            inner = (*self.place, folder, _STREAM.format(_ATTACH_DATA, _STORAGE))
            if content is not None:
                attachments.append((name, content))
            elif self.ole.exists([*inner, _PROPERTIES]):
                if len(inner) > _MAX_DEPTH:
                    raise MsgError("messages nested too deep")
                messages.append(_Message(self.ole, inner).read())
            else:  # an OLE object lives in a storage too
                unreadable.append(name)
        text, page = self._text("", _BODY), self._page()
        if not text and not page:
            text, page = self._rich_body()
        return Outlook(self._headers(), text, page, tuple(attachments), tuple(messages), tuple(unreadable))

    def _folders(self) -> list[str]:
        depth = len(self.place)
        return sorted(
            {
                entry[depth]
                for entry in self.ole.listdir()
                if tuple(entry[:depth]) == self.place and entry[depth].startswith(_ATTACHMENT)
            }
        )

    def _rich_body(self) -> tuple[str, str]:
        """Text and page of a message that has its body as compressed RTF alone."""
        packed = self._bytes("", _RTF, _BINARY)
        if packed is None:
            return "", ""
        try:
            return rtf_text.bodies(packed, _MAX_BODY)
        except rtf_text.RtfError as error:
            raise MsgError(str(error)) from error

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
        path = [*self.place, _PROPERTIES]
        if not self.ole.exists(path):
            return ""
        rows = self.ole.openstream(path).read()
        for at in range(_INNER_HEADER_SIZE if self.place else _HEADER_SIZE, len(rows) - _ROW + 1, _ROW):
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
        path = [part for part in (*self.place, folder, _STREAM.format(tag, kind)) if part]
        if not self.ole.exists(path) or self.ole.get_type(path) != olefile.STGTY_STREAM:
            return None
        content: bytes = self.ole.openstream(path).read()
        return content
