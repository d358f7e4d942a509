"""Read the tables of JUDGIT! (review sheets of 2015 and later, flattened to CSV) as project records. No
Django.

Tables are recognised by their headings: the sheets (事業名, 事業概要), budgets in million yen, indicators,
suppliers. Millions become yen exactly. 翌年度へ繰越し is written as a deduction in some years (−110) and as
an amount in others; here carried_out is always positive.

**Identity.** 事業ID links the sheets of several years, but it is missing from 2021 on, changes for some
projects, and a project that was split leaves it to two successors. Going year by year, a sheet continues
the project that, in this order, (1) had its 事業ID before, (2) is named in its list of earlier sheets and
has its name, (3) had its name in the same ministry; each project has at most one sheet a year, and sheets
with an unchanged name choose first. A sheet that continues nothing begins a project, whose id is its
事業ID, or its sheet id when it has none or another project has it. Later years never change what earlier
years decided, so reading more years keeps every id. ``previous_ids`` holds all other 事業IDs and sheet ids
of the project up to that year: its current name elsewhere.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sekisho.intake.reading import Progress, RowView, find_columns, read_folder, views
from sekisho.intake.records import (
    LIMITS,
    ContractRecord,
    GoalKind,
    GoalRecord,
    GoalValue,
    ImportSet,
    Problems,
    ProjectRecord,
    YearRecord,
    import_set,
)
from sekisho.tables.table import FileProblem, Table
from sekisho.values import ValueProblem, clean_text, gettext_noop, is_blank, name_key, normalise_name

_ = gettext_noop

SCHEME: Final = "judgit"
MILLION: Final = 1_000_000

_COLUMNS: Final = {
    "projects": {
        "sheet": ("sheet_id",),
        "year": ("年度",),
        "id": ("事業ID",),
        "ministry": ("府省庁",),
        "number": ("事業番号",),
        "name": ("事業名",),
        "start": ("開始年度",),
        "end": ("終了年度",),
        "bureau": ("担当部局庁",),
        "division": ("担当課室",),
        "purpose": ("事業目的",),
        "summary": ("事業概要",),
        "methods": ("実施方法",),
        "account": ("会計区分",),
        "policies": ("主要施策",),
        "earlier": ("関連する過去のレビューシート",),
    },
    "budgets": {
        "sheet": ("sheet_id",),
        "year": ("年度",),
        "approved": ("当初予算",),
        "supplementary": ("補正予算",),
        "carried_in": ("前年度から繰越し",),
        "carried_out": ("翌年度へ繰越し",),
        "reserve": ("予備費等",),
        "executed": ("執行額",),
        "requested": ("要求額",),
    },
    "indicators": {
        "sheet": ("sheet_id",),
        "kind": ("kind",),
        "number": ("no",),
        "text": ("成果目標",),
        "indicator": ("指標",),
        "unit": ("単位",),
        "target": ("最終目標値",),
        "target_year": ("目標最終年度",),
        "year": ("年度",),
        "planned": ("目標値",),
        "actual": ("実績値",),
    },
    "suppliers": {
        "sheet": ("sheet_id",),
        "year": ("年度",),
        "contractor": ("支出先名",),
        "corporate_number": ("法人番号",),
        "title": ("業務概要",),
        "amount": ("支出額_百万円",),
    },
}
_SIGNS: Final = (
    ("projects", ("事業名", "事業概要")),
    ("budgets", ("当初予算", "執行額")),
    ("indicators", ("指標", "実績値")),
    ("suppliers", ("支出先名", "支出額_百万円")),
)
_KINDS: Final[dict[str, GoalKind]] = {"outcome": "outcome", "output": "output", "activity": "activity"}


@dataclass(slots=True)
class _Sheet:
    """One review sheet. ``id`` is its 事業ID or empty, ``earlier`` the sheet ids it says it continues."""

    record: ProjectRecord
    id: str
    earlier: tuple[str, ...]
    years: dict[int, YearRecord] = field(default_factory=dict)
    goals: dict[tuple[str, str], GoalRecord] = field(default_factory=dict)
    contracts: list[ContractRecord] = field(default_factory=list)

    @property
    def sheet_id(self) -> str:
        return self.record.external_id

    @property
    def year(self) -> int:
        return self.record.source_year or 0

    @property
    def name(self) -> tuple[str, str]:
        """Ministry and name, for comparing."""
        return self.record.organisation_path[0] if self.record.organisation_path else "", name_key(
            self.record.name
        )


def read_judgit(
    folder: Path | str, *, years: Collection[int] | None = None, progress: Progress | None = None
) -> ImportSet:
    """All sheets in a folder, one record per sheet, sorted by (source year, id), so that they replay history.

    ``years`` keeps only the sheets of these years; ids are those of the whole. Raises `FileProblem` when a
    file cannot be read or the table of sheets is missing.
    """
    folder = Path(folder)
    tables = {kind: table for table in read_folder(folder) if (kind := _kind_of(table))}
    if "projects" not in tables:
        raise FileProblem(
            _("The folder “%(file)s” has no table with the columns sheet_id, 事業名 and 事業概要."),
            {"file": folder.name},
            _("Put projects.csv into the folder."),
        )
    problems, rows, sheets, failed = Problems(), 0, dict[str, _Sheet](), set[str]()
    for kind in _COLUMNS:
        if (table := tables.get(kind)) is not None:
            columns = find_columns(table, _COLUMNS[kind])
            for view in views(table, columns, problems, progress, rows):
                _take(kind, view, sheets, failed)
            rows += len(table.rows)
    records = [
        record for record in _identified(sheets.values()) if years is None or record.source_year in years
    ]
    return import_set(SCHEME, records, problems.found, rows)


def _kind_of(table: Table) -> str:
    if not table.has("sheet_id"):
        return ""
    return next((kind for kind, headings in _SIGNS if table.has(*headings)), "")


# ------------------------------------------------------------------------------------------------- rows


def _take(kind: str, view: RowView, sheets: dict[str, _Sheet], failed: set[str]) -> None:
    sheet_id = view.name("sheet", LIMITS["external_id"])
    if not sheet_id:
        if view.ok:
            view.require("sheet")
    elif kind == "projects":
        _take_sheet(view, sheet_id, sheets, failed)
    elif sheet_id in sheets:
        _TAKERS[kind](view, sheets[sheet_id])
    elif sheet_id not in failed:
        failed.add(sheet_id)
        view.note("sheet", _no_such_sheet())


def _no_such_sheet() -> ValueProblem:
    return ValueProblem(
        _("There is no sheet with this id; its rows were left out."),
        {},
        _("Take all tables from the same source."),
    )


def _take_sheet(view: RowView, sheet_id: str, sheets: dict[str, _Sheet], failed: set[str]) -> None:
    if sheet_id in sheets:
        line = sheets[sheet_id].record.place.line
        view.note(
            "sheet",
            ValueProblem(
                _("This id stands on line %(line)s already."),
                {"line": line},
                _("Delete one of the two rows."),
            ),
        )
        return
    sheet = _sheet(view, sheet_id)
    if view.ok:
        sheets[sheet_id] = sheet
    else:
        failed.add(sheet_id)


def _sheet(view: RowView, sheet_id: str) -> _Sheet:
    year, name = view.year("year"), view.name("name", LIMITS["name"])
    for key, value in (("year", year), ("name", name)):
        if not value and view.ok:
            view.require(key)
    record = ProjectRecord(
        scheme=SCHEME,
        external_id=sheet_id,
        source_year=year,
        name=name,
        place=view.place,
        summary=view.text("summary"),
        purpose=view.text("purpose"),
        organisation_path=_organisation(view),
        start_year=view.year("start"),
        end_year=view.year("end"),
        extra=_extra(view),
    )
    return _Sheet(
        record, view.name("id", LIMITS["external_id"]).removesuffix(".0"), _earlier(view.text("earlier"))
    )


def _organisation(view: RowView) -> tuple[str, ...]:
    """Ministry, bureau and section; of several sections the first, which is the one in charge."""
    path = (view.value(key, _first_section) for key in ("ministry", "bureau", "division"))
    return tuple(name for name in path if name)


def _first_section(cell: object) -> str:
    names = sections(clean_text(cell))
    return normalise_name(names[0], LIMITS["organisation"]) if names else ""


def sections(text: str) -> tuple[str, ...]:
    """The names in a cell that lists sections, one a line or set apart by wide gaps; a line in brackets
    belongs to
    the line before it. ``"政策統括官\\n（防災担当）\\n総務課"`` → 政策統括官（防災担当） and 総務課."""
    joined = re.sub(r"\s*\n\s*(?=[（(])", "", text)
    return tuple(
        part.strip() for part in re.split(r"\n|\s{3,}", joined) if part.strip() and not is_blank(part)
    )


def _extra(view: RowView) -> dict[str, object]:
    lists = {
        key: tuple(part for part in view.text(key).split("|") if part)
        for key in ("methods", "policies")
        if view.raw(key)
    }
    found: dict[str, object] = {**lists}
    if account := view.text("account"):
        found["accounts"] = (account,)
    if len(every := sections(view.text("division"))) > 1:
        found["sections"] = every
    return found


def _earlier(text: str) -> tuple[str, ...]:
    """Sheet ids in the JSON list of earlier sheets; what is not understood there only fails to help."""
    try:
        listed = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return ()
    found = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and entry.get("年度") and entry.get("事業番号2"):
            numbers = [str(entry[key]) for key in ("事業番号1", "事業番号2", "事業番号3") if entry.get(key)]
            found.append("-".join([str(entry["年度"]), str(entry.get("府省庁", "")), *numbers]))
    return tuple(found)


def _take_budget(view: RowView, sheet: _Sheet) -> None:
    year = view.year("year")
    amounts = {
        key: view.yen(key, MILLION)
        for key in (
            "requested",
            "approved",
            "supplementary",
            "carried_in",
            "carried_out",
            "executed",
            "reserve",
        )
    }
    if year is None and view.ok:
        view.require("year")
    if year is None or not view.ok:
        return
    reserve, carried_out = amounts.pop("reserve"), amounts["carried_out"]
    if reserve is not None:
        amounts["supplementary"] = (amounts["supplementary"] or 0) + reserve
    record = YearRecord(year, **amounts | {"carried_out": None if carried_out is None else abs(carried_out)})
    if year >= sheet.year and not record.carried_out:
        record = replace(record, carried_out=None)
    if record.says_something:
        sheet.years[year] = record


def _take_goal(view: RowView, sheet: _Sheet) -> None:
    kind = _KINDS.get(view.text("kind"))
    text = view.text("text") or view.text("indicator")
    if kind is None or not text:
        return
    key = (kind, view.text("number"))
    goal = sheet.goals.get(key) or GoalRecord(
        kind,
        text,
        key[1],
        indicator=view.text("indicator"),
        unit=view.text("unit"),
        target=view.text("target"),
        target_year=view.year("target_year"),
    )
    year, planned, actual = view.year("year"), view.text("planned"), view.text("actual")
    if not view.ok:
        return
    if year and (planned or actual):
        goal = replace(goal, values=(*goal.values, GoalValue(year, planned, actual)))
    sheet.goals[key] = goal


def _take_contract(view: RowView, sheet: _Sheet) -> None:
    contract = ContractRecord(
        contractor=view.name("contractor", LIMITS["contractor"]),
        corporate_number=view.corporate_number("corporate_number"),
        title=view.name("title", LIMITS["contract_title"]),
        amount=view.yen("amount", MILLION),
        fiscal_year=view.year("year"),
    )
    if not contract.contractor and view.ok:
        view.require("contractor")
    if view.ok:
        sheet.contracts.append(contract)


_TAKERS: Final = {"budgets": _take_budget, "indicators": _take_goal, "suppliers": _take_contract}


# --------------------------------------------------------------------------------------------- identity


class _Identities:
    """Which project each sheet belongs to; see the module's text. ``add`` one year after the other."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[str, str]] = {}  # project → its latest ministry and name
        self.aliases: dict[str, dict[str, None]] = defaultdict(dict)  # project → every id it had, in order
        self.by_id: dict[str, str] = {}  # 事業ID → project
        self.by_sheet: dict[str, str] = {}  # sheet id → project
        self.by_name: dict[tuple[str, str], list[str]] = defaultdict(list)  # latest project last

    def add(self, sheets: Iterable[_Sheet]) -> dict[str, str]:
        """Projects of the sheets of one year: sheet id → project."""
        ordered = sorted(sheets, key=lambda sheet: (self._renamed(sheet), sheet.sheet_id))
        taken: dict[str, str] = {}
        for step in (self._same_id, self._named_as_earlier, self._same_name):
            used = set(taken.values())
            for sheet in ordered:
                if sheet.sheet_id not in taken and (project := step(sheet, used)):
                    taken[sheet.sheet_id] = project
                    used.add(project)
        for sheet in ordered:
            if sheet.sheet_id not in taken:
                taken[sheet.sheet_id] = self._new(sheet, taken.values())
        for sheet in ordered:
            self._remember(sheet, taken[sheet.sheet_id])
        return taken

    def _renamed(self, sheet: _Sheet) -> bool:
        return self.names.get(self.by_id.get(sheet.id, "")) != sheet.name

    def _same_id(self, sheet: _Sheet, used: set[str]) -> str:
        project = self.by_id.get(sheet.id, "")
        return "" if project in used else project

    def _named_as_earlier(self, sheet: _Sheet, used: set[str]) -> str:
        known = (self.by_sheet.get(earlier, "") for earlier in sheet.earlier)
        return next((p for p in known if p and p not in used and self.names[p] == sheet.name), "")

    def _same_name(self, sheet: _Sheet, used: set[str]) -> str:
        return next((project for project in reversed(self.by_name[sheet.name]) if project not in used), "")

    def _new(self, sheet: _Sheet, taken: Collection[str]) -> str:
        free = sheet.id and sheet.id not in self.names and sheet.id not in taken
        return sheet.id if free else sheet.sheet_id

    def _remember(self, sheet: _Sheet, project: str) -> None:
        self.names[project] = sheet.name
        self.by_sheet[sheet.sheet_id] = project
        if sheet.id:
            self.by_id.setdefault(sheet.id, project)
        if project in self.by_name[sheet.name]:
            self.by_name[sheet.name].remove(project)
        self.by_name[sheet.name].append(project)
        owns_id = sheet.id and self.by_id.get(sheet.id) == project
        for alias in (*((sheet.id,) if owns_id else ()), sheet.sheet_id):
            self.aliases[project][alias] = None


def _identified(sheets: Iterable[_Sheet]) -> list[ProjectRecord]:
    """Records with their lasting ids, in year order."""
    by_year: dict[int, list[_Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_year[sheet.year].append(sheet)
    identities, records = _Identities(), []
    for year in sorted(by_year):
        projects = identities.add(by_year[year])
        for sheet in by_year[year]:
            project = projects[sheet.sheet_id]
            others = tuple(alias for alias in identities.aliases[project] if alias != project)
            records.append(_record(sheet, project, others))
    return records


def _record(sheet: _Sheet, project: str, others: tuple[str, ...]) -> ProjectRecord:
    return replace(
        sheet.record,
        external_id=project,
        previous_ids=others,
        years=tuple(sheet.years[year] for year in sorted(sheet.years)),
        goals=tuple(sheet.goals.values()),
        contracts=tuple(sheet.contracts),
        extra={**sheet.record.extra, "sheet_id": sheet.sheet_id},
    )
