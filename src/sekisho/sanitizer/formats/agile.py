"""Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15) under any of its hashes and lengths of keys.

msoffcrypto opens what newer versions of Office lock (SHA-512), but not what Office 2010 does (SHA-1).
"""

import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

# What each key is for (2.3.4.13 and 2.3.4.14).
_VERIFIER, _VERIFIER_HASH = bytes.fromhex("fea7d2763b4b9e79"), bytes.fromhex("d7aa0f6d3061344e")
_PACKAGE_KEY = bytes.fromhex("146e0be7abacd0d6")
_HMAC_KEY, _HMAC_VALUE = bytes.fromhex("5fb2ad010cb9e1f6"), bytes.fromhex("a0677f02b22c8433")
_HASHES = {"SHA1", "SHA256", "SHA384", "SHA512"}
_SEGMENT, _SIZE = 4096, 8
_MOST_SPINS = 10_000_000  # what the source allows (2.3.4.10)
_KEY_BITS = re.compile(rb'<(?:\w+:)?keyData [^>]*?keyBits="(\d{3})"')
_METHODS = re.compile(rb'cipher(?:Algorithm|Chaining)="([^"]*)"')


def opened(told: Mapping[str, Any], description: bytes, package: bytes, password: str) -> bytes:
    """The package that was locked. ``told``: the ``description`` as msoffcrypto reads it.

    Raises its ``InvalidKeyError`` (the password is another, or the package was changed) and ``DecryptionError``
    (the method is not known).
    """
    bits = _KEY_BITS.search(description)
    if bits is None or set(_METHODS.findall(description)) != {b"AES", b"ChainingModeCBC"}:
        raise DecryptionError("method")
    key = _package_key(told, password)[: int(bits[1]) // 8]
    _check_whole(told, package, key)
    salt, size = told["keyDataSalt"], struct.unpack_from("<Q", package)[0]
    segments = [
        _plain(
            package[place : place + _SEGMENT],
            key,
            _digest(told["keyDataHashAlgorithm"], salt, struct.pack("<I", number)),
        )
        for number, place in enumerate(range(_SIZE, min(len(package), _SIZE + size), _SEGMENT))
    ]
    return b"".join(segments)[:size]


def _package_key(told: Mapping[str, Any], password: str) -> bytes:
    """The key of the package, which is locked with one made of the password (2.3.4.11)."""
    name, salt = told["passwordHashAlgorithm"], told["passwordSalt"]
    if told["spinValue"] > _MOST_SPINS:
        raise DecryptionError("spins")
    spun = _digest(name, salt, password.encode("utf-16-le"))
    for number in range(told["spinValue"]):
        spun = _digest(name, struct.pack("<I", number), spun)

    def unlocked(locked: bytes, purpose: bytes) -> bytes:
        length = told["passwordKeyBits"] // 8
        return _plain(locked, _digest(name, spun, purpose)[:length].ljust(length, b"\x36"), salt)

    verifier = unlocked(told["encryptedVerifierHashInput"], _VERIFIER)
    expected = unlocked(told["encryptedVerifierHashValue"], _VERIFIER_HASH)
    found = _digest(name, verifier[: len(salt)])
    if not hmac.compare_digest(found, expected[: len(found)]):
        raise InvalidKeyError("password")
    return unlocked(told["encryptedKeyValue"], _PACKAGE_KEY)


def _check_whole(told: Mapping[str, Any], package: bytes, key: bytes) -> None:
    """The package is the one that was locked (2.3.4.14)."""
    name, salt = told["keyDataHashAlgorithm"], told["keyDataSalt"]
    secret = _plain(told["encryptedHmacKey"], key, _digest(name, salt, _HMAC_KEY))
    expected = _plain(told["encryptedHmacValue"], key, _digest(name, salt, _HMAC_VALUE))
    length = len(_digest(name))
    if not hmac.compare_digest(hmac.digest(secret[:length], package, name.lower()), expected[:length]):
        raise InvalidKeyError("integrity")


def _digest(name: str, *pieces: bytes) -> bytes:
    if name not in _HASHES:
        raise DecryptionError("hash")
    return hashlib.new(name.lower(), b"".join(pieces)).digest()


def _plain(data: bytes, key: bytes, vector: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector[:16].ljust(16, b"\x36"))).decryptor()
    return decryptor.update(data) + decryptor.finalize()
