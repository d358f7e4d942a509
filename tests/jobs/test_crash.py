"""Worker processes that are killed or told to stop lose no work (SQLite file, real processes)."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Site:
    """A database in a folder and the processes that work on it."""

    def __init__(self, folder: Path) -> None:
        self.flag = folder / "began"
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.env = {**os.environ, "DATABASE_FILE": str(folder / "jobs.sqlite3"), "PYTHONPATH": path}
        self.run("prepare", str(self.flag))

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tests.jobs.crash_site", *words]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            self.command(*words), env=self.env, cwd=ROOT, check=True, capture_output=True, text=True
        )
        return done.stdout

    def jobs(self) -> list[dict]:
        return json.loads(self.run("read"))

    @contextmanager
    def worker(self):
        process = subprocess.Popen(
            self.command("worker"), env=self.env, cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def wait(self, what, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.jobs()
            time.sleep(0.1)

    def all_done(self) -> bool:
        return {job["state"] for job in self.jobs()} == {"done"}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_work_of_a_killed_worker_is_done_by_the_next(site):
    with site.worker() as first:
        site.wait(site.flag.exists)
        # Its progress shows while it runs, written from the worker's pulse.
        site.wait(lambda: site.jobs()[0]["progress_text"] == "Slow row")
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert site.jobs()[0]["state"] == "running"
    with site.worker():
        site.wait(site.all_done)
    slow, *quick = site.jobs()
    assert slow["result"] == {"attempt": 2}
    assert [job["result"]["number"] for job in quick] == list(range(20))


def test_a_worker_told_to_stop_gives_its_job_back(site):
    with site.worker() as worker:
        site.wait(site.flag.exists)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    slow = site.jobs()[0]
    assert (slow["state"], slow["attempt"]) == ("queued", 0)
