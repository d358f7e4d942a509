"""Outlook's wrapper winmail.dat: attributes one after another, with the body and attachments of a mail in them.

Source: [MS-OXTNEF] sections 2.1.3 and 2.1.4, property tags of [MS-OXPROPS].
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.sanitizer.encodings import guess
from sekisho.sanitizer.formats import rtf_text

_SIGNATURE = 0x223E9F78
_ATTRIBUTE = struct.Struct("<BII")
# attributes
_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
_ATTACHMENT_BEGINS, _ATTACHMENT_DATA, _ATTACHMENT_NAME, _ATTACHMENT_PROPERTIES = (
    0x00069002, 0x0006800F, 0x00018010, 0x00069005,
)  # fmt: skip
# properties
_PLAIN, _PAGE, _RTF = 0x1000, 0x1013, 0x1009
_DATA, _LONG_NAME, _SHORT_NAME, _CONTENT_ID = 0x3701, 0x3707, 0x3704, 0x3712
_OBJECT, _NARROW, _WIDE, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_FIXED = {
    2: 4,
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 8,
    0xA: 4,
    0xB: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}  # bytes, by type; with filling
_MANY = 0x1000  # a type of several values
_MESSAGE_ID = bytes.fromhex(
    "0703020000000000c000000000000046"
)  # IID_IMessage: an attached message, itself a TNEF
_MAX_BODY = 64 << 20
_NAMED = 0x8000


class TnefError(ValueError):
    """The wrapper breaks its format."""


@dataclass
class Attachment:
    """A file of the mail; ``is_message``: it is a message in a wrapper of its own."""

    name: str = ""
    data: bytes | None = None
    content_id: str = ""
    is_message: bool = False


@dataclass
class Wrapped:
    """What the wrapper holds."""

    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)


def read(data: bytes) -> Wrapped:
    """Read a wrapper. Raises ``TnefError``."""
    try:
        return _read(data)
    except (struct.error, IndexError, ValueError, LookupError, rtf_text.RtfError) as error:
        raise TnefError(str(error)) from error


def _read(data: bytes) -> Wrapped:
    if struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise TnefError("no signature")
    found, encoding = Wrapped(), "cp932"
    for kind, value in _attributes(data):
        if kind == _CODE_PAGE:
            encoding = _encoding(struct.unpack_from("<I", value)[0])
        elif kind == _BODY:
            found.text = found.text or _narrow(value, encoding)
        elif kind == _MESSAGE_PROPERTIES:
            _read_body(found, dict(_properties(value)), encoding)
        elif kind == _ATTACHMENT_BEGINS:
            found.attachments.append(Attachment())
        elif found.attachments:
            _read_attachment(found.attachments[-1], kind, value, encoding)
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6  # behind signature and key
    while at + _ATTRIBUTE.size <= len(data):
        _level, kind, size = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if at + size > len(data):
            raise TnefError("cut off")
        yield kind, data[at : at + size]
        at += size + 2  # a checksum follows


def _read_body(found: Wrapped, properties: dict[int, tuple[int, bytes]], encoding: str) -> None:
    found.text = _text(properties, _PLAIN, encoding) or found.text
    kind, page = properties.get(_PAGE, (0, b""))
    found.html = (
        page.decode(guess(page) or "utf-8", "replace")
        if kind == _BINARY
        else _text(properties, _PAGE, encoding)
    )
    _kind, packed = properties.get(_RTF, (0, b""))
    if packed and not found.text and not found.html:
        found.text, found.html = rtf_text.bodies(packed, _MAX_BODY)


def _read_attachment(attachment: Attachment, kind: int, value: bytes, encoding: str) -> None:
    if kind == _ATTACHMENT_NAME:
        attachment.name = attachment.name or _narrow(value, encoding)
    elif kind == _ATTACHMENT_DATA:
        attachment.data = value
    elif kind == _ATTACHMENT_PROPERTIES:
        properties = dict(_properties(value))
        attachment.name = (
            _text(properties, _LONG_NAME, encoding)
            or attachment.name
            or _text(properties, _SHORT_NAME, encoding)
        )
        attachment.content_id = _text(properties, _CONTENT_ID, encoding)
        held, content = properties.get(_DATA, (0, b""))
        if held == _OBJECT:
            attachment.is_message = content[:16] == _MESSAGE_ID
            attachment.data = content[16:] if attachment.is_message else None
        elif held == _BINARY and attachment.data is None:
            attachment.data = content


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Tag and (type, value) of each property; of one with several values the first."""
    (count,), at = struct.unpack_from("<I", data), 4
    for _ in range(count):
        kind, tag = struct.unpack_from("<HH", data, at)
        at += 4
        if tag >= _NAMED:
            at = _behind_name(data, at)
        many, kind = kind & _MANY, kind & ~_MANY
        values = []
        wanted = 1
        if many or kind in (_OBJECT, _NARROW, _WIDE, _BINARY):
            (wanted,), at = struct.unpack_from("<I", data, at), at + 4
        for _each in range(wanted):
            size = _FIXED.get(kind)
            if size is None:
                if kind not in (_OBJECT, _NARROW, _WIDE, _BINARY):
                    raise TnefError("unknown type")
                (size,), at = struct.unpack_from("<I", data, at), at + 4
            if at + size > len(data):
                raise TnefError("cut off")
            values.append(data[at : at + size])
            at += size + -size % 4
        if values:
            yield tag, (kind, values[0])


def _behind_name(data: bytes, at: int) -> int:
    (is_text,) = struct.unpack_from("<I", data, at + 16)  # behind the set the name belongs to
    if not is_text:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + size + -size % 4)


def _text(properties: dict[int, tuple[int, bytes]], tag: int, encoding: str) -> str:
    kind, value = properties.get(tag, (0, b""))
    if kind == _WIDE:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return _narrow(value, encoding) if kind == _NARROW else ""


def _narrow(value: bytes, encoding: str) -> str:
    return value.rstrip(b"\x00").decode(encoding, "replace")


def _encoding(page: int) -> str:
    known = {
        932: "cp932",
        65001: "utf-8",
        50220: "iso2022_jp_ext",
        51932: "euc_jp",
        936: "gb18030",
        949: "cp949",
    }
    return known.get(page, f"cp{page}" if page in range(1250, 1259) else "cp932")
