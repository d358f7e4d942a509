"""Office files locked with a password, by the hashes and lengths of keys that versions of Office have used."""

import hashlib
import hmac
import io
import struct
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.exceptions import DecryptionError
from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats import agile
from sekisho.sanitizer.libreoffice import office_program

from .office import document, opened, paragraph

PASSWORD, SALT, SPINS = "合言葉", bytes(range(16)), 1000


def _package() -> bytes:
    """Long enough to fill ordinary sectors of the locked container."""
    return document("".join(paragraph(f"見える文{number * 7919}") for number in range(2_000))).build()


def _aes(data: bytes, key: bytes, vector: bytes) -> bytes:
    data += bytes(-len(data) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector[:16])).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _locked(package: bytes, name: str, bits: int, *, chaining: str = "ChainingModeCBC") -> bytes:
    """A package under agile encryption, written after [MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15."""

    def digest(*pieces: bytes) -> bytes:
        return hashlib.new(name, b"".join(pieces)).digest()

    spun = digest(SALT, PASSWORD.encode("utf-16-le"))
    for number in range(SPINS):
        spun = digest(struct.pack("<I", number), spun)

    def key_for(purpose: str) -> bytes:
        return digest(spun, bytes.fromhex(purpose))[: bits // 8].ljust(bits // 8, b"\x36")

    key, secret = hashlib.sha512(b"key").digest()[: bits // 8], b"s" * len(digest())
    stream = struct.pack("<Q", len(package)) + b"".join(
        _aes(package[place : place + 4096], key, digest(SALT, struct.pack("<I", place // 4096)))
        for place in range(0, len(package), 4096)
    )
    texts = {
        "encryptedHmacKey": _aes(secret, key, digest(SALT, bytes.fromhex("5fb2ad010cb9e1f6"))),
        "encryptedHmacValue": _aes(
            hmac.digest(secret, stream, name), key, digest(SALT, bytes.fromhex("a0677f02b22c8433"))
        ),
        "encryptedVerifierHashInput": _aes(SALT, key_for("fea7d2763b4b9e79"), SALT),
        "encryptedVerifierHashValue": _aes(digest(SALT), key_for("d7aa0f6d3061344e"), SALT),
        "encryptedKeyValue": _aes(key, key_for("146e0be7abacd0d6"), SALT),
    }
    written = {name: b64encode(value).decode() for name, value in texts.items()}
    method = (
        f'saltSize="16" blockSize="16" keyBits="{bits}" hashSize="{len(digest())}" cipherAlgorithm="AES" '
        f'cipherChaining="{chaining}" hashAlgorithm="{name.upper()}" saltValue="{b64encode(SALT).decode()}"'
    )
    space = "http://schemas.microsoft.com/office/2006"
    description = (
        f'<encryption xmlns="{space}/encryption" xmlns:p="{space}/keyEncryptor/password"><keyData {method}/>'
        '<dataIntegrity {}/><keyEncryptors><keyEncryptor uri="{}/keyEncryptor/password"><p:encryptedKey '
        'spinCount="{}" {} {}/></keyEncryptor></keyEncryptors></encryption>'
    ).format(
        " ".join(f'{key}="{written[key]}"' for key in ("encryptedHmacKey", "encryptedHmacValue")),
        space,
        SPINS,
        method,
        " ".join(f'{key}="{value}"' for key, value in written.items() if "Hmac" not in key),
    )
    out = io.BytesIO()
    ECMA376Encrypted(stream, struct.pack("<HHI", 4, 4, 0x40) + description.encode()).write_to(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "bits"), [("sha1", 128), ("sha1", 192), ("sha1", 256), ("sha384", 192), ("sha512", 256)]
)
def test_every_hash_and_length_of_key_opens_with_its_password_only(name: str, bits: int) -> None:
    locked = _locked(_package(), name, bits)
    result = sanitize(locked, "inbound", name="a.docx", password=PASSWORD)
    assert result.is_clean, result.report.refusal
    assert "見える文".encode() in opened(result.output or b"")
    assert (
        sanitize(locked, "inbound", name="a.docx", password="other").report.refusal == "input.wrong_password"
    )
    assert sanitize(locked, "inbound", name="a.docx").report.refusal == "input.encrypted"


def test_a_method_that_is_not_known_is_said_so() -> None:
    locked = _locked(_package(), "sha1", 128, chaining="ChainingModeCFB")
    result = sanitize(locked, "inbound", name="a.docx", password=PASSWORD)
    assert result.report.refusal == "input.unsupported_encryption"


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_a_locked_document_becomes_pictures_of_its_pages_too() -> None:
    result = sanitize(_locked(_package(), "sha1", 128), "inbound-strict", name="a.docx", password=PASSWORD)
    assert (result.is_clean, result.method) == (True, "pixel")


def test_a_key_that_takes_forever_to_make_is_not_made() -> None:
    description = b'<keyData keyBits="256" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC"/>'
    told = {"passwordHashAlgorithm": "SHA512", "passwordSalt": SALT, "spinValue": 10**12}
    with pytest.raises(DecryptionError, match="spins"):
        agile.opened(told, description, b"", PASSWORD)
