"""Bringing in answers that were gathered elsewhere: a table is kept for a day, mapped, looked at, and made a wave."""

import datetime as dt
import hashlib
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.book.services.common import filled, fitting, read_again
from sekisho.book.services.files import clean_name
from sekisho.errors import Conflict, Invalid
from sekisho.tables.table import FileProblem, Table, read_table
from sekisho.voice.definition import Definition
from sekisho.voice.definition.incoming import Answered, Incoming, guess, read, targets
from sekisho.voice.models import AnswerFile, Response, Survey, Wave
from sekisho.voice.services.holders import acting_for
from sekisho.voice.services.surveys import read_document
from sekisho.voice.services.tally import count_new

MOST_ROWS = 50_000
MOST_BYTES = 20 * 1024**2
KEPT = dt.timedelta(days=1)


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
        if (upload.size or 0) > MOST_BYTES:
            said = {"limit": MOST_BYTES // 1024**2}
            raise Invalid(_("The file has more than %(limit)d MB. Split it.") % said, field="file")
        name, body = clean_name(upload.name or "")[:200], upload.read()
        digest = hashlib.sha256(body).hexdigest()
        _require_new(survey, digest)
        table = _readable(body, name)
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


def _require_new(survey: Survey, digest: str) -> None:
    wave = survey.waves.filter(source=digest).first()
    if wave is not None:
        said = {"wave": wave.name}
        raise Invalid(
            _("The answers of this file were brought in already, as “%(wave)s”.") % said, field="file"
        )


def _readable(body: bytes, name: str) -> Table:
    try:
        table = read_table(body, name)
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
    try:
        return read_table((_place(file) / "table").read_bytes(), file.name)
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


def preview(file: AnswerFile) -> Incoming:
    """What would come in by the mapping as it stands. Raises ``Conflict`` when the file is gone."""
    definition = read_document(file.survey.document)
    return read(definition, table_of(file), file.mapping, file.words)


def bring_in(
    user: Any, file: AnswerFile, *, name: str, invited: int | None = None, asked_on: dt.date | None = None
) -> Wave:
    """Make a closed, anonymous wave of the answers that can be taken; all of them or none. It stands in the series of
    its survey at the day it was asked, today unless said otherwise.

    Raises:
        NotPermitted. Invalid: no name, or asked in the future. Conflict: no answer can be taken, or the file was brought in meanwhile.
    """
    survey = file.survey
    with acting_for(user, survey) as act:
        act.require("edit")
        read_again(survey)
        _require_new(survey, file.sha256)
        found = preview(file)
        if not found.answers:
            raise Conflict(_("No row can be taken. Say what the columns answer."), code="nothing_to_bring_in")
        asked_on = asked_on or act.today
        if asked_on > act.today:
            raise Invalid(_("This day is still to come."), field="asked_on")
        asked_at = act.now if asked_on == act.today else _noon(asked_on)
        wave = Wave.objects.create(
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
        rows = (_response(wave, one, asked_on) for one in found.answers)
        Response.objects.bulk_create(rows, batch_size=1000)
        count_new(wave)
        told = {"title": survey.title, "wave": wave.name, "survey_id": survey.pk}
        figures = {"answers": len(found.answers), "left_out": found.left_out, "sha256": file.sha256}
        act.write("survey.brought_in", {**told, **figures})
    forget(file)
    return wave


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
