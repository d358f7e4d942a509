"""Measures of the network that gates may demand."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, register_measure
from sekisho.book.models import Project, Release
from sekisho.gateway.queries.network import FoundHere, findings, seen_network
from sekisho.gateway.queries.plan import grave_after, late_moves
from sekisho.people.roles import SYSTEM


def network_findings_open(project: Project, release: Release | None) -> Measurement:
    """Number of findings of the network rules of severity "must" in a book; no value while it has no system placed."""
    return _counted(_grave(project))


def _grave(project: Project) -> list[FoundHere] | None:
    systems, flows = seen_network(SYSTEM, project)
    if not any(system.project_id == project.pk for system in systems):
        return None
    return [found for found in findings(systems, flows, project) if found.finding.is_grave]


def _counted(found: Sequence[object] | None) -> Measurement:
    return Measurement(None) if found is None else Measurement(len(found), timezone.now())


def _in_words(found: Sequence[FoundHere] | None) -> list[tuple[str, str]]:
    """What the rules find, each with the way to mend it."""
    return [(f"{one.about}: {one.title}", one.mend) for one in found or ()]


def network_findings_next(project: Project, release: Release | None) -> Measurement:
    """Number of grave findings that a book has after the next step of the plan, with the moves planned until then."""
    return _counted(grave_after(project))


def network_moves_late(project: Project, release: Release | None) -> Measurement:
    """Number of moves of a book whose step is over and that are not done; no value where none is planned."""
    return _counted(late_moves(project))


def _moves_in_words(project: Project) -> list[tuple[str, str]]:
    moves = late_moves(project) or ()
    return [(f"{move.system.local_name} → {move.zone.local_name}", str(move.step)) for move in moves]


def systems_of(project: Project) -> str:
    """Address of a book's systems and flows."""
    return reverse("gateway:systems", args=[project.code])


def register() -> None:
    """Register them."""
    for name, title, unit, measure, parts in (
        (
            "network_findings_open",
            _("Open findings of the network rules"),
            _("findings"),
            network_findings_open,
            lambda project: _in_words(_grave(project)),
        ),
        (
            "network_findings_next",
            _("Findings of the network rules after the next step of the plan"),
            _("findings"),
            network_findings_next,
            lambda project: _in_words(grave_after(project)),
        ),
        (
            "network_moves_late",
            _("Overdue moves of the transition plan"),
            _("moves"),
            network_moves_late,
            _moves_in_words,
        ),
    ):
        register_measure(Measure(name, title, unit, measure, systems_of, parts))
