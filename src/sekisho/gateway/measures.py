"""Measures of the network that gates may demand."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, register_measure
from sekisho.book.models import Project, Release
from sekisho.gateway.queries.network import findings, seen_network
from sekisho.people.roles import SYSTEM


def network_findings_open(project: Project, release: Release | None) -> Measurement:
    """Number of findings of the network rules of severity "must" in a book; no value while it has no system placed."""
    systems, flows = seen_network(SYSTEM, project)
    if not any(system.project_id == project.pk for system in systems):
        return Measurement(None)
    grave = [found for found in findings(systems, flows, project) if found.finding.is_grave]
    return Measurement(len(grave), timezone.now())


def systems_of(project: Project) -> str:
    """Address of a book's systems and flows."""
    return reverse("gateway:systems", args=[project.code])


def register() -> None:
    """Register it."""
    title = _("Open findings of the network rules")
    register_measure(
        Measure("network_findings_open", title, _("findings"), network_findings_open, systems_of)
    )
