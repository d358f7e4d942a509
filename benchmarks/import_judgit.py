"""Import of the JUDGIT! tables over a raw bulk insert of the same rows; aim: at most 10.

    python benchmarks/import_judgit.py [--wall] [DIR]

DIR holds the tables; without it SEKISHO_BENCH_JUDGIT names it. Both sides run in one process on fresh SQLite
databases. "The same rows" are all rows of the books that the import leaves behind, search index included; the raw
side only executes prepared INSERTs of finished values in one transaction. Reading the CSV files counts as import.
Seconds are of the process (CPU): what the machine does besides does not count. ``--wall`` takes those of the clock.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["SEKISHO_DATA_DIR"] = tempfile.mkdtemp(prefix="sekisho-bench-")
os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.config.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from sekisho.book.models import Project  # noqa: E402
from sekisho.intake.judgit import read_judgit  # noqa: E402
from sekisho.intake.services.importing import apply, plan  # noqa: E402
from sekisho.people.roles import SYSTEM  # noqa: E402
from sekisho.standards.services import register_shipped  # noqa: E402

_clock = time.perf_counter if "--wall" in sys.argv else time.process_time
_SEARCH = "book_project_search"
_AIM = 10


def _tables() -> list[str]:
    """Tables of people and books, parents before children as foreign keys are checked at the end anyway."""
    names = connection.introspection.table_names()
    own = [name for name in names if name.startswith(("book_", "people_organisation"))]
    return [name for name in own if not name.startswith(_SEARCH)]


def _rows() -> dict[str, tuple[list[str], list[tuple]]]:
    """Every row as it stands, by table."""
    found = {}
    with connection.cursor() as cursor:
        for name in _tables():
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = ([column[0] for column in cursor.description], cursor.fetchall())
        cursor.execute(f"SELECT rowid, tokens FROM {_SEARCH}")
        found[_SEARCH] = (["rowid", "tokens"], cursor.fetchall())
    return {name: rows for name, rows in found.items() if rows[1]}


def _insert_raw(rows: dict[str, tuple[list[str], list[tuple]]]) -> float:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        for name in rows:
            cursor.execute(f'DELETE FROM "{name}"')
    began = _clock()
    with transaction.atomic(), connection.cursor() as cursor:
        for name, (columns, values) in rows.items():
            marks, names = ", ".join(["%s"] * len(columns)), ", ".join(f'"{column}"' for column in columns)
            cursor.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', values)
    return _clock() - began


def _timed(act):
    began = _clock()
    result = act()
    return _clock() - began, result


def main(folder: Path) -> None:
    call_command("migrate", verbosity=0)
    register_shipped()
    reading, found = _timed(lambda: read_judgit(folder))
    planning, _preview = _timed(lambda: plan(SYSTEM, found))
    applying, _done = _timed(lambda: apply(SYSTEM, found))
    again, second = _timed(lambda: apply(SYSTEM, found))
    assert second.changes_nothing
    rows = _rows()
    count = sum(len(values) for _columns, values in rows.values())
    raw = min(_insert_raw(rows) for _round in range(3))
    assert Project.objects.count() == len({record.external_id for record in found.records})
    print(f"records {len(found.records):,}, projects {Project.objects.count():,}, rows written {count:,}")
    print(f"read {reading:.2f} s, preview {planning:.2f} s, import {applying:.2f} s, again {again:.2f} s")
    print(f"raw insert of the same rows {raw:.2f} s")
    print(f"ratio, writing only  {applying / raw:.1f}")
    print(f"ratio, files to books {(reading + applying) / raw:.1f} (aim {_AIM})")


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if word != "--wall"]
    given = named[0] if named else os.environ.get("SEKISHO_BENCH_JUDGIT", "")
    if not given or not Path(given).is_dir():
        print("skipped: name the folder of the JUDGIT! tables as argument or in SEKISHO_BENCH_JUDGIT")
    else:
        main(Path(given))
