"""The second opinion's side of the walls: forked from a warm parent of its own that has loaded no handler.

The writers' parsers are not even in its memory, and a small parent forks in a third of the time.
"""

import io
import socket
from typing import Any, BinaryIO

from sekisho.sanitizer import verify
from sekisho.sanitizer.isolation import warming, working


def preload(modules: list[str]) -> None:
    """Load every reader once, in the warm parent. Handlers that live elsewhere (``modules``) are not for it."""
    working.load_encodings()
    verify.preload()


def warm_up() -> None:
    """Read files of our own."""
    for kind, sample in warming.samples().items():
        for _time in range(warming.ROUNDS):
            verify.find_complaint(io.BytesIO(sample), kind)


def work(request: dict[str, Any], talk: socket.socket, source: int, sink: int) -> None:
    """See ``working.work``."""
    working.work(_TASKS, request, talk, source, sink)


def _verify(request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO) -> dict[str, Any]:
    complaint = verify.find_complaint(source, request["type"])
    return {"kind": "verified", "complaint": complaint.as_dict() if complaint else None}


_TASKS: dict[str, working.Task] = {"verify": _verify}
