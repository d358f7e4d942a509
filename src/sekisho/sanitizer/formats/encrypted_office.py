"""Office files locked with a password ([MS-OFFCRYPTO], ``encrypted_odf``): opened in memory, for the one passage."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format import doc97, ppt97, xls97
from msoffcrypto.method.rc4_cryptoapi import DocumentRC4CryptoAPI

from sekisho.sanitizer.formats import agile, encrypted_odf
from sekisho.sanitizer.formats.encrypted_slides import unlocked
from sekisho.sanitizer.results import Refused

# Excel locks a workbook with this when somebody protects its structure ([MS-OFFCRYPTO] 2.4.2.3).
_WELL_KNOWN = "VelvetSweatshop"
_UNREADABLE = (FileFormatError, ParseError, OSError, ValueError, KeyError, IndexError, struct.error)


class _InMemory:
    """Stands in for ``tempfile``: behind the walls no file may be created."""

    TemporaryFile = io.BytesIO


@contextmanager
def _no_files() -> Iterator[None]:
    modules = (doc97, ppt97, xls97)
    real = [module.tempfile for module in modules]
    for module in modules:
        module.tempfile = _InMemory
    try:
        yield
    finally:
        for module, tempfile in zip(modules, real, strict=True):
            module.tempfile = tempfile


def decrypted(source: BinaryIO, password: str | None) -> bytes:
    """The package inside. Raises ``Refused``: a password is missing, wrong, or the method is not supported."""
    source.seek(0)
    try:
        document = msoffcrypto.OfficeFile(source)
    except _UNREADABLE as error:
        raise Refused("input.unsupported_encryption") from error
    return _opened(document, password)


def decrypted_legacy(source: BinaryIO, password: str | None) -> bytes | None:
    """A doc, xls or ppt (RC4, RC4 CryptoAPI, XOR) or OpenDocument file without its encryption; None when it has none.

    Raises ``Refused`` as ``decrypted`` does. What cannot be read is left to the program that converts it.
    """
    source.seek(0)
    if source.read(2) == b"PK":
        return encrypted_odf.opened(source, password)
    source.seek(0)
    try:
        document = msoffcrypto.OfficeFile(source)
        if not document.is_encrypted():
            return None
    except (*_UNREADABLE, AssertionError, AttributeError, TypeError):
        return None
    try:
        with _no_files():
            return _opened(document, password)
    except (*_UNREADABLE, AssertionError, AttributeError, TypeError) as error:
        raise Refused("input.unsupported_encryption") from error


def _opened(document: Any, password: str | None) -> bytes:
    candidate = password or _WELL_KNOWN
    try:
        return _unlocked(document, candidate)
    except InvalidKeyError as error:
        raise Refused("input.wrong_password" if password else "input.encrypted") from error
    except (DecryptionError, *_UNREADABLE) as error:
        raise Refused("input.unsupported_encryption") from error


def _unlocked(document: Any, password: str) -> bytes:
    if getattr(document, "type", "") == "agile":
        description, package = (
            document.file.openstream(name).read() for name in ("EncryptionInfo", "EncryptedPackage")
        )
        return agile.opened(document.info, description, package, password)
    if isinstance(document, ppt97.Ppt97File):
        # the library takes objects for as long as the distance to the next
        document.load_key(password=password)
        return unlocked(document.file, partial(_deciphered, document))
    out = io.BytesIO()
    # A standard package says whether the password is right; older formats find out while they read.
    checked = {"verify_password": True} if getattr(document, "type", "") == "standard" else {}
    document.load_key(password=password, **checked)
    document.decrypt(out)
    return out.getvalue()


def _deciphered(document: Any, data: bytes, number: int) -> bytes:
    plain: bytes = DocumentRC4CryptoAPI.decrypt(
        document.key, document.salt, document.keySize, io.BytesIO(data), blocksize=len(data) + 1, block=number
    ).read()
    return plain
