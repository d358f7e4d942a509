"""Reports as files: made in the background for the person who asks, fetched by nobody else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from sekisho.errors import NotFound
from sekisho.intake.services.exporting import exports_folder
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job, State
from sekisho.people.permissions import actor_of
from sekisho.portfolio.documents import Document
from sekisho.portfolio.queries.reports.kinds import KINDS, ReportKind
from sekisho.portfolio.rendering.excel import workbook_of
from sekisho.portfolio.rendering.pdf import pdf_of
from sekisho.portfolio.services.figures import bring_up_to_date

KIND = "portfolio.report"
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STEPS = 3

Progress = Callable[[int, int], Any]


def kind_of(name: str, about: str) -> ReportKind:
    """A kind of report, when ``about`` says of what where that is needed.

    Raises:
        NotFound: there is no such report.
    """
    kind = KINDS.get(name)
    if kind is None or (kind.find is None) != (not about):
        raise NotFound(_("There is no such report."))
    return kind


def read_report(user: Any, name: str, about: str, query: str) -> Document:
    """A report as a value, for this person in the active language.

    Raises:
        NotFound: there is no such report, or what it is of may not be seen.
    """
    return kind_of(name, about).read(actor_of(user), about, QueryDict(query))


def asked_of(kind: ReportKind, given: QueryDict) -> str:
    """The parameters a report heeds, as its address has them."""
    kept = QueryDict(mutable=True)
    for name in kind.params:
        if value := given.get(name, "")[:40].replace("\x00", ""):
            kept[name] = value
    return kept.urlencode()


def write_report(
    user: Any, name: str, about: str, query: str, fmt: str, progress: Progress = lambda done, total: None
) -> bytes:
    """A report as PDF or Excel workbook, in the active language.

    Raises:
        NotFound: there is no such report or format, or what it is of may not be seen.
        Invalid: the office's own template cannot be read; the words name line and reason.
    """
    if fmt not in CONTENT_TYPES:
        raise NotFound(_("There is no such format. Choose pdf or xlsx."))
    bring_up_to_date()
    progress(1, STEPS)
    document = read_report(user, name, about, query)
    progress(2, STEPS)
    made = pdf_of(document, name) if fmt == "pdf" else workbook_of(document)
    progress(STEPS, STEPS)
    return made


def report_later(user: Any, name: str, about: str, query: str, fmt: str) -> Job:
    """Make the report in the background, in the language of the person who asks.

    Raises:
        NotFound: there is no such report or format, or what it is of may not be seen.
    """
    kind = kind_of(name, about)
    if kind.find:
        kind.find(actor_of(user), about)
    if fmt not in CONTENT_TYPES:
        raise NotFound(_("There is no such format. Choose pdf or xlsx."))
    language = get_language() or "ja"
    asked = {"report": name, "about": about[:64], "query": query[:200], "fmt": fmt, "language": language}
    key = ":".join((KIND, str(user.pk), *asked.values()))
    return jobs.enqueue(
        KIND,
        {**asked, "name": f"{uuid4().hex}.{fmt}"},
        owner=user,
        dedupe_key=key if len(key) <= 200 else None,
    )


def run_report(
    user: Any, *, report: str, about: str, query: str, fmt: str, language: str, name: str, progress: Progress
) -> int:
    """Write the report to its file; called by the background job. Returns its size in bytes."""
    with override(language):
        content = write_report(user, report, about, query, fmt, progress)
    folder = exports_folder()  # whose nightly tidying forgets reports too
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{name}.part"
    part.write_bytes(content)
    part.replace(folder / name)
    return len(content)


def finished_report(user: Any, job_id: int) -> tuple[Path, str, str]:
    """The file of a finished report, a name to save it under, and its media type; for its owner only.

    Raises:
        NotFound: it is somebody else's, not finished, or deleted.
    """
    job = Job.objects.filter(pk=job_id, kind=KIND, owner_id=user.pk, state=State.DONE).first()
    path = exports_folder() / str(job.params["name"]) if job else None
    if job is None or path is None or not path.is_file():
        raise NotFound(_("This report is no longer here. Make it again."))
    said = "-".join(part for part in (job.params["report"], job.params["about"]) if part)
    return path, f"sekisho-{said}.{job.params['fmt']}", CONTENT_TYPES[job.params["fmt"]]
