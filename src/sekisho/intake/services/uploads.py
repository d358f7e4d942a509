"""Keeping uploads until they are imported: sizes checked, archives unpacked with bounds, names our own."""

import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from sekisho.book.services.files import clean_name
from sekisho.errors import Invalid
from sekisho.tables.files import MAX_UNPACKED_BYTES

MAX_FILES = 100
TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
FOLDER_ENDINGS = (".csv", ".xlsx")
_STEP = 1024 * 1024


def imports_folder() -> Path:
    """Where uploads wait. Nothing here is ever served."""
    return Path(settings.MEDIA_ROOT) / "imports"


def folder_of(name: str) -> Path:
    """The folder of one upload by its stored name."""
    return imports_folder() / name


def keep(uploads: Sequence[UploadedFile], *, table: bool) -> tuple[str, list[dict[str, Any]]]:
    """Store uploads in a new folder: its name, and name and size of each file.

    ZIP archives of CSV files are unpacked unless one ``table`` is wanted.

    Raises:
        Invalid: nothing, too much, an ending that is not read, a damaged or oversized archive.
    """
    _check_sizes(uploads)
    name = uuid4().hex
    folder = folder_of(name)
    folder.mkdir(parents=True, mode=0o700)
    try:
        for upload in uploads:
            _keep_one(upload, folder, table=table)
        files = [{"name": path.name, "size": path.stat().st_size} for path in sorted(folder.iterdir())]
        if not files:
            raise Invalid(_("There is no CSV or Excel file in it."), field="files")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return name, files


def forget(name: str) -> None:
    """Delete the files of an upload."""
    if name:
        shutil.rmtree(folder_of(name), ignore_errors=True)


def _check_sizes(uploads: Sequence[UploadedFile]) -> None:
    if not uploads:
        raise Invalid(_("Choose a file."), field="files")
    if len(uploads) > MAX_FILES:
        raise Invalid(_("Choose %(limit)d files at most.") % {"limit": MAX_FILES}, field="files")
    size, limit = sum(upload.size or 0 for upload in uploads), settings.UPLOAD_MAX_BYTES
    if size > limit:
        words = {"size": size // _STEP, "limit": limit // _STEP}
        raise Invalid(
            _(
                "The upload has %(size)d MB; at most %(limit)d MB can be taken. "
                "Split it, or let the administrator import it on the command line."
            )
            % words,
            field="files",
        )


def _keep_one(upload: UploadedFile, folder: Path, *, table: bool) -> None:
    name = clean_name(upload.name or "")
    ending = Path(name).suffix.lower()
    if not table and ending == ".zip":
        _unpack(upload, name, folder)
        return
    allowed = TABLE_ENDINGS if table else FOLDER_ENDINGS
    if ending not in allowed:
        words = {"name": name, "endings": ", ".join(allowed if table else (*allowed, ".zip"))}
        raise Invalid(
            _("“%(name)s” cannot be read here. Choose files that end in %(endings)s.") % words, field="files"
        )
    if not upload.size:
        raise Invalid(_("The file “%(name)s” is empty. Choose another one.") % {"name": name}, field="files")
    with _free(folder, name).open("wb") as target:
        for chunk in upload.chunks():
            target.write(chunk)


def _free(folder: Path, name: str) -> Path:
    """A path in the folder that is not taken; the name keeps its end."""
    stem, ending = Path(name).stem[:80] or "file", Path(name).suffix.lower()
    path, number = folder / f"{stem}{ending}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}{ending}"
    return path


def _unpack(upload: UploadedFile, name: str, folder: Path) -> None:
    """The tables of an archive, wherever they lie in it; never outside the folder, never more than the bound."""
    try:
        with zipfile.ZipFile(upload) as archive:
            members = [
                item for item in archive.infolist() if Path(item.filename).suffix.lower() in FOLDER_ENDINGS
            ]
            if len(members) > MAX_FILES:
                raise _too_much(name)
            room = MAX_UNPACKED_BYTES - sum(path.stat().st_size for path in folder.iterdir())
            for item in members:
                if item.flag_bits & 1:
                    raise Invalid(
                        _("The archive “%(name)s” is protected by a password. Remove it first.")
                        % {"name": name},
                        field="files",
                    )
                with archive.open(item) as source:
                    room -= _copy(source, _free(folder, clean_name(item.filename)), room, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Invalid(
            _("The archive “%(name)s” is damaged or cut off. Fetch it again.") % {"name": name}, field="files"
        ) from error


def _copy(source: IO[bytes], path: Path, room: int, name: str) -> int:
    """Copy at most ``room`` bytes; returns how many."""
    copied = 0
    with path.open("wb") as target:
        while chunk := source.read(_STEP):
            copied += len(chunk)
            if copied > room:
                raise _too_much(name)
            target.write(chunk)
    return copied


def _too_much(name: str) -> Invalid:
    words = {"name": name, "files": MAX_FILES, "limit": MAX_UNPACKED_BYTES // _STEP}
    return Invalid(
        _("The archive “%(name)s” holds more than %(files)d tables or %(limit)d MB. Split it.") % words,
        field="files",
    )
