"""``sekisho doctor``: is this installation well, and what do its settings mean."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable

import click
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sekisho.config.env import Environment, variable_name
from sekisho.sanitizer import crosscheck
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.libreoffice import box_program, office_program

_SECRETS = {"secret_key", "secret_key_fallbacks", "database_url", "email_url", "oidc_providers"}


@click.command()
@click.option("--settings", "show_settings", is_flag=True, help="Explain every environment variable.")
def doctor(show_settings: bool) -> None:
    """Check the installation and say what to do about what is wrong."""
    failed = 0
    for name, check in CHECKS.items():
        try:
            word, detail = "ok", check()
        except Exception as problem:  # noqa: BLE001 - each check reports its own failure and the rest go on
            word, detail, failed = "FAIL", str(problem).strip().splitlines()[0], failed + 1
        click.echo(f"{word:<5} {name}: {detail}")
    if show_settings:
        _explain()
    sys.exit(1 if failed else 0)


def _explain() -> None:
    env = Environment()
    for field, info in Environment.model_fields.items():
        name = variable_name(field)
        value = getattr(env, field)
        shown = "(secret)" if field in _SECRETS and os.environ.get(name) else value
        click.echo(f"\n{name} = {shown}\n    {info.description}")


def _python() -> str:
    return sys.version.split()[0]


def _data_dir() -> str:
    if not os.access(settings.DATA_DIR, os.W_OK):
        raise RuntimeError(f"{settings.DATA_DIR} cannot be written; set SEKISHO_DATA_DIR or its owner")
    free = shutil.disk_usage(settings.DATA_DIR).free // 1_048_576
    if free < 200:
        raise RuntimeError(f"only {free} MB free in {settings.DATA_DIR}; make room")
    return f"{settings.DATA_DIR}, {free} MB free"


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if sqlite3.sqlite_version_info < (3, 35):
                raise RuntimeError("SQLite 3.35 or newer is needed")
            return f"SQLite {sqlite3.sqlite_version}"
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    if int(version.split(".")[0]) < 15:
        raise RuntimeError(f"PostgreSQL 15 or newer is needed, this is {version}")
    return f"PostgreSQL {version}"


def waiting_migrations() -> int:
    """How many migrations this database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrations() -> str:
    if waiting := waiting_migrations():
        raise RuntimeError(f"{waiting} migrations wait; run `sekisho migrate`")
    return "up to date"


def _secret() -> str:
    path = settings.DATA_DIR / "secret-key"
    if path.exists() and path.stat().st_mode & 0o077:
        raise RuntimeError(f"{path} can be read by others; run chmod 600 {path}")
    return "kept safely"


def _exposure() -> str:
    hosts = [h for h in settings.ALLOWED_HOSTS if h not in ("127.0.0.1", "localhost", "[::1]")]
    if hosts and settings.DEBUG:
        raise RuntimeError("SEKISHO_DEBUG is on while others can reach this machine; switch it off")
    if hosts and not settings.BASE_URL.startswith("https://"):
        raise RuntimeError(
            "others can reach this machine without https; set SEKISHO_BASE_URL to the https address"
        )
    return f"reachable as {', '.join(settings.ALLOWED_HOSTS)}"


def _walls() -> str:
    walls = abilities()
    standing = [name for name in ("landlock", "seccomp", "rlimits") if getattr(walls, name)]
    if walls.complete:
        return f"files are sanitized behind {', '.join(standing)}"
    return (
        f"files are sanitized behind {', '.join(standing)} only; for untrusted files use Linux 5.13 or newer "
        "on x86-64 or arm64"
    )


def _cross_check() -> str:
    found = crosscheck.version()
    return f"libmagic {found} checks what files are" if found else "no libmagic: install pylibmagic"


def _office() -> str:
    if office_program() is None:
        return (
            "no LibreOffice: doc, xls, ppt, rtf and OpenDocument files are refused; install libreoffice-nogui"
        )
    if box_program() is None:
        return "LibreOffice is here but bubblewrap is not, so it converts without a box of its own, behind what the kernel has; install bubblewrap"
    return "LibreOffice in bubblewrap converts doc, xls, ppt, rtf and OpenDocument files"


def _two_servers() -> str:
    from sekisho.gateway.services import sides  # needs the models, which the terminal loads late

    if sides.packs():
        sides.signing_key()
    if sides.fetches():
        sides.checking_key()
        try:
            sides.reading_spool().listdir("")
        except Exception as problem:
            raise RuntimeError(f"packages cannot be fetched ({problem}); is the spool mounted?") from problem
    return "one" if sides.side() == sides.SINGLE else f"this is the {sides.side()} one"


CHECKS: dict[str, Callable[[], str]] = {
    "python": _python,
    "data folder": _data_dir,
    "database": _database,
    "migrations": _migrations,
    "secret key": _secret,
    "exposure": _exposure,
    "sandbox": _walls,
    "cross-check of types": _cross_check,
    "office conversion": _office,
    "servers of the gateway": _two_servers,
}
