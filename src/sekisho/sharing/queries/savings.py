"""What using a common platform seems to have saved: proposed from actual budgets, for people to confirm or change, and
what becomes of a confirmed saving when the figures it rests on are corrected.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, TypedDict

from django.db.models import QuerySet
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, LedgerEntry
from sekisho.sharing.models import ReuseEntry


@dataclass(frozen=True)
class Saving:
    """Yen spent in the last full fiscal year before a platform was adopted and in the latest full one after it. It takes
    for granted that the work stayed the same and that nothing but platforms changed the cost. ``elsewhere``: yen of the
    difference that are put down to other platforms which the same book adopted.
    """

    before_year: int
    before: int
    year: int
    after: int
    elsewhere: int = 0

    @property
    def difference(self) -> int:
        """Yen less a year; negative when more was spent."""
        return self.before - self.after

    @property
    def amount(self) -> int:
        """Yen less a year that this platform seems to have saved."""
        return self.difference - self.elsewhere

    @property
    def more(self) -> int:
        """Yen more a year, when more was spent."""
        return -self.difference


class Basis(TypedDict):
    """The actual spending that a confirmed saving rests on: yen of the last fiscal year before the adoption, and of the
    year it was confirmed for. None where no figure was known.
    """

    before_year: int | None
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Correction:
    """A confirmed saving whose actual spending was corrected since: what it rested on and what is known now, in yen."""

    confirmed: int
    year: int
    before_year: int
    before: int
    after: int
    before_now: int | None
    after_now: int | None
    moved: int | None = None

    @property
    def amount(self) -> int | None:
        """Yen that count now: what people confirmed, moved by its part of what the figures moved; None when a figure is
        gone, and nothing can be confirmed by it.
        """
        return None if self.moved is None else self.confirmed + self.moved

    @property
    def difference(self) -> int | None:
        """Yen by which the figures moved; None when one is gone."""
        if self.before_now is None or self.after_now is None:
            return None
        return (self.before_now - self.before) - (self.after_now - self.after)

    @property
    def changes(self) -> list[tuple[int, int, int | None]]:
        """What was corrected: (fiscal year, yen then, yen now)."""
        every = (
            (self.before_year, self.before, self.before_now),
            (self.year, self.after, self.after_now),
        )
        return [one for one in every if one[1] != one[2]]


def adopted_in(entries: Sequence[ReuseEntry]) -> dict[int, int]:
    """Fiscal years since which entries stand as adopted, by their keys, as the books' ledgers tell. One query."""
    keys = {entry.pk for entry in entries}
    acts = LedgerEntry.objects.filter(
        project__in={entry.project_id for entry in entries}, act__startswith="reuse."
    )
    found: dict[int, int] = {}
    for act, params, at in acts.order_by("chain", "seq").values_list("act", "params", "at"):
        key = params.get("reuse_id")
        if key not in keys or act == "reuse.confirmed":
            continue
        if act == "reuse.adopted":
            # said again with another estimate, it is still the first adoption
            found.setdefault(key, fiscal_year_of(timezone.localdate(at)))
        else:
            found.pop(key, None)
    return found


def savings(entries: Sequence[ReuseEntry]) -> dict[int, Saving]:
    """What actual budgets propose for adopted entries, by their keys. Three queries, however many; entries whose actual
    figures do not reach from before the adoption to a full year after it are left out.
    """
    projects = {entry.project_id for entry in entries}
    peers = list(
        ReuseEntry.objects.filter(project__in=projects, state=ReuseEntry.State.ADOPTED).order_by("pk")
    )
    years = adopted_in(peers)
    spent = _spent(projects)
    this_year = fiscal_year_of(timezone.localdate())
    found: dict[int, Saving] = {}
    for project, together in _by_project(peers).items():
        full = {year: yen for year, yen in spent[project].items() if year < this_year}
        known = [(entry, _saving(years[entry.pk], full)) for entry in together if entry.pk in years]
        found |= _shared([(entry, saving) for entry, saving in known if saving])
    return {entry.pk: found[entry.pk] for entry in entries if entry.pk in found}


def _by_project(entries: Iterable[ReuseEntry]) -> dict[int, list[ReuseEntry]]:
    found: dict[int, list[ReuseEntry]] = defaultdict(list)
    for entry in entries:
        found[entry.project_id].append(entry)
    return found


def _saving(adopted: int, spent: Mapping[int, int]) -> Saving | None:
    before = max((year for year in spent if year < adopted), default=None)
    after = max((year for year in spent if year > adopted), default=None)
    if before is None or after is None:
        return None
    return Saving(before, spent[before], after, spent[after])


def _shared(known: Sequence[tuple[ReuseEntry, Saving]]) -> dict[int, Saving]:
    """The savings of one book, by the entries' keys, so that no yen is put down to two platforms.

    Those adopted last come first: what they saved lies in the span of those adopted before them, too. Platforms whose
    spans are the same share what is left by what each was expected to avoid; what people confirmed stands.
    """
    found: dict[int, Saving] = {}
    told = 0
    for year in sorted({saving.before_year for _entry, saving in known}, reverse=True):
        group = [(entry, saving) for entry, saving in known if saving.before_year == year]
        told += sum(entry.confirmed or 0 for entry, _saving in group)
        waiting = [entry for entry, _saving in group if entry.confirmed is None]
        parts = split(group[0][1].difference - told, [entry.avoided for entry in waiting])
        amounts = dict(zip((entry.pk for entry in waiting), parts, strict=True))
        for entry, saving in group:
            amount = amounts[entry.pk] if entry.confirmed is None else entry.confirmed
            found[entry.pk] = replace(saving, elsewhere=saving.difference - amount)
        told += sum(parts)
    return found


def split(amount: int, weights: Sequence[int | None]) -> list[int]:
    """Whole yen by weight that add up to the amount; in equal parts where a weight is not known or nothing."""
    known = [weight for weight in weights if weight and weight > 0]
    shares = known if len(known) == len(weights) else [1] * len(weights)
    ends = [0, *(amount * upto // sum(shares) for upto in accumulate(shares))]
    return [end - start for start, end in pairwise(ends)]


def _spent(projects: Iterable[int]) -> defaultdict[int, dict[int, int]]:
    """Actual spending by project and fiscal year; negative figures are none. One query."""
    spent: defaultdict[int, dict[int, int]] = defaultdict(dict)
    known = BudgetYear.objects.filter(project__in=set(projects), executed__isnull=False, executed__gte=0)
    for project, year, executed in known.order_by().values_list("project_id", "fiscal_year", "executed"):
        spent[project][year] = executed or 0
    return spent


def basis_of(entry: ReuseEntry, year: int) -> Basis:
    """The actual spending known now that a saving confirmed for this fiscal year rests on."""
    spent = _spent([entry.project_id])[entry.project_id]
    adopted = adopted_in([entry]).get(entry.pk)
    before = max((one for one in spent if adopted is not None and one < adopted), default=None)
    return {
        "before_year": before,
        "before": None if before is None else spent[before],
        "after": spent.get(year),
    }


def corrections(entries: QuerySet[ReuseEntry]) -> dict[int, Correction]:
    """Confirmed savings among these whose actual spending was corrected since, by the entries' keys. Two queries."""
    rows = list(entries.filter(confirmed__isnull=False, confirmed_on__isnull=False).order_by())
    spent = _spent(row.project_id for row in rows)
    found = {}
    for row in rows:
        basis: Any = row.confirmed_on
        if None in (basis["before"], basis["after"]):
            continue
        before, after, year = basis["before"], basis["after"], row.confirmed_year or 0
        before_now = spent[row.project_id].get(basis["before_year"])
        after_now = spent[row.project_id].get(year)
        if (before_now, after_now) != (before, after):
            found[row.pk] = Correction(
                row.confirmed or 0, year, basis["before_year"], before, after, before_now, after_now
            )
    return _moved(found, rows)


def _moved(found: Mapping[int, Correction], rows: Iterable[ReuseEntry]) -> dict[int, Correction]:
    """What the figures moved, shared by savings of one book that rest on the same years as they share the amount."""
    same: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for row in rows:
        if (one := found.get(row.pk)) and one.difference is not None:
            same[row.project_id, one.before_year, one.year].append(row.pk)
    moved = dict(found)
    for keys in same.values():
        parts = split(found[keys[0]].difference or 0, [found[key].confirmed for key in keys])
        moved |= {key: replace(found[key], moved=part) for key, part in zip(keys, parts, strict=True)}
    return moved
