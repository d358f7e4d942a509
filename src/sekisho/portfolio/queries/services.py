"""Development beside operation, a line for each project, from the entries of the figures (開発・稼働状況)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from sekisho.book.models import Project
from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.figures import Worth
from sekisho.portfolio.models import Entry
from sekisho.portfolio.queries.figures import Filters, Sums, reached

PAGE_SIZE = 100
OF_THE_YEAR = (f.RELEASE, f.AVAILABILITY, f.INCIDENTS, f.MINUTES_DOWN, f.REQUESTS)
OF_TODAY = (f.DRIFT, f.CONDITION_DUE)


@dataclass(frozen=True)
class ServiceLine:
    """A project: its development (left) and its operation in the fiscal year (right). None where nothing was said."""

    project: Project
    drift_days: int | None
    conditions: int
    overdue: int
    releases: int
    emergencies: int
    availability: str
    incidents: int | None
    minutes_down: int | None
    requests: int | None


def service_lines(actor: Actor, filters: Filters, after: str = "") -> tuple[list[ServiceLine], int, str]:
    """One page of projects by code, how many there are, and the code to go on after ("" at the end)."""
    total = sum(worth.n for worth in Sums(actor, filters, (f.PHASE,)).sums.values())
    books = _books(actor, filters).select_related("owner").order_by("code")
    if after:
        books = books.filter(code__gt=after.replace("\x00", "")[:64])
    page = list(books[: PAGE_SIZE + 1])
    shown = page[:PAGE_SIZE]
    worths = _worths([book.pk for book in shown], filters.year)
    lines = [_line(book, worths[book.pk]) for book in shown]
    return lines, total, shown[-1].code if len(page) > PAGE_SIZE else ""


def _books(actor: Actor, filters: Filters) -> QuerySet[Project]:
    reach = reached(actor, filters.organisation)
    counted = Entry.objects.filter(reach, figure=f.PHASE).order_by()
    if filters.tier:
        counted = counted.filter(tier=filters.tier)
    if reach:  # few of all books: they are gathered first
        return Project.objects.filter(pk__in=counted.values("project"))
    # of the whole office, books are looked at in their order until the page is full
    return Project.objects.filter(Exists(counted.filter(project=OuterRef("pk"))))


Worths = Mapping[tuple[str, str], Worth]


def _worths(ids: list[int], year: int) -> dict[int, dict[tuple[str, str], Worth]]:
    entries = Entry.objects.filter(project__in=ids).order_by()
    rows = entries.filter(figure__in=OF_THE_YEAR, year=year) | entries.filter(figure__in=OF_TODAY)
    found: dict[int, dict[tuple[str, str], Worth]] = defaultdict(dict)
    for pk, figure, key, n, amount in rows.values_list("project", "figure", "key", "n", "amount"):
        found[pk][figure, key] = Worth(n, amount)
    return found


def _line(book: Project, worths: Worths) -> ServiceLine:
    share = worths.get((f.AVAILABILITY, ""))
    made = {key: worth.n for (figure, key), worth in worths.items() if figure == f.RELEASE}
    due = {key: worth.n for (figure, key), worth in worths.items() if figure == f.CONDITION_DUE}
    today = timezone.localdate().isoformat()
    drift = next((w for (figure, key), w in worths.items() if figure == f.DRIFT and key != f.NONE), None)
    return ServiceLine(
        project=book,
        drift_days=drift.amount if drift else None,
        conditions=sum(due.values()),
        overdue=sum(n for key, n in due.items() if key < today),
        releases=sum(made.values()),
        emergencies=made.get("emergency", 0),
        availability=f"{share.amount / share.n / 100:.2f}%" if share and share.n else "",
        incidents=_amount(worths, f.INCIDENTS),
        minutes_down=_amount(worths, f.MINUTES_DOWN),
        requests=_amount(worths, f.REQUESTS),
    )


def _amount(worths: Worths, figure: str) -> int | None:
    worth = worths.get((figure, ""))
    return worth.amount if worth else None
