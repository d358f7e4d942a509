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

from sekisho.cli.main import in_language
from sekisho.config.env import Environment, variable_name
from sekisho.sanitizer import crosscheck
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.libreoffice import box_program, office_program

_SECRETS = {"secret_key", "secret_key_fallbacks", "database_url", "email_url", "oidc_providers"}


@click.command(
    help=in_language(
        "この環境を調べ、問題があればどうすればよいかを示します。",
        "Check the installation and say what to do about what is wrong.",
    )
)
@click.option(
    "--settings",
    "show_settings",
    is_flag=True,
    help=in_language("環境変数の一覧と説明も表示します（英語）", "Explain every environment variable."),
)
def doctor(show_settings: bool) -> None:
    failed = 0
    for (ja, en), check in CHECKS.items():
        name = in_language(ja, en)
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
        raise RuntimeError(
            in_language(
                f"{settings.DATA_DIR} に書き込めません。SEKISHO_DATA_DIR か所有者を直してください",
                f"{settings.DATA_DIR} cannot be written; set SEKISHO_DATA_DIR or its owner",
            )
        )
    free = shutil.disk_usage(settings.DATA_DIR).free // 1_048_576
    if free < 200:
        raise RuntimeError(
            in_language(
                f"{settings.DATA_DIR} の空きが {free} MB しかありません。空きを作ってください",
                f"only {free} MB free in {settings.DATA_DIR}; make room",
            )
        )
    return in_language(f"{settings.DATA_DIR}、空き {free} MB", f"{settings.DATA_DIR}, {free} MB free")


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if sqlite3.sqlite_version_info < (3, 35):
                raise RuntimeError(
                    in_language("SQLite 3.35 以降が必要です", "SQLite 3.35 or newer is needed")
                )
            return f"SQLite {sqlite3.sqlite_version}"
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    if int(version.split(".")[0]) < 15:
        raise RuntimeError(
            in_language(
                f"PostgreSQL 15 以降が必要です（現在は {version}）",
                f"PostgreSQL 15 or newer is needed, this is {version}",
            )
        )
    return f"PostgreSQL {version}"


def waiting_migrations() -> int:
    """How many migrations this database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrations() -> str:
    if waiting := waiting_migrations():
        raise RuntimeError(
            in_language(
                f"未適用の移行が {waiting} 件あります。`sekisho migrate` を実行してください",
                f"{waiting} migrations wait; run `sekisho migrate`",
            )
        )
    return in_language("最新です", "up to date")


def _secret() -> str:
    path = settings.DATA_DIR / "secret-key"
    if path.exists() and path.stat().st_mode & 0o077:
        raise RuntimeError(
            in_language(
                f"{path} を他の利用者が読めます。chmod 600 {path} を実行してください",
                f"{path} can be read by others; run chmod 600 {path}",
            )
        )
    return in_language("安全に保管されています", "kept safely")


def _exposure() -> str:
    hosts = [h for h in settings.ALLOWED_HOSTS if h not in ("127.0.0.1", "localhost", "[::1]")]
    if hosts and settings.DEBUG:
        raise RuntimeError(
            in_language(
                "外部から接続できるのに SEKISHO_DEBUG が有効です。無効にしてください",
                "SEKISHO_DEBUG is on while others can reach this machine; switch it off",
            )
        )
    if hosts and not settings.BASE_URL.startswith("https://"):
        raise RuntimeError(
            in_language(
                "外部から https を使わずに接続できます。SEKISHO_BASE_URL に https のアドレスを設定してください",
                "others can reach this machine without https; set SEKISHO_BASE_URL to the https address",
            )
        )
    named = ", ".join(settings.ALLOWED_HOSTS)
    return in_language(f"{named} で接続できます", f"reachable as {named}")


def _walls() -> str:
    walls = abilities()
    standing = ", ".join(name for name in ("landlock", "seccomp", "rlimits") if getattr(walls, name))
    if walls.complete:
        return in_language(
            f"無害化の処理は {standing} で隔離されます", f"files are sanitized behind {standing}"
        )
    return in_language(
        f"無害化の処理の隔離は {standing} だけです。外部からのファイルには Linux 5.13 以降（x86-64 か arm64）を使ってください",
        f"files are sanitized behind {standing} only; for untrusted files use Linux 5.13 or newer "
        "on x86-64 or arm64",
    )


def _cross_check() -> str:
    found = crosscheck.version()
    if not found:
        return in_language(
            "libmagic がありません。pylibmagic を入れてください", "no libmagic: install pylibmagic"
        )
    return in_language(
        f"libmagic {found} でもファイルの種類を確かめます", f"libmagic {found} checks what files are"
    )


def _office() -> str:
    if office_program() is None:
        return in_language(
            "LibreOffice がないため、doc、xls、ppt、rtf、OpenDocument は拒否します。libreoffice-nogui を入れてください",
            "no LibreOffice: doc, xls, ppt, rtf and OpenDocument files are refused; install libreoffice-nogui",
        )
    if box_program() is None:
        return in_language(
            "LibreOffice はありますが bubblewrap がないため、専用の隔離なしに、OSの機能だけで隔離して変換します。bubblewrap を入れてください",
            "LibreOffice is here but bubblewrap is not, so it converts without a box of its own, behind what the kernel has; install bubblewrap",
        )
    return in_language(
        "doc、xls、ppt、rtf、OpenDocument は、bubblewrap で隔離した LibreOffice が変換します",
        "LibreOffice in bubblewrap converts doc, xls, ppt, rtf and OpenDocument files",
    )


def _two_servers() -> str:
    from sekisho.gateway.services import sides  # needs the models, which the terminal loads late

    if sides.packs():
        sides.signing_key()
    if sides.fetches():
        sides.checking_key()
        try:
            sides.reading_spool().listdir("")
        except Exception as problem:
            raise RuntimeError(
                in_language(
                    f"包みを受け取れません（{problem}）。スプールはマウントされていますか",
                    f"packages cannot be fetched ({problem}); is the spool mounted?",
                )
            ) from problem
    side = sides.side()
    if side == sides.SINGLE:
        return in_language("1台です", "one")
    return in_language("外側です" if side == sides.OUTER else "内側です", f"this is the {side} one")


CHECKS: dict[tuple[str, str], Callable[[], str]] = {
    ("Python", "python"): _python,
    ("データのフォルダー", "data folder"): _data_dir,
    ("データベース", "database"): _database,
    ("移行", "migrations"): _migrations,
    ("秘密鍵", "secret key"): _secret,
    ("公開の範囲", "exposure"): _exposure,
    ("隔離", "sandbox"): _walls,
    ("種類の照合", "cross-check of types"): _cross_check,
    ("古い形式の変換", "office conversion"): _office,
    ("受渡しのサーバー", "servers of the gateway"): _two_servers,
}
