"""Read the CSV files of the RS system (行政事業レビュー, rssystem.go.jp) as project records. No Django.

Files are recognised by their headings, so their names do not matter: 1-1 organisation, 1-2 overview, 2-1
budget and execution, 3-2 logic model, 5-4 contracts, 6-1 remarks. Amounts are yen.

How the words of the source map: 当初予算 → approved; 補正予算 + 予備費等 → supplementary;
前年度からの繰越し → carried_in; 翌年度への繰越し → carried_out; 執行額 → executed; 翌年度要求額 of year Y →
requested of year Y + 1. Only the rows of totals （合計） are read, not those per account. The sheet of a
year is written before that year is over, so its zeros under executed and carried_out mean “not yet known”.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sekisho.intake.reading import Progress, RowView, find_columns, read_folder, views
from sekisho.intake.records import (
    LIMITS,
    ContractRecord,
    GoalKind,
    GoalRecord,
    ImportSet,
    Place,
    Problems,
    ProjectRecord,
    YearRecord,
    import_set,
)
from sekisho.tables.table import FileProblem, Table, heading_key
from sekisho.values import ValueProblem, gettext_noop

_ = gettext_noop

SCHEME: Final = "rs"

#: source year and 予算事業ID
Key = tuple[int, str]

_OF_CONTRACT = "（国庫債務負担行為等による契約）"
_LEVELS: Final = ("ministry", "bureau", "department", "division", "office", "group", "unit")
_COMMON: Final[dict[str, tuple[str, ...]]] = {
    "source_year": ("事業年度",),
    "id": ("予算事業ID",),
    "name": ("事業名",),
    "ministry": ("府省庁", "政策所管府省庁", "所管府省庁"),
    "bureau": ("局・庁",),
    "department": ("部",),
    "division": ("課",),
    "office": ("室",),
    "group": ("班",),
    "unit": ("係",),
}
_METHODS: Final = ("直接実施", "補助", "負担", "交付", "分担金・拠出金", "その他")
_COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "overview": {
        "purpose": ("事業の目的",),
        "situation": ("現状・課題",),
        "summary": ("事業の概要",),
        "link": ("事業概要URL",),
        "category": ("事業区分",),
        "start": ("事業開始年度",),
        "end": ("事業終了（予定）年度",),
        "expense": ("主要経費",),
        "remarks": ("備考",),
        "previous": ("旧事業番号",),
    }
    | {f"method:{method}": (f"実施方法ー{method}",) for method in _METHODS},
    "organisation": {
        level: (f"{names[-1]}（その他担当組織）",) for level, names in _COMMON.items() if level in _LEVELS[1:]
    }
    | {"ministry": ("府省庁（その他担当組織）",)},
    "budget": {
        "fiscal_year": ("予算年度",),
        "approved": ("当初予算（合計）",),
        "supplementary": ("補正予算（合計）",),
        "carried_in": ("前年度からの繰越し（合計）",),
        "reserve": ("予備費等（合計）",),
        "executed": ("執行額（合計）",),
        "carried_out": ("翌年度への繰越し（合計）",),
        "requested": ("翌年度要求額（合計）",),
    },
    "logic": {
        "from_number": ("派生元ーアクティビティ・アウトプット・アウトカムの番号",),
        "from_kind": ("派生元ー種別（アクティビティ・アウトプット・アウトカム）",),
        "from_term": ("派生元ーアウトカムの期間",),
        "from_text": ("派生元ーアクティビティの内容/ 活動目標／成果目標",),
        "to_number": ("派生先ーアクティビティ・アウトプット・アウトカムの番号",),
        "to_kind": ("派生先ー種別（アクティビティ・アウトプット・アウトカム）",),
        "to_term": ("派生先ーアウトカムの期間",),
        "to_text": ("派生先ー 活動目標／成果目標", "派生先ーアクティビティの内容/ 活動目標／成果目標"),
    },
    "contracts": {
        "contractor": ("契約先名" + _OF_CONTRACT,),
        "corporate_number": ("契約先の法人番号" + _OF_CONTRACT,),
        "title": ("契約概要（契約名）" + _OF_CONTRACT,),
        "amount": ("契約額" + _OF_CONTRACT,),
        "method": ("契約方式等" + _OF_CONTRACT,),
    },
    "remarks": {"remarks": ("備考",)},
}
#: a table is of the first kind whose headings it has all
_SIGNS: Final = (
    ("overview", ("事業の概要",)),
    ("budget", ("予算年度", "当初予算（合計）")),
    ("organisation", ("府省庁（その他担当組織）",)),
    ("logic", ("派生元ー種別（アクティビティ・アウトプット・アウトカム）",)),
    ("contracts", ("契約先名" + _OF_CONTRACT,)),
)
_KINDS: Final[dict[str, GoalKind]] = {
    "アクティビティ": "activity",
    "アウトプット": "output",
    "アウトカム": "outcome",
}


@dataclass(slots=True)
class _Gathered:
    """What the files say about one project and year, before it becomes a record."""

    overview: ProjectRecord | None = None
    failed: bool = False
    expenses: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    others: list[tuple[str, ...]] = field(default_factory=list)
    years: dict[int, YearRecord] = field(default_factory=dict)
    asked_later: dict[int, int] = field(default_factory=dict)
    goals: dict[tuple[str, str, str, str], GoalRecord] = field(default_factory=dict)
    contracts: list[ContractRecord] = field(default_factory=list)
    first_seen: Place | None = None


def read_rs(folder: Path | str, *, progress: Progress | None = None) -> ImportSet:
    """All projects of the RS files in a folder, one record per project and source year.

    Raises `FileProblem` when a file cannot be read or the overview (1-2) is missing; rows that cannot be
    understood are in ``problems``. ``progress(rows, file)`` is called every 500 rows.
    """
    folder = Path(folder)
    tables = [(kind, table) for table in read_folder(folder) if (kind := _kind_of(table))]
    if not any(kind == "overview" for kind, _table in tables):
        raise FileProblem(
            _("The folder “%(file)s” lacks the overview of the projects (file 1-2 of the RS system)."),
            {"file": folder.name},
            _("Download “1-2 基本情報_事業概要等” and put the CSV file there."),
        )
    return _read_tables(tables, progress)


def _kind_of(table: Table) -> str:
    if not table.has("予算事業ID"):
        return ""
    for kind, headings in _SIGNS:
        if table.has(*headings):
            return kind
    known = {heading_key(name) for names in _COMMON.values() for name in names}
    known |= {heading_key(name) for name in ("シート種別", "建制順", "備考")}
    return "remarks" if table.has("備考") and {heading_key(name) for name in table.headings} <= known else ""


def _read_tables(tables: Iterable[tuple[str, Table]], progress: Progress | None) -> ImportSet:
    gathered: dict[Key, _Gathered] = defaultdict(_Gathered)
    problems, rows = Problems(), 0
    order = ["overview", *(kind for kind in _COLUMNS if kind != "overview")]
    for kind, table in sorted(tables, key=lambda pair: order.index(pair[0])):
        columns = find_columns(table, {**_COMMON, **_COLUMNS[kind]})
        for view in views(table, columns, problems, progress, rows):
            _take(kind, view, gathered)
        rows += len(table.rows)
    _note_orphans(gathered, problems)
    records = [_record(found) for found in gathered.values() if found.overview is not None]
    return import_set(SCHEME, records, problems.found, rows)


def _take(kind: str, view: RowView, gathered: dict[Key, _Gathered]) -> None:
    key = _key(view)
    if key is None:
        return
    found = gathered[key]
    found.first_seen = found.first_seen or view.place
    if kind == "overview":
        _take_overview(view, key, found)
    elif kind == "budget":
        _take_budget(view, key[0], found)
    elif kind == "organisation":
        _take_organisation(view, found)
    elif kind == "logic":
        _take_goal(view, "from", found)
        _take_goal(view, "to", found)
    elif kind == "contracts":
        _take_contract(view, key[0], found)
    elif remark := view.text("remarks"):
        found.remarks.append(remark)


def _key(view: RowView) -> Key | None:
    year, identity = view.year("source_year"), view.name("id", LIMITS["external_id"])
    for key, value in (("source_year", year), ("id", identity)):
        if not value and view.ok:
            view.require(key)
    return (year, identity) if year and identity and view.ok else None


def _take_overview(view: RowView, key: Key, found: _Gathered) -> None:
    if expense := view.text("expense"):
        found.expenses.append(expense)
    record = _overview(view, key)
    if record is None:
        found.failed = True
    elif found.overview is None:
        found.overview = record
    elif found.overview.name != record.name:
        view.note("name", _named_twice(found.overview), warning=True)


def _named_twice(first: ProjectRecord) -> ValueProblem:
    return ValueProblem(
        _("The same id has another name, “%(name)s”, on line %(line)s; that one was taken."),
        {"name": first.name, "line": first.place.line},
        _("Check which name is right."),
    )


def _overview(view: RowView, key: Key) -> ProjectRecord | None:
    name = view.name("name", LIMITS["name"])
    if not name and view.ok:
        view.require("name")
    extra = {
        "situation": view.text("situation"),
        "category": view.text("category"),
        "remarks": view.text("remarks"),
    }
    methods = tuple(method for method in _METHODS if view.raw(f"method:{method}") is not None)
    record = ProjectRecord(
        scheme=SCHEME,
        external_id=key[1],
        source_year=key[0],
        name=name,
        place=view.place,
        summary=view.text("summary"),
        purpose=view.text("purpose"),
        organisation_path=view.path(_LEVELS),
        start_year=view.year("start"),
        end_year=view.year("end"),
        links=addresses(view.text("link")),
        previous_ids=_previous_ids(view.text("previous")),
        extra={name: text for name, text in extra.items() if text}
        | ({"methods": methods} if methods else {}),
    )
    return record if view.ok else None


def addresses(text: str) -> tuple[str, ...]:
    """The web addresses in a text, also when they are written without anything between them."""
    parts = re.split(r"(?=https?://)", text)
    return tuple(dict.fromkeys(part.split()[0].rstrip("、。,") for part in parts if part.startswith("http")))


def _previous_ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[、,\s]+", text) if part)[:20]


def _take_organisation(view: RowView, found: _Gathered) -> None:
    path = view.path(_LEVELS)
    if path and path not in found.others:
        found.others.append(path)


def _take_budget(view: RowView, source_year: int, found: _Gathered) -> None:
    if view.raw("approved") is None:
        return
    year = view.year("fiscal_year")
    over = year is not None and year < source_year
    record = YearRecord(
        fiscal_year=year or 0,
        approved=view.yen("approved"),
        supplementary=_sum(view.yen("supplementary"), view.yen("reserve")),
        carried_in=view.yen("carried_in"),
        carried_out=_known(view.yen("carried_out"), over),
        executed=_known(view.yen("executed"), over),
    )
    requested = view.yen("requested")
    if year is None and view.ok:
        view.require("fiscal_year")
    if not view.ok or year is None:
        return
    found.years[year] = record
    if requested is not None:
        found.asked_later[year + 1] = requested


def _sum(*amounts: int | None) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _known(amount: int | None, year_is_over: bool) -> int | None:
    return amount if year_is_over or amount else None


def _take_goal(view: RowView, side: str, found: _Gathered) -> None:
    text = view.text(f"{side}_text")
    kind = _KINDS.get(view.text(f"{side}_kind"))
    if not text or kind is None:
        return
    goal = GoalRecord(kind, text, view.text(f"{side}_number"), view.text(f"{side}_term"))
    found.goals.setdefault((goal.kind, goal.number, goal.term, goal.text), goal)


def _take_contract(view: RowView, source_year: int, found: _Gathered) -> None:
    """The list names contracts of the year before the sheet's."""
    if view.raw("contractor") is None:
        return
    contract = ContractRecord(
        contractor=view.name("contractor", LIMITS["contractor"]),
        corporate_number=view.corporate_number("corporate_number"),
        title=view.name("title", LIMITS["contract_title"]),
        method=view.name("method", LIMITS["contract_method"]),
        amount=view.yen("amount"),
        fiscal_year=source_year - 1,
    )
    if view.ok:
        found.contracts.append(contract)


def _note_orphans(gathered: dict[Key, _Gathered], problems: Problems) -> None:
    """One note for each id that other files speak of and the overview does not have."""
    for (_year, identity), found in gathered.items():
        if found.overview is None and not found.failed and found.first_seen is not None:
            problem = ValueProblem(
                _("The overview (1-2) has no project with this id; its rows were left out."),
                {},
                _("Take all files from the same download."),
            )
            problems.add(found.first_seen, "予算事業ID", identity, problem)


def _record(found: _Gathered) -> ProjectRecord:
    assert found.overview is not None
    extra = dict(found.overview.extra)
    remarks = "\n".join(dict.fromkeys([*filter(None, [str(extra.get("remarks", ""))]), *found.remarks]))
    extra |= {"remarks": remarks} if remarks else {}
    extra |= {"expenses": tuple(dict.fromkeys(found.expenses))} if found.expenses else {}
    extra |= {"other_organisations": tuple(found.others)} if found.others else {}
    return replace(
        found.overview,
        years=_years(found),
        goals=tuple(found.goals.values()),
        contracts=tuple(found.contracts),
        extra=extra,
    )


def _years(found: _Gathered) -> tuple[YearRecord, ...]:
    """Years in order, requests moved to the year they are for; a request of nothing alone makes no year."""
    years = dict(found.years)
    for year, amount in found.asked_later.items():
        if year in years or amount:
            years[year] = replace(years.get(year, YearRecord(year)), requested=amount)
    return tuple(years[year] for year in sorted(years))
