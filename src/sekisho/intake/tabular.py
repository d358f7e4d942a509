"""Read any table as project records with the help of a mapping. No Django.

Rows of one project are told by ``external_id``, else ``code``, else the name. A table may hold a project in
several rows when it maps ``fiscal_year`` or ``contractor``: one row per year or contract; rows that leave
id and name blank (merged cells) belong to the project above. Rows of totals (合計, 小計, ...) are left out
with a warning.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sekisho.intake.mapping import AMOUNTS, CHOICES, Column, Mapping, check_headings, choices
from sekisho.intake.reading import Progress, RowView, views
from sekisho.intake.records import (
    LIMITS,
    ContractRecord,
    ImportSet,
    Place,
    Problems,
    ProjectRecord,
    YearRecord,
    import_set,
)
from sekisho.intake.rs import addresses
from sekisho.tables.table import FileProblem, Table
from sekisho.values import (
    ValueProblem,
    gettext_noop,
    half_width,
    is_blank,
    name_key,
    normalise_name,
    parse_fiscal_year,
    parse_yen,
    shown,
)

_ = gettext_noop

_TOTALS: Final = frozenset({"合計", "小計", "総計", "計", "総合計", "total", "grandtotal", "subtotal"})
#: what stands for a year that is not known or will not come
_NO_YEAR: Final = frozenset(
    {
        "未定",
        "不明",
        "なし",
        "無し",
        "無",
        "終了予定なし",
        "終了予定無し",
        "期限なし",
        "継続",
        "継続中",
        "随時",
        "tbd",
        "none",
    }
)
#: a year named by less than one of so many rows of the commonest year says nothing of the whole table
_FEW: Final = 5
_LIST_MARKS: Final = str.maketrans(dict.fromkeys("、,，/／・;；\n|", "\n"))


@dataclass(slots=True)
class _Project:
    """A project while its rows are gathered."""

    record: ProjectRecord
    years: dict[int, YearRecord] = field(default_factory=dict)
    contracts: list[ContractRecord] = field(default_factory=list)


def read_tabular(table: Table, mapping: Mapping, *, progress: Progress | None = None) -> ImportSet:
    """All projects of a table. Raises `MappingProblem` when a heading is missing, `FileProblem` without
    rows.
    """
    check_headings(table, mapping)
    problems, reader = Problems(), _Reader(mapping)
    _note_repeated(table, mapping, problems)
    rows = 0
    for view in views(table, _columns(table, mapping), problems, progress):
        reader.take(view)
        rows += 1
    if not rows and not any(problem for problem in problems.found if not problem.warning):
        raise FileProblem(
            _("The table “%(file)s” has headings, but no rows."),
            {"file": table.name},
            _("Check the sheet and heading_row in the mapping."),
        )
    listed = _year_listed(reader.row_years)
    records = [
        replace(
            project.record,
            years=tuple(project.years[year] for year in sorted(project.years)),
            contracts=tuple(project.contracts),
            source_year=mapping.fiscal_year or listed,
        )
        for project in reader.projects.values()
    ]
    return import_set(mapping.scheme, records, problems.found, rows)


def _year_listed(rows: Counter[int]) -> int | None:
    """The fiscal year that a table with a column of years is the list of: the latest of its rows, so that what
    the next year's table lacks is told. A year that few rows name beside another may be a slip of the pen, which
    would make every later table an old one.
    """
    most = max(rows.values(), default=0)
    return max((year for year, count in rows.items() if count * _FEW >= most), default=None)


def _columns(table: Table, mapping: Mapping) -> dict[str, tuple[int, str]]:
    """Key → place; the second column of a field has the key ``field:1`` and so on."""
    found: dict[str, tuple[int, str]] = {}
    for name, columns in mapping.columns.items():
        for number, column in enumerate(columns):
            place = table.column(column.heading)
            assert place is not None  # check_headings
            found[_key(name, number)] = (place, table.headings[place])
    return found


def _note_repeated(table: Table, mapping: Mapping, problems: Problems) -> None:
    """Warn of mapped headings that stand over several columns: which one is meant is the reader's to say."""
    headings = {column.heading: None for columns in mapping.columns.values() for column in columns}
    for heading in headings:
        if table.repeats(heading):
            problem = ValueProblem(
                _("Several columns have this heading; the first was read. The next is called “%(second)s”."),
                {"second": f"{heading} (2)"},
                _("Check in the mapping which column is meant."),
            )
            problems.add(Place(table.name, table.heading_row), heading, "", problem, warning=True)


def _key(name: str, number: int) -> str:
    return f"{name}:{number}" if number else name


class _Reader:
    """Turns rows into projects."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.projects: dict[str, _Project] = {}
        self.several_rows = bool(mapping.columns.get("fiscal_year") or mapping.columns.get("contractor"))
        self.above = ""
        #: fiscal year → rows that were taken for it
        self.row_years: Counter[int] = Counter()

    def keys(self, name: str) -> list[tuple[str, Column]]:
        return [
            (_key(name, number), column) for number, column in enumerate(self.mapping.columns.get(name, ()))
        ]

    def take(self, view: RowView) -> None:
        """Add one row to the projects, or note why not."""
        name = view.name("name", LIMITS["name"])
        if name_key(_first_text(view)) in _TOTALS or name_key(name) in _TOTALS:
            view.note("name", _total(), warning=True)
            return
        identity = self.identity(view, name)
        project = self.projects.get(identity) if identity else None
        record = project.record if project else self.record(view, name, identity)
        years, contract = self.years(view), self.contract(view)
        if not identity and view.ok:
            view.require("name")
        if project:
            self.check_again(view, name, project, years)
        if view.ok:
            self.above = identity
            self.projects.setdefault(identity, _Project(record))
            self.add(self.projects[identity], years, contract)
            if year := view.year("fiscal_year"):
                self.row_years[year] += 1

    def identity(self, view: RowView, name: str) -> str:
        given = view.name("external_id", LIMITS["external_id"]) or _code(view)
        if given or name:
            return given or name_key(name)[: LIMITS["external_id"]]
        return self.above if self.several_rows else ""

    def check_again(self, view: RowView, name: str, project: _Project, years: dict[int, YearRecord]) -> None:
        """A project's second row must add something and contradict nothing."""
        first = project.record
        if not self.several_rows:
            view.note("external_id" if "external_id" in view.columns else "name", _stands_twice(first))
        elif name and name != first.name:
            view.note("name", _other_name(first), warning=True)
        for year, record in years.items():
            known = project.years.get(year)
            if known and _contradict(known, record):
                view.note(
                    "fiscal_year" if "fiscal_year" in view.columns else "name", _other_amounts(year, first)
                )

    def add(self, project: _Project, years: dict[int, YearRecord], contract: ContractRecord | None) -> None:
        for year, record in years.items():
            project.years[year] = _merged(project.years.get(year), record)
        if contract is not None and contract not in project.contracts:
            project.contracts.append(contract)

    def record(self, view: RowView, name: str, identity: str) -> ProjectRecord:
        if not name and view.ok:
            view.require("name")
        return ProjectRecord(
            scheme=self.mapping.scheme,
            external_id=identity,
            source_year=self.mapping.fiscal_year,
            name=name,
            place=view.place,
            summary=self.texts(view, "summary"),
            purpose=self.texts(view, "purpose"),
            organisation_path=self.organisation(view),
            start_year=view.value("start_year", _known_year),
            end_year=view.value("end_year", _known_year),
            links=addresses(self.texts(view, "link")),
            extra=self.further(view),
        )

    def texts(self, view: RowView, name: str) -> str:
        return "\n".join(text for key, _column in self.keys(name) if (text := view.text(key)))

    def organisation(self, view: RowView) -> tuple[str, ...]:
        """Levels from the columns, each split at the separator; a level that repeats the one above is one
        level.
        """
        levels: list[str] = []
        for key, _column in self.keys("organisation"):
            for part in view.value(key, self.levels) or ():
                if levels and levels[-1] == part:
                    continue
                if part in levels:
                    view.note(key, _circle(part))
                levels.append(part)
        return tuple(levels)

    def levels(self, cell: object) -> tuple[str, ...]:
        parts = str(cell).split(self.mapping.organisation_separator)
        names = (normalise_name(part, LIMITS["organisation"]) for part in parts)
        return tuple(name for name in names if not is_blank(name))

    def further(self, view: RowView) -> dict[str, object]:
        found: dict[str, object] = {
            "code": _code(view),
            "name_en": view.name("name_en", LIMITS["name_en"]),
        }
        for name in CHOICES:
            parse = self.audience if name == "audience" else self.choice(name)
            found[name] = view.value(name, parse)
        return {name: value for name, value in found.items() if value}

    def choice(self, name: str) -> Callable[[object], object]:
        def parse(cell: object) -> object:
            value = self.known(name, str(cell))
            return int(value) if name == "information_class" else value

        return parse

    def audience(self, cell: object) -> tuple[str, ...]:
        words = [word.strip() for word in str(cell).translate(_LIST_MARKS).split("\n")]
        found = [self.known("audience", word) for word in words if word]
        return tuple(name for name in choices("audience") if name in found)

    def known(self, name: str, word: str) -> str:
        value = self.mapping.value_of(name, word)
        if value is None:
            raise ValueProblem(
                _("“%(value)s” is not one of the values of “%(name)s” (%(choices)s)."),
                {"value": word[:60], "name": name, "choices": "、".join(choices(name))},
                _("Say under values in the mapping what it means."),
            )
        return value

    def years(self, view: RowView) -> dict[int, YearRecord]:
        row_year = view.year("fiscal_year") or self.mapping.fiscal_year
        found: dict[int, YearRecord] = {}
        for name in AMOUNTS:
            for key, column in self.keys(name):
                amount = view.yen(key, column.unit or self.mapping.unit)
                year = column.fiscal_year or row_year
                if amount is not None and year is None and view.ok:
                    view.require("fiscal_year")
                if amount is not None and year is not None:
                    amount = abs(amount) if name == "carried_out" else amount
                    found[year] = replace(found.get(year, YearRecord(year)), **{name: amount})
        return found

    def contract(self, view: RowView) -> ContractRecord | None:
        contractor = view.name("contractor", LIMITS["contractor"])
        if not contractor:
            return None
        unit = next((column.unit for _key, column in self.keys("contract_amount")), None) or self.mapping.unit
        return ContractRecord(
            contractor=contractor,
            corporate_number=view.corporate_number("corporate_number"),
            title=view.name("contract_title", LIMITS["contract_title"]),
            method=view.name("contract_method", LIMITS["contract_method"]),
            amount=view.value("contract_amount", lambda cell: parse_yen(cell, unit)),
            fiscal_year=view.year("fiscal_year") or self.mapping.fiscal_year,
        )


def _code(view: RowView) -> str:
    """The code of the book, in half-width signs as the registry keeps it."""
    return half_width(view.name("code", LIMITS["code"]))


def _known_year(cell: object) -> int | None:
    """A first or last year; None for the words that officials write where there is none yet."""
    return None if name_key(str(cell)) in _NO_YEAR else parse_fiscal_year(cell)


def _first_text(view: RowView) -> str:
    return next((str(cell) for cell in view.row.cells if not is_blank(cell)), "")


def _contradict(one: YearRecord, other: YearRecord) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in AMOUNTS)
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _merged(one: YearRecord | None, other: YearRecord) -> YearRecord:
    if one is None:
        return other
    said = {name: amount for name in AMOUNTS if (amount := getattr(other, name)) is not None}
    return replace(one, **said)


def _total() -> ValueProblem:
    return ValueProblem(_("This row is a total, not a project; it was left out."))


def _stands_twice(first: ProjectRecord) -> ValueProblem:
    return ValueProblem(
        _("The same project stands on line %(line)s already."),
        {"line": first.place.line},
        _("Delete one of the rows, or map external_id, fiscal_year or contractor."),
    )


def _circle(name: str) -> ValueProblem:
    return ValueProblem(
        _("The organisation “%(name)s” would lie below itself."),
        {"name": shown(name)},
        _("Name each level once, from the top."),
    )


def _other_name(first: ProjectRecord) -> ValueProblem:
    return ValueProblem(
        _("The same id has another name, “%(name)s”, on line %(line)s; that one was taken."),
        {"name": first.name, "line": first.place.line},
        _("Check which name is right."),
    )


def _other_amounts(year: int, first: ProjectRecord) -> ValueProblem:
    return ValueProblem(
        _("Fiscal year %(year)s stands twice with different amounts (project from line %(line)s)."),
        {"year": year, "line": first.place.line},
        _("Keep the right one."),
    )
