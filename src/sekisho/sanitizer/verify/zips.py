"""Clean ZIP archives: local headers one after another, the directory, the end; each file inside clean itself.

Source: APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import struct
import unicodedata
import zlib
from dataclasses import dataclass

from sekisho.sanitizer.verify.grammar import Complaint

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DEFLATED, _STORED = 8, 0
_MAX_MEMBER = 1 << 30


@dataclass(frozen=True)
class Stored:
    """A member as its local header tells it."""

    name: str
    data: bytes


class Structure(ValueError):
    """The archive is not one that our writer makes; the message names the place."""


def members(data: bytes) -> list[Stored]:
    """The members of a plain ZIP. Raises ``Structure`` at the first byte that has no place in the grammar."""
    try:
        return _members(data)
    except (struct.error, IndexError, zlib.error, UnicodeDecodeError) as error:
        raise Structure("cut off") from error


def _members(data: bytes) -> list[Stored]:
    end = len(data) - _END.size
    magic, disk, start_disk, here, total, size, offset, comment = _END.unpack_from(data, end)
    if (magic, disk, start_disk, comment, here) != (b"PK\x05\x06", 0, 0, 0, total) or offset + size != end:
        raise Structure("end of directory")
    found, at, place = [], 0, offset
    for number in range(total):
        head = _CENTRAL.unpack_from(data, place)
        name_length, extra, remark, local_at = head[10], head[11], head[12], head[16]
        name = data[place + _CENTRAL.size : place + _CENTRAL.size + name_length]
        if head[0] != b"PK\x01\x02" or extra or remark or local_at != at or head[13]:
            raise Structure(f"directory entry {number}")
        member, at = _local(data, at, head, name)
        found.append(member)
        place += _CENTRAL.size + name_length
    if at != offset or place != end:
        raise Structure(f"byte {at}")
    return found


def _local(data: bytes, at: int, central: tuple[int, ...], name: bytes) -> tuple[Stored, int]:
    """The member whose local header is at ``at``, and where the next begins. Both headers must agree."""
    magic, _version, flags, method, _time, _date, crc, packed, size, length, extra = _LOCAL.unpack_from(
        data, at
    )
    own = data[at + _LOCAL.size : at + _LOCAL.size + length]
    if magic != b"PK\x03\x04" or own != name or extra or flags & ~0x800 or size > _MAX_MEMBER:
        raise Structure(f"local header at byte {at}")
    if (flags, method, crc, packed, size) != (central[3], central[4], central[7], central[8], central[9]):
        raise Structure(f"headers disagree at byte {at}")
    begin = at + _LOCAL.size + length
    content = _content(method, data[begin : begin + packed], size)
    if zlib.crc32(content) != crc or len(content) != size:
        raise Structure(f"content at byte {begin}")
    return Stored(own.decode("utf-8" if flags & 0x800 else "ascii"), content), begin + packed


def _content(method: int, body: bytes, size: int) -> bytes:
    if method == _STORED:
        return body
    if method != _DEFLATED:
        raise Structure(f"method {method}")
    inflate = zlib.decompressobj(-15)
    content = inflate.decompress(body, size + 1)
    if inflate.unused_data or not inflate.eof:
        raise Structure("compressed data")
    return content


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    from sekisho.sanitizer import verify

    try:
        found = members(data)
    except Structure as error:
        return Complaint("zip.structure", str(error))
    seen: set[str] = set()
    for member in found:
        if not _safe(member.name) or member.name.casefold() in seen:
            return Complaint("zip.name", member.name)
        seen.add(member.name.casefold())
        inner = verify.complaint_of_named(member.name, member.data)
        if inner:
            return Complaint("zip.member", f"{member.name}: {inner}")
    return None


def _safe(name: str) -> bool:
    if not name or name.startswith("/") or "\\" in name or ":" in name or name.endswith("/"):
        return False
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in name):
        return False
    return all(part not in {"", ".", ".."} for part in name.split("/"))
