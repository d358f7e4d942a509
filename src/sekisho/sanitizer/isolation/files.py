"""Files that cross the walls: whoever is given one can read it, and nobody can change it any more."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import BinaryIO

CHUNK = 1 << 20


@contextmanager
def held(pieces: Iterable[bytes]) -> Iterator[BinaryIO]:
    """A file without a name that holds ``pieces``, open for reading alone. Raises ``OSError``.

    A child that was taken over could write to what it is given, even after it has answered: neither what it reads nor
    what it has made may be a file that it can still change.
    """
    number, name = tempfile.mkstemp()
    with open(number, "wb") as written:
        try:
            file = open(name, "rb")  # noqa: SIM115 - closed below
        finally:
            os.unlink(name)
        with file:
            written.writelines(pieces)
            written.close()
            yield file


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """A file from its beginning. Its own place in it is left alone, which a child may share."""
    size, place = os.fstat(file.fileno()).st_size, 0
    # No more room than is needed: to take a megabyte costs more than to read a small file.
    while piece := os.pread(file.fileno(), min(max(size - place, 1), CHUNK), place):
        yield piece
        place += len(piece)


@contextmanager
def digested(file: BinaryIO) -> Iterator[Callable[[], str]]:
    """What tells the SHA-256 of a file that is held; a large one is worked out beside what else is done with it."""
    if os.fstat(file.fileno()).st_size <= CHUNK:
        known = _sha256(file)
        yield lambda: known
        return
    with ThreadPoolExecutor(1) as beside:
        yield beside.submit(_sha256, file).result


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in pieces_of(file):
        digest.update(piece)
    return digest.hexdigest()
