"""Packages: files on their way from one server to the other, signed and numbered.

A package is one file::

    SEKISHO PACKAGE 1\\n
    length of the manifest, 8 bytes, big-endian
    Ed25519 signature (RFC 8032) over the first line, the length and the manifest, 64 bytes
    the manifest: canonical JSON, which names number, predecessor and each content by size and SHA-256
    the contents, one after the other

Nothing of a package is parsed before its signature holds. No import of Django: both sides and tests share this.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

MAGIC = b"SEKISHO PACKAGE 1\n"
SUFFIX = ".sekisho"
#: the longest manifest that is read, in bytes
LONGEST = 8 << 20
#: what the first package names as its predecessor
BEGINNING = "0" * 64
_SIGNATURE = 64
_STEP = 1 << 20


class PackageError(Exception):
    """A package cannot be taken. ``code``: ``incomplete`` (its end is not there yet), ``altered``, ``unreadable``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Content:
    """One file of a package: what the manifest says of it."""

    size: int
    sha256: str


def name_of(number: int) -> str:
    """File name of a package; names sort as numbers do."""
    return f"{number:012d}{SUFFIX}"


def number_in(name: str) -> int | None:
    """The number that a file name says; None for a file that is no package."""
    stem = name.removesuffix(SUFFIX)
    return (
        int(stem) if name.endswith(SUFFIX) and len(stem) == 12 and stem.isascii() and stem.isdigit() else None
    )


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest that are signed."""
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(manifest: bytes) -> str:
    """What the next package names as its predecessor."""
    return hashlib.sha256(manifest).hexdigest()


def written(manifest: bytes, key: Ed25519PrivateKey, contents: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """A package, piece by piece. The same manifest and contents make the same bytes."""
    head = MAGIC + len(manifest).to_bytes(8, "big")
    yield head + key.sign(head + manifest) + manifest
    for content in contents:
        yield from content


class Package:
    """A package whose signature holds; contents are read once, in order."""

    def __init__(self, stream: BinaryIO, key: Ed25519PublicKey) -> None:
        """Read the manifest.

        Raises:
            PackageError: it is not whole yet, is signed by nobody we know, or is no package.
        """
        self._stream = stream
        head = _exactly(stream, len(MAGIC) + 8)
        length = int.from_bytes(head[-8:], "big")
        if not head.startswith(MAGIC) or length > LONGEST:
            raise PackageError("altered")
        signature, manifest = _exactly(stream, _SIGNATURE), _exactly(stream, length)
        try:
            key.verify(signature, head + manifest)
        except InvalidSignature:
            raise PackageError("altered") from None
        self.digest = digest_of(manifest)
        self.manifest = _parsed(manifest)

    @property
    def number(self) -> int:
        """Its place in the row of packages, from 1."""
        return int(self.manifest["number"])

    @property
    def previous(self) -> str:
        """The digest of the package before it."""
        return str(self.manifest["previous"])

    @property
    def contents(self) -> Sequence[Content]:
        """What it holds, in order."""
        return [Content(int(one["size"]), str(one["sha256"])) for one in self.manifest["files"]]

    def read(self) -> Iterator[Iterator[bytes]]:
        """Each content as pieces. Whoever has read one to its end has read what was signed.

        Raises:
            PackageError: bytes are missing, differ, or stand behind the last one.
        """
        for content in self.contents:
            yield self._pieces(content)
        if self._stream.read(1):
            raise PackageError("altered")

    def _pieces(self, content: Content) -> Iterator[bytes]:
        digest, left = hashlib.sha256(), content.size
        while left:
            piece = self._stream.read(min(left, _STEP))
            if not piece:
                raise PackageError("incomplete")
            digest.update(piece)
            left -= len(piece)
            yield piece
        if digest.hexdigest() != content.sha256:
            raise PackageError("altered")


def _parsed(manifest: bytes) -> dict[str, Any]:
    """What a signed manifest says. Another version of the outer server may write what this one does not know."""
    try:
        found = json.loads(manifest)
        number, files = found["number"], found["files"]
        known = isinstance(number, int) and number >= 1 and isinstance(found["previous"], str)
        if known and all(isinstance(f["size"], int) and isinstance(f["sha256"], str) for f in files):
            return dict(found)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise PackageError("unreadable")


def _exactly(stream: BinaryIO, count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise PackageError("incomplete")
    return found


def make_keys(folder: Path, signer: str = "outer") -> tuple[Path, Path]:
    """Write a new pair of keys: the server ``signer`` signs with the first, the other one checks with the second.

    Raises:
        FileExistsError: a key is there already; packages under way are signed with it.
    """
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{signer}-private.pem", folder / f"{signer}-public.pem"
    if public.exists():
        raise FileExistsError(public)
    folder.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600, exist_ok=False)
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Read the key of the server that signs. Raises ``ValueError`` or ``OSError`` in words."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 private key; make one with sekisho gateway keys")
    return key


def checking_key(path: Path) -> Ed25519PublicKey:
    """Read the key by which a server knows the other one. Raises ``ValueError`` or ``OSError`` in words."""
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{path} holds no Ed25519 public key; make one with sekisho gateway keys")
    return key
