"""Lists of the gateway as files."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.gateway.models import Route, Transfer
from sekisho.web.lists import Cells, as_file


def routes_file(fmt: str, routes: QuerySet[Route]) -> FileResponse:
    """Routes in their order."""
    cells = [
        Cells("code", _("Code"), lambda route: route.code),
        Cells("route", _("Route"), lambda route: route.local_name),
        Cells("zones", _("Zones"), lambda r: f"{r.source.local_name} → {r.target.local_name}"),
        Cells("organisation", _("Organisation"), lambda route: route.organisation.local_name),
        Cells("policy", _("Sanitizing policy"), lambda route: route.policy),
        Cells("needs_approval", _("Approval"), lambda route: route.needs_approval),
        Cells("state", _("State"), _state),
    ]
    return as_file(fmt, "routes", _("Routes"), cells, routes)


def transfers_file(fmt: str, transfers: QuerySet[Transfer]) -> FileResponse:
    """Transfers that one sent or may receive, newest first."""
    cells = [
        Cells("number", _("Number"), lambda transfer: transfer.pk, "number"),
        Cells("purpose", _("Purpose"), lambda transfer: transfer.purpose),
        Cells("from", pgettext("transfer", "From"), lambda transfer: transfer.from_whom),
        Cells("to", _("For whom"), lambda transfer: transfer.to_whom),
        Cells("route", _("Route"), lambda transfer: transfer.route.local_name),
        Cells("files", _("Files"), lambda transfer: transfer.count, "number"),
        Cells("state", _("State"), lambda transfer: transfer.get_state_display()),
        Cells("sent_at", _("Sent on"), lambda transfer: transfer.sent_at, "moment"),
        Cells("expires_at", _("Receive by"), lambda transfer: transfer.expires_at, "moment"),
    ]
    return as_file(fmt, "transfers", _("Transfers"), cells, transfers)


def _state(route: Any) -> str:
    return pgettext("route", "Closed") if route.closed_at else pgettext("route", "Open")
