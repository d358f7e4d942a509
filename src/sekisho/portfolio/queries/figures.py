"""Sums of the figures, for whom they may be shown and as the address narrows them. One query per page."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language

from sekisho.book import fiscal
from sekisho.book.models import Tier
from sekisho.errors import Message
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.portfolio.charts import Cell, Row
from sekisho.portfolio.figures import MONEY, YEARLESS, Name, Worth
from sekisho.portfolio.models import Entry, Rollup
from sekisho.web.asked import whole_number
from sekisho.web.formats import fiscal_year

YEARS = 6
#: the first fiscal year that a page shows
EARLIEST = 1990


@dataclass(frozen=True)
class Filters:
    """What the address narrows a page to. ``today`` is what overdue is counted from."""

    organisation: int | None
    tier: str
    year: int
    today: dt.date

    @property
    def query(self) -> dict[str, str]:
        """As it stands in the address."""
        given = {"org": str(self.organisation or ""), "tier": self.tier, "year": str(self.year)}
        return {name: value for name, value in given.items() if value}

    @property
    def address(self) -> str:
        """The same, ready for an address."""
        return urlencode(self.query)

    @property
    def years(self) -> range:
        """The fiscal years a page shows, oldest first."""
        return range(self.year - YEARS + 1, self.year + 1)


def read_filters(params: QueryDict) -> Filters:
    """``org, tier, year``. Unknown values are left out, so that an old address still opens."""
    today = timezone.localdate()
    year, now = _number(params.get("year", "")), fiscal.fiscal_year_of(today)
    tier = params.get("tier", "")
    return Filters(
        organisation=_number(params.get("org", "")),
        tier=tier if tier in Tier.values else "",
        year=year if year and EARLIEST <= year <= now + 1 else now,
        today=today,
    )


def _number(text: str) -> int | None:
    return whole_number(text, 9)


def reached(actor: Actor, organisation: int | None) -> Q:
    """Rows of owner sections this person reads, below one organisation where given.

    Books one is merely named on elsewhere are not counted: a figure is that of an office.
    """
    paths = actor.reading_paths()
    condition = Q()
    if paths is not None:
        below = Q(pk__in=[])
        for path in paths:
            below |= Q(path__startswith=path)
        condition &= Q(organisation__in=Organisation.objects.filter(below).order_by().values("pk"))
    if organisation is not None:
        top = Organisation.objects.filter(pk=organisation).values_list("path", flat=True).first()
        found = Organisation.objects.filter(path__startswith=top) if top else Organisation.objects.none()
        condition &= Q(organisation__in=found.order_by().values("pk"))
    return condition


class Sums:
    """Every figure of a page, summed once."""

    def __init__(self, actor: Actor, filters: Filters, figures: Iterable[str], *, by: str = "tier") -> None:
        self.filters = filters
        rows = Rollup.objects.filter(
            reached(actor, filters.organisation), figure__in=list(figures)
        ).order_by()
        if filters.tier:
            rows = rows.filter(tier=filters.tier)
        columns = ("figure", "year", "key", by)
        self.sums: dict[Name, Worth] = defaultdict(lambda: Worth(0))
        self.split: dict[tuple[Name, Any], Worth] = {}
        for figure, year, key, part, n, amount in rows.values_list(*columns).annotate(
            Sum("n"), Sum("amount")
        ):
            name = Name(figure, year, key)
            self.sums[name] += Worth(n, amount)
            self.split[name, part] = Worth(n, amount)

    def n(self, figure: str, key: str = "", year: int = 0) -> int:
        """How many."""
        return self.sums.get(Name(figure, year, key), Worth(0)).n

    def amount(self, figure: str, key: str = "", year: int = 0) -> int:
        """Yen, or the sum whose mean is asked."""
        return self.sums.get(Name(figure, year, key), Worth(0)).amount

    def part(self, figure: str, key: str, part: Any, year: int = 0) -> int:
        """How many of one tier, or of one organisation."""
        return self.split.get((Name(figure, year, key), part), Worth(0)).n

    def between(self, figure: str, low: str = "", high: str = "") -> int:
        """How many whose key lies from ``low`` to before ``high``, as text: for dates, months and shares."""
        return sum(
            worth.n
            for name, worth in self.sums.items()
            if name.figure == figure and low <= name.key and (not high or name.key < high)
        )

    def keys(self, figure: str, year: int = 0) -> Mapping[str, Worth]:
        """Every key of a figure with its worth."""
        return {n.key: w for n, w in self.sums.items() if n.figure == figure and n.year == year}


def keyed(sums: Sums, figure: str, words: Mapping[str, Message]) -> list[Row]:
    """A row for each key of a figure, with the list behind its number."""
    return [
        Row(str(said), [Cell(sums.n(figure, key), behind(sums.filters, figure, key=key))])
        for key, said in words.items()
    ]


def spanning(sums: Sums, figure: str, low: str, high: str) -> Cell:
    """The number whose key lies from ``low`` to before ``high``, with the list behind it."""
    return Cell(sums.between(figure, low, high), behind(sums.filters, figure, low=low, high=high))


def yearly(sums: Sums, figure: str, keys: Collection[str]) -> list[Row]:
    """A row for each fiscal year that has any of these keys, a number for each key."""
    return [
        Row(
            fiscal_year(year, get_language()),
            [Cell(sums.n(figure, key, year), behind(sums.filters, figure, key=key, of=year)) for key in keys],
        )
        for year in sums.filters.years
        if any(worth.n for worth in sums.keys(figure, year).values())
    ]


def money_of(year: int, today: dt.date) -> tuple[str, str, str, str]:
    """The figures of money as a chart shows them: requested, approved, executed, forecast.

    While a year is under way its forecast is what was executed or may still be spent, whichever is more; of a year that
    has ended it is what was executed.
    """
    return (*MONEY[:3], MONEY[4] if under_way(year, today) else MONEY[3])


def under_way(year: int, today: dt.date) -> bool:
    """Whether a fiscal year has not ended."""
    return year >= fiscal.fiscal_year_of(today)


def behind(filters: Filters, figure: str, **asked: Any) -> str:
    """Address of the list a number counts; ``key``, ``year``, ``low``, ``high`` and filters narrow it."""
    query = {**{k: v for k, v in filters.query.items() if k != "year"}, "figure": figure}
    query |= {name: str(value) for name, value in asked.items() if value not in ("", None)}
    return reverse("portfolio:behind") + "?" + urlencode(query)


@dataclass(frozen=True)
class Behind:
    """The list behind a number: the entries, and what they come to together (from the rollups, as the number is)."""

    entries: QuerySet[Entry]
    total: Worth

    def page(self, after: str, size: int) -> tuple[list[Entry], str]:
        """One page in the order of the index, and the place to go on after ("" at the end)."""
        found = self.entries
        if place := _place(after):
            found = found.filter(_later(*place))
        rows = list(found.select_related("project__owner")[: size + 1])
        last = rows[size - 1] if len(rows) > size else None
        return rows[:size], f"{last.year}:{last.key}:{last.project_id}" if last else ""


def counted(actor: Actor, filters: Filters, params: QueryDict) -> Behind:
    """What a number counts: ``figure`` with ``key``, ``low``, ``high``, ``of`` (fiscal year) and ``since`` (up to ``of``)."""
    found = Q(figure=params.get("figure", "").replace("\x00", "")[:20])
    found &= reached(actor, filters.organisation)
    if filters.tier:
        found &= Q(tier=filters.tier)
    year = 0 if params.get("figure", "") in YEARLESS else _number(params.get("of", ""))
    since = _number(params.get("since", ""))
    if year is not None:
        found &= Q(year=year) if since is None else Q(year__gte=since, year__lte=year)
    for name, condition in (("key", "key"), ("low", "key__gte"), ("high", "key__lt")):
        if value := params.get(name, "").replace("\x00", "")[:20]:
            found &= Q(**{condition: value})
    sums = Rollup.objects.filter(found).aggregate(n=Sum("n", default=0), amount=Sum("amount", default=0))
    listed = Entry.objects.filter(found).order_by("year", "key", "project_id")
    return Behind(listed, Worth(sums["n"], sums["amount"]))


def _place(after: str) -> tuple[int, str, int] | None:
    """(year, key, project) of a cursor; None of anything else."""
    year, _colon, rest = after.replace("\x00", "")[:60].partition(":")
    key, _colon, project = rest.rpartition(":")
    numbers = _number(year), _number(project)
    return (numbers[0], key, numbers[1]) if numbers[0] is not None and numbers[1] is not None else None


def _later(year: int, key: str, project: int) -> Q:
    same = Q(year=year, key=key, project__gt=project)
    return same | Q(year=year, key__gt=key) | Q(year__gt=year)


def bureaus(actor: Actor) -> list[tuple[Organisation, list[int]]]:
    """The organisations under the root (or the roots of what one reads) with the keys of all below each."""
    paths = actor.reading_paths()
    every = list(Organisation.objects.order_by("path").only("pk", "name", "name_en", "path", "closed_on"))
    seen = [o for o in every if paths is None or any(o.path.startswith(path) for path in paths)]
    top = min((o.depth for o in seen), default=0)
    heads = [o for o in seen if o.depth == top]
    if len(heads) == 1:
        heads = [o for o in seen if o.depth == top + 1] or heads
    return [(head, [o.pk for o in seen if o.path.startswith(head.path)]) for head in heads]
