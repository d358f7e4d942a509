"""The criteria of a standard as a file."""

from collections.abc import Sequence
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.standards.pages import Section
from sekisho.web.lists import Cells, as_file


def criteria_file(fmt: str, sections: Sequence[Section]) -> FileResponse:
    """Criteria in words, in the order of the pack."""
    cells = [
        Cells("code", _("Code"), lambda row: row[2].code),
        Cells("section", _("Section"), lambda row: row[0].title),
        Cells("group", _("Group"), lambda row: row[1].title),
        *(Cells(name, heading, _field(name)) for name, heading in _words()),
    ]
    rows = [(section, group, row) for section in sections for group in section.groups for row in group.rows]
    return as_file(fmt, "criteria", _("Criteria"), cells, rows)


def _field(name: str) -> Any:
    return lambda row: getattr(row[2], name)


def _words() -> list[tuple[str, str]]:
    return [
        ("title", _("Criterion")),
        ("guidance", _("Guidance")),
        ("level", _("Level")),
        ("requirement", _("Requirement")),
        ("evidence", _("Evidence")),
        ("applies", _("Applies to")),
        ("measure", _("Measure")),
        ("source", _("Source")),
    ]
