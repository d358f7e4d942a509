"""What all reports share: who makes them and when, the words of a column, and corrections of past years."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book import fiscal
from sekisho.book.models import LedgerEntry
from sekisho.book.queries.ledger import read_acts
from sekisho.people.models import Installation
from sekisho.portfolio.documents import Column, Facts, Kind, Section, Table, Value
from sekisho.web.formats import date_long

#: acts that enter a figure of a fiscal year or month: entering it again corrects it
FIGURES_ENTERED = ("budget.set", "operation.corrected", "status.reported")
#: corrections a report lists at most, the newest first
CORRECTIONS = 500


def office() -> str:
    """The government's name."""
    return Installation.objects.values_list("name", flat=True).first() or "Sekisho"


def as_of() -> str:
    """“As of 29 Nov 2026”: every report tells the state of the day it is made."""
    return _("As of %(day)s") % {"day": date_long(timezone.localdate(), get_language())}


def day_of(moment: dt.datetime | None) -> dt.date | None:
    """The day of a moment in the office's time zone."""
    return timezone.localdate(moment) if moment else None


def label(model: type[Model], field: str) -> str:
    """A field's name as forms say it."""
    words = str(getattr(model._meta.get_field(field), "verbose_name", field))
    return words[:1].upper() + words[1:]


def column(model: type[Model], field: str, kind: Kind = "text") -> Column:
    """A column headed by a field's own name."""
    return Column(label(model, field), kind)


def fact(row: Any, field: str, kind: Kind = "text") -> tuple[str, Value, Kind]:
    """A field's name and what it holds, in words where it is a choice."""
    shown = getattr(row, f"get_{field}_display", None)
    return label(type(row), field), str(shown()) if shown else getattr(row, field), kind


def facts(*lines: tuple[str, Value, Kind]) -> Facts:
    return Facts(lines)


def corrections(entries: Iterable[LedgerEntry]) -> Section:
    """Figures of past months and years that were entered anew, with what stood there before."""
    found = list(entries)
    rows: list[list[Value]] = [
        [
            day_of(entry.at),
            entry.project.code if entry.project else "",
            said.sentence,
            "\n".join(f"{one.label}: {one.before or '–'} → {one.after or '–'}" for one in said.changes),
        ]
        for entry, said in zip(found, read_acts(found), strict=True)
    ]
    columns = (
        Column(_("Date"), "date"),
        Column(_("Code"), "code"),
        Column(_("What was done")),
        Column(_("Before and after")),
    )
    table = Table(columns, rows, _("No figure of a past month or year was corrected."))
    return Section(_("Corrections of past figures"), [table])


def corrected(first: dt.date, last: dt.date, projects: Any) -> list[LedgerEntry]:
    """Entries between two days that changed a figure which stood there already, of a month or year past by then."""
    entries = LedgerEntry.objects.filter(
        act__in=FIGURES_ENTERED, project__in=projects, at__date__gte=first, at__date__lte=last
    ).exclude(before={})
    newest = entries.select_related("project").order_by("-at", "-pk")[:CORRECTIONS]
    return [entry for entry in newest if _stood(entry) and _is_past(entry)]


def _stood(entry: LedgerEntry) -> bool:
    return any(value is not None for value in (entry.before or {}).values())


def _is_past(entry: LedgerEntry) -> bool:
    day = timezone.localdate(entry.at)
    year, month = entry.params.get("year"), str(entry.params.get("month", ""))
    if isinstance(year, int):
        return year < fiscal.fiscal_year_of(day)
    return bool(month) and month < f"{day:%Y-%m}"
