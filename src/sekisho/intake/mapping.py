"""Which column of a table is which field of the book: read, check, suggest and write mappings (YAML). No
Django.

A mapping file::

    scheme: table                 # name of the numbering that external_id belongs to
    sheet: 一覧                   # Excel sheet; left out: the first with content
    heading_row: 3                # row of the headings; left out: found by looks
    unit: 千円                    # unit of amounts that do not say another
    fiscal_year: 2024             # year of amounts that do not say another
    organisation_separator: "/"   # a cell like 局/部/課 is split here
    columns:
      external_id: 整理番号
      name: 事業名
      organisation: [局, 課]      # several headings: levels from the top
      approved:
        - {heading: 令和5年度予算額, fiscal_year: 令和5年度, unit: 千円}
    values:
      phase: {稼働: operate}      # words of this table → values of the book
"""

import difflib
import functools
import importlib.resources
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from sekisho.tables.table import Table, heading_key
from sekisho.values import (
    UNITS,
    Problem,
    ValueProblem,
    gettext_noop,
    name_key,
    parse_fiscal_year,
    parse_unit,
    shown,
)

_ = gettext_noop

AMOUNTS: Final = ("requested", "approved", "supplementary", "carried_in", "carried_out", "executed")
#: every field that a column may be
FIELDS: Final = (
    *(
        "external_id",
        "code",
        "name",
        "name_en",
        "summary",
        "purpose",
        "organisation",
        "start_year",
        "end_year",
    ),
    *("phase", "audience", "personal_data", "information_class", "network_zone", "development_form"),
    *("fiscal_year", *AMOUNTS),
    *("contractor", "corporate_number", "contract_title", "contract_method", "contract_amount", "link"),
)
#: fields whose values are words of the book
CHOICES: Final = (
    "phase",
    "audience",
    "personal_data",
    "information_class",
    "network_zone",
    "development_form",
)
#: fields that several columns may fill
SEVERAL: Final = frozenset({"organisation", "summary", "purpose", "link", *AMOUNTS})
_SETTINGS: Final = ("scheme", "sheet", "heading_row", "unit", "fiscal_year", "organisation_separator")
_MAX_BYTES: Final = 1_000_000
#: characters of a scheme that the book can keep
_MAX_SCHEME: Final = 32


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading; ``unit`` (yen in one) and ``fiscal_year`` override those of the mapping."""

    heading: str
    unit: int | None = None
    fiscal_year: int | None = None


@dataclass(frozen=True)
class Mapping:
    """How to read one table; see the module's text. ``values`` maps field → word (as `name_key`) → value."""

    columns: AnyMapping[str, tuple[Column, ...]]
    scheme: str = "table"
    sheet: str = ""
    heading_row: int | None = None
    unit: int = 1
    fiscal_year: int | None = None
    organisation_separator: str = "/"
    values: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)

    def is_heading(self, heading: str) -> bool:
        """Whether a heading is one of those the mapping names."""
        return heading_key(heading) in self._heading_keys

    @functools.cached_property
    def _heading_keys(self) -> frozenset[str]:
        return frozenset(
            heading_key(column.heading) for columns in self.columns.values() for column in columns
        )

    def yearless(self) -> list[tuple[str, Column]]:
        """(field, column) of amounts that belong to no fiscal year; such a mapping is refused."""
        if self.fiscal_year or self.columns.get("fiscal_year"):
            return []
        found = ((name, column) for name in AMOUNTS for column in self.columns.get(name, ()))
        return [(name, column) for name, column in found if column.fiscal_year is None]

    def value_of(self, name: str, word: str) -> str | None:
        """The book's value for a word of this table; None when nobody knows the word."""
        key = name_key(word)
        return self.values.get(name, {}).get(key) or known_words()[name].get(key)


class MappingProblem(Problem):
    """A mapping cannot be used; ``problems`` has every reason, the message is the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.template, first.params, first.mend_template, first.mend_params)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


# ------------------------------------------------------------------------------------------------ words


@functools.cache
def _words() -> dict[str, Any]:
    text = importlib.resources.files("sekisho.intake").joinpath("mappings", "words.yaml").read_text("utf-8")
    return yaml.safe_load(text)


@functools.cache
def known_words() -> dict[str, dict[str, str]]:
    """Field → word (as `name_key`) → value of the book, for the fields of `CHOICES`."""
    found: dict[str, dict[str, str]] = {}
    for name, values in _words()["values"].items():
        found[name] = {name_key(word): value for value, words in values.items() for word in (value, *words)}
    return found


def choices(name: str) -> tuple[str, ...]:
    """The values that a field of `CHOICES` may have."""
    return tuple(_words()["values"][name])


def label(name: str) -> str:
    """A field's name in Japanese."""
    return str(_words()["fields"][name]["label"])


# ------------------------------------------------------------------------------------------------- load


class _StrictLoader(yaml.SafeLoader):
    """Refuses aliases (they can blow up) and keys that stand twice (one would be lost in silence)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [getattr(key, "value", None) for key, _value in node.value]
        for key, (key_node, _value) in zip(keys, node.value, strict=True):
            if isinstance(key, str) and keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"“{key}” stands twice", problem_mark=key_node.start_mark)
        return super().construct_mapping(node, deep)


def load_mapping(source: Path | str) -> Mapping:
    """The mapping in a file (a `Path`) or in YAML text. Raises `MappingProblem` with everything that is
    wrong.
    """
    if not isinstance(source, Path):
        return _checked(_parsed(source))
    try:
        if source.is_file() and source.stat().st_size > _MAX_BYTES:
            raise ValueError("too large")
        text = source.read_text("utf-8-sig")
    except OSError as error:
        problem = Problem(
            _("The file “%(file)s” cannot be opened: %(reason)s."),
            {"file": source.name, "reason": error.strerror or str(error)},
            _("Check the name and that you may read the file."),
        )
        raise MappingProblem([problem]) from error
    except ValueError as error:
        problem = Problem(
            _("The mapping “%(file)s” cannot be read as UTF-8 text."),
            {"file": source.name},
            _("Check the name; save it as UTF-8."),
        )
        raise MappingProblem([problem]) from error
    return _checked(_parsed(text))


def _parsed(text: str) -> dict[Any, Any]:
    try:
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem(
            _("The mapping is not right YAML (line %(line)s): %(reason)s."),
            {
                "line": mark.line + 1 if mark else 1,
                "reason": shown(getattr(error, "problem", None) or "unreadable"),
            },
            _("Compare it with a mapping written by --suggest."),
        )
        raise MappingProblem([problem]) from error
    if not isinstance(content, dict):
        raise MappingProblem(
            [
                Problem(
                    _("The mapping says nothing about columns."),
                    {},
                    _("Begin with one written by --suggest."),
                )
            ]
        )
    return content


def _checked(content: dict[Any, Any]) -> Mapping:
    check = _Check()
    check.names(
        content, (*_SETTINGS, "columns", "values"), _("The mapping has no setting called “%(name)s”.")
    )
    mapping = Mapping(
        columns=check.columns(content.get("columns")),
        scheme=check.text(content, "scheme") or "table",
        sheet=check.text(content, "sheet"),
        heading_row=check.row(content.get("heading_row")),
        unit=check.unit(content.get("unit")) or 1,
        fiscal_year=check.year(content.get("fiscal_year")),
        organisation_separator=check.text(content, "organisation_separator", strip=False) or "/",
        values=check.values(content.get("values")),
    )
    check.sense(mapping)
    if check.problems:
        raise MappingProblem(check.problems)
    return mapping


class _Check:
    """Reads the parts of a mapping and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, template: str, params: dict[str, object], mend: str = "") -> None:
        self.problems.append(Problem(template, params, mend))

    def names(self, found: Iterable[object], known: Sequence[str], template: str) -> None:
        for name in found:
            if name not in known:
                self.say(template, {"name": shown(name), **_close(str(name), known)}, _CLOSE)

    def text(self, content: dict[Any, Any], name: str, *, strip: bool = True) -> str:
        value = content.get(name)
        if value is None:
            return ""
        if isinstance(value, str | int) and len(str(value)) <= 100:
            return str(value).strip() if strip else str(value)
        self.say(_("“%(name)s” must be a short text."), {"name": name})
        return ""

    def row(self, value: object) -> int | None:
        if value is None or (
            isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_048_576
        ):
            return value
        self.say(_("heading_row must be the number of a row, counted from 1."), {})
        return None

    def unit(self, value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, int) and value in UNITS.values():
            return int(value)
        unit = parse_unit(str(value))
        if unit is None:
            self.say(
                _("“%(value)s” is not a unit of money."),
                {"value": shown(value), "units": "、".join(UNITS)},
                _UNITS,
            )
        return unit

    def year(self, value: object) -> int | None:
        if value is None:
            return None
        try:
            return parse_fiscal_year(value)
        except ValueProblem as problem:
            self.problems.append(problem)
            return None

    def columns(self, found: object) -> dict[str, tuple[Column, ...]]:
        if not isinstance(found, dict):
            self.say(
                _("The mapping says nothing about columns."), {}, _("Begin with one written by --suggest.")
            )
            return {}
        self.names(found, FIELDS, _("The book has no field called “%(name)s”."))
        return {
            name: self.column(name, value)
            for name, value in found.items()
            if name in FIELDS and value is not None
        }

    def column(self, name: str, value: object) -> tuple[Column, ...]:
        listed = value if isinstance(value, list) else [value]
        if len(listed) > 1 and name not in SEVERAL:
            self.say(_("The field “%(name)s” takes one column only."), {"name": name})
        return tuple(column for part in listed if (column := self.one_column(name, part)))

    def one_column(self, name: str, part: object) -> Column | None:
        if isinstance(part, str | int) and str(part).strip():
            return Column(str(part).strip())
        if isinstance(part, dict) and str(part.get("heading") or "").strip():
            known = ("heading", "unit", "fiscal_year")
            self.names(part, known, _("A column has no setting called “%(name)s”."))
            return Column(
                str(part["heading"]).strip(), self.unit(part.get("unit")), self.year(part.get("fiscal_year"))
            )
        self.say(_("The field “%(name)s” needs the heading of a column."), {"name": name})
        return None

    def values(self, found: object) -> dict[str, dict[str, str]]:
        if found is None:
            return {}
        if not isinstance(found, dict) or not all(isinstance(words, dict) for words in found.values()):
            self.say(_("“values” must map fields to words and their values."), {})
            return {}
        self.names(found, CHOICES, _("The field “%(name)s” has no list of values."))
        return {name: self.words(name, words) for name, words in found.items() if name in CHOICES}

    def words(self, name: str, words: dict[object, object]) -> dict[str, str]:
        known = choices(name)
        self.names(map(str, words.values()), known, _("“%(name)s” is not a value that the book knows."))
        return {name_key(str(word)): str(value) for word, value in words.items()}

    def sense(self, mapping: Mapping) -> None:
        if len(mapping.scheme) > _MAX_SCHEME:
            self.say(_("The scheme has more than %(limit)s characters."), {"limit": _MAX_SCHEME})
        if self.problems:
            return
        if not mapping.columns.get("name"):
            self.say(_("No column is the name of the project."), {}, _("Write one under columns: name."))
        for name, column in mapping.yearless():
            said: dict[str, object] = {"name": name, "heading": column.heading}
            self.say(_YEARLESS, said, _("Write fiscal_year beside it."))


_CLOSE = _("Did you mean: %(close)s?")
_UNITS = _("Write one of %(units)s.")
_YEARLESS = _("The amounts in “%(heading)s” (%(name)s) belong to no fiscal year.")


def _close(name: str, known: Sequence[str]) -> dict[str, object]:
    close = difflib.get_close_matches(name, known, 3, 0.4)
    return {"close": "、".join(close or known)}


def check_headings(table: Table, mapping: Mapping) -> None:
    """Raises `MappingProblem` that names every heading of the mapping that the table lacks, with similar
    ones.
    """
    missing = [
        Problem(
            _("The table “%(file)s” has no column “%(heading)s” (for %(name)s)."),
            {"file": table.name, "heading": column.heading, "name": name}
            | _close(column.heading, [heading for heading in table.headings if heading]),
            _CLOSE,
        )
        for name, columns in mapping.columns.items()
        for column in columns
        if table.column(column.heading) is None
    ]
    if missing:
        raise MappingProblem(missing)


# ---------------------------------------------------------------------------------------------- suggest

_HEADING_UNIT = re.compile(r"[(\[](?:単位:?)?([十百千万億兆]*円)[)\]]|単位:?([十百千万億兆]*円)")
_HEADING_YEAR = re.compile(
    r"((?:令和|平成|[rh])(?:元|\d{1,2})(?:年度?)?|(?:fy)?(?:19|20)\d{2}(?:年度?)?)(?=\D|$)", re.IGNORECASE
)


def suggests_field(heading: str) -> bool:
    """Whether a heading is understood without a mapping."""
    return bool(_best_field(*_heading_parts(heading))[1])


def suggest(table: Table) -> Mapping:
    """A first mapping from the headings, with years and units that stand in them or in the rows above."""
    best: dict[str, list[tuple[int, int, Column]]] = {}
    for position, heading in enumerate(table.headings):
        core, column = _heading_parts(heading)
        name, score = _best_field(core, column)
        if score:
            best.setdefault(name, []).append((-score, position, column))
    columns: dict[str, tuple[Column, ...]] = {
        name: _chosen(name, best[name]) for name in FIELDS if name in best
    }
    unit = next((unit for text in table.preamble if (unit := _unit_in(text))), 1)
    return Mapping(
        columns=columns,
        sheet=table.sheet if len(table.sheets) > 1 else "",
        heading_row=table.heading_row if table.heading_row > 1 else None,
        unit=unit,
        fiscal_year=next((year for text in table.preamble if (year := _year_in(text))), None),
    )


def _heading_parts(heading: str) -> tuple[str, Column]:
    """What is left of a heading without its year and unit, and the column with both."""
    key = heading_key(heading)
    unit, year = _unit_in(heading), _year_in(heading)
    core = _HEADING_UNIT.sub("", key)
    core = _HEADING_YEAR.sub("", core, count=1) if year else core
    return core.strip("の_:・*※() "), Column(heading, unit, year)


def _unit_in(text: str) -> int | None:
    match = _HEADING_UNIT.search(heading_key(text))
    return parse_unit(match[1] or match[2]) if match else None


def _year_in(text: str) -> int | None:
    match = _HEADING_YEAR.search(heading_key(text))
    if match is None:
        return None
    try:
        return parse_fiscal_year(match[1])
    except ValueProblem:
        return None


@functools.cache
def _heading_words() -> tuple[tuple[str, str], ...]:
    """(word, field), longest words first."""
    fields = _words()["fields"]
    pairs = [(heading_key(word), name) for name in FIELDS for word in fields[name]["headings"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@functools.cache
def _ignored() -> frozenset[str]:
    return frozenset(map(heading_key, _words()["ignored"]))


def _best_field(core: str, column: Column) -> tuple[str, int]:
    """The field a heading suggests: 3 it is one of its words, 2 it ends with one, 1 it begins with one; 0
    none.
    """
    if core in _ignored():
        return "", 0
    for score, fits in ((3, str.__eq__), (2, str.endswith), (1, str.startswith)):
        for word, name in _heading_words():
            if (score == 3 or len(word) > 1) and fits(core, word) and _plausible(name, column):
                return name, score
    return "", 0


def _plausible(name: str, column: Column) -> bool:
    """A heading with a year or unit in it is an amount."""
    return name in {*AMOUNTS, "contract_amount"} or (column.unit is None and column.fiscal_year is None)


def _chosen(name: str, found: list[tuple[int, int, Column]]) -> tuple[Column, ...]:
    """All levels of an organisation in their order; amounts once per year; otherwise the best heading."""
    if name == "organisation":
        return tuple(column for _score, _position, column in sorted(found, key=lambda item: item[1]))
    found = sorted(found, key=lambda item: item[:2])
    if name not in AMOUNTS:
        return (found[0][2],)
    by_year: dict[int | None, Column] = {}
    for _score, _position, column in found:
        by_year.setdefault(column.fiscal_year, column)
    return tuple(sorted(by_year.values(), key=lambda column: column.fiscal_year or 0))


# ------------------------------------------------------------------------------------------------- dump


_YEAR_NOTE = "列や行に年度がない金額の年度（例: 2024、令和6年度）"


def dump(mapping: Mapping, *, presumes_year: bool = False) -> str:
    """The mapping as YAML with explanations in plain Japanese; `load_mapping` reads it back the same.

    ``presumes_year``: the fiscal year stands nowhere in the table, which the explanation then says.
    """
    year = "表に年度がないので仮に入れました。違うときは直してください" if presumes_year else _YEAR_NOTE
    lines = [
        "# 取込みの対応表：表のどの列が、台帳のどの項目かを書きます。",
        "# 行の先頭に # を付けると、その行は読まれません。見出しは表のとおりに書いてください。",
        "",
        f"scheme: {_scalar(mapping.scheme)}  # 番号の体系の名前。翌年の表は同じに、別の表は別の名前に",
        _setting("sheet", mapping.sheet, "Excel のシート名。空なら最初のシート"),
        _setting("heading_row", mapping.heading_row, "見出しの行番号（1から数える）。空なら自動で探します"),
        f"unit: {_unit_name(mapping.unit)}  # 金額の単位（{'、'.join(UNITS)}）",
        _setting("fiscal_year", mapping.fiscal_year, year),
        f"organisation_separator: {_scalar(mapping.organisation_separator)}  # 組織名の区切り（局/部/課）",
        "",
        "columns:",
        *(line for name in FIELDS for line in _column_lines(name, mapping.columns.get(name, ()))),
        "",
        "# 表のことばを台帳の値に読み替えます。よくあることばは書かなくても分かります。",
        *_value_lines(mapping.values),
    ]
    return "\n".join(lines) + "\n"


def _scalar(value: object) -> str:
    """A YAML scalar on one line."""
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _setting(name: str, value: object, comment: str) -> str:
    return f"{name}: {_scalar(value)}  # {comment}" if value else f"# {name}:  # {comment}"


def _unit_name(unit: int) -> str:
    return next(name for name, yen in UNITS.items() if yen == unit)


def _column_lines(name: str, columns: Sequence[Column]) -> list[str]:
    comment = f"  # {label(name)}"
    if not columns:
        required = "  （必須：見出しを書いてください）" if name == "name" else ""
        return [f"  # {name}:{comment}{required}"]
    if len(columns) == 1 and columns[0].unit is None and columns[0].fiscal_year is None:
        return [f"  {name}: {_scalar(columns[0].heading)}{comment}"]
    return [f"  {name}:{comment}", *(f"    - {_column_text(column)}" for column in columns)]


def _column_text(column: Column) -> str:
    parts: dict[str, object] = {"heading": column.heading}
    if column.fiscal_year is not None:
        parts["fiscal_year"] = column.fiscal_year
    if column.unit is not None:
        parts["unit"] = _unit_name(column.unit)
    text = yaml.safe_dump(parts, allow_unicode=True, default_flow_style=True, width=10**9, sort_keys=False)
    return _scalar(column.heading) if len(parts) == 1 else text.strip()


def _value_lines(values: AnyMapping[str, AnyMapping[str, str]]) -> list[str]:
    if not values:
        return ["# values:", "#   phase: {稼働前: build}"]
    text = yaml.safe_dump(
        {"values": {name: dict(words) for name, words in values.items()}}, allow_unicode=True, sort_keys=False
    )
    return text.rstrip("\n").split("\n")


def column_of(heading: str) -> Column:
    """A column with the unit and the fiscal year that stand in its heading."""
    return _heading_parts(heading)[1]
