"""What the registry page is put together from: columns, cells, filter menus and their addresses.

Cells are finished markup, made once a row here, because fifty rows through template tags cost more than
everything else on the page.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import DevelopmentForm, Phase, Tier
from sekisho.book.models.vocabulary import Confidence, PersonalData
from sekisho.book.queries.registry import SORTS, Query, Sort
from sekisho.book.roads import road_from
from sekisho.people.models import Organisation
from sekisho.web.templatetags.web import date_long, relative_day, state_mark, yen

MANY = ("phase", "tier", "audience", "personal")
ONE = ("q", "org", "state", "confidence", "due", "sort")


def kept(params: QueryDict, **changes: str) -> str:
    """The query of the address with only what the registry knows, without ``after``; changes replace, empty removes."""
    query = QueryDict(mutable=True)
    for name in MANY:
        query.setlist(name, [v for v in params.getlist(name) if v])
    for name in ONE:
        if value := params.get(name):
            query[name] = value
    if columns := [v for v in params.getlist("cols") if v]:
        query["cols"] = ",".join(columns)
    for name, value in changes.items():
        query.setlist(name, [value] if value else [])
    return query.urlencode(safe=",")


def toggled(params: QueryDict, name: str, value: str) -> str:
    """The query with one value of a filter switched on or off."""
    copy = params.copy()
    values = copy.getlist(name)
    copy.setlist(name, [v for v in values if v != value] if value in values else [*values, value])
    return f"?{kept(copy)}"


Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of choice: its heading, how its cell is drawn, its sort (name of ``SORTS``), its class."""

    name: str
    label: Any
    cell: Callable[[Row], Any]
    sort: str = ""
    css: str = ""


def _road(row: Row) -> SafeString:
    closed = "retired" if row["retired_at"] else "stopped" if row["stopped_at"] else ""
    return road_from(row["phase"], row["road"], closed=closed).svg("strip")


def _owner(row: Row) -> str:
    return (get_language() == "en" and row["owner__name_en"]) or row["owner__name"]


def _phase(row: Row) -> Any:
    if row["retired_at"]:
        return _closed_mark("retired", "")
    if row["stopped_at"]:
        return _closed_mark("stop", str(_("Stopped")))
    return _phase_words(row["phase"], row["tier"] == Tier.FOCUS, get_language() or "ja")


def _closed_mark(code: str, word: str) -> SafeString:
    return state_mark(code, word)


@lru_cache(maxsize=32)
def _phase_words(phase: str, focus: bool, language: str) -> SafeString:
    """The phase, and for a focus project a badge that says so."""
    badge = format_html(' <span class="badge accent">{}</span>', Tier.FOCUS.label) if focus else ""
    return format_html("{}{}", Phase(phase).label, badge)


def _tier(row: Row) -> SafeString:
    return _tier_badge(row["tier"], get_language() or "ja")


@lru_cache(maxsize=16)
def _tier_badge(tier: str, language: str) -> SafeString:
    css = "badge accent" if tier == Tier.FOCUS else "badge"
    return format_html('<span class="{}">{}</span>', css, Tier(tier).label)


def _confidence(row: Row) -> SafeString:
    return _confidence_mark(row["confidence"], get_language() or "ja")


@lru_cache(maxsize=16)
def _confidence_mark(value: int | None, language: str) -> SafeString:
    """Five steps as filled squares, the number and the word for screen readers and on hover."""
    if value is None:
        return format_html('<span class="not-entered">{}</span>', gettext("not reported"))
    steps = format_html('{}<span class="confidence-rest">{}</span>', "■" * value, "□" * (5 - value))
    css = "confidence is-low" if value <= 2 else "confidence"
    shown = '<span class="{}" title="{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>'
    return format_html(shown, css, Confidence(value).label, steps, Confidence(value).label)


def _due(row: Row) -> SafeString | str:
    due = row["next_gate_due"]
    if due is None:
        return ""
    if due < timezone.localdate():
        return format_html('<span class="late">{} {}</span>', gettext("Overdue"), date_long(due))
    return relative_day(due)


COLUMNS = {
    column.name: column
    for column in (
        Column("road", _("Road"), _road, css="road-cell"),
        Column("owner", _("Owner section"), _owner, css="owner-cell"),
        Column("phase", _("Phase"), _phase, css="phase-cell"),
        Column("tier", _("Tier"), _tier),
        Column("money", _("Money this year"), lambda row: yen(row["money_this_year"]), "money", "number"),
        Column("confidence", _("Confidence"), _confidence, "confidence", "confidence-cell"),
        Column("due", _("Next gate due"), _due, "due"),
        Column("personal", _("Personal data"), lambda row: PersonalData(row["personal_data"]).label),
        Column("form", _("Development form"), lambda row: DevelopmentForm(row["development_form"]).label),
        Column(
            "updated",
            _("Last touched"),
            lambda row: relative_day(timezone.localtime(row["updated_at"])),
            "updated",
            "updated-cell",
        ),
    )
}
DEFAULT_COLUMNS = ("road", "owner", "phase", "money", "confidence", "updated")


def chosen_columns(params: QueryDict) -> list[Column]:
    """Columns asked for by ``cols`` (comma separated or repeated), in their usual order."""
    wanted = {name for text in params.getlist("cols") for name in text.split(",")}
    names = [name for name in COLUMNS if name in wanted] or DEFAULT_COLUMNS
    return [COLUMNS[name] for name in names]


@dataclass(frozen=True)
class TableRow:
    """A finished row: where it leads, code, name, and the markup of its further cells."""

    url: str
    code: str
    name: str
    cells: SafeString


def table_rows(rows: Iterable[Row], columns: Sequence[Column]) -> list[TableRow]:
    """Rows ready to be written out."""
    english = get_language() == "en"
    base = reverse("book:book", args=["CODE"])
    opened = [(f'<td class="{column.css}">' if column.css else "<td>", column.cell) for column in columns]
    return [
        TableRow(
            base.replace("CODE", quote(row["code"], safe="~:@")),
            row["code"],
            (english and row["name_en"]) or row["name"],
            _cells(row, opened),
        )
        for row in rows
    ]


def _cells(row: Row, opened: Sequence[tuple[str, Callable[[Row], Any]]]) -> SafeString:
    markup = "".join(f"{start}{conditional_escape(cell(row))}</td>" for start, cell in opened)
    return mark_safe(markup)  # noqa: S308 - every cell is escaped or finished markup


@dataclass(frozen=True)
class Head:
    """A heading: label, address that sorts by it (or empty), direction now (``ascending``, ``descending`` or empty)."""

    label: Any
    url: str
    direction: str
    css: str


def head_cells(columns: Sequence[Column], sort: Sort, params: QueryDict) -> list[Head]:
    """Headings of the columns; the first two are those of code and name."""
    first = [_head(_("Code"), "code", "", sort, params), _head(_("Name"), "name", "", sort, params)]
    return first + [_head(c.label, c.sort, c.css, sort, params) for c in columns]


#: orders people want from the top: newest, most, soonest
_DOWN_FIRST = {"updated", "money"}


def _head(label: Any, name: str, css: str, sort: Sort, params: QueryDict) -> Head:
    if not name:
        return Head(label, "", "", css)
    current = sort.name.lstrip("-") == name
    turned = name if sort.down else f"-{name}"
    wanted = turned if current else f"-{name}" if name in _DOWN_FIRST else name
    direction = ("descending" if sort.down else "ascending") if current else ""
    return Head(label, f"?{kept(params, sort=wanted if wanted in SORTS else '')}", direction, css)


@dataclass(frozen=True)
class Option:
    """One choice of a filter menu."""

    label: Any
    url: str
    on: bool


@dataclass(frozen=True)
class Menu:
    """A filter that opens: its options switch at one click."""

    name: str
    label: Any
    options: list[Option]

    @property
    def chosen(self) -> int:
        return sum(option.on for option in self.options)


AUDIENCE_LABELS = {"citizens": _("Citizens"), "businesses": _("Businesses"), "staff": _("Staff")}
STATE_LABELS = {
    "active": _("Under way"),
    "barred": _("Barred"),
    "ready": _("Nothing bars the gate"),
    "retired": _("Retired"),
    "stopped": _("Stopped"),
}
MAX_ORGANISATIONS = 300


@dataclass(frozen=True)
class Bar:
    """The filters above the list: menus, the organisations to choose from, and a chip for each filter in force."""

    menus: list[Menu]
    organisations: list[tuple[int, str, bool]]
    active: list[Option]
    hidden: list[tuple[str, str]]
    columns: list[tuple[str, Any, bool]]
    clear: str

    @classmethod
    def of(cls, query: Query, params: QueryDict) -> "Bar":
        """For a query as it stands in the address."""
        menus = _menus(query, params)
        shown = {c.name for c in chosen_columns(params)}
        plain = QueryDict(kept(params))
        return cls(
            menus=menus,
            organisations=organisations_to_choose(query),
            active=_active(query, params, menus),
            hidden=[(name, value) for name, values in plain.lists() for value in values],
            columns=[(c.name, c.label, c.name in shown) for c in COLUMNS.values()],
            clear=f"?{kept(QueryDict(), sort=params.get('sort', ''), cols=','.join(params.getlist('cols')))}",
        )

    def hidden_without(self, *names: str) -> list[tuple[str, str]]:
        """Fields that carry the rest of the query along in a form that asks for ``names``."""
        return [(name, value) for name, value in self.hidden if name not in names]

    @property
    def hidden_for_search(self) -> list[tuple[str, str]]:
        return self.hidden_without("q")

    @property
    def hidden_for_organisation(self) -> list[tuple[str, str]]:
        return self.hidden_without("org")

    @property
    def hidden_for_due(self) -> list[tuple[str, str]]:
        return self.hidden_without("due")

    @property
    def hidden_for_columns(self) -> list[tuple[str, str]]:
        return self.hidden_without("cols")


def _menus(query: Query, params: QueryDict) -> list[Menu]:
    several = (
        ("phase", _("Phase"), Phase.choices, query.phases),
        ("tier", _("Tier"), Tier.choices, query.tiers),
        ("audience", _("Audience"), list(AUDIENCE_LABELS.items()), query.audiences),
        ("personal", _("Personal data"), PersonalData.choices, query.personal_data),
    )
    menus = [
        Menu(
            name, label, [Option(text, toggled(params, name, value), value in on) for value, text in choices]
        )
        for name, label, choices, on in several
    ]
    states = [
        _single(params, "state", value, text, query.state == value) for value, text in STATE_LABELS.items()
    ]
    return [Menu("state", _("State"), states), *menus]


def _single(params: QueryDict, name: str, value: str, label: Any, on: bool) -> Option:
    return Option(label, f"?{kept(params, **{name: '' if on else value})}", on)


def organisations_to_choose(query: Query) -> list[tuple[int, str, bool]]:
    """(key, name set in by its depth, whether it is the one asked for)."""
    rows = Organisation.objects.order_by("path")[:MAX_ORGANISATIONS]
    found = [(o.pk, "　" * o.depth + o.local_name, o.pk == query.organisation) for o in rows]
    if query.organisation and not any(on for _pk, _name, on in found):
        found += [(o.pk, o.local_name, True) for o in Organisation.objects.filter(pk=query.organisation)]
    return found


def _active(query: Query, params: QueryDict, menus: list[Menu]) -> list[Option]:
    """Filters in force; each chip's address takes it off."""
    chips = []
    if query.q:
        chips.append(Option(gettext("“%(words)s”") % {"words": query.q}, f"?{kept(params, q='')}", True))
    for menu in menus:
        chips += [Option(f"{menu.label}: {o.label}", o.url, True) for o in menu.options if o.on]
    if query.organisation is not None:
        asked = Organisation.objects.filter(pk=query.organisation).first()
        label = asked.local_name if asked else gettext("Unknown organisation")
        chips.append(Option(label, f"?{kept(params, org='')}", True))
    if query.unsure:
        chips.append(Option(gettext("Confidence 2 or less"), f"?{kept(params, confidence='')}", True))
    if query.due_before:
        words = gettext("Gate due before %(day)s") % {"day": _day_words(query)}
        chips.append(Option(words, f"?{kept(params, due='')}", True))
    return chips


def _day_words(query: Query) -> str:
    from sekisho.web import formats

    return formats.date_long(query.due_before, get_language())
