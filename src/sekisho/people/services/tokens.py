"""API tokens: random text shown once; only its SHA-256 is kept."""

import datetime as dt
import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Invalid
from sekisho.people.limits import TOKEN_FAILURES
from sekisho.people.models import ApiToken, User
from sekisho.people.permissions import actor_of, require
from sekisho.people.record import record
from sekisho.people.roles import Actor
from sekisho.people.services.checks import check, text

PREFIX = "skt_"
MAX_DAYS = 366
_USED_EVERY = dt.timedelta(minutes=1)


@transaction.atomic
def create_token(user: User, *, name: str, scope: str, days: int, by: Any) -> tuple[ApiToken, str]:
    """A token that acts as ``user`` for ``days`` days, and its text, which is never shown again.

    ``by`` is the person themselves, an administrator, or SYSTEM.

    Raises:
        NotPermitted: a token for somebody else without being administrator, or for a closed account.
        Invalid: no name, an unknown scope, or not between 1 and 366 days.
    """
    actor = _require_own_or_administer(by, user)
    if not user.is_active:
        raise Invalid(_("This account is closed, so no token can act for it."), field="user")
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(_("A token lasts between 1 and 366 days."), field="days")
    plaintext = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(user=user, name=text(name, "name"), scope=scope, prefix=plaintext[:12])
    token.digest, token.expires_at = _digest(plaintext), timezone.now() + dt.timedelta(days=days)
    check(token)
    token.save()
    until = timezone.localdate(token.expires_at).isoformat()
    record(actor, "token.created", params=_words(token), after={"scope": scope, "until": until})
    return token, plaintext


@transaction.atomic
def revoke_token(user: Any, token: ApiToken) -> ApiToken:
    """Make a token useless at once. Revoking twice changes nothing.

    Raises:
        NotPermitted: somebody else's token without being administrator.
    """
    actor = _require_own_or_administer(user, token.user)
    fresh = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token.pk)
    if fresh.revoked_at is None:
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at"])
        record(actor, "token.revoked", params=_words(fresh))
    return fresh


def authenticate_token(plaintext: str) -> tuple[User, str] | None:
    """The person and scope (``read`` or ``write``) behind a token; None when it does not hold (any more)."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(plaintext), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at >= _USED_EVERY:
        long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USED_EVERY)
        ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)
    return token.user, token.scope


def authenticate_bearer(plaintext: str, source: str) -> tuple[User, str] | None:
    """As ``authenticate_token``, with failures counted per ``source`` (see ``limits.source_of``).

    Raises:
        TooMany: this source failed too often (HTTP 429).
    """
    found = authenticate_token(plaintext)
    if found is None:  # a valid token always passes: others behind the same address must not lock it out
        TOKEN_FAILURES.check(source)
        TOKEN_FAILURES.count(source)
    return found


def _digest(plaintext: str) -> str:
    return hashlib.sha256(plaintext.encode("utf-8", "surrogateescape")).hexdigest()


def _require_own_or_administer(by: Any, owner: User) -> Actor:
    actor = actor_of(by)
    if actor.user_id is not None and actor.user_id == owner.pk:
        return actor
    return require(by, "administer")


def _words(token: ApiToken) -> dict[str, Any]:
    return {"name": token.name, "person": str(token.user), "person_id": token.user_id}


__all__ = ["MAX_DAYS", "authenticate_bearer", "authenticate_token", "create_token", "revoke_token"]
