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
import random
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
    SEKISHO_ALLOWED_HOSTS="127.0.0.1,testserver",
    DATABASE_URL=options.postgres,
)

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402
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
    for line in subprocess.run(
        ["ps", "-eo", "pgid,pid"], check=True, capture_output=True, text=True
    ).stdout.splitlines()[1:]:
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


# ---------------------------------------------------------------------------------------------------- results


def questions() -> dict[str, Any]:
    """A survey with every kind of question whose results weigh anything."""

    def choice(code: str) -> dict[str, Any]:
        return {"code": code, "title": {"ja": f"選択肢{code}"}}

    def question(code: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"code": code, "kind": kind, "title": {"ja": f"問い{code}"}, **more}

    return {
        "sections": [
            {
                "questions": [
                    question("overall", "satisfaction"),
                    question("age", "single", choices=[choice(f"a{n}") for n in range(8)]),
                    question("used", "multiple", choices=[choice(f"u{n}") for n in range(10)]),
                    question("wish", "kano", importance=True, choices=[choice(f"f{n}") for n in range(8)]),
                    question("ease", "sus"),
                    question("tell", "nps"),
                    question(
                        "points",
                        "matrix",
                        choices=[choice(f"p{n}") for n in range(5)],
                        rows=[choice(f"r{n}") for n in range(6)],
                    ),
                    question("first", "ranking", choices=[choice(f"x{n}") for n in range(6)]),
                    question("words", "text"),
                ]
            }
        ]
    }


def answer(number: int) -> dict[str, Any]:
    """One of ten thousand different answers."""
    dice = random.Random(number)
    places = ["窓口", "申請画面", "手数料", "電話", "駐車場", "通知", "検索"]
    said: dict[str, Any] = {
        "overall": dice.randint(1, 5),
        "age": f"a{dice.randrange(8)}",
        "used": sorted(dice.sample([f"u{n}" for n in range(10)], 3)),
        "wish": {f"f{n}": [dice.randint(1, 5), dice.randint(1, 5), dice.randint(1, 9)] for n in range(8)},
        "ease": [dice.randint(1, 5) for _item in range(10)],
        "tell": dice.randint(0, 10),
        "points": {f"r{n}": f"p{dice.randrange(5)}" for n in range(6)},
        "first": dice.sample([f"x{n}" for n in range(6)], 3),
    }
    if number % 5 == 0:
        said["words"] = f"{dice.choice(places)}が分かりにくく、{dice.choice(places)}で困りました。"
    return said


def grown_wave(user: Any, survey: Any, name: str, size: int) -> Any:
    """A closed wave of ``size`` answers: up to ten thousand different ones are answered and counted as always, then rows
    and counts are multiplied in the database, since counting ten million takes most of an hour."""
    from sekisho.voice.definition import Definition
    from sekisho.voice.models import GroupTally, Response, Tally
    from sekisho.voice.services import breakdown, excerpts, surveys, tally

    wave = surveys.open_wave(user, survey, name=name)
    kinds = min(size, 10_000)
    Response.objects.bulk_create(
        [Response(wave=wave, day="2026-04-01", answers=answer(number)) for number in range(kinds)],
        batch_size=1000,
    )
    surveys.close_wave(user, wave)
    tally.count_new(wave)
    breakdown.choose_groups(user, wave, "age")
    breakdown.count_groups(wave)
    times = size // kinds
    _multiply(wave.pk, times)
    for model in (Tally, GroupTally):
        model.objects.filter(wave=wave).update(count=F("count") * times)
    if times > 1:
        some = Response.objects.filter(wave=wave).order_by("id")[: 5 * excerpts.KEPT]
        excerpts.keep(wave, Definition.from_document(wave.document), some)
    return wave


def _multiply(wave: int, times: int) -> None:
    """Further ``times - 1`` copies of every response of a wave, each under a random key of its own."""
    key = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}[connection.vendor]
    rest = "wave_id, anonymous, person_id, day, place, language, answers, counted"
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table seed as select * from voice_response where wave_id = %s", [wave]
        )
        for _copy in range(1, times):
            cursor.execute(f"insert into voice_response (id, {rest}) select {key}, {rest} from seed")
        cursor.execute("drop table seed")
        cursor.execute("analyze")


def opened(client: Client, url: str) -> float:
    """Seconds of one page."""
    started = time.perf_counter()
    response = client.get(url)
    elapsed = time.perf_counter() - started
    if response.status_code != 200:
        sys.exit(f"{url} answered {response.status_code}")
    return elapsed


def measure_results(user: Any, project: Any) -> bool:
    """Every page of results of the large wave beside the same of the small one; True when none takes 0.5 s more."""
    from sekisho.voice.services import surveys

    waves = {}
    for size in (options.small, options.large):
        started = time.perf_counter()
        survey = surveys.make_survey(user, project, title=f"{size:,}")
        surveys.change_survey(user, survey, questions())
        earlier = grown_wave(user, survey, "春", options.small)
        waves[size] = grown_wave(user, survey, "秋", size), earlier
        print(f"a wave of {size:,} answers made in {time.perf_counter() - started:.0f} s")
    client = Client()
    client.force_login(user)
    pages = {
        "results": "/voice/waves/{0}/",
        "Kano": "/voice/waves/{0}/kano/",
        "beside the wave before": "/voice/waves/{0}/compare/",
        "by group": "/voice/waves/{0}/groups/",
        "words by topic": "/voice/waves/{0}/topics/",
        "survey": "/voice/surveys/{2}/",
        "all surveys": "/voice/surveys/",
        "satisfaction over the years": "/voice/satisfaction/P-1/",
        "list of features": "/voice/features/P-1/",
    }
    print(f"{'page':32}{options.small:>14,}{options.large:>14,}{'more':>10}")
    within = True
    for name, url in pages.items():
        times: dict[int, list[float]] = {size: [] for size in waves}
        for _round in range(options.rounds):
            for size, (wave, earlier) in waves.items():
                times[size].append(opened(client, url.format(wave.pk, earlier.pk, wave.survey_id)))
        small, large = (statistics.median(times[size]) for size in waves)
        within &= large - small <= 0.5
        print(f"{name:32}{small * 1000:11.1f} ms{large * 1000:11.1f} ms{(large - small) * 1000:7.1f} ms")
    return within


def main() -> None:
    user, survey = found()
    print("database:", connection.vendor)
    good = True
    if options.only != "results":
        good = measure_submissions(user, survey)
    if options.only != "submissions":
        good &= measure_results(user, survey.project)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
