"""What using a common platform seems to have saved: proposed from actual budgets, for people to confirm or change."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, LedgerEntry
from sekisho.sharing.models import ReuseEntry


@dataclass(frozen=True)
class Saving:
    """Yen spent in the last full fiscal year before a platform was adopted and in the latest full one after it. It takes
    for granted that the work stayed the same and that nothing but the platform changed the cost.
    """

    adopted: int
    before_year: int
    before: int
    year: int
    after: int

    @property
    def amount(self) -> int:
        """Yen less a year; negative when more was spent."""
        return self.before - self.after

    @property
    def more(self) -> int:
        """Yen more a year, when more was spent."""
        return -self.amount


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
    """What actual budgets propose for adopted entries, by their keys. Two queries, however many; entries whose actual
    figures do not reach from before the adoption to a full year after it are left out.
    """
    years = adopted_in(entries)
    projects = {entry.project_id for entry in entries if entry.pk in years}
    spent: dict[int, dict[int, int]] = defaultdict(dict)
    this_year = fiscal_year_of(timezone.localdate())
    known = BudgetYear.objects.filter(
        project__in=projects, executed__isnull=False, executed__gte=0, fiscal_year__lt=this_year
    )
    for project, year, executed in known.order_by().values_list("project_id", "fiscal_year", "executed"):
        spent[project][year] = executed or 0
    found = {}
    for entry in entries:
        if entry.pk in years and (saving := _saving(years[entry.pk], spent[entry.project_id])):
            found[entry.pk] = saving
    return found


def _saving(adopted: int, spent: Mapping[int, int]) -> Saving | None:
    before = max((year for year in spent if year < adopted), default=None)
    after = max((year for year in spent if year > adopted), default=None)
    if before is None or after is None:
        return None
    return Saving(adopted, before, spent[before], after, spent[after])
