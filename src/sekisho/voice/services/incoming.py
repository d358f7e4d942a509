"""Bringing in answers that were gathered elsewhere: a table is kept for a day, mapped, looked at, and made a wave."""

import datetime as dt
import hashlib
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.book.services.common import Act, filled, fitting, read_again
from sekisho.book.services.files import clean_name
from sekisho.errors import Conflict, Invalid
from sekisho.jobs.models import Job
from sekisho.jobs.services import enqueue
from sekisho.tables.table import FileProblem, Table, read_table
from sekisho.voice.definition import Definition
from sekisho.voice.definition.incoming import (
    Answered,
    Incoming,
    guess,
    read,
    read_parts,
    recognises,
    targets,
)
from sekisho.voice.models import AnswerFile, Response, Survey, Wave
from sekisho.voice.services.holders import OrganisationAct, acting_for
from sekisho.voice.services.surveys import read_document
from sekisho.voice.services.tally import count_new

MOST_ROWS = 1_000_000
MOST_BYTES = 100 * 1024**2
#: a workbook is far larger in memory than its file
MOST_WORKBOOK_BYTES = 20 * 1024**2
#: rows that are looked at before answers are brought in; longer tables are brought in by a job
LOOKED_AT = 2000
KIND = "voice.bring_in"

Progress = Callable[[int, int], Any]
KEPT = dt.timedelta(days=1)
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def _place(file: AnswerFile) -> Path:
    return Path(settings.MEDIA_ROOT) / "answers" / file.folder


def keep(user: Any, survey: Survey, upload: UploadedFile) -> AnswerFile:
    """Keep a table of answers, with a first guess of what its columns answer.

    Raises:
        NotPermitted. Invalid: it cannot be read, holds too much, or was brought in before (``fields["file"]``).
    """
    with acting_for(user, survey) as act:
        act.require("edit")
        definition = read_document(survey.document)
        if not definition.questions:
            raise Invalid(_("Add the questions first, so that columns can answer them."), field="file")
        most = MOST_WORKBOOK_BYTES if (upload.name or "").lower().endswith(WORKBOOKS) else MOST_BYTES
        if (upload.size or 0) > most:
            said = {"limit": most // 1024**2}
            raise Invalid(_("The file has more than %(limit)d MB. Split it.") % said, field="file")
        name, body = clean_name(upload.name or "")[:200], upload.read()
        digest = hashlib.sha256(body).hexdigest()
        _require_new(survey.waves.all(), digest)
        table = _readable(body, name, definition)
        file = AnswerFile(
            survey=survey,
            name=name,
            folder=uuid4().hex,
            sha256=digest,
            mapping=guess(definition, table.headings),
            uploaded_by_id=act.person_id,
            uploaded_at=act.now,
        )
        _place(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _place(file).mkdir(mode=0o700)
        (_place(file) / "table").write_bytes(body)
        file.save()
    return file


def _require_new(waves: QuerySet[Wave], digest: str) -> None:
    wave = waves.filter(source=digest).first()
    if wave is not None:
        said = {"wave": wave.name}
        raise Invalid(
            _("The answers of this file were brought in already, as “%(wave)s”.") % said, field="file"
        )


def _readable(body: bytes, name: str, definition: Definition) -> Table:
    try:
        table = read_table(body, name, fits=recognises(definition))
        count = len(table.rows)
    except FileProblem as problem:
        words = _(problem.template) % problem.params
        if problem.mend_template:
            words += " " + _(problem.mend_template) % problem.mend_params
        raise Invalid(words, field="file") from None
    if count == 0:
        raise Invalid(_("There is no row below the headings."), field="file")
    if count > MOST_ROWS:
        said = {"most": MOST_ROWS, "count": count}
        raise Invalid(
            _("The table has %(count)d rows; at most %(most)d are taken at once. Split it.") % said,
            field="file",
        )
    return table


def table_of(file: AnswerFile) -> Table:
    """The kept table.

    Raises:
        Conflict: it was deleted after its day.
    """
    fits = recognises(read_document(file.survey.document))
    try:
        return read_table((_place(file) / "table").read_bytes(), file.name, fits=fits)
    except OSError:
        raise Conflict(_("This file was kept for a day and is gone. Upload it again.")) from None


def remap(
    user: Any, file: AnswerFile, mapping: Sequence[str], words: Mapping[str, Mapping[str, str]]
) -> AnswerFile:
    """Say what the columns answer, and what unknown words stand for.

    Raises:
        NotPermitted. Invalid: a column answers what another answers already (``fields["column-N"]``).
    """
    with acting_for(user, file.survey) as act:
        act.require("edit")
        read_again(file)
        known = targets(read_document(file.survey.document))
        said = [name if name in known else "" for name in mapping][: len(file.mapping)]
        said += [""] * (len(file.mapping) - len(said))
        _refuse_twice(said)
        file.mapping = said
        file.words = {
            name: {str(word)[:200]: code for word, code in found.items() if code}
            for name, found in words.items()
            if name in known
        }
        file.save(update_fields=["mapping", "words"])
    return file


def _refuse_twice(mapping: Sequence[str]) -> None:
    seen: set[str] = set()
    problems = {}
    for place, name in enumerate(mapping):
        if name and name in seen:
            problems[f"column-{place}"] = _("Another column answers this already. Leave one of them out.")
        seen.add(name)
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)


def preview(file: AnswerFile, table: Table | None = None) -> Incoming:
    """What would come in of the first rows by the mapping as it stands. Raises ``Conflict`` when the file is gone."""
    definition = read_document(file.survey.document)
    return read(definition, table or table_of(file), file.mapping, file.words, most=LOOKED_AT)


def is_long(table: Table) -> bool:
    """Whether a table has more rows than are looked at, so that a job brings them in."""
    return next(islice(iter(table.rows), LOOKED_AT, None), None) is not None


def bring_in_later(
    user: Any, file: AnswerFile, *, name: str, invited: int | None = None, asked_on: dt.date | None = None
) -> Job:
    """Bring the answers of a long table in by a background job that tells its progress.

    Raises:
        As ``bring_in``, for what can be known before.
    """
    with acting_for(user, file.survey) as act:
        act.require("edit")
        _require_ready(act, file, name, asked_on)
    params = {
        "file_id": file.pk,
        "name": name,
        "invited": invited,
        "asked_on": asked_on and asked_on.isoformat(),
    }
    return enqueue(KIND, params, owner=user, dedupe_key=f"{KIND}:{file.pk}")


def bring_in(
    user: Any,
    file: AnswerFile,
    *,
    name: str,
    invited: int | None = None,
    asked_on: dt.date | None = None,
    progress: Progress | None = None,
) -> Wave:
    """Make a closed, anonymous wave of the answers that can be taken. It stands in the series of its survey at the day it
    was asked, today unless said otherwise. Answers are written a part at a time, so that others can write meanwhile; what
    an interrupted try left is taken away first.

    Raises:
        NotPermitted. Invalid: no name, or asked in the future. Conflict: no answer can be taken, or the file was brought in meanwhile.
    """
    table = table_of(file)
    total = len(table.rows) if progress else 0
    wave, day = _begun(user, file, name, invited, asked_on)
    answers = left_out = done = 0
    for part in read_parts(Definition.from_document(wave.document), table, file.mapping, file.words):
        _add(file, wave, [_response(wave, one, day) for one in part.answers])
        answers, left_out = answers + len(part.answers), left_out + part.left_out
        done += len(part.answers) + part.left_out + part.empty
        if progress:
            progress(done, total)
    if not answers:
        wave.delete()
        raise Conflict(_("No row can be taken. Say what the columns answer."), code="nothing_to_bring_in")
    count_new(wave)
    with acting_for(user, file.survey) as act:
        told = {"title": file.survey.title, "wave": wave.name, "survey_id": file.survey_id}
        act.write(
            "survey.brought_in", {**told, "answers": answers, "left_out": left_out, "sha256": file.sha256}
        )
    forget(file)
    return wave


def _require_ready(act: Act | OrganisationAct, file: AnswerFile, name: str, asked_on: dt.date | None) -> None:
    fitting(filled(name, "name"), 200, "name")
    if asked_on is not None and asked_on > act.today:
        raise Invalid(_("This day is still to come."), field="asked_on")
    waves = file.survey.waves.all()
    _require_new(waves.exclude(pk=file.wave_id) if file.wave_id else waves, file.sha256)
    if not preview(file).answers:
        raise Conflict(_("No row can be taken. Say what the columns answer."), code="nothing_to_bring_in")


def _begun(
    user: Any, file: AnswerFile, name: str, invited: int | None, asked_on: dt.date | None
) -> tuple[Wave, dt.date]:
    """The wave that is to hold the answers, still empty, and the day it was asked."""
    survey = file.survey
    with acting_for(user, survey) as act:
        act.require("edit")
        read_again(survey)
        read_again(file)
        _require_ready(act, file, name, asked_on)
        if file.wave:
            file.wave.delete()
        day = asked_on or act.today
        asked_at = act.now if day == act.today else _noon(day)
        file.wave = Wave.objects.create(
            survey=survey,
            number=(survey.waves.aggregate(n=Max("number"))["n"] or 0) + 1,
            name=fitting(filled(name, "name"), 200, "name"),
            document=Definition.from_document(survey.document).to_document(),
            token=secrets.token_urlsafe(12),
            access=Wave.Access.LINK,
            anonymous=True,
            invited=invited,
            source=file.sha256,
            opened_at=asked_at,
            closed_at=asked_at,
        )
        file.save(update_fields=["wave"])
    return file.wave, day


@transaction.atomic
def _add(file: AnswerFile, wave: Wave, responses: list[Response]) -> None:
    if AnswerFile.objects.select_for_update().filter(pk=file.pk, wave=wave).first() is None:
        raise Conflict(_("Somebody else brings this file in at the moment."), code="brought_in_already")
    Response.objects.bulk_create(responses, batch_size=1000)


def _noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _response(wave: Wave, one: Answered, asked_on: dt.date) -> Response:
    day = min(one.day or asked_on, timezone.localdate())
    return Response(wave=wave, day=day, place=one.place, language=one.language, answers=one.answers)


def forget(file: AnswerFile) -> None:
    """Delete a kept table."""
    shutil.rmtree(_place(file), ignore_errors=True)
    file.delete()


def forget_old() -> int:
    """Delete tables that were kept for a day. Returns how many."""
    old = list(AnswerFile.objects.filter(uploaded_at__lt=timezone.now() - KEPT).order_by("id"))
    for file in old:
        forget(file)
    return len(old)
