"""The answers of a wave as a workbook: a short one at once, a long one in the background for whoever asked for it."""

import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.errors import NotFound
from sekisho.jobs.models import Job, State
from sekisho.jobs.services import enqueue
from sekisho.voice.definition import Definition
from sekisho.voice.models import Response, Wave

KIND = "voice.workbook"
#: more answers than this are written in the background
AT_ONCE = 2_000
#: answers in one workbook, taken by chance where there are more: their keys are random
MOST_ROWS = 100_000


def write_later(user: Any, wave: Wave) -> Job:
    """Write the workbook of a wave in the background."""
    params = {"wave_id": wave.pk, "name": f"{uuid4().hex}.xlsx"}
    return enqueue(KIND, params, owner=user, dedupe_key=f"{KIND}:{user.pk}:{wave.pk}")


def write_to_file(wave: Wave, name: str) -> None:
    """Write a workbook where it waits for its owner; called by the job."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / f"{name}.part"
    part.write_bytes(workbook_of(wave))
    part.replace(folder / name)


def finished_file(user: Any, wave: Wave, job_id: int) -> Path:
    """The workbook that a finished job wrote, for its owner only.

    Raises:
        NotFound: it is somebody else's, of another wave, not finished, or deleted.
    """
    job = Job.objects.filter(pk=job_id, kind=KIND, owner_id=user.pk, state=State.DONE).first()
    path = _folder() / str(job.params["name"]) if job and job.params["wave_id"] == wave.pk else None
    if path is None or not path.is_file():
        raise NotFound(_("This workbook is no longer here. Make it again from the page of the wave."))
    return path


def _folder() -> Path:
    """Where finished exports wait; every night those of a week ago are deleted."""
    return Path(settings.MEDIA_ROOT) / "exports"


def workbook_of(wave: Wave) -> bytes:
    """The counted answers. Where they are anonymous there is no day or place, and each column has an order of its own: rows
    of whole answers would let anybody count the smallest group."""
    definition = Definition.from_document(wave.document)
    heads = [(q.code, row) for q in definition.questions for row in ([one.code for one in q.rows] or [""])]
    file = io.BytesIO()
    with xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(pgettext("survey", "Answers"))
        found = Response.objects.filter(wave=wave, counted=True).order_by("id").values_list("id", "answers")
        rows = list(found[:MOST_ROWS])
        for place, head in enumerate(heads):
            sheet.write_string(0, place, ".".join(filter(None, head)))
            if wave.anonymous:
                rows.sort(key=lambda row: hashlib.sha256(f"{head}{row[0]}".encode()).digest())
            code, inner = head
            for number, (_key, answers) in enumerate(rows, 1):
                answer = answers.get(code)
                _write(sheet, number, place, (answer or {}).get(inner) if inner else answer)
    return file.getvalue()


def _write(sheet: Any, row: int, place: int, value: Any) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif isinstance(value, list):
        sheet.write_string(row, place, ",".join("" if one is None else str(one) for one in value))
    elif isinstance(value, dict):
        parts = [f"{key}:{'-'.join(str(one or '') for one in pair)}" for key, pair in value.items()]
        sheet.write_string(row, place, " ".join(parts))
    elif value:
        sheet.write_string(row, place, str(value)[:32_767])
