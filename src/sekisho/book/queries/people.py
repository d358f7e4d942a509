"""Who is named on which books."""

from sekisho.book.models import Membership, ReviewInvitation


def books_naming(user_id: int) -> dict[int, frozenset[str]]:
    """Project id -> parts a person plays there. An invitation to review makes an expert of that book."""
    found: dict[int, set[str]] = {}
    for project_id, part in Membership.objects.filter(user_id=user_id).values_list("project_id", "part"):
        found.setdefault(project_id, set()).add(part)
    invited = ReviewInvitation.objects.filter(user_id=user_id).values_list("gate__project_id", flat=True)
    for project_id in invited:
        found.setdefault(project_id, set()).add("expert")
    return {project_id: frozenset(parts) for project_id, parts in found.items()}
