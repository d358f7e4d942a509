"""Clean ZIP archives: local headers one after another, the directory, the end; each file inside clean itself.

Source: APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import re
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sekisho.sanitizer.verify.grammar import Complaint

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_DEFLATED, _STORED = 8, 0
_MAX_MEMBER = 1 << 30
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """A member as its local header tells it. ``packed`` is what stands in the archive; ``size`` what it expands to."""

    name: str
    packed: memoryview
    method: int
    size: int
    crc: int

    @property
    def data(self) -> bytes:
        """The whole content. Raises ``Structure`` when it is not what the header says."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """The content piece by piece. Raises ``Structure`` at the end when it is not what the header says."""
        size = crc = 0
        for chunk in self._expanded():
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if (size, crc) != (self.size, self.crc):
            raise Structure(f"content of {self.name}")

    def _expanded(self) -> Iterator[bytes]:
        if self.method == _STORED:
            yield bytes(self.packed)
            return
        if self.method != _DEFLATED:
            raise Structure(f"method {self.method}")
        inflate, waiting, left = zlib.decompressobj(-15), bytes(self.packed), self.size + 1
        try:
            while not inflate.eof and left > 0 and waiting:
                chunk = inflate.decompress(waiting, min(_CHUNK, left))
                waiting = inflate.unconsumed_tail
                left -= len(chunk)
                yield chunk
        except zlib.error as error:
            raise Structure("compressed data") from error
        if inflate.unused_data or not inflate.eof:
            raise Structure("compressed data")


# The kind of a file in the upper half of its external attributes, as Unix writes it (stat.h).
_FILE_KIND, _REGULAR = 0o170000, 0o100000
# That it may be run, or as somebody else, and above: hidden files, those of the system, folders.
_RUNS_OR_HIDES = 0o7111 << 16 | 0x5E


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
        if head[15] >> 16 & _FILE_KIND not in {0, _REGULAR} or head[15] & _RUNS_OR_HIDES:
            raise Structure(f"directory entry {number} is no plain file")
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
    return Stored(
        own.decode("utf-8" if flags & 0x800 else "ascii"),
        memoryview(data)[begin : begin + packed],
        method,
        size,
        crc,
    ), begin + packed


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    from sekisho.sanitizer import verify

    try:
        return _first(members(data), verify.complaint_of_named)
    except Structure as error:
        return Complaint("zip.structure", str(error))


def _first(found: list[Stored], judge: Callable[[str, bytes], Complaint | None]) -> Complaint | None:
    seen: set[str] = set()
    for member in found:
        folded = unicodedata.normalize("NFC", member.name).casefold()
        if not is_safe_name(member.name) or folded in seen:
            return Complaint("zip.name", member.name)
        seen.add(folded)
        inner = judge(member.name, member.data)
        if inner:
            return Complaint("zip.member", f"{member.name}: {inner}")
    return None


# Names that Windows takes for devices, whatever follows their first dot.
_DEVICE = re.compile(
    "con|conin\\$|conout\\$|prn|aux|nul|clock\\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]", re.IGNORECASE
)


# Signs with a meaning of their own, money that Windows takes for a backslash, what nobody sees, objects of the shell.
_NO_PART_OF_NAMES = re.compile(
    r'[<>:"\\|?*\u00a5\u20a9\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]|\.\{[0-9a-f]{8}-', re.IGNORECASE
)


def is_safe_name(name: str) -> bool:
    """Whether a path is one that every system puts below the folder that it is unpacked to, as people read it."""
    if _NO_PART_OF_NAMES.search(name):
        return False
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in name):
        return False
    return all(
        part and part[-1] not in ". " and not _DEVICE.fullmatch(part.partition(".")[0].rstrip())
        for part in name.split("/")
    )
