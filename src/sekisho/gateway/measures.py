"""Measures of the network that gates may demand."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, register_measure
from sekisho.book.models import Project, Release
from sekisho.gateway.queries.network import findings, seen_network
from sekisho.gateway.queries.plan import findings_after, moves_late
from sekisho.people.roles import SYSTEM


def network_findings_open(project: Project, release: Release | None) -> Measurement:
    """Number of findings of the network rules of severity "must" in a book; no value while it has no system placed."""
    systems, flows = seen_network(SYSTEM, project)
    if not any(system.project_id == project.pk for system in systems):
        return Measurement(None)
    grave = [found for found in findings(systems, flows, project) if found.finding.is_grave]
    return Measurement(len(grave), timezone.now())


def network_findings_next(project: Project, release: Release | None) -> Measurement:
    """Number of grave findings that a book has after the next step of the plan, with the moves planned until then."""
    count = findings_after(project)
    return Measurement(None) if count is None else Measurement(count, timezone.now())


def network_moves_late(project: Project, release: Release | None) -> Measurement:
    """Number of moves of a book whose step is over and that are not done; no value where none is planned."""
    count = moves_late(project)
    return Measurement(None) if count is None else Measurement(count, timezone.now())


def systems_of(project: Project) -> str:
    """Address of a book's systems and flows."""
    return reverse("gateway:systems", args=[project.code])


def register() -> None:
    """Register them."""
    for name, title, unit, measure in (
        (
            "network_findings_open",
            _("Open findings of the network rules"),
            _("findings"),
            network_findings_open,
        ),
        (
            "network_findings_next",
            _("Findings of the network rules after the next step of the plan"),
            _("findings"),
            network_findings_next,
        ),
        ("network_moves_late", _("Overdue moves of the transition plan"), _("moves"), network_moves_late),
    ):
        register_measure(Measure(name, title, unit, measure, systems_of))
