"""API of people: who I am, organisations, and people to name."""

import datetime as dt
from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from sekisho.errors import NotPermitted
from sekisho.people.api_paging import Filter, Out, Page, Paging, paginate
from sekisho.people.models import Organisation, RoleAssignment, User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor

router = Router(tags=["people"])


class OrganisationRef(Out):
    code: str
    name: str


class PersonOut(Out):
    username: str
    name: str


class RoleOut(Out):
    role: str
    organisation: str
    valid_from: dt.date
    valid_until: dt.date | None


class MeOut(PersonOut):
    language: str
    organisation: OrganisationRef | None
    roles: list[RoleOut]
    scope: str


class OrganisationOut(OrganisationRef):
    name_en: str
    parent: str | None
    closed_on: dt.date | None


class PeopleQuery(Paging):
    q: Filter = None


def person(user: User | None) -> dict[str, str] | None:
    """A person as the API shows them; None stays None."""
    return {"username": user.username, "name": str(user)} if user else None


def organisation_ref(organisation: Organisation) -> dict[str, str]:
    """An organisation's code and name."""
    return {"code": organisation.code, "name": organisation.name}


@router.get("/me", response=MeOut)
def read_me(request: HttpRequest) -> dict[str, Any]:
    """Who this token or session acts as, with the roles in force today."""
    user = cast(User, request.user)
    held = (
        RoleAssignment.objects.in_force(timezone.localdate()).filter(user=user).select_related("organisation")
    )
    return {
        **(person(user) or {}),
        "language": user.language,
        "organisation": organisation_ref(user.organisation) if user.organisation else None,
        "roles": [_role(assignment) for assignment in held],
        "scope": request.auth,  # type: ignore[attr-defined]
    }


def _role(assignment: RoleAssignment) -> dict[str, Any]:
    return {
        "role": assignment.role,
        "organisation": assignment.organisation.code,
        "valid_from": assignment.valid_from,
        "valid_until": assignment.valid_until,
    }


@router.get("/organisations", response=Page[OrganisationOut])
def list_organisations(request: HttpRequest, filters: Query[Paging]) -> dict[str, Any]:
    """Every organisation, with the code of the one it belongs to."""
    return paginate(request, Organisation.objects.select_related("parent"), filters, _organisation)


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {
        **organisation_ref(organisation),
        "name_en": organisation.name_en,
        "parent": organisation.parent.code if organisation.parent else None,
        "closed_on": organisation.closed_on,
    }


@router.get("/people", response=Page[PersonOut])
def list_people(request: HttpRequest, filters: Query[PeopleQuery]) -> dict[str, Any]:
    """People who can be named as owner of a condition or risk; for those who may edit somewhere."""
    if not _may_look_up(actor_of(request.user)):
        raise NotPermitted(_("Only people who may edit a book can look up others."))
    people = User.objects.filter(is_active=True)
    if filters.q:
        people = people.filter(Q(username__icontains=filters.q) | Q(display_name__icontains=filters.q))
    return paginate(request, people, filters, person)


def _may_look_up(actor: Actor) -> bool:
    return actor.may_edit_some_book or actor.may_administer
