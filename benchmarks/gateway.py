"""Files a minute through the gateway with 1, 2 and 4 workers, and what each worker adds.

Each round sends the same files (pages, tables and pictures) over one route in an installation of its own, starts the workers
as processes, has each do its first files, and takes the time from when all are sent to the last one kept. More workers than processors add little:
the processors are named in the output. Beside it stands the processor time that a file took of workers and their children, which others on the
machine hardly change: where it grows with the workers, they take from one another.

Run with ``.venv/bin/python benchmarks/gateway.py`` (``--files 240`` is the default; ``DATABASE_URL`` chooses PostgreSQL, whose
database must be empty of transfers).
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--files", type=int, default=240)
parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
options = parser.parse_args()

folder = tempfile.mkdtemp(prefix="sekisho-benchmark-")
os.environ.update(
    SEKISHO_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="sekisho.config.settings", SEKISHO_LOG_LEVEL="ERROR"
)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Count, Max  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from sekisho.gateway.models import Route, Transfer, TransferFile, Zone  # noqa: E402
from sekisho.gateway.services import networks, routes, sending  # noqa: E402
from sekisho.jobs.models import Job  # noqa: E402
from sekisho.people.models import User  # noqa: E402
from sekisho.people.roles import SYSTEM  # noqa: E402
from sekisho.people.services import create_organisation, grant_role  # noqa: E402


class Upload(io.BytesIO):
    """A file as forms hand it over."""

    def __init__(self, name: str, body: bytes) -> None:
        super().__init__(body)
        self.name, self.size = name, len(body)


def samples(count: int) -> list[Upload]:
    """A mix: one in three a page with a script, a table, a photograph of 2 megapixels."""
    picture = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(picture, "JPEG", quality=85)
    page = "<!doctype html><h1>会場</h1><script>x()</script>".encode()
    table = "番号,件数\r\n".encode() + b"".join(b"%d,=1+1\r\n" % n for n in range(2000))
    bodies = (("html", page), ("csv", table), ("jpg", picture.getvalue()))
    return [Upload(f"{n}.{bodies[n % 3][0]}", bodies[n % 3][1]) for n in range(count)]


def prepare() -> tuple[Route, list[User]]:
    """One route, and four people who send on it."""
    call_command("migrate", verbosity=0)
    city = create_organisation(SYSTEM, code="bench", name="試験市")
    people = [User.objects.create(username=f"bench{n}", display_name=f"送り主{n}") for n in range(5)]
    grant_role(SYSTEM, people[0], role="security_officer", organisation=city)
    for person in people[1:]:
        grant_role(SYSTEM, person, role="member", organisation=city)
    networks.make_usual_zones(people[0])
    zones = {zone.kind: zone for zone in Zone.objects.all()}
    said = {"source": zones["internet"], "target": zones["lgwan"], "policy": "inbound", "expiry_days": 7,
            "download_limit": 5, "hold_days": 7}  # fmt: skip
    return routes.make_route(people[0], code="bench", organisation=city, name="試験", **said), people[1:]


def send(route: Route, people: list[User], count: int) -> None:
    """``count`` files, spread over the people."""
    files = samples(count)
    for number, person in enumerate(people):
        if mine := files[number :: len(people)]:
            sending.send_whole(person, route, sending.Receiver(), "試験", mine)


def warm(workers: int, route: Route, people: list[User]) -> None:
    """Have every worker do its first files: the parents of its children are loaded then."""
    seen: set[str] = set()
    while len(seen) < workers or Transfer.objects.filter(state="checking").exists():
        if not Transfer.objects.filter(state="checking").exists():
            send(route, people, 6 * workers)
        seen |= set(Job.objects.filter(state="running").order_by().values_list("leased_by", flat=True))
        time.sleep(0.05)


def processor_seconds(roots: list[int]) -> float:
    """What processes and all below them have used so far, those that ended included; 0 where there is no /proc."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            used[int(stat.parent.name)] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    below = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(used.get(pid, 0.0) for pid in below)


def round_of(workers: int, route: Route, people: list[User]) -> tuple[float, float]:
    """Files a minute from when all are sent to the last one kept, and processor seconds a file of the workers.

    The time that workers take to start is not counted.
    """
    command = [sys.executable, "-m", "sekisho", "worker"]
    running = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(workers)
    ]
    try:
        warm(workers, route, people)
        send(route, people, options.files)
        begun, before = timezone.now(), processor_seconds([process.pid for process in running])
        while Transfer.objects.filter(state="checking").exists():
            time.sleep(0.2)  # looking takes of the processors that are measured
        used = processor_seconds([process.pid for process in running]) - before
        done = TransferFile.objects.filter(checked_at__gt=begun)
        found = done.aggregate(last=Max("checked_at"), count=Count("pk"))
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
    rate = 60 * found["count"] / max((found["last"] - begun).total_seconds(), 0.001)
    return float(rate), used / max(found["count"], 1)


def main() -> None:
    route, people = prepare()
    print(f"{os.cpu_count()} processors, {options.files} files a round")
    first = 0.0
    for count in options.workers:
        rate, used = round_of(count, route, people)
        first = first or rate
        print(
            f"{count} workers: {rate:,.0f} files a minute ({rate / first:.2f} times one worker), "
            f"{1000 * used:,.0f} ms of a processor a file"
        )


main()
