"""Lists of platforms, reuse, proposals and years as files."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from sekisho.sharing import words
from sekisho.sharing.models import Platform, ReuseEntry
from sekisho.sharing.queries.savings import Correction
from sekisho.sharing.queries.years import Row, Side
from sekisho.web.lists import Cells, as_file


def platforms_file(fmt: str, platforms: QuerySet[Platform]) -> FileResponse:
    """Common platforms; satisfaction from 1 to 5."""
    cells = [
        Cells("name", _("Name"), lambda one: one.local_name),
        Cells("does", _("What it does"), lambda one: one.local_does),
        Cells("owner", _("Offered by"), lambda one: one.owner.local_name),
        Cells("offered", _("Open to new users"), lambda one: one.is_offered),
        Cells("users", _("Projects that use it"), lambda one: one.users, "number"),
        Cells("satisfaction", _("Satisfaction"), lambda one: _tenths(one.liked), "number"),
    ]
    return as_file(fmt, "platforms", _("Common platforms"), cells, platforms)


def _tenths(value: Any) -> float | None:
    return None if value is None else round(float(value), 1)


def reuse_file(fmt: str, entries: QuerySet[ReuseEntry], corrected: Mapping[int, Correction]) -> FileResponse:
    """What was offered, considered, adopted or declined; amounts in yen a year. ``corrected``: confirmed savings whose
    actual spending was corrected since, by the entries' keys.
    """

    def confirmed(row: ReuseEntry) -> int | None:
        return corrected[row.pk].amount if row.pk in corrected else row.confirmed

    cells = [
        Cells("code", _("Code"), lambda row: row.project.code),
        Cells("project", _("Project"), lambda row: row.project.local_name),
        Cells("platform", _("Platform"), lambda row: row.platform.local_name),
        Cells("state", _("State"), lambda row: row.get_state_display()),
        Cells("changed_at", _("Changed"), lambda row: row.changed_at, "moment"),
        Cells("reason", _("Reason"), lambda row: row.reason),
        Cells("avoided", _("Cost avoided a year"), lambda row: row.avoided, "yen"),
        Cells("confirmed", _("Confirmed"), confirmed, "yen"),
        Cells("confirmed_year", _("Fiscal year"), lambda row: row.confirmed_year, "number"),
        Cells(
            "confirmed_before_correction",
            _("Confirmed before the actual budgets were corrected"),
            lambda row: row.confirmed if row.pk in corrected else None,
            "yen",
        ),
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


def years_file(fmt: str, pair: tuple[int, int], rows: Iterable[Row]) -> FileResponse:
    """Every case of two fiscal years: which books of the older became which of the newer, their money in yen, and why."""
    cells = [
        Cells("kind", _("What became of it"), lambda row: words.KINDS[row.case.kind]),
        Cells(
            "confidence",
            _("Confidence (%)"),
            lambda row: 100 if row.case.percent is None else row.case.percent,
            "number",
        ),
        *_side("before", pair[0], attrgetter("old"), attrgetter("before")),
        *_side("after", pair[1], attrgetter("new"), attrgetter("after")),
        Cells("change", _("Change (yen)"), lambda row: row.change, "yen"),
        Cells("why", _("Why"), lambda row: " / ".join(row.why)),
        Cells(
            "targets",
            _("Targets that changed"),
            lambda row: " / ".join(f"{t.goal}: {t.before or '–'} → {t.after or '–'}" for t in row.targets),
        ),
    ]
    return as_file(fmt, "years", _("Year over year"), cells, rows)


def _side(
    when: str, year: int, books: Callable[[Row], Iterable[Side]], money: Callable[[Row], int | None]
) -> list[Cells]:
    """The columns of one of the two years."""

    def joined(part: str) -> Callable[[Row], str]:
        return lambda row: " / ".join(getattr(book, part) for book in books(row))

    parts = (("code", _("Code")), ("name", _("Name")), ("owner", _("Owner section")))
    return [
        *(Cells(f"{part}_{when}", f"{heading} {year}", joined(part)) for part, heading in parts),
        Cells(f"approved_{when}", f"{_('Approved (yen)')} {year}", money, "yen"),
    ]
