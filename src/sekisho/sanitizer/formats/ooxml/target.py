"""The package being written: a plain ZIP archive (APPNOTE 6.3.10, 4.3) without anything a package does not need.

Members get one fixed date, so equal content makes equal bytes.
"""

import io
import struct
import zlib
from typing import IO, BinaryIO

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _DEFLATED, _STORED = 20, 8, 0
_DATE = 1 << 5 | 1  # 1 January 1980
_OWNED = 0o600 << 16
# XML repeats itself so much that deflating it harder takes twice as long for a tenth less.
_LEVEL = 3
# Bits of how far back it looks: less memory needs to be made ready for small parts.
_LARGE, _SMALL = zlib.MAX_WBITS, 13


class Target:
    """Writes parts one after the other."""

    def __init__(self, output: BinaryIO) -> None:
        self._output, self._directory, self._count = output, bytearray(), 0

    def write(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """``packed``: the data is compressed already (pictures)."""
        crc = zlib.crc32(data)
        if packed:
            self._member(name, _STORED, crc, len(data), data)
        else:
            window, memory = (_LARGE, 8) if len(data) > 1 << _SMALL else (_SMALL, 6)
            deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -window, memory)
            self._member(name, _DEFLATED, crc, len(data), deflate.compress(data) + deflate.flush())

    def open(self, name: str) -> IO[bytes]:
        """For parts too large to hold: write, then close, before anything else is written."""
        return io.BufferedWriter(_Growing(self, name), 1 << 16)  # type: ignore[type-var]

    def close(self) -> None:
        at, size = self._output.tell(), len(self._directory)
        self._output.write(self._directory)
        self._output.write(_END.pack(b"PK\5\6", 0, 0, self._count, self._count, size, at, 0))

    def begin(self, name: str) -> int:
        """Leave room for the header of a member whose content follows; where it is."""
        at = self._output.tell()
        self._output.write(bytes(_LOCAL.size + len(name.encode("ascii"))))
        return at

    def add(self, data: bytes) -> None:
        """More of the packed content of the member that was begun."""
        self._output.write(data)

    def finish(self, name: str, at: int, crc: int, size: int) -> None:
        """Write the header of the member that was begun ``at``."""
        end = self._output.tell()
        packed = end - at - _LOCAL.size - len(name.encode("ascii"))
        self._output.seek(at)
        self._head(name, at, _DEFLATED, crc, packed, size)
        self._output.seek(end)

    def _member(self, name: str, method: int, crc: int, size: int, content: bytes) -> None:
        self._head(name, self._output.tell(), method, crc, len(content), size)
        self._output.write(content)

    def _head(self, name: str, at: int, method: int, crc: int, packed: int, size: int) -> None:
        told, spelled = (_VERSION, 0, method, 0, _DATE, crc, packed, size), name.encode("ascii")
        self._output.write(_LOCAL.pack(b"PK\3\4", *told, len(spelled), 0) + spelled)
        self._directory += _CENTRAL.pack(
            b"PK\1\2", _VERSION, *told, len(spelled), 0, 0, 0, 0, _OWNED, at
        )  # fmt: skip
        self._directory += spelled
        self._count += 1


class _Growing(io.RawIOBase):
    """A member that is written piece by piece."""

    def __init__(self, target: Target, name: str) -> None:
        self._target, self._name, self._at = target, name, target.begin(name)
        self._crc = self._size = 0
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -_LARGE)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._target.add(self._deflate.compress(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._target.add(self._deflate.flush())
            self._target.finish(self._name, self._at, self._crc, self._size)
        super().close()
