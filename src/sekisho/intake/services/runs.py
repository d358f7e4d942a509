"""Acts on an import through the browser: upload, assign columns, read, confirm, apply, abandon, tidy up."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.errors import Conflict, Invalid, SekishoError
from sekisho.intake.mapping import dump
from sekisho.intake.models import ImportRun
from sekisho.intake.preview import Preview
from sekisho.intake.records import ImportSet
from sekisho.intake.services import importing, uploads
from sekisho.intake.services.sources import RESERVED, check_mapping, open_table, read_source
from sekisho.jobs import services as jobs
from sekisho.people.permissions import require
from sekisho.people.roles import SYSTEM

#: uploads nobody confirmed are forgotten after this time
KEPT = dt.timedelta(days=7)

State = ImportRun.State
Progress = Callable[[int, int, str], None]


def start(user: Any, source: str, files: Sequence[UploadedFile]) -> ImportRun:
    """Keep an upload and begin to read it; a table first waits for its columns to be assigned.

    Raises:
        Invalid: the upload cannot be taken (see `uploads.keep`). Refused: a table that cannot be read.
    """
    actor = require(user, "import")
    if source not in ImportRun.Source.values:
        raise Invalid(_("There is no such source."), field="source")
    table = source == ImportRun.Source.TABLE
    folder, kept = uploads.keep(files[:1] if table else files, table=table)
    run = ImportRun(source=source, started_by_id=actor.user_id, folder=folder, files=kept)
    try:
        if table:
            run.mapping, run.state = dump(open_table(table_file(run))[1]), State.MAPPING
        with transaction.atomic():
            run.save()
            if not table:
                _enqueue(user, run, "intake.read")
    except BaseException:
        uploads.forget(folder)
        raise
    return run


def table_file(run: ImportRun) -> Path:
    """The one file of an imported table.

    Raises:
        Conflict: it is no longer there.
    """
    path = uploads.folder_of(run.folder) / (run.files[0]["name"] if run.files else "")
    if not run.folder or not path.is_file():
        raise Conflict(_("The uploaded file is no longer here. Upload it again."), code="upload_gone")
    return path


@transaction.atomic
def assign(user: Any, run: ImportRun, mapping: str) -> ImportRun:
    """Set which column is what (YAML text), and read the table with it.

    Raises:
        Refused: the mapping is not right. Invalid: its scheme names an official source.
        Conflict: the import is under way or over.
    """
    require(user, "import")
    run = _locked(run)
    if run.source != ImportRun.Source.TABLE or run.state not in (State.MAPPING, State.READY, State.READING):
        raise Conflict(_("The columns of this import can no longer be changed."), code="import_not_open")
    if check_mapping(mapping).scheme.lower() in RESERVED:
        raise Invalid(_("This name belongs to an official source. Choose another one."), field="scheme")
    run.mapping, run.preview, run.error, run.state = mapping, {}, "", State.READING
    run.save()
    _enqueue(user, run, "intake.read")
    return run


@transaction.atomic
def confirm(user: Any, run: ImportRun, *, strict: bool = False) -> ImportRun:
    """Begin to take a read upload into the books.

    Raises:
        Conflict: it has not been read, or is over.
    """
    require(user, "import")
    run = _locked(run)
    again = run.state == State.APPLYING and run.is_stuck
    if run.state != State.READY and not again:
        raise Conflict(_("This import is not waiting for a confirmation."), code="import_not_ready")
    run.state, run.strict, run.error = State.APPLYING, strict, ""
    run.save()
    _enqueue(user, run, "intake.apply")
    return run


@transaction.atomic
def abandon(user: Any, run: ImportRun) -> ImportRun:
    """Give an import up that has not begun to change anything; its files are deleted.

    Raises:
        Conflict: it is being applied, or over.
    """
    require(user, "import")
    run = _locked(run)
    if run.is_over or (run.state == State.APPLYING and not run.is_stuck):
        raise Conflict(
            _("This import is under way or over, so it cannot be abandoned."), code="import_not_open"
        )
    _finish(run, State.ABANDONED)
    return run


def read(run: ImportRun, progress: Progress) -> None:
    """Read the files and keep what they would change. Called by the background job; may be called again."""
    if run.state != State.READING:
        return
    try:
        found = _found(run, progress)
        preview = importing.plan(
            _importer(run), found, progress=lambda done, total: progress(done, total, "")
        )
    except SekishoError as refused:
        run.error = str(refused)
        if run.source == ImportRun.Source.TABLE:
            run.state = State.MAPPING
            run.save(update_fields=["error", "state"])
        else:
            _finish(run, State.REFUSED)
        raise
    run.preview, run.state = preview.document(), State.READY
    run.save(update_fields=["preview", "state"])


def apply(run: ImportRun, progress: Progress) -> None:
    """Take the files into the books. Called by the background job; calling it again changes nothing more."""
    if run.state != State.APPLYING:
        return
    try:
        done = importing.apply(
            _importer(run),
            _found(run, progress),
            strict=run.strict,
            progress=lambda count, total: progress(count, total, _("Writing books")),
        )
    except SekishoError as refused:
        run.error = str(refused)
        run.state = State.READY
        run.save(update_fields=["error", "state"])
        raise
    if not _resumed(run, done):
        run.preview = done.document()
    _finish(run, State.DONE)


def _resumed(run: ImportRun, done: Preview) -> bool:
    """Whether an earlier try had written books before it broke off: what it changed stands in the preview alone."""
    foreseen = run.preview.get("counts", {})
    return done.counts["unchanged"] > foreseen.get("unchanged", 0)


def _importer(run: ImportRun) -> Any:
    return run.started_by or SYSTEM


def _found(run: ImportRun, progress: Progress) -> ImportSet:
    place = table_file(run) if run.source == ImportRun.Source.TABLE else uploads.folder_of(run.folder)
    return read_source(
        run.source,
        place,
        mapping=run.mapping,
        progress=lambda rows, file: progress(
            0, 0, _("Row %(row)d of %(file)s") % {"row": rows, "file": file}
        ),
    )


def _locked(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)


def _enqueue(user: Any, run: ImportRun, kind: str) -> None:
    run.job = jobs.enqueue(kind, {"run_id": run.pk}, owner=user, dedupe_key=f"{kind}:{run.pk}")
    run.save(update_fields=["job"])


def _finish(run: ImportRun, state: str) -> None:
    folder, run.folder = run.folder, ""
    run.state, run.finished_at = state, timezone.now()
    run.save()
    transaction.on_commit(lambda: uploads.forget(folder))


def tidy(now: dt.datetime) -> int:
    """Abandon uploads nobody confirmed in time; returns how many."""
    waiting = (State.MAPPING, State.READING, State.READY)
    old = ImportRun.objects.filter(state__in=waiting, created_at__lt=now - KEPT)
    for run in old:
        _finish(run, State.ABANDONED)
    return len(old)
