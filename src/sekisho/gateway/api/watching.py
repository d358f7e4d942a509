"""API of those who watch over transfers: retention holds, and alerts."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status

from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.errors import NotFound, NotPermitted
from sekisho.gateway.models import Alert, RetentionHold, Route, Transfer
from sekisho.gateway.services import holds, watching
from sekisho.people.api_paging import Body, Out, Text
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor

router = Router(tags=["watching"])


class OpenOnly(Paging):
    """``open=true``: only what is not over yet."""

    open: bool = False


class HoldBody(Body):
    """Why it is held, or why no longer."""

    reason: Text


class HoldOut(Out):
    """While ``ended_at`` is null, nothing of the transfer is destroyed."""

    id: int
    transfer: int
    reason: str
    placed_by: str
    placed_at: dt.datetime
    ended_by: str | None
    ended_at: dt.datetime | None


class AlertBody(Body):
    """What was found."""

    answer: Text


class AlertOut(Out):
    """Something that is not as usual. ``kind``: surge, refusals or attack; ``facts`` say what was counted."""

    id: int
    organisation: str
    kind: str
    facts: dict[str, Any]
    transfer: int | None
    raised_at: dt.datetime
    seen_by: str | None
    seen_at: dt.datetime | None
    answer: str


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request.user)
    if not actor.may_anywhere("see_transfers"):
        raise NotPermitted(_("This is for the information security officer."))
    return actor


def _hold(hold: RetentionHold) -> dict[str, Any]:
    plain = {name: getattr(hold, name) for name in ("id", "reason", "placed_at", "ended_at")}
    people = {
        "placed_by": hold.placed_by.username,
        "ended_by": hold.ended_by.username if hold.ended_by else None,
    }
    return {**plain, **people, "transfer": hold.transfer_id}


def _alert(alert: Alert) -> dict[str, Any]:
    plain = ("id", "kind", "facts", "raised_at", "seen_at", "answer")
    return {
        **{name: getattr(alert, name) for name in plain},
        "organisation": alert.organisation.code,
        "transfer": alert.transfer_id,
        "seen_by": alert.seen_by.username if alert.seen_by else None,
    }


def _watched(actor: Actor, transfer_id: int) -> Transfer:
    watched = Route.objects.where(actor, "see_transfers").order_by()
    rows = Transfer.objects.select_related("route__organisation")
    found = rows.filter(pk=transfer_id, route__in=watched).first()
    if found is None:
        raise NotFound(_("There is no such transfer, or you may not see it."))
    return found


def _holds(actor: Actor) -> Any:
    watched = Route.objects.where(actor, "see_transfers").order_by()
    return RetentionHold.objects.filter(transfer__route__in=watched).select_related("placed_by", "ended_by")


@router.get("/holds", response=Page[HoldOut])
def list_holds(request: HttpRequest, filters: Query[OpenOnly]) -> dict[str, Any]:
    """Retention holds on transfers that the caller watches over."""
    rows = _holds(_officer(request))
    return paginate(request, rows.filter(ended_at=None) if filters.open else rows, filters, _hold)


@router.post("/transfers/{int:transfer_id}/hold", response={201: HoldOut})
def place_hold(request: HttpRequest, transfer_id: int, body: HoldBody) -> Any:
    """Destroy nothing of a transfer until further notice."""
    actor = _officer(request)
    hold = holds.place(request.user, _watched(actor, transfer_id), reason=body.reason)
    return Status(201, _hold(_holds(actor).get(pk=hold.pk)))


@router.post("/transfers/{int:transfer_id}/hold/end", response=HoldOut)
def end_hold(request: HttpRequest, transfer_id: int, body: HoldBody) -> dict[str, Any]:
    """End a hold: what is past its days goes at the next round."""
    actor = _officer(request)
    transfer = _watched(actor, transfer_id)
    holds.end(request.user, transfer, reason=body.reason)
    return _hold(_holds(actor).filter(transfer=transfer).order_by("-ended_at")[0])


@router.get("/alerts", response=Page[AlertOut])
def list_alerts(request: HttpRequest, filters: Query[OpenOnly]) -> dict[str, Any]:
    """What is not as usual on the routes that the caller watches over."""
    rows = Alert.objects.visible_to(_officer(request)).select_related("organisation", "seen_by")
    return paginate(request, rows.filter(seen_at=None) if filters.open else rows, filters, _alert)


@router.post("/alerts/{int:alert_id}/answer", response=AlertOut)
def answer_alert(request: HttpRequest, alert_id: int, body: AlertBody) -> dict[str, Any]:
    """Say what was found; an alert is answered once."""
    seen = Alert.objects.visible_to(_officer(request)).select_related("organisation", "seen_by")
    alert = seen.filter(pk=alert_id).first()
    if alert is None:
        raise NotFound(_("There is nothing at this address, or you may not see it."))
    watching.answer_alert(request.user, alert, answer=body.answer)
    return _alert(seen.get(pk=alert_id))
