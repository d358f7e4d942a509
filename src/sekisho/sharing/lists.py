"""Lists of platforms, reuse and proposals as files."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.sharing.models import Platform, ReuseEntry
from sekisho.web.lists import Cells, as_file


def platforms_file(fmt: str, platforms: QuerySet[Platform]) -> FileResponse:
    """Common platforms; satisfaction from 1 to 5."""
    cells = [
        Cells("name", _("Name"), lambda one: one.local_name),
        Cells("does", _("What it does"), lambda one: one.does),
        Cells("owner", _("Offered by"), lambda one: one.owner.local_name),
        Cells("offered", _("Open to new users"), lambda one: one.is_offered),
        Cells("users", _("Projects that use it"), lambda one: one.users, "number"),
        Cells("satisfaction", _("Satisfaction"), lambda one: _tenths(one.liked), "number"),
    ]
    return as_file(fmt, "platforms", _("Common platforms"), cells, platforms)


def _tenths(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)


def reuse_file(fmt: str, entries: QuerySet[ReuseEntry]) -> FileResponse:
    """What was offered, considered, adopted or declined; amounts in yen a year."""
    cells = [
        Cells("code", _("Code"), lambda row: row.project.code),
        Cells("project", _("Project"), lambda row: row.project.local_name),
        Cells("platform", _("Platform"), lambda row: row.platform.local_name),
        Cells("state", _("State"), lambda row: row.get_state_display()),
        Cells("changed_at", _("Changed"), lambda row: row.changed_at, "moment"),
        Cells("reason", _("Reason"), lambda row: row.reason),
        Cells("avoided", _("Cost avoided a year"), lambda row: row.avoided, "yen"),
        Cells("confirmed", _("Confirmed"), lambda row: row.confirmed, "yen"),
        Cells("confirmed_year", _("Fiscal year"), lambda row: row.confirmed_year, "number"),
    ]
    return as_file(fmt, "reuse", _("Reuse ledger"), cells, entries.iterator(chunk_size=1000))


def proposals_file(fmt: str, rows: Iterable[tuple[Any, Any]]) -> FileResponse:
    """Proposals with their estimates in yen."""
    cells = [
        Cells("title", _("Title"), lambda row: row[0].title),
        Cells("decision", _("Decision"), lambda row: row[0].get_state_display()),
        Cells(
            "platform", _("Candidate platform"), lambda row: row[0].platform and row[0].platform.local_name
        ),
        Cells("spent", _("Members spend"), lambda row: row[1].spent, "yen"),
        Cells("saved", _("Saved a year"), lambda row: row[1].net, "yen"),
    ]
    return as_file(fmt, "proposals", _("Proposals"), cells, rows)
