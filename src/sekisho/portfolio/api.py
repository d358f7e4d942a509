"""API of operation: months in use and incidents, as monitoring reports them. Idempotent: saying one again corrects it."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema
from pydantic import BeforeValidator

from sekisho.book.api.common import (
    IfMatch,
    expected_version,
    find_project,
    in_api_words,
    version_tag,
)
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.models import Project
from sekisho.errors import NotFound
from sekisho.intake.words import message
from sekisho.portfolio.models import Incident, OperationMonth
from sekisho.portfolio.operationfiles import parse_month
from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.values import ValueProblem

router = Router(tags=["operation"])


def _month(value: Any) -> Any:
    """``2026-10`` or any day of it."""
    if not isinstance(value, str | dt.date):
        return value
    try:
        return parse_month(value)
    except ValueProblem as problem:
        raise ValueError(message(problem)) from None


Month = Annotated[dt.date, BeforeValidator(_month), Field(description="2026-10, or any day of the month.")]


class OperationBody(Schema):
    """How a service ran in a month."""

    month: Month
    system: str = Field("", max_length=100, description="A part of the service; empty for the whole.")
    availability: Decimal | None = Field(None, description="Percent from 0 to 100; null: not measured.")
    incidents: int | None = Field(None, description="Left out: as many as are listed of this month.")
    minutes_down: int | None = Field(None, description="Left out: as the listed incidents say.")
    requests: int = Field(0, description="Requests for changes and help.")


class OperationOut(Schema):
    """A month as it is kept."""

    month: str
    system: str
    availability: float | None
    incidents: int
    minutes_down: int
    requests: int
    reported_at: dt.datetime
    version: int


class IncidentBody(Schema):
    """Something that went wrong with a service in use."""

    key: str = Field(
        max_length=100, description="Its number where it was reported; the same again corrects it."
    )
    began_on: dt.date
    severity: str = Field(description="critical, major or minor.")
    minutes_down: int = 0
    system: str = Field("", max_length=100)
    text: str = Field("", max_length=500)


class IncidentOut(IncidentBody):
    """An incident as it is kept."""

    reported_at: dt.datetime
    version: int


@router.get("/projects/{code}/operation", response=Page[OperationOut])
def list_operation(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """Every month reported, in the order they were first reported."""
    return paginate(request, find_project(request, code).operation_months.all(), filters, _document)


@router.post("/projects/{code}/operation", response=OperationOut)
def report_operation(
    request: HttpRequest, code: str, payload: OperationBody, response: HttpResponse, if_match: IfMatch = None
) -> dict[str, Any]:
    """Report a month in use. The same month and system again corrects it, with before and after in the ledger.

    With If-Match, a month saved since is never overwritten; `"0"` is a month that nobody has reported.
    """
    project, sent = find_project(request, code), payload.model_dump()
    with in_api_words(sent, lambda: _month_now(project, payload.month, payload.system)):
        row = report_month(request.user, project, **sent, version=expected_version(if_match))
    response["ETag"] = version_tag(row.version)
    return _document(row)


@router.get("/projects/{code}/operation/{month}", response=OperationOut)
def read_operation(
    request: HttpRequest, code: str, month: str, response: HttpResponse, system: str = ""
) -> Any:
    """One month (`2026-10`) of the whole service, or of one `system`, with its ETag."""
    project = find_project(request, code)
    try:
        first = parse_month(month)
    except ValueError:
        first = None
    found = _of(project, first, system) if first else None
    if found is None:
        raise NotFound(_("Nothing is reported for this month."))
    response["ETag"] = version_tag(found.version)
    return _document(found)


@router.get("/projects/{code}/incidents", response=Page[IncidentOut])
def list_incidents(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """Every incident listed, in the order they were first reported."""
    return paginate(request, find_project(request, code).incidents.all(), filters, _incident)


@router.post("/projects/{code}/incidents", response=IncidentOut)
def list_incident(
    request: HttpRequest, code: str, payload: IncidentBody, response: HttpResponse, if_match: IfMatch = None
) -> dict[str, Any]:
    """List an incident; the same `key` again corrects it. Its month then counts at least what is listed."""
    project, sent = find_project(request, code), payload.model_dump()
    with in_api_words(sent, lambda: _incident_now(project, payload.key)):
        row = report_incident(request.user, project, **sent, version=expected_version(if_match))
    response["ETag"] = version_tag(row.version)
    return _incident(row)


def _of(project: Project, month: dt.date, system: str) -> OperationMonth | None:
    first, name = month.replace(day=1), system.replace("\x00", "").strip()
    return project.operation_months.filter(month=first, system=name).first()


def _month_now(project: Project, month: dt.date, system: str) -> dict[str, Any]:
    found = _of(project, month, system)
    return _document(found) if found else {"version": 0}


def _incident_now(project: Project, key: str) -> dict[str, Any]:
    found = project.incidents.filter(key=key.replace("\x00", "").strip()).first()
    return _incident(found) if found else {"version": 0}


def _document(row: OperationMonth) -> dict[str, Any]:
    return {
        "month": f"{row.month:%Y-%m}",
        "system": row.system,
        "availability": None if row.availability is None else row.availability / 100,
        "incidents": row.incidents,
        "minutes_down": row.minutes_down,
        "requests": row.requests,
        "reported_at": row.reported_at,
        "version": row.version,
    }


def _incident(row: Incident) -> dict[str, Any]:
    names = ("key", "system", "began_on", "severity", "minutes_down", "text", "reported_at", "version")
    return {name: getattr(row, name) for name in names}
