"""Where files lie while the gateway holds them: in encrypted parts, in a folder of their own, under names of ours.

On a disk, or in a store of objects (S3) where ``STORAGES["vault"]`` names one: it sees ciphertext only.

Each part is AES-256-GCM with a random 96-bit nonce before it; the folder and the number are authenticated with it, so
that parts can neither be read, changed, swapped nor laid to another file. The key is derived (HKDF-SHA256, RFC 5869)
from ``SEKISHO_GATEWAY_KEY``.
"""

import datetime as dt
import errno
import io
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext_lazy as _

from sekisho.errors import DiskFull, SekishoError
from sekisho.gateway.chunks import CHUNK

log = logging.getLogger(__name__)

_NONCE = 12
#: what stays free on the disk whatever comes
RESERVE = 256 * 1024 * 1024


class StoreAway(SekishoError):
    """The store of objects cannot be used now (HTTP 503)."""

    code = "store_away"
    status = 503


class Damaged(SekishoError):
    """A held file cannot be read any more (HTTP 500)."""

    code = "held_file_damaged"
    status = 500


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=b"sekisho.gateway.vault.1").derive(secret.encode())
    return AESGCM(derived)


def _bound(folder: UUID, number: int) -> bytes:
    return f"{folder}:{number}".encode()


def _place(folder: UUID) -> Path:
    name = folder.hex
    return Path(settings.GATEWAY_FOLDER) / name[:2] / name


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                _("There is no room for this file now. Tell your administrator, and try again later.")
            ) from None
        raise


@contextmanager
def reached() -> Iterator[None]:
    """Use a store within: its client has errors of its own. Raises ``StoreAway``."""
    try:
        yield
    except (FileNotFoundError, SekishoError):
        raise
    except Exception as error:
        raise _away(error) from error


def _away(why: object) -> StoreAway:
    log.warning("The store of held files cannot be used: %s", why)
    return StoreAway(_("Held files cannot be reached now. Try again later."))


def require_room(size: int) -> None:
    """Refuse before an upload begins that cannot end. Raises ``DiskFull``. A store of objects has no end we know of."""
    if _store() is not None:
        return
    base = Path(settings.GATEWAY_FOLDER)
    with _room():
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(base).free < 2 * size + RESERVE:  # the original and its clean copy
        raise DiskFull(_("There is no room for this file now. Tell your administrator, and try again later."))


def put(folder: UUID, number: int, body: bytes) -> None:
    """Keep one part; the same part put twice is one. Raises ``DiskFull``."""
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(settings.GATEWAY_KEY).encrypt(nonce, body, _bound(folder, number))
    store = _store()
    if store is None:
        _write(_place(folder), number, sealed)
        return
    name = _object(folder, number)
    with reached():
        if store.exists(name):
            store.delete(name)  # a store that never overwrites would choose another name
        if store.save(name, ContentFile(sealed)) != name:
            raise OSError(errno.EEXIST, "the store chose another name")


def _store() -> Storage | None:
    """The store of objects, where the settings name one; None for the folder."""
    return storages["vault"] if "vault" in settings.STORAGES else None


def _object(folder: UUID, number: int) -> str:
    return f"{folder.hex[:2]}/{folder.hex}/{number}"


def _write(place: Path, number: int, sealed: bytes) -> None:
    """Write a part whole or not at all."""
    part = place / f"{uuid4().hex}.new"
    with _room():
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open(part, "xb", opener=_private) as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            part.replace(place / str(number))
        except OSError:
            part.unlink(missing_ok=True)
            raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def part(folder: UUID, number: int) -> bytes:
    """One part, decrypted. Raises ``Damaged``, or ``StoreAway`` where nothing can be read for now."""
    try:
        sealed = _read(folder, number)
        return _cipher(settings.GATEWAY_KEY).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(folder, number))
    except (FileNotFoundError, InvalidTag, ValueError):
        raise Damaged(
            _("A held file cannot be read: its parts or the key on this server changed. Send it again.")
        ) from None


def _read(folder: UUID, number: int) -> bytes:
    store = _store()
    if store is None:
        try:
            return (_place(folder) / str(number)).read_bytes()
        except FileNotFoundError:
            if Path(settings.GATEWAY_FOLDER).is_dir():
                raise
            raise _away("the folder is not there") from None  # a share that is not mounted
        except OSError as error:
            raise _away(error) from error
    with reached(), store.open(_object(folder, number)) as held:
        return bytes(held.read())


def parts(folder: UUID, count: int) -> Iterator[bytes]:
    """All parts in order."""
    return (part(folder, number) for number in range(count))


def destroy(folder: UUID | None) -> None:
    """Remove a folder with all its parts; repeating it changes nothing. Raises ``StoreAway``."""
    if folder is None:
        return
    store = _store()
    if store is None:
        shutil.rmtree(_place(folder), ignore_errors=True)
        return
    place = f"{folder.hex[:2]}/{folder.hex}"
    with suppress(FileNotFoundError), reached():
        for name in store.listdir(place)[1]:
            store.delete(f"{place}/{name}")


def folders() -> Iterator[UUID]:
    """Every folder there is, whether or not a row knows it."""
    store = _store()
    if store is None:
        names: Iterable[str] = (place.name for place in Path(settings.GATEWAY_FOLDER).glob("??/*"))
    else:
        with reached():
            names = [name for start in _listed(store, "") for name in _listed(store, start)]
    for name in names:
        with suppress(ValueError):
            yield UUID(hex=name)


def _listed(store: Storage, place: str) -> list[str]:
    try:
        return store.listdir(place)[0]
    except FileNotFoundError:
        return []


def touched_at(folder: UUID) -> dt.datetime | None:
    """When the last part was put into a folder; None where there is none."""
    store = _store()
    if store is None:
        with suppress(FileNotFoundError):
            return dt.datetime.fromtimestamp(_place(folder).stat().st_mtime, dt.UTC)
        return None
    place = f"{folder.hex[:2]}/{folder.hex}"
    with reached():
        names = store.listdir(place)[1]
        return max((store.get_modified_time(f"{place}/{name}") for name in names), default=None)


class Writing(io.RawIOBase):
    """A file that is kept part by part while it is written, of any size in the memory of one part.

    Close it when it is whole. ``count`` is how many parts there are. Raises ``DiskFull``.
    """

    def __init__(self, folder: UUID, size: int = CHUNK) -> None:
        self._folder, self._size = folder, size
        self._body = bytearray()
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._body += piece
        while len(self._body) >= self._size:
            self._put(self._size)
        return len(piece)

    def close(self) -> None:
        """Keep what is left. Again, it does nothing."""
        if not self.closed:
            if self._body:
                self._put(len(self._body))
            super().close()

    def __del__(self) -> None:
        """What was never closed is not whole: nothing more of it is kept, as ``close`` would."""

    def _put(self, size: int) -> None:
        put(self._folder, self.count, bytes(self._body[:size]))
        del self._body[:size]
        self.count += 1


class Reading(io.RawIOBase):
    """Parts as one file that can be read once from its beginning."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        self._bodies = iter(bodies)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            body = next(self._bodies, None)
            if body is None:
                return 0
            self._left = memoryview(body)
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken
