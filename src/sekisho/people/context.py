"""What every page's shell shows."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sekisho.people.models import Notice
from sekisho.people.permissions import actor_of


def shell(request: HttpRequest) -> dict[str, object]:
    """``actor`` (who acts, with its permissions) and ``unread_notices`` (count, asked only when shown)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notices": 0}
    count = SimpleLazyObject(lambda: Notice.objects.filter(user=user, read_at__isnull=True).count())
    return {"actor": actor_of(user), "unread_notices": count}
