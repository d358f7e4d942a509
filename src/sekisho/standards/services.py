"""Acts on standards: register a version, put one in force."""

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Organisation
from sekisho.people.permissions import require
from sekisho.people.record import record
from sekisho.people.roles import SYSTEM, Actor
from sekisho.standards.models import StandardInForce, StandardVersion
from sekisho.standards.pack import Pack, load_pack
from sekisho.standards.queries import DEFAULT_PACK, choices_in_force, versions_of

PACKS = Path(__file__).parent / "packs"


@transaction.atomic
def register_pack(pack: Pack, actor: Actor = SYSTEM) -> StandardVersion:
    """Register a pack version. The same content again changes nothing.

    Raises:
        Conflict: the version is registered with other content; versions never change, so give it a new number.
    """
    known = StandardVersion.objects.filter(pack=pack.id, version=pack.version).first()
    if known is not None:
        if known.sha256 != pack.sha256:
            words = {"pack": pack.id, "version": pack.version}
            raise Conflict(
                _(
                    "%(pack)s %(version)s is already registered with other content. Give the change a new version."
                )
                % words,
                code="version_exists",
            )
        return known
    version = StandardVersion.objects.create(
        pack=pack.id, version=pack.version, sha256=pack.sha256, document=pack.to_document()
    )
    record(actor, "standard.registered", params={"standard": str(version), "sha": pack.sha256})
    return version


def shipped_folders() -> list[Path]:
    """Folders of the packs that come with Sekisho, one per version."""
    return sorted(path.parent for path in PACKS.glob("*/*/pack.yaml"))


@lru_cache(maxsize=1)
def shipped_packs() -> tuple[Pack, ...]:
    """The packs that come with Sekisho; read once, because they only change with the program."""
    return tuple(load_pack(folder, measures=None) for folder in shipped_folders())


def register_shipped() -> list[StandardVersion]:
    """Register every pack that comes with Sekisho."""
    return [register_pack(pack) for pack in shipped_packs()]


def standard_for(organisation: Organisation, on: dt.date) -> StandardVersion:
    """The version with which an organisation opens gates: its own choice, else the nearest above, else our reference.

    A database that knows no pack yet gets those that come with Sekisho.
    """
    chosen = choices_in_force(organisation, on).first()
    if chosen is not None:
        return chosen.standard
    default = versions_of(DEFAULT_PACK).first()
    if default is None:
        register_shipped()
        default = versions_of(DEFAULT_PACK).first()
    assert default is not None, "the shipped packs contain the default one"
    return default


@transaction.atomic
def choose_standard(
    user: Any,
    organisation: Organisation,
    standard: StandardVersion,
    *,
    in_force_from: dt.date,
    reason: str = "",
) -> StandardInForce:
    """Put a version in force for an organisation and all below it. Gates already open keep theirs.

    Raises:
        Invalid: a day in the past, which would rewrite what gates were opened with, or a closed organisation.
    """
    actor = require(user, "edit_standards", path=organisation.path)
    if in_force_from < timezone.localdate():
        raise Invalid(_("The day has already passed. Choose today or a later day."), field="in_force_from")
    if organisation.closed_on:
        raise Invalid(_("This organisation is closed. Choose an open one."), field="organisation")
    chosen = StandardInForce.objects.create(
        organisation=organisation,
        standard=standard,
        in_force_from=in_force_from,
        chosen_by_id=actor.user_id,
        reason=reason.strip(),
    )
    params = {"standard": str(standard), "organisation": organisation.name, "from": in_force_from.isoformat()}
    record(actor, "standard.chosen", params=params, after={"reason": reason.strip()})
    return chosen
