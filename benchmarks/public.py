"""How many visits a second the public pages bear on this machine, beside a plain page and a static file as floors.

Builds a city of public services, serves it by granian with two processes, and asks by ``wrk`` from the same machine: both share its
cores, so that a server of its own bears more. Each address is asked in turns; the best and the median of the turns are printed.

Run with ``.venv/bin/python benchmarks/public.py`` (``--services 60 --seconds 8 --rounds 3 --connections 16`` are the defaults).
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--services", type=int, default=60)
parser.add_argument("--seconds", type=int, default=8)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--connections", type=int, default=16)
parser.add_argument("--workers", type=int, default=2)
options = parser.parse_args()

folder = tempfile.mkdtemp(prefix="sekisho-benchmark-")
os.environ.update(
    SEKISHO_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="sekisho.config.settings", SEKISHO_LOG_LEVEL="ERROR"
)
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402

django.setup()

ADDRESSES = {
    "plain page (/healthz): floor": ("/healthz", ()),
    "static file: floor": ("/static/web/robots-of-benchmark.txt", ()),
    "list of services": ("/public/ja/", ()),
    "list, packed": ("/public/ja/", ("Accept-Encoding: gzip",)),
    "one service": ("/public/ja/services/P-0001/", ()),
    "one service, asked again (304)": ("/public/ja/services/P-0001/", ("If-None-Match: {etag}",)),
    "services.json, packed": ("/public/data/services.json", ("Accept-Encoding: gzip",)),
    "services.csv": ("/public/data/services.csv", ()),
    "not there (404, from 1,200 a minute 429)": ("/public/ja/services/NOTHING/", ()),
}


def build(count: int) -> None:
    """A city with so many public services, each with years of money, releases and operation."""
    import datetime as dt

    from django.core.management import call_command
    from django.utils import timezone

    from sekisho.book.models import BudgetYear, Project, Release
    from sekisho.people.models import Installation, Organisation
    from sekisho.portfolio.models import OperationMonth
    from sekisho.portfolio.public.dictionary import dictionary
    from sekisho.portfolio.public.models import PublicationDecision
    from sekisho.portfolio.public.services import snapshot

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    Installation.objects.create(name="計測市")
    owner = Organisation.objects.create(code="root", name="計測市 情報政策課", path="/1/")
    now, past = timezone.now(), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    books = Project.objects.bulk_create(
        Project(code=f"P-{n:04d}", name=f"市民のためのサービス{n}号", summary="窓口の申請を電子化します。" * 3, owner=owner, phase="operate", for_citizens=True)
        for n in range(count)
    )  # fmt: skip
    BudgetYear.objects.bulk_create(
        BudgetYear(project=book, fiscal_year=year, approved=10_000_000 + year, executed=9_000_000)
        for book in books
        for year in range(2021, 2027)
    )
    Release.objects.bulk_create(
        Release(project=book, version=f"1.{n}", name="使いやすくしました", kind="change", planned_on=now.date(), released_at=now, state="released")
        for book in books
        for n in range(8)
    )  # fmt: skip
    OperationMonth.objects.bulk_create(
        OperationMonth(project=book, month=dt.date(2026, n, 1), availability=9_990, reported_at=now)
        for book in books
        for n in range(1, 11)
    )
    decided = {"shown": True, "decided_at": past, "takes_effect_at": past}
    PublicationDecision.objects.bulk_create(
        [PublicationDecision(field=name, **decided) for name in dictionary().fields]
        + [PublicationDecision(project=book, **decided) for book in books]
    )
    started = time.perf_counter()
    snapshot.bring_up_to_date()
    print(f"snapshot of {count} services in {time.perf_counter() - started:.1f} s")


def serve(port: int) -> subprocess.Popen[bytes]:
    """Granian as ``sekisho serve`` starts it."""
    code = (
        "from granian import Granian; from granian.constants import Interfaces;"
        f"Granian('sekisho.config.wsgi:application', port={port}, interface=Interfaces.WSGI,"
        f" workers={options.workers}, blocking_threads=1, log_access=False, log_enabled=False).serve()"
    )
    return subprocess.Popen([sys.executable, "-c", code])


def wait_for(base: str) -> None:
    until = time.monotonic() + 180  # a busy machine takes its time to load everything
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{base}/healthz").read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server does not answer")


def ask(base: str, path: str, headers: tuple[str, ...]) -> tuple[float, float, str]:
    """Requests a second, milliseconds of the 99th percentile, and what went wrong, of one turn of wrk."""
    arguments = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", *arguments, f"{base}{path}"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])  # type: ignore[index]
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    factor = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    wrong = re.search(r"Socket errors: .*", said)
    return rate, float(slow[1]) * factor[slow[2]] if slow else 0.0, wrong[0] if wrong else ""


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("This benchmark asks with wrk: install it first.")
    from django.conf import settings

    build(options.services)
    static = Path(settings.STATIC_ROOT) / "web" / "robots-of-benchmark.txt"
    static.write_text("ok\n" * 1_000)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base, server = f"http://127.0.0.1:{port}", serve(port)
    try:
        wait_for(base)
        etag = urllib.request.urlopen(f"{base}/public/ja/services/P-0001/").headers["ETag"]
        turns: dict[str, list[tuple[float, float, str]]] = {name: [] for name in ADDRESSES}
        for _round in range(options.rounds):
            for name, (path, headers) in ADDRESSES.items():
                turns[name].append(ask(base, path, tuple(header.format(etag=etag) for header in headers)))
        print(f"{'':42}{'best a second':>14}{'median':>10}{'p99':>10}")
        for name, found in turns.items():
            rates = [rate for rate, _slow, _wrong in found]
            wrong = " ".join({one for _rate, _slow, one in found if one})
            print(
                f"{name:42}{max(rates):14,.0f}{statistics.median(rates):10,.0f}{min(s for _r, s, _w in found):7.1f} ms {wrong}"
            )
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
