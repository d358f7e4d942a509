"""Files as bytes: read whole, refused in one sentence when they are not what they claim. No Django."""

import datetime as dt
from pathlib import Path
from typing import Final, NamedTuple

from sekisho.values import Problem, gettext_noop

_ = gettext_noop

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


class Span(NamedTuple):
    """A merged cell: its first and last row and column, counted from 1."""

    top: int
    bottom: int
    left: int
    right: int


#: bytes of a file
MAX_FILE_BYTES = 256 * 1024**2
#: bytes of a workbook once unpacked
MAX_UNPACKED_BYTES = 512 * 1024**2
#: cells of a sheet's rectangle: the reader holds all of them, empty ones too
MAX_SHEET_CELLS = 20_000_000
#: characters of one CSV field
MAX_FIELD_CHARACTERS = 1_000_000
#: an old .xls file's rectangle cannot be measured beforehand, only its size
MAX_XLS_BYTES = 64 * 1024**2


class FileProblem(Problem):
    """A file cannot be read at all; nothing was taken from it. ``params["file"]`` names it."""


def refusal(name: str, template: str, mend: str = "", **params: object) -> FileProblem:
    return FileProblem(template, {"file": name, **params}, mend)


def bytes_of(source: Path | str | bytes, name: str) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        if len(source) > MAX_FILE_BYTES:
            raise _too_large(name)
        return source, name or "table"
    path = Path(source)
    name = name or path.name
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_large(name)
        return path.read_bytes(), name
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(
            name,
            _("The file “%(file)s” cannot be opened: %(reason)s."),
            _("Check the name and that you may read the file."),
            reason=reason,
        ) from error


def _too_large(name: str) -> FileProblem:
    return refusal(
        name,
        _("The file “%(file)s” is too large: at most %(limit)s MB can be read."),
        _("Split it into several files."),
        limit=MAX_FILE_BYTES // 1024**2,
    )


# ------------------------------------------------------------------------------------ what kind of file

ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_OTHER_KINDS: Final = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3\x00", "SQLite"),
)
_EXCEL_ENDINGS: Final = frozenset({".xlsx", ".xlsm", ".xls"})
_TEXT_ENDINGS: Final = frozenset({".csv", ".tsv", ".txt", ".tab"})


def is_workbook(data: bytes, name: str) -> bool:
    """True for Excel, False for text; a file whose name says something else than its content is refused."""
    ending = Path(name).suffix.lower()
    kind = _kind(data)
    if kind == "xls" and "EncryptedPackage".encode("utf-16-le") in data:
        raise refusal(
            name,
            _("The file “%(file)s” is protected by a password."),
            _("Open it in Excel, remove the password, and save it again."),
        )
    if kind in {"xlsx", "xls"}:
        if ending in _TEXT_ENDINGS or (ending in _EXCEL_ENDINGS and (ending == ".xls") != (kind == "xls")):
            raise not_what_it_claims(name, ending, "Excel or ZIP (." + kind + ")")
        return True
    if kind:
        raise not_what_it_claims(name, ending, kind)
    if ending in _EXCEL_ENDINGS:
        raise not_what_it_claims(name, ending, _describe_text(data))
    return False


def _kind(data: bytes) -> str:
    if data.startswith(ZIP) or data.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        return "xlsx"
    if data.startswith(OLE):
        return "xls"
    return next((kind for start, kind in _OTHER_KINDS if data.startswith(start)), "")


def _describe_text(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    return "HTML" if head.startswith((b"<!doctype html", b"<html", b"<table")) else "text or unknown"


def not_what_it_claims(name: str, ending: str, kind: str) -> FileProblem:
    return refusal(
        name,
        _("The file “%(file)s” is not what its name says: its content is %(kind)s."),
        _("Save it as an Excel workbook (.xlsx) or as CSV, and choose that file."),
        ending=ending,
        kind=kind,
    )


def cut_off(name: str, line: int | None = None) -> FileProblem:
    mend = _("Fetch or export the file again; nothing was taken from it.")
    if line is None:
        return refusal(name, _("The file “%(file)s” is cut off: its end is missing."), mend)
    return refusal(
        name,
        _("The file “%(file)s” is cut off: the row that begins on line %(line)s does not end."),
        mend,
        line=line,
    )
