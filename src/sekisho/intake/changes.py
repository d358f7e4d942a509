"""What a source's records mean for a book: which values follow, which stay because people changed them. No Django.

The rule for every value: what people entered here is never overwritten. A value is theirs when it differs from
what was last imported. `replay` walks the records of one project year by year over an in-memory picture of its
book and tells what happened; planning and importing both rest on it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sekisho.intake.records import ContractRecord, GoalRecord, ProjectRecord
from sekisho.values import name_key

AMOUNTS: Final = ("requested", "approved", "supplementary", "carried_in", "carried_out", "executed")
#: fields of the book that a source may fill, with the value of a book that says nothing
FIELDS: Final[Mapping[str, Any]] = {
    "name": "",
    "name_en": "",
    "summary": "",
    "purpose": "",
    "start_year": None,
    "end_year": None,
    "for_citizens": False,
    "for_businesses": False,
    "for_staff": False,
    "personal_data": "none",
    "information_class": 2,
    "network_zone": "lgwan",
    "development_form": "contract",
}
#: texts of a source that the book has no field for; kept beside the id they came with, and always the source's
TEXTS: Final = ("situation", "remarks")
_EXTRA: Final = ("name_en", "personal_data", "information_class", "network_zone", "development_form")
_AUDIENCES: Final = ("citizens", "businesses", "staff")
DEFAULT_PHASE: Final = "operate"
_URL_LIMIT: Final = 2000

Row = dict[str, Any]


@dataclass(slots=True)
class Imported:
    """What was last imported: of fields, of money by year, of contracts and goals (digests by source key); and ``texts``
    that only the source has, by ``TEXTS``. ``listed``: the years whose lists named it; ``absent``: those whose lists
    spoke for it and did not, whatever order they came in. ``told``: by fiscal year, the latest list that gave amounts.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    years: dict[str, dict[str, int]] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    owner: int | None = None
    vanished: int | None = None
    listed: list[int] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Imported":
        """From JSON; unknown keys are left out."""
        known = {name: document[name] for name in cls.__slots__ if name in document}
        copied = json.loads(json.dumps(known))
        return cls(**copied)

    def between(self, year: int) -> bool:
        """Whether lists before and after this year named it, and that of the year itself not."""
        return bool(self.listed) and self.listed[0] < year < self.listed[-1] and year not in self.listed

    def document(self) -> dict[str, Any]:
        """As plain JSON, without what is empty."""
        return {
            name: value for name in self.__slots__ if (value := getattr(self, name)) not in (None, {}, [])
        }


@dataclass(slots=True)
class Book:
    """A book as far as imports touch it. ``pk`` is None until it is opened; amounts in yen by year and name.

    ``wanted_code`` is the code a table gives; ``row`` is whatever the caller keeps its stored form in.
    """

    pk: int | None
    code: str
    values: Row
    phase: str = DEFAULT_PHASE
    closed: bool = False
    owner_id: int | None = None
    owner_name: str = ""
    identity: str = ""
    ids: set[str] = field(default_factory=set)
    last_year: int | None = None
    imported: Imported = field(default_factory=Imported)
    years: dict[int, dict[str, int | None]] = field(default_factory=dict)
    contracts: dict[str, Row] = field(default_factory=dict)
    goals: dict[str, Row] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    wanted_code: str = ""
    row: Any = None

    @property
    def moved_here(self) -> bool:
        """Whether people put the book elsewhere than the last import did."""
        return self.pk is not None and self.owner_id != self.imported.owner


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, or here and there."""

    year: int | None
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """An act for the book's ledger."""

    act: str
    params: Row
    before: Row
    after: Row


@dataclass(slots=True)
class Outcome:
    """What one project's records did to its book. ``touched_*`` say which rows must be written."""

    book: Book
    is_new: bool
    entries: list[Entry] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    renamed: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    vanished: list[int | None] = field(default_factory=list)
    #: years that turned out to lie between two listings
    absent: list[int] = field(default_factory=list)
    years_added: list[int] = field(default_factory=list)
    touched_fields: set[str] = field(default_factory=set)
    touched_years: set[int] = field(default_factory=set)
    touched_contracts: set[str] = field(default_factory=set)
    touched_goals: set[str] = field(default_factory=set)
    new_links: list[str] = field(default_factory=list)
    new_ids: list[str] = field(default_factory=list)
    identity_touched: bool = False
    owner_changed: bool = False
    texts_changed: bool = False

    @property
    def rewrites(self) -> bool:
        """Whether the book reads differently than before."""
        rows = (self.touched_fields, self.touched_years, self.touched_contracts, self.touched_goals)
        return any(rows) or bool(self.new_links or self.new_ids or self.owner_changed or self.texts_changed)


def replay(
    book: Book | None,
    records: Sequence[ProjectRecord],
    source_years: Sequence[int],
    source: str,
    *,
    other_years: Collection[int] = (),
    judge_vanished: Callable[[Sequence[str], int | None], bool] = lambda _path, _year: True,
) -> Outcome:
    """Walk the years of a source over one book; ``book`` is changed in place (a new one is made from None).

    ``records`` are those of one project in year order. A book that the source knew before and does not list in one of
    ``source_years``, where ``judge_vanished`` (where it stood, the year) says so, vanished in that year, or was absent
    between two years that list it. ``other_years``: those whose lists came before, which a new book was not in.
    """
    is_new = book is None
    outcome = Outcome(book or _blank(records), is_new)
    if outcome.book.closed:
        return outcome
    by_year: dict[int | None, list[ProjectRecord]] = {}
    for record in records:
        by_year.setdefault(record.source_year, []).append(record)
    imported = outcome.book.imported
    before = json.dumps(imported.document())
    home = records[0].organisation_path if records else ()
    years = {*source_years, *(other_years if is_new else ())}
    for year in [*sorted(years), *([None] if None in by_year else [])]:
        for record in by_year.get(year, ()):
            _Step(outcome, record, source).take()
        if year is not None and year not in by_year and judge_vanished(imported.path or home, year):
            _judge(outcome, year, source)
    outcome.identity_touched |= json.dumps(imported.document()) != before
    return outcome


def same_path(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two organisations are one but for width, case and spaces: 部（IT） and 部(ＩＴ)."""
    return one == other or list(map(name_key, one)) == list(map(name_key, other))


def _blank(records: Sequence[ProjectRecord]) -> Book:
    phases = [str(record.extra["phase"]) for record in records if record.extra.get("phase")]
    codes = [str(record.extra["code"]) for record in records if record.extra.get("code")]
    return Book(
        pk=None,
        code="",
        values=dict(FIELDS),
        phase=phases[-1] if phases else DEFAULT_PHASE,
        wanted_code=codes[-1] if codes else "",
    )


def _judge(outcome: Outcome, year: int, source: str) -> None:
    """A list that spoke for the book did not name it. Lists may come late: of a year before all that named the book
    nothing is told until an earlier one does.
    """
    last, imported = outcome.book.last_year, outcome.book.imported
    if year == last or year in imported.listed:
        return
    if year not in imported.absent:
        imported.absent = sorted([*imported.absent, year])
        if imported.between(year):
            _tell_absent(outcome, year, source)
    if last is not None and year > last and (imported.vanished is None or year < imported.vanished):
        _tell_vanished(outcome, year, source)


def _tell_vanished(outcome: Outcome, year: int, source: str) -> None:
    outcome.book.imported.vanished = year
    outcome.vanished.append(year)
    outcome.entries.append(Entry("project.vanished", {"source": source, "year": year}, {}, {}))


def _tell_absent(outcome: Outcome, year: int, source: str) -> None:
    outcome.absent.append(year)
    # the years that list the book are told anew
    outcome.texts_changed = True
    outcome.entries.append(Entry("project.absent", {"source": source, "year": year}, {}, {}))


class _Step:
    """One record of one source year, taken into the book."""

    def __init__(self, outcome: Outcome, record: ProjectRecord, source: str) -> None:
        self.outcome, self.record = outcome, record
        self.book, self.imported = outcome.book, outcome.book.imported
        self.year, self.lists = record.source_year, source
        self.source = f"{source} {self.year}" if self.year else source
        #: the first record of a new book fills it
        self.first = outcome.is_new and not outcome.entries
        #: a record of an earlier year than the last one known only fills gaps
        self.fills = bool(self.year and self.book.last_year and self.year < self.book.last_year)
        self.before: Row = {}
        self.after: Row = {}

    def take(self) -> None:
        listed = self.imported.listed
        self.ids()
        if not self.fills:
            self.fields()
            self.texts()
            self.organisation()
        self.listed()
        self.years()
        self.contracts()
        self.goals()
        self.links()
        if self.year and not self.fills and self.book.last_year != self.year:
            self.book.last_year = self.year
            self.outcome.identity_touched = True
        if self.after or self.first:
            params = {"source": self.source, "fields": list(self.after)}
            self.outcome.entries.append(Entry("project.imported", params, self.before, self.after))
        if not self.fills:
            self.reappear()
        self.gaps(listed)

    def ids(self) -> None:
        for value in (self.record.external_id, *self.record.previous_ids):
            if value not in self.book.ids:
                self.book.ids.add(value)
                self.outcome.new_ids.append(value)
        if not self.book.identity:
            self.book.identity = self.record.external_id

    def listed(self) -> None:
        """Keep that this year listed the book, and of a year taken in late what it called the book and its owner: the
        ledger tells the years from that.
        """
        imported = self.imported
        if self.year is None or self.year in imported.listed:
            return
        first = self.year < min(imported.listed, default=0)
        back = self.year in imported.absent or (imported.vanished or self.year + 1) <= self.year
        imported.listed = sorted([*imported.listed, self.year])
        imported.absent = [year for year in imported.absent if year != self.year]
        path, said = self.record.organisation_path, dict[str, Any]()
        if self.fills and self.record.name not in ("", imported.fields.get("name")):
            said["listed_name"] = self.record.name
        if self.fills and path and not same_path(path, imported.path):
            said["listed_owner"] = " / ".join(path)
        if said or first or back:
            self.after |= {"listed_year": self.year, **said}
            self.outcome.texts_changed = True

    def reappear(self) -> None:
        """It is listed again; it is gone only where a later list that came before this one did not name it."""
        gone = self.imported.vanished
        if gone is None or (self.year is not None and self.year < gone):
            return
        self.imported.vanished = None
        later = [year for year in self.imported.absent if self.year is not None and year > self.year]
        if later:
            _tell_vanished(self.outcome, later[0], self.lists)

    def gaps(self, listed: Sequence[int]) -> None:
        """Where this list is older than all before: the years up to the next one that did not name the book."""
        if self.year is None or not listed or self.year >= listed[0]:
            return
        for year in self.imported.absent:
            if self.year < year < listed[0]:
                _tell_absent(self.outcome, year, self.lists)

    # ------------------------------------------------------------------------------------------ fields

    def fields(self) -> None:
        for name, said in _said(self.record):
            self.field(name, said)
        if self.first:
            self.imported.fields = dict(self.book.values)
        phase = self.record.extra.get("phase")
        if phase and phase != self.book.phase and not self.outcome.is_new:
            self.keep("phase", self.book.phase, phase)

    def field(self, name: str, said: Any) -> None:
        here, last = self.book.values[name], self.imported.fields.get(name)
        known = self.first or name in self.imported.fields
        self.imported.fields[name] = said
        if here == said:
            return
        if (known and here == last) or self.first or (not known and here in ("", None)):
            self.set_field(name, here, said)
        else:
            self.keep(name, here, said)

    def set_field(self, name: str, here: Any, said: Any) -> None:
        self.book.values[name] = said
        self.outcome.touched_fields.add(name)
        if name == "name" and not self.first:
            change = Change(self.year, name, here, said)
            self.outcome.renamed.append(change)
            params = {"source": self.source, "old": here, "new": said}
            self.outcome.entries.append(Entry("project.renamed", params, {name: here}, {name: said}))
            return
        self.note(name, here, said)

    def note(self, name: str, here: Any, said: Any) -> None:
        """A change for the ledger and, on books that stood before, for the preview."""
        if not self.first:
            self.before[name] = here
            self.outcome.changed.append(Change(self.year, name, here, said))
        self.after[name] = said

    def keep(self, name: str, here: Any, said: Any) -> None:
        self.outcome.kept.append(Change(self.year, name, here, said))

    def texts(self) -> None:
        """What the source says beyond the book's fields; nobody edits it here, so it follows the source."""
        for name in TEXTS:
            said, last = str(self.record.extra.get(name, "")), self.imported.texts.get(name, "")
            if said and said != last:
                self.imported.texts[name] = said
                self.outcome.texts_changed = True
                self.note(name, last, said)

    # ------------------------------------------------------------------------------------ organisation

    def organisation(self) -> None:
        path, last = list(self.record.organisation_path), self.imported.path
        if not path or same_path(path, last):
            if path and self.book.moved_here:
                self.keep("owner", self.book.owner_name, " / ".join(path))
            return
        self.imported.path = path
        if self.book.moved_here:
            self.keep("owner", self.book.owner_name, " / ".join(path))
            return
        self.outcome.owner_changed = True
        if self.first:
            self.after["owner"] = " / ".join(path)
            return
        change = Change(self.year, "owner", " / ".join(last), " / ".join(path))
        self.outcome.moved.append(change)
        params = {"source": self.source, "old": change.before or "–", "new": change.after}
        self.outcome.entries.append(
            Entry("project.reorganised", params, {"owner": change.before}, {"owner": change.after})
        )

    # ------------------------------------------------------------------------------------------- money

    def years(self) -> None:
        for record in self.record.years:
            year = record.fiscal_year
            said = {name: amount for name in AMOUNTS if (amount := getattr(record, name)) is not None}
            if said:
                self.amounts(year, said)

    def amounts(self, year: int, said: Mapping[str, int]) -> None:
        here = self.book.years.get(year, {})
        last = self.imported.years.setdefault(str(year), {})
        taken: dict[str, int] = {}
        older = self.older(year)
        for name, amount in said.items():
            if older and (name in last or here.get(name) is not None):
                continue
            theirs = here.get(name) != last.get(name)
            last[name] = amount
            if here.get(name) == amount:
                continue
            if theirs:
                self.keep(f"{name}:{year}", here.get(name), amount)
            else:
                taken[name] = amount
        if taken:
            self.set_amounts(year, taken)
        elif not last:
            del self.imported.years[str(year)]

    def older(self, year: int) -> bool:
        """Whether a later list gave amounts of this fiscal year; a list may correct what it or an earlier one gave."""
        told = self.imported.told.get(str(year))
        if self.year is not None:
            self.imported.told[str(year)] = max(self.year, told or 0)
        return self.fills and (told is None or self.year is None or told > self.year)

    def set_amounts(self, year: int, taken: Mapping[str, int]) -> None:
        stood = year in self.book.years
        here = self.book.years.setdefault(year, dict.fromkeys(AMOUNTS))
        before = {name: here[name] for name in taken}
        here.update(taken)
        self.outcome.touched_years.add(year)
        if stood:
            self.before[f"budget:{year}"] = before
            if not self.first:
                self.outcome.changed += [
                    Change(self.year, f"{name}:{year}", before[name], amount)
                    for name, amount in taken.items()
                ]
        elif not self.first:
            self.outcome.years_added.append(year)
        self.after[f"budget:{year}"] = dict(taken)

    # --------------------------------------------------------------------------------- contracts, goals

    def contracts(self) -> None:
        keyed = _contract_rows(self.record.scheme, self.record.contracts)
        self.rows(
            "contracts", keyed, self.book.contracts, self.imported.contracts, self.outcome.touched_contracts
        )

    def goals(self) -> None:
        keyed = _goal_rows(self.record.scheme, self.record.goals)
        self.rows("goals", keyed, self.book.goals, self.imported.goals, self.outcome.touched_goals)

    def rows(
        self,
        kind: str,
        keyed: Iterable[tuple[str, Row]],
        here: dict[str, Row],
        last: dict[str, str],
        touched: set[str],
    ) -> None:
        """Rows by source key: new ones added, unchanged ones follow, those people took off stay off."""
        news = []
        for key, row in keyed:
            mark = digest(row)
            if last.get(key) == mark or (self.fills and key in last):
                continue
            stands = here.get(key)
            if key in last and (stands is None or digest(stands) != last[key]):
                if stands is not None and digest(stands) != mark:
                    self.keep(kind, _words(stands), _words(row))
                last[key] = mark
                continue
            last[key], here[key] = mark, {**(stands or {}), **row}
            touched.add(key)
            news.append((stands, row))
        if news:
            self.note_rows(kind, news)

    def note_rows(self, kind: str, news: list[tuple[Row | None, Row]]) -> None:
        self.after[kind] = [row for _stands, row in news]
        if not self.first:
            for stands, row in news:
                before = _words(stands) if stands else None
                self.outcome.changed.append(Change(self.year, kind, before, _words(row)))

    def links(self) -> None:
        for url in self.record.links:
            if url in self.imported.links or len(url) > _URL_LIMIT:
                continue
            self.imported.links.append(url)
            if url not in self.book.links:
                self.book.links.add(url)
                self.outcome.new_links.append(url)
                self.after.setdefault("links", []).append(url)
                if not self.first:
                    self.outcome.changed.append(Change(self.year, "links", None, url))


def _said(record: ProjectRecord) -> Iterator[tuple[str, Any]]:
    """Fields of the book that a record speaks of."""
    for name in ("name", "summary", "purpose", "start_year", "end_year"):
        if (value := getattr(record, name)) not in ("", None):
            yield name, value
    for name in _EXTRA:
        if (value := record.extra.get(name)) not in ("", None):
            yield name, value
    if audience := record.extra.get("audience"):
        assert isinstance(audience, tuple)
        for name in _AUDIENCES:
            yield f"for_{name}", name in audience


def _contract_rows(scheme: str, contracts: Sequence[ContractRecord]) -> Iterator[tuple[str, Row]]:
    seen: Counter[tuple[Any, ...]] = Counter()
    for contract in contracts:
        identity = (contract.fiscal_year, name_key(contract.contractor), contract.title)
        seen[identity] += 1
        yield (
            source_key(scheme, *identity, seen[identity]),
            {
                "contractor": contract.contractor,
                "corporate_number": contract.corporate_number,
                "title": contract.title or contract.method or contract.contractor,
                "method": contract.method,
                "amount": contract.amount,
                "fiscal_year": contract.fiscal_year,
            },
        )


def _goal_rows(scheme: str, goals: Sequence[GoalRecord]) -> Iterator[tuple[str, Row]]:
    seen: Counter[tuple[Any, ...]] = Counter()
    for goal in goals:
        identity = (goal.kind, goal.number, goal.term)
        seen[identity] += 1
        text = (
            goal.text
            if not goal.indicator or goal.indicator in goal.text
            else f"{goal.text}\n{goal.indicator}"
        )
        target = f"{goal.target} ({goal.target_year})" if goal.target and goal.target_year else goal.target
        yield (
            source_key(scheme, *identity, seen[identity]),
            {"kind": goal.kind, "text": text, "unit": goal.unit[:100], "target": target[:200]},
        )


def source_key(*parts: Any) -> str:
    """Lasting key of a contract or goal within its source."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:32]


def digest(row: Row) -> str:
    """Short mark of a row's values, to see whether people changed it."""
    values = {name: value for name, value in row.items() if name != "pk"}
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def _words(row: Row) -> str:
    """A contract or goal in one line."""
    if "contractor" in row:
        amount = f" {row['amount']:,}" if row["amount"] is not None else ""
        return f"{row['contractor']}: {row['title']}{amount}"[:300]
    return str(row["text"])[:300]
