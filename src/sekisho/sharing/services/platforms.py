"""Acts on the catalogue of common platforms, and on what books do with them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import expect, filled, fitting
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.people.permissions import actor_of
from sekisho.sharing.models import Platform, ReuseEntry
from sekisho.sharing.queries.savings import basis_of

#: yen that fit the column
MOST = 10**15
_NEEDED = {"name": 300, "does": 20_000, "contact": 300, "asking": 20_000}
_FREE = {"name_en": 300, "does_en": 20_000, "conditions": 20_000}
PARTS = (*_NEEDED, *_FREE, "owner", "project", "is_offered")


def may_keep_catalogue(user: Any) -> bool:
    """Whether this person keeps the catalogue: the quality office does."""
    return actor_of(user).may_anywhere("edit_standards")


def save_platform(
    user: Any, platform: Platform | None = None, *, expected_version: int | None = None, **parts: Any
) -> Platform:
    """Add a platform to the catalogue or change it; what is left out stays. Books are compared with it anew.

    Raises:
        NotPermitted. Invalid: a value cannot be accepted. StaleWrite: saved by someone else since.
    """
    if not may_keep_catalogue(user):
        raise NotPermitted(_("The catalogue is kept by the quality office."))
    with transaction.atomic():
        row = Platform() if platform is None else Platform.objects.select_for_update().get(pk=platform.pk)
        held = {
            name: getattr(row, f"{name}_id") and getattr(row, name)
            if name in ("owner", "project")
            else getattr(row, name)
            for name in PARTS
        }
        expect(row, expected_version, held, parts, _("Someone else changed this platform in the meantime."))
        values = {**held, **parts}
        for name, limit in _NEEDED.items():
            setattr(row, name, fitting(filled(values[name], name), limit, name))
        for name, limit in _FREE.items():
            setattr(row, name, fitting(values[name], limit, name))
        if values["owner"] is None:
            raise Invalid(_("Say which organisation offers it."), field="owner")
        row.owner, row.project, row.is_offered = (
            values["owner"],
            values["project"],
            bool(values["is_offered"]),
        )
        if Platform.objects.filter(name=row.name).exclude(pk=row.pk).exists():
            raise Invalid(_("The catalogue has a platform of this name."), field="name")
        row.version += row.pk is not None
        row.save()
        _compare_later()
    return row


def _compare_later() -> None:
    from sekisho.jobs.services import enqueue

    enqueue("sharing.nightly", dedupe_key="sharing.nightly")


def answer_platform(
    user: Any,
    project: Project,
    platform: Platform,
    state: str,
    *,
    reason: str = "",
    avoided: int | None = None,
    satisfaction: int | None = None,
    expected_version: int | None = None,
) -> ReuseEntry:
    """Say what a book does with a platform. ``state``: offered, considered, adopted or declined (with a reason).
    ``avoided``: yen a year that need not be spent; kept for adopted ones.

    Raises:
        Invalid, NotPermitted, StaleWrite. Conflict: the platform takes no new users.
    """
    if state not in ReuseEntry.State.values:
        raise Invalid(_("Choose one of the answers."), field="state")
    with acting_on(user, project) as act:
        if not (
            state == "offered" and act.actor.may("review", path=project.owner.path, project_id=project.pk)
        ):
            act.require("edit")
        row = ReuseEntry.objects.filter(project=project, platform=platform).first()
        row = row or ReuseEntry(project=project, platform=platform, version=0)
        before = _said(row) if row.pk else {}
        if row.pk:
            expect(
                row,
                expected_version,
                before,
                {"state": state, "reason": reason},
                _("Someone else answered in the meantime."),
            )
        if state == "offered" and row.state not in ("", "offered"):
            raise Conflict(_("This project has answered already."), code="answered")
        if state in ("offered", "considered", "adopted") and not platform.is_offered and row.state != state:
            raise Conflict(_("This platform takes no new users."), code="platform_closed")
        words = fitting(reason, 20_000, "reason")
        if state == "declined" and not words:
            raise Invalid(_("Say why it is not used."), field="reason")
        row.state, row.reason = state, words
        row.avoided = _yen(avoided, "avoided") if state == "adopted" else None
        if satisfaction is not None and not 1 <= satisfaction <= 5:
            raise Invalid(_("Choose 1 to 5."), field="satisfaction")
        row.satisfaction = satisfaction if state == "adopted" else None
        if state != "adopted":
            row.confirmed = row.confirmed_year = row.confirmed_on = None
        _store(row, act)
        params = {"title": platform.name, "reason": words, "reuse_id": row.pk}
        _write_answer(act, state, params, before, _said(row))
    return row


def _write_answer(act: Any, state: str, params: Mapping[str, Any], before: Any, after: Any) -> None:
    if state == "offered":
        act.write("reuse.offered", params, before=before, after=after)
    elif state == "considered":
        act.write("reuse.considered", params, before=before, after=after)
    elif state == "adopted":
        act.write("reuse.adopted", params, before=before, after=after)
    else:
        act.write("reuse.declined", params, before=before, after=after)


def confirm_saving(user: Any, entry: ReuseEntry, *, amount: int, year: int) -> ReuseEntry:
    """Say what actual budgets of a fiscal year showed that using a platform saved; a reviewer does.

    Raises:
        Conflict: the platform was not adopted. Invalid, NotPermitted.
    """
    with acting_on(user, entry.project, closed_ok=True) as act:
        act.require("review")
        entry.refresh_from_db()
        if entry.state != ReuseEntry.State.ADOPTED:
            raise Conflict(_("Only what was adopted can have saved money."), code="not_adopted")
        if not 2000 <= year <= act.today.year:
            raise Invalid(_("Give a fiscal year that is over or under way."), field="year")
        basis = basis_of(entry, year)
        if basis["after"] is None:
            raise Invalid(
                _("This book has no actual spending of that fiscal year yet. Enter it in the book first."),
                field="year",
            )
        before = {
            "confirmed": entry.confirmed,
            "confirmed_year": entry.confirmed_year,
            "confirmed_on": entry.confirmed_on,
        }
        entry.confirmed, entry.confirmed_year = _yen(amount, "amount"), year
        entry.confirmed_on = dict(basis)
        _store(entry, act)
        after = {"confirmed": entry.confirmed, "confirmed_year": year, "confirmed_on": entry.confirmed_on}
        params = {"title": entry.platform.name, "reuse_id": entry.pk}
        act.write("reuse.confirmed", params, before=before, after=after)
    return entry


def offer_platform(user: Any, project: Project, platform: Platform) -> ReuseEntry | None:
    """Offer a platform to a book, whose owner section then has to answer; None where the book has an entry already, is
    closed, or the platform takes no new users.

    Raises:
        NotPermitted: only reviewers and those who edit the book offer.
    """
    known = ReuseEntry.objects.filter(project=project, platform=platform).exists()
    if known or project.is_closed or not platform.is_offered:
        return None
    return answer_platform(user, project, platform, "offered")


def _said(row: ReuseEntry) -> dict[str, Any]:
    return {"state": row.state, "reason": row.reason, "avoided": row.avoided}


def _store(row: ReuseEntry, act: Any) -> None:
    row.person_id, row.changed_at = act.actor.user_id, act.now
    row.version += 1
    row.save()


def _yen(amount: int | None, field: str) -> int | None:
    if amount is not None and not -MOST <= amount <= MOST:
        raise Invalid(_("This is more money than fits."), field=field)
    return amount
