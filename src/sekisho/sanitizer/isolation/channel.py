"""Messages between the caller, the warm parent and its children: JSON with a length before it, over a socket.

Open files travel beside a message (SCM_RIGHTS), so no process needs a path.
"""

import json
import os
import socket
import struct
from typing import Any

# Twice what the longest report takes: a child that was taken over could fill the memory of its caller with more.
MAX_MESSAGE = 8 << 20
_MOST_FILES = 4
_LENGTH = struct.Struct("!I")
_NO_MESSAGE = (OSError, ValueError, RecursionError)


class ChannelClosed(Exception):
    """The other side went away, or sent what is not a message."""


def send(channel: socket.socket, message: dict[str, Any], files: tuple[int, ...] = ()) -> None:
    """Send one message. Raises ``ChannelClosed``."""
    body = json.dumps(message, ensure_ascii=True).encode("ascii")
    try:
        if files:
            socket.send_fds(channel, [_LENGTH.pack(len(body))], list(files))
        else:
            channel.sendall(_LENGTH.pack(len(body)))
        channel.sendall(body)
    except OSError as error:
        raise ChannelClosed(str(error)) from error


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """One message and the files that came with it. Raises ``ChannelClosed`` and ``TimeoutError``."""
    files: list[int] = []
    try:
        head, files, _flags, _address = socket.recv_fds(channel, _LENGTH.size, _MOST_FILES)
        return _message(channel, head), files
    except BaseException as error:
        close(files)
        if isinstance(error, _NO_MESSAGE) and not isinstance(error, TimeoutError):
            raise ChannelClosed(str(error)) from error
        raise


def _message(channel: socket.socket, head: bytes) -> dict[str, Any]:
    if len(head) < _LENGTH.size:
        head += _exactly(channel, _LENGTH.size - len(head)) if head else b""
    if not head:
        raise ChannelClosed("closed")
    (length,) = _LENGTH.unpack(head)
    if length > MAX_MESSAGE:
        raise ChannelClosed("too long")
    document = json.loads(_exactly(channel, length))
    if not isinstance(document, dict):
        raise ChannelClosed("not a message")
    return document


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = channel.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise ChannelClosed("cut off")
        parts += part
    return bytes(parts)


def close(files: list[int]) -> None:
    """Close what came with a message."""
    for number in files:
        os.close(number)
