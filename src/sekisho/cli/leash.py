"""Processes that end with the one that started them, however it ended, and a companion that is started again."""

import os
import signal
import subprocess
import sys
import threading
import time

_LOOK_SECONDS = 0.5
#: how long a process may take to end by itself once the one that started it is gone
GRACE_SECONDS = 10.0
_RESTART_SECONDS = 3.0


def end_with(parent: int) -> None:
    """End this process soon after process ``parent``, its parent, is gone: gently first, then for good.

    A server killed with SIGKILL cannot tell its children; without this they keep its port and go on working.
    """
    threading.Thread(target=_watch, args=(parent,), name="leash", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


class Companion:
    """The background worker beside the web server: ends with it, and is started again when it dies before."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._keep, name="companion", daemon=True).start()

    def stop(self) -> None:
        """Let it give back its jobs and end."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "sekisho", "worker", "--with", str(os.getpid())]
        return subprocess.Popen(words)  # noqa: S603 - our own command, nothing from outside

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if not self._stopping.wait(_RESTART_SECONDS):
                self._process = self._start()
