"""The warm parent: a process that has loaded every parser and forks a locked-in child for each file.

It reads no untrusted byte itself. One child always stands ready behind its walls, so that forking and locking in cost a
file no time; each child serves one file and ends. Started by ``warden`` as ``python -m sekisho.sanitizer.isolation.zygote FD ROLE``,
where the role is the module of this package whose tasks it serves (``child`` or ``reader``); a request is ``{"seconds", "work", "memory", "output"}`` with three files: the child's channel, the source
and the sink. What is to be done comes over that channel: of a file's name and password nothing is left in the memory of
the next children.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import sysconfig
import time
import traceback
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sekisho.sanitizer.isolation import channel, memory, sandbox

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
_TICK = 0.25
_EXIT_OK = 0
# HEIC and AVIF say so behind four bytes: their decoders give up where they cannot start a thread.
_NEEDS_THREADS = b"ftyp"
_TRACE = "SEKISHO_SANITIZER_TRACE"


@dataclass(frozen=True)
class _Spare:
    """A child that waits for its file, and the channel on which it is handed over."""

    pid: int
    channel: socket.socket


@dataclass
class _Child:
    """A running child: when it must be over, and the channel on which its caller waits."""

    deadline: float
    channel: socket.socket
    timed_out: bool = False


@cache
def readable_folders() -> tuple[str, ...]:
    """What a child may read: code that is loaded late, and fonts. No data lives in either."""
    code = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    libraries = (
        "/usr/lib",
        "/lib",
        "/usr/local/lib",
        "/lib64",
        "/usr/lib64",
        "/etc/fonts",
        "/usr/share/zoneinfo",
    )
    return (*sorted(code), str(Path(__file__).parents[1]), *libraries, *FONT_FOLDERS)


def main() -> None:
    """Serve requests until the warden closes the channel."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the caller, who closes the channel
    memory.keep_freed()
    role = import_module(f"sekisho.sanitizer.isolation.{sys.argv[2]}")
    role.preload(sys.argv[3:])
    # What is worked out before the fork costs every child nothing.
    sandbox.prepare(readable_folders())
    children: dict[int, _Child] = {}
    if _is_asked(control, 0):  # who waits already is not kept waiting for the files of our own
        _take(control, _fork(role, control, children), role, children)
    role.warm_up()
    gc.collect()
    gc.freeze()
    memory.prepare_for_children()
    spare = _fork(role, control, children)
    while True:
        if _is_asked(control, _TICK if children else None):
            if not _take(control, spare, role, children):
                break
            spare = _fork(role, control, children)
        _reap(children)
    for pid in (spare.pid, *children):
        os.kill(pid, signal.SIGKILL)


def _is_asked(control: socket.socket, seconds: float | None) -> bool:
    return bool(select.select([control], [], [], seconds)[0])


def _take(control: socket.socket, spare: _Spare, role: Any, children: dict[int, _Child]) -> bool:
    """Receive a request and have ``spare`` work on it; False when the warden is gone."""
    try:
        request, files = channel.receive(control)
    except channel.ChannelClosed:
        return False
    _start(spare, role, children, control, request, files)
    return True


def _start(
    spare: _Spare,
    role: Any,
    children: dict[int, _Child],
    control: socket.socket,
    request: dict[str, Any],
    files: list[int],
) -> None:
    """Hand the file to the child that stands ready, or to a new one where that was ended from outside."""
    try:
        channel.send(spare.channel, request, tuple(files))
    except channel.ChannelClosed:
        spare.channel.close()
        os.waitpid(spare.pid, 0)
        spare = _fork(role, control, children)
        channel.send(spare.channel, request, tuple(files))
    spare.channel.close()
    answer, source, sink = files
    os.close(source)
    os.close(sink)
    deadline = time.monotonic() + float(request["seconds"])
    children[spare.pid] = _Child(deadline, socket.socket(fileno=answer))


def _fork(role: Any, control: socket.socket, children: dict[int, _Child]) -> _Spare:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        control.close()
        for other in children.values():
            other.channel.close()
        _become_child(role, theirs)
    theirs.close()
    return _Spare(pid, ours)


def _become_child(role: Any, handed: socket.socket) -> None:
    """Never returns: whatever happens in here ends with the process."""
    code = 1
    try:
        os.setpgid(0, 0)
        _silence()
        sandbox.lock_in(readable_folders())
        try:
            bounds, (answer, source, sink) = channel.receive(handed)
        except channel.ChannelClosed:  # the warm parent is gone
            os._exit(_EXIT_OK)
        handed.close()
        sandbox.limit_resources(
            memory=int(bounds["memory"]), seconds=int(bounds["seconds"]) + 1, work=int(bounds["work"]),
            output=int(bounds["output"]),
        )  # fmt: skip
        if os.pread(source, 8, 0)[4:] != _NEEDS_THREADS:
            sandbox.forbid_threads()
        # Told what kind it is, Python need not ask the kernel, which the filter would deny.
        talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=answer)
        request, _files = channel.receive(talk)
        role.work(request, talk, source, sink)
        code = _EXIT_OK
    except BaseException:
        if os.environ.get(_TRACE):
            traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _silence() -> None:
    """Libraries in C complain on the standard streams in words of the file: nothing of it reaches the caller's terminal."""
    if not os.environ.get(_TRACE):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)


def _reap(children: dict[int, _Child]) -> None:
    """Kill what is over its time, and tell the callers of those that ended badly."""
    now = time.monotonic()
    for pid, child in list(children.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended and now > child.deadline and not child.timed_out:
            child.timed_out = True
            os.kill(pid, signal.SIGKILL)
        if ended:
            _say_goodbye(child, os.waitstatus_to_exitcode(status))
            del children[pid]


def _say_goodbye(child: _Child, code: int) -> None:
    if code != _EXIT_OK:
        with contextlib.suppress(channel.ChannelClosed):
            channel.send(child.channel, {"kind": "died", "timed_out": child.timed_out, "exit": code})
    child.channel.close()


if __name__ == "__main__":
    main()
