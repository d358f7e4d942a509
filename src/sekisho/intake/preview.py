"""What an import does, or did, as plain values for pages, command line and the record of a run. No Django."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sekisho.intake.changes import Change, Outcome
from sekisho.intake.records import ImportSet, RowProblem

#: sections of a preview in the order people read them
SECTIONS: Final = (
    "new",
    "changed",
    "years",
    "renamed",
    "reorganised",
    "kept",
    "vanished",
    "absent",
    "closed",
)
#: sections of what is written into books
MOVING: Final = ("new", "changed", "years", "renamed", "reorganised", "vanished", "absent")
#: lines kept of each section; the counts are always of all
MAX_LINES: Final = 5_000
_MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section. ``field`` is a field of the book, ``amount:year``, ``contracts``, ``goals``, ..."""

    code: str
    name: str
    year: int | None = None
    field: str = ""
    before: Any = None
    after: Any = None


@dataclass(slots=True)
class Preview:
    """Counts of everything and the first lines of each section."""

    scheme: str
    source_years: tuple[int, ...]
    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    problems: tuple[RowProblem, ...] = ()
    judged_vanished: bool = True
    #: the list speaks for some of the source's bureaus alone
    only_some: bool = False

    @classmethod
    def of(cls, found: ImportSet) -> "Preview":
        """An empty preview of a source."""
        counts = dict.fromkeys(
            (*SECTIONS, "unchanged", "contracts", "goals", "budget_years", "organisations"), 0
        )
        read = {name: found.stats[name] for name in ("rows", "problems", "warnings")}
        return cls(found.scheme, found.source_years, {**counts, **read}, problems=found.problems)

    @property
    def changes_nothing(self) -> bool:
        """Whether applying it would leave every book as it is."""
        return not any(self.counts[name] for name in MOVING)

    def add(self, outcome: Outcome, code: str) -> None:
        """Take in what happened to one book."""
        name = str(outcome.book.values["name"])
        self.counts["contracts"] += len(outcome.touched_contracts)
        self.counts["goals"] += len(outcome.touched_goals)
        self.counts["budget_years"] += len(outcome.touched_years)
        if outcome.book.closed:
            self._line("closed", Line(code, name))
        elif outcome.is_new:
            self._line("new", Line(code, name, after=" / ".join(outcome.book.imported.path)))
        elif outcome.changed or outcome.years_added:
            self.counts["changed"] += 1
        elif not outcome.entries:
            self.counts["unchanged"] += 1
        self._changes(outcome, code, name)

    def _changes(self, outcome: Outcome, code: str, name: str) -> None:
        if not outcome.is_new:
            for change in outcome.changed:
                self._keep("changed", _line(code, name, change))
        for year in outcome.years_added:
            if not outcome.is_new:
                self._line("years", Line(code, name, year=year))
        for section, changes in (
            ("renamed", outcome.renamed),
            ("reorganised", outcome.moved),
            ("kept", outcome.kept),
        ):
            for change in changes:
                self._line(section, _line(code, name, change))
        for gone in outcome.vanished:
            self._line("vanished", Line(code, name, year=gone))
        for year in outcome.absent:
            self._line("absent", Line(code, name, year=year))

    def _line(self, section: str, line: Line) -> None:
        self.counts[section] += 1
        self._keep(section, line)

    def _keep(self, section: str, line: Line) -> None:
        if len(self.lines[section]) < MAX_LINES:
            self.lines[section].append(line)

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "scheme": self.scheme,
            "source_years": list(self.source_years),
            "counts": self.counts,
            "lines": {name: [_plain(line) for line in lines] for name, lines in self.lines.items()},
            "problems": [_problem(problem) for problem in self.problems[:MAX_LINES]],
            "judged_vanished": self.judged_vanished,
            "only_some": self.only_some,
        }


def _line(code: str, name: str, change: Change) -> Line:
    return Line(code, name, change.year, change.field, _short(change.before), _short(change.after))


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return value[: _MAX_TEXT - 1] + "…"
    return value


def _plain(line: Line) -> dict[str, Any]:
    named = {name: getattr(line, name) for name in Line.__slots__}
    return {name: value for name, value in named.items() if value not in (None, "")}


def _problem(problem: RowProblem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "value": problem.value,
        "template": problem.template,
        "params": _printable(problem.params),
        "mend_template": problem.mend_template,
        "mend_params": _printable(problem.mend_params),
        "warning": problem.warning,
    }


def _printable(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}


def read_problems(documents: Iterable[Mapping[str, Any]]) -> tuple[RowProblem, ...]:
    """Problems back from JSON."""
    return tuple(RowProblem(**document) for document in documents)
