"""Opening, changing and recording many books at once, for imports: the same rules as the single acts, few queries.

The caller holds one transaction and the lock on the projects it changes. What comes out is what
`projects`, `gates`, `ledger` and `rollup` would have written one by one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, models
from django.utils import timezone

from sekisho.book import builtin_measures, fiscal, measures
from sekisho.book.chain import ChainEntry
from sekisho.book.evaluation import GateFacts, Measurement, evaluate, is_binding
from sekisho.book.followers import tell_followers
from sekisho.book.models import BudgetYear, Gate, LedgerEntry, LedgerHead, Phase, PhaseEntry, Project
from sekisho.book.models.ledger import OFFICE
from sekisho.book.seals import seal
from sekisho.book.search_tokens import index_tokens
from sekisho.book.services import ledger, rollup
from sekisho.book.services.common import Act
from sekisho.book.services.lapsing import lapse_changed
from sekisho.book.tiers import TierInputs, compute_tier
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.standards.models import StandardInForce, StandardVersion
from sekisho.standards.pack import Criterion
from sekisho.standards.services import standard_for

#: acts that leave a book as an import made it: nobody has worked on it yet
_IMPORT_ACTS = (
    "project.imported",
    "project.renamed",
    "project.reorganised",
    "project.vanished",
    "project.absent",
    "gate.opened",
)
_BATCH = 500
_ENTRY = (
    *("chain", "seq", "project_id", "at", "actor_id", "actor_name", "act", "params", "before", "after"),
    *("previous_hash", "hash"),
)
_PHASE = ("project_id", "phase", "gate_id", "not_needed", "reason", "entered_by_id", "entered_at")
#: blocker count of a new book whose gate demands a measurement, until it is taken
UNMEASURED = 1_000_000


class BulkLedger:
    """Collects acts of many chains and appends them together, hash for hash as `ledger.append` would."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.now = timezone.now()
        self._acts: dict[
            str, list[tuple[int | None, str, dict[str, Any], dict[str, Any], dict[str, Any]]]
        ] = defaultdict(list)

    def add(
        self,
        project_id: int | None,
        act: str,
        params: Mapping[str, Any] | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Note one act of a book (None: of the office). Values must be plain JSON already."""
        chain = f"book:{project_id}" if project_id else OFFICE
        self._acts[chain].append((project_id, act, dict(params or {}), dict(before or {}), dict(after or {})))

    def flush(self) -> int:
        """Append everything noted; returns how many entries."""
        chains = sorted(self._acts)
        heads = LedgerHead.objects.select_for_update().filter(chain__in=chains).order_by("chain")
        ends = {head.chain: (head.length, head.last_hash) for head in heads}
        broken = {head.chain for head in heads if not ledger.is_sealed(head)}
        rows: list[tuple[Any, ...]] = []
        for chain in chains:
            ends[chain] = self._chain(chain, *ends.get(chain, (0, "")), rows)
        insert_rows(LedgerEntry, _ENTRY, rows)
        LedgerHead.objects.bulk_create(
            [
                LedgerHead(
                    chain=chain,
                    length=ends[chain][0],
                    last_hash=ends[chain][1],
                    seal="" if chain in broken else seal(chain, *ends[chain]),
                )
                for chain in chains
            ],
            update_conflicts=True,
            unique_fields=["chain"],
            update_fields=["length", "last_hash", "seal"],
            batch_size=_BATCH,
        )
        self._acts.clear()
        return len(rows)

    def _chain(self, chain: str, length: int, last: str, rows: list[tuple[Any, ...]]) -> tuple[int, str]:
        at = ledger._iso(self.now)
        for project_id, act, params, before, after in self._acts[chain]:
            length += 1
            who = (self.actor.user_id, self.actor.name)
            entry = ChainEntry(chain, length, at, *who, act, params, before, after, previous_hash=last)
            previous, last = last, entry.digest()
            rows.append(
                (chain, length, project_id, self.now, *who, act, params, before, after, previous, last)
            )
        return length, last


def update_rows(model: type[models.Model], rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write these fields of existing rows, one prepared statement for all of them."""
    if not rows or not names:
        return
    columns: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    key: Any = model._meta.pk
    sql = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(str(key.column))} = %s"  # noqa: S608
    values = [
        [*(_stored(column, row) for column in columns), key.get_db_prep_value(row.pk, connection)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


def _stored(column: Any, row: models.Model) -> Any:
    return column.get_db_prep_save(getattr(row, column.attname), connection)


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert plain tuples, values in the order of ``names`` (attribute names: all columns but the key).

    For rows whose keys nobody needs: several times faster than making and inserting instances.
    """
    columns: list[Any] = [model._meta.get_field(name) for name in names]
    missing = {f.attname for f in model._meta.concrete_fields if not f.primary_key or f.attname in names}
    assert missing == {column.attname for column in columns}, "every column must be given"
    kept = [_keeper(column) for column in columns]
    values = [[keep(value) for keep, value in zip(kept, row, strict=True)] for row in rows]
    if values:
        quote = connection.ops.quote_name
        into = ", ".join(quote(column.column) for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES ({marks})"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)
    return len(values)


def _keeper(column: Any) -> Callable[[Any], Any]:
    """How a column's value is stored. Whole numbers, booleans and keys go as they are."""
    if isinstance(column, models.CharField | models.TextField):
        return lambda value: value if value is None or type(value) is str else str(value)
    if isinstance(column, models.IntegerField | models.BooleanField | models.ForeignKey):
        return lambda value: value
    return lambda value: column.get_db_prep_save(value, connection)


@dataclass(slots=True)
class Money:
    """What a book's rollup needs of its budget years, in yen."""

    peak: int = 0
    this_year: int = 0
    execution_rate: float | None = None

    @classmethod
    def of(cls, years: Mapping[int, Mapping[str, int | None]]) -> "Money":
        """From amounts by fiscal year and name."""
        now = years.get(fiscal.fiscal_year_of(timezone.localdate()), {})
        known = [amounts.get(name) or 0 for amounts in years.values() for name in ("approved", "requested")]
        return cls(
            peak=max(known, default=0),
            this_year=BudgetYear(**now).available or 0,
            execution_rate=builtin_measures.execution_rate_of(
                BudgetYear(fiscal_year=year, **amounts) for year, amounts in years.items()
            ).value,
        )


@dataclass(slots=True)
class Draft:
    """A book about to be opened: an unsaved project, its money, and words of the phases it left behind."""

    project: Project
    money: Money
    skipped_reason: str


@dataclass(slots=True)
class Openings:
    """What `open_books` must look up once: standards by organisation, blockers by what they depend on."""

    standards: dict[tuple[int, ...], StandardVersion] = field(default_factory=dict)
    choosers: frozenset[int] | None = None
    asked: dict[tuple[Any, ...], tuple[Criterion, ...]] = field(default_factory=dict)
    blockers: dict[tuple[Any, ...], int] = field(default_factory=dict)
    by_id: dict[int, StandardVersion] = field(default_factory=dict)

    def standard_of(self, owner: Organisation) -> StandardVersion:
        """The standard in force for an organisation; the same for all that lie below the same choices."""
        if self.choosers is None:
            self.choosers = frozenset(
                StandardInForce.objects.order_by().values_list("organisation_id", flat=True)
            )
        above = tuple(int(part) for part in owner.path.split("/") if part and int(part) in self.choosers)
        if above not in self.standards:
            found = standard_for(owner, timezone.localdate())
            self.standards[above] = self.by_id.setdefault(found.pk, found)
        return self.standards[above]

    def standard(self, pk: int) -> StandardVersion:
        """A registered version by key."""
        if pk not in self.by_id:
            self.by_id[pk] = StandardVersion.objects.get(pk=pk)
        return self.by_id[pk]

    def fresh_blockers(self, project: Project, standard: StandardVersion, money: Money) -> int | None:
        """How much bars a phase gate nobody has worked on; None when a measurement has to be taken."""
        attributes = _attributes(project, money)
        named = _named_attributes(standard, project.phase)
        key = (standard.pk, project.phase, project.tier, *(_hashable(attributes[name]) for name in named))
        if key not in self.asked:
            self.asked[key] = standard.load().applicable(project.phase, attributes)
        wanted = {c.measure.name for c in self.asked[key] if c.measure and is_binding(c)}
        measured = _fresh_measurements(wanted, money)
        if measured is None:
            return None
        key = (*key, *sorted((name, m.value) for name, m in measured.items() if m.value is not None))
        if key not in self.blockers:
            facts = GateFacts(self.asked[key[: 3 + len(named)]], project.tier, timezone.localdate())
            self.blockers[key] = len(evaluate(replace(facts, measurements=measured)).blockers)
        return self.blockers[key]


def _fresh_measurements(wanted: set[str], money: Money) -> dict[str, Measurement] | None:
    """What our own measures say of a book nobody has worked on; None when others are asked."""
    values: dict[Any, float | None] = {
        builtin_measures.open_must_findings: 0,
        builtin_measures.overdue_conditions: 0,
        builtin_measures.days_since_status: None,
        builtin_measures.budget_execution_rate: money.execution_rate,
    }
    known = measures.all_measures()
    if any(name in known and known[name].measure not in values for name in wanted):
        return None
    now = timezone.now()
    return {name: Measurement(values[known[name].measure], now) for name in wanted if name in known}


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _attributes(project: Project, money: Money) -> dict[str, Any]:
    """As `queries.gates.attributes_of`, from memory."""
    return {
        "audience": project.audience,
        "personal_data": project.personal_data,
        "information_class": project.information_class,
        "network_zone": project.network_zone,
        "development_form": project.development_form,
        "tier": project.tier,
        "phase": project.phase,
        "release_kind": "none",
        "emergency": False,
        "budget_yen": money.peak,
    }


_names: dict[tuple[str, str], tuple[str, ...]] = {}


def _named_attributes(standard: StandardVersion, phase: str) -> tuple[str, ...]:
    """Attributes on which the criteria of a phase depend."""
    key = (standard.sha256, phase)
    if key not in _names:
        conditions = [criterion.condition for criterion in standard.load().for_phase(phase)]
        _names[key] = tuple(
            sorted({name for condition in conditions if condition for name in condition.names})
        )
    return _names[key]


def _roll_up(project: Project, standard: StandardVersion, money: Money, openings: Openings) -> bool:
    """Set the rolled-up fields of a book nobody has worked on; False when a measurement has to be taken."""
    inputs = TierInputs(
        tuple(project.audience), project.personal_data, project.information_class, budget_yen=money.peak
    )
    project.tier = project.computed_tier = compute_tier(inputs)
    project.money_this_year = money.this_year
    bars = openings.fresh_blockers(project, standard, money)
    project.blocker_count = bars or 0
    project.road = {"stations": _stations(project, bars or 0), "bars": bars or 0, "marks": []}
    return bars is not None


def _stations(project: Project, bars: int) -> list[str]:
    here = Phase(project.phase).position
    standing = "here_barred" if bars else "here_open"
    return ["skipped" if p < here else standing if p == here else "ahead" for p in range(len(Phase))]


def open_books(actor: Actor, drafts: Sequence[Draft], acts: BulkLedger, openings: Openings) -> None:
    """Open many books, each in its phase with the gate at its end; phases before it are marked as not needed.

    Acts on the new books are added to ``acts`` by the caller afterwards, `gate.opened` by this function; the
    caller writes the money, calls ``acts.flush()`` and then `measure`. Projects get their keys.
    """
    standards = [openings.standard_of(draft.project.owner) for draft in drafts]
    for draft, standard in zip(drafts, standards, strict=True):
        if not _roll_up(draft.project, standard, draft.money, openings):
            draft.project.blocker_count = UNMEASURED
    Project.objects.bulk_create([draft.project for draft in drafts], batch_size=_BATCH)
    insert_rows(
        PhaseEntry, _PHASE, (entry for draft in drafts for entry in _phase_entries(actor, draft, acts))
    )
    gates = [
        Gate(project=draft.project, phase=draft.project.phase, standard=standard, opened_at=acts.now)
        for draft, standard in zip(drafts, standards, strict=True)
    ]
    Gate.objects.bulk_create(gates, batch_size=_BATCH)
    for gate in gates:
        params = {"gate": gate.reference, "gate_id": gate.pk, "standard": str(gate.standard)}
        acts.add(gate.project_id, "gate.opened", params)
    tell_followers([draft.project.pk for draft in drafts])


def measure(projects: Iterable[Project]) -> None:
    """Refresh those new books whose gate demands a measurement, once all about them is stored."""
    for project in projects:
        if project.blocker_count == UNMEASURED:
            rollup.refresh(project)


def _phase_entries(actor: Actor, draft: Draft, acts: BulkLedger) -> Iterable[tuple[Any, ...]]:
    here = Phase(draft.project.phase)
    for phase in list(Phase)[: here.position + 1]:
        passed = phase != here
        reason = draft.skipped_reason if passed else ""
        yield draft.project.pk, phase.value, None, passed, reason, actor.user_id, acts.now


def worked_on(project_ids: Iterable[int]) -> set[int]:
    """Those books on which something other than imports has happened."""
    entries = LedgerEntry.objects.filter(project_id__in=list(project_ids)).exclude(act__in=_IMPORT_ACTS)
    return set(entries.order_by().values_list("project_id", flat=True).distinct())


def settle(
    actor: Actor, projects: Sequence[tuple[Project, Money]], openings: Openings, fields: Sequence[str]
) -> None:
    """Store changed ``fields`` of existing books and bring what follows from them up to date.

    Call it after the money is written and the ledger is flushed. Books people have worked on are refreshed one
    by one, and their decisions lapse when their ground has moved.
    """
    for project, _money in projects:
        project.version += 1
        project.updated_at = timezone.now()
    update_rows(Project, [project for project, _money in projects], [*fields, "version", "updated_at"])
    worked = worked_on(project.pk for project, _money in projects)
    gates = _current_gates([project for project, _money in projects])
    fresh: list[Project] = []
    for project, money in projects:
        standard_id = gates.get((project.pk, project.phase))
        simple = project.pk not in worked and standard_id is not None
        if simple and _roll_up(project, openings.standard(standard_id or 0), money, openings):
            fresh.append(project)
        else:
            _refresh_worked(actor, project)
    update_rows(Project, fresh, ["tier", "computed_tier", "blocker_count", "money_this_year", "road"])
    tell_followers([project.pk for project in fresh])


def _current_gates(projects: Sequence[Project]) -> dict[tuple[int, str], int]:
    rows = Gate.objects.filter(project__in=projects, release__isnull=True).order_by()
    return {
        (pk, phase): standard
        for pk, phase, standard in rows.values_list("project_id", "phase", "standard_id")
    }


def _refresh_worked(actor: Actor, project: Project) -> None:
    rollup.refresh(project)
    if lapse_changed(Act(actor, project)):
        rollup.refresh(project, money_moved=False)


def index_books(books: Iterable[tuple[Project, Iterable[str]]]) -> None:
    """Write the search tokens of many books, given with their ids elsewhere (see `rollup.tokens_of`)."""
    rows = [
        (
            project.pk,
            index_tokens(
                project.code,
                project.name,
                project.name_en,
                project.summary[:2000],
                project.purpose[:2000],
                project.owner.name,
                " ".join(ids),
            ),
        )
        for project, ids in books
    ]
    if rows:
        rollup.index_many(rows)
