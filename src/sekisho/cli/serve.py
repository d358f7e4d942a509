"""One machine's worth: web server and worker together."""

import errno
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.core.management import call_command

from sekisho import __version__
from sekisho.cli.leash import GRACE_SECONDS, Companion, end_with


def say(text: str) -> None:
    """One line about what is being done."""
    click.echo(f"sekisho: {text}")


def prepare(*, with_sample: bool) -> None:
    """Bring database, static files and standards up to date; make the sample on a new installation."""
    from sekisho.people.models import Installation, User
    from sekisho.standards.services import register_shipped

    say(f"data folder {settings.DATA_DIR}")
    say("bringing the database up to date")
    call_command("migrate", verbosity=0, interactive=False)
    register_shipped()
    _collect_static()
    if with_sample and not Installation.objects.exists() and not User.objects.exists():
        from sekisho.sample.build import build_sample

        say("making the fictional sample municipality (about a minute)")
        started = time.monotonic()
        count = build_sample(progress=say)
        say(f"sample ready: {count} projects in {time.monotonic() - started:.0f} s")


def _collect_static() -> None:
    stamp = Path(settings.STATIC_ROOT) / ".version"
    newest = max((p.stat().st_mtime for p in _static_files()), default=0.0)
    mark = f"{__version__} {newest:.0f}"
    if stamp.exists() and stamp.read_text() == mark:
        return
    say("collecting static files")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(mark)


def _static_files() -> list[Path]:
    root = Path(__file__).parent.parent
    return [path for path in root.glob("*/static/**/*") if path.is_file()]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--empty", is_flag=True, help="Start without sample data; the first visitor creates the administrator."
)
@click.option(
    "--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web server processes."
)
def serve(host: str, port: int, empty: bool, workers: int) -> None:
    """Serve the application with its built-in worker."""
    _require_free(host, port)
    presume_address(host, port)
    prepare(with_sample=not empty)
    from django.db import connections

    connections.close_all()
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    background = Companion()
    say(f"serving on http://{host}:{port} (stop with Ctrl+C)")
    try:
        Granian(
            "sekisho.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=1 if workers > 1 else 4,
            log_access=False,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
        ).serve(target_loader=_application, wrap_loader=False)
    finally:
        background.stop()


def presume_address(host: str, port: int) -> None:
    """What mail and open data link to where no setting says it: the very server that is started.

    An address that is not of this machine alone has to be set: nobody here knows by what name others reach it.
    """
    if os.environ.get("SEKISHO_BASE_URL") or host not in ("127.0.0.1", "localhost", "::1"):
        return
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    os.environ["SEKISHO_BASE_URL"] = settings.BASE_URL = address


def _application() -> Callable[..., Any]:
    """The application as a web server process loads it: one that ends with the server that started it."""
    end_with(os.getppid())
    from sekisho.config.wsgi import application

    return application


def _require_free(host: str, port: int) -> None:
    """Refuse an address in use. What a killed server left behind ends by itself, so that is waited for."""
    until = time.monotonic() + GRACE_SECONDS + 2
    told = False
    while problem := _why_taken(host, port):
        if problem.errno != errno.EADDRINUSE or time.monotonic() > until:
            raise click.ClickException(
                f"cannot listen on {host}:{port} ({problem.strerror}). Choose another with --port."
            )
        if not told:
            say(f"{host}:{port} is in use; waiting a moment, in case an earlier server is ending")
            told = True
        time.sleep(0.5)


def _why_taken(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem
    return None


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Jobs done at the same time.",
)
@click.option("--with", "server", type=int, hidden=True, help="End with this process, which is our parent.")
def worker(concurrency: int, server: int | None) -> None:
    """Do background work (imports, exports, files, mail) until stopped; from the broker, where the settings name one."""
    if server:
        end_with(server)
    from sekisho.cli.doctor import waiting_migrations
    from sekisho.jobs.worker import Worker

    if waiting_migrations():
        raise click.ClickException("the database is not up to date. Run `sekisho migrate` first.")
    if not settings.JOBS_BROKER:
        Worker(concurrency=concurrency).run_forever()
        return
    try:
        from sekisho.jobs import queue
    except ImportError:
        raise click.ClickException("SEKISHO_JOBS_BROKER needs: pip install 'sekisho[queue]'") from None
    queue.work(concurrency)


@click.command()
def migrate() -> None:
    """Bring the database, static files and shipped standards up to date, then stop."""
    prepare(with_sample=False)


@click.command()
def sample() -> None:
    """Make the sample municipality in an empty installation."""
    prepare(with_sample=True)
