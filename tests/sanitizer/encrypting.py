"""Writes ZIP members under the old password scheme (APPNOTE.TXT 6.1), which the standard library only reads."""

import io
import struct
import zipfile
import zlib


def _table() -> list[int]:
    rows = []
    for row in range(256):
        value = row
        for _bit in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        rows.append(value)
    return rows


_CRC = _table()


def _encrypted(data: bytes, password: bytes) -> bytes:
    first, second, third = 0x12345678, 0x23456789, 0x34567890
    out = bytearray()

    def update(byte: int) -> None:
        nonlocal first, second, third
        first = (first >> 8) ^ _CRC[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = (third >> 8) ^ _CRC[(third ^ (second >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    for byte in data:
        mixed = third | 2
        out.append(byte ^ ((mixed * (mixed ^ 1)) >> 8) & 0xFF)
        update(byte)
    return bytes(out)


def zipcrypto_zip(
    password: bytes, members: dict[str, bytes], *, method: int = 8, streamed: bool = False
) -> bytes:
    """A ZIP of encrypted members. ``streamed``: the checksum comes after the data, as when writing to a pipe."""
    out, directory = io.BytesIO(), b""
    flags = 0x1 | 0x800 | (0x8 if streamed else 0)
    time, date = 10 << 11 | 35 << 5, 46 << 9 | 4 << 5 | 1  # 2026-04-01 10:35
    for name, content in members.items():
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if method == zipfile.ZIP_DEFLATED else content
        checksum = zlib.crc32(content)
        check = time >> 8 if streamed else checksum >> 24
        body = _encrypted(b"eleven byte" + bytes([check]) + packed, password)
        raw = name.encode()
        sizes = struct.pack("<III", checksum, len(body), len(content))
        common = struct.pack("<4H", flags, method, time, date)
        local = b"\x00" * 12 if streamed else sizes
        offset = out.tell()
        out.write(b"PK\x03\x04\x14\x00" + common + local + struct.pack("<2H", len(raw), 0) + raw + body)
        out.write(b"PK\x07\x08" + sizes if streamed else b"")
        directory += b"PK\x01\x02\x14\x00\x14\x00" + common + sizes
        directory += struct.pack("<5H2I", len(raw), 0, 0, 0, 0, 0, offset) + raw
    start = out.tell()
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(directory), start, 0)
    return out.getvalue() + directory + end
