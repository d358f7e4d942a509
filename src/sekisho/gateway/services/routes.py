"""Acts on routes. A route is never deleted: files may be under way on it, and the ledger names it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import changed, expect, filled, fitting
from sekisho.errors import Conflict, Invalid
from sekisho.gateway.models import Route
from sekisho.gateway.services import policies
from sekisho.gateway.services.records import record
from sekisho.people.permissions import require

PARTS = (
    "name",
    "name_en",
    "source",
    "target",
    "policy",
    "needs_approval",
    "allows_outside",
    "expiry_days",
    "download_limit",
    "hold_days",
)
MOST = {"expiry_days": 365, "download_limit": 1000, "hold_days": 3650}


def _parts(said: Mapping[str, Any], organisation: Any) -> dict[str, Any]:
    if said["source"] == said["target"]:
        raise Invalid(_("A route leads from one zone to another. Choose two."), field="target")
    if said["policy"] not in policies.names_for(organisation):
        raise Invalid(_("There is no such sanitizing policy. Choose one of the list."), field="policy")
    policies.policy_of(said["policy"])
    numbers = {}
    for key, most in MOST.items():
        numbers[key] = int(said[key])
        if not 1 <= numbers[key] <= most:
            raise Invalid(_("Enter a number from 1 to %(most)d.") % {"most": most}, field=key)
    return {
        "name": fitting(filled(said["name"], "name"), 100, "name"),
        "name_en": fitting(said.get("name_en"), 100, "name_en"),
        "source": said["source"],
        "target": said["target"],
        "policy": said["policy"],
        "needs_approval": bool(said.get("needs_approval")),
        "allows_outside": bool(said.get("allows_outside")),
        **numbers,
    }


def _plain(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.name if key in ("source", "target") else value for key, value in parts.items()}


def make_route(user: Any, *, code: str, organisation: Any, **said: Any) -> Route:
    """Open a route for an organisation. Raises ``NotPermitted``, or ``Invalid`` naming the field."""
    actor = require(user, "edit_routes", path=organisation.path)
    with transaction.atomic():
        parts = _parts(said, organisation)
        code = fitting(filled(code, "code"), 40, "code")
        if Route.objects.filter(code=code).exists():
            raise Invalid(_("There is a route of that code already."), field="code")
        route = Route.objects.create(code=code, organisation=organisation, **parts)
        record(
            actor,
            organisation,
            "route.made",
            {"route": route.name, "route_id": route.pk},
            after=_plain(parts),
        )
    return route


def change_route(user: Any, route: Route, *, expected_version: int | None = None, **said: Any) -> Route:
    """Change a route for transfers to come. Raises ``StaleWrite`` when someone saved in between."""
    actor = require(user, "edit_routes", path=route.organisation.path)
    with transaction.atomic():
        kept = (
            Route.objects.select_for_update(of=("self",))
            .select_related("source", "target", "organisation")
            .get(pk=route.pk)
        )
        parts = _parts(said, kept.organisation)
        now = {key: getattr(kept, key) for key in PARTS}
        expect(kept, expected_version, now, parts, _("Someone else changed this route in the meantime."))
        before, after = changed(_plain(now), _plain(parts))
        for key, value in parts.items():
            setattr(kept, key, value)
        kept.version += 1
        kept.save()
        told = {"route": kept.name, "route_id": kept.pk}
        record(actor, kept.organisation_id, "route.changed", told, before=before, after=after)
    return kept


def close_route(user: Any, route: Route) -> None:
    """Take no more files. What is under way goes on as it was sent."""
    _turn(user, route, closed=True)


def reopen_route(user: Any, route: Route) -> None:
    """Take files again."""
    _turn(user, route, closed=False)


def _turn(user: Any, route: Route, *, closed: bool) -> None:
    actor = require(user, "edit_routes", path=route.organisation.path)
    with transaction.atomic():
        kept = Route.objects.select_for_update().get(pk=route.pk)
        if bool(kept.closed_at) == closed:
            raise Conflict(_("Somebody did this already."))
        kept.closed_at = timezone.now() if closed else None
        kept.save(update_fields=["closed_at"])
        told = {"route": kept.name, "route_id": kept.pk}
        record(actor, kept.organisation_id, "route.closed" if closed else "route.opened", told)
