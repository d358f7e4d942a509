"""Exports: small ones at once, large ones in the background into a file that only its owner gets."""

import datetime as dt
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from sekisho import exports
from sekisho.book.models import Project
from sekisho.book.queries.registry import filtered
from sekisho.errors import Invalid, NotFound
from sekisho.intake.queries import export_columns, export_rows
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job, State
from sekisho.people.permissions import actor_of

#: above this many books an export becomes background work
AT_ONCE = 5_000
KEPT = dt.timedelta(days=7)


def exports_folder() -> Path:
    """Where finished exports wait for their owners."""
    return Path(settings.MEDIA_ROOT) / "exports"


def check_format(fmt: str) -> str:
    """One of the formats we write.

    Raises:
        NotFound: another one.
    """
    if fmt not in exports.FORMATS:
        raise NotFound(_("There is no such format. Choose xlsx, csv or json."))
    return fmt


def write_export(fmt: str, projects: QuerySet[Project], file: IO[bytes], progress: Any = None) -> int:
    """Write these books in their order; returns how many. ``progress(done)`` is called for every book."""
    rows = export_rows(projects, words=fmt != "json")
    if progress:
        rows = _told(rows, progress)
    try:
        columns = export_columns(projects) if fmt != "json" else []
        return exports.write(fmt, file, columns, rows, _("Projects"), "projects")
    except ValueError:
        raise Invalid(_("An Excel sheet cannot hold so many rows. Choose CSV, or filter the list.")) from None


def _told(rows: Any, progress: Any) -> Any:
    for count, row in enumerate(rows, 1):
        progress(count)
        yield row


def books_of(user: Any, query: str) -> QuerySet[Project]:
    """The books that a query of the registry means for this person."""
    return filtered(actor_of(user), QueryDict(query))


def export_later(user: Any, fmt: str, query: str) -> Job:
    """Write a large export in the background."""
    params = {"fmt": check_format(fmt), "query": query, "name": f"{uuid4().hex}.{fmt}"}
    return jobs.enqueue(
        "intake.export", params, owner=user, dedupe_key=f"intake.export:{user.pk}:{fmt}:{query}"[:200]
    )


def run_export(user: Any, fmt: str, query: str, name: str, progress: Any) -> int:
    """Write an export to its file; called by the background job."""
    folder = exports_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    books = books_of(user, query)
    total = books.count()
    part = folder / f"{name}.part"
    with part.open("wb") as file:
        count = write_export(fmt, books, file, lambda done: progress(done, total))
    part.replace(folder / name)
    return count


def finished_file(user: Any, job_id: int) -> tuple[Path, str]:
    """The file of a finished export and its format, for its owner only.

    Raises:
        NotFound: it is somebody else's, not finished, or deleted.
    """
    job = Job.objects.filter(pk=job_id, kind="intake.export", owner_id=user.pk, state=State.DONE).first()
    path = exports_folder() / str(job.params["name"]) if job else None
    if job is None or path is None or not path.is_file():
        raise NotFound(_("This export is no longer here. Make it again from the list."))
    return path, str(job.params["fmt"])


def tidy(now: dt.datetime) -> int:
    """Delete exports that nobody fetched in time; returns how many."""
    folder = exports_folder()
    old = [path for path in folder.glob("*") if path.stat().st_mtime < (now - KEPT).timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
