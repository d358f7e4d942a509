"""The registry: which books a query of the address means, in which order, and one stretch of them.

``filtered`` is the one meaning of a query; page, total and export share it. ``stretch`` reads one stretch of it
at a cost that does not grow with the registry: a handful of matches is sorted here, many are met by walking
the index of the sort order. Neither counts everything nor skips rows by number.
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from sekisho.book import fiscal
from sekisho.book.models import BudgetYear, Phase, Project, Tier
from sekisho.book.models.project import ProjectQuerySet
from sekisho.book.models.vocabulary import PersonalData
from sekisho.book.queries.search import ids_matching, matching
from sekisho.book.search_tokens import query_terms
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.web.asked import whole_number

PAGE = 50
#: up to this many matches are counted and sorted here; above, the page walks an index and the total comes later
NARROW = 2_000
MAX_QUERY = 200

AUDIENCES = ("citizens", "businesses", "staff")
STATES = ("active", "barred", "ready", "retired", "stopped")


@dataclass(frozen=True)
class Sort:
    """An order of the registry. ``ties_down``: equal values by id downward, as the index has them."""

    name: str
    field: str
    down: bool = False
    ties_down: bool = False
    nullable: bool = False

    @property
    def ordering(self) -> tuple[Any, ...]:
        """For ``order_by``; missing values last."""
        column = F(self.field)
        first = (
            column.desc(nulls_last=self.nullable or None)
            if self.down
            else column.asc(nulls_last=self.nullable or None)
        )
        return first, self.id_order

    @property
    def index_ordering(self) -> tuple[str, str]:
        """For ``order_by`` where no value is missing; every index has it."""
        return ("-" if self.down else "") + self.field, self.id_order

    @property
    def id_order(self) -> str:
        return "-id" if self.ties_down else "id"


SORTS = {
    s.name: s
    for s in (
        Sort("code", "code"),
        Sort("-code", "code", down=True, ties_down=True),
        Sort("name", "name"),
        Sort("-name", "name", down=True, ties_down=True),
        Sort("updated", "updated_at", ties_down=True),
        Sort("-updated", "updated_at", down=True),
        Sort("money", "money_this_year", ties_down=True),
        Sort("-money", "money_this_year", down=True),
        Sort("due", "next_gate_due", nullable=True),
        Sort("-due", "next_gate_due", down=True, ties_down=True, nullable=True),
        Sort("confidence", "confidence", nullable=True),
        Sort("-confidence", "confidence", down=True, ties_down=True, nullable=True),
    )
}
DEFAULT_SORT = "code"


@dataclass(frozen=True)
class Query:
    """What the address asks for. Unknown values are left out, so an old link still opens."""

    q: str = ""
    phases: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    organisation: int | None = None
    audiences: tuple[str, ...] = ()
    personal_data: tuple[str, ...] = ()
    state: str = ""
    unsure: bool = False
    due_before: dt.date | None = None
    sort: Sort = SORTS[DEFAULT_SORT]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order is asked."""
        return self != Query(sort=self.sort)


def read_query(params: QueryDict) -> Query:
    """``q, phase*, tier*, org, audience*, personal*, state, confidence=low, due=YYYY-MM-DD, sort``."""
    return Query(
        q=params.get("q", "").replace("\x00", "").strip()[:MAX_QUERY],
        phases=_known(params.getlist("phase"), Phase.values),
        tiers=_known(params.getlist("tier"), Tier.values),
        organisation=whole_number(params.get("org", ""), 15),
        audiences=_known(params.getlist("audience"), AUDIENCES),
        personal_data=_known(params.getlist("personal"), PersonalData.values),
        state=next(iter(_known([params.get("state", "")], STATES)), ""),
        unsure=params.get("confidence") == "low",
        due_before=_day(params.get("due", "")),
        sort=SORTS.get(params.get("sort", ""), SORTS[DEFAULT_SORT]),
    )


def _known(given: Iterable[str], allowed: Sequence[str]) -> tuple[str, ...]:
    wanted = set(given)
    return tuple(value for value in allowed if value in wanted)


def _day(text: str) -> dt.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def filtered(actor: Actor, params: QueryDict) -> QuerySet[Project]:
    """The books this person may see and this query means, in its order. The whole list: for export and API."""
    query = read_query(params)
    return matching(_without_words(actor, query), query.q).order_by(*query.sort.ordering)


def _without_words(actor: Actor, query: Query) -> QuerySet[Project]:
    books = Project.objects.visible_to(actor).order_by()
    for condition in _conditions(query):
        books = books.filter(condition)
    return books


def _conditions(query: Query) -> Iterable[Q]:
    if query.phases:
        yield Q(phase__in=query.phases)
    if query.tiers:
        yield Q(tier__in=query.tiers)
    if query.organisation is not None:
        yield Q(owner__in=below(query.organisation))
    if query.audiences:
        yield Q(*((f"for_{audience}", True) for audience in query.audiences), _connector=Q.OR)
    if query.personal_data:
        yield Q(personal_data__in=query.personal_data)
    if query.state:
        yield _STATE_CONDITIONS[query.state]
    if query.unsure:
        yield Q(confidence__lte=2)
    if query.due_before:
        yield Q(next_gate_due__lt=query.due_before)


_OPEN = Q(retired_at__isnull=True, stopped_at__isnull=True)
_STATE_CONDITIONS = {
    "active": _OPEN,
    "barred": _OPEN & Q(blocker_count__gt=0),
    "ready": _OPEN & Q(blocker_count=0),
    "retired": Q(retired_at__isnull=False),
    "stopped": Q(stopped_at__isnull=False),
}


def below(organisation_id: int) -> QuerySet[Organisation, Any]:
    """Ids of an organisation and everything under it."""
    top = Organisation.objects.filter(pk=organisation_id).first()
    below = Organisation.objects.filter(path__startswith=top.path) if top else Organisation.objects.none()
    return below.order_by().values("pk")


@dataclass(frozen=True)
class Total:
    """How many books, and their money of this fiscal year in yen."""

    count: int
    money: int

    @property
    def shown(self) -> str:
        """The count with separators."""
        return f"{self.count:,}"


def total_of(actor: Actor, params: QueryDict) -> Total:
    """Exact, and slow over a large registry: ask for it after the page is shown."""
    sums = filtered(actor, params).order_by().aggregate(n=Count("pk"), money=Sum("money_this_year"))
    return Total(sums["n"], sums["money"] or 0)


@dataclass(frozen=True)
class Stretch:
    """Ids in order, the cursor that continues the list (empty at its end), and the total where it is known."""

    ids: list[int]
    following: str
    total: Total | None


def stretch(actor: Actor, params: QueryDict, *, limit: int = PAGE) -> Stretch:
    """One stretch of the list, from ``params["after"]`` on. At most seven queries, whatever the registry's size."""
    query = read_query(params)
    cursor = _read_cursor(query.sort, params.get("after", ""))
    books = _without_words(actor, query)
    narrow, rest = _probe(books, query.q)
    if narrow is not None:
        return _sorted_here(narrow, query.sort, cursor, limit)
    return _walked(rest, query.sort, cursor, limit)


def _probe(books: QuerySet[Project], text: str) -> tuple[list[int] | None, QuerySet[Project]]:
    """Ids of all matches when they are few; else None, and the query to walk with."""
    if not query_terms(text):
        return _few(books.values_list("pk", flat=True)), books
    hits = ids_matching(text, NARROW)
    if hits is not None:
        return list(books.filter(pk__in=hits).values_list("pk", flat=True)), books
    among = _few(books.values_list("pk", flat=True))
    if among is not None:
        return list(
            matching(Project.objects.filter(pk__in=among).order_by(), text).values_list("pk", flat=True)
        ), books
    return None, matching(books, text)


def _few(ids: QuerySet[Project, int]) -> list[int] | None:
    found = list(ids[: NARROW + 1])
    return found if len(found) <= NARROW else None


Key = tuple[Any, int]


def _sorted_here(ids: Sequence[int], sort: Sort, cursor: Key | None, limit: int) -> Stretch:
    rows = list(
        Project.objects.filter(pk__in=ids).order_by().values_list("pk", sort.field, "money_this_year")
    )
    total = Total(len(rows), sum(money for _pk, _value, money in rows))
    ordered = _in_order([(value, pk) for pk, value, _money in rows], sort)
    if cursor is not None:
        ordered = [key for key in ordered if _is_behind(key, cursor, sort)]
    return _cut(ordered, sort, limit, total)


def _in_order(keys: list[Key], sort: Sort) -> list[Key]:
    known = sorted((k for k in keys if k[0] is not None), key=lambda k: k[1], reverse=sort.ties_down)
    known.sort(key=lambda k: k[0], reverse=sort.down)
    missing = sorted((k for k in keys if k[0] is None), key=lambda k: k[1], reverse=sort.ties_down)
    return known + missing


def _is_behind(key: Key, cursor: Key, sort: Sort) -> bool:
    """Whether a key comes after the cursor."""
    (value, pk), (last, last_pk) = key, cursor
    if value == last:
        return pk < last_pk if sort.ties_down else pk > last_pk
    if value is None or last is None:
        return value is None
    return bool(value < last if sort.down else value > last)


def _cut(keys: list[Key], sort: Sort, limit: int, total: Total | None) -> Stretch:
    shown = keys[:limit]
    following = _write_cursor(shown[-1]) if len(keys) > limit else ""
    return Stretch([pk for _value, pk in shown], following, total)


def _walked(books: QuerySet[Project], sort: Sort, cursor: Key | None, limit: int) -> Stretch:
    """Walk the index of the order and test each book by its id, so that nothing is sorted.

    The range behind a cursor is read in up to three pieces (ties, later values, missing values), because
    each of them is one unbroken piece of the index and an OR of them is not.
    """
    fits = Project.objects.filter(Exists(books.filter(pk=OuterRef("pk"))))
    keys: list[Key] = []
    for piece in _pieces(sort, cursor):
        if len(keys) > limit:
            break
        rows = piece(fits).values_list(sort.field, "pk")
        keys += rows[: limit + 1 - len(keys)]
    return _cut(keys, sort, limit, None)


Piece = Callable[[QuerySet[Project]], QuerySet[Project]]


def _pieces(sort: Sort, cursor: Key | None) -> list[Piece]:
    field, ids = sort.field, "lt" if sort.ties_down else "gt"
    known: Piece = lambda books: (  # noqa: E731
        books.filter(**{f"{field}__isnull": False}) if sort.nullable else books
    ).order_by(*sort.index_ordering)
    missing: Piece = lambda books: books.filter(**{f"{field}__isnull": True}).order_by(sort.id_order)  # noqa: E731
    last = [missing] if sort.nullable else []
    if cursor is None:
        return [known, *last]
    value, pk = cursor
    if value is None:
        return [lambda books: missing(books).filter(**{f"pk__{ids}": pk})]
    ties: Piece = lambda books: books.filter(**{field: value, f"pk__{ids}": pk}).order_by(sort.id_order)  # noqa: E731
    beyond = {f"{field}__{'lt' if sort.down else 'gt'}": value}
    return [ties, lambda books: books.filter(**beyond).order_by(*sort.index_ordering), *last]


def _write_cursor(key: Key) -> str:
    value, pk = key
    plain = value.isoformat() if isinstance(value, dt.date) else value
    return base64.urlsafe_b64encode(json.dumps([plain, pk], ensure_ascii=False).encode()).decode().rstrip("=")


_READERS: dict[str, tuple[type, Callable[[Any], Any] | None]] = {
    "code": (str, None),
    "name": (str, None),
    "updated_at": (str, parse_datetime),
    "money_this_year": (int, None),
    "next_gate_due": (str, parse_date),
    "confidence": (int, None),
}


def _read_cursor(sort: Sort, text: str) -> Key | None:
    """The place in the list a cursor names; None (the start) for what is not a cursor of this order."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return None
    kind, read = _READERS[sort.field]
    if type(pk) is not int or (value is None and not sort.nullable):
        return None
    if value is None:
        return None, pk
    if type(value) is not kind:
        return None
    try:
        value = read(value) if read else value
    except ValueError:
        return None
    return None if value is None else (value, pk)


ROW_FIELDS = (
    "pk",
    "code",
    "name",
    "name_en",
    "owner__name",
    "owner__name_en",
    "phase",
    "tier",
    "personal_data",
    "development_form",
    "money_this_year",
    "confidence",
    "next_gate_due",
    "updated_at",
    "retired_at",
    "stopped_at",
    "road",
)


def knowing_money(books: ProjectQuerySet) -> ProjectQuerySet:
    """Books with ``known_money``: what they have to spend this fiscal year, None where nobody entered it."""
    entered = BudgetYear.objects.filter(
        Q(*((f"{name}__isnull", False) for name in BudgetYear.FUNDS), _connector=Q.OR),
        project=OuterRef("pk"),
        fiscal_year=fiscal.fiscal_year_of(timezone.localdate()),
    )
    is_known = Exists(entered) | ~Q(money_this_year=0)
    return books.annotate(known_money=Case(When(is_known, then=F("money_this_year"))))


def rows_of(ids: Sequence[int]) -> list[dict[str, Any]]:
    """What the list shows of these books (``ROW_FIELDS``), in the order of ``ids``. One query.

    ``money_this_year`` is None where nobody has entered it; the field itself, which lists are sorted by, says 0.
    """
    books = knowing_money(Project.objects.filter(pk__in=ids).order_by())
    found = {}
    for row in books.values(*ROW_FIELDS, "known_money"):
        row["money_this_year"] = row.pop("known_money")
        found[row["pk"]] = row
    return [found[pk] for pk in ids if pk in found]


def books_for_jump(actor: Actor, text: str) -> list[str]:
    """Codes of the books a typed text means: the one with that code, else up to two that contain the words."""
    text = text.replace("\x00", "").strip()[:MAX_QUERY]
    if not text:
        return []
    seen = Project.objects.visible_to(actor).order_by()
    if exact := seen.filter(code__iexact=text).values_list("code", flat=True).first():
        return [exact]
    return list(matching(seen, text).values_list("code", flat=True)[:2])
