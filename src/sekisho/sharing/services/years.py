"""Keeping what each year listed, finding what became of it in the next, and settling what is in doubt."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.analysis.similarity.embedding import DIMENSIONS, encoder
from sekisho.analysis.succession import Link, Reason, YearRecord, match
from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, ExternalId, LedgerEntry, Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, choice
from sekisho.errors import NotPermitted
from sekisho.people.models import Organisation
from sekisho.sharing.listings import ACTS, Entry, State, listed
from sekisho.sharing.models import Embedding, Listing, Succession
from sekisho.sharing.models.years import SURE, WORTH_ASKING
from sekisho.values import name_key

#: books told from their ledgers in one transaction
_BATCH = 200
#: text of an earlier year that is kept of a book
_MOST_TEXT = 4000


# ------------------------------------------------------------------------------------------- listings


def keep_listings(
    keys: Sequence[int] | None = None, *, progress: Callable[[int, int], None] | None = None
) -> set[int]:
    """Tell the years of these books (None: of all) anew from their ledgers. The years in which something changed.

    May run twice at once or be cut off: each batch stands for itself.
    """
    wanted = list(Project.objects.order_by("pk").values_list("pk", flat=True)) if keys is None else list(keys)
    touched: set[int] = set()
    for start in range(0, len(wanted), _BATCH):
        touched |= _keep_batch(wanted[start : start + _BATCH])
        if progress:
            progress(min(start + _BATCH, len(wanted)), len(wanted))
    return touched


def _keep_batch(keys: Sequence[int]) -> set[int]:
    told = {(row.project_id, row.year): row for row in _told(keys)}
    with transaction.atomic():
        kept = {(row.project_id, row.year): row for row in Listing.objects.filter(project__in=keys)}
        gone = [row for place, row in kept.items() if place not in told]
        new = [row for place, row in told.items() if place not in kept]
        changed = [row for place, row in told.items() if place in kept and _said(row) != _said(kept[place])]
        for row in changed:
            row.pk = kept[row.project_id, row.year].pk
        Listing.objects.filter(pk__in=[row.pk for row in gone]).delete()
        Listing.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        Listing.objects.bulk_update(changed, ["name", "owner", "text", "end_year", "targets"], batch_size=200)
    return {row.year for row in (*gone, *new, *changed)}


def _said(row: Listing) -> tuple[Any, ...]:
    return row.name, row.owner, row.text, row.end_year, row.targets


def _told(keys: Sequence[int]) -> Iterable[Listing]:
    books = Project.objects.filter(pk__in=keys).select_related("owner").order_by("pk")
    names = dict(Organisation.objects.order_by().values_list("pk", "name"))
    last: dict[int, int] = {}
    for pk, year in (
        ExternalId.objects.filter(project__in=keys).order_by().values_list("project_id", "last_year")
    ):
        last[pk] = max(last.get(pk, 0), year or 0)
    entries = _entries(keys)
    this_year = fiscal_year_of(timezone.localdate())
    for book in books:
        closed = book.retired_at or book.stopped_at
        owner = "\n".join(names.get(int(part), "") for part in book.owner.path.strip("/").split("/") if part)
        now = State(this_year, book.name, owner, book.purpose, book.summary, book.end_year)
        for state in listed(
            entries[book.pk],
            now,
            last_listed=last.get(book.pk),
            closed_in=fiscal_year_of(timezone.localtime(closed).date()) if closed else None,
        ):
            then = f"{state.purpose}\n{state.summary}"
            yield Listing(
                project_id=book.pk,
                year=state.year,
                name=state.name[:500],
                owner=state.owner,
                text="" if then == f"{book.purpose}\n{book.summary}" else then[:_MOST_TEXT],
                end_year=state.end_year,
                targets=[[*goal, *target] for goal, target in state.targets.items()],
            )


def _entries(keys: Sequence[int]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    rows = LedgerEntry.objects.filter(project__in=keys, act__in=ACTS).order_by("chain", "seq")
    columns = ("project_id", "act", "params", "before", "after", "at")
    for pk, act, params, before, after, at in rows.values_list(*columns):
        found[pk].append(Entry(act, params, before, after, fiscal_year_of(timezone.localtime(at).date())))
    return found


def latest_year() -> set[int]:
    """The last year that lists anything; none in an empty record."""
    year = Listing.objects.aggregate(year=Max("year"))["year"]
    return set() if year is None else {year}


# ---------------------------------------------------------------------------------------- successions


def pairs_of(years: Collection[int]) -> list[tuple[int, int]]:
    """Years that follow each other among those that list anything, of which one is among ``years``."""
    known = list(Listing.objects.order_by("year").values_list("year", flat=True).distinct())
    return [pair for pair in itertools.pairwise(known) if not set(pair).isdisjoint(years)]


def compare_years(from_year: int, to_year: int) -> int:
    """Find anew which books of one year live on in which of the next; what people said stays. The number of links kept.

    Plain ones, the same book under the same name, are not kept: the listings tell them.
    """
    old, new = _records(from_year), _records(to_year)
    settled = {
        (row.old_id, row.new_id): row.state == Succession.State.CONFIRMED
        for row in Succession.objects.filter(from_year=from_year, to_year=to_year).exclude(state="open")
    }
    cases = match(old, new, _vectors([*old, *new]), said=settled)
    names = {one.key: one.name for one in old}, {one.key: one.name for one in new}
    found: dict[tuple[int, int], Succession] = {}
    for case in cases:
        for link in (*case.links, *([case.near] if case.near else [])):
            plain = link.old == link.new and name_key(names[0][link.old]) == name_key(names[1][link.new])
            if link.confidence >= WORTH_ASKING and not (plain and link.confidence >= SURE):
                kind = case.kind if link in case.links else "renamed"
                found.setdefault((link.old, link.new), _row(from_year, to_year, kind, link))
    for key in names[0].keys() & names[1].keys():
        if not any(key in case.old and key in case.new for case in cases) and (key, key) not in found:
            # another book took its place: what its id says must not count as its plain life
            lost = Link(key, key, WORTH_ASKING, (Reason("same_id"), Reason("id_alone")))
            found[key, key] = _row(from_year, to_year, "renamed", lost)
    return _store(from_year, to_year, found)


def _row(from_year: int, to_year: int, kind: str, link: Link) -> Succession:
    return Succession(
        from_year=from_year,
        to_year=to_year,
        old_id=link.old,
        new_id=link.new,
        kind=kind,
        confidence=link.confidence,
        reasons=[[reason.kind, list(reason.values)] for reason in link.reasons],
    )


def _store(from_year: int, to_year: int, found: dict[tuple[int, int], Succession]) -> int:
    with transaction.atomic():
        rows = Succession.objects.select_for_update().filter(from_year=from_year, to_year=to_year)
        kept = {(row.old_id, row.new_id): row for row in rows}
        Succession.objects.filter(
            pk__in=[row.pk for place, row in kept.items() if place not in found and row.state == "open"]
        ).delete()
        changed = []
        for place in kept.keys() & found.keys():
            row, now = kept[place], found[place]
            # of what people settled only the kind follows: a third book may have made a merger of it
            if (row.kind, row.confidence, row.reasons) != (now.kind, now.confidence, now.reasons):
                row.kind = now.kind
                if row.state == "open":
                    row.confidence, row.reasons = now.confidence, now.reasons
                changed.append(row)
        Succession.objects.bulk_update(changed, ["kind", "confidence", "reasons"], batch_size=200)
        new = [row for place, row in found.items() if place not in kept]
        Succession.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return len(found)


def _records(year: int) -> list[YearRecord]:
    rows = Listing.objects.filter(year=year).select_related("project").order_by("project_id")
    rows = rows.only("name", "owner", "text", "project__purpose", "project__summary")
    money: dict[int, dict[int, int]] = defaultdict(dict)
    spent: dict[int, dict[int, int]] = defaultdict(dict)
    years = BudgetYear.objects.filter(project__listings__year=year, fiscal_year__lte=year).order_by()
    for pk, when, approved, executed in years.values_list(
        "project_id", "fiscal_year", "approved", "executed"
    ):
        if approved:
            money[pk][when] = approved
        if executed and when < year:
            spent[pk][when] = executed
    return [
        YearRecord(
            row.project_id,
            row.name,
            row.text or row.project.purpose,
            "" if row.text else row.project.summary,
            tuple(filter(None, row.owner.split("\n"))),
            frozenset({str(row.project_id)}),
            money[row.project_id],
            spent[row.project_id],
        )
        for row in rows
    ]


def _vectors(records: Sequence[YearRecord]) -> np.ndarray | None:
    """Vectors of what the books say now; None where nothing is embedded."""
    model = encoder()
    if model is None:
        return None
    stored = Embedding.objects.filter(engine=model.name, project__in={one.key for one in records}).order_by()
    known = {pk: bytes(vector) for pk, vector in stored.values_list("project_id", "vector")}
    if len(known) < len({one.key for one in records}):
        return None
    made = np.zeros((len(records), DIMENSIONS), dtype=np.float32)
    for at, one in enumerate(records):
        if len(known[one.key]) == DIMENSIONS * 4:
            made[at] = np.frombuffer(known[one.key], dtype=np.float32)
    return made


# ------------------------------------------------------------------------------------------- settling


def settle(user: Any, succession: Succession, verdict: str) -> Succession:
    """Say that one book lives on in the other (``confirmed``), that it does not (``rejected``), or that nobody has said
    (``open``); saying it again changes it. Written in the ledgers of both books.

    Raises:
        Invalid: no such verdict. NotFound: a book may not be seen. NotPermitted: neither edits nor reviews both.
    """
    said = choice(verdict, Succession.State, "verdict")
    # always the smaller key first, so that two people never wait for each other
    books = sorted({succession.old, succession.new}, key=lambda book: book.pk)
    with transaction.atomic():
        row = Succession.objects.select_for_update().get(pk=succession.pk)
        before = row.state
        for book in books:
            with acting_on(user, book, closed_ok=True) as act:
                _require(act)
                if said != before:
                    _write(act, row, said, before)
                    row.person_id, row.settled_at = act.actor.user_id, act.now
        row.state = said
        row.save()
    return row


def may_settle(actor: Any, project: Project) -> bool:
    """Whether this person edits or reviews a book."""
    return any(actor.may(one, path=project.owner.path, project_id=project.pk) for one in ("edit", "review"))


def _require(act: Act) -> None:
    act.require("read")
    if not may_settle(act.actor, act.project):
        raise NotPermitted(_("Those who edit or review both projects settle what became of them."))


def _write(act: Act, row: Succession, said: str, before: str) -> None:
    other = row.new if act.project.pk == row.old_id else row.old
    params = {"title": other.name, "year": row.to_year}
    change = {"before": {"state": before}, "after": {"state": said}}
    if said == Succession.State.OPEN:
        act.write("succession.reopened", params, **change)
    elif said == Succession.State.REJECTED:
        act.write("succession.denied", params, **change)
    elif row.old_id == row.new_id:
        act.write("succession.kept", params, **change)
    elif act.project.pk == row.old_id:
        act.write("succession.leads", params, **change)
    else:
        act.write("succession.follows", params, **change)
