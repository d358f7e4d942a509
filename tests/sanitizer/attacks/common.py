"""What the attacks of all families share: the marker, the visible words, and how a finished file is searched."""

import base64
import email
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

MARKER = "MARKER-127.0.0.1"
VISIBLE = "Visible words 見える言葉"
URL = f"http://127.0.0.1/{MARKER}"


@dataclass(frozen=True)
class Attack:
    """``build`` makes the file. ``gone``: none of these is in the output. ``refused``: nothing clean can be made of it.

    ``shows`` says whether what people see is still there; by default that ``VISIBLE`` is among the opened bytes.
    ``password`` opens it.
    """

    name: str
    build: Callable[[], bytes]
    extension: str
    gone: tuple[str, ...] = (MARKER,)
    refused: bool = False
    shows: Callable[[bytes], bool] = lambda output: VISIBLE in opened(output).decode("utf-8", "replace")
    password: str | None = None


def opened(data: bytes, depth: int = 6) -> bytes:
    """A file with everything it packs laid beside it: members, streams, mail parts, embedded pictures."""
    found = [data]
    inner: list[bytes] = []
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found += [name.encode() for name in package.namelist()]
            inner += [package.read(name) for name in package.namelist()]
    elif data[:2] == b"\x1f\x8b":
        inner.append(gzip.decompress(data))
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        inner += _inflated(data.split(b"IDAT")[1:])
    elif data[:5] == b"%PDF-":
        inner += _inflated(data.split(b"stream\n")[1:])
    elif re.match(rb"(?:[A-Za-z-]+: .*\r?\n)+", data):
        parts = email.message_from_bytes(data).walk()
        found += [str(value).encode() for part in parts for value in part.values()]
        parts = email.message_from_bytes(data).walk()
        inner += [payload for part in parts if isinstance(payload := part.get_payload(decode=True), bytes)]
    inner += [base64.b64decode(text) for text in re.findall(rb"base64,([A-Za-z0-9+/=]+)", data)]
    if data[:1] == b"\xff\xfe" or b"\0<\0" in data[:64]:
        found.append(data.decode("utf-16", "replace").encode())
    return b"\n".join([*found, *(opened(piece, depth - 1) for piece in inner if depth)])


def _inflated(pieces: list[bytes]) -> list[bytes]:
    found = []
    for piece in pieces:
        try:
            found.append(zlib.decompressobj().decompress(piece))
        except zlib.error:
            continue
    return found


def constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data
