"""LZH archives (LHA for UNIX header levels 0 to 3; methods lh0, lz4, lh4 to lh7, lhx), which Japan still sends.

Packings older than LHA are those of ``larc``.

Source: header notes and slide dictionary with static Huffman codes as described by H. Yoshizaki (LHarc, LHA) and
H. Okumura (ar002).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.sanitizer.formats import larc

_STORED = {"-lh0-", "-lz4-"}
_FOLDER = "-lhd-"
_WINDOW_BITS = {"-lh4-": 12, "-lh5-": 13, "-lh6-": 15, "-lh7-": 16, "-lhx-": 20}
_MIN_MATCH = 3
_LITERALS = 256
_CODES = 510  # literals and match lengths 3 to 256
_EXTENDED_NAME, _EXTENDED_FOLDER = 0x01, 0x02
_MAX_BITS = 16


class LzhError(ValueError):
    """The archive breaks its format."""


class UnknownMethod(LzhError):
    """A member is packed by a method that is not supported."""


class TooLarge(LzhError):
    """A member is larger than allowed."""


@dataclass(frozen=True)
class LzhMember:
    """A file: its path with ``/``, its content, and how many bytes it took packed."""

    name: str
    data: bytes
    packed: int


@dataclass(frozen=True)
class Header:
    """What stands before the content of a file or instead of that of a folder; ``size`` in bytes, unpacked."""

    method: str
    packed: int
    size: int
    name: bytes
    folder: bytes
    crc: int | None
    body: int

    @property
    def is_link(self) -> bool:
        """Packed like a folder: name|target."""
        return self.method == _FOLDER and b"|" in self.name

    @property
    def path(self) -> str:
        """With slashes; that of a folder ends with one."""
        name = self.name if self.name or self.method == _FOLDER else b"file"
        raw = (self.folder + name).replace(b"\xff", b"/")  # a byte that no name in code page 932 has
        try:
            path = raw.decode("cp932").replace("\\", "/")
        except UnicodeDecodeError:
            path = raw.decode("utf-8", "replace").replace("\\", "/")
        return f"{path.rstrip('/')}/" if self.method == _FOLDER and not self.is_link else path


def members(data: bytes, *, limit: int) -> Iterator[LzhMember]:
    """The files of an archive. Raises ``LzhError``, and ``TooLarge`` past ``limit`` bytes for one."""
    for header in headers(data):
        if header.method == _FOLDER:
            continue
        if header.size > limit:
            raise TooLarge(header.path)
        body = data[header.body : header.body + header.packed]
        content = _unpacked(header, body)
        if header.crc is not None and crc16(content) != header.crc:
            raise LzhError("checksum")
        yield LzhMember(header.path, content, header.packed)


def headers(data: bytes) -> Iterator[Header]:
    """What an archive holds: files, folders and links. Raises ``LzhError``."""
    at = 0
    while at < len(data) and data[at] != 0:
        header = _header(data, at)
        begin, at = at, header.body + header.packed
        if not begin < header.body <= at <= len(data):
            raise LzhError("cut off")
        yield header


def _unpacked(header: Header, body: bytes) -> bytes:
    if header.method in _STORED:
        return body
    if header.method in _WINDOW_BITS:
        return _Decoder(body, _WINDOW_BITS[header.method]).unpack(header.size)
    if header.method in larc.METHODS:
        try:
            return larc.unpacked(header.method, body, header.size)
        except larc.CutOff as error:
            raise LzhError("cut off") from error
    raise UnknownMethod(header.method)


# -- headers ------------------------------------------------------------------------------------------------------


def _header(data: bytes, at: int) -> Header:
    try:
        level = data[at + 20]
        method = data[at + 2 : at + 7].decode("ascii")
        packed, size = struct.unpack_from("<II", data, at + 7)
        readers = {0: _level0, 1: _level1, 2: _level2, 3: _level3}
        if level not in readers:
            raise LzhError(f"header level {level}")
        return readers[level](data, at, method, packed, size)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise LzhError("cut off") from error


def _level0(data: bytes, at: int, method: str, packed: int, size: int) -> Header:
    length = data[at + 21]
    name = data[at + 22 : at + 22 + length]
    crc = struct.unpack_from("<H", data, at + 22 + length)[0]
    return Header(method, packed, size, name, b"", crc, at + 2 + data[at])


def _level1(data: bytes, at: int, method: str, packed: int, size: int) -> Header:
    length = data[at + 21]
    name = data[at + 22 : at + 22 + length]
    crc = struct.unpack_from("<H", data, at + 22 + length)[0]
    extensions = at + 2 + data[at] - 2
    extended, end = _extended(data, extensions, 2)
    spent = end - (extensions + 2)
    return Header(
        method, packed - spent, size, extended.get(_EXTENDED_NAME, name),
        extended.get(_EXTENDED_FOLDER, b""), crc, end,
    )  # fmt: skip


def _level2(data: bytes, at: int, method: str, packed: int, size: int) -> Header:
    whole = struct.unpack_from("<H", data, at)[0]
    crc = struct.unpack_from("<H", data, at + 21)[0]
    extended, _end = _extended(data, at + 24, 2)
    return Header(
        method, packed, size, extended.get(_EXTENDED_NAME, b""), extended.get(_EXTENDED_FOLDER, b""),
        crc, at + whole,
    )  # fmt: skip


def _level3(data: bytes, at: int, method: str, packed: int, size: int) -> Header:
    whole = struct.unpack_from("<I", data, at + 24)[0]
    crc = struct.unpack_from("<H", data, at + 21)[0]
    extended, _end = _extended(data, at + 28, 4)
    return Header(
        method, packed, size, extended.get(_EXTENDED_NAME, b""), extended.get(_EXTENDED_FOLDER, b""),
        crc, at + whole,
    )  # fmt: skip


def _extended(data: bytes, at: int, width: int) -> tuple[dict[int, bytes], int]:
    """Extended headers by type, and where they end. Each begins with its size in ``width`` bytes; 0 ends them."""
    found: dict[int, bytes] = {}
    while True:
        size = int.from_bytes(data[at : at + width], "little")
        if at + width > len(data):
            raise LzhError("cut off")
        at += width
        if size == 0:
            return found, at
        if size <= width or at + size - width > len(data):
            raise LzhError("extended header")
        found[data[at]] = data[at + 1 : at + size - width]
        at += size - width


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _bit in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1  # noqa: PLW2901
        table.append(value)
    return table


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16/ARC, the checksum of LZH."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


# -- decoding -----------------------------------------------------------------------------------------------------


class _Decoder:
    """Blocks of static Huffman codes over literals, match lengths and match distances."""

    def __init__(self, data: bytes, window_bits: int) -> None:
        self.data = data
        self.at = 0
        self.buffer = 0
        self.count = 0
        self.distance_bits = 4 if window_bits < 14 else 5

    def unpack(self, size: int) -> bytes:
        out = bytearray()
        left = 0
        lengths: dict[tuple[int, int], int] = {}
        distances: dict[tuple[int, int], int] = {}
        while len(out) < size:
            if left == 0:
                left = self._bits(16)
                if left == 0:
                    raise LzhError("empty block")
                lengths, distances = self._tables()
            left -= 1
            code = self._symbol(lengths)
            if code < _LITERALS:
                out.append(code)
            else:
                self._copy(out, code - _LITERALS + _MIN_MATCH, distances, size)
        return bytes(out)

    def _copy(self, out: bytearray, length: int, distances: dict[tuple[int, int], int], size: int) -> None:
        bits = self._symbol(distances)
        distance = bits if bits < 2 else (1 << (bits - 1)) + self._bits(bits - 1)
        start = len(out) - distance - 1
        if start < 0:  # before the beginning the window holds spaces
            out.extend(b" " * min(length, -start))
            length -= min(length, -start)
            start = 0
        for step in range(min(length, size - len(out))):
            out.append(out[start + step])

    def _tables(self) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
        helper = self._short_lengths(19, 5, 3)
        return self._long_lengths(helper), self._short_lengths(20, self.distance_bits, -1)

    def _short_lengths(self, most: int, width: int, special: int) -> dict[tuple[int, int], int]:
        count = self._bits(width)
        if count == 0:
            return {(0, 0): self._bits(width)}
        if count > most:
            raise LzhError("table")
        lengths: list[int] = []
        while len(lengths) < count:
            length = self._bits(3)
            if length == 7:
                while self._bits(1):
                    length += 1
            lengths.append(length)
            if len(lengths) == special:
                lengths += [0] * self._bits(2)
        return _canonical(lengths)

    def _long_lengths(self, helper: dict[tuple[int, int], int]) -> dict[tuple[int, int], int]:
        count = self._bits(9)
        if count == 0:
            return {(0, 0): self._bits(9)}
        if count > _CODES:
            raise LzhError("table")
        lengths: list[int] = []
        while len(lengths) < count:
            code = self._symbol(helper)
            if code == 0:
                lengths.append(0)
            elif code == 1:
                lengths += [0] * (self._bits(4) + 3)
            elif code == 2:
                lengths += [0] * (self._bits(9) + 20)
            else:
                lengths.append(code - 2)
        return _canonical(lengths[:_CODES])

    def _symbol(self, table: dict[tuple[int, int], int]) -> int:
        if (0, 0) in table:
            return table[0, 0]
        code = 0
        for length in range(1, _MAX_BITS + 1):
            code = code << 1 | self._bits(1)
            if (length, code) in table:
                return table[length, code]
        raise LzhError("code")

    def _bits(self, count: int) -> int:
        while self.count < count:
            if self.at >= len(self.data) + 4:
                raise LzhError("cut off")
            self.buffer = self.buffer << 8 | (self.data[self.at] if self.at < len(self.data) else 0)
            self.at += 1
            self.count += 8
        self.count -= count
        value = self.buffer >> self.count & ((1 << count) - 1)
        self.buffer &= (1 << self.count) - 1
        return value


def _canonical(lengths: list[int]) -> dict[tuple[int, int], int]:
    """Codes in order of length, then of symbol: ``{(length, code): symbol}``."""
    if any(length > _MAX_BITS for length in lengths):
        raise LzhError("table")
    codes: dict[tuple[int, int], int] = {}
    code = 0
    for length in range(1, _MAX_BITS + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[length, code] = symbol
                code += 1
        code <<= 1
    return codes
