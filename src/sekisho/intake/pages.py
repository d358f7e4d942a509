"""What the page of one import shows: the counts, and one stretch of one section."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.intake import words
from sekisho.intake.preview import MOVING, SECTIONS, read_problems
from sekisho.intake.records import RowProblem

PAGE = 100


@dataclass(frozen=True)
class Tab:
    """A section with its count."""

    name: str
    title: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class ShownLine:
    """A line of a section in words."""

    code: str
    name: str
    year: int | None
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownProblem:
    """A row problem in words."""

    problem: RowProblem
    text: str
    mend: str


@dataclass(frozen=True)
class PreviewPage:
    """One stretch of a preview; ``next_page`` is 0 at its end, ``hidden`` counts lines that were not kept, ``has_years`` is
    whether a line of it is about one year.
    """

    tabs: list[Tab]
    section: str
    title: str
    lines: list[ShownLine]
    has_years: bool
    problems: list[ShownProblem]
    page: int
    next_page: int
    hidden: int
    counts: Mapping[str, int]
    changes_nothing: bool
    judged_vanished: bool
    only_some: bool


def preview_page(document: Mapping[str, Any], section: str, page: int) -> PreviewPage:
    """The stretch of a stored preview that the address asks for."""
    counts = document["counts"]
    count_of = {**dict.fromkeys(SECTIONS, 0), **counts, "problems": counts["problems"] + counts["warnings"]}
    count_of["changed"] = len(document["lines"]["changed"])
    tabs = [
        Tab(name, str(words.SECTION_TITLES[name]), count_of[name], name == section)
        for name in (*SECTIONS, "problems")
        if count_of[name]
    ]
    if tabs and not any(tab.is_current for tab in tabs):
        return preview_page(document, tabs[0].name, 1)
    rows = document["problems"] if section == "problems" else document["lines"].get(section, [])
    start = (page - 1) * PAGE
    stretch = rows[start : start + PAGE]
    lines = [] if section == "problems" else [_line(line) for line in stretch]
    return PreviewPage(
        tabs=tabs,
        section=section if tabs else "",
        title=str(words.SECTION_TITLES.get(section, "")),
        lines=lines,
        has_years=any(line.year for line in lines),
        problems=_problems(stretch) if section == "problems" else [],
        page=page,
        next_page=page + 1 if start + PAGE < len(rows) else 0,
        hidden=max(0, count_of.get(section, 0) - len(rows)),
        counts=counts,
        changes_nothing=not any(count_of[name] for name in MOVING),
        judged_vanished=document["judged_vanished"],
        only_some=document.get("only_some", False),
    )


def _line(line: Mapping[str, Any]) -> ShownLine:
    field = line.get("field", "")
    return ShownLine(
        line["code"],
        line["name"],
        line.get("year"),
        words.field_label(field) if field else "",
        words.value_label(field, line.get("before")),
        words.value_label(field, line.get("after")),
    )


def _problems(stretch: list[dict[str, Any]]) -> list[ShownProblem]:
    return [
        ShownProblem(problem, words.what_is_wrong(problem), words.mend_of(problem))
        for problem in read_problems(stretch)
    ]
