"""API of publishing: what is decided about the public side and when it takes effect, deciding, and withdrawing."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status
from pydantic import BeforeValidator, Field

from sekisho.book.api.common import find_project
from sekisho.errors import NotFound
from sekisho.people.api_paging import Body, Filter, Out, Page, Paging, Text, none_if_empty, paginate
from sekisho.people.permissions import require
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry
from sekisho.portfolio.public.office import FieldLine, field_lines
from sekisho.portfolio.public.services import deciding

router = Router(tags=["publication"])

State = Literal["waiting", "applied", "withdrawn"]
_STATES: dict[str, Q] = {
    "waiting": Q(applied_at=None, taken_back_at=None),
    "applied": Q(applied_at__isnull=False),
    "withdrawn": Q(taken_back_at__isnull=False),
}


class PublishBody(Body):
    """What is to be shown or hidden, and why."""

    shown: bool
    reason: Text = Field("", max_length=deciding.REASON)
    at_once: bool = Field(False, description="Hide without the delay. Showing always waits.")


class PublicationOut(Out):
    """A decision. ``project`` null: of all services; ``field`` null: of the service itself.

    A decision that a later one on the same subject replaced before it took effect is ``withdrawn``.
    """

    id: int
    project: str | None
    field: str | None
    shown: bool
    reason: str
    state: State
    decided_by: str | None
    decided_at: dt.datetime
    takes_effect_at: dt.datetime
    applied_at: dt.datetime | None
    withdrawn_by: str | None
    withdrawn_at: dt.datetime | None


class PublicFieldOut(Out):
    """A field: whether it is shown now, and once all that is decided has taken effect.

    ``held_back``: for this service alone, whatever is shown of the others. ``title`` is in the caller's language.
    """

    name: str
    title: str
    shown: bool
    will_be_shown: bool
    held_back: bool
    waiting: PublicationOut | None


class PublicFieldsOut(Out):
    """Every field there is; ``next`` is always null."""

    items: list[PublicFieldOut]
    next: None = None


class PublicationOfServiceOut(Out):
    """``shown``: citizens find the service now. Its fields are told as they are, or would be, where it is shown."""

    project: str
    shown: bool
    waiting: PublicationOut | None
    fields: list[PublicFieldOut]


class PublicationQuery(Paging):
    """``project`` is a code, ``field`` a name; ``state`` waiting, applied or withdrawn."""

    state: Annotated[State | None, BeforeValidator(none_if_empty)] = None
    project: Filter = None
    field: Filter = None


@router.get("/publication/fields", response=PublicFieldsOut)
def list_public_fields(request: HttpRequest) -> dict[str, Any]:
    """What is shown of all public services, what will be, and the decision that waits. For the quality office."""
    require(request.user, "publish")
    return {"items": _fields(field_lines(), _waiting(project=None))}


@router.post("/publication/fields/{field}", response={201: PublicationOut})
def decide_public_field(request: HttpRequest, field: str, payload: PublishBody) -> Any:
    """Show a field of all public services, or show it no longer; the other fields stay as they are."""
    require(request.user, "publish")
    made = deciding.decide_field(request.user, _known(field), **payload.model_dump())
    return Status(201, _document(_decision(made.pk)))


@router.get("/projects/{code}/publication", response=PublicationOfServiceOut)
def read_publication(request: HttpRequest, code: str) -> dict[str, Any]:
    """What is public of a service and what will be, for everybody who may read its book."""
    project = find_project(request, code)
    waiting = _waiting(project=project)
    return {
        "project": project.code,
        "shown": PublicEntry.objects.filter(project=project, shown=True).exists(),
        "waiting": waiting.get(""),
        "fields": _fields(field_lines(project), waiting),
    }


@router.post("/projects/{code}/publication", response={201: PublicationOut})
def decide_publication(request: HttpRequest, code: str, payload: PublishBody) -> Any:
    """Publish a service, or publish it no longer."""
    project = find_project(request, code)
    made = deciding.decide_service(request.user, project, **payload.model_dump())
    return Status(201, _document(_decision(made.pk)))


@router.post("/projects/{code}/publication/fields/{field}", response={201: PublicationOut})
def hold_back_field(request: HttpRequest, code: str, field: str, payload: PublishBody) -> Any:
    """Hold one field of one service back (`shown` false), or hold it back no longer (true)."""
    project = find_project(request, code)
    made = deciding.withhold(request.user, project, _known(field), **payload.model_dump())
    return Status(201, _document(_decision(made.pk)))


@router.get("/publication/decisions", response=Page[PublicationOut])
def list_publication_decisions(request: HttpRequest, filters: Query[PublicationQuery]) -> dict[str, Any]:
    """Every decision about what is public, in the order they were taken. For the quality office."""
    require(request.user, "publish")
    rows = _decisions().filter(_STATES[filters.state] if filters.state else Q())
    if filters.project:
        rows = rows.filter(project__code=filters.project)
    if filters.field:
        rows = rows.filter(field=filters.field)
    return paginate(request, rows, filters, _document)


@router.get("/publication/decisions/{int:decision_id}", response=PublicationOut)
def read_publication_decision(request: HttpRequest, decision_id: int) -> dict[str, Any]:
    """One decision. For the quality office."""
    require(request.user, "publish")
    return _document(_decision(decision_id))


@router.post("/publication/decisions/{int:decision_id}/withdraw", response=PublicationOut)
def withdraw_publication_decision(request: HttpRequest, decision_id: int) -> dict[str, Any]:
    """Withdraw a decision that has not taken effect yet."""
    require(request.user, "publish")
    made = deciding.take_back(request.user, _decision(decision_id))
    return _document(_decision(made.pk))


def _known(field: str) -> str:
    if field not in dictionary().fields:
        raise NotFound(_("There is no such field: %(name)s") % {"name": field[:100]})
    return field


def _decisions() -> Any:
    return PublicationDecision.objects.select_related("project__owner", "decided_by", "taken_back_by")


def _decision(pk: int) -> PublicationDecision:
    found: PublicationDecision | None = _decisions().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such decision."))
    return found


def _waiting(project: Any) -> dict[str, dict[str, Any]]:
    """The decisions that wait, by field; "" for the service itself."""
    return {one.field: _document(one) for one in _decisions().filter(_STATES["waiting"], project=project)}


def _fields(lines: list[FieldLine], waiting: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": line.name,
            "title": line.title,
            "shown": line.shown,
            "will_be_shown": line.will_be,
            "held_back": line.withheld,
            "waiting": waiting.get(line.name),
        }
        for line in lines
    ]


def _document(row: PublicationDecision) -> dict[str, Any]:
    plain = ("id", "shown", "reason", "decided_at", "takes_effect_at", "applied_at")
    return {
        **{name: getattr(row, name) for name in plain},
        "project": row.project.code if row.project else None,
        "field": row.field or None,
        "state": _state(row),
        "decided_by": row.decided_by.username if row.decided_by else None,
        "withdrawn_by": row.taken_back_by.username if row.taken_back_by else None,
        "withdrawn_at": row.taken_back_at,
    }


def _state(row: PublicationDecision) -> State:
    if row.taken_back_at:
        return "withdrawn"
    return "applied" if row.applied_at else "waiting"
