"""Granting and ending roles; the last administrator stays."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Organisation, RoleAssignment, User
from sekisho.people.permissions import require
from sekisho.people.record import record
from sekisho.people.roles import ADMIN, Actor
from sekisho.people.services.checks import check
from sekisho.people.services.notices import notify

_ENDS_FIRST = _("The role ends before it starts. Choose a later last day.")


@transaction.atomic
def grant_role(
    user: Any,
    person: User,
    *,
    role: str,
    organisation: Organisation,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> RoleAssignment:
    """Give a role for an organisation and all below it, from a day (today) until a day (open).

    Raises:
        Invalid: it ends before it starts, the role is unknown, the organisation closed, or the same role is
            already held there on one of those days.
    """
    actor = require(user, "administer")
    start = valid_from or timezone.localdate()
    if valid_until and valid_until < start:
        raise Invalid(_ENDS_FIRST, field="valid_until")
    if organisation.closed_on and organisation.closed_on <= start:
        raise Invalid(_("This organisation is closed. Choose an open one."), field="organisation")
    User.objects.select_for_update().get(pk=person.pk)
    granted = RoleAssignment(
        user=person, role=role, organisation=organisation, valid_from=start, valid_until=valid_until
    )
    _refuse_overlap(granted)
    check(granted)
    granted.save()
    _record(actor, "role.granted", granted, start)
    _tell(actor, "role_granted", granted, start)
    _forget_actor(person)
    return granted


@transaction.atomic
def end_role(user: Any, assignment: RoleAssignment, on: dt.date | None = None) -> RoleAssignment | None:
    """End a role; ``on`` (today) is the last day it holds. A role that has not started is withdrawn: None.

    Raises:
        Invalid: the last day lies before the first.
        Conflict: it is the role of the last administrator.
    """
    actor = require(user, "administer")
    last_day = on or timezone.localdate()
    keep_an_administrator(roles=[assignment.pk])
    held = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "organisation")
        .get(pk=assignment.pk)
    )
    if last_day < held.valid_from:
        if on is not None:
            raise Invalid(_ENDS_FIRST, field="valid_until")
        _record(actor, "role.withdrawn", held, held.valid_from)
        held.delete()
        return None
    before = held.valid_until
    held.valid_until = last_day
    held.save(update_fields=["valid_until"])
    _record(actor, "role.ended", held, last_day, before={"until": before.isoformat() if before else None})
    _tell(actor, "role_ended", held, last_day)
    return held


def keep_an_administrator(*, roles: list[int] | None = None, person: User | None = None) -> None:
    """Refuse an act that would leave nobody who administers for good.

    Call inside the act's transaction with the role assignments it ends, or the person it shuts out. The
    administrators' rows are locked, so two acts at once cannot remove each other.

    Raises:
        Conflict: nobody would be left.
    """
    today = timezone.localdate()
    lasting = list(
        RoleAssignment.objects.select_for_update(of=("self",))
        .filter(role=ADMIN, user__is_active=True, valid_from__lte=today, valid_until__isnull=True)
        .order_by("pk")
    )
    gone = {r.pk for r in lasting if r.pk in (roles or []) or (person and r.user_id == person.pk)}
    if gone and len(gone) == len(lasting):
        raise Conflict(
            _("This is the last administrator. Make somebody else administrator first."),
            code="last_administrator",
        )


def _refuse_overlap(granted: RoleAssignment) -> None:
    same = RoleAssignment.objects.filter(
        user=granted.user, role=granted.role, organisation=granted.organisation
    ).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=granted.valid_from))
    if granted.valid_until:
        same = same.filter(valid_from__lte=granted.valid_until)
    if same.exists():
        raise Invalid(_("This role is already held there in that time. End it first."), field="role")


def _record(
    actor: Actor, act: str, held: RoleAssignment, day: dt.date, before: dict[str, Any] | None = None
) -> None:
    params = {
        "person": str(held.user),
        "person_id": held.user_id,
        "role": held.role,
        "organisation": held.organisation.name,
        "date": day.isoformat(),
    }
    until = held.valid_until.isoformat() if held.valid_until else None
    after = {"from": held.valid_from.isoformat(), "until": until}
    record(actor, act, params=params, before=before, after=after)


def _tell(actor: Actor, kind: str, held: RoleAssignment, day: dt.date) -> None:
    if held.user_id == actor.user_id:
        return
    params = {"role": held.role, "organisation": held.organisation.name, "date": day.isoformat()}
    notify(held.user, kind, params, reverse("people:account"), f"{kind}:{held.pk}:{day.isoformat()}")


def _forget_actor(person: User) -> None:
    person.__dict__.pop("_actor", None)
