"""OpenDocument files locked with a password (OpenDocument 1.3, part 2, 3.4 and 4.8): opened in memory, for the one passage.

Opened are those of OpenOffice.org (Blowfish), of OpenDocument 1.2 and 1.3 (AES-CBC), and of LibreOffice from 24.2 on,
which enciphers the package as a whole (Argon2id, AES-GCM). Not opened: those locked with somebody's OpenPGP key.
"""

import base64
import hashlib
import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from lxml import etree

from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.xmlparsing import XmlRefused, parse_xml

_MANIFEST, _WHOLE = "META-INF/manifest.xml", "encrypted-package"
_LONGEST_MANIFEST = 1 << 22
_VECTOR = 12  # an AES-GCM message begins with its vector ([XMLENC] 5.2.4)
_LONGEST_KEY = 56
_CHECKED = 1024  # bytes of the deflated member that its checksum is of
_MOST_ROUNDS = 10_000_000
_MOST_PASSES, _MOST_KIBIBYTES = 100, 1 << 19
_PIECE = 1 << 20
_UNREADABLE = (
    zipfile.BadZipFile,
    KeyError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
)


def opened(source: BinaryIO, password: str | None) -> bytes | None:
    """The package without its encryption; None when none of it is enciphered, or nobody can say.

    Raises ``Refused``: the password is missing or wrong, the method is not known, or a member is damaged.
    """
    try:
        with zipfile.ZipFile(source) as package:
            manifest = _manifest(package)
            locks = _locks(manifest, package) if manifest is not None else {}
            if not locks:
                return None
            if not password:
                raise Refused("input.encrypted")
            return _plain(package, manifest, locks, _key_to(package, locks, password))
    except UnsupportedAlgorithm as error:
        raise Refused("input.unsupported_encryption") from error
    except _UNREADABLE as error:
        raise Refused("input.broken") from error


def _manifest(package: zipfile.ZipFile) -> Any:
    """The list of what the package holds; None when it has none that can be read."""
    try:
        with package.open(_MANIFEST) as part:
            return parse_xml(part.read(_LONGEST_MANIFEST))
    except (*_UNREADABLE, XmlRefused):
        return None


class _Lock:
    """How one member is enciphered. Raises ``Refused`` for a method that is not known."""

    def __init__(self, listed: Any) -> None:
        parts = {_local(part.tag): _attributes(part) for part in listed.iter(etree.Element)}
        told, algorithm = parts["encryption-data"], parts.get("algorithm", {})
        try:
            self._decipher, self._size = _CIPHERS[_last(algorithm["algorithm-name"])]
            self._vector = base64.b64decode(algorithm["initialisation-vector"])
            self._derived = parts["key-derivation"]
            self._salt = base64.b64decode(self._derived["salt"])
            self._size = min(int(self._derived.get("key-size", self._size)), _LONGEST_KEY)
            self._checksum = base64.b64decode(told.get("checksum", ""))
            self._checked_by = _CHECKSUMS[_last(told["checksum-type"])] if self._checksum else ""
            begun_by = _last(parts.get("start-key-generation", {}).get("start-key-generation-name", "SHA1"))
            #: the hashes of the password that the key may be made of; some writers do not tell theirs
            self.begun_by = sorted(_BEGINNINGS, key=lambda name: name != begun_by)
        except (KeyError, ValueError) as error:
            raise Refused("input.unsupported_encryption") from error

    def opened(self, data: bytes, password: str, begun_by: str) -> bytes | None:
        """The member as it was deflated; None when the password is another, or was made a key otherwise."""
        key = self._key(hashlib.new(begun_by, password.encode()).digest())
        try:
            plain = self._decipher(key, self._vector, data)
        except InvalidTag:
            return None
        if self._checksum and hashlib.new(self._checked_by, plain[:_CHECKED]).digest() != self._checksum:
            return None
        return plain

    def _key(self, begun: bytes) -> bytes:
        told = {name: int(value) for name, value in self._derived.items() if value.isdecimal()}
        passes, kibibytes = told.get("argon2-iterations", 0), told.get("argon2-memory", 0)
        match _last(self._derived.get("key-derivation-name", "")):
            case "pbkdf2" if 0 < (rounds := told.get("iteration-count", 0)) <= _MOST_ROUNDS:
                return hashlib.pbkdf2_hmac("sha1", begun, self._salt, rounds, self._size)
            case "argon2id" if 0 < passes <= _MOST_PASSES and 0 < kibibytes <= _MOST_KIBIBYTES:
                lanes = told.get("argon2-lanes", 0)
                return Argon2id(
                    salt=self._salt, length=self._size, iterations=passes, lanes=lanes, memory_cost=kibibytes
                ).derive(begun)
            case _:
                raise Refused("input.unsupported_encryption")


def _locks(manifest: Any, package: zipfile.ZipFile) -> dict[str, _Lock]:
    """The enciphered members and how they are."""
    names = set(package.namelist())
    found = {}
    for entry in manifest.iter(etree.Element):
        data = next((part for part in entry if _local(part.tag) == "encryption-data"), None)
        path = _attributes(entry).get("full-path", "")
        if data is not None and path in names:
            found[path] = _Lock(data)
    return found


def _key_to(package: zipfile.ZipFile, locks: Mapping[str, _Lock], password: str) -> Callable[[str], bytes]:
    """What opens a member, tried on the first of them."""
    name, lock = next(iter(locks.items()))
    data = package.read(name)
    right = next((way for way in lock.begun_by if lock.opened(data, password, way) is not None), None)
    if right is None:
        raise Refused("input.wrong_password")

    def opener(name: str) -> bytes:
        plain = locks[name].opened(package.read(name), password, right)
        if plain is None:
            raise Refused("input.broken")
        return plain

    return opener


def _plain(
    package: zipfile.ZipFile, manifest: Any, locks: Mapping[str, _Lock], opener: Callable[[str], bytes]
) -> bytes:
    out = io.BytesIO()
    if _WHOLE in locks:
        _inflate(opener(_WHOLE), out)
        return out.getvalue()
    for data in [part for part in manifest.iter(etree.Element) if _local(part.tag) == "encryption-data"]:
        data.getparent().remove(data)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain:
        for name in dict.fromkeys(package.namelist()):
            if name == _MANIFEST:
                plain.writestr(name, etree.tostring(manifest))
            elif name == "mimetype":
                plain.writestr(name, package.read(name), zipfile.ZIP_STORED)
            elif not name.endswith("/"):
                with plain.open(name, "w") as member:
                    if name in locks:
                        _inflate(opener(name), member)
                    else:
                        with package.open(name) as part:
                            shutil.copyfileobj(part, member)
    return out.getvalue()


def _inflate(data: bytes, sink: Any) -> None:
    """Write what was deflated, a piece at a time, so that little may not become much at once."""
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    while data and not reader.eof:
        sink.write(reader.decompress(data, _PIECE))
        data = reader.unconsumed_tail


# -- methods ----------------------------------------------------------------------------------------------------------


def _by_stream(key: bytes, vector: bytes, data: bytes) -> bytes:
    reader = Cipher(Blowfish(key), CFB(vector)).decryptor()
    return reader.update(data) + reader.finalize()


def _by_blocks(key: bytes, vector: bytes, data: bytes) -> bytes:
    """The last byte says how many were added ([XMLENC] 5.2)."""
    reader = Cipher(AES(key), CBC(vector)).decryptor()
    plain = reader.update(data) + reader.finalize()
    return plain[: -plain[-1]] if plain and 0 < plain[-1] <= AES.block_size // 8 else plain


def _by_counter(key: bytes, vector: bytes, data: bytes) -> bytes:
    return AESGCM(key).decrypt(data[:_VECTOR], data[_VECTOR:], None)


#: what each deciphers with, and how long its key is where the file does not say
_CIPHERS: dict[str, tuple[Callable[[bytes, bytes, bytes], bytes], int]] = {
    "blowfish cfb": (_by_stream, 16),
    "blowfish": (_by_stream, 16),
    **{f"aes{bits}-cbc": (_by_blocks, bits // 8) for bits in (128, 192, 256)},
    **{f"aes{bits}-gcm": (_by_counter, bits // 8) for bits in (128, 192, 256)},
}
_CHECKSUMS = {"sha1/1k": "sha1", "sha1-1k": "sha1", "sha256-1k": "sha256"}
_BEGINNINGS = ("sha1", "sha256")


def _last(name: str) -> str:
    """The method that an address or a plain name means: ``http://…xmlenc#aes256-cbc``, ``…:argon2id``, ``SHA1/1K``."""
    return re.split("[#:]", name)[-1].lower()


def _local(tag: str) -> str:
    return etree.QName(tag).localname


def _attributes(element: Any) -> dict[str, str]:
    return {_local(name): value for name, value in element.attrib.items()}
