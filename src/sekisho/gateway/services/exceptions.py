"""Asking about a refused or changed file: another method, or the original once, by the word of two people."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import choice, filled, fitting
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted
from sekisho.gateway.models import Consent, ExceptionRequest, TransferFile
from sekisho.gateway.services import cleaning, queueing
from sekisho.gateway.services.records import record
from sekisho.people.permissions import actor_of
from sekisho.people.services import notify, notify_many

MOST_DAYS = 7
FileState = TransferFile.State


def ask(user: Any, file: TransferFile, *, wanted: str, reason: str) -> ExceptionRequest:
    """Ask the information security officer, with the report at hand.

    Raises:
        Conflict: one is asked already, or the original is no longer held. Invalid: no reason.
    """
    actor = actor_of(user)
    transfer = file.transfer
    if actor.user_id != transfer.sender_id:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    with transaction.atomic():
        row = TransferFile.objects.select_for_update().get(pk=file.pk)
        if row.state not in (FileState.CLEAN, FileState.REFUSED) or row.original_destroyed_at:
            raise Conflict(
                _("There is nothing to ask about: the file is still on its way or no longer held.")
            )
        if row.requests.filter(state="open").exists():
            raise Conflict(_("This was asked already. Wait for the answer."))
        request = ExceptionRequest.objects.create(
            file=row,
            wanted=choice(wanted, ExceptionRequest.Wanted, "wanted"),
            reason=fitting(filled(reason, "reason"), 1000, "reason"),
            asked_by_id=actor.user_id,
            asked_at=timezone.now(),
        )
        told = {"number": transfer.pk, "name": row.name, "wanted": request.wanted, "reason": request.reason}
        record(actor, transfer.route.organisation_id, "exception.asked", told)
        address = reverse("gateway:transfer", args=[transfer.pk])
        asked = cleaning.holders("security_officer", transfer.route)
        if request.wanted == ExceptionRequest.Wanted.ORIGINAL:
            known = {person.pk for person in asked} | {transfer.sender_id}
            asked += [one for one in cleaning.holders("superior", transfer.route) if one.pk not in known]
        notify_many(asked, "transfer_exception", {"name": row.name}, address, f"exception:{request.pk}")
    return request


def answer(
    user: Any, request: ExceptionRequest, *, granted: bool, reason: str, days: int = 1
) -> ExceptionRequest:
    """Say yes or no. Another method needs the officer; the original needs two people, one of them the officer.

    ``days`` (1 to 7): how long the original may be taken, counted from the second yes.

    Raises:
        NotPermitted: neither officer nor superior, or one's own question. Conflict: answered already.
    """
    actor = actor_of(user)
    assert actor.user_id is not None  # people answer, not the system
    transfer = request.file.transfer
    path = transfer.route.organisation.path
    is_officer = actor.may("see_transfers", path=path)
    if not is_officer and not actor.may("approve_transfer", path=path):
        raise NotPermitted(_("The information security officer and superiors answer this."))
    if actor.user_id in (request.asked_by_id, transfer.sender_id):
        raise NotPermitted(_("Nobody answers what they asked themselves."))
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(_("Enter a number from 1 to %(most)d.") % {"most": MOST_DAYS}, field="days")
    said = fitting(filled(reason, "reason"), 500, "reason")
    with transaction.atomic():
        row = ExceptionRequest.objects.select_for_update().get(pk=request.pk)
        if row.state != "open" or row.consents.filter(person_id=actor.user_id).exists():
            raise Conflict(_("Somebody did this already."))
        Consent.objects.create(
            request=row, person_id=actor.user_id, granted=granted, reason=said, at=timezone.now()
        )
        _conclude(row, granted=granted, days=days, is_officer=is_officer)
        told = {"number": transfer.pk, "name": row.file.name, "wanted": row.wanted, "reason": said}
        name = "exception.consented" if granted else "exception.refused"
        record(actor, transfer.route.organisation_id, name, {**told, "until": row.until})
        if row.state != ExceptionRequest.State.OPEN:
            address = reverse("gateway:transfer", args=[transfer.pk])
            notify(row.asked_by, "transfer_answered", {"name": row.file.name}, address, f"answered:{row.pk}")
    return row


def _conclude(row: ExceptionRequest, *, granted: bool, days: int, is_officer: bool) -> None:
    if not granted:
        row.state = ExceptionRequest.State.REFUSED
        row.save(update_fields=["state"])
        return
    if row.wanted != ExceptionRequest.Wanted.ORIGINAL:
        if not is_officer:
            raise NotPermitted(_("The information security officer and superiors answer this."))
        row.state = ExceptionRequest.State.GRANTED
        row.save(update_fields=["state"])
        _check_again(row)
        return
    agreed = [consent.person for consent in row.consents.filter(granted=True).select_related("person")]
    path = row.file.transfer.route.organisation.path
    officers = [person for person in agreed if actor_of(person).may("see_transfers", path=path)]
    if len(agreed) >= 2 and officers:
        row.state = ExceptionRequest.State.GRANTED
        row.until = timezone.now() + dt.timedelta(days=days)
        row.save(update_fields=["state", "until"])


def _check_again(row: ExceptionRequest) -> None:
    transfer, file = cleaning.locked(row.file_id)
    if file.original_destroyed_at:
        raise Conflict(_("There is nothing to ask about: the file is still on its way or no longer held."))
    file.state, file.wanted_method, file.tries = FileState.WAITING, row.wanted, 0
    file.save(update_fields=["state", "wanted_method", "tries"])
    cleaning.settle(transfer)
    queueing.order_next(transfer.turn)
