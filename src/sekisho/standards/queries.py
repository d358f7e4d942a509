"""Reads: which packs there are and which version is in force for whom."""

import datetime as dt

from django.db.models import QuerySet

from sekisho.people.models import Organisation
from sekisho.standards.models import StandardInForce, StandardVersion

DEFAULT_PACK = "sekisho-reference"


def versions_of(pack: str) -> QuerySet[StandardVersion]:
    """Registered versions of a pack, newest first."""
    return StandardVersion.objects.filter(pack=pack)


def newer_than(version: StandardVersion) -> QuerySet[StandardVersion]:
    """Versions of the same pack that were registered later, newest first."""
    return versions_of(version.pack).filter(registered_at__gt=version.registered_at)


def choices_in_force(organisation: Organisation, on: dt.date) -> QuerySet[StandardInForce]:
    """Choices that reach an organisation on a day, the nearest and newest first."""
    ancestors = [int(part) for part in organisation.path.split("/") if part]
    choices = StandardInForce.objects.filter(organisation_id__in=ancestors, in_force_from__lte=on)
    return choices.select_related("standard", "organisation").order_by(
        "-organisation__path", "-in_force_from", "-id"
    )
