"""Acts on people's accounts. The ledger is told which details changed, not what to: it can forget nothing."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Invalid, NotPermitted
from sekisho.people.models import Organisation, User
from sekisho.people.permissions import actor_of, require
from sekisho.people.record import record
from sekisho.people.services.checks import changed, check, text
from sekisho.people.services.notices import notify
from sekisho.people.services.roles import keep_an_administrator
from sekisho.values import sentences

_UNCHECKED = ["password"]


@transaction.atomic
def create_person(
    user: Any,
    *,
    username: str,
    display_name: str,
    email: str = "",
    organisation: Organisation | None = None,
    language: str = "",
    password: str = "",
) -> User:
    """Add a person. Without a password they sign in by single sign-on, or after one is set.

    Raises:
        Invalid: user name or e-mail address in use, name too long, password too weak.
    """
    actor = require(user, "administer")
    person = User(username=text(username, "username"), email=text(email, "email", required=False).lower())
    person.display_name = text(display_name, "display_name")
    person.organisation, person.language = organisation, language
    _refuse_taken(person)
    check(person, exclude=_UNCHECKED)
    _put_password(person, password)
    person.save()
    record(actor, "person.created", params=_who(person))
    return person


@transaction.atomic
def edit_person(
    user: Any,
    person: User,
    *,
    username: str,
    display_name: str,
    email: str,
    organisation: Organisation | None,
    language: str,
) -> User:
    """Change a person's details.

    Raises:
        Invalid: as in ``create_person``.
    """
    actor = require(user, "administer")
    fresh = User.objects.select_for_update().get(pk=person.pk)
    before = _state(fresh)
    fresh.username, fresh.display_name = text(username, "username"), text(display_name, "display_name")
    fresh.email = text(email, "email", required=False).lower()
    fresh.organisation, fresh.language = organisation, language
    _refuse_taken(fresh)
    check(fresh, exclude=_UNCHECKED)
    _old, new = changed(before, _state(fresh))
    if new:
        fresh.save(update_fields=["username", "display_name", "email", "organisation", "language"])
        record(actor, "person.changed", params={**_who(fresh), "fields": sorted(new)})
    return fresh


@transaction.atomic
def deactivate_person(user: Any, person: User) -> User:
    """Close an account: no sign-in, no token works, history stays.

    Raises:
        Conflict: it is the last administrator.
    """
    actor = require(user, "administer")
    keep_an_administrator(person=person)
    fresh = User.objects.select_for_update().get(pk=person.pk)
    if fresh.is_active:
        fresh.is_active = False
        fresh.save(update_fields=["is_active"])
        fresh.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
        record(actor, "person.deactivated", params=_who(fresh))
    return fresh


@transaction.atomic
def activate_person(user: Any, person: User) -> User:
    """Open a closed account again. Tokens stay revoked."""
    actor = require(user, "administer")
    fresh = User.objects.select_for_update().get(pk=person.pk)
    if not fresh.is_active:
        fresh.is_active = True
        fresh.save(update_fields=["is_active"])
        record(actor, "person.activated", params=_who(fresh))
    return fresh


@transaction.atomic
def set_password(user: Any, person: User, password: str) -> User:
    """Set a password for somebody (people change their own under their account). Ends their sessions.

    Raises:
        Invalid: the password is too weak.
    """
    actor = require(user, "administer")
    fresh = User.objects.select_for_update().get(pk=person.pk)
    if not password:
        raise Invalid(_("This must not be empty."), field="password")
    _put_password(fresh, password)
    fresh.save(update_fields=["password"])
    record(actor, "person.password_set", params=_who(fresh))
    return fresh


@transaction.atomic
def remove_second_factor(user: Any, person: User) -> int:
    """Take away every second factor of somebody who lost theirs, recovery codes too; how many there were.

    The person is told, so that one who asked for nothing can object.
    """
    from allauth.mfa.models import Authenticator

    actor = require(user, "administer")
    fresh = User.objects.select_for_update().get(pk=person.pk)
    removed, _by_model = Authenticator.objects.filter(user=fresh).delete()
    if removed:
        record(actor, "person.second_factor_removed", params=_who(fresh))
        key = f"second_factor_removed-{timezone.now():%Y%m%d%H%M%S}"
        notify(fresh, "second_factor_removed", {"date": timezone.localdate()}, reverse("mfa_index"), key)
    return removed


@transaction.atomic
def set_preferences(user: User, *, language: str, digest: str) -> User:
    """A person's own choices: language of pages and mail, and how notices come by e-mail.

    Raises:
        Invalid: a value that is not offered.
    """
    if actor_of(user).user_id is None:
        raise NotPermitted(_("Sign in to change your own settings."))
    fresh = User.objects.select_for_update().get(pk=user.pk)
    fresh.language, fresh.digest = language, digest
    check(fresh, exclude=[f.name for f in User._meta.fields if f.name not in {"language", "digest"}])
    fresh.save(update_fields=["language", "digest"])
    return fresh


def _refuse_taken(person: User) -> None:
    others = User.objects.exclude(pk=person.pk)
    if others.filter(username__iexact=person.username).exists():
        raise Invalid(_("Somebody already has this user name. Choose another one."), field="username")
    if person.email and others.filter(email__iexact=person.email).exists():
        raise Invalid(_("Somebody already has this e-mail address."), field="email")


def _put_password(person: User, password: str) -> None:
    if not password:
        person.set_unusable_password()
        return
    try:
        validate_password(password, person)
    except ValidationError as problem:
        raise Invalid(sentences(*problem.messages), field="password") from None
    person.set_password(password)


def _state(person: User) -> dict[str, Any]:
    return {
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "organisation": person.organisation_id,
        "language": person.language,
    }


def _who(person: User) -> dict[str, Any]:
    return {"person": str(person), "person_id": person.pk}
