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
    """Neighbours of a book that this person may see, with what was said of each pair."""
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
    return found


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


def groups(actor: Actor) -> list[tuple[Likeness, list[Project]]]:
    """Groups of likely duplicates of which this person sees two members or more, the costliest first."""
    seen = set(Project.objects.visible_to(actor).order_by().values_list("pk", flat=True))
    found = []
    books_of = Prefetch("projects", knowing_money(Project.objects.select_related("owner")))
    for group in Likeness.objects.prefetch_related(books_of)[:200]:
        books = [book for book in group.projects.all() if book.pk in seen]
        if len(books) > 1:
            found.append((group, sorted(books, key=lambda book: -book.money_this_year)))
    return found


#: a group, those of its books that one sees, and their yen of this year
Shown = tuple[Likeness, list[Project], int]


def by_function(found: list[Shown]) -> list[tuple[str, list[Shown], int]]:
    """Groups under what they do: (function in words, groups, yen of this year), the costliest first; those whose text
    names no function come last, under "". A group stands under the function that most of its members share.
    """
    known = [(at, facet) for at, facet in enumerate(vocabulary().facets) if facet.kind == "function"]
    language = get_language() or "ja"
    under: dict[str, list[Shown]] = defaultdict(list)
    for one in found:
        books = one[1][:MOST_READ]
        told: Counter[int] = Counter()
        for book in books:
            told.update(
                vocabulary().found_in(" ".join((book.name, book.name_en, book.purpose, book.summary)))
            )
        shared = [(told[at], -at, facet) for at, facet in known if told[at] and 2 * told[at] >= len(books)]
        best = max(shared, key=lambda one: one[:2], default=None)
        under[best[2].name(language) if best else ""].append(one)
    rows = [(name, groups, sum(money for *_group, money in groups)) for name, groups in under.items()]
    return sorted(rows, key=lambda row: (not row[0], -row[2], row[0]))


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
    """What a proposal would save a year in yen: ``spent`` × share − running cost."""

    spent: int
    saved: int
    net: int

    @property
    def over_years(self) -> int:
        """Yen over ``YEARS_AHEAD`` years, if members go on spending and the platform costing what they do now."""
        return YEARS_AHEAD * self.net


def estimate(proposal: Proposal, members: list[Any]) -> Estimate:
    """From what the members spend, the share that is saved, and what the common platform costs."""
    spent = sum(member.spends for member in members)
    saved = spent * proposal.share // 100
    return Estimate(spent, saved, saved - proposal.running_cost)
