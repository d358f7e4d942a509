"""Handlers that try to get out. The warm parent of the escape tests loads this module."""

import fcntl
import gc
import os
import resource
import socket
import subprocess
import threading
import time
from typing import Any

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.isolation import channel
from sekisho.sanitizer.results import Refused


def open_file(job: Job) -> None:
    with open("/etc/passwd", "rb") as file:
        job.output.write(file.read())


def write_file(job: Job) -> None:
    with open("/tmp/sekisho-escape", "wb") as file:
        file.write(b"out")


def open_socket(job: Job) -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def start_process(job: Job) -> None:
    subprocess.run(["/bin/true"], check=True)


def fork(job: Job) -> None:
    os.fork()


def start_thread(job: Job) -> None:
    threading.Thread(target=list).start()
    job.produced = "txt"
    job.output.write(b"words\n")


def kill_parent(job: Job) -> None:
    os.kill(os.getppid(), 9)


def take_memory(job: Job) -> None:
    job.output.write(bytes(4 << 30))


def take_memory_in_files(job: Job) -> None:
    os.write(os.memfd_create("memory"), bytes(1 << 20))


def ask_for_files_without_end(job: Job) -> None:
    for _turn in range(100):
        channel.send(_talk(), {"kind": "file"})
        channel.receive(_talk())


def fill_the_disk(job: Job) -> None:
    for _ in range(10_000):
        job.output.write(bytes(1 << 20))


def never_end(job: Job) -> None:
    while True:
        pass


def take_time_for_pages(job: Job) -> None:
    pdf_source.take_time_for(2_500)
    job.produced = "txt"
    job.output.write(b"%d seconds" % resource.getrlimit(resource.RLIMIT_CPU)[0])


def sleep_on(job: Job) -> None:
    time.sleep(600)


def crash(job: Job) -> None:
    os.abort()


def pass_the_original(job: Job) -> None:
    job.produced = "txt"
    job.output.write(job.data)


def lower_the_limits_of_the_parent(job: Job) -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))


def have_signals_sent_to_the_parent(job: Job) -> None:
    fcntl.fcntl(job.output.fileno(), fcntl.F_SETOWN, os.getppid())


def _say(job: Job, **message: Any) -> None:
    """Answer this instead of what came of the file."""
    job.output.write(b"words\n")
    job.made = lambda: message  # type: ignore[method-assign]


def say_no_kind(job: Job) -> None:
    _say(job)


def say_what_is_no_removal(job: Job) -> None:
    _say(job, kind="made", type="txt", removed=3, fidelity={})


def say_a_code_that_does_not_exist(job: Job) -> None:
    made_up = {"code": "no.code", "action": "removed", "where": {}, "detail": "", "count": 1}
    _say(job, kind="made", type="txt", removed=[made_up], fidelity={})


def hand_over_no_file(job: Job) -> None:
    channel.send(_talk(), {"kind": "member", "name": "a.txt"})


def say_that_it_died(job: Job) -> None:
    _say(job, kind="died")


def say_what_nothing_can_hold(job: Job) -> None:
    """In the report: a zero, and half a character."""
    job.removed("text.control", detail="a\0b", member="\ud800")
    job.produced = "txt"
    job.output.write(b"words\n")


def refuse_in_words_of_its_own(job: Job) -> None:
    raise Refused("\x1b[2Jno.code", detail="words")


def _talk() -> socket.socket:
    """The way to the engine, which a handler is not given."""
    sockets = (thing for thing in gc.get_objects() if isinstance(thing, socket.socket))
    return next(thing for thing in sockets if thing.fileno() >= 0)


def hand_out_files_without_end(job: Job) -> None:
    """Identify the file again and again, with files beside it."""
    again = {"kind": "identified", "type": "txt", "rivals": [], "objection": ""}
    for _turn in range(40):
        channel.send(_talk(), again, (job.output.fileno(),) * 4)
        channel.receive(_talk())
    job.produced = "txt"
    job.output.write(b"words\n")


def change_what_was_made(job: Job) -> None:
    """Say that the file is made, and change its beginning when that has been looked at."""
    job.produced = "txt"
    job.output.write(b"harmless\n" * 4_000_000)
    job.output.flush()
    say, place = channel.send, os.dup(job.output.fileno())

    def say_and_change(*message: Any) -> None:
        say(*message)
        time.sleep(0.1)
        os.pwrite(place, b"\x1b[31mbad\n", 0)
        time.sleep(2)

    channel.send = say_and_change


def change_the_source(job: Job) -> None:
    os.pwrite(job.source.fileno(), b"WORDS", 0)
