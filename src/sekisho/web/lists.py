"""Every list as a file, at its own address: ``?export=csv`` gives what the page lists, filtered alike.

A list page asks `asked_format` before it cuts out its page, and answers with `as_file`; its template includes
``web/export_menu.html``.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.errors import Invalid
from sekisho.exports import CONTENT_TYPES, FORMATS, Column, Row, write

#: more rows than this would hold a web process too long
AT_MOST: Final = 100_000
_IN_MEMORY: Final = 8 * 1024**2


@dataclass(frozen=True)
class Cells:
    """A column of a list: its key in JSON, its heading, and what of a row stands in it (kinds as in `Column`)."""

    key: str
    heading: str
    of: Callable[[Any], Any]
    kind: str = "text"


def asked_format(request: HttpRequest) -> str:
    """``xlsx``, ``csv`` or ``json`` when the list is asked for as a file; empty otherwise."""
    asked = request.GET.get("export", "")
    return asked if asked in FORMATS else ""


def as_file(fmt: str, name: str, title: str, cells: Sequence[Cells], rows: Iterable[Any]) -> FileResponse:
    """The whole list as a download; ``name`` is the key of JSON and part of the file's name.

    Raises:
        Invalid: there are more than `AT_MOST` rows; nothing is cut off in silence.
    """
    columns = [Column(cell.key, cell.heading, cell.kind) for cell in cells]
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the response closes it)
    try:
        write(fmt, file, columns, _plain(cells, rows), title, name)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    filename = f"sekisho-{name}-{timezone.localdate():%Y%m%d}.{fmt}"
    response = FileResponse(file, as_attachment=True, filename=filename, content_type=CONTENT_TYPES[fmt])
    response["Cache-Control"] = "private, no-store"
    return response


def _plain(cells: Sequence[Cells], rows: Iterable[Any]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > AT_MOST:
            raise Invalid(
                _("The list has more than %(limit)s rows. Filter it first.") % {"limit": f"{AT_MOST:,}"}
            )
        yield {cell.key: _value(cell.of(row)) for cell in cells}


def _value(value: Any) -> Any:
    """Words that are translated late become texts; moments are those of the place."""
    if hasattr(value, "astimezone"):
        return timezone.localtime(value)
    return (
        value
        if value is None or isinstance(value, bool | int | float | list) or hasattr(value, "year")
        else str(value)
    )
