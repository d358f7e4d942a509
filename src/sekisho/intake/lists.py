"""The list of imports as a file."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.web.lists import Cells, as_file


def runs_file(fmt: str, runs: QuerySet[Any]) -> FileResponse:
    """Imports, newest first."""
    cells = [
        Cells("number", _("Number"), lambda run: run.pk, "number"),
        Cells("source", pgettext("import", "Source"), lambda run: run.get_source_display()),
        Cells("files", _("Files"), lambda run: run.file_names),
        Cells("state", _("State"), lambda run: run.get_state_display()),
        Cells("who", _("Who"), lambda run: run.started_by or "Sekisho"),
        Cells("created_at", _("When"), lambda run: run.created_at, "moment"),
        Cells("finished_at", _("Finished"), lambda run: run.finished_at, "moment"),
    ]
    return as_file(fmt, "imports", _("Imports"), cells, runs.iterator(chunk_size=1000))
