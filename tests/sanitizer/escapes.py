"""Handlers that try to get out. The warm parent of the escape tests loads this module."""

import os
import socket
import subprocess
import time
from typing import Any

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.isolation import channel


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


def kill_parent(job: Job) -> None:
    os.kill(os.getppid(), 9)


def take_memory(job: Job) -> None:
    job.output.write(bytes(4 << 30))


def fill_the_disk(job: Job) -> None:
    for _ in range(10_000):
        job.output.write(bytes(1 << 20))


def never_end(job: Job) -> None:
    while True:
        pass


def sleep_on(job: Job) -> None:
    time.sleep(600)


def crash(job: Job) -> None:
    os.abort()


def pass_the_original(job: Job) -> None:
    job.produced = "txt"
    job.output.write(job.data)


def answer_nonsense(job: Job) -> None:
    job.output.write(b"words\n")
    job.made = lambda: {"kind": "made", "type": "txt", "removed": 3}  # type: ignore[assignment]


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
