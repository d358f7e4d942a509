"""What every child does inside the walls, whatever its task: work, answer, and turn each failure into a refusal."""

import errno
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from sekisho.sanitizer.isolation import channel
from sekisho.sanitizer.results import Refused

Task = Callable[[dict[str, Any], socket.socket, BinaryIO, BinaryIO], dict[str, Any]]

# Python looks an encoding up by importing it: those that files declare are loaded before the walls go up.
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp932", "shift_jis", "shift_jis_2004",
    "euc_jp", "iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "latin-1", "cp1252", "cp437", "ascii", "idna",
    "punycode", "gb18030", "big5", "euc_kr", "koi8-r", "cp1251", "iso8859-15", "unicode_escape",
)  # fmt: skip


def load_encodings() -> None:
    """Load every encoding once, in the warm parent."""
    for encoding in ENCODINGS:
        "".encode(encoding)


def work(
    tasks: Mapping[str, Task], request: dict[str, Any], talk: socket.socket, source: int, sink: int
) -> None:
    """Do one task and answer on the channel ``talk``. Every failure becomes a refusal with a code."""
    with os.fdopen(source, "rb") as readable, os.fdopen(sink, "wb") as writable:
        try:
            reply = tasks[request["task"]](request, talk, readable, writable)
            writable.flush()
        except Refused as refusal:
            reply = {"kind": "refused", "code": refusal.code, "params": refusal.params}
        except MemoryError:
            reply = {"kind": "refused", "code": "limit.memory", "params": {}}
        except RecursionError:
            reply = {"kind": "refused", "code": "limit.depth", "params": {"limit": sys.getrecursionlimit()}}
        except channel.ChannelClosed:
            return
        except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile input ends in a refusal
            reply = {"kind": "refused", **_failure(error)}
    channel.send(talk, reply)


def is_full(error: Exception) -> bool:
    """Whether there was no room for a file."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _failure(error: Exception) -> dict[str, Any]:
    if isinstance(error, PermissionError):
        return {"code": "engine.denied", "params": {}}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"code": "limit.output", "params": {}}
    if is_full(error):
        return {"code": "engine.no_room", "params": {}}
    if os.environ.get("SEKISHO_SANITIZER_TRACE"):
        import traceback

        traceback.print_exception(error)
    return {"code": "engine.failed", "params": {"error": type(error).__name__}}
