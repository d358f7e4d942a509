"""How many answers a survey takes in a second without losing one, and what a results page of ten million answers costs.

Submissions: the real server in processes of its own, the public page opened over sockets that stay open, each
answer a POST of the form as a browser sends it (with its cookie against forgery) from an address of its own. Every
answer that was thanked for must lie in the database afterwards, and the counts must say the same. The server, the
database and the people who answer share the cores of the machine.

Results: two waves, alike but for their size, their pages opened alternately.

Run with ``.venv/bin/python benchmarks/surveys.py`` for SQLite, and with ``--postgres URL`` (an empty database of its own) for
PostgreSQL. ``--only submissions`` or ``--only results`` for half of it.
"""

import argparse
import asyncio
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument(
    "--postgres", default="", metavar="URL", help="measure on this database instead of SQLite"
)
parser.add_argument("--only", choices=["submissions", "results"], default="")
parser.add_argument("--answers", type=int, default=20_000, help="submissions")
parser.add_argument("--people", type=int, default=32, help="who answer at the same time")
parser.add_argument("--workers", type=int, default=2, help="server processes")
parser.add_argument(
    "--threads", type=int, default=0, help="threads of each; as `sekisho serve` has them unless given"
)
parser.add_argument("--small", type=int, default=10_000)
parser.add_argument("--large", type=int, default=10_000_000)
parser.add_argument("--rounds", type=int, default=15)
options = parser.parse_args()

folder = tempfile.mkdtemp(prefix="sekisho-benchmark-")
os.environ.update(
    SEKISHO_DATA_DIR=folder,
    DJANGO_SETTINGS_MODULE="sekisho.config.settings",
    SEKISHO_LOG_LEVEL="ERROR",
    SEKISHO_BEHIND_PROXY="1",
    DATABASE_URL=options.postgres,
)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402


def found() -> tuple[Any, Any]:
    """An empty installation with a section, and the ready survey of satisfaction: (who made it, survey)."""
    from sekisho.book.services.projects import create_project
    from sekisho.people.models import Installation, Organisation, RoleAssignment, User
    from sekisho.standards.services import register_shipped
    from sekisho.voice.services import surveys

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    register_shipped()
    Installation.objects.create(name="計測市")
    root = Organisation.objects.create(code="root", name="計測市", path="/1/")
    user = User.objects.create_user("member", password=None, organisation=root)
    RoleAssignment.objects.create(user=user, role="member", organisation=root, valid_from="2020-01-01")
    project = create_project(user, code="P-1", name="申請サービス", owner=root)
    return user, surveys.make_survey(user, project, title="満足度", ready="satisfaction")


# ------------------------------------------------------------------------------------------------ submissions


@dataclass
class Sent:
    """What came back: status codes of the submissions, and seconds each took."""

    codes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begin_server(port: int) -> subprocess.Popen[bytes]:
    """The web server as `sekisho serve` runs it, without its worker: counting is measured apart."""
    threads = options.threads or (1 if options.workers > 1 else 4)
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += [
        "--workers",
        str(options.workers),
        "--blocking-threads",
        str(threads),
        "--no-ws",
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen([*command, "sekisho.config.wsgi:application"], start_new_session=True)
    for _try in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return server
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")


def opened_page(port: int, token: str) -> tuple[str, str]:
    """The page as somebody opens it: the cookie against forgery, and the body of an answer without its choices."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/s/{token}/") as response:
        page, cookie = response.read().decode(), response.headers["Set-Cookie"].split(";")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    hidden.pop("next", None)
    return cookie, urllib.parse.urlencode({**hidden, "address": ""})


def request_of(number: int, token: str, cookie: str, hidden: str) -> bytes:
    """The number-th answer: every third could finish, one in ten writes a sentence."""
    said = {
        "q-overall": str(1 + number % 5),
        "q-finished": ("yes", "partly", "no")[number % 3],
        "q-stuck": "",
        "q-words": "",
    }
    if number % 10 == 0:
        said["q-words"] = "入力が途中で消えました。保存できるとうれしいです。"
    body = f"{hidden}&{urllib.parse.urlencode(said)}".encode()
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    head = (
        f"POST /s/{token}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\nCookie: {cookie}\r\n"
        f"Accept-Language: ja\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def one_person(port: int, requests: list[bytes], sent: Sent) -> None:
    """Send one answer after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        started = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if match := re.search(rb"(?i)content-length: (\d+)", head):
            await reader.readexactly(int(match[1]))
        sent.seconds.append(time.perf_counter() - started)
        sent.codes[head[9:12].decode()] += 1
    writer.close()


async def everyone(port: int, requests: list[bytes], people: int) -> Sent:
    sent = Sent()
    await asyncio.gather(*(one_person(port, requests[n::people], sent) for n in range(people)))
    return sent


def processor_seconds(server: subprocess.Popen[bytes]) -> float:
    """Seconds of processor the server and its processes have used."""
    spent = 0.0
    for line in subprocess.run(["ps", "-eo", "pgid,pid"], capture_output=True, text=True).stdout.splitlines()[
        1:
    ]:
        group, process = map(int, line.split())
        if group == server.pid:
            with open(f"/proc/{process}/stat") as stat:
                parts = stat.read().rpartition(")")[2].split()
            spent += (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def measure_submissions(user: Any, survey: Any) -> bool:
    """Send, time, and count that none was lost."""
    from sekisho.voice.models import Response, Tally
    from sekisho.voice.services import surveys, tally

    wave = surveys.open_wave(user, survey, name="計測")
    connection.close()
    port = free_port()
    server = begin_server(port)
    try:
        cookie, hidden = opened_page(port, wave.token)
        time.sleep(2.1)  # nobody reads and answers faster
        requests = [request_of(n, wave.token, cookie, hidden) for n in range(options.answers)]
        asyncio.run(everyone(port, requests[:200], options.people))
        before, own = processor_seconds(server), resource.getrusage(resource.RUSAGE_SELF)
        started = time.perf_counter()
        sent = asyncio.run(everyone(port, requests[200:], options.people))
        elapsed = time.perf_counter() - started
        spent, after = processor_seconds(server) - before, resource.getrusage(resource.RUSAGE_SELF)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    count = len(sent.seconds)
    mine = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime
    print(
        f"{count:,} submissions by {options.people} at a time in {elapsed:.1f} s: {count / elapsed:,.0f} a second"
    )
    print(
        f"answers: {dict(sent.codes)}; median {statistics.median(sent.seconds) * 1000:.1f} ms, p99 {statistics.quantiles(sent.seconds, n=100)[-1] * 1000:.1f} ms"
    )
    print(
        f"processor time of the server {spent / count * 1000:.2f} ms each, of the people {mine / count * 1000:.2f} ms each"
    )
    kept = Response.objects.filter(wave=wave).count()
    started = time.perf_counter()
    surveys.close_wave(user, wave)
    tally.count_new(wave)
    print(
        f"counted in {time.perf_counter() - started:.1f} s: {kept / (time.perf_counter() - started):,.0f} a second"
    )
    counted = Tally.objects.get(wave=wave, question="*").count
    whole = kept == counted == sent.codes["302"] + 200 and tally.is_exact(wave)
    print(
        f"thanked for {sent.codes['302'] + 200:,}, kept {kept:,}, counted {counted:,}: {'none lost' if whole else 'LOST'}"
    )
    return whole


def main() -> None:
    user, survey = found()
    print("database:", connection.vendor)
    whole = True
    if options.only != "results":
        whole = measure_submissions(user, survey)
    sys.exit(0 if whole else 1)


if __name__ == "__main__":
    main()
