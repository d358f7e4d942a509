"""Reads of decisions and of the snapshot."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sekisho.book.models import Project
from sekisho.portfolio.public.models import Edition, PublicationDecision, PublicEntry, PublicEvent, PublicFile
from sekisho.portfolio.public.publication import Decision, Rules, rules_at

EVERYTHING: Any = object()


def standing(project: Any = EVERYTHING) -> list[Decision]:
    """Decisions that were not taken back, in the order they were taken; ``project=None``: those for all services."""
    found = PublicationDecision.objects.filter(taken_back_at=None)
    if project is not EVERYTHING:
        found = found.filter(project=project)
    rows = found.order_by("pk").values_list("project_id", "field", "shown", "takes_effect_at")
    return [Decision(*row) for row in rows]


def rules_for(projects: Iterable[int], moment: Any = None) -> Rules:
    """The rules in force for these services: at a moment, now unless said otherwise."""
    found = PublicationDecision.objects.filter(
        Q(project__in=list(projects)) | Q(project=None), taken_back_at=None
    )
    rows = found.order_by("pk").values_list("project_id", "field", "shown", "takes_effect_at")
    return rules_at((Decision(*row) for row in rows), moment or timezone.now())


def waiting() -> QuerySet[PublicationDecision]:
    """Decisions that have yet to take effect, the next first."""
    found = PublicationDecision.objects.filter(applied_at=None, taken_back_at=None)
    return found.select_related("project", "decided_by").order_by("takes_effect_at", "pk")


def services_for_office(query: str = "", state: str = "") -> QuerySet[Project]:
    """Every book with ``is_public`` and ``is_waiting``; ``state`` is public, hidden or waiting."""
    entry = PublicEntry.objects.filter(project=OuterRef("pk"), shown=True)
    pending = PublicationDecision.objects.filter(project=OuterRef("pk"), applied_at=None, taken_back_at=None)
    found = Project.objects.select_related("owner").annotate(
        is_public=Exists(entry), is_waiting=Exists(pending)
    )
    if query:
        found = found.filter(
            Q(name__icontains=query) | Q(code__icontains=query) | Q(name_en__icontains=query)
        )
    states = {"public": Q(is_public=True), "hidden": Q(is_public=False), "waiting": Q(is_waiting=True)}
    return found.filter(states.get(state, Q())).order_by("code")


def edition() -> Edition | None:
    """The present edition; None before anything was published."""
    return Edition.objects.first()


def entry(code: str) -> PublicEntry | None:
    """A service that is public; one that is not is as one that does not exist."""
    return PublicEntry.objects.filter(code=code, shown=True).first()


def entries(query: str = "", phase: str = "") -> QuerySet[PublicEntry]:
    """Public services by name."""
    found = PublicEntry.objects.filter(shown=True)
    for word in query.split():
        found = found.filter(Q(name__icontains=word) | Q(name_en__icontains=word))
    return (found.filter(phase=phase) if phase else found).order_by("name", "pk")


def events(limit: int) -> QuerySet[PublicEvent]:
    """The newest lines of the change feed."""
    return PublicEvent.objects.select_related("entry").order_by("-pk")[:limit]


def file(name: str) -> PublicFile | None:
    """A file of the open data."""
    return PublicFile.objects.filter(name=name).first()
