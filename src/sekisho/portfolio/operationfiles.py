"""Reading months in use or incidents from a CSV or Excel table: rows with exact values, bad ones noted. No Django.

A table with a column of severity lists incidents; any other reports months.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal

from sekisho.intake.reading import RowView, find_columns, views
from sekisho.intake.records import Problems
from sekisho.tables.table import FileProblem, read_table
from sekisho.values import ValueProblem, gettext_noop, parse_date, shown

_ = gettext_noop

FileKind = Literal["months", "incidents"]

#: part → headings it may stand under, in either language
MONTH_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "project": ("project", "code", "プロジェクト", "コード", "事業コード", "事業"),
    "month": ("month", "月", "年月", "対象月", "対象年月"),
    "system": ("system", "システム", "システム名"),
    "availability": ("availability", "availability (%)", "稼働率", "稼働率(%)", "稼働率（％）"),
    "incidents": ("incidents", "障害", "障害件数"),
    "minutes_down": ("minutes_down", "minutes down", "停止時間", "停止時間(分)", "停止分数"),
    "requests": ("requests", "要望", "問合せ", "要望・問合せ", "要望件数", "依頼件数"),
}
INCIDENT_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "project": MONTH_COLUMNS["project"],
    "key": ("key", "number", "incident", "id", "番号", "障害番号", "管理番号"),
    "system": MONTH_COLUMNS["system"],
    "began_on": ("began_on", "began on", "date", "発生日", "発生日時"),
    "severity": ("severity", "重大度", "影響度"),
    "minutes_down": MONTH_COLUMNS["minutes_down"],
    "text": ("text", "what", "what happened", "内容", "概要"),
}
NEEDED: Final[Mapping[FileKind, Sequence[str]]] = {
    "months": ("project", "month"),
    "incidents": ("project", "key", "began_on", "severity"),
}
SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "critical", "重大": "critical", "高": "critical", "high": "critical",
    "major": "major", "中": "major", "middle": "major", "medium": "major",
    "minor": "minor", "軽微": "minor", "低": "minor", "low": "minor",
}  # fmt: skip
MOST_ROWS: Final = 20_000


@dataclass(frozen=True)
class Reading:
    """One row that could be read: its line, the code of its book, and what the service takes."""

    line: int
    code: str
    values: Mapping[str, Any]
    view: RowView = field(compare=False, repr=False)


@dataclass(frozen=True)
class OperationFile:
    """A whole file: what it reports, its rows, and what could not be taken."""

    kind: FileKind
    rows: Sequence[Reading]
    problems: Problems


def read_operation_file(source: Path | str | bytes, name: str = "") -> OperationFile:
    """The rows of a CSV, TSV or Excel file.

    Raises:
        FileProblem: it cannot be read at all, lacks a column, or has too many rows.
    """
    table = read_table(source, name)
    kind: FileKind = "incidents" if table.column(*INCIDENT_COLUMNS["severity"]) is not None else "months"
    wanted = INCIDENT_COLUMNS if kind == "incidents" else MONTH_COLUMNS
    columns = find_columns(table, wanted)
    missing = [key for key in NEEDED[kind] if key not in columns]
    if missing:
        raise FileProblem(
            _("The file “%(file)s” has no column %(columns)s."),
            {"file": table.name, "columns": ", ".join(missing)},
            _("Months need project and month; incidents need project, key, began_on and severity."),
        )
    if len(table.rows) > MOST_ROWS:
        raise FileProblem(
            _("The file “%(file)s” has more than %(limit)s rows."),
            {"file": table.name, "limit": f"{MOST_ROWS:,}"},
            _("Split it into several files."),
        )
    problems = Problems()
    read = _incident if kind == "incidents" else _month
    rows = [made for view in views(table, columns, problems) if (made := read(view))]
    return OperationFile(kind, _once(rows), problems)


#: what a line may say of a month; what it leaves empty stays as it is
SAID = ("availability", "incidents", "minutes_down", "requests")


def _month(view: RowView) -> Reading | None:
    values = {
        "month": view.value("month", parse_month),
        "system": view.name("system", 100),
        "availability": view.value("availability", parse_percent),
        "incidents": view.value("incidents", parse_count),
        "minutes_down": view.value("minutes_down", parse_count),
        "requests": view.value("requests", parse_count),
    }
    if view.ok and values["month"] and all(values[name] is None for name in SAID):
        view.note(
            "month",
            ValueProblem(_("Nothing is said of this month."), {}, _("Fill in a figure, or delete the line.")),
        )
    return _reading(view, values, ("project", "month"))


def _incident(view: RowView) -> Reading | None:
    values = {
        "key": view.name("key", 100),
        "system": view.name("system", 100),
        "began_on": view.value("began_on", parse_date),
        "severity": view.value("severity", parse_severity),
        "minutes_down": view.value("minutes_down", parse_count),
        "text": view.name("text", 500),
    }
    return _reading(view, values, NEEDED["incidents"])


def _reading(view: RowView, values: Mapping[str, Any], needed: Sequence[str]) -> Reading | None:
    for key in needed:
        if view.raw(key) is None:
            view.require(key)
    code = view.name("project", 64)
    return Reading(view.row.number, code, values, view) if view.ok else None


def _once(rows: Sequence[Reading]) -> list[Reading]:
    """Rows, the second of two about the same left out with a note: which of them is meant cannot be known."""
    seen: dict[tuple[Any, ...], int] = {}
    kept = []
    for row in rows:
        about = (row.code, *(row.values.get(name) for name in ("month", "key")), "key" in row.values or row.values["system"])  # fmt: skip
        if about in seen:
            row.view.note(
                "month" if "month" in row.values else "key",
                ValueProblem(
                    _("Line %(line)s reports the same."), {"line": seen[about]}, _("Delete one of the two.")
                ),
            )
            continue
        seen[about] = row.line
        kept.append(row)
    return kept


_YEAR_MONTH = re.compile(r"(?P<year>\d{4}|[^\d/.-]{1,5}\d{1,2}|.{2}元)(?:年|[-/.])(?P<month>\d{1,2})月?")


def parse_month(text: object) -> dt.date:
    """The first day of a month: 2026-10, 2026/10, 202610, 2026年10月, 令和8年10月, or any day of it."""
    if isinstance(text, dt.date):
        return dt.date(text.year, text.month, 1)
    folded = unicodedata.normalize("NFKC", str(text)).replace(" ", "").strip()
    if re.fullmatch(r"\d{6}(?:\.0)?", folded):
        folded = f"{folded[:4]}-{folded[4:6]}"
    if match := _YEAR_MONTH.fullmatch(folded):
        folded = f"{match['year']}年{match['month']}月1日"
    try:
        day = parse_date(folded)
    except ValueProblem:
        raise ValueProblem(
            _("“%(value)s” is not a month."),
            {"value": shown(text)},
            _("Write it like 2026-10 or 令和8年10月."),
        ) from None
    return day.replace(day=1)


def parse_count(text: object) -> int:
    """A whole number from 0: 12, 1,234, １２, 12件, 30分."""
    folded = unicodedata.normalize("NFKC", str(text)).replace(" ", "").strip()
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?(?:件|分|回)?", folded)
    if match is None:
        raise ValueProblem(
            _("“%(value)s” is not a whole number from 0."),
            {"value": shown(text)},
            _("Write digits, such as 12."),
        )
    return int(match[1].replace(",", ""))


def parse_percent(text: object) -> Decimal:
    """A percentage from 0 to 100: 99.95, 99.95%, ９９．９５％; a cell Excel shows as a percentage holds 0.9995."""
    folded = unicodedata.normalize("NFKC", str(text)).replace(" ", "").strip()
    try:
        value = Decimal(folded.removesuffix("%"))
    except InvalidOperation:
        value = Decimal("NaN")
    if isinstance(text, float) and 0 < value <= 1:
        value = (value * 100).quantize(Decimal("0.0001"))
    if not value.is_finite() or not 0 <= value <= 100:
        raise ValueProblem(
            _("“%(value)s” is not a percentage from 0 to 100."),
            {"value": shown(text)},
            _("Write it like 99.95."),
        )
    if 0 < value < 1 and not folded.endswith("%"):
        raise ValueProblem(
            _("“%(value)s” would be less than one percent."),
            {"value": shown(text)},
            _("Write 99.95, not 0.9995."),
        )
    return value


def parse_severity(text: object) -> str:
    """``critical``, ``major`` or ``minor``, in either language."""
    found = SEVERITIES.get(unicodedata.normalize("NFKC", str(text)).strip().casefold())
    if found is None:
        raise ValueProblem(
            _("“%(value)s” is no severity."),
            {"value": shown(text)},
            _("Write critical, major or minor (重大, 中, 軽微)."),
        )
    return found
