"""Two years' portfolios side by side: what became of each project, and what is still in doubt."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet

from sekisho.analysis.succession.coverage import coverage
from sekisho.book.models import BudgetYear, ExternalId, Project
from sekisho.people.roles import Actor
from sekisho.sharing import words
from sekisho.sharing.models import Listing, Succession
from sekisho.sharing.models.years import HOLDS, SURE, WORTH_ASKING
from sekisho.sharing.queries.names import in_english, owners_named
from sekisho.values import name_key

#: what became of projects: as two years tell it, and of those that the lists of some years leave out alone
KINDS = ("continued", "renamed", "merged", "split", "absent", "returned", "ended", "new")
#: doubtful cases shown at once
SHOWN = 20


def known_years() -> list[int]:
    """Fiscal years that list anything, oldest first."""
    return list(Listing.objects.order_by("year").values_list("year", flat=True).distinct())


def unlisted() -> QuerySet[Project]:
    """Books that no year lists yet, or not the last year in which a source listed them: a list that changed nothing
    touches no book.
    """
    later = ExternalId.objects.filter(last_year__isnull=False).exclude(project__listings__year=F("last_year"))
    return Project.objects.filter(Q(listings=None) | Q(pk__in=later.order_by().values("project")))


@dataclass(frozen=True)
class Case:
    """What became of some projects: keys of books. ``confidence`` 0 to 1; None where the same book stands in both years
    under one name and nothing needs to be believed. ``listed``: the year that lists a project again (absent) or listed
    it last before (returned).
    """

    kind: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    confidence: float | None = None
    links: tuple[Succession, ...] = ()
    listed: int | None = None

    @property
    def percent(self) -> int | None:
        """The confidence in whole percent, never a rounded-up certainty."""
        return None if self.confidence is None else min(int(100 * self.confidence + 0.5), 99)

    @property
    def settled(self) -> str:
        """``confirmed`` when people said so of every link, else ``open``."""
        return "confirmed" if self.links and all(one.state == "confirmed" for one in self.links) else "open"


@dataclass(frozen=True)
class Side:
    """A book in one year, as it was listed then; ``money`` is yen approved for that year, None when nobody has said."""

    code: str
    name: str
    owner: str
    money: int | None
    targets: dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True)
class Target:
    """A goal's target in both years; empty where it was not there."""

    goal: str
    before: str
    after: str


@dataclass
class Row:
    """A case with what a page, a file or a program shows of it. ``names``: of organisations in the reader's language."""

    case: Case
    old: list[Side]
    new: list[Side]
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def why(self) -> list[str]:
        """Reasons in words, each once."""
        if self.case.listed is not None:
            return [words.listed_elsewhere(self.case.kind, self.case.listed)]
        said = (words.why_succession(link.reasons, self.names) for link in self.case.links)
        return list(dict.fromkeys(why for lines in said for why in lines))

    @property
    def before(self) -> int | None:
        """Yen of the first year."""
        return _sum(side.money for side in self.old)

    @property
    def after(self) -> int | None:
        """Yen of the second year."""
        return _sum(side.money for side in self.new)

    @property
    def change(self) -> int | None:
        """Yen more (less: negative) in the second year; None unless both are known."""
        return self.after - self.before if self.before is not None and self.after is not None else None

    @cached_property
    def targets(self) -> list[Target]:
        """Targets that differ between the years; goals that are the same in both are left out."""
        before = {goal: said for side in self.old for goal, said in side.targets.items()}
        after = {goal: said for side in self.new for goal, said in side.targets.items()}
        if not self.old or not self.new:
            return []
        return [
            Target(goal[1], _target(before.get(goal)), _target(after.get(goal)))
            for goal in dict.fromkeys([*after, *before])
            if before.get(goal) != after.get(goal)
        ]


def _target(said: tuple[str, str] | None) -> str:
    return " ".join(filter(None, said)) if said else ""


def _sum(amounts: Iterable[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


@dataclass
class Years:
    """Everything of two years that one person may see, worked out once. Nine queries, however many projects."""

    actor: Actor
    from_year: int
    to_year: int
    cases: list[Case] = field(init=False)
    #: books of bureaus that the second year's lists say nothing of: nobody knows yet what became of them
    unheard: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.visible = set(Project.objects.visible_to(self.actor).order_by().values_list("pk", flat=True))
        self.old, self.new = self._names(self.from_year), self._names(self.to_year)
        self.links = [link for link in self._links() if link.old_id in self.old and link.new_id in self.new]
        self.money = self._money()
        self.unheard = []
        self.cases = self._cases()

    def _names(self, year: int) -> dict[int, str]:
        rows = Listing.objects.filter(year=year).order_by().values_list("project_id", "name")
        return {pk: name for pk, name in rows if pk in self.visible}

    def _links(self) -> QuerySet[Succession]:
        return Succession.objects.filter(from_year=self.from_year, to_year=self.to_year).order_by(
            "-confidence", "pk"
        )

    def _money(self) -> dict[tuple[int, int], int]:
        rows = BudgetYear.objects.filter(
            fiscal_year__in=(self.from_year, self.to_year), approved__isnull=False
        )
        found = rows.order_by().values_list("project_id", "fiscal_year", "approved")
        return {(pk, year): amount for pk, year, amount in found if pk in self.visible and amount is not None}

    def _cases(self) -> list[Case]:
        held = [link for link in self.links if holds(link)]
        denied = {
            link.old_id for link in self.links if link.old_id == link.new_id and link.state == "rejected"
        }
        doubts = _doubts(self.links)
        found, seen_old, seen_new = [], set[int](), set[int]()
        heard, before, later = self._heard(), *self._elsewhere()
        for group in _groups(held, self.old.keys() & self.new.keys() - denied):
            old, new = sorted(group.old), sorted(group.new)
            seen_old |= group.old
            seen_new |= group.new
            found.append(
                Case(self._kind(old, new), tuple(old), tuple(new), group.confidence, tuple(group.links))
            )
        for pk in self.old.keys() - seen_old:
            if pk in self.new and pk not in denied and pk not in seen_new:
                seen_new.add(pk)
                found.append(Case(self._kind([pk], [pk]), (pk,), (pk,)))
            elif pk not in self.new and pk in later:
                found.append(Case("absent", (pk,), (), listed=later[pk]))
            elif pk in heard:
                found.append(Case("ended", (pk,), (), 1 - doubts["old", pk]))
            else:
                self.unheard.append(pk)
        for pk in self.new.keys() - seen_new:
            if pk not in self.old and pk in before:
                found.append(Case("returned", (), (pk,), listed=before[pk]))
            else:
                found.append(Case("new", (), (pk,), 1 - doubts["new", pk]))
        order = {kind: at for at, kind in enumerate(KINDS)}
        return sorted(found, key=lambda case: (order[case.kind], -self._weight(case), case.old, case.new))

    def _elsewhere(self) -> tuple[dict[int, int], dict[int, int]]:
        """The last year before both that lists a book, and the first after both."""
        rows = Listing.objects.order_by().values_list("project_id")
        before = rows.filter(year__lt=self.from_year).annotate(at=Max("year"))
        return dict(before), dict(rows.filter(year__gt=self.to_year).annotate(at=Min("year")))

    def _heard(self) -> set[int]:
        """Books of the first year of whose bureau the second year's lists speak."""
        rows = Listing.objects.filter(year__in=(self.from_year, self.to_year)).order_by()
        paths: dict[int, dict[int, list[str]]] = {self.from_year: {}, self.to_year: {}}
        for pk, year, owner in rows.values_list("project_id", "year", "owner"):
            paths[year][pk] = owner.split("\n") if owner else []
        known = paths[self.from_year]
        told = coverage(known.values(), {self.to_year: paths[self.to_year].values()})
        return {pk for pk in self.old if told.speaks_for(known[pk], self.to_year)}

    def _weight(self, case: Case) -> int:
        return max(self.spent(case.old, self.from_year) or 0, self.spent(case.new, self.to_year) or 0)

    def _kind(self, old: Sequence[int], new: Sequence[int]) -> str:
        if len(old) > 1:
            return "merged"
        if len(new) > 1:
            return "split"
        same = name_key(self.old[old[0]]) == name_key(self.new[new[0]])
        return "continued" if same else "renamed"

    def spent(self, keys: Iterable[int], year: int) -> int | None:
        """Yen approved for these books in a year; None when nobody has said of any."""
        return _sum(self.money.get((pk, year)) for pk in keys)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases of each kind, in the order of ``KINDS``."""
        found = Counter(case.kind for case in self.cases)
        return {kind: found[kind] for kind in KINDS}

    @cached_property
    def totals(self) -> dict[str, tuple[int | None, int | None]]:
        """Yen of both years by kind."""
        return {
            kind: (
                _sum(self.spent(case.old, self.from_year) for case in self.cases if case.kind == kind),
                _sum(self.spent(case.new, self.to_year) for case in self.cases if case.kind == kind),
            )
            for kind in KINDS
        }

    @cached_property
    def doubtful(self) -> list[Succession]:
        """Links that somebody should settle, the likeliest first."""
        return [
            link for link in self.links if link.state == "open" and WORTH_ASKING <= link.confidence < SURE
        ]

    @cached_property
    def settled(self) -> list[Succession]:
        """Links that people settled, the latest first."""
        said = [link for link in self.links if link.state != "open"]
        return sorted(said, key=lambda link: str(link.settled_at), reverse=True)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names in the reader's language of the organisations that reasons speak of."""
        return owners_named(link.reasons for link in self.links)

    def rows(self, cases: Sequence[Case]) -> list[Row]:
        """Cases with their names, owners, money and targets. At most four queries."""
        sides = self.sides({pk for case in cases for pk in (*case.old, *case.new)})
        return [
            Row(
                case,
                [sides[self.from_year, pk] for pk in case.old],
                [sides[self.to_year, pk] for pk in case.new],
                self.names,
            )
            for case in cases
        ]

    def sides(self, keys: Collection[int]) -> dict[tuple[int, int], Side]:
        """Both years' sides of some books, by year and key, in the reader's language where names still hold."""
        rows: list[Listing] = []
        for part in _parts(sorted(keys)):
            listed = Listing.objects.filter(project__in=part, year__in=(self.from_year, self.to_year))
            rows += listed.select_related("project__owner").order_by()
        names = in_english(_section(row) for row in rows)
        found = {}
        for row in rows:
            name = row.project.local_name if row.name == row.project.name else row.name
            section = _section(row)
            owner = names.get(section, section) or row.project.owner.local_name
            targets = {(kind, text): (target, unit) for kind, text, target, unit in row.targets}
            money = self.money.get((row.project_id, row.year))
            found[row.year, row.project_id] = Side(row.project.code, name, owner, money, targets)
        return found


def _section(row: Listing) -> str:
    """The lowest organisation that a listing names; may be empty."""
    return row.owner.split("\n")[-1]


def holds(link: Succession) -> bool:
    """Whether a link counts: people said so, or nobody has said otherwise and it is likelier than not."""
    return link.state == "confirmed" or (link.state == "open" and link.confidence >= HOLDS)


@dataclass
class _Group:
    old: set[int] = field(default_factory=set)
    new: set[int] = field(default_factory=set)
    links: list[Succession] = field(default_factory=list)

    @property
    def confidence(self) -> float:
        return min(1.0 if link.state == "confirmed" else link.confidence for link in self.links)


def _groups(links: Sequence[Succession], staying: Collection[int]) -> list[_Group]:
    """Links that share an end, with the plain life of the books they touch."""
    ends: dict[tuple[str, int], _Group] = {}
    for link in links:
        touched = {link.old_id, link.new_id}
        nodes = [("old", link.old_id), ("new", link.new_id)]
        nodes += [(side, pk) for pk in touched if pk in staying for side in ("old", "new")]
        homes = {id(ends[node]): ends[node] for node in nodes if node in ends}
        group = _Group()
        for home in homes.values():
            group.old |= home.old
            group.new |= home.new
            group.links += home.links
        group.old |= {pk for side, pk in nodes if side == "old"}
        group.new |= {pk for side, pk in nodes if side == "new"}
        group.links.append(link)
        ends.update({("old", pk): group for pk in group.old} | {("new", pk): group for pk in group.new})
    return list({id(group): group for group in ends.values()}.values())


def _doubts(links: Iterable[Succession]) -> defaultdict[tuple[str, int], float]:
    """The best link of each end that nobody has denied."""
    found: defaultdict[tuple[str, int], float] = defaultdict(float)
    for link in links:
        if link.state != "rejected":
            for end in (("old", link.old_id), ("new", link.new_id)):
                found[end] = max(found[end], link.confidence)
    return found


def _parts(keys: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))


@dataclass(frozen=True)
class Doubt:
    """A doubtful or settled link with both sides; ``may_settle``: whether this person may say. ``why``: in words."""

    link: Succession
    old: Side
    new: Side
    may_settle: bool
    why: list[str]

    @property
    def percent(self) -> int:
        """The confidence in whole percent."""
        return min(int(100 * self.link.confidence + 0.5), 99)


def doubts(years: Years, links: Sequence[Succession]) -> list[Doubt]:
    """Links as the page shows them."""
    keys = {pk for link in links for pk in (link.old_id, link.new_id)}
    sides = years.sides(keys)
    paths = dict(Project.objects.filter(pk__in=keys).order_by().values_list("pk", "owner__path"))

    def may(pk: int) -> bool:
        return any(years.actor.may(act, path=paths[pk], project_id=pk) for act in ("edit", "review"))

    return [
        Doubt(
            link,
            sides[years.from_year, link.old_id],
            sides[years.to_year, link.new_id],
            may(link.old_id) and may(link.new_id),
            words.why_succession(link.reasons, years.names),
        )
        for link in links
    ]


def document(years: Years, rows: Sequence[Row]) -> dict[str, Any]:
    """Two years as plain JSON; yen, confidences 0 to 1."""

    def side(one: Side) -> dict[str, Any]:
        return {"code": one.code, "name": one.name, "owner": one.owner, "budget": one.money}

    return {
        "from": years.from_year,
        "to": years.to_year,
        "counts": years.counts,
        "doubtful": len(years.doubtful),
        "not_listed_yet": len(years.unheard),
        "budgets": {kind: {"from": one, "to": other} for kind, (one, other) in years.totals.items()},
        "cases": [
            {
                "kind": row.case.kind,
                "confidence": 1.0 if row.case.confidence is None else round(row.case.confidence, 4),
                "settled": row.case.settled,
                "old": [side(one) for one in row.old],
                "new": [side(one) for one in row.new],
                "reasons": row.why or ([words.same_book()] if row.old and row.new else []),
                "targets": [{"goal": one.goal, "from": one.before, "to": one.after} for one in row.targets],
            }
            for row in rows
        ],
    }
