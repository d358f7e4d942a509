"""Builds the ``Actor`` behind a person, once per request; refuses what the table of roles does not allow."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import NotPermitted
from sekisho.people.models import RoleAssignment
from sekisho.people.roles import CONTRACTOR, SYSTEM, Actor, grants_of

#: callables(user_id) -> {project_id: roles named on the book}; `book` registers one, people need not know it
_book_roles: list[Any] = []


def register_book_roles(source: Any) -> None:
    """Let an app tell which books name a person: ``source(user_id)`` gives {project id: frozenset(roles)}."""
    if source not in _book_roles:
        _book_roles.append(source)


def actor_of(user: Any) -> Actor:
    """The actor of a person; anonymous and inactive people can do nothing. Cached on the user object."""
    if isinstance(user, Actor):
        return user
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Actor(user_id=None, name="")
    if (cached := getattr(user, "_actor", None)) is None:
        cached = user._actor = _build(user)
    return cached


def _build(user: Any) -> Actor:
    today = timezone.localdate()
    pairs = RoleAssignment.objects.in_force(today).filter(user=user).values_list("role", "organisation__path")
    grants = grants_of(pairs)
    books: dict[int, frozenset[str]] = {}
    for source in _book_roles:
        books.update(source(user.pk))
    if {g.role for g in grants} == {CONTRACTOR}:
        books = {pid: named & {"contractor"} for pid, named in books.items()}
    return Actor(user_id=user.pk, name=str(user), grants=grants, books=books)


def require(user: Any, act: str, *, path: str = "", project_id: int | None = None) -> Actor:
    """The actor, when the act is allowed.

    Raises:
        NotPermitted: the table of roles does not allow it.
    """
    actor = actor_of(user)
    if not actor.may(act, path=path, project_id=project_id):
        raise NotPermitted(_("Your role does not allow this. Ask your administrator if it should."))
    return actor


__all__ = ["SYSTEM", "Actor", "actor_of", "register_book_roles", "require"]
