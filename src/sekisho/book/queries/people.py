"""Who is named on which books."""

from django.db.models import Q, QuerySet, Value

from sekisho.book.models import Membership, Project, ReviewInvitation
from sekisho.people.models import User


def books_naming(user_id: int) -> dict[int, frozenset[str]]:
    """Project id -> parts a person plays there. An invitation to review makes an expert of that book."""
    named = Membership.objects.filter(user_id=user_id).order_by()
    invited = ReviewInvitation.objects.filter(user_id=user_id).order_by()
    parts = named.values_list("project_id", "part").union(
        invited.values_list("gate__project_id", Value("expert"))
    )
    found: dict[int, set[str]] = {}
    for project_id, part in parts:
        found.setdefault(project_id, set()).add(part)
    return {project_id: frozenset(parts) for project_id, parts in found.items()}


def people_near(project: Project) -> QuerySet[User]:
    """Who can owe something here: those named on the book, and those whose role reaches its section."""
    ancestors = [int(part) for part in project.owner.path.split("/") if part]
    named = Q(memberships__project=project)
    near = Q(roles__organisation_id__in=ancestors, roles__role__in=("member", "cio_aide"))
    return User.objects.filter(named | near, is_active=True).distinct().order_by("display_name", "username")
