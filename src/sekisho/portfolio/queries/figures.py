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
from sekisho.portfolio.figures import MONEY, Name, Worth
from sekisho.portfolio.models import Entry, Rollup
from sekisho.web.formats import fiscal_year

YEARS = 6


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
        year=year if year and 1990 <= year <= now + 1 else now,
        today=today,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


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
        """How many whose key lies from ``low`` to before ``high``, as text: for dates and months."""
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
    under_way = year >= fiscal.fiscal_year_of(today)
    return (*MONEY[:3], MONEY[4] if under_way else MONEY[3])


def behind(filters: Filters, figure: str, **asked: Any) -> str:
    """Address of the list a number counts; ``key``, ``year``, ``low``, ``high`` and filters narrow it."""
    query = {**{k: v for k, v in filters.query.items() if k != "year"}, "figure": figure}
    query |= {name: str(value) for name, value in asked.items() if value not in ("", None)}
    return reverse("portfolio:behind") + "?" + urlencode(query)


def entries(actor: Actor, filters: Filters, params: QueryDict) -> QuerySet[Entry]:
    """The books a number counts, with what each adds."""
    found = Entry.objects.filter(
        reached(actor, filters.organisation), figure=params.get("figure", "").replace("\x00", "")[:20]
    )
    if filters.tier:
        found = found.filter(tier=filters.tier)
    year = _number(params.get("of", ""))
    found = found.filter(year=year) if year is not None else found
    for name, condition in (("key", "key"), ("low", "key__gte"), ("high", "key__lt")):
        if value := params.get(name, "").replace("\x00", "")[:20]:
            found = found.filter(**{condition: value})
    return found.select_related("project__owner")


def bureaus(actor: Actor) -> list[tuple[Organisation, list[int]]]:
    """The organisations under the root (or the roots of what one reads) with the keys of all below each."""
    paths = actor.reading_paths()
    every = list(Organisation.objects.order_by("path").only("pk", "name", "name_en", "path"))
    seen = [o for o in every if paths is None or any(o.path.startswith(path) for path in paths)]
    top = min((o.depth for o in seen), default=0)
    heads = [o for o in seen if o.depth == top]
    if len(heads) == 1:
        heads = [o for o in seen if o.depth == top + 1] or heads
    return [(head, [o.pk for o in seen if o.path.startswith(head.path)]) for head in heads]
