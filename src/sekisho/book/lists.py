"""Lists of the book as files."""

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.book.models import Gate
from sekisho.web.lists import Cells, as_file


def gates_file(fmt: str, gates: QuerySet[Gate]) -> FileResponse:
    """Gates in their order."""
    cells = [
        Cells("gate", _("Gate"), lambda gate: gate.title),
        Cells("code", _("Code"), lambda gate: gate.project.code),
        Cells("project", _("Project"), lambda gate: gate.project.local_name),
        Cells("state", _("State"), lambda gate: gate.get_state_display()),
        Cells("due_on", _("Due on"), lambda gate: gate.due_on, "date"),
        Cells("owner", _("Owner section"), lambda gate: gate.project.owner.local_name),
        Cells("standard", _("Standard"), lambda gate: gate.standard),
    ]
    return as_file(fmt, "gates", _("Gates"), cells, gates.iterator(chunk_size=1000))
