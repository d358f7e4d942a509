"""Telling people what happened or waits, once each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from sekisho.people.models import Notice, User


def notify(user: User, kind: str, params: Mapping[str, Any], url: str, key: str) -> None:
    """Leave a notice; a second one with the same ``key`` for the same person changes nothing.

    ``kind`` is one registered in ``people.notices``, ``params`` plain JSON, ``url`` a local path.
    """
    notify_many([user], kind, params, url, key)


def notify_many(users: Iterable[User], kind: str, params: Mapping[str, Any], url: str, key: str) -> None:
    """Leave the same notice for several people. Closed accounts are passed over."""
    plain = {name: value if isinstance(value, int | float) else str(value) for name, value in params.items()}
    rows = [
        Notice(user=user, kind=kind, params=plain, url=url[:500], key=key[:120])
        for user in {user.pk: user for user in users if user.is_active}.values()
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def mark_read(user: User, notice_id: int) -> None:
    """Mark one's own notice as read; somebody else's is left alone."""
    Notice.objects.filter(user=user, pk=notice_id, read_at__isnull=True).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """Mark all one's notices as read; how many there were."""
    return Notice.objects.filter(user=user, read_at__isnull=True).update(read_at=timezone.now())
