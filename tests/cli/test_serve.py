"""``sekisho serve`` as a process: killed outright it leaves nothing behind, and what dies beside it comes back."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sekisho.cli.serve import presume_address

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")


def children(pid):
    """(process, what it runs) of every child."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if parent == pid:
            found.append((int(entry.name), "worker" if "worker" in words else "web"))
    return found


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Server:
    def __init__(self, folder, port):
        path = str(ROOT / "src")
        self.port = port
        self.env = {
            **os.environ,
            "SEKISHO_DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "PYTHONPATH": path,
            "SEKISHO_LOG_LEVEL": "ERROR",
        }
        self.process = None

    def start(self):
        words = ["serve", "--empty", "--port", str(self.port), "--workers", "1"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sekisho", *words],
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait(self.answers)

    def answers(self):
        assert self.process.poll() is None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def child(self, what):
        return next((pid for pid, runs in children(self.process.pid) if runs == what), None)


def wait(what, seconds=60):
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder, made once: each test's server finds what the one before left."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def server(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Server(folder, port)
    found.start()
    yield found
    if found.process.poll() is None:
        found.process.terminate()
        try:
            found.process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # a busy machine; how servers stop is tried below
            found.process.kill()
            found.process.wait()


def test_a_killed_server_leaves_no_process_and_starts_again_at_once(server):
    wait(lambda: server.child("worker") and server.child("web"))
    left = [pid for pid, _runs in children(server.process.pid)]
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server.start()
    wait(lambda: not any(alive(pid) for pid in left))


def test_a_background_worker_and_a_web_process_that_die_come_back(server):
    wait(lambda: server.child("worker") and server.child("web"))
    for what in ("worker", "web"):
        died = server.child(what)
        os.kill(died, signal.SIGKILL)
        wait(lambda what=what, died=died: server.child(what) not in (None, died))
    wait(server.answers)


def test_a_stopped_server_takes_its_processes_along(server):
    wait(lambda: server.child("worker") and server.child("web"))
    left = [pid for pid, _runs in children(server.process.pid)]
    server.process.terminate()
    server.process.wait(timeout=90)
    assert not any(alive(pid) for pid in left)


@pytest.mark.parametrize(
    ("host", "said", "address"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8123"),
        ("::1", "", "http://[::1]:8123"),
        ("0.0.0.0", "", "http://before"),
        ("127.0.0.1", "https://sekisho.example", "http://before"),
    ],
)
def test_links_lead_to_the_server_that_is_started(monkeypatch, settings, host, said, address):
    settings.BASE_URL = "http://before"
    monkeypatch.setenv("SEKISHO_BASE_URL", said)
    presume_address(host, 8123)
    assert address == settings.BASE_URL
    assert os.environ["SEKISHO_BASE_URL"] == (address if address != "http://before" else said)
