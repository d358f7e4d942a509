"""Keeping the figures with the writes, and proving them by counting again.

An act marks its book in its own transaction. Marks are worked off every minute, and before a page reads: taking the
figures of one book anew touches rows that books of the same section share, and acts must not wait for one another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from sekisho.book.models import Project
from sekisho.portfolio.figures import Name, Worth, figures_of
from sekisho.portfolio.models import Entry, Grounds, Rollup, Touched
from sekisho.portfolio.records import Reader

BATCH = 300
#: what is worked off at most before a page reads; the rest is left to the job of the minute
BEFORE_READING = 300
PATIENCE = 500  # milliseconds

Place = tuple[int, str, Name]  # organisation, tier, what
_PLACE = ("organisation_id", "tier", "figure", "year", "key")
NOTHING = Worth(0)


def touch(project_ids: Collection[int]) -> None:
    """Mark books whose figures are to be taken anew, inside the caller's transaction."""
    Touched.objects.bulk_create([Touched(project_id=pk) for pk in project_ids], batch_size=1000)


@transaction.atomic
def follow_settings() -> bool:
    """Mark every book where a setting that figures rest on was changed since they were taken; whether one was."""
    now = {
        "availability_target": settings.AVAILABILITY_TARGET,
        "year_begins": settings.FISCAL_YEAR_START_MONTH,
    }
    grounds = Grounds.objects.select_for_update().order_by("pk").first() or Grounds()
    if grounds.said == now:
        return False
    grounds.said = now
    grounds.save()
    touch(list(Project.objects.order_by("pk").values_list("pk", flat=True)))
    return True


def bring_up_to_date(limit: int | None = None) -> int:
    """Work off marks, at most of ``limit`` books; how many books are still marked."""
    done = 0
    if not Touched.objects.exists():  # no lock is asked for when there is nothing to do
        return 0
    while (room := BATCH if limit is None else min(BATCH, limit - done)) > 0:
        if not (taken := _fold_some(room)):
            return 0
        done += taken
    return Touched.objects.order_by().values("project").distinct().count()


def before_reading() -> int:
    """Work off what a page can without letting its reader wait; how many books are still marked.

    Where somebody else writes for long (an import on SQLite), the page shows the figures as they were.
    """
    waiting = Touched.objects.order_by().values("project").distinct()
    if not waiting.exists():
        return 0
    try:
        with _impatient():
            return bring_up_to_date(BEFORE_READING)
    except OperationalError:
        return waiting.count()


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for other writers half a second at most. Only SQLite has one lock for all."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


@transaction.atomic
def _fold_some(limit: int) -> int:
    marks = Touched.objects.order_by("pk").select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    rows = list(marks.values_list("pk", "project_id")[: limit * 4])
    books = sorted({project for _pk, project in rows})[:limit]
    Touched.objects.filter(pk__in=[pk for pk, project in rows if project in set(books)]).delete()
    _fold(books)
    return len(books)


def _fold(ids: Collection[int]) -> None:
    """Replace the entries of these books and move the rollups by the difference."""
    moved: dict[Place, Worth] = defaultdict(lambda: Worth(0))
    old = Entry.objects.filter(project__in=ids)
    for entry in old:
        moved[_place(entry)] += -Worth(entry.n, entry.amount)
    fresh = entries_of(Project.objects.filter(pk__in=ids).order_by("pk"))
    for entry in fresh:
        moved[_place(entry)] += Worth(entry.n, entry.amount)
    old.delete()
    Entry.objects.bulk_create(fresh, batch_size=500)
    _move({place: worth for place, worth in moved.items() if worth})


def entries_of(projects: Iterable[Project]) -> list[Entry]:
    """What these books add to the figures now; nothing is stored."""
    books = list(projects)
    reader = Reader(books)
    return [
        Entry(
            project_id=book.pk,
            organisation_id=book.owner_id,
            tier=book.tier,
            figure=name.figure,
            year=name.year,
            key=name.key,
            n=worth.n,
            amount=worth.amount,
        )
        for book in books
        for name, worth in figures_of(reader.record(book)).items()
    ]


def _place(entry: Entry) -> Place:
    return entry.organisation_id, entry.tier, Name(entry.figure, entry.year, entry.key)


def _move(moved: dict[Place, Worth]) -> None:
    """Add to the rollups, in one order everywhere so that two never wait for each other in a circle."""
    rows = [
        (organisation, tier, name.figure, name.year, name.key, worth.n, worth.amount)
        for (organisation, tier, name), worth in sorted(moved.items(), key=lambda item: item[0])
    ]
    table = connection.ops.quote_name(Rollup._meta.db_table)
    sql = (
        f"INSERT INTO {table} (organisation_id, tier, figure, year, key, n, amount)"  # noqa: S608 - our own table
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (figure, year, key, organisation_id, tier)"
        f" DO UPDATE SET n = {table}.n + excluded.n, amount = {table}.amount + excluded.amount"
    )
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


@dataclass(frozen=True)
class Difference:
    """A figure that is kept otherwise than it counts."""

    place: Place
    kept: Worth
    counted: Worth


def recount() -> Iterator[Difference]:
    """Count every book again and compare with what is kept; marks and changed settings are worked off first."""
    follow_settings()
    bring_up_to_date()
    counted: dict[Place, Worth] = defaultdict(lambda: Worth(0))
    for books in _batches():
        for entry in entries_of(books):
            counted[_place(entry)] += Worth(entry.n, entry.amount)
    counted = {place: worth for place, worth in counted.items() if worth}
    for kept in (_rolled_up(), _listed()):
        different = [
            p for p in kept.keys() | counted.keys() if kept.get(p, NOTHING) != counted.get(p, NOTHING)
        ]
        yield from (Difference(p, kept.get(p, NOTHING), counted.get(p, NOTHING)) for p in sorted(different))


def _rolled_up() -> dict[Place, Worth]:
    """What pages show."""
    rows = Rollup.objects.order_by().values_list(*_PLACE, "n", "amount")
    return {_named(row): worth for row in rows if (worth := Worth(row[5], row[6]))}


def _listed() -> dict[Place, Worth]:
    """The sums of the lists behind the numbers."""
    rows = Entry.objects.order_by().values_list(*_PLACE).annotate(Sum("n"), Sum("amount"))
    return {_named(row): Worth(row[5], row[6]) for row in rows}


def _named(row: Sequence[Any]) -> Place:
    return row[0], row[1], Name(*row[2:5])


def _batches() -> Iterator[list[Project]]:
    last = 0
    while books := list(Project.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield books
        last = books[-1].pk


@transaction.atomic
def rebuild() -> int:
    """Throw the figures away and take them anew; how many books there are.

    There is nothing to move, so the rollups are summed here and written once, not once for each batch.
    """
    Touched.objects.all().delete()
    Entry.objects.all().delete()
    Rollup.objects.all().delete()
    count = 0
    sums: dict[Place, Worth] = defaultdict(lambda: Worth(0))
    for books in _batches():
        entries = entries_of(books)
        for entry in entries:
            sums[_place(entry)] += Worth(entry.n, entry.amount)
        Entry.objects.bulk_create(entries, batch_size=500)
        count += len(books)
    _move({place: worth for place, worth in sums.items() if worth})
    return count
