"""Taking a source into the books: what would change (`plan`) and the change itself (`apply`), by the same steps.

The source's records are grouped by project and walked book by book through all their years, so every
transaction is short and leaves whole books. `strict` puts everything into one transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.analysis.succession.coverage import Coverage, coverage
from sekisho.book.models import ExternalId, Project
from sekisho.book.services import bulk
from sekisho.book.services.bulk import BulkLedger, Draft, Money, Openings
from sekisho.errors import Conflict
from sekisho.intake.changes import FIELDS, Outcome, replay
from sekisho.intake.preview import Preview
from sekisho.intake.records import ImportSet, ProjectRecord
from sekisho.intake.services import rows
from sekisho.intake.services.codes import Codes, without_clashes
from sekisho.intake.services.organisations import Organisations
from sekisho.people.permissions import require
from sekisho.people.roles import Actor
from sekisho.values import half_width

#: books in one transaction
CHUNK = 200

#: called with the projects done and their total
Progress = Callable[[int, int], None]

_SOURCES = {"rs": "RS", "judgit": "JUDGIT!"}


class StrictRefused(Conflict):
    """Some rows could not be read, and everything or nothing was asked for."""

    code = "rows_refused"


@dataclass(slots=True)
class Group:
    """The records of one project in year order, and the key of its book when there is one."""

    records: list[ProjectRecord]
    project_id: int | None = None


@dataclass(slots=True)
class _Run:
    """One planning or importing."""

    actor: Actor
    found: ImportSet
    preview: Preview
    organisations: Organisations
    codes: Codes
    coverage: Coverage
    #: years whose lists the source gave before
    other_years: Sequence[int] = ()
    openings: Openings = field(default_factory=Openings)
    entries: int = 0


def plan(user: Any, found: ImportSet, *, progress: Progress | None = None) -> Preview:
    """What `apply` would do now. Writes nothing.

    Raises:
        NotPermitted: this person may not import.
    """
    run = _begin(user, found)
    for part in _parts(run, progress):
        outcomes = _walk(run, part, lock=False)
        run.codes.assign([outcome.book for outcome in outcomes if outcome.is_new])
        for outcome in outcomes:
            _foresee(run, outcome)
    run.preview.counts["organisations"] = len(run.organisations.missing)
    return run.preview


def apply(user: Any, found: ImportSet, *, strict: bool = False, progress: Progress | None = None) -> Preview:
    """Take a source into the books; returns what was done.

    Good rows go in whatever the bad ones are. With ``strict`` everything goes in or nothing.

    Raises:
        StrictRefused: ``strict``, and some rows could not be read.
        NotPermitted: this person may not import.
        Conflict: another import of the same source ran at the same time.
    """
    run = _begin(user, found)
    if strict and run.found.errors:
        raise StrictRefused(
            _("Nothing was imported: rows or values that could not be read: %(count)d.")
            % {"count": len(run.found.errors)}
        )
    whole: AbstractContextManager[Any] = transaction.atomic() if strict else nullcontext()
    try:
        with whole:
            for part in _parts(run, progress):
                with transaction.atomic():
                    _write(run, _walk(run, part, lock=True))
    except IntegrityError as error:
        raise Conflict(
            _(
                "Another import touched the same books at the same time. Wait until it has ended and import again."
            ),
            code="import_collided",
        ) from error
    return run.preview


def _begin(user: Any, found: ImportSet) -> _Run:
    actor = require(user, "import")
    found = without_clashes(found, _known_ids(found.scheme))
    preview = Preview.of(found)
    preview.judged_vanished = _whole(found)
    known = ExternalId.objects.filter(scheme=found.scheme, last_year__isnull=False).order_by()
    before: dict[int, set[tuple[str, ...]]] = defaultdict(set)
    paths = set()
    for path, years in known.values_list("imported__path", "imported__listed"):
        paths.add(tuple(path or ()))
        for year in years or ():
            before[year].add(tuple(path or ()))
    listed: dict[int, set[tuple[str, ...]]] = {year: set() for year in found.source_years}
    for record in found.records:
        if record.source_year is not None:
            listed[record.source_year].add(record.organisation_path)
    spoken_for = coverage(paths, {**before, **listed})
    preview.only_some = any(year in spoken_for.bureaus for year in listed)
    organisations, codes = Organisations(found.scheme), Codes(found.scheme)
    return _Run(
        actor, found, preview, organisations, codes, spoken_for, sorted(before.keys() - listed.keys())
    )


def _whole(found: ImportSet) -> bool:
    """Whether what is missing can be called vanished: no row of the files that list the projects was lost."""
    listing = {record.place.file for record in found.records}
    return not any(problem.file in listing for problem in found.errors)


# -------------------------------------------------------------------------------------------------- groups


def _parts(run: _Run, progress: Progress | None) -> Iterator[list[Group]]:
    """The groups, a chunk at a time; tells progress after each."""
    groups = _groups(run)
    for start in range(0, len(groups), CHUNK):
        part = groups[start : start + CHUNK]
        yield part
        if progress:
            progress(start + len(part), len(groups))


def _walk(run: _Run, groups: Sequence[Group], *, lock: bool) -> list[Outcome]:
    ids = [group.project_id for group in groups if group.project_id]
    books = rows.load_books(run.found.scheme, ids, lock=lock)
    label = _SOURCES.get(run.found.scheme, run.found.scheme)
    years = run.found.source_years

    def judged(path: Sequence[str], year: int | None) -> bool:
        return run.preview.judged_vanished and run.coverage.speaks_for(path, year)

    outcomes = [
        replay(
            books.get(group.project_id or 0),
            group.records,
            years,
            label,
            other_years=run.other_years,
            judge_vanished=judged,
        )
        for group in groups
    ]
    for outcome in outcomes:
        _settle_owner(run, outcome)
    return outcomes


def _settle_owner(run: _Run, outcome: Outcome) -> None:
    """An owner chosen here that is the very one the source means was not kept against it."""
    if any(change.field == "owner" for change in outcome.kept):
        owner = run.organisations.find(_path(outcome))
        if owner is not None and owner.pk == outcome.book.owner_id:
            outcome.kept = [change for change in outcome.kept if change.field != "owner"]


def _groups(run: _Run) -> list[Group]:
    """Projects of the source with their books, then books that the source no longer lists."""
    by_id: dict[str, Group] = {}
    for record in run.found.records:
        by_id.setdefault(record.external_id, Group([])).records.append(record)
    known = _known_ids(run.found.scheme)
    taken: set[int] = set()
    for match in (_same_id, _second_id, _earlier_id):
        for value, group in by_id.items():
            project_id = None if group.project_id else match(value, group, known)
            if project_id and project_id not in taken:
                group.project_id = project_id
                taken.add(project_id)
    _adopt(run, by_id, taken | set(known.values()))
    return [*by_id.values(), *(Group([], pk) for pk in _unlisted(run, taken))]


def _known_ids(scheme: str) -> dict[str, int]:
    return dict(ExternalId.objects.filter(scheme=scheme).order_by().values_list("value", "project_id"))


def _same_id(value: str, _group: Group, known: dict[str, int]) -> int | None:
    return known.get(value)


def _second_id(value: str, _group: Group, known: dict[str, int]) -> int | None:
    """The id was another project's name too when this one was opened (see `rows`)."""
    return known.get(rows.second(value))


def _earlier_id(_value: str, group: Group, known: dict[str, int]) -> int | None:
    """By another id of the same project, the latest first."""
    earlier = (alias for record in reversed(group.records) for alias in reversed(record.previous_ids))
    return next((known[alias] for alias in earlier if alias in known), None)


def _adopt(run: _Run, by_id: dict[str, Group], known: set[int]) -> None:
    """A table that gives codes of this record means the books with these codes."""
    wanted = {
        half_width(str(record.extra["code"])): group
        for group in by_id.values()
        for record in group.records
        if group.project_id is None and record.extra.get("code")
    }
    for code, pk in Project.objects.order_by().values_list("code", "pk") if wanted else ():
        group = wanted.get(half_width(code))
        if group is not None and pk not in known:
            group.project_id = pk


def _unlisted(run: _Run, listed: set[int]) -> list[int]:
    """Books of this source that none of its records is about, though it has the list of a year that tells something of
    them: one after the last that named them, or an earlier one that is not taken in yet.
    """
    years = run.found.source_years
    if not years or not run.preview.judged_vanished:
        return []
    known = ExternalId.objects.filter(scheme=run.found.scheme, last_year__isnull=False)
    rest = known.filter(project__retired_at=None, project__stopped_at=None).order_by("project_id")
    columns = ("project_id", "last_year", "imported__listed", "imported__absent")
    told = (
        pk
        for pk, last, named, absent in rest.values_list(*columns)
        if last < max(years) or {*years} - {last, *(named or ()), *(absent or ())}
    )
    return [pk for pk in dict.fromkeys(told) if pk not in listed]


# -------------------------------------------------------------------------------------------------- results


def _path(outcome: Outcome) -> tuple[str, ...]:
    return tuple(outcome.book.imported.path)


def _foresee(run: _Run, outcome: Outcome) -> None:
    if outcome.is_new or outcome.owner_changed:
        run.organisations.note(_path(outcome))
    run.preview.add(outcome, outcome.book.code)


def _write(run: _Run, outcomes: Sequence[Outcome]) -> None:
    """Store one chunk."""
    acts = BulkLedger(run.actor)
    moving = [outcome for outcome in outcomes if outcome.is_new or outcome.owner_changed]
    before = len(run.organisations.by_code)
    run.organisations.create((_path(outcome) for outcome in moving), acts)
    run.preview.counts["organisations"] += len(run.organisations.by_code) - before
    for outcome in moving:
        owner = run.organisations.find(_path(outcome))
        outcome.book.imported.owner = owner.pk if owner else None
    new = [outcome for outcome in outcomes if outcome.is_new]
    opened = _open(run, new, acts)
    known = [outcome for outcome in outcomes if not outcome.is_new and outcome.book.pk]
    touched = rows.touched_projects(known, run.organisations)
    for outcome in outcomes:
        run.preview.add(outcome, outcome.book.code)
        for entry in outcome.entries:
            acts.add(outcome.book.pk, entry.act, entry.params, entry.before, entry.after)
    rows.write_rows(run.found.scheme, outcomes)
    run.entries += acts.flush()
    bulk.measure(project for project, _outcome in opened)
    moneyed = [(project, Money.of(outcome.book.years)) for project, outcome in touched]
    bulk.settle(run.actor, moneyed, run.openings, [*FIELDS, "owner"])
    searched = [(project, outcome) for project, outcome in touched if _reads_differently(outcome)]
    bulk.index_books((project, sorted(outcome.book.ids)) for project, outcome in [*opened, *searched])


def _reads_differently(outcome: Outcome) -> bool:
    searched = {"name", "name_en", "summary", "purpose"}
    return bool(outcome.touched_fields & searched or outcome.owner_changed or outcome.new_ids)


def _open(run: _Run, outcomes: Sequence[Outcome], acts: BulkLedger) -> list[tuple[Project, Outcome]]:
    """Open the books of projects seen for the first time."""
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The project had passed this phase before its book was opened by an import.")
    run.codes.assign([outcome.book for outcome in outcomes])
    opened = [(_draft(run, outcome), outcome) for outcome in outcomes]
    drafts = [Draft(project, Money.of(outcome.book.years), reason) for project, outcome in opened]
    bulk.open_books(run.actor, drafts, acts, run.openings)
    for project, outcome in opened:
        outcome.book.pk = project.pk
    return opened


def _draft(run: _Run, outcome: Outcome) -> Project:
    owner = run.organisations.find(_path(outcome))
    assert owner is not None, "create() made it"
    return Project(code=outcome.book.code, owner=owner, phase=outcome.book.phase, **outcome.book.values)
