"""Writes compound files ([MS-CFB], version 3), Outlook messages in them, and workbooks with the old passwords."""

import hashlib
import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import olefile

Storage = Mapping[str, Any]  # name -> bytes or another storage
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def _padded(data: bytes, size: int) -> bytes:
    return data + b"\0" * (-len(data) % size)


@dataclass
class _Chains:
    """Sectors of one size and the table that links them."""

    size: int
    table: list[int] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)

    def add(self, content: bytes) -> int:
        """Append a stream; where it starts."""
        if not content:
            return _END
        start, count = len(self.table), -(-len(content) // self.size)
        self.table += [*range(start + 1, start + count), _END]
        self.data += _padded(content, self.size)
        return start


@dataclass
class _Entry:
    name: str
    kind: int  # 1 storage, 2 stream, 5 root
    start: int = 0
    size: int = 0
    left: int = _NONE
    right: int = _NONE
    child: int = _NONE

    def packed(self) -> bytes:
        name = (self.name + "\0").encode("utf-16-le")
        head = name.ljust(64, b"\0") + struct.pack(
            "<HBB3I", len(name), self.kind, 1, self.left, self.right, self.child
        )
        return head + b"\0" * 36 + struct.pack("<IQ", self.start, self.size)


def compound(root: Storage) -> bytes:
    """A compound file of storages (mappings) and streams (bytes)."""
    big, small = _Chains(_SECTOR), _Chains(_MINI)
    entries = [_Entry("Root Entry", 5)]

    def fill(place: int, storage: Storage) -> None:
        numbers = []
        for name, content in sorted(storage.items(), key=lambda item: (len(item[0]), item[0].upper())):
            numbers.append(len(entries))
            if isinstance(content, bytes):
                chains = small if len(content) < _CUTOFF else big
                entries.append(_Entry(name, 2, chains.add(content), len(content)))
            else:
                entries.append(_Entry(name, 1))
                fill(numbers[-1], content)
        entries[place].child = balanced(numbers)

    def balanced(numbers: list[int]) -> int:
        if not numbers:
            return _NONE
        middle = len(numbers) // 2
        entry = entries[numbers[middle]]
        entry.left, entry.right = balanced(numbers[:middle]), balanced(numbers[middle + 1 :])
        return numbers[middle]

    fill(0, root)
    entries[0].start, entries[0].size = big.add(bytes(small.data)), len(small.data)
    mini_table = struct.pack(f"<{len(small.table)}I", *small.table)
    mini_start = big.add(mini_table + b"\xff" * (-len(mini_table) % _SECTOR))
    blank = struct.pack("<64xHBB3I36xIQ", 0, 0, 0, _NONE, _NONE, _NONE, 0, 0)
    packed = b"".join(entry.packed() for entry in entries)
    directory = big.add(packed + blank * (-len(entries) % 4))
    count = 1
    while (len(big.table) + count) * 4 > count * _SECTOR:
        count += 1
    fat_start = len(big.table)
    table = struct.pack(f"<{fat_start + count}I", *big.table, *[_FAT] * count)
    table += b"\xff" * (count * _SECTOR - len(table))
    mini_count = -(-len(mini_table) // _SECTOR)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6) + struct.pack(
        "<IIIIIIIIII",
        0,
        count,
        directory,
        0,
        _CUTOFF,
        mini_start if mini_count else _END,
        mini_count,
        _END,
        0,
        fat_start,
    )
    header += b"".join(
        struct.pack("<I", fat_start + number if number < count else _FREE) for number in range(1, 109)
    )
    return header.ljust(512, b"\0") + bytes(big.data) + table


# -- Outlook ----------------------------------------------------------------------------------------------------------


def text(tag: int, words: str) -> dict[str, bytes]:
    """A MAPI property of text as a stream."""
    return {f"__substg1.0_{tag:04X}001F": words.encode("utf-16-le")}


def binary(tag: int, content: bytes) -> dict[str, bytes]:
    """A MAPI property of bytes as a stream."""
    return {f"__substg1.0_{tag:04X}0102": content}


def letter(*, subject: str = "件名", body: str = "", page: bytes = b"", rich: bytes = b"", inner: bool = False,
           attachments: tuple[Storage, ...] = ()) -> dict[str, Any]:  # fmt: skip
    """The storage of a message. ``rich``: RTF, kept uncompressed in its wrapper."""
    found: dict[str, Any] = {
        **text(0x0037, subject), **text(0x0C1A, "田中"), **text(0x0C1F, "tanaka@example.lg.jp"), **text(0x0E04, "佐藤"),
        "__properties_version1.0": bytes(24 if inner else 32),
    }  # fmt: skip
    found |= text(0x1000, body) if body else {}
    found |= binary(0x1013, page) if page else {}
    found |= (
        binary(0x1009, struct.pack("<II4sI", len(rich) + 12, len(rich), b"MELA", 0) + rich) if rich else {}
    )
    for number, attachment in enumerate(attachments):
        found[f"__attach_version1.0_#{number:08X}"] = attachment
    return found


def attached_file(name: str, content: bytes) -> dict[str, Any]:
    return {"__properties_version1.0": bytes(8), **text(0x3707, name), **binary(0x3701, content)}


def attached_letter(message: Storage) -> dict[str, Any]:
    return {"__properties_version1.0": bytes(8), "__substg1.0_3701000D": message}


# -- BIFF8 with RC4 ([MS-OFFCRYPTO] 2.3.6, [MS-XLS] 2.2.10) ---------------------------------------------------------------

_PLAIN_RECORDS = {0x0809, 0x002F, 0x0194, 0x0195, 0x00E1, 0x0196, 0x0138}
_BLOCK = 1024


def _rc4(key: bytes) -> Iterator[int]:
    box = list(range(256))
    other = 0
    for at in range(256):
        other = (other + box[at] + key[at % len(key)]) & 255
        box[at], box[other] = box[other], box[at]
    first = other = 0
    while True:
        first = (first + 1) & 255
        other = (other + box[first]) & 255
        box[first], box[other] = box[other], box[first]
        yield box[(box[first] + box[other]) & 255]


def _block_key(password: str, salt: bytes, block: int) -> bytes:
    first = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    second = hashlib.md5((first + salt) * 16).digest()[:5]
    return hashlib.md5(second + struct.pack("<I", block)).digest()


def locked_workbook(xls: bytes, password: str) -> bytes:
    """A plain xls with its Workbook stream encrypted."""
    with olefile.OleFileIO(io.BytesIO(xls)) as ole:
        stream = ole.openstream("Workbook").read()
        others = {entry[0]: ole.openstream(entry).read() for entry in ole.listdir() if len(entry) == 1}
    salt, verifier = b"sixteen bytes of", b"a verifier of 16"
    keys = _rc4(_block_key(password, salt, 0))
    proof = bytes(byte ^ next(keys) for byte in verifier + hashlib.md5(verifier).digest())
    lock = struct.pack("<HHHHH", 0x2F, 54, 1, 1, 1) + salt + proof
    records, at = [], 0
    while at + 4 <= len(stream):
        number, size = struct.unpack_from("<HH", stream, at)
        records.append((number, stream[at + 4 : at + 4 + size]))
        if at == 0:
            records.append((0x2F, lock[4:]))
        at += 4 + size
    out, keys, block = bytearray(), iter(()), -1
    for number, content in records:
        body = content
        if number == 0x85:  # where a sheet begins: everything moved by the new record
            body = struct.pack("<I", struct.unpack_from("<I", content)[0] + len(lock)) + content[4:]
        for step, byte in enumerate(struct.pack("<HH", number, len(body)) + body):
            if len(out) // _BLOCK != block:
                block = len(out) // _BLOCK
                keys = _rc4(_block_key(password, salt, block))
            key = next(keys)
            hidden = step >= (8 if number == 0x85 else 4) and number not in _PLAIN_RECORDS
            out.append(byte ^ key if hidden else byte)
    return compound({**others, "Workbook": bytes(out)})
