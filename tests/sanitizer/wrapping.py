"""Wrappers around mail, built by code: winmail.dat and S/MIME."""

import struct
import zlib


def attribute(kind: int, value: bytes, level: int = 2) -> bytes:
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*entries: tuple[int, int, bytes]) -> bytes:
    """Of (tag, type, value), padded as the format wants it."""
    out = struct.pack("<I", len(entries))
    for tag, kind, value in entries:
        out += struct.pack("<HH", kind, tag)
        if tag >= 0x8000:
            name = "既定".encode("utf-16-le")
            out += b"\0" * 16 + struct.pack("<II", 1, len(name)) + name + b"\0" * (-len(name) % 4)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += struct.pack("<II", 1, len(value))
        out += value + b"\0" * (-len(value) % 4)
    return out


def attached(name: str, data: bytes) -> bytes:
    long_name = properties((0x3707, 0x1F, f"{name}\0".encode("utf-16-le")), (0x3705, 3, b"\1\0\0\0"))
    return (
        attribute(0x00069002, b"\0" * 14)
        + attribute(0x00018010, b"SHORT~1.CSV\0")
        + attribute(0x0006800F, data)
        + attribute(0x00069005, long_name)
    )


def wrapped(page: str, *rest: bytes) -> bytes:
    """A winmail.dat with a page as its body."""
    body = properties(
        (0x8001, 3, b"\1\0\0\0"),
        (0x0E06, 0x40, b"\0" * 8),
        (0x1013, 0x102, f"<html><head><meta charset=utf-8></head>{page}".encode()),
    )
    head = struct.pack("<IH", 0x223E9F78, 1) + attribute(0x00069007, struct.pack("<II", 932, 0), 1)
    return head + attribute(0x00069003, body, 1) + b"".join(rest)


def streamed(content: bytes) -> bytes:
    """A signed envelope as programs write it that do not know the length: without lengths, the content in pieces."""
    pieces = b"".join(
        b"\x04" + bytes([len(content[at : at + 50])]) + content[at : at + 50]
        for at in range(0, len(content), 50)
    )
    octets = b"\xa0\x80\x24\x80" + pieces + b"\0\0\0\0"
    data = bytes.fromhex("06092a864886f70d010701")
    body = b"\x30\x80\x02\x01\x01\x31\x00\x30\x80" + data + octets + b"\0\0\x31\x00\0\0"
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + body + b"\0\0\0\0"


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 0x80 else b"\x84" + length.to_bytes(4, "big")
    return bytes([tag]) + size + content


def compressed(content: bytes) -> bytes:
    """An envelope that only packs its content (RFC 3274)."""
    data = _der(0x06, bytes.fromhex("2a864886f70d010701")) + _der(0xA0, _der(0x04, zlib.compress(content)))
    method = _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d0109100308")))
    body = _der(0x30, _der(0x02, b"\0") + method + _der(0x30, data))
    return _der(0x30, _der(0x06, bytes.fromhex("2a864886f70d0109100109")) + _der(0xA0, body))
