"""Acts on organisations. ``path`` is kept true for every descendant."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Organisation
from sekisho.people.permissions import require
from sekisho.people.record import record
from sekisho.people.services.checks import changed, check, text

_PATH_LENGTH = Organisation._meta.get_field("path").max_length or 0


@transaction.atomic
def create_organisation(
    user: Any, *, code: str, name: str, name_en: str = "", parent: Organisation | None = None
) -> Organisation:
    """Create an organisation below ``parent`` (None: at the top).

    Raises:
        Invalid: a code in use, a name too long, a parent that is closed.
    """
    actor = require(user, "administer")
    parent = _locked(parent)
    _refuse_closed(parent)
    organisation = Organisation(code=text(code, "code"), name=text(name, "name"), parent=parent)
    organisation.name_en = text(name_en, "name_en", required=False)
    check(organisation, exclude=["path"])
    organisation.save()
    organisation.path = _path_below(parent, organisation.pk)
    organisation.save(update_fields=["path"])
    record(actor, "organisation.created", params={"name": organisation.name}, after=_state(organisation))
    return organisation


@transaction.atomic
def rename_organisation(
    user: Any, organisation: Organisation, *, name: str, name_en: str, code: str = ""
) -> Organisation:
    """Change name, English name and, when given, the code."""
    actor = require(user, "administer")
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = _state(fresh)
    fresh.name, fresh.name_en = text(name, "name"), text(name_en, "name_en", required=False)
    fresh.code = text(code, "code") if code else fresh.code
    check(fresh, exclude=["path"])
    old, new = changed(before, _state(fresh))
    if new:
        fresh.save(update_fields=["code", "name", "name_en"])
        record(actor, "organisation.changed", params={"name": fresh.name}, before=old, after=new)
    return fresh


@transaction.atomic
def move_organisation(user: Any, organisation: Organisation, parent: Organisation | None) -> Organisation:
    """Put an organisation and all below it under another one (None: at the top). Roles and books move along.

    Raises:
        Invalid: the new place is the organisation itself, below it, closed, or too deep.
    """
    actor = require(user, "administer")
    # Two moves at once could make a circle that neither sees: every move waits for the one before.
    list(Organisation.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    moving = Organisation.objects.select_related("parent").get(pk=organisation.pk)
    target = Organisation.objects.get(pk=parent.pk) if parent else None
    if moving.parent_id == (target.pk if target else None):
        return moving
    _refuse_circle(moving, target)
    _refuse_closed(target)
    words = {"name": moving.name, "old": _place(moving.parent), "new": _place(target)}
    _carry(moving, target)
    record(
        actor,
        "organisation.moved",
        params=words,
        before={"parent": words["old"]},
        after={"parent": words["new"]},
    )
    return moving


@transaction.atomic
def edit_organisation(
    user: Any, organisation: Organisation, *, code: str, name: str, name_en: str, parent: Organisation | None
) -> Organisation:
    """Rename and move in one act: what the page saves."""
    rename_organisation(user, organisation, name=name, name_en=name_en, code=code)
    return move_organisation(user, organisation, parent)


@transaction.atomic
def close_organisation(user: Any, organisation: Organisation, on: dt.date) -> Organisation:
    """Close from a day on: it stays in every history, but nothing new is put there.

    Raises:
        Conflict: organisations below it are still open.
    """
    actor = require(user, "administer")
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if fresh.children.filter(closed_on__isnull=True).exists():
        raise Conflict(_("Organisations below this one are still open. Close or move them first."))
    fresh.closed_on = on
    fresh.save(update_fields=["closed_on"])
    record(actor, "organisation.closed", params={"name": fresh.name, "date": on.isoformat()})
    return fresh


@transaction.atomic
def reopen_organisation(user: Any, organisation: Organisation) -> Organisation:
    """Undo a closing."""
    actor = require(user, "administer")
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _refuse_closed(fresh.parent)
    fresh.closed_on = None
    fresh.save(update_fields=["closed_on"])
    record(actor, "organisation.reopened", params={"name": fresh.name})
    return fresh


def _locked(organisation: Organisation | None) -> Organisation | None:
    return Organisation.objects.select_for_update().get(pk=organisation.pk) if organisation else None


def _path_below(parent: Organisation | None, pk: int) -> str:
    path = f"{parent.path if parent else '/'}{pk}/"
    if len(path) > _PATH_LENGTH:
        raise Invalid(
            _("This would nest organisations too deeply. Choose a place further up."), field="parent"
        )
    return path


def _refuse_circle(moving: Organisation, target: Organisation | None) -> None:
    if target and target.path.startswith(moving.path):
        message = _(
            "%(name)s lies at or below this organisation, so it cannot be above it. Choose another place."
        )
        raise Invalid(message % {"name": target.name}, field="parent")


def _refuse_closed(parent: Organisation | None) -> None:
    if parent and parent.closed_on:
        message = _("%(name)s is closed. Choose an open organisation.")
        raise Invalid(message % {"name": parent.name}, field="parent")


def _carry(moving: Organisation, target: Organisation | None) -> None:
    old, new = moving.path, _path_below(target, moving.pk)
    below = Organisation.objects.filter(path__startswith=old)
    longest = max(len(path) for path in below.values_list("path", flat=True))
    if longest - len(old) + len(new) > _PATH_LENGTH:
        raise Invalid(
            _("This would nest organisations too deeply. Choose a place further up."), field="parent"
        )
    below.update(path=Concat(Value(new), Substr("path", len(old) + 1)))
    moving.parent, moving.path = target, new
    moving.save(update_fields=["parent"])


def _place(organisation: Organisation | None) -> str:
    return organisation.name if organisation else "/"


def _state(organisation: Organisation) -> dict[str, Any]:
    return {
        "code": organisation.code,
        "name": organisation.name,
        "name_en": organisation.name_en,
        "parent": organisation.parent_id,
    }
