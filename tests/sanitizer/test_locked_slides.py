"""PowerPoint files of before 2007 and OpenDocument that are locked with a password."""

import hashlib
import io
import struct

import olefile
import pytest
from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.encrypted_office import decrypted_legacy
from sekisho.sanitizer.results import Refused

from .compound import compound

PASSWORD, SALT, BITS = "ひみつ", bytes(range(16)), 128
#: objects by number, in an order of places that is not that of their numbers; 3 is the session
OBJECTS = {2: b"second object", 1: b"first object that is the longer of the two"}
UIDS, TAG, PIXELS = bytes(range(100, 132)), b"\xff", b"pixels of a picture"


def enciphered(data: bytes, number: int) -> bytes:
    # the cipher is the same both ways
    cipher = DocumentRC4CryptoAPI.decrypt(PASSWORD, SALT, BITS, io.BytesIO(data), blocksize=len(data) + 1, block=number)  # fmt: skip
    return bytes(cipher.read())


def record(kind: int, body: bytes, instance: int = 0) -> bytes:
    return struct.pack("<HHI", instance, kind, len(body)) + body


def session() -> bytes:
    header = struct.pack("<8I", 0x4, 0, 0x6801, 0x8004, BITS, 1, 0, 0) + "provider\0".encode("utf-16-le")
    verifier = b"sixteen bytes ok"
    both = enciphered(verifier + hashlib.sha1(verifier).digest(), 0)
    checked = struct.pack("<I", 16) + SALT + both[:16] + struct.pack("<I", 20) + both[16:]
    return record(0x2F14, struct.pack("<HHII", 2, 2, 0x4, len(header)) + header + checked, 0xF)


def picture(parts: tuple[bytes, ...], instance: int) -> bytes:
    head = struct.pack("<HHI", instance << 4, 0xF01E, sum(map(len, parts)))
    return b"".join(enciphered(part, 0) for part in (head, *parts))


def locked() -> bytes:
    """One object after another, the directory that lists them, and the edit that names the directory."""
    document, places = b"", {}
    for number, body in OBJECTS.items():
        places[number] = len(document)
        document += enciphered(record(0x03E8, body), number)
    places[3] = len(document)
    document += session()
    directory = len(document)
    document += record(0x1772, struct.pack("<I3I", 3 << 20 | 1, *(places[number] for number in (1, 2, 3))))
    edit = len(document)
    document += record(0x0FF5, struct.pack("<IHBBIIIIHHI", 0x100, 0, 0, 3, 0, directory, 1, 4, 1, 0, 3))
    document = document.ljust(5000, b"\0")
    user = record(0x0FF6, struct.pack("<IIIHHBBH", 0x14, 0xF3D1C4DF, edit, 4, 0x3F4, 3, 0, 0) + b"user" + struct.pack("<I", 8) + "user".encode("utf-16-le"))  # fmt: skip
    pictures = picture((UIDS[:16], TAG, PIXELS), 0x6E0) + picture((UIDS[:16], UIDS[16:], TAG, PIXELS), 0x6E1)
    return compound({
        "Current User": user, "PowerPoint Document": document, "Pictures": pictures, "EncryptedSummary": b"\x99" * 90,
    })  # fmt: skip


def test_the_password_opens_every_object_and_picture() -> None:
    opened = decrypted_legacy(io.BytesIO(locked()), PASSWORD)
    assert opened is not None
    with olefile.OleFileIO(io.BytesIO(opened)) as ole:
        document = ole.openstream("PowerPoint Document").read()
        pictures = ole.openstream("Pictures").read()
        user = ole.openstream("Current User").read()
    assert all(record(0x03E8, body) in document for body in OBJECTS.values())
    assert UIDS[:16] + TAG + PIXELS in pictures
    assert UIDS + TAG + PIXELS in pictures
    assert struct.unpack_from("<I", user, 12)[0] == 0xE391C05F


def test_without_the_password_it_is_refused_in_words() -> None:
    assert sanitize(locked(), name="a.ppt").report.refusal == "input.encrypted"
    assert sanitize(locked(), name="a.ppt", password="違う").report.refusal == "input.wrong_password"


def test_one_whose_directory_is_none_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        decrypted_legacy(io.BytesIO(locked().replace(b"\0\0\x72\x17", b"\0\0\x73\x17")), PASSWORD)
    assert refused.value.code == "input.unsupported_encryption"
