"""Deciding what is public: takes effect after a delay, in which it can be taken back."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import fitting
from sekisho.errors import Conflict, Invalid, NotFound
from sekisho.people.permissions import require
from sekisho.people.record import record
from sekisho.people.roles import Actor
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision
from sekisho.portfolio.public.publication import rules_at
from sekisho.portfolio.public.queries import standing
from sekisho.portfolio.public.services.snapshot import bring_up_to_date, locked_edition

REASON = 500


def delay() -> dt.timedelta:
    """How long a decision waits before it takes effect."""
    return dt.timedelta(hours=settings.PUBLICATION_DELAY_HOURS)


def decide_fields(
    user: Any, fields: Collection[str], *, reason: str = "", at_once: bool = False
) -> list[PublicationDecision]:
    """Show exactly these fields of all public services, once the delay is over; what changes by it, a decision each.

    ``at_once`` hides without a delay: what should not be seen must not wait. Showing always waits.

    Raises:
        NotPermitted: only the quality office decides this.
        Invalid: a field that the dictionary does not have.
        Conflict: nothing would change.
    """
    wanted = dict.fromkeys(dictionary().fields, False) | dict.fromkeys(sorted(fields), True)
    return _of_all(user, wanted, reason, at_once)


def decide_field(
    user: Any, field: str, *, shown: bool, reason: str = "", at_once: bool = False
) -> PublicationDecision:
    """Show one field of all public services, or show it no longer; what is decided of the others stays.

    Raises:
        NotPermitted: only the quality office decides this.
        Invalid: a field that the dictionary does not have.
        Conflict: this is decided already.
    """
    (made,) = _of_all(user, {field: shown}, reason, at_once)
    return made


def _of_all(user: Any, wanted: Mapping[str, bool], reason: str, at_once: bool) -> list[PublicationDecision]:
    actor = require(user, "publish")
    words = fitting(reason, REASON, "reason")
    if unknown := sorted(wanted.keys() - dictionary().fields.keys()):
        raise Invalid(_("There is no such field: %(name)s") % {"name": unknown[0]}, field="fields")
    with transaction.atomic(), _alone():
        meant = rules_at(standing(project=None), dt.datetime.max.replace(tzinfo=dt.UTC)).fields
        made = []
        for name, shown in wanted.items():
            if shown != (name in meant) or (at_once and not shown and _is_shown(name)):
                one = _decide(actor, None, name, shown, words, at_once)
                record(actor, _act("field", one), params=_params(one), after={"reason": words})
                made.append(one)
        if not made:
            raise Conflict(_("Nothing changes: this is what is public already, or will be."))
    if any(not one.shown and at_once for one in made):
        bring_up_to_date()
    return made


def decide_service(
    user: Any, project: Project, *, shown: bool, reason: str = "", at_once: bool = False
) -> PublicationDecision:
    """Publish a service, or publish it no longer.

    Raises:
        NotPermitted, NotFound: only the quality office decides this.
        Conflict: this is decided already.
    """
    return _of_service(user, project, "", shown, reason, at_once)


def withhold(
    user: Any, project: Project, field: str, *, shown: bool = False, reason: str = "", at_once: bool = False
) -> PublicationDecision:
    """Keep one field of one service back though it is shown of others; with ``shown`` no longer keep it back.

    Raises:
        NotPermitted, NotFound: only the quality office decides this.
        Invalid: a field that the dictionary does not have.
        Conflict: this is decided already.
    """
    if field not in dictionary().fields:
        raise Invalid(_("There is no such field: %(name)s") % {"name": field}, field="field")
    return _of_service(user, project, field, shown, reason, at_once)


def _of_service(
    user: Any, project: Project, field: str, shown: bool, reason: str, at_once: bool
) -> PublicationDecision:
    words = fitting(reason, REASON, "reason")
    with acting_on(user, project, closed_ok=True) as act, _alone():
        act.require("publish")
        subject = PublicationDecision.objects.filter(project=act.project, field=field)
        last = subject.filter(taken_back_at=None).order_by("-pk").first()
        now_shown = last.shown if last else bool(field)  # a field is withheld only when somebody said so
        hurried = at_once and not shown and last is not None and last.is_waiting
        if now_shown == shown and not hurried:
            raise Conflict(_("Nothing changes: this is what is public already, or will be."))
        made = _decide(act.actor, act.project, field, shown, words, at_once)
        act.write(_act("part" if field else "service", made), _params(made), after={"reason": words})
    if at_once and not shown:
        bring_up_to_date()
    return made


def take_back(user: Any, decision: PublicationDecision) -> PublicationDecision:
    """Take back a decision that has not taken effect yet.

    Raises:
        NotPermitted: only the quality office decides this.
        Conflict: it has taken effect, or was taken back before.
    """
    if decision.project:
        with acting_on(user, decision.project, closed_ok=True) as act:
            act.require("publish")
            made = _taken_back(act.actor, decision)
            act.write("publication.taken_back", _params(made))
        return made
    with transaction.atomic():
        actor = require(user, "publish")
        made = _taken_back(actor, decision)
        record(actor, "publication.taken_back", params=_params(made))
    return made


def _taken_back(actor: Actor, decision: PublicationDecision) -> PublicationDecision:
    row = PublicationDecision.objects.select_for_update().filter(pk=decision.pk).first()
    if row is None:
        raise NotFound(_("There is no such decision."))
    if not row.is_waiting or row.takes_effect_at <= timezone.now():
        raise Conflict(_("This has taken effect, or was taken back already. Decide anew to change it."))
    row.taken_back_at, row.taken_back_by_id = timezone.now(), actor.user_id
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    return row


def _decide(
    actor: Actor, project: Project | None, field: str, shown: bool, reason: str, at_once: bool
) -> PublicationDecision:
    """One decision; an earlier one on the same subject that still waits is replaced by it."""
    now = timezone.now()
    waiting = Q(applied_at=None, taken_back_at=None)
    same = PublicationDecision.objects.filter(waiting, project=project, field=field)
    same.update(taken_back_at=now, taken_back_by=actor.user_id)
    return PublicationDecision.objects.create(
        project=project,
        field=field,
        shown=shown,
        reason=reason,
        decided_by_id=actor.user_id,
        decided_at=now,
        takes_effect_at=now if at_once and not shown else now + delay(),
    )


def _is_shown(field: str) -> bool:
    return field in rules_at(standing(project=None), timezone.now()).fields


def _act(subject: str, decision: PublicationDecision) -> str:
    return f"publication.{subject}_{'shown' if decision.shown else 'hidden'}"


def _params(decision: PublicationDecision) -> dict[str, Any]:
    """``public_field`` is the field's name, or "" for the service itself."""
    moment = decision.takes_effect_at.isoformat(timespec="minutes")
    return {"public_field": decision.field, "from_moment": moment}


@contextmanager
def _alone() -> Iterator[None]:
    """One decision after another: each rests on those before."""
    locked_edition()
    yield
