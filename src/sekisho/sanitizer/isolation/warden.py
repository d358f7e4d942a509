"""Starts the warm parent, hands it files, and watches over the answers. Safe to use from several threads."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

from sekisho.sanitizer.isolation import channel
from sekisho.sanitizer.isolation.answers import is_sound, storable
from sekisho.sanitizer.results import Refused

_ZYGOTE = "sekisho.sanitizer.isolation.zygote"
_BOUNDS = ("memory", "output")
_GRACE = 5.0  # seconds past the limit before the caller stops believing in the warm parent
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "HOME", "SEKISHO_SANITIZER_TRACE", "SYSTEMROOT")

# What a whole picture takes comes in large pages: two megabytes at a time instead of four kilobytes, each of which the
# kernel must clear and map into a new process (glibc 2.35 and later; elsewhere nothing happens).
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

Answers = Callable[[dict[str, Any], list[int]], tuple[dict[str, Any], tuple[int, ...]] | None]


class Died(Exception):
    """The child ended without an answer, or with one that none would give. ``code`` says why in the words of refusals."""

    def __init__(self, code: str = "engine.crashed") -> None:
        super().__init__(code)
        self.code = code

    def refusal(self, seconds: float) -> Refused:
        """What is told of the file. ``seconds``: those it was allowed."""
        return Refused(self.code, seconds=seconds) if self.code == "limit.time" else Refused(self.code)


class Warden:
    """Owns one warm parent process, started on first use and again after a fork or a crash.

    ``preload``: more modules for the warm parent to load, for handlers that live outside this package. ``role``: whose
    tasks it serves, ``child`` (handlers) or ``reader`` (the second opinion).
    """

    def __init__(self, preload: tuple[str, ...] = (), *, role: str = "child") -> None:
        self.preload = preload
        self.role = role
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        atexit.register(self.close)

    def run(
        self,
        request: dict[str, Any],
        source: BinaryIO,
        sink: BinaryIO,
        *,
        seconds: float,
        work: float | None = None,
        answer: Answers = lambda message, files: None,
    ) -> dict[str, Any]:
        """Run one request in a child and return its last message.

        ``answer`` is called for each message with the files that came beside it, which are closed afterwards; what it
        returns goes back to the child, None ends the conversation with that message. ``seconds`` covers the child's own time, ``work``
        that of the processor, where it may be less. Raises ``Died``.
        """
        ours, theirs = socket.socketpair()
        with ours:
            try:
                bounds = {name: request[name] for name in _BOUNDS}
                bounds |= {"seconds": seconds, "work": seconds if work is None else work}
                self._hand_over(bounds, theirs, source, sink)
            finally:
                theirs.close()
            ours.settimeout(seconds + _GRACE)
            return self._converse(ours, request, answer)

    def get_ready(self) -> None:
        """Start the warm parent, without waiting for it."""
        with self._lock:
            self._running()

    def _converse(self, ours: socket.socket, request: dict[str, Any], answer: Answers) -> dict[str, Any]:
        try:
            channel.send(ours, request)
            while True:
                message, files = channel.receive(ours)
                try:
                    message = storable(message)
                    if message.get("kind") == "died":
                        raise Died(_cause(message))
                    if not is_sound(message, files):
                        raise Died
                    reply = answer(message, files)
                finally:
                    channel.close(files)
                if reply is None:
                    return message
                channel.send(ours, *reply)
        except TimeoutError as error:
            raise Died("limit.time") from error
        except channel.ChannelClosed as error:
            raise Died from error

    def _hand_over(
        self, request: dict[str, Any], theirs: socket.socket, source: BinaryIO, sink: BinaryIO
    ) -> None:
        files = (theirs.fileno(), source.fileno(), sink.fileno())
        with self._lock:
            try:
                channel.send(self._running(), request, files)
            except channel.ChannelClosed:  # the warm parent is gone (killed from outside): one new one
                self._forget()
                try:
                    channel.send(self._running(), request, files)
                except channel.ChannelClosed as error:
                    raise Died from error

    def _running(self) -> socket.socket:
        if self._process is None or self._process.poll() is not None or self._owner != os.getpid():
            self._forget()
            self._start()
        assert self._control is not None
        return self._control

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-I" if not os.environ.get("PYTHONPATH") else "-s", "-m"]
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(  # noqa: S603
            [*command, _ZYGOTE, str(theirs.fileno()), self.role, *self.preload],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=kept | _LARGE_PAGES,
        )
        theirs.close()
        self._control, self._owner = ours, os.getpid()

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        self._process = self._control = None

    def close(self) -> None:
        """End the warm parent and, with it, every child."""
        with self._lock:
            self._forget()


def _cause(message: dict[str, Any]) -> str:
    """Why a child ended, by what its warm parent saw."""
    if message.get("timed_out"):
        return "limit.time"
    return "limit.work" if message.get("exit") == -signal.SIGXCPU else "engine.crashed"
