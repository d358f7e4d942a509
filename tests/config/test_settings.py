"""Settings from the environment, headers and cookies, and the commands that check an installation."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import connection

import sekisho
from sekisho.book.models import LedgerEntry
from sekisho.cli.main import cli
from sekisho.config.env import sign_in_origins
from sekisho.people.models import Installation
from sekisho.standards.services import register_shipped
from tests.book.factories import make_project
from tests.factories import PASSWORD

SOURCE = Path(sekisho.__file__).parent
REFERENCE = SOURCE / "standards" / "packs" / "sekisho-reference" / "1.0"


def sekisho_command(folder, *arguments, **environment):
    """Run the real command on its own data folder; the result has returncode, stdout and stderr."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEKISHO_", "DATABASE_URL", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "sekisho", *arguments],
        env={**kept, "PYTHONPATH": str(SOURCE.parent), "SEKISHO_DATA_DIR": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def setting(folder, expression, **environment):
    """What a setting becomes under an environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEKISHO_", "DATABASE_URL", "DJANGO_"))}
    code = f"from sekisho.config import settings as s; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": str(SOURCE.parent), "SEKISHO_DATA_DIR": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.strip()


# -------------------------------------------------------------------------------------------- environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEKISHO_UPLOAD_MAX_BYTES", "abc"),
        ("SEKISHO_FISCAL_YEAR_START_MONTH", "13"),
        ("SEKISHO_BASE_URL", "sekisho.example"),
        ("SEKISHO_MFA_REQUIRED_ROLES", "administrator"),
        ("SEKISHO_OIDC_PROVIDERS", "[{"),
        ("SEKISHO_OIDC_PROVIDERS", '[{"provider_id":"office","name":"O","client_id":"c"}]'),
        (
            "SEKISHO_OIDC_PROVIDERS",
            '[{"provider_id":"o","name":"O","client_id":"c","settings":{"server_url":"http://id.example"}}]',
        ),
    ],
)
def test_a_value_that_cannot_be_read_stops_the_start_with_its_name_and_value(tmp_path, name, value):
    done = sekisho_command(tmp_path, "doctor", **{name: value})
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert name in said
    assert value in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "url",
    ["foo", "mysql://a:secret@b/c", "postgresql://sekisho:secret@127.0.0.1:abc/x", "postgresql://a:secret@b"],
)
def test_a_database_url_that_cannot_be_used_is_one_line_without_its_password(tmp_path, url):
    done = sekisho_command(tmp_path, "export", "csv", DATABASE_URL=url)
    assert done.returncode == 1
    assert "DATABASE_URL cannot be understood" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    done = sekisho_command(tmp_path, "doctor", SEKISHO_DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert "Set SEKISHO_DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("worker",), ("export", "csv"), ("ledger", "verify")])
def test_without_tables_or_with_a_file_that_is_no_database_a_command_says_so_in_one_line(tmp_path, command):
    for content in (b"", b"this is no database " * 100):
        (tmp_path / "sekisho.sqlite3").write_bytes(content)
        done = sekisho_command(tmp_path, *command)
        assert done.returncode == 1
        assert "database" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_signing_key_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    first = setting(tmp_path, "s.SECRET_KEY")
    key = tmp_path / "secret-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert first == key.read_text().strip()
    assert setting(tmp_path, "s.SECRET_KEY") == first


def test_the_signing_key_of_the_environment_is_not_written_down(tmp_path):
    assert setting(tmp_path, "s.SECRET_KEY", SEKISHO_SECRET_KEY="from-outside") == "from-outside"
    assert not (tmp_path / "secret-key").exists()


def test_database_url_names_postgresql(tmp_path):
    shown = "[s.DATABASES['default'][k] for k in ('ENGINE', 'HOST', 'NAME', 'USER', 'PASSWORD')]"
    url = "postgresql://sekisho:p%40ss@db.example/book"
    assert setting(tmp_path, shown, DATABASE_URL=url) == str(
        ["django.db.backends.postgresql", "db.example", "book", "sekisho", "p@ss"]
    )


def test_without_a_database_url_sqlite_lies_in_the_data_folder(tmp_path):
    assert setting(tmp_path, "s.DATABASES['default']['NAME']") == str(tmp_path / "sekisho.sqlite3")


# ---------------------------------------------------------------------------------------- headers, cookies


@pytest.fixture
def installed(db):
    Installation.objects.create(name="関野市")


def test_pages_carry_strict_headers(client, installed):
    headers = client.get("/accounts/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_cookies_travel_by_https_only_where_the_address_is_https(tmp_path):
    flags = "(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS > 0)"
    assert setting(tmp_path, flags, SEKISHO_BASE_URL="https://book.example") == "(True, True, True, True)"
    assert setting(tmp_path, flags, SEKISHO_BASE_URL="http://127.0.0.1:8000") == "(False, False, True, False)"


def test_the_session_cookie_cannot_be_read_by_scripts(client, people, installed):
    response = client.post("/accounts/login/", {"login": people.member.username, "password": PASSWORD})
    assert response.cookies["sekisho_session"]["httponly"]
    assert response.cookies["sekisho_session"]["samesite"] == "Lax"


# ------------------------------------------------------------------------------------------------- doctor


def test_doctor_names_waiting_migrations_then_is_content(tmp_path):
    before = sekisho_command(tmp_path, "doctor")
    assert before.returncode == 1
    assert "run `sekisho migrate`" in before.stdout
    assert sekisho_command(tmp_path, "migrate").returncode == 0
    after = sekisho_command(tmp_path, "doctor")
    assert after.returncode == 0, after.stdout + after.stderr
    assert "FAIL" not in after.stdout


# ------------------------------------------------------------------------------------------------- ledger


@pytest.mark.django_db
def test_ledger_verify_names_the_entry_that_was_edited(bureau):
    project = make_project(bureau, code="L-1")
    assert CliRunner().invoke(cli, ["ledger", "verify"]).exit_code == 0
    entry = LedgerEntry.objects.filter(project_id=project.pk).order_by("seq").first()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE book_ledgerentry SET actor_name = %s WHERE id = %s", ["別の人", entry.pk])
    done = CliRunner().invoke(cli, ["ledger", "verify"])
    assert done.exit_code == 1
    assert f"BROKEN L-1 entry {entry.seq}" in done.output


@pytest.mark.django_db
def test_ledger_verify_of_an_unknown_book_is_one_sentence(db):
    done = CliRunner().invoke(cli, ["ledger", "verify", "NOBODY"])
    assert done.exit_code == 1
    assert "there is no project with the code NOBODY" in done.output


# ---------------------------------------------------------------------------------------------- standards


def test_the_shipped_standards_have_no_problem():
    done = CliRunner().invoke(cli, ["standards", "check"])
    assert done.exit_code == 0, done.output
    assert "sekisho-reference" in done.output


@pytest.fixture
def copy(tmp_path):
    """A copy of the reference standard that may be spoilt."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "pack"))


def spoil(pack, file, old, new):
    """Replace the first occurrence of a text in a file of a pack."""
    path = pack / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "word"),
    [
        ("retire.yaml", "code: retire-02", "code: retire-01", "retire-01"),
        ("retire.yaml", "      en: Users were told in time and have another way\n", "", "title"),
        ("retire.yaml", "personal_data == 'mynumber'", "favourite_colour == 'mynumber'", "favourite_colour"),
        ("operate.yaml", "name: open_must_findings", "name: moon_phase", "moon_phase"),
    ],
    ids=["duplicate code", "missing language", "unknown attribute", "unknown measure"],
)
def test_standards_check_names_the_problem_of_a_broken_standard(copy, file, old, new, word):
    spoil(copy, file, old, new)
    done = CliRunner().invoke(cli, ["standards", "check", str(copy)])
    assert done.exit_code == 1
    assert file in done.output
    assert word in done.output


def test_standards_check_names_the_problems_of_every_broken_folder(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        (folder / "pack.yaml").write_text("id: x\n", "utf-8")
    done = CliRunner().invoke(cli, ["standards", "check", *map(str, folders)])
    assert done.exit_code == 1
    assert all(f"{folder}/pack.yaml" in done.output for folder in folders)


@pytest.mark.django_db
@pytest.mark.parametrize("words", [("sekisho-reference", "1.0"), ("sekisho-reference@1.0",)])
def test_a_registered_version_is_shown_however_it_is_named(words):
    register_shipped()
    done = CliRunner().invoke(cli, ["standards", "show", *words])
    assert done.exit_code == 0
    assert done.stdout.startswith("sekisho-reference 1.0")
    assert CliRunner().invoke(cli, ["standards", "show", "sekisho-reference", "9.9"]).exit_code == 1


@pytest.mark.django_db
def test_registered_versions_are_compared_however_they_are_named():
    register_shipped()
    long = CliRunner().invoke(cli, ["standards", "diff", "sekisho-reference@1.0", "sekisho-reference@1.1"])
    short = CliRunner().invoke(cli, ["standards", "diff", "sekisho-reference", "1.0", "1.1"])
    assert "+ " in long.stdout
    assert (short.stdout, short.exit_code) == (long.stdout, 1)


def test_standards_diff_of_equal_standards_is_empty(copy):
    done = CliRunner().invoke(cli, ["standards", "diff", str(REFERENCE), str(copy)])
    assert (done.exit_code, done.output) == (0, "")


def test_standards_diff_names_what_was_added_removed_and_changed(copy):
    spoil(copy, "retire.yaml", "code: retire-02", "code: retire-99")
    spoil(copy, "retire.yaml", "      en: The reason, the approval", "      en: Why, the approval")
    done = CliRunner().invoke(cli, ["standards", "diff", str(REFERENCE), str(copy)])
    assert done.exit_code == 1
    assert "+ retire-99" in done.output
    assert "- retire-02" in done.output
    assert "~ retire-01: title" in done.output


def test_single_sign_on_may_lead_to_its_providers_and_nowhere_else():
    providers = [
        {"settings": {"server_url": "https://id.example.lg.jp/realms/staff"}},
        {
            "settings": {
                "server_url": "https://sso.example.com",
                "sign_in_origins": ["https://login.example.com"],
            }
        },
        {"settings": {}},
    ]
    assert sign_in_origins(providers) == [
        "https://id.example.lg.jp",
        "https://login.example.com",
        "https://sso.example.com",
    ]
