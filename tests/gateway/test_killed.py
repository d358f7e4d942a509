"""Workers are killed, and the database too, while files cross: each comes through once, none is lost."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.gateway.crash_site import FILES

ROOT = Path(__file__).parents[2]


class Site:
    """A data folder, perhaps a database server of its own, and the processes that work on them."""

    def __init__(self, folder, database=""):
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.env = {
            **os.environ, "SEKISHO_DATA_DIR": str(folder), "DATABASE_URL": database, "PYTHONPATH": path,
            "SEKISHO_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "sekisho.config.settings",
        }  # fmt: skip
        self.workers = []
        self.run("prepare")

    def command(self, word):
        return [sys.executable, "-m", "tests.gateway.crash_site", word]

    def run(self, word):
        done = subprocess.run(
            self.command(word), check=False, env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self, count):
        for _worker in range(count):
            self.workers.append(
                subprocess.Popen(self.command("worker"), env=self.env, cwd=ROOT, stderr=subprocess.DEVNULL)
            )

    def kill_all(self):
        for process in self.workers:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.workers.clear()

    def read(self):
        return json.loads(self.run("read"))

    def wait_for(self, clean, seconds=240):
        until = time.monotonic() + seconds
        while (found := self.read())["clean"] < clean:
            assert time.monotonic() < until, found
            self.run("nudge")
            time.sleep(0.2)
        return found


def all_came_once(site):
    """Also when a worker was killed that had been taken for dead: what it wrote late is tidied away."""
    site.wait_for(2 * FILES)
    site.kill_all()
    site.run("tidy")
    assert site.read() == {
        "transfers": ["offered", "offered"],
        "clean": 2 * FILES,
        "cleaned": 2 * FILES,
        "cleaned_once": 2 * FILES,
        "offered": 2,
        "broken": [],
        "left_over": 0,
    }


def test_every_file_comes_through_once_however_often_workers_are_killed(tmp_path):
    site = Site(tmp_path)
    try:
        for clean in (2, FILES // 2, FILES):
            site.start(2)
            site.wait_for(clean)
            site.kill_all()
        site.start(1)
        all_came_once(site)
    finally:
        site.kill_all()


class Server:
    """A PostgreSQL of the test's own, which may be ended without a word."""

    def __init__(self, folder):
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder, self.user = folder / "data", "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self._run("initdb", "-A", "trust", "-U", "sekisho", "-E", "UTF8", "--no-sync")
        self.start()
        self.url = f"postgresql://sekisho@127.0.0.1:{self.port}/postgres"

    def _run(self, name, *words):
        command = [str(self.bin / name), "-D", str(self.folder), *words]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user
        )

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-w", "-t", "60", "-o", options, "-l", str(self.folder / "log"), "start")

    def crash(self):
        self._run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture
def server():
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or not _has_nobody():
        pytest.skip("PostgreSQL's programs are not here")
    folder = Path(tempfile.mkdtemp(prefix="sekisho-pg-"))
    made = Server(folder)
    yield made
    made.crash()
    shutil.rmtree(folder)


def _has_nobody():
    try:
        return bool(pwd.getpwnam("nobody"))
    except KeyError:
        return False


def test_every_file_comes_through_once_when_the_database_is_killed(server, tmp_path):
    site = Site(tmp_path, server.url)
    try:
        site.start(2)
        for clean in (2, FILES):
            site.wait_for(clean)
            server.crash()
            server.start()
        site.wait_for(FILES + 5)
        site.kill_all()
        site.start(1)
        all_came_once(site)
    finally:
        site.kill_all()
