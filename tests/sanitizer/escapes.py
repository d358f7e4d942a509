"""Handlers that try to get out. The warm parent of the escape tests loads this module."""

import os
import socket
import subprocess
import time

from sekisho.sanitizer.formats.job import Job


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
