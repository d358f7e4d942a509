"""What each year's portfolio listed of a book, told from the book's ledger. Pure: entries in, years out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: acts that say what a book was called, who owned it, what it promised, and when a source listed it
ACTS: Final = (
    "project.created",
    "project.imported",
    "project.renamed",
    "project.reorganised",
    "project.updated",
    "project.vanished",
    "project.absent",
)
_MISSING: Final = frozenset({"project.vanished", "project.absent"})
_LISTS: Final = frozenset({"project.imported", "project.renamed", "project.reorganised"})
_TEXTS: Final = ("name", "owner", "purpose", "summary")
#: goals kept of a book, and characters of each: enough to compare targets, no second copy of the book
MOST_GOALS, GOAL_TEXT = 40, 200


@dataclass(frozen=True)
class Entry:
    """One act of a ledger; ``acted_in`` is the fiscal year it was written in."""

    act: str
    params: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    acted_in: int

    @property
    def source_year(self) -> int | None:
        """The year of the portfolio that an import was about; None for acts of people."""
        if self.act in _MISSING:
            return int(self.params["year"])
        found = re.search(r" (\d{4})$", str(self.params.get("source", "")))
        return int(found[1]) if found else None

    @property
    def year(self) -> int:
        """The year from which the act counts."""
        return self.source_year or self.acted_in


@dataclass(frozen=True)
class State:
    """A book in one year. ``owner`` runs from the top down, one name a line; ``targets`` by (kind, text): (target, unit)."""

    year: int
    name: str = ""
    owner: str = ""
    purpose: str = ""
    summary: str = ""
    end_year: int | None = None
    targets: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def listed(
    entries: Sequence[Entry], now: State, *, last_listed: int | None = None, closed_in: int | None = None
) -> list[State]:
    """The years in which a book was listed, oldest first, each as it stood then.

    A source lists a book from the first year it speaks of it to ``last_listed``, save where it had vanished or was absent. A book of
    which no source ever said a thing counts from the fiscal year it was opened in to the one it was closed in, or ``now.year``.
    """
    ordered = sorted(entries, key=lambda entry: entry.year)
    lines = {name: _line(ordered, name, getattr(now, name)) for name in _TEXTS}
    late = {entry.year: _late(entry) for entry in ordered if "listed_year" in entry.after}
    states = []
    for year in _years(ordered, now.year, last_listed, closed_in):
        said = {name: [value for since, value in line if since <= year][-1] for name, line in lines.items()}
        said |= late.get(year, {})
        end = _end_year(ordered, year, now.end_year)
        states.append(State(year, **said, end_year=end, targets=_targets(ordered, year)))
    return states


def _late(entry: Entry) -> dict[str, str]:
    """What the list of a year that was taken in after later ones called the book: it holds for that year alone."""
    said = {name: entry.after.get(f"listed_{name}") for name in ("name", "owner")}
    return {name: _text(name, value) for name, value in said.items() if value}


def _years(entries: Sequence[Entry], this_year: int, last: int | None, closed: int | None) -> list[int]:
    said = {entry.year for entry in entries if entry.act in _LISTS and entry.source_year}
    if not said:
        opened = min((entry.acted_in for entry in entries), default=this_year)
        return sorted({*range(opened, min(closed or this_year, this_year) + 1), *({last} if last else ())})
    gone = {entry.year for entry in entries if entry.act == "project.vanished"}
    absent = {entry.year for entry in entries if entry.act == "project.absent"} - said
    found, away = [], False
    for year in range(min(said), max(*said, last or 0) + 1):
        # a list that changed nothing leaves no entry, and yet it listed the book
        away = (away or year in gone) and year not in said and year != last
        if not away and year not in absent:
            found.append(year)
    return found


def _line(entries: Sequence[Entry], name: str, now: str) -> list[tuple[int, str]]:
    """(year, value) from which each value held; the first holds from ever. Where nothing was written it is today's."""
    found: list[tuple[int, str]] = []
    for entry in entries:
        if name not in entry.after or (name == "owner" and entry.act not in _LISTS):
            continue
        if not found:
            found.append((0, _text(name, entry.before.get(name) or entry.after[name])))
        found.append((entry.year, _text(name, entry.after[name])))
    return found or [(0, now)]


def _end_year(entries: Sequence[Entry], year: int, now: int | None) -> int | None:
    """The last fiscal year as it was planned by a year; today's where the ledger never said one."""
    said = [entry for entry in entries if "end_year" in entry.after]
    if not said:
        return now
    held = [entry.after["end_year"] for entry in said if entry.year <= year]
    return held[-1] if held else said[0].before.get("end_year")


def _text(name: str, value: Any) -> str:
    said = str(value or "")
    return said.replace(" / ", "\n") if name == "owner" else said


def _targets(entries: Sequence[Entry], year: int) -> dict[tuple[str, str], tuple[str, str]]:
    """Every goal that imports had told by a year, with the target and unit last said of it."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in entries:
        rows = entry.after.get("goals") if entry.year <= year else None
        for row in rows if isinstance(rows, list) else ():
            key = str(row.get("kind", "")), str(row.get("text", ""))[:GOAL_TEXT]
            if key in found or len(found) < MOST_GOALS:
                found[key] = str(row.get("target", "")), str(row.get("unit", ""))
    return found
