"""What the public pages show of a document, in the active language."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book.models import Phase
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.drawing import draw
from sekisho.portfolio.public.dictionary import Column, Table, dictionary
from sekisho.portfolio.public.publication import Document
from sekisho.web import formats
from sekisho.web.road import Road, Station, StationState

#: years in the picture of money
YEARS = 6


@dataclass(frozen=True)
class Section:
    """One field of a service: its heading and meaning, a finding in words, a picture, and the table behind it."""

    name: str
    title: str
    meaning: str
    finding: str
    picture: str
    heads: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[tuple[str, str, bool]]]


@dataclass(frozen=True)
class Line:
    """A service in the list: where it stands, its quality and satisfaction, where these are public."""

    code: str
    name: str
    owner: str
    facts: Sequence[tuple[str, str]]


def language() -> str:
    """``ja`` or ``en``."""
    return "en" if (get_language() or "").startswith("en") else "ja"


def name_of(document: Document) -> str:
    """The name in the reader's language; the Japanese one where there is no English one."""
    names: Mapping[str, str] = document["name"]
    return names.get(language()) or names["ja"]


def owner_of(document: Document) -> str:
    """The owner section, "" where it is not public."""
    names: Mapping[str, str] = document.get("owner", {})
    return names.get(language()) or names.get("ja", "")


def line_of(document: Document) -> Line:
    """A service as the list shows it."""
    return Line(document["id"], name_of(document), owner_of(document), facts_of(document))


def facts_of(document: Document) -> list[tuple[str, str]]:
    """(heading, words) of the figures that stand first; only of what is public."""
    fields = dictionary().fields
    return [
        (fields[name].title.get(language()), words(document) or _("Nothing yet"))
        for name, words in _FACTS.items()
        if name in document
    ]


def _phase(document: Document) -> str:
    return _word("phase", document["phase"])


def _audience(document: Document) -> str:
    return _(", ").join(_word("audience", one) for one in document["audience"])


def _quality(document: Document) -> str:
    newest = next(iter(document["quality"]), None)
    return _word("quality", newest["level"]) if newest else ""


def _satisfaction(document: Document) -> str:
    newest = next(iter(document["satisfaction"]), None)
    return _("%(mean).1f of 5") % newest if newest else ""


def _tests(document: Document) -> str:
    tests = document["user_tests"]
    if not tests:
        return ""
    people = sum(one["participants"] for one in tests)
    return _("Tests: %(tests)s, people: %(people)s") % {"tests": len(tests), "people": people}


_FACTS: dict[str, Callable[[Document], str]] = {
    "phase": _phase,
    "audience": _audience,
    "quality": _quality,
    "satisfaction": _satisfaction,
    "user_tests": _tests,
}


def sections_of(document: Document) -> list[Section]:
    """A section for each field that has a table, in the order of the dictionary."""
    fields = dictionary().fields
    return [
        Section(
            name=table.field,
            title=fields[table.field].title.get(language()),
            meaning=fields[table.field].meaning.get(language()),
            finding=_FINDINGS[table.field](document[table.field]) if document[table.field] else "",
            picture=_money_chart(document["money"]) if table.field == "money" else "",
            **_cells(table, document[table.field]),
        )
        for table in dictionary().tables
        if table.field and table.field in document
    ]


def _cells(table: Table, entries: Sequence[Document]) -> dict[str, Any]:
    columns = [
        column
        for column in table.columns
        if column.name != "id" and (not column.field or any(column.name in entry for entry in entries))
    ]
    heads = [(column.title.get(language()), _is_number(column)) for column in columns]
    rows = [
        [
            (column.title.get(language()), cell(column, entry.get(column.name)), _is_number(column))
            for column in columns
        ]
        for entry in entries
    ]
    return {"heads": heads, "rows": rows}


def _is_number(column: Column) -> bool:
    return column.type in ("number", "integer") and column.name != "fiscal_year"


def cell(column: Column, value: Any) -> str:
    """A value of a column in words; "" where there is none."""
    if value is None or value == "":
        return ""
    if column.values:
        return _word(column.values, value)
    if column.name == "fiscal_year":
        return formats.fiscal_year(value, language())
    if column.name.endswith("_yen"):
        return formats.yen_short(value, language())
    if column.name.endswith("_percent"):
        return f"{value:g}%"
    if column.type == "date":
        return formats.date_long(dt.date.fromisoformat(value), language())
    if column.format == "yearmonth":
        return formats.month(dt.date.fromisoformat(f"{value}-01"), language())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _quality_finding(entries: Sequence[Document]) -> str:
    newest = entries[0]
    return _("%(year)s: %(level)s") % {
        "level": _word("quality", newest["level"]),
        "year": formats.fiscal_year(newest["fiscal_year"], language()),
    }


def _satisfaction_finding(entries: Sequence[Document]) -> str:
    newest = entries[0]
    return _("%(mean)s of 5 on average, from %(answers)s answers. %(share)s said 4 or 5.") % {
        "mean": f"{newest['mean']:.1f}",
        "answers": f"{newest['answers']:,}",
        "share": f"{newest['satisfied_percent']:g}%",
    }


def _tests_finding(entries: Sequence[Document]) -> str:
    people = sum(one["participants"] for one in entries)
    said = {"tests": len(entries), "people": f"{people:,}"}
    return _("Tests with users: %(tests)s. People who took part: %(people)s.") % said


def _money_finding(entries: Sequence[Document]) -> str:
    said = [
        (entry["fiscal_year"], title, entry[name])
        for entry in entries[:1]
        for name, title in (("budget_yen", _("Budget")), ("spent_yen", _("Spent")))
        if entry[name] is not None
    ]
    parts = _(", ").join(f"{title} {formats.yen_short(amount, language())}" for _year, title, amount in said)
    return f"{formats.fiscal_year(said[0][0], language())}: {parts}" if said else ""


def _release_finding(entries: Sequence[Document]) -> str:
    newest = entries[0]
    day = formats.date_long(dt.date.fromisoformat(newest["released_on"]), language())
    return _("The newest is %(version)s of %(day)s.") % {"version": newest["version"], "day": day}


def _operation_finding(entries: Sequence[Document]) -> str:
    known = next((one for one in entries if one["availability_percent"] is not None), None)
    if not known:
        return ""
    month = formats.month(dt.date.fromisoformat(f"{known['month']}-01"), language())
    share = f"{known['availability_percent']:g}%"
    return _("%(month)s: available %(share)s of the time.") % {"month": month, "share": share}


_FINDINGS: dict[str, Callable[[Sequence[Document]], str]] = {
    "quality": _quality_finding,
    "satisfaction": _satisfaction_finding,
    "user_tests": _tests_finding,
    "money": _money_finding,
    "releases": _release_finding,
    "operation": _operation_finding,
}


def _money_chart(years: Sequence[Document]) -> str:
    """Budget and spending of the newest years, the oldest first; amounts below zero have no bar."""
    names = ("budget_yen", "spent_yen")
    rows = [
        Row(
            formats.fiscal_year(year["fiscal_year"], language()),
            [
                Cell(max(year[name] or 0, 0), shown=formats.yen_short(year[name] or 0, language()))
                for name in names
            ],
        )
        for year in reversed(years[:YEARS])
    ]
    title = dictionary().fields["money"].title.get(language())
    chart = Chart("money", title, title, "", "bars", [_("Budget"), _("Spent")], ("c1", "c2"), rows)
    return draw(chart) if rows else ""


def road_of(document: Document) -> Road | None:
    """The road with the service on it; None where its phase is not public, or it was stopped."""
    phase = document.get("phase")
    if phase not in (*Phase.values, "retired"):
        return None
    here = len(Phase) if phase == "retired" else Phase(phase).position

    def state(place: int) -> StationState:
        return "passed" if place < here else "here_open" if place == here else "ahead"

    stations = [Station(one.value, str(one.label), state(place)) for place, one in enumerate(Phase)]
    return Road(tuple(stations), _("Where it stands: %(phase)s") % {"phase": _phase(document)})


def _word(kind: str, code: str) -> str:
    return dictionary().word(kind, code).get(language())
