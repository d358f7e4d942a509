"""Reading what may become public of many books at once, column by column."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from sekisho.book.models import BudgetYear, Project, Release
from sekisho.portfolio.models import OperationMonth
from sekisho.portfolio.public.publication import Asked, Delivered, Facts, Money, Month, Names, Tried
from sekisho.voice.models import QualityLevel, Response, UserTest, Wave
from sekisho.voice.models.surveys import THRESHOLD
from sekisho.voice.queries.surveys import satisfaction_of

#: months of operation that are shown
MONTHS = 24

Rows = dict[int, list[Any]]


def facts_of(projects: Collection[int]) -> list[Facts]:
    """The facts of these books, by key; nine queries, and two for each survey that is over."""
    ids = list(projects)
    quality = _grouped(_of(QualityLevel, ids).values_list("project_id", "fiscal_year", "level"))
    asked, tried = _asked(ids), _tried(ids)
    money, releases, operation = _money(ids), _releases(ids), _operation(ids)
    return [
        Facts(
            code=book.code,
            name=Names(book.name, book.name_en),
            summary=book.summary,
            owner=Names(book.owner.name, book.owner.name_en),
            audience=book.audience,
            phase="retired" if book.retired_at else "stopped" if book.stopped_at else str(book.phase),
            quality=quality[book.pk],
            satisfaction=asked[book.pk],
            user_tests=tried[book.pk],
            money=money[book.pk],
            releases=releases[book.pk],
            operation=operation[book.pk],
        )
        for book in Project.objects.filter(pk__in=ids).select_related("owner").order_by("pk")
    ]


def _of(model: Any, ids: list[int]) -> Any:
    return model.objects.filter(project__in=ids)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Rows:
    found: Rows = defaultdict(list)
    for key, *values in rows:
        found[key].append(tuple(values))
    return found


def _asked(ids: list[int]) -> Rows:
    """Surveys that are over, whose every answer is counted: one figure for each, which never moves again, so that
    nothing can be subtracted from it. Only those that promised to name nobody, and only from enough answers."""
    waiting = Response.objects.filter(wave=OuterRef("pk"), counted=False)
    over = Q(closed_at__isnull=False) | Q(closes_on__lt=timezone.localdate())
    waves = Wave.objects.filter(over, ~Exists(waiting), survey__project__in=ids, anonymous=True)
    found: Rows = defaultdict(list)
    for wave in waves.select_related("survey").order_by("-opened_at", "-id"):
        figures = satisfaction_of(wave)
        if figures is None or not figures.mean or not figures.satisfied or figures.n < THRESHOLD:
            continue
        found[wave.survey.project_id or 0].append(
            Asked(
                timezone.localdate(wave.opened_at),
                figures.mean.value,
                100 * figures.satisfied.value,
                figures.n,
            )
        )
    return found


def _tried(ids: list[int]) -> Rows:
    done = _of(UserTest, ids).filter(state=UserTest.State.DONE, done_on__isnull=False)
    counted = done.annotate(took=Count("sessions", filter=Q(sessions__state="done")))
    rows = counted.order_by("-done_on", "-id").values_list("project_id", "done_on", "kind", "took")
    return _built(_grouped(rows), Tried)


def _money(ids: list[int]) -> Rows:
    found: Rows = defaultdict(list)
    for year in _of(BudgetYear, ids).order_by("-fiscal_year"):
        if year.available is not None or year.executed is not None:
            found[year.project_id].append(Money(year.fiscal_year, year.available, year.executed))
    return found


def _releases(ids: list[int]) -> Rows:
    out = _of(Release, ids).filter(state=Release.State.RELEASED).order_by("-released_at", "-id")
    found: Rows = defaultdict(list)
    for key, version, moment, kind, name in out.values_list(
        "project_id", "version", "released_at", "kind", "name"
    ):
        found[key].append(Delivered(version, timezone.localdate(moment), kind, name))
    return found


def _operation(ids: list[int]) -> Rows:
    found: Rows = defaultdict(list)
    rows = _of(OperationMonth, ids).order_by("-month")
    for key, month, availability, incidents in rows.values_list(
        "project_id", "month", "availability", "incidents"
    ):
        if len(found[key]) < MONTHS:
            percent = None if availability is None else availability / 100
            found[key].append(Month(month, percent, incidents))
    return found


def _built(rows: Rows, kind: Any) -> Rows:
    return defaultdict(list, {key: [kind(*values) for values in found] for key, found in rows.items()})
