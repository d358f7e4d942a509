"""p95 of registry, book and gate page with 100,000 projects and 2 million answers, over the same with 1,000 projects.

Then, on the small portfolio, what a page costs beyond what it cannot do without: its median time over that of its SQL
statements, run bare on the database's own driver, plus that of its template, rendered again with everything it needs at hand.

Run with ``.venv/bin/python benchmarks/pages.py`` (``--large 100000`` and ``--answers 20`` are the defaults). Both sizes are
measured in one run, in one process, alternately. Times are of the processor: SQLite works in this process, and what else the
machine does meanwhile does not count.
"""

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--large", type=int, default=100_000)
parser.add_argument("--small", type=int, default=1_000)
parser.add_argument("--answers", type=int, default=20, help="answers per project")
parser.add_argument("--rounds", type=int, default=40)
options = parser.parse_args()

folder = tempfile.mkdtemp(prefix="sekisho-benchmark-")
os.environ.update(
    SEKISHO_DATA_DIR=folder, DJANGO_SETTINGS_MODULE="sekisho.config.settings", SEKISHO_LOG_LEVEL="ERROR"
)
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.template.backends.django import Template  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

PHASES = ("plan", "requirements", "build", "operate", "retire")


def build(path: str, count: int) -> None:
    """A database with ``count`` projects, each with a gate and answers, written in bulk."""
    from sekisho.book.models import Answer, Gate, Project
    from sekisho.book.search_tokens import index_tokens
    from sekisho.book.services.rollup import index_many
    from sekisho.people.models import Installation, Organisation, RoleAssignment, User
    from sekisho.standards.models import StandardVersion
    from sekisho.standards.services import register_shipped

    use(path)
    call_command("migrate", verbosity=0)
    register_shipped()
    Installation.objects.create(name="計測市")
    root = Organisation.objects.create(code="root", name="計測市", path="/1/")
    owners = [root]
    for n in range(50):
        organisation = Organisation.objects.create(code=f"o{n}", name=f"第{n}局 情報政策課", parent=root)
        organisation.path = f"/1/{organisation.pk}/"
        organisation.save()
        owners.append(organisation)
    user = User.objects.create_user("reader", password=None)
    RoleAssignment.objects.create(
        user=user, role="quality_office", organisation=root, valid_from="2020-01-01"
    )
    pack = StandardVersion.objects.filter(pack="sekisho-reference").first()
    now = timezone.now()
    road = {"stations": ["passed", "passed", "here_barred", "ahead", "ahead"], "bars": 3, "marks": []}
    for start in range(0, count, 10_000):
        numbers = range(start, min(start + 10_000, count))
        projects = Project.objects.bulk_create(
            Project(
                code=f"P-{n:06d}",
                name=f"{'税務福祉防災教育'[n % 8 : n % 8 + 2] or '税務'}システム{n}号の再構築",
                summary="窓口の申請を電子化し、職員の入力をなくす。",
                owner=owners[n % len(owners)],
                phase=PHASES[n % 5],
                money_this_year=n * 1_000,
                road=road,
                blocker_count=3,
            )
            for n in numbers
        )
        index_many([(p.pk, index_tokens(p.code, p.name, p.summary)) for p in projects])
        gates = Gate.objects.bulk_create(
            Gate(project=p, phase=p.phase, standard=pack, opened_at=now) for p in projects
        )
        Answer.objects.bulk_create(
            (
                Answer(
                    gate=g,
                    criterion=f"{'plan'}-{i:02d}",
                    value="met",
                    comment="確認済み",
                    answered_by=user,
                    answered_at=now,
                )
                for g in gates
                for i in range(1, options.answers + 1)
            ),
            batch_size=20_000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def use(path: str) -> None:
    """Point the default connection at a database file."""
    connection.close()
    connection.settings_dict["NAME"] = path


def measure(client: Client, url: str) -> float:
    """Seconds of one page."""
    started = time.process_time()
    response = client.get(url)
    elapsed = time.process_time() - started
    if response.status_code != 200:
        sys.exit(f"{url} answered {response.status_code}")
    return elapsed


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@dataclass
class Taken:
    """What one page did: its statements with their parameters, and its template with the context it was given."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    template: Any = None
    context: Any = None
    request: Any = None

    def note_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append((sql, params))
        return execute(sql, params, many, context)


def take(client: Client, url: str) -> Taken:
    """Open a page once and note what it does."""
    taken, original = Taken(), Template.render

    def render(template: Any, context: Any = None, request: Any = None) -> Any:
        if taken.template is None:
            taken.template, taken.context, taken.request = template, context, request
        return original(template, context, request)

    Template.render = render
    try:
        with connection.execute_wrapper(taken.note_statement):
            measure(client, url)
    finally:
        Template.render = original
    return taken


def bare_sql(taken: Taken) -> float:
    """Seconds the statements take on the driver itself, every row fetched."""
    with connection.cursor() as cursor:
        raw = cursor.cursor
        started = time.process_time()
        for sql, params in taken.statements:
            raw.execute(sql, params).fetchall()
        return time.process_time() - started


def bare_render(taken: Taken) -> float:
    """Seconds of the template alone: querysets have been read, and statements of context processors do not count."""
    spent = 0.0

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal spent
        started = time.process_time()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += time.process_time() - started

    with connection.execute_wrapper(timed):
        started = time.process_time()
        taken.template.render(taken.context, taken.request)
        return time.process_time() - started - spent


def compare_with_bare(client: Client, urls: dict[str, str]) -> None:
    """Print page time over its SQL plus a bare render, medians of alternating rounds."""
    print(f"\n{'page':32}{'page':>12}{'SQL':>12}{'render':>12}{'ratio':>8}")
    for name, url in urls.items():
        taken = take(client, url)
        rounds = [
            (measure(client, url), bare_sql(taken), bare_render(taken)) for _round in range(options.rounds)
        ]
        page, sql, render = (statistics.median(column) * 1000 for column in zip(*rounds[3:], strict=True))
        print(f"{name:32}{page:9.1f} ms{sql:9.1f} ms{render:9.1f} ms{page / (sql + render):8.2f}")


def main() -> None:
    from sekisho.book.models import Gate
    from sekisho.people.models import User

    paths = {options.small: f"{folder}/small.sqlite3", options.large: f"{folder}/large.sqlite3"}
    for count, path in paths.items():
        started = time.process_time()
        build(path, count)
        print(
            f"built {count:,} projects with {count * options.answers:,} answers in {time.process_time() - started:.0f} s"
        )
    gc.collect()
    gc.freeze()  # what building left behind is not the pages' to look through
    clients, urls = {}, {}
    for count, path in paths.items():
        use(path)
        clients[count] = Client()
        clients[count].force_login(User.objects.get(username="reader"))
        gate = Gate.objects.filter(phase="plan").order_by("-pk").select_related("project").first()
        urls[count] = {
            "registry": "/projects/",
            "registry, 2-character search": "/projects/?q=福祉",
            "registry, by money": "/projects/?sort=-money",
            "book": f"/projects/{gate.project.code}/",
            "gate": f"/gates/{gate.pk}/",
        }
    print(f"{'page':32}{'p95 small':>12}{'p95 large':>12}{'ratio':>8}")
    for name in urls[options.small]:
        times: dict[int, list[float]] = {count: [] for count in paths}
        for _round in range(options.rounds):
            for count, path in paths.items():
                use(path)
                measure(clients[count], "/healthz")
                times[count].append(measure(clients[count], urls[count][name]))
        small, large = p95(times[options.small][3:]), p95(times[options.large][3:])
        print(f"{name:32}{small * 1000:9.1f} ms{large * 1000:9.1f} ms{large / small:8.2f}")

    use(paths[options.small])
    compare_with_bare(clients[options.small], urls[options.small])


if __name__ == "__main__":
    main()
