"""Books as imports see them, read from and written to the database in few queries."""

from collections.abc import Iterable, Sequence
from typing import Any

from sekisho.book.models import BudgetYear, Contract, Contractor, ExternalId, Goal, Link, Project
from sekisho.book.services.bulk import insert_rows, update_rows
from sekisho.intake.changes import AMOUNTS, FIELDS, Book, Imported, Outcome
from sekisho.intake.services.organisations import Organisations

_BATCH = 500
_CONTRACT = ("title", "method", "amount", "fiscal_year")
_IDENTITY = ("project_id", "scheme", "value", "last_year", "imported")
_GOAL = ("kind", "text", "unit", "target")


# -------------------------------------------------------------------------------------------------- reading


def load_books(scheme: str, ids: Sequence[int], *, lock: bool) -> dict[int, Book]:
    """Books by project key, as far as imports touch them. Eight queries, however many there are."""
    if not ids:
        return {}
    # owners are not joined: a book that got another one while we waited for its lock would be left out
    projects = Project.objects.filter(pk__in=ids).prefetch_related("owner").order_by("pk")
    if lock:
        projects = projects.select_for_update(of=("self",))
    books = {project.pk: _book(project) for project in projects}
    _read_identities(scheme, books)
    for year in BudgetYear.objects.filter(project__in=ids).order_by():
        books[year.project_id].years[year.fiscal_year] = {name: getattr(year, name) for name in AMOUNTS}
    _read_contracts(books)
    for goal in Goal.objects.filter(project__in=ids).exclude(source_key="").order_by():
        books[goal.project_id].goals[goal.source_key] = {"pk": goal.pk} | {n: getattr(goal, n) for n in _GOAL}
    for pk, url in Link.objects.filter(project__in=ids).order_by().values_list("project_id", "url"):
        books[pk].links.add(url)
    return books


def _book(project: Project) -> Book:
    return Book(
        pk=project.pk,
        code=project.code,
        values={name: getattr(project, name) for name in FIELDS},
        phase=project.phase,
        closed=project.is_closed,
        owner_id=project.owner_id,
        owner_name=project.owner.name,
        row=project,
    )


def _read_identities(scheme: str, books: dict[int, Book]) -> None:
    """The oldest id of a book in this source keeps what was imported; later ones are further names."""
    identities = ExternalId.objects.filter(project__in=list(books), scheme=scheme).order_by("pk")
    for identity in identities:
        book = books[identity.project_id]
        book.ids.add(identity.value)
        if identity.imported and book.last_year is None and not book.imported.fields:
            book.identity, book.last_year = identity.value, identity.last_year
            book.imported = Imported.read(identity.imported)


def _read_contracts(books: dict[int, Book]) -> None:
    contracts = (
        Contract.objects.filter(project__in=list(books)).exclude(source_key="").select_related("contractor")
    )
    for contract in contracts.order_by():
        books[contract.project_id].contracts[contract.source_key] = {
            "pk": contract.pk,
            "contractor": contract.contractor.name,
            "corporate_number": contract.contractor.corporate_number,
            **{name: getattr(contract, name) for name in _CONTRACT},
        }


# -------------------------------------------------------------------------------------------------- writing


def touched_projects(
    outcomes: Iterable[Outcome], organisations: Organisations
) -> list[tuple[Project, Outcome]]:
    """Rows of books that stood before and read differently now, with their new values set."""
    touched = []
    for outcome in outcomes:
        if outcome.rewrites:
            project: Project = outcome.book.row
            for name in outcome.touched_fields:
                setattr(project, name, outcome.book.values[name])
            if outcome.owner_changed:
                project.owner = organisations.find(tuple(outcome.book.imported.path)) or project.owner
            touched.append((project, outcome))
    return touched


def write_rows(scheme: str, outcomes: Sequence[Outcome]) -> None:
    """Store identities, money, contracts, goals and links of books that have their keys."""
    _write_identities(scheme, outcomes)
    _write_years(outcomes)
    _write_contracts(outcomes)
    _write_goals(outcomes)
    Link.objects.bulk_create(
        [
            Link(project_id=outcome.book.pk or 0, title=url[:300], url=url)
            for outcome in outcomes
            for url in outcome.new_links
        ],
        batch_size=_BATCH,
    )


def _write_identities(scheme: str, outcomes: Sequence[Outcome]) -> None:
    known = [outcome for outcome in outcomes if outcome.identity_touched and not _starts(outcome)]
    values = {outcome.book.identity: outcome.book for outcome in known}
    changed = list(ExternalId.objects.filter(scheme=scheme, value__in=list(values)))
    for identity in changed:
        book = values[identity.value]
        identity.imported, identity.last_year = book.imported.document(), book.last_year
    update_rows(ExternalId, changed, ["imported", "last_year"])
    insert_rows(ExternalId, _IDENTITY, _new_identities(scheme, outcomes))


def _starts(outcome: Outcome) -> bool:
    """Whether the id that keeps what was imported is itself new."""
    return outcome.book.identity in outcome.new_ids


def _new_identities(scheme: str, outcomes: Sequence[Outcome]) -> list[tuple[Any, ...]]:
    wanted = [(value, outcome) for outcome in outcomes for value in _ordered_ids(outcome)]
    known = ExternalId.objects.filter(scheme=scheme, value__in=[value for value, _outcome in wanted])
    taken = set(known.order_by().values_list("value", flat=True))
    made = []
    for value, outcome in wanted:
        if value in taken and value == outcome.book.identity:
            value = outcome.book.identity = second(value)  # noqa: PLW2901
        if value not in taken:
            taken.add(value)
            made.append(_identity(scheme, value, outcome.book))
    return made


def second(value: str) -> str:
    """What an id becomes that another book of the source has as a further name."""
    return f"{value[:190]}#2"


def _ordered_ids(outcome: Outcome) -> list[str]:
    """New ids, the one that keeps what was imported first."""
    return sorted(outcome.new_ids, key=lambda value: value != outcome.book.identity)


def _identity(scheme: str, value: str, book: Book) -> tuple[Any, ...]:
    if value == book.identity:
        return book.pk, scheme, value, book.last_year, book.imported.document()
    return book.pk, scheme, value, None, {}


def _write_years(outcomes: Sequence[Outcome]) -> None:
    existing = BudgetYear.objects.filter(
        project__in={outcome.book.pk for outcome in outcomes if outcome.touched_years and not outcome.is_new}
    )
    known = {(year.project_id, year.fiscal_year): year for year in existing.order_by()}
    new, standing = [], []
    for outcome in outcomes:
        for fiscal_year in sorted(outcome.touched_years):
            amounts = outcome.book.years[fiscal_year]
            year = known.get((outcome.book.pk or 0, fiscal_year))
            if year is None:
                new.append((outcome.book.pk, fiscal_year, *(amounts[name] for name in AMOUNTS), 1))
                continue
            for name in AMOUNTS:
                setattr(year, name, amounts[name])
            year.version += 1
            standing.append(year)
    update_rows(BudgetYear, standing, [*AMOUNTS, "version"])
    insert_rows(BudgetYear, ("project_id", "fiscal_year", *AMOUNTS, "version"), new)


def _write_contracts(outcomes: Sequence[Outcome]) -> None:
    touched = [
        (o.book.pk, key, o.book.contracts[key]) for o in outcomes for key in sorted(o.touched_contracts)
    ]
    companies = _companies({(row["contractor"], row["corporate_number"]) for _pk, _key, row in touched})
    new, standing = [], []
    for pk, key, row in touched:
        company = companies[row["contractor"], row["corporate_number"]]
        values = {name: row[name] for name in _CONTRACT}
        if "pk" in row:
            standing.append(Contract(pk=row["pk"], contractor_id=company, **values))
        else:
            new.append((pk, key, company, *values.values(), None, None, 1))
    _count_up(Contract, standing)
    update_rows(Contract, standing, ["contractor", *_CONTRACT, "version"])
    names = ("project_id", "source_key", "contractor_id", *_CONTRACT, "starts_on", "ends_on", "version")
    insert_rows(Contract, names, new)


def _companies(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Keys of contractors by name and corporate number; those not yet there are made."""
    found = _known_companies(wanted)
    missing = [
        Contractor(name=name, corporate_number=number) for name, number in sorted(wanted - found.keys())
    ]
    if missing:
        Contractor.objects.bulk_create(missing, batch_size=_BATCH, ignore_conflicts=True)
        found = _known_companies(wanted)
    return found


def _known_companies(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    rows = Contractor.objects.filter(name__in={name for name, _number in wanted}).order_by()
    return {(row.name, row.corporate_number): row.pk for row in rows}


def _write_goals(outcomes: Sequence[Outcome]) -> None:
    new, standing = [], []
    for outcome in outcomes:
        for key in sorted(outcome.touched_goals):
            row = outcome.book.goals[key]
            values = {name: row[name] for name in _GOAL}
            if "pk" in row:
                standing.append(Goal(pk=row["pk"], **values))
            else:
                new.append((outcome.book.pk, key, *values.values(), "", 1))
    _count_up(Goal, standing)
    update_rows(Goal, standing, [*_GOAL, "version"])
    insert_rows(Goal, ("project_id", "source_key", *_GOAL, "baseline", "version"), new)


def _count_up(model: type[Contract] | type[Goal], rows: Sequence[Any]) -> None:
    """Give changed rows their next version, so that whoever has one open sees that an import came between."""
    versions = dict(
        model._default_manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", "version")
    )
    for row in rows:
        row.version = versions[row.pk] + 1
