"""Similar projects, the catalogue, proposals and the reuse ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, Prefetch, Q, QuerySet, Sum
from django.utils.translation import get_language

from sekisho.analysis.similarity.facets import vocabulary
from sekisho.book.models import Project
from sekisho.book.queries.registry import knowing_money
from sekisho.people.roles import Actor
from sekisho.sharing import words
from sekisho.sharing.models import (
    Judgement,
    Likeness,
    Neighbour,
    Platform,
    PlatformMatch,
    Proposal,
    ReuseEntry,
)
from sekisho.sharing.queries.names import owners_named
from sekisho.sharing.queries.savings import Correction

#: years that a proposal's saving is also told for: the usual life of a system before it is renewed
YEARS_AHEAD = 5
#: members of a group whose text is read for what they do
MOST_READ = 20


@dataclass
class Like:
    """A neighbour as the page shows it; ``mine``: what this person said, ``said``: (verdict in words, how many)."""

    row: Neighbour
    why: list[str]
    mine: str = ""
    said: list[tuple[str, int]] = field(default_factory=list)

    @property
    def percent(self) -> int:
        """The probability in whole percent."""
        return round(100 * self.row.score)


def likest(actor: Actor, project: Project) -> list[Like]:
    """Neighbours of a book that this person may see, with what was said of each pair; those that more people call
    different than the same come last.
    """
    seen = Neighbour.objects.filter(project=project, other__in=Project.objects.visible_to(actor).order_by())
    rows = list(seen.select_related("other__owner"))
    names = owners_named(row.reasons for row in rows)
    found = [Like(row, words.sentences(row.reasons, names)) for row in rows]
    said: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    mine: dict[int, str] = {}
    for one in Judgement.objects.filter(Q(first=project) | Q(second=project)).order_by():
        other = one.second_id if one.first_id == project.pk else one.first_id
        said[other][one.verdict] += 1
        if one.person_id == actor.user_id:
            mine[other] = one.verdict
    labels = dict(Judgement.Verdict.choices)
    for like in found:
        like.mine = mine.get(like.row.other_id, "")
        like.said = [(str(labels[verdict]), n) for verdict, n in said[like.row.other_id].items()]
    return sorted(found, key=lambda like: Judgement.calls_same(said[like.row.other_id]) is False)


@dataclass(frozen=True)
class Fit:
    """A platform beside a book: how it fits, and the answer when there is one."""

    platform: Platform
    percent: int
    close: bool
    why: list[str]
    entry: ReuseEntry | None

    @property
    def is_owed(self) -> bool:
        """Whether the plan gate waits for an answer."""
        return self.close and (self.entry is None or self.entry.state == "offered")


def fits(project: Project) -> list[Fit]:
    """Platforms that match a book or that it has an answer to, the owed ones first."""
    entries = {
        row.platform_id: row
        for row in ReuseEntry.objects.filter(project=project).select_related("platform__owner")
    }
    matches = PlatformMatch.objects.filter(project=project, platform__is_offered=True)
    found = [
        Fit(
            m.platform,
            round(100 * m.score),
            m.close,
            words.sentences(m.reasons),
            entries.pop(m.platform_id, None),
        )
        for m in matches.select_related("platform__owner")
    ]
    found += [Fit(row.platform, 0, False, [], row) for row in entries.values()]
    return sorted(found, key=lambda fit: (not fit.is_owed, -fit.percent))


@dataclass(frozen=True)
class Alike:
    """Likely duplicates as the page shows them: books that one sees, the costliest first, each with why it is like the
    first of them.
    """

    books: list[tuple[Any, list[str]]]

    @property
    def first(self) -> Any:
        """The costliest book."""
        return self.books[0][0]


def summed(groups: Iterable[Alike]) -> tuple[int | None, int]:
    """Yen of this year of groups, None where nobody entered any, and of how many books they are not entered."""
    every = [book.known_money for one in groups for book, _why in one.books]
    known = [money for money in every if money is not None]
    return sum(known) if known else None, len(every) - len(known)


def groups(actor: Actor) -> list[Alike]:
    """Groups of likely duplicates of which this person sees two members or more, the costliest first."""
    seen = set(Project.objects.visible_to(actor).order_by().values_list("pk", flat=True))
    books_of = Prefetch("projects", knowing_money(Project.objects.select_related("owner")))
    found = []
    for group in Likeness.objects.prefetch_related(books_of)[:200]:
        books = [book for book in group.projects.all() if book.pk in seen]
        if len(books) > 1:
            found.append(sorted(books, key=lambda book: -book.money_this_year))
    heads = [books[0].pk for books in found]
    told = Neighbour.objects.filter(project__in=heads).values_list("project_id", "other_id", "reasons")
    reasons = {(one, other): why for one, other, why in told.order_by()}
    names = owners_named(reasons.values())
    return [
        Alike([(book, words.sentences(reasons.get((books[0].pk, book.pk), []), names)) for book in books])
        for books in found
    ]


def by_function(found: list[Alike]) -> list[tuple[str, list[Alike]]]:
    """Groups under what they do: (function in words, groups), the costliest first; those whose text names no function
    come last, under "". A group stands under the function that most of its members share.
    """
    known = [(at, facet) for at, facet in enumerate(vocabulary().facets) if facet.kind == "function"]
    language = get_language() or "ja"
    under: dict[str, list[Alike]] = defaultdict(list)
    for one in found:
        books = [book for book, _why in one.books[:MOST_READ]]
        told: Counter[int] = Counter()
        for book in books:
            told.update(
                vocabulary().found_in(" ".join((book.name, book.name_en, book.purpose, book.summary)))
            )
        shared = [(told[at], -at, facet) for at, facet in known if told[at] and 2 * told[at] >= len(books)]
        best = max(shared, key=lambda one: one[:2], default=None)
        under[best[2].name(language) if best else ""].append(one)
    return sorted(under.items(), key=lambda row: (not row[0], -(summed(row[1])[0] or 0), row[0]))


def catalogue() -> QuerySet[Platform]:
    """Platforms by name, with ``users`` (books that adopted it) and ``liked`` (their mean satisfaction, 1 to 5)."""
    adopted = Q(reuse__state="adopted")
    counted = Platform.objects.select_related("owner").annotate(
        users=Count("reuse", filter=adopted), liked=Avg("reuse__satisfaction", filter=adopted)
    )
    return counted.order_by("name", "pk")  # a count drops the order of the model


def totals(entries: QuerySet[ReuseEntry], corrected: Iterable[Correction]) -> dict[str, Any]:
    """Of a set of entries: how many in each state, yen avoided and confirmed, the latter as corrected since."""
    states = {state: Count("pk", filter=Q(state=state)) for state in ReuseEntry.State.values}
    found = entries.order_by().aggregate(**states, avoided=Sum("avoided"), confirmed=Sum("confirmed"))
    moved = sum((one.amount or 0) - one.confirmed for one in corrected)
    return found | {"confirmed": (found["confirmed"] or 0) + moved}


@dataclass(frozen=True)
class Estimate:
    """What a proposal would save a year in yen: ``spent`` × share − running cost; ``unknown`` members have no amount."""

    spent: int
    saved: int
    net: int
    unknown: int

    @property
    def over_years(self) -> int:
        """Yen over ``YEARS_AHEAD`` years, if members go on spending and the platform costing what they do now."""
        return YEARS_AHEAD * self.net


def estimate(proposal: Proposal, members: list[Any]) -> Estimate:
    """From what the members spend, the share that is saved, and what the common platform costs."""
    known = [member.spends for member in members if member.spends is not None]
    spent = sum(known)
    saved = spent * proposal.share // 100
    return Estimate(spent, saved, saved - proposal.running_cost, len(members) - len(known))
